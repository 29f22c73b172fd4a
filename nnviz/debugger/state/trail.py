"""The trail of numbers whose origin or use a learner has looked up, in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nnviz.tracing.steps import Quantity
from nnviz.tracing.trace import Trace


class Direction(StrEnum):
    """The direction of a question: the operands of a number, or the numbers computed from it."""

    WHY = "why"
    FEEDS = "feeds"


@dataclass(frozen=True)
class TrailEntry:
    """One number that was looked up, and the direction."""

    quantity: Quantity
    direction: Direction = Direction.WHY


@dataclass(frozen=True)
class Trail:
    """The numbers looked up; the last one is shown. `picked` is the index of the selected factor, from 0.

    A trail belongs to one place in one trace; a session at another place has none.
    """

    entries: tuple[TrailEntry, ...]
    trace: Trace
    position: int
    picked: int = 0

    @property
    def last(self) -> TrailEntry:
        """The number that is shown."""
        return self.entries[-1]

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers looked up, the first one first."""
        return tuple(asked.quantity for asked in self.entries)
