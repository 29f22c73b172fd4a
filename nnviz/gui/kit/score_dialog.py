"""The dialog with the score of a lesson: how often each kind of step was asked and answered correctly."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from nnviz.debugger.state.prediction import Score
from nnviz.present.words.quiz_text import NO_SCORE, score_table
from nnviz.render.fonts import mono_font, ui_font


class ScoreDialog(QDialog):
    """A dialog with a lesson's score and `made`, the score of this session; both can be deleted.

    `skipping_chosen(bool)` is emitted when the user chooses whether steps without arithmetic are skipped.
    """

    reset_asked = Signal()
    skipping_chosen = Signal(bool)

    def __init__(
        self, lesson: str, score: Score, made: Score, skips_trivial: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Score")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(12)
        heading = QLabel(f"Predictions in {lesson}")
        heading.setFont(ui_font(17, QFont.Weight.DemiBold))
        column.addWidget(heading)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(22)
        self._grid.setVerticalSpacing(5)
        column.addLayout(self._grid)
        self.skipping = QCheckBox("Skip values that need no arithmetic")
        self.skipping.setToolTip("Copies of known values, products with 0 and frozen parameters")
        self.skipping.setChecked(skips_trivial)
        self.skipping.toggled.connect(self.skipping_chosen)
        column.addWidget(self.skipping)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset = buttons.addButton("Reset", QDialogButtonBox.ButtonRole.ResetRole)
        self.reset.setToolTip("Delete this lesson's score")
        self.reset.clicked.connect(self._forget)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self._fill(score, made)

    def _forget(self) -> None:
        self.reset_asked.emit()
        self._fill((), ())

    def _fill(self, score: Score, made: Score) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.reset.setEnabled(bool(score or made))
        if not (score or made):
            self._grid.addWidget(QLabel(NO_SCORE), 0, 0)
            return
        for row, cells in enumerate(score_table(score, made)):
            for at, text in enumerate(cells):
                label = QLabel(text)
                label.setFont(ui_font(12, QFont.Weight.DemiBold) if row == 0 else (ui_font, mono_font)[at != 1](13))
                label.setAlignment(Qt.AlignmentFlag.AlignVCenter | _side(at))
                self._grid.addWidget(label, row, at)


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
