"""The step card: place, title, formula, comparison with the document, and explanation of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import Convention
from nnviz.engine.training import TrainingSettings
from nnviz.present.core.changes import step_change
from nnviz.present.core.printed import CONVENTION, EXACT, Match, matches, own_voice
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.formula.step_formula import StepFormula, formula
from nnviz.present.rules.adjustments import SCHEDULE_TEXTS
from nnviz.present.text.numbers import echoed, fixed, pretty
from nnviz.present.words.captions import headline, place, sentence
from nnviz.present.words.erratum_formula import with_wrong_formula
from nnviz.present.words.health_text import HEALTH_KEY, health_of_step
from nnviz.present.words.nonfinite_text import AT_STEP, is_at_nonfinite, nonfinite_note
from nnviz.present.words.printed_places import is_reached, place_of_erratum
from nnviz.present.words.quiz_text import asked_formula
from nnviz.tracing.steps import NEW_KINDS, Kind, Quantity, Step
from nnviz.tracing.values import value_of

_GRADIENT_OF = {Kind.DE_DA: Kind.A, Kind.DELTA: Kind.Z, Kind.DW: Kind.WEIGHT, Kind.DB: Kind.BIAS}


@dataclass(frozen=True)
class Chip:
    """A short verdict on a printed result, with `state` exact, convention or differs; or a problem, with `problem`."""

    text: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """The content of the step card. `formula` is None before the first step.

    `note` points to an erratum, `change` says what the last choice of a convention changed; both may be empty.
    `change_parts` is `change` in parts, between which a narrow card may break the line. If it `is_captioned`, the text
    is the caption of a walk.
    """

    where: str
    title: str
    formula: StepFormula | None
    chips: tuple[Chip, ...]
    text: str
    phase: str
    note: str = ""
    change: str = ""
    change_parts: tuple[str, ...] = ()
    is_captioned: bool = False


def card(session: Session) -> Card:
    """Return the card of the step just taken; before the first step, that of the lesson."""
    if session.asked is not None:
        return _question(session, session.asked)
    step = session.step
    if step is None:
        return _opening(session)
    voice = voice_of(session)
    where = f"Step {step.index + 1} of {session.trace.length(step.grain)} · {place(session.record, step)}"
    own = voice.factor(step.quantity) == own_voice(session).factor(step.quantity)
    chips = tuple(chip(match, own) for match in matches(session, step))
    text = sentence(voice, step, captions_of(session))
    for note in (gradient_note(session, step), rate_note(session, step)):
        text = f"{text} {note}" if note else text
    problems = ((AT_STEP,) if is_at_nonfinite(session) else ()) + health_of_step(session)
    chips += tuple(Chip(f"{words} · {HEALTH_KEY}", "problem") for words in problems)
    note = nonfinite_note(session) or erratum_note(session)
    change = step_change(session, step)
    return Card(
        where=where,
        title=headline(voice, step),
        formula=with_wrong_formula(session, step, formula(session.trace, step, voice)),
        chips=chips,
        text=text,
        phase=step.phase,
        note=note,
        change=change.text,
        change_parts=change.parts,
    )


def _question(session: Session, step: Step) -> Card:
    """Return the card of a step to be predicted, which does not show its value."""
    where = f"Step {step.index + 1} of {session.trace.length(step.grain)} · {place(session.record, step)}"
    return Card(
        where=where,
        title=headline(voice_of(session), step),
        formula=asked_formula(session, step),
        chips=(),
        text="",
        phase=step.phase,
    )


def erratum_note(session: Session) -> str:
    """Return a note if the document has an erratum at the step just taken; the Lesson panel has its text."""
    places = (place_of_erratum(erratum) for erratum in session.lesson.errata)
    found = any(place is not None and is_reached(session, place) for place in places)
    return "Known erratum (L)" if found else ""


def captions_of(session: Session) -> Mapping[str, str]:
    """Return the lesson's captions; none if the notation, conventions or settings differ, as they may then be false."""
    lesson, training = session.lesson, session.training
    as_written = (
        session.notation.name == lesson.notation.name
        and session.notation.first_layer == lesson.notation.first_layer
        and session.convention == lesson.convention
        and session.loss == lesson.network.architecture.loss
        and not session.edits
        and _update_of(training) == _update_of(lesson.training)
    )
    return lesson.captions if as_written else {}


def _update_of(training: TrainingSettings) -> tuple[object, ...]:
    """Return what a caption may say of an update."""
    return training.optimizer, training.update_after, training.reduce, training.rule().adjusts


def _opening(session: Session) -> Card:
    lesson = session.lesson
    update = session.checkpoint.update
    where = f"{session.trace.length(session.grain)} steps ahead"
    if update:
        where = f"After {update:,} update{'' if update == 1 else 's'} · {where}".replace(",", "\N{NO-BREAK SPACE}")
    text = "Press → to take the first step. Numbers that are not known yet are shown as a dash."
    if not update and lesson.source:
        text = f"{lesson.source}. {text}"
    return Card(
        where=where, title="Next pass" if update else lesson.title, formula=None, chips=(), text=text, phase="forward"
    )


def chip(match: Match, own: bool = True) -> Chip:
    """Return the verdict on one printed result; `own` is false if the card's sign or factor is not the document's."""
    where, printed = f", {match.figure.where}" if match.figure.where else "", echoed(match.figure.value)
    if match.state == EXACT:
        convention = "" if own else " in the document's convention"
        return Chip(f"printed {printed} ✓{convention}{where}", EXACT)
    if match.state == CONVENTION:
        return Chip(f"printed {printed}{where}: the value {match.explanation}", CONVENTION)
    return Chip(f"printed {printed}{where}: differs", match.state)


def gradient_note(session: Session, step: Step) -> str:
    """Return the true gradient if the document gives another number: with the opposite sign, or times the rate."""
    voice = voice_of(session)
    if step.kind not in _GRADIENT_OF:
        return ""
    if voice.shows_reward and voice.sign > 0:
        return f"As you have chosen, this is the gradient of the loss, −{voice.text(Quantity(Kind.LOSS))}."
    if voice.factor(step.quantity) == 1.0:
        return ""
    true = value_of(session.record, step.quantity)
    loss = voice.text(Quantity(Kind.LOSS))
    is_ascent = voice.shows_reward and voice.sign < 0
    if not isinstance(true, float):
        if is_ascent:
            return f"The document uses gradient ascent on {loss}, so the sign is that of ascent."
        return f"{_difference(voice, session.record.convention).capitalize()}."
    if is_ascent:
        return f"The document uses gradient ascent on {loss}. The gradient of −{loss} is {pretty(fixed(true, 6))}."
    symbol = voice.text(replace(step.quantity, kind=_GRADIENT_OF[step.kind]))
    convention = session.record.convention
    name = "True gradient" if convention.is_exact else "With the sign of a gradient,"
    return f"{name} ∂{loss}/∂{symbol} = {pretty(fixed(true, 6))}: {_difference(voice, convention)}."


def rate_note(session: Session, step: Step) -> str:
    """Return how the learning rate of an update follows from its schedule; empty without one, or for another step."""
    schedule, epoch = session.training.rate_schedule, session.checkpoint.epoch
    if step.kind not in NEW_KINDS or schedule.is_constant:
        return ""
    first, rate = (f"{rates.learning_rate:g}" for rates in (session.training.rates, session.record.rule.rates))
    return f"The learning rate of epoch {epoch + 1} is {rate}: {SCHEDULE_TEXTS[schedule.name](schedule, first, epoch)}."


def _difference(voice: Voice, convention: Convention) -> str:
    """Return why the document's number is not the gradient."""
    if voice.sign > 0:
        return "the change includes the learning rate"
    if not voice.own_sign:
        return "the sign is flipped, as you have chosen"
    if convention.step == "uphill":
        return "the document takes target minus output, so its sign is flipped"
    return "the document adds the change, so its sign is flipped"
