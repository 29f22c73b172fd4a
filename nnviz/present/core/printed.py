"""Printed results compared with the pass: equal to all digits, truncated, under another convention, or different."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnviz.debugger.state.document_form import form_of
from nnviz.debugger.state.session import Session, once_per_session
from nnviz.engine.conventions import Convention
from nnviz.engine.data_measures import MEASURES
from nnviz.engine.optimizers import MEMORY_NAMES, OPTIMIZERS
from nnviz.lessons.figure_checks import memory_of
from nnviz.lessons.lesson import Lesson, PrintedFigure
from nnviz.present.core.voice import Voice
from nnviz.tables.numerals import read_numeral
from nnviz.tracing.steps import MATRIX_KINDS, PARAMETER_OF, Kind, Quantity, Step

EXACT = "exact"
CONVENTION = "convention"
DIFFERS = "differs"
TRUNCATED = "truncated after its digits, not rounded"
# Of a figure that belongs to a later pass, which has not been computed.
LATER = "later"

_KINDS = {
    "z": Kind.Z,
    "a": Kind.A,
    "error": Kind.ERROR,
    "dE_da": Kind.DE_DA,
    "slope": Kind.SLOPE,
    "delta": Kind.DELTA,
    "dE_dx": Kind.DE_DX,
    "dW": Kind.DW,
    "db": Kind.DB,
    "W": Kind.WEIGHT,
    "b": Kind.BIAS,
    "W_new": Kind.W_NEW,
    "b_new": Kind.B_NEW,
    "loss": Kind.LOSS,
    "dW_h": Kind.DW_H,
    "db_h": Kind.DB_H,
    "W_h": Kind.WEIGHT_H,
    "b_h": Kind.BIAS_H,
    "W_h_new": Kind.W_H_NEW,
    "b_h_new": Kind.B_H_NEW,
}
# With fewer units of its last digit, a truncated number cannot be distinguished from a wrong one.
_CUT_DIGITS = 30
# The numbers to which a factor of the error carries over.
_OF_ERROR = {Kind.ERROR, Kind.LOSS, Kind.DE_DA, Kind.DELTA, Kind.DE_DX, Kind.DW, Kind.DB, Kind.DW_H, Kind.DB_H}
# Measures of all examples, which are no quantities of a pass, in words.
MEASURE_NAMES = {
    "mean_loss": "mean loss of all examples",
    "mean_absolute_error": "mean absolute error",
    "rmse": "root mean square error",
    "accuracy": "accuracy",
}
_WITHOUT_LAYER = {Kind.ERROR, Kind.LOSS, Kind.DE_DX}


@dataclass(frozen=True)
class Match:
    """A printed result and its number: the state, the value in the document's form, and the explanation."""

    figure: PrintedFigure
    quantity: Quantity
    state: str
    value: float
    explanation: str


def quantity_of(figure: PrintedFigure) -> Quantity:
    """Return the quantity of a printed result; for a measure of all examples, the loss, since it has no step."""
    if figure.quantity in MEMORY_NAMES:
        vector, is_corrected = MEMORY_NAMES[figure.quantity]
        slot = next(row.memory.index(vector) for row in OPTIMIZERS.values() if vector in row.memory)
        source = None if figure.source is None else figure.source - 1
        kind = Kind.CORRECTED if is_corrected else Kind.MOVING
        return Quantity(kind, (figure.layer or 1) - 1, (figure.unit or 1) - 1, source, slot=slot, of=memory_of(figure))
    kind = _KINDS.get(figure.quantity, Kind.LOSS)
    source = figure.source - 1 if figure.source is not None and kind in MATRIX_KINDS else None
    unit = None if kind is Kind.LOSS else (figure.unit or 1) - 1
    layer = None if kind in _WITHOUT_LAYER else (figure.layer or 1) - 1
    # Values of the whole sequence have no time step of their own.
    time = 0 if kind is Kind.LOSS or kind in PARAMETER_OF else (figure.time or 1) - 1
    return Quantity(kind, layer, unit, source, time)


def agrees(value: float, printed: str) -> bool:
    """Return whether a number, rounded to the digits of a printed result, is equal to it."""
    numeral = read_numeral(printed)
    # A result of the same arithmetic may lie on the edge of its last digit.
    return abs(value - numeral.value) <= 0.5 * numeral.unit * (1 + 1e-9)


def is_truncated(value: float, printed: str) -> bool:
    """Return whether a printed result is a truncated number, and not a rounded one."""
    numeral = read_numeral(printed)
    beyond = (abs(value) - abs(numeral.value)) / numeral.unit
    has_digits = abs(numeral.value) >= _CUT_DIGITS * numeral.unit and not numeral.is_fraction
    return has_digits and value * numeral.value > 0.0 and -1e-9 <= beyond < 1.0 - 1e-9


def convention_of_figure(lesson: Lesson, figure: PrintedFigure) -> Convention:
    """Return the convention of the run to which a printed result belongs."""
    return lesson.convention.with_choices(figure.convention)


def is_pass_of(session: Session, update: int, choices: tuple[tuple[str, str], ...]) -> bool:
    """Return whether the pass follows `update` updates of the lesson's own run, with other choices of a convention."""
    if not update and not choices:
        return is_first_pass(session)
    lesson = session.lesson
    convention = lesson.convention.with_choices(choices).computed
    if session.checkpoint.update != update or session.edits or session.training != lesson.training:
        return False
    loss = lesson.network.architecture.loss
    segments = session.run.segments
    ends = [*(segment.start.update for segment in segments[1:]), update]
    made = [each for each, end in zip(segments, ends, strict=True) if each.start.update < min(end, update)]
    return (session.convention.computed, session.loss) == (convention, loss) and all(
        (each.settings, each.convention.computed, each.loss) == (lesson.training, convention, loss) for each in made
    )


def pass_text(update: int, choices: tuple[tuple[str, str], ...]) -> str:
    """Return what a run must be for a printed result: `after 10,000 updates, with update = "sequential"`."""
    after = f"after {update:,} update{'' if update == 1 else 's'}" if update else ""
    chosen = ", ".join(f'{name} = "{value}"' for name, value in choices)
    return ", ".join(part for part in (after, f"with {chosen}" if chosen else "") if part)


def is_first_pass(session: Session) -> bool:
    """Return whether the pass is the document's: the same weights, settings and conventions."""
    settings = session.training == session.lesson.training and session.follows_lesson
    return session.checkpoint.update == 0 and settings and not session.edits


def match_figure(session: Session, figure: PrintedFigure) -> Match:
    """Compare a printed result with the pass of a session, which must be the one that it belongs to."""
    quantity, voice = quantity_of(figure), own_voice(session)
    if figure.quantity in MEASURES:
        measured = MEASURES[figure.quantity](session.record.network, session.lesson.dataset)
        value = math.nan if measured is None else measured
        return Match(figure, quantity, EXACT if agrees(value, figure.value) else DIFFERS, value, "")
    value = voice.number(quantity)
    if agrees(value, figure.value):
        return Match(figure, quantity, EXACT, value, "")
    if is_truncated(value, figure.value):
        return Match(figure, quantity, CONVENTION, value, TRUNCATED)
    for explanation, other in _other_conventions(voice, quantity, value):
        if agrees(other, figure.value):
            return Match(figure, quantity, CONVENTION, value, explanation)
    return Match(figure, quantity, DIFFERS, value, "")


def _other_conventions(voice: Voice, quantity: Quantity, value: float) -> list[tuple[str, float]]:
    """Return the values of the number under other conventions."""
    others = [("with the opposite sign", -value)]
    if quantity.kind in _OF_ERROR:
        others += [("without the factor ½ of the error", 2 * value), ("with the factor ½ of the error", value / 2)]
    if quantity.kind in (Kind.DW, Kind.DB, Kind.DW_H, Kind.DB_H):
        rate = voice.record.rule.rates.learning_rate
        plain = value / rate if voice.gradients_as_changes and rate else value
        others += [("without the learning rate", plain), ("times the learning rate", plain * rate)]
        examples = len(voice.record.examples)
        others += [("summed over the batch", value * examples), ("averaged over the batch", value / examples)]
    return others


@once_per_session
def own_voice(session: Session) -> Voice:
    """Return the voice of the lesson's own notation, in which its results are printed."""
    lesson, record = session.lesson, session.record
    return Voice(form_of(lesson.notation, lesson.convention, record.rule), record)


def matches(session: Session, step: Step) -> tuple[Match, ...]:
    """Return the printed results of the number that a step computes; none after training or for another example."""
    return tuple(
        match_figure(session, figure)
        for figure in session.lesson.printed
        if figure.quantity not in MEASURES
        and quantity_of(figure) == step.quantity
        and figure.example in (None, session.example)
        and is_pass_of(session, figure.update, figure.convention)
    )


def figure_text(figure: PrintedFigure) -> str:
    """Return a printed result as a person names it: its digits and their place."""
    return f"{figure.value} ({figure.where})" if figure.where else figure.value
