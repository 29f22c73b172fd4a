"""`nnviz debug`: a line-oriented debugger on the same session as the window, at a terminal or from a script."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from nnviz.cli.common import FAILED, OK, Command
from nnviz.cli.passes import GRAINS, pass_arguments, session_of

if TYPE_CHECKING:
    from nnviz.cli.shell.shell import Shell

PROMPT = "(nnviz) "


def _arguments(parser: argparse.ArgumentParser) -> None:
    pass_arguments(parser)
    parser.add_argument("--grain", choices=GRAINS, default="neuron", help="how fine the steps are (default: neuron)")
    parser.add_argument("--batch", action="store_true", help="no prompt, as where standard input is not a terminal")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a command failed")


def _debug(args: argparse.Namespace) -> int:
    from nnviz.cli.shell.commands import SHELL_COMMANDS
    from nnviz.cli.shell.shell import Shell
    from nnviz.cli.shell.told import pass_text

    session = session_of(args, args.grain)
    if session is None:
        return FAILED
    talks = not args.batch and sys.stdin is not None and sys.stdin.isatty()
    progress = sys.stderr if talks and sys.stderr is not None and sys.stderr.isatty() else None
    shell = Shell(session, SHELL_COMMANDS, sys.stdout, progress)
    shell.say(f"{session.lesson.name}: {' '.join(session.lesson.title.split())}")
    shell.say(pass_text(session))
    if talks:
        shell.say("help lists the commands, quit leaves")
        _complete_by(shell)
    sound = _converse(shell, _typed(shell) if talks else _given())
    return FAILED if args.strict and not sound else OK


def _converse(shell: Shell, lines: Iterator[str]) -> bool:
    """Do line after line; gives whether every command could be done."""
    from nnviz.cli.shell.shell import ShellError

    sound = True
    for line in lines:
        try:
            shell.do(line)
        except ShellError as error:
            sound = False
            shell.out.flush()
            if sys.stderr is not None:
                print(" ".join(str(error).split()), file=sys.stderr, flush=True)
        if shell.is_over:
            break
    return sound


def _given() -> Iterator[str]:
    """The lines of a script."""
    yield from sys.stdin or ()


def _typed(shell: Shell) -> Iterator[str]:
    """The lines that are typed; Ctrl+C forgets the line, Ctrl+D ends."""
    while True:
        try:
            yield input(PROMPT)
        except KeyboardInterrupt:
            shell.say("")
        except EOFError:
            shell.say("")
            return


def _complete_by(shell: Shell) -> None:
    """History, and completion with Tab, where Python has them."""
    with suppress(ImportError):
        import readline

        readline.set_completer(completer(shell, readline.get_line_buffer))
        readline.set_completer_delims(" \t=<>+*/()[],")
        readline.parse_and_bind("tab: complete")


def completer(shell: Shell, buffer: Callable[[], str]) -> Callable[[str, int], str | None]:
    """Gives the words that a beginning may become: commands first on the line, behind one what it takes."""
    from nnviz.cli.shell.shell import ShellError

    def complete(text: str, state: int) -> str | None:
        first, behind, _ = buffer().lstrip().partition(" ")
        words = [command.name for command in shell.commands]
        if behind:
            try:
                words = list(shell.command(first.partition("/")[0]).complete(shell))
            except ShellError:
                return None
        found = sorted({word for word in words if word.startswith(text)})
        return found[state] if state < len(found) else None

    return complete


DEBUG = Command(
    "debug",
    "Step through a lesson line by line: a debugger for the terminal and for scripts.",
    _arguments,
    _debug,
    (
        "nnviz debug koehn",
        "nnviz debug koehn --example 2 --grain term",
        "nnviz debug koehn --strict < script.txt",
        "printf 'break if loss < 0.01\\ncontinue\\nwhere\\n' | nnviz debug krzeminski-sgd",
    ),
)
