"""Which number stands where in a line of the values table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nnviz.debugger.session import Session
from nnviz.present.values import ValueRow, focus_of, shown_columns
from nnviz.present.voice import voice_of
from nnviz.trace.steps import Kind, Quantity

_CELL = re.compile(r"[^\[\], ]+")


def numbers_of(session: Session, row: ValueRow) -> tuple[Quantity | None, ...]:
    """The numbers that a row's text writes, in its order; None for the dots that stand for those left out."""
    voice = voice_of(session)
    shape = np.shape(voice.value(row.quantity))
    if not shape:
        return (row.quantity,)
    if len(shape) == 1:
        columns = shown_columns(shape[0], focus_of(session, row.quantity) if row.active else None)
        return tuple(None if at is None else _entry(row.quantity, at) for at in columns)
    return tuple(_of_matrix(row.quantity, shape, voice.units_first))


def number_in_row(session: Session, row: ValueRow, text: str, character: int) -> Quantity | None:
    """The number written at a character of a row's text; None between them."""
    start = max(text.find("["), 0)  # in front of it may stand by how much the last choice changed it
    for match, quantity in zip(_CELL.finditer(text, start), numbers_of(session, row), strict=False):
        if match.start() <= character < match.end():
            return quantity
    return None


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
