"""The trail of a learner who asks where a number comes from, or what it feeds: the numbers asked about, in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nnviz.trace.steps import Quantity
from nnviz.trace.trace import Trace


class Direction(StrEnum):
    """Which way is asked: what made the number, or what is made of it."""

    WHY = "why"
    FEEDS = "feeds"


@dataclass(frozen=True)
class Asked:
    """One number that was asked about, and which way."""

    quantity: Quantity
    direction: Direction = Direction.WHY


@dataclass(frozen=True)
class Trail:
    """The numbers asked about; the last is the one shown. `picked` counts its listed factors from 0.

    A trail belongs to one place in one trace: a session that is anywhere else has none.
    """

    asked: tuple[Asked, ...]
    trace: Trace
    position: int
    picked: int = 0

    @property
    def last(self) -> Asked:
        """The number that is shown."""
        return self.asked[-1]

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers asked about, the first one first."""
        return tuple(asked.quantity for asked in self.asked)
