"""Processes that apply a function to items, without anybody waiting for them: the window asks for what is done."""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnviz.process.worker import one_line_of, spawn_process

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

GONE = "a process of the sweep ended unexpectedly"
END_SECONDS = 1.0  # to wait for a killed process


class JobError(Exception):
    """A job that cannot be done; its text is the reason in one line."""


@dataclass(frozen=True)
class JobDone:
    """A finished job: its place in the order of the jobs, and its answer or why there is none."""

    place: int
    answer: Any
    problem: str = ""


def default_workers() -> int:
    """Return how many processes work beside the window: one for each core but one, and at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


class JobPool:
    """Processes that work on jobs in order. Mutable: `finished` hands out what is done, `close` ends everything."""

    def __init__(self, function: Callable[[Any], Any], items: Iterable[Any], workers: int) -> None:
        """Start the processes. `function` and items can be pickled. Raises OSError if none can be started."""
        self._function = function
        self._waiting = deque(enumerate(items))
        self._workers: dict[Connection, BaseProcess] = {}
        self._busy: dict[Connection, int] = {}
        try:
            for _ in range(min(workers, len(self._waiting))):
                process, connection = spawn_process(serve_jobs, "nnviz-sweep")
                self._workers[connection] = process
                self._give_job(connection)
        except BaseException:
            self.close()
            raise

    @property
    def is_busy(self) -> bool:
        """Whether any process works on a job."""
        return bool(self._busy)

    @property
    def is_done(self) -> bool:
        """Whether no jobs are left."""
        return not self._waiting and not self._busy

    def finished(self, seconds: float = 0.0) -> list[JobDone]:
        """Return the jobs that were finished since the last call, and give out the next ones.

        If none was, wait for the next one for some seconds at most.
        """
        from multiprocessing.connection import Connection, wait

        done = []
        for connection in wait(list(self._busy), seconds):
            assert isinstance(connection, Connection)
            try:
                answer, problem = pickle.loads(connection.recv_bytes())
            except (EOFError, OSError):
                answer, problem = None, GONE
            place = self._busy.pop(connection)
            done.append(JobDone(place, answer, problem))
            if problem != GONE:
                self._give_job(connection)
        return done

    def close(self) -> None:
        """End the processes at once, also in the middle of a job."""
        self._waiting.clear()
        self._busy.clear()
        workers, self._workers = self._workers, {}
        for connection, process in workers.items():
            connection.close()
            process.kill()
        for process in workers.values():
            process.join(END_SECONDS)
            if process.exitcode is not None:
                process.close()

    def _give_job(self, connection: Connection) -> None:
        """Give a free process the next job; a process that has ended is noticed when its answer is read."""
        if not self._waiting:
            return
        place, item = self._waiting.popleft()
        self._busy[connection] = place
        with suppress(OSError):
            connection.send_bytes(pickle.dumps((self._function, item), protocol=5))


def serve_jobs(connection: Connection) -> None:
    """Do the jobs that arrive on a pipe until it is closed. Never writes to the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            function, item = pickle.loads(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(_done(function, item), protocol=5))
    except (EOFError, OSError):
        return


def _done(function: Callable[[Any], Any], item: Any) -> tuple[Any, str]:
    try:
        return function(item), ""
    except JobError as error:
        return None, str(error)
    except Exception as error:
        return None, one_line_of(error)
