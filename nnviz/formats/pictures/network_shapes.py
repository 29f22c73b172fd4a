"""The network canvas as shapes, as its items paint it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from nnviz.formats.pictures.shapes import (
    MONO,
    NONE,
    UI,
    DiscShape,
    PathShape,
    RectShape,
    Shape,
    TextShape,
    centered_formula,
    grown_box,
    mixed,
)
from nnviz.present.network.edges import BUCKETS, CROWDED, edge_sizes, edge_width
from nnviz.present.network.layout import EDGE, HALO, PLATE_CORNER, STRIP_WIDTH
from nnviz.present.network.marks import (
    BiasMark,
    BoxMark,
    EdgeLabel,
    EdgesMark,
    LoopMark,
    Picture,
    StripMark,
    UnitMark,
)
from nnviz.present.places.label import FORMULAS, MOVED_DOT, WORDS, Label
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.steps import PARAMETER_KINDS, Quantity

SHADES = 20  # of the cells of a strip
DASHES = "14 3.5"


def network_shapes(picture: Picture, *, blank: bool = False) -> tuple[Shape, ...]:
    """Return the shapes of a picture, from back to front. If `blank`, no dash is drawn for an unknown number."""
    shapes = tuple(_Network(picture).shapes())
    return tuple(shape for shape in shapes if not _is_dash(shape)) if blank else shapes


def _is_dash(shape: Shape) -> bool:
    return isinstance(shape, TextShape) and shape.text.endswith(UNKNOWN)


class _Network:
    """Makes the shapes of one picture."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.accent = picture.phase or "forward"

    def shapes(self) -> Iterator[Shape]:
        picture = self.picture
        for panel in picture.panels:
            yield RectShape(panel.rect, "control", self.accent if panel.active else NONE, 1.0, 10)
            yield _label(panel.label, self.accent if panel.active else "muted")
        for edges in picture.edges:
            yield from self._edges(edges)
        for edges in picture.edges:
            yield from self._lit(edges)
        yield from self._links()
        for caption in picture.captions:
            yield _label(caption.label, self.accent if caption.active else "muted")
            yield from _dots(caption.label, caption.moved)
        for box in (*picture.step_errors, picture.error):
            yield from self._box(box)
        for loop in picture.loops:
            yield from self._loop(loop)
        yield from self._edge_labels()
        for strip in picture.strips:
            yield from self._strip(strip)
        for unit in picture.units:
            yield from self._unit(unit)

    def _edges(self, mark: EdgesMark) -> Iterator[Shape]:
        """Yield the edges of a layer: each by itself, or in a few widths if they are crowded."""
        sizes = edge_sizes(mark.weights, mark.largest)
        crowded = len(mark.weights) > CROWDED
        buckets: dict[tuple[bool, int], list[str]] = {}
        kind = PARAMETER_KINDS["W_h" if mark.is_loop else "W"].value
        for index, (weight, ends) in enumerate(zip(mark.weights.tolist(), mark.lines.ends.tolist(), strict=True)):
            line = _line(*ends)
            if not np.isfinite(weight):
                yield PathShape(line, "differs", 2.0, dash="2 3")
            elif crowded:
                bucket = min(int(sizes[index] * BUCKETS), BUCKETS - 1)
                buckets.setdefault((weight < 0, bucket), []).append(line)
            else:
                of = Quantity(kind, mark.layer, int(mark.lines.units[index]), int(mark.lines.sources[index]))
                role = "negative_edge" if weight < 0 else "positive_edge"
                width = edge_width(float(sizes[index]))
                yield PathShape(line, role, width, dash=DASHES if weight < 0 else "", of=of)
        for (negative, bucket), lines in sorted(buckets.items()):
            size = (bucket + 0.5) / BUCKETS
            role = "negative_edge" if negative else "positive_edge"
            yield PathShape("".join(lines), mixed("card", role, 0.2 + 0.8 * size), edge_width(size, True))

    def _lit(self, mark: EdgesMark) -> Iterator[Shape]:
        """Yield the edges of the step, with their halos."""
        sizes = edge_sizes(mark.weights, mark.largest)
        for index in np.flatnonzero(mark.lit).tolist():
            line = _line(*mark.lines.ends[index].tolist())
            width = edge_width(float(sizes[index]))
            negative = bool(mark.weights[index] < 0)
            yield PathShape(line, mixed("card", self.accent, 0.25), width + 6)
            yield PathShape(line, "negative" if negative else "positive", width, dash=DASHES if negative else "")

    def _links(self) -> Iterator[Shape]:
        """Yield the dashed lines from the outputs to the error box."""
        if self.picture.panels:
            return
        left, top, _, height = self.picture.error.rect
        last = max((unit.layer for unit in self.picture.units), default=-1)
        for unit in self.picture.units:
            if unit.layer == last >= 0:
                half = unit.plate[2] / 2 if unit.plate is not None else unit.radius
                line = _line(unit.x + half + 3, unit.y, left - 3, top + height / 2)
                yield PathShape(line, "faint", 1.2, dash="4 3")

    def _unit(self, mark: UnitMark) -> Iterator[Shape]:
        rim, width = (self.accent, 3.0 if mark.active else 2.0) if mark.active or mark.operand else ("border", 1.5)
        dash = "4 3" if mark.is_before else ""
        halo = mixed("card", self.accent, 0.22)
        if mark.plate is None or mark.over:
            if mark.active:
                yield DiscShape(mark.x, mark.y, mark.radius + HALO, halo)
            yield DiscShape(mark.x, mark.y, mark.radius, "card", stroke=rim, width=width, dash=dash)
        if mark.plate is not None:
            corner = min(mark.plate[3] / 2, PLATE_CORNER)
            if mark.active and not mark.over:
                yield grown_box(mark.plate, EDGE, halo, corner + EDGE)
            yield RectShape(mark.plate, "card", rim, width, radius=corner, dash=dash)
        roles = {label.role for label in mark.labels}
        if {"z", "a"} <= roles:
            half = 0.55 * mark.radius
            yield PathShape(_line(mark.x - half, mark.y, mark.x + half, mark.y), "border")
        for label in mark.labels:
            yield from _unit_label(label)
            yield from _dots(label, label.role in mark.moved)
        for bias in mark.biases:
            yield from self._bias(bias)
        if mark.health:
            yield from _badge(mark)

    def _bias(self, bias: BiasMark) -> Iterator[Shape]:
        yield RectShape(bias.label.rect, "card", self.accent if bias.active else "border", 1.0, 4)
        yield _label(bias.label, self.accent if bias.active else "muted")
        yield from _dots(bias.label, bias.moved)

    def _edge_labels(self) -> Iterator[Shape]:
        labels = [label for mark in self.picture.edges for label in mark.labels]
        for label in labels:
            if label.leader is not None and label.labels:
                color = self.accent if label.lit else "faint"
                yield PathShape(_line(label.x, label.y, *label.leader), color, 1.2)
                yield DiscShape(*label.leader, 2.2, color)
        for label in labels:
            yield from self._edge_label(label)

    def _edge_label(self, label: EdgeLabel) -> Iterator[Shape]:
        for text in label.labels:
            if text.role == "weight":
                yield RectShape(text.rect, "card", self.accent if label.lit else "border", 1.0, 4)
                role = "update" if label.changed else "negative" if label.negative else "positive"
            else:
                yield RectShape(
                    text.rect, "backward_wash", self.accent if label.lit and not label.weight else NONE, 1.0, 3
                )
                role = "backward"
            yield _label(text, role, 500)
            yield from _dots(text, text.role in label.moved)

    def _box(self, box: BoxMark) -> Iterator[Shape]:
        if box.active:
            yield grown_box(box.rect, 6, mixed("card", self.accent, 0.22), 12)
        yield RectShape(box.rect, "card", self.accent if box.active else "border", 1.0, 8)
        for label in box.labels:
            yield _label(label, "muted" if label.role == "target" else "text", 500 if label.role == "error" else 400)
            yield from _dots(label, box.moved and label.role == "error")

    def _strip(self, mark: StripMark) -> Iterator[Shape]:
        left = mark.x - STRIP_WIDTH / 2
        known = np.abs(mark.values[np.isfinite(mark.values)])
        largest = float(known.max(initial=0.0)) or 1.0
        for unit, value in enumerate(mark.values.tolist()):
            y, height = mark.cell(unit)
            yield RectShape((left, y - height / 2, STRIP_WIDTH, height), _cell(value, largest, unit in mark.broken))
        yield RectShape((left, mark.top, STRIP_WIDTH, mark.bottom - mark.top), NONE, "border", 1.2, 3)
        if mark.active is not None:
            y, _ = mark.cell(mark.active)
            yield PathShape(_line(left - 9, y, left + STRIP_WIDTH + 9, y), self.accent, 3.0)
        if mark.caption:
            yield _label(mark.label, "muted")

    def _loop(self, loop: LoopMark) -> Iterator[Shape]:
        """Yield an arrow that leaves a layer to the right, runs under it and enters it from the left."""
        left, top, width, height = loop.rect
        right, bottom = left + width, top + height
        color = self.accent if loop.active else "muted"
        path = (
            f"M{n(right - 20)} {n(top)}C{n(right + 10)} {n(bottom)} {n(right - 10)} {n(bottom)} {n(right - 40)} "
            f"{n(bottom)}H{n(left + 40)}C{n(left + 10)} {n(bottom)} {n(left - 10)} {n(bottom)} {n(left + 20)} {n(top)}"
        )
        yield PathShape(path, color, 2.6 if loop.active else 1.6)
        yield PathShape(f"M{n(left + 22)} {n(top - 6)}l-10 12l12 1z", NONE, 1.0, color)
        yield _label(loop.label, color)


def _unit_label(label: Label) -> Iterator[Shape]:
    if label.role == "delta" and label.text.startswith("δ"):
        yield RectShape(label.rect, "backward", radius=label.rect[3] / 2)
        yield _label(label, "on_accent", 600)
    else:
        role = {"z": "muted", "delta": "backward"}.get(label.role, "text")
        yield _label(label, role, 500 if label.role == "a" else 400)


def _label(label: Label, paint: str, weight: int = 400) -> Shape:
    """Return a text in its rectangle: a formula, or a line in the typeface of its role."""
    if label.role in FORMULAS:
        return centered_formula(label.text, label.rect, label.size, paint)
    x, y = label.middle
    return TextShape(label.text, x, y, label.size, paint, face=UI if label.role in WORDS else MONO, weight=weight)


def _dots(label: Label, moved: bool) -> Iterable[Shape]:
    """Return a small dot at the end of a label if the last choice changed its number."""
    left, top, width, height = label.rect
    return (DiscShape(left + width, top + height / 2, MOVED_DOT, "convention"),) if moved else ()


def _badge(mark: UnitMark) -> Iterator[Shape]:
    """Yield a small diamond with an exclamation mark at the rim of a neuron that has a problem."""
    x, y, size = mark.x + 0.78 * mark.radius, mark.y - 0.78 * mark.radius, min(7.5, mark.radius * 0.6)
    if mark.plate is not None and not mark.over:
        x, y = mark.plate[0] + mark.plate[2], mark.plate[1]
    reach = 1.25 * size
    path = f"M{n(x)} {n(y - reach)}L{n(x + reach)} {n(y)}L{n(x)} {n(y + reach)}L{n(x - reach)} {n(y)}Z"
    yield PathShape(path, "differs", 1.4, "differs_wash")
    yield TextShape("!", x, y, size * 1.5, "differs", face=UI, weight=700)


def _cell(value: float, largest: float, broken: bool) -> str:
    """Return the paint of a cell of a strip."""
    if broken:
        return "differs"
    if not np.isfinite(value):
        return "control"
    share = round(abs(value) / largest * SHADES) / SHADES
    return mixed("card", "positive" if value >= 0 else "negative", share)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"


def n(number: float) -> str:
    """Return a coordinate, short."""
    return f"{number:.1f}".removesuffix(".0")
