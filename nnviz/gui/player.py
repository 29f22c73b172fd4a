"""The player: takes one step after another by itself until the pass ends or it is paused."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.breakpoints import found_breakpoint
from nnviz.debugger.commands import step
from nnviz.gui.store import Store

INTERVAL_MS = 900  # between two steps


class Player(QObject):
    """Steps the store's session by a timer; `playing_changed(bool)` tells when it starts and stops.

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
        if self._tick() and not self._store.session.at_end:
            self._timer.start()
            self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop walking."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def _tick(self) -> bool:
        """Take a step; whether no breakpoint was met."""
        from nnviz.debugger.running import stop_between  # not at the start, which it would delay

        before = self._store.session
        after, stop = stop_between(before, step(before))
        self._store.replace(after)
        if stop is not None and stop.breakpoint is not None:
            self.pause()
            self.stopped.emit(found_breakpoint(after, stop.breakpoint))
            return False
        if self._store.session.at_end:
            self.pause()
        return True
