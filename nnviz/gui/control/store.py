"""The store of the window's branches and its current session; each change is announced once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.branches import (
    Branches,
    change_branch,
    discard_branch_change,
    forget_future,
    one_branch,
    redo_in_branch,
    replace_session,
    undo_in_branch,
)
from nnviz.debugger.commands import Command, Move
from nnviz.debugger.state.session import Session


class Store(QObject):
    """The current session and its branches. `changed(session)` is emitted after each change; views never write."""

    changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._branches = one_branch(session)

    @property
    def session(self) -> Session:
        """The current session."""
        return self._branches.here.session

    @property
    def branches(self) -> Branches:
        """All branches; the current one holds the session."""
        return self._branches

    def run(self, command: Command) -> None:
        """Run a command of the table of commands."""
        self.apply(command.run)

    def apply(self, move: Move) -> None:
        """Replace the session by the result of a pure function; announce it only if it differs."""
        self.replace(move(self.session))

    def replace(self, session: Session) -> None:
        """Replace the session by another one."""
        if session != self.session:
            self._put(replace_session(self._branches, session))

    def begin(self, session: Session) -> None:
        """Replace all branches by a new session, such as that of a lesson just opened."""
        self._put(one_branch(session))

    def discard_future(self) -> None:
        """Make the current update the furthest of the branch, because its later run was discarded."""
        self._branches = forget_future(self._branches)

    def change(self, move: Move, name: str, key: object = None, branches_off: bool = False) -> None:
        """Change the session so that the change can be undone under a name; successive changes with one key are one.

        With `branches_off`, a change made in the past starts a new branch. Raises what the move raises, or ValueError
        if no branch can be added; nothing has changed then.
        """
        self._put(change_branch(self._branches, move, name, key, branches_off))

    def cancel(self, key: object) -> None:
        """Revert the last change if it has this key."""
        self._put(discard_branch_change(self._branches, key))

    def undo(self) -> None:
        """Undo the last change."""
        self._put(undo_in_branch(self._branches))

    def redo(self) -> None:
        """Redo the change that was undone last."""
        self._put(redo_in_branch(self._branches))

    def set_branches(self, branches: Branches) -> None:
        """Replace the branches, or switch to another one."""
        self._put(branches)

    def _put(self, branches: Branches) -> None:
        if branches is not self._branches:
            self._branches = branches
            self.changed.emit(branches.here.session)
