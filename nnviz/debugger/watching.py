"""What watches show: the value now, what it was at the step before, and how it went over the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nnviz.debugger.breakpoints import Watch
from nnviz.debugger.expressions import Expression, Result, evaluate
from nnviz.debugger.session import Session, entered, left

MOST_POINTS = 60


@dataclass(frozen=True, eq=False)
class WatchRow:
    """A watch with its value at the learner's position, None where it is not known, and the value it had before.

    `before` is that of the pass before this one, at the same position; None where there is none or it was not known.
    """

    watch: Watch
    value: Result | None
    before: Result | None


def watch_rows(session: Session) -> tuple[WatchRow, ...]:
    """A row for each watch of a session."""
    if not session.watches:
        return ()
    update = session.checkpoint.update - 1
    earlier = entered(left(session), update, session.position) if update >= session.run.first else None
    return tuple(
        WatchRow(
            watch,
            evaluate(watch.expression, session),
            None if earlier is None else evaluate(watch.expression, earlier),
        )
        for watch in session.watches
    )


def series(expression: Expression, session: Session, most: int = MOST_POINTS) -> Sequence[tuple[int, Result | None]]:
    """An expression over the run so far: at most so many updates, evenly spread, and its value in each one's pass."""
    session = left(session)
    first, last = session.run.first, session.checkpoint.update
    count = min(most, last - first + 1)
    updates = dict.fromkeys(first + (last - first) * i // max(1, count - 1) for i in range(count))
    found = []
    for update in updates:
        there = entered(session, update) if update != last else session
        found.append((update, evaluate(expression, replace(there, position=there.trace.end))))
    return found
