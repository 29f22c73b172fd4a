"""Long moves through a run (continue, continue backwards, go to an update), in slices between the window's events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.gui.control.store import Store
from nnviz.gui.kit.background_work import BackgroundWork

if TYPE_CHECKING:
    from nnviz.debugger.conditions.continuing import Stop

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
        self._is_cancelled = False
        self._is_reported = False
        self._work = BackgroundWork(self, report=self._report, end=self._arrive, report_every=REPORT_EVERY)
        store.changed.connect(self._drop)

    @property
    def is_moving(self) -> bool:
        """True while a move is in progress."""
        return self._work.is_under_way

    def go(self, make: MakeMove) -> None:
        """Start a move from the current session. A short one ends at once, without a report of progress."""
        self._drop()
        self._is_cancelled = False
        session = self._store.session
        self._work.begin(self._steps(make, session), session, at_once=True)

    def cancel(self) -> bool:
        """Stop at the update reached; return whether a move was in progress."""
        if not self.is_moving:
            return False
        self._is_cancelled = True
        self._work.finish()
        return True

    def _steps(self, make: MakeMove, session: Session) -> MoveSteps:
        """Make the move; if it fails, its progress is no longer shown."""
        try:
            return (yield from make(session, lambda: self._is_cancelled))
        except Exception:
            self._hide_progress()
            raise

    def _report(self, progress: Progress) -> None:
        self._is_reported = True
        self.progressed.emit(progress)

    def _arrive(self, result: MoveResult) -> None:
        session, stop = result
        self._hide_progress()
        self._store.replace(session)
        self.arrived.emit(stop)

    def _drop(self, session: Session | None = None) -> None:
        """Drop the move, for example because the session has changed meanwhile."""
        self._work.drop()
        self._hide_progress()

    def _hide_progress(self) -> None:
        if self._is_reported:
            self._is_reported = False
            self.progressed.emit(None)
