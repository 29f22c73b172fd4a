"""A trace as a worked solution in plain text: a heading per phase, each step with its formula and result."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TextIO

from nnviz.debugger.state.session import Session
from nnviz.formats.worked_steps import (
    MARKS,
    TraceEntry,
    example_text,
    network_text,
    trace_entries,
    verdict_text,
    where_text,
)
from nnviz.present.core.printed import CONVENTION, DIFFERS, EXACT
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.words.captions import headline

Line = list[tuple[str, str]]  # texts, each with its style

_STYLES = {EXACT: "green", CONVENTION: "yellow", DIFFERS: "red"}
_INDENT = 7


def write(session: Session, stream: TextIO) -> None:
    """Write the steps one by one, in color on a terminal."""
    # At least 50 columns, to leave room after the indent; at most 110, for easy reading.
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 50), 110)
    _write_lines(_lines(session, width), stream)


def _write_lines(lines: Iterable[Line], stream: TextIO) -> None:
    if not stream.isatty():
        for line in lines:
            stream.write("".join(text for text, _ in line).rstrip() + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True)


def _lines(session: Session, width: int) -> Iterator[Line]:
    lesson, voice = session.lesson, voice_of(session)
    yield from _wrapped(" ".join(lesson.title.split()), width, "bold")
    if lesson.source:
        yield from _wrapped(" ".join(lesson.source.split()), width, "dim")
    yield from _wrapped(network_text(session), width, "")
    yield from _wrapped(example_text(session), width, "")
    for phase, steps in groupby(trace_entries(session), key=lambda entry: entry.step.phase):
        yield []
        yield [(phase.upper(), "bold cyan")]
        for entry in steps:
            yield from _step_lines(session, voice, entry, width)
    if lesson.errata:
        yield []
        yield [("ERRATA", "bold cyan")]
        for erratum in lesson.errata:
            text = " ".join(f"{erratum.where}: {erratum.text}".split())
            lines = textwrap.wrap(text, width - _INDENT, break_on_hyphens=False)
            yield from ([(" " * _INDENT, ""), (line, "")] for line in lines)


def _wrapped(text: str, width: int, style: str) -> list[Line]:
    return [[(line, style)] for line in textwrap.wrap(text, width, break_on_hyphens=False)]


def _step_lines(session: Session, voice: Voice, entry: TraceEntry, width: int) -> Iterator[Line]:
    margin = " " * _INDENT
    number = f"{entry.step.index + 1:>{_INDENT - 2}}"
    title, where = headline(voice, entry.step), where_text(session, entry.step)
    line: Line = [(number, "dim"), ("  ", ""), (title, "")]
    if where:
        line += [(" · " if _INDENT + len(title) + len(where) + 3 <= width else f"\n{margin}", "dim"), (where, "dim")]
    yield line
    for text in _formula_lines(entry, width - _INDENT):
        yield [(margin, ""), (text, "bold")]
    if entry.wrong is not None:
        texts = textwrap.wrap(f"{MARKS[DIFFERS]} {entry.wrong.text}", width - _INDENT, break_on_hyphens=False)
        yield from ([(margin, ""), (text, _STYLES[DIFFERS])] for text in texts)
    for match in entry.matches:
        texts = textwrap.wrap(f"{MARKS[match.state]} {verdict_text(match)}", width - _INDENT)
        yield from ([(margin, ""), (text, _STYLES[match.state])] for text in texts)


def _formula_lines(entry: TraceEntry, width: int) -> list[str]:
    """Return a formula on one line if it fits, else broken before its equals signs first."""
    _, symbols, numbers, result = entry.formula.texts()
    lines = [symbols]
    for part in (f"= {numbers}" if numbers else "", f"= {result}"):
        if part and len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += f" {part}"
        elif part:
            lines.append(part)
    return [
        piece
        for line in lines
        for piece in textwrap.wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    ]
