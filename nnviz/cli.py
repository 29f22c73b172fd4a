"""The command line: `nnviz [LESSON|FILE]` opens the window; sub-commands list, check, trace and train."""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nnviz.debugger.session import Session
    from nnviz.lessons.lesson import Lesson

# Everything that takes long to import (NumPy, pydantic, rich, Qt) is imported in the function that needs it.

OK, FAILED, REFUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
GRAINS = ("pass", "layer", "neuron", "term")
TRACE_FORMATS = ("table", "json", "csv", "markdown", "latex")
RUN_FORMATS = ("table", "json")
LARGEST = 1_000_000_000
# Sums that a library splits over threads differ in their last bits with the number of cores: one thread, everywhere
# the same bits, and at the sizes of these networks no slower.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status: 0, 1 for a failure, 2 for what was asked wrongly."""
    words = list(sys.argv[1:] if argv is None else argv)
    for name in THREADS:
        os.environ.setdefault(name, "1")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no δ shows ? instead
    try:
        status = _run(words)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return PIPE_CLOSED
    except OSError as error:
        _abandon_output()
        _say(f"{error.filename or 'the output'}: cannot be written: {error.strerror or error}")
        return FAILED
    except Exception as error:
        if os.environ.get("NNVIZ_TRACEBACK"):
            raise
        _say(f"an unforeseen error: {type(error).__name__}: {error}; with NNVIZ_TRACEBACK=1 it says where")
        return FAILED


def _run(words: list[str]) -> int:
    from nnviz.lessons.faults import LessonError

    try:
        if words and words[0] in COMMANDS:
            return _run_command(COMMANDS[words[0]], words[1:])
        return _open_window(_window_parser().parse_args(words))
    except SystemExit as exit:  # argparse has said what there is to say
        return exit.code if isinstance(exit.code, int) else REFUSED
    except LessonError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except RequestError as refusal:
        _say(str(refusal))
        return REFUSED


def _run_command(command: Command, words: list[str]) -> int:
    parser = _Parser(
        prog=f"nnviz {command.name}",
        description=command.help,
        epilog="\n".join(("examples:", *(f"  {example}" for example in command.examples))),
    )
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


class _Parser(argparse.ArgumentParser):
    """argparse with its epilog kept as it is written, no abbreviations, and errors in one line."""

    def __init__(self, **options: str) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **options,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        self.exit(REFUSED, f"{self.prog}: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """`--version`, looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from nnviz import __version__

        print(f"nnviz {__version__}")
        parser.exit()


# nnviz [LESSON|FILE]: the window


def _window_parser() -> argparse.ArgumentParser:
    width = max(len(name) for name in COMMANDS)
    commands = "\n".join(f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items())
    examples = "\n".join(f"  {example}" for command in COMMANDS.values() for example in command.examples[:1])
    parser = _Parser(
        prog="nnviz",
        usage="nnviz [LESSON|FILE]\n       nnviz COMMAND …",
        description="A debugger for small neural networks. Without a command, open the window.",
        epilog=f"commands:\n{commands}\n\nexamples:\n  nnviz koehn\n{examples}\n\n"
        "`nnviz COMMAND --help` tells more about a command.",
    )
    parser.add_argument(
        "lesson", nargs="*", metavar="LESSON|FILE", help="a bundled lesson (nnviz list) or a lesson file"
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    return parser


def _open_window(args: argparse.Namespace) -> int:
    from nnviz.lessons.catalog import find_lesson
    from nnviz.lessons.faults import did_you_mean

    if len(args.lesson) > 1:
        hint = did_you_mean(args.lesson[0], tuple(COMMANDS))
        raise RequestError(f"{args.lesson[0]!r} is no command, and the window opens one lesson{hint}")
    lesson = args.lesson[0] if args.lesson else None
    if lesson is not None:
        find_lesson(lesson)  # an unknown name is told before Qt is imported
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in SCREENS):
        raise RequestError("there is no screen to open the window on: neither DISPLAY nor WAYLAND_DISPLAY is set")
    gc.disable()  # while so much is imported that stays, looking for garbage costs a tenth of the start
    try:
        from nnviz.gui.app import run
    except ImportError as error:
        gc.enable()
        _say(f"the window cannot be opened: {error}")
        return FAILED
    return run(lesson)


# nnviz list


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def _list(args: argparse.Namespace) -> int:
    rows = list(_listed())
    if not sys.stdout.isatty():
        _write_aligned(rows)
        return OK
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("lesson", "title", "sizes", "source", box=box.SIMPLE_HEAD)
    for name, *rest in rows:
        table.add_row(Text(name, "bold"), *map(Text, rest))
    Console(highlight=False).print(table)
    return OK


def _listed() -> Iterator[tuple[str, str, str, str]]:
    """Name, title, sizes and source of each bundled lesson."""
    from nnviz.lessons.summaries import lesson_summaries

    for lesson in lesson_summaries():
        yield lesson.name, lesson.title, "-".join(map(str, lesson.sizes)), lesson.source


def _write_aligned(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


# nnviz check


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON|FILE", help="what to check; every bundled lesson if left out"
    )


def _check(args: argparse.Namespace) -> int:
    from nnviz.lessons.catalog import lesson_names

    sound = [_check_one(lesson) for lesson in args.lessons or lesson_names()]
    return OK if all(sound) else FAILED


def _check_one(name: str) -> bool:
    """Write every verdict on one lesson; gives whether none is a failure."""
    from nnviz.export.verdicts import verdicts
    from nnviz.lessons.faults import LessonError

    try:
        lesson = _load(name)
    except LessonError as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        return _conclude(name, len(error.faults), "fault")
    failures = 0
    for verdict in verdicts(lesson):
        print(f"{lesson.name}: {verdict.text}")
        failures += verdict.failed
    return _conclude(lesson.name, failures, "failure")


def _conclude(name: str, failures: int, noun: str) -> bool:
    from nnviz.lessons.faults import count_of

    print(f"{name}: {count_of(failures, noun) if failures else 'ok'}", flush=True)
    return not failures


# nnviz trace


def _trace_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lesson", metavar="LESSON|FILE", help="a bundled lesson or a lesson file")
    parser.add_argument(
        "--example", type=_whole, metavar="K", help="the example to step, from 0; the lesson's own if left out"
    )
    parser.add_argument(
        "--update", type=_whole, default=0, metavar="N", help="step the pass after N updates of training"
    )
    parser.add_argument("--grain", choices=GRAINS, default="neuron", help="how fine the steps are (default: neuron)")
    parser.add_argument("--notation", metavar="NAME", help="write as another document does: koehn, standard, …")
    parser.add_argument("--format", choices=TRACE_FORMATS, default="table", help="what to write (default: table)")


def _trace(args: argparse.Namespace) -> int:
    from nnviz.engine.training import NonFiniteError
    from nnviz.export import EXPORTERS

    try:
        session = _session(args)
    except NonFiniteError as error:
        _say(f"{args.lesson}: training stops before the pass: {error}")
        return FAILED
    if args.format != "table":
        _write_utf8()
    EXPORTERS[args.format](session, sys.stdout)
    return OK


def _session(args: argparse.Namespace) -> Session:
    from nnviz.debugger.session import start_session
    from nnviz.lessons.notation import load_notation
    from nnviz.trace.steps import Grain

    lesson = _load(args.lesson)
    last = len(lesson.dataset) - 1
    if args.example is not None and args.example > last:
        raise RequestError(f"--example {args.example}: {lesson.name} has the examples 0 to {last}")
    notation = lesson.notation
    if args.notation is not None and args.notation != notation.name:
        try:
            notation = load_notation(args.notation)
        except ValueError as error:
            raise RequestError(f"--notation: {error}") from None
    grain = Grain[args.grain.upper()]
    return start_session(lesson, example=args.example, update=args.update, grain=grain, notation=notation)


# nnviz train


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lesson", metavar="LESSON|FILE", help="a bundled lesson or a lesson file")
    parser.add_argument("--epochs", type=_whole, metavar="N", help="how long to train; as the lesson says if left out")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="set a field of the lesson; may be repeated"
    )
    parser.add_argument("--out", metavar="FILE", help="write the run as JSON to a file too")
    parser.add_argument("--format", choices=RUN_FORMATS, default="table", help="what to write (default: table)")


def _train(args: argparse.Namespace) -> int:
    from nnviz.export import RUN_EXPORTERS
    from nnviz.export.files import check_writable, write_atomically
    from nnviz.export.run import train_run
    from nnviz.export.run_json import run_text

    lesson = _load(args.lesson, args.set)
    if args.out is not None:
        check_writable(args.out)
    run = train_run(lesson, lesson.training.epochs if args.epochs is None else args.epochs)
    if run.stopped:
        _say(f"{lesson.name}: training stopped: {run.stopped}")
    if args.out is not None:
        write_atomically(args.out, run_text(run))
        _say(f"the run is written to {args.out}")
    if args.format != "table":
        _write_utf8()
    RUN_EXPORTERS[args.format](run, sys.stdout)
    return FAILED if run.stopped else OK


# The sub-commands


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("list", "List the bundled lessons.", _no_arguments, _list, ("nnviz list",)),
        Command(
            "check",
            "Check lessons: format, printed figures, gradients, trace.",
            _check_arguments,
            _check,
            ("nnviz check my-lesson.toml", "nnviz check koehn", "nnviz check"),
        ),
        Command(
            "trace",
            "Write every step of one pass, with its formula and numbers.",
            _trace_arguments,
            _trace,
            (
                "nnviz trace koehn",
                "nnviz trace koehn --example 2 --grain term",
                "nnviz trace koehn --notation standard --format latex > solution.tex",
                "nnviz trace my-lesson.toml --update 100 --format json",
            ),
        ),
        Command(
            "train",
            "Train a lesson's network and tell its losses.",
            _train_arguments,
            _train,
            (
                "nnviz train krzeminski-batch --set network.init.seed=0",
                "nnviz train koehn --epochs 50 --set training.learning_rate=0.5 --set training.optimizer=adam",
                "nnviz train my-lesson.toml --format json --out run.json",
            ),
        ),
    )
}


# What all commands share


def _load(lesson: str, overrides: Sequence[str] = ()) -> Lesson:
    from nnviz.lessons.catalog import load

    return load(lesson, overrides)


def _whole(text: str) -> int:
    """A whole number from 0, for argparse."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if not 0 <= number <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {LARGEST}")
    return number


def _say(text: str) -> None:
    """One line on standard error."""
    if sys.stderr is not None:
        print(f"nnviz: {' '.join(text.split())}", file=sys.stderr)


def _write_utf8() -> None:
    """Formats for machines are UTF-8, whatever the terminal is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _abandon_output() -> None:
    """Nothing more can be written: what is still buffered must not be tried again at the end."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
