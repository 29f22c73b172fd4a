"""The command `branch`: lines beside one another, listed, opened, named, followed, compared and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nnviz.cli.shell.reading import nothing, one_of, whole
from nnviz.cli.shell.shell import Shell, ShellCommand, ShellError
from nnviz.cli.shell.told import branch_lines
from nnviz.debugger.branches import closed, compare_obstacle, compared_with, opened, renamed, switched
from nnviz.present.reading import reading_changes


def _branch(shell: Shell, words: str) -> None:
    word, _, rest = words.partition(" ")
    _VERBS[one_of(word, _VERBS, "what to do")](shell, rest.strip()) if word else _list(shell, "")


def _list(shell: Shell, words: str) -> None:
    nothing(words)
    for line in branch_lines(shell.branches):
        shell.say(line)


def _open(shell: Shell, words: str) -> None:
    """A new branch from here, which is followed."""
    try:
        shell.branches = opened(shell.branches, words)
    except ValueError as error:
        raise ShellError(str(error)) from None
    _list(shell, "")


def _name(shell: Shell, words: str) -> None:
    number, _, name = words.partition(" ")
    at = shell.branches.current
    if number.isdecimal() and name.strip():
        at, words = _place(shell, number), name
    if not words.strip():
        raise ShellError("the name is missing")
    shell.branches = renamed(shell.branches, at, words)
    _list(shell, "")


def _switch(shell: Shell, words: str) -> None:
    shell.follow(switched(shell.branches, _place(shell, words)))


def _compare(shell: Shell, words: str) -> None:
    """What differs from another branch: the losses at both places, and number by number where they can be compared."""
    at, branches = _place(shell, words), shell.branches
    if at == branches.current:
        raise ShellError("that is the branch you are in; compare it with another")
    other, session = branches.all[at], shell.session
    shell.say(f"{other.name} → {branches.here.name}")
    if session.asked is None:
        for line in reading_changes(other.session, session):
            shell.say(f"  {line}")
    obstacle = compare_obstacle(session, other.session)
    if obstacle:
        shell.say(f"  {obstacle}, so that its numbers are not compared.")
    else:
        shell.session = compared_with(session, other.session)
        shell.tell_changes()


def _close(shell: Shell, words: str) -> None:
    branches = shell.branches
    if len(branches.all) == 1:
        raise ShellError("there is no other branch")
    left = closed(branches, _place(shell, words) if words else branches.current)
    if left.here.number == branches.here.number:
        shell.branches = left
    else:
        shell.follow(left)
    _list(shell, "")


def _place(shell: Shell, text: str) -> int:
    """The branch that is meant, by its number in the list or its name; from 0. Raises ShellError."""
    names = [branch.name for branch in shell.branches.all]
    if text.isdecimal() and text not in names:
        return whole(text, "the number of a branch", 1, len(names)) - 1
    return names.index(one_of(text, names, "a branch"))


_VERBS: dict[str, Callable[[Shell, str], None]] = {
    "list": _list,
    "open": _open,
    "name": _name,
    "switch": _switch,
    "compare": _compare,
    "close": _close,
}


def _words(shell: Shell) -> Iterable[str]:
    return (*_VERBS, *(branch.name for branch in shell.branches.all))


BRANCHING = (
    ShellCommand(
        "branch",
        "",
        "branch [list | open [NAME] | name [N] NAME | switch N | compare N | close [N]]",
        "lines beside one another, by number or name; set in the past opens one",
        _branch,
        complete=_words,
    ),
)
