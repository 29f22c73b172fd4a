"""Breakpoints on the network canvas: a dot at each neuron and edge that has one, hollow if disabled."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnviz.gui.kit.paint import pen
from nnviz.gui.views.canvas.canvas_items import Item
from nnviz.present.core.palette import Palette
from nnviz.present.network.breakpoint_dots import BreakDot

LEAST = 3.5  # the smallest radius of a dot on the screen


def paint_dot_in_scene(painter: QPainter, center: QPointF, radius: float, palette: Palette, enabled: bool) -> None:
    """Paint a breakpoint's dot on a canvas, large enough to be seen at any zoom."""
    paint_dot(painter, center, max(radius, LEAST / painter.worldTransform().m11()), palette, enabled)


def paint_dot(painter: QPainter, center: QPointF, radius: float, palette: Palette, enabled: bool) -> None:
    """Paint a breakpoint's dot: a disc with a rim in the background's color, or a ring if it is disabled."""
    painter.setPen(pen(palette.card, radius * 0.4) if enabled else pen(palette.breakpoint, radius * 0.35))
    painter.setBrush(QColor(palette.breakpoint if enabled else palette.card))
    painter.drawEllipse(center, radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)


class BreakItem(Item):
    """All dots of a picture; hidden if there are none."""

    def __init__(self) -> None:
        super().__init__(6.0)
        self._dots: tuple[BreakDot, ...] = ()
        self.setVisible(False)

    def show_dots(self, dots: tuple[BreakDot, ...], bounds: QRectF) -> None:
        """Paint other dots."""
        if dots == self._dots:
            return
        self._dots = dots
        self.place(bounds)
        self.setVisible(bool(dots))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for dot in self._dots:
            paint_dot_in_scene(painter, QPointF(dot.x, dot.y), dot.radius, self.palette, dot.enabled)
