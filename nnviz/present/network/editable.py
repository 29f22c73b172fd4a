"""The number of the network canvas that can be edited at a point, and its place: pure geometry on a picture."""

from __future__ import annotations

from nnviz.engine.network import Architecture
from nnviz.present.network.hit import bias_at, bias_rects, hit
from nnviz.present.network.marks import Picture
from nnviz.present.places.label import holds
from nnviz.tracing.steps import Kind, Quantity


def editable_at(picture: Picture, architecture: Architecture, x: float, y: float) -> Quantity | None:
    """Return the weight, bias, input or target at a point in scene pixels; a unit of a layer stands for its bias."""
    for time, box in enumerate(picture.step_errors or (picture.error,)):
        if box.target and holds(box.rect, x, y):
            return Quantity(Kind.TARGET, unit=_part(box.rect[0], box.rect[2], architecture.sizes[-1], x), time=time)
    bias = bias_at(picture, x, y)
    return editable(hit(picture, x, y)) if bias is None else bias


def editable(selected: Quantity | None) -> Quantity | None:
    """Return the number to edit for a selected unit or edge: its weight, its input, or the bias of the unit."""
    if selected is None or selected.unit is None:
        return None
    if selected.kind is Kind.A:
        return Quantity(Kind.BIAS, selected.layer, selected.unit)
    return selected if selected.kind in (Kind.WEIGHT, Kind.WEIGHT_H, Kind.INPUT) else None


def place_of(picture: Picture, quantity: Quantity) -> tuple[float, float] | None:
    """Return where an editable number is in the scene; None if it is not drawn."""
    layer, unit = quantity.layer, quantity.unit
    if quantity.kind is Kind.TARGET:
        left, top, width, height = (picture.step_errors or (picture.error,))[quantity.time].rect
        return left + width / 2, top + height / 2
    for bias, (left, top, width, height) in bias_rects(picture):
        if bias == quantity:
            return left + width / 2, top + height / 2
    if quantity.kind in (Kind.INPUT, Kind.BIAS):
        wanted = -1 if quantity.kind is Kind.INPUT else layer
        marks = [mark for mark in picture.units if (mark.layer, mark.unit) == (wanted, unit) and not mark.is_before]
        found = next((mark for mark in marks if mark.time == quantity.time), None)
        return None if found is None else (found.x, found.y)
    assert unit is not None
    assert quantity.source is not None
    of_layer = [e for e in picture.edges if e.layer == layer and e.is_loop == (quantity.kind is Kind.WEIGHT_H)]
    label = next((label for e in of_layer if (label := e.label_of(unit, quantity.source)) is not None), None)
    if label is not None:
        return label.x, label.y
    line = next((line for e in of_layer if (line := e.line_of(unit, quantity.source)) is not None), None)
    return None if line is None else ((line[0] + line[2]) / 2, (line[1] + line[3]) / 2)


def _part(left: float, width: float, parts: int, x: float) -> int:
    """Return which of several parts of equal width a point is in."""
    return max(0, min(parts - 1, int((x - left) / width * parts)))
