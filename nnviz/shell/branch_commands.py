"""The command `branch`: list, open, name, switch, compare and close branches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nnviz.debugger.branches import (
    close_branch,
    compare_obstacle,
    compare_with,
    open_branch,
    rename_branch,
    switch_branch,
)
from nnviz.present.runs.run_metrics import reading_changes
from nnviz.shell.arguments import no_arguments, one_of, whole_number
from nnviz.shell.output import branch_lines
from nnviz.shell.shell import Shell, ShellCommand, ShellError


def _branch(shell: Shell, words: str) -> None:
    word, _, rest = words.partition(" ")
    _VERBS[one_of(word, _VERBS, "a subcommand")](shell, rest.strip()) if word else _list(shell, "")


def _list(shell: Shell, words: str) -> None:
    no_arguments(words)
    for line in branch_lines(shell.branches):
        shell.say(line)


def _open(shell: Shell, words: str) -> None:
    """Open a new branch here and switch to it."""
    try:
        shell.branches = open_branch(shell.branches, words)
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
    shell.branches = rename_branch(shell.branches, at, words)
    _list(shell, "")


def _switch(shell: Shell, words: str) -> None:
    shell.show_branches(switch_branch(shell.branches, _place(shell, words)))


def _compare(shell: Shell, words: str) -> None:
    """Print the differences from another branch: the losses, and the numbers if they can be compared."""
    at, branches = _place(shell, words), shell.branches
    if at == branches.current:
        raise ShellError("this is the current branch; compare it with another")
    other, session = branches.all[at], shell.session
    shell.say(f"{other.name} → {branches.here.name}")
    if session.asked is None:
        for line in reading_changes(other.session, session):
            shell.say(f"  {line}")
    obstacle = compare_obstacle(session, other.session)
    if obstacle:
        shell.say(f"  {obstacle}, so its numbers are not compared.")
    else:
        shell.session = compare_with(session, other.session)
        shell.say_changes()


def _close(shell: Shell, words: str) -> None:
    branches = shell.branches
    if len(branches.all) == 1:
        raise ShellError("this is the only branch")
    remaining = close_branch(branches, _place(shell, words) if words else branches.current)
    if remaining.here.number == branches.here.number:
        shell.branches = remaining
    else:
        shell.show_branches(remaining)
    _list(shell, "")


def _place(shell: Shell, text: str) -> int:
    """Find a branch by its number in the list or its name; return its index. Raises ShellError."""
    names = [branch.name for branch in shell.branches.all]
    if text.isdecimal() and text not in names:
        return whole_number(text, "the number of a branch", 1, len(names)) - 1
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


BRANCH_COMMANDS = (
    ShellCommand(
        "branch",
        "",
        "branch [list | open [NAME] | name [N] NAME | switch N | compare N | close [N]]",
        "manage branches, by number or name; set in the past opens one",
        _branch,
        complete=_words,
    ),
)
