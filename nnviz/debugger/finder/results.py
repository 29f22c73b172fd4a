"""The result of a search for numbers: explanations of each number, and the one that they share."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.finder.pasted import Paste, Pasted
from nnviz.debugger.state.found import CARRIED, LIKELY, NEAR, SLIP, Found, PassChange
from nnviz.tracing.steps import Quantity


@dataclass(frozen=True)
class Answer:
    """The explanations of a number, the best first; `matching` quantities of the session's own pass round to it."""

    number: Pasted
    found: tuple[Found, ...]
    matching: int

    @property
    def is_found(self) -> bool:
        """Whether the number is a value of some pass, and not only a near miss or a far-fetched match."""
        best = self.found[0] if self.found else None
        return any(
            found.miss is None and not found.is_carried and (found.margin >= LIKELY or found.cost <= NEAR)
            for found in self.found
            if found is best or not found.is_slip
        )


@dataclass(frozen=True)
class WholeMatch:
    """The vector or matrix that all numbers form together, in the document's orientation or `turned`."""

    quantity: Quantity
    total: str
    turned: bool


@dataclass(frozen=True)
class Joint:
    """The explanation of most numbers at once: a pass and its form. `explained` are the indices of these numbers.

    `examples` are the other examples that some of them belong to, with the same weights.
    """

    explained: tuple[int, ...]
    example: int
    update: int
    changes: tuple[PassChange, ...]
    whole: WholeMatch | None
    score: float
    examples: tuple[int, ...] = ()

    @property
    def is_slip(self) -> bool:
        """Whether the pass is one in which a single step went wrong."""
        return any(change.name in (SLIP, CARRIED) for change in self.changes)

    @property
    def is_carried(self) -> bool:
        """Whether the pass is one in which a number is wrong, and others follow from it."""
        return any(change.name == CARRIED for change in self.changes)


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
