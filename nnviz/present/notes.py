"""What is to be said about a lesson as a whole: its conventions, its printed figures and where its page is wrong."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nnviz.debugger.session import start_session
from nnviz.engine.conventions import Convention
from nnviz.lessons.lesson import Lesson
from nnviz.present.printed import CONVENTION, EXACT, Match, match_figure, own_voice

_WORDS = {
    ("delta", "descent"): "Deltas point downhill: they are minus the gradient, and are added.",
    ("weights", "units_first"): "A matrix has a row for each neuron: (units, inputs).",
    ("slope", "product_of_z"): "As printed, the slope's formula v(1 − v) is fed the weighted sum.",
    ("slope", "derivative_of_a"): "As printed, the slope is taken at the activation, not at the weighted sum.",
    ("step", "uphill"): "As printed, the weights move up the slope of the error.",
    ("update", "sequential"): "As printed, a layer's new weights carry the error back to the layer before.",
    ("through_time", "one_step"): "As printed, the error goes back one time step only.",
}


@dataclass(frozen=True)
class LessonNotes:
    """Title, source, and a line for each convention out of the ordinary, printed figure and erratum."""

    title: str
    source: str
    conventions: tuple[str, ...]
    figures: tuple[str, ...]
    errata: tuple[str, ...]

    def text(self) -> str:
        """All of it as plain text with headings."""
        parts = [
            ("How it counts", self.conventions),
            ("Figures that it prints", self.figures),
            ("Where the page is wrong", self.errata),
        ]
        sections = [f"{heading}\n" + "\n".join(f"  · {line}" for line in lines) for heading, lines in parts if lines]
        return "\n\n".join(sections) or "Nothing is out of the ordinary here."


def lesson_notes(lesson: Lesson) -> LessonNotes:
    """The notes of a lesson; its figures are compared with the passes that it prints."""
    return LessonNotes(
        lesson.title,
        lesson.source,
        convention_lines(lesson.convention),
        tuple(_figure_line(match) for match in all_matches(lesson)),
        tuple(f"{erratum.where}: {erratum.text}" for erratum in lesson.errata),
    )


def convention_lines(convention: Convention) -> tuple[str, ...]:
    """A sentence for each choice that is not the usual one."""
    chosen = [_WORDS.get((field.name, getattr(convention, field.name)), "") for field in fields(convention)]
    if convention.frozen:
        chosen.append(f"{', '.join(convention.frozen)} stay as they are.")
    return tuple(line for line in chosen if line)


def all_matches(lesson: Lesson) -> tuple[Match, ...]:
    """Every printed figure beside its number, in the order of the file."""
    matches = []
    for figure in lesson.printed:
        session = start_session(lesson, example=figure.example, notation=lesson.notation)
        matches.append(match_figure(own_voice(session), figure))
    return tuple(matches)


def _figure_line(match: Match) -> str:
    name = f"{match.figure.value}{f', {match.figure.where}' if match.figure.where else ''}"
    if match.state == EXACT:
        return f"{name}: exact to its digits"
    if match.state == CONVENTION:
        return f"{name}: the value {match.explanation}"
    return f"{name}: differs, {match.value!r} is right"
