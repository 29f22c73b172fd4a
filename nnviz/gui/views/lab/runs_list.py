"""The table of runs: a row for each, sorted by a click on a heading; its line is shown or hidden by its box."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QContextMenuEvent, QFont, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.present.core.palette import Palette
from nnviz.present.lab.runs_table import RunColumn, RunKey, TableRun, cell_text, table_columns
from nnviz.render.fonts import ui_font
from nnviz.render.paint import text_width
from nnviz.render.run_pens import run_pen

ROW, LINE = 25.0, 22.0  # the height of a row, and the width of a line, logical pixels at scale 1
NAME_MOST, NAME_LEAST, BESIDE = 176.0, 96.0, 62.0  # widths of the first column, and beside the names in it
OTHER = "This run has other examples or another loss, so its curve cannot be compared with those of the plot."
_KEYS = (Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_KEYS_MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class RunItem(QTreeWidgetItem):
    """The row of a run, which is sorted by values; what has none comes last."""

    values: tuple[object, ...] = ()

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        tree = self.treeWidget()
        column = 0 if tree is None else tree.sortColumn()
        assert isinstance(other, RunItem)
        return _rank(self.values[column]) < _rank(other.values[column])


def _rank(value: object) -> tuple[int, float, str]:
    """Return what a value is sorted by: numbers, then texts, then NaN, then nothing."""
    if isinstance(value, int | float):
        return (0, float(value), "") if value == value else (2, 0.0, "")
    return (3, 0.0, "") if value is None else (1, 0.0, str(value).casefold())


class RunsList(QTreeWidget):
    """The table. Its signals have the RunKey first; `again_asked` is emitted on Enter or a double click on numbers."""

    shown_changed = Signal(object, bool)
    renamed = Signal(object, str)
    removed = Signal(object)
    again_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._runs: dict[RunKey, TableRun] = {}
        self._items: dict[RunKey, RunItem] = {}
        self._columns: tuple[RunColumn, ...] = ()
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        self.setAccessibleName("Runs")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.itemChanged.connect(self._on_changed)
        self.itemDoubleClicked.connect(self._on_double_click)

    @property
    def runs(self) -> tuple[TableRun, ...]:
        """The rows in the order in which they are shown."""
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return tuple(self._runs[item.data(0, Qt.ItemDataRole.UserRole)] for item in items if item is not None)

    @property
    def columns(self) -> tuple[RunColumn, ...]:
        """The columns after the name."""
        return self._columns

    def item_of(self, key: RunKey) -> RunItem:
        """Return the row of a run."""
        return self._items[key]

    def show_runs(self, runs: Sequence[TableRun]) -> None:
        """Show these runs; a row stays where it is in the order."""
        self._runs = {run.key: run for run in runs}
        columns = table_columns(runs)
        blocker = QSignalBlocker(self)
        self.setSortingEnabled(False)
        is_other = [column.key for column in columns] != [column.key for column in self._columns]
        self._columns = columns
        if is_other or self.columnCount() != len(columns) + 1:
            self._name_columns()
        for key in [key for key in self._items if key not in self._runs]:
            self.takeTopLevelItem(self.indexOfTopLevelItem(self._items.pop(key)))
        grown = False
        for run in runs:
            if run.key not in self._items:
                self._items[run.key] = item = RunItem()
                item.setData(0, Qt.ItemDataRole.UserRole, run.key)
                self.addTopLevelItem(item)
                grown = True
            self._write(self._items[run.key], run)
        self.setSortingEnabled(True)
        blocker.unblock()
        if is_other or grown:
            self._size_columns()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setFont(ui_font(13 * scale))
        self.header().setFont(ui_font(12 * scale, QFont.Weight.Medium))
        self.setIconSize(QSize(round(LINE * scale), round(12 * scale)))
        for item in self._items.values():
            item.values = ()
        self.show_runs(tuple(self._runs.values()))
        self._size_columns()

    def fill_menu(self, menu: QMenu, place: QPoint) -> None:
        """Add the entries of the run at a point of the viewport, if there is one."""
        item = self.itemAt(place)
        if item is None:
            return
        run = self._runs[item.data(0, Qt.ItemDataRole.UserRole)]
        show = menu.addAction("Hide on the loss plot" if run.is_on_plot else "Show on the loss plot")
        show.setEnabled(run.is_comparable)
        show.triggered.connect(lambda: self.shown_changed.emit(run.key, not run.is_on_plot))
        again = menu.addAction("Train this run again")
        again.setEnabled(run.key.is_swept)
        again.triggered.connect(lambda: self.again_asked.emit(run.key))
        menu.addSeparator()
        menu.addAction("Rename…").triggered.connect(lambda: self.editItem(item, 0))
        remove = menu.addAction("Remove")
        remove.setEnabled(not run.is_present)
        remove.triggered.connect(lambda: self.removed.emit(run.key))

    def _name_columns(self) -> None:
        self.setColumnCount(len(self._columns) + 1)
        self.setHeaderLabels(["Run", *(column.title for column in self._columns)])
        for item in self._items.values():
            item.values = ()
        for column in range(1, self.columnCount()):
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _size_columns(self) -> None:
        """Fit the columns to their texts; names have a bounded width."""
        for column in range(self.columnCount()):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.resizeColumnToContents(column)
        wide = max(NAME_LEAST * self._scale, min(self.columnWidth(0), NAME_MOST * self._scale))
        self.setColumnWidth(0, round(wide))

    def _write(self, item: RunItem, run: TableRun) -> None:
        values = (run.curve.name, *(column.value(run) for column in self._columns))
        state = Qt.CheckState.Checked if run.is_on_plot else Qt.CheckState.Unchecked
        if run.is_comparable and (not item.values or item.checkState(0) != state):
            item.setCheckState(0, state)
        line = (run.curve.series, run.is_on_plot)
        if item.data(0, Qt.ItemDataRole.UserRole + 1) != line or not item.values:
            item.setData(0, Qt.ItemDataRole.UserRole + 1, line)
            item.setIcon(0, self._line(run))
        if repr(values) == repr(item.values):  # NaN is like NaN
            return
        item.values = values
        item.setText(0, run.curve.name)
        for column, (about, value) in enumerate(zip(self._columns, values[1:], strict=True), 1):
            item.setText(column, cell_text(about, value))
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        about_run = f"{run.curve.name} (current run)" if run.is_present else run.curve.name
        item.setToolTip(0, "\n".join(words for words in (about_run, run.curve.made) if words))
        if not run.is_comparable:
            item.setToolTip(0, f"{run.curve.name}\n{OTHER}")
        font = ui_font(13 * self._scale, QFont.Weight.DemiBold if run.is_present else QFont.Weight.Normal)
        item.setFont(0, font)
        wide = text_width(font, run.curve.name) + BESIDE * self._scale
        item.setSizeHint(0, QSize(round(wide), round(ROW * self._scale)))
        if self._palette is not None:
            item.setForeground(0, QBrush(QColor(self._palette.text)))

    def _line(self, run: TableRun) -> QIcon:
        """Return the line of a run on the plot, or an empty picture of the same size."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.iconSize() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        if run.is_on_plot and self._palette is not None:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(run_pen(self._palette, run.curve.series, 2.5 * self._scale))
            middle = self.iconSize().height() / 2
            painter.drawLine(QPointF(1, middle), QPointF(self.iconSize().width() - 1, middle))
            painter.end()
        return QIcon(picture)

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        """Handle a clicked box or an edited name."""
        run = self._runs[item.data(0, Qt.ItemDataRole.UserRole)]
        is_checked = item.checkState(0) == Qt.CheckState.Checked
        if run.is_comparable and is_checked != run.is_on_plot:
            self.shown_changed.emit(run.key, is_checked)
        elif item.text(0) != run.curve.name:
            self.renamed.emit(run.key, item.text(0))

    def _on_double_click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            self.editItem(item, 0)
        else:
            self.again_asked.emit(item.data(0, Qt.ItemDataRole.UserRole))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()  # the panel adds its own entries

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, (*_KEYS, *_KEYS_MOVING)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        run = None if item is None else self._runs[item.data(0, Qt.ItemDataRole.UserRole)]
        if item is None or run is None:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_F2:
            self.editItem(item, 0)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if not run.is_present:
                self.removed.emit(run.key)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.again_asked.emit(run.key)
        else:
            super().keyPressEvent(event)
