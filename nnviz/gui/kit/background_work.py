"""Long work in slices between the window's events, without a thread: a generator that belongs to what it computes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, QTimer

SLICE = 0.008  # seconds of work before the window's events are handled
REPORT_EVERY = 0.25  # seconds between two reports

Report = Callable[[Any], object]


class BackgroundWork(QObject):
    """One piece of work at a time; it ends when it is done, dropped or cancelled, or when it fails.

    `report(item)` is called now and then with the newest item that the work has yielded, `end(result)` with what it
    has returned, and `leave()` when the user cancels it. After an error, in the work or in these functions, the work
    is over, so that the error is raised once. `keep_for` drops work that belongs to another owner.
    """

    def __init__(
        self,
        parent: QObject,
        *,
        report: Report = lambda item: None,
        end: Report = lambda result: None,
        leave: Callable[[], object] = lambda: None,
        slice_seconds: float = SLICE,
        report_every: float = REPORT_EVERY,
    ) -> None:
        super().__init__(parent)
        self._report, self._end, self._leave = report, end, leave
        self._slice, self._every = slice_seconds, report_every
        self._work: Iterator[Any] | None = None
        self._owner: object = None
        self._reported_at = 0.0
        self._is_reported = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_under_way(self) -> bool:
        """True while there is work to do, also in a pause."""
        return self._work is not None

    @property
    def is_waiting(self) -> bool:
        """True while the work waits for its delay to pass."""
        return self._timer.isActive() and self._timer.interval() > 0

    @property
    def is_long(self) -> bool:
        """True once work under way has been reported."""
        return self.is_under_way and self._is_reported

    def begin(self, work: Iterator[Any], owner: object = None, *, delay: int = 0, at_once: bool = False) -> None:
        """Begin work after a delay in milliseconds and drop the previous work; `at_once` does the first slice now."""
        self.drop()
        self._work, self._owner = work, owner
        self._reported_at = perf_counter()
        if at_once:
            self._go_on()
        else:
            self._timer.start(delay)

    def keep_for(self, owner: object) -> None:
        """Drop the work unless it belongs to this owner."""
        if self.is_under_way and owner is not self._owner:
            self.drop()

    def pause(self) -> None:
        """Stop until `resume` is called."""
        self._timer.stop()

    def resume(self) -> None:
        """Continue after a pause."""
        if self.is_under_way and not self._timer.isActive():
            self._timer.start(0)

    def drop(self) -> None:
        """End the work without a result."""
        work, self._work, self._owner, self._is_reported = self._work, None, None, False
        self._timer.stop()
        if isinstance(work, Generator):
            with suppress(ValueError):  # it drops itself while it runs
                work.close()

    def cancel(self) -> bool:
        """End the work because the user asks for it; return whether there was any."""
        if not self.is_under_way:
            return False
        self.drop()
        self._leave()
        return True

    def finish(self) -> None:
        """Do the rest of the work at once."""
        while self.is_under_way:
            self._go_on()

    def _go_on(self) -> None:
        """Work for a slice of time."""
        try:
            self._do_slice()
        except BaseException:
            self.drop()
            raise

    def _do_slice(self) -> None:
        work = self._work
        if work is None:
            return
        end = perf_counter() + self._slice
        while True:
            try:
                item = next(work)
            except StopIteration as done:
                self.drop()
                self._end(done.value)
                return
            if self._work is not work:  # it has dropped itself
                return
            if perf_counter() >= end:
                break
        self._timer.start(0)
        if perf_counter() - self._reported_at >= self._every:
            self._reported_at, self._is_reported = perf_counter(), True
            self._report(item)


def cancel_long_work(parent: QObject) -> bool:
    """Cancel all long work below an object; return whether there was any."""
    works = [work for work in parent.findChildren(BackgroundWork) if work.is_long]
    for work in works:
        work.cancel()
    return bool(works)
