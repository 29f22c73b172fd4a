"""The automatic copy of the session: written in the background, at most a second after a change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from nnviz.sessions.file_name import SUFFIX

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from nnviz.sessions.session_fields import Saved

SLOTS = 4  # copies: one for each open window, the rest from earlier sessions
DELAY = 500  # milliseconds between a change and the start of its writing
SHARE = 20  # writing a large session takes at most one part in SHARE of the time
LONGEST = 60_000  # the longest delay, in milliseconds


@dataclass(frozen=True)
class Slots:
    """The file of this window's copies and that of the previous session; `crashed` is true if that one crashed."""

    own: Path
    lock: QLockFile | None
    last: Path | None
    crashed: bool


class Autosave(QObject):
    """A writer of `current()` to its own file, in a thread; `failed(str)` is emitted once if writing fails."""

    failed = Signal(str)
    _written = Signal(str, float)

    def __init__(self, current: Callable[[], Saved], folder: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current, self._folder = current, folder
        self._slots: Slots | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._kept: Saved | None = None  # the newest one passed to the thread
        self._busy = False
        self._problem = ""
        self._delay = DELAY
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._write)
        self._written.connect(self._on_written)

    @property
    def slots(self) -> Slots | None:
        """The files of the copies; None if no copies are made."""
        if self._slots is None and self._folder is not None:
            self._slots = claim(self._folder)
        return self._slots

    @property
    def has_copies(self) -> bool:
        """Whether there are any copies, without claiming a file for this window."""
        return self._folder is not None and any(self._folder.glob(f"session-*{SUFFIX}"))

    def note(self) -> None:
        """Schedule a write after a change; further changes do not postpone it."""
        if self._folder is not None and not self._timer.isActive() and not self._busy:
            self._timer.start(self._delay)

    def shutdown(self) -> None:
        """Write pending changes, end the thread and release the file."""
        if self._timer.isActive() or self._busy:
            self._timer.stop()
            self._write()
            self._busy = False
        if self._thread is not None:
            self._thread.shutdown(wait=True)
            self._thread = None
        if self._slots is not None and self._slots.lock is not None:
            self._slots.lock.unlock()
        self._slots = None

    def _write(self) -> None:
        saved, slots = self._current(), self.slots
        if slots is None or _is_same(saved, self._kept):
            return
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor  # imported late to keep the start fast

            self._thread = ThreadPoolExecutor(1, "autosave")
        self._kept, self._busy = saved, True
        self._thread.submit(self._work, slots.own, saved)

    def _work(self, path: Path, saved: Saved) -> None:
        """Write a session, in the thread; it is frozen, so nothing can change meanwhile."""
        from nnviz.sessions.save import write_session

        start, problem = time.perf_counter(), ""
        try:
            write_session(path, saved)
        except OSError as error:
            problem = f"{path.parent}: {error.strerror or error}"
        except Exception as error:  # the window continues and reports it
            problem = f"{type(error).__name__}: {error}"
        self._written.emit(problem, time.perf_counter() - start)

    def _on_written(self, problem: str, seconds: float) -> None:
        self._busy = False
        self._delay = min(LONGEST, max(DELAY, int(1000 * SHARE * seconds) - 1000))
        if problem and not self._problem:
            self.failed.emit(problem)
        self._problem = problem
        if not _is_same(self._current(), self._kept):
            self.note()


def _is_same(saved: Saved, kept: Saved | None) -> bool:
    """Return whether neither the session nor the other parts of the file have changed."""
    return kept is not None and saved.session is kept.session and saved.parts == kept.parts


def claim(folder: Path) -> Slots:
    """Lock a file that no other window uses; not that of the newest session, which is offered to the user."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Slots(folder / f"session-1{SUFFIX}", None, None, False)  # writing there reports the error
    free: list[tuple[Path, QLockFile, bool]] = []
    for number in range(1, SLOTS + 1):
        lock = QLockFile(str(folder / f"session-{number}.lock"))
        lock.setStaleLockTime(0)  # only a lock of a dead process is stale
        was_locked = os.path.exists(lock.fileName())
        if lock.tryLock(0):
            free.append((folder / f"session-{number}{SUFFIX}", lock, was_locked))
    free.sort(key=lambda slot: _age(slot[0]))
    if not free:
        return Slots(folder / f"session-{os.getpid()}{SUFFIX}", None, None, False)
    own, lock, _ = free[0]
    for _, other, _ in free[1:]:
        other.unlock()
    last, _, crashed = free[-1]
    if not last.is_file() or last == own:
        return Slots(own, lock, None, False)
    return Slots(own, lock, last, crashed)


def _age(path: Path) -> float:
    """Return when a file was written; 0 if there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
