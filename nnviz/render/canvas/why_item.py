"""The rings on a canvas: solid around the number asked about, dashed around its factors."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnviz.present.network.why_rings import DISC, LINE, WhyMark
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.paint import pen

ASKED_WIDTH, FACTOR_WIDTH, EDGE_ASIDE, CORNER = 3.0, 2.0, 6.0, 6.0


class WhyItem(Item):
    """The item of all rings, painted over all other items of a canvas."""

    def __init__(self) -> None:
        super().__init__(6.0)
        self.marks: tuple[WhyMark, ...] = ()

    def show_marks(self, marks: tuple[WhyMark, ...], bounds: QRectF) -> None:
        """Paint other rings, if they have changed."""
        self.place(bounds)
        if marks != self.marks:
            self.marks = marks
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None or not self.marks:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for mark in self.marks:
            style = Qt.PenStyle.SolidLine if mark.asked else Qt.PenStyle.DashLine
            ring = pen(self.color("why"), ASKED_WIDTH if mark.asked else FACTOR_WIDTH, style)
            ring.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(ring)
            if mark.shape == LINE:
                painter.drawLine(_beside(QLineF(*mark.rect)))
            elif mark.shape == DISC:
                painter.drawEllipse(QRectF(*mark.rect))
            else:
                painter.drawRoundedRect(QRectF(*mark.rect), CORNER, CORNER)


def _beside(edge: QLineF) -> QLineF:
    """Return a line parallel to an edge that does not cover it."""
    normal = edge.normalVector().unitVector()
    return edge.translated(normal.dx() * EDGE_ASIDE, normal.dy() * EDGE_ASIDE)
