"""The changes that the last choice made in the pass: the old and the new record, written in one voice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.session import Session, once_per_session
from nnviz.engine.arrays import FloatArray
from nnviz.present.core.phases import known_values
from nnviz.present.core.voice import Voice, new_mark, voice_of
from nnviz.present.text.numbers import fixed, pretty
from nnviz.tracing.groups import Group
from nnviz.tracing.steps import Kind, Quantity, Step, Value
from nnviz.tracing.trace import Trace

DECIMALS = 6
# Relative differences up to this size are only rounding.
ROUNDING = 1e-12

_OF_OPTIMIZER = (Kind.MEMORY, Kind.MOVING)
_NOTES = {
    "delta": "δ has the opposite sign",
    "weights": "Matrices are transposed",
    "layers": "Layers are renumbered",
}
_NOTHING = "no computed value changes"


@dataclass(frozen=True, kw_only=True)
class ValueChange:
    """A vector or matrix of the pass that the last choice changed.

    `position` is where the first of its `changed` numbers becomes known; `old` and `new` are given for a single number.
    """

    quantity: Quantity
    name: str
    items: int
    changed: int
    largest: float
    position: int
    old: float | None = None
    new: float | None = None

    @property
    def text(self) -> str:
        """Return one line: δ₁: 2 of 2 changed, at most by 0.0123."""
        if self.old is not None and self.new is not None:
            return f"{self.name}: {number_change(self.old, self.new)}"
        return f"{self.name}: {', '.join(_count(self.changed, self.items, self.largest))}"


@dataclass(frozen=True)
class StepChange:
    """What the last choice made of a step's numbers, as one text and in `parts` for lines that break between them."""

    text: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhatChanged:
    """The changes by the last choice: sentences about the whole, then each vector or matrix, in order of the pass."""

    sentences: tuple[str, ...]
    changes: tuple[ValueChange, ...]


def what_changed(session: Session) -> WhatChanged | None:
    """Return what the last choice changed; None if there was no choice since the pass began."""
    if session.compared is None:
        return None
    found = changes(session)
    notes = _notes(session)
    if notes and not found:
        return WhatChanged((*(f"{words}." for words in notes[:-1]), f"{notes[-1]}; {_NOTHING}."), ())
    sentences = [f"{words}." for words in notes]
    if session.compared.record.convention.update != session.record.convention.update:
        sentences.append("The order of the steps changes.")
    if not found:
        sentences.append("No number of this pass changes.")
    return WhatChanged(tuple(sentences), found)


def changes(session: Session) -> tuple[ValueChange, ...]:
    """Return every vector or matrix of the pass with a number that the last choice changed."""
    voice, before = voice_of(session), voice_before(session)
    if before is None:
        return ()
    alone = session.record.architecture.sizes[-1] == 1 and session.record.time_steps == 1
    groups = (group for group in session.trace.groups if not (alone and group.kind is Kind.ERROR))
    found = (_change(session.trace, voice, before, group) for group in groups)
    return tuple(change for change in found if change is not None)


@once_per_session
def voice_before(session: Session) -> Voice | None:
    """Return the present voice for the pass before the last choice; None if there is nothing to compare."""
    compared, voice = session.compared, voice_of(session)
    if compared is None or compared.record is session.record:
        return None
    record = compared.record
    before = voice.of(record)
    if (
        before.gradients_as_changes != voice.gradients_as_changes
    ):  # then a symbol denotes another quantity, not another number
        before = before.of(replace(record, rule=session.record.rule))
    return before


def old_value(voice: Voice, before: Voice, quantity: Quantity) -> Value | None:
    """Return the old value of a quantity as it is written now; None if the previous pass did not have it."""
    optimizers = [(record.rule.optimizer, len(record.memory)) for record in (before.record, voice.record)]
    if quantity.kind in _OF_OPTIMIZER and optimizers[0] != optimizers[1]:  # the rule may be written as the present one
        return None
    if quantity.kind is Kind.DE_DA_LATER_TERM and before.record.convention.through_time != "full":
        return None
    if quantity.example is not None:
        example = voice.record.examples[quantity.example]
        if example not in before.record.examples:
            return None
        quantity = replace(quantity, example=before.record.examples.index(example))
    return before.value(quantity)


def differ(old: Value, new: Value) -> NDArray[np.bool_]:
    """Return which numbers differ beyond rounding; a NaN or infinity that stays is not a difference."""
    one, other = np.asarray(old), np.asarray(new)
    with np.errstate(all="ignore"):
        close = np.abs(other - one) <= ROUNDING * np.maximum(np.abs(one), np.abs(other))
    same: NDArray[np.bool_] = close | (one == other) | (np.isnan(one) & np.isnan(other))
    return ~same


def has_changed(voice: Voice, before: Voice | None, quantity: Quantity) -> bool:
    """Return whether one number has changed."""
    old = None if before is None else old_value(voice, before, quantity)
    return old is not None and bool(differ(old, voice.value(quantity)).any())


def step_change(session: Session, step: Step) -> StepChange:
    """Return how the last choice changed the step's number or numbers; empty if it did not."""
    voice, before = voice_of(session), voice_before(session)
    old = None if before is None else old_value(voice, before, step.quantity)
    if old is None:
        return StepChange()
    new = voice.value(step.quantity)
    if np.shape(old) != np.shape(new):
        return StepChange()
    old, new = (known_values(session.trace, voice.record.architecture, step, value) for value in (old, new))
    mask = differ(old, new)
    if not mask.any():
        return StepChange()
    if isinstance(old, float) and isinstance(new, float):
        both, gap = _number_change(old, new)
        return StepChange(f"{both} ({gap})", (both, f"by {gap}"))
    parts = _count(int(mask.sum()), mask.size, largest_gap(np.asarray(old), np.asarray(new), mask))
    return StepChange(", ".join(parts), parts)


def number_change(old: float, new: float) -> str:
    """Return a change as text: 0.032180 → 0.036170 (+0.003990)."""
    both, gap = _number_change(old, new)
    return f"{both} ({gap})"


def _number_change(old: float, new: float) -> tuple[str, str]:
    """Return the old and the new number, and the signed difference."""
    with np.errstate(all="ignore"):
        gap = float(np.subtract(new, old))
    sign = "+" if gap > 0 else ""
    return f"{_number(old)} → {_number(new)}", f"{sign}{_number(gap)}"


def count_change(old: FloatArray, new: FloatArray, mask: NDArray[np.bool_]) -> str:
    """Return how many of several numbers changed, and by how much: 2 of 4 changed, at most by 0.012300."""
    return ", ".join(_count(int(mask.sum()), mask.size, largest_gap(old, new, mask)))


def largest_gap(old: FloatArray, new: FloatArray, mask: NDArray[np.bool_]) -> float:
    """Return the largest difference among the changed numbers; infinity if one is not finite."""
    with np.errstate(all="ignore"):
        gaps = np.abs(new - old)[mask]
    return float(gaps.max()) if np.isfinite(gaps).all() else float("inf")


def _number(value: float) -> str:
    return pretty(fixed(value, DECIMALS))


def _count(changed: int, items: int, largest: float) -> tuple[str, str]:
    return f"{changed} of {items} changed", f"at most by {_number(largest)}"


def _change(trace: Trace, voice: Voice, before: Voice, group: Group) -> ValueChange | None:
    quantity = Quantity(group.kind, group.layer, time=group.time)
    old, new = old_value(voice, before, quantity), voice.value(quantity)
    if old is None:
        return None
    mask = differ(old, new)
    if not mask.any():
        return None
    by_unit = mask.T if group.matrix and not voice.units_first else mask  # the order of the trace
    end = trace.find(quantity)
    assert end is not None
    item = group.item_at(*divmod(int(np.argmax(by_unit)), group.sources)) or 0
    position = end - group.length + group.start_of(item + 1)
    name = voice.text(Quantity(Kind.LOSS) if group.kind is Kind.LOSS else quantity)
    name += new_mark(group.kind)
    one = mask.size == 1
    return ValueChange(
        quantity=quantity,
        name=name,
        items=group.items,
        changed=int(mask.sum()),
        largest=largest_gap(np.asarray(old), np.asarray(new), mask),
        position=position,
        old=float(np.ravel(old)[0]) if one else None,
        new=float(np.ravel(new)[0]) if one else None,
    )


def _notes(session: Session) -> list[str]:
    """Return what is written differently since the last choice."""
    compared = session.compared
    assert compared is not None
    differs = {
        "delta": compared.convention.delta != session.convention.delta,
        "weights": compared.convention.weights != session.convention.weights,
        "layers": compared.notation.first_layer != session.notation.first_layer
        and compared.notation.name == session.notation.name,
    }
    return [words for name, words in _NOTES.items() if differs[name]]
