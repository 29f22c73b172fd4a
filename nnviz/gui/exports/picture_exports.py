"""File > Export and Copy picture: the dialog, and the picture of the canvas on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu

from nnviz.debugger.state.session import Session
from nnviz.gui.exports.plot_exports import PlotExports, PlotSource, source_of
from nnviz.gui.kit.menus import ContextMenus
from nnviz.gui.main_window import MainWindow
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun

if TYPE_CHECKING:
    from nnviz.gui.exports.export_dialog import ExportDialog
    from nnviz.present.stage.figure import FigureLook
    from nnviz.present.stage.stage import StageRun
    from nnviz.walks.walk import Walk

COPIED = {"network": "network", "graph": "computation graph", "boundary": "decision boundary"}


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
        menus.add(window.boundary, self._offer_boundary)
        self.plots = PlotExports(window, menus, window.session_bar.show_message)
        self._offer_plots(window)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands do, by their ids."""
        return {"export": lambda: self._program.pause(self._show), "copy_picture": self.copy}

    def copy(self) -> None:
        """Put a picture of the canvas that is shown on the clipboard, at the present step."""
        self._copy("graph" if self._window.canvases.currentIndex() == 1 else "network")

    def _copy(self, view: str) -> None:
        QGuiApplication.clipboard().setImage(self._image(view))
        self._window.session_bar.show_message(f"A picture of the {COPIED[view]} is on the clipboard.")

    def _offer_boundary(self, menu: QMenu, point: QPoint) -> None:
        """Add the entry to the menu of the decision boundary, if there is one."""
        from nnviz.present.runs.boundary import boundary_obstacle  # imported late to keep the start fast

        lesson = self._program.current().lesson
        if not boundary_obstacle(lesson.network, lesson.dataset):
            menu.addAction(f"Copy a picture of the {COPIED['boundary']}", lambda: self._copy("boundary"))

    def _offer_plots(self, window: MainWindow) -> None:
        """Offer the numbers and files of the plots."""
        self.plots.offer(
            window.loss,
            PlotSource(
                name="loss curve",
                is_there=lambda: any(len(run.epochs) for run in self._program.shown_runs()),
                image=partial(self._image, "loss"),
                svg=partial(self._svg, "loss"),
                csv=self._runs_csv,
            ),
        )
        self.plots.offer(window.layers, source_of("gradient norms", lambda: window.layers.view))
        self.plots.offer(window.runs, source_of("table of runs", lambda: window.runs.view))
        self.plots.offer(window.surface, source_of("loss surface", lambda: window.surface.view))

    def _runs_csv(self) -> str:
        from nnviz.formats.plot_csv import runs_csv  # imported late to keep the start fast

        return runs_csv(self._program.shown_runs())

    def _image(self, view: str) -> QImage:
        from nnviz.render.stills import figure_image

        return figure_image([self._program.current()], self._look(view), self._run())

    def _svg(self, view: str) -> str:
        from nnviz.formats.pictures.view_svg import view_svg

        return view_svg([self._program.current()], self._look(view), self._run())

    def _look(self, view: str) -> FigureLook:
        from nnviz.present.stage.figure import FigureLook

        return FigureLook(view=view, theme=self._program.palette().name)

    def _run(self) -> StageRun:
        from nnviz.present.stage.stage import StageRun

        return StageRun(runs=self._program.shown_runs())

    def _show(self) -> None:
        from nnviz.gui.exports.export_dialog import ExportDialog

        if self.dialog is None:
            self.dialog = ExportDialog(self._window)
        program = self._program
        self.dialog.begin(program.current(), program.opened_walk(), self._run(), program.palette().name)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()
