"""The lines of one formula, one below the other, with a common highlight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnviz.gui.views.card.formula_label import FormulaLabel


class FormulaRows(QWidget):
    """A formula label for each row; hidden if there are none."""

    operand_hovered = Signal(int)
    operand_clicked = Signal(int)
    operand_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = 22.0
        self._labels: list[FormulaLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_rows(self, rows: Sequence[str], colors: Mapping[int, str], ink: str) -> None:
        """Show these lines of TeX."""
        while len(self._labels) < len(rows):
            self._labels.append(self._label())
        for label, row in zip(self._labels, rows, strict=False):
            label.set_formula(row, colors, ink)
        for index, label in enumerate(self._labels):
            label.setVisible(index < len(rows))
        self.setVisible(bool(rows))

    def set_size(self, size_px: float) -> None:
        """Set the height of an em in logical pixels."""
        self._size = size_px
        for label in self._labels:
            label.set_size(size_px)

    def set_highlight(self, operand: int) -> None:
        """Mark an operand in all lines."""
        for label in self._labels:
            label.set_highlight(operand)

    def labels(self) -> tuple[FormulaLabel, ...]:
        """Return the visible labels."""
        return tuple(label for label in self._labels if not label.isHidden())

    def _label(self) -> FormulaLabel:
        label = FormulaLabel(size_px=self._size)
        label.operand_hovered.connect(self.operand_hovered)
        label.operand_clicked.connect(self.operand_clicked)
        label.operand_asked.connect(self.operand_asked)
        self._column.addWidget(label)
        return label
