"""The application: store, window, player and training, connected and run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

import nnviz
from nnviz.debugger.commands import COMMANDS, Move
from nnviz.debugger.quiz.predict import action_while_predicting
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.state.trail import Direction
from nnviz.gui.appearance import Appearance, use_decimal_mark
from nnviz.gui.control.debugging import Debugging
from nnviz.gui.control.editing import Editing
from nnviz.gui.control.exporting import export_script
from nnviz.gui.control.first_hints import FirstHints
from nnviz.gui.control.player import Player
from nnviz.gui.control.predicting import Predicting
from nnviz.gui.control.run_commands import ask_for_run, ask_for_seed, seed_reason
from nnviz.gui.control.session_files import FilePart, SessionFiles
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.control.why_gestures import WhyGestures
from nnviz.gui.dialogs.keys_dialog import KeysDialog
from nnviz.gui.dialogs.text_dialogs import about_dialog
from nnviz.gui.exports.picture_exports import PictureExports
from nnviz.gui.file_opening import FileOpening
from nnviz.gui.guide.open_guide import Guide
from nnviz.gui.interruptions import closed_by_signals, errors_shown
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.announcer import Announcer
from nnviz.gui.kit.background_work import cancel_long_work
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.lab.build_control import Building
from nnviz.gui.lab.speeds import fill_speed_menus
from nnviz.gui.lab.sweeping import Sweeping
from nnviz.gui.main_window import MainWindow
from nnviz.gui.panels import BREAKPOINTS, HEALTH
from nnviz.gui.start_control import StartControl
from nnviz.gui.startup import FirstFrame, give_back_memory, make_application, settle_memory
from nnviz.gui.view_gestures import ViewGestures
from nnviz.gui.walks.walk_control import WalkControl
from nnviz.gui.window_menus import key_groups
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.models.model_files import open_lesson as open_by_name
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun
from nnviz.sessions.file_name import is_session_file
from nnviz.walks.walk_names import is_walk

if TYPE_CHECKING:
    from nnviz.gui.stage.presenting import Presenting
    from nnviz.gui.walks.live_recording import LiveRecording
    from nnviz.lessons.summaries import Summary
    from nnviz.walks.walk import Walk

DEFAULT_LESSON = "koehn"
STOP_RULE = "epoch_loss < 0.01"  # that Stop when begins with
GIVE_BACK_MS = 60_000  # between two times that freed memory is given back


def run(lesson: str | Lesson | None = None) -> int:
    """Open the window on a lesson, walk or model (by name or file), a session, or the start page; return the status.

    Raises LessonError before a window opens if the file cannot be read.
    """
    with ExitStack() as at_end:
        saved, walk = None, None
        if isinstance(lesson, Lesson):
            opened = lesson
        elif lesson is not None and is_walk(lesson):
            opened, walk = _walk_to_open(lesson)
        elif lesson is not None and is_session_file(lesson):
            from nnviz.sessions.save import read_session

            saved = read_session(lesson)
            opened = saved.session.own_lesson
        else:
            opened = open_by_name(lesson or DEFAULT_LESSON)
        app = make_application()
        controller = Controller(app, opened, Settings(), on_start_page=lesson is None)
        if saved is not None and isinstance(lesson, str):
            controller.session_files.show_opened(saved, lesson)
        at_end.callback(controller.shutdown)
        at_end.enter_context(errors_shown(controller))
        at_end.enter_context(closed_by_signals(app))
        first = FirstFrame(controller.window)
        first.painted.connect(controller.finish_start)
        first.painted.connect(controller.start.fill)
        if walk is not None:
            first.painted.connect(lambda: controller.walks.play(walk))
        controller.window.show()
        return int(app.exec())


def _walk_to_open(name: str) -> tuple[Lesson, Walk]:
    """Return a walk with its lesson. Raises LessonError."""
    from nnviz.walks.walk_file import load_lesson_of, load_walk

    walk = load_walk(name)
    return load_lesson_of(walk), walk


class Controller(QObject):
    """The connection of window and store: a gesture becomes a command, a changed session is rendered once."""

    def __init__(self, app: QApplication, lesson: Lesson, settings: Settings, *, on_start_page: bool = False) -> None:
        super().__init__()
        self._app = app
        self._settings = settings
        self._giving_back = QTimer(self)
        self._giving_back.setInterval(GIVE_BACK_MS)
        self._giving_back.timeout.connect(give_back_memory)
        self.theme = Theme(app, settings.theme, self)
        self.theme.apply()
        use_decimal_mark(settings)
        self.store = Store(start_session(lesson), self)
        self.player = Player(self.store, self)
        self.window = MainWindow(self.theme, settings)
        self.actions = Actions(self.window, self.perform)
        self.window.adopt(self.actions)
        window = self.window
        self.training = TrainingController(self.store, window.strip, window.loss, window.boundary)
        self.debugging = Debugging(self.store, self.player, self.training, window, self.step)
        self.asking = WhyGestures(self.store, self.player, window, self.step, self.debugging.menus)
        self.editing = Editing(self.store, self.training, self.player, window, self.theme, self.debugging.menus)
        self.building = Building(self, self.store, self.editing, window)
        self.sweeping = Sweeping(self.store, self.training, window, self.debugging.menus)
        self.session_files = SessionFiles(self.store, window, settings, self.begin_session, self)
        self.guide = Guide(window, self.theme, settings)
        self.hints = FirstHints(self.store, self.training, window, self.theme, settings)
        self.start = StartControl(window, self.theme, settings, self.session_files, self.open_lesson)
        self.walks = WalkControl(self, window, self.actions, self.theme, settings)
        self.opening = FileOpening(self, window, settings, self.session_files, self.walks, self.building)
        self.gestures = ViewGestures(self.store, window, self.step, self.editing, self.debugging)
        self.exports = PictureExports(self, window, self.debugging.menus)
        self.appearance = Appearance(self.store, window, self.actions, self.theme, settings)
        self._connect()
        self.predicting = Predicting(self.store, window, self.actions, self.step, settings)
        self._add_file_parts()
        self._presenting: Presenting | None = None
        self._performers = self._window_commands() | self.debugging.commands()
        self._show_seed(self.store.session)
        self.editing.adopt(self.actions)
        self._fill_menus()
        self.window.loss.set_log(settings.log_loss)
        self.window.restore_layout()
        if on_start_page:
            self.start.show(self.actions, has_lesson=False)
            return  # what is behind the page is rendered when a lesson is opened
        self.window.render_session(self.store.session)
        self.opening.report_data(lesson)
        self.window.setFocus()

    def perform(self, command: str) -> None:
        """Run a command of the debugger or of the window by its id."""
        if command in self._performers:
            self._performers[command]()
            return
        entry = next(entry for entry in COMMANDS if entry.id == command)
        if self.predicting.is_on:
            if command == "step" and self._asks_an_audience():
                self.predicting.reveal()
                return
            self.step(action_while_predicting(command, entry.run))
        elif entry.walks:
            self.player.pause()
            self.training.pause_then(lambda: self.player.take(entry.run))
        else:
            self.step(entry.run)

    def step(self, move: Move) -> None:
        """Apply a move in the pass; playback and training pause first."""
        self.player.pause()
        self.training.pause_then(lambda: self.store.apply(move))

    def open_lesson(self, name: str) -> bool:
        """Open a lesson, walk, model, table of data or session by name or file; return whether it is open."""
        return self.opening.open(name)

    def begin_lesson(self, session: Session) -> None:
        """Begin another lesson, whose session has no file yet."""
        self.opening.begin_lesson(session)

    def begin_session(self, session: Session) -> None:
        """Replace the current session by another one, possibly of another lesson."""
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()  # its entries are of the lesson before
        self.start.hide()
        self.player.pause()
        self.training.lesson_opened(session)
        self.store.begin(session)
        self.window.fit_docks()
        QTimer.singleShot(0, self, give_back_memory)

    def live_recording(self) -> LiveRecording:
        """Return what records the session as a walk, which is off."""
        from nnviz.gui.walks.live_recording import LiveRecording  # imported late to keep the start fast

        return LiveRecording(self.store, self.training, self.window)

    def pause(self, then: Callable[[], object]) -> None:
        """Pause playback and training, then call back."""
        self.player.pause()
        self.training.pause_then(then)

    def current(self) -> Session:
        """Return the current session."""
        return self.store.session

    def opened_walk(self) -> Walk | None:
        """Return the walk opened last."""
        return self.walks.walk

    def shown_runs(self) -> tuple[LossRun, ...]:
        """Return the runs on the loss plot, the current one first."""
        return self.training.runs

    def in_front(self) -> QWidget:
        """Return the window that a dialog belongs to: over the whole screen, the stage would hide one of another."""
        stage = None if self._presenting is None else self._presenting.stage_window
        return self.window if stage is None else stage

    def palette(self) -> Palette:
        """Return the colors of the window."""
        return self.theme.palette

    def finish_start(self) -> None:
        """Prepare what the first frame did not need; called after it."""
        self.predicting.make_room()
        self.hints.begin(self.actions["presentation"])
        self.training.warm()
        self._giving_back.start()
        QTimer.singleShot(0, self, lambda: self.window.build_hidden(settle_memory))

    def shutdown(self) -> None:
        """End walk and training process, and save the session for the next start."""
        if self._presenting is not None:
            self._presenting.leave_walk()
        self._giving_back.stop()
        self.training.shutdown()
        self.session_files.shutdown()

    def _window_commands(self) -> dict[str, Callable[[], object]]:
        window = self.window
        return {
            "start_page": self._show_start,
            "open": self.opening.ask_for_file,
            "open_model": self.opening.ask_for_model,
            "new_network": self.building.new_network,
            "open_data": self.building.ask_for_data,
            "save_lesson": self.building.save_lesson,
            **self.session_files.commands(),
            **self.walks.commands(),
            **self.exports.commands(),
            "export_script": self._export_script,
            "quit": window.close,
            **self.editing.commands(),
            **self.appearance.commands(),
            **window.panel_commands(),
            "build": self.building.toggle,
            "continue": self._play,
            "predict": self.predicting.toggle,
            "hint": self.predicting.hint,
            "reveal": self.predicting.reveal,
            "skip": self.predicting.skip,
            "score": self.predicting.show_score,
            "train": self._train,
            "epoch": self._one_epoch,
            "reset": self.training.reset,
            "reset_seed": self._ask_for_seed,
            "compare": lambda: window.loss.compare.showMenu(),
            "sweep": self.sweeping.ask,
            "stop_when": self._stop_when,
            "open_run": lambda: ask_for_run(self.training, window),
            "canvas": lambda: window.show_canvas(1 - window.canvases.currentIndex()),
            "unroll": lambda: window.set_folded(not window.canvas.is_folded),
            "why": lambda: self.asking.ask_here(Direction.WHY),
            "feeds": lambda: self.asking.ask_here(Direction.FEEDS),
            "fit": lambda: window.shown_canvas().fit(),
            "zoom_in": lambda: window.shown_canvas().zoom_in(),
            "zoom_out": lambda: window.shown_canvas().zoom_out(),
            "presentation": self._present,
            "full_screen": lambda: self._full_screen(self.actions["full_screen"].isChecked()),
            "leave": self._leave,
            "guide": self.guide.open,
            "keys": lambda: KeysDialog(key_groups(), self.in_front()).exec(),
            "about": lambda: about_dialog(nnviz.__version__, self.in_front()).exec(),
        }

    def _add_file_parts(self) -> None:
        """Register the parts of a session file besides its branches, which are read first."""
        predicting, training, files = self.predicting, self.training, self.session_files
        files.parts["predict"] = FilePart(predicting.for_file, predicting.restore, predicting.reset_made)
        files.parts["runs"] = FilePart(training.plot_runs, training.restore_runs)
        for changed in (predicting.score_reset, training.runs_changed):
            changed.connect(files.autosave.note)

    def _connect(self) -> None:
        window, store = self.window, self.store
        store.changed.connect(window.render_session)
        store.changed.connect(self._show_seed)
        store.changed.connect(Announcer(window).follow)
        window.closing.connect(self.shutdown)
        window.canvas_choice.chosen.connect(window.show_canvas)
        window.time_choice.chosen.connect(lambda index: window.set_folded(bool(index)))
        self.training.nonfinite_reached.connect(lambda: window.show_panel(HEALTH.id))
        window.loss.menu.seed_asked.connect(lambda: self._ask_for_seed(train=True))
        window.loss.log_toggled.connect(self._remember_scale)
        self.player.playing_changed.connect(window.toolbar.set_playing)
        window.strip.train_toggled.connect(self.player.pause)
        window.strip.epoch_requested.connect(self.player.pause)

    def _show_seed(self, session: Session) -> None:
        """Enable or disable setting a seed, and show the reason if it is disabled."""
        action, reason = self.actions["reset_seed"], seed_reason(session.lesson)
        action.setEnabled(not reason)
        action.setToolTip(f"{reason or action.statusTip()} ({action.shortcut().toString()})")

    def _fill_menus(self) -> None:
        self.window.toolbar.set_choices(
            _lesson_summaries,
            lambda: [(name, load_notation(name).title) for name in notation_names()],
        )
        fill_speed_menus(self.window.speed_menus, self.player, self.training.client)
        self.opening.fill_recent()

    def _show_start(self) -> None:
        """Show the start page; presentation ends, playback and training pause first."""
        if self.actions["presentation"].isChecked():
            self.actions["presentation"].trigger()
        self.player.pause()
        self.training.pause_then(lambda: self.start.show(self.actions))

    def _export_script(self) -> None:
        self.player.pause()
        self.training.pause_then_ask(lambda: export_script(self.store.session, self.window))

    def _ask_for_seed(self, train: bool = False) -> None:
        self.player.pause()
        self.training.pause_then_ask(lambda: ask_for_seed(self.store, self.training, self.window, train))

    def _play(self) -> None:
        """Start or pause playback; while predicting, take a single step, because there is no playback."""
        if self.predicting.is_on:
            self.perform("step")
        else:
            self.training.pause_then(self.player.toggle)

    def _train(self) -> None:
        self.player.pause()
        self.training.toggle()

    def _one_epoch(self) -> None:
        self.player.pause()
        self.training.one_epoch()

    def _remember_scale(self, log: bool) -> None:
        self._settings.log_loss = log

    def _full_screen(self, on: bool) -> None:
        if on:
            self.window.showFullScreen()
        else:
            self.window.showNormal()

    def presenting(self) -> Presenting:
        """Return presentation mode, which is built when it is first used."""
        if self._presenting is None:
            from nnviz.gui.stage.presenting import Presenting  # imported late to keep the start fast

            self._presenting = Presenting(
                self.store, self.window, self.actions, self.training, self.theme, self._settings
            )
            self._presenting.connect_moves(self.step)
            self._presenting.changed.connect(self.window.set_covered)
        return self._presenting

    def _stop_when(self) -> None:
        """Show the Breakpoints panel with a rule that ends a run, to be changed."""
        self.window.show_panel(BREAKPOINTS.id)
        self.window.breakpoints.view.ask_for(STOP_RULE)

    def _asks_an_audience(self) -> bool:
        """Return whether the stage shows a question, which the key for the next step answers."""
        is_open = self._presenting is not None and self._presenting.is_on
        return is_open and self.store.session.asked is not None

    def _present(self) -> None:
        """Begin the presentation, or end it."""
        self.presenting().toggle()

    def _leave(self) -> None:
        if self.start.leave():
            return
        if self.debugging.cancel() or cancel_long_work(self.window) or self.sweeping.cancel():
            return
        if self.asking.leave() or self.predicting.leave():
            return
        if self.window.shown_canvas() is self.window.canvas and self.window.canvas.unfolds_selected():
            self.gestures.select(None)
            return
        for name in ("presentation", "full_screen"):
            if self.actions[name].isChecked():
                self.actions[name].trigger()


def _lesson_summaries() -> tuple[Summary, ...]:
    """Return the summaries of the bundled lessons."""
    from nnviz.lessons.summaries import lesson_summaries  # imported late to keep the start fast

    return lesson_summaries()
