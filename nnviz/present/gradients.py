"""The gradient check in words: each gradient beside its central difference, and an honest verdict on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.gradcheck import TOLERANCE, Difference
from nnviz.engine.network import Architecture
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.present.notes import slip_line
from nnviz.present.numbers import fixed, pretty
from nnviz.present.voice import Voice
from nnviz.trace.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity
from nnviz.trace.values import flat_index

AGREES, CORNER, DIFFERS, NOT_FINITE = "agrees", "corner", "differs", "not finite"
EXACT = {"slope": "exact", "update": "simultaneous", "through_time": "full"}

LARGE = 100.0  # weights beyond which the steps of central differences are long ones

_DECIMALS = 6


@dataclass(frozen=True)
class GradientVerdict:
    """What is to be said of all differences together: `state` as of one, a headline, why, and how to read them."""

    state: str
    headline: str
    lines: tuple[str, ...]
    remarks: tuple[str, ...]


def state_of(difference: Difference) -> str:
    """agrees, corner (of the loss, where any slope between its two sides is right), differs, or not finite."""
    if not (isfinite(difference.gradient) and isfinite(difference.central)):
        return NOT_FINITE
    if difference.kink:
        return CORNER
    return AGREES if difference.agrees else DIFFERS


def badness(difference: Difference) -> float:
    """How far from agreement, for sorting: what is not finite is the worst."""
    error = difference.error
    return error if isfinite(error) and state_of(difference) != NOT_FINITE else inf


def parameter_quantity(architecture: Architecture, index: int) -> Quantity:
    """The gradient (dW, db, dW_h or db_h) of the parameter at an index of the flat vector. Raises IndexError."""
    for layer, slots in enumerate(architecture.slots):
        for name, slot in slots.items():
            if index < slot.stop:
                source, unit = divmod(index - slot.start, architecture.sizes[layer + 1])
                kinds = PARAMETER_KINDS[name]
                return Quantity(kinds.gradient, layer, unit, source if kinds.is_matrix else None)
    raise IndexError(f"{index} is not below {architecture.parameter_count}")


def selection_of(gradient: Quantity) -> Quantity:
    """What is selected for a gradient: the weight's edge, or the unit whose bias it is; else the parameter itself."""
    if gradient.kind is Kind.DB:
        return Quantity(Kind.A, gradient.layer, gradient.unit)
    return held_quantity(gradient)


def held_quantity(gradient: Quantity) -> Quantity:
    """The parameter that a gradient is of."""
    return Quantity(PARAMETER_OF[gradient.kind].held, gradient.layer, gradient.unit, gradient.source)


def chosen_parameter(session: Session) -> int | None:
    """The flat index of the parameter that is asked about: the selected one, else the one of the step just taken.

    Of a selected unit it is the bias. None where neither names one.
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
    return flat_index(session.record, Quantity(q.kind, q.layer, q.unit, q.source, of=name))


def _name(q: Quantity) -> str | None:
    """The sort of parameter that a quantity is of: W, b, W_h or b_h; None where it is of none."""
    if q.kind is Kind.MOVING:
        return q.of
    return PARAMETER_OF[q.kind].name if q.kind in PARAMETER_OF else None


def parameter_text(voice: Voice, index: int) -> str:
    """A parameter as the document writes it: W₂,₁."""
    return voice.text(held_quantity(parameter_quantity(voice.record.architecture, index)))


def loss_text(voice: Voice) -> str:
    """What the gradients are of: the error's symbol, with a minus before that of a reward."""
    symbol = voice.text(Quantity(Kind.LOSS))
    return f"−{symbol}" if voice.tells_reward else symbol


def number_text(value: float) -> str:
    """A gradient as the table and the line show it: six decimals, fewer where more digits stand before the point."""
    before = len(str(int(abs(value)))) if isfinite(value) else 1
    return pretty(fixed(value, max(_DECIMALS + 1 - before, 1)))


def error_text(difference: Difference) -> str:
    """The relative error with one digit: 2×10⁻¹¹."""
    state = state_of(difference)
    if state in (CORNER, NOT_FINITE):
        return "–"
    error = difference.error
    if error == 0:
        return "0"
    return pretty(f"{error:.0e}") if error < 0.001 else f"{error:.2g}"


def difference_text(voice: Voice, difference: Difference) -> str:
    """One parameter in a line: gradient, central difference, relative error, verdict."""
    loss = f"({loss_text(voice)})" if voice.tells_reward else loss_text(voice)
    parts = [
        f"gradient {number_text(difference.gradient)}",
        f"central difference {number_text(difference.central)}",
        f"relative error {error_text(difference)}",
        state_of(difference),
    ]
    return f"∂{loss}/∂{parameter_text(voice, difference.parameter)}: {' · '.join(parts)}"


def verdict(voice: Voice, differences: Sequence[Difference]) -> GradientVerdict:
    """The verdict on the parameters compared so far, and why some differ where they do. Raises ValueError on none."""
    states = [state_of(difference) for difference in differences]
    wrong, corners = sum(state in (DIFFERS, NOT_FINITE) for state in states), states.count(CORNER)
    count, loss = len(differences), loss_text(voice)
    of = f"{count:,} gradients".replace(",", "\N{NO-BREAK SPACE}")
    whole = count == voice.record.architecture.parameter_count
    if not whole:
        of = f"{of} compared"
    worst = max(differences, key=badness)
    if wrong:
        finite = states.count(NOT_FINITE) < wrong
        headline = f"{wrong} of {of} are not {f'those of {loss}' if finite else 'finite'}."
        lines = [_worst_line(voice, worst), *_reasons(voice.record)]
    else:
        headline = f"{'All' if whole else 'The'} {of} are those of {loss}."
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
        lines.append("On this pass the slips change no gradient.")
    return lines


def _worst_line(voice: Voice, worst: Difference) -> str:
    name = parameter_text(voice, worst.parameter)
    if state_of(worst) == NOT_FINITE:
        return f"At {name} there is no finite number to compare."
    return (
        f"Worst at {name}: {number_text(worst.gradient)}, where the central difference is "
        f"{number_text(worst.central)}. Relative error {error_text(worst)}."
    )


def _corner_line(corners: int) -> str:
    where = "One stands" if corners == 1 else f"{corners} stand"
    return f"{where} at a corner of the error (relu at 0): any slope between its two sides is right."


def _reasons(record: PassRecord) -> list[str]:
    """Which conventions make gradients wrong, each alone, and how many."""
    slips = {name: getattr(record.convention, name) for name in EXACT}
    slips = {name: choice for name, choice in slips.items() if choice != EXACT[name]}
    if not np.isfinite(record.gradients.vector).all():
        return ["The numbers of this pass are no longer finite."]
    if not slips:
        rough = np.abs(record.parameters.vector).max() > LARGE
        doubt = " With weights so large the central differences are rough." if rough else ""
        return [f"No convention of the lesson explains this.{doubt}"]
    if len(slips) == 1:
        return [_why(name, choice) for name, choice in slips.items()]
    exact = _gradients(record, Convention())
    reasons = []
    for name, choice in slips.items():
        alone = int(_apart(_gradients(record, Convention(**{name: choice})), exact).sum())
        reasons.append(f"{_why(name, choice)} This alone makes {alone} of {exact.size} wrong.")
    return reasons


def _why(name: str, choice: str) -> str:
    """The sentence for one slip, whoever chose it: the page or the learner."""
    return f"Why: {slip_line(name, choice).removeprefix('As printed, ')}"


def _gradients(record: PassRecord, convention: Convention) -> FloatArray:
    """The gradients of the same batch under another convention."""
    again = run_pass(record.network, record.x, record.t, convention, record.rule)
    return again.gradients.vector


def _apart(some: FloatArray, others: FloatArray) -> NDArray[np.bool_]:
    """Where two vectors of gradients do not agree, by the measure of the check."""
    return ~(np.abs(some - others) <= TOLERANCE * np.maximum(np.maximum(np.abs(some), np.abs(others)), 1e-4))


def _remarks(voice: Voice) -> list[str]:
    """What else one must know to read the numbers: whose batch and sign they have, and what is not checked."""
    record, remarks = voice.record, []
    examples = len(record.examples)
    if examples > 1:
        how = "averaged" if record.rule.reduce == "mean" else "added up"
        remarks.append(f"They are the update’s: {how} over the {examples} examples of its batch.")
    if voice.sign < 0:
        rate = ", times the rate" if voice.tells_change else ""
        remarks.append(f"The signs here are those of gradients; the page tells minus these{rate}.")
    if record.convention.step == "uphill":
        remarks.append("The step uphill comes after the gradient, so this check cannot see it.")
    if record.convention.frozen:
        remarks.append(f"{', '.join(record.convention.frozen)} may not move, but has gradients all the same.")
    return remarks
