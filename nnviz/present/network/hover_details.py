"""The numbers with all digits that hovering over a unit or an edge of the network canvas shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.present.core.changes import has_changed, old_value, voice_before
from nnviz.present.core.voice import new_mark, voice_of
from nnviz.present.network.marks import Picture, UnitMark
from nnviz.present.places.label import Rect
from nnviz.present.text.numbers import UNKNOWN, digits
from nnviz.present.words.health_text import health_of_units
from nnviz.tracing.provenance import bias_quantity
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

NAME, PILL = 36.0, 24.0  # the room above and below a disc
TAG_REACH = 26.0  # half the side of the square around an edge's numbers


def unit_details(session: Session, layer: int, unit: int, time: int = 0) -> tuple[tuple[str, str], ...]:
    """Return a unit's known numbers with all digits, for hovering. `layer` -1 is the input."""
    voice = voice_of(session)
    if layer < 0:
        quantity = Quantity(Kind.INPUT, None, unit, time=time)
        return ((voice.text(quantity), digits(voice.number(quantity))),)
    kinds = [PARAMETER_KINDS[name] for name in ("b", "b_h") if name in session.record.architecture.slots[layer]]
    held = [bias_quantity(session.record, kind.value, layer, unit) for kind in kinds]
    quantities = [Quantity(Kind.Z, layer, unit, time=time), Quantity(Kind.EXPONENTIAL, layer, 0, unit, time)]
    timed = (Kind.A, Kind.DE_DA, Kind.SLOPE, Kind.DELTA)
    quantities += [Quantity(kind, layer, unit, time=time) for kind in timed]
    quantities += [bias_quantity(session.record, kind, layer, unit) for of in kinds for kind in (of.gradient, of.new)]
    rows = [(voice.text(bias), digits(voice.number(bias))) for bias in held]
    problem = health_of_units(session).get((layer, unit), "")
    return (*rows, *_known_rows(session, quantities), *([("health", f"! {problem}")] if problem else []))


def edge_details(session: Session, weight: Quantity) -> tuple[tuple[str, str], ...]:
    """Return the known numbers of an edge, named by its weight, with all digits."""
    voice, kinds = voice_of(session), PARAMETER_OF[weight.kind]
    rows = [(voice.text(weight), digits(voice.number(weight)))]
    return (*rows, *_known_rows(session, [replace(weight, kind=kind) for kind in (kinds.gradient, kinds.new)]))


def hover_places(picture: Picture, quantity: Quantity) -> tuple[tuple[Rect, ...], tuple[Rect, ...]]:
    """Return the rectangles of a hovered number, which its details leave free, and those of the other neurons."""
    others = tuple(_around(mark) for mark in (*picture.units, *_unfolded(picture)))
    own: list[Rect] = []
    if quantity.kind in (Kind.A, Kind.INPUT, Kind.STATE, Kind.BIAS):
        own = [
            _around(mark)
            for mark in (*picture.units, *_unfolded(picture))
            if (mark.unit, mark.layer) == (quantity.unit, -1 if quantity.layer is None else quantity.layer)
            and mark.time in (quantity.time, -1 if quantity.kind is Kind.STATE else quantity.time)
        ]
    if quantity.kind is Kind.TARGET:
        own = [box.rect for box in picture.step_errors or (picture.error,)]
    for edges in picture.edges:
        if quantity.kind in (Kind.WEIGHT, Kind.WEIGHT_H) and edges.layer == quantity.layer:
            label = edges.label_of(quantity.unit or 0, quantity.source or 0)
            own += [_square(label.x, label.y, TAG_REACH)] if label is not None else []
    return tuple(own), tuple(rect for rect in others if rect not in own)


def _unfolded(picture: Picture) -> Iterator[UnitMark]:
    return (mark for lens in picture.lenses for mark in lens.units)


def _around(mark: UnitMark) -> Rect:
    """Return the rectangle of a disc with its name above and its error term below."""
    return mark.x - mark.radius, mark.y - mark.radius - NAME, 2 * mark.radius, 2 * mark.radius + NAME + PILL


def _square(x: float, y: float, half: float) -> Rect:
    return x - half, y - half, 2 * half, 2 * half


def _known_rows(session: Session, quantities: list[Quantity]) -> list[tuple[str, str]]:
    """Return a row for each quantity that this pass has, with a dash while it is not known."""
    rows, voice, before = [], voice_of(session), voice_before(session)
    for quantity in quantities:
        if session.trace.find(quantity) is None:
            continue
        known = session.trace.is_known(quantity, session.position)
        name = f"{voice.text(quantity)}{new_mark(quantity.kind)}"
        rows.append((name, digits(voice.number(quantity)) if known else UNKNOWN))
        old = old_value(voice, before, quantity) if before is not None and known else None
        if isinstance(old, float) and has_changed(voice, before, quantity):
            rows.append((f"{name} before", digits(old)))
    return rows
