"""A trace as Markdown: a heading and a table for each phase, formulas as TeX between dollar signs."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TextIO

from nnviz.debugger.session import Session
from nnviz.export.tex import unmarked
from nnviz.export.told import MARKS, Told, example_text, network_text, told_steps, verdict_text
from nnviz.present.captions import headline
from nnviz.present.voice import voice_of

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~!&])")
_LIST_MARK = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+])(?=\s|$)")


def write(session: Session, stream: TextIO) -> None:
    """Write title, network, example, and the tables row by row."""
    lesson, voice = session.lesson, voice_of(session)
    stream.write(f"# {escaped(lesson.title)}\n\n")
    if lesson.source:
        stream.write(f"{escaped(lesson.source)}\n\n")
    stream.write(f"{escaped(network_text(session))}\n\n{escaped(example_text(session))}\n")
    for phase, steps in groupby(told_steps(session), key=lambda told: told.step.phase):
        stream.write(f"\n## {phase.capitalize()}\n\n")
        stream.write("| step | what | formula | numbers | value | printed |\n")
        stream.write("|---:|---|---|---|---|---|\n")
        for told in steps:
            what = escaped(headline(voice, told.step))
            cells = (str(told.step.index + 1), what, *_formula(told), _printed(told))
            stream.write(f"| {' | '.join(cells)} |\n")


def _formula(told: Told) -> tuple[str, str, str]:
    formula = told.formula
    return _math(formula.symbols_line), _math(formula.numbers), _math(formula.result)


def _math(tex: str) -> str:
    # A bar would end the cell, even within a formula.
    return f"${' '.join(unmarked(tex).split())}$".replace("|", r"\vert ") if tex else ""


def _printed(told: Told) -> str:
    return "; ".join(f"{MARKS[match.state]} {escaped(verdict_text(match))}" for match in told.matches)


def escaped(text: str) -> str:
    """Plain text for Markdown, on one line."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LIST_MARK.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", line)
