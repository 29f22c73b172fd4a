"""A constant of a rule: its key in lesson files, its default, its range, and its description."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Constant:
    """One number of an activation or an optimizer. It is at least `low`, and below `below`.

    `description` is one sentence for help and tooltips. A value of `unusual` or more is taken with the `warning`.
    """

    name: str
    default: float
    description: str
    low: float = 0.0
    below: float = math.inf
    unusual: float = math.inf
    warning: str = ""

    def allows(self, value: float) -> bool:
        """Return whether a value is in the range."""
        return self.low <= value < self.below

    def warning_of(self, value: float) -> str:
        """Return what to say of an allowed value that documents hardly ever use; empty for the usual ones."""
        return f"{self.name} = {value:g} is {self.unusual:g} or more: {self.warning}" if value >= self.unusual else ""

    @property
    def allowed(self) -> str:
        """The range in words: "at least 0 and below 1"."""
        upper = "" if self.below == math.inf else f" and below {self.below:g}"
        return f"at least {self.low:g}{upper}"
