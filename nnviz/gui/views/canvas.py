"""The network canvas: a picture as graphics items, with pan, zoom, fit, hover and selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QToolTip, QWidget

from nnviz.debugger.session import Session
from nnviz.gui.views.canvas_items import (
    EdgesItem,
    FrameItem,
    Item,
    LabelsItem,
    LitEdgesItem,
    StripItem,
    UnitItem,
)
from nnviz.present.hit import hit
from nnviz.present.palette import Palette
from nnviz.present.picture import Picture, edge_details, picture, unit_details
from nnviz.trace.steps import Kind, Quantity

ItemType = TypeVar("ItemType", bound=Item)

ZOOM_STEP = 1.2
ZOOM_RANGE = (0.1, 12.0)


class NetworkCanvas(QGraphicsView):
    """Draws the session's picture. A click asks for a selection; what that does is the store's business."""

    selected = Signal(object)  # a Quantity, or None for nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click takes the keys from a field that had them
        self.setMinimumSize(320, 200)
        self.setAccessibleName("Network")
        self.setAccessibleDescription("The network as units and edges; the values panel tells the same in words.")
        self._palette: Palette | None = None
        self._session: Session | None = None
        self._picture: Picture | None = None
        self._fitted = True
        self._pressed: QPoint | None = None
        self._dragged = False
        self._hovered: Quantity | None = None
        self._units: list[UnitItem] = []
        self._strips: list[StripItem] = []
        self._edges: list[EdgesItem] = []
        self._lit = self._added(LitEdgesItem())
        self._labels = self._added(LabelsItem())
        self._frame = self._added(FrameItem())

    def render_session(self, session: Session) -> None:
        """Show the picture of a session."""
        self._session = session
        drawn = picture(session)
        resized = self._picture is None or (drawn.width, drawn.height) != (self._picture.width, self._picture.height)
        self._picture = drawn
        self._show(drawn)
        if resized:
            self._scene.setSceneRect(0, 0, drawn.width, drawn.height)
            self.fit()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Paint everything in other colors; the canvas zooms by itself, so `scale` is not needed."""
        self._palette = palette
        self.setBackgroundBrush(QColor(palette.card))
        for item in self._items():
            item.palette = palette
            item.update()

    def fit(self) -> None:
        """Show the whole network, as large as it goes."""
        self._fitted = True
        if self._picture is not None:
            self.fitInView(QRectF(0, 0, self._picture.width, self._picture.height), Qt.AspectRatioMode.KeepAspectRatio)

    def zoom(self, factor: float) -> None:
        """Magnify around the mouse or the middle, within bounds."""
        target = self.transform().m11() * factor
        if ZOOM_RANGE[0] <= target <= ZOOM_RANGE[1]:
            self._fitted = False
            self.scale(factor, factor)

    def zoom_in(self) -> None:
        """One step larger."""
        self.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """One step smaller."""
        self.zoom(1 / ZOOM_STEP)

    def shown(self) -> Picture | None:
        """The picture being shown."""
        return self._picture

    def place_on_screen(self, x: float, y: float) -> QPoint:
        """A scene point in the viewport's pixels."""
        return self.mapFromScene(QPointF(x, y))

    def _added(self, item: ItemType) -> ItemType:
        self._scene.addItem(item)
        item.palette = self._palette
        return item

    def _items(self) -> list[Item]:
        return [*self._units, *self._strips, *self._edges, self._lit, self._labels, self._frame]

    def _show(self, drawn: Picture) -> None:
        bounds = QRectF(0, 0, drawn.width, drawn.height)
        self._resize_pools(drawn)
        for item in self._items():
            item.phase = drawn.phase
        for unit, mark in zip(self._units, drawn.units, strict=True):
            if unit.mark != mark or mark.active or mark.operand:
                unit.show_mark(mark)
        for strip, strip_mark in zip(self._strips, drawn.strips, strict=True):
            strip.show_mark(strip_mark)
        for edges, edges_mark in zip(self._edges, drawn.edges, strict=True):
            edges.show_mark(edges_mark, bounds)
        self._lit.show_marks(drawn.edges, bounds)
        self._labels.show_marks(drawn.edges, bounds)
        self._frame.show_picture(drawn)

    def _resize_pools(self, drawn: Picture) -> None:
        """As many items as there are marks: a lesson just opened may have more or fewer."""
        self._units = self._pool(self._units, len(drawn.units), UnitItem)
        self._strips = self._pool(self._strips, len(drawn.strips), StripItem)
        self._edges = self._pool(self._edges, len(drawn.edges), EdgesItem)

    def _pool(self, items: list[ItemType], count: int, make: Callable[[], ItemType]) -> list[ItemType]:
        for extra in items[count:]:
            self._scene.removeItem(extra)
        return items[:count] + [self._added(make()) for _ in range(count - len(items))]

    def _at(self, point: QPointF) -> Quantity | None:
        if self._picture is None:
            return None
        place = self.mapToScene(point.toPoint())
        return hit(self._picture, place.x(), place.y())

    def _hover(self, event: QMouseEvent) -> None:
        quantity = self._at(event.position())
        if quantity == self._hovered:
            return
        self._hovered = quantity
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if quantity is None else Qt.CursorShape.PointingHandCursor)
        if quantity is None or self._session is None:
            QToolTip.hideText()
            return
        QToolTip.showText(event.globalPosition().toPoint(), details_html(self._session, quantity), self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120.0))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position().toPoint(), False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover(event)
            return
        moved = event.position().toPoint() - self._pressed
        if self._dragged or moved.manhattanLength() > 6:
            self._dragged, self._fitted = True, False
            self._pressed = event.position().toPoint()
            self._scroll(moved)

    def _scroll(self, moved: QPoint) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - moved.x())
        down.setValue(down.value() - moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._dragged:
            self.selected.emit(self._at(event.position()))
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._at(event.position()) is None:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()


def details_html(session: Session, quantity: Quantity) -> str:
    """The hovered unit's or edge's numbers with all digits, as a small table."""
    if quantity.kind is Kind.WEIGHT:
        assert quantity.layer is not None
        rows = edge_details(session, quantity.layer, quantity.unit or 0, quantity.source or 0)
    else:
        rows = unit_details(session, -1 if quantity.layer is None else quantity.layer, quantity.unit or 0)
    cells = "".join(
        f"<tr><td>{name}&nbsp;</td><td style='font-family:\"JetBrains Mono\"'>{value}</td></tr>" for name, value in rows
    )
    return f"<table cellspacing='3'>{cells}</table>"


def select(session: Session, quantity: Quantity | None) -> Session:
    """The session with another unit or edge selected; the same one again deselects it."""
    return replace(session, selection=None if quantity == session.selection else quantity)
