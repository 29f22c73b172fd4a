"""A view of a scene that can be zoomed, panned, fitted, hovered and clicked: the base of the canvases."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QHideEvent, QMouseEvent, QPainter, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from nnviz.gui.kit.hover_box import details_table, hide_details, show_details, shows_details
from nnviz.present.places.label import Rect, Room
from nnviz.tracing.steps import Quantity

ZOOM_STEP = 1.2
ZOOM_RANGE = (0.1, 40.0)
SLACK = 0.01  # by which a scene is smaller than its picture, so that rounding never shows scroll bars
DRAG_FROM = 6  # pixels that a press must move to be a drag instead of a click
POINTER = QSize(18, 18)  # the room of the mouse pointer, which a box of details leaves free
HOW_TO_CHANGE = "Double-click to change it · right-click for more"
HOW_TO_ASK = "Right-click for more"

Rows = tuple[tuple[str, str], ...]
Place = tuple[float, float]


class ZoomView(QGraphicsView):
    """The base of a canvas, which implements the quantities at points and their details.

    `selected(Quantity or None)` is emitted on a click.
    """

    selected = Signal(object)  # a Quantity, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Qt would anchor zooming at the last mouse position it has seen, but it sees no mouse moves.
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click takes the focus from a text field
        self.setMinimumSize(320, 200)
        self._content: QRectF | None = None
        self._fitted = True
        self._pressed: QPoint | None = None
        self._dragged = False
        self._hovered: Quantity | None = None
        self._pointer = QPointF(-1, -1)  # where the mouse was last

    def quantity_at(self, x: float, y: float) -> Quantity | None:
        """Return the quantity at a point of the scene; implemented by each canvas."""
        return None

    def number_at(self, x: float, y: float) -> Quantity | None:
        """Return the single number at a point of the scene, if the quantity there has several."""
        return self.quantity_at(x, y)

    def number_under(self, point: QPoint) -> Quantity | None:
        """Return the single number under a point of the viewport."""
        place = self.mapToScene(point)
        return self.number_at(place.x(), place.y())

    def editable_at(self, x: float, y: float) -> Quantity | None:
        """Return the editable number at a point of the scene."""
        return None

    def editable_of(self, selected: Quantity | None) -> Quantity | None:
        """Return the editable number of the selection."""
        return None

    def place_of(self, quantity: Quantity) -> Place | None:
        """Return the position of an editable number in the scene; None if it is not shown."""
        return None

    def details(self, quantity: Quantity) -> Rows:
        """Return the names and values to show for a hovered quantity."""
        return ()

    def places_of(self, quantity: Quantity) -> tuple[tuple[Rect, ...], tuple[Rect, ...]]:
        """Return the rectangles of a hovered quantity in the scene, and those of what details had better not cover."""
        return (), ()

    def refresh_details(self) -> None:
        """Update the details of what the mouse is on, after the numbers have changed."""
        if shows_details(self):
            self._hovered = None
            self._hover(self._pointer, Qt.KeyboardModifier.NoModifier)

    def hide_details(self) -> None:
        """Hide the details until the mouse moves to another number."""
        hide_details(self)

    def room(self) -> Room:
        """Return the size of the view without scroll bars, for which a picture is laid out."""
        size = self.maximumViewportSize()
        return float(size.width()), float(size.height())

    def fit(self) -> None:
        """Show the scene at the size of its layout, in which type has its own size; a larger scene is scrolled."""
        self._fitted = True
        self.setTransform(QTransform())

    def refit(self) -> None:
        """Fit the scene again after its size or that of the window has changed; called unless it is zoomed."""
        self.fit()

    def zoom(self, factor: float, around: QPoint | None = None) -> None:
        """Zoom around a point of the viewport, or else around the mouse or the center, within limits."""
        target = self.transform().m11() * factor
        if ZOOM_RANGE[0] <= target <= ZOOM_RANGE[1]:
            self._fitted = False
            point = self._focus() if around is None else around
            place = self.mapToScene(point)
            self.scale(factor, factor)
            self._scroll(point - self.mapFromScene(place))

    def zoom_in(self) -> None:
        """Zoom in by one step."""
        self.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out by one step."""
        self.zoom(1 / ZOOM_STEP)

    def place_on_screen(self, x: float, y: float) -> QPoint:
        """Return a point of the scene in the viewport's pixels."""
        return self.mapFromScene(QPointF(x, y))

    def set_content(self, width: float, height: float) -> None:
        """Set the size of the scene; fit the scene if the size has changed."""
        content = QRectF(0, 0, width, height)
        if content != self._content:
            self._content = content
            self._scene.setSceneRect(content.adjusted(0, 0, -SLACK, -SLACK))
            self.refit()

    def _at(self, point: QPointF) -> Quantity | None:
        place = self.mapToScene(point.toPoint())
        return self.quantity_at(place.x(), place.y())

    def _hover(self, point: QPointF, held: Qt.KeyboardModifier) -> None:
        """Show the details of the number at a point of the viewport, and what the mouse can do there."""
        self._pointer = point
        place = self.mapToScene(point.toPoint())
        found, editable = self._at(point), self.editable_at(place.x(), place.y())
        self.viewport().setCursor(_cursor(found is not None, editable is not None, held))
        quantity = editable if found is None else found
        if quantity == self._hovered:
            return
        self._hovered = quantity
        rows = () if quantity is None else self.details(quantity)
        if quantity is None or not rows:
            hide_details(self)
            return
        items, others = ([self._on_screen(rect) for rect in rects] for rects in self.places_of(quantity))
        items.append(QRect(point.toPoint(), POINTER))
        show_details(self, details_table(rows, HOW_TO_ASK if editable is None else HOW_TO_CHANGE), items, others)

    def _on_screen(self, rect: Rect) -> QRect:
        """Return a rectangle of the scene in the pixels of this widget."""
        shown = self.mapFromScene(QRectF(*rect)).boundingRect()
        return shown.translated(self.viewport().pos())

    def _forget_hovered(self) -> None:
        self._hovered = None
        hide_details(self)

    def _focus(self) -> QPoint:
        view = self.viewport()
        return view.mapFromGlobal(QCursor.pos()) if view.underMouse() else view.rect().center()

    def _scroll(self, moved: QPoint) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - moved.x())
        down.setValue(down.value() - moved.y())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._forget_hovered()
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120.0), event.position().toPoint())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._forget_hovered()
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position().toPoint(), False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover(event.position(), event.modifiers())
            return
        moved = event.position().toPoint() - self._pressed
        if self._dragged or moved.manhattanLength() > DRAG_FROM:
            self._dragged, self._fitted = True, False
            self._pressed = event.position().toPoint()
            self._scroll(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._dragged:
            self.selected.emit(self._at(event.position()))
            self._hover(event.position(), event.modifiers())
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._at(event.position()) is None:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self._forget_hovered()
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._forget_hovered()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.refit()


def _cursor(is_found: bool, is_editable: bool, held: Qt.KeyboardModifier) -> Qt.CursorShape:
    """Return the shape of the mouse pointer: a hand on what can be clicked, an arrow up and down for a drag."""
    if is_editable and held & Qt.KeyboardModifier.AltModifier:
        return Qt.CursorShape.SizeVerCursor
    if is_found:
        return Qt.CursorShape.PointingHandCursor
    return Qt.CursorShape.IBeamCursor if is_editable else Qt.CursorShape.ArrowCursor
