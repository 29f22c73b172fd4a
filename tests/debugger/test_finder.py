"""The finder names every quantity of a pass, every change of convention, and the slip that made a number no value."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from weakref import ref

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strategies import Problem, conventions, problems, rules

from nnviz.debugger.edits import apply_edit
from nnviz.debugger.finder.cases import Setup
from nnviz.debugger.finder.go_to_found import go_to_found
from nnviz.debugger.finder.number_table import Columns, SortedValues, agreement, agreements
from nnviz.debugger.finder.pass_tables import PassTables, passes_of
from nnviz.debugger.finder.pasted import read_paste
from nnviz.debugger.finder.search import EXACT, TRUNCATED, Found, Result, find, search
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.found import PassChange
from nnviz.debugger.state.session import Session, choose_example, next_pass, start_session
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import make_network
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import load_notation
from nnviz.tracing.audit import recompute_from
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of


@cache
def session_of(name: str, **choices: object) -> Session:
    """A session of a bundled lesson in plain gradients, its arrays inputs first."""
    lesson = replace(load(name), convention=replace(load(name).convention, **choices))
    return plain(start_session(lesson))


def plain(session: Session, weights: str = "inputs_first") -> Session:
    """The same pass told in true gradients, whatever its lesson counts in."""
    own = session.convention
    if (session.notation.name, own.delta, own.weights) == ("standard", "gradient", weights):
        return session
    convention = replace(session.convention, delta="gradient", weights=weights)
    return replace(session, notation=load_notation("standard"), convention=convention)


def value(session: Session, kind: Kind, layer: int | None = None, unit: int | None = 0, source: int | None = None):
    return value_of(session.record, Quantity(kind, layer, unit, source))


def ask(session: Session, *numbers: float, digits: int = 6) -> Result:
    return find(plain(session), " ".join(f"{number:.{digits - 1}e}" for number in numbers))


def top(result: Result) -> Found:
    return result.answers[0].found[0]


# A pass's own values


def test_koehns_printed_figures_are_found_under_their_names():
    session = start_session(load("koehn"))
    result = find(session, "0.7425526 [0.03597961, 0.00586666]")
    firsts = [answer.found[0] for answer in result.answers]
    assert [found.quantity for found in firsts] == [
        Quantity(Kind.A, 1, 0),
        Quantity(Kind.DW, 1, 0, 0),
        Quantity(Kind.DW, 1, 0, 1),
    ]
    assert all(not found.changes and found.example == 1 and found.certainty == "certain" for found in firsts)
    assert result.joint is not None
    assert result.joint.changes == ()


@st.composite
def lessons(draw: st.DrawFn) -> Lesson:
    """A lesson of a random small network, under any convention and rule."""
    problem: Problem = draw(problems(3))
    rule = draw(rules())
    training = TrainingSettings(
        rule.optimizer, rule.rates, draw(st.sampled_from(("example", "batch"))), rule.reduce, epochs=3
    )
    return replace(
        load("koehn"),
        network=problem.network,
        dataset=Dataset(problem.x, problem.t),
        example=draw(st.integers(0, problem.x.shape[1] - 1)),
        convention=draw(conventions()),
        training=training,
        printed=(),
    )


@settings(max_examples=20, phases=(Phase.generate,))  # a network is not worth shrinking
@given(lessons(), st.data())
def test_every_quantity_of_a_random_network_is_found(lesson, data):
    session = start_session(lesson)
    steps = session.trace.at(Grain.NEURON)
    quantity = steps[data.draw(st.integers(0, len(steps) - 1))].quantity
    number = float(value_of(session.record, quantity))
    if not np.isfinite(number) or abs(number) > 1e250 or 0.0 < abs(number) < 1e-250:
        return
    result = ask(session, number)
    alike = [found for found in result.answers[0].found if not found.changes and not found.update and not found.miss]
    assert alike
    assert alike[0].value == pytest.approx(number, rel=1e-5)
    assert alike[0].example == session.example
    if result.answers[0].matching == 1 and quantity.kind not in (Kind.ERROR, Kind.LOSS):
        assert alike[0].quantity == quantity


def test_terms_and_totals_are_found():
    session = start_session(load("krzeminski-batch"))
    product = float(value_of(session.record, Quantity(Kind.PRODUCT, 1, 0, 2)))
    assert top(ask(session, product)).quantity == Quantity(Kind.PRODUCT, 1, 0, 2)
    record = session.record
    assert top(ask(session, float(record.loss.mean()))).total == "mean_loss"
    assert top(ask(session, float(record.loss.sum()))).total == "sum_loss"


def test_the_numbers_of_a_softmax_are_found():
    session = start_session(load("softmax"))
    for quantity in (Quantity(Kind.EXPONENTIAL, 1, 0, 1), Quantity(Kind.EXPONENTIAL_SUM, 1, 0)):
        found = top(ask(session, float(value_of(session.record, quantity)), digits=9))
        assert (found.quantity, found.changes) == (quantity, ())
        step = go_to_found(session, found).step
        assert step is not None
        assert step.quantity == quantity
    share = Quantity(Kind.DELTA_TERM, 1, 0, 1)
    answer = ask(session, float(value_of(session.record, share)), digits=9).answers[0]
    assert any(found.quantity == share for found in answer.found) or answer.found[0].cost < 1.0


def test_a_number_may_be_cut_instead_of_rounded():
    session = session_of("koehn")
    assert find(session, "0.74255").answers[0].found[0].agreement != TRUNCATED
    assert top(find(session, "0.742552")).agreement == TRUNCATED
    assert top(find(session, "0.7425526…")).agreement == TRUNCATED
    assert top(find(session, "-2")).agreement == EXACT


def test_few_digits_are_said_to_fit_many():
    answer = find(session_of("koehn"), "0").answers[0]
    assert answer.matching > 3
    assert answer.found[0].certainty == "chance"


# Other passes


def test_another_example_and_other_updates_are_named():
    session = session_of("koehn")
    other = choose_example(session, 3)
    found = top(ask(session, float(value(other, Kind.Z, 1))))
    assert (found.quantity, found.example, found.changes) == (Quantity(Kind.Z, 1, 0), 3, ())
    later = next_pass(session)
    found = top(ask(session, float(value(later, Kind.Z, 1))))
    assert (found.quantity, found.example, found.update) == (Quantity(Kind.Z, 1, 0), later.example, 1)
    found = top(ask(later, float(value(session, Kind.DELTA, 0, 1))))
    assert (found.quantity, found.example, found.update) == (Quantity(Kind.DELTA, 0, 1), 1, -1)


def test_the_update_before_an_edit_of_the_data_is_of_the_data_before():
    session = session_of("koehn")
    edited = apply_edit(next_pass(session), Spot(Quantity(Kind.INPUT, unit=0), session.example), 0.375)
    found = top(ask(edited, float(value(session, Kind.DELTA, 0, 1))))
    assert (found.quantity, found.example, found.update) == (Quantity(Kind.DELTA, 0, 1), session.example, -1)
    # of that update, with the data as they are now, nothing is claimed
    other = apply_edit(session, Spot(Quantity(Kind.INPUT, unit=0), session.example), 0.375)
    assert value(other, Kind.DELTA, 0, 1) != value(session, Kind.DELTA, 0, 1)


def test_an_earlier_update_is_replayed_where_no_pass_is_remembered():
    lesson = load("krzeminski-batch")
    earlier, here = start_session(lesson, update=4), start_session(lesson, update=5)
    found = top(ask(here, float(value(earlier, Kind.W_NEW, 1, 0, 1)), digits=12))
    assert found.quantity.kind in (Kind.W_NEW, Kind.WEIGHT)
    found = top(ask(here, float(value(earlier, Kind.DELTA, 1))))
    assert (found.quantity.kind, found.update) == (Kind.DELTA, -1)


# Changed conventions: what another session computes is asked of this one


def with_convention(**changes: object) -> Callable[[Lesson], Lesson]:
    return lambda lesson: replace(lesson, convention=replace(lesson.convention, **changes))


def with_training(**changes: object) -> Callable[[Lesson], Lesson]:
    return lambda lesson: replace(lesson, training=replace(lesson.training, **changes))


def with_loss(loss: str) -> Callable[[Lesson], Lesson]:
    def change(lesson: Lesson) -> Lesson:
        architecture = replace(lesson.network.architecture, loss=loss)
        return replace(lesson, network=make_network(architecture, lesson.network.parameters.vector))

    return change


def without_biases(lesson: Lesson) -> Lesson:
    vector = lesson.network.parameters.vector.copy()
    for slots in lesson.network.architecture.slots:
        vector[slots["b"]] = 0.0
    return replace(lesson, network=lesson.network.with_vector(vector))


def transposed(lesson: Lesson) -> Lesson:
    vector = lesson.network.parameters.vector.copy()
    slot = lesson.network.architecture.slots[0]["W"]
    vector[slot] = lesson.network.W[0].T.ravel()
    return replace(lesson, network=lesson.network.with_vector(vector))


def hidden_linear(lesson: Lesson) -> Lesson:
    architecture = lesson.network.architecture
    layers = (replace(architecture.layers[0], activation="linear"), *architecture.layers[1:])
    return replace(lesson, network=make_network(replace(architecture, layers=layers), lesson.network.parameters.vector))


CHANGES = [
    ("koehn", with_loss("squared"), PassChange("loss", "squared"), (Kind.LOSS, None, None)),
    ("koehn", with_loss("squared"), PassChange("loss", "squared"), (Kind.DELTA, 0, 1)),
    ("graph", with_loss("half_squared"), PassChange("loss", "half_squared"), (Kind.DELTA, 0, 1)),
    ("from-scratch", with_loss("squared"), PassChange("loss", "squared"), (Kind.LOSS, None, None)),
    ("koehn", with_convention(slope="product_of_z"), PassChange("slope", "product_of_z"), (Kind.DELTA, 1, 0)),
    (
        "from-scratch",
        with_convention(slope="derivative_of_a"),
        PassChange("slope", "derivative_of_a"),
        (Kind.DELTA, 1, 1),
    ),
    ("koehn", with_convention(update="sequential"), PassChange("update_order", "sequential"), (Kind.DE_DA, 0, 1)),
    ("koehn", with_convention(step="uphill"), PassChange("step", "uphill"), (Kind.W_NEW, 1, 0)),
    ("krzeminski-batch", with_training(reduce="mean"), PassChange("reduce", "mean"), (Kind.DW, 1, 0)),
    ("koehn", with_training(update_after="batch"), PassChange("batch", "batch"), (Kind.DW, 1, 0)),
    ("krzeminski-batch", with_training(update_after="example"), PassChange("batch", "example"), (Kind.W_NEW, 1, 0)),
    ("koehn", without_biases, PassChange("bias", "none"), (Kind.Z, 1, 0)),
    ("koehn", transposed, PassChange("transposed", "W1"), (Kind.A, 1, 0)),
    ("koehn", hidden_linear, PassChange("activation", "hidden linear"), (Kind.A, 1, 0)),
]


@pytest.mark.parametrize(("name", "change", "expected", "place"), CHANGES)
def test_each_change_of_convention_is_recognised(name, change, expected, place):
    lesson = load(name)
    other = start_session(change(lesson))
    kind, layer, unit = place
    source = 0 if kind in (Kind.DW, Kind.W_NEW) else None
    quantity = Quantity(kind, layer, unit, source)
    found = top(ask(start_session(lesson), float(value_of(other.record, quantity))))
    assert found.changes == (expected,)
    assert found.quantity == quantity


def test_frozen_biases_are_recognised_one_update_later():
    lesson = load("koehn")
    frozen = next_pass(start_session(replace(lesson, convention=replace(lesson.convention, frozen=("biases",)))))
    found = top(ask(start_session(lesson), float(value(frozen, Kind.A, 1))))
    assert (found.update, found.changes) == (1, (PassChange("frozen", "biases"),))


def test_a_cut_through_time_is_recognised():
    lesson = load("koehn")
    generator = np.random.default_rng(3)
    architecture = replace(
        lesson.network.architecture,
        layers=(replace(lesson.network.architecture.layers[0], recurrent=True), lesson.network.architecture.layers[1]),
    )
    network = make_network(architecture, generator.standard_normal(architecture.parameter_count))
    data = Dataset(generator.standard_normal((3, 2, 2)), generator.standard_normal((3, 2, 1)))
    lesson = replace(lesson, network=network, dataset=data, printed=())
    cut = start_session(replace(lesson, convention=Convention(through_time="one_step")))
    found = top(ask(start_session(lesson), float(value(cut, Kind.DW, 0, 1, 0))))
    assert found.changes == (PassChange("through_time", "one_step"),)


def test_sign_rate_and_logarithm_are_told_otherwise():
    session = session_of("koehn")
    found = top(ask(session, -float(value(session, Kind.DE_DA, 1))))
    assert found.changes == (PassChange("sign"),)
    batch = start_session(load("krzeminski-batch"))
    found = top(ask(batch, 0.1 * float(value(batch, Kind.DW, 0, 1, 0))))
    assert found.changes == (PassChange("rate", "applied"),) or found.total == "change"
    softmax = start_session(load("softmax"))
    found = top(ask(softmax, float(value(softmax, Kind.LOSS, None, None)) / np.log(2)))
    assert found.changes == (PassChange("logarithm", "2"),)


def test_two_changes_at_once_are_recognised():
    lesson = load("krzeminski-batch")
    both = start_session(with_loss("squared")(with_convention(slope="product_of_z")(lesson)))
    result = ask(start_session(lesson), *(float(value(both, Kind.DELTA, 0, unit)) for unit in range(3)))
    assert result.joint is not None
    assert set(result.joint.changes) == {PassChange("loss", "squared"), PassChange("slope", "product_of_z")}


def test_the_walkthroughs_three_slips_are_recognised_from_the_right_lesson():
    walkthrough = load("krzeminski-walkthrough")
    right = replace(walkthrough, convention=Convention())
    slips = start_session(walkthrough)
    numbers = [float(value(slips, Kind.DE_DA, 0, unit)) for unit in range(3)]
    numbers += [float(value(slips, Kind.DELTA, 1)), float(value(slips, Kind.W_NEW, 1, 0, 1))]
    joint = ask(start_session(right), *numbers).joint
    assert joint is not None
    assert {change.name for change in joint.changes} == {"slope", "step", "update_order"}


# Several numbers


def test_one_change_explains_all_numbers_together():
    session = session_of("koehn")
    numbers = [-float(value(session, Kind.DE_DA, 0, unit)) for unit in range(2)]
    numbers.append(-float(value(session, Kind.DE_DA, 1)))
    numbers.append(float(value(session, Kind.A, 1)))
    result = ask(session, *numbers, digits=3)
    assert result.joint is not None
    assert result.joint.explained == (0, 1, 2, 3)
    assert result.joint.changes == (PassChange("sign"),)
    assert result.answers[3].found[0].changes == ()


def test_a_matrix_is_known_in_either_orientation():
    session = session_of("krzeminski-batch")
    matrix = session.record.gradients.W[0]  # (2, 3)
    for array, turned in ((matrix, False), (matrix.T, True)):
        text = "\n".join(" ".join(f"{number:.5f}" for number in row) for row in array)
        joint = find(session, text).joint
        assert joint is not None
        assert joint.whole is not None
        assert (joint.whole.quantity, joint.whole.turned) == (Quantity(Kind.DW, 0), turned)
    turned = plain(session, "units_first")
    text = "\n".join(" ".join(f"{number:.5f}" for number in row) for row in matrix.T)
    joint = find(turned, text).joint
    assert joint is not None
    assert joint.whole is not None
    assert not joint.whole.turned


def test_digits_that_chance_would_match_bring_no_change():
    result = find(session_of("koehn"), "0.7426 0.5 0.2")
    assert result.joint is None or result.joint.changes == ()


# Near misses


def test_rounding_carried_along_is_simulated():
    session = session_of("krzeminski-sgd")
    quantity = Quantity(Kind.A, 1, 0)
    # By hand: the weighted sum from products of rounded activations, rounded, and its sigmoid.
    parts = operands_of(session.trace, Quantity(Kind.Z, 1, 0))
    rounded = [round(part.value, 2) if part.quantity.kind is Kind.A else part.value for part in parts]
    z = round(recompute_from(session.trace, Quantity(Kind.Z, 1, 0), parts, rounded), 2)
    a = 1.0 / (1.0 + np.exp(-z))
    assert f"{a:.5f}" != f"{session.record.a[1][0, session.record.row, 0]:.5f}"
    found = next(found for found in find(session, f"{a:.5f}").answers[0].found if found.miss is not None)
    assert found.miss is not None
    assert (found.quantity, found.miss.amount) == (quantity, 2)
    assert found.miss.name in ("carried", "operands")


@pytest.mark.parametrize(
    ("text", "name"),
    [("0.7462", "swapped"), ("0.742559", "last_digit"), ("-0.742553", "sign"), ("1.485105", "factor")],
)
def test_slips_are_named(text, name):
    result = find(session_of("koehn"), text)
    found = top(result)
    assert found.miss is not None
    assert (found.miss.name, found.quantity) == (name, Quantity(Kind.A, 1, 0))
    assert not result.is_found


def test_a_stranger_gets_the_nearest_value():
    result = find(session_of("koehn"), "0.70501")
    names = [found.miss.name for found in result.answers[0].found if found.miss is not None]
    assert "nearest" in names
    assert not result.is_found


# The search itself


def test_a_search_tells_as_it_goes_and_ends_when_no_more_is_taken():
    session = session_of("koehn")
    finding = next(search(session, read_paste("0.7425526")))
    first = finding.result()
    assert not first.is_finished
    assert top(first).quantity == Quantity(Kind.A, 1, 0)


def test_large_data_and_networks_are_searched():
    for name in ("softmax", "graph-20-50-10"):
        session = start_session(load(name))
        number = float(session.record.z[0][0, session.record.row, 1])
        found = top(ask(session, number, digits=9))
        assert (found.quantity, found.example) == (Quantity(Kind.Z, 0, 1), session.example)


def test_a_row_of_a_large_batch_is_named_by_its_example():
    session = start_session(load("softmax"))
    number = float(session.record.z[0][0, 1234, 1])
    found = top(ask(session, number, digits=9))
    assert (found.quantity, session.record.examples[1234]) == (Quantity(Kind.Z, 0, 1), found.example)


@pytest.mark.parametrize("name", ["koehn", "krzeminski-walkthrough", "softmax", "from-scratch-as-printed"])
def test_no_garbage_makes_it_fail(name):
    session = start_session(load(name))
    for text in ("0", "1e-300 -1e300", "100 %", "0.0000001", "123456789.123456789", "1 2 3 4 5 6 7 8 9"):
        assert find(session, text).answers


# Going there


def test_what_is_found_is_gone_to():
    session = session_of("koehn")
    for quantity in (Quantity(Kind.DELTA, 0, 1), Quantity(Kind.PRODUCT, 1, 0, 1), Quantity(Kind.WEIGHT, 0, 1, 0)):
        moved = go_to_found(session, Found(quantity, 0.0, 1))
        assert moved.selection == quantity
        assert moved.step is not None
        if quantity.kind is not Kind.WEIGHT:
            assert moved.step.quantity == quantity
    moved = go_to_found(session, Found(Quantity(Kind.A, 1, 0), 0.0, 3, update=1))
    assert (moved.example, moved.checkpoint.update) == (3, 1)
    assert moved.step is not None
    assert moved.step.quantity == Quantity(Kind.A, 1, 0)
    assert go_to_found(moved, Found(Quantity(Kind.A, 1, 0), 0.0, 1, update=-1)).checkpoint.update == 0


def test_the_passes_searched_are_the_engines():
    session = session_of("koehn")
    record = run_pass(
        session.lesson.network,
        session.lesson.dataset.inputs[:, [1]],
        session.lesson.dataset.targets[:, [1]],
        replace(session.lesson.convention, update="sequential"),
        session.training.rule(),
    )
    found = top(ask(session, float(record.delta[0][0, 0, 1]), digits=15))
    assert found.value == record.delta[0][0, 0, 1]


def test_equal_numbers_have_equal_answers_and_are_searched_once() -> None:
    koehn = start_session(load("koehn"))
    found = find(koehn, "0.74 0.3 0.740 0.74 0.3")
    assert [answer.number.text for answer in found.answers] == ["0.74", "0.3", "0.740", "0.74", "0.3"]
    assert found.answers[0].found == found.answers[3].found
    assert found.answers[1].found == found.answers[4].found
    assert found.answers[0].matching == found.answers[3].matching
    alone = find(koehn, "0.740").answers[0]
    assert found.answers[2].matching == alone.matching


def test_agreements_of_many_numbers_are_those_of_each() -> None:
    koehn = start_session(load("koehn"))
    numbers = read_paste("0.74 0.7425526 -0.5 3 0.12… 1/4 25% 5.03 0 1e-3").numbers
    values = PassTables(koehn.form).table_of(koehn.record).values
    together = agreements(np.append(values, [np.nan, np.inf, -np.inf]), numbers)
    for row, number in zip(together, numbers, strict=True):
        assert row[:-3].tolist() == agreement(values, number).tolist()
        assert not row[-3:].any()


@pytest.mark.parametrize("name", lesson_names())
def test_sorted_values_agree_with_the_same_numbers(name: str) -> None:
    session = start_session(load(name))
    values = np.append(PassTables(session.form).table_of(session.record, rows=True).values, [np.nan, np.inf, -np.inf])
    shown = " ".join(f"{value:.{digits}f}" for value in values[:60:3] for digits in (1, 2, 4, 9))
    numbers = read_paste(f"{shown} 0 1 -1 3 0.12… -0.3… 1/4 1/3 25% 5.03 1e-3 2e300 1e-300").numbers
    dense = agreements(values, numbers)
    places, indices = np.nonzero(dense)
    sparse = SortedValues.of(values).agreeing(Columns.of(numbers))
    assert sparse.numbers == len(numbers)
    assert sparse.places.tolist() == places.tolist()
    assert sparse.indices.tolist() == indices.tolist()
    assert sparse.codes.tolist() == dense[places, indices].tolist()


def test_a_search_after_one_that_was_interrupted_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    session, whole = start_session(load("koehn")), len([*passes_of(start_session(load("koehn")))])

    def interrupted(setup: Setup) -> PassRecord:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Setup, "record", interrupted)
        with pytest.raises(KeyboardInterrupt):
            find(session, "0.7426")
    assert len([*passes_of(session)]) == whole > 100


def test_only_the_session_searched_last_keeps_its_passes() -> None:
    first, second = (start_session(load("koehn")) for _ in range(2))
    kept = passes_of(first)
    assert passes_of(first) is kept
    found = ref(kept)
    del kept
    assert found() is not None
    passes_of(second)
    assert found() is None


@pytest.mark.parametrize("name", ["softmax", "graph-20-50-10"])
def test_hundreds_of_numbers_are_answered(name: str) -> None:
    dice = random.Random(1)
    session, text = start_session(load(name)), " ".join(f"{dice.uniform(-1, 1):.4f}" for _ in range(400))
    assert len(find(session, text).answers) == 400


def test_values_within_a_unit_agree_loosely():
    values = np.array([0.12, 0.1249, 0.13, 0.131, -0.12, np.nan, 5.0])
    loose = SortedValues.of(values).agreeing(Columns.of(read_paste("0.12 5").numbers), is_loose=True)
    assert list(zip(loose.places.tolist(), loose.indices.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 6)]
