"""The window of the stage: the view over the whole screen, its keys, its bar, its pen and its pointer ring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from nnviz.gui.kit.actions import STAGE_COMMANDS, WALK_COMMANDS, WindowCommand, key_text
from nnviz.gui.stage.stage_bar import StageBar
from nnviz.gui.stage.stage_commands import IN_WALK, ON_STAGE
from nnviz.gui.stage.stage_view import StageView, pen_colors
from nnviz.present.core.palette import Palette
from nnviz.present.stage.regions import LAYOUTS

# The buttons of the bar, with their icons.
BAR = (
    ("back", "chevron-left"),
    ("step", "chevron-right"),
    ("continue", "player-play"),
    ("train", "chart-line"),
    ("stage_layout", "layout"),
    ("stage_pen", "pencil"),
    ("stage_clear", "eraser"),
    ("lecturer", "screen-share"),
    ("presentation", "x"),
)
WALK_BAR = (
    ("walk_previous_scene", "player-track-prev"),
    ("walk_back", "chevron-left"),
    ("walk_play", "player-play"),
    ("walk_next", "chevron-right"),
    ("walk_next_scene", "player-track-next"),
    *BAR[4:],
)


@dataclass(frozen=True)
class StageSet:
    """What a stage is controlled with: its own commands, commands of the window by their ids, and its bar."""

    own: tuple[WindowCommand, ...]
    shared: tuple[str, ...]
    bar: tuple[tuple[str, str], ...]


STAGE_SET = StageSet(STAGE_COMMANDS, ON_STAGE, BAR)
WALK_SET = StageSet((*STAGE_COMMANDS, *WALK_COMMANDS), IN_WALK, WALK_BAR)


class StageWindow(QWidget):
    """A window of its own, so that the main window stays as it is. `closing` is emitted before it is closed."""

    closing = Signal()
    layout_chosen = Signal(str)

    def __init__(
        self,
        actions: Mapping[str, QAction],
        run: Callable[[str], object],
        parent: QWidget,
        controls: StageSet = STAGE_SET,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("nnviz · presentation")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._palette: Palette | None = None
        self.view = StageView(self)
        self.own = {command.id: self._action(command, run) for command in controls.own}
        self.own["stage_pen"].setCheckable(True)
        for name in controls.shared:
            self.addAction(actions[name])
        every = {**actions, **self.own}
        self.layouts = QMenu(self)
        for name, title in LAYOUTS.items():
            if name != "text":  # which is for the titles of walks
                self.layouts.addAction(title).triggered.connect(
                    lambda _=False, name=name: self.layout_chosen.emit(name)
                )
        self.bar = StageBar([(every[name], icon) for name, icon in controls.bar], {"stage_layout": self.layouts}, self)
        self.view.pointer_moved.connect(self.bar.appear)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colors."""
        self._palette = palette
        self.view.set_palette(palette)
        self.bar.set_palette(palette)

    def set_pen(self, on: bool) -> None:
        """Draw with the mouse, or not."""
        self.view.pen = 0 if on else None
        self.own["stage_pen"].setChecked(on)
        self.view.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def next_color(self) -> None:
        """Draw in the next color; begin to draw if the pen is off."""
        if self.view.pen is None:
            self.set_pen(True)
        elif self._palette is not None:
            self.view.pen = (self.view.pen + 1) % len(pen_colors(self._palette))

    def _action(self, command: WindowCommand, run: Callable[[str], object]) -> QAction:
        action = QAction(command.title, self)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setToolTip(f"{command.tip} ({' or '.join(key_text(key) for key in command.keys)})")
        action.triggered.connect(lambda: run(command.id))
        self.addAction(action)
        return action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Control:
            self.view.set_ringed(True)
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Control:
            self.view.set_ringed(False)
        super().keyReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.setGeometry(self.rect())
        self.bar.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)
