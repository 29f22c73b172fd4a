"""The automatic copy of the session: written behind the window's back, at most a second after a change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from nnviz.debugger.session_name import SUFFIX

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from nnviz.debugger.session_state import Saved

SLOTS = 4  # windows that are open at a time have a copy each; the rest are those of sessions before
DELAY = 500  # milliseconds between a change and its writing, which takes some more
SHARE = 20  # what is large is written so rarely that it takes at most this part of the time,
LONGEST = 60_000  # but at least so often


@dataclass(frozen=True)
class Slots:
    """The file that this window's copies go to, and that of the session before; `crashed` if it did not end well."""

    own: Path
    lock: QLockFile | None
    last: Path | None
    crashed: bool


class Autosave(QObject):
    """Writes what `current` gives to a file of its own, in a thread; `told(str)` says once why it cannot."""

    told = Signal(str)
    _written = Signal(str, float)

    def __init__(self, current: Callable[[], Saved], folder: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current, self._folder = current, folder
        self._slots: Slots | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._kept: Saved | None = None  # the newest that was handed to the thread
        self._busy = False
        self._problem = ""
        self._delay = DELAY
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._write)
        self._written.connect(self._on_written)

    @property
    def slots(self) -> Slots | None:
        """Where copies go; None where none are kept."""
        if self._slots is None and self._folder is not None:
            self._slots = claim(self._folder)
        return self._slots

    def note(self) -> None:
        """The session has changed: it will be written soon. Further changes until then do not put that off."""
        if self._folder is not None and not self._timer.isActive() and not self._busy:
            self._timer.start(self._delay)

    def shutdown(self) -> None:
        """Write what has changed, and end the thread; the file is no longer this window's."""
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
            from concurrent.futures import ThreadPoolExecutor  # not at the start, which it would delay

            self._thread = ThreadPoolExecutor(1, "autosave")
        self._kept, self._busy = saved, True
        self._thread.submit(self._work, slots.own, saved)

    def _work(self, path: Path, saved: Saved) -> None:
        """In the thread: a session is a frozen value, so that nothing can change under its hands."""
        from nnviz.export.session import write_session

        start, problem = time.perf_counter(), ""
        try:
            write_session(path, saved)
        except OSError as error:
            problem = f"{path.parent}: {error.strerror or error}"
        except Exception as error:  # whatever it is, the window goes on and says so
            problem = f"{type(error).__name__}: {error}"
        self._written.emit(problem, time.perf_counter() - start)

    def _on_written(self, problem: str, seconds: float) -> None:
        self._busy = False
        self._delay = min(LONGEST, max(DELAY, int(1000 * SHARE * seconds) - 1000))
        if problem and not self._problem:
            self.told.emit(problem)
        self._problem = problem
        if not _is_same(self._current(), self._kept):
            self.note()


def _is_same(saved: Saved, kept: Saved | None) -> bool:
    """Whether nothing has changed, neither the session nor what stands beside it."""
    return kept is not None and saved.session is kept.session and saved.more == kept.more


def claim(folder: Path) -> Slots:
    """Take a file that no other window has, not that of the newest session: this is the one to offer."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Slots(folder / f"session-1{SUFFIX}", None, None, False)  # writing there tells what is wrong
    free: list[tuple[Path, QLockFile, bool]] = []
    for number in range(1, SLOTS + 1):
        lock = QLockFile(str(folder / f"session-{number}.lock"))
        lock.setStaleLockTime(0)  # only that of a process that is no more
        left_behind = os.path.exists(lock.fileName())
        if lock.tryLock(0):
            free.append((folder / f"session-{number}{SUFFIX}", lock, left_behind))
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
    """When a file was written; before all others where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
