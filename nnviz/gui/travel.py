"""Long ways through a run: continue, reverse-continue, go to an update, in slices between the window's events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.gui.store import Store

if TYPE_CHECKING:
    from nnviz.debugger.running import Stop

SLICE = 0.008  # seconds of a way between two looks at the window's events
TOLD_EVERY = 0.1  # seconds between two words about how far it is

Arrival: TypeAlias = "tuple[Session, Stop | None]"
Way = Generator[Progress, None, Arrival]
MakeWay = Callable[[Session, Callable[[], bool]], Way]


class Travel(QObject):
    """Goes one way at a time; the session stays until it has arrived, or where it has got to when it is cancelled.

    `progressed(Progress or None)` tells how far it is, None that no way is gone any more; `arrived(Stop or None)` why
    it came to rest.
    """

    progressed = Signal(object)
    arrived = Signal(object)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._way: Way | None = None
        self._is_cancelled = False
        self._told_at = 0.0
        self._is_told = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        store.changed.connect(self._give_up)

    @property
    def is_under_way(self) -> bool:
        """Whether it goes somewhere."""
        return self._way is not None

    def go(self, make: MakeWay) -> None:
        """Set out from where the session stands. A short way is gone at once, without a word."""
        self._give_up()
        self._is_cancelled = False
        self._told_at = perf_counter()
        self._way = make(self._store.session, lambda: self._is_cancelled)
        self._go_on()
        if self.is_under_way:
            self._timer.start()

    def cancel(self) -> bool:
        """Stop where it has got to; whether it went anywhere."""
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
                self._give_up()  # else the timer would go on with a way that is over
                raise
            if perf_counter() >= end:
                break
        if perf_counter() - self._told_at > TOLD_EVERY:
            self._told_at, self._is_told = perf_counter(), True
            self.progressed.emit(progress)

    def _arrive(self, session: Session, stop: Stop | None) -> None:
        self._give_up()
        self._store.replace(session)
        self.arrived.emit(stop)

    def _give_up(self, session: Session | None = None) -> None:
        """Forget the way, where the session has become another one meanwhile."""
        self._timer.stop()
        self._way = None
        if self._is_told:
            self._is_told = False
            self.progressed.emit(None)
