"""Items that together draw one picture: shown in a scene by a canvas, or painted directly, from back to front."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsScene, QStyleOptionGraphicsItem

from nnviz.present.core.palette import Palette
from nnviz.render.canvas.canvas_items import Item

ItemType = TypeVar("ItemType", bound=Item)

FINEST = 1e-6  # between the depths of items of one kind, so that later ones are above earlier ones


class ItemGroup:
    """The base of a drawing's items. What they paint depends on what is shown last, and on nothing shown before.

    With a `scene` they are items of it; without one they can only be painted by `paint`.
    """

    def __init__(self, scene: QGraphicsScene | None = None) -> None:
        self.palette: Palette | None = None
        self._scene = scene

    def items(self) -> list[Item]:
        """Return all items; implemented by each drawing."""
        return []

    def set_palette(self, palette: Palette) -> None:
        """Paint everything in other colors."""
        self.palette = palette
        for item in self.items():
            item.palette = palette
            item.update()

    def paint(self, painter: QPainter) -> None:
        """Paint all visible items in their own coordinates, as a view would."""
        option = QStyleOptionGraphicsItem()
        for item in sorted(self.items(), key=Item.zValue):
            if item.isVisible():
                painter.save()
                item.paint(painter, option, None)
                painter.restore()

    def added(self, item: ItemType) -> ItemType:
        """Return an item after adding it to the scene."""
        if self._scene is not None:
            self._scene.addItem(item)
        item.palette = self.palette
        return item

    def pool(self, items: list[ItemType], count: int, make: Callable[[], ItemType]) -> list[ItemType]:
        """Return `count` items of one kind: some of those there are, and new ones where they are too few."""
        if self._scene is not None:
            for extra in items[count:]:
                self._scene.removeItem(extra)
        pooled = items[:count] + [self.added(make()) for _ in range(count - len(items))]
        _order(pooled[len(items) :], len(items))
        return pooled


def _order(items: Iterable[Item], first: int) -> None:
    """Fix which of several items of one kind is above, whatever the order in which they were made."""
    for index, item in enumerate(items, first):
        item.setZValue(item.zValue() + index * FINEST)


def placed(
    painter: QPainter, rect: QRectF, size: QSizeF, scale: float | None = None, center: QPointF | None = None
) -> float:
    """Move and scale a painter to the place of a drawing, and clip it to the rectangle; return the scale."""
    used, origin = placement(rect, size, scale, center)
    painter.setClipRect(rect)
    painter.translate(origin)
    painter.scale(used, used)
    return used


def placement(
    rect: QRectF, size: QSizeF, scale: float | None = None, center: QPointF | None = None
) -> tuple[float, QPointF]:
    """Return the scale of a drawing of a size in the middle of a rectangle, and where its origin is.

    Without a `scale` the drawing fits the rectangle. With one it has that scale, or a smaller one if it would not fit.
    With a `center` it keeps the scale, and that point of it is in the middle, as far as the drawing reaches.
    """
    fit = min(rect.width() / max(size.width(), 1e-9), rect.height() / max(size.height(), 1e-9))
    used = fit if scale is None else scale if center is not None else min(scale, fit)
    middle = QPointF(size.width() / 2, size.height() / 2)
    if center is not None:
        middle = QPointF(
            _within(center.x(), size.width(), rect.width() / used),
            _within(center.y(), size.height(), rect.height() / used),
        )
    return used, rect.center() - middle * used


def _within(wanted: float, length: float, seen: float) -> float:
    """Return the middle of the seen part of a length that is nearest to the wanted one and shows nothing outside."""
    if seen >= length:
        return length / 2
    return min(max(wanted, seen / 2), length - seen / 2)
