"""The numbers of a table as a slip, or a wrong number that is carried on, would make them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log2

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.number_table import Factor, NumberTable, agreement
from nnviz.debugger.finder.pass_program import OF_EXAMPLE, PassProgram
from nnviz.debugger.finder.pasted import Pasted
from nnviz.debugger.finder.slips import CARRIED, CARRIED_COST, SlipName, slip_passes
from nnviz.debugger.state.found import NONE, PassChange
from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_OF, Quantity

CARRIED_WORK = 40_000  # numbers that are recomputed at most to follow wrong ones
FEWEST_BITS = 4.0  # of a number that is followed
FARTHEST = 3.0  # times the larger of both: how far a wrong number may be from the right one


@dataclass(frozen=True, eq=False)
class SlipValues:
    """The numbers of a table after a slip, in the document's form, and which of them the slip changes."""

    change: PassChange
    values: FloatArray
    differs: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SlipTable:
    """A table and the program of its pass: each number at `indices` is factor · node + offset."""

    table: NumberTable
    program: PassProgram
    indices: NDArray[np.intp]
    places: NDArray[np.intp]
    factors: FloatArray
    offsets: FloatArray

    def values_after(self, change: PassChange, changed: dict[int, float]) -> SlipValues:
        """Return the numbers of the table if some of the program differ."""
        now = np.array(self.program.values)
        now[list(changed)] = list(changed.values())
        values = self.table.values.copy()
        differs = np.zeros(values.size, dtype=bool)
        is_changed = np.isin(self.places, list(changed))
        at = self.indices[is_changed]
        values[at] = now[self.places[is_changed]] * self.factors[is_changed] + self.offsets[is_changed]
        differs[at] = True
        return SlipValues(change, values, differs)

    def rows_after(self, changes: Sequence[dict[int, float]]) -> FloatArray:
        """Return the numbers at `indices` after each of some changes; NaN where nothing changes."""
        now = np.full((len(changes), len(self.program.nodes)), np.nan)
        for row, changed in enumerate(changes):
            now[row, list(changed)] = list(changed.values())
        found: FloatArray = now[:, self.places] * self.factors + self.offsets
        return found


def slip_table(table: NumberTable, program: PassProgram, factor: Factor) -> SlipTable:
    """Return which numbers of a table are which of a program."""
    record = table.record
    indices, places, factors, offsets = [], [], [], []
    for index in range(table.values.size):
        block, _ = table.block_at(index)
        if block.total not in ("", "change"):
            continue
        quantity, total = table.quantity_at(index)
        row = int(table.rows[index])
        of_row = None if row in (-1, record.row) or quantity.kind not in OF_EXAMPLE else row
        place = program.index.get(replace(quantity, example=of_row))
        if place is None:
            continue
        offset = 0.0
        if total:
            assert quantity.kind in NEW_KINDS
            offset = -program.value_of(replace(quantity, kind=PARAMETER_OF[quantity.kind].value))
        indices.append(index)
        places.append(place)
        factors.append(1.0 if total else factor(record, quantity))
        offsets.append(offset)
    return SlipTable(
        table,
        program,
        np.array(indices, dtype=np.intp),
        np.array(places, dtype=np.intp),
        np.array(factors),
        np.array(offsets),
    )


def slip_values(whole: SlipTable, numbers: Sequence[Pasted], forms: Sequence[FloatArray]) -> Iterator[SlipValues]:
    """Yield the tables of the slips that lead to any of the numbers, in any of the forms (factors of the table)."""
    passes = list(slip_passes(whole.program))
    if not passes or not numbers:
        return
    rows = whole.rows_after([found.values for found in passes])
    for place in np.flatnonzero(_hits(rows, whole, numbers, forms)):
        yield whole.values_after(passes[place].slip.change, passes[place].values)


def _hits(
    rows: FloatArray, whole: SlipTable, numbers: Sequence[Pasted], forms: Sequence[FloatArray]
) -> NDArray[np.bool_]:
    """Return which rows hold any of the numbers, to within a unit of the last digit."""
    hit = np.zeros(len(rows), dtype=bool)
    with np.errstate(all="ignore"):
        for form in forms:
            shown = rows * form[whole.indices]
            for number in numbers:
                hit |= (np.abs(shown - number.value) <= number.unit).any(axis=1)
    return hit


def carried_values(whole: SlipTable, numbers: Sequence[Pasted]) -> Iterator[SlipValues]:
    """Yield the tables in which one of the numbers is taken for one of the pass, and another number follows from it."""
    program, work = whole.program, CARRIED_WORK
    factor_at = dict(zip(whole.places.tolist(), whole.factors.tolist(), strict=True))
    for number in numbers:
        others = [other for other in numbers if other is not number and other.value != number.value]
        if number.bits < FEWEST_BITS or not others:
            continue
        for place, factor in factor_at.items():
            node, own = program.nodes[place], program.values[place]
            if node.quantity.example is not None or not factor or _is_far(number.value / factor, own):
                continue
            if agreement(np.array([own * factor]), number)[0] != NONE:
                continue
            for shift in (0.0, -0.499, 0.499):
                raw = (number.value + shift * number.unit) / factor
                changed = program.changed({place: lambda look, at, values, raw=raw: raw})  # type: ignore[misc]
                work -= len(program.nodes) - place
                if work < 0:
                    return
                rows = whole.rows_after([{at: value for at, value in changed.items() if at != place}])
                if _hits(rows, whole, others, [np.ones(whole.table.values.size)])[0]:
                    yield whole.values_after(_carried(number, node.quantity, whole), changed)


def _is_far(value: float, own: float) -> bool:
    return abs(value - own) > FARTHEST * min(abs(value), abs(own))


def _carried(number: Pasted, quantity: Quantity, whole: SlipTable) -> PassChange:
    """Return the change of a pass in which a quantity is the number: it costs what the number could have proved."""
    cost = CARRIED_COST + max(0.0, number.bits - log2(whole.table.stepped))
    name = SlipName(
        name=number.text or f"{number.value:g}",
        kind=quantity.kind,
        layer=quantity.layer,
        unit=quantity.unit,
        detail=",".join("" if part is None else str(part) for part in (quantity.source, quantity.time)),
        cost=cost,
    )
    return PassChange(CARRIED, name.text)
