"""The Health panel: the first NaN or infinity with its history, problems of run, data and neurons, what to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnviz.debugger.diagnosis.findings import RunProblem, findings, remedies
from nnviz.debugger.diagnosis.growth import Growth, growing
from nnviz.debugger.diagnosis.health import HealthMark
from nnviz.debugger.diagnosis.nonfinite import first_nonfinite
from nnviz.debugger.state.session import Session
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.views.chrome.note_row import NoteRow, RowText, TextRun
from nnviz.gui.views.chrome.spark_row import SparkRow
from nnviz.gui.views.panels.notes_view import NotesView
from nnviz.present.words.finding_text import (
    FINDING_NAMES,
    branch_name,
    finding_place,
    finding_sentence,
    finding_text,
    remedy_text,
)
from nnviz.present.words.health_text import (
    ALL_FINITE,
    MOST_MARKS,
    mark_place,
    mark_sentence,
    mark_text,
    mark_word,
    marks_of,
    no_marks_text,
    place_of_mark,
    unlisted_text,
)
from nnviz.present.words.nonfinite_text import KEY, Story, grown_text, series_name, story

COMPARING = "Comparing with earlier updates…"
STOPPED = "The comparison with earlier updates was stopped."


class HealthView(NotesView):
    """The diagnostics of a session's pass, computed only while the panel is visible.

    `nonfinite_asked` is emitted to go to the first NaN or infinity, `quantity_asked(Quantity)` to go to a problem,
    `remedy_asked(Remedy)` to try a change in a new branch.
    """

    nonfinite_asked = Signal()
    quantity_asked = Signal(object)
    remedy_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Health", parent)
        self._source: tuple[object, ...] = ()  # what the page was built from
        self._growth: Growth | None = None
        self._work = BackgroundWork(self, end=self._show_growth, leave=self._show_stopped)
        self._growth_line = COMPARING
        self._is_built = False
        self._rows: list[NoteRow] = []
        self._sparks: list[SparkRow] = []

    def render_session(self, session: Session) -> None:
        """Show the diagnostics of a session's pass; a step within it changes nothing."""
        self._session = session
        source = (session.record, session.notation, session.convention)
        self._work.keep_for(session.record)
        if self._is_seen and not _same(source, self._source):
            self._source = source
            self._build(session)

    def take_focus(self) -> None:
        """Focus the first row, if there is one."""
        if self._rows:
            self._rows[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def rows(self) -> tuple[NoteRow, ...]:
        """Return the rows that link to a step."""
        return tuple(self._rows)

    def sparks(self) -> tuple[SparkRow, ...]:
        """Return the rows that show how a number grew."""
        return tuple(self._sparks)

    def growth(self) -> Growth | None:
        """Return the growth of the operands of the first NaN or infinity, if it is shown."""
        return self._growth

    def _build(self, session: Session) -> None:
        """Build the page; how the numbers grew follows when it is known, which a short run is at once."""
        self._growth, self._growth_line = None, COMPARING
        self._is_built = False
        if first_nonfinite(session.trace) is not None:
            self._work.begin(growing(session), session.record, at_once=True)
        self._is_built = True
        self._build_page(session)

    def _show_growth(self, growth: Growth | None) -> None:
        """Add to the page how the numbers grew."""
        self._growth = growth
        self._show_again()

    def _show_stopped(self) -> None:
        self._growth_line = STOPPED
        self._show_again()

    def _show_again(self) -> None:
        if self._is_built and self._session is not None:
            had_focus = any(row.hasFocus() for row in self._rows)
            self._build_page(self._session)
            if had_focus:
                self.take_focus()

    def _build_page(self, session: Session) -> None:
        self._rows, self._sparks = [], []
        column = self._begin_page()
        found, marks, problems = story(session), marks_of(session), findings(session)
        if found is not None:
            self._build_story(column, session, found)
        if problems:
            self._label(column, "Run and data", "heading")
        for finding in problems:
            self._put(column, NoteRow(_finding_text(session, finding), is_link=False))
        if marks or (found is None and not problems):
            self._label(column, "Neurons and layers" if marks else "Problems", "heading")
        for mark in marks[:MOST_MARKS]:
            row = self._row(column, _mark_text(session, mark))
            row.clicked.connect(lambda checked=False, mark=mark: self.quantity_asked.emit(place_of_mark(mark)))
        if unlisted_text(marks):
            self._label(column, unlisted_text(marks), "line")
        if not marks and not problems and found is None:
            self._label(column, no_marks_text(session), "line")
            self._label(column, ALL_FINITE, "line")
        self._build_remedies(column, session)
        self._end_page(column)

    def _build_remedies(self, column: QVBoxLayout, session: Session) -> None:
        """Add the changes to try, each a link that makes it in a new branch."""
        offered = remedies(session)
        if offered:
            self._label(column, "What to try, in a new branch", "heading")
        for remedy in offered:
            head, spoken = TextRun(branch_name(remedy), "text", "strong"), remedy_text(remedy)
            row = self._row(column, RowText((head,), TextRun("Try", "muted"), (), spoken))
            row.clicked.connect(lambda checked=False, remedy=remedy: self.remedy_asked.emit(remedy))

    def _build_story(self, column: QVBoxLayout, session: Session, found: Story) -> None:
        """Add the step with the first NaN or infinity, its operands, and how they grew."""
        self._label(column, "First NaN or infinity", "heading")
        row = self._row(column, _story_text(found))
        row.clicked.connect(self.nonfinite_asked)
        self._label(column, "How the numbers grew", "heading")
        if self._growth is None:
            self._label(column, self._growth_line, "line")
            return
        self._label(column, grown_text(self._growth), "line")
        for series in self._growth.series:
            spark = SparkRow(series_name(session, series), series)
            self._sparks.append(spark)
            self._put(column, spark)

    def _row(self, column: QVBoxLayout, text: RowText) -> NoteRow:
        row, index = NoteRow(text, is_link=True), len(self._rows)
        row.moved.connect(lambda by: self._move(index + by))
        row.left.connect(self.left)
        self._rows.append(row)
        self._put(column, row)
        return row

    def _move(self, index: int) -> None:
        """Focus another row."""
        if 0 <= index < len(self._rows):
            self._rows[index].setFocus(Qt.FocusReason.TabFocusReason)
            QTimer.singleShot(0, self, lambda: self._show_row(index))

    def _show_row(self, index: int) -> None:
        if index < len(self._rows):
            self.ensureWidgetVisible(self._rows[index], 0, 8)


def _finding_text(session: Session, finding: RunProblem) -> RowText:
    """Return a row for a problem of the run or the data: its name, and its figures in a sentence."""
    name, where = FINDING_NAMES[finding.problem], finding_place(session, finding)
    head = (TextRun("!", "differs", "strong"), TextRun(name, "differs", "strong"), TextRun(where, "text"))
    sentence = finding_sentence(finding)
    return RowText(head, TextRun(""), (TextRun(sentence, "muted"),), finding_text(session, finding))


def _mark_text(session: Session, mark: HealthMark) -> RowText:
    """Return a row for a problem: its name, its place, and a sentence."""
    where, sentence = mark_place(session.record, mark), mark_sentence(session.record, mark)
    head = (TextRun("!", "differs", "strong"), TextRun(mark_word(mark), "differs", "strong"), TextRun(where, "text"))
    return RowText(head, TextRun(""), (TextRun(sentence, "muted"),), mark_text(session.record, mark))


def _story_text(found: Story) -> RowText:
    """Return a row for the step: its title, its place, the formula, the reason, and its operands."""
    head = (TextRun("!", "differs", "strong"), TextRun(found.title, "text", "strong"))
    lines = [TextRun(found.where, "muted"), TextRun(found.line, "text", "mono"), TextRun(found.reason, "muted")]
    if found.operands:
        lines.append(TextRun(found.from_text, "text"))
    spoken = f"{found.title}, {found.where}. {found.line}. {found.reason}"
    return RowText(head, TextRun(f"Go to step ({KEY})", "muted"), tuple(lines), spoken, KEY)


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Return whether two pages are equal: records by identity, the rest by value."""
    return len(one) == len(other) and one[0] is other[0] and one[1:] == other[1:]
