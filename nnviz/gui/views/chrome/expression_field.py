"""A field for an expression that completes names while typing."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.render.fonts import mono_font

_WORD = re.compile(r"[A-Za-z_]\w*$")
_OWN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)
MOST_SHOWN = 10


class ExpressionField(QLineEdit):
    """A field that completes the word before the cursor. `left` is emitted on Escape if it is empty."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Condition or expression")
        self._model = QStringListModel(self)
        self.completion = QCompleter(self._model, self)
        self.completion.setWidget(self)
        self.completion.setCaseSensitivity(Qt.CaseSensitivity.CaseSensitive)
        self.completion.setMaxVisibleItems(MOST_SHOWN)
        self.completion.activated.connect(self._complete)
        self.textEdited.connect(self._offer)

    @property
    def has_names(self) -> bool:
        """True if there are names to complete."""
        return self._model.rowCount() > 0

    def set_names(self, names: tuple[str, ...]) -> None:
        """Set the names that can be completed."""
        self._model.setStringList(list(names))

    def set_scale(self, scale: float) -> None:
        """Apply another size."""
        self.setFont(mono_font(13 * scale))

    def _word(self) -> str:
        found = _WORD.search(self.text()[: self.cursorPosition()])
        return "" if found is None else found[0]

    def _offer(self) -> None:
        """Show the names that begin with the word before the cursor; none if it is already a whole name."""
        word = self._word()
        self.completion.setCompletionPrefix(word)
        count = self.completion.completionCount()
        is_whole = count == 1 and self.completion.currentCompletion() == word
        if not word or count == 0 or is_whole:
            popup = self.completion.popup()
            if popup is not None:
                popup.hide()
        else:
            self.completion.complete()

    def _complete(self, name: str) -> None:
        at, word = self.cursorPosition(), self._word()
        before, after = self.text()[: at - len(word)], self.text()[at:]
        self.setText(before + name + after)
        self.setCursorPosition(len(before) + len(name))

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, _OWN_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.clearFocus()  # or else the window would restore it on its next activation
                self.left.emit()
            return
        super().keyPressEvent(event)
