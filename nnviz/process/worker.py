"""The training process: it trains, sends snapshots to its parent, and ends when the parent ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from nnviz.process.messages import (
    Failure,
    Message,
    OneEpoch,
    Pause,
    Ready,
    RequestSnapshot,
    Resume,
    SetPace,
    Start,
    StopTraining,
    receive_message,
    send_message,
)
from nnviz.process.worker_run import REST, WorkerRun

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# multiprocessing is imported late: the window's first frame does not need it.

POLL_SECONDS = 0.005  # between polls of the pipe; a poll takes about 10 us
PARENT_SECONDS = 1.0  # between checks of the parent
PIPE_BYTES = 32_768  # certainly less than a pipe's buffer


def spawn_worker() -> tuple[BaseProcess, Connection]:
    """Start a training process; return it with this end of its pipe, on which `Ready` arrives first.

    Raises OSError if it cannot be started.
    """
    return spawn_process(serve, "nnviz-trainer")


def spawn_process(target: Callable[[Connection], None], name: str) -> tuple[BaseProcess, Connection]:
    """Start a process that calls `target` with its end of a pipe; return it with this end, without waiting.

    The process is a daemon: it ends with the interpreter at the latest. Raises OSError if it cannot be started.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs,), name=name, daemon=True)
    try:
        with _interrupts_held(), without_main():
            process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


@contextmanager
def without_main() -> Iterator[None]:
    """Hide the main module while a child starts, which would import it: a person's script would be run again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")  # without a file
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Block Ctrl+C while a child starts: it inherits the mask until it ignores the signal itself."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its start would reset the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(connection: Connection) -> None:
    """Obey the commands from the pipe until it is closed or the parent has ended. Never writes to the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = _Worker(connection)
    next_check = 0.0
    try:
        worker.report_ready(0)
        while True:
            if time.monotonic() >= next_check:
                if _parent_has_ended():
                    return
                next_check = time.monotonic() + PARENT_SECONDS
            worker.turn()
    except (EOFError, OSError):
        return


def _parent_has_ended() -> bool:
    from multiprocessing import parent_process

    parent = parent_process()
    return parent is not None and (os.getppid() != parent.pid or not parent.is_alive())


def one_line_of(error: Exception) -> str:
    """Return an error with its type, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


class _Worker:
    """The worker's end of the pipe, and its run. Mutable: the run changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._run: WorkerRun | None = None
        self._next_answer = 0.0

    def report_ready(self, run: int) -> None:
        """Report that the worker waits for a `Start`."""
        self._run = None
        send_message(self._connection, Ready(run))

    def turn(self) -> None:
        """Train for a moment, answer, and obey new commands; without a run, wait for commands."""
        try:
            self._train()
            wait = self._wait()
            while self._connection.poll(wait):
                wait = 0.0
                message = receive_message(self._connection)
                if isinstance(message, Message):
                    self._obey(message)
        except (EOFError, OSError):
            raise
        except Exception as error:
            run = 0 if self._run is None else self._run.number
            send_message(self._connection, Failure(run, one_line_of(error)))
            self.report_ready(run)

    def _wait(self) -> float:
        """Return how long commands are waited for: not at all by a run that trains as fast as it can."""
        if self._run is None or not self._is_running():
            return PARENT_SECONDS
        return 0.0 if self._run.pace is None else POLL_SECONDS

    def _is_running(self) -> bool:
        return self._run is not None and self._run.state == "running"

    def _train(self) -> None:
        run = self._run
        if run is None or run.state != "running":
            return
        run.train(POLL_SECONDS)
        if not self._is_running() or (run.snapshot_requested and time.perf_counter() >= self._next_answer):
            self._answer(run)

    def _answer(self, run: WorkerRun) -> None:
        run.measure_accuracy()
        snapshot = run.snapshot()
        # A small answer takes only its own CPU time: the window, which then uses the core, is not counted. An answer
        # larger than the pipe's buffer blocks until it is read, so the elapsed time counts.
        clock = time.thread_time if snapshot.checkpoint.parameters.nbytes < PIPE_BYTES else time.perf_counter
        begun = clock()
        send_message(self._connection, snapshot)
        self._next_answer = time.perf_counter() + REST * (clock() - begun)

    def _obey(self, command: Message) -> None:
        if isinstance(command, Start):
            self._run = WorkerRun(command)
            if not self._is_running():
                self._answer(self._run)
            return
        run = self._run
        if run is None or command.run != run.number:
            return
        run.answered = command.number
        match command:
            case StopTraining():
                self.report_ready(run.number)
                return
            case Pause() if run.state == "running":
                run.state = "paused"
            case Resume() if run.state in ("running", "paused"):
                run.resume()
            case OneEpoch() if run.state in ("running", "paused"):
                run.resume(epochs=1)
            case SetPace(pace=pace):
                run.set_pace(pace)
            case RequestSnapshot():
                run.snapshot_requested = True
        if not self._is_running():
            self._answer(run)
