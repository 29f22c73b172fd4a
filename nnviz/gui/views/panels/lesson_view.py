"""The Lesson panel: conventions, printed results with their verdicts, and errata, with links to their steps."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.views.chrome.note_row import NoteRow, RowText, TextRun
from nnviz.gui.views.panels.notes_view import BELOW, NotesView
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.printed import CONVENTION, EXACT, LATER
from nnviz.present.text.numbers import decimal_mark, echoed
from nnviz.present.words.lesson_notes import ErratumNote, FigureNote, LessonNotes, lesson_notes
from nnviz.present.words.printed_places import PrintedPlace, is_reached

NO_FIGURES = "This lesson has no printed results."
NO_ERRATA = "No known errata."

# Of each verdict: the mark, the color, and the text in full and short.
_STATES = {
    EXACT: ("✓", "matched", "matches every printed digit", "matches"),
    LATER: ("→", "muted", "holds", "later"),
    CONVENTION: ("≈", "convention", "another convention", "convention"),
}
_DIFFERS = ("≠", "differs", "differs", "differs")


class LessonView(NotesView):
    """The notes of a session's lesson, built when first visible. `place_asked(Place)` is emitted by a link."""

    place_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Lesson", parent)
        self._decimal_mark = ""
        self._lesson: Lesson | None = None
        self._notes: LessonNotes | None = None
        self._rows: list[tuple[NoteRow, PrintedPlace | None]] = []
        # Rows of another scale have another height only after some events.
        self.verticalScrollBar().rangeChanged.connect(self._end_soon)

    def render_session(self, session: Session) -> None:
        """Show a session's lesson, and highlight the rows that belong to the current step."""
        self._session = session
        if not self._is_seen:
            return
        if session.own_lesson is not self._lesson or decimal_mark() != self._decimal_mark:
            self._lesson, self._decimal_mark = session.own_lesson, decimal_mark()
            self._notes = lesson_notes(session.own_lesson)
            self._build(self._notes)
        self._light(session)

    def take_focus(self) -> None:
        """Focus the row of the current step, or else the first link, if there is one."""
        links = [row for row, _ in self._rows if row.is_link]
        if links:
            next((row for row in links if row.lit), links[0]).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def shown(self) -> LessonNotes | None:
        """Return the notes being shown; None before the panel is first visible."""
        return self._notes

    def rows(self) -> tuple[NoteRow, ...]:
        """Return the rows of printed results and errata."""
        return tuple(row for row, _ in self._rows)

    def _build(self, notes: LessonNotes) -> None:
        """Build the page of another lesson."""
        self._rows = []
        column = self._begin_page()
        self._label(column, notes.title, "title")
        if notes.source:
            self._label(column, notes.source, "source")
        if notes.data:
            self._label(column, "Data", "heading")
            self._label(column, notes.data, "line")
        self._label(column, "Conventions", "heading")
        for line in notes.conventions:
            self._label(column, line, "line")
        self._label(column, "Printed results", "heading")
        for figure in notes.figures:
            self._row(column, figure_text(figure), figure.place)
        if not notes.figures:
            self._label(column, NO_FIGURES, "line")
        self._label(column, "Errata", "heading")
        for erratum in notes.errata:
            self._row(column, erratum_text(erratum), erratum.place)
        if not notes.errata:
            self._label(column, NO_ERRATA, "line")
        self._end_page(column)
        self._end_soon()

    def _row(self, column: QVBoxLayout, text: RowText, place: PrintedPlace | None) -> None:
        row = NoteRow(text, place is not None)
        index = len(self._rows)
        if place is not None:
            row.clicked.connect(lambda: self.place_asked.emit(place))
        row.moved.connect(lambda by: self._move(index, by))
        row.left.connect(self.left)
        self._rows.append((row, place))
        self._put(column, row)

    def _move(self, index: int, by: int) -> None:
        """Focus the next link above or below."""
        index += by
        while 0 <= index < len(self._rows):
            row = self._rows[index][0]
            if row.is_link:
                row.setFocus(Qt.FocusReason.TabFocusReason)
                self.ensureWidgetVisible(row, 0, 8)
                return
            index += by

    def _light(self, session: Session) -> None:
        phase = "" if session.step is None else str(session.step.phase)
        before = [row for row, _ in self._rows if row.lit]
        for row, place in self._rows:
            row.set_lit(phase if place is not None and is_reached(session, place) else "")
        lit = [row for row, _ in self._rows if row.lit]
        if lit and lit != before:
            # After the events that lay out a new page or a panel just shown.
            QTimer.singleShot(0, self, self._bring_into_sight)

    def _end_soon(self) -> None:
        QTimer.singleShot(0, self, self._end_with_whole_rows)

    def _end_with_whole_rows(self) -> None:
        """Leave so much room at the end that, scrolled to it, the panel begins with a whole row."""
        column = self._page.layout()
        if column is None or not self._labels:
            return
        margins = column.contentsMargins()
        widgets = [*(label for label, _ in self._labels), *self.rows()]
        end = max(widget.y() + widget.height() for widget in widgets) + BELOW
        first = end - self.viewport().height()  # what is at the top of the panel then
        start = min((widget.y() for widget in widgets if widget.y() >= first > 0), default=first)
        margins.setBottom(BELOW + start - first)
        column.setContentsMargins(margins)

    def _bring_into_sight(self) -> None:
        lit = next((row for row, _ in self._rows if row.lit), None)
        if lit is not None:
            self.ensureWidgetVisible(lit, 0, 8)
            self._begin_with_a_whole_row(lit)

    def _begin_with_a_whole_row(self, lit: NoteRow) -> None:
        """Scroll to the start of the nearest row from which on the lit one is in sight."""
        bar, room = self.verticalScrollBar(), self.viewport().height()
        tops = [widget.y() for widget in (*(label for label, _ in self._labels), *self.rows())]
        fitting = [top for top in tops if lit.geometry().bottom() - room < top <= min(lit.y(), bar.maximum())]
        bar.setValue(min(fitting, key=lambda top: abs(top - bar.value()), default=lit.y()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._end_soon()
        QTimer.singleShot(0, self, self._bring_into_sight)


def figure_text(figure: FigureNote) -> RowText:
    """Return the row of a printed result."""
    mark, role, word, short = _STATES.get(figure.state, _DIFFERS)
    about = f"{figure.name} · {figure.where}" if figure.where else figure.name
    head = (TextRun(mark, role, "strong"), TextRun(echoed(figure.value), "text", "mono"), TextRun(about, "muted"))
    more = () if figure.state == EXACT else (TextRun(figure.verdict.removeprefix(f"{word}: "), role),)
    spoken = f"{echoed(figure.value)}, {figure.name}{f', {figure.where}' if figure.where else ''}: {figure.verdict}"
    return RowText(head, TextRun(word, role), more, spoken, short)


def erratum_text(erratum: ErratumNote) -> RowText:
    """Return the row of an erratum."""
    lines = [TextRun(erratum.where, "text", "strong")] if erratum.where else []
    lines.append(TextRun(erratum.text, "muted"))
    if erratum.place is not None:
        lines.append(TextRun(f"→ {erratum.step}", "forward"))
    shows = f" It appears at: {erratum.step}" if erratum.place is not None else ""
    return RowText((), TextRun(""), tuple(lines), f"{erratum.where}: {erratum.text}{shows}".removeprefix(": "))
