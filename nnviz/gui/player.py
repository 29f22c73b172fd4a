"""The player: takes one step after another by itself until the pass ends or it is paused."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.commands import step
from nnviz.gui.store import Store

INTERVAL_MS = 900  # between two steps


class Player(QObject):
    """Steps the store's session by a timer; `playing_changed(bool)` tells when it starts and stops."""

    playing_changed = Signal(bool)

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
        self._tick()
        if not self._store.session.at_end:
            self._timer.start()
            self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop walking."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def _tick(self) -> None:
        self._store.apply(step)
        if self._store.session.at_end:
            self.pause()
