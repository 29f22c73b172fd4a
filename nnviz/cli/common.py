"""Shared by the commands: the row of their table, arguments, exit statuses, and one-line error messages."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nnviz.lessons.data_file import OwnData
    from nnviz.lessons.lesson import Lesson

OK, FAILED, REFUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
LARGEST = 1_000_000_000


@dataclass(frozen=True)
class SubCommand:
    """A sub-command: its name, line of help, arguments, function and examples."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    examples: tuple[str, ...]


class RequestError(Exception):
    """A request that cannot be carried out; its text is the one-line message for the user."""


class Parser(argparse.ArgumentParser):
    """An argparse parser with its epilog as written, no abbreviations, and one-line errors."""

    def __init__(self, **options: str) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **options,  # type: ignore[arg-type]
        )
        # argparse takes -0,25 and -1e-3 for options, and only -0.25 for a number.
        self._negative_number_matcher = re.compile(r"-[^A-Za-z-]")

    def error(self, message: str) -> NoReturn:
        from nnviz.lessons.file_content import one_line

        self.exit(REFUSED, f"{self.prog}: {one_line(message)}; see {self.prog} --help\n")


def lesson_argument(parser: argparse.ArgumentParser, sessions: bool = False) -> None:
    """Add the argument for the lesson of a command; with `sessions` it may be a saved session."""
    saved = ", or a saved session" if sessions else ""
    parser.add_argument("lesson", metavar="LESSON|FILE", help=f"a bundled lesson, or a lesson file{saved}")


def load(lesson: str, overrides: Sequence[str] = (), own: OwnData | None = None) -> Lesson:
    """Load a lesson by its name or file. Raises LessonError."""
    from nnviz.lessons.catalog import load

    return load(lesson, overrides, own)


def check_output(option: str, out: str, inputs: Iterable[str | Path]) -> None:
    """Check that an output file can be written and is none of the inputs. Raises OSError or RequestError."""
    from nnviz.formats.atomic_files import check_writable, is_one_of

    if is_one_of(out, inputs):
        raise RequestError(f"{option} {out}: this file is read by the command; name another one to write")
    check_writable(out)


def whole_number(text: str) -> int:
    """Convert an argument to a whole number from 0 to LARGEST. Raises ArgumentTypeError."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if not 0 <= number <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text} is not in the range 0 to {LARGEST}")
    return number


def say(text: str) -> None:
    """Write one line on standard error."""
    from nnviz.lessons.file_content import one_line

    if sys.stderr is not None:
        print(f"nnviz: {one_line(text)}", file=sys.stderr)


def write_utf8() -> None:
    """Set standard output to UTF-8: machine formats do not depend on the terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
