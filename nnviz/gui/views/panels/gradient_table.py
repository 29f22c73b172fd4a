"""The table of the gradient check: a row for each parameter, sorted by any column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from nnviz.engine.gradcheck import Difference
from nnviz.gui.kit.hover_box import show_row_details
from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.gui.views.chrome.note_row import OWN_KEYS
from nnviz.present.core.palette import Palette
from nnviz.present.core.voice import Voice
from nnviz.present.text.numbers import digits
from nnviz.present.words.gradient_check_text import (
    AGREES,
    CORNER,
    badness,
    difference_text,
    error_text,
    number_text,
    parameter_text,
    state_of,
)
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import text_width

COLUMNS = ("Parameter", "Gradient", "Central difference", "Relative error")
ERROR = 3
MEASURED = 60  # rows whose texts determine the widths of the columns
_SHORT = ("Parameter", "Gradient", "Central diff.", "Rel. error")
_KEYS: tuple[Callable[[Difference], float], ...] = (
    lambda difference: difference.parameter,
    lambda difference: difference.gradient,
    lambda difference: difference.central,
    badness,
)
Index = QModelIndex | QPersistentModelIndex


class GradientModel(QAbstractTableModel):
    """The differences of a record, in the chosen order; initially the worst first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Difference] = []
        self._places: dict[int, int] = {}  # the row of each parameter
        self._names: dict[int, str] = {}
        self._voice: Voice | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._order = (ERROR, Qt.SortOrder.DescendingOrder)

    def show_rows(self, differences: Iterable[Difference], voice: Voice) -> None:
        """Show other rows."""
        self.beginResetModel()
        if self._voice is None or (voice.notation, voice.record.architecture, voice.units_first) != (
            self._voice.notation,
            self._voice.record.architecture,
            self._voice.units_first,
        ):
            self._names.clear()
        self._voice = voice
        self._arrange(differences)
        self.endResetModel()

    def row_of(self, parameter: int | None) -> int | None:
        """Return the row of a parameter, or None."""
        return None if parameter is None else self._places.get(parameter)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.layoutChanged.emit()

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        difference = self.rows[row]
        if column == 0:
            return self._name(difference.parameter)
        if column < ERROR:
            return number_text(difference.gradient if column == 1 else difference.central)
        state = state_of(difference)
        return error_text(difference) if state == AGREES else _marked(difference, state)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows by a column."""
        self._order = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._arrange(self.rows)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _SHORT[section]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.FontRole:
            return ui_font(12 * self._scale)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        difference, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.AccessibleTextRole and self._voice is not None:
            return difference_text(self._voice, difference)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"Gradient {digits(difference.gradient)}, central difference {digits(difference.central)}"
        if self._palette is None:
            return None
        if role == Qt.ItemDataRole.FontRole:
            return mono_font(12.5 * self._scale)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._palette.text if column < ERROR else state_color(self._palette, state_of(difference)))
        return None

    def _name(self, parameter: int) -> str:
        if parameter not in self._names and self._voice is not None:
            self._names[parameter] = parameter_text(self._voice, parameter)
        return self._names.get(parameter, "")

    def _arrange(self, differences: Iterable[Difference]) -> None:
        column, order = self._order
        self.rows = sorted(differences, key=_KEYS[column], reverse=order == Qt.SortOrder.DescendingOrder)
        self._places = {difference.parameter: row for row, difference in enumerate(self.rows)}


def state_color(palette: Palette, state: str) -> str:
    """Return the color of a verdict."""
    return {AGREES: palette.matched, CORNER: palette.convention}.get(state, palette.differs)


def _marked(difference: Difference, state: str) -> str:
    return f"≠ {error_text(difference)}" if state == "differs" else state


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class GradientTable(QTableView):
    """The table of gradients.

    `parameter_chosen(int)` is emitted on a click, Up or Down, `parameter_opened(int)` on a double click or Enter,
    `left` on Escape.
    """

    parameter_chosen = Signal(int)
    parameter_opened = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = GradientModel()
        self._scale = 1.0
        self.setModel(self.rows)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSortIndicator(ERROR, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.setAccessibleName("Gradients and central differences")
        self.clicked.connect(lambda index: self.parameter_chosen.emit(self.rows.rows[index.row()].parameter))
        self.doubleClicked.connect(lambda index: self.parameter_opened.emit(self.rows.rows[index.row()].parameter))

    def show_chosen(self, parameter: int | None) -> None:
        """Select the row of a parameter; without one, keep the current row selected if the table has the focus."""
        row = self.rows.row_of(parameter)
        if row is None:
            self.clearSelection()
            self._select_for_keys()
        elif self.currentIndex().row() != row or not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.rows.index(row, 0))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._scale = scale
        self.rows.set_theme(palette, scale)
        self.verticalHeader().setDefaultSectionSize(round(24 * scale))
        self.fit_columns()

    def fit_columns(self) -> None:
        """Fit each column to its longest text or its title; share the remaining width evenly."""
        font, title = mono_font(12.5 * self._scale), ui_font(12 * self._scale)
        some = range(min(len(self.rows.rows), MEASURED))
        wanted = []
        for column, name in enumerate(_SHORT):
            longest = max((self.rows.text(row, column) for row in some), key=len, default="")
            arrow = 14 if column == self.horizontalHeader().sortIndicatorSection() else 0
            room = text_width(title, name) + (8 + arrow) * self._scale
            wanted.append(max(text_width(font, longest) + 12 * self._scale, room))
        spare = max(self.viewport().width() - sum(wanted), 0.0) / len(wanted)
        for column, width in enumerate(wanted):
            self.setColumnWidth(column, int(width + spare))

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, OWN_KEYS) or super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._select_for_keys()

    def _select_for_keys(self) -> None:
        if self.hasFocus() and self.rows.rows and not self.selectionModel().hasSelection():
            self.selectRow(max(self.currentIndex().row(), 0))

    def viewportEvent(self, event: QEvent) -> bool:
        return show_row_details(self, event) or super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if 0 <= row < len(self.rows.rows):
                self.parameter_opened.emit(self.rows.rows[row].parameter)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
            if self.currentIndex().row() != row:
                self.parameter_chosen.emit(self.rows.rows[self.currentIndex().row()].parameter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()
