"""Building in the window: a new network, a table of one's own, and the changes that the Build panel asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from nnviz.debugger.build import built, lesson_as_chosen
from nnviz.debugger.state.session import Session, start_session
from nnviz.gui import panels
from nnviz.gui.control.editing import Editing
from nnviz.gui.control.store import Store
from nnviz.gui.dialogs.text_dialogs import file_to_write, table_fault_dialog, unwritten_dialog
from nnviz.gui.main_window import MainWindow
from nnviz.lessons.faults import LessonError
from nnviz.lessons.lesson import Lesson

if TYPE_CHECKING:
    from nnviz.gui.views.lab.build_view import BuildView
    from nnviz.lessons.making.building import Build

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".data", ".dat")  # a file that is opened as a table
TABLES = f"Tables ({' '.join(f'*{suffix}' for suffix in TABLE_SUFFIXES)});;All files (*)"
LESSONS = "Lessons (*.toml);;All files (*)"


class Desk(Protocol):
    """What building needs of the window's controller."""

    def begin_lesson(self, session: Session) -> None:
        """Begin another lesson."""


class Building(QObject):
    """The gestures of the Build panel, turned into changes of the store that can be undone.

    `data_opened(path)` is emitted after a table of data has been opened.
    """

    data_opened = Signal(str)

    def __init__(self, desk: Desk, store: Store, editing: Editing, window: MainWindow) -> None:
        super().__init__(window)
        self._desk, self._store, self._editing, self._window = desk, store, editing, window
        window.build.when_built(self._connect)
        window.panels[panels.BUILD.id].toggleViewAction().toggled.connect(
            lambda _: QTimer.singleShot(0, self, self._follow_panel)
        )

    def toggle(self) -> None:
        """Show the Build panel in the place of the others at the right, or those again."""
        if self._window.is_alone:
            self._window.end_alone()
        else:
            self._window.show_alone(panels.BUILD.id)

    def new_network(self) -> None:
        """Begin with a small network, and show the Build panel."""
        from nnviz.lessons.making.building import new_network  # imported late to keep the start fast

        self._begin(new_network())

    def ask_for_data(self) -> None:
        """Ask for a table of data and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open data", "", TABLES)
        if path:
            self.open_data(path)

    def open_data(self, path: str) -> bool:
        """Begin with a network for a table of data, and show the Build panel; report faults in a dialog."""
        from nnviz.lessons.making.building import network_for_data  # imported late to keep the start fast

        try:
            lesson = network_for_data(path)
        except LessonError as error:
            table_fault_dialog(path, error, self._window).exec()
            return False
        self._begin(lesson)
        self.data_opened.emit(path)
        return True

    def save_lesson(self) -> None:
        """Ask for a file and write the lesson to it as the learner has set it, with the weights of its start."""
        from nnviz.formats.write_lesson import write_lesson
        from nnviz.lessons.making.lesson_text import lesson_text

        lesson = lesson_as_chosen(self._store.session)
        try:
            text = lesson_text(lesson)
        except ValueError as error:
            unwritten_dialog("The lesson", str(error), self._window).exec()
            return
        path = file_to_write("Save as lesson", f"{lesson.name}.toml", LESSONS, self._window)
        if not path:
            return
        try:
            write_lesson(path, lesson, text)
        except OSError as error:
            unwritten_dialog("The lesson", f"{path}: {error.strerror or error}", self._window).exec()

    def _begin(self, lesson: Lesson) -> None:
        self._desk.begin_lesson(start_session(lesson, grain=self._store.session.grain))
        self._window.show_alone(panels.BUILD.id)

    def _follow_panel(self) -> None:
        """Show the other panels again when this one has been closed."""
        window = self._window
        if window.panels[panels.BUILD.id].isHidden():
            self._window.boundary.set_drawing(False)
        if window.is_alone and window.panels[panels.BUILD.id].isHidden() and not window.is_start_shown:
            window.end_alone()

    def _connect(self, view: BuildView) -> None:
        from nnviz.lessons.making.building import with_point, with_point_moved, without_point

        view.change_asked.connect(self._change)
        view.file_asked.connect(self.ask_for_data)
        view.save_asked.connect(self.save_lesson)
        view.left.connect(self.toggle)
        boundary = self._window.boundary
        view.drawing_chosen.connect(lambda on: self._draw(view, on))
        boundary.point_added.connect(
            lambda x, y: self._change(with_point(_short(x, y), view.point_class.currentData()), "point added", "")
        )
        boundary.point_moved.connect(
            lambda example, x, y: self._change(with_point_moved(example, _short(x, y)), "point moved", "")
        )
        boundary.point_removed.connect(lambda example: self._change(without_point(example), "point removed", ""))

    def _draw(self, view: BuildView, on: bool) -> None:
        """Let the mouse draw points, or choose examples again."""
        self._window.boundary.set_drawing(on)
        view.render_session(self._store.session)

    def _change(self, change: Build, name: str, key: str) -> None:
        def move(session: Session) -> Session:
            return built(session, change)

        self._editing.rebuild(move, name, key or None, self._window.build.view.show_problem)


def _short(x: float, y: float) -> tuple[float, float]:
    """Return the inputs of a drawn point with as many digits as a person would give."""
    return round(x, 3), round(y, 3)
