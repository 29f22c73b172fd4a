"""The dialog that asks for the activations of a model whose file holds weights alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from nnviz.gui.views.lab.layer_rows import allowed_activations
from nnviz.lessons.making.defaults import HIDDEN, LOSS, output_for

WORDS = "The file holds weights, but no activations. Choose the one of each layer."


class ActivationsDialog(QDialog):
    """A dialog with a list of activations for each layer of a network with these sizes."""

    def __init__(self, sizes: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.combos: list[QComboBox] = []
        form = QFormLayout()
        last = len(sizes) - 1
        for layer, (inputs, units) in enumerate(pairwise(sizes), start=1):
            name = "Output layer" if layer == last else f"Hidden layer {layer}"
            combo = QComboBox()
            combo.setAccessibleName(f"{name}: activation")
            for each in allowed_activations(is_output=layer == last):
                combo.addItem(each.replace("_", " "), each)
            combo.setCurrentIndex(combo.findData(output_for(LOSS) if layer == last else HIDDEN))
            self.combos.append(combo)
            form.addRow(f"{name}, {inputs} → {units}", combo)
        words = QLabel(WORDS)
        words.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(words)
        column.addLayout(form)
        column.addWidget(buttons)


def ask_for_activations(sizes: Sequence[int], parent: QWidget | None) -> tuple[str, ...]:
    """Return the activations that the user chooses, one for each layer; none if the dialog is closed."""
    dialog = ActivationsDialog(sizes, parent)
    chosen: list[str] = []
    dialog.accepted.connect(lambda: chosen.extend(combo.currentData() for combo in dialog.combos))
    dialog.exec()
    return tuple(chosen)
