"""The part `compared` of a session file: the pass with which the session's is compared since the last change.

The compared pass is written as a reference: to a change that can be undone or made again, or to another branch. Any
other pass, such as that of a branch that has continued since, is not written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nnviz.debugger.branches import Branches, one_branch
from nnviz.debugger.state.session import Comparison, Session
from nnviz.sessions.branches_part import NAME as BRANCHES
from nnviz.sessions.branches_part import with_session
from nnviz.sessions.fields import MOST_UPDATES, Field
from nnviz.sessions.session_fields import Saved

NAME = "compared"


def compared_data(saved: Saved) -> dict[str, Any] | None:
    """Return the reference to the compared pass; None if there is no comparison, or no such pass in the file."""
    compared = saved.session.compared
    if compared is None:
        return None
    return next((place for place, session in _passes(_branches_of(saved)) if session.record is compared.record), None)


def compared_from(saved: Saved, field: Field) -> Saved:
    """Return the session compared with the pass of a file. Raises SessionError."""
    table = field.table((), ("change", "branch"))
    if "change" in table:
        table["change"].choice(("done", "undone"))
    elif "branch" in table:
        table["branch"].whole(1, MOST_UPDATES)
    found = next((session for place, session in _passes(_branches_of(saved)) if place == field.value), None)
    if found is None or found.example != saved.session.example:
        return saved  # a version of nnviz without this part has left or closed the branch
    return with_session(
        saved, replace(saved.session, compared=Comparison(found.record, found.notation, found.convention))
    )


def _branches_of(saved: Saved) -> Branches:
    branches = saved.parts.get(BRANCHES, one_branch(saved.session))
    assert isinstance(branches, Branches)
    return branches


def _passes(branches: Branches) -> Iterator[tuple[dict[str, Any], Session]]:
    """Yield the passes that the current one may be compared with, and their references in the file."""
    history = branches.here.history
    if history.done:
        yield {"change": "done"}, history.done[-1].before
    if history.undone:
        yield {"change": "undone"}, history.undone[-1].after
    for branch in branches.all:
        if branch is not branches.here:
            yield {"branch": branch.number}, branch.session
