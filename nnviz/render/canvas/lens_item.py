"""The item that paints the unfolded parts of folded layers: lenses beside their strips, and zoomed strips."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from nnviz.present.core.palette import blend
from nnviz.present.network.edges import edge_sizes
from nnviz.present.network.marks import LensEdges, LensMark, Picture, UnitMark
from nnviz.present.network.unfold import AIR, RADIUS
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.paint import pen, pill


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
                self._unit(painter, mark, lens.window.beside)

    def _ground(self, painter: QPainter, lens: LensMark) -> None:
        """Paint the background of the discs, and the lines to their places on the strip."""
        window = lens.window
        rect = QRectF(*window.rect)
        if window.in_place:
            painter.fillRect(_ground_of(lens), QColor(self.color("card")))
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
        """Paint a disc with its texts."""
        center, radius, scale = QPointF(mark.x, mark.y), mark.radius, mark.radius / RADIUS
        if mark.active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(blend(self.color("card"), self.accent(), 0.3)))
            painter.drawEllipse(center, radius + 4.5 * scale, radius + 4.5 * scale)
        shining = mark.active or mark.operand
        color = self.accent() if shining else self.color("border")
        painter.setPen(pen(color, (3.0 if mark.active else 2.0 if shining else 1.4) * scale))
        painter.setBrush(QColor(self.shaded(mark) if beside else self.color("card")))
        painter.drawEllipse(center, radius, radius)
        if mark.selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(self.color("text"), 1.6 * scale, Qt.PenStyle.DashLine))
            painter.drawEllipse(center, radius + 1.5 * scale, radius + 1.5 * scale)
        for label in mark.labels:
            if label.role == "number":
                color = self.accent() if shining else self.color("muted")
            else:
                color = self.color({"z": "muted", "delta": "backward"}.get(label.role, "text"))
            weight = QFont.Weight.Medium if label.role == "a" else QFont.Weight.Normal
            self.write(painter, label, color, weight)


def _ground_of(lens: LensMark) -> QRectF:
    """Return the rectangle around the discs of a zoomed strip and their texts."""
    rect = QRectF(*lens.window.rect)
    for mark in lens.units:
        for label in mark.labels:
            left, _, width, _ = label.rect
            air = 0.4 * mark.radius
            rect.setLeft(min(rect.left(), left - air))
            rect.setRight(max(rect.right(), left + width + air))
    return rect
