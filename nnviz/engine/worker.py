"""The training process: it trains while its parent asks for snapshots, and ends when its parent does."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Architecture, make_network
from nnviz.engine.training import Checkpoint, NonFiniteError, Trainer, TrainingSettings, accuracy

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# multiprocessing is imported where a process is made or served: the window's first frame needs none of it.

LOSS_LIMIT = 2000  # epoch losses in one snapshot
POLL_SECONDS = 0.005  # between looks into the pipe; a look costs some 10 us
PARENT_SECONDS = 1.0  # between looks after the parent
BURST_SECONDS = 0.0005  # of updates between looks at the clock
RATE_SECONDS = 0.25  # over which the speed is measured
PIPE_BYTES = 32_768  # surely less than a pipe's buffer
REST = 40  # what answering costs is followed by so many times that of training

RunState = Literal["running", "paused", "finished", "failed"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """What the parent says. `number` counts commands up; one for another run than the worker's is dropped."""

    run: int
    number: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Start(Command):
    """Train from `checkpoint`, until `epochs` epochs have been made since the run began, or without end.

    Send it only to a worker that is `Ready`: then neither end can wait for the other to read. It is answered
    when `paused`, or when no epoch is left to train.
    """

    architecture: Architecture
    checkpoint: Checkpoint
    dataset: Dataset
    settings: TrainingSettings
    convention: Convention
    epochs: int | None = None
    paused: bool = False


class Pause(Command):
    """Stop between two updates; answered with where that is."""


class Resume(Command):
    """Go on from a pause; answered only when the run cannot."""


class OneEpoch(Command):
    """Train to the end of the current epoch and pause; answered there."""


class Stop(Command):
    """Forget the run; answered with `Ready`."""


class Ask(Command):
    """Asks for the newest snapshot; answered once, soon, and at a rate that leaves the training its time."""


@dataclass(frozen=True)
class Ready:
    """The worker waits for a `Start`; `run` is the one it was at before, or 0."""

    run: int


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Where a run stands.

    `answered` is the number of the last command that it takes into account. `losses` are the mean losses of the
    epochs that ended since the last snapshot and `epochs` their numbers, from 1: at most LOSS_LIMIT, evenly
    thinned, the last always among them. `accuracy` (0 to 1, None where targets are no classes or the run
    failed) may be of a slightly earlier update while running. `examples_per_second` is measured over the last
    quarter of a second or so of training, 0.0 before any. `message` says why a run failed.
    """

    run: int
    answered: int
    checkpoint: Checkpoint
    epochs: NDArray[np.int64]
    losses: FloatArray
    accuracy: float | None
    examples_per_second: float
    state: RunState
    message: str = ""


@dataclass(frozen=True)
class Failure:
    """The run could not go on for a reason that was not foreseen, told in one line; 0 is whichever is current."""

    run: int
    message: str


Report = Ready | Snapshot | Failure


def send_message(connection: Connection, message: Command | Report) -> None:
    """Send so that read-only arrays arrive read-only. Raises OSError when the other end is gone."""
    connection.send_bytes(pickle.dumps(message, protocol=5))


def receive_message(connection: Connection) -> object:
    """The next message, waiting for it. Raises EOFError or OSError when the other end is gone."""
    return pickle.loads(connection.recv_bytes())


def spawn_worker() -> tuple[BaseProcess, Connection]:
    """A new training process, and this end of its pipe, on which `Ready` comes first.

    It is a daemon: ended with the interpreter at the latest. Raises OSError when no process can be made.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), name="nnviz-trainer", daemon=True)
    try:
        with _interrupts_held():
            process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back from a child that does not ignore it yet: it inherits the mask."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its own start would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(connection: Connection) -> None:
    """Train as the other end of the pipe says, until it or the parent is gone. Never writes to the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = _Worker(connection)
    due = 0.0
    try:
        worker.report_ready(0)
        while True:
            if time.monotonic() >= due:
                if _parent_is_gone():
                    return
                due = time.monotonic() + PARENT_SECONDS
            worker.turn()
    except (EOFError, OSError):
        return


def _parent_is_gone() -> bool:
    from multiprocessing import parent_process

    parent = parent_process()
    return parent is not None and (os.getppid() != parent.pid or not parent.is_alive())


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


@dataclass(eq=False)
class _LossLog:
    """The epoch losses since the last snapshot; thinned by doubling `stride`. Mutable: it grows with the run."""

    epochs: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    stride: int = 1
    last: tuple[int, float] | None = None

    def thin(self) -> None:
        """Double the stride until one place is left for the last epoch."""
        while len(self.epochs) >= LOSS_LIMIT:
            self.stride *= 2
            kept = [i for i, epoch in enumerate(self.epochs) if epoch % self.stride == 0]
            self.epochs = [self.epochs[i] for i in kept]
            self.losses = [self.losses[i] for i in kept]

    def arrays(self) -> tuple[NDArray[np.int64], FloatArray]:
        """Epoch numbers and losses, with the last epoch, read-only."""
        missing = [] if self.last is None or self.epochs[-1:] == [self.last[0]] else [self.last]
        epochs = np.array(self.epochs + [epoch for epoch, _ in missing], dtype=np.int64)
        epochs.setflags(write=False)
        return epochs, frozen_array(self.losses + [loss for _, loss in missing])


class _Run:
    """One run in the worker: its trainer, and what is to be told of it. Mutable: it trains."""

    def __init__(self, start: Start) -> None:
        network = make_network(start.architecture, start.checkpoint.parameters)
        self.trainer = Trainer(network, start.dataset, start.settings, start.convention)
        self.trainer.restore(start.checkpoint)
        self.number = start.run
        self.answered = start.number
        self.asked = False
        self.state: RunState = "paused" if start.paused else "running"
        self._limit = start.epochs
        self._stop: float = float("inf") if start.epochs is None else start.epochs
        self._burst = 1
        self._log = _LossLog()
        self._message = ""
        self._accuracy: float | None = None
        self._accuracy_due = 0.0
        self._speed = 0.0
        examples = len(start.dataset)
        self._examples_per_update = examples / -(-examples // start.settings.batch_size(examples))
        self._mark = (time.perf_counter(), self.trainer.update_count)
        if self.trainer.epoch >= self._stop:
            self.state = "finished"

    def resume(self, epochs: int | None = None) -> None:
        """Train on, to the limit of the run, or for so many epochs if that is sooner."""
        limits = [] if self._limit is None else [self._limit]
        limits += [] if epochs is None else [self.trainer.epoch + epochs]
        self._stop = min(limits, default=float("inf"))
        if self.state == "paused":
            self._mark = (time.perf_counter(), self.trainer.update_count)
        self.state = "running"

    def train(self, seconds: float) -> None:
        """Update for so long, at least once, or until the state changes."""
        begun = time.perf_counter()
        before = self.trainer.update_count
        try:
            while self.state == "running":
                self._train_burst()
                if time.perf_counter() >= begun + seconds:
                    break
        except NonFiniteError as error:
            self.state, self._message = "failed", str(error)
        now = time.perf_counter()
        each = (now - begun) / max(1, self.trainer.update_count - before)
        self._burst = max(1, min(int(BURST_SECONDS / each), 2 * self._burst))
        self._log.thin()
        self._measure_speed(now)

    def _train_burst(self) -> None:
        """Some updates, and no look at the clock: one costs a part of an update of a small network."""
        trainer, log, stop = self.trainer, self._log, self._stop
        update, stride = trainer.update, log.stride
        for _ in range(self._burst):
            loss = update()
            if loss is not None:
                epoch = trainer.epoch
                log.last = (epoch, loss)
                if not epoch % stride:
                    log.epochs.append(epoch)
                    log.losses.append(loss)
                if epoch >= stop:
                    self.state = "finished" if self._limit is not None and epoch >= self._limit else "paused"
                    return

    def snapshot(self) -> Snapshot:
        """Where the run stands, and the losses since the last call."""
        self.asked = False
        epochs, losses = self._log.arrays()
        self._log = _LossLog()
        return Snapshot(
            self.number,
            self.answered,
            self.trainer.checkpoint(),
            epochs,
            losses,
            None if self.state == "failed" else self._accuracy,
            self._speed,
            self.state,
            self._message,
        )

    def measure_accuracy(self) -> None:
        """Measure anew for the next snapshot, unless the run moves and it was a moment ago: it takes a whole pass."""
        if self.state == "failed" or (self.state == "running" and time.perf_counter() < self._accuracy_due):
            return
        begun = time.thread_time()
        with np.errstate(all="ignore"):
            self._accuracy = accuracy(self.trainer.network(), self.trainer.dataset)
        self._accuracy_due = time.perf_counter() + REST * (time.thread_time() - begun)

    def _measure_speed(self, now: float) -> None:
        since, before = self._mark
        if now - since >= RATE_SECONDS or self._speed == 0.0:
            self._speed = (self.trainer.update_count - before) * self._examples_per_update / (now - since)
        if now - since >= RATE_SECONDS:
            self._mark = (now, self.trainer.update_count)


class _Worker:
    """The worker's end of the pipe, and its run. Mutable: it has one run or none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._run: _Run | None = None
        self._answer_due = 0.0

    def report_ready(self, run: int) -> None:
        """Say that a `Start` is waited for."""
        self._run = None
        send_message(self._connection, Ready(run))

    def turn(self) -> None:
        """Train for a moment, answer, and do what has been said meanwhile; without a run, wait for some time."""
        try:
            self._train()
            wait = 0.0 if self._is_running() else PARENT_SECONDS
            while self._connection.poll(wait):
                wait = 0.0
                message = receive_message(self._connection)
                if isinstance(message, Command):
                    self._obey(message)
        except (EOFError, OSError):
            raise
        except Exception as error:
            run = 0 if self._run is None else self._run.number
            send_message(self._connection, Failure(run, _one_line(error)))
            self.report_ready(run)

    def _is_running(self) -> bool:
        return self._run is not None and self._run.state == "running"

    def _train(self) -> None:
        run = self._run
        if run is None or run.state != "running":
            return
        run.train(POLL_SECONDS)
        if not self._is_running() or (run.asked and time.perf_counter() >= self._answer_due):
            self._answer(run)

    def _answer(self, run: _Run) -> None:
        run.measure_accuracy()
        snapshot = run.snapshot()
        # A small answer costs what it computes: that the window, woken by it, takes the core for a while is no cost of
        # answering. One larger than the pipe holds the run up until it is read.
        clock = time.thread_time if snapshot.checkpoint.parameters.nbytes < PIPE_BYTES else time.perf_counter
        begun = clock()
        send_message(self._connection, snapshot)
        self._answer_due = time.perf_counter() + REST * (clock() - begun)

    def _obey(self, command: Command) -> None:
        if isinstance(command, Start):
            self._run = _Run(command)
            if not self._is_running():
                self._answer(self._run)
            return
        run = self._run
        if run is None or command.run != run.number:
            return
        run.answered = command.number
        match command:
            case Stop():
                self.report_ready(run.number)
                return
            case Pause() if run.state == "running":
                run.state = "paused"
            case Resume() if run.state in ("running", "paused"):
                run.resume()
            case OneEpoch() if run.state in ("running", "paused"):
                run.resume(epochs=1)
            case Ask():
                run.asked = True
        if not self._is_running():
            self._answer(run)
