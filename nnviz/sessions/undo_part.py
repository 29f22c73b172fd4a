"""The part `undo` of a session file: the latest changes of each branch that can be undone or made again.

A change has the sessions before and after it, without breakpoints and watches, which undo leaves unchanged. For a large
network, fewer changes are kept. Changes of a closed branch are omitted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnviz.debugger.branches import MOST_BRANCHES, Branch, Branches, one_branch
from nnviz.debugger.state.session import Session
from nnviz.debugger.undo import MOST, UndoEntry, UndoHistory
from nnviz.sessions.branches_part import NAME as BRANCHES
from nnviz.sessions.fields import MOST_UPDATES, Field
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.shared_fields import KEYS, SharedReader, SharedWriter

NAME = "undo"
MOST_KEPT = 20  # changes of a branch, and as many that were undone
MOST_NUMBERS = 400_000  # of all checkpoints
MOST_SEGMENTS = 1500  # of all sessions
LONGEST_NAME = 200


class _Sessions:
    """Gives each session one number. Mutable: it collects sessions."""

    def __init__(self, saved: Saved) -> None:
        self.writer = SharedWriter(saved.session.own_lesson)
        self.data: list[dict[str, Any]] = []
        self._numbers: dict[int, int] = {}

    def number(self, session: Session) -> int:
        if id(session) not in self._numbers:
            self._numbers[id(session)] = len(self.data)
            self.data.append(self.writer.session(replace(session, breakpoints=(), watches=())))
        return self._numbers[id(session)]

    @property
    def is_large(self) -> bool:
        segments = sum(len(session["run"]["stretches"]) for session in self.data)
        return self.writer.size > MOST_NUMBERS or segments > MOST_SEGMENTS


def undo_data(saved: Saved) -> dict[str, Any] | None:
    """Return the data of the latest changes of all branches, as many as there is room for; None if there are none."""
    branches = saved.parts.get(BRANCHES)
    if not isinstance(branches, Branches):
        return None
    most = MOST_KEPT
    while most and any(branch.history.done or branch.history.undone for branch in branches.all):
        sessions = _Sessions(saved)
        lines = [line for branch in branches.all if (line := _line_data(branch, sessions, most))]
        if not lines:
            break
        if not sessions.is_large:
            return {"lines": lines, "sessions": sessions.data, **sessions.writer.shared()}
        most //= 2
    return None


def _line_data(branch: Branch, sessions: _Sessions, most: int) -> dict[str, Any] | None:
    done, undone = (_of_lesson(branch, entries)[-most:] for entries in (branch.history.done, branch.history.undone))
    if not (done or undone):
        return None
    lists = [[_entry_data(entry, sessions) for entry in entries] for entries in (done, undone)]
    return {"number": branch.number, "done": lists[0], "undone": lists[1]}


def _of_lesson(branch: Branch, entries: tuple[UndoEntry, ...]) -> tuple[UndoEntry, ...]:
    """Return the changes since the network was built: a session file has one lesson."""
    lesson = branch.session.own_lesson
    other = [any(side.own_lesson is not lesson for side in (entry.before, entry.after)) for entry in entries]
    return entries[len(other) - other[::-1].index(True) :] if any(other) else entries


def _entry_data(entry: UndoEntry, sessions: _Sessions) -> dict[str, Any]:
    name = "".join(sign if sign.isprintable() else " " for sign in entry.name)[:LONGEST_NAME]
    return {"name": name, "before": sessions.number(entry.before), "after": sessions.number(entry.after)}


def undo_from(saved: Saved, field: Field) -> Saved:
    """Return the branches with the changes of a file. Raises SessionError."""
    table = field.table(("lines", "sessions", *KEYS))
    branches = saved.parts.get(BRANCHES, one_branch(saved.session))
    assert isinstance(branches, Branches)
    reader = SharedReader(saved.session.own_lesson, table, [branch.session for branch in branches.all])
    sessions = [reader.session(item) for item in table["sessions"].items(2 * MOST * MOST_BRANCHES)]
    histories = dict(_line_from(line, sessions) for line in table["lines"].items(MOST_BRANCHES))
    kept = tuple(replace(branch, history=histories.get(branch.number, branch.history)) for branch in branches.all)
    return replace(saved, parts={**saved.parts, BRANCHES: replace(branches, all=kept)})


def _line_from(field: Field, sessions: list[Session]) -> tuple[int, UndoHistory]:
    table = field.table(("number", "done", "undone"))
    done, undone = (
        tuple(_entry_from(item, sessions) for item in table[name].items(MOST)) for name in ("done", "undone")
    )
    return table["number"].whole(1, MOST_UPDATES), UndoHistory(done, undone)


def _entry_from(field: Field, sessions: list[Session]) -> UndoEntry:
    table = field.table(("name", "before", "after"))
    name = table["name"].text(LONGEST_NAME)
    if not name.isprintable():
        table["name"].refuse("is not a valid name of a change")
    before, after = (sessions[table[side].whole(0, len(sessions) - 1)] for side in ("before", "after"))
    return UndoEntry(name, before, after)
