"""The gradient check in words: each gradient with its central difference, and a verdict on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.gradcheck import TOLERANCE, Difference
from nnviz.engine.network import Architecture
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.present.core.voice import Voice
from nnviz.present.text.numbers import UNKNOWN, fixed, pretty
from nnviz.present.words.lesson_notes import convention_line
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity
from nnviz.tracing.values import flat_index

AGREES, CORNER, DIFFERS, NOT_FINITE = "agrees", "corner", "differs", "not finite"
EXACT = {"slope": "exact", "update": "simultaneous", "through_time": "full"}

LARGE = 100.0  # weights beyond which central differences have long steps

_DECIMALS = 6


@dataclass(frozen=True)
class GradientVerdict:
    """The verdict on all differences together: `state` as of one, a headline, reasons, and remarks on the numbers."""

    state: str
    headline: str
    lines: tuple[str, ...]
    remarks: tuple[str, ...]


def state_of(difference: Difference) -> str:
    """Return agrees, corner (a kink of the loss, where the gradient is one that is allowed), differs or not finite."""
    if not (isfinite(difference.gradient) and isfinite(difference.central)):
        return NOT_FINITE
    if difference.kink:
        return CORNER
    return AGREES if difference.agrees else DIFFERS


def badness(difference: Difference) -> float:
    """Return how far a difference is from agreement, for sorting: NaN and infinity are the worst."""
    error = difference.error
    return error if isfinite(error) and state_of(difference) != NOT_FINITE else inf


def parameter_quantity(architecture: Architecture, index: int) -> Quantity:
    """Return the gradient (dW, db, dW_h or db_h) of the parameter at an index of the flat vector. Raises IndexError."""
    for layer, slots in enumerate(architecture.slots):
        for name, slot in slots.items():
            if index < slot.stop:
                source, unit = divmod(index - slot.start, architecture.sizes[layer + 1])
                kinds = PARAMETER_KINDS[name]
                return Quantity(kinds.gradient, layer, unit, source if kinds.is_matrix else None)
    raise IndexError(f"{index} is not below {architecture.parameter_count}")


def selection_of(gradient: Quantity) -> Quantity:
    """Return the selection for a gradient: the weight's edge, or the unit of a bias; else the parameter itself."""
    if gradient.kind is Kind.DB:
        return Quantity(Kind.A, gradient.layer, gradient.unit)
    return held_quantity(gradient)


def held_quantity(gradient: Quantity) -> Quantity:
    """Return the parameter of a gradient."""
    return Quantity(PARAMETER_OF[gradient.kind].value, gradient.layer, gradient.unit, gradient.source)


def chosen_parameter(session: Session) -> int | None:
    """Return the flat index of the selected parameter, else of the one of the step just taken.

    For a selected unit, this is its bias. None if there is no such parameter.
    """
    q = session.selection
    if q is not None:
        name = "b" if q.kind is Kind.A else _name(q)
    else:
        q = None if session.step is None else session.step.quantity
        name = None if q is None else _name(q)
    if q is None or name is None or q.layer is None or q.unit is None:
        return None
    if PARAMETER_KINDS[name].is_matrix and q.source is None:
        return None
    place = Quantity(PARAMETER_KINDS[name].value, q.layer, q.unit, q.source, of=name)
    return None if absent_text(session.record.architecture, place) else flat_index(session.record, place)


def _name(q: Quantity) -> str | None:
    """Return the sort of parameter of a quantity: W, b, W_h or b_h; None if it has none."""
    if q.kind is Kind.MOVING:
        return q.of
    return PARAMETER_OF[q.kind].name if q.kind in PARAMETER_OF else None


def parameter_text(voice: Voice, index: int) -> str:
    """Return a parameter as the document writes it: W₂,₁."""
    return voice.text(held_quantity(parameter_quantity(voice.record.architecture, index)))


def loss_text(voice: Voice) -> str:
    """Return the symbol of the loss, with a minus sign before that of a reward."""
    symbol = voice.text(Quantity(Kind.LOSS))
    return f"−{symbol}" if voice.shows_reward else symbol


def number_text(value: float) -> str:
    """Return a gradient as the table and the line show it: six decimals, fewer for large numbers."""
    before = len(str(int(abs(value)))) if isfinite(value) else 1
    return pretty(fixed(value, max(_DECIMALS + 1 - before, 1)))


def error_text(difference: Difference) -> str:
    """Return the relative error with one digit: 2×10⁻¹¹."""
    state = state_of(difference)
    if state in (CORNER, NOT_FINITE):
        return UNKNOWN
    error = difference.error
    if error == 0:
        return "0"
    return pretty(f"{error:.0e}") if error < 0.001 else pretty(f"{error:.2g}")


def difference_text(voice: Voice, difference: Difference) -> str:
    """Return one parameter in a line: gradient, central difference, relative error, verdict."""
    loss = f"({loss_text(voice)})" if voice.shows_reward else loss_text(voice)
    parts = [
        f"gradient {number_text(difference.gradient)}",
        f"central difference {number_text(difference.central)}",
        f"relative error {error_text(difference)}",
        state_of(difference),
    ]
    return f"∂{loss}/∂{parameter_text(voice, difference.parameter)}: {' · '.join(parts)}"


def verdict(voice: Voice, differences: Sequence[Difference]) -> GradientVerdict:
    """Return the verdict on the compared parameters, with reasons for differences. Raises ValueError for none."""
    states = [state_of(difference) for difference in differences]
    wrong, corners = sum(state in (DIFFERS, NOT_FINITE) for state in states), states.count(CORNER)
    count, loss = len(differences), loss_text(voice)
    of = f"{count:,} gradients".replace(",", "\N{NARROW NO-BREAK SPACE}")
    whole = count == voice.record.architecture.existing.size
    if not whole:
        of = f"{of} compared"
    worst = max(differences, key=badness)
    if wrong:
        finite = states.count(NOT_FINITE) < wrong
        match = f"do not match the numerical gradients of {loss}" if finite else "are NaN or infinite"
        headline = f"{wrong} of {of} {match}."
        lines = [_worst_line(voice, worst), *_reasons(voice.record)]
    else:
        headline = f"{'All' if whole else 'The'} {of} match the numerical gradients of {loss}."
        lines = _agreeing_lines(voice, worst)
    if corners:
        lines.append(_corner_line(corners))
    state = state_of(worst) if wrong else AGREES
    return GradientVerdict(state, headline, tuple(lines), tuple(_remarks(voice)))


def _agreeing_lines(voice: Voice, worst: Difference) -> list[str]:
    lines = []
    if not worst.kink:
        lines.append(f"Largest relative error {error_text(worst)}, at {parameter_text(voice, worst.parameter)}.")
    if not voice.record.convention.is_exact:
        lines.append("The chosen conventions change no gradient of this pass.")
    return lines


def _worst_line(voice: Voice, worst: Difference) -> str:
    name = parameter_text(voice, worst.parameter)
    if state_of(worst) == NOT_FINITE:
        return f"At {name} there is no finite number to compare."
    return (
        f"Worst at {name}: gradient {number_text(worst.gradient)}, central difference "
        f"{number_text(worst.central)}. Relative error {error_text(worst)}."
    )


def _corner_line(corners: int) -> str:
    where = "One parameter is" if corners == 1 else f"{corners} parameters are"
    return f"{where} at a corner (such as relu at 0), where the slope jumps; the gradient is correct."


def _reasons(record: PassRecord) -> list[str]:
    """Return which conventions make gradients wrong, each alone, and how many."""
    slips = {name: getattr(record.convention, name) for name in EXACT}
    slips = {name: choice for name, choice in slips.items() if choice != EXACT[name]}
    if not np.isfinite(record.gradients.vector).all():
        return ["This pass contains NaN or infinity."]
    if not slips:
        rough = np.abs(record.parameters.vector).max() > LARGE
        doubt = " With weights this large, central differences are inaccurate." if rough else ""
        return [f"No convention of the lesson explains this.{doubt}"]
    if len(slips) == 1:
        return [_why(name, choice) for name, choice in slips.items()]
    exact = _gradients(record, Convention())
    reasons = []
    for name, choice in slips.items():
        alone = int(_disagreeing(_gradients(record, Convention(**{name: choice})), exact).sum())
        reasons.append(f"{_why(name, choice)} This alone makes {alone} of {exact.size} wrong.")
    return reasons


def _why(name: str, choice: str) -> str:
    """Return the sentence for one convention that makes gradients wrong."""
    return f"Why: {convention_line(name, choice).removeprefix('As printed, ')}"


def _gradients(record: PassRecord, convention: Convention) -> FloatArray:
    """Return the gradients of the same batch under another convention."""
    again = run_pass(record.network, record.x, record.t, convention, record.rule)
    return again.gradients.vector


def _disagreeing(some: FloatArray, others: FloatArray) -> NDArray[np.bool_]:
    """Return where two vectors of gradients do not agree, within the tolerance of the check."""
    return ~(np.abs(some - others) <= TOLERANCE * np.maximum(np.maximum(np.abs(some), np.abs(others)), 1e-4))


def _remarks(voice: Voice) -> list[str]:
    """Return remarks on how to read the numbers: their batch and sign, and what is not checked."""
    record, remarks = voice.record, []
    examples = len(record.examples)
    if examples > 1:
        how = "averaged" if record.rule.reduce == "mean" else "summed"
        remarks.append(f"The gradients are {how} over the {examples} examples of the batch.")
    if voice.sign < 0:
        rate = ", times the learning rate" if voice.gradients_as_changes else ""
        remarks.append(f"The signs here are those of the gradients; the document writes their negatives{rate}.")
    if record.convention.step == "uphill":
        remarks.append("The step uphill follows the gradient computation, so this check does not cover it.")
    if record.convention.frozen:
        remarks.append(f"Frozen parameters have gradients too: {', '.join(record.convention.frozen)}.")
    return remarks
