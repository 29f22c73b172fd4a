"""Session files with numbers of the learner's own, and with branches: all of it opens again bit for bit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from vocabulary import assert_refused

from nnviz.debugger.branches import (
    Branches,
    is_in_past,
    one_branch,
    open_branch,
    rename_branch,
    replace_session,
    switch_branch,
)
from nnviz.debugger.conditions.breakpoints import add_breakpoint, add_watch
from nnviz.debugger.edits import apply_edit, count_differences, reset_to_lesson, value_at
from nnviz.debugger.state.breakpoint import AtUnit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.run import checkpoint_at
from nnviz.debugger.state.session import Session, choose_loss, is_changed, next_pass, previous_pass, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.debugger.undo import apply_change, undo
from nnviz.lessons.catalog import load
from nnviz.sessions import run_fields as session_run
from nnviz.sessions.fields import SessionError
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_from, session_of_text, session_text
from nnviz.tracing.steps import Kind, Quantity

W = Spot(Quantity(Kind.WEIGHT, 0, 1, 0))
B = Spot(Quantity(Kind.BIAS, 1, 0))
X = Spot(Quantity(Kind.INPUT, unit=1), 2)
T = Spot(Quantity(Kind.TARGET, unit=0), 0)


def again(session: Session, **more: object) -> Saved:
    saved = session_of_text(session_text(Saved(session, parts=more)))
    assert saved.notes == ()
    return saved


def assert_same(one: Session, other: Session) -> None:
    assert (one.edited, one.edits, one.position, one.example) == (
        other.edited, other.edits, other.position, other.example,
    )  # fmt: skip
    assert (one.file_lesson is None) == (other.file_lesson is None)
    for array in ("inputs", "targets"):
        for lesson in ("lesson", "own_lesson"):
            pair = [getattr(getattr(session, lesson).dataset, array).tobytes() for session in (one, other)]
            assert pair[0] == pair[1], (lesson, array)
    for name in ("z", "a", "delta"):
        pairs = zip(getattr(one.record, name), getattr(other.record, name), strict=True)
        assert all(a.tobytes() == b.tobytes() for a, b in pairs)
    for move in (next_pass, lambda session: go_to_update(session, session.run.first)):
        mine, read = move(one), move(other)
        assert mine.checkpoint.parameters.tobytes() == read.checkpoint.parameters.tobytes()
        assert mine.edits == read.edits
    for update in (one.run.first, one.run.end):
        found = [checkpoint_at(session.run, session.lesson, update) for session in (one, other)]
        assert found[0].parameters.tobytes() == found[1].parameters.tobytes()


@pytest.mark.parametrize(
    "spots", [(W,), (B,), (X,), (T,), (W, B, X, T), (X, W)], ids=["W", "b", "x", "t", "all", "x, then W"]
)
def test_edited_numbers_open_again_bit_for_bit(spots):
    session = replace(go_to_update(start_session(load("koehn")), 20), position=7)
    for spot in spots:
        session = apply_edit(session, spot, 0.1 + 0.2)
    read = again(session).session
    assert_same(session, read)
    assert [value_at(read, spot) for spot in spots] == [0.1 + 0.2] * len(spots)
    assert count_differences(read)
    own = start_session(load("koehn"))
    assert_same(reset_to_lesson(read), replace(reset_to_lesson(session), lesson=own.lesson))
    assert reset_to_lesson(read).checkpoint.parameters.tobytes() == own.checkpoint.parameters.tobytes()


def test_edits_made_and_walked_away_from_are_kept_with_what_stood_there_first():
    session = apply_edit(start_session(load("koehn")), W, 0.5)
    session = apply_edit(apply_edit(next_pass(next_pass(session)), W, -0.0), X, 7.25)
    session = apply_edit(next_pass(session), W, 1e-300)
    read = again(session).session
    assert_same(session, read)
    assert [repr(edit.old) for edit in read.edited] == [repr(edit.old) for edit in session.edited]
    assert_same(previous_pass(session), previous_pass(read))


def test_an_input_of_a_later_time_step_is_put_in_its_place():
    session = start_session(load("krzeminski-rnn"))
    times = session.lesson.dataset.time_steps
    assert times > 1
    spot = Spot(Quantity(Kind.INPUT, unit=0, time=times - 1), 0)
    session = apply_edit(session, spot, 0.75)
    session = apply_edit(session, Spot(Quantity(Kind.WEIGHT_H, 0, 1, 0)), 0.25)
    assert_same(session, again(session).session)


def test_a_loss_that_the_edited_targets_alone_allow_opens_again(tmp_path):
    path = tmp_path / "own.toml"
    text = load("koehn").text
    assert text.count("targets = [[0],") == 1
    path.write_text(text.replace("targets = [[0],", "targets = [[2],"), encoding="utf-8")
    session = choose_loss(apply_edit(start_session(load(str(path))), T, 1.0), "binary_cross_entropy")
    assert_same(session, again(session).session)
    data = json.loads(session_text(Saved(session)))
    data["session"]["edits"][0]["value"] = 1.5
    with pytest.raises(SessionError, match=r"^session\.loss: .*1\.5\.$"):
        session_from(data)


def test_a_prediction_that_is_watched_stays_one_when_a_target_is_edited():
    session = add_watch(start_session(load("koehn")), "prediction(2) changes")
    session = apply_edit(session, T, 0.5)
    read = again(session).session
    assert read.watches == session.watches
    assert add_watch(session, "prediction(1)").watches[1].expression.text == "prediction(1)"


def edited_on_the_way() -> Session:
    """A run of 12 updates, in which numbers of the data are changed three times, the last one back."""
    session = start_session(load("koehn"))
    for update, spot, value in ((3, X, 0.5), (6, T, -0.0), (6, X, 0.25), (9, X, value_at(session, X))):
        session = apply_edit(go_to_update(session, update), spot, value)
    return go_to_update(session, 12)


@pytest.mark.parametrize("here", [12, 9, 7, 6, 4, 0])
def test_a_run_over_edits_of_data_opens_again_bit_for_bit(here):
    session = go_to_update(edited_on_the_way(), here)
    read = again(session).session
    assert_same(session, read)
    assert (read.run.first, read.run.end, read.checkpoint.update) == (0, 12, here)
    data = json.loads(session_text(Saved(session)))["session"]["run"]["stretches"]
    assert len(data) == 4
    for update in range(13):
        one, other = go_to_update(session, update), go_to_update(read, update)
        assert_same(one, other)
        assert not is_changed(other)
        assert (one.lesson is one.own_lesson) == (other.lesson is other.own_lesson) == (update < 3)
    assert again(read).session.run.end == 12


def test_only_stretches_of_other_data_have_them_in_the_file():
    data = json.loads(session_text(Saved(edited_on_the_way())))["session"]
    assert [len(stretch["data"]) if "data" in stretch else None for stretch in data["run"]["stretches"]] == [
        0,
        1,
        2,
        None,
    ]
    assert [edit["kind"] for edit in data["edits"]] == ["t"]
    assert "data" not in json.dumps(
        json.loads(session_text(Saved(go_to_update(start_session(load("koehn")), 9))))["session"]
    )


def test_of_very_many_edits_of_data_the_file_has_the_latest(monkeypatch):
    monkeypatch.setattr(session_run, "MOST_DATA_EDITS", 3)
    session = edited_on_the_way()
    read = again(session).session
    assert (read.run.first, read.run.end) == (6, 12)
    assert go_to_update(read, 7).record.x.tobytes() == go_to_update(session, 7).record.x.tobytes()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "session.run.stretches[2].data: must be a list"),
        ([{"kind": "W", "layer": 0, "unit": 0, "source": 0, "value": 1, "old": 1, "update": 1}],
         "session.run.stretches[2].data: contains an edit that is not of the data"),
        ([{"kind": "x", "unit": 9, "time": 0, "example": 0, "value": 1, "old": 1, "update": 1}],
         "session.run.stretches[2].data[1].unit: must be from 0 to 1, not 9"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_data_of_a_stretch_is_one_clear_line(value, message):
    data = json.loads(session_text(Saved(edited_on_the_way())))
    data["session"]["run"]["stretches"][1]["data"] = value
    with pytest.raises(SessionError) as caught:
        session_from(data)
    assert str(caught.value).startswith(message)


def test_changes_of_data_can_be_undone_after_opening():
    branches = one_branch(start_session(load("koehn")))
    for update, value in ((3, 0.5), (5, 0.25), (5, 0.75)):
        session = go_to_update(branches.here.session, update)
        history, session = apply_change(
            branches.here.history, session, lambda s, v=value: apply_edit(s, X, v), f"{value}"
        )
        branches = replace_session(branches, session, history)
    branches = replace_session(branches, go_to_update(branches.here.session, 8))
    found = again(branches.here.session, branches=branches).parts["branches"]
    history, other = branches.here.history, found.here.history
    session, read = branches.here.session, found.here.session
    for first in (0, 0, 0):
        history, session = undo(history, session)
        other, read = undo(other, read)
        assert_same(session, read)
        assert read.run.first == first
    assert read.lesson is read.own_lesson


FAULTS = [
    ("kind", "z", "session.edits[1].kind: 'z' is not one of"),
    ("kind", "W_h", "session.edits[1].layer: layer 0 has no W_h"),
    ("unit", 2, "session.edits[1].unit: must be from 0 to 1, not 2"),
    ("source", None, "session.edits[1].source: must be a whole number"),
    ("layer", 2, "session.edits[1].layer: must be from 0 to 1, not 2"),
    ("example", 0, "session.edits[1].example: unknown"),
    ("value", "nan", "session.edits[1].value: must be a finite number, not 'nan'"),
    ("update", -1, "session.edits[1].update: must be from 0"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "message"), FAULTS)
def test_a_mistake_in_an_edit_is_one_clear_line(key, value, message):
    data = json.loads(session_text(Saved(apply_edit(start_session(load("koehn")), W, 0.5))))
    data["session"]["edits"][0][key] = value
    with pytest.raises(SessionError) as caught:
        session_from(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_number_edited_twice_is_refused():
    data = json.loads(session_text(Saved(apply_edit(start_session(load("koehn")), X, 0.5))))
    data["session"]["edits"] *= 2
    with pytest.raises(SessionError, match=r"^session.edits\[2\]: edits the same number twice$"):
        session_from(data)


# Branches


def two_branches() -> Branches:
    """A main line of 40 updates and, from its past, a branch with edits in weights and data, which is followed."""
    session = add_breakpoint(go_to_update(start_session(load("koehn")), 40), AtUnit(0, 1))
    branches = open_branch(replace_session(one_branch(session), go_to_update(session, 10)), "x₂ = 0.5")
    history, edited = apply_change(
        branches.here.history, branches.here.session, lambda s: apply_edit(s, X, 0.5), "x₂ = 0.5"
    )
    return replace_session(branches, next_pass(apply_edit(edited, W, 0.25)), history)


@pytest.mark.parametrize("followed", [0, 1])
def test_branches_open_again_with_their_names_and_what_can_be_undone(followed):
    branches = switch_branch(two_branches(), followed)
    saved = again(branches.here.session, branches=branches)
    read = saved.parts["branches"]
    assert isinstance(read, Branches)
    assert read.current == followed
    assert read.here.session is saved.session
    for before, now in zip(branches.all, read.all, strict=True):
        assert (before.number, before.name, before.furthest) == (now.number, now.name, now.furthest)
        assert_same(before.session, now.session)
        assert before.session.breakpoints == now.session.breakpoints
        assert [entry.name for entry in now.history.done] == [entry.name for entry in before.history.done]
        assert now.history.undone == ()
        assert now.session.own_lesson is saved.session.own_lesson
    assert read.all[0].furthest == 40
    assert is_in_past(switch_branch(read, 0))
    assert session_text(saved) == session_text(replace(saved, parts={"branches": branches}))


def test_the_main_line_alone_is_no_part_but_its_name_is():
    session = go_to_update(start_session(load("koehn")), 5)
    alone = one_branch(session)
    assert "branches" not in json.loads(session_text(Saved(session, parts={"branches": alone})))
    read = again(session, branches=rename_branch(alone, 0, "By hand")).parts["branches"]
    assert [branch.name for branch in read.all] == ["By hand"]
    assert again(session).parts == {}


BRANCH_FAULTS = [
    (("followed",), 2, "branches.followed: must be from 0 to 1, not 2"),
    (("lines",), [], "branches.lines: must have 1 to 9 entries, not 0"),
    (("lines", 0, "name"), "x₂ = 0.5", "branches.lines: two branches have the same name"),
    (("lines", 0, "name"), "a\nb", "branches.lines[1].name: is not a valid branch name"),
    (("lines", 0, "number"), 2, "branches.lines: two branches have the same number"),
    (("lines", 0, "furthest"), 3, "branches.lines[1].furthest: must be from 10"),
    (("lines", 0, "session", "here"), 99, "branches.lines[1].session.here: must be from 0 to"),
    (("lines", 0, "session", "grain"), "x", "branches.lines[1].session.grain: 'x' is not one of"),
    (("checkpoints",), [], "branches.checkpoints: must have"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), BRANCH_FAULTS)
def test_a_mistake_in_a_branch_is_one_clear_line(path, value, message):
    branches = two_branches()
    data = json.loads(session_text(Saved(branches.here.session, parts={"branches": branches})))
    assert_refused(data, ("branches", *path), value, message)


def test_branches_without_their_checkpoints_are_refused():
    branches = two_branches()
    data = json.loads(session_text(Saved(branches.here.session, parts={"branches": branches})))
    del data["branches"]["checkpoints"]
    with pytest.raises(SessionError, match=r"^branches.lines\[1\]: has no checkpoint$"):
        session_from(data)
