"""A field for a name, shown over the named object: Enter or losing the focus accepts, Escape cancels."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from nnviz.gui.kit.own_keys import reserve_keys


class NameEditor(QLineEdit):
    """A field that is hidden until a name is edited; `finished(bool)` is emitted with whether it is accepted."""

    finished = Signal(bool)

    def __init__(self, named: str, longest: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(named)
        self.setMaxLength(longest)
        self.setFrame(False)
        self.hide()
        self.editingFinished.connect(self._accept)

    def _accept(self) -> None:
        self._finish(True)

    def _finish(self, taken: bool) -> None:
        if not self.isHidden():
            self.hide()
            self.finished.emit(taken)

    def event(self, event: QEvent) -> bool:
        # Escape belongs to the field, not to the window.
        return reserve_keys(event, (Qt.Key.Key_Escape,)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(False)
        else:
            super().keyPressEvent(event)
