"""The drawing of a computation graph: a picture's items, for the scene of a canvas, or painted in a rectangle."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QGraphicsScene

from nnviz.present.core.palette import Palette
from nnviz.present.graph.graph_layout import CAPTION_SIZE
from nnviz.present.graph.graph_marks import GraphPicture
from nnviz.present.network.why_rings import WhyMark
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.canvas.graph_items import ArrowsItem, BoxItem, LabelItem, plain_text
from nnviz.render.canvas.item_group import ItemGroup, placed
from nnviz.render.canvas.why_item import WhyItem
from nnviz.render.fonts import ui_font

# Where the time step of a recurrent network is shown: in a strip above the graph that does not move with it.
CAPTION_LEFT, CAPTION_HEIGHT = 12, 20


class GraphItems(ItemGroup):
    """One item for each box and label, one for all arrows and one for the rings of a question."""

    def __init__(self, scene: QGraphicsScene | None = None) -> None:
        super().__init__(scene)
        self._boxes: list[BoxItem] = []
        self._labels: list[LabelItem] = []
        self._arrows = self.added(ArrowsItem())
        self._why = self.added(WhyItem())

    def items(self) -> list[Item]:
        """Return all items."""
        return [*self._boxes, *self._labels, self._arrows, self._why]

    def show_picture(self, picture: GraphPicture, rings: tuple[WhyMark, ...] = ()) -> None:
        """Show a picture and the rings of a question on it."""
        bounds = QRectF(0, 0, picture.width, picture.height)
        self._boxes = self.pool(self._boxes, len(picture.boxes), BoxItem)
        self._labels = self.pool(self._labels, len(picture.labels), LabelItem)
        for box, mark in zip(self._boxes, picture.boxes, strict=True):
            box.show_mark(mark, picture.phase)
        for label, label_mark in zip(self._labels, picture.labels, strict=True):
            label.show_mark(label_mark, picture.phase)
        self._arrows.show_marks(picture.arrows, bounds, picture.phase)
        self._why.show_marks(rings, bounds)


def draw_graph(
    painter: QPainter,
    rect: QRectF,
    picture: GraphPicture,
    palette: Palette,
    scale: float | None = None,
    *,
    rings: tuple[WhyMark, ...] = (),
) -> float:
    """Draw a computation graph in a rectangle and return the scale, in pixels per unit of the picture.

    Without a `scale`, and before the first step, all of it fits. With one it has that scale: if it is larger than the
    rectangle, the part around the step is shown.
    """
    items = GraphItems()
    items.set_palette(palette)
    items.show_picture(picture, rings)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = rect
    if picture.caption:
        size = CAPTION_SIZE * (scale or 1.0)
        high = CAPTION_HEIGHT * (scale or 1.0)
        strip = QRectF(rect.left() + CAPTION_LEFT * (scale or 1.0), rect.top(), rect.width(), high)
        plain_text(painter, strip, picture.caption, ui_font(size, QFont.Weight.DemiBold), palette.muted)
        room = rect.adjusted(0, high, 0, 0)
    center = None if scale is None else _step_center(picture, room.size() / scale)
    used = placed(painter, room, QSizeF(picture.width, picture.height), scale, center)
    items.paint(painter)
    painter.restore()
    return used


def _step_center(picture: GraphPicture, seen: QSizeF) -> QPointF | None:
    """Return the middle of the step and its operands, or of the step alone along an axis that is too short for them.

    It is None before the first step, which shows the whole graph.
    """
    if picture.active_rect is None or picture.step_rect is None:
        return None
    alone, every = QRectF(*picture.active_rect), QRectF(*picture.step_rect)
    across = every if every.width() <= seen.width() else alone
    down = every if every.height() <= seen.height() else alone
    return QPointF(across.center().x(), down.center().y())
