"""The layers of a network as rows: units with − and +, the activation, and a button that removes the layer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.network import Architecture
from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.chrome.controls import QuietCombo, tool_button
from nnviz.lessons.making.building import MOST_LAYERS, MOST_UNITS
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import mono_font, ui_font


def allowed_activations(is_output: bool) -> list[str]:
    """Return the activations that a layer may have: softmax is for outputs."""
    return [name for name, row in ACTIVATIONS.items() if is_output or row.elementwise]


class LayerRow(QWidget):
    """One layer. `units_chosen(int)`, `activation_chosen(str)` and `removed()` are emitted by its controls."""

    units_chosen = Signal(int)
    activation_chosen = Signal(str)
    removed = Signal()

    def __init__(self, name: str, is_output: bool) -> None:
        super().__init__()
        self.title, self.units = QLabel(name), QLabel()
        self._count = 1
        self.fewer = tool_button(f"{name}: fewer", "One unit fewer")
        self.more = tool_button(f"{name}: more", "One unit more")
        self.remove = tool_button(f"{name}: remove", "Remove this layer")
        self.activation = QuietCombo()
        self.activation.setAccessibleName(f"{name}: activation")
        self.activation.addItems([title.replace("_", " ") for title in allowed_activations(is_output)])
        self._names = allowed_activations(is_output)
        for button, sign in ((self.fewer, "−"), (self.more, "+"), (self.remove, "×")):
            button.setText(sign)
        self.fewer.clicked.connect(lambda: self.units_chosen.emit(self._count - 1))
        self.more.clicked.connect(lambda: self.units_chosen.emit(self._count + 1))
        self.remove.clicked.connect(self.removed)
        self.activation.activated.connect(lambda index: self.activation_chosen.emit(self._names[index]))
        self.units.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for button in (self.fewer, self.more, self.remove) if is_output else ():  # shown alone, it would be a window
            button.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setColumnStretch(0, 1)
        for column, widget in enumerate((self.title, self.fewer, self.units, self.more, self.activation, self.remove)):
            grid.addWidget(widget, 0, column)

    def show_layer(self, units: int, activation: str, can_go: bool) -> None:
        """Show the units and activation of a layer, and whether it can be removed."""
        self._count = units
        self.units.setText(str(units))
        self.fewer.setEnabled(units > 1)
        self.more.setEnabled(units < MOST_UNITS)
        self.remove.setEnabled(can_go)
        if activation in self._names:
            self.activation.setCurrentIndex(self._names.index(activation))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.title.setFont(ui_font(13 * scale))
        self.units.setFont(mono_font(14 * scale))
        self.units.setMinimumWidth(round(26 * scale))
        ink(self.title, palette.text)
        ink(self.units, palette.text)
        self.activation.set_theme(palette, scale)
        self.activation.setMinimumWidth(round(104 * scale))
        for button in (self.fewer, self.more, self.remove):
            button.setFont(ui_font(15 * scale))
            button.setFixedSize(round(28 * scale), round(28 * scale))
            button.setStyleSheet(button_sheet(palette, scale, pad=0, wide=0))


class LayerRows(QWidget):
    """All layers and a button that adds one. Signals as of a row, with the layer's index from 0 in front."""

    units_chosen = Signal(int, int)
    activation_chosen = Signal(int, str)
    removed = Signal(int)
    added = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LayerRow] = []
        self._theme: tuple[Palette, float] | None = None
        self.add: QToolButton = tool_button("Add layer", "Add a hidden layer before the output")
        self.add.setText("Add layer")
        self.add.clicked.connect(lambda: self.added.emit(len(self.rows) - 1))
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._column)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch(1)
        column.addLayout(line)

    def show_network(self, architecture: Architecture) -> None:
        """Show the layers of a network."""
        if len(self.rows) != architecture.depth:
            self._make(architecture.depth)
        for row, layer in zip(self.rows, architecture.layers, strict=True):
            row.show_layer(layer.units, layer.activation, can_go=architecture.depth > 1)
        self.add.setEnabled(architecture.depth <= MOST_LAYERS)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._theme = palette, scale
        self.add.setFont(ui_font(13 * scale))
        self.add.setStyleSheet(button_sheet(palette, scale))
        for row in self.rows:
            row.set_theme(palette, scale)

    def _make(self, depth: int) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for index in range(depth):
            is_output = index == depth - 1
            row = LayerRow("Output" if is_output else f"Hidden {index + 1}", is_output)
            row.units_chosen.connect(lambda units, index=index: self.units_chosen.emit(index, units))
            row.activation_chosen.connect(lambda name, index=index: self.activation_chosen.emit(index, name))
            row.removed.connect(lambda index=index: self.removed.emit(index))
            self.rows.append(row)
            self._column.addWidget(row)
            if self._theme is not None:
                row.set_theme(*self._theme)
