"""Session files with what can be undone: after opening, undo and redo lead through the same sessions bit for bit."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import assert_refused

from nnviz.debugger.branches import Branches, close_branch, one_branch, open_branch, replace_session, switch_branch
from nnviz.debugger.choices import choose
from nnviz.debugger.commands import back, step
from nnviz.debugger.conditions.breakpoints import add_breakpoint
from nnviz.debugger.edits import EditError, apply_edit, reset_to_lesson, value_at
from nnviz.debugger.state.breakpoint import AtUnit
from nnviz.debugger.state.edit import RATE, Spot
from nnviz.debugger.state.session import Session, choose_training, next_pass, previous_pass, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.debugger.undo import apply_change, redo, undo
from nnviz.lessons.catalog import load
from nnviz.lessons.loader import load_lesson
from nnviz.sessions import session_file
from nnviz.sessions import undo_part as session_undo
from nnviz.sessions.fields import SessionError
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_data, session_from, session_of_text, session_text
from nnviz.tracing.steps import Kind, Quantity

W = Spot(Quantity(Kind.WEIGHT, 0, 1, 0))
B = Spot(Quantity(Kind.BIAS, 1, 0))
X = Spot(Quantity(Kind.INPUT, unit=1), 2)
OWN_X = Spot(Quantity(Kind.INPUT, unit=0), 1)
T = Spot(Quantity(Kind.TARGET, unit=0), 0)


def edit(spot: Spot, value: float):
    return lambda session: apply_edit(session, spot, value)


CHANGES = {
    "w": edit(W, 0.5),
    "w again": lambda s: apply_edit(s, W, value_at(s, W) + 0.25),
    "b": edit(B, -0.0),
    "x": edit(X, 7.25),
    "own x": edit(OWN_X, 0.3),
    "x back": edit(X, 0.0),
    "t": edit(T, 0.75),
    "rate": edit(RATE, 0.125),
    "frozen": lambda s: choose(s, "frozen", ("b1",)),
    "loss": lambda s: choose(s, "loss", "squared"),
    "adam": lambda s: choose_training(s, replace(s.training, optimizer="adam")),
    "batch": lambda s: choose(s, "update_after", "batch"),
    "as filed": reset_to_lesson,
}
WALKS = {
    "step": step,
    "back": back,
    "next": next_pass,
    "previous": previous_pass,
    "train": lambda s: go_to_update(s, s.checkpoint.update + 7),
    "past": lambda s: go_to_update(s, max(s.run.first, s.checkpoint.update - 3)),
    "breakpoint": lambda s: add_breakpoint(s, AtUnit(0, 1)) if not s.breakpoints else s,
}


def made(branches: Branches, move: str) -> Branches:
    """The branches after a change, a walk, an undo, a redo, or another branch."""
    here = branches.here
    if move in CHANGES:
        with suppress(EditError):
            history, session = apply_change(here.history, here.session, CHANGES[move], move)
            return replace_session(branches, session, history)
        return branches
    if move == "branch":
        return open_branch(branches) if len(branches.all) < 3 else branches
    if move == "switch":
        return switch_branch(branches, (branches.current + 1) % len(branches.all))
    if move in ("undo", "redo"):
        history, session = (undo if move == "undo" else redo)(here.history, here.session)
        return replace_session(branches, session, history)
    return replace_session(branches, WALKS[move](here.session))


def again(branches: Branches) -> Branches:
    """The branches as they are opened."""
    saved = session_of_text(session_text(Saved(branches.here.session, parts={"branches": branches})))
    assert saved.notes == ()
    found = saved.parts.get("branches", one_branch(saved.session))
    assert isinstance(found, Branches)
    return found


def told(session: Session, with_run: bool = True) -> tuple[object, ...]:
    """Everything by which two sessions are the same to the learner, bit for bit."""
    names = ("notation", "training", "convention", "loss", "example", "position", "grain", "edited", "breakpoints")
    record, here = session.record, session.checkpoint
    arrays = (record.updated.vector, here.parameters, here.memory, *record.a, record.x, record.t)
    runs = session.run.first, session.run.end, len(session.run.segments)
    values = tuple(getattr(session, name) for name in names)
    return (values, here.update, with_run and runs, session.file_lesson is None, *(array.tobytes() for array in arrays))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["koehn", "krzeminski-walkthrough"]),
    st.lists(st.sampled_from(sorted((*CHANGES, *WALKS, "undo", "redo", "branch", "switch"))), max_size=16),
)
def test_undo_and_redo_go_the_same_way_after_opening(name, moves):
    branches = one_branch(start_session(load(name)))
    for move in moves:
        branches = made(branches, move)
    found = again(branches)
    for _ in range(len(branches.all)):
        for way in (*["undo"] * 12, *["redo"] * 14, "undo"):
            branches, found = made(branches, way), made(found, way)
            assert [entry.name for entry in found.here.history.done] == [e.name for e in branches.here.history.done]
            assert told(found.here.session) == told(branches.here.session)
        branches, found = made(branches, "switch"), made(found, "switch")


def changed_often(count: int) -> Branches:
    branches = one_branch(go_to_update(start_session(load("koehn")), 5))
    for number in range(count):
        branches = made(branches, "w again")
        if number % 3 == 2:
            branches = made(branches, "train")
    return branches


def test_a_change_is_undone_in_place_at_the_step_where_the_learner_is():
    branches = made(made(made(one_branch(start_session(load("koehn"))), "w"), "step"), "step")
    found = made(again(branches), "undo")
    assert found.here.session.position == branches.here.session.position > 0
    assert value_at(found.here.session, W) == value_at(start_session(load("koehn")), W)
    assert made(found, "redo").here.session.position == branches.here.session.position


def test_of_the_same_data_there_is_one_lesson():
    branches = made(made(one_branch(start_session(load("koehn"))), "x"), "w")
    found = again(branches)
    assert made(found, "undo").here.session.lesson is found.here.session.lesson
    assert made(made(found, "undo"), "undo").here.session.lesson is found.here.session.own_lesson
    both = again(open_branch(branches))
    assert both.all[0].session.lesson is both.all[1].session.lesson


def test_the_latest_changes_are_kept():
    branches = changed_often(30)
    found = again(branches)
    assert len(found.here.history.done) == session_undo.MOST_KEPT
    for _ in range(session_undo.MOST_KEPT):
        branches, found = made(branches, "undo"), made(found, "undo")
        assert told(found.here.session) == told(branches.here.session)
    assert found.here.history.done == ()
    assert len(found.here.history.undone) == session_undo.MOST_KEPT


LARGE = """format = 1
title = "Large"
[network]
inputs = 300
loss = "half_squared"
[[network.layers]]
units = 100
activation = "tanh"
[[network.layers]]
units = 2
activation = "sigmoid"
[network.init]
scheme = "xavier"
seed = 1
[data]
inputs = [[{}]]
targets = [[0, 1]]
[training]
learning_rate = 0.1
optimizer = "{}"
"""


@pytest.fixture(scope="module", params=["sgd", "adam"])
def large(request, tmp_path_factory) -> Session:
    """A session of a network of some 30 000 parameters, trained for a while."""
    path = tmp_path_factory.mktemp("large") / "large.toml"
    numbers = ", ".join(str(number / 300) for number in range(300))
    path.write_text(LARGE.format(numbers, request.param), encoding="utf-8")
    return go_to_update(start_session(load_lesson(path)), 3)


def test_changed_weights_of_a_large_network_cost_little_more_than_the_network(large):
    branches = one_branch(large)
    alone = len(session_text(Saved(large)))
    for _ in range(10):
        branches = made(branches, "w again")
    text = session_text(Saved(branches.here.session, parts={"branches": branches}))
    assert len(text) < 2.1 * alone + 100_000
    found = again(branches)
    assert len(found.here.history.done) == 10
    for _ in range(10):
        branches, found = made(branches, "undo"), made(found, "undo")
        assert told(found.here.session, with_run=False) == told(branches.here.session, with_run=False)


def test_of_a_large_network_fewer_changes_are_kept_and_the_file_stays_bounded(large):
    branches = one_branch(large)
    for _ in range(session_undo.MOST_KEPT):
        branches = made(made(branches, "w again"), "next")
    text = session_text(Saved(branches.here.session, parts={"branches": branches}))
    undone = json.dumps(json.loads(text)["undo"])
    assert len(undone) < 12 * session_undo.MOST_NUMBERS
    found = again(branches)
    assert 0 < len(found.here.history.done) < session_undo.MOST_KEPT
    for _ in found.here.history.done:
        branches, found = made(branches, "undo"), made(found, "undo")
        assert told(found.here.session, with_run=False) == told(branches.here.session, with_run=False)


def test_breakpoints_are_left_as_they_are():
    branches = made(made(changed_often(2), "breakpoint"), "undo")
    found = made(again(branches), "redo")
    assert found.here.session.breakpoints == branches.here.session.breakpoints != ()


# Older and newer


def test_an_nnviz_that_does_not_know_the_part_keeps_it_and_a_branch_that_is_no_more_is_left_out():
    branches = made(open_branch(changed_often(2), "a"), "b")
    data = session_data(Saved(branches.here.session, parts={"branches": branches}))
    older = [part for part in session_file.PARTS if part.name != "undo"]
    saved = session_from(json.loads(json.dumps(data)), tuple(older))
    assert saved.notes == ("kept but not shown, because this version of nnviz does not know it: undo",)
    left = close_branch(saved.parts["branches"], 1)
    written = session_data(replace(saved, session=left.here.session, parts={"branches": left}), tuple(older))
    opened_again = session_from(json.loads(json.dumps(written)))
    found = opened_again.parts["branches"]
    assert [len(branch.history.done) for branch in found.all] == [2]


def test_a_session_without_changes_has_no_such_part():
    session = start_session(load("koehn"))
    assert "undo" not in session_data(Saved(session, parts={"branches": open_branch(one_branch(session))}))
    assert "undo" not in session_data(Saved(session))


FAULTS = [
    (("lines", 0, "number"), 0, "undo.lines[1].number: must be from 1"),
    (("lines", 0, "done", 0, "before"), 99, "undo.lines[1].done[1].before: must be from 0 to"),
    (("lines", 0, "done", 0, "name"), "a\nb", "undo.lines[1].done[1].name: is not a valid name of a change"),
    (("lines", 0, "done"), 3, "undo.lines[1].done: must be a list"),
    (("lines", 0, "more"), 3, "undo.lines[1].more: unknown"),
    (("sessions", 0, "here"), 99, "undo.sessions[1].here: must be from 0 to"),
    (("sessions", 0, "training"), 9, "undo.sessions[1].training: must be from 0 to 0, not 9"),
    (("sessions", 0, "convention"), {}, "undo.sessions[1].convention: must be a whole number"),
    (("sessions", 0, "run", "stretches", 0, "training"), 9, "undo.sessions[1].run.stretches[1].training: must be from"),
    (("trainings", 0, "optimizer"), "sdg", "undo.trainings[1].optimizer: 'sdg' is not one of"),
    (("conventions", 0, "step"), "up", "undo.conventions[1].step: 'up' is not one of"),
    (("checkpoints",), [], "undo.checkpoints: must have"),
    (("checkpoints", 0, "like"), 0, "undo.checkpoints[1].like: unknown"),
    (("checkpoints", 1, "like"), 0, "undo.checkpoints[2].parameters: unknown"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
def test_a_mistake_is_one_clear_line(path, value, message):
    branches = changed_often(3)
    data = json.loads(session_text(Saved(branches.here.session, parts={"branches": branches})))
    assert_refused(data, ("undo", *path), value, message)


LIKE_FAULTS = [
    ([[10**6, 1]], "undo.checkpoints[3].changed[1][1]: must be from 0 to"),
    ([[0, "x"]], "undo.checkpoints[3].changed[1][2]: must be a number"),
    ([[0]], "undo.checkpoints[3].changed[1]: must have 2 entries, not 1"),
    ([[0, 1]] * 65, "undo.checkpoints[3].changed: must have 0 to 64 entries, not 65"),
]


@pytest.mark.parametrize(("changed_numbers", "message"), LIKE_FAULTS)
def test_a_mistake_in_a_checkpoint_like_another_is_one_clear_line(large, changed_numbers, message):
    branches = made(one_branch(large), "w again")
    data = json.loads(session_text(Saved(branches.here.session, parts={"branches": branches})))
    assert data["undo"]["checkpoints"][-1]["changed"]
    data["undo"]["checkpoints"][-1]["changed"] = changed_numbers
    with pytest.raises(SessionError) as caught:
        session_from(data)
    assert str(caught.value).startswith(message)
