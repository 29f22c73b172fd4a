"""A setting as a name, its value, and a slider under them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from nnviz.gui.kit.tint import ink
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import mono_font, ui_font


class SliderRow(QWidget):
    """A whole number from `low` to `high`, written by `words`. `chosen(int)` is emitted while the user moves it."""

    chosen = Signal(int)

    def __init__(self, name: str, low: int, high: int, words: Callable[[int], str], tip: str) -> None:
        super().__init__()
        self._words = words
        self.name, self.value = QLabel(name), QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setPageStep(max(1, (high - low) // 10))
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(tip)
        self.slider.valueChanged.connect(self._on_changed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.value, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        self._write(low)

    def show_number(self, number: int) -> None:
        """Show a number without emitting a signal; one beyond the range is written, with the knob at its end."""
        self.slider.blockSignals(True)
        self.slider.setValue(number)
        self.slider.blockSignals(False)
        self._write(number)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.name.setFont(ui_font(13 * scale))
        self.value.setFont(mono_font(13 * scale))
        ink(self.name, palette.text)
        ink(self.value, palette.text)

    def _on_changed(self, number: int) -> None:
        self._write(number)
        self.chosen.emit(number)

    def _write(self, number: int) -> None:
        words = self._words(number)
        self.value.setText(words)
        self.slider.setAccessibleDescription(words)
