"""The values table: every quantity with its shape and the values known so far; also read by screen readers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStyle, QTableView, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.hover_box import show_row_details
from nnviz.gui.views.panels.value_delegate import GAP, INDENT, LineDelegate, Look
from nnviz.present.core.palette import Palette
from nnviz.present.values.value_lines import Line, LineKind, Lines, entry_of, tab_separated
from nnviz.present.values.value_places import number_in_row, numbers_of
from nnviz.present.values.values_table import ValueRow, value_rows
from nnviz.render.fonts import mono_font
from nnviz.render.paint import text_width
from nnviz.tracing.groups import contribution_at
from nnviz.tracing.steps import Quantity

COLUMNS = ("Name", "Shape", "Value")
Index = QModelIndex | QPersistentModelIndex


class ValuesModel(QAbstractTableModel):
    """The lines of a session's values; the text of each is made when it is needed."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Lines | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._accent = "forward"
        self._looks: dict[int, Look | None] = {}  # of the lines painted so far

    def show_lines(self, lines: Lines, phase: str) -> bool:
        """Show other lines; return whether they have the same shape, so that the selection is kept."""
        self._accent = phase or "forward"
        self._looks.clear()
        before = self.lines
        if before is None or not lines.same_shape(before):
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()
            return False
        self.lines = lines
        last = len(COLUMNS) - 1
        for row in lines.changed(before):
            self.dataChanged.emit(self.index(lines.first_of(row), 0), self.index(lines.last_of(row), last))
        return True

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._looks.clear()
        self.layoutChanged.emit()

    def look(self, index: Index) -> Look | None:
        """Return the look of a line painted across all columns; None for the line of a quantity."""
        at = index.row()
        if self._palette is None:
            return None
        if at not in self._looks:
            assert self.lines is not None
            line = self.lines.line(at)
            self._looks[at] = None if line.kind is LineKind.QUANTITY else self._look(self.lines, line)
        return self._looks[at]

    def _look(self, lines: Lines, line: Line) -> Look:
        assert self._palette is not None
        color = self._palette.muted if line.kind in (LineKind.MORE, LineKind.FEWER) else self._palette.text
        lit = lines.is_lit(line)
        font = mono_font(13 * self._scale, QFont.Weight.DemiBold if lit else QFont.Weight.Normal)
        character = text_width(font, "0")  # the font is monospaced
        label, text = lines.label(line), lines.text(line)
        return Look(
            label=label,
            label_width=character * len(label),
            room=character * len(lines.widest_label),
            text=text,
            text_width=character * len(text),
            font=font,
            color=str(getattr(self._palette, self._accent)) if lit else color,
            ring=self._palette.text if lines.is_stepped(line) else "",
            muted=self._palette.muted,
            scale=self._scale,
        )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() or self.lines is None else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        assert self.lines is not None
        line = self.lines.line(index.row())
        row = self.lines.rows[line.row]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(line, row)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(line, row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            spoken = self.lines.spoken(line)
            has_changed = row.change and line.kind is LineKind.QUANTITY
            return f"{spoken}, changed from {row.before}" if has_changed else spoken
        if self._palette is None:
            return None
        if role == Qt.ItemDataRole.FontRole:
            return mono_font(13 * self._scale, QFont.Weight.DemiBold if row.active else QFont.Weight.Normal)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._color(row, index.column()))
        return None

    def _shown(self, line: Line, row: ValueRow) -> tuple[str, str, str]:
        assert self.lines is not None
        text = self.lines.text(line)
        if line.kind is LineKind.QUANTITY:
            return (row.name, row.shape, f"{row.change}  {text}".lstrip())
        return ("", "", text)

    def _tip(self, line: Line, row: ValueRow) -> str:
        assert self.lines is not None
        if line.kind is LineKind.EXAMPLE:
            number = f"{row.name}, example {self.lines.label(line)} = {self.lines.full(line)}"
            return f"{number}\nClick to step through this example"
        if line.kind in (LineKind.MORE, LineKind.FEWER):
            return "Click to show all examples" if line.kind is LineKind.MORE else "Click to show fewer examples"
        if line.kind is LineKind.TERM:
            return f"Example {self.lines.label(line)} contributes {self.lines.full(line)}"
        before = f"\nbefore: {row.before}" if row.before else ""
        return f"{row.name} = {row.full}{before}" if line.kind is LineKind.QUANTITY else self.lines.text(line)

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
    """The values of a session; `example_clicked(int)` is emitted on a click on an example's line.

    `menu_asked`, `row_menu_asked` and `place_menu_asked` are emitted when a context menu opens, to add entries to it.
    """

    example_clicked = Signal(int)
    menu_asked = Signal(object, object)  # a QMenu to add to, and the numbers in the line
    row_menu_asked = Signal(object, object)  # a QMenu to add to, and the ValueRow it is of
    place_menu_asked = Signal(object, object)  # a QMenu to add to, and the point of the viewport it is opened at

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ValuesModel()
        self._scale = 1.0
        self._opened: frozenset[Quantity] = frozenset()
        self._session: Session | None = None
        self._waiting: Session | None = None  # to be shown when the values are seen or asked for
        self._is_seen = False
        self.setModel(self._model)
        self.setItemDelegate(LineDelegate(self._model.look, self))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)  # it begins with a whole line
        self.verticalHeader().hide()
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setStretchLastSection(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Values")
        self.clicked.connect(self._follow)
        self.viewport().setMouseTracking(True)

    def render_session(self, session: Session) -> None:
        """Show a session's values and scroll to the active one; behind another panel, later."""
        self._waiting = session
        if self._is_seen:
            self._catch_up()

    def set_seen(self, seen: bool) -> None:
        """Set whether the values are visible."""
        self._is_seen = seen
        if seen:
            self._catch_up()

    def model(self) -> ValuesModel:
        """Return the model of the values of the present session."""
        self._catch_up()
        return self._model

    def _catch_up(self) -> None:
        session, self._waiting = self._waiting, None
        if session is not None:
            self._show(session)
            self._bring_into_sight()

    def copy_selected(self) -> None:
        """Copy the selected quantity with all digits to the clipboard; a matrix in the format of spreadsheets."""
        row = self.selected_row()
        if row is not None and self._session is not None:
            QGuiApplication.clipboard().setText(tab_separated(self._session, row))

    def selected_row(self) -> ValueRow | None:
        """Return the quantity whose line is selected."""
        index, lines = self.currentIndex(), self._model.lines
        if not index.isValid() or lines is None:
            return None
        return lines.rows[lines.line(index.row()).row]

    def numbers_under(self, point: QPoint) -> tuple[Quantity, ...]:
        """Return the number under a point of the viewport; outside the figures, all numbers shown of the quantity."""
        index, lines, session = self.indexAt(point), self._model.lines, self._session
        if not index.isValid() or lines is None or session is None:
            return ()
        line = lines.line(index.row())
        if line.kind is not LineKind.QUANTITY:
            return self._under_line(lines, line, index, point)
        row, text = lines.rows[line.row], str(self._model.index(index.row(), 2).data())
        if index.column() == 2:
            cell = self.visualRect(index)
            weight = QFont.Weight.DemiBold if row.active else QFont.Weight.Normal
            inside = point.x() - cell.left() - self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) - 1
            character = int(inside / text_width(mono_font(13 * self._scale, weight), "0"))
            if (found := number_in_row(session, row, text, character)) is not None:
                return (found,)
        return tuple(number for number in numbers_of(session, row) if number is not None)

    def _under_line(self, lines: Lines, line: Line, index: QModelIndex, point: QPoint) -> tuple[Quantity, ...]:
        """Return the number under a point of an example's line, or the example's contribution to a gradient."""
        row, look, session = lines.rows[line.row], self._model.look(index), self._session
        assert session is not None
        if line.kind is LineKind.TERM and (entry := entry_of(session, row.quantity)) is not None:
            return (contribution_at(session.record, entry, line.item),)
        if line.kind is not LineKind.EXAMPLE or look is None or not look.text:
            return ()
        start = self.columnViewportPosition(0) + look.room + (INDENT + GAP) * self._scale
        character = int((point.x() - start) * len(look.text) / look.text_width)
        found = number_in_row(session, row, look.text, character)
        return () if found is None else (replace(found, example=line.item),)

    def lines(self) -> Lines | None:
        """Return the lines being shown."""
        self._catch_up()
        return self._model.lines

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._scale = scale
        self._model.set_theme(palette, scale)
        self.verticalHeader().setDefaultSectionSize(round(25 * scale))
        self._fit_columns()

    def rows(self) -> tuple[ValueRow, ...]:
        """Return the quantities being shown."""
        self._catch_up()
        return self._shown_rows()

    def _shown_rows(self) -> tuple[ValueRow, ...]:
        return () if self._model.lines is None else self._model.lines.rows

    def _show(self, session: Session) -> None:
        step, before, chosen = session.pointed, self._session, self._selected_line()
        if before is not None and before.own_lesson is not session.own_lesson:
            self._opened, chosen = frozenset(), None
        self._session = session
        lines = Lines(session, value_rows(session), self._opened)
        if not self._model.show_lines(lines, "" if step is None else step.phase) and chosen is not None:
            self._select(*chosen)
        self._fit_columns()

    def _selected_line(self) -> tuple[str, Line] | None:
        row = self.selected_row()
        if row is None or self._model.lines is None:
            return None
        return row.name, self._model.lines.line(self.currentIndex().row())

    def _select(self, name: str, line: Line) -> None:
        """Restore the selection after other lines have been shown."""
        lines = self._model.lines
        assert lines is not None
        row = next((at for at, row in enumerate(lines.rows) if row.name == name), None)
        if row is None:
            return
        wanted = Line(line.kind, row, line.item)
        place = lines.place(wanted)
        self.setCurrentIndex(self._model.index(lines.first_of(row) if place is None else place, 0))

    def _bring_into_sight(self) -> None:
        lines = self._model.lines
        active = next((at for at, row in enumerate(self._shown_rows()) if row.active), None)
        if lines is None or active is None:
            self.scrollToTop()
            return
        self.executeDelayedItemsLayout()  # or else new lines are not included
        # the name, the whole block if it fits, and always the line of the step
        for place in (lines.last_of(active), lines.first_of(active), lines.stepped(active)):
            self.scrollTo(self._model.index(place, 0))

    def _fit_columns(self) -> None:
        """Fit the columns of names and shapes to their texts; measured here because asking every cell is slow."""
        font = mono_font(13 * self._scale, QFont.Weight.DemiBold)
        for column, texts in enumerate(zip(*((row.name, row.shape) for row in self._shown_rows()), strict=True)):
            longest = max(texts, key=len)
            width = round(text_width(font, longest) + 18 * self._scale)
            if width != self.columnWidth(column):
                self.setColumnWidth(column, width)

    def _follow(self, index: Index) -> None:
        """Act on a clicked line: choose its example, or show all examples or a few of them."""
        lines, session = self._model.lines, self._session
        assert lines is not None
        assert session is not None
        line = lines.line(index.row())
        if line.kind in (LineKind.EXAMPLE, LineKind.TERM):
            self.example_clicked.emit(session.record.examples[line.item])
        elif line.kind in (LineKind.MORE, LineKind.FEWER):
            self._opened = self._opened ^ {lines.rows[line.row].quantity}
            self._show(session)
            if line.kind is LineKind.FEWER:
                self._bring_into_sight()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self.selected_row()
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Copy {row.name} {row.shape}\tCtrl+C").triggered.connect(self.copy_selected)
        point = self.viewport().mapFromGlobal(event.globalPos())
        self.menu_asked.emit(menu, self.numbers_under(point))
        self.row_menu_asked.emit(menu, row)
        self.place_menu_asked.emit(menu, point)
        menu.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        return show_row_details(self, event) or super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._follow(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bring_into_sight()
