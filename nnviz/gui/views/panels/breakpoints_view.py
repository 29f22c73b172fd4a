"""The Breakpoints panel: a field for a condition or a watch, and below it the list of breakpoints."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nnviz.debugger.conditions.breakpoints import (
    add_breakpoint,
    add_watch,
    change_breakpoint,
    remove_breakpoint,
    toggle_breakpoint,
)
from nnviz.debugger.conditions.expressions import ExpressionError, read_expression
from nnviz.debugger.conditions.names import describe_names, scope_of
from nnviz.debugger.state.breakpoint import AtCondition, AtNonFinite, AtPhase, Breakpoint, Where
from nnviz.debugger.state.session import Session
from nnviz.gui.kit.buttons import MenuButton
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.chrome.expression_field import ExpressionField
from nnviz.present.core.palette import Palette
from nnviz.present.runs.whereabouts import breakpoint_words
from nnviz.present.text.capital import capital
from nnviz.render.fonts import ui_font
from nnviz.tables.numerals import NumeralError
from nnviz.tables.whole_numbers import read_whole
from nnviz.tracing.steps import Phase

COLUMNS = ("Breakpoint", "Hits", "Ignore", "")
HITS, IGNORE, DELETE = 1, 2, 3
ROW = 24
INVITATION = (
    "Type a condition to break on, such as loss < 0.01, or any expression to watch. To set a breakpoint at a neuron, "
    "an edge, a line or a step, press F9 or right-click it."
)
MOST_IGNORED = 1_000_000_000


class BreakpointsView(QWidget):
    """The breakpoints of a session; `move_asked(Move)` is emitted when the user changes them."""

    move_asked = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._names_of: tuple[object, ...] = ()
        self.field = ExpressionField()
        self.field.setPlaceholderText("loss < 0.01")
        self.stop_button = self._button("Break", "Stop when this becomes true (Enter)", self._break)
        self.watch_button = self._button("Watch", "Show this value above the other values (Shift+Enter)", self._watch)
        self.more = MenuButton()
        self.more.setText("At…")
        self.more.setToolTip("Stop at the start of a phase, or at the first NaN or infinity")
        self.more.setMenu(self._more_menu())
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.list = _List()
        self.list.itemChanged.connect(self._changed)
        self.list.itemClicked.connect(self._clicked)
        self.list.delete_asked.connect(self._delete)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lay_out()
        self.field.textChanged.connect(self._validate)
        self.field.returnPressed.connect(self._enter)
        self.field.left.connect(self.left)

    def take_focus(self) -> None:
        """Focus the field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def ask_for(self, text: str) -> None:
        """Begin with a condition, which the user may change."""
        self.field.setText(text)
        self.take_focus()

    def render_session(self, session: Session) -> None:
        """Show a session's breakpoints; the list is updated only if they changed."""
        before, self._session = self._session, session
        names_of = (session.lesson, session.notation)
        if any(one is not other for one, other in zip(names_of, self._names_of or (None, None), strict=True)):
            self._names_of = names_of
            self.field.set_names(())
            self._validate()
        if before is None or before.breakpoints != session.breakpoints:
            self._fill(session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.field.set_scale(scale)
        self.more.set_theme(palette, scale)
        self.note.setFont(ui_font(12 * scale))
        self.list.setFont(ui_font(13 * scale))
        self._validate()
        if self._session is not None:
            self._fill(self._session)

    def sizeHint(self) -> QSize:
        return QSize(320, 220)

    def _button(self, words: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button

    def _more_menu(self) -> QMenu:
        menu = QMenu(self)
        places: dict[str, Where] = {f"Start of the {phase.value} phase": AtPhase(phase) for phase in Phase}
        places["First NaN or infinity"] = AtNonFinite()
        for words, where in places.items():
            menu.addAction(words).triggered.connect(partial(self._toggle, where))
        return menu

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        for button in (self.stop_button, self.watch_button, self.more):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)

    def _validate(self) -> None:
        """Show what is wrong with the text, and enable the buttons that apply to it."""
        text, session = self.field.text().strip(), self._session
        fault, stops, shows = "", False, False
        if text and session is not None:
            if not self.field.has_names:
                self.field.set_names(tuple(name for name, _ in describe_names(scope_of(session))))
            try:
                read = read_expression(text, session)
                shows, stops = True, read.is_truth and not read.shape
            except ExpressionError as error:
                fault = str(error)
        self.stop_button.setEnabled(stops)
        self.watch_button.setEnabled(shows)
        has_any = session is not None and bool(session.breakpoints)
        hint = "" if text or has_any else INVITATION
        no_condition = "Not a condition, but it can be watched." if shows and not stops else ""
        note = (f"{capital(fault)}." if fault else no_condition) or hint
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._tint(bool(fault))

    def _tint(self, is_fault: bool) -> None:
        if self._palette is not None:
            ink(self.note, self._palette.differs if is_fault else self._palette.muted)

    def _enter(self) -> None:
        shifted = bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self.stop_button.isEnabled() and not shifted:
            self._break()
        elif self.watch_button.isEnabled():
            self._watch()

    def _break(self) -> None:
        text = self.field.text().strip()
        self.field.clear()
        self.move_asked.emit(lambda session: add_breakpoint(session, AtCondition(), text))

    def _watch(self) -> None:
        text = self.field.text().strip()
        self.field.clear()
        self.move_asked.emit(lambda session: add_watch(session, text))

    def _toggle(self, where: Where) -> None:
        self.move_asked.emit(lambda session: toggle_breakpoint(session, where))

    def _fill(self, session: Session) -> None:
        current = self.list.currentItem()
        chosen = None if current is None else current.data(0, Qt.ItemDataRole.UserRole)
        blocker = QSignalBlocker(self.list)
        # A changed row must exist until its signal has been handled: rows are overwritten, not replaced.
        while self.list.topLevelItemCount() > len(session.breakpoints):
            self.list.takeTopLevelItem(self.list.topLevelItemCount() - 1)
        while self.list.topLevelItemCount() < len(session.breakpoints):
            self.list.addTopLevelItem(QTreeWidgetItem())
        self.list.setCurrentIndex(QModelIndex())
        for row, breakpoint in enumerate(session.breakpoints):
            item = self.list.topLevelItem(row)
            assert item is not None
            self._write(item, breakpoint)
            if breakpoint.id == chosen:
                self.list.setCurrentItem(item)
        blocker.unblock()
        for column in (HITS, IGNORE, DELETE):
            self.list.resizeColumnToContents(column)
        self.list.setVisible(bool(session.breakpoints))
        self._validate()

    def _write(self, item: QTreeWidgetItem, breakpoint: Breakpoint) -> None:
        """Write a breakpoint into a row."""
        words = breakpoint_words(breakpoint)
        for column, text in enumerate((f"{breakpoint.id}  {words}", str(breakpoint.hits), str(breakpoint.ignore), "×")):
            item.setText(column, text)
        item.setData(0, Qt.ItemDataRole.UserRole, breakpoint.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
        item.setCheckState(0, Qt.CheckState.Checked if breakpoint.enabled else Qt.CheckState.Unchecked)
        item.setSizeHint(0, QSize(0, round(ROW * self._scale)))
        item.setToolTip(0, words)
        item.setToolTip(IGNORE, "Ignore count: skip this many hits (double-click to change)")
        item.setToolTip(DELETE, "Delete (Del)")
        for column in (HITS, IGNORE, DELETE):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        muted = None if breakpoint.enabled or self._palette is None else QBrush(QColor(self._palette.muted))
        for column in range(DELETE):
            item.setData(column, Qt.ItemDataRole.ForegroundRole, muted)

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        """Handle a clicked check box or an edited ignore count."""
        number = item.data(0, Qt.ItemDataRole.UserRole)
        enabled = item.checkState(0) == Qt.CheckState.Checked
        text = item.text(IGNORE)
        session = self._session
        assert session is not None
        if column == IGNORE:
            self._set_ignore(number, text)
        elif column == 0:
            self.move_asked.emit(lambda s: change_breakpoint(s, number, enabled=enabled))
        else:
            self._fill(session)

    def _set_ignore(self, number: int, text: str) -> None:
        """Change an ignore count, or restore it and say why the text is refused."""
        assert self._session is not None
        try:
            ignore = read_whole(text, 0, MOST_IGNORED)
        except NumeralError as error:
            self._fill(self._session)
            reason = str(error)
            self.note.setText(f"Ignore count: {reason}.")
            self.note.setVisible(True)
            self._tint(is_fault=True)
            return
        self.move_asked.emit(lambda session: change_breakpoint(session, number, ignore=ignore))
        self._fill(self._session)  # the text of the count may be written in another way

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == DELETE:
            self._delete(item)

    def _delete(self, item: QTreeWidgetItem) -> None:
        number = item.data(0, Qt.ItemDataRole.UserRole)
        self.move_asked.emit(lambda session: remove_breakpoint(session, number))


class _List(QTreeWidget):
    """The list of breakpoints; `delete_asked(item)` is emitted on Del. Only the ignore count can be edited."""

    delete_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(len(COLUMNS))
        self.setHeaderLabels(list(COLUMNS))
        self.setRootIsDecorated(False)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        self.setAccessibleName("Breakpoints")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.itemDoubleClicked.connect(self._edit)

    def _edit(self, item: QTreeWidgetItem, column: int) -> None:
        if column == IGNORE:
            self.editItem(item, column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
            self.delete_asked.emit(item)
        else:
            super().keyPressEvent(event)
