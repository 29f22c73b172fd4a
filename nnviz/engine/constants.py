"""A constant of a rule: its key in lesson files, its default, its range, and its description."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Constant:
    """One number of an activation or an optimizer. It is at least `low`, and below `below`.

    `description` is one sentence for help and tooltips.
    """

    name: str
    default: float
    description: str
    low: float = 0.0
    below: float = math.inf

    def allows(self, value: float) -> bool:
        """Return whether a value is in the range."""
        return self.low <= value < self.below

    @property
    def allowed(self) -> str:
        """The range in words: "at least 0 and below 1"."""
        upper = "" if self.below == math.inf else f" and below {self.below:g}"
        return f"at least {self.low:g}{upper}"
