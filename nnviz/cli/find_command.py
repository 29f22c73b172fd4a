"""`nnviz find`: find the quantity of a pass that a number is, and under which convention."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from nnviz.cli.common import FAILED, INTERRUPTED, OK, RequestError, SubCommand, say, write_utf8
from nnviz.cli.pass_commands import pass_arguments, session_of

if TYPE_CHECKING:
    from nnviz.debugger.finder.pasted import Paste
    from nnviz.debugger.finder.search import Found, Result
    from nnviz.debugger.state.session import Session
    from nnviz.present.finding.finder_text import Report

FORMATS = ("table", "json")
TICK_SECONDS = 0.2  # between two reports of progress


def _arguments(parser: argparse.ArgumentParser) -> None:
    pass_arguments(parser)
    parser.add_argument(
        "numbers",
        nargs="+",
        metavar="NUMBER",
        help="numbers as a document prints them: 0.7426, −0.036, [0.036, 0.0059], 25%%",
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="output format (default: table)")


def _find(args: argparse.Namespace) -> int:
    from nnviz.debugger.finder.pasted import PasteError, read_paste
    from nnviz.present.finding.finder_text import report, report_text

    session = session_of(args)
    if session is None:
        return FAILED
    text = " ".join(args.numbers)
    try:
        paste = read_paste(text)
    except PasteError as error:
        raise RequestError(str(error)) from None
    result = _searched(session, paste)
    shown = report(session, result)
    if args.format == "json":
        write_utf8()
        json.dump(_document(args.lesson, result, shown), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(report_text(shown))
    if not result.is_finished:
        say("interrupted: not all passes have been searched")
        return INTERRUPTED
    return OK if result.is_found else FAILED


def _searched(session: Session, paste: Paste) -> Result:
    """Return what a search finds, to its end or until Ctrl+C; on a terminal, show meanwhile how far it is."""
    from nnviz.debugger.finder.search import Finding, search

    finding, is_finished, count = Finding(session, paste), False, 0
    is_shown, shown_at = sys.stderr.isatty(), time.monotonic()
    passes = search(session, paste)
    try:
        while (found := next(passes, None)) is not None:
            finding, count = found, count + 1
            if is_shown and time.monotonic() > shown_at + TICK_SECONDS:
                shown_at = time.monotonic()
                print(f"\r\x1b[K{count} passes searched", end="", file=sys.stderr, flush=True)
        is_finished = True
    except KeyboardInterrupt:
        pass  # what has been found so far is reported
    if is_shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return finding.result(is_finished=is_finished)


def _document(lesson: str, result: Result, shown: Report) -> dict[str, Any]:
    """Return the result for JSON. Layers, units and sources count from 1, examples from 0, as in lesson files."""
    joint = result.joint
    return {
        "format": 1,
        "lesson": lesson,
        "found": result.is_found,
        "together": None
        if joint is None
        else {
            "text": shown.verdict,
            "explained": list(joint.explained),
            "example": joint.example,
            "update": joint.update,
            "changes": {change.name: change.value for change in joint.changes},
            "transposed": joint.whole is not None and joint.whole.turned,
        },
        "numbers": [
            {
                "number": answer.number.text,
                "value": answer.number.value,
                "matching": answer.matching,
                "note": shown_answer.note,
                "found": [_entry(line.found, line.text) for line in shown_answer.lines],
            }
            for answer, shown_answer in zip(result.answers, shown.answers, strict=True)
        ],
    }


def _entry(found: Found, text: str) -> dict[str, Any]:
    quantity = found.quantity
    places = {"layer": quantity.layer, "unit": quantity.unit, "source": quantity.source, "time": quantity.time}
    return {
        "text": text,
        "quantity": found.total or quantity.kind.value,
        **{name: None if place is None else place + 1 for name, place in places.items()},
        "example": found.example,
        "update": found.update,
        "changes": {change.name: change.value for change in found.changes},
        "miss": None if found.miss is None else found.miss.name,
        "certainty": found.certainty,
        "value": found.value,
    }


FIND = SubCommand(
    "find",
    "Find the quantity of a pass that a printed number is, and its convention.",
    _arguments,
    _find,
    (
        "nnviz find koehn 0.7426",
        'nnviz find koehn "[0.03597961, 0.00586666]"',
        "nnviz find my-lesson.toml --update 1 --format json 0.036 0.0059",
        "nnviz find koehn -- -0.0360",
    ),
)
