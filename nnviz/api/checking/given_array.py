"""An array that a person gives for a value of a pass: numbers or digits as text, in any shape that fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.conditions.expressions import evaluate, known_at, read_expression
from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.finder.number_table import agreement
from nnviz.debugger.finder.pasted import Pasted, PasteError, read_paste
from nnviz.debugger.state.expression import Expression, Leaf
from nnviz.debugger.state.found import NONE
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.models.parts import to_array
from nnviz.tracing.steps import Quantity

TOLERANCE = 1e-5  # absolute below 1, relative above


@dataclass(frozen=True, eq=False, kw_only=True)
class GivenArray:
    """A value by name with what a person has for it, both in the shape and sign in which `print` shows it.

    `values` is None if no shape fits; `note` says how they were read, such as "transposed". `printed` are the numbers
    of a text, in the order of `values`. `position` is where the value becomes known. `elements` are the quantities of
    the values, each `factor` times the true one, or None if the name is an expression.
    """

    name: str
    expected: FloatArray
    values: FloatArray | None
    shape: tuple[int, ...]
    note: str
    printed: tuple[Pasted, ...] | None
    position: int
    elements: NDArray[np.object_] | None
    factor: float

    def wrong_in(self, expected: FloatArray) -> NDArray[np.bool_]:
        """Return which values differ from others of the same shape."""
        assert self.values is not None
        return _wrong(self.values, expected, self.printed)


def read_given(session: Session, name: str, value: Any) -> GivenArray:
    """Read what a person has for a value. Raises ValueError, in one line, for an unknown name or no numbers."""
    try:
        expression = read_expression(name, session)
    except ExpressionError as error:
        raise ValueError(f"{name}: {error.message}") from None
    own = evaluate(expression, session)
    if own is None:
        raise ValueError(f"{name} has no value in this pass")
    given, printed = _numbers(name, value)
    times = _over_time(session, expression, given, np.ndim(own))
    expected = np.array(own if times is None else [evaluate(each, session) for each in times], dtype=np.float64)
    values, note, order = _aligned(given, expected, len(session.lesson.dataset), session.example, printed)
    position = known_at(expression, session.trace) or 0
    elements, factor = _elements(times or (expression,), expected.shape, session)
    return GivenArray(
        name=name,
        expected=expected,
        values=values,
        shape=given.shape,
        note=note,
        printed=None if printed is None or order is None else tuple(printed[index] for index in order),
        position=position,
        elements=elements,
        factor=factor,
    )


def _numbers(name: str, value: Any) -> tuple[FloatArray, tuple[Pasted, ...] | None]:
    """Return the numbers of a value, and those of a text as printed. Raises ValueError."""
    array = to_array(value)
    if array.dtype.kind in "fiub":
        return np.asarray(array, np.float64), None
    if array.dtype.kind not in "UO" or not all(isinstance(each, str) for each in array.ravel().tolist()):
        raise ValueError(f"{name}: {type(value).__name__} holds no numbers")
    try:
        pastes = [read_paste(text) for text in array.ravel().tolist()]
    except PasteError as error:
        raise ValueError(f"{name}: {error}") from None
    printed = tuple(number for paste in pastes for number in paste.numbers)
    shape = array.shape if len(printed) == array.size else (pastes[0].shape or (len(printed),))
    return np.array([number.value for number in printed]).reshape(shape), printed


def _over_time(session: Session, expression: Expression, given: FloatArray, ndim: int) -> tuple[Expression, ...] | None:
    """Return the expression at each time step, if what is given has a time axis before its own."""
    steps = session.lesson.dataset.time_steps
    if steps == 1 or "@" in expression.text or given.ndim != ndim + 1 or given.shape[0] != steps:
        return None
    try:
        return tuple(read_expression(f"{expression.text} @ {time}", session) for time in range(1, steps + 1))
    except ExpressionError:
        return None


def _aligned(
    given: FloatArray, expected: FloatArray, examples: int, example: int, printed: tuple[Pasted, ...] | None
) -> tuple[FloatArray | None, str, list[int] | None]:
    """Return what is given in the shape that is expected, how it was read, and the order of its numbers."""
    ways = list(_ways(given, expected.shape, examples, example))
    for values, note, order in ways:
        own = None if printed is None else tuple(printed[index] for index in order)
        if not _wrong(values, expected, own).any():
            return values, note, order
    return ways[0] if ways else (None, "", None)


def _ways(
    given: FloatArray, shape: tuple[int, ...], examples: int, example: int
) -> Iterator[tuple[FloatArray, str, list[int]]]:
    """Yield the ways to read an array in a shape: as it is, flat, transposed, or as a row of a batch."""
    order = np.arange(given.size).reshape(given.shape)
    forms = [(order, "")] if given.shape == shape else []
    if given.size == int(np.prod(shape)):
        if given.shape != shape and given.squeeze().shape == tuple(size for size in shape if size != 1):
            forms.append((order.reshape(shape), ""))
        elif given.ndim == 1 and len(shape) == 2:
            forms += [(order.reshape(shape), "flat"), (order.reshape(shape[::-1]).T, "flat, transposed")]
        if given.ndim == len(shape) == 2 and given.shape == shape[::-1] and 1 not in shape:
            forms.append((order.T, "transposed"))
    if given.ndim == len(shape) + 1 and given.shape == (examples, *shape):
        forms.append((order[example], f"row {example} of {examples}"))
    elif not shape and given.shape == (examples,) and examples > 1:
        forms.append((order[example], f"number {example} of {examples}"))
    for indices, note in forms:
        yield given.ravel()[indices].reshape(shape), note, np.ravel(indices).tolist()


def _wrong(values: FloatArray, expected: FloatArray, printed: tuple[Pasted, ...] | None) -> NDArray[np.bool_]:
    """Return which values differ by more than the tolerance, or from the digits of a text."""
    if printed is not None:
        pairs = zip(printed, np.ravel(expected).tolist(), strict=True)
        codes = [agreement(np.array([own]), number)[0] == NONE for number, own in pairs]
        return np.array(codes).reshape(expected.shape)
    with np.errstate(invalid="ignore"):
        close = np.abs(values - expected) <= TOLERANCE * np.maximum(1.0, np.abs(expected))
    same: NDArray[np.bool_] = close | (np.isnan(values) & np.isnan(expected)) | (values == expected)
    return np.asarray(~same)


def _elements(
    expressions: tuple[Expression, ...], shape: tuple[int, ...], session: Session
) -> tuple[NDArray[np.object_] | None, float]:
    """Return the quantity of each value, and by what the values are the true ones multiplied."""
    leaves = [expression.root for expression in expressions]
    first = leaves[0]
    if not isinstance(first, Leaf) or not all(isinstance(leaf, Leaf) for leaf in leaves):
        return None, 1.0
    parts = [part for leaf in leaves if isinstance(leaf, Leaf) for part in _quantities(leaf)]
    if len(parts) != int(np.prod(shape)):
        return None, 1.0
    elements = np.empty(len(parts), dtype=object)
    elements[:] = parts
    rate = session.record.rule.rates.learning_rate if first.has_rate else 1.0
    return elements.reshape(shape), first.sign * rate


def _quantities(leaf: Leaf) -> list[Quantity]:
    """Return the quantities of a leaf's numbers, in the order in which they are shown."""
    quantity, shape = leaf.quantity, leaf.shape
    if not shape:
        return [quantity]
    if len(shape) == 1:
        if quantity.unit is None:
            return [replace(quantity, unit=index) for index in range(shape[0])]
        return [replace(quantity, source=index) for index in range(shape[0])]
    pairs = [(row, column) for row in range(shape[0]) for column in range(shape[1])]
    turned = [pair if leaf.is_turned else pair[::-1] for pair in pairs]
    return [replace(quantity, unit=unit, source=source) for unit, source in turned]
