"""A row with a sparkline: a name, the growth of a number on a logarithmic scale, and its last value."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.words.nonfinite_text import figure_text, log_heights, series_text
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pen, text_width

if TYPE_CHECKING:
    from nnviz.debugger.diagnosis.growth import Series

HEIGHT, LEFT, GAP = 30.0, 14.0, 10.0
NAMES, FIGURES = 124.0, 104.0  # the widths of the columns


class SparkRow(QWidget):
    """A row that paints a series; a dot, and the description as text, show where it began to grow."""

    def __init__(self, name: str, series: Series, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._series = name, series
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = series_text(name, series)
        self.setAccessibleName(words)
        self.setToolTip(words)

    def figure(self) -> str:
        """Return the number at the end of the run."""
        return figure_text(self._series)

    def points(self, room: QRectF) -> list[QPointF]:
        """Return the points of the curve in a rectangle, evenly spaced although early updates are far apart."""
        heights = log_heights(self._series.values)
        step = room.width() / max(len(heights) - 1, 1)
        return [QPointF(room.left() + i * step, room.bottom() - h * room.height()) for i, h in enumerate(heights)]

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setFixedHeight(round(HEIGHT * scale))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, round(HEIGHT * self._scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, palette = self._scale, self._palette
        middle = self.height() / 2
        font, figures = ui_font(13 * scale), mono_font(12 * scale)
        baseline = middle + 4.5 * scale
        painter.setFont(font)
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(LEFT * scale, baseline), self._name)
        painter.setFont(figures)
        is_bad = not isfinite(self._series.values[-1])
        painter.setPen(QColor(palette.differs if is_bad else palette.text))
        text = self.figure()
        painter.drawText(QPointF(self.width() - GAP * scale - text_width(figures, text), baseline), text)
        left = (LEFT + NAMES + GAP) * scale
        room = QRectF(left, 6 * scale, self.width() - left - (FIGURES + 2 * GAP) * scale, self.height() - 12 * scale)
        if room.width() > 20 and len(self._series.values) > 1:
            self._curve(painter, palette, room)
        painter.end()

    def _curve(self, painter: QPainter, palette: Palette, room: QRectF) -> None:
        points = self.points(room)
        painter.setPen(pen(palette.grid))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(palette.muted, 1.6))
        painter.drawPolyline(QPolygonF(points))
        if self._series.began is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.differs))
            painter.drawEllipse(points[self._series.updates.index(self._series.began)], 3.2, 3.2)
