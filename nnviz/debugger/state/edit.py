"""Edits as values: a number of the learner's in place of another."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.tracing.steps import Quantity


@dataclass(frozen=True)
class Spot:
    """An editable number: a parameter, or an input or target of an example of the data, counted from 0.

    Without a quantity it is the learning rate.
    """

    quantity: Quantity | None = None
    example: int | None = None


RATE = Spot()


@dataclass(frozen=True)
class Edit:
    """A number that the learner entered. `old` is the value before the first edit of the spot.

    `update` is the number of updates made before it.
    """

    spot: Spot
    value: float
    old: float
    update: int

    @property
    def is_data(self) -> bool:
        """Whether the spot is an input or target, not a parameter."""
        return self.spot.example is not None
