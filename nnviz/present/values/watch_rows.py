"""Watches as rows of text: the value, its change since the previous pass, and whether the step has computed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.debugger.conditions.watches import WatchRow
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.present.text.numbers import UNKNOWN, array_text, fixed, full, marked, pretty
from nnviz.tracing.steps import Quantity, matches_index

DECIMALS = 6


@dataclass(frozen=True)
class WatchLine:
    """A watch as text: its expression, value, change, all digits, whether it is highlighted, and its number."""

    id: int
    name: str
    value: str
    change: str
    full: str
    lit: bool


def watch_lines(session: Session, rows: Sequence[WatchRow]) -> tuple[WatchLine, ...]:
    """Return the lines of rows; those whose quantities the step has just computed are highlighted."""
    step = session.step
    at = None if step is None else step.quantity
    return tuple(_line(row, at) for row in rows)


def spark_points(values: Sequence[object]) -> tuple[float, ...]:
    """Return one number per point for a sparkline: the norm of a vector or matrix, NaN if it is not known."""
    return tuple(float("nan") if value is None else _size(np.asarray(value, float)) for value in values)


def _size(array: FloatArray) -> float:
    return float(np.linalg.norm(array)) if array.ndim else float(array)


def _line(row: WatchRow, at: Quantity | None) -> WatchLine:
    expression = row.watch.expression
    lit = at is not None and any(_is_of(quantity, at) for quantity in expression.quantities)
    value = UNKNOWN if row.value is None else _text(row.value)
    digits = "not known yet" if row.value is None else _digits(row.value)
    return WatchLine(row.watch.id, expression.text, value, _change(row), digits, lit)


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    array = np.asarray(value)
    if array.dtype == bool:
        return str(array.tolist()).lower()
    if array.ndim == 0:
        number = float(array)
        return str(int(number)) if number.is_integer() and abs(number) < 1e9 else pretty(fixed(number, DECIMALS))
    return pretty_array(array)


def pretty_array(array: FloatArray) -> str:
    """Return a vector or matrix on one line."""
    return marked(array_text(array, 4).replace("-", "\N{MINUS SIGN}").replace("\n", ""))


def _digits(value: object) -> str:
    array = np.asarray(value)
    return _text(value) if array.ndim or array.dtype == bool else pretty(full(float(array)))


def _change(row: WatchRow) -> str:
    if row.value is None or row.before is None:
        return ""
    now, before = np.asarray(row.value), np.asarray(row.before)
    if now.dtype == bool:
        return "" if bool((now == before).all()) else f"was {_text(row.before)}"
    if now.ndim or now.shape != before.shape:
        return ""
    difference = float(now) - float(before)
    if difference == 0 or not np.isfinite(difference):
        return ""
    sign = "+" if difference > 0 else ""
    return sign + pretty(f"{difference:.3g}")


def _is_of(quantity: Quantity, at: Quantity) -> bool:
    same = (quantity.kind, quantity.layer) == (at.kind, at.layer)
    return (
        same
        and matches_index(quantity.unit, at.unit)
        and matches_index(quantity.source, at.source)
        and quantity.time == at.time
    )
