"""The shell of `nnviz debug`: it holds the session, finds the command that a line means, and says what comes of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

from nnviz.cli.shell.told import arrived, watch_lines
from nnviz.debugger.breakpoints import remove_breakpoint
from nnviz.debugger.running import Stop
from nnviz.debugger.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.lessons.faults import did_you_mean
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
    steps: bool = False
    complete: Callable[[Shell], Iterable[str]] = field(default=lambda shell: ())


@dataclass(eq=False)
class Shell:
    """Where the learner is, and what the commands remember between two lines. Mutable: it is what a dialogue changes.

    `asked` are the numbers gone through by `why`, `temporary` the breakpoints that go when they have stopped.
    `progress` is where long ways tell how far they are, None where nobody looks.
    """

    session: Session
    commands: Sequence[ShellCommand]
    out: TextIO
    progress: TextIO | None = None
    asked: tuple[Quantity, ...] = ()
    temporary: frozenset[int] = frozenset()
    is_over: bool = False
    was_interrupted: bool = False
    _repeated: str = ""
    _said: dict[int, str] = field(default_factory=dict)

    def do(self, line: str) -> None:
        """Do what a line says. Raises ShellError, its text with the command's name before it."""
        text, mark, _ = line.partition("#")
        text = text.strip() or ("" if mark else self._repeated)
        if not text:
            return
        word, rest = _split(text)
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
        before, self.session = self.session, session
        if stop is not None:
            self._tell_stop(stop)
        for line in arrived(before, self.session):
            self.say(line)
        self.tell_watches()

    def tell_watches(self) -> None:
        """The watches whose values are others than when they were last told."""
        for number, line in watch_lines(self.session):
            if self._said.get(number) != line:
                self.say(line)
            self._said[number] = line

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
