"""The store: the one session of the window, changed by commands and announced once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.commands import Command, Move
from nnviz.debugger.session import Session


class Store(QObject):
    """Holds the session. Views listen to `changed(session)` and never write to it."""

    changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    @property
    def session(self) -> Session:
        """The session as it is now."""
        return self._session

    def run(self, command: Command) -> None:
        """Run a command of the table."""
        self.apply(command.run)

    def apply(self, move: Move) -> None:
        """Replace the session by what a pure function makes of it; announced only if it differs."""
        self.replace(move(self._session))

    def replace(self, session: Session) -> None:
        """Put another session in place, such as that of a lesson just opened."""
        if session != self._session:
            self._session = session
            self.changed.emit(session)
