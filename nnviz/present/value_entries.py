"""Which entry of a vector or matrix a character of its text in the values table belongs to."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from nnviz.debugger.session import Session
from nnviz.present.values import GIVEN, ValueRow, shown_columns
from nnviz.present.voice import voice_of
from nnviz.trace.steps import PARAMETER_OF, Quantity
from nnviz.trace.values import value_of

_NUMBER = re.compile(r"[^\[\], ]+")
LEFT_OUT = "…"


def entry_at(session: Session, row: ValueRow, text: str, character: int) -> Quantity | None:
    """The entry of a given quantity whose number is nearest to a character of its text; None where none is shown."""
    if row.quantity.kind not in GIVEN:
        return None
    turned = row.quantity.kind in PARAMETER_OF and voice_of(session).units_first
    value = np.asarray(value_of(session.record, row.quantity))
    shape = value.shape[::-1] if turned else value.shape
    found = [(start, end, place) for start, end, place in _places(text, shape) if place is not None]
    if not found:
        return None
    nearest = min(found, key=lambda item: max(item[0] - character, character - item[1], 0))[2]
    return entry(row.quantity, nearest[::-1] if turned else nearest)


def entry(quantity: Quantity, place: tuple[int, ...]) -> Quantity:
    """One number of a whole quantity, by its place in the array: the last index is the unit."""
    source = place[0] if len(place) > 1 else None
    return replace(quantity, unit=place[-1], source=source)


def _places(text: str, shape: tuple[int, ...]) -> list[tuple[int, int, tuple[int, ...] | None]]:
    """Where each number of a text stands, and its place in an array of this shape; None for what is left out."""
    start = text.find("[")
    columns = [shown_columns(length) for length in shape]
    rows = columns[0] if len(shape) > 1 else [None]
    found: list[tuple[int, int, tuple[int, ...] | None]] = []
    at, across = 0, 0
    for match in _NUMBER.finditer(text, max(start, 0)):
        if len(shape) > 1 and match.group() == LEFT_OUT and across == 0 and rows[min(at, len(rows) - 1)] is None:
            at += 1
            continue
        if at >= max(1, len(rows)):
            break
        column = columns[-1][across]
        row = rows[at]
        known = column is not None and (len(shape) == 1 or row is not None)
        place = None if not known else (column,) if len(shape) == 1 else (row, column)
        found.append((match.start(), match.end(), place))  # type: ignore[arg-type]  # None is sorted out above
        across += 1
        if across == len(columns[-1]):
            at, across = at + 1, 0
    return found
