"""A spin box for a whole number, which is read as people write it, or refused with the reason."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import QSpinBox, QToolTip, QWidget

from nnviz.present.text.capital import capital
from nnviz.tables.numerals import NumeralError
from nnviz.tables.whole_numbers import read_whole


class WholeNumberBox(QSpinBox):
    """A spin box that keeps its number if a text is refused; `judged(str)` has the reason, empty if there is none.

    Enter does not leave the field while its text is refused. A field that loses the focus restores its number.
    """

    judged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().textEdited.connect(self._judge)

    @property
    def reason(self) -> str:
        """Why the text is refused; empty if it is a whole number within the range."""
        try:
            read_whole(self.cleanText(), self.minimum(), self.maximum())
        except NumeralError as error:
            return capital(str(error))
        return ""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what is read as a whole number within the range; any other text can be edited further."""
        try:
            read_whole(text, self.minimum(), self.maximum())
        except NumeralError:
            return QValidator.State.Intermediate, text, position
        return QValidator.State.Acceptable, text, position

    def fixup(self, text: str) -> str:
        """Return a refused text as it is: Qt would drop its commas, and read 0,5 as 5."""
        return text

    def valueFromText(self, text: str) -> int:
        """Return the number that an accepted text is."""
        return read_whole(text, self.minimum(), self.maximum())

    def textFromValue(self, value: int) -> str:
        """Return the digits of a number, as they can be typed."""
        return str(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.reason:
            self._show(self.reason)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        reason = self.reason
        super().focusOutEvent(event)
        if reason and not self.reason:
            self._show(f"{reason}. It is still {self.value()}.")
        self.judged.emit("")

    def _judge(self) -> None:
        self.setAccessibleDescription(self.reason)
        self.judged.emit(self.reason)

    def _show(self, words: str) -> None:
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), words, self)
