"""The Find panel: a field for numbers, and below it the matching quantities."""

from __future__ import annotations

from collections.abc import Generator
from math import ceil

from PySide6.QtCore import QEvent, QMimeData, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from nnviz.debugger.finder.pasted import Paste, PasteError, read_paste
from nnviz.debugger.finder.search import Finding, search
from nnviz.debugger.state.session import Session
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.gui.views.panels.found_list import FoundList, Row, rows_of
from nnviz.present.core.palette import Palette
from nnviz.present.finding.finder_text import example_of, report
from nnviz.present.text.capital import capital
from nnviz.present.text.numbers import marked
from nnviz.render.fonts import mono_font
from nnviz.render.paint import pill

TYPING_PAUSE = 200  # milliseconds without a key until the search begins
MOST_LINES = 4
Newest = tuple[Session, Finding]  # what was found so far, and in which session
_OWN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Down)
MOST_IN_SIGHT = 8  # rows; the end of a longer list is out of sight
_INVITATION = (
    "Paste one or more numbers from a page or an exercise. nnviz finds the quantity of this pass that matches all "
    "printed digits of each number, and the convention used."
)


class NumbersField(QPlainTextEdit):
    """A field of a few lines for numbers.

    `pasted` is emitted after pasting, `entered` on Enter, `left` on Escape, and `below` on Down in the last line.
    """

    pasted = Signal()
    entered = Signal()
    left = Signal()
    below = Signal()
    focus_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = 1.0
        self.setTabChangesFocus(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setAccessibleName("Numbers to find")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.textChanged.connect(self._fit)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._scale = scale
        self.setFont(mono_font(13 * scale))
        self.setPlaceholderText(f"{marked('0.7426')} or {marked('[0.036, 0.0059]')}")
        colors = self.palette()
        colors.setColor(QPalette.ColorRole.Base, QColor(palette.control))
        colors.setColor(QPalette.ColorRole.Text, QColor(palette.control_text))
        colors.setColor(QPalette.ColorRole.PlaceholderText, QColor(palette.muted))
        self.setPalette(colors)
        self._fit()

    def _fit(self) -> None:
        wrapped = max(1, ceil(self.document().size().height()))  # in lines, as a plain document counts
        lines = min(wrapped, MOST_LINES)
        fits, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(fits if lines == wrapped else needed)
        height = lines * QFontMetricsF(self.font()).lineSpacing() + 2 * self.document().documentMargin() + 2
        self.setFixedHeight(int(height + 0.5))

    def insertFromMimeData(self, source: QMimeData) -> None:
        super().insertFromMimeData(source)
        self.pasted.emit()

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, _OWN_KEYS) or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shifted = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shifted:
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_Down and self.textCursor().blockNumber() == self.document().blockCount() - 1:
            self.below.emit()
        else:
            super().keyPressEvent(event)


class _FieldBox(QWidget):
    """The rounded background of the field, outlined in the accent color while the field has the focus."""

    def __init__(self, field: NumbersField) -> None:
        super().__init__()
        self._field = field
        self._palette: Palette | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 6, 2)
        column.addWidget(field)
        field.focus_changed.connect(self.update)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors."""
        self._palette = palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = self._palette.forward if self._field.hasFocus() else self._palette.border
        pill(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._palette.control, outline, 6.0)
        painter.end()


class FindView(QWidget):
    """A search in slices between the window's events.

    `found_chosen(Found)` is emitted when a result is chosen, `left` when the panel gives up the focus.
    """

    found_chosen = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._is_stale = self._is_seen = False
        self.field, self.list = NumbersField(), FoundList()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._box = _FieldBox(self.field)
        column.addWidget(self._box)
        column.addWidget(self.list, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE)
        self._pause.timeout.connect(self._begin)
        self._work = BackgroundWork(self, report=self._show_some, end=self._show, leave=self._show_cancelled)
        self._newest: Newest | None = None
        self.field.textChanged.connect(self._pause.start)
        self.field.pasted.connect(self._begin)
        self.field.entered.connect(self._enter)
        self.field.below.connect(self.list.choose_first)
        self.field.left.connect(self._leave)
        self.list.left.connect(lambda: self.field.setFocus(Qt.FocusReason.OtherFocusReason))
        self.list.found_chosen.connect(self.found_chosen)
        self.list.example_chosen.connect(self._try)

    @property
    def is_searching(self) -> bool:
        """True if a search is running or about to begin."""
        return self._work.is_under_way or self._pause.isActive()

    def render_session(self, session: Session) -> None:
        """Search again in another pass; a step within the pass changes nothing."""
        before = self._session
        self._session = session
        if before is not None and before.record is session.record and before.notation == session.notation:
            return
        self._is_stale = True
        self._stop()
        if before is not None and before.own_lesson is not session.own_lesson:
            self.list.show_rows(())
        if self._is_seen:
            self._pause.start()

    def take_focus(self) -> None:
        """Focus the field and select its text."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is in front; only then a changed pass is searched."""
        self._is_seen = seen
        if seen and self._is_stale:
            self._begin()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.field.set_theme(palette, scale)
        self._box.set_theme(palette, scale)
        self.list.set_theme(palette, scale)
        if self._newest is not None and not self.is_searching:
            self._show(self._newest)  # the decimal mark may be another
        elif self._is_seen and not self.field.toPlainText().strip():
            self._begin()

    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    def _begin(self) -> None:
        """Search for the numbers in the field; cancel a running search."""
        self._pause.stop()
        self._stop()
        self._is_stale = False
        text = self.field.toPlainText()
        if self._session is None:
            return
        if not text.strip():
            example = example_of(self._session)
            self.list.show_rows((Row(_INVITATION, mark="note"), Row(f"Try {example}", mark="note", example=example)))
            return
        try:
            paste = read_paste(text)
        except PasteError as error:
            self.list.show_rows((Row(f"{capital(str(error))}.", mark="note"),))
            return
        self._work.begin(self._searching(self._session, paste), self._session)

    def _searching(self, session: Session, paste: Paste) -> Generator[Newest, None, Newest]:
        """Search in a session, and return what was found in it."""
        newest: Newest | None = None
        for finding in search(session, paste):
            self._newest = newest = (session, finding)
            yield newest
        assert newest is not None
        return newest

    def _show(self, newest: Newest, mark: str = "") -> None:
        """Show what was found; `mark` says that this is not all, above a long list as well as under it."""
        session, finding = newest
        rows = rows_of(report(session, finding.result(is_finished=not mark)))
        marks = (Row(mark, mark="note"),) if mark else ()
        self.list.show_rows((*(marks if len(rows) > MOST_IN_SIGHT else ()), *rows, *marks))

    def _show_some(self, newest: Newest) -> None:
        self._show(newest, "Still searching…")

    def _show_cancelled(self) -> None:
        if self._newest is not None:
            self._show(self._newest, "The search was stopped.")

    def _stop(self) -> None:
        self._work.drop()
        self._newest = None

    def _enter(self) -> None:
        """Search at once, or go to the first step found if the results are complete."""
        if self._pause.isActive():
            self._begin()
        elif self.list.choose_first():
            row = self.list.rows()[self.list.currentIndex().row()]
            if row.found is not None:
                self.found_chosen.emit(row.found)

    def _try(self, example: str) -> None:
        self.field.setPlainText(example)
        self._begin()

    def _leave(self) -> None:
        """Clear the field, or leave the panel if it is empty."""
        if self.field.toPlainText():
            self.field.clear()
            self._begin()
        else:
            self.left.emit()
