"""What a unit or an edge of the network canvas tells when the mouse is over it: its numbers with all digits."""

from __future__ import annotations

from nnviz.debugger.session import Session
from nnviz.present.changes import has_changed, old_value, voice_before
from nnviz.present.numbers import UNKNOWN, digits
from nnviz.present.voice import Voice, voice_of
from nnviz.trace.steps import Kind, Quantity


def unit_details(session: Session, layer: int, unit: int) -> tuple[tuple[str, str], ...]:
    """A unit's numbers with all digits, those that are known: for hovering. `layer` -1 is the input."""
    voice = voice_of(session)
    if layer < 0:
        quantity = Quantity(Kind.INPUT, None, unit)
        return ((voice.text(quantity), digits(voice.number(quantity))),)
    kinds = (Kind.Z, Kind.A, Kind.DE_DA, Kind.SLOPE, Kind.DELTA, Kind.DB, Kind.B_NEW)
    bias = Quantity(Kind.BIAS, layer, unit)
    rows = [(voice.text(bias), digits(voice.number(bias)))]
    return (*rows, *_known_rows(session, voice, [Quantity(kind, layer, unit) for kind in kinds]))


def edge_details(session: Session, layer: int, unit: int, source: int) -> tuple[tuple[str, str], ...]:
    """An edge's numbers with all digits, those that are known."""
    voice = voice_of(session)
    weight = Quantity(Kind.WEIGHT, layer, unit, source)
    rows = [(voice.text(weight), digits(voice.number(weight)))]
    kinds = (Kind.DW, Kind.W_NEW)
    return (*rows, *_known_rows(session, voice, [Quantity(kind, layer, unit, source) for kind in kinds]))


def _known_rows(session: Session, voice: Voice, quantities: list[Quantity]) -> list[tuple[str, str]]:
    """A row for each quantity that this pass tells, with a dash while it is not known."""
    rows, before = [], voice_before(session)
    for quantity in quantities:
        if session.trace.find(quantity) is None:
            continue
        known = session.trace.is_known(quantity, session.position)
        name = voice.text(quantity)
        if quantity.kind in (Kind.W_NEW, Kind.B_NEW):
            name = f"{name} (new)"
        rows.append((name, digits(voice.number(quantity)) if known else UNKNOWN))
        old = old_value(voice, before, quantity) if before is not None and known else None
        if isinstance(old, float) and has_changed(voice, before, quantity):
            rows.append((f"{name} before", digits(old)))
    return rows
