"""Exported scripts run with NumPy alone and print every number of the trace, line for line."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from formats.scripts import assert_prints_the_trace, told_steps

from nnviz.debugger.state.session import start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import NonFiniteError
from nnviz.formats.script.pass_script import script_text
from nnviz.formats.trace_json import step_tables
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names, parse_notation
from nnviz.present.listing.listing import listing_lines
from nnviz.tracing.steps import Kind

ACTIVATION_NAMES = tuple(ACTIVATIONS)
STEADY_NAMES = tuple(name for name in ACTIVATIONS if name != "sine")  # it amplifies rounding over time steps
SHARES = tuple(name for name, row in ACTIVATIONS.items() if row.limits and set(row.limits) <= {0.0, 1.0})
CONVENTIONS = {
    "delta": ("gradient", "descent"),
    "weights": ("inputs_first", "units_first"),
    "slope": ("exact", "exact", "product_of_z", "derivative_of_a"),
    "step": ("downhill", "downhill", "uphill"),
    "update": ("simultaneous", "sequential"),
}
FROZEN = ("[]", "[]", '["b1"]', '["W2"]', '["biases"]', '["weights"]')
BATCHES = ('"example"', '"batch"', "2")


@pytest.mark.parametrize("name", lesson_names())
def test_the_script_of_every_lesson_prints_its_trace(name: str, tmp_path: Path) -> None:
    lesson = load(name)
    last = len(lesson.dataset) - 1
    sessions = {
        "as it is opened": start_session(lesson),
        "another example after 3 updates": start_session(lesson, example=last, update=3),
    }
    large = lesson.network.architecture.parameter_count > 500
    for notation in ("koehn-chain-rule",) if large else notation_names():
        sessions[notation] = start_session(lesson, example=last // 2, update=1, notation=load_notation(notation))
    assert_prints_the_trace(sessions, tmp_path)


@pytest.mark.parametrize("name", ["koehn", "krzeminski-batch", "krzeminski-rnn", "micrograd-neuron", "softmax-deep"])
def test_the_steps_that_scripts_are_compared_with_are_those_of_the_trace_as_json(name: str) -> None:
    for notation in ("koehn-chain-rule", "krzeminski"):
        session = start_session(load(name), notation=load_notation(notation))
        assert told_steps(session) == [(step["symbol"], step["value"]) for step in step_tables(session)]


def generated(seed: int) -> tuple[str, ...]:
    """The settings of some network, all of them different."""
    draw = random.Random(seed)
    sizes = [draw.choice((1, 2, 3, 11)) for _ in range(draw.choice((1, 2, 2, 3)))]
    layers = ",".join(f'{{units={units},activation="{draw.choice(ACTIVATION_NAMES)}"}}' for units in sizes[:-1])
    outputs = draw.choice((1, 2, 3))
    loss, last = draw.choice(tuple(LOSSES)), draw.choice(ACTIVATION_NAMES)
    if LOSSES[loss].logarithmic:  # outputs from 0 to 1, mostly those that it is made for
        last = draw.choice((LOSSES[loss].fused or SHARES[0], *SHARES))
    targets = [[float(draw.randrange(2)) for _ in range(outputs)] for _ in range(5)]
    inputs = [[draw.uniform(-2, 2) for _ in range(12 if draw.random() < 0.2 else 2)] for _ in range(5)]
    width = min(map(len, inputs))
    return (
        f'network.layers=[{layers}{"," if layers else ""}{{units={outputs},activation="{last}"}}]',
        f"network.inputs={width}",
        f'network.loss="{loss}"',
        f"data.inputs={[row[:width] for row in inputs]}",
        f"data.targets={targets}",
        f'training.optimizer="{draw.choice(tuple(OPTIMIZERS))}"',
        f"training.update_after={draw.choice(BATCHES)}",
        f'training.reduce="{draw.choice(("sum", "mean"))}"',
        "training.learning_rate=0.1",
        "training.alpha=0.987654321",
        "training.beta2=0.9999999",
        f"network.init.seed={seed}",
        "printed=[]",
        *(f'convention.{key}="{draw.choice(values)}"' for key, values in CONVENTIONS.items()),
        f"convention.frozen={draw.choice(FROZEN) if len(sizes) > 1 else '[]'}",
    )


@pytest.mark.parametrize("part", range(3))
def test_scripts_of_generated_networks_print_their_traces(part: int, tmp_path: Path) -> None:
    sessions = {}
    for seed in range(part * 40, part * 40 + 40):
        lesson = load("from-scratch", generated(seed))
        name = notation_names()[seed % len(notation_names())]
        notation = lesson.notation if seed % 3 == 0 else load_notation(name)
        where = {"example": 1, "notation": notation}
        try:
            session = start_session(lesson, update=3, **where)
        except NonFiniteError:
            session = start_session(lesson, **where)  # its infinite numbers are told too
        sessions[f"{seed}: {generated(seed)}"] = session
    assert_prints_the_trace(sessions, tmp_path)


def recurrent(seed: int) -> tuple[str, ...]:
    """The settings of some recurrent network; the rest as in `generated`."""
    draw = random.Random(seed)
    steps, outputs, examples = draw.choice((1, 2, 3, 11)), draw.choice((1, 2)), draw.choice((1, 3))
    last, loss = draw.choice((("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"), ("tanh", "squared")))
    layers = [(draw.choice((1, 2, 11)), draw.choice(STEADY_NAMES), True) for _ in range(draw.choice((0, 1, 1, 2)))]
    layers.append((outputs, last, draw.random() < 0.4 or not layers))
    tables = ",".join(f'{{units={n},activation="{f}",recurrent={str(r).lower()}}}' for n, f, r in layers)

    def sequence(width: int, value: Callable[[], float]) -> list[list[list[float]]]:
        return [[[value() for _ in range(width)] for _ in range(steps)] for _ in range(examples)]

    rest = [setting for setting in generated(seed) if setting.startswith(("training", "convention", "network.init"))]
    return (
        f"network.layers=[{tables}]",
        "network.inputs=2",
        f'network.loss="{loss}"',
        f"data.inputs={sequence(2, lambda: draw.uniform(-2, 2))}",
        f"data.targets={sequence(outputs, lambda: float(draw.randrange(2)))}",
        f'convention.through_time="{draw.choice(("full", "full", "one_step"))}"',
        "printed=[]",
        *(setting for setting in rest if not setting.startswith("convention.frozen")),
        f"convention.frozen={draw.choice(FROZEN[:3])}",
    )


@pytest.mark.parametrize("part", range(2))
def test_scripts_of_recurrent_networks_loop_over_time(part: int, tmp_path: Path) -> None:
    sessions = {}
    names = notation_names()
    for seed in range(part * 30, part * 30 + 30):
        lesson = load("from-scratch", recurrent(seed))
        notation = load_notation(names[seed % len(names)])
        try:
            session = start_session(lesson, example=0, update=2, notation=notation)
        except NonFiniteError:
            session = start_session(lesson, example=0, notation=notation)
        sessions[f"{seed}: {recurrent(seed)}"] = session
    assert_prints_the_trace(sessions, tmp_path)


SATURATED = (
    'network.layers=[{units=2,activation="%s",W=[[900,-900],[-40,800]],b=[0,0]}]',
    'network.loss="%s"',
    "data.inputs=[[1,0],[0,1],[1,1],[-1,0.5]]",
    "data.targets=[[1,0],[0,1],[0,1],[1,1]]",
    'training.update_after="batch"',
    "printed=[]",
)


@pytest.mark.parametrize("reward", [False, True])
def test_outputs_that_are_rounded_to_0_and_1_have_finite_errors(reward: bool, tmp_path: Path) -> None:
    sessions = {}
    notation = load_notation("softmax" if reward else "standard")
    for activation in ("sigmoid", "softmax"):
        for loss in ("cross_entropy", "binary_cross_entropy"):
            for slope in ("exact", "product_of_z", "derivative_of_a"):
                layers, called, *rest = SATURATED
                overrides = (layers % activation, called % loss, *rest, f'convention.slope="{slope}"')
                for example in range(4):
                    session = start_session(load("from-scratch", overrides), example=example, notation=notation)
                    sessions[f"{overrides} {example}"] = session
    assert_prints_the_trace(sessions, tmp_path)
    fused = [session.record for session in sessions.values() if session.record.fused]
    assert len(fused) == 8
    assert all(np.isfinite(record.loss).all() for record in fused)


def test_a_script_is_read_from_top_to_bottom() -> None:
    lines = script_text(start_session(load("koehn"))).splitlines()
    assert lines[:2] == ["# XOR by hand", "# Philipp Koehn, Neural Machine Translation, 5.7"]
    order = (
        *(
            "import numpy as np",
            "x = np.array([1.0, 0.0])",
            "W2 = np.array([[5.0, -5.0]])",
            "mu = 1.0  # learning rate",
        ),
        *("def sigmoid(z):", "s = W @ x + b", 'show("s_<i>", s)', "error = 0.5 * (t - y)**2", 'show("E", error)'),
        *("delta_2 = (t - y) * sigmoid_derivative(z)", 'show("∂E/∂y", t - y)', "W = W + delta_W", "b2 = b2 + delta_b2"),
    )
    places = [lines.index(line) for line in order]
    assert places == sorted(places)


def test_a_large_matrix_is_shown_by_one_line() -> None:
    lesson = load("graph-20-50-10")
    for name in notation_names():
        session = start_session(lesson, notation=load_notation(name))
        shown = [line for line in script_text(session).splitlines() if line.startswith("show(")]
        kinds = [group.kind for group in session.trace.groups]
        # But ∂s_j/∂W_j1 and ∂s_j/∂W_{j,10} have no one form: these 20 are shown one by one.
        each = 20 - 1 if Kind.DZ_DW in kinds else 0
        assert len(shown) == len(kinds) + each, name


def test_every_line_of_the_listing_stands_in_the_script() -> None:
    for name in lesson_names():
        session = start_session(load(name))
        script = script_text(session).splitlines()
        code = [line.code for line in listing_lines(session) if line.code]
        assert [line for line in script if line in code] == code


def test_a_text_of_a_lesson_cannot_become_code(tmp_path: Path) -> None:
    lesson = load("koehn")
    evil = "x\nraise SystemExit('run')\r\x0craise\u2028raise \0"
    session = start_session(replace(lesson, title=evil, source=evil))
    assert script_text(session).startswith("# x raise SystemExit('run') raise raise\n# x raise")
    assert_prints_the_trace({"evil": session}, tmp_path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('z = "v"\na = "v"', "calls a of layer 1 'v<n>', which is already the name of something else"),
        ('W = "W"', "calls W of layer 2 'W', which is already the name of something else"),
        ('x = "lambda"', "calls x 'lambda', which is a keyword of Python"),
        ('t = "print"', "calls t 'print', which is already the name of something else"),
        ('b = "sigmoid"', "calls b of layer 1 'sigmoid'"),
        ('delta = ""', "has no variable for delta of layer 2"),
        ('z = "ﬁ<l>"\na = "fi<l>"', "calls a of layer 1 'fi1'"),
    ],
)
def test_a_notation_without_usable_names_is_refused_in_one_line(code: str, said: str) -> None:
    notation = parse_notation(tomllib.loads(f'title = "Mine"\n[code]\n{code}'), "mine")
    with pytest.raises(ValueError, match=r"^no script can be written: the notation mine ") as caught:
        script_text(start_session(load("koehn"), notation=notation))
    assert said.replace("<n>", "") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_functions_that_are_called_alike_are_refused() -> None:
    layers = 'network.layers=[{units=2,activation="tanh"},{units=2,activation="sigmoid"}]'
    lesson = load("from-scratch", (layers, "printed=[]"))
    for table in ('code]\ntanh = "f"\nsigmoid = "f"', 'code]\ntanh = "f"\n[functions.slope]\ntanh = "f"'):
        notation = parse_notation(tomllib.loads(f'title = "Mine"\n[functions.{table}'), "mine")
        with pytest.raises(ValueError, match="no script can be written: the notation mine calls"):
            script_text(start_session(lesson, notation=notation))
