"""The fields of a whole walk: title, lesson, and how it is shown."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from nnviz.gui.kit.making import add_themes
from nnviz.present.stage.regions import LAYOUTS
from nnviz.present.text.numbers import typed
from nnviz.tables.numerals import NumeralError, read_numeral
from nnviz.tracing.steps import Grain
from nnviz.walks.walk import Walk
from nnviz.walks.walk_keys import WALK_KEYS


class WalkFields(QWidget):
    """Fields for what all scenes share. `edited(walk, key)` is emitted after each change."""

    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk: Walk | None = None
        self._is_filling = False
        self.title, self.lesson, self.pace = QLineEdit(), QLineEdit(), QLineEdit()
        self.theme, self.layout_choice, self.grain = QComboBox(), QComboBox(), QComboBox()
        add_themes(self.theme)
        for name, title in LAYOUTS.items():
            self.layout_choice.addItem(title, name)
        for grain in Grain:
            self.grain.addItem(f"By {grain.word}", grain.word)
        self._stage = {"theme": self.theme, "layout": self.layout_choice, "grain": self.grain}
        tips = {key.name: key.sentence.replace("`", "") for heading in ("", "[stage]") for key in WALK_KEYS[heading]}
        form = QFormLayout(self)
        form.setVerticalSpacing(8)
        for name, label, widget in (
            ("title", "Title", self.title),
            ("lesson", "Lesson", self.lesson),
            ("theme", "Theme", self.theme),
            ("layout", "Layout", self.layout_choice),
            ("grain", "Steps", self.grain),
            ("pace", "Seconds a step", self.pace),
        ):
            widget.setAccessibleName(label)
            widget.setToolTip(tips[name])
            form.addRow(label, widget)
            if isinstance(widget, QLineEdit):
                widget.textEdited.connect(lambda _, name=name: self._take(name))
            else:
                widget.currentIndexChanged.connect(lambda _, name=name: self._take(name))

    def show_walk(self, walk: Walk) -> None:
        """Show a walk."""
        self._is_filling = True
        self._walk = walk
        for field, text in ((self.title, walk.title), (self.lesson, walk.lesson)):
            if field.text() != text:
                field.setText(text)
        if self._pace() != walk.stage.pace:
            self.pace.setText(typed(walk.stage.pace))
        for name, box in self._stage.items():
            box.setCurrentIndex(max(0, box.findData(getattr(walk.stage, name))))
        self._is_filling = False

    def _pace(self) -> float | None:
        try:
            return float(read_numeral(self.pace.text()).value)
        except NumeralError:
            return None

    def _take(self, name: str) -> None:
        if self._is_filling or self._walk is None:
            return
        pace = self._pace()
        stage = {part: box.currentData() for part, box in self._stage.items()}
        self._walk = replace(
            self._walk,
            title=self.title.text(),
            lesson=self.lesson.text(),
            stage=replace(self._walk.stage, pace=self._walk.stage.pace if pace is None else pace, **stage),
        )
        self.edited.emit(self._walk, name)
