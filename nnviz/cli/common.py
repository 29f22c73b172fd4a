"""Shared by the commands: the row of their table, arguments, exit statuses, and one-line error messages."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nnviz.lessons.data_file import OwnData
    from nnviz.lessons.lesson import Lesson

_WRONG_CHOICE = re.compile(r"invalid choice: '(?P<word>.*)' \(choose from (?P<known>.*)\)$", re.DOTALL)
_TRAINING_KEYS = ("learning_rate", "update_after", "optimizer", "momentum", "shuffle", "seed")
_WRONG_OPTION = re.compile(r"unrecognized arguments: --(?P<word>[\w-]+)")
OK, FAILED, REFUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
LARGEST = 1_000_000_000
THEMES = ("light", "dark", "high-contrast")
_SIDES = (64, 7680)  # of a picture, in pixels


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

        meant = self._suggestion(message)
        said = f"{self.prog}: {one_line(message)}{meant}{' See' if meant else '; see'} {self.prog} --help"
        self.exit(REFUSED, f"{said}\n")

    def _suggestion(self, message: str) -> str:
        """Return the option or word that is meant by one that argparse does not know; empty if none is."""
        from nnviz.lessons.faults import did_you_mean
        from nnviz.tables.synonyms import nearest

        choice = _WRONG_CHOICE.search(message)
        if choice:
            return did_you_mean(choice["word"], re.findall("'([^']*)'", choice["known"]))
        option = _WRONG_OPTION.search(message)
        if option is None:
            return ""
        known = [name[2:] for action in self._actions for name in action.option_strings if name.startswith("--")]
        meant = nearest(option["word"], known)
        key = nearest(option["word"], _TRAINING_KEYS) if "set" in known and meant is None else None
        if key is not None:
            return f"; did you mean --set training.{key}=…?"
        return "" if meant is None else f"; did you mean --{meant}?"


def lesson_argument(parser: argparse.ArgumentParser, sessions: bool = False) -> None:
    """Add the argument for the lesson of a command; with `sessions` it may be a saved session."""
    saved = ", or a saved session" if sessions else ""
    parser.add_argument(
        "lesson", metavar="LESSON|FILE", help=f"a bundled lesson, a lesson file, a model (.onnx, .safetensors){saved}"
    )


def activation_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the activations of a model whose file has none."""
    parser.add_argument(
        "--activation",
        type=words_of,
        default=(),
        metavar="NAMES",
        help="of a model in a .safetensors file: the activation of the hidden layers, or with commas of each layer",
    )


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text that are parted by commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def load(
    lesson: str, overrides: Sequence[str] = (), own: OwnData | None = None, activations: Sequence[str] = ()
) -> Lesson:
    """Load a lesson by its name or file, or a model from its file. Raises LessonError."""
    from nnviz.models.model_files import open_lesson

    return open_lesson(lesson, overrides, own, activations)


def check_output(option: str, out: str, inputs: Iterable[str | Path]) -> None:
    """Check that an output file can be written and is none of the inputs. Raises OSError or RequestError."""
    from nnviz.formats.atomic_files import check_writable, is_one_of

    if is_one_of(out, inputs):
        raise RequestError(f"{option} {out}: this file is read by the command; name another one to write")
    check_writable(out)


def whole_number(text: str) -> int:
    """Convert an argument to a whole number from 0 to LARGEST. Raises ArgumentTypeError."""
    from nnviz.tables.numerals import NumeralError
    from nnviz.tables.whole_numbers import read_whole

    if not any(map(str.isnumeric, text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    try:
        number = read_whole(text, 0, LARGEST)
    except NumeralError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if "e" in text.lower():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number in digits; write {number}")
    return number


def size_like(example: str) -> Callable[[str], tuple[int, int]]:
    """Return the conversion of an argument to a width and height in pixels; `example` is for its error message."""

    def convert(text: str) -> tuple[int, int]:
        found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)
        size = (0, 0) if found is None else (int(found[1]), int(found[2]))
        if not all(_SIDES[0] <= side <= _SIDES[1] for side in size):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a size such as {example}, from {_SIDES[0]} to {_SIDES[1]}"
            )
        return size

    return convert


def refuse_options(args: argparse.Namespace, names: Iterable[str], source: str) -> None:
    """Raise RequestError if an option is given that the source, such as "a walk", decides by itself."""
    for name in names:
        if getattr(args, name) is not None:
            raise RequestError(f"--{name}: not available for {source}; {args.lesson} has its own")


def paint_offscreen() -> None:
    """Let Qt paint without a display: none is needed, and pictures are the same with and without one."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def write_text(text: str, out: str | None, what: str) -> None:
    """Write a text to a file, whole or not at all, and say what it is; without a file, to standard output."""
    from nnviz.formats.atomic_files import write_atomically

    if out is None:
        write_utf8()
        sys.stdout.write(text)
        return
    write_atomically(out, text)
    say(f"wrote the {what} to {out}")


def say(text: str) -> None:
    """Write one line on standard error."""
    from nnviz.lessons.file_content import one_line

    if sys.stderr is not None:
        print(f"nnviz: {one_line(text)}", file=sys.stderr)


def write_utf8() -> None:
    """Set standard output to UTF-8: machine formats do not depend on the terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
