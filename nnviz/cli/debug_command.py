"""`nnviz debug`: a command-line debugger with the window's sessions, for the terminal and for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from nnviz.cli.common import FAILED, OK, SubCommand
from nnviz.cli.pass_commands import GRAINS, pass_arguments, saved_session, session_of

if TYPE_CHECKING:
    from nnviz.shell.shell import Shell

PROMPT = "(nnviz) "
GRAIN = "neuron"  # of a lesson; a session has its own


def _arguments(parser: argparse.ArgumentParser) -> None:
    pass_arguments(parser)
    parser.add_argument(
        "--grain", choices=GRAINS, help=f"level of detail of the steps (default: {GRAIN}; for a saved session, its own)"
    )
    parser.add_argument("--batch", action="store_true", help="no prompt, even if standard input is a terminal")
    parser.add_argument(
        "--strict", action="store_true", help="exit with status 1 if a command failed, or training met NaN or infinity"
    )


def _debug(args: argparse.Namespace) -> int:
    from nnviz.shell.predict_commands import say_score

    shell = _shell(args)
    if shell is None:
        return FAILED
    is_interactive = not args.batch and sys.stdin is not None and sys.stdin.isatty()
    shell.progress = sys.stderr if is_interactive and sys.stderr is not None and sys.stderr.isatty() else None
    _greet(shell)
    if is_interactive:
        shell.say("Type help to list the commands, quit to leave.")
        _set_up_completion(shell)
    succeeded = _run_lines(shell, _typed_lines(shell) if is_interactive else _script_lines())
    say_score(shell)
    return FAILED if args.strict and (shell.has_failed or not succeeded) else OK


def _shell(args: argparse.Namespace) -> Shell | None:
    """Return a shell on a lesson or on a saved session with its branches; None if training stops before it."""
    from dataclasses import replace

    from nnviz.debugger.branches import Branches, one_branch
    from nnviz.debugger.state.prediction import Predicted
    from nnviz.formats.score_file import scores_path
    from nnviz.sessions import branches_part as session_branches
    from nnviz.sessions import predict_part as session_predict
    from nnviz.sessions.file_name import is_session_file
    from nnviz.sessions.save import file_version
    from nnviz.shell.command_table import SHELL_COMMANDS
    from nnviz.shell.predict_commands import resume_predicting
    from nnviz.shell.shell import Shell
    from nnviz.tracing.steps import Grain

    if not is_session_file(args.lesson):
        session = session_of(args, args.grain or GRAIN)
        if session is None:
            return None
        return Shell(one_branch(session), SHELL_COMMANDS, sys.stdout, scores=scores_path())
    version = file_version(args.lesson)
    saved = saved_session(args)
    branches = saved.parts.get(session_branches.NAME)
    if not isinstance(branches, Branches):
        branches = one_branch(saved.session)
    shell = Shell(
        branches, SHELL_COMMANDS, sys.stdout, scores=scores_path(), parts=saved.parts, unknown_parts=saved.unknown_parts
    )
    shell.file, shell.file_version = args.lesson, version
    predicted = saved.parts.get(session_predict.NAME)
    if isinstance(predicted, Predicted):
        resume_predicting(shell, predicted)
    if args.grain is not None:
        shell.session = replace(shell.session, grain=Grain[args.grain.upper()])
    return shell


def _greet(shell: Shell) -> None:
    """Print the lesson, the pass and the current step."""
    from nnviz.shell.output import branch_lines, pass_text, step_lines

    session = shell.session
    shell.say(f"{session.lesson.name}: {' '.join(session.lesson.title.split())}")
    shell.say(pass_text(session))
    if session.step is not None:
        for line in step_lines(session, session.step):
            shell.say(line)
    if len(shell.branches.all) > 1:
        for line in branch_lines(shell.branches):
            shell.say(line)
    shell.say_question()


def _run_lines(shell: Shell, lines: Iterator[str]) -> bool:
    """Run the commands line by line; return whether all of them succeeded."""
    from nnviz.shell.shell import ShellError

    succeeded = True
    for line in lines:
        try:
            shell.do(line)
        except ShellError as error:
            succeeded = False
            shell.out.flush()
            if sys.stderr is not None:
                print(" ".join(str(error).split()), file=sys.stderr, flush=True)
        if shell.is_over:
            break
    return succeeded


def _script_lines() -> Iterator[str]:
    """Yield the lines of standard input."""
    yield from sys.stdin or ()


def _typed_lines(shell: Shell) -> Iterator[str]:
    """Yield the lines typed at the prompt. Ctrl+C discards a line, Ctrl+D ends."""
    while True:
        try:
            yield input(PROMPT)
        except KeyboardInterrupt:
            shell.say("")
        except EOFError:
            shell.say("")
            return


def _set_up_completion(shell: Shell) -> None:
    """Enable history and Tab completion if Python has readline."""
    with suppress(ImportError):
        import readline

        readline.set_completer(completer(shell, readline.get_line_buffer))
        readline.set_completer_delims(" \t=<>+*/()[],")
        readline.parse_and_bind("tab: complete")


def completer(shell: Shell, buffer: Callable[[], str]) -> Callable[[str, int], str | None]:
    """Return a completer for readline: it completes commands, and after a command its arguments."""
    from nnviz.shell.shell import ShellError

    def complete(text: str, state: int) -> str | None:
        first, space, _ = buffer().lstrip().partition(" ")
        words = [command.name for command in shell.commands]
        if space:
            try:
                words = list(shell.command(first.partition("/")[0]).complete(shell))
            except ShellError:
                return None
        found = sorted({word for word in words if word.startswith(text)})
        return found[state] if state < len(found) else None

    return complete


DEBUG = SubCommand(
    "debug",
    "Debug a lesson step by step, at the terminal or with a script.",
    _arguments,
    _debug,
    (
        "nnviz debug koehn",
        "nnviz debug koehn --example 2 --grain term",
        "nnviz debug koehn --strict < script.txt",
        "nnviz debug walk.nnviz",
        "printf 'break if loss < 0.01\\ncontinue\\nwhere\\n' | nnviz debug krzeminski-sgd",
    ),
)
