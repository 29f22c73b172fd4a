"""The shell of `nnviz debug`: it holds the session, runs the command of each line, and prints the result."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, TextIO, TypeVar

from nnviz.debugger.branches import Branches, change_branch, replace_session
from nnviz.debugger.commands import Move
from nnviz.debugger.conditions.breakpoints import remove_breakpoint
from nnviz.debugger.conditions.continuing import Stop
from nnviz.debugger.quiz.predict import question
from nnviz.debugger.state.breakpoint import AtNonFinite
from nnviz.debugger.state.prediction import Score
from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.lessons.faults import did_you_mean
from nnviz.present.values.change_lines import change_lines
from nnviz.shell.output import arrival_lines, branch_switch_text, update_text, watch_lines
from nnviz.shell.question_text import question_lines
from nnviz.tracing.steps import Quantity

Result = TypeVar("Result")


class ShellError(Exception):
    """A command that cannot be carried out; its text is the message, printed after the command's name."""


@dataclass(frozen=True)
class ShellCommand:
    """One command: its name, short form, usage, line of help and function.

    `run(shell, words)` takes the text after the command's name, and raises ShellError. An empty line repeats a command
    with `repeats` set. `complete(shell)` returns the words that can follow the name. A command that `walks` goes step
    by step; walk files show each step that it passes. `walk_obstacle` is the reason why a walk file must not contain
    the command, for example because it writes a file; empty if it may.
    """

    name: str
    short: str
    usage: str
    help: str
    run: Callable[[Shell, str], None]
    _: KW_ONLY
    repeats: bool = False
    walks: bool = False
    walk_obstacle: str = ""
    complete: Callable[[Shell], Iterable[str]] = field(default=lambda shell: ())


@dataclass(eq=False)
class Shell:
    """The session of the shell, and what the commands remember between two lines. Mutable: every command may change it.

    `why_trail` holds the numbers visited with `why`. `temporary` holds the breakpoints that are removed after one stop.
    Long commands report their progress to `progress`, unless it is None. `scores` is the path of the score file, or
    None; `session_score` is the score of this session. `file` is the path of the session file, and `file_version` that
    of the file as it was opened or saved. `parts` holds its parts other than the branches, and `unknown_parts` those
    that this version of nnviz does not know. `has_failed` is true once training has stopped at NaN or infinity.
    """

    branches: Branches
    commands: Sequence[ShellCommand]
    out: TextIO
    progress: TextIO | None = None
    why_trail: tuple[Quantity, ...] = ()
    temporary: frozenset[int] = frozenset()
    is_over: bool = False
    was_interrupted: bool = False
    scores: Path | None = None
    file: str = ""
    file_version: tuple[int, ...] = ()
    parts: Mapping[str, object] = field(default_factory=dict)
    unknown_parts: Mapping[str, Any] = field(default_factory=dict)
    has_failed: bool = False
    session_score: Score = ()
    _repeated: str = ""
    _last_watch_lines: dict[int, str] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session of the current branch."""
        return self.branches.here.session

    @session.setter
    def session(self, session: Session) -> None:
        self.branches = replace_session(self.branches, session)

    def do(self, line: str) -> None:
        """Run the command of a line. Raises ShellError, its text prefixed with the command's name.

        While the user predicts, a line that does not begin with a letter is an answer.
        """
        text, mark, _ = line.partition("#")
        text = text.strip() or ("" if mark else self._empty_line_command())
        if not text:
            return
        is_predicting = self.session.predicting is not None
        word, rest = ("answer", text) if is_predicting and not text[0].isalpha() else _split(text)
        command = self.command(word)
        self._repeated = text if command.repeats else ""
        try:
            command.run(self, rest)
        except ShellError as error:
            raise ShellError(f"{command.name}: {error}") from None

    def command(self, word: str) -> ShellCommand:
        """Return the command with this name, short form or unambiguous beginning. Raises ShellError."""
        for command in self.commands:
            if word in (command.name, command.short):
                return command
        matching = [command for command in self.commands if command.name.startswith(word)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise ShellError(f"{word}: ambiguous, may be {', '.join(command.name for command in matching)}")
        hint = did_you_mean(word, [command.name for command in self.commands])
        raise ShellError(f"{word}: unknown command{hint or '; help lists the commands'}")

    def say(self, text: str) -> None:
        """Print one or more lines."""
        print(text, file=self.out)

    def show_session(self, session: Session, stop: Stop | None = None) -> None:
        """Take another session of this branch; print the new place, and why a run stopped there."""
        self.show_branches(replace_session(self.branches, session), stop)

    def show_branches(self, branches: Branches, stop: Stop | None = None) -> None:
        """Take other branches; print the new place, why a run stopped there, and what a choice changed."""
        previous, self.branches = self.branches, branches
        before = previous.here.session
        if branches.here.number != previous.here.number:
            self.say(branch_switch_text(previous, branches))
        is_at_nonfinite = stop is not None and _waited_for_nonfinite(self.session, stop)
        if stop is not None:
            self._say_stop(stop)
        for line in arrival_lines(before, self.session):
            self.say(line)
        if is_at_nonfinite:
            self.say(f"  in {update_text(self.session)}")
        self.say_watches()
        compared = self.session.compared
        if compared is not None and compared is not before.compared and compared.record is before.record:
            self.say_changes()
        self.say_question()

    def change(self, move: Move, name: str, branches_off: bool = False) -> None:
        """Change the session, with an undo entry of this name.

        With `branches_off`, a change in the past opens a branch. Raises ShellError if `move` raises
        ValueError, or if there is no room for another branch.
        """
        try:
            branches = change_branch(self.branches, move, name, branches_off=branches_off)
        except ValueError as error:
            raise ShellError(str(error)) from None
        if branches is self.branches:
            self.say("no change")
        else:
            self.show_branches(branches)

    def say_question(self) -> None:
        """Print the question, if the user predicts."""
        for line in question_lines(self.session):
            self.say(line)

    def say_changes(self) -> None:
        """Print the values that the last choice changed, old and new."""
        for line in change_lines(self.session):
            self.say(f"  {line}")

    def say_watches(self) -> None:
        """Print the watches whose values have changed since they were last printed."""
        for number, line in watch_lines(self.session):
            if self._last_watch_lines.get(number) != line:
                self.say(line)
            self._last_watch_lines[number] = line

    def _empty_line_command(self) -> str:
        """Return the command of an empty line: the last one again, or `step` between two questions."""
        is_between = self.session.predicting is not None and question(self.session) is None
        return "step" if is_between else self._repeated

    def _say_stop(self, stop: Stop) -> None:
        self.has_failed |= stop.is_failure
        if stop.breakpoint is None:
            self.say(f"Stopped: {stop.message}")
            return
        self.say(f"Breakpoint {stop.breakpoint}: {stop.message}")
        if stop.breakpoint in self.temporary:
            self.temporary -= {stop.breakpoint}
            self.session = remove_breakpoint(self.session, stop.breakpoint)

    def run_interruptible(self, travel: Callable[[Callable[[], bool]], Generator[Progress, None, Result]]) -> Result:
        """Run a long command to its end or until Ctrl+C. `travel` takes a function that is true after Ctrl+C."""
        with self.interruptible() as interrupted:
            slices = travel(interrupted)
            try:
                while True:
                    self._show(next(slices))
            except StopIteration as done:
                result: Result = done.value
                return result
            finally:
                if self.progress is not None:
                    print("\r\x1b[K", end="", file=self.progress, flush=True)

    def _show(self, progress: Progress) -> None:
        if self.progress is not None:
            goal = "" if progress.goal is None else f" of {progress.goal}"
            print(f"\r\x1b[Kupdate {progress.update}{goal}", end="", file=self.progress, flush=True)

    @contextmanager
    def interruptible(self) -> Iterator[Callable[[], bool]]:
        """Give a function that is true once Ctrl+C was pressed; within the block Ctrl+C does nothing else."""
        self.was_interrupted = False
        if threading.current_thread() is not threading.main_thread():
            yield lambda: self.was_interrupted
            return
        before = signal.signal(signal.SIGINT, lambda *_: self.interrupt())
        try:
            yield lambda: self.was_interrupted
        finally:
            signal.signal(signal.SIGINT, before)

    def interrupt(self) -> None:
        """Note that Ctrl+C was pressed."""
        self.was_interrupted = True


def _split(text: str) -> tuple[str, str]:
    """Split a line into its first word and the rest; p/full becomes p and /full."""
    word, _, rest = text.partition(" ")
    word, slash, option = word.partition("/")
    return word, f"{slash}{option} {rest}".strip() if slash else rest.strip()


def _waited_for_nonfinite(session: Session, stop: Stop) -> bool:
    """Return whether a breakpoint stopped that waits for NaN or infinity."""
    return any(b.id == stop.breakpoint and isinstance(b.where, AtNonFinite) for b in session.breakpoints)
