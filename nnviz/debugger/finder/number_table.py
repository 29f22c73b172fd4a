"""Every number of a pass as blocks of arrays, so that all are compared with a pasted number at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.pasted import Pasted
from nnviz.debugger.state.found import EXACT, NONE, ROUNDED, TRUNCATED
from nnviz.engine.arrays import FloatArray
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, UPDATE_TERMS, Kind, Quantity

# With fewer bits, a truncated number cannot be distinguished from a rounded one.
TRUNCATED_BITS = 5.0

_SHARES = frozenset({Kind.DE_DA_LOSS_TERM, Kind.DE_DA_TERM, Kind.DE_DA_LATER_TERM, Kind.DELTA_TERM, Kind.DE_DX_TERM})
_EXPONENTIALS = frozenset({Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM})
GRADIENTS = frozenset({kind for kinds in PARAMETER_KINDS.values() for kind in (kinds.gradient, kinds.gradient_term)})
SIGNED = GRADIENTS | _SHARES | {Kind.DE_DA, Kind.DELTA, Kind.DE_DX, Kind.PENALTY, Kind.ADJUSTED}
ERRORS = frozenset({Kind.ERROR, Kind.LOSS})
TERMS = (
    _SHARES
    | _EXPONENTIALS
    | {Kind.PRODUCT, Kind.PRODUCT_H}
    | {kinds.gradient_term for kinds in PARAMETER_KINDS.values()}
)
_OF_BIASES = frozenset(
    kind
    for kinds in PARAMETER_KINDS.values()
    if not kinds.is_matrix
    for kind in (kinds.value, kinds.gradient_term, kinds.gradient, kinds.new)
)
GIVEN = frozenset({Kind.INPUT, Kind.TARGET, Kind.RATE} | {kinds.value for kinds in PARAMETER_KINDS.values()})


@dataclass(frozen=True, eq=False)
class Block:
    """A vector or matrix of one kind; `axes` name the axes of its array, and `shape` is their length.

    The axes are "example", "source" and "unit", in the order of the record. `total` names a value of the whole data
    ("mean_loss", "sum_loss", "accuracy"), or "change", the amount added to a parameter.
    """

    quantity: Quantity
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    total: str = ""

    @property
    def key(self) -> tuple[Quantity, str]:
        """The key that distinguishes the blocks of one pass."""
        return self.quantity, self.total

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    @property
    def row_size(self) -> int:
        """How many numbers it has of each example; 0 if it has no rows."""
        return self.size // self.shape[0] if "example" in self.axes else 0

    def quantity_of(self, index: int) -> Quantity:
        """Return the quantity of an entry of the flat array, without its example."""
        places = dict(zip(self.axes, np.unravel_index(index, self.shape), strict=True))
        indices = {axis: int(place) for axis, place in places.items() if axis != "example"}
        return replace(self.quantity, example=None, **indices)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class TableLayout:
    """The blocks of a table. Many tables have the same ones: what depends on the blocks alone is worked out once."""

    blocks: tuple[Block, ...]

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many numbers each block has."""
        return np.array([block.size for block in self.blocks], dtype=np.int64)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The index among the numbers where each block begins, and the end of the last."""
        return np.concatenate(([0], np.cumsum(self.sizes)))

    @cached_property
    def stepped(self) -> int:
        """The number of leading values that belong to the stepped example; the others belong to all examples."""
        return max(2, sum(block.size for block in self.blocks if "example" not in block.axes))

    @cached_property
    def costs(self) -> FloatArray:
        """For each block how unlikely its numbers are to be printed, in bits."""
        return np.array([kind_cost(block.quantity, block.total) for block in self.blocks])

    @cached_property
    def row_sizes(self) -> NDArray[np.int64]:
        """For each block how many numbers it has of each example; 0 if it has no rows."""
        return np.array([block.row_size for block in self.blocks], dtype=np.int64)

    @cached_property
    def of_biases(self) -> NDArray[np.bool_]:
        """Which of the blocks are biases, their gradients, changes and new values."""
        return np.array([block.quantity.kind in _OF_BIASES for block in self.blocks])

    @cached_property
    def _items(self) -> dict[int, tuple[Quantity, str]]:
        return {}

    @cached_property
    def _places(self) -> dict[TableLayout, NDArray[np.int64]]:
        return {}

    def of_kinds(self, kinds: frozenset[Kind], totals: Sequence[str] = ()) -> NDArray[np.bool_]:
        """Return which of the blocks are of these kinds."""
        return np.array(
            [(block.quantity.kind in kinds and not block.total) or block.total in totals for block in self.blocks]
        )

    def of_each(self, of_blocks: NDArray[Any]) -> NDArray[Any]:
        """Return what holds for the blocks for each of their numbers."""
        return np.repeat(of_blocks, self.sizes)

    def quantity_at(self, index: int) -> tuple[Quantity, str]:
        """Return the quantity of a number, without its example, and its total."""
        found = self._items.get(index)
        if found is None:
            place = int(np.searchsorted(self.starts, index, side="right")) - 1
            block = self.blocks[place]
            found = self._items[index] = (block.quantity_of(index - int(self.starts[place])), block.total)
        return found

    def places_in(self, other: TableLayout) -> NDArray[np.int64]:
        """Return where another layout has the same numbers; -1 for those that it has not."""
        found = self._places.get(other)
        if found is None:
            theirs = {block.key: (block.shape, start) for block, start in other.items()}
            parts = []
            for block in self.blocks:
                shape, start = theirs.get(block.key, (None, 0))
                parts.append(np.arange(start, start + block.size) if shape == block.shape else np.full(block.size, -1))
            found = self._places[other] = np.concatenate(parts)
        return found

    def items(self) -> Iterator[tuple[Block, int]]:
        """Yield each block with the index where it begins."""
        return zip(self.blocks, self.starts.tolist(), strict=False)


@dataclass(frozen=True, eq=False)
class NumberTable:
    """All numbers of a pass in one vector, block after block, with the document's sign.

    `of_rows` are the examples that the rows of its blocks belong to, if they are not those of the record's batch.
    """

    record: PassRecord
    layout: TableLayout
    values: FloatArray
    of_rows: tuple[int, ...] = ()

    @property
    def examples(self) -> tuple[int, ...]:
        """The example of each row."""
        return self.of_rows or self.record.examples

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """For each of `values` the row of the batch, -1 if it belongs to the stepped example."""
        layout = self.layout
        sizes = layout.of_each(layout.row_sizes)
        within = np.arange(len(sizes)) - layout.of_each(layout.starts[:-1])
        return np.where(sizes > 0, within // np.maximum(sizes, 1), -1)

    @cached_property
    def kind_costs(self) -> FloatArray:
        """For each of `values` how unlikely it is to be printed, in bits."""
        return self.layout.of_each(self.layout.costs)

    def mask(self, kinds: frozenset[Kind], totals: Sequence[str] = ()) -> NDArray[np.bool_]:
        """Return which of `values` are of these kinds."""
        return self.layout.of_each(self.layout.of_kinds(kinds, totals))

    def changed_from(self, other: NumberTable) -> NDArray[np.bool_]:
        """Return which of `values` differ from the same quantity in another table."""
        places = self.layout.places_in(other.layout)
        changed: NDArray[np.bool_] = (self.values != other.values[places]) | (places < 0)
        return changed

    def with_more(self, before: NumberTable | None, after: NumberTable | None) -> NumberTable:
        """Return the table with the numbers of others before and after its own; rows are those of the last."""
        tables = [table for table in (before, self, after) if table is not None]
        blocks = tuple(block for table in tables for block in table.layout.blocks)
        of_rows = () if after is None else after.examples
        return NumberTable(
            self.record, TableLayout(blocks), np.concatenate([table.values for table in tables]), of_rows
        )


@dataclass(frozen=True, eq=False)
class Columns:
    """Printed numbers as arrays: value, unit of the last digit, whether digits follow, and may be cut (numbers,)."""

    value: FloatArray
    unit: FloatArray
    is_cut: NDArray[np.bool_]
    may_be_truncated: NDArray[np.bool_]

    @classmethod
    def of(cls, numbers: Sequence[Pasted]) -> Columns:
        """Return the columns of numbers."""
        may_be_truncated = [number.unit < 1.0 and number.bits > TRUNCATED_BITS for number in numbers]
        return cls(
            np.array([number.value for number in numbers]),
            np.array([number.unit for number in numbers]),
            np.array([number.cut for number in numbers], dtype=bool),
            np.array(may_be_truncated, dtype=bool),
        )

    def at(self, places: Any) -> Columns:
        """Return the columns indexed."""
        return Columns(self.value[places], self.unit[places], self.is_cut[places], self.may_be_truncated[places])


def agreement(values: FloatArray, number: Pasted) -> NDArray[np.int8]:
    """Return how each value agrees with a printed number: EXACT, ROUNDED to its digits, TRUNCATED to them, or NONE."""
    codes: NDArray[np.int8] = agreements(values, (number,))[0]
    return codes


def agreements(values: FloatArray, numbers: Sequence[Pasted]) -> NDArray[np.int8]:
    """Return the agreement of each value (V,) with each number, an array (numbers, V)."""
    return _codes(values, Columns.of(numbers).at((slice(None), np.newaxis)))


@dataclass(frozen=True, eq=False)
class Agreeing:
    """The agreements of values with `numbers` numbers: the place of a number, the index of a value, and their code.

    They are in the order of the places, and for each in the order of the indices.
    """

    numbers: int
    places: NDArray[np.intp]
    indices: NDArray[np.intp]
    codes: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class SortedValues:
    """Values with their order, by which the few that can agree with a number are found."""

    values: FloatArray
    order: NDArray[np.intp]
    in_order: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> SortedValues:
        """Sort values; those that are not numbers come last."""
        order = np.argsort(values)
        return cls(values, order, values[order])

    def near(self, numbers: Columns, *, is_loose: bool = False) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the places of numbers and the indices of values that may agree: a few more than those that do."""
        # A little wider than every range of `_codes`, which decides.
        wide = is_loose | numbers.is_cut | numbers.may_be_truncated
        reach = np.where(wide, 1.001, 0.501) * numbers.unit + 1e-12 * np.abs(numbers.value)
        starts = np.searchsorted(self.in_order, numbers.value - reach, side="left")
        counts = np.searchsorted(self.in_order, numbers.value + reach, side="right") - starts
        places = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, self.order[np.repeat(starts, counts) + within]

    def agreeing(self, numbers: Columns, *, is_loose: bool = False) -> Agreeing:
        """Return what `agreements` returns, except NONE.

        If `is_loose`, values less than a unit of the last digit apart are TRUNCATED.
        """
        places, indices = self.near(numbers, is_loose=is_loose)
        values, written = self.values[indices], numbers.at(places)
        codes = _codes(values, written)
        if is_loose:
            codes[(codes == NONE) & (np.abs(values - written.value) < written.unit)] = TRUNCATED
        chosen = np.flatnonzero(codes != NONE)
        chosen = chosen[np.lexsort((indices[chosen], places[chosen]))]
        return Agreeing(len(numbers.value), places[chosen], indices[chosen], codes[chosen])


@np.errstate(all="ignore")
def _codes(values: FloatArray, numbers: Columns) -> NDArray[np.int8]:
    off = np.abs(values - numbers.value)
    beyond = (np.abs(values) - np.abs(numbers.value)) / numbers.unit
    same_side = np.sign(values) == np.sign(numbers.value)
    codes = np.zeros(off.shape, dtype=np.int8)
    # Slightly more than one unit and half a unit: a page's own arithmetic may lie on the edge.
    codes[numbers.may_be_truncated & same_side & (beyond >= 0.0) & (beyond < 1.0 - 1e-9)] = TRUNCATED
    codes[off <= 0.5 * numbers.unit * (1.0 + 1e-9)] = ROUNDED
    codes[off <= 1e-14 * np.abs(numbers.value)] = EXACT
    codes[numbers.is_cut & (codes == ROUNDED)] = NONE
    codes[numbers.is_cut & same_side & (beyond >= -1e-9) & (beyond < 1.0 - 1e-9)] = TRUNCATED
    return codes


def kind_cost(quantity: Quantity, total: str) -> float:
    """Return how unlikely a quantity is to be printed, in bits: terms and totals are the least likely."""
    if total:
        return 0.6
    if quantity.kind in TERMS:
        return 0.9
    if quantity.kind in GIVEN:
        return 0.2
    if quantity.kind in UPDATE_TERMS:
        return 0.4
    if quantity.kind is Kind.DE_DX:
        return 0.5
    kinds = PARAMETER_OF.get(quantity.kind)
    if kinds is not None:
        return 0.3 if quantity.kind is kinds.new else 0.1
    return 0.1 if quantity.kind is Kind.LOSS else 0.0
