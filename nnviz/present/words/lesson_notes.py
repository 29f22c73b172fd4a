"""What is to be said about a lesson as a whole: how it counts, the figures it prints, and where its page is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.conventions import CHOICES, Convention
from nnviz.lessons.lesson import Erratum, Lesson
from nnviz.present.core.printed import CONVENTION, EXACT, Match, match_figure, own_voice
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.text.numbers import digits
from nnviz.present.words.captions import headline
from nnviz.present.words.printed_places import PrintedPlace, go_to_place, place_of_erratum, place_of_figure

_REWARD = "What it counts is a reward, which grows as the network gets better; the error is minus this reward."


@dataclass(frozen=True)
class FigureNote:
    """A printed figure: its text, what it is of, where it stands, how it agrees (in a word and in words), its step."""

    value: str
    name: str
    where: str
    state: str
    verdict: str
    place: PrintedPlace


@dataclass(frozen=True)
class ErratumNote:
    """An erratum: where the page errs, how, and the step where it shows, by its title; None and empty without one."""

    where: str
    text: str
    place: PrintedPlace | None
    step: str


@dataclass(frozen=True)
class LessonNotes:
    """Title, source, how the lesson counts, its printed figures and its errata, these in the order of the file."""

    title: str
    source: str
    conventions: tuple[str, ...]
    figures: tuple[FigureNote, ...]
    errata: tuple[ErratumNote, ...]


def lesson_notes(lesson: Lesson) -> LessonNotes:
    """The notes of a lesson as its file has it; its figures are compared with the passes that it prints."""
    session_of = _sessions(lesson)
    return LessonNotes(
        lesson.title,
        lesson.source,
        counting_lines(lesson),
        tuple(_figure_note(lesson, session_of, match) for match in _matches(lesson, session_of)),
        tuple(_erratum_note(session_of, erratum) for erratum in lesson.errata),
    )


def counting_lines(lesson: Lesson) -> tuple[str, ...]:
    """How a lesson counts, in sentences: its error, its deltas, its matrices, its slips, when its weights change."""
    convention, reward = lesson.convention, lesson.notation.reward
    lines = [
        _REWARD if reward else LOSS_TEXTS[lesson.network.architecture.loss].sentence,
        _delta_line(convention, reward),
    ]
    if convention.weights == "inputs_first":
        lines.append("A matrix has a row for each input: (inputs, units).")
    lines += [line for line in convention_lines(convention) if line != slip_line("delta", "descent")]
    return (*lines, _update_line(lesson))


def _delta_line(convention: Convention, reward: bool) -> str:
    if convention.delta == "gradient":
        return "Deltas and gradients point up the slope of the error, and changes are subtracted."
    if reward:
        return "Deltas point up the slope of the reward, and changes are added."
    return (
        "Deltas point downhill: they are minus the gradient."
        if convention.step == "uphill"
        else slip_line("delta", "descent")
    )


def _update_line(lesson: Lesson) -> str:
    after, reduce = lesson.training.update_after, lesson.training.reduce
    if after in ("example", 1):
        return "Weights change after each example."
    of = "the whole batch" if after == "batch" else f"every {after} examples"
    return f"Weights change after {of}, by the {'sum' if reduce == 'sum' else 'mean'} of the examples’ gradients."


def convention_lines(convention: Convention) -> tuple[str, ...]:
    """A sentence for each choice that is not the usual one."""
    chosen = [slip_line(field.name, getattr(convention, field.name)) for field in fields(convention)]
    if convention.frozen:
        stay = "stays as it is" if len(convention.frozen) == 1 else "stay as they are"
        chosen.append(f"{', '.join(convention.frozen)} {stay}.")
    return tuple(line for line in chosen if line)


def slip_line(name: str, choice: object) -> str:
    """The sentence for one choice of a convention; empty for the usual one."""
    return CONVENTION_TEXTS[name, str(choice)].note if name in CHOICES else ""


def _sessions(lesson: Lesson) -> Callable[[int | None], Session]:
    """The first pass of each example, each computed once."""

    @cache
    def session_of(example: int) -> Session:
        return start_session(lesson, example=example, notation=lesson.notation)

    return lambda example: session_of(lesson.example if example is None else example)


def _matches(lesson: Lesson, session_of: Callable[[int | None], Session]) -> tuple[Match, ...]:
    return tuple(match_figure(own_voice(session_of(figure.example)), figure) for figure in lesson.printed)


def _figure_note(lesson: Lesson, session_of: Callable[[int | None], Session], match: Match) -> FigureNote:
    figure = match.figure
    name = own_voice(session_of(figure.example)).text(match.quantity)
    if figure.example not in (None, lesson.example):
        name = f"{name}, example {figure.example + 1}"
    if figure.time is not None and lesson.dataset.time_steps > 1:
        name = f"{name}, time step {figure.time}"
    verdict = _verdict(match)
    return FigureNote(figure.value, name, figure.where, match.state, verdict, place_of_figure(figure))


def _verdict(match: Match) -> str:
    if match.state == EXACT:
        return "exact to its digits"
    if match.state == CONVENTION:
        return f"the value {match.explanation}; by itself it is {digits(match.value)}"
    return f"differs: {digits(match.value)} is right"


def _erratum_note(session_of: Callable[[int | None], Session], erratum: Erratum) -> ErratumNote:
    place = place_of_erratum(erratum)
    session = session_of(erratum.example)
    there = None if place is None else go_to_place(session, place)
    if there is None or there.step is None:
        return ErratumNote(erratum.where, erratum.text, None, "")
    return ErratumNote(erratum.where, erratum.text, place, headline(own_voice(there), there.step))
