"""A small picture of the whole graph in a corner of its canvas, with the visible part; a click moves the view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.graph.graph_marks import GraphPicture
from nnviz.render.paint import pen, pill

MOST_WIDTH, MOST_HEIGHT, PART = 160.0, 72.0, 0.22  # and at most this part of the view
ASIDE, INSET = 10, 6.0
FREE = 0.05  # the part of its area that may cover boxes in a corner that is taken first


class Overview(QWidget):
    """The overview of a graph that is larger than its view. `moved` is emitted with the point to be shown."""

    moved = Signal(QPointF)  # in the scene

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Overview of the graph")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("The whole graph; click to move the view")
        self._palette: Palette | None = None
        self._picture: GraphPicture | None = None
        self._visible = QRectF()
        self.hide()

    def set_theme(self, palette: Palette) -> None:
        """Paint in other colors."""
        self._palette = palette
        self.update()

    def show_picture(
        self, picture: GraphPicture, visible: QRectF, view: QRectF, covered: Callable[[QRectF], float]
    ) -> None:
        """Show a graph and its visible part in a corner of a view; hide if all of it is visible.

        It is in the first corner that is free, or else in the one in which it covers least.
        """
        self._picture, self._visible = picture, visible
        part = visible.width() < picture.width - 1.0 or visible.height() < picture.height - 1.0
        self.setVisible(part)
        if not part:
            return
        width, height = min(MOST_WIDTH, PART * view.width()), min(MOST_HEIGHT, PART * view.height())
        scale = min(width / picture.width, height / picture.height)
        size = picture.width * scale + 2 * INSET, picture.height * scale + 2 * INSET
        inner = view.adjusted(ASIDE, ASIDE, -ASIDE, -ASIDE)
        lefts, tops = (inner.left(), inner.right() - size[0]), (inner.top(), inner.bottom() - size[1])
        corners = [QRectF(left, top, *size) for top in reversed(tops) for left in lefts]
        costs = [covered(corner) for corner in corners]
        free = (at for at, cost in enumerate(costs) if cost <= FREE * size[0] * size[1])
        best = next(free, min(range(len(corners)), key=costs.__getitem__))
        self.setGeometry(corners[best].toRect())
        self.raise_()
        self.update()

    def scene_point(self, at: QPointF) -> QPointF:
        """Return the point of the scene at a point of the overview."""
        return (at - QPointF(INSET, INSET)) / self._scale()

    def place_of(self, point: QPointF) -> QPointF:
        """Return the point of the overview at a point of the scene."""
        return point * self._scale() + QPointF(INSET, INSET)

    def _scale(self) -> float:
        assert self._picture is not None
        return max((self.width() - 2 * INSET) / self._picture.width, 1e-6)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None or self._picture is None:
            return
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), palette.control, palette.border, 6)
        scale = self._scale()
        painter.translate(INSET, INSET)
        accent = str(getattr(palette, self._picture.phase or "forward"))
        for box in self._picture.boxes:
            left, top, width, height = (scale * value for value in box.rect)
            color = accent if box.active or box.operand else palette.muted
            pill(painter, QRectF(left, top, width, height), color, None, 1.5)
        visible = self._visible.intersected(QRectF(0, 0, self._picture.width, self._picture.height))
        painter.setPen(pen(palette.text, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(visible.topLeft() * scale, visible.size() * scale))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.moved.emit(self.scene_point(event.position()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.scene_point(event.position()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
