"""The number of the network canvas that can be edited at a point, and its place: pure geometry on a picture."""

from __future__ import annotations

from nnviz.engine.network import Architecture
from nnviz.present.network.hit import hit
from nnviz.present.network.layout import holds
from nnviz.present.network.marks import Picture
from nnviz.present.network.picture import CHARACTER
from nnviz.tracing.steps import Kind, Quantity

CAPTION_REACH = 12.0


def editable_at(picture: Picture, architecture: Architecture, x: float, y: float) -> Quantity | None:
    """Return the weight, bias, input or target at a point in scene pixels; a unit of a layer stands for its bias."""
    for time, box in enumerate(picture.step_errors or (picture.error,)):
        if holds(box.rect, x, y):
            return Quantity(Kind.TARGET, unit=_part(box.rect[0], box.rect[2], architecture.sizes[-1], x), time=time)
    found = hit(picture, x, y)
    if found is None:
        return _bias_at(picture, architecture, x, y)
    return editable(found)


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
    if quantity.kind in (Kind.INPUT, Kind.BIAS):
        wanted = -1 if quantity.kind is Kind.INPUT else layer
        marks = [mark for mark in picture.units if (mark.layer, mark.unit) == (wanted, unit) and not mark.is_before]
        found = next((mark for mark in marks if mark.time == quantity.time), None)
        return None if found is None else (found.x, found.y)
    for edges in picture.edges:
        if edges.layer != layer or edges.is_loop != (quantity.kind is Kind.WEIGHT_H):
            continue
        assert unit is not None
        assert quantity.source is not None
        label, line = edges.label_of(unit, quantity.source), edges.line_of(unit, quantity.source)
        if label is not None:
            return label.x, label.y
        if line is not None:
            x1, y1, x2, y2 = line
            return (x1 + x2) / 2, (y1 + y2) / 2
    return None


def _bias_at(picture: Picture, architecture: Architecture, x: float, y: float) -> Quantity | None:
    """Return the bias at a point of a column's caption; recurrent networks list biases together."""
    if architecture.is_recurrent:
        return None
    lines = [caption for caption in picture.captions if caption.role == "bias"]
    for layer, caption in enumerate(lines):
        units = architecture.sizes[layer + 1]
        width = CHARACTER * len(caption.text)
        if abs(caption.y - y) > CAPTION_REACH or abs(caption.x - x) > width / 2:
            continue
        if units in (1, len(caption.biases)):
            return Quantity(Kind.BIAS, layer, _part(caption.x - width / 2, width, units, x))
    return None


def _part(left: float, width: float, parts: int, x: float) -> int:
    """Return which of several parts of equal width a point is in."""
    return max(0, min(parts - 1, int((x - left) / width * parts)))
