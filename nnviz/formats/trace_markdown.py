"""A trace as Markdown: a heading and a table per phase, with formulas as TeX between dollar signs."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TextIO

from nnviz.debugger.state.session import Session
from nnviz.formats.tex import unmarked
from nnviz.formats.worked_steps import MARKS, TraceEntry, example_text, network_text, trace_entries, verdict_text
from nnviz.present.core.printed import DIFFERS
from nnviz.present.core.voice import voice_of
from nnviz.present.words.captions import headline

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~!&])")
_LIST_MARK = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+])(?=\s|$)")


def write(session: Session, stream: TextIO) -> None:
    """Write the title, network and example, then the tables row by row."""
    lesson, voice = session.lesson, voice_of(session)
    stream.write(f"# {escaped(lesson.title)}\n\n")
    if lesson.source:
        stream.write(f"{escaped(lesson.source)}\n\n")
    stream.write(f"{escaped(network_text(session))}\n\n{escaped(example_text(session))}\n")
    for phase, steps in groupby(trace_entries(session), key=lambda entry: entry.step.phase):
        stream.write(f"\n## {phase.capitalize()}\n\n")
        stream.write("| step | quantity | formula | numbers | value | printed |\n")
        stream.write("|---:|---|---|---|---|---|\n")
        for entry in steps:
            title = escaped(headline(voice, entry.step))
            cells = (str(entry.step.index + 1), title, *_formula(entry), _printed(entry))
            stream.write(f"| {' | '.join(cells)} |\n")


def _formula(entry: TraceEntry) -> tuple[str, str, str]:
    formula = entry.formula
    return _math(formula.symbols_line), _math(formula.numbers), _math(formula.result)


def _math(tex: str) -> str:
    # A vertical bar would end the cell, even within a formula.
    return f"${' '.join(unmarked(tex).split())}$".replace("|", r"\vert ") if tex else ""


def _printed(entry: TraceEntry) -> str:
    texts = [f"{MARKS[match.state]} {escaped(verdict_text(match))}" for match in entry.matches]
    if entry.wrong is not None:
        texts.insert(0, f"{MARKS[DIFFERS]} {escaped(entry.wrong.text)}")
    return "; ".join(texts)


def escaped(text: str) -> str:
    """Escape plain text for Markdown, on one line."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LIST_MARK.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", line)
