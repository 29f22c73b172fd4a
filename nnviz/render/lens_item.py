"""The item that paints the unfolded parts of folded layers: lenses beside their strips, and zoomed strips."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from nnviz.present.core.palette import blend
from nnviz.present.network.edges import edge_sizes
from nnviz.present.network.marks import LensEdges, LensMark, Picture, UnitMark
from nnviz.present.network.unfold import AIR, NAME, RADIUS
from nnviz.render.canvas_items import Item
from nnviz.render.fonts import mono_font
from nnviz.render.formula_paths import typeset
from nnviz.render.paint import centered_formula, centered_text, pen, pill, text_width

LINE = 15.0  # between the figures in a disc
INNER = 48.0  # the width of the figures in a disc
FIGURES = 7  # least width, in characters, of a figure beside a disc
BESIDE = 44.0  # pixels of figures beside a disc, before they are scaled with it


class LensItem(Item):
    """All lenses of a picture, over everything else."""

    def __init__(self) -> None:
        super().__init__(4.0)
        self.lenses: tuple[LensMark, ...] = ()
        self.edges: LensEdges | None = None

    def show_picture(self, picture: Picture) -> None:
        """Paint the unfolded parts of a picture."""
        if not (picture.lenses or self.lenses):
            return
        self.lenses, self.edges = picture.lenses, picture.lens_edges
        self.place(QRectF(0, 0, picture.width, picture.height))
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.edges is not None:
            self._edges(painter, self.edges, over=False)
        for lens in self.lenses:
            self._ground(painter, lens)
        if self.edges is not None:
            self._edges(painter, self.edges, over=True)
        for lens in self.lenses:
            for mark in lens.units:
                painter.save()
                painter.translate(mark.x, mark.y)
                painter.scale(mark.radius / RADIUS, mark.radius / RADIUS)
                self._unit(painter, mark, lens.window.beside)
                painter.restore()

    def _ground(self, painter: QPainter, lens: LensMark) -> None:
        """Paint the background of the discs, and the lines to their places on the strip."""
        window = lens.window
        rect = QRectF(*window.rect)
        if window.in_place:
            ground = _figures_rect(lens, rect) if window.beside else _named_rect(lens, rect)
            for part in (rect, ground):
                painter.fillRect(part, QColor(self.color("card")))
            return
        scale = window.radius / RADIUS
        for line, mark in zip(window.leaders.tolist(), lens.units, strict=True):
            shining = mark.active or mark.operand
            color = self.accent() if shining else self.color("text" if mark.selected else "faint")
            painter.setPen(pen(color, (2.4 if shining or mark.selected else 1.0) * scale))
            painter.drawLine(QLineF(*line))
        pill(painter, rect, self.color("card"), self.color("faint"), AIR * scale)

    def _edges(self, painter: QPainter, edges: LensEdges, over: bool) -> None:
        """Paint the edges of the step and the selection, either those over the lenses or those under them."""
        shown = np.flatnonzero(edges.over == over)
        ends, weights, shining = edges.ends[shown], edges.weights[shown], edges.lit[shown]
        sizes = edge_sizes(weights, edges.largest).tolist()
        for end, weight, size, lit in zip(ends.tolist(), weights.tolist(), sizes, shining.tolist(), strict=True):
            self.edge(painter, QLineF(*end), size, weight < 0, lit)

    def _unit(self, painter: QPainter, mark: UnitMark, beside: bool) -> None:
        """Paint a disc of the nominal size around the origin."""
        if mark.active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(blend(self.color("card"), self.accent(), 0.3)))
            painter.drawEllipse(QPointF(0, 0), RADIUS + 4.5, RADIUS + 4.5)
        shining = mark.active or mark.operand
        color = self.accent() if shining else self.color("border")
        painter.setPen(pen(color, 3.0 if mark.active else 2.0 if shining else 1.4))
        painter.setBrush(QColor(self.shaded(mark) if beside else self.color("card")))
        painter.drawEllipse(QPointF(0, 0), RADIUS, RADIUS)
        if mark.selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(self.color("text"), 1.6, Qt.PenStyle.DashLine))
            painter.drawEllipse(QPointF(0, 0), RADIUS + 1.5, RADIUS + 1.5)
        if beside:
            self._figures_beside(painter, mark)
            return
        self._figures_inside(painter, mark)
        self._name(painter, mark)

    def _name(self, painter: QPainter, mark: UnitMark) -> None:
        """Paint the name at the left, smaller if it is long."""
        size = min(17.0, (NAME - 4) / max(typeset(mark.tex).width, 0.1))
        centered_formula(painter, QPointF(-RADIUS - NAME / 2, 0), mark.tex, size, self.color("text"))

    def _figures_inside(self, painter: QPainter, mark: UnitMark) -> None:
        """Paint z, the activation and delta, as far as the neuron has them."""
        lines = [(mark.a, 12.5, "text", QFont.Weight.Medium)]
        if mark.z_number:
            lines.insert(0, (mark.z_number, 10.5, "muted", QFont.Weight.Normal))
        if mark.delta:
            lines.append((mark.delta, 10.5, "backward", QFont.Weight.DemiBold))
        for at, (text, size, role, weight) in enumerate(lines):
            place = QPointF(0, (at - (len(lines) - 1) / 2) * LINE)
            font = mono_font(size, weight)
            width = text_width(font, text)
            painter.save()
            painter.translate(place)
            if width > INNER:
                painter.scale(INNER / width, INNER / width)
            centered_text(painter, QPointF(0, 0), text, font, self.color(role))
            painter.restore()

    def _figures_beside(self, painter: QPainter, mark: UnitMark) -> None:
        """Paint the neuron's number at the left and its figures at the right, each in its own color."""
        font = mono_font(BESIDE)
        character = text_width(font, "0")
        right = RADIUS + character
        for text, role in _figures(mark):
            right += max(len(text), FIGURES) * character
            middle = right - text_width(font, text) / 2
            centered_text(painter, QPointF(middle, 0), text, font, self.color(role))
            right += character
        number = str(mark.unit + 1)
        role = self.accent() if mark.active or mark.operand else self.color("muted")
        centered_text(painter, QPointF(-RADIUS - (1 + len(number) / 2) * character, 0), number, font, role)


def _figures(mark: UnitMark) -> list[tuple[str, str]]:
    """Return the known figures of a neuron and their colors."""
    parts = [(mark.z_number, "muted")] if mark.z_number else []
    return parts + [(mark.a, "text")] + ([(mark.delta, "backward")] if mark.delta else [])


def _figures_rect(lens: LensMark, rect: QRectF) -> QRectF:
    """Return the rectangle of the figures beside the discs of a zoomed strip, as wide as the widest."""
    scale = lens.window.radius / RADIUS
    character = text_width(mono_font(BESIDE), "0")
    most = max(sum(max(len(text), FIGURES) + 1 for text, _ in _figures(mark)) for mark in lens.units)
    number = len(str(lens.window.stop)) + 1.5
    left = lens.window.x - (RADIUS + number * character) * scale
    return QRectF(left, rect.top(), (2 * RADIUS + (number + most + 1) * character) * scale, rect.height())


def _named_rect(lens: LensMark, rect: QRectF) -> QRectF:
    """Return the rectangle of the discs of a zoomed strip and their names."""
    scale = lens.window.radius / RADIUS
    left = lens.window.x - (RADIUS + NAME) * scale
    return QRectF(left, rect.top(), (2 * RADIUS + NAME) * scale, rect.height())
