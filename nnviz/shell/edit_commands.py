"""The part of `set` that changes a number, and the commands undo, redo and reset."""

from __future__ import annotations

import re

from nnviz.debugger.branches import redo_in_branch, undo_in_branch
from nnviz.debugger.conditions.names import scope_of
from nnviz.debugger.edits import DATA_KINDS, PARAMETER_VALUES, apply_edit, count_differences, reset_to_lesson, spot_of
from nnviz.debugger.state.edit import RATE, Spot
from nnviz.debugger.state.session import Session
from nnviz.present.words.edit_text import edit_name
from nnviz.shell.arguments import no_arguments, number_in, number_of
from nnviz.shell.shell import Shell, ShellCommand, ShellError
from nnviz.tables.numerals import numeral_note
from nnviz.tracing.steps import Kind

# The name of a value with its indices and time step, and the rest of the line.
_NAMED = re.compile(r"([^\W\d]\w*)\s*(\[[^\]]*\])?\s*(@\s*\d+)?(?![\w.])\s*=?(.*)")


def set_number(shell: Shell, words: str, settings: tuple[str, ...]) -> bool:
    """Change the number that the words name; return False if they name a setting instead.

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
    """Change a number to the value of an expression; in the past, in a new branch. Raises ShellError."""
    value = number_in(shell.session, text)
    note = numeral_note(text)
    if note:
        shell.say(note)
    name = edit_name(shell.session, spot, value)
    shell.change(lambda session: apply_edit(session, spot, value), name, branches_off=spot != RATE)


def _spot(session: Session, name: str) -> Spot:
    quantity = number_of(session, name)
    spot = RATE if quantity.kind is Kind.RATE else spot_of(session, quantity)
    if spot is None:
        raise ShellError(
            f"{name} is computed in the pass; set takes a weight, bias, input, target or the learning rate"
        )
    return spot


def editable_names(shell: Shell) -> list[str]:
    """Return the names of the values that can be edited."""
    kinds = {*PARAMETER_VALUES, *DATA_KINDS, Kind.RATE}
    return [name for name, entry in scope_of(shell.session).entries.items() if entry.kind in kinds]


def _undo(shell: Shell, words: str) -> None:
    """Undo the last change of this branch."""
    no_arguments(words)
    done = shell.branches.here.history.done
    if not done:
        raise ShellError("nothing to undo in this branch" if len(shell.branches.all) > 1 else "nothing to undo")
    shell.say(f"undone: {done[-1].name}")
    shell.show_branches(undo_in_branch(shell.branches))


def _redo(shell: Shell, words: str) -> None:
    no_arguments(words)
    undone = shell.branches.here.history.undone
    if not undone:
        raise ShellError("nothing to redo")
    shell.say(f"redone: {undone[-1].name}")
    shell.show_branches(redo_in_branch(shell.branches))


def _reset(shell: Shell, words: str) -> None:
    no_arguments(words)
    if not count_differences(shell.session):
        raise ShellError("nothing differs from the lesson")
    shell.change(reset_to_lesson, "restore the lesson's values")


EDIT_COMMANDS = (
    ShellCommand("undo", "", "undo", "undo the last change of a number, convention or rate", _undo),
    ShellCommand("redo", "", "redo", "redo the change that was undone last", _redo),
    ShellCommand("reset", "", "reset", "restore the lesson's weights, data and conventions", _reset),
)
