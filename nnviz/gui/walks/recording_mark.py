"""The mark in the corner of the menu bar while a walk is recorded."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QMainWindow

from nnviz.gui.kit.tint import ink
from nnviz.lessons.faults import count_of
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font


class RecordingMark(QLabel):
    """A red dot and the number of scenes, hidden while nothing is recorded."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.hide()
        self.setAccessibleName("Recording a walk")
        self.setToolTip("What you do is recorded as a walk; F7 starts the next scene, File > Record a walk ends it")
        self.setContentsMargins(0, 0, 14, 0)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter)

    def show_scenes(self, scenes: int, palette: Palette) -> None:
        """Show how many scenes were recorded; 0 hides the mark."""
        bar = self._window.menuBar()
        if scenes and bar.cornerWidget() is not self:
            bar.setCornerWidget(self)
        self.setFont(ui_font(13, QFont.Weight.DemiBold))
        ink(self, palette.differs)
        self.setText(f"\N{BLACK CIRCLE} Recording · {count_of(scenes, 'scene')}")
        self.setVisible(scenes > 0)
        bar.adjustSize()
