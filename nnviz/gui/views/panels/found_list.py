"""The results of a search as a list: sentences that wrap, each with its number and a link to its step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from nnviz.debugger.finder.search import Found
from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.present.core.palette import Palette
from nnviz.present.words.finder_text import Report
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pill

Index = QModelIndex | QPersistentModelIndex
LEFT, RIGHT, ABOVE, GAP = 16.0, 8.0, 6.0, 2.0
# Keys that move in the list instead of stepping.
OWN_KEYS = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Enter)
)
_BARS = {"match": "matched", "change": "convention", "miss": "differs", "chance": "faint"}


@dataclass(frozen=True)
class Row:
    """A row: its text, its number, and its link: a click goes to `found`, or puts `example` into the field."""

    text: str
    value: str = ""
    mark: str = ""
    found: Found | None = None
    example: str = ""

    @property
    def is_link(self) -> bool:
        """True if a click has an effect."""
        return self.found is not None or bool(self.example)


def rows_of(report: Report) -> tuple[Row, ...]:
    """Return the rows of a report."""
    rows = [Row(report.verdict, mark="verdict")] if report.verdict else []
    for answer in report.answers:
        rows += [Row(answer.note, mark="note")] if answer.note else []
        rows += [Row(line.text, line.value, line.mark, line.found) for line in answer.lines]
    return tuple(rows)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        enabled = Qt.ItemFlag.ItemIsEnabled
        return enabled | Qt.ItemFlag.ItemIsSelectable if self.rows[index.row()].is_link else enabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.text} {row.value}" if row.value else row.text
        return None


class _Delegate(QStyledItemDelegate):
    """The painter of a row: a bar in the color of its verdict, the sentence, and the number in small type."""

    def __init__(self, view: FoundList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = self._view.rows()[index.row()]
        width = float(self._view.viewport().width())
        return QSize(int(width), int(sum(rect.height() for rect in self._rects(row, width)) + self._room(row)))

    def _room(self, row: Row) -> float:
        return (2 * ABOVE + (GAP if row.value else 0.0)) * self._view.scale

    def _rects(self, row: Row, width: float) -> tuple[QRectF, QRectF]:
        scale = self._view.scale
        room = QRectF(0, 0, max(width - (LEFT + RIGHT) * scale, 60.0), 10_000)
        flags = int(Qt.TextFlag.TextWordWrap)
        text = QFontMetricsF(self._view.text_font(row)).boundingRect(room, flags, row.text)
        value = QRectF()
        if row.value:
            value = QFontMetricsF(self._view.value_font()).boundingRect(room, flags, row.value)
        return text, value

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, scale, row = self._view.palette_, self._view.scale, self._view.rows()[index.row()]
        if palette is None:
            return
        rect = QRectF(option.rect)
        text, value = self._rects(row, rect.width())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        if row.is_link and state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            pill(painter, rect.adjusted(2, 1, -2, -1), palette.selection if chosen else palette.window, None, 5.0)
        if row.mark in _BARS:
            bar = rect.adjusted(6 * scale, ABOVE * scale, 0.0, -ABOVE * scale)
            bar.setWidth(3 * scale)
            pill(painter, bar, str(getattr(palette, _BARS[row.mark])), None, 1.5 * scale)
        left, top = rect.left() + LEFT * scale, rect.top() + ABOVE * scale
        room = rect.width() - (LEFT + RIGHT) * scale
        flags = int(Qt.TextFlag.TextWordWrap)
        painter.setFont(self._view.text_font(row))
        muted = palette.muted if row.mark in ("note", "chance") else palette.text
        painter.setPen(QColor(palette.positive if row.example else muted))
        painter.drawText(QRectF(left, top, room, text.height() + 1), flags, row.text)
        if row.value:
            painter.setFont(self._view.value_font())
            painter.setPen(QColor(palette.muted))
            below = top + text.height() + GAP * scale
            painter.drawText(QRectF(left, below, room, value.height() + 1), flags, row.value)
        painter.restore()


class FoundList(QListView):
    """The list of results.

    `found_chosen(Found)` or `example_chosen(str)` is emitted on a click or Enter, `left` on Up from the first link.
    """

    found_chosen = Signal(object)
    example_chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model()
        self.palette_: Palette | None = None
        self.scale = 1.0
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName("Search results")
        self.clicked.connect(self._choose)

    def rows(self) -> tuple[Row, ...]:
        """Return the rows being shown."""
        return self._model.rows

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show other rows; keep the current row if it is among them."""
        if rows == self._model.rows:
            return
        current = self.currentIndex()
        before = self._model.rows[current.row()] if current.isValid() else None
        self._model.show_rows(rows)
        if before is not None and before in rows:
            self.setCurrentIndex(self._model.index(rows.index(before)))

    def choose_first(self) -> bool:
        """Focus the first link of the list; return whether there is one."""
        for place, row in enumerate(self._model.rows):
            if row.is_link:
                self.setFocus(Qt.FocusReason.OtherFocusReason)
                self.setCurrentIndex(self._model.index(place))
                return True
        return False

    def text_font(self, row: Row) -> QFont:
        """Return the font of a row's sentence."""
        weight = QFont.Weight.DemiBold if row.mark == "verdict" else QFont.Weight.Normal
        return ui_font(13 * self.scale, weight)

    def value_font(self) -> QFont:
        """Return the font of a row's number."""
        return mono_font(12 * self.scale)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.palette_, self.scale = palette, scale
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def _choose(self, index: QModelIndex) -> None:
        row = self._model.rows[index.row()]
        if row.found is not None:
            self.found_chosen.emit(row.found)
        elif row.example:
            self.example_chosen.emit(row.example)

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, OWN_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self._choose(current)
            return
        links = [place for place, row in enumerate(self._model.rows) if row.is_link]
        if event.key() == Qt.Key.Key_Up and (not links or current.row() <= links[0]):
            self.left.emit()
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_link = index.isValid() and self._model.rows[index.row()].is_link
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
