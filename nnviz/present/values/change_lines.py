"""The changes by the last choice as lines of text, each with the old and new numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.present.core.changes import count_change, differ, number_change, old_value, voice_before, what_changed
from nnviz.present.core.missing_cells import missing_cells
from nnviz.present.core.voice import Voice, new_mark, voice_of
from nnviz.present.values.values_table import MOST, figures, given_quantities
from nnviz.tracing.steps import Kind, Quantity

MOST_SHOWN = 8  # numbers of a vector or matrix; for a larger one, only how many changed is shown


def change_lines(session: Session) -> Iterator[str]:
    """Yield sentences, then given numbers, then computed ones in order; nothing if there was no choice.

    While the learner predicts, numbers after the question are not included.
    """
    found, voice, before = what_changed(session), voice_of(session), voice_before(session)
    if found is None:
        return
    yield from found.sentences
    if before is None:
        return
    for quantity in (*given_quantities(session), Quantity(Kind.RATE)):
        yield from _lines(voice, before, quantity, voice.text(quantity))
    for change in found.changes:
        if session.asked is None or change.position <= session.position:
            yield from _lines(voice, before, change.quantity, change.name)


def _lines(voice: Voice, before: Voice, quantity: Quantity, name: str) -> Iterator[str]:
    """Yield a changed quantity with its values if they are few; if one of several changed, only that one."""
    earlier, present = old_value(voice, before, quantity), voice.value(quantity)
    if earlier is None or np.shape(earlier) != np.shape(present):
        return
    old, new = np.asarray(earlier), np.asarray(present)
    mask = differ(old, new)
    if mask.sum() == 1:
        at = tuple(int(place) for place in np.argwhere(mask)[0])
        item = _item(voice, quantity, at)
        own = name if mask.size == 1 else voice.text(item) + new_mark(item.kind)
        yield f"{own}: {number_change(float(old[at]), float(new[at]))}"
    elif mask.any() and mask.size <= MOST_SHOWN and max(mask.shape) <= MOST:
        known, missing = np.ones_like(mask), missing_cells(voice, quantity)
        yield f"{name}: {figures(old, known, missing=missing)} → {figures(new, known, missing=missing)}"
    elif mask.any():
        missing = missing_cells(voice, quantity)
        there = np.ones_like(mask) if missing is None else ~missing
        yield f"{name}: {count_change(old[there], new[there], mask[there])}"


def _item(voice: Voice, quantity: Quantity, at: tuple[int, ...]) -> Quantity:
    """Return the number at an index of a whole vector or matrix, as it is written."""
    if len(at) == 2:
        unit, source = at if voice.units_first else at[::-1]
        return replace(quantity, unit=unit, source=source)
    if len(at) == 1:
        return replace(quantity, source=at[0]) if quantity.kind is Kind.DZ_DW else replace(quantity, unit=at[0])
    return quantity
