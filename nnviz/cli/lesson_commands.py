"""`nnviz list` and `nnviz check`: list the bundled lessons, and check lessons."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from nnviz.cli.common import FAILED, OK, SubCommand, load


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

    table = Table("lesson", "title", "sizes", "source", "summary", box=box.SIMPLE_HEAD)
    for name, *rest in rows:
        table.add_row(Text(name, "bold"), *map(Text, rest))
    Console(highlight=False).print(table)
    return OK


def _listed() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield name, title, sizes, source and summary of each bundled lesson."""
    from nnviz.lessons.summaries import lesson_summaries

    for lesson in lesson_summaries():
        yield lesson.name, lesson.title, "-".join(map(str, lesson.sizes)), lesson.source, lesson.summary


def _write_aligned(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON|FILE", help="the lessons to check (default: every bundled lesson)"
    )


def _check(args: argparse.Namespace) -> int:
    from nnviz.lessons.catalog import lesson_names

    passed = [_check_one(lesson) for lesson in args.lessons or lesson_names()]
    return OK if all(passed) else FAILED


def _check_one(name: str) -> bool:
    """Print the verdicts on one lesson; return whether there is no failure."""
    from nnviz.formats.verdicts import verdicts
    from nnviz.lessons.faults import LessonError
    from nnviz.lessons.file_content import one_line

    try:
        lesson = load(name)
    except LessonError as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        return _conclude(one_line(name), len(error.faults), "fault")
    if lesson.report:
        print(f"{lesson.name}: {lesson.report}")
    failures = 0
    for verdict in verdicts(lesson):
        print(f"{lesson.name}: {verdict.text}")
        failures += verdict.failed
    return _conclude(lesson.name, failures, "failure")


def _conclude(name: str, failures: int, noun: str) -> bool:
    from nnviz.lessons.faults import count_of

    print(f"{name}: {count_of(failures, noun) if failures else 'ok'}", flush=True)
    return not failures


LIST = SubCommand("list", "List the bundled lessons.", _no_arguments, _list, ("nnviz list",))
CHECK = SubCommand(
    "check",
    "Check lessons: format, printed results, gradients, trace.",
    _check_arguments,
    _check,
    ("nnviz check my-lesson.toml", "nnviz check koehn", "nnviz check"),
)
