"""Breakpoints on the network canvas: a dot at each neuron and edge that has one, hollow if disabled."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnviz.present.network.breakpoint_dots import BreakDot
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.paint import paint_dot_in_scene


class BreakItem(Item):
    """All dots of a picture; hidden if there are none."""

    def __init__(self) -> None:
        super().__init__(6.0)
        self._dots: tuple[BreakDot, ...] = ()
        self.setVisible(False)

    def show_dots(self, dots: tuple[BreakDot, ...], bounds: QRectF) -> None:
        """Paint other dots."""
        self.place(bounds)
        if dots == self._dots:
            return
        self._dots = dots
        self.setVisible(bool(dots))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for dot in self._dots:
            paint_dot_in_scene(painter, QPointF(dot.x, dot.y), dot.radius, self.palette, dot.enabled)
