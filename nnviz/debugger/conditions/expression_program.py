"""The parts of a parsed expression, and the program that evaluates them: closures, built once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.debugger.conditions.functions import APPLIED
from nnviz.debugger.conditions.names import Leaf, Shape
from nnviz.debugger.conditions.pass_values import Pass, mean_loss
from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import Kind, Quantity
from nnviz.tracing.values import value_of

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


class _UnknownError(Exception):
    """A value that is not known, so that no value computed from it is known either."""


_UNKNOWN = object()
_Moment = tuple[
    Pass, Sequence[Any], Sequence[Any]
]  # the pass; the values checked for changes, now and in the previous pass
_Read = Callable[[_Moment], Any]


class Program:
    """An expression compiled for fast evaluation. It holds no state between evaluations."""

    def __init__(self, root: Part, changes: Sequence[Part]) -> None:
        self._root = _build(root)
        self._changes = tuple(_build(part) for part in changes)

    def run(self, of: Pass, before: Sequence[Any] | None) -> tuple[Result | None, Sequence[Any]]:
        """Return the value in a pass, None if it is not known, and the `before` of the next pass.

        `before` is None if there is no previous pass. Call this with NumPy warnings off (np.errstate).
        """
        now = tuple(_or_unknown(read, of) for read in self._changes)
        try:
            return self._root((of, now, before or ())), now
        except _UnknownError:
            return None, now


def _or_unknown(read: _Read, of: Pass) -> Any:
    try:
        value = read((of, (), ()))
    except _UnknownError:
        return _UNKNOWN
    # A trainer's buffers are overwritten in every pass.
    return value.copy() if isinstance(value, np.ndarray) else value


def _build(part: Part) -> _Read:
    match part:
        case ConstantPart(value):
            return lambda moment: value
        case Leaf():
            return _leaf(part)
        case Special(word, argument):
            return _special(word, argument)
        case Changed(index):
            return lambda moment: _has_changed(moment, index)
        case Apply(word, parts):
            return _applied(APPLIED[word].apply, [_build(inner) for inner in parts])


def _applied(function: Callable[..., Any], reads: Sequence[_Read]) -> _Read:
    if len(reads) == 1:
        (only,) = reads
        return lambda moment: function(only(moment))
    if len(reads) == 2:
        one, other = reads
        return lambda moment: function(one(moment), other(moment))
    return lambda moment: function(*[read(moment) for read in reads])


def _leaf(leaf: Leaf) -> _Read:
    quantity, sign = leaf.quantity, leaf.sign

    def read(moment: _Moment) -> Any:
        return value_of(moment[0].record, quantity)

    def converted(moment: _Moment) -> Any:
        record = moment[0].record
        value = value_of(record, quantity)
        factor = sign * record.rule.rates.learning_rate if leaf.has_rate else sign
        value = value if factor == 1.0 else value * factor
        return value.T if leaf.is_turned and isinstance(value, np.ndarray) else value

    return read if sign == 1.0 and not leaf.has_rate and not leaf.is_turned else converted


def _special(word: str, argument: int) -> _Read:
    def epoch_loss(of: Pass) -> float:
        if of.epoch_loss is None:
            raise _UnknownError
        return of.epoch_loss

    reads: dict[str, Callable[[Pass], float]] = {
        "update": lambda of: float(of.update),
        "epoch": lambda of: float(of.epoch),
        "example": lambda of: float(of.example + 1),
        "mean_loss": lambda of: mean_loss(of.record),
        "epoch_loss": epoch_loss,
        "prediction": lambda of: of.predict(of.record.parameters, argument),
    }
    read = reads[word]
    return lambda moment: read(moment[0])


def _has_changed(moment: _Moment, index: int) -> bool:
    _, now, before = moment
    if not before or before[index] is _UNKNOWN or now[index] is _UNKNOWN:
        raise _UnknownError
    if isinstance(now[index], np.ndarray):
        return not np.array_equal(now[index], before[index], equal_nan=now[index].dtype != bool)
    return bool(now[index] != before[index]) and not (now[index] != now[index] and before[index] != before[index])
