"""A trace as LaTeX: a fragment for any document with amsmath and amssymb, each step in an align*."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TextIO

from nnviz.debugger.session import Session
from nnviz.export.tex import broken, escaped, unmarked
from nnviz.export.told import Told, example_text, network_text, told_steps, verdict_text, where_text
from nnviz.present.captions import headline, layer_name
from nnviz.present.numbers import MINUS
from nnviz.present.printed import CONVENTION, DIFFERS, EXACT
from nnviz.present.voice import voice_of
from nnviz.trace.steps import Phase

LINE = 60
MOST_STEPS = 30  # in one display; TeX holds a whole one in memory
_MARKS = {EXACT: r"\checkmark", CONVENTION: r"\approx", DIFFERS: r"\neq"}


def write(session: Session, stream: TextIO) -> None:
    """Write title, network, example, and the steps, by phase and layer."""
    lesson = session.lesson
    stream.write("% Made by nnviz, a debugger for small neural networks. Needs amsmath and amssymb.\n")
    stream.write("% \\allowdisplaybreaks in the preamble lets a long display run over pages.\n")
    stream.write(f"\\section*{{{_text(lesson.title)}}}\n")
    if lesson.source:
        stream.write(f"{_text(lesson.source)}\n\n")
    stream.write(f"{_text(network_text(session))}\n\n{_text(example_text(session))}\n")
    for (phase, layer), steps in groupby(told_steps(session), key=_group):
        where = layer_name(session.record, layer)
        stream.write(f"\n\\paragraph{{{phase.capitalize()}{f', {where}' if where else ''}}}\n")
        for display in _displays(steps):
            _write_display(session, display, stream)


def _group(told: Told) -> tuple[Phase, int | None]:
    return told.step.phase, told.step.quantity.layer


def _displays(steps: Iterator[Told]) -> Iterator[list[Told]]:
    display: list[Told] = []
    for told in steps:
        display.append(told)
        if len(display) == MOST_STEPS:
            yield display
            display = []
    if display:
        yield display


def _write_display(session: Session, display: list[Told], stream: TextIO) -> None:
    voice = voice_of(session)
    stream.write("\\begin{align*}\n")
    for told in display:
        where = where_text(session, told.step)
        what = f"{headline(voice, told.step)}{f' ({where})' if where else ''}"
        stream.write(f"% {told.step.index + 1}. {' '.join(what.split())}\n")
        ending = "" if told is display[-1] else r" \\"
        stream.write(" \\\\\n".join(_rows(told)) + f"{ending}\n")
    stream.write("\\end{align*}\n")


def _rows(told: Told) -> list[str]:
    """The lines of one step's formula: in symbols, with its numbers put in, the result."""
    formula = told.formula
    relation = r"\leftarrow" if formula.relation == r"\leftarrow" else "="
    symbols, numbers = unmarked(formula.symbols), unmarked(formula.numbers)
    rows: list[str] = []
    # A product or a bias is its own symbol, and is not written twice.
    if symbols != unmarked(formula.symbol):
        rows += _continued(relation, symbols)
    if numbers:
        rows += _continued("=", numbers)
    verdicts = "".join(
        rf" \qquad {_MARKS[match.state]}\ \text{{{_text(verdict_text(match))}}}" for match in told.matches
    )
    rows += _continued("=", unmarked(formula.result))
    rows[-1] += verdicts
    rows[0] = unmarked(formula.symbol) + " " + rows[0]
    return rows


def _continued(relation: str, tex: str) -> list[str]:
    first, *rest = broken(" ".join(tex.split()), LINE)
    return [f"&{relation} {first}", *(rf"&\qquad {{}} {line}" for line in rest)]


def _text(text: str) -> str:
    """Plain text for LaTeX; the minus of people's numbers is not in every font."""
    return escaped(text).replace(MINUS, "$-$")
