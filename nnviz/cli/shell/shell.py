"""The shell of `nnviz debug`: it holds the session, finds the command that a line means, and says what comes of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, TextIO, TypeVar

from nnviz.cli.shell.questions import question_lines
from nnviz.cli.shell.told import arrived, followed_text, watch_lines
from nnviz.debugger.branches import Branches, changed_in, stepped
from nnviz.debugger.breakpoints import remove_breakpoint
from nnviz.debugger.commands import Move
from nnviz.debugger.predict import question
from nnviz.debugger.prediction import Score
from nnviz.debugger.running import Stop
from nnviz.debugger.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.lessons.faults import did_you_mean
from nnviz.present.change_lines import change_lines
from nnviz.trace.steps import Quantity

Result = TypeVar("Result")


class ShellError(Exception):
    """A command that cannot be done; its text is the one line said about it, behind the command's name."""


@dataclass(frozen=True)
class ShellCommand:
    """One command: its name, a short form, how it is used, one line of help, and what it does.

    `run(shell, words)` is given what stands behind the name, and raises ShellError. An empty line repeats a command
    that `steps`. `complete(shell)` gives the words that can follow it.
    """

    name: str
    short: str
    usage: str
    help: str
    run: Callable[[Shell, str], None]
    _: KW_ONLY
    steps: bool = False
    complete: Callable[[Shell], Iterable[str]] = field(default=lambda shell: ())


@dataclass(eq=False)
class Shell:
    """Where the learner is, and what the commands remember between two lines. Mutable: it is what a dialogue changes.

    `asked` are the numbers gone through by `why`, `temporary` the breakpoints that go when they have stopped.
    `progress` is where long ways tell how far they are, None where nobody looks. `scores` is the file of the scores,
    None where they are not kept, `made` the score of this session. `file` is that of the session; what it holds besides
    branches is `more`, and in the parts that this nnviz does not know `kept`.
    """

    branches: Branches
    commands: Sequence[ShellCommand]
    out: TextIO
    progress: TextIO | None = None
    asked: tuple[Quantity, ...] = ()
    temporary: frozenset[int] = frozenset()
    is_over: bool = False
    was_interrupted: bool = False
    scores: Path | None = None
    file: str = ""
    more: Mapping[str, object] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)
    made: Score = ()
    _repeated: str = ""
    _said: dict[int, str] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session of the branch that is followed."""
        return self.branches.here.session

    @session.setter
    def session(self, session: Session) -> None:
        self.branches = stepped(self.branches, session)

    def do(self, line: str) -> None:
        """Do what a line says. Raises ShellError, its text with the command's name before it.

        While a value is asked for, a line that begins as no command does is an answer.
        """
        text, mark, _ = line.partition("#")
        text = text.strip() or ("" if mark else self._unsaid())
        if not text:
            return
        is_asked = self.session.predicting is not None
        word, rest = ("answer", text) if is_asked and not text[0].isalpha() else _split(text)
        command = self.command(word)
        self._repeated = text if command.steps else ""
        try:
            command.run(self, rest)
        except ShellError as error:
            raise ShellError(f"{command.name}: {error}") from None

    def command(self, word: str) -> ShellCommand:
        """The command that a word means: its name, its short form, or a beginning that no other has."""
        for command in self.commands:
            if word in (command.name, command.short):
                return command
        meant = [command for command in self.commands if command.name.startswith(word)]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise ShellError(f"{word}: may be {', '.join(command.name for command in meant)}")
        hint = did_you_mean(word, [command.name for command in self.commands])
        raise ShellError(f"{word}: no such command{hint or '; help lists them'}")

    def say(self, text: str) -> None:
        """Write one or more lines."""
        print(text, file=self.out)

    def go(self, session: Session, stop: Stop | None = None) -> None:
        """Stand elsewhere, and say where, and why it was stopped."""
        self.follow(stepped(self.branches, session), stop)

    def follow(self, branches: Branches, stop: Stop | None = None) -> None:
        """Stand elsewhere, perhaps in another branch, and say where, why it was stopped, and what a choice changed."""
        left, self.branches = self.branches, branches
        before = left.here.session
        if branches.here.number != left.here.number:
            self.say(followed_text(left, branches))
        if stop is not None:
            self._tell_stop(stop)
        for line in arrived(before, self.session):
            self.say(line)
        self.tell_watches()
        compared = self.session.compared
        if compared is not None and compared is not before.compared and compared.record is before.record:
            self.tell_changes()
        self.ask()

    def change(self, move: Move, name: str, branches_off: bool = False) -> None:
        """Change the session so that it can be undone under a name; with `branches_off`, in the past in a new branch.

        Raises ShellError for what the move refuses with ValueError, and where there is no room for a branch.
        """
        try:
            branches = changed_in(self.branches, move, name, branches_off=branches_off)
        except ValueError as error:
            raise ShellError(str(error)) from None
        if branches is self.branches:
            self.say("nothing changes")
        else:
            self.follow(branches)

    def ask(self) -> None:
        """What is asked, where values are predicted."""
        for line in question_lines(self.session):
            self.say(line)

    def tell_changes(self) -> None:
        """What the last choice changed, old and new."""
        for line in change_lines(self.session):
            self.say(f"  {line}")

    def tell_watches(self) -> None:
        """The watches whose values are others than when they were last told."""
        for number, line in watch_lines(self.session):
            if self._said.get(number) != line:
                self.say(line)
            self._said[number] = line

    def _unsaid(self) -> str:
        """What an empty line stands for: the last step again, or between two questions the next one."""
        waits = self.session.predicting is not None and question(self.session) is None
        return "step" if waits else self._repeated

    def _tell_stop(self, stop: Stop) -> None:
        if stop.breakpoint is None:
            self.say(f"Stopped: {stop.message}")
            return
        self.say(f"Breakpoint {stop.breakpoint}: {stop.message}")
        if stop.breakpoint in self.temporary:
            self.temporary -= {stop.breakpoint}
            self.session = remove_breakpoint(self.session, stop.breakpoint)

    def along(self, way: Callable[[Callable[[], bool]], Generator[Progress, None, Result]]) -> Result:
        """Go a long way to its end, or until Ctrl+C; `way` is given what to ask whether it should stop."""
        with self.interruptible() as interrupted:
            slices = way(interrupted)
            try:
                while True:
                    self._show(next(slices))
            except StopIteration as done:
                found: Result = done.value
                return found
            finally:
                if self.progress is not None:
                    print("\r\x1b[K", end="", file=self.progress, flush=True)

    def _show(self, progress: Progress) -> None:
        if self.progress is not None:
            goal = "" if progress.goal is None else f" of {progress.goal}"
            print(f"\r\x1b[Kupdate {progress.update}{goal}", end="", file=self.progress, flush=True)

    @contextmanager
    def interruptible(self) -> Iterator[Callable[[], bool]]:
        """Within it Ctrl+C ends nothing, but is remembered until it is asked for."""
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
        """What Ctrl+C does on a long way."""
        self.was_interrupted = True


def _split(text: str) -> tuple[str, str]:
    """A line's first word, and what stands behind it; p/full is p and /full."""
    word, _, rest = text.partition(" ")
    word, slash, option = word.partition("/")
    return word, f"{slash}{option} {rest}".strip() if slash else rest.strip()
