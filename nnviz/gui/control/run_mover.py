"""Long moves through a run (continue, continue backwards, go to an update), in slices between the window's events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.gui.control.store import Store

if TYPE_CHECKING:
    from nnviz.debugger.conditions.continuing import Stop

SLICE = 0.008  # seconds of work before the window's events are handled
REPORT_EVERY = 0.1  # seconds between two reports of progress

MoveResult: TypeAlias = "tuple[Session, Stop | None]"
MoveSteps = Generator[Progress, None, MoveResult]
MakeMove = Callable[[Session, Callable[[], bool]], MoveSteps]


class RunMover(QObject):
    """One long move at a time; the session changes when it ends or is cancelled.

    `progressed(Progress or None)` is emitted with the progress, and with None when the move has ended.
    `arrived(Stop or None)` is emitted at the end with the reason of a stop.
    """

    progressed = Signal(object)
    arrived = Signal(object)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._steps: MoveSteps | None = None
        self._is_cancelled = False
        self._reported_at = 0.0
        self._is_reported = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._continue)
        store.changed.connect(self._drop)

    @property
    def is_moving(self) -> bool:
        """True while a move is in progress."""
        return self._steps is not None

    def go(self, make: MakeMove) -> None:
        """Start a move from the current session. A short one ends at once, without a report of progress."""
        self._drop()
        self._is_cancelled = False
        self._reported_at = perf_counter()
        self._steps = make(self._store.session, lambda: self._is_cancelled)
        self._continue()
        if self.is_moving:
            self._timer.start()

    def cancel(self) -> bool:
        """Stop at the update reached; return whether a move was in progress."""
        if self._steps is None:
            return False
        self._is_cancelled = True
        while self.is_moving:
            self._continue()
        return True

    def _continue(self) -> None:
        end = perf_counter() + SLICE
        assert self._steps is not None
        while True:
            try:
                progress = next(self._steps)
            except StopIteration as done:
                self._arrive(*done.value)
                return
            except BaseException:
                self._drop()  # or else the timer would continue a move that is over
                raise
            if perf_counter() >= end:
                break
        if perf_counter() - self._reported_at > REPORT_EVERY:
            self._reported_at, self._is_reported = perf_counter(), True
            self.progressed.emit(progress)

    def _arrive(self, session: Session, stop: Stop | None) -> None:
        self._drop()
        self._store.replace(session)
        self.arrived.emit(stop)

    def _drop(self, session: Session | None = None) -> None:
        """Drop the move, for example because the session has changed meanwhile."""
        self._timer.stop()
        self._steps = None
        if self._is_reported:
            self._is_reported = False
            self.progressed.emit(None)
