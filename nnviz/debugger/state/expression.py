"""Expressions as values: parsed, storable, comparable, and picklable for another process."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import Kind, Quantity

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Leaf:
    """A value to look up: a number, or a vector or matrix if the quantity has no unit or source.

    It is the record's value, transposed if `is_turned`, times `sign`, and times the learning rate if `has_rate`.
    """

    quantity: Quantity
    shape: Shape
    is_turned: bool = False
    sign: float = 1.0
    has_rate: bool = False


Result = float | bool | FloatArray


@dataclass(frozen=True, slots=True)
class ConstantPart:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Special:
    """A counter of the run, or the prediction of an example (from 0)."""

    word: str
    argument: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """Whether the value of one of the expression's `changes` differs from that of the previous pass."""

    index: int


@dataclass(frozen=True, slots=True)
class Apply:
    """A function or operator applied to parts."""

    word: str
    parts: tuple[Part, ...]


Part = ConstantPart | Leaf | Special | Changed | Apply


# What a pass is given; all other values are computed in it.
GIVEN = {Kind.INPUT, Kind.TARGET, Kind.WEIGHT, Kind.BIAS, Kind.WEIGHT_H, Kind.BIAS_H, Kind.RATE}


# Values given to the pass that are in a trainer's buffers only after the pass.
OF_BATCH = {Kind.INPUT, Kind.TARGET}


OF_LOSS = {"mean_loss", "epoch_loss"}


NOT_FINITE = "not finite"  # a special that no text can name: whether any number of the whole pass is NaN or infinity


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A parsed expression: it can be stored, compared and sent to another process.

    `changes` are the values that are checked for changes. `shape` is () for one number; `is_truth` is true for a truth
    value. `quantities` are the values that the expression depends on, and `specials` the counters.
    """

    text: str
    notation: str
    root: Part
    changes: tuple[Part, ...]
    shape: Shape
    is_truth: bool
    quantities: tuple[Quantity, ...]
    specials: tuple[str, ...]

    @property
    def is_given(self) -> bool:
        """Whether all of it is known before a pass begins: parameters, inputs, counters, predictions."""
        return all(q.kind in GIVEN for q in self.quantities) and not OF_LOSS & set(self.specials)

    @property
    def is_early(self) -> bool:
        """Whether a trainer can evaluate it before it makes the pass."""
        return self.is_given and all(q.kind not in OF_BATCH for q in self.quantities)
