"""The box of details beside what the mouse points at; it stays as long as the mouse does and covers none of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontInfo, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QLabel, QToolTip, QVBoxLayout, QWidget

GAP = 10  # pixels between the box and what it explains
EDGE = 4  # pixels kept free at the edge of the window
RADIUS = 6.0
_ENDS = (QEvent.Type.Leave, QEvent.Type.MouseMove, QEvent.Type.Wheel, QEvent.Type.MouseButtonPress)
_ROW = "explained_row"  # the property of a view whose row has its tool tip shown
WIDEST = 440  # pixels of a line of text
_HINT_SIZE = 0.88  # of the hint's type, relative to the rows'


class HoverBox(QWidget):
    """A box of text over a window, of which each window has one; the mouse passes through it.

    It has the colors and the type of tool tips, which the theme sets.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("hover_box")
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self._over = window
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 6, 8, 6)
        self._column.addWidget(self.label)
        self.owner: QWidget | None = None
        self.hide()

    def show_beside(self, owner: QWidget, html: str, items: Sequence[QRect], others: Iterable[QRect] = ()) -> None:
        """Show a text beside `items`, rectangles of `owner` that stay uncovered; `others` do if there is room."""
        self.owner = owner
        self.setPalette(QToolTip.palette())
        self.label.setPalette(QToolTip.palette())
        self.label.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self.label.setFont(QToolTip.font())
        self._set_text(html)
        window = self._over
        origin = owner.mapTo(window, QPoint(0, 0))
        room = window.rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        kept = [rect.translated(origin) for rect in items]
        self.move(place_beside(self.size(), kept, [rect.translated(origin) for rect in others], room))
        self.show()
        self.raise_()

    def _set_text(self, html: str) -> None:
        """Show a text, broken into lines if it would be very wide."""
        label = self.label
        label.setWordWrap(False)
        label.setText(html)
        label.setMinimumWidth(0)
        label.setMaximumWidth(WIDEST)
        if label.sizeHint().width() > WIDEST:
            label.setWordWrap(True)
            label.setMinimumWidth(WIDEST)
        self._column.activate()
        self.adjustSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self.palette().color(QPalette.ColorRole.ToolTipBase))
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1.0))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()


def show_details(owner: QWidget, html: str, items: Sequence[QRect], others: Iterable[QRect] = ()) -> None:
    """Show a text beside rectangles of a widget, in the box of its window."""
    window = owner.window()
    box = _box_of(window) or HoverBox(window)
    box.show_beside(owner, html, items, others)


def show_row_details(view: QAbstractItemView, event: QEvent) -> bool:
    """Handle an event of an item view's viewport: show the tool tip of a row beside it, instead of over other rows.

    Return whether the event needs nothing else.
    """
    if event.type() not in (QEvent.Type.ToolTip, *_ENDS):
        return False
    viewport = view.viewport()
    if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
        index = view.indexAt(event.pos())
        words = str(index.data(Qt.ItemDataRole.ToolTipRole) or "") if index.isValid() else ""
        if words:
            rect = view.visualRect(index)
            view.setProperty(_ROW, index.row())
            show_details(viewport, plain_details(words), [QRect(0, rect.top(), viewport.width(), rect.height())])
        return bool(words)
    point = event.position().toPoint() if isinstance(event, QMouseEvent) else QPoint(-1, -1)
    if event.type() != QEvent.Type.MouseMove or view.indexAt(point).row() != view.property(_ROW):
        hide_details(viewport)
    return False


def hide_details(owner: QWidget) -> None:
    """Hide the box of the window if it shows details of this widget."""
    box = _box_of(owner.window())
    if box is not None and box.owner is owner:
        box.hide()


def shows_details(owner: QWidget) -> bool:
    """Return whether the box of the window shows details of this widget."""
    box = _box_of(owner.window())
    return box is not None and box.owner is owner and not box.isHidden()


def details_table(rows: Iterable[tuple[str, str]], hint: str = "") -> str:
    """Return names and values as a small table in HTML, with a line in smaller type below it."""
    cells = "".join(
        f"<tr><td>{escape(name)}&nbsp;</td><td style='font-family:\"JetBrains Mono\"'>{escape(value)}</td></tr>"
        for name, value in rows
    )
    size = QFontInfo(QToolTip.font()).pixelSize() * _HINT_SIZE
    below = f"<div style='font-size:{size:.0f}px'>{escape(hint)}</div>" if hint else ""
    return f"<table cellspacing='3'>{cells}</table>{below}"


def plain_details(text: str) -> str:
    """Return lines of plain text as HTML."""
    return escape(text).replace("\n", "<br>")


def place_beside(size: QSize, items: Sequence[QRect], others: Sequence[QRect], room: QRect) -> QPoint:
    """Return the top left corner of a box that covers no item and as little of the others as possible."""
    width, height = size.width(), size.height()
    whole = QRect()
    for rect in items:
        whole = whole.united(rect)
    left, right = whole.left() - GAP - width, whole.right() + 1 + GAP
    above, below = whole.top() - GAP - height, whole.bottom() + 1 + GAP
    middle = whole.center() - QPoint(width // 2, height // 2)
    across, down = (middle.x(), whole.left(), whole.right() - width), (middle.y(), whole.top(), whole.bottom() - height)
    places = [QPoint(x, y) for y in down for x in (right, left)] + [
        QPoint(x, y) for x in across for y in (below, above)
    ]
    places += [QPoint(x, y) for x in (right, left) for y in (below, above)]

    def cost(place: QPoint) -> float:
        box = QRect(_within(place, size, room), size)
        covered = sum(_area(box & item.adjusted(-2, -2, 2, 2)) for item in items)
        moved = (box.topLeft() - place).manhattanLength()
        return 1000.0 * covered + sum(_area(box & rect) for rect in others) + 0.1 * moved

    return _within(min(places, key=cost), size, room)


def _within(place: QPoint, size: QSize, room: QRect) -> QPoint:
    x = max(room.left(), min(place.x(), room.right() + 1 - size.width()))
    y = max(room.top(), min(place.y(), room.bottom() + 1 - size.height()))
    return QPoint(x, y)


def _area(rect: QRect) -> int:
    return max(0, rect.width()) * max(0, rect.height())


def _box_of(window: QWidget) -> HoverBox | None:
    return window.findChild(HoverBox, options=Qt.FindChildOption.FindDirectChildrenOnly)
