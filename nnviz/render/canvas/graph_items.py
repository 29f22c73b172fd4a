"""The items of the computation graph: each paints one kind of mark of a graph picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnviz.present.core.palette import blend
from nnviz.present.graph.graph_layout import (
    BELOW,
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
from nnviz.present.graph.graph_marks import Figure, GraphArrow, GraphBox, GraphLabel, Rows
from nnviz.present.network.breakpoint_dots import DOT
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.fonts import mono_font
from nnviz.render.formula_paths import paint_formula, typeset
from nnviz.render.paint import paint_dot_in_scene, pen, pill, text_width

ROOM = 14.0  # around a box, for its halo and the dot of its breakpoint
ASIDE = 10.0  # from a label to the dot of its breakpoint


class BoxItem(Item):
    """A box: name, operation, values, and under them the derivative propagated to it."""

    def __init__(self) -> None:
        super().__init__(2.0)
        self.mark: GraphBox | None = None

    def show_mark(self, mark: GraphBox, phase: str) -> None:
        """Paint another state of the box, if it has changed."""
        if mark == self.mark and (phase == self.phase or not (mark.active or mark.operand)):
            self.phase = phase
            return
        self.mark, self.phase = mark, phase
        self.place(QRectF(*mark.rect).adjusted(-ROOM, -ROOM, ROOM, ROOM))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        mark = self.mark
        if mark is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._body(painter, mark)
        self._title(painter, mark)
        self._figures(painter, mark)
        if mark.derivative:
            self._derivative(painter, mark)
        if mark.breakpoint is not None:
            corner = QPointF(mark.rect[0] + 2, mark.rect[1] + 2)
            paint_dot_in_scene(painter, corner, DOT, self.palette, mark.breakpoint)

    def _body(self, painter: QPainter, mark: GraphBox) -> None:
        rect = QRectF(*mark.rect)
        if mark.active:
            halo = rect.adjusted(-HALO, -HALO, HALO, HALO)
            pill(painter, halo, blend(self.color("card"), self.accent(), 0.22), None, RADIUS + HALO)
        outline = QPainterPath()
        outline.addRoundedRect(rect, RADIUS, RADIUS)
        quiet = mark.role in ("parameter", "past", "target")
        painter.fillPath(outline, QColor(self.color("control" if quiet else "card")))
        if mark.derivative:
            lower = QPainterPath()
            lower.addRect(QRectF(rect.left(), self._derivative_top(mark), rect.width(), rect.height()))
            wash = self.color("backward_wash")
            shade = wash if mark.carried else blend(self.color("card"), wash, 0.5)
            painter.fillPath(outline.intersected(lower), QColor(shade))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        lit = mark.active or mark.operand
        color = self.accent() if lit else self.color("border")
        painter.setPen(pen(color, 3.0 if mark.active else 2.0 if mark.operand else 1.3))
        painter.drawPath(outline)
        if mark.selected:
            painter.setPen(pen(self.color("text"), 1.6, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(-4.5, -4.5, 4.5, 4.5), RADIUS + 4, RADIUS + 4)

    def _title(self, painter: QPainter, mark: GraphBox) -> None:
        left, top, width, _ = mark.rect
        inner = QRectF(left + PAD, top + 4, width - 2 * PAD, NAME - 4)
        beside = 0.0
        if mark.shape:
            beside = text_width(mono_font(SMALL_SIZE), mark.shape)
            plain_text(painter, inner, mark.shape, mono_font(SMALL_SIZE), self.color("muted"), "right")
        elif mark.number:
            beside = typeset(mark.number).width * NUMBER_SIZE
            fitted_formula(painter, inner, mark.number, NUMBER_SIZE, self.color("muted"), "right")
        fitted_formula(painter, inner.adjusted(0, 0, -beside - 8, 0), mark.tex, NAME_SIZE, self.color("text"))
        if mark.operation:
            high = LOSS_OPERATION if mark.role == "error" else OPERATION
            room = QRectF(left + PAD, top + NAME, width - 2 * PAD, high)
            fitted_formula(painter, room, mark.operation, OPERATION_SIZE, self.color("muted"))

    def _figures(self, painter: QPainter, mark: GraphBox) -> None:
        left, top, _, _ = mark.rect
        y = top + NAME + (LOSS_OPERATION if mark.role == "error" else OPERATION if mark.operation else 0.0)
        self._cells(painter, mark.errors, left + PAD, y, SMALL_CELL, self.color("muted"))
        cell = SMALL_CELL if mark.role == "parameter" else VALUE_CELL
        self._cells(painter, mark.values, left + PAD, y + len(mark.errors) * SMALL_CELL[1], cell, self.color("text"))

    def _derivative(self, painter: QPainter, mark: GraphBox) -> None:
        left, _, width, _ = mark.rect
        top = self._derivative_top(mark)
        color = self.color("backward" if mark.carried else "muted")
        symbol, chain = mark.symbols
        inner = QRectF(left + PAD, top + 2, width - 2 * PAD, SYMBOL)
        beside = typeset(chain).width * NUMBER_SIZE + 8 if chain else 0.0
        fitted_formula(painter, inner.adjusted(0, 0, -beside, 0), symbol, LABEL_SIZE, color)
        if chain:
            fitted_formula(painter, inner, chain, NUMBER_SIZE, self.color("muted"), "right")
        if mark.role == "error":  # its derivative is 1 and fits beside its symbol
            after = typeset(symbol).width * LABEL_SIZE + 12
            self._cells(painter, mark.derivative, left + PAD + after, top + 3, SMALL_CELL, color)
        else:
            self._cells(painter, mark.derivative, left + PAD, top + SYMBOL, SMALL_CELL, color)

    def _cells(
        self, painter: QPainter, rows: Rows, left: float, top: float, cell: tuple[float, float], color: str
    ) -> None:
        for down, row in enumerate(rows):
            for across, figure in enumerate(row):
                place = QRectF(left + across * cell[0], top + down * cell[1], *cell)
                paint_figure(
                    painter, self, place, figure, size=VALUE_SIZE if cell is VALUE_CELL else SMALL_SIZE, color=color
                )

    @staticmethod
    def _derivative_top(mark: GraphBox) -> float:
        rows = 0 if mark.role == "error" else len(mark.derivative)
        return mark.rect[1] + mark.rect[3] - SYMBOL - rows * SMALL_CELL[1] - BELOW


class ArrowsItem(Item):
    """All arrows: forward ones gray, backward ones in the backward color, the step's in its phase's color."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self.marks: tuple[GraphArrow, ...] = ()

    def show_marks(self, marks: tuple[GraphArrow, ...], bounds: QRectF, phase: str) -> None:
        """Paint other arrows, if they have changed."""
        self.place(bounds)
        if marks != self.marks or phase != self.phase:
            self.marks, self.phase = marks, phase
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.marks:
            quiet = self.color("backward" if mark.backward else "faint")
            color, width = (self.accent(), 3.2) if mark.active else (quiet, 1.7)
            points = [QPointF(*mark.ends[:2]), *(QPointF(*point) for point in mark.via), QPointF(*mark.ends[2:])]
            if mark.via:
                painter.setPen(pen(color, width))
                painter.drawPolyline(QPolygonF([*points[:-1], points[-2] * 0.9 + points[-1] * 0.1]))
            paint_arrow(painter, QLineF(points[-2], points[-1]), color, width)


class LabelItem(Item):
    """A local derivative beside its arrow, with its values under it."""

    def __init__(self) -> None:
        super().__init__(3.0)
        self.mark: GraphLabel | None = None

    def show_mark(self, mark: GraphLabel, phase: str) -> None:
        """Paint another state of the label, if it has changed."""
        if mark != self.mark or phase != self.phase:
            self.mark, self.phase = mark, phase
            self.place(QRectF(*mark.rect).adjusted(-2 * ASIDE, -4, 2 * ASIDE, 4))
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        mark = self.mark
        if mark is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(*mark.rect)
        room = QRectF(rect.left(), rect.top(), rect.width(), rect.height() - len(mark.figures) * SMALL_CELL[1])
        if mark.active or mark.operand or mark.selected:
            around = formula_rect(room, mark.tex, LABEL_SIZE, mark.align).adjusted(-5, 0, 5, 0)
            high = min(room.height(), max(20.0, formula_height(mark.tex, LABEL_SIZE) + 4))
            around = QRectF(around.left(), room.center().y() - high / 2, around.width(), high)
            border = self.accent() if mark.active else self.color("text") if mark.selected else None
            pill(painter, around, self.color("backward_wash"), border, 6)
        fitted_formula(painter, room, mark.tex, LABEL_SIZE, self.color("backward"), mark.align)
        if mark.breakpoint is not None:  # on the side away from the arrow
            around = formula_rect(room, mark.tex, LABEL_SIZE, mark.align)
            x = around.right() + ASIDE if mark.align == "left" else around.left() - ASIDE
            paint_dot_in_scene(painter, QPointF(x, room.center().y()), DOT, self.palette, mark.breakpoint)
        for down, row in enumerate(mark.figures):
            middle = rect.center().x() - len(row) * SMALL_CELL[0] / 2
            left, align = (rect.left(), "left") if mark.align == "left" else (middle, "center")
            for across, figure in enumerate(row):
                y = room.bottom() + down * SMALL_CELL[1]
                place = QRectF(left + across * SMALL_CELL[0], y, *SMALL_CELL)
                paint_figure(painter, self, place, figure, size=SMALL_SIZE, color=self.color("backward"), align=align)


def paint_figure(
    painter: QPainter, item: Item, place: QRectF, figure: Figure, *, size: float, color: str, align: str = "left"
) -> None:
    """Paint a number in its cell: on the phase's color if the step computes it, on a light one if it is an operand."""
    weight = QFont.Weight.DemiBold if figure.active else QFont.Weight.Medium
    font = mono_font(size, weight)
    wide, room = text_width(font, figure.text), place.width() - GUTTER
    if wide > room:  # a power of ten
        font = mono_font(int(size * room / wide), weight)
    if figure.is_unknown:
        color = item.color("muted")
    ground = item.accent() if figure.active else item.accent("_wash") if figure.operand else ""
    if figure.changed and not ground:
        ground, color = item.color("update_wash"), item.color("update")
    if ground:
        color = item.color("on_accent") if figure.active else item.accent() if figure.operand else color
        width = text_width(font, figure.text)
        left = place.left() if align == "left" else place.center().x() - width / 2
        pill(painter, QRectF(left - 4, place.top() + 1, width + 8, place.height() - 2), ground, None, 5)
    plain_text(painter, place, figure.text, font, color, align)
    if figure.moved:
        half = text_width(font, figure.text) / 2
        middle = place.center() if align != "left" else QPointF(place.left() + half, place.center().y())
        item.dot(painter, middle, font, figure.text)


def plain_text(painter: QPainter, room: QRectF, text: str, font: QFont, color: str, align: str = "left") -> None:
    """Paint one line of text, vertically centered in its room."""
    flags = {"left": Qt.AlignmentFlag.AlignLeft, "right": Qt.AlignmentFlag.AlignRight}.get(
        align, Qt.AlignmentFlag.AlignHCenter
    )
    painter.setFont(font)
    painter.setPen(QColor(color))
    painter.drawText(room, flags | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, text)


def formula_rect(room: QRectF, tex: str, size: float, align: str = "left") -> QRectF:
    """Return the part of a room that a formula takes; it shrinks if it would not fit."""
    formula = typeset(tex)
    fit = _fitting(room, tex, size)
    width = formula.width * fit
    free = room.width() - width
    left = room.left() + {"left": 0.0, "right": free}.get(align, free / 2)
    return QRectF(left, room.top(), width, room.height())


def fitted_formula(painter: QPainter, room: QRectF, tex: str, size: float, color: str, align: str = "left") -> None:
    """Paint a formula in a room, on one baseline with others of its size, smaller if it would not fit."""
    formula, fit = typeset(tex), _fitting(room, tex, size)
    place = formula_rect(room, tex, size, align)
    # On the baseline of plain letters, if the parts above and below them fit.
    lowest, highest = place.bottom() - formula.descent * fit, place.top() + formula.ascent * fit
    origin = QPointF(place.left(), max(min(place.center().y() + 0.3 * fit, lowest), highest))
    paint_formula(painter, formula, origin, fit, QColor(color), {})


def formula_height(tex: str, size: float) -> float:
    """Return the height of a formula, from its lowest to its highest stroke."""
    formula = typeset(tex)
    return (formula.ascent + formula.descent) * size


def _fitting(room: QRectF, tex: str, size: float) -> float:
    formula = typeset(tex)
    height = formula.ascent + formula.descent
    return min(size, room.width() / max(formula.width, 0.01), room.height() / max(height, 0.01))


def paint_arrow(painter: QPainter, line: QLineF, color: str, width: float) -> None:
    """Paint an arrow with a filled head that ends just before the line's end."""
    length = line.length()
    if length <= 0:
        return
    head = 7.0 + 2.2 * width
    angle = math.atan2(line.dy(), line.dx())
    ahead = QPointF(math.cos(angle), math.sin(angle))
    aside = QPointF(-ahead.y(), ahead.x()) * (head * 0.42)
    tip = line.p2() - ahead * 3.0
    neck = tip - ahead * head
    stroke = pen(color, width)
    stroke.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(stroke)
    painter.drawLine(QLineF(line.p1() + ahead * 3.0, neck + ahead))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    points: Sequence[QPointF] = (tip, neck + aside, neck - aside)
    painter.drawPolygon(QPolygonF(list(points)))
