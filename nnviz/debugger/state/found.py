"""An explanation of a number: the quantity and pass that it comes from, and what differs."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from nnviz.tracing.steps import Quantity

# How a number agrees with a value: not, exactly, to its printed digits, or cut after them.
NONE, EXACT, ROUNDED, TRUNCATED = range(4)
# The bits of evidence beyond chance that make a match certain, or likely.
CERTAIN, LIKELY = 4.0, 0.0


@dataclass(frozen=True)
class PassChange:
    """A difference from the session: its name, and the value that it has instead."""

    name: str
    value: str = ""


# The names of changes of single steps: a slip, and a wrong number that is carried on.
SLIP, CARRIED = "slip", "carried"
# The name of the change of a pass whose earlier numbers are rounded.
ROUNDING = "rounding"


@dataclass(frozen=True)
class Miss:
    """A slip: its name, its amount (digits kept, factor, units of the last digit), and the value that it gives."""

    name: str
    amount: float
    value: float


# A match at most this costly is shown even for a number with few digits.
NEAR = 4.5


@dataclass(frozen=True)
class Found:
    """One explanation of a number.

    `example` is an index of the data, and `update` the number of updates after the session's pass. `changes` are the
    differences from that pass. `agreement` is EXACT, ROUNDED or TRUNCATED to the printed digits. If `miss` is given,
    the number is not a value, but a slip away from one. `value` is the quantity in the document's form at full
    precision. `margin` is how many bits of evidence the digits give beyond chance.
    """

    quantity: Quantity
    value: float
    example: int
    _: KW_ONLY
    update: int = 0
    changes: tuple[PassChange, ...] = ()
    agreement: int = ROUNDED
    total: str = ""
    miss: Miss | None = None
    cost: float = 0.0
    margin: float = 0.0

    @property
    def is_changed(self) -> bool:
        """Whether it is not a plain value of the session's pass, or of another example at the same update."""
        return bool(self.changes or self.update or self.miss)

    @property
    def is_carried(self) -> bool:
        """Whether it is, or follows from, a number that is wrong."""
        return any(change.name == CARRIED for change in self.changes)

    @property
    def is_slip(self) -> bool:
        """Whether it is a value of a pass in which a single step went wrong."""
        return any(change.name in (SLIP, CARRIED) for change in self.changes)

    @property
    def certainty(self) -> str:
        """How strongly the digits support the explanation: "certain", "likely" or "chance"."""
        return "certain" if self.margin >= CERTAIN else "likely" if self.margin >= LIKELY else "chance"
