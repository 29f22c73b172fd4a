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

Arrival: TypeAlias = "tuple[Session, Stop | None]"
Way = Generator[Progress, None, Arrival]
MakeWay = Callable[[Session, Callable[[], bool]], Way]


class Travel(QObject):
    """One long move at a time; the session changes when it ends or is cancelled.

    `progressed(Progress or None)` is emitted with the progress, and with None when the move has ended.
    `arrived(Stop or None)` is emitted at the end with the reason of a stop.
    """

    progressed = Signal(object)
    arrived = Signal(object)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._way: Way | None = None
        self._is_cancelled = False
        self._reported_at = 0.0
        self._is_reported = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        store.changed.connect(self._give_up)

    @property
    def is_under_way(self) -> bool:
        """True while a move is in progress."""
        return self._way is not None

    def go(self, make: MakeWay) -> None:
        """Start a move from the current session. A short one ends at once, without a report of progress."""
        self._give_up()
        self._is_cancelled = False
        self._reported_at = perf_counter()
        self._way = make(self._store.session, lambda: self._is_cancelled)
        self._go_on()
        if self.is_under_way:
            self._timer.start()

    def cancel(self) -> bool:
        """Stop at the update reached; return whether a move was in progress."""
        if self._way is None:
            return False
        self._is_cancelled = True
        while self.is_under_way:
            self._go_on()
        return True

    def _go_on(self) -> None:
        end = perf_counter() + SLICE
        assert self._way is not None
        while True:
            try:
                progress = next(self._way)
            except StopIteration as done:
                self._arrive(*done.value)
                return
            except BaseException:
                self._give_up()  # or else the timer would continue a move that is over
                raise
            if perf_counter() >= end:
                break
        if perf_counter() - self._reported_at > REPORT_EVERY:
            self._reported_at, self._is_reported = perf_counter(), True
            self.progressed.emit(progress)

    def _arrive(self, session: Session, stop: Stop | None) -> None:
        self._give_up()
        self._store.replace(session)
        self.arrived.emit(stop)

    def _give_up(self, session: Session | None = None) -> None:
        """Drop the move, for example because the session has changed meanwhile."""
        self._timer.stop()
        self._way = None
        if self._is_reported:
            self._is_reported = False
            self.progressed.emit(None)
