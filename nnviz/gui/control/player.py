"""The player, which takes one step or steps automatically until a breakpoint or the end of the pass."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.commands import Move, step
from nnviz.debugger.conditions.breakpoints import breakpoint_by_number
from nnviz.gui.control.store import Store

STEPS_PER_SECOND = 1.0  # at first


class Player(QObject):
    """A player that steps the store's session once or by a timer.

    `playing_changed(bool)` is emitted when playback starts or pauses, `stopped(Breakpoint)` when a breakpoint is hit.
    """

    playing_changed = Signal(bool)
    stopped = Signal(object)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._timer = QTimer(self)
        self.set_speed(STEPS_PER_SECOND)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        """True during playback."""
        return self._timer.isActive()

    def set_speed(self, steps: float) -> None:
        """Set the number of steps in a second, also during playback."""
        self._timer.setInterval(round(1000 / steps))

    def toggle(self) -> None:
        """Start playback from here, or from the beginning at the end of the pass; or pause."""
        if self.playing:
            self.pause()
            return
        if self.take(step) and not self._store.session.at_end:
            self._timer.start()
            self.playing_changed.emit(True)

    def pause(self) -> None:
        """Pause playback."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def take(self, move: Move) -> bool:
        """Apply a move, but stop at the first breakpoint in between; return whether none was hit."""
        from nnviz.debugger.conditions.continuing import stop_between  # imported late to keep the start fast

        before = self._store.session
        after, stop = stop_between(before, move(before))
        self._store.replace(after)
        if stop is None or stop.breakpoint is None:
            return True
        self.pause()
        self.stopped.emit(breakpoint_by_number(after, stop.breakpoint))
        return False

    def _tick(self) -> None:
        try:
            self.take(step)
        except Exception:
            self.pause()  # or else each tick would fail
            raise
        if self._store.session.at_end:
            self.pause()
