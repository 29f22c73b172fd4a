"""The lecturer's view for a second screen: this step or scene, the next one, notes, and a clock."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QFont, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.stage.stage_view import StageView
from nnviz.present.core.palette import Palette
from nnviz.present.stage.stage import Stage
from nnviz.render.fonts import mono_font, ui_font

SECOND_MS = 1000
ASPECT = 16 / 9


class LecturerWindow(QWidget):
    """Shows two stages in small, notes and the time. `resized` is emitted when the stages need another size.

    `what` is what a stage shows, a step or a scene.
    """

    resized = Signal()
    closing = Signal()

    def __init__(self, parent: QWidget, what: str = "step") -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("nnviz · lecturer's view")
        self.setAccessibleName("Lecturer's view")
        self.here, self.next = StageView(), StageView()
        self.here.setAccessibleName(f"This {what}")
        self.next.setAccessibleName(f"Next {what}")
        self.notes, self.clock, self.elapsed = QLabel(), QLabel(), QLabel()
        self._titles = (QLabel(f"This {what}"), QLabel(f"Next {what}"), QLabel("Notes"))
        self._frames = (QWidget(), QWidget())
        self._build()
        self._begun = QElapsedTimer()
        self._begun.start()
        self._ticking = QTimer(self)
        self._ticking.setInterval(SECOND_MS)
        self._ticking.timeout.connect(self._tick)
        self._ticking.start()
        self._tick()

    def show_stages(self, here: Stage, following: Stage | None, notes: str) -> None:
        """Show the stage of this step, that of the next one, and notes."""
        self.here.show_stage(here)
        self.next.setVisible(following is not None)
        if following is not None:
            self.next.show_stage(following)
        self.notes.setText(notes)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colors."""
        for view in (self.here, self.next):
            view.set_palette(palette)
        ground(self, *self._frames, color=palette.card)
        for label in self._titles:
            label.setFont(ui_font(13, QFont.Weight.DemiBold))
            ink(label, palette.muted)
        self.notes.setFont(ui_font(22))
        ink(self.notes, palette.text)
        self.clock.setFont(mono_font(30, QFont.Weight.Medium))
        self.elapsed.setFont(mono_font(30, QFont.Weight.Medium))
        ink(self.clock, palette.text)
        ink(self.elapsed, palette.forward)

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 18, 24, 18)
        grid.setSpacing(10)
        grid.addWidget(self._titles[0], 0, 0)
        grid.addWidget(self._titles[1], 0, 1)
        for column, (frame, view) in enumerate(zip(self._frames, (self.here, self.next), strict=True)):
            view.setParent(frame)
            grid.addWidget(frame, 1, column)
        grid.addWidget(self._titles[2], 2, 0)
        self.notes.setWordWrap(True)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.notes, 3, 0)
        times = QVBoxLayout()
        times.addWidget(self.clock)
        times.addWidget(self.elapsed)
        times.addStretch(1)
        grid.addLayout(times, 3, 1)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        grid.setRowStretch(1, 3)
        grid.setRowStretch(3, 2)
        self.clock.setAccessibleName("Time")
        self.elapsed.setAccessibleName("Time since the presentation began")

    def _tick(self) -> None:
        self.clock.setText(QDateTime.currentDateTime().toString("HH:mm"))
        minutes, seconds = divmod(self._begun.elapsed() // 1000, 60)
        self.elapsed.setText(f"{minutes}:{seconds:02}")

    def _place(self) -> None:
        """Give both stages the shape of a screen, as large as fits."""
        for frame, view in zip(self._frames, (self.here, self.next), strict=True):
            width = min(frame.width(), round(frame.height() * ASPECT))
            view.setGeometry(0, 0, max(1, width), max(1, round(width / ASPECT)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        self._place()
        self.resized.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)
