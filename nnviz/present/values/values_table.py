"""The values table: every quantity of the pass with its shape and the figures known so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.present.core.changes import differ, largest_gap, old_value, voice_before
from nnviz.present.core.missing_cells import MissingCells, missing_cells
from nnviz.present.core.voice import ALL_TIMES, TIMED, Voice, new_mark, voice_of
from nnviz.present.text.numbers import ASKED, MISSING, UNKNOWN, digits, fixed, pretty, separator, short
from nnviz.present.words.quiz_text import is_asked
from nnviz.tracing.groups import Group
from nnviz.tracing.steps import PARAMETER_KINDS, Grain, Kind, Quantity
from nnviz.tracing.values import EVERY_EXAMPLE

DECIMALS = 6
CHANGE_DECIMALS = 4
MOST = 5
# Quantities of which each example of a batch has its own; parameters and gradients belong to the whole batch.
OF_EXAMPLES = frozenset(
    (Kind.INPUT, Kind.TARGET, Kind.Z, Kind.A, Kind.ERROR, Kind.LOSS, Kind.DE_DA, Kind.SLOPE, Kind.DELTA, Kind.DZ_DW)
)
GIVEN = frozenset((Kind.INPUT, Kind.TARGET, *(kinds.value for kinds in PARAMETER_KINDS.values())))


@dataclass(frozen=True, kw_only=True)
class ValueRow:
    """One quantity: its name in the document, shape, figures (a dash if not known) and all digits.

    `active` marks the quantity of the step just taken. `known` is none, part or whole. If each example of a batch has
    its own values, `text` and `full` are the stepped example's, `shape` is that of all, and `examples` is their number,
    otherwise 0. If the last choice changed known figures, `change` says by how much, and `before` has the old ones.
    """

    name: str
    shape: str
    text: str
    full: str
    active: bool
    known: str
    quantity: Quantity
    examples: int = 0
    change: str = ""
    before: str = ""


def value_rows(session: Session) -> tuple[ValueRow, ...]:
    """Return the given quantities (x, t, parameters), then the computed ones in the order of the pass."""
    voice = voice_of(session)
    step = session.trace.current(Grain.TERM, session.pointed_position)
    active = None if step is None else session.trace.group_at(session.pointed_position)
    before = voice_before(session)
    given = tuple(_given_row(voice, before, quantity) for quantity in given_quantities(session))
    computed: list[ValueRow] = []
    for index, group in enumerate(session.trace.groups):
        parts = _exponential_rows(session, group, step.kind if step and index == active else None)
        whole = index == active and not any(part.active for part in parts)
        computed += [*parts, _computed_row(session, group, whole)]
    return given + _merged(tuple(computed))


def known_mask(session: Session, quantity: Quantity) -> NDArray[np.bool_]:
    """Return which entries of a whole vector or matrix of the table are known, in the shape that is shown.

    The stepped example's values become known one by one, those of the other examples with its last.
    """
    voice = voice_of(session)
    shape = np.shape(voice.value(quantity))
    if quantity.kind in GIVEN:
        return np.ones(shape, dtype=bool)
    if quantity.kind in (Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM):
        return _exponentials_known(session, quantity, shape)
    group = group_of(session, quantity)
    count = session.trace.known(group.kind, group.layer, session.position, group.time)
    if quantity.example != EVERY_EXAMPLE:
        return _known_mask(group, count, shape, voice.units_first)
    known = np.full(shape, count == group.size)
    row = session.record.row
    known[row] = _known_mask(group, count, shape[1:], voice.units_first)
    return known


def group_of(session: Session, quantity: Quantity) -> Group:
    """Return the group that computes a quantity of the table."""
    wanted = (quantity.kind, quantity.layer, quantity.time)
    return next(group for group in session.trace.groups if (group.kind, group.layer, group.time) == wanted)


def focus_of(session: Session, quantity: Quantity) -> int | None:
    """Return the index of the step in a quantity of the table, along its last axis as shown; None elsewhere."""
    step = session.trace.current(Grain.NEURON, session.pointed_position)
    if step is None:
        return None
    here = (step.quantity.kind, step.quantity.layer, step.quantity.time)
    if here != (quantity.kind, quantity.layer, quantity.time):
        return None
    unit, source = step.quantity.unit, step.quantity.source
    if quantity.kind is Kind.DZ_DW:
        return source
    return source if source is not None and voice_of(session).units_first else unit


def shown_columns(count: int, focus: int | None = None) -> list[int | None]:
    """Return which of `count` entries are shown, None for an ellipsis: both ends, or the ends and `focus`."""
    if count <= MOST:
        return list(range(count))
    kept = {0, 1, count - 2, count - 1} if focus is None else {0, focus, count - 1}
    columns: list[int | None] = []
    for column in sorted(kept):
        if columns and columns[-1] != column - 1:
            columns.append(None)
        columns.append(column)
    return columns


def given_quantities(session: Session) -> list[Quantity]:
    """Return the given quantities of a pass: inputs and targets at each time step, and the parameters."""
    times = range(session.record.time_steps)
    quantities = [Quantity(kind, time=time) for kind in (Kind.INPUT, Kind.TARGET) for time in times]
    for layer in range(session.record.architecture.depth):
        quantities += [
            Quantity(PARAMETER_KINDS[name].value, layer) for name in session.record.architecture.slots[layer]
        ]
    return quantities


def _name(voice: Voice, quantity: Quantity) -> str:
    code = voice.code(quantity)
    if not code or not voice.record.architecture.is_recurrent or quantity.kind not in TIMED:
        return code or voice.text(quantity)
    return code if quantity.time == ALL_TIMES else f"{code}[{quantity.time}]"


def _given_row(voice: Voice, before: Voice | None, quantity: Quantity) -> ValueRow:
    array = np.asarray(voice.value(quantity))
    known = np.ones(array.shape, dtype=bool)
    missing = missing_cells(voice, quantity)
    text, full = figures(array, known, given=True, missing=missing), all_digits(array, known, missing)
    row = _row(
        voice,
        ValueRow(
            name=_name(voice, quantity), shape="", text=text, full=full, active=False, known="whole", quantity=quantity
        ),
        array.shape,
    )
    if before is None:
        return row
    change, earlier = _changed(voice, before, quantity, array, known)
    return replace(row, change=change, before=earlier)


def _computed_row(session: Session, group: Group, active: bool) -> ValueRow:
    voice, before = voice_of(session), voice_before(session)
    quantity = Quantity(group.kind, group.layer, time=group.time)
    array = np.asarray(voice.value(quantity))
    count = session.trace.known(group.kind, group.layer, session.position, group.time)
    known = _known_mask(group, count, array.shape, voice.units_first)
    alone = group.kind is Kind.ERROR and group.units == 1 and not session.record.architecture.is_recurrent
    name = _name(voice, Quantity(Kind.LOSS) if alone else quantity)
    name += new_mark(group.kind)
    state = "none" if count == 0 else "whole" if count == group.size else "part"
    missing = missing_cells(voice, quantity)
    digits = all_digits(array, known, missing) if count else UNKNOWN
    focus = focus_of(session, quantity) if active else None
    text = figures(array, known, focus=focus, missing=missing) if count else UNKNOWN
    if active and is_asked(session, quantity):
        text = text.replace(UNKNOWN, ASKED, 1)
    row = _row(
        voice,
        ValueRow(name=name, shape="", text=text, full=digits, active=active, known=state, quantity=quantity),
        array.shape,
    )
    if before is None or not count:
        return row
    change, earlier = _changed(voice, before, quantity, array, known)
    return replace(row, change=change, before=earlier)


def _changed(
    voice: Voice, before: Voice, quantity: Quantity, array: FloatArray, known: NDArray[np.bool_]
) -> tuple[str, str]:
    """Return by how much the last choice changed the known figures, and the old ones; empty if it did not."""
    old = old_value(voice, before, quantity)
    if old is None:
        return "", ""
    mask = differ(old, array) & known
    if not mask.any():
        return "", ""
    one = np.asarray(old)
    largest = largest_gap(one, array, mask)
    size = pretty(fixed(largest, CHANGE_DECIMALS))
    if array.size > 1:
        return f"± {size}", all_digits(one, known)
    return f"{'▲' if float(array.sum()) > float(one.sum()) else '▼'} {size}", all_digits(one, known)


def _row(voice: Voice, row: ValueRow, shape: tuple[int, ...]) -> ValueRow:
    """Return the row with its shape; in a batch, that of a matrix with one row per example."""
    count = len(voice.record.examples)
    if count == 1 or row.quantity.kind not in OF_EXAMPLES:
        return replace(row, shape=str(shape))
    return replace(row, shape=str((count, *shape)), examples=count)


def _exponential_rows(session: Session, group: Group, at: Kind | None) -> list[ValueRow]:
    """Return the operands of a softmax layer's activations once some are known; `at` is the active step's kind."""
    if group.kind is not Kind.A or not group.terms:
        return []
    rows, voice = [], voice_of(session)
    for kind in (Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM):
        quantity = Quantity(kind, group.layer, 0, None, group.time)
        array = np.asarray(voice.value(quantity))
        known = _exponentials_known(session, quantity, array.shape)
        if known.any():
            rows.append(
                ValueRow(
                    name=_part_name(voice, quantity),
                    shape=str(array.shape),
                    text=figures(array, known),
                    full=all_digits(array, known),
                    active=kind is at,
                    known="whole" if known.all() else "part",
                    quantity=quantity,
                )
            )
    return rows


def _exponentials_known(session: Session, quantity: Quantity, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which exponentials of a layer are known, or whether their sum is: they precede its first unit."""
    size = int(np.prod(shape))
    end = session.trace.find(replace(quantity, source=0))
    count = 0 if end is None else max(0, min(size, session.position - end + 1))
    return (np.arange(size) < count).reshape(shape)


def _part_name(voice: Voice, quantity: Quantity) -> str:
    """Return the name of a quantity; a sum without a variable is named by its terms, as in the listing."""
    added = voice.code(replace(quantity, kind=Kind.EXPONENTIAL))
    if quantity.kind is Kind.EXPONENTIAL_SUM and added and not voice.code(quantity):
        return f"{added}.sum()"
    return _name(voice, quantity)


def _known_mask(group: Group, count: int, shape: tuple[int, ...], units_first: bool) -> NDArray[np.bool_]:
    """Return which entries are known when the first `count` cells are, unit by unit, in the shape that is shown."""
    flat = np.arange(group.size) < count
    if group.matrix:
        by_unit = flat.reshape(group.units, group.sources)
        return by_unit if units_first else by_unit.T
    return flat.reshape(shape)


def figures(
    array: FloatArray,
    known: NDArray[np.bool_],
    given: bool = False,
    width: int = 0,
    focus: int | None = None,
    missing: MissingCells = None,
) -> str:
    """Write a number, vector or matrix as NumPy does, with dashes for unknown numbers and the middle omitted.

    A `given` array is written in its shortest exact form; each number takes at least `width` characters. `missing`
    cells are dots.
    """
    if not (known.any() or width):
        return UNKNOWN
    return _nested(array, known, short if given else fixed, width, focus, missing)


def _nested(
    array: FloatArray,
    known: NDArray[np.bool_],
    write: Callable[[float, int], str],
    width: int,
    focus: int | None,
    missing: MissingCells,
) -> str:
    if array.ndim == 0 and missing is not None and missing:
        return MISSING.rjust(width)
    if array.ndim == 0:
        return (pretty(write(float(array), DECIMALS)) if known else UNKNOWN).rjust(width)
    columns = shown_columns(len(array), focus if array.ndim == 1 else None)
    cells = [
        "…"
        if at is None
        else _nested(
            np.asarray(array[at]),
            np.asarray(known[at]),
            write,
            width,
            focus,
            None if missing is None else np.asarray(missing[at]),
        )
        for at in columns
    ]
    return f"[{separator().join(cells)}]"


def all_digits(array: FloatArray, known: NDArray[np.bool_], missing: MissingCells = None) -> str:
    """Return every known figure with all its digits, at most a screenful."""
    flat, there = np.ravel(array)[:64], np.ravel(known)[:64]
    cells = [digits(float(cell)) if shown else UNKNOWN for cell, shown in zip(flat, there, strict=True)]
    if missing is not None:
        cells = [MISSING if gone else cell for cell, gone in zip(cells, np.ravel(missing), strict=False)]
    return separator().join(cells) + (" …" if array.size > 64 else "")


def _merged(rows: tuple[ValueRow, ...]) -> tuple[ValueRow, ...]:
    """Merge rows of one name: the error of a single output is the total error."""
    seen: dict[str, ValueRow] = {}
    for row in rows:
        if row.name not in seen or row.known != "none" or row.active:
            seen[row.name] = row
    return tuple(seen.values())
