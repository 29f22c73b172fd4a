"""The fields of a scene, made from the table of keys of a walk file: what is typed becomes the scene."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from nnviz.gui.kit.tint import ink
from nnviz.present.core.palette import Palette
from nnviz.present.stage.regions import LAYOUTS
from nnviz.present.text.numbers import typed
from nnviz.render.fonts import mono_font
from nnviz.tables.numerals import NumeralError, read_numeral
from nnviz.walks.walk import Scene
from nnviz.walks.walk_keys import WALK_KEYS

SCENE = "[[scene]]"
# The labels of the fields and the lines of their boxes, in order; a field of 0 lines is a list.
ROWS = {
    "title": ("Title", 1),
    "do": ("Commands", 4),
    "say": ("Caption", 3),
    "layout": ("Layout", 0),
    "ask": ("Ask for", 1),
    "point": ("Ring", 2),
    "zoom": ("Zoom to", 1),
    "hold": ("Hold, seconds", 1),
    "seconds": ("Training, seconds", 1),
    "expect": ("Expect", 2),
    "notes": ("Notes", 3),
    "audio": ("Sound file", 1),
}
LISTS = ("do", "point", "expect")  # an entry on each line
NUMBERS = ("hold", "seconds")
CODE = ("do", "ask", "point", "zoom", "expect")


class SceneFields(QWidget):
    """Fields for one scene. `edited(scene, key)` is emitted after each change, with the key of the field."""

    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._is_filling = False
        self.fields: dict[str, QWidget] = {}
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(8)
        tips = {key.name: key.sentence for key in WALK_KEYS[SCENE]}
        for name, (label, lines) in ROWS.items():
            widget = self._make(name, lines)
            widget.setAccessibleName(label)
            widget.setToolTip(tips[name].replace("`", "") + (" One on each line." if name in LISTS else ""))
            if name in CODE:
                widget.setFont(mono_font(12.5))
            self.fields[name] = widget
            form.addRow(label, widget)
        form.addRow("", self.problem)
        self.problem.hide()

    def show_scene(self, scene: Scene) -> None:
        """Show a scene; a field whose text means the same keeps it."""
        self._is_filling = True
        self._scene = scene
        for name in ROWS:
            self._put(name, getattr(scene, name))
        self._is_filling = False
        self._show_problem("")

    def set_palette(self, palette: Palette) -> None:
        """Paint problems in another color."""
        ink(self.problem, palette.differs)

    def _make(self, name: str, lines: int) -> QWidget:
        if name == "layout":
            box = QComboBox()
            box.addItem("As the walk", "")
            for layout, title in LAYOUTS.items():
                box.addItem(title, layout)
            box.currentIndexChanged.connect(lambda: self._take(name))
            return box
        if lines == 1:
            field = QLineEdit()
            field.textEdited.connect(lambda: self._take(name))
            return field
        area = QPlainTextEdit()
        area.setTabChangesFocus(True)
        area.setFixedHeight(round(area.fontMetrics().lineSpacing() * 1.12 * lines) + 16)
        area.textChanged.connect(lambda: self._take(name))
        return area

    def _put(self, name: str, value: Any) -> None:
        widget = self.fields[name]
        if isinstance(widget, QComboBox):
            widget.setCurrentIndex(max(0, widget.findData(value)))
        elif isinstance(widget, QLineEdit):
            text = "" if value is None else typed(value) if isinstance(value, float) else str(value)
            if self._value(name) != value:
                widget.setText(text)
        elif isinstance(widget, QPlainTextEdit) and self._value(name) != value:
            widget.setPlainText("\n".join(value) if name in LISTS else value)

    def _value(self, name: str) -> Any:
        """Return what a field has; a number that cannot be read is returned as its NumeralError."""
        widget = self.fields[name]
        if isinstance(widget, QComboBox):
            return widget.currentData()
        if isinstance(widget, QPlainTextEdit):
            text = widget.toPlainText()
            return tuple(line.strip() for line in text.splitlines() if line.strip()) if name in LISTS else text
        assert isinstance(widget, QLineEdit)
        text = widget.text()
        if name not in NUMBERS:
            return text
        if not text.strip():
            return None
        try:
            return float(read_numeral(text).value)
        except NumeralError as error:
            return error

    def _take(self, name: str) -> None:
        """Make the scene that the field asks for."""
        if self._is_filling:
            return
        value = self._value(name)
        if isinstance(value, NumeralError):
            self._show_problem(f"{ROWS[name][0]}: {value}.")
            return
        self._show_problem("")
        self._scene = replace(self._scene, **{name: value})
        self.edited.emit(self._scene, name)

    def _show_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
