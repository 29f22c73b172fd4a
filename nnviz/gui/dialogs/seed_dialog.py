"""The dialog that asks for the seed of the initial weights."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from nnviz.lessons.reseed import LARGEST_SEED
from nnviz.present.runs.curve import grouped
from nnviz.present.text.capital import capital
from nnviz.render.fonts import mono_font
from nnviz.tables.numerals import NumeralError
from nnviz.tables.whole_numbers import read_whole

WEIGHTS = "New initial weights are drawn from this seed."
STAY = "Existing runs stay on the loss plot."
DATA = (
    "This lesson's examples are drawn from it too, so runs on the current examples are hidden "
    "until their seed is set again."
)


class SeedDialog(QDialog):
    """A dialog with a field that holds the current seed; `seed` is the one typed on acceptance."""

    def __init__(self, seed: int, with_data: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Reset with seed")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.seed = seed
        self.field = QLineEdit(str(seed))
        self.field.setAccessibleName("Seed")
        self.field.setFont(mono_font(14))
        self.field.setMaxLength(32)
        self._hint = f"{WEIGHTS} {DATA if with_data else STAY}"
        self.words = words = QLabel(self._hint)
        words.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Reset | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.reset = self.buttons.button(QDialogButtonBox.StandardButton.Reset)
        self.reset.setDefault(True)
        self.reset.clicked.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(self._on_text)
        line = QHBoxLayout()
        line.addWidget(QLabel(f"Seed, 0 … {grouped(LARGEST_SEED)}"))
        line.addWidget(self.field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addLayout(line)
        column.addWidget(words)
        column.addWidget(self.buttons)

    def _on_text(self, text: str) -> None:
        reason = ""
        try:
            self.seed = read_whole(text, 0, LARGEST_SEED)
        except NumeralError as error:
            reason = str(error)
        self.reset.setEnabled(not reason)
        self.words.setText(f"{capital(reason)}." if reason else self._hint)
        self.field.setAccessibleDescription(reason)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.field.setFocus()
        self.field.selectAll()  # typing replaces the current seed
