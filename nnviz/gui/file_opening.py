"""Opening lessons, walks, models, tables of data and sessions, and the menu of those opened before."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QWidget

from nnviz.debugger.state.session import Session, start_session
from nnviz.gui.control.session_files import SessionFiles
from nnviz.gui.dialogs.text_dialogs import fault_dialog, model_fault_dialog
from nnviz.gui.kit.settings import Settings
from nnviz.gui.lab.build_control import TABLE_SUFFIXES, Building
from nnviz.gui.main_window import MainWindow
from nnviz.gui.walks.walk_control import WalkControl
from nnviz.lessons.catalog import is_bundled, lesson_names
from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import one_line
from nnviz.lessons.lesson import Lesson
from nnviz.models.model_files import is_model_file, open_lesson, sizes_to_ask_for
from nnviz.sessions.file_name import is_session_file
from nnviz.walks.walk_names import is_walk

LESSONS = "Lessons, walks and sessions (*.toml *.nnviz)"
MODELS = "Models (*.onnx *.safetensors)"


class OpeningWindow(Protocol):
    """What opening needs of the program."""

    def current(self) -> Session:
        """Return the current session."""

    def begin_session(self, session: Session) -> None:
        """Replace the current session by another one, possibly of another lesson."""

    def in_front(self) -> QWidget:
        """Return the window that a dialog belongs to."""


class FileOpening:
    """Opens files by what they are. A dialog reports one that cannot be read, and the session stays."""

    def __init__(
        self,
        program: OpeningWindow,
        window: MainWindow,
        settings: Settings,
        session_files: SessionFiles,
        walks: WalkControl,
        building: Building,
    ) -> None:
        self._program, self._window, self._settings = program, window, settings
        self._session_files, self._walks, self._building = session_files, walks, building
        self._data_line = ""
        window.recent_changed.connect(self.fill_recent)
        building.data_opened.connect(self._note_recent)
        window.toolbar.lesson_chosen.connect(self.open)

    def open(self, name: str) -> bool:
        """Open a lesson, walk, model, table of data or session by name or file; return whether it is open."""
        if is_session_file(name):
            return self._session_files.open(name)
        if is_walk(name):
            return self._walks.open(name)
        if name.lower().endswith(TABLE_SUFFIXES):
            return self._building.open_data(name)
        return self._open_lesson(name)

    def ask_for_file(self) -> None:
        """Ask for a file of any kind and open it."""
        self._ask("Open", f"{LESSONS};;{MODELS}")

    def ask_for_model(self) -> None:
        """Ask for a model and open it."""
        self._ask("Open model", MODELS)

    def begin_lesson(self, session: Session) -> None:
        """Begin another lesson, whose session has no file yet."""
        self._session_files.detach()
        self._program.begin_session(session)
        self.report_data(session.lesson)

    def report_data(self, lesson: Lesson) -> None:
        """Say in one line what was read from the data file of a person's own lesson; remove the line of another."""
        bar, before = self._window.session_bar, self._data_line
        self._data_line = f"{lesson.name}: {lesson.report}." if lesson.points and not is_bundled(lesson) else ""
        if self._data_line:
            bar.show_message(self._data_line)
        elif before and bar.text == before:
            bar.clear()

    def fill_recent(self) -> None:
        """Fill the menu of the files opened last."""
        menu = self._window.recent_menu
        menu.clear()
        for path in self._settings.recent:
            action = menu.addAction(one_line(Path(path).name))
            action.setToolTip(one_line(path))
            action.triggered.connect(lambda checked=False, path=path: self.open(path))
        if menu.isEmpty():
            menu.addAction("No recent files").setEnabled(False)

    def _open_lesson(self, name: str) -> bool:
        """Open a lesson or model; of a model without activations, ask for these."""
        activations: tuple[str, ...] = ()
        sizes = sizes_to_ask_for(name)
        if sizes:
            from nnviz.gui.dialogs.activations_dialog import ask_for_activations  # imported late to keep the start fast

            activations = ask_for_activations(sizes, self._program.in_front())
            if not activations:
                return False
        try:
            lesson = open_lesson(name, activations=activations)
        except LessonError as error:
            dialog = model_fault_dialog if is_model_file(name) else fault_dialog
            dialog(name, error, self._program.in_front()).exec()
            return False
        self.begin_lesson(start_session(lesson, grain=self._program.current().grain))
        if name not in lesson_names():
            self._note_recent(name)
        return True

    def _note_recent(self, path: str) -> None:
        self._settings.note_recent(Path(path))
        self.fill_recent()

    def _ask(self, title: str, kinds: str) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, title, "", f"{kinds};;All files (*)")
        if path:
            self.open(path)
