"""Saving loses nothing: what is written is read back first, and files that early versions wrote still open."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nnviz.debugger.branches import one_branch, open_branch, replace_session
from nnviz.debugger.commands import step
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.run import end_run_at
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.lessons.catalog import load
from nnviz.sessions import save
from nnviz.sessions.save import MOST_ASIDE, difference, name_aside, read_session, write_session
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_text
from nnviz.tracing.steps import Kind, Quantity

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def session() -> Session:
    return step(go_to_update(start_session(load("koehn")), 12))


def broken_text(saved: Saved, parts: object) -> str:
    return session_text(saved).replace('"end": 12', '"end": -1')


def other_text(saved: Saved, parts: object) -> str:
    return session_text(replace(saved, session=step(saved.session)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [(broken_text, "session.run.end: must be from 0"), (other_text, "position of Main differs")],
)
def test_what_cannot_be_read_back_replaces_nothing_and_is_kept(tmp_path, session, monkeypatch, text, reason):
    path = tmp_path / "walk.nnviz"
    write_session(path, Saved(session))
    before = path.read_bytes()
    monkeypatch.setattr(save, "session_text", text)
    with pytest.raises(OSError, match="cannot be read back") as caught:
        write_session(path, Saved(session))
    assert path.read_bytes() == before
    assert reason in caught.value.strerror
    kept = tmp_path / "walk.unreadable-1.nnviz"
    assert caught.value.strerror.endswith(f"what was written is kept as {kept}")
    assert kept.read_text(encoding="utf-8") == text(Saved(session), ())
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name, kept.name]


def test_a_reader_that_fails_in_an_unforeseen_way_replaces_nothing_either(tmp_path, session, monkeypatch):
    path = tmp_path / "walk.nnviz"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(save, "session_of_text", lambda *_: 1 // 0)
    with pytest.raises(OSError, match="ZeroDivisionError"):
        write_session(path, Saved(session))
    assert path.read_text(encoding="utf-8") == "old"


def test_no_more_than_a_few_are_kept_aside(tmp_path):
    path = tmp_path / "walk.nnviz"
    for _ in range(MOST_ASIDE):
        name_aside(path).touch()
    assert name_aside(path) == tmp_path / f"walk.unreadable-{MOST_ASIDE}.nnviz"


def test_a_difference_is_named(session):
    saved = Saved(session, {"branches": open_branch(one_branch(session), "other")})
    assert difference(saved, saved) == ""
    edit = apply_edit(session, Spot(Quantity(Kind.INPUT, unit=0), 1), 0.5)
    branches = saved.parts["branches"]
    for changed, named in (
        (step(session), "position"),
        (replace(session, checkpoint=replace(session.checkpoint, epoch_loss=7.0)), "checkpoint"),
        (replace(session, run=end_run_at(session.run, 12, 5)), "run"),
        (replace(edit, edited=()), "inputs"),
        (edit, "edited"),
    ):
        read = replace(saved, session=changed, parts={"branches": replace_session(branches, changed)})
        assert difference(saved, read) == f"{named} of other differs"
    assert difference(saved, Saved(session)) == "its branches differ"
    assert difference(saved, replace(saved, unknown_parts={"new": 1})) == "its further parts differ"


@pytest.mark.parametrize(("name", "update", "end"), [("halted-by-a-breakpoint", 0, 0), ("halted-in-a-branch", 2, 3)])
def test_a_file_with_marks_beyond_the_end_of_its_run_opens(tmp_path, name, update, end):
    data = json.loads((DATA / f"{name}.nnviz").read_text(encoding="utf-8"))
    saved = read_session(DATA / f"{name}.nnviz")
    assert (saved.session.checkpoint.update, saved.session.run.end) == (update, end)
    sessions = [branch.session for branch in saved.parts["branches"].all] if "branches" in data else [saved.session]
    for each in sessions:
        assert each.run.last_segment.marks[-1].update <= each.run.end
        assert go_to_update(each, each.run.end + 3).checkpoint.update == each.run.end + 3
    write_session(tmp_path / "again.nnviz", saved)
    assert read_session(tmp_path / "again.nnviz").session.run.end == end


def test_a_run_is_cut_at_its_end(session):
    run = session.run
    cut = end_run_at(run, 5)
    assert [mark.update for mark in cut.last_segment.marks] == list(range(6))
    assert end_run_at(run, run.end, run.position) is run
    assert end_run_at(run, 40).end == 40
    with pytest.raises(ValueError, match="begins at update 0"):
        end_run_at(run, -1)
