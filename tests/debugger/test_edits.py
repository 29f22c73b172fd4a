"""What if: every edited pass is the one made from scratch with the edited numbers, and undoing restores every bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vocabulary import assert_same_pass

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import back, step
from nnviz.debugger.edits import (
    EditError,
    apply_edit,
    count_differences,
    read_number,
    reset_to_lesson,
    spot_of,
    value_at,
)
from nnviz.debugger.state import run as run_module
from nnviz.debugger.state.edit import RATE, Spot
from nnviz.debugger.state.run import same_data_from
from nnviz.debugger.state.session import Session, choose_checkpoint, is_changed, next_pass, previous_pass, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.debugger.undo import UndoEntry, UndoHistory, apply_change, discard_change, redo, undo, with_change
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.core.printed import is_first_pass
from nnviz.present.words.card import captions_of
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity
from nnviz.tracing.values import value_of

ADAM = ["training.update_after=3", 'training.optimizer="adam"']
W = Spot(Quantity(Kind.WEIGHT, 0, 1, 0))
X = Spot(Quantity(Kind.INPUT, unit=1), 1)  # of the example that the lesson steps first
T = Spot(Quantity(Kind.TARGET, unit=0), 1)


def from_scratch(session: Session, edits: list[tuple[Spot, float]]) -> PassRecord:
    """The pass of the lesson's own numbers with some of them written over, by the names of their arrays."""
    lesson = load(session.lesson.name)
    parameters = lesson.network.with_vector(lesson.network.parameters.vector).parameters
    vector, inputs, targets = (
        np.array(array) for array in (parameters.vector, lesson.dataset.inputs, lesson.dataset.targets)
    )
    rates = session.training.rates
    for spot, value in edits:
        quantity = spot.quantity
        if quantity is None:
            rates = replace(rates, learning_rate=value)
        elif quantity.kind is Kind.INPUT:
            inputs[quantity.time, spot.example, quantity.unit] = value
        elif quantity.kind is Kind.TARGET:
            targets[quantity.time, spot.example, quantity.unit] = value
        else:
            name = next(name for name, kinds in PARAMETER_KINDS.items() if kinds.value is quantity.kind)
            slot = lesson.network.architecture.slots[quantity.layer][name]
            part = vector[slot].reshape(parameters.part(name, quantity.layer).shape)
            if quantity.source is None:
                part[quantity.unit] = value
            else:
                part[quantity.source, quantity.unit] = value
    rows = list(session.record.examples)
    return run_pass(
        lesson.network.with_vector(vector),
        inputs[:, rows],
        targets[:, rows],
        lesson.convention,
        replace(session.training, rates=rates).rule(),
        examples=rows,
        row=session.record.row,
    )


def spots(session: Session) -> list[Spot]:
    """The first and last item of every vector and matrix that can be edited, and the rate."""
    record, found = session.record, [RATE]
    sizes = record.architecture.sizes
    last = record.time_steps - 1
    for kind, units in ((Kind.INPUT, sizes[0]), (Kind.TARGET, sizes[-1])):
        if kind is Kind.TARGET and not record.shows_target(last):
            continue
        found += [Spot(Quantity(kind, unit=units - 1, time=last), session.example)]
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            kinds, shape = PARAMETER_KINDS[name], record.architecture.shape(name, layer)
            assert shape is not None
            source = shape[0] - 1 if kinds.is_matrix else None
            found += [Spot(Quantity(kinds.value, layer, 0, 0 if kinds.is_matrix else None))]
            found += [Spot(Quantity(kinds.value, layer, shape[-1] - 1, source))]
    return found


@pytest.mark.parametrize("name", lesson_names())
def test_an_edited_pass_is_the_one_made_from_the_edited_numbers(name: str) -> None:
    session = start_session(load(name))
    edits = [(spot, 0.25 + 0.125 * at) for at, spot in enumerate(dict.fromkeys(spots(session)))]
    allowed = [(spot, min(value, 1.0) if spot.quantity and spot.quantity.kind is Kind.TARGET else value)
               for spot, value in edits]  # fmt: skip
    for spot, value in allowed:
        before = session
        session = apply_edit(session, spot, value)
        assert value_at(session, spot) == value
        assert before.position == session.position
        assert session is before or session.compared is not None
    assert_same_pass(session.record, from_scratch(session, allowed))


def test_an_edit_stays_at_the_step_and_remembers_what_was() -> None:
    session = start_session(load("koehn"))
    for _ in range(9):
        session = step(session)
    edited = apply_edit(session, W, 0.5)
    assert edited.position == session.position
    assert edited.step == session.step
    assert edited.compared is not None
    assert edited.compared.record is session.record
    assert edited.lesson is session.lesson
    (edit,) = edited.edits
    assert (edit.spot, edit.value, edit.old) == (W, 0.5, value_at(session, W))


def test_what_is_not_edited_keeps_its_bits() -> None:
    session = start_session(load("koehn"))
    edited = apply_edit(session, W, -0.0)
    changed = np.flatnonzero(
        session.checkpoint.parameters.view(np.int64) != edited.checkpoint.parameters.view(np.int64)
    )
    assert len(changed) == 1
    assert value_of(edited.record, W.quantity) == 0.0  # type: ignore[arg-type]
    assert apply_edit(edited, W, -0.0) is edited
    assert apply_edit(edited, W, 0.0) is not edited, "minus nought is another number"


def test_a_number_put_back_is_no_edit() -> None:
    session = start_session(load("koehn"))
    edited = apply_edit(apply_edit(session, W, 0.5), X, 0.25)
    assert len(edited.edits) == 2
    again = apply_edit(apply_edit(edited, X, value_at(session, X)), W, value_at(session, W))
    assert again.edits == ()
    assert again.lesson is session.lesson
    assert again.file_lesson is None
    assert not count_differences(again)
    assert_same_pass(again.record, session.record)


def test_printed_figures_and_captions_are_not_claimed_of_an_edited_pass() -> None:
    session = start_session(load("koehn"))
    assert is_first_pass(session)
    for spot, value in ((W, 0.5), (X, 0.5), (T, 0.5), (RATE, 0.25)):
        edited = apply_edit(session, spot, value)
        assert not is_first_pass(edited)
        assert bool(captions_of(edited)) == (spot is RATE), "another rate makes no sentence untrue"


def test_edits_of_data_are_of_one_example_and_reach_the_next_pass() -> None:
    lesson = load("graph")
    spot = Spot(Quantity(Kind.TARGET, unit=0), lesson.example)
    session = apply_edit(start_session(lesson), spot, 0.5)
    assert lesson.dataset.targets[0, lesson.example, 0] != 0.5, "the lesson's own data stay"
    changed = session.lesson.dataset.targets != lesson.dataset.targets
    assert int(changed.sum()) == 1
    assert session.own_lesson is lesson
    after = next_pass(session)
    assert value_at(after, spot) == 0.5
    row = after.record.examples.index(lesson.example)
    assert value_of(after.record, Quantity(Kind.TARGET, unit=0, example=row)) == 0.5
    assert previous_pass(after).lesson is session.lesson


def bits(session: Session) -> tuple[object, ...]:
    """A pass, bit for bit: its data, the order of its examples, and the parameters before and after it."""
    record, data = session.record, session.lesson.dataset
    arrays = (record.x, record.t, record.parameters.vector, record.updated.vector, data.inputs, data.targets)
    return (session.checkpoint.update, record.examples, session.example, *(array.tobytes() for array in arrays))


@pytest.mark.parametrize("name", ["krzeminski-sgd", "shuffled", "krzeminski-rnn"])
def test_an_edit_of_data_is_stepped_back_over_bit_for_bit(name: str) -> None:
    lesson = load(name) if name != "shuffled" else load("krzeminski-sgd", ["training.shuffle=true", *ADAM])
    session, passes, edits = start_session(lesson), {}, {}
    made = {5: (Kind.INPUT, 0.25), 6: (Kind.TARGET, 0.75), 9: (Kind.INPUT, 0.5), 14: (Kind.WEIGHT, -2.0)}
    for update in range(20):
        if update in made:
            kind, value = made[update]
            place = Quantity(kind, 0, 0, 0) if kind is Kind.WEIGHT else Quantity(kind, unit=0)
            session = apply_edit(session, Spot(place, None if kind is Kind.WEIGHT else 1), value)
        passes[update], edits[update] = bits(session), [(edit.value, edit.update) for edit in session.edits]
        session = next_pass(session)
    assert (session.run.first, len(session.run.segments)) == (0, 5)
    assert edits[4] == []
    assert edits[8] == [(0.25, 5), (0.75, 6)]
    assert edits[13] == [(0.75, 6), (0.5, 9)], "a number edited again is one edit"
    for update in reversed(range(20)):
        session = previous_pass(session)
        assert bits(session) == passes[update]
        assert [(edit.value, edit.update) for edit in session.edits] == edits[update]
        assert (session.lesson is lesson) == (session.file_lesson is None) == (update < 5)
        assert not is_changed(session)
    assert is_first_pass(session) or not lesson.printed
    for update in (7, 3, 19, 9, 0, 14):
        found = go_to_update(session, update)
        assert bits(found) == passes[update]
        assert bits(next_pass(found)) == bits(go_to_update(session, update + 1))


def test_going_on_from_before_an_edit_of_data_without_changing_anything_meets_it_again() -> None:
    session = go_to_update(start_session(load("koehn")), 5)
    edited = apply_edit(session, X, 0.5)
    ahead = go_to_update(edited, 8)
    back = previous_pass(previous_pass(go_to_update(ahead, 6)))
    assert (back.checkpoint.update, back.edits) == (4, ())
    again = next_pass(back)
    assert bits(again) == bits(edited)
    assert again.run.end == 8
    cut = apply_edit(back, X, 0.125)
    assert (cut.run.end, value_at(cut, X)) == (4, 0.125)
    assert value_at(go_to_update(cut, 7), X) == 0.125


def test_of_large_data_edited_often_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    session = start_session(load("koehn"))
    size = session.lesson.dataset.inputs.nbytes
    monkeypatch.setattr(run_module, "DATA_BUDGET", 3 * size + session.lesson.dataset.targets.nbytes)
    for update in range(1, 6):
        session = apply_edit(go_to_update(session, update), X, update / 8)
    assert (session.run.first, session.run.end) == (3, 5)
    assert value_at(go_to_update(session, 3), X) == 3 / 8


def test_of_the_same_data_the_run_knows_where_they_began() -> None:
    session = go_to_update(start_session(load("koehn")), 5)
    assert same_data_from(session.run) == 0
    edited = go_to_update(apply_edit(session, X, 0.5), 8)
    faster = next_pass(apply_edit(edited, RATE, 0.25))
    assert same_data_from(faster.run) == 5
    assert same_data_from(apply_edit(faster, X, value_at(session, X)).run) == 9


def test_going_back_before_an_edit_of_weights_leaves_it_behind() -> None:
    session = next_pass(start_session(load("koehn")))
    edited = apply_edit(session, W, 0.5)
    assert len(edited.edits) == 1
    assert len(next_pass(edited).edits) == 1
    earlier = previous_pass(edited)
    assert earlier.edits == ()
    assert is_first_pass(earlier)
    assert choose_checkpoint(edited, start_session(load("koehn")).checkpoint).edits == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Enter a number"),
        ("one", "“one” is not a number"),
        ("nan", "“nan” is not a finite number"),
        ("1e999", "“1e999” is beyond the range of floating-point numbers"),
        ("5_1", "“5_1” is not a number: an underscore is no part of a number"),
        ("1.2.3", "“1.2.3” is not a number: its points and commas are not those of one number"),
        ("1/" + "9" * 400, "is beyond the range of floating-point numbers"),
    ],
)
def test_what_is_no_number_is_told_in_a_line(text: str, message: str) -> None:
    with pytest.raises(EditError, match=message):
        read_number(text)


def test_numbers_are_read_as_people_write_them() -> None:
    assert read_number(" \N{MINUS SIGN}1.5e-3 ") == -0.0015
    for text in ("0,332", "0·332", "0.332f", "３３.２%", "3.32×10^-1", "332/1000"):
        assert read_number(text) == 0.332
    assert read_number("1,234.5") == read_number("1.234,5") == read_number("1'234.5") == 1234.5


def test_numbers_that_cannot_stand_there() -> None:
    session = start_session(load("koehn"))
    for value in (0.0, -1.0, 1e6):
        with pytest.raises(EditError, match="The learning rate must be above 0"):
            apply_edit(session, RATE, value)
    with pytest.raises(EditError, match="must be finite"):
        apply_edit(session, W, float("inf"))
    counted = choose(session, "loss", "binary_cross_entropy")
    with pytest.raises(EditError, match="Binary cross entropy needs targets from 0 to 1"):
        apply_edit(counted, T, 1.5)
    assert value_at(apply_edit(session, T, 1.5), T) == 1.5


def test_only_single_numbers_that_are_given_can_be_edited() -> None:
    session = start_session(load("koehn"))
    assert spot_of(session, None) is None
    for quantity in (Quantity(Kind.WEIGHT, 0), Quantity(Kind.WEIGHT, 0, 1), Quantity(Kind.A, 0, 1)):
        assert spot_of(session, quantity) is None
    assert spot_of(session, Quantity(Kind.INPUT, None, 1)) == X


def test_frozen_parameters_may_be_edited() -> None:
    session = start_session(load("koehn"))
    frozen = choose(session, "frozen", ("weights",))
    assert value_at(apply_edit(frozen, W, 0.5), W) == 0.5


def test_reset_gives_the_lesson_back() -> None:
    session = step(step(start_session(load("koehn"))))
    changed = apply_edit(apply_edit(apply_edit(session, W, 0.5), T, 0.25), RATE, 0.125)
    changed = choose(changed, "update", "sequential")
    again = reset_to_lesson(changed)
    assert again.position == session.position
    assert again.lesson is session.lesson
    assert not count_differences(again)
    assert_same_pass(again.record, session.record)
    assert reset_to_lesson(session) is session
    later = reset_to_lesson(next_pass(changed))
    assert (later.checkpoint.update, later.position) == (0, 0)
    assert_same_pass(later.record, session.record)


def test_undo_takes_back_changes_and_not_the_walk() -> None:
    session = start_session(load("koehn"))
    edited = apply_edit(session, W, 0.5)
    history = with_change(UndoHistory(), UndoEntry("edit", session, edited))
    walked = step(step(edited))
    history, undone = undo(history, walked)
    assert undone.position == walked.position
    assert_same_pass(undone.record, session.record)
    assert undone.checkpoint is session.checkpoint
    history, redone = redo(history, step(undone))
    assert redone.position == walked.position + 1
    assert_same_pass(redone.record, edited.record)
    assert not history.undone


def test_undo_from_another_pass_goes_back_to_where_the_change_was_and_redo_returns() -> None:
    session = step(start_session(load("koehn")))
    edited = apply_edit(session, W, 0.5)
    history = with_change(UndoHistory(), UndoEntry("edit", session, edited))
    later = step(next_pass(edited))
    history, undone = undo(history, later)
    assert undone.checkpoint is session.checkpoint
    assert undone.position == session.position
    history, redone = redo(history, undone)
    assert redone == later


def test_changes_of_one_key_are_undone_at_once() -> None:
    session = start_session(load("koehn"))
    history, moved = UndoHistory(), session
    for value in (0.5, 0.6, 0.7):
        history, moved = apply_change(history, moved, lambda s, v=value: apply_edit(s, W, v), f"{value}", "key")
    assert [entry.name for entry in history.done] == ["0.7"]
    assert moved.compared is not None
    assert moved.compared.record is session.record, "the old number is that before the drag"
    _, undone = undo(history, moved)
    assert undone.checkpoint is session.checkpoint
    left, there = discard_change(history, moved, "key")
    assert there is session
    assert not left.done
    assert not left.undone
    assert discard_change(history, moved, "another") == (history, moved)
    history, moved = apply_change(history, moved, lambda s: apply_edit(s, W, value_at(session, W)), "back", "key")
    assert moved is session
    assert not history.done


moves = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from([W, X, T, RATE]), st.floats(0.125, 1.0, width=32)),
        st.sampled_from([("undo",), ("redo",), ("step",), ("back",), ("next",), ("slope",)]),
    ),
    max_size=25,
)


def state_of(session: Session) -> tuple[object, ...]:
    dataset = session.lesson.dataset
    return (
        session.checkpoint.parameters.tobytes(),
        session.checkpoint.memory.tobytes(),
        dataset.inputs.tobytes(),
        dataset.targets.tobytes(),
        session.training,
        session.convention,
        session.edits,
    )


@given(moves)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_way_of_editing_undoing_and_redoing_keeps_every_bit(way: list[tuple[object, ...]]) -> None:
    session, history = start_session(load("koehn")), UndoHistory()
    undone: list[tuple[object, ...]] = []
    for name, *rest in way:
        before = session
        if name in ("edit", "slope"):
            if name == "edit":
                session = apply_edit(session, rest[0], rest[1])  # type: ignore[arg-type]
            else:
                session = choose(session, "slope", "derivative_of_a")
            if session is not before:
                history = with_change(history, UndoEntry(str(name), before, session))
                undone.clear()
        elif name == "undo":
            could = bool(history.done)
            wanted = state_of(history.done[-1].before) if could else None
            history, session = undo(history, session)
            if could:
                assert state_of(session) == wanted
                undone.append(state_of(before))
        elif name == "redo":
            could = bool(history.undone)
            history, session = redo(history, session)
            if could and session.checkpoint.update == before.checkpoint.update and undone:
                undone.pop()
        else:
            session = {"step": step, "back": back, "next": next_pass}[str(name)](session)
        assert 0 <= session.position <= session.trace.end
        assert_same_pass(
            session.record,
            run_pass(
                session.network.with_vector(session.checkpoint.parameters),
                session.lesson.dataset.inputs[:, list(session.record.examples)],
                session.lesson.dataset.targets[:, list(session.record.examples)],
                session.convention,
                session.training.rule(),
                examples=session.record.examples,
                row=session.record.row,
                memory=session.checkpoint.memory,
                count=session.checkpoint.update + 1,
            ),
        )
