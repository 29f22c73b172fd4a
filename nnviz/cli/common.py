"""What the commands share: their table's rows, arguments, exit statuses, and one line for what goes wrong."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nnviz.lessons.lesson import Lesson

OK, FAILED, REFUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
LARGEST = 1_000_000_000


@dataclass(frozen=True)
class Command:
    """A sub-command: its line in the help, its arguments, what it does, and examples."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    examples: tuple[str, ...]


class RequestError(Exception):
    """Something asked for that cannot be done; its text is the one line said about it."""


class Parser(argparse.ArgumentParser):
    """argparse with its epilog kept as it is written, no abbreviations, and errors in one line."""

    def __init__(self, **options: str) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **options,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        self.exit(REFUSED, f"{self.prog}: {message}; see {self.prog} --help\n")


def lesson_argument(parser: argparse.ArgumentParser, sessions: bool = False) -> None:
    """The one lesson that a command is about, or with `sessions` the session."""
    saved = ", or a saved session" if sessions else ""
    parser.add_argument("lesson", metavar="LESSON|FILE", help=f"a bundled lesson or a lesson file{saved}")


def load(lesson: str, overrides: Sequence[str] = ()) -> Lesson:
    """A lesson by name or file. Raises LessonError."""
    from nnviz.lessons.catalog import load

    return load(lesson, overrides)


def whole(text: str) -> int:
    """A whole number from 0, for argparse."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if not 0 <= number <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {LARGEST}")
    return number


def say(text: str) -> None:
    """One line on standard error."""
    if sys.stderr is not None:
        print(f"nnviz: {' '.join(text.split())}", file=sys.stderr)


def write_utf8() -> None:
    """Formats for machines are UTF-8, whatever the terminal is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
