"""The numbers in a line of the values table: any of them, and those that may be edited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import voice_of
from nnviz.present.values.values_table import GIVEN, ValueRow, focus_of, shown_columns
from nnviz.tracing.steps import Kind, Quantity

_CELL = re.compile(r"[^\[\], ]+")


def numbers_of(session: Session, row: ValueRow) -> tuple[Quantity | None, ...]:
    """Return the numbers of a row's text in order; None for an ellipsis."""
    voice = voice_of(session)
    shape = np.shape(voice.value(row.quantity))
    if not shape:
        return (row.quantity,)
    if len(shape) == 1:
        columns = shown_columns(shape[0], focus_of(session, row.quantity) if row.active else None)
        return tuple(None if at is None else _entry(row.quantity, at) for at in columns)
    return tuple(_of_matrix(row.quantity, shape, voice.units_first))


def number_in_row(session: Session, row: ValueRow, text: str, character: int) -> Quantity | None:
    """Return the number at a character of a row's text; None between numbers."""
    written = _written(session, row, text)
    return next((quantity for start, end, quantity in written if start <= character < end), None)


def entry_at(session: Session, row: ValueRow, text: str, character: int) -> Quantity | None:
    """Return the number of a given quantity nearest to a character of its text; None if none is shown."""
    if row.quantity.kind not in GIVEN:
        return None
    found = [place for place in _written(session, row, text) if place[2] is not None]
    return min(found, key=lambda place: max(place[0] - character, character - place[1], 0), default=(0, 0, None))[2]


def _written(session: Session, row: ValueRow, text: str) -> list[tuple[int, int, Quantity | None]]:
    """Return the start and end of each number of a row's text; None for an ellipsis."""
    start = max(text.find("["), 0)  # the change by the last choice may precede it
    cells = zip(_CELL.finditer(text, start), numbers_of(session, row), strict=False)
    return [(match.start(), match.end(), quantity) for match, quantity in cells]


def _entry(quantity: Quantity, at: int) -> Quantity:
    if quantity.kind in (Kind.DZ_DW, Kind.EXPONENTIAL):
        return replace(quantity, source=at)
    return replace(quantity, unit=at)


def _of_matrix(quantity: Quantity, shape: tuple[int, ...], units_first: bool) -> Iterator[Quantity | None]:
    for row in shown_columns(shape[0]):
        if row is None:
            yield None
            continue
        for column in shown_columns(shape[1]):
            unit, source = (row, column) if units_first else (column, row)
            yield None if column is None else replace(quantity, unit=unit, source=source)
