"""The rings on a canvas: solid around the number asked about, dashed around its factors."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnviz.present.network.why_rings import DISC, LINE, WhyMark
from nnviz.present.places.label import Rect
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.paint import pen

ASKED_WIDTH, FACTOR_WIDTH, EDGE_ASIDE, CORNER = 3.0, 2.0, 6.0, 6.0


class WhyItem(Item):
    """The item of all rings, painted over all other items of a canvas."""

    def __init__(self) -> None:
        super().__init__(6.0)
        self.marks: tuple[WhyMark, ...] = ()
        self._spared: tuple[Rect, ...] = ()

    def show_marks(self, marks: tuple[WhyMark, ...], bounds: QRectF, spared: tuple[Rect, ...] = ()) -> None:
        """Paint other rings, if they have changed; those around discs and plates leave out the `spared` texts."""
        self.place(bounds)
        if (marks, spared) != (self.marks, self._spared):
            self.marks, self._spared = marks, spared
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
                continue
            rect = QRectF(*mark.rect)
            painter.save()
            painter.setClipPath(self._beside(rect), Qt.ClipOperation.IntersectClip)
            if mark.shape == DISC:
                painter.drawEllipse(rect)
            else:
                painter.drawRoundedRect(rect, CORNER, CORNER)
            painter.restore()

    def _beside(self, rect: QRectF) -> QPainterPath:
        """Return the surroundings of a ring, without the texts that it would cross."""
        path, texts = QPainterPath(), QPainterPath()
        path.addRect(rect.adjusted(-CORNER, -CORNER, CORNER, CORNER))
        for spared in (QRectF(*each) for each in self._spared):
            if spared.intersects(rect) and not rect.contains(spared):
                texts.addRect(spared)
        return path.subtracted(texts)


def _beside(edge: QLineF) -> QLineF:
    """Return a line parallel to an edge that does not cover it."""
    normal = edge.normalVector().unitVector()
    return edge.translated(normal.dx() * EDGE_ASIDE, normal.dy() * EDGE_ASIDE)
