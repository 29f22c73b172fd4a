"""Every number of a pass as blocks of arrays, so that all are compared with a pasted number at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.pasted import Pasted
from nnviz.debugger.state.found import EXACT, NONE, ROUNDED, TRUNCATED
from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.engine.record import PassRecord
from nnviz.tracing.groups import groups_of, update_terms
from nnviz.tracing.provenance import is_softmax
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, UPDATE_TERMS, Kind, Quantity, parameter_of
from nnviz.tracing.values import value_of

# How the document's numbers differ from those of the record: by its sign, its learning rate, its reward.
Factor = Callable[[PassRecord, Quantity], float]

TERM_LIMIT = 100_000
SOFTMAX_LIMIT = 32
ROW_LIMIT = 200_000
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
_OF_NO_UNIT = (Kind.LOSS, Kind.CLIP)
GIVEN = frozenset({Kind.INPUT, Kind.TARGET, Kind.RATE} | {kinds.value for kinds in PARAMETER_KINDS.values()})


@dataclass(frozen=True, eq=False)
class Block:
    """A vector or matrix of one kind with the document's sign; `axes` name the array's axes.

    The axes are "example", "source" and "unit", in the order of the record. `total` names a value of the whole data
    ("mean_loss", "sum_loss", "accuracy"), or "change", the amount added to a parameter.
    """

    quantity: Quantity
    axes: tuple[str, ...]
    array: FloatArray
    total: str = ""

    @property
    def key(self) -> tuple[Quantity, str]:
        """The key that distinguishes the blocks of one pass."""
        return self.quantity, self.total

    @property
    def rows(self) -> NDArray[np.int64]:
        """The row of the batch of each entry of the flat array; -1 if the array has no rows."""
        if "example" not in self.axes:
            return np.full(self.array.size, -1)
        rows: NDArray[np.int64] = np.indices(self.array.shape)[self.axes.index("example")].ravel()
        return rows

    def quantity_of(self, index: int) -> Quantity:
        """Return the quantity of an entry of the flat array, without its example."""
        places = dict(zip(self.axes, np.unravel_index(index, self.array.shape), strict=True))
        indices = {axis: int(place) for axis, place in places.items() if axis != "example"}
        return replace(self.quantity, example=None, **indices)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class NumberTable:
    """The blocks of a pass, and all their numbers in one vector.

    `of_rows` are the examples that the rows of its blocks belong to, if they are not those of the record's batch.
    """

    record: PassRecord
    blocks: tuple[Block, ...]
    of_rows: tuple[int, ...] = ()

    @property
    def examples(self) -> tuple[int, ...]:
        """The example of each row."""
        return self.of_rows or self.record.examples

    @cached_property
    def values(self) -> FloatArray:
        """All numbers, block after block."""
        return np.concatenate([block.array.ravel() for block in self.blocks])

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The index in `values` where each block begins."""
        return np.cumsum([0, *(block.array.size for block in self.blocks)])

    @cached_property
    def stepped(self) -> int:
        """The number of leading values that belong to the stepped example; the others belong to all examples."""
        return max(2, sum(block.array.size for block in self.blocks if "example" not in block.axes))

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """For each of `values` the row of the batch, -1 if it belongs to the stepped example."""
        return np.concatenate([block.rows for block in self.blocks])

    @cached_property
    def kind_costs(self) -> FloatArray:
        """For each of `values` how unlikely it is to be printed, in bits."""
        costs = [kind_cost(block.quantity, block.total) for block in self.blocks]
        return np.repeat(np.array(costs), [block.array.size for block in self.blocks])

    @cached_property
    def _items(self) -> dict[int, tuple[Quantity, str]]:
        return {}

    def quantity_at(self, index: int) -> tuple[Quantity, str]:
        """Return the quantity at an index of `values`, without its example, and its total."""
        found = self._items.get(index)
        if found is None:
            block, place = self.block_at(index)
            found = self._items[index] = (block.quantity_of(place), block.total)
        return found

    def mask(self, kinds: frozenset[Kind], totals: Sequence[str] = ()) -> NDArray[np.bool_]:
        """Return which of `values` are of these kinds."""
        flags = [(block.quantity.kind in kinds and not block.total) or block.total in totals for block in self.blocks]
        return np.repeat(np.array(flags, dtype=bool), [block.array.size for block in self.blocks])

    @property
    def of_biases(self) -> NDArray[np.bool_]:
        """Which of `values` are biases, their gradients, changes and new values."""
        flags = [block.quantity.kind in _OF_BIASES for block in self.blocks]
        return np.repeat(np.array(flags, dtype=bool), [block.array.size for block in self.blocks])

    def block_at(self, index: int) -> tuple[Block, int]:
        """Return the block that contains an index of `values`, and the index within it."""
        place = int(np.searchsorted(self.starts, index, side="right")) - 1
        return self.blocks[place], index - int(self.starts[place])

    def changed_from(self, other: NumberTable) -> NDArray[np.bool_]:
        """Return which of `values` differ from the same quantity in another table."""
        own = {block.key: block.array for block in other.blocks}
        parts = []
        for block in self.blocks:
            before = own.get(block.key)
            same_shape = before is not None and before.shape == block.array.shape
            parts.append((block.array != before).ravel() if same_shape else np.ones(block.array.size, dtype=bool))
        return np.concatenate(parts)


def table_of(record: PassRecord, factor: Factor, *, rows: bool = False) -> NumberTable:
    """Return the table of a record: the stepped example's quantities, and with `rows` those of the whole batch."""
    blocks = [*_given(record), *_values(record), *_terms(record)]
    signed = [_signed(record, block, factor) for block in blocks if block.array.size]
    signed += _changes(record, {block.quantity: block.array for block in signed})
    return NumberTable(
        record, (*signed, *_rows(record, factor)) if rows and len(record.examples) > 1 else tuple(signed)
    )


def rows_of(record: PassRecord, factor: Factor) -> tuple[Block, ...]:
    """Return the quantities of the units for every example of a record."""
    return tuple(_rows(record, factor))


def totals_of(record: PassRecord, factor: Factor, accuracy: float | None) -> tuple[Block, ...]:
    """Return the totals of the whole data, from the record of a pass on all of it."""
    times = factor(record, Quantity(Kind.LOSS))
    losses = {"mean_loss": record.loss.mean(), "sum_loss": record.loss.sum()}
    if record.time_steps > 1:
        losses["mean_loss_of_steps"] = record.loss.mean() / record.time_steps
    blocks = [Block(Quantity(Kind.LOSS), (), np.asarray(value * times), name) for name, value in losses.items()]
    off = np.abs(record.t - record.a[-1])[~np.isnan(record.t)]
    if off.size and LOSSES[record.architecture.loss].has_targets:
        blocks.append(Block(Quantity(Kind.LOSS), (), np.asarray(off.mean()), "mean_absolute_error"))
    if accuracy is not None:
        blocks.append(Block(Quantity(Kind.LOSS), (), np.asarray(accuracy), "accuracy"))
    return tuple(blocks)


def agreement(values: FloatArray, number: Pasted) -> NDArray[np.int8]:
    """Return how each value agrees with a printed number: EXACT, ROUNDED to its digits, TRUNCATED to them, or NONE."""
    codes: NDArray[np.int8] = agreements(values, (number,))[0]
    return codes


def agreements(values: FloatArray, numbers: Sequence[Pasted]) -> NDArray[np.int8]:
    """Return the agreement of each value (V,) with each number, an array (numbers, V)."""
    value, unit, is_cut, may_be_truncated = _columns(numbers)
    column = (slice(None), np.newaxis)
    return _codes(values, value[column], unit[column], is_cut[column], may_be_truncated[column])


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
        order = np.argsort(values, kind="stable")
        return cls(values, order, values[order])

    def agreeing(self, numbers: Sequence[Pasted], *, is_loose: bool = False) -> Agreeing:
        """Return what `agreements` returns, except NONE.

        If `is_loose`, values less than a unit of the last digit apart are TRUNCATED.
        """
        value, unit, is_cut, may_be_truncated = _columns(numbers)
        # A little wider than every range of `_codes`, which decides.
        reach = np.where(is_loose | is_cut | may_be_truncated, 1.001, 0.501) * unit + 1e-12 * np.abs(value)
        starts = np.searchsorted(self.in_order, value - reach, side="left")
        counts = np.searchsorted(self.in_order, value + reach, side="right") - starts
        places = np.repeat(np.arange(len(numbers)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        indices = self.order[np.repeat(starts, counts) + within]
        values, written = self.values[indices], value[places]
        codes = _codes(values, written, unit[places], is_cut[places], may_be_truncated[places])
        if is_loose:
            codes[(codes == NONE) & (np.abs(values - written) < unit[places])] = TRUNCATED
        chosen = np.flatnonzero(codes != NONE)
        chosen = chosen[np.lexsort((indices[chosen], places[chosen]))]
        return Agreeing(len(numbers), places[chosen], indices[chosen], codes[chosen])


def _columns(numbers: Sequence[Pasted]) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return value, unit, whether digits follow, and whether it may be truncated, of each number."""
    value, unit = (np.array([getattr(number, name) for number in numbers]) for name in ("value", "unit"))
    is_cut = np.array([number.cut for number in numbers], dtype=bool)
    may_be_truncated = np.array([number.unit < 1.0 and number.bits > TRUNCATED_BITS for number in numbers], dtype=bool)
    return value, unit, is_cut, may_be_truncated


@np.errstate(all="ignore")
def _codes(
    values: FloatArray,
    value: FloatArray,
    unit: FloatArray,
    is_cut: NDArray[np.bool_],
    may_be_truncated: NDArray[np.bool_],
) -> NDArray[np.int8]:
    off = np.abs(values - value)
    beyond = (np.abs(values) - np.abs(value)) / unit
    same_side = np.sign(values) == np.sign(value)
    codes = np.zeros(off.shape, dtype=np.int8)
    # Slightly more than one unit and half a unit: a page's own arithmetic may lie on the edge.
    codes[may_be_truncated & same_side & (beyond >= 0.0) & (beyond < 1.0 - 1e-9)] = TRUNCATED
    codes[off <= 0.5 * unit * (1.0 + 1e-9)] = ROUNDED
    codes[off <= 1e-14 * np.abs(value)] = EXACT
    codes[is_cut & (codes == ROUNDED)] = NONE
    codes[is_cut & same_side & (beyond >= -1e-9) & (beyond < 1.0 - 1e-9)] = TRUNCATED
    return codes


def _block(record: PassRecord, quantity: Quantity, *axes: str) -> Block:
    return Block(quantity, axes, _existing(record, quantity, np.asarray(value_of(record, quantity), dtype=np.float64)))


def _existing(record: PassRecord, quantity: Quantity, array: FloatArray) -> FloatArray:
    """Return the numbers of a matrix, of a source's products or of a unit's shares, NaN for missing connections."""
    kinds, layer = parameter_of(quantity), quantity.layer
    if quantity.kind is Kind.DE_DA_TERM and layer is not None:
        missing = record.architecture.mask(layer + 1)[:, quantity.source] == 0.0
    elif kinds is not None and kinds.is_matrix and not kinds.is_recurrent and layer is not None:
        missing = record.architecture.mask(layer)[slice(None) if quantity.source is None else quantity.source] == 0.0
    else:
        return array
    return np.where(missing, np.nan, array) if missing.any() else array


def _given(record: PassRecord) -> Iterator[Block]:
    for time in range(record.time_steps):
        yield _block(record, Quantity(Kind.INPUT, time=time), "unit")
        if record.shows_target(time):
            yield _block(record, Quantity(Kind.TARGET, time=time), "unit")
    yield _block(record, Quantity(Kind.RATE))
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            kinds = PARAMETER_KINDS[name]
            yield _block(record, Quantity(kinds.value, layer), *_axes(kinds.is_matrix))


def _axes(is_matrix: bool) -> tuple[str, ...]:
    return ("source", "unit") if is_matrix else ("unit",)


def _values(record: PassRecord) -> Iterator[Block]:
    is_one_error = record.error[:, 0].size == 1  # it then equals the example's error, which is already included
    for group in groups_of(record, chain_rule=False):
        if group.kind is Kind.ERROR and is_one_error:
            continue
        quantity = Quantity(group.kind, group.layer, time=group.time)
        yield _block(record, quantity, *(() if group.kind in _OF_NO_UNIT else _axes(group.matrix)))
        if group.kind is Kind.CLIP:
            yield _block(record, replace(quantity, kind=Kind.NORM))
    if not record.architecture.input_gradients:
        for time in filter(lambda time: record.is_reached(0, time), range(record.time_steps)):
            yield _block(record, Quantity(Kind.DE_DX, time=time), "unit")
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            for kind, slot in update_terms(record, name, layer):
                quantity = Quantity(kind, layer, slot=slot, of=name)
                yield _block(record, quantity, *_axes(PARAMETER_KINDS[name].is_matrix))


def _changes(record: PassRecord, written: dict[Quantity, FloatArray]) -> Iterator[Block]:
    """Yield the signed amount added to each parameter, unless the gradient already has this form."""
    with np.errstate(all="ignore"):
        for layer, slots in enumerate(record.architecture.slots):
            for name in slots:
                kinds = PARAMETER_KINDS[name]
                quantity = Quantity(kinds.new, layer)
                change = record.updated.part(name, layer) - record.parameters.part(name, layer)
                change, gradient = _existing(record, quantity, change), written[Quantity(kinds.gradient, layer)]
                if (np.abs(change - gradient) > 1e-9 * np.abs(gradient) + 1e-15).any():
                    yield Block(quantity, _axes(kinds.is_matrix), change, "change")


def _terms(record: PassRecord) -> Iterator[Block]:
    """Yield products of the weighted sums, shares of dE/da, and each example's share of a batch gradient."""
    sizes = record.architecture.sizes
    for time in range(record.time_steps):
        for layer, (sources, units) in enumerate(pairwise(sizes)):
            if sources * units > TERM_LIMIT:
                continue
            for name in record.architecture.slots[layer]:
                kinds = PARAMETER_KINDS[name]
                for source in range(units if kinds.is_recurrent else sources) if kinds.is_matrix else ():
                    yield _block(record, Quantity(kinds.term, layer, None, source, time), "unit")
            if layer + 1 < record.architecture.depth and sizes[layer + 2] > 1 and record.is_reached(layer + 1, time):
                for source in range(sizes[layer + 2]):
                    yield _block(record, Quantity(Kind.DE_DA_TERM, layer, None, source, time), "unit")
            yield from _softmax_terms(record, layer, time)
            if record.has_later_terms(layer, time):
                for source in range(units):
                    yield _block(record, Quantity(Kind.DE_DA_LATER_TERM, layer, None, source, time), "unit")
    if len(record.examples) > 1 or record.time_steps > 1:
        yield from _gradient_terms(record)


def _softmax_terms(record: PassRecord, layer: int, time: int) -> Iterator[Block]:
    """Yield the exponentials of a softmax layer and their sum, and the shares of each delta through each output."""
    units = record.architecture.sizes[layer + 1]
    if not is_softmax(record, layer) or units > SOFTMAX_LIMIT:
        return
    is_shared = record.has_jacobian(layer) and record.is_reached(layer, time)
    yield _block(record, Quantity(Kind.EXPONENTIAL, layer, 0, None, time), "source")
    yield _block(record, Quantity(Kind.EXPONENTIAL_SUM, layer, 0, None, time))
    for unit in range(units if is_shared else 0):
        shares = [value_of(record, Quantity(Kind.DELTA_TERM, layer, unit, source, time)) for source in range(units)]
        yield Block(Quantity(Kind.DELTA_TERM, layer, unit, None, time), ("source",), np.array(shares))


def _gradient_terms(record: PassRecord) -> Iterator[Block]:
    """Yield the stepped example's part of each gradient, and that of each time step."""
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            kinds = PARAMETER_KINDS[name]
            shape = record.architecture.shape(name, layer)
            assert shape is not None
            if int(np.prod(shape)) > TERM_LIMIT:
                continue
            for time in filter(lambda time: record.is_reached(layer, time), range(record.time_steps)):
                if not kinds.is_matrix and record.architecture.layers[layer].shares_bias:
                    quantity = Quantity(kinds.gradient_term, layer, 0, None, time, record.row)
                    yield Block(quantity, ("source",), record.delta[layer][time, record.row])
                    continue
                for source in range(shape[0]) if kinds.is_matrix else (None,):
                    yield _block(record, Quantity(kinds.gradient_term, layer, None, source, time, record.row), "unit")


def _rows(record: PassRecord, factor: Factor) -> Iterator[Block]:
    """Yield the quantities of the units for every example of the batch."""
    return (_signed(record, block, factor) for block in _canonical_rows(record))


def _signed(record: PassRecord, block: Block, factor: Factor) -> Block:
    times = factor(record, block.quantity)
    return block if times == 1.0 else replace(block, array=block.array * times)


def _canonical_rows(record: PassRecord) -> Iterator[Block]:
    arrays: dict[Kind, Sequence[FloatArray]] = {
        Kind.Z: record.z,
        Kind.A: record.a,
        Kind.DE_DA: record.dE_da,
        Kind.SLOPE: record.slope,
        Kind.DELTA: record.delta,
    }
    stepped = {(group.kind, group.layer) for group in groups_of(record, chain_rule=False)}
    most = max(1, ROW_LIMIT // max(record.architecture.sizes))
    for time in range(record.time_steps):
        for kind, layers in arrays.items():
            for layer, array in enumerate(layers):
                if (kind, layer) in stepped:
                    yield Block(Quantity(kind, layer, time=time, example=-1), ("example", "unit"), array[time, :most])
        flat = {Kind.INPUT: record.x, Kind.TARGET: record.t, Kind.ERROR: record.error, Kind.DE_DX: record.dE_dx}
        for kind, whole in flat.items():
            yield Block(Quantity(kind, time=time, example=-1), ("example", "unit"), whole[time, :most])
    yield Block(Quantity(Kind.LOSS, example=-1), ("example",), record.loss)


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
