"""The numbers of a table as a slip, or a wrong number that is carried on, would make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from math import log2

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.number_table import Block, NumberTable, agreement
from nnviz.debugger.finder.pass_program import PassProgram, constant_step
from nnviz.debugger.finder.pasted import Pasted
from nnviz.debugger.finder.slip_passes import CARRIED_COST, SCANNED, SlipName, SlipPass, Work
from nnviz.debugger.state.found import CARRIED, NONE, PassChange
from nnviz.engine.arrays import FloatArray
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import PARAMETER_OF, Quantity

# How the document's numbers differ from those of the record: by its sign, its learning rate, its reward.
Factor = Callable[[PassRecord, Quantity], float]

MOST_COMPARED = 40  # slips and forms, of all that lead to a number
CARRIED_AT_ONCE = 300  # passes that are compared together
FEWEST_BITS = 4.0  # of a number that is followed
NEAREST, HALF = 0.06, 0.5  # relative distances of a wrong number: nearer makes no difference; the usual cost
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

    @cached_property
    def factor_at(self) -> dict[int, float]:
        """The factor of each number of the program that is in the table."""
        return dict(zip(self.places.tolist(), self.factors.tolist(), strict=True))

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
    blocks: dict[Quantity, list[tuple[Block, int]]] = {}
    for block, start in table.layout.items():
        if block.total in ("", "change") and not ("example" in block.axes and table.of_rows):
            whole = replace(block.quantity, unit=None, source=None, example=None)
            blocks.setdefault(whole, []).append((block, start))
    found: list[tuple[int, int, float, float]] = []
    for place, node in enumerate(program.nodes):
        q = node.quantity
        for block, start in blocks.get(replace(q, unit=None, source=None, example=None), ()):
            at = _entry(block, q, program.record.row)
            if at is None:
                continue
            times, offset = factor(program.record, q), 0.0
            if block.total:
                times, offset = 1.0, -program.value_of(replace(q, kind=PARAMETER_OF[q.kind].value))
            found.append((start + at, place, times, offset))
    indices, places, factors, offsets = zip(*sorted(found), strict=True) if found else ((), (), (), ())
    as_places = np.array(places, dtype=np.intp)
    return SlipTable(
        table, program, np.array(indices, dtype=np.intp), as_places, np.array(factors, float), np.array(offsets, float)
    )


def _entry(block: Block, quantity: Quantity, stepped: int) -> int | None:
    """Return where a block has a number, in its flat array; None if it is of another example."""
    if "example" not in block.axes and quantity.example is not None:
        return None
    row = stepped if quantity.example is None else quantity.example
    places = {"source": quantity.source, "unit": quantity.unit, "example": row}
    index = tuple(at for axis in block.axes if (at := places[axis]) is not None)
    if len(index) < len(block.axes) or any(at >= size for at, size in zip(index, block.shape, strict=True)):
        return None
    return int(np.ravel_multi_index(index, block.shape)) if index else 0


def likely_slips(
    whole: SlipTable, passes: Sequence[SlipPass], numbers: Sequence[Pasted], forms: Sequence[FloatArray]
) -> Iterator[tuple[SlipValues, int]]:
    """Yield the tables of the slips that lead to most of the numbers, each with a form (factors of the table)."""
    if not numbers or not passes:
        return
    costs = np.array([found.slip.cost for found in passes])
    rows = whole.rows_after([found.values for found in passes])
    worth = np.array([_worth(rows, whole, numbers, form) for form in forms])
    worth = np.where(worth > 0.0, worth - costs, -np.inf)
    for flat in np.argsort(-worth, axis=None, kind="stable")[:MOST_COMPARED].tolist():
        form, place = divmod(flat, len(passes))
        if worth[form, place] == -np.inf:
            return
        yield whole.values_after(passes[place].slip.change, passes[place].values), form


def _worth(rows: FloatArray, whole: SlipTable, numbers: Sequence[Pasted], form: FloatArray) -> FloatArray:
    """Return for each row the bits of the numbers that it holds, to within a unit of the last digit."""
    worth = np.zeros(len(rows))
    changed = np.flatnonzero(~np.isnan(rows).all(axis=0))
    with np.errstate(all="ignore"):
        shown = rows[:, changed] * form[whole.indices[changed]]
        for number in numbers:
            worth += (np.abs(shown - number.value) <= number.unit).any(axis=1) * max(1.0, number.bits)
    return worth


def carried_values(whole: SlipTable, numbers: Sequence[Pasted], work: Work) -> Iterator[SlipValues]:
    """Yield the tables in which one of the numbers is taken for one of the pass, and another number follows from it."""
    ones = np.ones(whole.table.values.size)
    for number in numbers:
        others = [other for other in numbers if other is not number and other.value != number.value]
        if number.bits < FEWEST_BITS or not others:
            continue
        carried = _carried_on(whole, number, work)
        while tried := [*islice(carried, CARRIED_AT_ONCE)]:
            following = [{at: value for at, value in changed.items() if at != place} for place, changed in tried]
            worth = _worth(whole.rows_after(following), whole, others, ones)
            for row in np.flatnonzero(worth > 0.0).tolist():
                place, changed = tried[row]
                yield whole.values_after(_carried(number, place, whole), changed)
        if work.left <= 0:
            return


def _carried_on(whole: SlipTable, number: Pasted, work: Work) -> Iterator[tuple[int, dict[int, float]]]:
    """Yield each place in the program that a number may be taken for, and what differs then, in three roundings."""
    program, factors = whole.program, whole.factor_at
    own = np.array([program.values[place] for place in factors]) * np.array(list(factors.values()))
    is_right = agreement(own, number) != NONE
    for (place, factor), agrees in zip(factors.items(), is_right.tolist(), strict=True):
        if agrees or program.nodes[place].quantity.example is not None or not factor:
            continue
        if _is_far(number.value / factor, program.values[place]):
            continue
        raws = [(number.value + shift * number.unit) / factor for shift in (0.0, -0.499, 0.499)]
        tried = [program.changed({place: constant_step(raw)}) for raw in raws]
        work.left -= sum(map(len, tried)) + len(raws) * SCANNED * (len(program.nodes) - place)
        if work.left <= 0:
            return
        for changed in tried:
            yield place, changed


def _is_far(value: float, own: float) -> bool:
    return abs(value - own) > FARTHEST * min(abs(value), abs(own))


def _carried(number: Pasted, place: int, whole: SlipTable) -> PassChange:
    """Return the change of a pass in which a quantity is the number: it costs what the number could have proved.

    The nearer the number is to the right one, the fewer other places it could have.
    """
    quantity, own = whole.program.nodes[place].quantity, whole.program.values[place]
    value = number.value / whole.factor_at[place]
    off = abs(value - own) / max(abs(own), abs(value))
    cost = CARRIED_COST + log2(max(off, NEAREST) / HALF) + max(0.0, number.bits - log2(whole.table.layout.stepped))
    name = SlipName(
        name=number.text or f"{number.value:g}",
        kind=quantity.kind,
        layer=quantity.layer,
        unit=quantity.unit,
        detail=",".join("" if part is None else str(part) for part in (quantity.source, quantity.time)),
        cost=cost,
    )
    return PassChange(CARRIED, name.text)
