"""The constants of the update: a button that opens a field for each, as the rules declare them, and the schedule."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget, QWidgetAction

from nnviz.engine.constants import Constant
from nnviz.engine.optimizers import OF_GRADIENTS, OPTIMIZERS
from nnviz.engine.schedule import DECAY, DECAY_EVERY, RATE_SCHEDULES
from nnviz.engine.training import TrainingSettings
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.chrome.controls import QuietCombo
from nnviz.present.core.palette import Palette
from nnviz.present.runs.run_names import OPTIMIZER_TITLES
from nnviz.present.text.capital import capital
from nnviz.present.text.numbers import full, marked
from nnviz.render.fonts import ui_font
from nnviz.tables.numerals import NumeralError, read_numeral

SIDE, WIDE = 28.0, 110.0  # of the button and of a field, logical pixels at scale 1


def parse_constant(text: str, constant: Constant) -> float:
    """Return the number that a text is, if the constant allows it. Raises NumeralError."""
    value = read_numeral(text).value
    if not constant.allows(value):
        raise NumeralError(f"{_title(constant)} must be a number, {constant.allowed}")
    return value


class RuleNumbers(QToolButton):
    """A button with the constants of an optimizer and a schedule; `changed(TrainingSettings)` is emitted."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._settings = TrainingSettings()
        self._palette: Palette | None = None
        self._scale = 1.0
        self.fields: dict[str, QLineEdit] = {}
        self.schedule = QuietCombo()
        self.setObjectName("rule_numbers")
        self.setAccessibleName("Optimizer constants, regularization and schedule")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_settings(self, settings: TrainingSettings) -> None:
        """Show other settings."""
        rebuilt = self.menu() is None or settings.optimizer != self._settings.optimizer
        self._settings = settings
        used = (each for each in settings.constants if settings.constant(each) or each not in OF_GRADIENTS)
        values = [f"{_title(each)} {marked(full(settings.constant(each)))}" for each in used]
        schedule = settings.rate_schedule
        values += [] if schedule.is_constant else [f"{schedule.name} schedule of the learning rate"]
        listed = f": {', '.join(values)}" if values else ""
        self.setToolTip(f"{OPTIMIZER_TITLES[settings.optimizer]}, regularization and learning rate schedule{listed}")
        if rebuilt:
            self._build()
        self.schedule.setCurrentIndex(self.schedule.findData(schedule.name))
        for name, field in self.fields.items():
            is_used = name in {each.name for each in settings.constants}
            self._form.setRowVisible(field, is_used)
        for each in settings.constants:
            field = self.fields[each.name]
            if not (field.hasFocus() and field.isModified()):
                self._write(each)
        self._tint()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setFixedSize(round(SIDE * scale), round(SIDE * scale))
        self.setIcon(icon("adjustments", palette.control_text))
        self.show_settings(self._settings)  # the decimal mark may be another

    def _build(self) -> None:
        """Build a menu with a field for each constant; the menu of the previous optimizer is deleted."""
        before, panel, menu = self.menu(), QWidget(), QMenu(self)
        panel.setObjectName("constants")
        form = self._form = QFormLayout(panel)
        self.fields = {}
        self.schedule = QuietCombo()
        self.schedule.setAccessibleName("Learning rate schedule")
        self.schedule.setToolTip("How the learning rate decays from epoch to epoch")
        for name in RATE_SCHEDULES:
            self.schedule.addItem(name.capitalize(), name)
        self.schedule.activated.connect(self._on_schedule)
        for constant in (*OPTIMIZERS[self._settings.optimizer].all_constants, DECAY, DECAY_EVERY):
            if constant is DECAY:
                form.addRow(QLabel("rate schedule"), self.schedule)
            field = QLineEdit()
            field.setMaxLength(32)
            field.setAccessibleName(_title(constant))
            field.editingFinished.connect(self._take)  # a lambda would be called while Qt deletes the button
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

    def _on_schedule(self, index: int) -> None:
        schedule = replace(self._settings.rate_schedule, name=str(self.schedule.itemData(index)))
        self.show_settings(replace(self._settings, rate_schedule=schedule))
        self.changed.emit(self._settings)

    def _take(self) -> None:
        """Take the numbers that have been typed, and mark those that are wrong."""
        before = self._settings
        for constant in before.constants:
            field = self.fields[constant.name]
            if not field.isModified():
                continue
            try:
                value = parse_constant(field.text(), constant)
            except NumeralError as error:
                field.setToolTip(capital(str(error)))
                field.setProperty("wrong", True)
                continue
            if value != before.constant(constant):
                self._settings = self._settings.with_constant(constant, value)
            self._write(constant)
        self._tint()
        if self._settings is not before:
            self.changed.emit(self._settings)

    def _write(self, constant: Constant) -> None:
        field = self.fields[constant.name]
        field.setText(marked(full(self._settings.constant(constant))))
        field.setModified(False)
        field.setToolTip(f"{constant.description} It is {constant.allowed}.")
        field.setProperty("wrong", False)

    def _tint(self) -> None:
        if self._palette is None or self.menu() is None:
            return
        for field in self.fields.values():
            field.setFont(ui_font(13 * self._scale))
            field.setFixedWidth(round(WIDE * self._scale))
            ink(field, self._palette.differs if field.property("wrong") else self._palette.text)
            ground(field, color=self._palette.control)
        self.schedule.set_theme(self._palette, self._scale)
        self.schedule.setFixedWidth(round(WIDE * self._scale))
        ground(self.menu(), *self.menu().findChildren(QWidget, "constants"), color=self._palette.card)
        for label in self.menu().findChildren(QLabel):
            label.setFont(ui_font(13 * self._scale))
            ink(label, self._palette.muted)


def _title(constant: Constant) -> str:
    return constant.name.replace("_", " ")
