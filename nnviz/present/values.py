"""The values table: every quantity of the pass with its shape and the figures known so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.present.numbers import UNKNOWN, digits, fixed, pretty, short
from nnviz.present.voice import ALL_TIMES, TIMED, Voice, voice_of
from nnviz.trace.groups import Group
from nnviz.trace.steps import PARAMETER_KINDS, PARAMETER_OF, Grain, Kind, Quantity

DECIMALS = 6
MOST = 6


@dataclass(frozen=True)
class ValueRow:
    """One quantity: its name in the document, shape, figures (a dash for what is not known) and all digits.

    `active` marks the quantity of the step just taken; `known` is how far it is known: none, part or whole.
    """

    name: str
    shape: str
    text: str
    full: str
    active: bool
    known: str
    quantity: Quantity


def value_rows(session: Session) -> tuple[ValueRow, ...]:
    """What is given (x, t, parameters), then what the pass makes known, in the order in which it does."""
    voice = voice_of(session)
    step = session.trace.current(Grain.TERM, session.position)
    active = None if step is None else session.trace.group_at(session.position)
    given = tuple(_given_row(voice, quantity) for quantity in _given(session))
    told: list[ValueRow] = []
    for index, group in enumerate(session.trace.groups):
        parts = _exponential_rows(session, voice, group, step.kind if step and index == active else None)
        whole = index == active and not any(part.active for part in parts)
        told += [*parts, _told_row(session, voice, group, whole)]
    return given + _merged(tuple(told))


def _given(session: Session) -> list[Quantity]:
    times = range(session.record.time_steps)
    quantities = [Quantity(kind, time=time) for kind in (Kind.INPUT, Kind.TARGET) for time in times]
    for layer in range(session.record.architecture.depth):
        quantities += [Quantity(PARAMETER_KINDS[name].held, layer) for name in session.record.architecture.slots[layer]]
    return quantities


def _name(voice: Voice, quantity: Quantity) -> str:
    code = voice.code(quantity)
    if not code or not voice.record.architecture.is_recurrent or quantity.kind not in TIMED:
        return code or voice.text(quantity)
    return code if quantity.time == ALL_TIMES else f"{code}[{quantity.time}]"


def _given_row(voice: Voice, quantity: Quantity) -> ValueRow:
    value = voice.value(quantity)
    array = np.asarray(value)
    known = np.ones(array.shape, dtype=bool)
    return ValueRow(
        _name(voice, quantity),
        str(array.shape),
        _figures(array, known, given=True),
        _all_digits(array, known),
        False,
        "whole",
        quantity,
    )


def _told_row(session: Session, voice: Voice, group: Group, active: bool) -> ValueRow:
    quantity = Quantity(group.kind, group.layer, time=group.time)
    array = np.asarray(voice.value(quantity))
    count = session.trace.known(group.kind, group.layer, session.position, group.time)
    known = _known_mask(group, count, array.shape, voice.units_first)
    alone = group.kind is Kind.ERROR and group.units == 1 and not session.record.architecture.is_recurrent
    name = _name(voice, Quantity(Kind.LOSS) if alone else quantity)
    if group.kind in PARAMETER_OF and group.kind is PARAMETER_OF[group.kind].new:
        name = f"{name} (new)"
    state = "none" if count == 0 else "whole" if count == group.items else "part"
    digits = _all_digits(array, known) if count else UNKNOWN
    return ValueRow(name, str(array.shape), _figures(array, known), digits, active, state, quantity)


def _exponential_rows(session: Session, voice: Voice, group: Group, at: Kind | None) -> list[ValueRow]:
    """What a softmax layer's activations are quotients of, once some of it is known; `at` is the active step's kind."""
    if group.kind is not Kind.A or not group.terms:
        return []
    rows = []
    for kind in (Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM):
        quantity = Quantity(kind, group.layer, 0, None, group.time)
        array = np.asarray(voice.value(quantity))
        end = session.trace.find(replace(quantity, source=0))
        count = 0 if end is None else max(0, min(array.size, session.position - end + 1))
        if count:
            known = (np.arange(array.size) < count).reshape(array.shape)
            state = "whole" if count == array.size else "part"
            texts = (_figures(array, known), _all_digits(array, known))
            rows.append(ValueRow(_part_name(voice, quantity), str(array.shape), *texts, kind is at, state, quantity))
    return rows


def _part_name(voice: Voice, quantity: Quantity) -> str:
    """A sum without a variable of its own is named by what it adds up, as in the listing."""
    added = voice.code(replace(quantity, kind=Kind.EXPONENTIAL))
    if quantity.kind is Kind.EXPONENTIAL_SUM and added and not voice.code(quantity):
        return f"{added}.sum()"
    return _name(voice, quantity)


def _known_mask(group: Group, count: int, shape: tuple[int, ...], units_first: bool) -> NDArray[np.bool_]:
    """Which entries are known when the first `count` items are, unit by unit, in the shape that is shown."""
    flat = np.arange(group.items) < count
    if group.matrix:
        by_unit = flat.reshape(group.units, group.sources)
        return by_unit if units_first else by_unit.T
    return flat.reshape(shape)


def _figures(array: FloatArray, known: NDArray[np.bool_], given: bool = False) -> str:
    return _nested(array, known, short if given else fixed) if known.any() else UNKNOWN


def _nested(array: FloatArray, known: NDArray[np.bool_], write: Callable[[float, int], str]) -> str:
    if array.ndim == 0:
        return pretty(write(float(array), DECIMALS)) if known else UNKNOWN
    cells = [
        _nested(np.asarray(cell), np.asarray(there), write)
        for cell, there in zip(array[:MOST], known[:MOST], strict=True)
    ]
    return f"[{', '.join(cells + (['…'] if len(array) > MOST else []))}]"


def _all_digits(array: FloatArray, known: NDArray[np.bool_]) -> str:
    """Every known figure with all its digits, at most a screenful."""
    flat, there = np.ravel(array)[:64], np.ravel(known)[:64]
    cells = [digits(float(cell)) if shown else UNKNOWN for cell, shown in zip(flat, there, strict=True)]
    return ", ".join(cells) + (" …" if array.size > 64 else "")


def _merged(rows: tuple[ValueRow, ...]) -> tuple[ValueRow, ...]:
    """Rows of one name stand once: an error of one output is its total."""
    seen: dict[str, ValueRow] = {}
    for row in rows:
        if row.name not in seen or row.known != "none" or row.active:
            seen[row.name] = row
    return tuple(seen.values())
