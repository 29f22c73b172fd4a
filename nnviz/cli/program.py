"""The program: run the sub-command, or open the window, and report each error in one line."""

from __future__ import annotations

import argparse
import codecs
import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from nnviz.cli.common import (
    FAILED,
    INTERRUPTED,
    PIPE_CLOSED,
    REFUSED,
    Parser,
    RequestError,
    SubCommand,
    activation_argument,
    say,
)
from nnviz.cli.debug_command import DEBUG
from nnviz.cli.find_command import FIND
from nnviz.cli.lesson_commands import CHECK, LIST
from nnviz.cli.new_command import NEW
from nnviz.cli.pass_commands import EXPORT, TRACE
from nnviz.cli.record_command import RECORD
from nnviz.cli.train_command import TRAIN

if TYPE_CHECKING:
    from nnviz.lessons.lesson import Lesson

# Everything that takes long to import (NumPy, pydantic, rich, Qt) is imported in the function that needs it.

COMMANDS: dict[str, SubCommand] = {
    command.name: command for command in (LIST, CHECK, TRACE, DEBUG, FIND, EXPORT, RECORD, TRAIN, NEW)
}
# If a library splits a sum over threads, its last bits depend on the number of cores. With one thread the bits are the
# same everywhere, and at the sizes of these networks it is no slower.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for a failure, 2 for an invalid request."""
    words = list(sys.argv[1:] if argv is None else argv)
    for name in THREADS:
        os.environ.setdefault(name, "1")
    _open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without δ shows ? instead
    if isinstance(sys.stdin, io.TextIOWrapper) and not sys.stdin.isatty():
        is_ascii = codecs.lookup(sys.stdin.encoding).name == "ascii"
        sys.stdin.reconfigure(encoding="utf-8" if is_ascii else None, errors="surrogateescape")
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
        say(f"{error.filename or 'the output'}: cannot be written: {error.strerror or error}")
        return FAILED
    except Exception as error:
        if os.environ.get("NNVIZ_TRACEBACK"):
            raise
        say(f"unexpected error: {type(error).__name__}: {error}; set NNVIZ_TRACEBACK=1 to see the traceback")
        return FAILED


def _open_closed_streams() -> None:
    """Open substitutes for closed standard streams: nothing comes from them, and what is written is dropped.

    Their numbers are taken first, or else a file that is opened later would get one, and messages be written into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout = sys.stdout or _Nowhere()
    sys.stderr = sys.stderr or _Nowhere()


class _Nowhere(io.StringIO):
    """What is written instead of a closed stream; it keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def _run(words: list[str]) -> int:
    from nnviz.lessons.faults import LessonError

    try:
        if words and words[0] in COMMANDS:
            return _run_command(COMMANDS[words[0]], words[1:])
        return _open_window(_window_parser().parse_args(words))
    except SystemExit as exit:  # argparse has printed the message
        return exit.code if isinstance(exit.code, int) else REFUSED
    except LessonError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except RequestError as refusal:
        say(str(refusal))
        return REFUSED


def _run_command(command: SubCommand, words: list[str]) -> int:
    parser = Parser(
        prog=f"nnviz {command.name}",
        description=command.help,
        epilog="\n".join(("examples:", *(f"  {example}" for example in command.examples))),
    )
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


class _Version(argparse.Action):
    """`--version`: looks the version up only when it is needed."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from nnviz import __version__

        print(f"nnviz {__version__}")
        parser.exit()


# nnviz [LESSON|WALK|FILE]: the window


def _window_parser() -> argparse.ArgumentParser:
    width = max(len(name) for name in COMMANDS)
    commands = "\n".join(f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items())
    examples = "\n".join(f"  {example}" for command in COMMANDS.values() for example in command.examples[:1])
    parser = Parser(
        prog="nnviz",
        usage="nnviz [LESSON|WALK|FILE]\n       nnviz COMMAND …",
        description="A debugger for small neural networks. Without a command, open the window.",
        epilog=f"commands:\n{commands}\n\nexamples:\n  nnviz koehn\n{examples}\n\n"
        "`nnviz COMMAND --help` describes a command.",
    )
    parser.add_argument(
        "lesson",
        nargs="*",
        metavar="LESSON|WALK|FILE",
        help="a bundled lesson or walk (nnviz list), the file of one, a saved session (.nnviz), or a model (.onnx, "
        ".safetensors)",
    )
    activation_argument(parser)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    return parser


def _open_window(args: argparse.Namespace) -> int:
    gc.disable()  # garbage collection during the imports costs a tenth of the start, and finds nothing
    try:
        lesson = _lesson_to_open(args.lesson, args.activation)
        try:
            from nnviz.gui.app import run
        except ImportError as error:
            say(f"the window cannot be opened: {error}")
            return FAILED
        return run(lesson)
    finally:
        gc.enable()


def _lesson_to_open(words: list[str], activations: tuple[str, ...]) -> str | Lesson | None:
    """Return the lesson or file to open, if any; a model is read already, with the activations that its file lacks.

    Raises LessonError and RequestError, before Qt is imported, if it cannot be opened.
    """
    from nnviz.lessons.catalog import find_lesson
    from nnviz.lessons.faults import did_you_mean
    from nnviz.models.model_files import is_model_file, open_lesson
    from nnviz.walks.walk_names import find_walk, is_walk

    if len(words) > 1:
        hint = did_you_mean(words[0], tuple(COMMANDS))
        raise RequestError(f"{words[0]!r} is not a command, and the window opens only one lesson{hint}")
    model = None
    for name in words:
        if is_model_file(name) and os.path.exists(name):
            model = open_lesson(name, activations=activations)
        else:
            (find_walk if is_walk(name) else find_lesson)(name)
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in SCREENS):
        raise RequestError("the window needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set")
    return model or (words[0] if words else None)


def _abandon_output() -> None:
    """Redirect standard output to nowhere, so that buffered text is not written again at exit."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
