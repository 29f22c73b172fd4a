"""Live training in the window: clicks and snapshots become events, whose effects are carried out here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from nnviz.debugger.conditions.breakpoints import breakpoint_by_number
from nnviz.debugger.state.session import Session, choose_training
from nnviz.debugger.training import effects, events
from nnviz.debugger.training.effects import TrainingEffect
from nnviz.debugger.training.events import TrainingEvent, TrainingFacts
from nnviz.debugger.training.training_state import (
    BeyondRunNotice,
    DiedNotice,
    FailedNotice,
    FinishedNotice,
    KeptRun,
    Notice,
    PlotNotice,
    TrainingState,
    start_training,
)
from nnviz.debugger.training.transitions import handle
from nnviz.engine.training import TrainingSettings
from nnviz.gui.control.run_keeper import RunKeeper
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_client import TrainingClient
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.gui.views.training.loss_plot import LossPlot
from nnviz.gui.views.training.training_strip import StripState, TrainingStrip
from nnviz.lessons.reseed import is_drawn
from nnviz.present.runs.curve import LossRun, grouped, reward_of
from nnviz.present.runs.measures import ACCURACY, LOSS, REWARD
from nnviz.present.runs.run_book import PlotRuns, Recipe
from nnviz.present.runs.run_metrics import Reading, measure
from nnviz.present.text.plain_text import linear
from nnviz.present.words.edit_text import change_name

if TYPE_CHECKING:
    from nnviz.process.messages import Snapshot

LIVE_MS = 100  # between two sessions while training
LIVE_PARAMETERS = 2000  # above this number the session follows only when training pauses

_TEXTS: dict[type, Callable[[Any], str]] = {
    FinishedNotice: lambda notice: f"Finished {grouped(notice.epochs)} epochs",
    FailedNotice: lambda notice: f"Stopped: {notice.reason}.",
    DiedNotice: lambda notice: notice.message,
    BeyondRunNotice: lambda notice: (
        f"The run has reached update {grouped(notice.update)}. Epoch {grouped(notice.epoch)} is not part of it."
    ),
    PlotNotice: lambda notice: notice.message,
}


class TrainingController(QObject):
    """Connects strip, plots, training process and store by the transitions of live training.

    While a run is trained, the store's session follows it some times a second; when it pauses, the session is at
    exactly its checkpoint. `state_changed(str)` is emitted with the client's state, `halted(Breakpoint)` when a
    breakpoint has stopped the run, `nonfinite_reached` when the session is at a first NaN or infinity, and
    `runs_changed` when the user has changed the runs on the plot, `plotted` whenever the plot is given its runs.
    """

    state_changed = Signal(str)
    nonfinite_reached = Signal()
    runs_changed = Signal()
    plotted = Signal()
    halted = Signal(object)

    def __init__(
        self,
        store: Store,
        strip: TrainingStrip,
        loss_plot: LossPlot,
        boundary_plot: BoundaryPlot,
        client: TrainingClient | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._strip, self._loss_plot, self._boundary = store, strip, loss_plot, boundary_plot
        self._client = TrainingClient(self) if client is None else client
        self._keeper = RunKeeper(store.session, loss_plot, self)
        self._state = start_training(store.session, store.branches.here.number)
        self._reading: Reading | None = None
        self._is_own = False  # true while training itself changes the session
        self._clock = QElapsedTimer()  # since the session followed the run
        self._carriers = self._make_carriers()
        self._connect()
        self._show()

    @property
    def state(self) -> TrainingState:
        """Where training is."""
        return self._state

    @property
    def client(self) -> TrainingClient:
        """The window's end of the training process."""
        return self._client

    @property
    def running(self) -> bool:
        """Whether the network is being trained."""
        return self._state.is_running

    @property
    def runs(self) -> tuple[LossRun, ...]:
        """The curves on the plot: the present run, then the earlier ones."""
        return self._keeper.runs

    def warm(self) -> None:
        """Start the training process before it is needed."""
        self._client.warm()

    def toggle(self) -> None:
        """Train, or pause."""
        if self.running:
            self.pause()
        else:
            self.start()

    def start(self) -> None:
        """Train from where the session is, until paused or, the first time, until the lesson's epochs are done."""
        self._handle(events.StartRequested())

    def pause(self) -> None:
        """Pause between two updates; the session is set to that place when the training process has answered."""
        self._handle(events.PauseRequested())

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._handle(events.OneEpochRequested())

    def reset(self) -> None:
        """Go back to the weights with which the lesson starts; the run stays on the plot."""
        self._handle(events.ResetRequested())

    def train_for(self, epochs: int) -> None:
        """Train from where the session is, until this many epochs are done."""
        self._handle(events.TrainForRequested(epochs))

    def compare(self, settings: TrainingSettings) -> None:
        """Keep the run, and train another from the same start with other settings, for as many epochs.

        If nothing has been trained, the present settings come first, for the lesson's epochs.
        """
        self.pause_then(lambda: self._handle(events.CompareRequested(settings)))

    def go_to_epoch(self, epoch: int) -> None:
        """Go to where the present run was when an epoch ended; a run in training is paused first."""
        self.pause_then(lambda: self._handle(events.EpochRequested(epoch)))

    def pause_then(self, callback: Callable[[], object]) -> None:
        """Call back when training has paused and the session is up to date; at once if nothing is being trained."""
        self._handle(events.CallRequested(callback))

    def pause_then_ask(self, ask: Callable[[], object]) -> None:
        """Call back like `pause_then`, but after the process's answer is handled, because a dialog would block that."""
        self.pause_then(lambda: QTimer.singleShot(0, self, ask))

    def lesson_opened(self, session: Session) -> None:
        """End the run, because a lesson is opened with this session. Comparable runs stay on the plot."""
        self._handle(events.LessonOpened(session))

    def shutdown(self) -> None:
        """End the training process."""
        self._handle(events.ShutdownAsked())

    def add_run(self, run: LossRun, recipe: Recipe, name: str) -> int:
        """Add a run that was made elsewhere to the plot; return its number."""
        return self._keeper.add(run, recipe, name)

    @property
    def keeper(self) -> RunKeeper:
        """The runs of the plot."""
        return self._keeper

    def plot_runs(self) -> PlotRuns:
        """Return the part of a session file about the plot."""
        return PlotRuns(self._keeper.book, tuple((kept.branch, kept.curve) for kept in self._state.kept))

    def restore_runs(self, plot: object) -> None:
        """Replace all runs on the plot with those of an opened session."""
        assert isinstance(plot, PlotRuns)
        self._keeper.take(plot.book)
        self._handle(events.KeptRunsOpened(tuple(KeptRun(branch, number) for branch, number in plot.of_branches)))

    def _connect(self) -> None:
        store, strip, client, keeper = self._store, self._strip, self._client, self._keeper
        store.changed.connect(lambda session: self._handle(events.SessionChanged(session, self._is_own)))
        strip.train_toggled.connect(self.toggle)
        strip.epoch_requested.connect(self.one_epoch)
        strip.reset_requested.connect(self.reset)
        strip.settings_changed.connect(lambda settings: self._handle(events.SettingsChosen(settings)))
        self._loss_plot.epoch_clicked.connect(self.go_to_epoch)
        self._loss_plot.menu.settings_chosen.connect(self.compare)
        keeper.changed.connect(lambda: self._show())
        keeper.changed.connect(self.runs_changed)
        client.snapshot.connect(self._on_snapshot)
        client.state_changed.connect(lambda state: self._handle(events.ProcessChanged(state)))
        client.failed.connect(lambda message: self._handle(events.RunFailed(message)))
        client.died.connect(lambda message: self._handle(events.ProcessDied(message)))

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        is_small = snapshot.checkpoint.parameters.size < LIVE_PARAMETERS
        is_due = is_small and self._clock.hasExpired(LIVE_MS)
        if is_due:
            self._clock.start()
        self._handle(events.SnapshotArrived(snapshot, self._client.state, is_due))

    # Events and effects

    def _handle(self, event: TrainingEvent) -> None:
        """Handle an event: change the state and carry out the effects."""
        facts = TrainingFacts(self._store.branches, self._keeper.number, self._keeper.present.last_epoch)
        self._state, found = handle(self._state, event, facts)
        self._boundary.set_live(self.running)
        for effect in found:
            self._carriers[type(effect)](effect)

    def _make_carriers(self) -> dict[type[TrainingEffect], Callable[[Any], object]]:
        """Return the functions that carry out the effects, by their types."""
        client, keeper, store = self._client, self._keeper, self._store
        return {
            effects.StartRun: self._start_run,
            effects.ResumeRun: lambda effect: client.resume(),
            effects.PauseRun: lambda effect: client.pause(),
            effects.TrainOneEpoch: lambda effect: client.one_epoch(),
            effects.StopRun: lambda effect: client.stop(),
            effects.EndProcess: lambda effect: client.shutdown(),
            effects.PutSession: self._put_session,
            effects.ForgetFuture: lambda effect: store.discard_future(),
            effects.ChangeSettings: self._change_settings,
            effects.BeginCurve: lambda effect: self._begin_curve(effect.session, effect.epoch),
            effects.ContinueCurve: lambda effect: keeper.go_on(effect.session),
            effects.NameCurve: lambda effect: keeper.name_present(effect.name),
            effects.ResumeCurve: self._resume_curve,
            effects.ResumeCurveOfData: self._resume_curve_of_data,
            effects.GrowCurve: lambda effect: self._grow_curve(effect.snapshot),
            effects.ShowTraining: lambda effect: self._show(effect.session),
            effects.ForgetReading: lambda effect: self._forget_reading(),
            effects.ShowParameters: self._show_parameters,
            effects.RestartClock: lambda effect: self._clock.start(),
            effects.RunCallback: lambda effect: effect.callback(),
            effects.AnnounceState: lambda effect: self.state_changed.emit(effect.state),
            effects.AnnounceHalt: lambda effect: self.halted.emit(breakpoint_by_number(store.session, effect.number)),
            effects.AnnounceNonFinite: lambda effect: self.nonfinite_reached.emit(),
            effects.HandleNext: lambda effect: self._handle(effect.event),
        }

    def _start_run(self, effect: effects.StartRun) -> None:
        session, watcher = effect.session, None
        if effect.is_watched:
            from nnviz.debugger.conditions.live_breakpoints import (
                live_breakpoints,  # imported late to keep the start fast
            )

            watcher = live_breakpoints(session)
        number = self._client.start(
            session.network,
            session.lesson.dataset,
            session.training,
            session.convention,
            checkpoint=session.checkpoint,
            epochs=effect.epochs,
            paused=effect.paused,
            watcher=watcher,
            held_out=session.lesson.held_out,
        )
        self._handle(events.RunStarted(number))

    def _put_session(self, effect: effects.PutSession) -> None:
        self._is_own = True
        try:
            self._store.replace(effect.session)
        finally:
            self._is_own = False

    def _change_settings(self, effect: effects.ChangeSettings) -> None:
        before, settings = self._store.session, effect.settings
        name = change_name(before, choose_training(before, settings))
        self._store.change(lambda session: choose_training(session, settings), name)

    def _begin_curve(self, session: Session, epoch: int) -> None:
        self._handle(events.PlotMessage(self._keeper.begin(session, epoch)))

    def _resume_curve(self, effect: effects.ResumeCurve) -> None:
        if not self._keeper.resume(effect.number):
            self._begin_curve(effect.session, effect.epoch)

    def _resume_curve_of_data(self, effect: effects.ResumeCurveOfData) -> None:
        if not self._keeper.resume_on(effect.session, effect.others):
            self._begin_curve(effect.session, 0)

    def _grow_curve(self, snapshot: Snapshot) -> None:
        self._keeper.grow(snapshot)
        losses = self._keeper.present.losses
        loss = float(losses[-1]) if len(losses) else None
        self._reading = Reading(snapshot.checkpoint, self._state.setup.loss, loss, snapshot.accuracy)

    def _forget_reading(self) -> None:
        self._reading = None

    def _show_parameters(self, effect: effects.ShowParameters) -> None:
        if self.running and self._boundary.isVisible():
            self._boundary.show_parameters(self._state.lesson.network.with_vector(effect.checkpoint.parameters))

    # Strip and plots

    def _show(self, session: Session | None = None) -> None:
        """Show the run during training, or else the session."""
        session = self._store.session if session is None else session
        running, reading = self.running, self._reading
        here = reading is not None and reading.checkpoint is session.checkpoint and reading.counted_by == session.loss
        if reading is None or not (running or here):
            reading = self._reading = measure(session)
        examples, notation = len(session.lesson.dataset), session.notation
        reward = None if reading.loss is None or not notation.reward else float(reward_of(reading.loss, examples))
        depth = session.lesson.network.architecture.depth
        self._strip.render_state(
            replace(
                message_of(self._state.notice),
                running=running,
                epoch=reading.checkpoint.epoch,
                loss=reading.loss,
                reward=reward,
                accuracy=reading.accuracy,
                examples=examples,
                settings=session.training,
                rate_symbol=linear(notation.tex_pattern("rate", None, depth)),
            )
        )
        self._show_plots(session, reading)

    def _show_plots(self, session: Session, reading: Reading) -> None:
        runs = self.runs
        rated = reading.accuracy is not None or any(len(run.rated) for run in runs)
        self._loss_plot.set_measures(
            [LOSS, *([REWARD] if session.notation.reward else []), *([ACCURACY] if rated else [])]
        )
        drawn = is_drawn(session.lesson)
        self._loss_plot.menu.set_present(session.training, len(session.lesson.dataset), drawn, len(runs))
        self._loss_plot.render_runs(runs, reading.checkpoint.epoch)
        self._boundary.render_session(session)
        self.plotted.emit()


def message_of(notice: Notice | None) -> StripState:
    """Return a strip's state with the message of a notice, if there is one."""
    if notice is None:
        return StripState()
    is_problem, is_death = isinstance(notice, FailedNotice | DiedNotice), isinstance(notice, DiedNotice)
    return StripState(message=_TEXTS[type(notice)](notice), problem=is_problem, resume=is_death)
