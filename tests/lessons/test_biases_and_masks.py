"""Layers without biases, with one bias for all units, and with missing connections: the format, and exercises."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz.debugger.state.session import start_session
from nnviz.engine.training import Trainer
from nnviz.formats.verdicts import verdicts
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import parse_lesson
from nnviz.tracing.codec import record_arrays
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of

MIXED = """\
format = 1
title = "mixed"
[network]
inputs = 3
[[network.layers]]
units = 3
activation = "tanh"
bias = "shared"
mask = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
W = [[0.5, -0.3, 0], [0, 0.8, 0.2], [-0.6, 0, 0.4]]
b = [0.1]
[[network.layers]]
units = 2
bias = false
mask = [[1, 0], [1, 1], [0, 1]]
W = [[0.7, 0], [-0.4, 0.9], [0, 0.3]]
[data]
inputs = [[1, 0.5, -1], [0.2, -0.7, 0.4]]
targets = [[1, 0], [0, 1]]
[training]
learning_rate = 0.5
"""


def mixed(*changes: tuple[str, str]) -> Lesson:
    text = MIXED
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse_lesson(text, "mixed.toml")


ONE_FAULT = [
    ('bias = "shared"', 'bias = "one"', 8, "layers[1].bias", '"one" is not one of true, false, "shared"'),
    ('bias = "shared"', "bias = 1", 8, "layers[1].bias", '1 is not one of true, false, "shared"'),
    ("bias = false", "bias = [0.5]", 14, "layers[2].bias", 'an array is not one of true, false, "shared"; did you'),
    ("b = [0.1]", "b = [0.1, 0.2, 0.3]", 11, "layers[1].b", "b is 3 numbers, but one shared bias is needed"),
    ("bias = false", "bias = false\nb = [0, 0]", 15, "layers[2].b", "the layer has bias = false; leave this out"),
    ("bias = false", "bias = false\nb_h = [0, 0]", 15, "layers[2].b_h", "the layer has bias = false; leave this out"),
    ("mask = [[1, 0], [1, 1], [0, 1]]", "mask = [[1, 0], [0, 1]]", 15, "layers[2].mask", "mask is 2 rows of 2, but"),
    ("[0, 1, 1]", "[0, 1, 0.5]", 9, "layers[1].mask", "row 2 has 0.5 for neuron 3; a mask has only 0 and 1"),
    ("[0, 1, 1]", "[0, 1, true]", 9, "layers[1].mask[2][3]", "true is not a number"),
    ("[0, 1, 1]", "[0, 1]", 9, "layers[1].mask", "row 2 has 2 numbers and row 1 has 3"),
    ("[[1, 0], [1, 1], [0, 1]]", "[[0, 1], [0, 1], [0, 1]]", 15, "layers[2].mask", "neuron 1 has no connection left"),
    ("[[1, 0], [1, 1], [0, 1]]", "[[0, 0], [1, 1], [0, 1]]", 15, "layers[2].mask", "neuron 1 of layer 1 leads nowhere"),
    (
        "[[0.7, 0]",
        "[[0.7, 0.25]",
        16,
        "layers[2].W",
        "row 1 has 0.25 for neuron 2, where mask has 0; write 0 or mask 1",
    ),
    (
        "[data]",
        '[convention]\nfrozen = ["b2"]\n[data]',
        18,
        "frozen[1]",
        '"b2" does not exist: layer 2 has bias = false',
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "field", "message"), ONE_FAULT)
def test_faults_with_their_line(old: str, new: str, line: int, field: str, message: str) -> None:
    with pytest.raises(LessonError) as caught:
        mixed((old, new))
    first, *more = str(caught.value).split("\n")
    assert all("where mask has 0" in other for other in more)  # a weight that the changed mask does not allow
    assert first.startswith(f"mixed.toml:{line}: ")
    assert f"{field}: {message}" in first.replace("'", '"')


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ('quantity = "db"\nlayer = 2\nunit = 1', "layer: layer 2 has bias = false and no db"),
        ('quantity = "db"\nlayer = 1\nunit = 2', "unit: 2 is not in the range 1 to 1"),
        (
            'quantity = "dW"\nlayer = 1\nunit = 3\nsource = 1',
            "source: the mask of layer 1 has no connection from 1 to 3",
        ),
    ],
)
def test_printed_results_of_what_is_not_there(figure: str, message: str) -> None:
    with pytest.raises(LessonError, match=r"printed\[1\]") as caught:
        mixed(("[training]", f'[[printed]]\n{figure}\nvalue = "1"\nwhere = "p"\n[training]'))
    assert message in str(caught.value)


def test_a_pass_by_plain_arithmetic() -> None:
    """Shared bias and masks: every number of the first example worked out with math alone."""
    lesson = mixed(
        ("[training]", '[[printed]]\nquantity = "db"\nlayer = 1\nvalue = "0.167251"\nwhere = "p"\n[training]')
    )
    record = start_session(lesson).record
    x, t, b = [1.0, 0.5, -1.0], [1.0, 0.0], 0.1
    z1 = [0.5 * x[0] - 0.6 * x[2] + b, -0.3 * x[0] + 0.8 * x[1] + b, 0.2 * x[1] + 0.4 * x[2] + b]
    a1 = [math.tanh(z) for z in z1]
    z2 = [0.7 * a1[0] - 0.4 * a1[1], 0.9 * a1[1] + 0.3 * a1[2]]
    a2 = [1 / (1 + math.exp(-z)) for z in z2]
    delta2 = [(y - goal) * y * (1 - y) for y, goal in zip(a2, t, strict=True)]
    back = [0.7 * delta2[0], -0.4 * delta2[0] + 0.9 * delta2[1], 0.3 * delta2[1]]
    delta1 = [g * (1 - a * a) for g, a in zip(back, a1, strict=True)]
    arrays = record_arrays(record)
    assert arrays["z"] == [pytest.approx(z1), pytest.approx(z2)]
    assert arrays["delta"] == [pytest.approx(delta1), pytest.approx(delta2)]
    assert (arrays["b"], arrays["db"]) == ([[0.1], []], [[pytest.approx(sum(delta1))], []])
    assert arrays["b_new"] == [[pytest.approx(0.1 - 0.5 * sum(delta1))], []]
    mask = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    assert np.array(arrays["dW"][0]) == pytest.approx(np.outer(x, delta1) * mask)
    assert not any(verdict.failed for verdict in verdicts(lesson))


def test_steps_tell_only_what_is_there() -> None:
    trace = start_session(mixed()).trace
    steps = [step.quantity for step in trace.at(Grain.TERM)]
    biases = [q for q in steps if q.kind in (Kind.BIAS_TERM, Kind.DB, Kind.DB_TERM, Kind.B_NEW)]
    # a bias term for each of three units, its gradient with the deltas of three units, and one new value
    assert [(q.kind, q.layer) for q in biases] == [
        (kind, 0) for kind in (Kind.BIAS_TERM,) * 3 + (Kind.DB_TERM,) * 3
    ] + [
        (Kind.DB, 0),
        (Kind.B_NEW, 0),
    ]
    products = {(q.layer, q.source, q.unit) for q in steps if q.kind is Kind.PRODUCT}
    assert products == {(0, 0, 0), (0, 2, 0), (0, 0, 1), (0, 1, 1), (0, 1, 2), (0, 2, 2)} | {
        (1, 0, 0),
        (1, 1, 0),
        (1, 1, 1),
        (1, 2, 1),
    }
    assert trace.find(Quantity(Kind.W_NEW, 0, 2, 0)) is None


def test_missing_connections_stay_zero_under_every_optimizer() -> None:
    for optimizer in ("adagrad", "adamw", "momentum"):
        setting = f'optimizer = "{optimizer}"\nepochs = 1'
        extra = "\neps = 0.0" if optimizer == "adagrad" else ""
        lesson = mixed(("learning_rate = 0.5", f"learning_rate = 0.5\n{setting}{extra}"))
        trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
        for _ in range(5):
            trainer.run_epoch()
        W = trainer.network().W
        assert W[0][0, 2] == W[0][1, 0] == W[0][2, 1] == W[1][0, 1] == W[1][2, 0] == 0.0
        assert np.isfinite(trainer.parameters.vector).all()


def test_drawn_weights_respect_the_mask() -> None:
    lesson = mixed(
        ("W = [[0.5, -0.3, 0], [0, 0.8, 0.2], [-0.6, 0, 0.4]]\nb = [0.1]\n", ""),
        ("[data]", '[network.init]\nscheme = "normal"\nseed = 4\n[data]'),
    )
    W = lesson.network.W[0]
    assert ((W == 0.0) == (np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]]) == 0)).all()
    assert lesson.network.b[0].shape == (1,)


def test_eleven_lines_has_no_biases_and_the_weights_of_biases_of_zero() -> None:
    lesson = load("eleven-lines")
    zero = ("network.layers[1].bias=true", "network.layers[1].b=[0,0,0,0]")
    frozen = load(
        "eleven-lines",
        (*zero, "network.layers[2].bias=true", "network.layers[2].b=[0]", 'convention.frozen=["biases"]'),
    )
    trained = []
    for each in (lesson, frozen):
        trainer = Trainer(each.network, each.dataset, each.training, each.convention)
        for _ in range(200):
            trainer.run_epoch()
        trained.append(trainer.network())
    assert lesson.network.architecture.parameter_count == 16
    for bare, with_zeros in zip(trained[0].W, trained[1].W, strict=True):
        assert bare == pytest.approx(with_zeros, rel=1e-12)
    assert [b.size for b in trained[0].b] == [0, 0]


EXERCISES = {
    # a linear exam: h = (3, 3), y = 12, dW2 = 8 * 3, dW1 = 8 * 2
    "exam": (
        'inputs = 2\n[[network.layers]]\nunits = 2\nactivation = "linear"\nbias = false\nW = [[1, 2], [2, 1]]\n'
        '[[network.layers]]\nunits = 1\nactivation = "linear"\nbias = false\nW = [[2], [2]]\n'
        "[data]\ninputs = [[1, 1]]\ntargets = [[4]]\n",
        {Quantity(Kind.LOSS): 32.0, Quantity(Kind.DW, 1, 0, 0): 24.0, Quantity(Kind.DW, 0, 1, 1): 16.0},
    ),
    # h = sigmoid(x U + h W): central differences of its own give 0.306275 and -0.035750
    "recurrent": (
        "inputs = 1\n[[network.layers]]\nunits = 1\nrecurrent = true\nbias = false\nW = [[0.6]]\nW_h = [[-0.4]]\n"
        "[data]\ninputs = [[[1], [0], [1]]]\ntargets = [[[0], [1], [0]]]\n",
        {Quantity(Kind.DW, 0, 0, 0): 0.306275, Quantity(Kind.DW_H, 0, 0, 0): -0.035750},
    ),
    # 3-2-2 with softmax: the gradient of the hidden layer's bias is the sum of two deltas
    "shared": (
        'inputs = 3\nloss = "cross_entropy"\n[[network.layers]]\nunits = 2\nbias = "shared"\n'
        "W = [[0.2, -0.5], [-0.3, 0.1], [0.4, 0.2]]\nb = [0.5]\n"
        '[[network.layers]]\nunits = 2\nactivation = "softmax"\nbias = "shared"\n'
        "W = [[0.3, -0.1], [0.4, 0.2]]\nb = [0.1]\n"
        "[data]\ninputs = [[1, 2, -1]]\ntargets = [[1, 0]]\n",
        {Quantity(Kind.DB, 0, 0): -0.063968, Quantity(Kind.DB, 1, 0): 0.0},
    ),
}


@pytest.mark.parametrize("name", EXERCISES)
def test_exercises_without_biases_and_with_shared_ones(name: str) -> None:
    text, wanted = EXERCISES[name]
    lesson = parse_lesson(f'format = 1\ntitle = "e"\n[network]\n{text}[training]\nlearning_rate = 0.1\n', "e.toml")
    record = start_session(lesson).record
    for quantity, value in wanted.items():
        assert value_of(record, quantity) == pytest.approx(value, abs=1e-6), quantity
    assert not any(verdict.failed for verdict in verdicts(lesson))
