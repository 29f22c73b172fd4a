"""The window's side of live training: the owner of the training process, polled once a frame."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.training import Checkpoint, TrainingSettings, start_checkpoint
from nnviz.present.runs.curve import grouped
from nnviz.process.messages import (
    Failure,
    Message,
    OneEpoch,
    Pause,
    Ready,
    RequestSnapshot,
    Resume,
    SetPace,
    Snapshot,
    Start,
    StopTraining,
    receive_message,
    send_message,
)
from nnviz.process.watcher import Watcher
from nnviz.process.worker import spawn_worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

FRAME_MS = 16
HEARTBEAT_MS = 200
PATIENCE_SECONDS = (1.0, 0.5, 0.5)  # wait for a normal exit, after terminate, after kill


def end_process(process: BaseProcess) -> None:
    """Wait for a process whose pipe is closed; terminate and finally kill it, within about 2 s."""
    for press, seconds in zip((None, process.terminate, process.kill), PATIENCE_SECONDS, strict=True):
        if press is not None:
            press()
        process.join(seconds)
        if process.exitcode is not None:
            process.close()
            return


def death_notice(exitcode: int | None, checkpoint: Checkpoint | None) -> str:
    """Return how the process ended (negative exit codes are signals), and where training can resume."""
    how = "" if exitcode is None else f" (signal {-exitcode})" if exitcode < 0 else f" (exit status {exitcode})"
    place = "" if checkpoint is None else f"; training can resume from update {grouped(checkpoint.update)}"
    return f"The training process stopped unexpectedly{how}. Nothing is lost{place}."


class TrainingClient(QObject):
    """The client that starts, controls and monitors the training process; only `shutdown` waits for it.

    `state` is "idle", "running", "paused", "finished", "failed" or "died". It becomes "running" when that is
    requested, and any other state when the process reports it. On each message `last` and `state` are set first.
    Then `snapshot(Snapshot)` is emitted, `state_changed(state)` if the state changed, and `failed(message)` if the run
    cannot continue. `died(message)` is emitted when the process ends during a run; `start` makes a new one. Call
    `shutdown` before the client is deleted.
    """

    snapshot = Signal(object)
    state_changed = Signal(str)
    failed = Signal(str)
    died = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._notifier: QSocketNotifier | None = None
        self._ready = False
        self._state = "idle"
        self._run = 0
        self._number = 0  # of the last command sent
        self._steered = 0  # of the last command except Ask; earlier snapshots do not report the state
        self._wanted = 0  # of the last command that is answered at once
        self._answered = 0
        self._started: int | None = None  # the run that the process works on
        self._waiting: list[Message] = []  # commands held until the process is ready, a Start first
        self._first: Checkpoint | None = None
        self._last: Snapshot | None = None
        self._pace: float | None = None
        self._frame = self._timer(FRAME_MS, Qt.TimerType.PreciseTimer, self._on_frame)
        self._heartbeat = self._timer(HEARTBEAT_MS, Qt.TimerType.CoarseTimer, self._on_heartbeat)

    @property
    def state(self) -> str:
        """The state of the run; see the class."""
        return self._state

    @property
    def last(self) -> Snapshot | None:
        """The latest snapshot of this run, kept when the process dies or the run is stopped."""
        return self._last

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The latest checkpoint of this run, from which `start` can continue; its start before any snapshot."""
        return self._first if self._last is None else self._last.checkpoint

    @property
    def pid(self) -> int | None:
        """The id of the process, or None if there is none."""
        return None if self._process is None else self._process.pid

    def warm(self) -> None:
        """Start the process without waiting (about 0.3 s), so that the first run begins at once."""
        if self._process is not None and self._connection is not None and self._process.is_alive():
            return
        self._discard()
        try:
            self._process, self._connection = spawn_worker()
        except OSError as error:
            self._announce_death(f"The training process could not be started: {error}.")
            return
        if sys.platform != "win32":
            # A large snapshot fills the pipe and blocks the process until it is read: do not wait for the frame.
            self._notifier = QSocketNotifier(self._connection.fileno(), QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._receive)
        self._heartbeat.start()

    def start(
        self,
        network: Network,
        dataset: Dataset,
        settings: TrainingSettings,
        convention: Convention,
        *,
        checkpoint: Checkpoint | None = None,
        epochs: int | None = None,
        paused: bool = False,
        watcher: Watcher | None = None,
        held_out: Dataset | None = None,
    ) -> int:
        """Begin a run from `checkpoint`, or from the network's own parameters; drop any earlier run.

        Return the run's number, which its snapshots have.

        It ends after `epochs` epochs, including those before the checkpoint; with None it does not end. A `paused` run
        waits for `resume` or `one_epoch`. A `watcher` may pause it. `held_out` are examples that are
        measured besides.
        """
        self._drop_run()
        self._first = start_checkpoint(network, settings) if checkpoint is None else checkpoint
        self._last = None
        self.warm()
        if self._process is None:
            return self._run
        self._post(
            Start(
                run=self._run,
                number=self._next_number(steers=True, answered=paused),
                architecture=network.architecture,
                checkpoint=self._first,
                dataset=dataset,
                settings=settings,
                convention=convention,
                epochs=epochs,
                paused=paused,
                watcher=watcher,
                held_out=held_out,
                pace=self._pace,
            )
        )
        self._set_state("paused" if paused else "running")
        self._settle()
        return self._run

    def pause(self) -> None:
        """Pause between two updates; a snapshot of exactly that state follows."""
        if self._state == "running":
            self._post(Pause(run=self._run, number=self._next_number(steers=True, answered=True)))
            self._settle()

    def resume(self) -> None:
        """Continue after a pause."""
        if self._state == "paused":
            self._post(Resume(run=self._run, number=self._next_number(steers=True)))
            self._set_state("running")
            self._settle()

    def one_epoch(self) -> None:
        """Train to the end of the current epoch and pause; at the end of an epoch, train the next one."""
        if self._state in ("running", "paused"):
            self._post(OneEpoch(run=self._run, number=self._next_number(steers=True)))
            self._set_state("running")
            self._settle()

    def set_pace(self, pace: float | None) -> None:
        """Set the most updates in a second, None for as many as possible, also of a run under way."""
        self._pace = pace
        if self._state in ("running", "paused"):
            self._post(SetPace(run=self._run, number=self._next_number(), pace=pace))

    def stop(self) -> None:
        """Drop the run without another snapshot; `last` is kept. Pause first to get the exact state."""
        self._drop_run()
        self._set_state("idle")
        self._settle()

    def ask(self) -> None:
        """Request the latest snapshot unless an answer is pending; called each frame while running."""
        if self._state in ("running", "paused") and self._started == self._run and not self._is_answer_due():
            self._post(RequestSnapshot(run=self._run, number=self._next_number(answered=True)))
            self._settle()

    def shutdown(self) -> None:
        """End the process, waiting for it for about 2 s at most. The client can be used again."""
        self._drop_run()
        self._discard()
        self._set_state("idle")

    def _timer(self, milliseconds: int, kind: Qt.TimerType, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(kind)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _on_frame(self) -> None:
        self._receive()
        if self._state == "running":
            self.ask()
        self._settle()

    def _on_heartbeat(self) -> None:
        process = self._process
        if process is None:
            return
        alive = process.is_alive()
        self._receive()  # the last messages of a dead process
        if self._process is not process:
            return
        if alive and self._connection is None:
            process.kill()  # no messages can reach it
        elif not alive:
            self._lose(process)

    def _lose(self, process: BaseProcess) -> None:
        exitcode = process.exitcode
        self._discard()
        if self._state in ("running", "paused"):
            self._announce_death(death_notice(exitcode, self.checkpoint))

    def _announce_death(self, notice: str) -> None:
        self._drop_run()
        self._set_state("died")
        self.died.emit(notice)

    def _discard(self) -> None:
        """Close the pipe and end the process if it still runs."""
        self._frame.stop()
        self._heartbeat.stop()
        self._close_pipe()
        process, self._process = self._process, None
        if process is not None:
            end_process(process)

    def _close_pipe(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
        if self._connection is not None:
            self._connection.close()
        self._notifier = self._connection = None
        self._ready = False
        self._started = None

    def _drop_run(self) -> None:
        """Ignore later messages of the current run and order the process to drop it."""
        if self._started is not None:
            self._send(StopTraining(run=self._started, number=self._next_number()))
            self._started = None
        self._run += 1
        self._waiting.clear()
        self._answered = self._wanted

    def _next_number(self, *, steers: bool = False, answered: bool = False) -> int:
        self._number += 1
        if steers:
            self._steered = self._number
        if answered:
            self._wanted = self._number
        return self._number

    def _is_answer_due(self) -> bool:
        return self._wanted > self._answered

    def _post(self, command: Message) -> None:
        """Send a command of this run, or hold it until the process is ready for the run's Start."""
        if self._started == self._run:
            self._send(command)
        else:
            self._waiting.append(command)
            self._send_waiting()

    def _send_waiting(self) -> None:
        if self._ready and self._waiting:
            self._ready = False
            self._started = self._run
            waiting, self._waiting = self._waiting, []
            for command in waiting:
                self._send(command)

    def _send(self, command: Message) -> None:
        if self._connection is None:
            return
        try:
            send_message(self._connection, command)
        except OSError:
            self._close_pipe()  # the heartbeat finds the reason

    def _receive(self) -> None:
        """Receive pending messages without waiting; called each frame, each heartbeat, and when Qt signals data."""
        while (connection := self._connection) is not None:
            try:
                if not connection.poll(0):
                    return
                message = receive_message(connection)
            except (EOFError, OSError):
                if connection is self._connection:
                    self._close_pipe()
                return
            self._handle(message)

    def _handle(self, message: object) -> None:
        match message:
            case Ready():
                self._ready = True
                self._send_waiting()
            case Snapshot(run=run) if run == self._run:
                self._handle_snapshot(message)
            case Failure(run=run) if run in (0, self._run):
                self._started = None
                self._fail(message.message)

    def _handle_snapshot(self, snapshot: Snapshot) -> None:
        self._answered = max(self._answered, snapshot.answered)
        self._last = snapshot
        before = self._state
        if snapshot.answered >= self._steered:
            self._state = snapshot.state
        self.snapshot.emit(snapshot)
        if snapshot.run != self._run or self._state == before:
            return  # a slot has changed the state
        self.state_changed.emit(self._state)
        if snapshot.run == self._run and snapshot.state == "failed":
            self.failed.emit(snapshot.message)

    def _fail(self, message: str) -> None:
        self._answered = self._wanted
        self._set_state("failed")
        self.failed.emit(message)

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def _settle(self) -> None:
        """Poll the pipe each frame while messages may arrive, or else at the heartbeat only."""
        busy = self._state == "running" or self._is_answer_due() or bool(self._waiting)
        if busy and self._connection is not None:
            if not self._frame.isActive():
                self._frame.start()
        else:
            self._frame.stop()
