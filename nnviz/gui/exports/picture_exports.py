"""File > Export and Copy picture: the dialog, and the picture of the canvas on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.menus import ContextMenus
from nnviz.gui.main_window import MainWindow
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun
from nnviz.present.stage.figure import FigureLook, check_figure
from nnviz.present.stage.stage import StageRun

if TYPE_CHECKING:
    from nnviz.gui.exports.export_dialog import ExportDialog
    from nnviz.walks.walk import Walk

COPIED = {
    "network": "network",
    "graph": "computation graph",
    "loss": "loss curve",
    "boundary": "decision boundary",
}


class ExportWindow(Protocol):
    """What exports need of the program."""

    def current(self) -> Session:
        """Return the current session."""

    def pause(self, then: Callable[[], object]) -> None:
        """Pause playback and training, then call back."""

    def opened_walk(self) -> Walk | None:
        """Return the walk opened last."""

    def shown_runs(self) -> tuple[LossRun, ...]:
        """Return the runs on the loss plot."""

    def palette(self) -> Palette:
        """Return the colors of the window."""


class PictureExports(QObject):
    """Exports and copies what the window shows."""

    def __init__(self, program: ExportWindow, window: MainWindow, menus: ContextMenus) -> None:
        super().__init__(window)
        self._program, self._window = program, window
        self.dialog: ExportDialog | None = None
        window.closing.connect(self._close)
        for view, plot in (("loss", window.loss), ("boundary", window.boundary)):
            menus.add(plot, partial(self._offer, view))

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands do, by their ids."""
        return {"export": lambda: self._program.pause(self._show), "copy_picture": self.copy}

    def copy(self) -> None:
        """Put a picture of the canvas that is shown on the clipboard, at the present step."""
        self._copy("graph" if self._window.canvases.currentIndex() == 1 else "network")

    def _copy(self, view: str) -> None:
        from nnviz.render.stills import figure_image

        look = FigureLook(view=view, theme=self._program.palette().name)
        run = StageRun(runs=self._program.shown_runs())
        QGuiApplication.clipboard().setImage(figure_image([self._program.current()], look, run))
        self._window.session_bar.show_message(f"A picture of the {COPIED[view]} is on the clipboard.")

    def _offer(self, view: str, menu: QMenu, point: QPoint) -> None:
        """Add the entry to the menu of a plot, if there is a curve or a boundary."""
        has_run = any(len(run.epochs) for run in self._program.shown_runs())
        try:
            check_figure([self._program.current()], view, has_run)
        except ValueError:
            return
        menu.addAction(f"Copy a picture of the {COPIED[view]}", lambda: self._copy(view))

    def _show(self) -> None:
        from nnviz.gui.exports.export_dialog import ExportDialog

        if self.dialog is None:
            self.dialog = ExportDialog(self._window)
        program = self._program
        run = StageRun(runs=program.shown_runs())
        self.dialog.begin(program.current(), program.opened_walk(), run, program.palette().name)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()
