"""The notes of a lesson: its conventions in sentences, its printed results, and its errata."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.conventions import CHOICES, Convention
from nnviz.lessons.lesson import Erratum, Lesson, PrintedFigure
from nnviz.present.core.printed import (
    CONVENTION,
    EXACT,
    LATER,
    MEASURE_NAMES,
    Match,
    match_figure,
    own_voice,
    pass_text,
    quantity_of,
)
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.text.numbers import digits
from nnviz.present.words.captions import headline
from nnviz.present.words.printed_places import PrintedPlace, go_to_place, place_of_erratum, place_of_figure

_REWARD = "The document maximizes a reward; the error is minus the reward."


@dataclass(frozen=True)
class FigureNote:
    """A printed result: its text, its quantity, its place in the document, the comparison, and the place of its step.

    `state` is exact, convention, differs or later (not compared yet); `verdict` is the same in words.
    """

    value: str
    name: str
    where: str
    state: str
    verdict: str
    place: PrintedPlace


@dataclass(frozen=True)
class ErratumNote:
    """An erratum: its place in the document, its text, and the step where it shows, with the step's title.

    Without such a step, `place` is None and `step` is empty.
    """

    where: str
    text: str
    place: PrintedPlace | None
    step: str


@dataclass(frozen=True)
class LessonNotes:
    """Title, source, conventions in sentences, printed results and errata, in the order of the file.

    `data` is one line on what was read from the lesson's data file; empty if it has none.
    """

    title: str
    source: str
    conventions: tuple[str, ...]
    figures: tuple[FigureNote, ...]
    errata: tuple[ErratumNote, ...]
    data: str = ""


def lesson_notes(lesson: Lesson) -> LessonNotes:
    """Return the notes of a lesson; its printed results are compared with its own passes."""
    session_of = _sessions(lesson)
    return LessonNotes(
        lesson.title,
        lesson.source,
        convention_summary(lesson),
        tuple(_figure_note(lesson, session_of, match) for match in _matches(lesson, session_of)),
        tuple(_erratum_note(session_of, erratum) for erratum in lesson.errata),
        f"{lesson.report}." if lesson.report else "",
    )


def convention_summary(lesson: Lesson) -> tuple[str, ...]:
    """Return the conventions of a lesson in sentences: error, error terms, matrices, mistakes, batch size."""
    convention, reward = lesson.convention, lesson.notation.reward
    lines = [
        _REWARD if reward else LOSS_TEXTS[lesson.network.architecture.loss].sentence,
        _delta_line(convention, reward),
    ]
    if convention.weights == "inputs_first":
        lines.append("A matrix has a row for each input: (inputs, units).")
    return (*lines, *convention_lines(convention), _update_line(lesson))


def _delta_line(convention: Convention, reward: bool) -> str:
    """Return the sign of the error terms, and that of the update."""
    is_descent, is_downhill = convention.delta == "descent", convention.step == "downhill"
    what = "reward" if reward and is_descent else "error"
    minus = "minus " if is_descent and not reward else ""
    update = "added" if is_descent == is_downhill else "subtracted"
    return f"Error terms are {minus}the derivatives of the {what}, and changes are {update}."


def _update_line(lesson: Lesson) -> str:
    after, reduce = lesson.training.update_after, lesson.training.reduce
    if after in ("example", 1):
        return "The weights are updated after each example."
    when = "once per epoch" if after == "batch" else f"after each mini-batch of {after} examples"
    return f"The weights are updated {when}, with the {reduce} of the examples’ gradients."


def convention_lines(convention: Convention) -> tuple[str, ...]:
    """Return a sentence for each choice that is not the usual one, and for the frozen parameters."""
    lines = [convention_line(name, getattr(convention, name)) for name in CHOICES]
    if convention.frozen:
        lines.append(f"{', '.join(convention.frozen)} {'is' if len(convention.frozen) == 1 else 'are'} frozen.")
    return tuple(line for line in lines if line)


def convention_line(name: str, choice: object) -> str:
    """Return the sentence for one choice of a convention; empty for the usual one."""
    return CONVENTION_TEXTS[name, str(choice)].note if name in CHOICES else ""


def _sessions(lesson: Lesson) -> Callable[[int | None], Session]:
    """Return a function that returns the first pass of an example, each computed once."""

    @cache
    def session_of(example: int) -> Session:
        return start_session(lesson, example=example, notation=lesson.notation)

    return lambda example: session_of(lesson.example if example is None else example)


def _matches(lesson: Lesson, session_of: Callable[[int | None], Session]) -> tuple[Match, ...]:
    return tuple(_match(session_of(figure.example), figure) for figure in lesson.printed)


def _match(session: Session, figure: PrintedFigure) -> Match:
    """Compare a figure of the first pass; one of a later pass or another convention is compared when that is shown."""
    if figure.update or figure.convention:
        return Match(figure, quantity_of(figure), LATER, math.nan, pass_text(figure.update, figure.convention))
    return match_figure(session, figure)


def _figure_note(lesson: Lesson, session_of: Callable[[int | None], Session], match: Match) -> FigureNote:
    figure = match.figure
    voice = own_voice(session_of(figure.example))
    name = MEASURE_NAMES.get(figure.quantity) or voice.text(match.quantity)
    if figure.example not in (None, lesson.example):
        name = f"{name}, example {figure.example + 1}"
    if figure.time is not None and lesson.dataset.time_steps > 1:
        name = f"{name}, time step {figure.time}"
    verdict = _verdict(match)
    return FigureNote(figure.value, name, figure.where, match.state, verdict, place_of_figure(figure))


def _verdict(match: Match) -> str:
    if match.state == EXACT:
        return "matches every printed digit"
    if match.state == LATER:
        return f"holds {match.explanation}"
    if match.state == CONVENTION:
        return f"the value {match.explanation}; the value itself is {digits(match.value)}"
    return f"differs: the correct value is {digits(match.value)}"


def _erratum_note(session_of: Callable[[int | None], Session], erratum: Erratum) -> ErratumNote:
    place = place_of_erratum(erratum)
    session = session_of(erratum.example)
    there = None if place is None else go_to_place(session, place)
    if there is None or there.step is None:
        return ErratumNote(erratum.where, erratum.text, None, "")
    return ErratumNote(erratum.where, erratum.text, place, headline(own_voice(there), there.step))
