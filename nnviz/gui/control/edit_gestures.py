"""The gestures that edit a number: a double click or F2 opens a field, a vertical drag with Alt held changes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from nnviz.debugger.state.session import Session
from nnviz.gui.views.canvas.zoom_view import ZoomView
from nnviz.gui.views.panels.values_view import ValuesView
from nnviz.present.values.value_lines import LineKind
from nnviz.present.values.value_places import entry_at
from nnviz.render.paint import text_width
from nnviz.tracing.steps import Quantity

DRAG_FROM = 3  # pixels that a press must move to be a drag instead of a click
_DRAG_KEY = Qt.KeyboardModifier.AltModifier
IN_VIEW = 24  # least distance in pixels from the edge of a canvas to a number whose field is opened
_MARGIN = 3.0  # of the text within a cell, in pixels


class CanvasGestures(QObject):
    """The editing gestures on a canvas.

    `asked(Quantity, QPoint)` is emitted with a position in the viewport. `dragged(int, bool)` is emitted with the
    pixels dragged upwards and whether the change is fine.
    """

    asked = Signal(object, object)
    asked_by_key = Signal()
    grasped = Signal(object)
    dragged = Signal(int, bool)
    released = Signal()
    cancelled = Signal()

    def __init__(self, canvas: ZoomView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._from: int | None = None
        self._drags = False
        canvas.installEventFilter(self)
        canvas.viewport().installEventFilter(self)

    def place(self, quantity: Quantity) -> QPoint:
        """Scroll to a number and return its position in the viewport; the middle of that if it is not drawn."""
        place = self._canvas.place_of(quantity)
        if place is None:
            return self._canvas.viewport().rect().center()
        self._canvas.ensureVisible(*place, 1, 1, IN_VIEW, IN_VIEW)
        return self._canvas.place_on_screen(*place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas:
            return self._on_key(event)
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonDblClick and event.button() == Qt.MouseButton.LeftButton:
            return self._ask(event.position())
        if event.type() == QEvent.Type.MouseButtonPress and event.modifiers() & _DRAG_KEY:
            return self._grasp(event)
        if self._from is not None and event.type() == QEvent.Type.MouseMove:
            pixels = self._from - event.globalPosition().toPoint().y()
            self._drags = self._drags or abs(pixels) >= DRAG_FROM
            if self._drags:
                self.dragged.emit(pixels, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
                self._canvas.setFocus()  # for Escape; the click may have moved the focus
            return True
        if event.type() == QEvent.Type.MouseButtonRelease:
            return self._let_go()
        return False

    def _let_go(self) -> bool:
        """End a drag; return whether there was one, even if it was cancelled. A click is handled elsewhere."""
        dragged, self._drags = self._drags, False
        if self._from is not None:
            self._from = None
            self.released.emit()
        return dragged

    def _on_key(self, event: QEvent) -> bool:
        wanted = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self._from is not None and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # instead of the window's own Escape
            elif event.type() == QEvent.Type.KeyPress:
                self._from = None
                self.cancelled.emit()
            return True
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in wanted
            and _is_plain(event)
        ):
            self.asked_by_key.emit()
            return True
        return False

    def _at(self, point: QPointF) -> Quantity | None:
        place = self._canvas.mapToScene(point.toPoint())
        return self._canvas.editable_at(place.x(), place.y())

    def _ask(self, point: QPointF) -> bool:
        quantity = self._at(point)
        if quantity is None:
            return False
        self.asked.emit(quantity, point.toPoint())
        return True

    def _grasp(self, event: QMouseEvent) -> bool:
        quantity = self._at(event.position())
        if quantity is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        self._from = event.globalPosition().toPoint().y()
        self._drags = False
        self._canvas.setFocus()
        self.grasped.emit(quantity)
        return False  # a click is handled elsewhere


class ValuesGestures(QObject):
    """The editing gesture in the values table: a double click on a given number; `asked` is emitted then."""

    asked = Signal(object, object)

    def __init__(self, values: ValuesView, session: Callable[[], Session], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._values, self._session = values, session
        values.viewport().installEventFilter(self)

    def selected(self) -> tuple[Quantity, QPoint] | None:
        """Return the first number of the selected row and its position in the viewport."""
        index = self._values.currentIndex()
        if not index.isValid():
            return None
        cell = self._values.visualRect(index.siblingAtColumn(2))
        quantity = self._entry(index.row(), cell.left())
        return None if quantity is None else (quantity, QPoint(cell.left() + 90, cell.center().y()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.MouseButtonDblClick or not isinstance(event, QMouseEvent):
            return False
        point = event.position().toPoint()
        index = self._values.indexAt(point)
        quantity = self._entry(index.row(), point.x()) if index.isValid() else None
        if quantity is None:
            return False
        self.asked.emit(quantity, point)
        return True

    def _entry(self, line: int, x: int) -> Quantity | None:
        """Return the number of a line at a horizontal position in the viewport."""
        lines = self._values.lines()
        if lines is None or lines.line(line).kind is not LineKind.QUANTITY:
            return None
        row = lines.rows[lines.line(line).row]
        index = self._values.model().index(line, 2)
        character = text_width(index.data(Qt.ItemDataRole.FontRole), "0")
        left = self._values.columnViewportPosition(2)
        return entry_at(self._session(), row, str(index.data()), int((x - left - _MARGIN) / character))


def _is_plain(event: QKeyEvent) -> bool:
    """Return whether a key is pressed without modifiers; the keypad does not count as one."""
    return not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
