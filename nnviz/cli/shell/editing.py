"""What if: the part of `set` that puts another number in a place, and the commands undo, redo and reset."""

from __future__ import annotations

import re

from nnviz.cli.shell.reading import nothing, number_in, number_of
from nnviz.cli.shell.shell import Shell, ShellCommand, ShellError
from nnviz.debugger.branches import redone_in, undone_in
from nnviz.debugger.edits import (
    OF_DATA,
    PARAMETERS,
    RATE,
    Spot,
    apply_edit,
    differs_from_lesson,
    reset_to_lesson,
    spot_of,
)
from nnviz.debugger.names import scope_of
from nnviz.debugger.session import Session
from nnviz.present.edits import edit_name
from nnviz.trace.steps import Kind

# The name of a value with its places and time step, and what stands behind it.
_NAMED = re.compile(r"([^\W\d]\w*)\s*(\[[^\]]*\])?\s*(@\s*\d+)?(?![\w.])\s*=?(.*)")


def put_number(shell: Shell, words: str, settings: tuple[str, ...]) -> bool:
    """Put a number where a value's name says; whether the words name a value, and not one of the settings.

    Raises ShellError.
    """
    named = _NAMED.fullmatch(words)
    if named is None:
        return False
    word, places, time, text = named.groups()
    has_place = places is not None or time is not None
    if not has_place and (word in settings or word not in scope_of(shell.session).entries):
        return False
    edit(shell, _spot(shell.session, f"{word}{places or ''}{time or ''}"), text.strip())
    return True


def edit(shell: Shell, spot: Spot, text: str) -> None:
    """Put the number that an expression gives at a spot; in the past, in a new branch. Raises ShellError."""
    value = number_in(shell.session, text)
    name = edit_name(shell.session, spot, value)
    shell.change(lambda session: apply_edit(session, spot, value), name, branches_off=spot != RATE)


def _spot(session: Session, name: str) -> Spot:
    quantity = number_of(session, name)
    spot = RATE if quantity.kind is Kind.RATE else spot_of(session, quantity)
    if spot is None:
        raise ShellError(f"{name} is worked out in the pass; a weight, bias, input, target or the rate can be set")
    return spot


def names_of_given(shell: Shell) -> list[str]:
    """The names of what can be edited."""
    kinds = {*PARAMETERS, *OF_DATA, Kind.RATE}
    return [name for name, entry in scope_of(shell.session).entries.items() if entry.kind in kinds]


def _undo(shell: Shell, words: str) -> None:
    """Take the last change back."""
    nothing(words)
    done = shell.branches.here.history.done
    if not done:
        raise ShellError("nothing was changed in this branch" if len(shell.branches.all) > 1 else "nothing was changed")
    shell.say(f"undone: {done[-1].name}")
    shell.follow(undone_in(shell.branches))


def _redo(shell: Shell, words: str) -> None:
    nothing(words)
    undone = shell.branches.here.history.undone
    if not undone:
        raise ShellError("nothing was undone")
    shell.say(f"done again: {undone[-1].name}")
    shell.follow(redone_in(shell.branches))


def _reset(shell: Shell, words: str) -> None:
    nothing(words)
    if not differs_from_lesson(shell.session):
        raise ShellError("all is as in the lesson")
    shell.change(reset_to_lesson, "restore the lesson's values")


EDITING = (
    ShellCommand("undo", "", "undo", "take the last change of a number, convention or rate back", _undo),
    ShellCommand("redo", "", "redo", "make the change again that was undone", _redo),
    ShellCommand("reset", "", "reset", "weights, data and conventions as the lesson has them", _reset),
)
