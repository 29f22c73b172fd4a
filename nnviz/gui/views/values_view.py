"""The values table: every quantity with its shape and the figures known so far; also what a screen reader reads."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from nnviz.debugger.session import Session
from nnviz.gui.fonts import mono_font
from nnviz.gui.paint import text_width
from nnviz.present.palette import Palette
from nnviz.present.values import ValueRow, value_rows

COLUMNS = ("Name", "Shape", "Value")
Index = QModelIndex | QPersistentModelIndex


class ValuesModel(QAbstractTableModel):
    """The rows of a session's values."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[ValueRow, ...] = ()
        self._palette: Palette | None = None
        self._scale = 1.0
        self._accent = "forward"

    def show_rows(self, rows: tuple[ValueRow, ...], phase: str) -> None:
        """Show other rows; the selection stays where the number of rows does."""
        self._accent = phase or "forward"
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        else:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.shape, f"{row.change}  {row.text}".lstrip())[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            before = f"\nbefore: {row.before}" if row.before else ""
            return f"{row.name} = {row.full}{before}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            told = f"{row.name}, {row.text}" if row.known != "none" else f"{row.name}, not known yet"
            return f"{told}, changed from {row.before}" if row.change else told
        if self._palette is None:
            return None
        if role == Qt.ItemDataRole.FontRole:
            return mono_font(13 * self._scale, QFont.Weight.DemiBold if row.active else QFont.Weight.Normal)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._color(row, index.column()))
        return None

    def _color(self, row: ValueRow, column: int) -> str:
        assert self._palette is not None
        if row.change and column == 2:
            return self._palette.convention
        if row.active:
            return str(getattr(self._palette, self._accent))
        if column == 1 or row.known == "none":
            return self._palette.faint
        return self._palette.text


class ValuesView(QTableView):
    """Shows the values of a session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ValuesModel()
        self._scale = 1.0
        self.setModel(self._model)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setStretchLastSection(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCornerWidget(QWidget())  # else an empty frame stands where two scroll bars meet
        self.setAccessibleName("Values")

    def render_session(self, session: Session) -> None:
        """Show a session's values and bring the active one into sight."""
        step = session.step
        self._model.show_rows(value_rows(session), "" if step is None else step.phase)
        self._fit_columns()
        self._bring_into_sight()

    def _bring_into_sight(self) -> None:
        active = next((index for index, row in enumerate(self._model.rows) if row.active), None)
        if active is None:
            self.scrollToTop()
        else:
            self.scrollTo(self._model.index(active, 0))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._scale = scale
        self._model.set_theme(palette, scale)
        self.verticalHeader().setDefaultSectionSize(round(25 * scale))
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Names and shapes whole, the figures the rest; measured here because asking every cell is slow."""
        font = mono_font(13 * self._scale, QFont.Weight.DemiBold)
        for column, texts in enumerate(zip(*((row.name, row.shape) for row in self._model.rows), strict=True)):
            longest = max(texts, key=len)
            width = round(text_width(font, longest) + 18 * self._scale)
            if width != self.columnWidth(column):
                self.setColumnWidth(column, width)

    def rows(self) -> tuple[ValueRow, ...]:
        """The rows being shown."""
        return self._model.rows

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bring_into_sight()
