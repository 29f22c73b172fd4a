"""The values of watches: now, in the previous pass, and over the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nnviz.debugger.conditions.expressions import Expression, Result, evaluate
from nnviz.debugger.state.breakpoint import Watch
from nnviz.debugger.state.session import Session, go_to_pass, leave_pass

MOST_POINTS = 60


@dataclass(frozen=True, eq=False)
class WatchRow:
    """A watch with its value at the learner's position, None if it is not known, and its previous value.

    `before` is the value in the previous pass at the same position; None if there is none or it was not known.
    """

    watch: Watch
    value: Result | None
    before: Result | None


def pass_before(session: Session) -> Session | None:
    """Return the session in the pass before its own; None at the start of the run, or if nothing is watched.

    It stays the same while stepping within the pass.
    """
    update = session.checkpoint.update - 1
    return go_to_pass(leave_pass(session), update) if session.watches and update >= session.run.first else None


def watch_rows(session: Session) -> tuple[WatchRow, ...]:
    """Return a row for each watch of a session."""
    return watch_rows_with(session, pass_before(session))


def watch_rows_with(session: Session, before: Session | None) -> tuple[WatchRow, ...]:
    """Return the rows, given the result of `pass_before`."""
    earlier = None if before is None else replace(before, position=min(session.position, before.trace.end))
    return tuple(
        WatchRow(
            watch,
            evaluate(watch.expression, session),
            None if earlier is None else evaluate(watch.expression, earlier),
        )
        for watch in session.watches
    )


def watch_series(
    expression: Expression, session: Session, most: int = MOST_POINTS
) -> Sequence[tuple[int, Result | None]]:
    """Return pairs of update and value of an expression over the run: at most `most` updates, evenly spread."""
    return [(update, values[0]) for update, values in sample_expressions((expression,), session, most)]


def sample_expressions(
    expressions: Sequence[Expression], session: Session, most: int = MOST_POINTS
) -> Iterator[tuple[int, tuple[Result | None, ...]]]:
    """Yield such points of several expressions, one at a time; each replays a part of the run."""
    session = leave_pass(session)
    first, last = session.run.first, session.checkpoint.update
    count = min(most, last - first + 1)
    updates = dict.fromkeys(first + (last - first) * i // max(1, count - 1) for i in range(count))
    for update in updates:
        there = go_to_pass(session, update) if update != last else session
        there = replace(there, position=there.trace.end)
        yield update, tuple(evaluate(expression, there) for expression in expressions)
