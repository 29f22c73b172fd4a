"""Live training in the window: the run that the strip starts, shown as it goes, and the session that follows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from nnviz.debugger.commands import Move
from nnviz.debugger.session import (
    Session,
    choose_checkpoint,
    choose_convention,
    choose_loss,
    choose_training,
    network_of,
)
from nnviz.engine.conventions import Convention
from nnviz.engine.history import History
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, accuracy, start_checkpoint
from nnviz.engine.worker import Snapshot
from nnviz.gui.store import Store
from nnviz.gui.training_client import TrainingClient
from nnviz.gui.views.boundary_plot import BoundaryPlot
from nnviz.gui.views.loss_plot import LossPlot
from nnviz.gui.views.training_strip import StripState, TrainingStrip
from nnviz.present.curve import LossRun, cut_run, empty_run, extend_run, grouped, mean_loss
from nnviz.present.text import linear

LIVE_MS = 100  # between two sessions while training
LIVE_PARAMETERS = 2000  # above so many the session follows only when training pauses
MEASURABLE = 2_000_000  # weights times examples, up to which a loss is measured between two steps

PRESENT, PREVIOUS = "this run", "previous run"


@dataclass(frozen=True)
class Counting:
    """What of a session decides how a run is trained: its settings, what its convention computes, and its loss."""

    settings: TrainingSettings
    convention: Convention
    loss: str


def counting_of(session: Session) -> Counting:
    """How a run that starts from a session is counted; how it is told makes no difference."""
    return Counting(session.training, session.convention.computed, session.loss)


@dataclass(frozen=True)
class Stretch:
    """A part of a run counted in one way, with checkpoints from which each of its epochs is found again."""

    counting: Counting
    history: History
    first: Checkpoint

    def update_of(self, epoch: int, examples: int) -> int:
        """How many updates the run had made when an epoch, not before the stretch's first, had ended."""
        batch = self.counting.settings.batch_size(examples)
        if epoch <= self.first.epoch:
            return self.first.update
        rest = -(-(examples - self.first.position) // batch)
        return self.first.update + rest + (epoch - self.first.epoch - 1) * -(-examples // batch)


@dataclass(frozen=True, eq=False)
class Reading:
    """What is known of the network at a checkpoint, its errors counted by the loss of this name."""

    checkpoint: Checkpoint
    counted_by: str
    loss: float | None
    accuracy: float | None


def _counted(session: Session, how: Counting) -> Session:
    """A session that counts as a stretch of a run does, told as it is told now."""
    convention = replace(how.convention, delta=session.convention.delta, weights=session.convention.weights)
    return choose_loss(choose_convention(choose_training(session, how.settings), convention), how.loss)


def measure(session: Session) -> Reading:
    """Loss and accuracy of all examples at the session's weights; unknown where finding them takes too long."""
    dataset, checkpoint, shape = session.lesson.dataset, session.checkpoint, session.network
    if shape.architecture.parameter_count * len(dataset) * dataset.time_steps > MEASURABLE:
        return Reading(checkpoint, session.loss, None, None)
    network = shape.with_vector(checkpoint.parameters)
    return Reading(checkpoint, session.loss, mean_loss(network, dataset), accuracy(network, dataset))


class TrainingController(QObject):
    """Connects strip, plots, training process and store.

    While a run goes, the store's session follows it some times a second; when it pauses, the session stands on
    exactly the place where it did. `state_changed(str)` tells the client's state.
    """

    state_changed = Signal(str)

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
        self._lesson = store.session.lesson
        self._counting = counting_of(store.session)  # of the run, while there is one
        self._following = False  # the session is being changed from here
        self._stands_on = store.session.checkpoint  # where the session last followed the run to
        self._run, self._previous = empty_run(PRESENT), empty_run(PREVIOUS)
        self._stretches: list[Stretch] = []
        self._reading: Reading | None = None
        self._message = StripState()
        self._waiting: list[Callable[[], object]] = []
        self._live = QElapsedTimer()
        self._connect()
        self._show()

    @property
    def client(self) -> TrainingClient:
        """The window's end of the training process."""
        return self._client

    @property
    def running(self) -> bool:
        """Whether the network is being trained."""
        return self._client.state == "running"

    @property
    def runs(self) -> tuple[LossRun, ...]:
        """The loss curves: the present run, then the one before."""
        return (self._run, self._previous) if len(self._previous.epochs) else (self._run,)

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
        """Train from where the session stands, until paused or, the first time, the lesson's epochs are done."""
        if self.running:
            return
        self._tell("")
        self._live.start()
        if self._resumable():
            self._client.resume()
        else:
            self._begin(paused=False)
        self._show()

    def pause(self) -> None:
        """Stop between two updates; the session stands there when the training process has told where."""
        self._client.pause()

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._tell("")
        self._live.start()
        if not self.running and not self._resumable():
            self._begin(paused=True)
        self._client.one_epoch()
        self._show()

    def reset(self) -> None:
        """Back to the weights that the lesson starts with; the curve stays as the previous run's."""
        self._client.stop()
        self._keep_previous()
        self._run = empty_run(PRESENT)
        self._stretches.clear()
        self._reading = None
        self._tell("")
        session = self._store.session
        self._follow(start_checkpoint(session.lesson.network, session.training))
        self._call_waiting()

    def pause_then(self, callback: Callable[[], object]) -> None:
        """Call back when training has paused and the session stands there; at once where nothing is trained."""
        if not self.running:
            callback()
            return
        self._waiting.append(callback)
        self._client.pause()

    def go_to_epoch(self, epoch: int) -> None:
        """Let the session stand where the present run stood when an epoch had ended; a run that goes is paused."""
        self.pause_then(lambda: self._go_to_epoch(epoch))

    def lesson_opened(self, session: Session) -> None:
        """Forget the run: another lesson is opened, with this session."""
        self._waiting.clear()
        self._lesson, self._counting = session.lesson, counting_of(session)
        self._stands_on = session.checkpoint
        self._run, self._previous = empty_run(PRESENT), empty_run(PREVIOUS)
        self._stretches.clear()
        self._reading = None
        self._client.stop()
        self._tell("")
        self._show(session)

    def shutdown(self) -> None:
        """End the training process."""
        self._waiting.clear()
        self._client.shutdown()

    def _connect(self) -> None:
        self._store.changed.connect(self._on_session)
        self._strip.train_toggled.connect(self.toggle)
        self._strip.epoch_requested.connect(self.one_epoch)
        self._strip.reset_requested.connect(self.reset)
        self._strip.settings_changed.connect(self._on_settings)
        self._loss_plot.epoch_clicked.connect(self.go_to_epoch)
        self._client.snapshot.connect(self._on_snapshot)
        self._client.state_changed.connect(self._on_state)
        self._client.failed.connect(self._on_failed)
        self._client.died.connect(self._on_died)

    def _resumable(self) -> bool:
        """Whether the training process stands exactly where the session does."""
        session = self._store.session
        return (
            self._client.state == "paused"
            and session.checkpoint is self._client.checkpoint
            and counting_of(session) == self._counting
        )

    def _begin(self, paused: bool) -> None:
        """Start a run where the session stands."""
        session = self._store.session
        lesson, checkpoint = session.lesson, session.checkpoint
        if checkpoint.epoch < self._run.last_epoch:
            self._keep_previous()
            self._run = cut_run(self._run, checkpoint.epoch)
        self._counting = counting_of(session)
        self._stands_on = checkpoint
        kept = [stretch for stretch in self._stretches if stretch.first.update < checkpoint.update]
        self._stretches = [*kept, Stretch(self._counting, History(checkpoint), checkpoint)]
        limit = lesson.training.epochs if checkpoint.epoch < lesson.training.epochs else None
        self._client.start(
            session.network, lesson.dataset, session.training, session.convention, checkpoint, limit, paused
        )

    def _keep_previous(self) -> None:
        if len(self._run.epochs):
            self._previous = replace(self._run, name=PREVIOUS, faint=True)

    def _go_to_epoch(self, epoch: int) -> None:
        lesson, examples = self._lesson, len(self._lesson.dataset)
        stretches = [stretch for stretch in self._stretches if stretch.first.epoch <= epoch]
        if not stretches:
            return
        stretch = stretches[-1]
        how = stretch.counting
        trainer = Trainer(network_of(lesson, how.loss), lesson.dataset, how.settings, how.convention)
        checkpoint = stretch.history.at(stretch.update_of(epoch, examples), trainer)
        self._apply(lambda session: choose_checkpoint(_counted(session, how), checkpoint))

    def _on_settings(self, settings: TrainingSettings) -> None:
        """Other settings; a run that goes begins anew with them at the newest place known."""
        running, newest = self.running, self._client.checkpoint
        if running and newest is not None:
            self._apply(lambda session: choose_training(choose_checkpoint(session, newest), settings))
            self._begin(paused=False)
        else:
            self._apply(lambda session: choose_training(session, settings))

    def _on_session(self, session: Session) -> None:
        if session.lesson is not self._lesson:
            self.lesson_opened(session)
            return
        if self.running and not self._following:
            if counting_of(session) != self._counting:
                self._on_settings(session.training)
            elif session.checkpoint is not self._stands_on:
                self._client.stop()  # the learner has gone elsewhere
        self._show(session)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self._run = extend_run(self._run, snapshot.epochs, snapshot.losses)
        checkpoint = snapshot.checkpoint
        if self._stretches:
            self._stretches[-1].history.note(checkpoint)
        loss = float(self._run.losses[-1]) if len(self._run.epochs) else None
        self._reading = Reading(checkpoint, self._counting.loss, loss, snapshot.accuracy)
        if not self.running:
            self._settle(snapshot)
            return
        self._boundary.set_live(True)
        if checkpoint.parameters.size < LIVE_PARAMETERS and self._live.hasExpired(LIVE_MS):
            self._live.start()
            self._follow(checkpoint)
        else:
            self._show()
        if self.running and self._boundary.isVisible():
            self._boundary.show_parameters(self._lesson.network.with_vector(checkpoint.parameters))

    def _settle(self, snapshot: Snapshot) -> None:
        """The run has come to rest: so does the session, and what waited for it is done."""
        if snapshot.state == "finished":
            self._tell(f"{grouped(snapshot.checkpoint.epoch)} epochs done")
        elif snapshot.state == "failed":
            self._tell(f"Stopped: {snapshot.message}.", problem=True)
        self._boundary.set_live(False)
        self._follow(snapshot.checkpoint)
        self._call_waiting()

    def _on_state(self, state: str) -> None:
        self._boundary.set_live(state == "running")
        self._show()
        self.state_changed.emit(state)

    def _on_failed(self, message: str) -> None:
        self._tell(f"Stopped: {message.rstrip('.')}.", problem=True)
        self._show()
        self._call_waiting()

    def _on_died(self, message: str) -> None:
        self._boundary.set_live(False)
        self._tell(message, problem=True, resume=True)
        if self._client.checkpoint is not None:
            self._follow(self._client.checkpoint)
        self._call_waiting()

    def _follow(self, checkpoint: Checkpoint) -> None:
        """Let the session stand on a checkpoint of the run."""
        self._stands_on = checkpoint
        if self._store.session.checkpoint is checkpoint:
            self._show()
        else:
            self._apply(lambda session: choose_checkpoint(session, checkpoint))

    def _apply(self, move: Move) -> None:
        self._following = True
        try:
            self._store.apply(move)
        finally:
            self._following = False

    def _call_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()

    def _tell(self, text: str, problem: bool = False, resume: bool = False) -> None:
        self._message = StripState(message=text, problem=problem, resume=resume)

    def _show(self, session: Session | None = None) -> None:
        """Show the run while one goes, and otherwise the session."""
        session = self._store.session if session is None else session
        running, reading = self.running, self._reading
        here = reading is not None and reading.checkpoint is session.checkpoint and reading.counted_by == session.loss
        if reading is None or not (running or here):
            reading = self._reading = measure(session)
        epoch = reading.checkpoint.epoch
        notation, depth = session.notation, session.lesson.network.architecture.depth
        self._strip.render_state(
            replace(
                self._message,
                running=running,
                epoch=epoch,
                loss=reading.loss,
                accuracy=reading.accuracy,
                examples=len(session.lesson.dataset),
                settings=session.training,
                rate_symbol=linear(notation.tex_pattern("rate", None, depth)),
            )
        )
        self._loss_plot.render_runs(self.runs, epoch)
        self._boundary.render_session(session)
