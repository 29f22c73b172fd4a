"""Branches: sessions beside one another, each with a name and its own undoing; an edit in the past opens one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nnviz.debugger.commands import Move
from nnviz.debugger.session import Comparison, Session
from nnviz.debugger.undo import History, cancelled, changed, is_going_on, redo, undo

MAIN, FIRST = "Main", 1  # the name and the number of the line that is there from the start
MOST_BRANCHES = 9  # each has a key
LONGEST_NAME = 40


@dataclass(frozen=True, eq=False)
class Branch:
    """A line that the learner follows. `furthest` is the latest update that it has got to."""

    number: int
    name: str
    session: Session
    history: History = field(default_factory=History)
    furthest: int = 0


@dataclass(frozen=True, eq=False)
class Branches:
    """All branches, in the order in which they were opened, and which of them is followed, from 0."""

    all: tuple[Branch, ...]
    current: int = 0

    @property
    def here(self) -> Branch:
        """The branch that is followed."""
        return self.all[self.current]


def one_branch(session: Session) -> Branches:
    """The main line alone."""
    return Branches((Branch(FIRST, MAIN, session, furthest=session.checkpoint.update),))


def is_in_past(branches: Branches) -> bool:
    """Whether the branch that is followed has already been further than it stands."""
    here = branches.here
    return here.session.checkpoint.update < max(here.furthest, here.session.run.end)


def stepped(branches: Branches, session: Session, history: History | None = None) -> Branches:
    """The branch that is followed with another session, and another history where one is given."""
    here = branches.here
    furthest = max(here.furthest, session.checkpoint.update)
    history = here.history if history is None else history
    return _put(branches, replace(here, session=session, history=history, furthest=furthest))


def begun_anew(branches: Branches) -> Branches:
    """The branch that is followed begins again where it stands: nothing lies ahead of it."""
    return _put(branches, replace(branches.here, furthest=branches.here.session.checkpoint.update))


def opened(branches: Branches, name: str = "") -> Branches:
    """A new branch from where the present one stands, which is followed from now on; the present one stays as it is.

    Raises ValueError where there are MOST_BRANCHES.
    """
    if len(branches.all) >= MOST_BRANCHES:
        raise ValueError(f"There are {MOST_BRANCHES} branches: close one first")
    here, number = branches.here, 1 + max(branch.number for branch in branches.all)
    name = _free(branches, _clean(name) or f"Branch {number}")
    branch = replace(here, number=number, name=name, furthest=here.session.checkpoint.update)
    return Branches((*branches.all, branch), len(branches.all))


def switched(branches: Branches, index: int) -> Branches:
    """Follow another branch. Raises IndexError where there is none."""
    if not 0 <= index < len(branches.all):
        raise IndexError(f"branch {index} is not in 0 … {len(branches.all) - 1}")
    return _predicted(replace(branches, current=index), branches.here.session)


def renamed(branches: Branches, index: int, name: str) -> Branches:
    """A branch with another name, unless it is empty."""
    name = _clean(name)
    if not name or name == branches.all[index].name:
        return branches
    branch = replace(branches.all[index], name=_free(branches, name))
    return replace(branches, all=(*branches.all[:index], branch, *branches.all[index + 1 :]))


def closed(branches: Branches, index: int) -> Branches:
    """Without a branch; of the last one nothing is closed. Where it was followed, the one before it is."""
    if len(branches.all) == 1:
        return branches
    left = (*branches.all[:index], *branches.all[index + 1 :])
    current = branches.current - (branches.current > index or branches.current == len(left))
    return _predicted(Branches(left, max(0, current)), branches.here.session)


def changed_in(branches: Branches, move: Move, name: str, key: object = None, branches_off: bool = False) -> Branches:
    """Change the session that is followed so that it can be undone under a name; changes of one key in a row are one.

    With `branches_off`, a change made in the past goes into a new branch. Raises what the move does; ValueError where
    there is no room for a branch.
    """
    here = branches.here
    history, session = changed(here.history, here.session, move, name, key)
    if session is here.session and history is here.history:
        return branches
    if branches_off and is_in_past(branches) and not is_going_on(here.history, here.session, key):
        branches = opened(branches, name)
    return stepped(branches, session, history)


def cancelled_in(branches: Branches, key: object) -> Branches:
    """Leave the last change of the branch that is followed out, if it was of this key."""
    here = branches.here
    history, session = cancelled(here.history, here.session, key)
    return branches if session is here.session else stepped(branches, session, history)


def undone_in(branches: Branches) -> Branches:
    """Take the last change of the branch that is followed back."""
    here = branches.here
    history, session = undo(here.history, here.session)
    found = stepped(branches, session, history)
    elsewhere = session.checkpoint.update != here.session.checkpoint.update
    return begun_anew(found) if elsewhere else found  # what came after the change is undone with it


def redone_in(branches: Branches) -> Branches:
    """Make the change of the branch that is followed again that was undone last."""
    history, session = redo(branches.here.history, branches.here.session)
    return stepped(branches, session, history)


def compare_obstacle(session: Session, other: Session) -> str:
    """Why the numbers of two branches cannot be compared one by one; empty where they can."""
    same = session.record.examples == other.record.examples and session.example == other.example
    return "" if same else "It stands at another example"


def compared_with(session: Session, other: Session) -> Session:
    """A session whose pass is compared with that of another branch; as it is where their passes tell other things."""
    if compare_obstacle(session, other):
        return session
    return replace(session, compared=Comparison(other.record, other.notation, other.convention))


def _predicted(branches: Branches, left: Session) -> Branches:
    """The branch that is now followed, its learner predicting as in the one left: the score counts on."""
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
    """The name, counted where another branch has it."""
    taken = {branch.name for branch in branches.all}
    if name not in taken:
        return name
    return next(text for count in range(2, MOST_BRANCHES + 3) if (text := f"{name} ({count})") not in taken)
