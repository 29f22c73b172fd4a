"""The functions and operators of expressions: each one's rule for shapes and its arithmetic, in one table."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from nnviz.debugger.conditions.grammar import ExpressionError

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ValueType:
    """The sort of a value: its shape, and whether it is true or false instead of a number."""

    shape: Shape = ()
    is_truth: bool = False


class ValueTypeError(ValueError):
    """Values that a function does not accept; the message says what it needs."""


Rule = Callable[[str, Sequence[ValueType]], ValueType]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: `rule(word, sorts)` returns the result's sort or raises ValueTypeError; `apply` computes it."""

    rule: Rule
    apply: Callable[..., Any]
    help: str = ""


def _numbers(word: str, sorts: Sequence[ValueType]) -> None:
    if any(sort.is_truth for sort in sorts):
        raise ValueTypeError(f"{word} needs numbers, not truth values")


def _common(word: str, sorts: Sequence[ValueType]) -> Shape:
    shapes = list(dict.fromkeys(sort.shape for sort in sorts if sort.shape))
    if len(shapes) > 1:
        raise ValueTypeError(
            f"{word} between the shapes {shapes[0]} and {shapes[1]}: they must be equal, or one side a number"
        )
    return shapes[0] if shapes else ()


def _one(word: str, sorts: Sequence[ValueType]) -> ValueType:
    if len(sorts) != 1:
        raise ValueTypeError(f"{word} takes one value, not {len(sorts)}")
    return sorts[0]


def _arithmetic(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _numbers(word, sorts)
    return ValueType(_common(word, sorts))


def _each(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _numbers(word, sorts)
    return ValueType(_one(word, sorts).shape)


def _compared(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _numbers(word, sorts)
    return ValueType(_common(word, sorts), True)


def _logical(word: str, sorts: Sequence[ValueType]) -> ValueType:
    if not all(sort.is_truth for sort in sorts):
        raise ValueTypeError(f"{word} needs truth values: add a comparison, as in … > 0")
    return ValueType(_common(word, sorts), True)


def _reduced(word: str, sorts: Sequence[ValueType]) -> ValueType:
    """Return the sort of one vector or matrix reduced to a number, or of several single numbers."""
    if len(sorts) > 1 and any(sort.shape for sort in sorts):
        raise ValueTypeError(f"{word} takes one vector or matrix, or several single numbers")
    return ValueType()


def _reduced_numbers(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _numbers(word, sorts)
    return _reduced(word, sorts)


def _decided(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _logical(word, sorts)
    return ValueType(_reduced(word, sorts).shape, True)


def _tested(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _numbers(word, sorts)
    return ValueType(_reduced(word, sorts).shape, True)


def _placed(word: str, sorts: Sequence[ValueType]) -> ValueType:
    _numbers(word, sorts)
    if len(_one(word, sorts).shape) > 1:
        raise ValueTypeError(f"{word} takes a vector, not a matrix")
    return ValueType()


def _ufunc(function: np.ufunc) -> Callable[..., Any]:
    """Wrap a NumPy function: plain numbers in, a plain number out, without warnings for NaN and infinity."""

    def apply(*values: Any) -> Any:
        result = function(*values)
        return result if isinstance(result, np.ndarray) else float(result)

    return apply


def _sign(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.sign(value)
    return math.copysign(1.0, value) if value == value and value else value


def _over_all(function: Callable[[Any], Any], kind: type) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        return kind(function(np.asarray(values[0] if len(values) == 1 else values)))

    return apply


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_each, abs, "the absolute value"),
    "sign": Function(_each, _sign, "-1, 0 or 1"),
    "sqrt": Function(_each, _ufunc(np.sqrt), "the square root"),
    "exp": Function(_each, _ufunc(np.exp), "e raised to this power"),
    "log": Function(_each, _ufunc(np.log), "the natural logarithm"),
    "min": Function(_reduced_numbers, _over_all(np.min, float), "the smallest number"),
    "max": Function(_reduced_numbers, _over_all(np.max, float), "the largest number"),
    "sum": Function(_reduced, _over_all(np.sum, float), "the sum, or the count of true values"),
    "mean": Function(_reduced, _over_all(np.mean, float), "the mean, or the share of true values"),
    "norm": Function(
        _reduced_numbers, _over_all(lambda v: np.sqrt(np.sum(v * v)), float), "the square root of the sum of squares"
    ),
    "any": Function(_decided, _over_all(np.any, bool), "true if any value is true"),
    "all": Function(_decided, _over_all(np.all, bool), "true if all values are true"),
    "isfinite": Function(_tested, _over_all(lambda v: np.isfinite(v).all(), bool), "true if all values are finite"),
    "nonfinite": Function(
        _tested, _over_all(lambda v: not np.isfinite(v).all(), bool), "true if any value is NaN or infinity"
    ),
    "argmax": Function(_placed, _over_all(lambda v: np.argmax(v) + 1, float), "the index of the largest, from 1"),
}

OPERATORS: dict[str, Function] = {
    "+": Function(_arithmetic, operator.add),
    "-": Function(_arithmetic, operator.sub),
    "*": Function(_arithmetic, operator.mul),
    "/": Function(_arithmetic, _ufunc(np.divide)),
    "^": Function(_arithmetic, _ufunc(np.float_power)),
    "negative": Function(_each, operator.neg),
    "<": Function(_compared, operator.lt),
    "<=": Function(_compared, operator.le),
    "==": Function(_compared, operator.eq),
    "!=": Function(_compared, operator.ne),
    ">=": Function(_compared, operator.ge),
    ">": Function(_compared, operator.gt),
    "and": Function(_logical, lambda *values: reduce(operator.and_, values)),
    "or": Function(_logical, operator.or_),
    "some": Function(_decided, lambda *values: any(values)),
    "not": Function(_logical, lambda value: value ^ True),
}

ALL_FUNCTIONS = FUNCTIONS | OPERATORS


def applied_type(word: str, sorts: Sequence[ValueType], column: int) -> ValueType:
    """Return the sort of what a function or operator makes of values. Raises ExpressionError with the column."""
    try:
        return ALL_FUNCTIONS[word].rule("a minus sign" if word == "negative" else word, sorts)
    except ValueTypeError as error:
        raise ExpressionError(str(error), column) from None
