"""The constants of the optimizer in use: a button that opens a field for each, as the optimizer's row declares them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget, QWidgetAction

from nnviz.engine.constants import Constant
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import TrainingSettings
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ground, ink
from nnviz.present.core.palette import Palette
from nnviz.present.runs.run_names import OPTIMIZER_TITLES
from nnviz.present.text.numbers import full
from nnviz.render.fonts import ui_font
from nnviz.tables.numerals import NumeralError, read_numeral

SIDE = 28.0  # of the button, logical pixels at scale 1


def parse_constant(text: str, constant: Constant) -> float | None:
    """Return the number in a text if the constant allows it, or else None."""
    try:
        value = read_numeral(text).value
    except NumeralError:
        return None
    return value if constant.allows(value) else None


class RuleNumbers(QToolButton):
    """A button with the constants of an optimizer, hidden if it has none; `changed(TrainingSettings)` is emitted."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._settings = TrainingSettings()
        self._palette: Palette | None = None
        self._scale = 1.0
        self.fields: dict[str, QLineEdit] = {}
        self.setObjectName("rule_numbers")
        self.setAccessibleName("Optimizer constants")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def show_settings(self, settings: TrainingSettings) -> None:
        """Show other settings."""
        rebuilt = self.menu() is None or settings.optimizer != self._settings.optimizer
        self._settings = settings
        constants = OPTIMIZERS[settings.optimizer].constants
        self.setVisible(bool(constants))
        values = (f"{_title(each)} {full(settings.rates.constant(each))}" for each in constants)
        self.setToolTip(f"{OPTIMIZER_TITLES[settings.optimizer]}: {', '.join(values)}")
        if rebuilt and constants:
            self._build()
        for each in constants:
            field = self.fields[each.name]
            if not (field.hasFocus() and field.isModified()):
                self._write(each)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setFixedSize(round(SIDE * scale), round(SIDE * scale))
        self.setIcon(icon("adjustments", palette.control_text))
        self._tint()

    def _build(self) -> None:
        """Build a menu with a field for each constant; the menu of the previous optimizer is deleted."""
        before, panel, menu = self.menu(), QWidget(), QMenu(self)
        panel.setObjectName("constants")
        form = QFormLayout(panel)
        self.fields = {}
        for constant in OPTIMIZERS[self._settings.optimizer].constants:
            field = QLineEdit()
            field.setMaxLength(32)
            field.setAccessibleName(_title(constant))
            field.editingFinished.connect(lambda constant=constant: self._finished(constant))
            field.returnPressed.connect(menu.close)
            label = QLabel(_title(constant))
            label.setToolTip(constant.description)
            form.addRow(label, field)
            self.fields[constant.name] = field
        action = QWidgetAction(menu)
        action.setDefaultWidget(panel)
        menu.addAction(action)
        self.setMenu(menu)
        if before is not None:
            before.deleteLater()
        self._tint()

    def _finished(self, constant: Constant) -> None:
        field = self.fields[constant.name]
        if not field.isModified():
            return
        value = parse_constant(field.text(), constant)
        if value is None:
            field.setToolTip(f"{_title(constant)} must be a number, {constant.allowed}")
            field.setProperty("wrong", True)
            self._tint()
            return
        rates = self._settings.rates
        same = value == rates.constant(constant)
        if not same:
            self._settings = replace(self._settings, rates=replace(rates, **{constant.name: value}))
        self._write(constant)
        if not same:
            self.changed.emit(self._settings)

    def _write(self, constant: Constant) -> None:
        field = self.fields[constant.name]
        field.setText(full(self._settings.rates.constant(constant)))
        field.setModified(False)
        field.setToolTip(f"{constant.description} It is {constant.allowed}.")
        field.setProperty("wrong", False)
        self._tint()

    def _tint(self) -> None:
        if self._palette is None or self.menu() is None:
            return
        for field in self.fields.values():
            field.setFont(ui_font(13 * self._scale))
            field.setFixedWidth(round(110 * self._scale))
            ink(field, self._palette.differs if field.property("wrong") else self._palette.text)
            ground(field, color=self._palette.control)
        ground(self.menu(), *self.menu().findChildren(QWidget, "constants"), color=self._palette.card)
        for label in self.menu().findChildren(QLabel):
            label.setFont(ui_font(13 * self._scale))
            ink(label, self._palette.muted)


def _title(constant: Constant) -> str:
    return constant.name.replace("_", " ")
