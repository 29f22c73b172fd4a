"""The numbers on the network canvas: the rings around the numbers of a trail, and the number at a click."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.debugger.why import factors, is_known
from nnviz.present.network.hit import bias_at, bias_rects, hit
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import EdgesMark, Picture, UnitMark
from nnviz.present.network.scene import LISTED, place_of
from nnviz.present.places.label import Rect, grown, holds
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

DISC, BOX, LINE = "disc", "box", "line"
_GRADIENTS = {kind for kinds in PARAMETER_KINDS.values() for kind in (kinds.gradient, kinds.gradient_term)}


@dataclass(frozen=True)
class WhyMark:
    """A ring around a number: a disc or box in its rectangle, or an edge from (x1, y1) to (x2, y2)."""

    shape: str
    rect: Rect
    asked: bool


def canvas_marks(session: Session, picture: Picture) -> tuple[WhyMark, ...]:
    """Return the rings on the network canvas: around the number shown, and around its factors if they are few."""
    if session.why is None:
        return ()
    asked, parts = session.why.last.quantity, factors(session)
    # Numbers of other examples of a batch are at the place of the stepped one's.
    few = parts if len(parts) <= LISTED else ()
    lit = [part for part in few if part.example in (None, session.record.row) and _is_written(session, part)]
    marks = dict.fromkeys(WhyMark(*where, False) for part in lit for where in places_of(picture, part))
    is_stepped = asked.example in (None, session.record.row) and _is_written(session, asked)
    own = [WhyMark(*where, True) for where in places_of(picture, asked)] if is_stepped else []
    return (*(mark for mark in marks if WhyMark(mark.shape, mark.rect, True) not in own), *own)


def _is_written(session: Session, quantity: Quantity) -> bool:
    """Return whether a number is the one shown at its place: a new bias replaces the old one once it is known."""
    of = PARAMETER_OF.get(quantity.kind)
    if of is None or of.is_matrix or quantity.kind not in (of.value, of.new):
        return True
    return is_known(session, replace(quantity, kind=of.new)) == (quantity.kind is of.new)


def number_at(session: Session, picture: Picture, x: float, y: float) -> Quantity | None:
    """Return the number at a point of the canvas, else the activation or weight of the unit or edge there."""
    for mark in _discs(picture):
        if mark.layer >= 0 and not mark.is_before:
            for kind in (Kind.Z, Kind.DELTA):
                rect = _part_of_unit(mark, kind)
                if rect is not None and holds(rect, x, y):
                    return Quantity(kind, mark.layer, mark.unit, None, mark.time)
    for edges in picture.edges:
        kinds = PARAMETER_KINDS["W_h" if edges.is_loop else "W"]
        for label in edges.labels:
            text = next((text for text in label.labels if holds(text.rect, x, y)), None)
            if text is not None:
                kind = kinds.gradient if text.role == "gradient" else kinds.new if label.changed else kinds.value
                return Quantity(kind, edges.layer, label.unit, label.source)
    bias = bias_at(picture, x, y)
    if bias is not None:
        new = Quantity(PARAMETER_OF[bias.kind].new, bias.layer, bias.unit)
        return new if is_known(session, new) else bias
    return _error_at(picture, x, y) or hit(picture, x, y)


def _error_at(picture: Picture, x: float, y: float) -> Quantity | None:
    if holds(picture.error.rect, x, y):
        return Quantity(Kind.LOSS)
    for box, panel in zip(picture.step_errors, picture.panels, strict=True):
        if holds(box.rect, x, y):
            time = next((m.time for m in picture.units if not m.is_before and holds(panel.rect, m.x, m.y)), 0)
            return Quantity(Kind.ERROR, None, 0, None, time)
    return None


def places_of(picture: Picture, quantity: Quantity) -> Iterator[tuple[str, Rect]]:
    """Yield where a number is shown: once, or in every copy of a network unrolled in time."""
    if quantity.kind is Kind.EXPONENTIAL_SUM or (place := place_of(quantity)) is None:
        return
    kind, layer, unit, source = place
    if kind in ("unit", "state"):
        yield from _on_units(picture, quantity, layer, unit)
    elif kind in ("edge", "loop"):
        for edges in picture.edges:
            if edges.layer == layer and edges.is_loop == (kind == "loop"):
                yield from _on_edge(edges, quantity, unit, source)
    elif kind == "bias":
        loops = PARAMETER_OF[quantity.kind].is_recurrent if quantity.kind in PARAMETER_OF else False
        held = Kind.BIAS_H if loops else Kind.BIAS
        yield from ((BOX, rect) for bias, rect in bias_rects(picture) if bias == Quantity(held, layer, unit))
    elif picture.step_errors and quantity.kind is not Kind.LOSS:
        yield from _on_step_error(picture, quantity.time)
    else:
        yield BOX, grown(picture.error.rect, 4)


def _on_units(picture: Picture, quantity: Quantity, layer: int, unit: int) -> Iterator[tuple[str, Rect]]:
    before = quantity.kind is Kind.STATE
    for mark in _discs(picture):
        if (mark.layer, mark.unit, mark.is_before) == (layer, unit, before) and (before or mark.time == quantity.time):
            part = _part_of_unit(mark, quantity.kind)
            radius = mark.radius + 3.5
            fills_plate = quantity.kind is Kind.Z and mark.plate is not None and not mark.over
            if part is not None and not fills_plate:
                yield BOX, part
            elif mark.plate is not None:
                yield BOX, grown(mark.plate, 3.5)
            else:
                yield DISC, (mark.x - radius, mark.y - radius, 2 * radius, 2 * radius)
    for strip in picture.strips:
        if strip.layer == layer:
            y, _ = strip.cell(unit)
            yield BOX, (strip.x - STRIP_WIDTH / 2 - 5, y - 3, STRIP_WIDTH + 10, 6.0)


def _on_edge(edges: EdgesMark, quantity: Quantity, unit: int, source: int) -> Iterator[tuple[str, Rect]]:
    line, label = edges.line_of(unit, source), edges.label_of(unit, source)
    if line is not None:
        yield LINE, line
    if label is not None:
        of_gradient = quantity.kind in _GRADIENTS
        # The label shows the new weight once that is known, and the old one before.
        text = label.label("gradient" if of_gradient else "weight")
        if text is not None and (of_gradient or label.changed == (quantity.kind in NEW_KINDS)):
            yield BOX, grown(text.rect, 2)


def _on_step_error(picture: Picture, time: int) -> Iterator[tuple[str, Rect]]:
    for box, panel in zip(picture.step_errors, picture.panels, strict=True):
        if any(m.time == time and not m.is_before and holds(panel.rect, m.x, m.y) for m in picture.units):
            yield BOX, grown(box.rect, 4)


def _discs(picture: Picture) -> Iterator[UnitMark]:
    for lens in picture.lenses:
        yield from lens.units
    yield from picture.units


def _part_of_unit(mark: UnitMark, kind: Kind) -> Rect | None:
    """Return the part of a unit that shows one of its numbers; None if it has no part of its own."""
    role = {Kind.Z: "z", Kind.DELTA: "delta"}.get(kind)
    label = None if role is None else mark.label(role)
    return None if label is None else grown(label.rect, 2.0)
