"""Expressions: whatever is typed is read or refused in one line, and what is read is what NumPy makes of the record."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.debugger.commands import last
from nnviz.debugger.conditions.breakpoints import add_breakpoint
from nnviz.debugger.conditions.continuing import run
from nnviz.debugger.conditions.expressions import (
    ExpressionError,
    evaluate,
    known_at,
    read_condition,
    read_expression,
)
from nnviz.debugger.conditions.grammar import MOST_CHARACTERS, parse
from nnviz.debugger.conditions.names import describe_names, scope_of
from nnviz.debugger.state.breakpoint import AtCondition
from nnviz.debugger.state.session import Session, choose_notation, next_pass, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.training import Trainer, accuracy
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.tracing.steps import Grain, Kind, Quantity

KOEHN = last(start_session(load("koehn")))
KRZEMINSKI = last(start_session(load("krzeminski-sgd")))
LETTERS = "abxyzWd1_23 .()[]@,:<>=!+-*/^e·≤≠−"


def value(text: str, session: Session = KOEHN) -> object:
    return evaluate(read_expression(text, session), session)


@given(st.text(max_size=60) | st.text(LETTERS, max_size=60) | st.text("()[]-not ", max_size=MOST_CHARACTERS + 5))
@settings(max_examples=500)
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for read in (parse, lambda text: read_expression(text, KOEHN)):
        refused = refusal(lambda read=read: read(text))
        if refused is not None:
            assert 1 <= refused.column <= len(text) + 1
            assert "\n" not in str(refused)


def refusal(read: Callable[[], object]) -> ExpressionError | None:
    try:
        read()
    except ExpressionError as error:
        return error
    return None


TYPED = """abs max any changes and or not ( ) < == + - / ^ , 2 1e308 0 W W2[1,2] z h delta_2 delta_1[:] dW1
W1[1] loss epoch prediction(2) t norm("""
words = st.sampled_from(TYPED.split())


@given(st.lists(words, max_size=25).map(" ".join))
@settings(max_examples=500, deadline=None)
def test_what_is_read_can_be_evaluated(text: str) -> None:
    try:
        expression = read_expression(text, KOEHN)
    except ExpressionError:
        return
    next_end = last(next_pass(KOEHN))
    found = evaluate(expression, next_end)
    assert found is not None or expression.specials
    assert evaluate(pickle.loads(pickle.dumps(expression)), next_end) is not None or found is None
    if found is not None:
        assert np.shape(found) == expression.shape
        assert (np.asarray(found).dtype == bool) == expression.is_truth


ARRAYS = {
    "x": KOEHN.record.x[0, 0],
    "z1": KOEHN.record.z[0][0, 0],
    "a1": KOEHN.record.a[0][0, 0],
    "delta1": KOEHN.record.delta[0][0, 0],
    "b1": KOEHN.record.parameters.b[0],
    "W1[1]": KOEHN.record.parameters.W[0][0],
    "W1[:,2]": KOEHN.record.parameters.W[0][:, 1],
    "dW1[2]": KOEHN.record.gradients.W[0][1],
}
NUMBERS = {
    "z2": KOEHN.record.z[1][0, 0, 0],
    "W1[2,1]": KOEHN.record.parameters.W[0][1, 0],
    "dW1[1,2]": KOEHN.record.gradients.W[0][0, 1],
    "loss": KOEHN.record.loss[0],
    "W1_new[1,1]": KOEHN.record.updated.W[0][0, 0],
    "1.5": 1.5,
    "2e-3": 2e-3,
}
BINARY = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
UNARY = {"abs": np.abs, "sign": np.sign, "sqrt": np.sqrt, "exp": np.exp, "log": np.log}
REDUCED = {"min": np.min, "max": np.max, "sum": np.sum, "mean": np.mean, "norm": np.linalg.norm}
COMPARED = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "!=": np.not_equal}


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 3) -> tuple[str, object]:
    """A text of numbers and vectors, with what NumPy makes of it."""
    choice = draw(st.integers(0, 4 if depth else 1))
    if choice <= 1:
        return draw(st.sampled_from(sorted((NUMBERS if choice else ARRAYS).items(), key=str)))
    text, found = draw(arithmetic(depth - 1))
    if choice == 2:
        name = draw(st.sampled_from(sorted(UNARY)))
        return f"{name}({text})", UNARY[name](found)
    if choice == 3:
        name = draw(st.sampled_from(sorted(REDUCED)))
        return f"{name}({text})", REDUCED[name](np.atleast_1d(found))
    other, right = draw(arithmetic(depth - 1))
    sign = draw(st.sampled_from(sorted(BINARY)))
    return f"({text} {sign} -({other}))", BINARY[sign](found, -np.asarray(right))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_arithmetic_is_numpys(data: st.DataObject) -> None:
    with np.errstate(all="ignore"):
        text, expected = data.draw(arithmetic())
        other, right = data.draw(arithmetic())
        sign = data.draw(st.sampled_from(sorted(COMPARED)))
        compared = COMPARED[sign](expected, right)
        least = bool(np.all(compared))
    if len(text) + len(other) < MOST_CHARACTERS - 20:
        np.testing.assert_allclose(value(text), expected, rtol=1e-12)
        np.testing.assert_array_equal(value(f"{other} == {other}"), np.asarray(right) == np.asarray(right))
        if np.isclose(expected, right, rtol=1e-9).any():
            return
        np.testing.assert_array_equal(value(f"{text} {sign} {other}"), compared)
        assert value(f"all({text} {sign} {other})") == least
        assert value(f"any(not ({text} {sign} {other}))") == (not least)


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("name", lesson_names())
def test_every_documents_name_is_told_as_the_document_tells_it(name: str, notation: str) -> None:
    session = last(choose_notation(start_session(load(name)), load_notation(notation)))
    scope, form = scope_of(session), session.form
    for entry in scope.entries.values():
        expression = read_expression(entry.name, session)
        quantity = Quantity(entry.kind, entry.layer, time=expression.quantities[0].time)
        assert quantity.time in (0, session.record.time_steps - 1)
        if known_at(expression, session.trace) is None:
            continue
        expected = form.value(session.record, quantity)
        if entry.form is None:
            expected = replace(form, sign=1.0, units_first=False, notation=load_notation("standard")).value(
                session.record, quantity
            )
        np.testing.assert_allclose(np.ravel(value(entry.name, session)), np.ravel(expected), rtol=1e-15)
    assert {name for name, _ in describe_names(scope)} >= set(scope.entries)


def test_koehns_own_names_have_his_sign_and_orientation() -> None:
    assert value("delta_2") == pytest.approx(0.0492, abs=1e-4)  # as printed: it points downhill
    assert value("delta2") == -value("delta_2")
    assert value("delta_W2[1,1]") == pytest.approx(0.03597961, abs=1e-8)
    record = KOEHN.record
    assert value("W[1,2]") == record.parameters.W[0][1, 0]  # [unit, source]
    assert value("W1[2,1]") == record.parameters.W[0][1, 0]  # [source, unit]
    assert value("W2[1,2]") == record.parameters.W[1][1, 0]  # the document's W2, not the canonical one
    assert value("mu") == value("rate") == 1.0
    assert value("y") == value("output") == value("a2")


def test_a_name_that_both_know_is_the_documents() -> None:
    assert value("y", KRZEMINSKI) == KRZEMINSKI.record.t[0, 0, 0]
    assert value("output", KRZEMINSKI) == value("lay2", KRZEMINSKI) == KRZEMINSKI.record.a[1][0, 0, 0]
    told = dict(describe_names(scope_of(KRZEMINSKI)))
    assert told["y"].startswith("targets")
    assert "as in the document" in told["corr_w1"]
    assert "[unit, source]" in dict(describe_names(scope_of(KOEHN)))["W2"]
    assert "[source, unit]" in dict(describe_names(scope_of(KOEHN)))["W1"]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("delt_2 > 0", 1, "unknown name 'delt_2'; did you mean 'delta_2'?"),
        ("1 + abz(h)", 5, "unknown function 'abz'; did you mean 'abs'?"),
        ("h[3]", 1, "index 3 is out of range: h has 1 to 2"),
        ("h[1,1]", 1, "h takes one index: its shape is (2,)"),
        ("loss = 1", 6, "expected the end, found '='; to compare, write =="),
        ("h + W", 3, "+ between the shapes (2,) and (2, 2): they must be equal, or one side a number"),
        ("not loss", 1, "not needs truth values: add a comparison, as in … > 0"),
        ("(loss > 1) + 1", 12, "+ needs numbers, not truth values"),
        ("h(1)", 1, "unknown function 'h': it is a value; write its index in brackets: h[1]"),
        ("abs + 1", 1, "abs is a function: write abs(…)"),
        ("prediction(5)", 1, "prediction takes the number of an example, from 1 to 4"),
        ("h @ 2", 1, "there is no time step 2: the pass has 1 time step"),
        ("W @ 1", 1, "W is the same at every time step: omit '@'"),
        ("(h changes) changes", 13, "'changes' cannot be nested"),
        ("epoch[1]", 1, "epoch is a single number and takes no index"),
        ("__import__", 1, "unknown name '__import__'"),
        ("h.T", 2, "unexpected character '.'"),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        read_expression(text, KOEHN)
    assert (error.value.column, error.value.message) == (column, message)


@pytest.mark.parametrize("text", ["loss", "h > 0", "W changes and h > 0"])
def test_a_condition_has_one_answer(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"any|comparison"):
        read_condition(text, KOEHN)


def test_a_value_is_not_known_before_its_step() -> None:
    expressions = [read_expression(text, KOEHN) for text in ("h[2]", "W1_new[2]", "loss", "W1[1,1]", "dW1", "W2_new")]
    for expression in expressions:
        (quantity,) = expression.quantities
        items = [
            step.end
            for step in KOEHN.trace.at(Grain.NEURON)
            for step_quantity in [step.quantity]
            if (step_quantity.kind, step_quantity.layer) == (quantity.kind, quantity.layer)
            and quantity.unit in (None, step_quantity.unit)
            and quantity.source in (None, step_quantity.source)
        ]
        position = max(items, default=0)
        assert known_at(expression, KOEHN.trace) == position
        assert evaluate(expression, replace(KOEHN, position=position)) is not None
        if position:
            assert evaluate(expression, replace(KOEHN, position=position - 1)) is None


def test_changes_are_between_passes() -> None:
    expression = read_expression("W1[1,1] changes", KOEHN)
    assert evaluate(expression, KOEHN) is None  # there is no pass before
    second = next_pass(KOEHN)
    same = second.record.parameters.W[0][0, 0] == KOEHN.record.parameters.W[0][0, 0]
    assert evaluate(expression, second) is not same
    assert evaluate(read_expression("sign(W) changes", second), second) is False
    assert evaluate(read_expression("epoch + update changes", second), second) is True


def test_the_loss_of_an_epoch_is_the_trainers() -> None:
    session = start_session(load("krzeminski-sgd"))
    expression = read_expression("epoch_loss", session)
    for _ in range(3):
        session = last(session)
        assert evaluate(expression, session) is None
        session = next_pass(session)
    lesson = session.lesson
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    assert evaluate(expression, last(session)) == trainer.run_epoch()


def test_predictions_are_those_of_the_weights_of_the_pass() -> None:
    outputs = [value(f"prediction({number})") for number in range(1, 5)]
    assert outputs == [0.0, 1.0, 1.0, 0.0]  # Koehn's weights solve xor
    softmax = start_session(load("softmax"))
    assert evaluate(read_expression("prediction(7)", softmax), softmax) in (1.0, 2.0, 3.0)
    assert Kind.WEIGHT not in {q.kind for q in read_expression("prediction(7)", softmax).quantities}


def test_accuracy_is_that_of_all_examples_with_the_weights_of_the_pass() -> None:
    session = start_session(load("softmax"))
    assert evaluate(read_expression("accuracy", session), session) == accuracy(session.network, session.lesson.dataset)
    koehn = start_session(load("koehn"))
    assert evaluate(read_condition("accuracy == 1", koehn), koehn) is True
    stopped, _ = run(add_breakpoint(start_session(load("krzeminski-batch")), AtCondition(), "accuracy == 1"))
    update = stopped.checkpoint.update
    found = [go_to_update(stopped, each) for each in (update - 1, update)]
    right = [accuracy(s.network.with_vector(s.checkpoint.parameters), s.lesson.dataset) for s in found]
    assert right[0] != 1
    assert right[1] == 1


def test_accuracy_needs_classes() -> None:
    text = "data.targets=[[0.1],[0.2],[0.3],[0.4]]"
    with pytest.raises(ExpressionError, match="accuracy needs targets that are classes: one-hot, or of two values"):
        read_expression("accuracy", start_session(load("krzeminski-sgd", [text])))
    with pytest.raises(ExpressionError, match="accuracy is a single number and takes no index"):
        read_expression("accuracy[1]", start_session(load("koehn")))
