"""What a search for numbers gives: explanations of each number, and the one that they share."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from nnviz.debugger.finder_cases import Change
from nnviz.debugger.finder_misses import Miss
from nnviz.debugger.finder_values import ROUNDED
from nnviz.debugger.pasted import Paste, Pasted
from nnviz.trace.steps import Quantity

# How many bits a match must be ahead of chance to be told as certain, and as likely.
CERTAIN, LIKELY = 4.0, 0.0
# What costs no more bits is worth telling of a number with few digits too.
NEAR = 4.5


@dataclass(frozen=True)
class Found:
    """One explanation of a number.

    `example` is an index of the data, `update` how many updates after the session's pass; `changes` what is done
    otherwise than there; `agreement` EXACT, ROUNDED or TRUNCATED to the printed digits, unless `miss` says by which
    slip the number is none of the values. `value` is the quantity as the document tells it, at full precision, and
    `margin` how many bits the digits tell beyond what chance would give.
    """

    quantity: Quantity
    value: float
    example: int
    _: KW_ONLY
    update: int = 0
    changes: tuple[Change, ...] = ()
    agreement: int = ROUNDED
    total: str = ""
    miss: Miss | None = None
    cost: float = 0.0
    margin: float = 0.0

    @property
    def certainty(self) -> str:
        """How far the digits bear the explanation out: "certain", "likely" or "chance"."""
        return "certain" if self.margin >= CERTAIN else "likely" if self.margin >= LIKELY else "chance"


@dataclass(frozen=True)
class Answer:
    """The explanations of one number, the best first; `matching` quantities of the session's own pass round to it."""

    number: Pasted
    found: tuple[Found, ...]
    matching: int

    @property
    def is_found(self) -> bool:
        """Whether the number is a value of some pass, and not only a near miss or a match far-fetched."""
        return any(found.miss is None and (found.margin >= LIKELY or found.cost <= NEAR) for found in self.found)


@dataclass(frozen=True)
class Whole:
    """All numbers together are one vector or matrix, in the document's orientation or `turned`."""

    quantity: Quantity
    total: str
    turned: bool


@dataclass(frozen=True)
class Joint:
    """What explains most of the numbers at once: a pass and a way of telling it. `explained` are their places."""

    explained: tuple[int, ...]
    example: int
    update: int
    changes: tuple[Change, ...]
    whole: Whole | None
    score: float


@dataclass(frozen=True)
class Result:
    """The answers in the order of the numbers, and the explanation that they share, where several were pasted."""

    paste: Paste
    answers: tuple[Answer, ...]
    joint: Joint | None
    is_finished: bool

    @property
    def is_found(self) -> bool:
        """Whether every number is a value of some pass."""
        return all(answer.is_found for answer in self.answers)
