"""Walks in the window: a walk is opened with its lesson and played on the stage, and the lesson goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from nnviz.debugger.state.session import Session
from nnviz.gui.dialogs.text_dialogs import walk_fault_dialog
from nnviz.gui.kit.settings import Settings
from nnviz.gui.main_window import MainWindow
from nnviz.lessons.faults import LessonError
from nnviz.walks.walk_names import walk_names

if TYPE_CHECKING:
    from nnviz.gui.stage.presenting import Presenting
    from nnviz.gui.walks.film_dialog import FilmDialog
    from nnviz.walks.walk import Walk


class WalkWindow(Protocol):
    """What walks need of the program: its session, the stage, and beginning another session."""

    def presenting(self) -> Presenting:
        """Return presentation mode."""

    def begin_lesson(self, session: Session) -> None:
        """Replace the session by one of another lesson, without a file."""

    def begin_session(self, session: Session) -> None:
        """Replace the session by another one."""

    def pause(self, then: Callable[[], object]) -> None:
        """Pause playback and training, then call back."""

    def current(self) -> Session:
        """Return the current session."""


class WalkControl(QObject):
    """Opens walks, plays them, and makes films."""

    def __init__(self, program: WalkWindow, window: MainWindow, settings: Settings) -> None:
        super().__init__(window)
        self._program, self._window, self._settings = program, window, settings
        self.walk: Walk | None = None  # the one opened last
        self.film: FilmDialog | None = None
        self._is_connected = False
        window.walks_menu.aboutToShow.connect(lambda: self._fill_menu(window.walks_menu))
        window.closing.connect(self._close)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands for walks do, by their ids."""
        return {"record_film": self.make_film}

    def open(self, name: str) -> bool:
        """Open a walk by name or file and play it; report faults in a dialog and keep the current lesson."""
        from nnviz.walks.walk_file import load_walk

        try:
            walk = load_walk(name)
        except LessonError as error:
            walk_fault_dialog(name, error, self._window).exec()
            return False
        if not self.play(walk):
            return False
        if name not in walk_names():
            self._settings.note_recent(Path(name))
            self._window.recent_changed.emit()
        return True

    def play(self, walk: Walk, scene: int = 0) -> bool:
        """Begin the lesson of a walk and play the walk on the stage, from a scene; report faults in a dialog."""
        from nnviz.gui.stage.walking import Walking
        from nnviz.walks.playing import start_of
        from nnviz.walks.walk_file import load_lesson_of

        try:
            lesson = load_lesson_of(walk)
            walking = Walking(walk, scene)
        except LessonError as error:
            self._show_fault(walk, error)
            return False
        if walking.reel.fault is not None and not walking.reel.moments:
            self._show_fault(walk, walking.reel.fault)
            return False
        self.walk = walk
        walking.faulted.connect(lambda error: self._show_fault(walk, error))
        self._program.pause(lambda: self._begin(start_of(walk, lesson), walking))
        return True

    def make_film(self) -> None:
        """Show the dialog that makes a film of the pass or of the walk opened last."""
        from nnviz.gui.walks.film_dialog import FilmDialog

        if self.film is None:
            self.film = FilmDialog(self._window)
        self.film.begin(self._program.current(), self.walk)
        self.film.show()
        self.film.raise_()
        self.film.activateWindow()

    def _begin(self, session: Session, walking: object) -> None:
        from nnviz.gui.stage.walking import Walking

        assert isinstance(walking, Walking)
        presenting = self._program.presenting()
        if not self._is_connected:
            self._is_connected = True
            presenting.walk_left.connect(self._program.begin_session)
        presenting.end()
        self._program.begin_lesson(session)
        presenting.play(walking)

    def _show_fault(self, walk: Walk, error: LessonError) -> None:
        stage = self._program.presenting().stage_window
        walk_fault_dialog(walk.title, error, self._window if stage is None else stage).exec()

    def _fill_menu(self, menu: QMenu) -> None:
        """List the bundled walks, when the menu is first opened."""
        from nnviz.walks.walk_names import walk_summaries

        if menu.isEmpty():
            for summary in walk_summaries():
                action = menu.addAction(summary.title)
                action.setStatusTip(f"{summary.scenes} scenes with {summary.lesson}")
                action.triggered.connect(lambda _=False, name=summary.name: self.open(name))

    def _close(self) -> None:
        if self.film is not None:
            self.film.close()
