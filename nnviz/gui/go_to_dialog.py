"""Asks for the update or epoch to go to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from nnviz.gui.fonts import mono_font
from nnviz.present.curve import grouped

LARGEST = 1_000_000_000


class GoToDialog(QDialog):
    """A field for a number, with the present one in it; `number` is what stood there when it was accepted."""

    def __init__(self, what: str, first: int, here: int, end: int, parent: QWidget | None = None) -> None:
        """`what` is update or epoch; `first` and `end` are those that the run has got, `here` is the present one."""
        super().__init__(parent)
        self.setWindowTitle(f"Go to {what}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.number = here
        self.field = QSpinBox()
        self.field.setRange(first, LARGEST)
        self.field.setValue(here)
        self.field.setFont(mono_font(14))
        self.field.setAccessibleName(what.capitalize())
        self.field.valueChanged.connect(self._take)
        words = QLabel(f"The run has reached {what} {grouped(end)}. A later {what} is trained first.")
        words.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        line = QHBoxLayout()
        line.addWidget(QLabel(what.capitalize()))
        line.addWidget(self.field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addLayout(line)
        column.addWidget(words)
        column.addWidget(buttons)

    def _take(self, number: int) -> None:
        self.number = number

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.field.setFocus()
        self.field.selectAll()
