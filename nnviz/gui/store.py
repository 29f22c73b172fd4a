"""The store: the branches of the window, the one session that is followed, changed by commands and announced once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.branches import (
    Branches,
    begun_anew,
    cancelled_in,
    changed_in,
    one_branch,
    redone_in,
    stepped,
    undone_in,
)
from nnviz.debugger.commands import Command, Move
from nnviz.debugger.session import Session


class Store(QObject):
    """Holds the session. Views listen to `changed(session)` and never write to it."""

    changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._branches = one_branch(session)

    @property
    def session(self) -> Session:
        """The session as it is now."""
        return self._branches.here.session

    @property
    def branches(self) -> Branches:
        """All branches; the session is that of the one followed."""
        return self._branches

    def run(self, command: Command) -> None:
        """Run a command of the table."""
        self.apply(command.run)

    def apply(self, move: Move) -> None:
        """Replace the session by what a pure function makes of it; announced only if it differs."""
        self.replace(move(self.session))

    def replace(self, session: Session) -> None:
        """Put another session in place."""
        if session != self.session:
            self._put(stepped(self._branches, session))

    def begin(self, session: Session) -> None:
        """Leave all branches for a new session, such as that of a lesson just opened."""
        self._put(one_branch(session))

    def begin_anew(self) -> None:
        """What lay ahead of the session is no longer its future: its run was left."""
        self._branches = begun_anew(self._branches)

    def change(self, move: Move, name: str, key: object = None, branches_off: bool = False) -> None:
        """Change the session so that it can be undone under a name; changes of one key in a row are one.

        With `branches_off`, a change made in the past goes into a new branch. Raises what the move does, and then
        nothing has changed; ValueError where there is no room for a branch.
        """
        self._put(changed_in(self._branches, move, name, key, branches_off))

    def cancel(self, key: object) -> None:
        """Leave the last change out, if it was of this key."""
        self._put(cancelled_in(self._branches, key))

    def undo(self) -> None:
        """Take the last change back."""
        self._put(undone_in(self._branches))

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self._put(redone_in(self._branches))

    def set_branches(self, branches: Branches) -> None:
        """Put other branches in place, or follow another one."""
        self._put(branches)

    def _put(self, branches: Branches) -> None:
        if branches is not self._branches:
            self._branches = branches
            self.changed.emit(branches.here.session)
