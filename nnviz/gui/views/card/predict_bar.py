"""The part of the step card in which a value is predicted: a field, the verdict on the answer, and the score."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.tint import ink
from nnviz.present.core.palette import Palette
from nnviz.present.words.quiz_text import SCORE_HEAD, QuestionText, asking
from nnviz.render.fonts import mono_font, ui_font

_COLORS = {"ask": "text", "right": "matched", "wrong": "differs", "neutral": "text"}
NO_BREAK = "\N{NO-BREAK SPACE}"  # keeps a kind and its count on one line
_PARTS_OF_NUMBERS = "eExX"


class AnswerField(QLineEdit):
    """A field for numbers: arrows at its ends, and letters that occur in no number, work as shortcuts."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._passes(event):
            event.ignore()
            return False
        return super().event(event)

    def _passes(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if not plain:
            return False
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            end = len(self.text()) if event.key() == Qt.Key.Key_Right else 0
            return self.cursorPosition() == end and not self.hasSelectedText()
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return not self.text()
        letter = event.text()
        return letter.isascii() and letter.isalpha() and letter not in _PARTS_OF_NUMBERS


class PredictBar(QWidget):
    """The question for a value; its signals are emitted on the learner's answers and requests."""

    answered = Signal(str)
    next_asked = Signal()
    hint_asked = Signal()
    reveal_asked = Signal()
    skip_asked = Signal()
    score_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._asking: QuestionText | None = None
        self.note = ""  # one line about the score file
        self.field = AnswerField()
        self.field.setPlaceholderText("Your answer")
        self.field.returnPressed.connect(self._check)
        self.check = QPushButton("Check")
        self.next = QPushButton("Next")
        self.hint, self.reveal, self.skip, self.score = (
            QPushButton(words) for words in ("Hint", "Reveal", "Skip", "Score")
        )
        self.verdict, self.line = QLabel(), QLabel()
        self._build()
        self.hide()

    def render_session(self, session: Session) -> None:
        """Show the question at the session's position; hide if nothing is predicted."""
        before, self._asking = self._asking, asking(session)
        shown = self._asking
        if shown is None:
            self.hide()
            self.field.clear()
            return
        if before is None or not shown.is_open or not before.is_open or before.symbol != shown.symbol:
            self.field.clear()
        self._show(shown)
        self.show()

    def shown(self) -> QuestionText | None:
        """Return the question being shown; None if nothing is predicted."""
        return self._asking

    def take_focus(self) -> None:
        """Focus the field, or the Next button if the question is answered."""
        if self._asking is not None:
            (self.field if self._asking.is_open else self.next).setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()

    def set_note(self, note: str) -> None:
        """Set the line about the score file; empty for none."""
        self.note = note
        if self._asking is not None:
            self._show(self._asking)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        self.field.setFont(mono_font(15 * scale))
        self.verdict.setFont(ui_font(13.5 * scale, QFont.Weight.Medium))
        self.line.setFont(ui_font(12 * scale))
        for button in (self.check, self.next, self.hint, self.reveal, self.skip, self.score):
            button.setFont(ui_font(12.5 * scale))
            button.setStyleSheet(_sheet(palette, scale))
        ink(self.line, palette.muted)
        if self._asking is not None:
            self._show(self._asking)

    def _build(self) -> None:
        for button, tip in (
            (self.check, "Check the answer (Enter)"),
            (self.next, "Go to the next value (Enter, →)"),
            (self.hint, "Show the formula in symbols, then with its numbers (H)"),
            (self.reveal, "Show the value and score the step as shown (Ctrl+Enter)"),
            (self.skip, "Take the step without scoring it (Shift+Enter)"),
            (self.score, "Show how often each kind of step was predicted correctly"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(True)  # Enter presses it while it has the focus
        for label in (self.verdict, self.line):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        rows = [
            (self.field, self.check),
            (self.next, self.hint, self.reveal, self.skip, None, self.score),
        ]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 4, 2)
        column.setSpacing(6)
        for widgets in rows:
            row = QHBoxLayout()
            row.setSpacing(6)
            for widget in widgets:
                if widget is None:
                    row.addStretch(1)
                else:
                    row.addWidget(widget, 1 if widget is self.field else 0)
            column.addLayout(row)
        column.insertWidget(1, self.verdict)
        column.addWidget(self.line)
        self.check.clicked.connect(self._check)
        self.next.clicked.connect(self.next_asked)
        self.hint.clicked.connect(self.hint_asked)
        self.reveal.clicked.connect(self.reveal_asked)
        self.skip.clicked.connect(self.skip_asked)
        self.score.clicked.connect(self.score_asked)

    def _check(self) -> None:
        if self.field.text().strip():
            self.answered.emit(self.field.text())
            self.field.selectAll()

    def _show(self, shown: QuestionText) -> None:
        for widget in (self.field, self.check, self.hint, self.reveal, self.skip):
            widget.setVisible(shown.is_open)
        self.next.setVisible(not shown.is_open)
        self.hint.setEnabled(shown.more_hints)
        self.verdict.setText(shown.text)
        self.field.setAccessibleName(f"Your answer for {shown.symbol}")
        self.field.setAccessibleDescription(shown.text)
        self.next.setAccessibleDescription(shown.text)
        kinds = shown.score.replace(" ", NO_BREAK).replace(f"{NO_BREAK}·{NO_BREAK}", " · ")
        score = f"{SCORE_HEAD}: {kinds}" if kinds else ""
        self.line.setText("\n".join(text for text in (score, self.note) if text))
        self.line.setVisible(bool(self.line.text()))
        if self._palette is not None:
            ink(self.verdict, str(getattr(self._palette, _COLORS[shown.mood])))


def _sheet(palette: Palette, scale: float) -> str:
    """Return the style sheet of a flat button as in the toolbar."""
    return f"""
        QPushButton {{ background: {palette.control}; color: {palette.control_text};
            border: 1px solid {palette.control_edge}; border-radius: {round(6 * scale)}px;
            padding: {round(4 * scale)}px {round(9 * scale)}px; }}
        QPushButton:hover {{ background: {palette.control_hover}; border-color: {palette.control_hover}; }}
        QPushButton:focus {{ border-color: {palette.forward}; }}
        QPushButton:disabled {{ color: {palette.faint}; }}
    """
