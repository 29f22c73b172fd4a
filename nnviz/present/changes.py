"""What the last choice changed in the pass, and by how much: the old record beside the new, told in one voice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.session import Session, once_per_session
from nnviz.engine.arrays import FloatArray
from nnviz.present.numbers import fixed, pretty
from nnviz.present.phases import told_values
from nnviz.present.voice import Voice, new_mark, voice_of
from nnviz.trace.groups import Group
from nnviz.trace.steps import Kind, Quantity, Step, Value
from nnviz.trace.trace import Trace

DECIMALS = 6
# Numbers that agree to so many parts of their size were only rounded otherwise.
ROUNDING = 1e-12

_OF_OPTIMIZER = (Kind.MEMORY, Kind.MOVING)
_TELLING = {
    "delta": "Told with the other sign",
    "weights": "Matrices are told the other way round",
    "layers": "Layers are numbered otherwise",
}
_NOTHING = "nothing is computed otherwise"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A vector or matrix of the pass of which the last choice changed something.

    `position` is where the first of its `changed` numbers becomes known; `old` and `new` are there for one number.
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
        """One line: δ₁: 2 of 2 changed, at most by 0.0123."""
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
    """What the last choice changed: sentences about the whole, then each vector or matrix, in the order of the pass."""

    sentences: tuple[str, ...]
    changes: tuple[Change, ...]


def what_changed(session: Session) -> WhatChanged | None:
    """What the last choice changed; None where nothing was chosen since the pass began."""
    if session.compared is None:
        return None
    found = changes(session)
    telling = _telling(session)
    if telling and not found:
        return WhatChanged((*(f"{words}." for words in telling[:-1]), f"{telling[-1]}; {_NOTHING}."), ())
    sentences = [f"{words}." for words in telling]
    if session.compared.record.convention.update != session.record.convention.update:
        sentences.append("The steps come in another order.")
    if not found:
        sentences.append("No number of this pass changes.")
    return WhatChanged(tuple(sentences), found)


def changes(session: Session) -> tuple[Change, ...]:
    """Every vector or matrix of the pass with a number that the last choice changed."""
    voice, before = voice_of(session), voice_before(session)
    if before is None:
        return ()
    alone = session.record.architecture.sizes[-1] == 1 and session.record.time_steps == 1
    groups = (group for group in session.trace.groups if not (alone and group.kind is Kind.ERROR))
    found = (_change(session.trace, voice, before, group) for group in groups)
    return tuple(change for change in found if change is not None)


@once_per_session
def voice_before(session: Session) -> Voice | None:
    """The present voice telling the pass as it was before the last choice; None where there is nothing to compare."""
    compared, voice = session.compared, voice_of(session)
    if compared is None or compared.record is session.record:
        return None
    record = compared.record
    before = voice.of(record)
    if before.tells_change != voice.tells_change:  # then what is told is another thing, not another number
        before = before.of(replace(record, rule=session.record.rule))
    return before


def old_value(voice: Voice, before: Voice, quantity: Quantity) -> Value | None:
    """What a quantity was, told as it is told now; None where the pass before had none of it."""
    optimizers = [(record.rule.optimizer, len(record.memory)) for record in (before.record, voice.record)]
    if quantity.kind in _OF_OPTIMIZER and optimizers[0] != optimizers[1]:  # the rule may be told as the present one
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
    """Which numbers are others than they were, beyond rounding; what was not finite and is so still is the same."""
    one, other = np.asarray(old), np.asarray(new)
    with np.errstate(all="ignore"):
        close = np.abs(other - one) <= ROUNDING * np.maximum(np.abs(one), np.abs(other))
    same: NDArray[np.bool_] = close | (one == other) | (np.isnan(one) & np.isnan(other))
    return ~same


def has_changed(voice: Voice, before: Voice | None, quantity: Quantity) -> bool:
    """Whether one number is another than it was."""
    old = None if before is None else old_value(voice, before, quantity)
    return old is not None and bool(differ(old, voice.value(quantity)).any())


def step_change(session: Session, step: Step) -> StepChange:
    """What the last choice made of the step's number or numbers; empty where it left them."""
    voice, before = voice_of(session), voice_before(session)
    old = None if before is None else old_value(voice, before, step.quantity)
    if old is None:
        return StepChange()
    new = voice.value(step.quantity)
    if np.shape(old) != np.shape(new):
        return StepChange()
    old, new = (told_values(session.trace, voice.record.architecture, step, value) for value in (old, new))
    mask = differ(old, new)
    if not mask.any():
        return StepChange()
    if isinstance(old, float) and isinstance(new, float):
        both, gap = _number_change(old, new)
        return StepChange(f"{both} ({gap})", (both, f"by {gap}"))
    parts = _count(int(mask.sum()), mask.size, largest_gap(np.asarray(old), np.asarray(new), mask))
    return StepChange(", ".join(parts), parts)


def number_change(old: float, new: float) -> str:
    """0.032180 → 0.036170 (+0.003990)."""
    both, gap = _number_change(old, new)
    return f"{both} ({gap})"


def _number_change(old: float, new: float) -> tuple[str, str]:
    """The old and the new number, and the signed difference."""
    with np.errstate(all="ignore"):
        gap = float(np.subtract(new, old))
    sign = "+" if gap > 0 else ""
    return f"{_number(old)} → {_number(new)}", f"{sign}{_number(gap)}"


def count_change(old: FloatArray, new: FloatArray, mask: NDArray[np.bool_]) -> str:
    """How many of several numbers changed, and by how much: 2 of 4 changed, at most by 0.012300."""
    return ", ".join(_count(int(mask.sum()), mask.size, largest_gap(old, new, mask)))


def largest_gap(old: FloatArray, new: FloatArray, mask: NDArray[np.bool_]) -> float:
    """The largest difference among the changed numbers; infinite where one is not finite."""
    with np.errstate(all="ignore"):
        gaps = np.abs(new - old)[mask]
    return float(gaps.max()) if np.isfinite(gaps).all() else float("inf")


def _number(value: float) -> str:
    return pretty(fixed(value, DECIMALS))


def _count(changed: int, items: int, largest: float) -> tuple[str, str]:
    return f"{changed} of {items} changed", f"at most by {_number(largest)}"


def _change(trace: Trace, voice: Voice, before: Voice, group: Group) -> Change | None:
    quantity = Quantity(group.kind, group.layer, time=group.time)
    old, new = old_value(voice, before, quantity), voice.value(quantity)
    if old is None:
        return None
    mask = differ(old, new)
    if not mask.any():
        return None
    by_unit = mask.T if group.matrix and not voice.units_first else mask  # the order in which a trace tells them
    end = trace.find(quantity)
    assert end is not None
    position = end - group.length + (int(np.argmax(by_unit)) + 1) * (group.terms + 1)
    name = voice.text(Quantity(Kind.LOSS) if group.kind is Kind.LOSS else quantity)
    name += new_mark(group.kind)
    one = mask.size == 1
    return Change(
        quantity=quantity,
        name=name,
        items=mask.size,
        changed=int(mask.sum()),
        largest=largest_gap(np.asarray(old), np.asarray(new), mask),
        position=position,
        old=float(np.ravel(old)[0]) if one else None,
        new=float(np.ravel(new)[0]) if one else None,
    )


def _telling(session: Session) -> list[str]:
    """What is told otherwise than before the last choice."""
    compared = session.compared
    assert compared is not None
    differs = {
        "delta": compared.convention.delta != session.convention.delta,
        "weights": compared.convention.weights != session.convention.weights,
        "layers": compared.notation.first_layer != session.notation.first_layer
        and compared.notation.name == session.notation.name,
    }
    return [words for name, words in _TELLING.items() if differs[name]]
