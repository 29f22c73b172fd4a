"""A name being typed over what it names: Enter or leaving takes it, Escape leaves it as it was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from nnviz.gui.own_keys import keeps


class NameEditor(QLineEdit):
    """Hidden until it is shown with a name; `finished(bool)` tells whether what was typed is taken."""

    finished = Signal(bool)

    def __init__(self, named: str, longest: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(named)
        self.setMaxLength(longest)
        self.setFrame(False)
        self.hide()
        self.editingFinished.connect(lambda: self._finish(True))

    def _finish(self, taken: bool) -> None:
        if not self.isHidden():
            self.hide()
            self.finished.emit(taken)

    def event(self, event: QEvent) -> bool:
        # The window's own Escape is not meant.
        return keeps(event, (Qt.Key.Key_Escape,)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(False)
        else:
            super().keyPressEvent(event)
