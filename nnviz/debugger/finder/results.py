"""The result of a search for numbers: explanations of each number, and the one that they share."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from nnviz.debugger.finder.cases import PassChange
from nnviz.debugger.finder.near_misses import Miss
from nnviz.debugger.finder.number_table import ROUNDED
from nnviz.debugger.finder.pasted import Paste, Pasted
from nnviz.tracing.steps import Quantity

# The bits of evidence beyond chance that make a match certain, or likely.
CERTAIN, LIKELY = 4.0, 0.0
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
    def certainty(self) -> str:
        """How strongly the digits support the explanation: "certain", "likely" or "chance"."""
        return "certain" if self.margin >= CERTAIN else "likely" if self.margin >= LIKELY else "chance"


@dataclass(frozen=True)
class Answer:
    """The explanations of a number, the best first; `matching` quantities of the session's own pass round to it."""

    number: Pasted
    found: tuple[Found, ...]
    matching: int

    @property
    def is_found(self) -> bool:
        """Whether the number is a value of some pass, and not only a near miss or a far-fetched match."""
        return any(found.miss is None and (found.margin >= LIKELY or found.cost <= NEAR) for found in self.found)


@dataclass(frozen=True)
class WholeMatch:
    """The vector or matrix that all numbers form together, in the document's orientation or `turned`."""

    quantity: Quantity
    total: str
    turned: bool


@dataclass(frozen=True)
class Joint:
    """The explanation of most numbers at once: a pass and its form. `explained` are the indices of these numbers."""

    explained: tuple[int, ...]
    example: int
    update: int
    changes: tuple[PassChange, ...]
    whole: WholeMatch | None
    score: float


@dataclass(frozen=True)
class Result:
    """The answers in the order of the numbers, and the explanation that they share if several were pasted."""

    paste: Paste
    answers: tuple[Answer, ...]
    joint: Joint | None
    is_finished: bool

    @property
    def is_found(self) -> bool:
        """Whether every number is a value of some pass."""
        return all(answer.is_found for answer in self.answers)
