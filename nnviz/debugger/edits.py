"""What if: give a weight, bias, input, target or the learning rate another value, and recompute the pass."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.edit import Edit, Spot
from nnviz.debugger.state.run import begin_run
from nnviz.debugger.state.session import Session, add_pass_to_run, change_in_place, choose_training, new_segment
from nnviz.engine.arrays import frozen_array
from nnviz.engine.datasets import Dataset
from nnviz.engine.losses import LOSSES, allowed_targets
from nnviz.engine.training import start_checkpoint
from nnviz.lessons.lesson import Lesson
from nnviz.tables.numerals import NumeralError, read_numeral
from nnviz.tracing.provenance import bias_quantity
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

MINUS = "\N{MINUS SIGN}"
LARGEST_RATE = 1000.0
REACH = 1.5  # of a slider around a number, as a multiple of the number
PARAMETER_VALUES = frozenset(kinds.value for kinds in PARAMETER_KINDS.values())
DATA_KINDS = frozenset((Kind.INPUT, Kind.TARGET))


class EditError(ValueError):
    """A number that cannot be entered at its spot; the message is one line for the learner."""


def spot_of(session: Session, quantity: Quantity | None) -> Spot | None:
    """Return the spot of a parameter, or of an input or target of the stepped example; None if it cannot be edited."""
    if quantity is None or quantity.unit is None:
        return None
    if quantity.kind in DATA_KINDS:
        return Spot(Quantity(quantity.kind, unit=quantity.unit, time=quantity.time), session.example)
    if quantity.kind not in PARAMETER_VALUES:
        return None
    kinds = PARAMETER_OF[quantity.kind]
    if (kinds.is_matrix and quantity.source is None) or absent_text(session.record.architecture, quantity):
        return None
    if not kinds.is_matrix:
        return Spot(bias_quantity(session.record, quantity.kind, quantity.layer or 0, quantity.unit))
    return Spot(Quantity(quantity.kind, quantity.layer, quantity.unit, quantity.source))


def value_at(session: Session, spot: Spot) -> float:
    """Return the number at a spot."""
    quantity = spot.quantity
    if quantity is None:
        return session.training.rates.learning_rate
    if quantity.kind in DATA_KINDS:
        array = _data(session.lesson, quantity.kind)
        return float(array[quantity.time, spot.example, quantity.unit])
    return float(session.checkpoint.parameters[_index(session, quantity)])


def read_number(text: str) -> float:
    """Read a number as a person types it. Raises EditError with the reason."""
    if not text.strip():
        raise EditError("Enter a number")
    try:
        return read_numeral(text).value
    except NumeralError as error:
        raise EditError(str(error)) from None


def apply_edit(session: Session, spot: Spot, value: float) -> Session:
    """Put a number at a spot: recompute the pass at the same step, and compare it with the pass before the edit.

    Raises EditError if the spot does not allow the number.
    """
    obstacle = edit_obstacle(session, spot, value)
    if obstacle:
        raise EditError(obstacle)
    old = value_at(session, spot)
    if _same_bits(old, value):
        return session
    quantity = spot.quantity
    if quantity is None:
        rates = replace(session.training.rates, learning_rate=value)
        return choose_training(session, replace(session.training, rates=rates))
    edits = _with_edit(session, spot, value, old)
    if quantity.kind in DATA_KINDS:
        return _edit_data(session, spot, value, edits)
    vector = np.array(session.checkpoint.parameters)
    vector[_index(session, quantity)] = value
    checkpoint = replace(session.checkpoint, parameters=frozen_array(vector))
    changed = change_in_place(session, checkpoint=checkpoint, edited=edits)
    return add_pass_to_run(changed)  # in the past, the later updates belong to other weights


def edit_obstacle(session: Session, spot: Spot, value: float) -> str:
    """Return why a spot does not allow a number, in one line; empty if it does."""
    if not math.isfinite(value):
        return "The number must be finite"
    if spot.quantity is None:
        return "" if 0 < value <= LARGEST_RATE else f"The learning rate must be above 0 and at most {LARGEST_RATE:g}"
    loss = LOSSES[session.loss]
    if spot.quantity.kind is Kind.TARGET and not loss.low <= value <= loss.high:
        return f"{loss.name.replace('_', ' ').capitalize()} needs targets {allowed_targets(loss.name)}"
    return ""


def edit_range(session: Session, spot: Spot) -> tuple[float, float]:
    """Return the range around a number in which a slider changes it; a loss and the learning rate may limit it."""
    value = value_at(session, spot)
    if not math.isfinite(value):
        return -1.0, 1.0
    reach = max(1.0, REACH * abs(value))
    low, high = value - reach, value + reach
    if spot.quantity is None:
        return value / 100, min(2 * value, LARGEST_RATE)
    if spot.quantity.kind is Kind.TARGET:
        loss = LOSSES[session.loss]
        low, high = max(low, loss.low), min(high, loss.high)
    return low, high


def reset_to_lesson(session: Session) -> Session:
    """Restore the lesson's values: data, weights, conventions, loss and training.

    The step is kept in the first pass; from any later pass, go before the first step.
    """
    if not count_differences(session):
        return session
    lesson = session.own_lesson
    checkpoint = start_checkpoint(lesson.network, lesson.training)
    convention = replace(lesson.convention, delta=session.convention.delta, weights=session.convention.weights)
    first = session.checkpoint.update == 0
    changed = change_in_place(
        session,
        example=session.example if first else lesson.example,
        lesson=lesson,
        file_lesson=None,
        edited=(),
        checkpoint=checkpoint,
        convention=convention,
        loss=lesson.network.architecture.loss,
        training=lesson.training,
    )
    changed = with_new_run(changed)
    return changed if first else replace(changed, position=0, compared=None)


def count_differences(session: Session) -> bool:
    """Return whether the learner has changed any value that is computed with."""
    return bool(session.edits) or not session.follows_lesson or session.training != session.lesson.training


def without_weight_edits(session: Session) -> Session:
    """Return a session whose weights were restored: only the edits of its data remain."""
    return replace(session, edited=tuple(edit for edit in session.edits if edit.is_data))


def _edit_data(session: Session, spot: Spot, value: float, edits: tuple[Edit, ...]) -> Session:
    assert spot.quantity is not None
    quantity, own = spot.quantity, session.own_lesson
    array = np.array(_data(session.lesson, quantity.kind))
    array[quantity.time, spot.example, quantity.unit] = value
    data, frozen = session.lesson.dataset, frozen_array(array)
    dataset = Dataset(frozen, data.targets) if quantity.kind is Kind.INPUT else Dataset(data.inputs, frozen)
    edited = any(edit.is_data for edit in edits)
    lesson = replace(own, dataset=dataset) if edited else own
    changed = change_in_place(session, lesson=lesson, file_lesson=own if edited else None, edited=edits)
    return add_pass_to_run(changed)  # in the past, the later updates belong to other data


def with_new_run(session: Session) -> Session:
    """Return the session with a run that begins at its present state."""
    return replace(session, run=begin_run(new_segment(session)), recorded_checkpoint=session.checkpoint)


def _with_edit(session: Session, spot: Spot, value: float, old: float) -> tuple[Edit, ...]:
    """Add an edit. A second edit of a spot keeps the first `old` value, and is dropped if it restores that value."""
    update = session.checkpoint.update
    before = next((edit for edit in session.edits if _is_same(edit, spot, update)), None)
    kept = tuple(edit for edit in session.edits if edit is not before)
    first = old if before is None else before.old
    return kept if _same_bits(first, value) else (*kept, Edit(spot, value, first, update))


def _is_same(edit: Edit, spot: Spot, update: int) -> bool:
    """Return whether an edit is of this spot; a weight edited before another update has moved since."""
    return edit.spot == spot and (edit.is_data or edit.update == update)


def _same_bits(one: float, other: float) -> bool:
    return one == other and math.copysign(1.0, one) == math.copysign(1.0, other)


def _data(lesson: Lesson, kind: Kind) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return lesson.dataset.inputs if kind is Kind.INPUT else lesson.dataset.targets


def _index(session: Session, quantity: Quantity) -> int:
    """Return the index of a parameter in the flat vector."""
    architecture, name = session.lesson.network.architecture, PARAMETER_OF[quantity.kind].name
    assert quantity.layer is not None
    assert quantity.unit is not None
    units = architecture.sizes[quantity.layer + 1]
    start = int(architecture.slots[quantity.layer][name].start)
    return start + (quantity.source or 0) * units + quantity.unit
