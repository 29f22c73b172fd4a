"""`nnviz list` and `nnviz check`: list the bundled lessons and walks, and check them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nnviz.cli.common import FAILED, OK, SubCommand, activation_argument, load

if TYPE_CHECKING:
    from nnviz.formats.verdicts import CheckVerdict


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def _list(args: argparse.Namespace) -> int:
    rows, walks = list(_listed()), list(_listed_walks())
    if not sys.stdout.isatty():
        _write_aligned(rows)
        print("\nWalks")
        _write_aligned(walks)
        return OK
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    tables = ((("lesson", "title", "sizes", "source", "summary"), rows), (("walk", "title", "lesson", ""), walks))
    for heads, listed in tables:
        table = Table(*heads, box=box.SIMPLE_HEAD)
        for name, *rest in listed:
            table.add_row(Text(name, "bold"), *map(Text, rest))
        Console(highlight=False).print(table)
    return OK


def _listed() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield name, title, sizes, source and summary of each bundled lesson."""
    from nnviz.lessons.summaries import lesson_summaries

    for lesson in lesson_summaries():
        yield lesson.name, lesson.title, "-".join(map(str, lesson.sizes)), lesson.source, lesson.summary


def _listed_walks() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, title, lesson and number of scenes of each bundled walk."""
    from nnviz.lessons.faults import count_of
    from nnviz.walks.walk_names import walk_summaries

    for walk in walk_summaries():
        yield walk.name, walk.title, walk.lesson, count_of(walk.scenes, "scene")


def _write_aligned(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lessons",
        nargs="*",
        metavar="LESSON|WALK|FILE",
        help="the lessons, walks and models to check (default: every bundled lesson)",
    )
    activation_argument(parser)


def _check(args: argparse.Namespace) -> int:
    from nnviz.lessons.catalog import lesson_names

    passed = [_check_one(name, args.activation) for name in args.lessons or lesson_names()]
    return OK if all(passed) else FAILED


def _check_one(name: str, activations: Sequence[str]) -> bool:
    """Print the verdicts on one lesson, walk or model; return whether there is no failure."""
    from nnviz.lessons.faults import LessonError
    from nnviz.lessons.file_content import one_line
    from nnviz.walks.walk_names import is_walk

    try:
        checked, found = _walk_verdicts(name) if is_walk(name) else _lesson_verdicts(name, activations)
        failures = 0
        for verdict in found:
            print(f"{checked}: {verdict.text}")
            failures += verdict.failed
    except LessonError as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        return _conclude(one_line(name), len(error.faults), "fault")
    return _conclude(checked, failures, "failure")


def _lesson_verdicts(name: str, activations: Sequence[str]) -> tuple[str, Iterator[CheckVerdict]]:
    """Return the name of a lesson and the verdicts on it. Raises LessonError."""
    from nnviz.formats.verdicts import verdicts

    lesson = load(name, activations=activations)
    if lesson.report:
        print(f"{lesson.name}: {lesson.report}")
    return lesson.name, verdicts(lesson)


def _walk_verdicts(name: str) -> tuple[str, Iterator[CheckVerdict]]:
    """Return the name of a walk and the verdicts on it. Raises LessonError."""
    from nnviz.walks.walk_file import load_walk
    from nnviz.walks.walk_verdicts import walk_verdicts

    walk = load_walk(name)
    return walk.name, walk_verdicts(walk)


def _conclude(name: str, failures: int, noun: str) -> bool:
    from nnviz.lessons.faults import count_of

    print(f"{name}: {count_of(failures, noun) if failures else 'ok'}", flush=True)
    return not failures


LIST = SubCommand("list", "List the bundled lessons and walks.", _no_arguments, _list, ("nnviz list",))
CHECK = SubCommand(
    "check",
    "Check lessons and walks: format, printed results, gradients, trace, expectations.",
    _check_arguments,
    _check,
    ("nnviz check my-lesson.toml", "nnviz check koehn", "nnviz check koehn-walk", "nnviz check"),
)
