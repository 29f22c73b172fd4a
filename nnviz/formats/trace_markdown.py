"""A trace as Markdown: a heading and a table per phase, with formulas as TeX between dollar signs."""

from __future__ import annotations

from itertools import groupby
from typing import TextIO

from nnviz.debugger.state.session import Session
from nnviz.formats.markdown_text import escaped
from nnviz.formats.tex import unmarked
from nnviz.formats.worked_steps import MARKS, TraceEntry, example_text, network_text, trace_entries, verdict_text
from nnviz.formats.worksheet.sheet import Line, Math
from nnviz.formats.worksheet.short_numbers import short_sides
from nnviz.formats.worksheet.step_sentences import step_sentence
from nnviz.present.core.printed import DIFFERS
from nnviz.present.core.voice import voice_of
from nnviz.present.words.captions import headline

MOST_RANGES = 4  # of steps that one sentence names


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
        sentences = _Sentences()
        for entry in steps:
            sentences.add(entry.step.index + 1, step_sentence(session, entry.step))
            title = escaped(headline(voice, entry.step))
            cells = (str(entry.step.index + 1), title, *_formula(entry), _printed(entry))
            stream.write(f"| {' | '.join(cells)} |\n")
        sentences.write(stream)


class _Sentences:
    """The sentences of the steps of a phase, each once, with the numbers of its steps."""

    def __init__(self) -> None:
        self._ranges: dict[Line, list[tuple[int, int]]] = {}

    def add(self, number: int, sentence: Line) -> None:
        """Add the sentence of the next step."""
        ranges = self._ranges.setdefault(sentence, [])
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        elif len(ranges) <= MOST_RANGES:
            ranges.append((number, number))

    def write(self, stream: TextIO) -> None:
        """Write a list item for each sentence."""
        stream.write("\n")
        for sentence, ranges in self._ranges.items():
            shown = [str(first) if first == last else f"{first} – {last}" for first, last in ranges[:MOST_RANGES]]
            dots = ", …" if len(ranges) > MOST_RANGES else ""
            several = len(ranges) > 1 or ranges[0][0] != ranges[0][1]
            stream.write(f"- Step{'s' * several} {', '.join(shown)}{dots}: {_words(sentence)}\n")


def _words(line: Line) -> str:
    """Return a sentence with its formulas between dollar signs."""
    parts = (f"${part.tex}$" if isinstance(part, Math) else _spaced(part.text) for part in line)
    return "".join(parts).strip()


def _spaced(text: str) -> str:
    """Escape a part of a sentence, with the spaces at its ends."""
    lead, tail = (" " * text[at].isspace() for at in (0, -1))
    return f"{lead}{escaped(text)}{tail}"


def _formula(entry: TraceEntry) -> tuple[str, str, str]:
    numbers, result = short_sides(entry.formula)
    return _math(entry.formula.symbols_line), _math(numbers), _math(result)


def _math(tex: str) -> str:
    # A vertical bar would end the cell, even within a formula.
    return f"${' '.join(unmarked(tex).split())}$".replace("|", r"\vert ") if tex else ""


def _printed(entry: TraceEntry) -> str:
    texts = [f"{MARKS[match.state]} {escaped(verdict_text(match))}" for match in entry.matches]
    if entry.wrong is not None:
        texts.insert(0, f"{MARKS[DIFFERS]} {escaped(entry.wrong.text)}")
    return "; ".join(texts)
