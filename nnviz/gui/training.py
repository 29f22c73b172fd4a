"""Live training in the window: the run that the strip starts, shown as it goes, and the session that follows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from nnviz.debugger.branches import FIRST
from nnviz.debugger.breakpoints import Breakpoint, change_breakpoint, found_breakpoint
from nnviz.debugger.commands import Move
from nnviz.debugger.edits import Edit, without_weight_edits
from nnviz.debugger.nonfinite import go_to_nonfinite
from nnviz.debugger.run import Run, checkpoint_at, noted, same_data_from
from nnviz.debugger.session import (
    Session,
    choose_checkpoint,
    choose_convention,
    choose_example,
    choose_loss,
    choose_training,
    entered,
    left,
)
from nnviz.debugger.timeline import trained_on, update_of_epoch
from nnviz.engine.training import Checkpoint, TrainingSettings, start_checkpoint
from nnviz.gui.counting import counting_of
from nnviz.gui.run_keeper import RunKeeper
from nnviz.gui.store import Store
from nnviz.gui.training_client import TrainingClient
from nnviz.gui.views.boundary_plot import BoundaryPlot
from nnviz.gui.views.loss_plot import LossPlot
from nnviz.gui.views.training_strip import StripState, TrainingStrip
from nnviz.lessons.reseed import is_drawn
from nnviz.present.curve import LossRun, grouped, reward_of
from nnviz.present.edits import change_name
from nnviz.present.measures import ACCURACY, LOSS, REWARD
from nnviz.present.reading import Reading, measure
from nnviz.present.runs import PlotRuns
from nnviz.present.text import linear

if TYPE_CHECKING:
    from nnviz.engine.watching import Halt
    from nnviz.engine.worker_messages import Snapshot

LIVE_MS = 100  # between two sessions while training
LIVE_PARAMETERS = 2000  # above so many the session follows only when training pauses


class TrainingController(QObject):
    """Connects strip, plots, training process and store.

    While a run goes, the store's session follows it some times a second; when it pauses, the session stands on
    exactly the place where it did. `state_changed(str)` tells the client's state, and `halted(Breakpoint)` that a
    breakpoint has stopped the run: the session then stands where it did.
    """

    state_changed = Signal(str)
    landed = Signal()  # on the first number that is not finite
    runs_changed = Signal()  # by the user, on the plot
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
        self._lesson, self._own_lesson = store.session.lesson, store.session.own_lesson
        self._counting = counting_of(store.session)  # of the run, while there is one
        self._following = False  # the session is being changed from here
        self._stands_on = store.session.checkpoint  # where the session last followed the run to
        self._followed: Checkpoint | None = None  # the same place, as the training process tells it
        self._told_halt: tuple[int, Halt] | None = None  # the run that a breakpoint stopped last, and where
        self._keeper = RunKeeper(store.session, loss_plot, self)
        self._example = store.session.example  # the learner's, when the run began
        self._run: Run | None = None  # all passes so far, those that the training process has made among them
        self._sent: tuple[Breakpoint, ...] = ()  # which the training process looks out for
        self._branch = store.branches.here.number
        self._left: dict[int, tuple[int, Run | None]] = {}  # the runs of other branches
        self._edits: tuple[Edit, ...] | None = store.session.edits  # of the run; None until it is trained
        self._reading: Reading | None = None
        self._next: TrainingSettings | None = None  # trained beside the present run when that is finished
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
        """The curves on the plot: the present run, then those kept from before."""
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
        """Train from where the session stands, until paused or, the first time, the lesson's epochs are done."""
        if self.running:
            return
        self._tell("")
        self._live.start()
        if self._resumable():
            self._run = trained_on(self._store.session, self._stands_on)
            self._client.resume()
        else:
            self._begin(paused=False)
        self._show()

    def pause(self) -> None:
        """Stop between two updates; the session stands there when the training process has told where."""
        self._next = None
        self._client.pause()

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._tell("")
        self._live.start()
        if not self.running:
            if self._resumable():
                self._run = trained_on(self._store.session, self._stands_on)
            else:
                self._begin(paused=True)
        self._client.one_epoch()
        self._show()

    def reset(self) -> None:
        """Back to the weights that the lesson starts with; the run stays on the plot."""
        self._client.stop()
        self._next = None
        self._tell(self._keeper.begin(self._store.session))
        was_trained, self._run = self._run is not None, None
        if was_trained:
            self._apply(lambda session: choose_example(session, self._example))
        self._reading = None
        session = self._store.session
        self._apply(without_weight_edits)
        self._follow(start_checkpoint(session.lesson.network, session.training))
        self._store.begin_anew()
        self._call_waiting()

    def compare(self, settings: TrainingSettings) -> None:
        """Keep the run and train another from the same start with other settings, for as many epochs.

        Where nothing has been trained, the present settings are, for the lesson's epochs, and then the others.
        """
        self.pause_then(lambda: self._compare(settings))

    def train_for(self, epochs: int) -> None:
        """Train from where the session stands until so many epochs are done."""
        self._live.start()
        self._begin(paused=False, epochs=epochs)
        self._show()

    def add_run(self, run: LossRun, lesson: str, name: str) -> None:
        """Put a run that was saved on the plot."""
        self._keeper.add(run, lesson, name)

    def give_runs(self) -> PlotRuns:
        """What a session file keeps of the plot."""
        return PlotRuns(self._keeper.book, tuple((branch, number) for branch, (number, _) in self._left.items()))

    def take_runs(self, plot: object) -> None:
        """Put the runs of an opened session on the plot, in the place of all that are there."""
        assert isinstance(plot, PlotRuns)
        self._keeper.take(plot.book)
        self._left = {branch: (number, None) for branch, number in plot.of_branches}
        self._show()

    def pause_then(self, callback: Callable[[], object]) -> None:
        """Call back when training has paused and the session stands there; at once where nothing is trained."""
        if not self.running:
            callback()
            return
        self._waiting.append(callback)
        self.pause()

    def pause_then_ask(self, ask: Callable[[], object]) -> None:
        """As `pause_then`, for what opens a dialog: not within the trainer's answer, which it would keep waiting."""
        self.pause_then(lambda: QTimer.singleShot(0, self, ask))

    def go_to_epoch(self, epoch: int) -> None:
        """Let the session stand where the present run stood when an epoch had ended; a run that goes is paused."""
        self.pause_then(lambda: self._go_to_epoch(epoch))

    def lesson_opened(self, session: Session) -> None:
        """Leave the run: another lesson is opened, with this session. Runs that can be compared stay on the plot."""
        self._branch = FIRST
        self._left.clear()
        self._tell(self._keeper.begin(session))
        self._leave_for(session)

    def _data_changed(self, session: Session) -> None:
        """Other examples: of an edit, with which a run begins on the plot, or of a pass before or after one."""
        others = [number for number, _ in self._left.values()]
        if session.own_lesson is not self._own_lesson or not self._keeper.resume_on(session, others):
            self._tell(self._keeper.begin(session))
        self._leave_for(session)

    def _leave_for(self, session: Session) -> None:
        """Leave the run: what follows learns from other examples, or from other weights."""
        self._waiting.clear()
        self._next = None
        self._lesson, self._own_lesson, self._counting = session.lesson, session.own_lesson, counting_of(session)
        self._stands_on, self._edits = session.checkpoint, session.edits
        self._run = None
        self._reading = None
        self._client.stop()
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
        self._loss_plot.menu.settings_chosen.connect(self.compare)
        self._keeper.changed.connect(lambda: self._show())
        self._keeper.changed.connect(self.runs_changed)
        self._client.snapshot.connect(self._on_snapshot)
        self._client.state_changed.connect(self._on_state)
        self._client.failed.connect(self._on_failed)
        self._client.died.connect(self._on_died)

    def _resumable(self) -> bool:
        """Whether the training process stands exactly where the session does."""
        session = self._store.session
        return (
            self._client.state == "paused"
            and session.checkpoint is self._stands_on
            and self._followed is self._client.checkpoint
            and counting_of(session) == self._counting
            and _stopping(session) == self._sent
        )

    def _begin(self, paused: bool, epochs: int | None = None) -> None:
        """Start a run where the session stands, up to so many epochs or at first to the lesson's."""
        session = self._store.session
        lesson, checkpoint = session.lesson, session.checkpoint
        if checkpoint.epoch < self._keeper.present.last_epoch or self._edits not in (None, session.edits):
            self._tell(self._keeper.begin(session, checkpoint.epoch))
        else:
            self._keeper.go_on(session)
        self._edits = session.edits
        branches = self._store.branches
        if len(branches.all) > 1:
            self._keeper.name_present(branches.here.name)
        self._counting = counting_of(session)
        self._stands_on = checkpoint
        if self._run is None:
            self._example = session.example
        self._run = trained_on(session, checkpoint)
        self._sent = _stopping(session)
        watcher = None
        if self._sent:
            from nnviz.debugger.live import live_breakpoints  # not at the start, which it would delay

            watcher = live_breakpoints(session)
        limit = lesson.training.epochs if epochs is None else epochs
        self._client.start(
            session.network,
            lesson.dataset,
            session.training,
            session.convention,
            checkpoint,
            limit if checkpoint.epoch < limit else None,
            paused,
            watcher,
        )

    def _compare(self, settings: TrainingSettings) -> None:
        epochs = self._keeper.present.last_epoch
        if not epochs:
            self.reset()
            self.train_for(self._lesson.training.epochs)
            self._next = settings
        else:
            self._apply(lambda session: choose_training(session, settings))
            self._to_start()
            self.train_for(epochs)

    def _to_start(self) -> None:
        """Back to where the present run began: at the lesson's weights, or at those that the learner edited."""
        edited, run = self._store.session.edited, self._run
        first = None if run is None else checkpoint_at(run, self._lesson, same_data_from(run))
        self.reset()
        if self._edits and first is not None:
            start = replace(first, memory=self._store.session.checkpoint.memory)
            self._apply(lambda session: choose_checkpoint(replace(session, edited=edited), start))
            self._store.begin_anew()

    def _go_to_epoch(self, epoch: int) -> None:
        """Within the run, without training: what the curve shows of a run that was left is not gone to."""
        session = left(self._store.session)
        update = update_of_epoch(session, epoch)
        if update > session.run.end:
            self._tell(f"The run has got to update {grouped(session.run.end)}: epoch {grouped(epoch)} is not in it.")
            self._show()
        else:
            self._apply(lambda session: entered(left(session), max(update, session.run.first)))

    def _on_settings(self, settings: TrainingSettings) -> None:
        """Other settings; a run that goes begins anew with them at the newest place known."""
        running, newest = self.running, self._client.checkpoint
        if running and newest is not None:
            self._apply(lambda session: _counted(self._at(session, newest), session, settings))
            self._begin(paused=False)
        else:
            self._following = True
            try:
                before = self._store.session
                name = change_name(before, choose_training(before, settings))
                self._store.change(lambda session: choose_training(session, settings), name)
            finally:
                self._following = False

    def _branch_changed(self, session: Session) -> None:
        """Another branch is followed: its run is the present one again, or a new one begins beside that left."""
        here = self._store.branches.here
        if any(held.number == self._branch for held in self._store.branches.all):
            self._left[self._branch] = (self._keeper.number, self._run)
            name = next(held.name for held in self._store.branches.all if held.number == self._branch)
            self._keeper.name_present(name)
        same_data = self._lesson.dataset is session.lesson.dataset
        self._branch, self._lesson, self._counting = here.number, session.lesson, counting_of(session)
        self._stands_on, self._followed = session.checkpoint, None
        self._next, self._reading, self._edits = None, None, None
        self._client.stop()
        number, self._run = self._left.pop(here.number, (0, None))
        if not self._keeper.resume(number):
            self._tell(self._keeper.begin(session, session.checkpoint.epoch if same_data else 0))
        self._show(session)

    def _on_session(self, session: Session) -> None:
        if self._store.branches.here.number != self._branch:
            self._branch_changed(session)
            return
        if session.lesson.dataset is not self._lesson.dataset:
            self._data_changed(session)
            return
        if self.running and not self._following:
            if counting_of(session) != self._counting:
                self._on_settings(session.training)
            elif session.checkpoint is not self._stands_on:
                self._client.stop()  # the learner has gone elsewhere
            elif _stopping(session) != self._sent:
                self._on_settings(session.training)  # the training process is to look out for other breakpoints
        self._show(session)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self._keeper.grow(snapshot)
        checkpoint = snapshot.checkpoint
        if self._run is not None:
            self._run = noted(self._run, checkpoint)
        losses = self._keeper.present.losses
        loss = float(losses[-1]) if len(losses) else None
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
        if snapshot.halt is not None:
            self._on_halt(snapshot, snapshot.halt)
        elif snapshot.state != "failed" or not self._land(snapshot.checkpoint):
            self._follow(snapshot.checkpoint)
        self._call_waiting()
        settings, self._next = self._next, None
        if settings is not None and snapshot.state == "finished":
            self._compare(settings)

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

    def _on_halt(self, snapshot: Snapshot, halt: Halt) -> None:
        """A breakpoint has stopped the run: stand at the pass and step at which it did, and count the hit.

        The process tells it again when it answers what was asked before it stopped.
        """
        from nnviz.debugger.live import at_halt  # not at the start, which it would delay

        if self._told_halt == (snapshot.run, halt):
            return
        self._next, self._told_halt = None, (snapshot.run, halt)
        checkpoint = snapshot.checkpoint

        def move(session: Session) -> Session:
            there = at_halt(self._at(session, checkpoint), checkpoint, halt)
            stopped = found_breakpoint(there, halt.number)
            return change_breakpoint(there, halt.number, hits=max(stopped.hits, stopped.ignore) + 1)

        self._apply(move)
        self._stands_on, self._followed = self._store.session.checkpoint, None
        self.halted.emit(found_breakpoint(self._store.session, halt.number))

    def _at(self, session: Session, checkpoint: Checkpoint) -> Session:
        """The session at a checkpoint of the run."""
        if self._run is None:
            return choose_checkpoint(session, checkpoint)
        return entered(replace(session, run=self._run), checkpoint.update, at=checkpoint)

    def _follow(self, checkpoint: Checkpoint) -> None:
        """Let the session stand on a checkpoint of the run."""
        session = self._store.session
        if self._followed is checkpoint and session.checkpoint is self._stands_on:
            self._show()
        else:
            self._apply(lambda session: self._at(session, checkpoint))
        self._stands_on, self._followed = self._store.session.checkpoint, checkpoint

    def _land(self, behind: Checkpoint) -> bool:
        """Stand on the first number that is not finite, in the pass whose update led to `behind`; it is replayed."""
        run = self._run
        if run is None or run.first >= behind.update:
            return False
        run = noted(run, behind)
        self._apply(lambda session: go_to_nonfinite(entered(replace(session, run=run), behind.update - 1)))
        self._stands_on, self._followed = self._store.session.checkpoint, None
        self.landed.emit()
        return True

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
        epoch, examples = reading.checkpoint.epoch, len(session.lesson.dataset)
        notation, depth = session.notation, session.lesson.network.architecture.depth
        reward = None if reading.loss is None or not notation.reward else float(reward_of(reading.loss, examples))
        self._strip.render_state(
            replace(
                self._message,
                running=running,
                epoch=epoch,
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


def _counted(there: Session, session: Session, settings: TrainingSettings) -> Session:
    """The session there with these settings, and its convention and loss as they were chosen last."""
    return choose_loss(choose_convention(choose_training(there, settings), session.convention), session.loss)


def _stopping(session: Session) -> tuple[Breakpoint, ...]:
    """The breakpoints that may stop live training; without the hits that they count."""
    return tuple(replace(breakpoint, hits=0) for breakpoint in session.breakpoints if breakpoint.enabled)
