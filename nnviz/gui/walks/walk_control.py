"""Walks in the window: opened with their lesson and played on the stage, recorded, edited, and made into films."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from nnviz.debugger.state.session import Session
from nnviz.gui.control.store import Store
from nnviz.gui.dialogs.text_dialogs import walk_fault_dialog
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow
from nnviz.gui.walks.recording_mark import RecordingMark
from nnviz.lessons.faults import LessonError
from nnviz.walks.walk_names import walk_names

if TYPE_CHECKING:
    from nnviz.gui.stage.presenting import Presenting
    from nnviz.gui.walks.film_dialog import FilmDialog
    from nnviz.gui.walks.live_recording import LiveRecording
    from nnviz.gui.walks.walk_editor import WalkEditor
    from nnviz.walks.walk import Walk


NO_LESSON_FILE = "A walk needs a lesson file: save this network as a lesson in the Build panel, and open that file."


class WalkWindow(Protocol):
    """What walks need of the program: its session, the stage, and beginning another session."""

    store: Store

    def presenting(self) -> Presenting:
        """Return presentation mode."""

    def begin_lesson(self, session: Session) -> None:
        """Replace the session by one of another lesson, without a file."""

    def begin_session(self, session: Session) -> None:
        """Replace the session by another one."""

    def pause(self, then: Callable[[], object]) -> None:
        """Pause playback and training, then call back."""

    def live_recording(self) -> LiveRecording:
        """Return what records the session, which is off."""


class WalkControl(QObject):
    """Opens, plays, records and edits walks, and makes films."""

    def __init__(
        self, program: WalkWindow, window: MainWindow, actions: Actions, theme: Theme, settings: Settings
    ) -> None:
        super().__init__(window)
        self._program, self._window, self._actions = program, window, actions
        self._theme, self._settings = theme, settings
        self.walk: Walk | None = None  # the one opened last
        self.film: FilmDialog | None = None
        self.editor: WalkEditor | None = None
        self._live: LiveRecording | None = None
        self.mark = RecordingMark(window)
        self._is_connected = False
        self._is_preview = False  # the walk that is played was begun in the editor, which comes back after it
        actions["record_scene"].setEnabled(False)
        window.walks_menu.aboutToShow.connect(lambda: self._fill_menu(window.walks_menu))
        window.closing.connect(self._close)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands for walks do, by their ids."""
        return {
            "record_film": lambda: self.make_film(self.walk),
            "record_walk": self.toggle_recording,
            "record_scene": lambda: self.live.next_scene(),
            "edit_walk": self.edit,
        }

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

    def make_film(self, walk: Walk | None, is_saved: bool = True) -> None:
        """Show the dialog that makes a film of the pass or of a walk."""
        from nnviz.gui.walks.film_dialog import FilmDialog

        if self.film is None:
            self.film = FilmDialog(self._window)
        self.film.begin(self._program.store.session, walk, self._theme.name, is_saved)
        self.film.show()
        self.film.raise_()
        self.film.activateWindow()

    # Recording

    @property
    def live(self) -> LiveRecording:
        """What records the session, made when it is first used."""
        if self._live is None:
            self._live = self._program.live_recording()
            self._live.changed.connect(self._show_recording)
            self._live.ended.connect(self._edit_recorded)
        return self._live

    def toggle_recording(self) -> None:
        """Begin to record a walk, or end and edit it."""
        if self.live.is_on:
            self.live.end()
            return
        from nnviz.walks.walk import WalkStage

        new = self._new_walk()
        if new is None:
            self._actions["record_walk"].setChecked(False)
            return
        presenting = self._connected()
        stage = WalkStage(theme=self._theme.name, layout=presenting.look.layout)
        self._program.pause(lambda: self.live.begin(new, stage))

    def _show_recording(self) -> None:
        is_on = self.live.is_on
        self._actions["record_walk"].setChecked(is_on)
        self._actions["record_scene"].setEnabled(is_on)
        self.mark.show_scenes(self.live.scenes, self._theme.palette)
        self._program.presenting().set_recorded(is_on)

    def _edit_recorded(self, walk: object) -> None:
        from nnviz.walks.walk import Walk

        assert isinstance(walk, Walk)
        self._program.presenting().end()
        self._open_editor(walk, is_new=True)

    # Editing

    def edit(self) -> None:
        """Edit the walk opened last, or begin one on the present lesson."""
        if self.editor is not None and self.editor.isVisible():
            self.editor.raise_()
            self.editor.activateWindow()
        elif self.walk is not None:
            self._open_editor(self.walk)
        else:
            new = self._new_walk()
            if new is not None:
                self._open_editor(new, is_new=True)

    def _new_walk(self) -> Walk | None:
        """Return a walk on the present lesson, beside its file; say so and return None if it has no file."""
        from nnviz.lessons.catalog import is_bundled
        from nnviz.walks.walk import SUFFIX, Scene, Walk

        lesson = self._program.store.session.own_lesson
        scenes = (Scene(title="Start", do=("first",)),)
        if is_bundled(lesson):
            return Walk(title=lesson.title, lesson=lesson.name, scenes=scenes)
        if not (lesson.text and lesson.path.is_file()):
            self._window.session_bar.show_message(NO_LESSON_FILE, problem=True)
            return None
        path = lesson.path.with_name(f"{lesson.name}{SUFFIX}")
        return Walk(title=lesson.title, lesson=lesson.path.name, scenes=scenes, path=path)

    def _open_editor(self, walk: Walk, *, is_new: bool = False) -> None:
        from nnviz.gui.walks.walk_editor import WalkEditor

        if self.editor is None:
            self.editor = WalkEditor(self._window)
            self._theme.follow(self.editor)
            self.editor.preview_asked.connect(self._preview)
            self.editor.film_asked.connect(self.make_film)
            self.editor.saved.connect(self._note_saved)
        elif self.editor.isVisible() and not self.editor.may_leave():
            return
        text = "" if is_new or walk.path is None else _text_of(walk.path)
        self.editor.begin(walk, text, is_new=is_new)
        self.editor.show()
        self.editor.raise_()
        self.editor.activateWindow()

    def _preview(self, walk: Walk, scene: int) -> None:
        self._is_preview = self.play(walk, scene)

    def _stage_closed(self, is_open: bool) -> None:
        """Go back to the editor after a preview."""
        if not is_open and self._is_preview and self.editor is not None and self.editor.isVisible():
            self.editor.raise_()
            self.editor.activateWindow()
        self._is_preview = self._is_preview and is_open

    def _note_saved(self, path: str) -> None:
        assert self.editor is not None
        self.walk = self.editor.draft.walk
        self._settings.note_recent(Path(path))
        self._window.recent_changed.emit()

    def _connected(self) -> Presenting:
        """Return presentation mode, connected to what walks need of it."""
        presenting = self._program.presenting()
        if not self._is_connected:
            self._is_connected = True
            presenting.walk_left.connect(self._program.begin_session)
            presenting.changed.connect(self._stage_closed)
            presenting.layout_changed.connect(self._note_layout)
        return presenting

    def _note_layout(self, name: str) -> None:
        if self._live is not None:
            self._live.note_layout(name)

    def _begin(self, session: Session, walking: object) -> None:
        from nnviz.gui.stage.walking import Walking

        assert isinstance(walking, Walking)
        presenting = self._connected()
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
        for opened in (self.film, self.editor):
            if opened is not None:
                opened.close()


def _text_of(path: Path) -> str:
    """Return the text of a walk file; empty if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
