"""Loading: each fault with its exact line, all of them together, and never anything but a LessonError."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vocabulary import RECURRENT

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.initializers import Initializer
from nnviz.lessons import loader
from nnviz.lessons.faults import Fault, LessonError, format_path
from nnviz.lessons.lines import find_line, key_lines
from nnviz.lessons.loader import load_lesson, parse_lesson

GOOD = """\
format = 1
title = "two layers"
source = "ours"
notation = "koehn"
[network]
inputs = 2
loss = "half_squared"
[[network.layers]]
units = 3
activation = "tanh"
W = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]
b = [0.0, 0.1, -0.1]
[[network.layers]]
units = 1
activation = "sigmoid"
W = [[0.7], [-0.8], [0.9]]
b = [0.2]
[data]
inputs = [[0, 0], [1, 0], [0, 1], [1, 1]]
targets = [[0], [1], [1], [0]]
example = 1
[convention]
frozen = ["b1"]
[training]
learning_rate = 0.5
update_after = "batch"
[[printed]]
quantity = "dW"
layer = 1
unit = 3
source = 2
example = 1
value = "-0.1"
where = "here"
[[errata]]
where = "nowhere"
text = "nothing"
"""

DRAWN = """\
format = 1
title = "drawn"
[network]
inputs = 2
loss = "cross_entropy"
[network.init]
scheme = "normal"
seed = 3
[[network.layers]]
units = 3
[[network.layers]]
units = 3
activation = "softmax"
[data]
generator = "clusters"
centers = [[0, -2], [2, 2], [-2, 2]]
per_class = 5
shared_generator = true
"""


def change(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def faults(text: str, path: str = "l.toml") -> list[str]:
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, path)
    assert str(caught.value).count("\n") == len(caught.value.faults) - 1
    return str(caught.value).split("\n")


def test_what_a_lesson_says() -> None:
    lesson = parse_lesson(GOOD, "some/where/two.toml")
    assert (lesson.name, lesson.path, lesson.title) == ("two", Path("some/where/two.toml"), "two layers")
    assert (lesson.source, lesson.notation.name, lesson.example) == ("ours", "koehn", 1)
    assert lesson.network.architecture.sizes == (2, 3, 1)
    assert lesson.network.W[0].tolist() == [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]
    assert lesson.network.b[1].tolist() == [0.2]
    assert lesson.dataset.inputs.shape == (1, 4, 2)
    assert lesson.convention.frozen == ("b1",)
    assert (lesson.training.rates.learning_rate, lesson.training.update_after) == (0.5, "batch")
    (figure,) = lesson.printed
    assert (figure.quantity, figure.layer, figure.unit, figure.source) == ("dW", 1, 3, 2)
    assert (figure.example, figure.time, figure.value, figure.where) == (1, None, "-0.1", "here")
    assert (lesson.errata[0].where, lesson.errata[0].text) == ("nowhere", "nothing")
    assert lesson.initializer is None


ONE_FAULT = [
    ("format = 1", "format = 2", 1, "format", "2 is not a format that this version reads; write format = 1"),
    ("title =", "titel =", 2, "titel", "unknown key; known keys are"),
    (
        '"koehn"',
        '"koehm"',
        4,
        "notation",
        "did you mean 'koehn'?",
    ),
    ("inputs = 2", "inputs = 0", 6, "network.inputs", "0 is not in the range 1 to 10000000"),
    ('"half_squared"', '"halfsquared"', 7, "network.loss", "did you mean 'half_squared'?"),
    ("units = 3", "units = 3.5", 9, "network.layers[1].units", "3.5 is not a whole number"),
    ("units = 3\n", "", 8, "network.layers[1].units", "missing; say how many units the layer has"),
    (
        '"tanh"',
        '"tahn"',
        10,
        "network.layers[1].activation",
        f"'tahn' is not one of {', '.join(ACTIVATIONS)}; did you mean 'tanh'?",
    ),
    (
        "W = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]",
        "W = [[0.1, -0.2], [0.4, 0.5]]",
        11,
        "network.layers[1].W",
        "W is 2 rows of 2, but (inputs, units) = (2, 3) is needed",
    ),
    (
        "W = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]",
        "W = [[0.1, -0.2],\n [0.4, 0.5],\n [1, 2]]",
        11,
        "network.layers[1].W",
        "W is 3 rows of 2, but (inputs, units) = (2, 3) is needed; it looks transposed",
    ),
    ("[0.4, 0.5, -0.6]", "[0.4, 0.5]", 11, "network.layers[1].W", "row 2 has 2 numbers and row 1 has 3"),
    ("0.5, -0.6", "true, -0.6", 11, "network.layers[1].W[2][2]", "true is not a number"),
    ("0.5, -0.6", "nan, -0.6", 11, "network.layers[1].W[2][2]", "nan is not a finite number"),
    ("b = [0.2]", "b = [0.2, 1]", 17, "network.layers[2].b", "b is 2 numbers, but units = 1 are needed"),
    (
        "b = [0.2]\n",
        "",
        13,
        "network.layers[2].b",
        "missing; give b, or bias = false, or say in [network.init] how to draw it",
    ),
    ("W = [[0.7], [-0.8], [0.9]]\n", "", 13, "network.layers[2].W", "missing; give W, or say in [network.init]"),
    ("units = 3", "units = 3\nrecurrent = 1", 10, "network.layers[1].recurrent", "1 is not true or false"),
    (
        "units = 3",
        "units = 3\nW_h = [[1]]",
        10,
        "network.layers[1].W_h",
        "only a recurrent layer has this; write recurr",
    ),
    ("units = 3", "units = 3\nb_h = [1]", 10, "network.layers[1].b_h", "only a recurrent layer has this; write recurr"),
    ("[1, 0]", "[1, 0, 1]", 19, "data.inputs[2]", "3 numbers, but the network has 2 inputs"),
    ("[1, 0]", "[1, 'x']", 19, "data.inputs[2][2]", "'x' is not a number"),
    ("[[0], [1]", "[[0], []", 20, "data.targets[2]", "0 numbers, but the network has 1 output"),
    ("[[0], [1], [1]", "[[0], [1]", 20, "data.targets", "3 rows, but inputs has 4; one for each is needed"),
    ("targets = [[0], [1], [1], [0]]\n", "", 18, "data.targets", "missing; give one row for each row of inputs"),
    ("example = 1", "example = 4", 21, "data.example", "4 is not in the range 0 to 3; the lesson has 4 examples"),
    ("example = 1", "example = -1", 21, "data.example", "-1 is not in the range 0 to 999999"),
    ("example = 1", 'file = "p.csv"\nexample = 1', 21, "data.file", "cannot be combined with inputs; give inputs and"),
    ("example = 1", "seed = 1", 21, "data.seed", "only used with a data file or a generator"),
    ('"b1"', '"b1", "W3"', 23, "convention.frozen[2]", "'W3' is not one of weights, biases, W1, W2, b1, b2"),
    ('"b1"', f'"W{"9" * 5000}"', 23, "convention.frozen[1]", "is not one of weights, biases"),
    ('"b1"', '"b1", 2', 23, "convention.frozen[2]", "2 is not a text in quotes"),
    ("frozen", "slope = 'exakt'\nfrozen", 23, "convention.slope", "did you mean 'exact'?"),
    ("learning_rate = 0.5", "learning_rate = 0", 25, "training.learning_rate", "0.0 is not above 0"),
    ("learning_rate = 0.5", "learning_rate = inf", 25, "training.learning_rate", "inf is not a finite number"),
    ('"batch"', '"bach"', 26, "training.update_after", "did you mean 'batch'?"),
    ('"batch"', "-3", 26, "training.update_after", "-3 is not"),
    ('"dW"', '"dw"', 28, "printed[1].quantity", "'dw' is not one of z, a, error"),
    ("layer = 1", "layer = 3", 29, "printed[1].layer", "3 is not in the range 1 to 2"),
    ("layer = 1", "layer = 0", 29, "printed[1].layer", "0 is not in the range 1 to"),
    ("layer = 1\n", "", 27, "printed[1].layer", "missing; dW needs a layer from 1 to 2"),
    ("unit = 3", "unit = 4", 30, "printed[1].unit", "4 is not in the range 1 to 3"),
    ("unit = 3\n", "", 27, "printed[1].unit", "missing; dW needs a unit from 1 to 3"),
    ("source = 2", "source = 3", 31, "printed[1].source", "3 is not in the range 1 to 2"),
    ("source = 2\n", "", 27, "printed[1].source", "missing; dW needs a source from 1 to 2"),
    ('"dW"', '"db"', 31, "printed[1].source", "db has no source; leave it out"),
    ("example = 1\nvalue", "example = 4\nvalue", 32, "printed[1].example", "4 is not in the range 0 to 3"),
    ("example = 1\nvalue", "time = 2\nvalue", 32, "printed[1].time", "2 is not 1"),
    ('"-0.1"', '"one"', 33, "printed[1].value", "“one” is not a number"),
    ('"-0.1"', "-0.1", 33, "printed[1].value", "-0.1 must be in quotes"),
    ('text = "nothing"\n', "", 35, "errata[1].text", "missing; describe in a few words what is wrong there"),
]


@pytest.mark.parametrize(("old", "new", "line", "field", "message"), ONE_FAULT)
def test_one_fault_on_its_line(old: str, new: str, line: int, field: str, message: str) -> None:
    found = faults(change(old, new))
    if field == "titel":
        assert found.pop(0) == "l.toml: title: missing; describe in a few words what the lesson shows"
    (found_line,) = [text for text in found if text.startswith(f"l.toml:{line}: {field}: ")]
    assert message in found_line
    assert len(found) == 1


def test_all_faults_come_together_in_the_order_of_the_file() -> None:
    text = change('"tanh"', '"tahn"', change("b = [0.2]", "b = []", change("0.5\n", '"fast"\n')))
    text = change("title", "titel", text)
    fields = [text.split(": ")[:2] for text in faults(text)]
    assert fields == [
        ["l.toml", "title"],
        ["l.toml:2", "titel"],
        ["l.toml:10", "network.layers[1].activation"],
        ["l.toml:17", "network.layers[2].b"],
        ["l.toml:25", "training.learning_rate"],
    ]


def test_a_recurrent_lesson():
    lesson = parse_lesson(RECURRENT, "l.toml")
    network = lesson.network
    assert [layer.recurrent for layer in network.architecture.layers] == [True, False]
    assert network.parameters.part("W_h", 0).tolist() == [[0.1, 0.2], [0.3, 0.4]]
    assert network.parameters.part("b_h", 0).tolist() == [0.5, 0.6]
    assert lesson.dataset.inputs.tolist() == [[[0], [1]], [[1], [0]], [[1], [0]]]  # (time, examples, inputs)
    assert lesson.dataset.targets.tolist() == [[[0], [1]], [[0], [1]], [[1], [0]]]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("W_h = [[0.1, 0.2], [0.3, 0.4]]\n", "", "l.toml:5: network.layers[1].W_h: missing; give W_h, or say in [net"),
        (
            "b_h = [0.5, 0.6]\n",
            "",
            "l.toml:5: network.layers[1].b_h: missing; give b_h, or bias = false, or say in [network.init] how",
        ),
        (
            "W_h = [[0.1, 0.2], [0.3, 0.4]]",
            "W_h = [[0.1, 0.2]]",
            "l.toml:10: network.layers[1].W_h: W_h is 1 row of 2, but (units, units) = (2, 2) is needed",
        ),
        (
            "b_h = [0.5, 0.6]",
            "b_h = [0.5]",
            "l.toml:11: network.layers[1].b_h: b_h is 1 number, but units = 2 are",
        ),
        (
            "[[[0], [1], [1]], [[1], [0], [0]]]",
            "[[0], [1]]",
            "l.toml:17: data.inputs[1]: a layer is recurrent: each example is a list of time steps, such as [[0], [1]]",
        ),
        (
            "[[1], [0], [0]]]",
            "[[1], [0]]]",
            "l.toml:17: data.inputs[2]: 2 time steps, but the first example of inputs has 3; "
            "all must have the same number",
        ),
        (
            "[[0], [0], [1]]",
            "[[0], [0]]",
            "l.toml:18: data.targets[1]: 2 time steps, but the first example of inputs has 3; "
            "all must have the same number",
        ),
        (
            "[[[0], [1], [1]]",
            "[[[0], [1, 2], [1]]",
            "l.toml:17: data.inputs[1][2]: 2 numbers, but the network has 1 input",
        ),
        ("[[[0], [1], [1]]", "[[[0], ['x'], [1]]", "l.toml:17: data.inputs[1][2][1]: 'x' is not a number"),
        ("[[[0], [1], [1]]", "[[[0], 3, [1]]", "l.toml:17: data.inputs[1][2]: 3 is not an array"),
        (
            "[data]",
            '[convention]\nfrozen = ["W_h2"]\n[data]',
            "l.toml:17: convention.frozen[1]: 'W_h2' is not one of weights, biases, W1, W2, b1, b2, W_h1, b_h1",
        ),
        (
            "[data]",
            '[[printed]]\nquantity = "dW_h"\nlayer = 2\nunit = 1\nsource = 1\nvalue = "1"\n[data]',
            "l.toml:18: printed[1].layer: layer 2 is not recurrent and has no dW_h",
        ),
        (
            "[data]",
            '[[printed]]\nquantity = "W_h"\nlayer = 1\nunit = 1\nsource = 3\nvalue = "1"\n[data]',
            "l.toml:20: printed[1].source: 3 is not in the range 1 to 2",
        ),
        (
            "[data]",
            '[[printed]]\nquantity = "a"\nlayer = 1\nunit = 1\ntime = 4\nvalue = "1"\n[data]',
            "l.toml:20: printed[1].time: 4 is not in the range 1 to 3; an example has 3 time steps",
        ),
    ],
)
def test_faults_of_a_recurrent_lesson(old: str, new: str, expected: str):
    told = faults(change(old, new, RECURRENT))
    assert len(told) == 1, told
    assert told[0].startswith(expected)


def test_time_steps_need_a_recurrent_layer():
    text = change("recurrent = true\n", "", change("W_h = [[0.1, 0.2], [0.3, 0.4]]\nb_h = [0.5, 0.6]\n", "", RECURRENT))
    assert faults(text)[0] == (
        "l.toml:14: data.inputs[1]: a list of time steps, but no layer is recurrent; "
        "write recurrent = true for one, or give one row"
    )


def test_a_file_gives_no_time_steps(tmp_path: Path):
    (tmp_path / "points.csv").write_text("0,1\n1,0\n", encoding="utf-8")
    start = RECURRENT.index("inputs = [[[")
    text = f'{RECURRENT[:start]}file = "points.csv"\n'
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, tmp_path / "l.toml")
    assert [fault.message for fault in caught.value.faults] == [
        "gives single rows, but a layer is recurrent; give inputs and targets as lists of time steps"
    ]


def test_not_recurrent_can_be_said() -> None:
    assert parse_lesson(change("units = 3", "units = 3\nrecurrent = false"), "l.toml").name == "l"


@pytest.mark.parametrize(
    ("quantity", "keys", "expected"),
    [
        ("loss", "", []),
        ("loss", "layer = 2", []),
        ("loss", "unit = 1", ["unit: loss has no unit; leave it out"]),
        ("loss", "layer = 1", ["layer: 1 is not 2; loss belongs to the last layer"]),
        ("error", "", []),
        ("error", "unit = 1", []),
        ("error", "unit = 2", ["unit: 2 is not in the range 1 to 1"]),
        ("error", "source = 1", ["source: error has no source; leave it out"]),
        ("z", "layer = 2", ["unit: missing; z needs a unit from 1 to 1"]),
        ("a", "unit = 1", ["layer: missing; a needs a layer from 1 to 2"]),
        ("delta", "layer = 1\nunit = 3", []),
        ("b", "layer = 2\nunit = 1", []),
        ("b_new", "layer = 2\nunit = 1\ntime = 1", []),
        ("W", "layer = 2\nunit = 1\nsource = 3", []),
        ("W_new", "layer = 2\nunit = 1\nsource = 4", ["source: 4 is not in the range 1 to 3"]),
    ],
)
def test_what_a_printed_figure_points_at(quantity: str, keys: str, expected: list[str]) -> None:
    text = f'{GOOD}[[printed]]\nquantity = "{quantity}"\nvalue = "1"\n{keys}\n'
    if expected:
        assert [fault.partition("printed[2].")[2] for fault in faults(text)] == expected
    else:
        assert len(parse_lesson(text, "l.toml").printed) == 2


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('quantity = "dW"', []),
        ('quantity = "dW"\nlayer = 2', []),
        ('quantity = "W"\nlayer = 1\nunit = 3\nsource = 2\nexample = 3', []),
        ('quantity = "loss"', []),
        ('quantity = "dw"', ["quantity: 'dw' is not one of z, a, error, dE_da"]),
        ('quantity = "z"\nlayer = 3', ["layer: 3 is not in the range 1 to 2"]),
        ('quantity = "z"\nunit = 1', ["unit: given without a layer; give the layer as well, or leave it out"]),
        (
            'quantity = "dW"\nlayer = 1\nsource = 1',
            ["source: given without a unit; give the unit as well, or leave it out"],
        ),
        ('quantity = "db"\nlayer = 1\nunit = 1\nsource = 1', ["source: db has no source; leave it out"]),
        ('quantity = "z"\nlayer = 1\nunit = 4', ["unit: 4 is not in the range 1 to 3"]),
        ('quantity = "loss"\nunit = 1', ["unit: loss has no unit; leave it out"]),
        ('quantity = "loss"\nexample = 4', ["example: 4 is not in the range 0 to 3; the lesson has 4 examples"]),
        ('quantity = "loss"\ntime = 2', ["time: 2 is not 1; an example has 1 time step"]),
        ("layer = 1", ["layer: given without a quantity; name one of z, a, error"]),
        ("place = 1", ["place: unknown key; known keys are where, text, quantity, layer"]),
    ],
)
def test_what_an_erratum_points_at(keys: str, expected: list[str]) -> None:
    text = f'{GOOD}[[errata]]\ntext = "something"\n{keys}\n'
    if expected:
        told = [fault.partition("errata[2].")[2] for fault in faults(text)]
        assert len(told) == len(expected)
        assert all(fault.startswith(start) for fault, start in zip(told, expected, strict=True)), told
    else:
        assert parse_lesson(text, "l.toml").errata[1].quantity is not None


def test_the_place_of_an_erratum_is_told_as_written() -> None:
    keys = 'quantity = "W"\nlayer = 1\nunit = 3\nsource = 2\nexample = 3'
    erratum = parse_lesson(f'{GOOD}[[errata]]\ntext = "something"\n{keys}\n', "l.toml").errata[1]
    place = (erratum.quantity, erratum.layer, erratum.unit, erratum.source, erratum.example, erratum.time)
    assert place == ("W", 1, 3, 2, 3, None)


def test_error_of_several_outputs_needs_a_unit() -> None:
    text = change('loss = "cross_entropy"', 'loss = "squared"', DRAWN)
    text += '[[printed]]\nquantity = "error"\nvalue = "1"\n'
    assert faults(text) == ["l.toml:19: printed[1].unit: missing; error needs a unit from 1 to 3"]


@pytest.mark.parametrize(
    ("loss", "target", "message"),
    [
        ("cross_entropy", "-0.5", "cross_entropy needs targets of at least 0"),
        ("binary_cross_entropy", "1.5", "binary_cross_entropy needs targets from 0 to 1"),
    ],
)
def test_targets_that_a_loss_is_not_defined_for(loss: str, target: str, message: str, tmp_path: Path) -> None:
    text = change("half_squared", loss)
    wrong = f"{target} is out of range; {message}"
    assert faults(change("[[0], [1]", f"[[0], [{target}]", text)) == [f"l.toml:20: data.targets[2]: {wrong}"]
    (tmp_path / "p.csv").write_text(f"0,0,1\n0,1,{target}\n", encoding="utf-8")
    rows = "inputs = [[0, 0], [1, 0], [0, 1], [1, 1]]\ntargets = [[0], [1], [1], [0]]"
    (fault,) = faults(change(rows, 'file = "p.csv"', text), str(tmp_path / "l.toml"))
    needed = "cross_entropy needs 1 for the class and 0 for the others" if loss == "cross_entropy" else message
    assert f":19: data.file: p.csv: row 2, column 3: the target {target} does not fit: {needed}; correct it" in fault


def test_no_examples() -> None:
    text = change("[[0, 0], [1, 0], [0, 1], [1, 1]]", "[]", change("[[0], [1], [1], [0]]", "[]"))
    assert faults(text) == ["l.toml:19: data.inputs: empty; at least one example is needed"]


def test_no_data() -> None:
    text = GOOD[: GOOD.index("inputs = [[")] + GOOD[GOOD.index("[convention]") :]
    ways = "inputs and targets, or file, or generator"
    assert faults(text) == [f"l.toml:18: data: missing; give {ways}"]


def test_more_parameters_than_memory_is_refused_before_anything_is_made() -> None:
    text = change("units = 3\n", "units = 9_999_999\n", DRAWN)
    assert faults(text) == [
        "l.toml:10: network.layers[1].units: the network would have 59999997 parameters; at most 10000000 are allowed"
    ]
    assert "is not in the range 1 to 10000000" in faults(change("units = 3\n", f"units = 0x{'f' * 9000}\n", DRAWN))[0]


def test_too_many_examples() -> None:
    (fault,) = faults(change("per_class = 5", "per_class = 400_000", DRAWN))
    assert fault == "l.toml:17: data.per_class: 1200000 examples; at most 1000000 are allowed"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[0, -2]", "[0]", "16: data.centers[1]: 1 number, but the network has 2 inputs"),
        (
            "[0, -2], ",
            "",
            "16: data.centers: 2 centers, but the network has 3 outputs; each class needs one of each",
        ),
        ("per_class = 5\n", "", "14: data.per_class: missing; say how many examples each class has"),
        (
            "centers = [[0, -2], [2, 2], [-2, 2]]\n",
            "",
            "14: data.centers: missing; give one center, a list of numbers, for each class",
        ),
        ("per_class", "seed = 4\nper_class", "17: data.seed: 4 differs from the seed of [network.init], 3"),
        ('"clusters"', '"cluster"', "15: data.generator: 'cluster' is not one of xor, and, or, circle, spiral"),
        ("per_class = 5", "per_class = 5\nexample = 15", "18: data.example: 15 is not in the range 0 to 14"),
    ],
)
def test_faults_of_clusters(old: str, new: str, expected: str) -> None:
    (fault,) = faults(change(old, new, DRAWN))
    assert fault.startswith(f"l.toml:{expected}")


def test_shared_generator_draws_the_data_and_then_the_parameters() -> None:
    lesson = parse_lesson(DRAWN, "l.toml")
    source = np.random.RandomState(3)
    points = [source.standard_normal((5, 2)) + center for center in ([0, -2], [2, 2], [-2, 2])]
    assert np.array_equal(lesson.dataset.inputs[0], np.vstack(points))
    assert lesson.dataset.targets[0, 5].tolist() == [0.0, 1.0, 0.0]
    drawn = [source.standard_normal(shape) for shape in ((2, 3), (3, 3), (3,), (3,))]
    assert np.array_equal(lesson.network.W[1], drawn[1])
    assert np.array_equal(lesson.network.b[1], drawn[3])
    assert lesson.initializer == Initializer("normal", 3)


def test_softmax_clusters_draw_of_seed_0() -> None:
    text = change("per_class = 5", "per_class = 500", change("seed = 3", "seed = 0", DRAWN))
    lesson = parse_lesson(text, "l.toml")
    # Recomputed independently from the document: RandomState(0), 3 x 500 points, then W, b, V, c. The network's own
    # order is W, V, b, c unless it says by_layer.
    assert lesson.dataset.inputs[0, 0].tolist() == pytest.approx([1.764052345967664, -1.5998427916327767])
    assert lesson.network.W[0][0].tolist() == pytest.approx(
        [1.5932736159500267, 0.5687223991204718, -0.11448704558920082]
    )
    by_layer = parse_lesson(change("seed = 0", 'seed = 0\norder = "by_layer"', text), "l.toml")
    assert by_layer.network.b[1].tolist() == pytest.approx(
        [0.8394906723176047, -0.17392993030515583, -2.810668054829197]
    )


def test_own_generator_leaves_the_parameters_alone() -> None:
    apart = parse_lesson(change("shared_generator = true", "seed = 3", DRAWN), "l.toml")
    shared = parse_lesson(DRAWN, "l.toml")
    assert np.array_equal(apart.dataset.inputs, shared.dataset.inputs)
    assert np.array_equal(apart.network.W[0], np.random.RandomState(3).standard_normal((2, 3)))


def test_shared_generator_needs_init() -> None:
    text = change('[network.init]\nscheme = "normal"\nseed = 3\n', "", DRAWN)
    assert "l.toml:15: data.shared_generator: needs [network.init], whose generator draws the data first" in (
        faults(text)
    )


CSV = GOOD.replace("inputs = [[0, 0], [1, 0], [0, 1], [1, 1]]\ntargets = [[0], [1], [1], [0]]", 'file = "p.csv"')


def test_data_from_a_file_beside_the_lesson(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("\ufeffx1,x2,t\n0,0,0\n1,0,1\n", encoding="utf-8")
    lesson = parse_lesson(CSV, tmp_path / "l.toml")
    assert lesson.dataset.inputs[0].tolist() == [[0, 0], [1, 0]]
    assert lesson.dataset.targets[0].tolist() == [[0], [1]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x1,x2,t\n0,0,0\n1,zero,1\n", "p.csv: row 3, x2: “zero” is not a number"),
        (b"0,0,0\n1,0\n", "p.csv: row 2 has 2 cells, but the others have 3"),
        (b"0,0\n1,0\n", "p.csv: 2 columns of numbers or classes (column 1, column 2), but the network needs 2 inputs"),
        (b"0,0,0\n1,0,inf\n", "p.csv: row 2, column 3: “inf” is not a finite number"),
        (b"", "p.csv: empty; give at least one row of numbers"),
        (b"x,y,z\n", "p.csv: no row of numbers"),
        (b"\xff\xfe0,0,0", "p.csv: row 1 is not UTF-16 text; save the file as UTF-8"),
        (b"\x81,0,0", "p.csv: row 1 is neither UTF-8 nor Windows-1252 text; save the file as UTF-8"),
        (b'"' + b"1" * 200_000 + b'",1,1\n', "p.csv: row 1 has a cell of more than 2000 characters"),
    ],
)
def test_faults_of_a_data_file(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    (fault,) = faults(CSV, str(tmp_path / "l.toml"))
    assert fault.startswith(f"{tmp_path}/l.toml:19: data.file: {message}")


@pytest.mark.parametrize("name", ["", "none.csv", ".", "..", "a\\u0000b", "x" * 5000, "/dev/null/x", "/dev/zero"])
def test_data_files_that_are_none(name: str) -> None:
    (fault,) = faults(change('"p.csv"', f'"{name}"', CSV))
    assert fault.startswith("l.toml:19: data.file: ")


def test_example_of_a_data_file_in_range(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("0,0,0\n", encoding="utf-8")
    assert [fault.partition("l.toml:")[2] for fault in faults(CSV, str(tmp_path / "l.toml"))] == [
        "20: data.example: 1 is not in the range 0 to 0; the lesson has 1 example",
        "31: printed[1].example: 1 is not in the range 0 to 0; the lesson has 1 example",
    ]


INLINE = GOOD.replace('notation = "koehn"\n', "") + '[notation]\ntitle = "mine"\n[notation.tex]\nz = "v"\n'


def test_notation_in_the_lesson() -> None:
    lesson = parse_lesson(INLINE, "mine.toml")
    assert (lesson.notation.name, lesson.notation.title) == ("mine", "mine")


def test_lesson_without_a_notation_has_the_standard_one() -> None:
    assert parse_lesson(GOOD.replace('notation = "koehn"\n', ""), "l.toml").notation.name == "standard"


def test_fault_of_an_inline_notation() -> None:
    line = INLINE[: INLINE.index('z = "v"')].count("\n") + 1
    (fault,) = faults(change('z = "v"', "z = 3", INLINE))
    assert fault.startswith(f"l.toml:{line}: notation.tex.z: ")


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("units = 3", "units =", "l.toml:9: ", "(column"),
        ("units = 3", "units = 3\nunits = 4", "l.toml:10: ", "overwrite"),
        ('text = "nothing"', 'text = "nothing', "l.toml:37: ", ""),
        ('text = "nothing"\n', "text = [1,", "l.toml:37: ", ""),
        ("units = 3", f"units = {'9' * 5000}", "l.toml: ", "digits"),
    ],
)
def test_syntax_faults(old: str, new: str, place: str, words: str) -> None:
    (fault,) = faults(change(old, new))
    assert fault.startswith(place)
    assert words in fault
    assert "(at " not in fault


@pytest.mark.parametrize("deep", ["x = " + "[" * 5000, "x = " + "[" * 5000 + "]" * 5000, ".".join("a" * 5000) + " = 1"])
def test_deep_nesting(deep: str) -> None:
    assert len(faults(f"{GOOD}{deep}\n")) == 1


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'format = 1\ntitle = "caf\xe9"\n')
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 101)
    monkeypatch.setattr(loader, "FILE_LIMIT", 100)
    for path, reason in (
        (tmp_path, ": this is a folder; name a lesson file"),
        (tmp_path / "none.toml", ": cannot be read: No such file or directory"),
        (latin, ":2: not UTF-8 text; save the file as UTF-8"),
        (large, ": larger than 0 MB"),
    ):
        with pytest.raises(LessonError) as caught:
            load_lesson(path)
        assert str(caught.value) == f"{path}{reason}"
    with pytest.raises(LessonError):
        load_lesson("a\0b")


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_lesson(path).title == "two layers"
    path.write_bytes(change("tanh", "tahn").replace("\n", "\r\n").encode())
    with pytest.raises(LessonError, match=r"windows\.toml:10: network\.layers\[1\]\.activation: "):
        load_lesson(path)


def test_error_keeps_its_faults_through_pickling() -> None:
    error = LessonError("l.toml", [Fault(3, "title", "missing"), Fault(None, "", "odd")])
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.faults) == ("l.toml:3: title: missing\nl.toml: odd", error.faults)


def test_lines_of_keys() -> None:
    text = (
        "a.b = 1\n"  # 1
        "'c d' = [ # [ =\n"  # 2
        '  "]", 1,\n'
        "]\n"
        's = """\n'  # 5
        "x = 1\n"
        '[t] \\""""\n'
        "[t] # heading\n"  # 8
        'u = { v = 1, w = "=" }\n'  # 9
        "[[l.m]]\n"  # 10
        "k = '''\n"  # 11
        "[[l.m]]'''\n"
        "[[l.m]]\n"  # 13
        "[l.m.n]\n"  # 14
        "k = 1"  # 15
    )
    lines = key_lines(text)
    assert lines["a", "b"] == 1
    assert lines["c d",] == 2
    assert lines["s",] == 5
    assert lines["t",] == 8
    assert lines["t", "u"] == 9
    assert lines["l", "m", 0] == 10
    assert lines["l", "m", 0, "k"] == 11
    assert lines["l", "m", 1] == 13
    assert lines["l", "m", 1, "n", "k"] == 15
    assert ("x",) not in lines
    assert find_line(lines, ("t", "u", "v", 3)) == 9
    assert find_line(lines, ("nothing",)) is None


def test_paths_count_from_1() -> None:
    assert format_path(("network", "layers", 0, "W", 1, 2)) == "network.layers[1].W[2][3]"
    assert format_path(("a\nb", "c d")) == '"a\\nb"."c d"'


VALUES = (
    *("1", "-1", "0", "1.5", "nan", "true", '"x"', "'''\n'''", "[]", "[[]]", "[1]", "[[1, 2], [3]]", "[['a']]"),
    *("{}", "{ a = 1 }", "1979-05-27", "07:32:00", '"tanh"', '"clusters"', "1e400", "9" * 30, "0x" + "f" * 5000),
    *("[{}]", "[[[1]]]", '"koehn"', '"p.csv"', '"\\u0000"', "[", "#"),
)
EXTRA_KEYS = ("generator", "centers", "per_class", "seed", "file", "W_h", "recurrent", "time", "title", "a.b", "init")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from((GOOD, DRAWN, INLINE))).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(("delete", "copy", "move", "value", "key", "text", "cut")))
        line = lines[at]
        if kind == "delete":
            del lines[at]
        elif kind == "copy":
            lines.insert(draw(st.integers(0, len(lines))), line)
        elif kind == "move":
            lines[at] = draw(st.sampled_from(lines))
        elif kind == "value":
            lines[at] = f"{line.partition('=')[0]} = {draw(st.sampled_from(VALUES))}"
        elif kind == "key":
            lines.insert(at, f"{draw(st.sampled_from(EXTRA_KEYS))} = {draw(st.sampled_from(VALUES))}")
        elif kind == "text":
            lines[at] = draw(st.text(max_size=30))
        else:
            lines[at] = line[: draw(st.integers(0, len(line)))]
        if not lines:
            lines = [""]
    return "\n".join(lines)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_nothing_but_a_lesson_error_is_ever_raised(text: str) -> None:
    told = []
    try:
        parse_lesson(text, "fuzz.toml")
    except LessonError as error:
        told = str(error).split("\n")
    assert all(line.startswith("fuzz.toml:") for line in told)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_give_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(content)
    with pytest.raises(LessonError):
        load_lesson(path)


@pytest.mark.parametrize("text", ['{"format": 1}', '\n {\n "loss": [1.0]}'])
def test_a_session_or_run_is_not_a_lesson(text: str) -> None:
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, "walk.nnviz")
    assert str(caught.value) == "walk.nnviz:1: JSON, such as a saved session or run; a lesson is TOML"


def test_a_table_is_not_read_as_toml():
    with pytest.raises(LessonError, match=r"flowers\.csv:1: a table of data; a lesson is TOML: train on a table by"):
        parse_lesson("length;width;kind\n1,4;0,2;round\n", "flowers.csv")
