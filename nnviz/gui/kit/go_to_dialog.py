"""The dialog that asks for the update or epoch to go to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from nnviz.present.runs.curve import grouped
from nnviz.render.fonts import mono_font

LARGEST = 1_000_000_000


class GoToDialog(QDialog):
    """A dialog with a field that holds the current number; `number` is its value on acceptance."""

    def __init__(self, what: str, first: int, here: int, end: int, parent: QWidget | None = None) -> None:
        """Ask for an update or epoch (`what`) of a run from `first` to `end`, whose current one is `here`."""
        super().__init__(parent)
        self.setWindowTitle(f"Go to {what}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.number = here
        self.field = QSpinBox()
        self.field.setRange(first, LARGEST)
        self.field.setValue(here)
        self.field.setFont(mono_font(14))
        self.field.setAccessibleName(what.capitalize())
        self.field.valueChanged.connect(self._set_number)
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

    def _set_number(self, number: int) -> None:
        self.number = number

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.field.setFocus()
        self.field.selectAll()
