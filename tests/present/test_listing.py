"""The listing is true: executed line by line, each of its variables holds what the pass recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnviz.debugger.commands import go_to
from nnviz.debugger.session import Session, start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import view_parameters
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.listing import listing, listing_lines
from nnviz.present.voice import Voice, voice_of
from nnviz.trace.steps import Grain, Kind, Quantity

CORNERS = (
    'network.layers=[{units=3,activation="leaky_relu"},{units=4,activation="relu"},{units=2,activation="linear"}]',
    "printed=[]",
)
SMOOTH = ('network.layers=[{units=3,activation="tanh"},{units=2,activation="sigmoid"}]', "printed=[]")
SOFTMAX = ('network.layers=[{units=3,activation="sigmoid"},{units=2,activation="softmax"}]', "printed=[]")
INNER_SOFTMAX = ('network.layers=[{units=3,activation="softmax"},{units=2,activation="tanh"}]', "printed=[]")
BATCH = ('training.update_after="batch"',)
VARIATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "corners": ("from-scratch", (*CORNERS, 'network.loss="mean_squared"')),
    "corners in a batch": ("from-scratch", (*CORNERS, *BATCH, 'network.loss="squared"')),
    "cross entropy": ("from-scratch", (*SOFTMAX, 'network.loss="cross_entropy"')),
    "cross entropy in a batch": ("from-scratch", (*SOFTMAX, *BATCH, 'network.loss="cross_entropy"')),
    "targets that are no shares": (
        "from-scratch",
        (*SOFTMAX, *BATCH, 'network.loss="cross_entropy"', "data.targets=[[1, 1], [2, 0.5], [1, 0], [0.5, 1]]"),
    ),
    "softmax of squares": ("from-scratch", SOFTMAX),
    "inner softmax": ("from-scratch", (*INNER_SOFTMAX, *BATCH)),
    "softmax of z": ("from-scratch", (*INNER_SOFTMAX, 'convention.slope="product_of_z"')),
    "softmax of a": ("from-scratch", (*INNER_SOFTMAX, 'convention.slope="derivative_of_a"')),
    "binary": ("from-scratch", (*BATCH, 'network.loss="binary_cross_entropy"')),
    "pairs": ("koehn", ("training.update_after=2", 'training.reduce="mean"')),
    "momentum": ("krzeminski-batch", ('training.optimizer="momentum"', 'training.reduce="mean"')),
    "rmsprop": ("koehn", ('training.optimizer="rmsprop"', "training.learning_rate=0.1")),
    "adam": ("from-scratch", ('training.optimizer="adam"', "training.learning_rate=0.1")),
    "frozen": ("koehn", ('convention.frozen=["biases", "W2"]',)),
    "slope of z": ("from-scratch", (*SMOOTH, 'convention.slope="product_of_z"')),
    "slope of a": ("from-scratch", (*SMOOTH, 'convention.slope="derivative_of_a"')),
    "corner of z": ("from-scratch", (*CORNERS, 'convention.slope="product_of_z"')),
    "corner of a": ("from-scratch", (*CORNERS, 'convention.slope="derivative_of_a"')),
    "as printed": ("krzeminski-sgd", ('convention.step="uphill"', 'convention.update="sequential"')),
}
# Loops over time are run as a whole by the scripts' tests, which run the very same lines.
FEED_FORWARD = [name for name in lesson_names() if not load(name).network.architecture.is_recurrent]
CASES = [(name, notation) for name in (*FEED_FORWARD, *VARIATIONS) for notation in notation_names()]


def open_session(name: str, notation: str, **where: int) -> Session:
    lesson, overrides = VARIATIONS.get(name, (name, ()))
    return start_session(load(lesson, overrides), notation=load_notation(notation), **where)


def codes(session: Session) -> list[str]:
    return [line.code for line in listing_lines(session)]


# What a document defines beside its listing: the activation functions, and their slopes written of z or of a.


def activation(name: str, z: FloatArray, leak: float) -> FloatArray:
    out = np.empty(np.shape(z))
    ACTIVATIONS[name].value(np.asarray(z), out, leak)
    return out


def slope(name: str, of: str, v: FloatArray, leak: float) -> FloatArray:
    if name in ("relu", "leaky_relu"):
        return np.where(v > 0, 1.0, 0.0 if name == "relu" else leak)  # at a corner z and a have the same sign
    a = activation(name, v, leak) if of == "z" else v
    return {"sigmoid": a * (1 - a), "tanh": 1 - a * a, "linear": np.ones_like(a), "softmax": a * (1 - a)}[name]


def softmax_pull_back(y: FloatArray, gradient: FloatArray) -> FloatArray:
    return y * (gradient - (gradient * y).sum(axis=-1, keepdims=True))


def times_log(t: FloatArray, y: FloatArray) -> FloatArray:
    return np.where(t == 0, 0.0, t * np.log(y))


def ratio(t: FloatArray, y: FloatArray) -> FloatArray:
    return np.where(t == 0, 0.0, t / y)


def log_softmax(z: FloatArray) -> FloatArray:
    return np.log(activation("softmax", z, 0.0))


def log_sigmoid(z: FloatArray) -> FloatArray:
    return np.log(activation("sigmoid", z, 0.0))


def given(session: Session) -> dict[str, Any]:
    """What the listing starts from, in the orientation and sign of the document."""
    record, voice = session.record, voice_of(session)
    notation, leak, depth = voice.notation, record.architecture.leaky_slope, record.architecture.depth
    rows = slice(None) if len(record.examples) > 1 else 0
    names: dict[str, Any] = {
        "np": np,
        "softmax_pull_back": softmax_pull_back,
        "times_log": times_log,
        "ratio": ratio,
        "log_softmax": log_softmax,
        "log_sigmoid": log_sigmoid,
        voice.code(Quantity(Kind.INPUT)): record.x[0, rows],
        voice.code(Quantity(Kind.TARGET)): record.t[0, rows],
        voice.code(Quantity(Kind.RATE)): record.rule.rates.learning_rate,
    }
    for name in ACTIVATIONS:
        names[notation.functions_code[name]] = lambda z, name=name: activation(name, z, leak)
        names[notation.slopes_code[name]] = lambda v, name=name: slope(name, notation.slope_of, v, leak)
    memories = OPTIMIZERS[record.rule.optimizer].memory
    for layer in range(depth):
        weight, bias = Quantity(Kind.WEIGHT, layer), Quantity(Kind.BIAS, layer)
        names[voice.code(weight)], names[voice.code(bias)] = voice.value(weight), voice.value(bias)
        for slot, memory in enumerate(memories):
            views = view_parameters(record.architecture, record.memory[slot])
            sign = voice.factor(Quantity(Kind.MEMORY, slot=slot))
            W = views.W[layer].T if voice.units_first else views.W[layer]
            names[f"{notation.code_name(memory, None, depth)}_{voice.code(weight)}"] = sign * W
            names[f"{notation.code_name(memory, None, depth)}_{voice.code(bias)}"] = sign * views.b[layer]
    return names


def assert_held(session: Session, voice: Voice, group: int, names: dict[str, Any]) -> bool:
    """The variable of a group holds the document's value of it; False where the document has no variable."""
    kind, layer = session.trace.groups[group].kind, session.trace.groups[group].layer
    one_error = kind is Kind.ERROR and session.record.architecture.sizes[-1] == 1
    name = voice.code(Quantity(Kind.LOSS if one_error else kind, layer))
    if not name:
        return False
    found, wanted = np.asarray(names[name]), np.asarray(voice.value(Quantity(kind, layer)))
    many = len(session.record.examples) > 1
    if many and kind not in (Kind.DW, Kind.DB, Kind.DZ_DA, Kind.DZ_DB, Kind.W_NEW, Kind.B_NEW):
        found = found[session.record.row]
    if kind in (Kind.DW, Kind.W_NEW, Kind.DZ_DA):
        assert found.shape == wanted.shape, name
    np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=1e-9, atol=1e-12, err_msg=name)
    return True


@pytest.mark.parametrize(("name", "notation"), CASES)
def test_every_line_gives_the_numbers_of_the_pass(name: str, notation: str) -> None:
    session = open_session(name, notation, example=0, update=3)
    voice, names = voice_of(session), given(session)
    groups, held = [], 0
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 ln 0 of a target that is not meant
        for line in listing_lines(session):
            exec(line.code, names)
            held += sum(assert_held(session, voice, group, names) for group in line.groups)
            groups += line.groups
    assert groups == list(range(len(session.trace.groups)))
    assert held >= 10


def test_koehn_forward_and_backward_in_his_names() -> None:
    assert codes(open_session("koehn", "koehn")) == [
        "s = W @ x + b",
        "h = sigmoid(s)",
        "z = W2 @ h + b2",
        "y = sigmoid(z)",
        "",
        "error = 0.5 * (t - y)**2",
        "",
        "delta_2 = (t - y) * sigmoid_derivative(z)",
        "delta_W2 = mu * np.outer(delta_2, h)",
        "delta_b2 = mu * delta_2",
        "delta_1 = (W2.T @ delta_2) * sigmoid_derivative(s)",
        "delta_W = mu * np.outer(delta_1, x)",
        "delta_b = mu * delta_1",
        "",
        "W = W + delta_W",
        "b = b + delta_b",
        "W2 = W2 + delta_W2",
        "b2 = b2 + delta_b2",
    ]


def test_krzeminski_changes_the_weights_once_a_batch() -> None:
    lines = codes(open_session("krzeminski-batch", "krzeminski"))
    assert "delta_l2 = (lay2 - y) * dsigmoid(lay2)" in lines
    assert "delta_l1 = (delta_l2 @ w2.T) * dsigmoid(lay1)" in lines
    assert "corr_w1 = x.T @ delta_l1" in lines
    assert "corr_b1 = delta_l1.sum(axis=0)" in lines
    assert lines[-1] == "b2 = b2 - eta * corr_b2"


def test_a_frozen_parameter_says_so() -> None:
    lines = codes(open_session("frozen", "koehn"))
    assert "W2 = W2  # frozen" in lines
    assert "b = b  # frozen" in lines
    assert "W = W + delta_W" in lines


def test_the_current_line_makes_the_step_known() -> None:
    session = open_session("koehn", "koehn")
    assert listing(session).current is None
    for position in range(1, session.trace.end + 1):
        shown = listing(go_to(session, position))
        assert shown.current is not None
        step = session.trace.enclosing(Grain.LAYER, position)
        assert step.index in shown.lines[shown.current].groups
    named = [line for line in shown.lines if line.groups]
    assert sum(len(line.groups) for line in named) == session.trace.length(Grain.LAYER)
    assert all(line.code for line in named)
