"""A desk for the transitions of live training: session, plot and training process as in the window, but without Qt.

The process is a real run of the training process, which works when it is told to; what it sends arrives when the test
lets it, also late. All that a transition asks for is carried out in order, as the window does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from nnviz.debugger.branches import Branches, change_branch, forget_future, one_branch, replace_session
from nnviz.debugger.conditions.live_breakpoints import live_breakpoints
from nnviz.debugger.state.session import Session, choose_training, start_session
from nnviz.debugger.training import effects, events
from nnviz.debugger.training.effects import TrainingEffect
from nnviz.debugger.training.events import TrainingEvent, TrainingFacts
from nnviz.debugger.training.training_state import TrainingState, start_training
from nnviz.debugger.training.transitions import handle
from nnviz.engine.training import Checkpoint
from nnviz.lessons.lesson import Lesson
from nnviz.process.messages import Message, OneEpoch, Pause, Resume, Snapshot, Start, StopTraining
from nnviz.process.worker_run import WorkerRun


class Process:
    """The training process and the window's end of it. `sent` are the snapshots that have not arrived yet."""

    def __init__(self, tell: Callable[[TrainingEvent], None]) -> None:
        self.tell = tell
        self.state, self.number, self.can_start = "idle", 0, True
        self.run: WorkerRun | None = None  # the only one
        self.commands: list[Message] = []
        self.sent: list[Snapshot] = []
        self._said = self._steered = 0

    # The window's end

    def start(self, session: Session, epochs: int | None, paused: bool, is_watched: bool) -> int:
        self._drop()
        if not self.can_start:
            self._die("The trainer could not be started.")
            return self.number
        start = Start(
            run=self.number,
            number=self._next(),
            architecture=session.network.architecture,
            checkpoint=session.checkpoint,
            dataset=session.lesson.dataset,
            settings=session.training,
            convention=session.convention,
            epochs=epochs,
            paused=paused,
            watcher=live_breakpoints(session) if is_watched else None,
        )
        self.commands.append(start)
        self._change("paused" if paused else "running")
        return self.number

    def pause(self) -> None:
        if self.state == "running":
            self.commands.append(Pause(run=self.number, number=self._next()))

    def resume(self) -> None:
        assert self.state == "paused", "only a run that waits is resumed"
        self.commands.append(Resume(run=self.number, number=self._next()))
        self._change("running")

    def one_epoch(self) -> None:
        if self.state in ("running", "paused"):
            self.commands.append(OneEpoch(run=self.number, number=self._next()))
            self._change("running")

    def stop(self) -> None:
        self._drop()
        self._change("idle")

    def receive(self, snapshot: Snapshot) -> None:
        """A snapshot arrives; one of an earlier run changes nothing here."""
        before = self.state
        is_late = snapshot.run != self.number
        if not is_late and snapshot.answered >= self._steered:
            self.state = snapshot.state
        self.tell(events.SnapshotArrived(snapshot, self.state, is_due=True))
        if is_late or snapshot.run != self.number or self.state == before:
            return
        self.tell(events.ProcessChanged(self.state))
        if snapshot.run == self.number and snapshot.state == "failed":
            self.tell(events.RunFailed(snapshot.message))

    def die(self) -> None:
        self.run = None
        self.commands.clear()
        if self.state in ("running", "paused"):
            self._die("The trainer stopped unexpectedly.")

    def _die(self, message: str) -> None:
        self._drop()
        self._change("died")
        self.tell(events.ProcessDied(message))

    def _drop(self) -> None:
        self.commands.append(StopTraining(run=self.number, number=self._next(steers=False)))
        self.number += 1

    def _next(self, steers: bool = True) -> int:
        self._said += 1
        self._steered = self._said if steers else self._steered
        return self._said

    def _change(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.tell(events.ProcessChanged(state))

    # The process

    def work(self, updates: int = 1) -> None:
        """Do what was said, then make some updates, and send a snapshot after each."""
        commands, self.commands = self.commands, []
        for command in commands:
            self._obey(command)
        for _ in range(updates):
            if self.run is not None and self.run.state == "running":
                self.run._burst = 1
                self.run.train(0.0)
                self.sent.append(self.run.snapshot())

    def _obey(self, command: Message) -> None:
        if isinstance(command, Start):
            assert self.run is None, "two runs at once"
            self.run = WorkerRun(command)
        run = self.run
        if run is None or command.run != run.number:
            return
        run.answered = command.number
        match command:
            case StopTraining():
                self.run = None
                return
            case Pause() if run.state == "running":
                run.state = "paused"
            case Resume() if run.state in ("running", "paused"):
                run.resume()
            case OneEpoch() if run.state in ("running", "paused"):
                run.resume(epochs=1)
        if run.state != "running":
            self.sent.append(run.snapshot())


@dataclass
class Curve:
    """A curve on the plot: its last epoch, and the data that it is of."""

    number: int
    data: object
    last_epoch: int = 0
    name: str = ""


@dataclass
class Desk:
    """Everything that training touches; `done` are the effects that were carried out."""

    lesson: Lesson
    said_by_plot: str = ""
    done: list[TrainingEffect] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    shown: list[Session | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = start_session(self.lesson)
        self.branches: Branches = one_branch(session)
        self.process = Process(self.tell)
        self.curve = Curve(1, session.lesson.dataset)
        self.curves = {1: self.curve}
        self._is_own = False
        self.state: TrainingState = start_training(session)

    @property
    def session(self) -> Session:
        return self.branches.here.session

    @property
    def checkpoint(self) -> Checkpoint:
        return self.session.checkpoint

    # In

    def tell(self, event: TrainingEvent) -> None:
        facts = TrainingFacts(self.branches, self.curve.number, self.curve.last_epoch)
        self.state, found = handle(self.state, event, facts)
        for effect in found:
            self.done.append(effect)
            getattr(self, CARRIERS[type(effect)])(effect)

    def apply(self, move: Callable[[Session], Session]) -> None:
        """The user changes the session, without a pause."""
        self.put(replace_session(self.branches, move(self.session)))

    def put(self, branches: Branches) -> None:
        """The user changes branches, or the session of the one that is followed."""
        if branches is not self.branches:
            self.branches = branches
            self.tell(events.SessionChanged(self.session, self._is_own))

    def pause_then(self, callback: Callable[[], object]) -> None:
        self.tell(events.CallRequested(callback))

    def open_lesson(self, lesson: Lesson) -> None:
        session = start_session(lesson)
        self.tell(events.LessonOpened(session))
        self.put(one_branch(session))

    def work(self, updates: int = 1) -> None:
        """The process works, and all that it sends arrives in time."""
        self.process.work(updates)
        while self.process.sent:
            self.process.receive(self.process.sent.pop(0))

    def train_to_rest(self) -> None:
        for _ in range(1000):
            if not self.state.is_running:
                return
            self.work()
        raise AssertionError("it goes on for ever")

    # Effects

    def _start_run(self, effect: effects.StartRun) -> None:
        number = self.process.start(effect.session, effect.epochs, effect.paused, effect.is_watched)
        self.tell(events.RunStarted(number))

    def _resume_run(self, effect: effects.ResumeRun) -> None:
        self.process.resume()

    def _pause_run(self, effect: effects.PauseRun) -> None:
        self.process.pause()

    def _train_one_epoch(self, effect: effects.TrainOneEpoch) -> None:
        self.process.one_epoch()

    def _stop_run(self, effect: effects.StopRun | effects.EndProcess) -> None:
        self.process.stop()

    def _put_session(self, effect: effects.PutSession) -> None:
        self._is_own = True
        if effect.session != self.session:
            self.put(replace_session(self.branches, effect.session))
        self._is_own = False

    def _forget_future(self, effect: effects.ForgetFuture) -> None:
        self.branches = forget_future(self.branches)

    def _change_settings(self, effect: effects.ChangeSettings) -> None:
        self.put(change_branch(self.branches, lambda session: choose_training(session, effect.settings), "settings"))

    def _begin_curve(self, effect: Any) -> None:
        number = max(self.curves) + 1
        self.curve = Curve(number, effect.session.lesson.dataset, getattr(effect, "epoch", 0))
        self.curves[number] = self.curve
        self.tell(events.PlotMessage(self.said_by_plot))

    def _continue_curve(self, effect: effects.ContinueCurve) -> None:
        self.curve.last_epoch = effect.session.checkpoint.epoch

    def _name_curve(self, effect: effects.NameCurve) -> None:
        self.curve.name = self.curve.name or effect.name

    def _resume_curve(self, effect: effects.ResumeCurve) -> None:
        if effect.number in self.curves:
            self.curve = self.curves[effect.number]
        else:
            self._begin_curve(effect)

    def _resume_curve_of_data(self, effect: effects.ResumeCurveOfData) -> None:
        data = effect.session.lesson.dataset
        found = [curve for curve in self.curves.values() if curve.data is data and curve.number not in effect.others]
        if found:
            self.curve = found[-1]
        else:
            self._begin_curve(effect)

    def _grow_curve(self, effect: effects.GrowCurve) -> None:
        if len(effect.snapshot.epochs):
            self.curve.last_epoch = int(effect.snapshot.epochs[-1])

    def _show(self, effect: effects.ShowTraining) -> None:
        self.shown.append(effect.session)

    def _nothing(self, effect: TrainingEffect) -> None:
        pass

    def _call(self, effect: effects.RunCallback) -> None:
        effect.callback()

    def _announce(self, effect: Any) -> None:
        words = {effects.AnnounceHalt: "halted", effects.AnnounceNonFinite: "landed"}
        self.announced.append(words.get(type(effect)) or effect.state)

    def _handle_next(self, effect: effects.HandleNext) -> None:
        self.tell(effect.event)


CARRIERS: dict[type, str] = {
    effects.StartRun: "_start_run",
    effects.ResumeRun: "_resume_run",
    effects.PauseRun: "_pause_run",
    effects.TrainOneEpoch: "_train_one_epoch",
    effects.StopRun: "_stop_run",
    effects.EndProcess: "_stop_run",
    effects.PutSession: "_put_session",
    effects.ForgetFuture: "_forget_future",
    effects.ChangeSettings: "_change_settings",
    effects.BeginCurve: "_begin_curve",
    effects.ContinueCurve: "_continue_curve",
    effects.NameCurve: "_name_curve",
    effects.ResumeCurve: "_resume_curve",
    effects.ResumeCurveOfData: "_resume_curve_of_data",
    effects.GrowCurve: "_grow_curve",
    effects.ShowTraining: "_show",
    effects.ForgetReading: "_nothing",
    effects.ShowParameters: "_nothing",
    effects.RestartClock: "_nothing",
    effects.RunCallback: "_call",
    effects.AnnounceState: "_announce",
    effects.AnnounceHalt: "_announce",
    effects.AnnounceNonFinite: "_announce",
    effects.HandleNext: "_handle_next",
}


def with_rate(session: Session, rate: float) -> Any:
    """The session's settings with another learning rate."""
    return replace(session.training, rates=replace(session.training.rates, learning_rate=rate))
