"""The part `branches` of a session file: the branches besides the session.

The session of the current branch is that of the file, and is not written again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnviz.debugger.branches import FIRST, LONGEST_NAME, MAIN, MOST_BRANCHES, Branch, Branches, replace_session
from nnviz.debugger.state.session import Session
from nnviz.sessions.fields import MOST_UPDATES, Field
from nnviz.sessions.session_fields import Reader, Saved, SessionWriter

NAME = "branches"


def branches_data(saved: Saved) -> dict[str, Any] | None:
    """Return the data of all branches; None for the main branch alone, if nothing is ahead of it."""
    branches = saved.parts.get(NAME)
    if not isinstance(branches, Branches) or _is_plain(branches):
        return None
    writer = SessionWriter(saved.session.own_lesson)
    lines = [
        {"number": branch.number, "name": branch.name, "furthest": branch.furthest}
        | ({} if branch is branches.here else {"session": writer.session(branch.session)})
        for branch in branches.all
    ]
    checkpoints = writer.checkpoints()
    return {"followed": branches.current, "lines": lines} | ({"checkpoints": checkpoints} if checkpoints else {})


def branches_from(saved: Saved, field: Field) -> Saved:
    """Return the session with the branches of a file. Raises SessionError."""
    table = field.table(("followed", "lines"), ("checkpoints",))
    lines = table["lines"].items(MOST_BRANCHES, 1)
    followed = table["followed"].whole(0, len(lines) - 1)
    own = saved.session
    reader = Reader(own.own_lesson, table["checkpoints"], (own,)) if "checkpoints" in table else None
    branches = tuple(_branch_from(line, reader, own if index == followed else None) for index, line in enumerate(lines))
    for name in ("number", "name"):
        if len({getattr(branch, name) for branch in branches}) < len(branches):
            table["lines"].refuse(f"two branches have the same {name}")
    notes = () if reader is None else tuple(reader.notes)
    more = {**saved.parts, NAME: Branches(branches, followed)}
    return replace(saved, parts=more, notes=(*saved.notes, *notes))


def with_session(saved: Saved, session: Session) -> Saved:
    """Replace the session of the current branch."""
    branches = saved.parts.get(NAME)
    if not isinstance(branches, Branches):
        return replace(saved, session=session)
    followed = replace_session(branches, session)
    return replace(saved, session=session, parts={**saved.parts, NAME: followed})


def _branch_from(field: Field, reader: Reader | None, own: Session | None) -> Branch:
    table = field.table(("number", "name", "furthest", *(() if own is not None else ("session",))))
    if own is None:
        if reader is None:
            field.refuse("has no checkpoint")
        own = reader.session(table["session"])
    name = table["name"].text(LONGEST_NAME)
    if not name.strip() or not name.isprintable():
        table["name"].refuse("is not a valid branch name")
    furthest = table["furthest"].whole(own.checkpoint.update, MOST_UPDATES)
    return Branch(table["number"].whole(1), name, own, furthest=furthest)


def _is_plain(branches: Branches) -> bool:
    """Return whether the branches are those of a newly opened session."""
    here = branches.here
    return len(branches.all) == 1 and (here.number, here.name, here.furthest) == (
        FIRST,
        MAIN,
        here.session.checkpoint.update,
    )
