"""The listing is true: executed line by line, each of its variables holds what the pass recorded."""

from __future__ import annotations

import pytest
from present.listings import run_listing

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.listing.listing import listing, listing_lines
from nnviz.tracing.steps import Grain

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


@pytest.mark.parametrize(("name", "notation"), CASES)
def test_every_line_gives_the_numbers_of_the_pass(name: str, notation: str) -> None:
    session = open_session(name, notation, example=0, update=3)
    assert run_listing(session) >= min(10, 9 * session.record.architecture.depth)


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
