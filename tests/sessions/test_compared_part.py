"""Session files of a pass that is compared with what it was, or with another branch's: it still is after opening."""

from __future__ import annotations

import json

import pytest

from nnviz.debugger.branches import Branches, close_branch, compare_with, one_branch, open_branch, replace_session
from nnviz.debugger.choices import choose
from nnviz.debugger.commands import Move, step
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import next_pass, start_session
from nnviz.debugger.undo import apply_change, redo, undo
from nnviz.lessons.catalog import load
from nnviz.present.core.changes import what_changed
from nnviz.sessions.fields import SessionError
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import PARTS, session_data, session_from, session_of_text, session_text
from nnviz.tracing.steps import Kind, Quantity

W = Spot(Quantity(Kind.WEIGHT, 0, 1, 0))
X = Spot(Quantity(Kind.INPUT, unit=1), 2)
CHANGES: dict[str, Move] = {
    "weight": lambda s: apply_edit(s, W, 0.5),
    "input": lambda s: apply_edit(s, X, 0.5),
    "sign": lambda s: choose(s, "delta", "gradient"),
    "batch": lambda s: choose(s, "update_after", "batch"),
    "loss": lambda s: choose(s, "loss", "squared"),
}


def start() -> Branches:
    return one_branch(step(next_pass(start_session(load("koehn")))))


def change(branches: Branches, move: Move) -> Branches:
    history, session = apply_change(branches.here.history, branches.here.session, move, "change")
    return replace_session(branches, session, history)


def saved(branches: Branches) -> Saved:
    return Saved(branches.here.session, parts={"branches": branches})


def again(branches: Branches) -> Branches:
    read = session_of_text(session_text(saved(branches)))
    assert read.notes == ()
    found = read.parts.get("branches", one_branch(read.session))
    assert isinstance(found, Branches)
    assert found.here.session is read.session
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_last_change_did_is_still_told(name):
    branches = change(start(), CHANGES[name])
    for each in (branches, replace_session(branches, step(branches.here.session))):
        told = what_changed(each.here.session)
        assert told is not None
        assert what_changed(again(each).here.session) == told
    history, session = undo(branches.here.history, branches.here.session)
    undone = replace_session(branches, session, history)
    assert what_changed(again(undone).here.session) == what_changed(session)
    history, session = redo(undone.here.history, undone.here.session)
    redone = replace_session(undone, session, history)
    assert what_changed(again(redone).here.session) == what_changed(session) is not None


def test_a_comparison_with_another_branch_is_still_told():
    branches = change(change(open_branch(start(), "a"), CHANGES["loss"]), CHANGES["weight"])
    branches = replace_session(branches, compare_with(branches.here.session, branches.all[0].session))
    told = what_changed(branches.here.session)
    assert told is not None
    assert told.changes
    assert session_data(saved(branches))["compared"] == {"branch": 1}
    assert what_changed(again(branches).here.session) == told


def test_what_is_compared_with_a_pass_that_is_not_in_the_file_is_left_out():
    branches = open_branch(change(start(), CHANGES["weight"]), "a")
    branches = replace_session(branches, compare_with(branches.here.session, start().here.session))
    assert what_changed(branches.here.session) is not None
    assert "compared" not in session_data(saved(branches))
    assert again(branches).here.session.compared is None


def test_a_branch_that_was_closed_in_an_older_nnviz_is_not_compared_with():
    branches = change(change(open_branch(start(), "a"), CHANGES["loss"]), CHANGES["weight"])
    branches = replace_session(branches, compare_with(branches.here.session, branches.all[0].session))
    older = tuple(part for part in PARTS if part.name != "compared")
    read = session_from(json.loads(session_text(saved(branches))), older)
    assert read.notes == ("kept but not shown, because this version of nnviz does not know it: compared",)
    left = close_branch(read.parts["branches"], 0)
    written = session_data(Saved(left.here.session, {"branches": left}, read.unknown_parts), older)
    assert session_from(json.loads(json.dumps(written))).session.compared is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "compared: must be a table"),
        ({"change": "first"}, "compared.change: 'first' is not one of done, undone"),
        ({"branch": 0}, "compared.branch: must be from 1"),
        ({"run": 1}, "compared.run: unknown"),
    ],
)
def test_a_mistake_is_one_clear_line(value, message):
    data = session_data(saved(change(start(), CHANGES["weight"])))
    data["compared"] = value
    with pytest.raises(SessionError) as caught:
        session_from(json.loads(json.dumps(data)))
    assert str(caught.value).startswith(message)
