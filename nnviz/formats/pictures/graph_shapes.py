"""The computation graph as shapes, as its items paint it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nnviz.formats.pictures.network_shapes import n
from nnviz.formats.pictures.shapes import (
    LEFT,
    MIDDLE,
    NONE,
    RIGHT,
    DiscShape,
    PathShape,
    RectShape,
    Shape,
    TextShape,
    fitted_formula,
    fitting_size,
    grown_box,
    mixed,
)
from nnviz.present.graph.graph_layout import (
    BELOW,
    CAPTION_SIZE,
    GUTTER,
    HALO,
    LABEL_SIZE,
    LOSS_OPERATION,
    NAME,
    NAME_SIZE,
    NUMBER_SIZE,
    OPERATION,
    OPERATION_SIZE,
    PAD,
    RADIUS,
    SMALL_CELL,
    SMALL_SIZE,
    SYMBOL,
    VALUE_CELL,
    VALUE_SIZE,
)
from nnviz.present.graph.graph_marks import Figure, GraphArrow, GraphBox, GraphLabel, GraphPicture, Rows
from nnviz.present.places.glyphs import glyph_formula
from nnviz.present.places.label import MOVED_DOT, Rect, mono_width

_ALIGN = {"left": LEFT, "right": RIGHT}


def graph_shapes(picture: GraphPicture) -> tuple[Shape, ...]:
    """Return the shapes of a computation graph, from back to front."""
    return tuple(_Graph(picture).shapes())


class _Graph:
    """Makes the shapes of one graph."""

    def __init__(self, picture: GraphPicture) -> None:
        self.picture = picture
        self.accent = picture.phase or "forward"

    def shapes(self) -> Iterator[Shape]:
        for arrow in self.picture.arrows:
            yield from self._arrow(arrow)
        for box in self.picture.boxes:
            yield from self._body(box)
            yield from self._title(box)
            yield from self._figures(box)
            if box.derivative:
                yield from self._derivative(box)
        for label in self.picture.labels:
            yield from self._label(label)
        if self.picture.caption:
            yield TextShape(self.picture.caption, 12, 10, CAPTION_SIZE, "muted", face="ui", weight=600, anchor=LEFT)

    def _body(self, mark: GraphBox) -> Iterator[Shape]:
        left, top, width, height = mark.rect
        if mark.active:
            yield grown_box(mark.rect, HALO, mixed("card", self.accent, 0.22), RADIUS + HALO)
        quiet = mark.role in ("parameter", "past", "target")
        yield RectShape(mark.rect, "control" if quiet else "card", radius=RADIUS)
        if mark.derivative:
            shade = "backward_wash" if mark.carried else mixed("card", "backward_wash", 0.5)
            lower, r = _derivative_top(mark), RADIUS
            path = (
                f"M{n(left)} {n(lower)}H{n(left + width)}V{n(top + height - r)}q0 {n(r)} {n(-r)} {n(r)}"
                f"H{n(left + r)}q{n(-r)} 0 {n(-r)} {n(-r)}Z"
            )
            yield PathShape(path, NONE, 1.0, shade)
        lit = mark.active or mark.operand
        stroke_width = 3.0 if mark.active else 2.0 if mark.operand else 1.3
        yield RectShape(mark.rect, NONE, self.accent if lit else "border", stroke_width, RADIUS)

    def _title(self, mark: GraphBox) -> Iterator[Shape]:
        left, top, width, _ = mark.rect
        inner = (left + PAD, top + 4, width - 2 * PAD, NAME - 4)
        beside = 0.0
        if mark.shape:
            beside = mono_width(len(mark.shape), SMALL_SIZE)
            yield TextShape(mark.shape, left + width - PAD, top + 4 + inner[3] / 2, SMALL_SIZE, "muted", anchor=RIGHT)
        elif mark.number:
            beside = glyph_formula(mark.number).width * NUMBER_SIZE
            yield fitted_formula(mark.number, inner, NUMBER_SIZE, "muted", RIGHT)
        room = (inner[0], inner[1], inner[2] - beside - 8, inner[3])
        yield fitted_formula(mark.tex, room, NAME_SIZE, "text")
        if mark.operation:
            high = LOSS_OPERATION if mark.role == "error" else OPERATION
            room = (left + PAD, top + NAME, width - 2 * PAD, high)
            yield fitted_formula(mark.operation, room, OPERATION_SIZE, "muted")

    def _figures(self, mark: GraphBox) -> Iterator[Shape]:
        left, top, _, _ = mark.rect
        y = top + NAME + (LOSS_OPERATION if mark.role == "error" else OPERATION if mark.operation else 0.0)
        yield from self._cells(mark.errors, left + PAD, y, SMALL_CELL, "muted")
        cell = SMALL_CELL if mark.role == "parameter" else VALUE_CELL
        yield from self._cells(mark.values, left + PAD, y + len(mark.errors) * SMALL_CELL[1], cell, "text")

    def _derivative(self, mark: GraphBox) -> Iterator[Shape]:
        left, _, width, _ = mark.rect
        top = _derivative_top(mark)
        color = "backward" if mark.carried else "muted"
        symbol, chain = mark.symbols
        inner = (left + PAD, top + 2, width - 2 * PAD, SYMBOL)
        beside = glyph_formula(chain).width * NUMBER_SIZE + 8 if chain else 0.0
        yield fitted_formula(symbol, (inner[0], inner[1], inner[2] - beside, inner[3]), LABEL_SIZE, color)
        if chain:
            yield fitted_formula(chain, inner, NUMBER_SIZE, "muted", RIGHT)
        if mark.role == "error":  # its derivative is 1 and fits beside its symbol
            after = glyph_formula(symbol).width * LABEL_SIZE + 12
            yield from self._cells(mark.derivative, left + PAD + after, top + 3, SMALL_CELL, color)
        else:
            yield from self._cells(mark.derivative, left + PAD, top + SYMBOL, SMALL_CELL, color)

    def _cells(self, rows: Rows, left: float, top: float, cell: tuple[float, float], color: str) -> Iterator[Shape]:
        size = VALUE_SIZE if cell is VALUE_CELL else SMALL_SIZE
        for down, row in enumerate(rows):
            for across, figure in enumerate(row):
                place = (left + across * cell[0], top + down * cell[1], *cell)
                yield from self._figure(place, figure, size, color)

    def _figure(self, place: Rect, figure: Figure, size: float, color: str, align: str = LEFT) -> Iterator[Shape]:
        """Yield a number: on the phase's color if the step computes it, on a light one if it is an operand."""
        left, top, width, height = place
        wide, room = mono_width(len(figure.text), size), width - GUTTER
        if wide > room:  # a power of ten
            size, wide = size * room / wide, room
        color = "muted" if figure.is_unknown else color
        ground = self.accent if figure.active else f"{self.accent}_wash" if figure.operand else ""
        if figure.changed and not ground:
            ground, color = "update_wash", "update"
        start = left if align == LEFT else left + (width - wide) / 2
        if ground:
            color = "on_accent" if figure.active else self.accent if figure.operand else color
            yield RectShape((start - 4, top + 1, wide + 8, height - 2), ground, radius=5)
        weight = 600 if figure.active else 500
        x = left if align == LEFT else left + width / 2
        yield TextShape(figure.text, x, top + height / 2, size, color, weight=weight, anchor=align, of=figure.of)
        if figure.moved:
            yield DiscShape(start + wide + MOVED_DOT + 1.5, top + height / 2, MOVED_DOT, "convention")

    def _arrow(self, mark: GraphArrow) -> Iterator[Shape]:
        color, width = (self.accent, 3.2) if mark.active else ("backward" if mark.backward else "faint", 1.7)
        points = [mark.ends[:2], *mark.via, mark.ends[2:]]
        if mark.via:
            (x1, y1), (x2, y2) = points[-2], points[-1]
            bend = [*points[:-1], (0.9 * x1 + 0.1 * x2, 0.9 * y1 + 0.1 * y2)]
            path = "M" + "L".join(f"{n(x)} {n(y)}" for x, y in bend)
            yield PathShape(path, color, width)
        yield from _head(*points[-2], *points[-1], color, width)

    def _label(self, mark: GraphLabel) -> Iterator[Shape]:
        left, top, width, height = mark.rect
        high = height - len(mark.figures) * SMALL_CELL[1]
        room = (left, top, width, high)
        align = _ALIGN.get(mark.align, MIDDLE)
        if mark.active or mark.operand:
            fit = fitting_size(mark.tex, room, LABEL_SIZE)
            formula = glyph_formula(mark.tex)
            wide = formula.width * fit
            start = left + {LEFT: 0.0, RIGHT: width - wide}.get(align, (width - wide) / 2)
            tall = min(high, max(20.0, (formula.ascent + formula.descent) * LABEL_SIZE + 4))
            rect = (start - 5, top + (high - tall) / 2, wide + 10, tall)
            yield RectShape(rect, "backward_wash", self.accent if mark.active else NONE, 1.0, 6)
        yield fitted_formula(mark.tex, room, LABEL_SIZE, "backward", align)
        for down, row in enumerate(mark.figures):
            start = left if align == LEFT else left + width / 2 - len(row) * SMALL_CELL[0] / 2
            for across, figure in enumerate(row):
                place = (start + across * SMALL_CELL[0], top + high + down * SMALL_CELL[1], *SMALL_CELL)
                yield from self._figure(place, figure, SMALL_SIZE, "backward", LEFT if align == LEFT else MIDDLE)


def _derivative_top(mark: GraphBox) -> float:
    rows = 0 if mark.role == "error" else len(mark.derivative)
    return mark.rect[1] + mark.rect[3] - SYMBOL - rows * SMALL_CELL[1] - BELOW


def _head(x1: float, y1: float, x2: float, y2: float, color: str, width: float) -> Iterator[Shape]:
    """Yield an arrow with a filled head that ends just before its point."""
    length = math.hypot(x2 - x1, y2 - y1)
    if length <= 0:
        return
    head = 7.0 + 2.2 * width
    ax, ay = (x2 - x1) / length, (y2 - y1) / length
    tip, neck = (x2 - 3 * ax, y2 - 3 * ay), (x2 - (3 + head) * ax, y2 - (3 + head) * ay)
    side = head * 0.42
    start = f"M{n(x1 + 3 * ax)} {n(y1 + 3 * ay)}L{n(neck[0] + ax)} {n(neck[1] + ay)}"
    yield PathShape(start, color, width)
    corners = (tip, (neck[0] - side * ay, neck[1] + side * ax), (neck[0] + side * ay, neck[1] - side * ax))
    yield PathShape("M" + "L".join(f"{n(x)} {n(y)}" for x, y in corners) + "Z", NONE, 1.0, color)
