"""The part `why` of a session file: the trail of numbers that the user has asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnviz.debugger.state.session import Session
from nnviz.debugger.state.trail import Direction, Trail, TrailEntry
from nnviz.present.words.why_text import MOST_LISTED, why_card
from nnviz.sessions.branches_part import with_session
from nnviz.sessions.breakpoint_fields import quantity_data, quantity_from
from nnviz.sessions.fields import Field
from nnviz.sessions.session_fields import Saved

NAME = "why"
MOST_ENTRIES = 200


def why_data(saved: Saved) -> dict[str, Any] | None:
    """Return the end of the trail; None if there is none."""
    trail = saved.session.why
    if trail is None:
        return None
    asked = [{"quantity": quantity_data(each.quantity), "direction": each.direction} for each in trail.entries]
    return {"asked": asked[-MOST_ENTRIES:], "picked": min(trail.picked, MOST_LISTED)}


def why_from(saved: Saved, field: Field) -> Saved:
    """Return the session with the trail of the file. Raises SessionError."""
    table = field.table(("asked", "picked"))
    picked = table["picked"].whole(0, MOST_LISTED)
    asked = tuple(_asked_from(item, saved.session) for item in table["asked"].items(MOST_ENTRIES, 1))
    return with_session(saved, _with_trail(saved.session, asked, picked))


def _asked_from(field: Field, session: Session) -> TrailEntry:
    """Read a number of the trail, for which a card must exist. Raises SessionError."""
    table = field.table(("quantity", "direction"))
    quantity = quantity_from(table["quantity"], session)
    asked = TrailEntry(quantity, Direction(table["direction"].choice([*Direction])))
    try:
        why_card(_with_trail(session, (asked,)))
    except (AssertionError, AttributeError, LookupError, StopIteration, TypeError, ValueError):
        table["quantity"].refuse("is not a number that can be explained")
    return asked


def _with_trail(session: Session, asked: tuple[TrailEntry, ...], picked: int = 0) -> Session:
    return replace(session, why=Trail(asked, session.trace, session.position, picked))
