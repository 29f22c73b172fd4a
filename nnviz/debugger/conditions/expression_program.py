"""The parts of a parsed expression, and the program that evaluates them: closures, built once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np

from nnviz.debugger.conditions.functions import ALL_FUNCTIONS
from nnviz.debugger.conditions.pass_values import Pass, mean_loss
from nnviz.debugger.diagnosis.nonfinite import is_finite
from nnviz.debugger.state.expression import NOT_FINITE, Apply, Changed, ConstantPart, Leaf, Part, Result, Special
from nnviz.tracing.groups import belongs_to_rule
from nnviz.tracing.steps import UPDATE_TERMS, Kind
from nnviz.tracing.values import value_of


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
            return _applied(ALL_FUNCTIONS[word].apply, [_build(inner) for inner in parts])


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

    def of_rule(moment: _Moment) -> Any:
        if not belongs_to_rule(moment[0].record, quantity):  # set under another rule
            raise _UnknownError
        return read(moment)

    if quantity.kind in (*UPDATE_TERMS, Kind.NORM, Kind.CLIP):
        return of_rule
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
        "accuracy": lambda of: of.predict.accuracy(of.record.parameters),
        NOT_FINITE: lambda of: not is_finite(of.record) or (of.epoch_loss is not None and not isfinite(of.epoch_loss)),
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
