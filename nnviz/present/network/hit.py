"""The quantity at a point of the network canvas: pure geometry on a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import EdgesMark, Picture, UnitMark
from nnviz.present.places.label import Rect, holds, mono_width
from nnviz.tracing.steps import Kind, Quantity

REACH = 6.0


def hit(picture: Picture, x: float, y: float) -> Quantity | None:
    """Return the unit (its activation, or the input) or else the edge (its weight) at a point in scene pixels."""
    for lens in picture.lenses:
        if holds(lens.window.rect, x, y):
            return _unit(lens.layer, min(lens.units, key=lambda mark: abs(mark.y - y)).unit, 0)
    for mark in picture.units:
        if is_on_unit(mark, x, y):
            return _state(mark) if mark.is_before else _unit(mark.layer, mark.unit, mark.time)
    for strip in picture.strips:
        if abs(strip.x - x) <= STRIP_WIDTH / 2 and strip.top <= y < strip.bottom:
            part = (y - strip.top) / (strip.bottom - strip.top)
            return _unit(strip.layer, int(part * len(strip.values)), 0)
    return _edge(picture, x, y)


def is_on_unit(mark: UnitMark, x: float, y: float) -> bool:
    """Return whether a point is on a unit's disc or plate."""
    if mark.plate is not None and holds(mark.plate, x, y):
        return True
    return (mark.x - x) ** 2 + (mark.y - y) ** 2 <= max(mark.radius, REACH) ** 2


def bias_at(picture: Picture, x: float, y: float) -> Quantity | None:
    """Return the bias whose number is at a point: beside its unit, or in a line under a network unrolled in time."""
    return next((quantity for quantity, rect in bias_rects(picture) if holds(rect, x, y)), None)


def bias_rects(picture: Picture) -> Iterator[tuple[Quantity, Rect]]:
    """Yield each bias with the rectangle of its number."""
    for mark in picture.units:
        yield from ((bias.quantity, bias.label.rect) for bias in mark.biases)
    for caption in picture.captions:
        left, top, _, height = caption.label.rect
        character = mono_width(1, caption.label.size)
        for span in caption.biases:
            width = (span.stop - span.start) * character + 8.0
            yield span.quantity, (left + span.start * character - 4.0, top - 3.0, width, height + 6.0)


def _unit(layer: int, unit: int, time: int) -> Quantity:
    return Quantity(Kind.INPUT, None, unit, None, time) if layer < 0 else Quantity(Kind.A, layer, unit, None, time)


def _state(mark: UnitMark) -> Quantity:
    return Quantity(Kind.STATE, mark.layer, mark.unit)


def _weight(edges: EdgesMark) -> Kind:
    return Kind.WEIGHT_H if edges.is_loop else Kind.WEIGHT


def _edge(picture: Picture, x: float, y: float) -> Quantity | None:
    """Return the nearest edge within reach, or the one whose label is at the point."""
    best: tuple[float, Quantity] | None = None
    for edges in picture.edges:
        for label in edges.labels:
            if any(holds(text.rect, x, y) for text in label.labels):
                return Quantity(_weight(edges), edges.layer, label.unit, label.source)
        if not len(edges.weights):
            continue
        start, end = edges.lines.ends[:, :2], edges.lines.ends[:, 2:]
        along = end - start
        part = np.clip(((np.array([x, y]) - start) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
        distance = np.hypot(*(start + part[:, np.newaxis] * along - np.array([x, y])).T)
        nearest = int(distance.argmin())
        if distance[nearest] <= REACH and (best is None or distance[nearest] < best[0]):
            unit, source = int(edges.lines.units[nearest]), int(edges.lines.sources[nearest])
            best = (float(distance[nearest]), Quantity(_weight(edges), edges.layer, unit, source))
    return None if best is None else best[1]
