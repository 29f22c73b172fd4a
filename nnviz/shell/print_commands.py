"""The commands that show: print, where, list, values, info, find and help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from nnviz.debugger.conditions.expressions import read_expression
from nnviz.debugger.conditions.functions import FUNCTIONS
from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.conditions.names import describe_names, scope_of
from nnviz.debugger.finder.pasted import PasteError
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.session import Session
from nnviz.present.finding.finder_text import report, report_text
from nnviz.present.values.change_lines import change_lines
from nnviz.shell.arguments import no_arguments, one_of, refuse_while_predicting, value_names
from nnviz.shell.output import (
    breakpoint_text,
    expression_text,
    listing_lines,
    run_lines,
    values_lines,
    where_lines,
)
from nnviz.shell.shell import Shell, ShellCommand, ShellError

_FULL = "/full"


def _print(shell: Shell, words: str) -> None:
    option, _, rest = words.partition(" ")
    all_digits = option == _FULL
    if option.startswith("/") and not all_digits:
        raise ShellError(f"unknown option {option}; {_FULL} prints all digits")
    text = rest.strip() if all_digits else words
    if not text:
        raise ShellError("an expression is missing, as in: print loss")
    try:
        expression = read_expression(text, shell.session)
    except ExpressionError as error:
        raise ShellError(str(error)) from None
    shell.say(expression_text(expression, shell.session, all_digits))


def _show(lines: Callable[[Session], Iterable[str]], shell: Shell, words: str) -> None:
    no_arguments(words)
    for line in lines(shell.session):
        shell.say(line)


def _names(session: Session) -> Iterable[str]:
    rows = describe_names(scope_of(session))
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {text}" for name, text in rows)
    yield f"functions: {', '.join((*FUNCTIONS, 'prediction'))}"


def _breakpoints(session: Session) -> Iterable[str]:
    return [breakpoint_text(each) for each in session.breakpoints] or ["no breakpoints"]


def _watches(session: Session) -> Iterable[str]:
    lines = [f"  watch {watch.id}: {expression_text(watch.expression, session)}" for watch in session.watches]
    return lines or ["no watches"]


def _changes(session: Session) -> Iterable[str]:
    return list(change_lines(session)) or ["no changes at this pass"]


_INFO: dict[str, Callable[[Session], Iterable[str]]] = {
    "breakpoints": _breakpoints,
    "watches": _watches,
    "names": _names,
    "run": run_lines,
    "changes": _changes,
}


def _info(shell: Shell, words: str) -> None:
    _show(_INFO[one_of(words, _INFO, "a subject")], shell, "")


def _find(shell: Shell, words: str) -> None:
    refuse_while_predicting(shell.session)
    try:
        result = find(shell.session, words)
    except PasteError as error:
        raise ShellError(str(error)) from None
    shell.say(report_text(report(shell.session, result)).rstrip("\n"))


def _help(shell: Shell, words: str) -> None:
    if words:
        command = shell.command(words)
        short = f"  (short: {command.short})" if command.short else ""
        shell.say(f"{command.usage}{short}\n  {command.help}")
        return
    for command in shell.commands:
        shell.say(f"{command.name:<16}  {command.short:<2}  {command.help}")
    shell.say("Any unambiguous beginning of a command works. An empty line repeats the last step; # starts a comment.")


def _quit(shell: Shell, words: str) -> None:
    no_arguments(words)
    shell.is_over = True


PRINT_COMMANDS = (
    ShellCommand(
        "print",
        "p",
        "print[/full] EXPRESSION",
        "print the current value of an expression; /full with all digits",
        _print,
        complete=value_names,
    ),
    ShellCommand(
        "where",
        "",
        "where",
        "show lesson, update, epoch, example, phase, layer, neuron and term",
        partial(_show, where_lines),
    ),
    ShellCommand(
        "list", "l", "list", "list the pass as NumPy code, with the current line marked", partial(_show, listing_lines)
    ),
    ShellCommand("values", "v", "values", "list every quantity, as far as it is known", partial(_show, values_lines)),
    ShellCommand(
        "info",
        "i",
        "info breakpoints|watches|names|run|changes",
        "list breakpoints, watches, names or changes, or describe the run",
        _info,
        complete=lambda shell: _INFO,
    ),
    ShellCommand("find", "", "find NUMBER…", "find the quantity that a printed number is", _find),
    ShellCommand(
        "help",
        "h",
        "help [COMMAND]",
        "list all commands, or explain one",
        _help,
        complete=lambda shell: [c.name for c in shell.commands],
    ),
    ShellCommand(
        "quit",
        "q",
        "quit",
        "leave the debugger (or press Ctrl+D)",
        _quit,
        walk_obstacle="a walk ends after its last scene",
    ),
)
