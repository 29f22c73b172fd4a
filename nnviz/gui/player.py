"""The player: takes a step, or one after another by itself; breakpoints stop it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.breakpoints import found_breakpoint
from nnviz.debugger.commands import Move, step
from nnviz.gui.store import Store

INTERVAL_MS = 900  # between two steps


class Player(QObject):
    """Steps the store's session, once or by a timer; `playing_changed(bool)` tells when it starts and stops.

    It stops where a breakpoint is met, and tells which by `stopped(Breakpoint)`.
    """

    playing_changed = Signal(bool)
    stopped = Signal(object)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        """Whether it is walking."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Start from here, or from the beginning when the pass is at its end; or pause."""
        if self.playing:
            self.pause()
            return
        if self.take(step) and not self._store.session.at_end:
            self._timer.start()
            self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop walking."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def take(self, move: Move) -> bool:
        """Go where a command leads, but no further than the first breakpoint on the way; whether none was met."""
        from nnviz.debugger.running import stop_between  # not at the start, which it would delay

        before = self._store.session
        after, stop = stop_between(before, move(before))
        self._store.replace(after)
        if stop is None or stop.breakpoint is None:
            return True
        self.pause()
        self.stopped.emit(found_breakpoint(after, stop.breakpoint))
        return False

    def _tick(self) -> None:
        self.take(step)
        if self._store.session.at_end:
            self.pause()
