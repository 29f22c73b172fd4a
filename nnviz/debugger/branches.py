"""Branches: parallel sessions, each with a name and its own undo history; an edit in the past opens one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nnviz.debugger.commands import Move
from nnviz.debugger.state.session import Comparison, Session
from nnviz.debugger.undo import UndoHistory, apply_change, continues_change, discard_change, redo, undo

MAIN, FIRST = "Main", 1  # name and number of the branch that exists from the start
MOST_BRANCHES = 9  # each has a key
LONGEST_NAME = 40


@dataclass(frozen=True, eq=False)
class Branch:
    """A named line of work with its own session. `furthest` is the latest update that it has reached."""

    number: int
    name: str
    session: Session
    history: UndoHistory = field(default_factory=UndoHistory)
    furthest: int = 0


@dataclass(frozen=True, eq=False)
class Branches:
    """All branches in the order in which they were opened, and the index of the current one, from 0."""

    all: tuple[Branch, ...]
    current: int = 0

    @property
    def here(self) -> Branch:
        """The current branch."""
        return self.all[self.current]


def one_branch(session: Session) -> Branches:
    """Return the main branch alone."""
    return Branches((Branch(FIRST, MAIN, session, furthest=session.checkpoint.update),))


def is_in_past(branches: Branches) -> bool:
    """Return whether the current branch has already reached a later update than its session shows."""
    here = branches.here
    return here.session.checkpoint.update < max(here.furthest, here.session.run.end)


def replace_session(branches: Branches, session: Session, history: UndoHistory | None = None) -> Branches:
    """Return the branches with another session in the current one, and another history if one is given."""
    here = branches.here
    furthest = max(here.furthest, session.checkpoint.update)
    history = here.history if history is None else history
    return _put(branches, replace(here, session=session, history=history, furthest=furthest))


def forget_future(branches: Branches) -> Branches:
    """Return the branches with nothing ahead of the session of the current branch."""
    return _put(branches, replace(branches.here, furthest=branches.here.session.checkpoint.update))


def open_branch(branches: Branches, name: str = "") -> Branches:
    """Open a new branch from the current session and switch to it; the previous branch is unchanged.

    Raises ValueError if there are already MOST_BRANCHES.
    """
    if len(branches.all) >= MOST_BRANCHES:
        raise ValueError(f"No more than {MOST_BRANCHES} branches can be open: close one first")
    here, number = branches.here, 1 + max(branch.number for branch in branches.all)
    name = _free(branches, _clean(name) or f"Branch {number}")
    branch = replace(here, number=number, name=name, furthest=here.session.checkpoint.update)
    return Branches((*branches.all, branch), len(branches.all))


def switch_branch(branches: Branches, index: int) -> Branches:
    """Switch to another branch. Raises IndexError if there is none."""
    if not 0 <= index < len(branches.all):
        raise IndexError(f"branch {index} is not in 0 … {len(branches.all) - 1}")
    return _carry_prediction(replace(branches, current=index), branches.here.session)


def rename_branch(branches: Branches, index: int, name: str) -> Branches:
    """Rename a branch, unless the name is empty."""
    name = _clean(name)
    if not name or name == branches.all[index].name:
        return branches
    branch = replace(branches.all[index], name=_free(branches, name))
    return replace(branches, all=(*branches.all[:index], branch, *branches.all[index + 1 :]))


def close_branch(branches: Branches, index: int) -> Branches:
    """Close a branch unless it is the last one. If it was current, the branch before it becomes current."""
    if len(branches.all) == 1:
        return branches
    left = (*branches.all[:index], *branches.all[index + 1 :])
    current = branches.current - (branches.current > index or branches.current == len(left))
    return _carry_prediction(Branches(left, max(0, current)), branches.here.session)


def change_branch(
    branches: Branches, move: Move, name: str, key: object = None, branches_off: bool = False
) -> Branches:
    """Make a named change in the current branch that can be undone; consecutive changes of one key count as one.

    With `branches_off`, a change made in the past opens a new branch. Raises what the move raises; ValueError if
    there is no room for a branch.
    """
    here = branches.here
    history, session = apply_change(here.history, here.session, move, name, key)
    if session is here.session and history is here.history:
        return branches
    if branches_off and is_in_past(branches) and not continues_change(here.history, here.session, key):
        branches = open_branch(branches, name)
    return replace_session(branches, session, history)


def discard_branch_change(branches: Branches, key: object) -> Branches:
    """Discard the last change of the current branch if it has this key."""
    here = branches.here
    history, session = discard_change(here.history, here.session, key)
    return branches if session is here.session else replace_session(branches, session, history)


def undo_in_branch(branches: Branches) -> Branches:
    """Undo the last change of the current branch."""
    here = branches.here
    history, session = undo(here.history, here.session)
    found = replace_session(branches, session, history)
    elsewhere = session.checkpoint.update != here.session.checkpoint.update
    return forget_future(found) if elsewhere else found  # updates made after the change are undone with it


def redo_in_branch(branches: Branches) -> Branches:
    """Redo the change of the current branch that was undone last."""
    history, session = redo(branches.here.history, branches.here.session)
    return replace_session(branches, session, history)


def compare_obstacle(session: Session, other: Session) -> str:
    """Return why the numbers of two branches cannot be compared one by one; empty if they can."""
    same = session.record.examples == other.record.examples and session.example == other.example
    return "" if same else "This branch is at another example"


def compare_with(session: Session, other: Session) -> Session:
    """Return a session compared with the pass of another branch; unchanged if the two passes cannot be compared."""
    if compare_obstacle(session, other):
        return session
    return replace(session, compared=Comparison(other.record, other.notation, other.convention))


def _carry_prediction(branches: Branches, left: Session) -> Branches:
    """Carry the prediction state of the branch just left into the current one, so that the score continues."""
    here = branches.here
    if here.session.predicting is left.predicting:
        return branches
    return _put(branches, replace(here, session=replace(here.session, predicting=left.predicting)))


def _put(branches: Branches, branch: Branch) -> Branches:
    at = branches.current
    return replace(branches, all=(*branches.all[:at], branch, *branches.all[at + 1 :]))


def _clean(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME]


def _free(branches: Branches, name: str) -> str:
    """Return the name, with a count if another branch already has it."""
    taken = {branch.name for branch in branches.all}
    if name not in taken:
        return name
    return next(text for count in range(2, MOST_BRANCHES + 3) if (text := f"{name} ({count})") not in taken)
