"""The tables of passes: which numbers a pass has, and their values, block after block."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count, islice, pairwise, product
from math import prod

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.cases import EXAMPLES_ALONE, Case, cases
from nnviz.debugger.finder.number_table import Block, NumberTable, TableLayout
from nnviz.debugger.finder.slip_passes import SlippedProgram, slipped_programs
from nnviz.debugger.state.document_form import DocumentForm
from nnviz.debugger.state.session import Session, once_for_latest_session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.engine.record import PassRecord
from nnviz.tracing.groups import groups_of, update_terms
from nnviz.tracing.provenance import is_softmax
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity, parameter_of
from nnviz.tracing.values import EVERY_EXAMPLE, values_of

KEPT_PARAMETERS = 200  # of a network whose passes are kept, at most
KEPT_NUMBERS = 20_000  # of the units of such a network, in all examples and time steps
TERM_LIMIT = 100_000
SOFTMAX_LIMIT = 32
ROW_LIMIT = 200_000
_OF_NO_UNIT = (Kind.LOSS, Kind.CLIP)
_UNIT, _SOURCE, _ROWS = ("unit",), ("source",), ("example", "unit")

# A quantity, and the names of the axes of its array.
_Part = tuple[Quantity, tuple[str, ...]]


class PassTables:
    """Makes the tables of passes. Mutable: it keeps what passes of the same structure have in common."""

    def __init__(self, form: DocumentForm) -> None:
        self._form = form
        self._plans: dict[Hashable, _Plan] = {}

    @np.errstate(all="ignore")  # a pass may hold inf and nan
    def table_of(self, record: PassRecord, *, rows: bool = False) -> NumberTable:
        """Return the table of a record: the stepped example's quantities, and with `rows` those of the whole batch."""
        structure = _structure(record, rows)
        plan = self._plans.get(structure)
        if plan is None:
            plan = self._plans[structure] = _plan_of(record, self._form, rows and len(record.examples) > 1)
        return plan.table(record)

    def rows_of(self, record: PassRecord) -> NumberTable:
        """Return the quantities of the units for every example of a record."""
        layout = TableLayout(tuple(_blocks(record, _rows(record), _most_rows(record))))
        return NumberTable(record, layout, _row_values(record, layout.blocks) * _factors(record, layout, self._form))

    def totals_of(self, record: PassRecord, accuracy: float | None) -> NumberTable:
        """Return the totals of the whole data, from the record of a pass on all of it."""
        times = self._form.factor_in(record, Quantity(Kind.LOSS))
        totals = {"mean_loss": record.loss.mean() * times, "sum_loss": record.loss.sum() * times}
        if record.time_steps > 1:
            totals["mean_loss_of_steps"] = record.loss.mean() / record.time_steps * times
        off = np.abs(record.t - record.a[-1])[~np.isnan(record.t)]
        if off.size and LOSSES[record.architecture.loss].has_targets:
            totals["mean_absolute_error"] = off.mean()
        if accuracy is not None:
            totals["accuracy"] = accuracy
        layout = TableLayout(tuple(Block(Quantity(Kind.LOSS), (), (), name) for name in totals))
        return NumberTable(record, layout, np.array(list(totals.values())))


class SearchedPasses:
    """The passes in which the numbers of a session are looked for, each with its table, and slips in its own.

    Mutable: those of a small network are kept for the next search. A search that ends early, even by an error, leaves
    the others to the next one.
    """

    def __init__(self, session: Session) -> None:
        self.tables = PassTables(session.form)
        self._session = session
        self._is_kept = _is_small(session)
        self._waiting: Iterator[Case] = cases(session)
        self._kept: list[tuple[Case, NumberTable]] = []

    def __iter__(self) -> Iterator[tuple[Case, NumberTable]]:
        if not self._is_kept:
            yield from ((case, self._table(case)) for case in cases(self._session))
            return
        for place in count():
            if place == len(self._kept) and not self._add_next():
                return
            yield self._kept[place]

    def _add_next(self) -> bool:
        """Compute and keep one more pass; False if there is none."""
        try:
            case = next(self._waiting, None)
            if case is not None:
                self._kept.append((case, self._table(case)))
        except BaseException:  # such as Ctrl+C: it has ended the iterator
            self._waiting = islice(cases(self._session), len(self._kept), None)
            raise
        return case is not None

    @property
    def slipped(self) -> Iterable[SlippedProgram]:
        """The session's own pass with the slips that may have happened in it."""
        return self._kept_slips if self._is_kept else slipped_programs(self._session.record)

    @cached_property
    def _kept_slips(self) -> tuple[SlippedProgram, ...]:
        return tuple(slipped_programs(self._session.record))

    def _table(self, case: Case) -> NumberTable:
        """Return the numbers of a pass, with the totals of the whole data if the case asks for them."""
        table = self.tables.table_of(case.record, rows=case.with_rows)
        if not case.with_totals:
            return table
        record, accuracy = case.setup.record_of_all_data()
        # A page that prints a mean or a sum also prints the numbers of the examples.
        alone = case.with_rows and len(case.record.examples) == 1 < len(record.examples) <= EXAMPLES_ALONE
        rows = self.tables.rows_of(record) if alone else None
        return table.with_more(self.tables.totals_of(record, accuracy), rows)


def passes_of(session: Session) -> SearchedPasses:
    """Return the passes to search: of a small network the same for all searches in a session, one after the other."""
    return _kept_passes(session) if _is_small(session) else SearchedPasses(session)


@once_for_latest_session
def _kept_passes(session: Session) -> SearchedPasses:
    return SearchedPasses(session)


def _is_small(session: Session) -> bool:
    record = session.record
    numbers = len(record.examples) * record.time_steps * sum(record.architecture.sizes)
    return record.architecture.parameter_count <= KEPT_PARAMETERS and numbers <= KEPT_NUMBERS


def _structure(record: PassRecord, rows: bool) -> Hashable:
    """Return what determines which numbers a pass has."""
    missing = record.without_target
    return (
        record.architecture,
        record.convention,
        record.rule,
        len(record.examples),
        record.row,
        record.time_steps,
        None if missing is None else missing.tobytes(),
        rows,
    )


def _blocks(record: PassRecord, parts: Iterable[_Part], most: int | None = None) -> Iterator[Block]:
    """Yield the blocks of some quantities; those of the units of every example have at most `most` rows."""
    quantities, axes = zip(*parts, strict=True)
    for quantity, of_axes, array in zip(quantities, axes, values_of(record, quantities), strict=True):
        yield Block(quantity, of_axes, array[:most].shape if of_axes == _ROWS else array.shape)


def _factors(record: PassRecord, layout: TableLayout, form: DocumentForm) -> FloatArray:
    """Return the factor of each number from the record to the document."""
    written = form.with_rule(record.rule)
    return layout.of_each(np.array([written.factor(block.quantity) for block in layout.blocks]))


def _values_of_blocks(record: PassRecord, blocks: Sequence[Block]) -> FloatArray:
    return np.concatenate([array.ravel() for array in values_of(record, [block.quantity for block in blocks])])


def _row_values(record: PassRecord, blocks: Sequence[Block]) -> FloatArray:
    arrays = values_of(record, [block.quantity for block in blocks])
    return np.concatenate([array[: block.shape[0]].ravel() for array, block in zip(arrays, blocks, strict=True)])


@dataclass(frozen=True, eq=False)
class _Plan:
    """How the tables of passes of one structure are made.

    `missing` are the numbers of missing connections among those of the stepped example. For each parameter of the flat
    vector (P,), `gradients` has the place of its gradient among them. `changes` are the blocks of the amounts added,
    each with its part of the flat vector.
    """

    stepped: tuple[Block, ...]
    rows: tuple[Block, ...]
    factors: FloatArray
    row_factors: FloatArray
    missing: NDArray[np.int64]
    gradients: NDArray[np.int64]
    changes: tuple[tuple[Block, slice], ...]
    layouts: dict[tuple[bool, ...], TableLayout] = field(default_factory=dict)

    def table(self, record: PassRecord) -> NumberTable:
        """Return the table of a pass of this structure."""
        values = _values_of_blocks(record, self.stepped) * self.factors
        values[self.missing] = np.nan
        change, gradient = record.updated.vector - record.parameters.vector, values[self.gradients]
        if record.architecture.missing is not None:
            change[record.architecture.missing] = np.nan
        # The amount added to a parameter is a number of its own unless the gradient already has this form.
        differs = np.abs(change - gradient) > 1e-9 * np.abs(gradient) + 1e-15
        is_new = tuple(bool(differs[place].any()) for _, place in self.changes)
        parts = [
            values,
            *(change[place] for (_, place), is_added in zip(self.changes, is_new, strict=True) if is_added),
        ]
        if self.rows:
            parts.append(_row_values(record, self.rows) * self.row_factors)
        return NumberTable(record, self._layout(is_new), np.concatenate(parts))

    def _layout(self, is_new: tuple[bool, ...]) -> TableLayout:
        found = self.layouts.get(is_new)
        if found is None:
            added = [block for (block, _), is_added in zip(self.changes, is_new, strict=True) if is_added]
            found = self.layouts[is_new] = TableLayout((*self.stepped, *added, *self.rows))
        return found


def _plan_of(record: PassRecord, form: DocumentForm, rows: bool) -> _Plan:
    stepped = TableLayout(tuple(block for block in _blocks(record, _parts(record)) if block.size))
    of_rows = TableLayout(tuple(_blocks(record, _rows(record), _most_rows(record)))) if rows else None
    starts = {block.quantity: start for block, start in stepped.items()}
    gradients, changes = np.zeros(record.parameters.vector.size, dtype=np.int64), []
    for layer, slots in enumerate(record.architecture.slots):
        for name, place in slots.items():
            kinds, shape = PARAMETER_KINDS[name], record.architecture.shape(name, layer)
            assert shape is not None
            gradients[place] = np.arange(prod(shape)) + starts.get(Quantity(kinds.gradient, layer), 0)
            changes.append((Block(Quantity(kinds.new, layer), _axes(kinds.is_matrix), shape, "change"), place))
    missing = [start + at for block, start in stepped.items() for at in _missing(record, block.quantity)]
    return _Plan(
        stepped=stepped.blocks,
        rows=() if of_rows is None else of_rows.blocks,
        factors=_factors(record, stepped, form),
        row_factors=np.ones(0) if of_rows is None else _factors(record, of_rows, form),
        missing=np.array(missing, dtype=np.int64),
        gradients=gradients,
        changes=tuple(changes),
    )


def _missing(record: PassRecord, quantity: Quantity) -> list[int]:
    """Return which entries of a matrix, of a source's products or of a unit's shares are of missing connections."""
    kinds, layer = parameter_of(quantity), quantity.layer
    if quantity.kind is Kind.DE_DA_TERM and layer is not None:
        mask = record.architecture.mask(layer + 1)[:, quantity.source]
    elif kinds is not None and kinds.is_matrix and not kinds.is_recurrent and layer is not None:
        mask = record.architecture.mask(layer)[slice(None) if quantity.source is None else quantity.source]
    else:
        return []
    places: list[int] = np.flatnonzero(mask == 0.0).tolist()
    return places


def _parts(record: PassRecord) -> Iterator[_Part]:
    """Yield the quantities of the stepped example, and those of the update."""
    yield from _given(record)
    yield from _values(record)
    yield from _terms(record)


def _given(record: PassRecord) -> Iterator[_Part]:
    for time in range(record.time_steps):
        yield Quantity(Kind.INPUT, time=time), _UNIT
        if record.shows_target(time):
            yield Quantity(Kind.TARGET, time=time), _UNIT
    yield Quantity(Kind.RATE), ()
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            kinds = PARAMETER_KINDS[name]
            yield Quantity(kinds.value, layer), _axes(kinds.is_matrix)


def _axes(is_matrix: bool) -> tuple[str, ...]:
    return ("source", "unit") if is_matrix else ("unit",)


def _values(record: PassRecord) -> Iterator[_Part]:
    is_one_error = record.error[:, 0].size == 1  # it then equals the example's error, which is already included
    for group in groups_of(record, chain_rule=False):
        if group.kind is Kind.ERROR and is_one_error:
            continue
        quantity = Quantity(group.kind, group.layer, time=group.time)
        yield quantity, () if group.kind in _OF_NO_UNIT else _axes(group.matrix)
        if group.kind is Kind.CLIP:
            yield replace(quantity, kind=Kind.NORM), ()
    if not record.architecture.input_gradients:
        for time in filter(lambda time: record.is_reached(0, time), range(record.time_steps)):
            yield Quantity(Kind.DE_DX, time=time), _UNIT
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            for kind, slot in update_terms(record, name, layer):
                quantity = Quantity(kind, layer, slot=slot, of=name)
                yield quantity, _axes(PARAMETER_KINDS[name].is_matrix)


def _terms(record: PassRecord) -> Iterator[_Part]:
    """Yield products of the weighted sums, shares of dE/da, and each example's share of a batch gradient."""
    sizes = record.architecture.sizes
    for time in range(record.time_steps):
        for layer, (sources, units) in enumerate(pairwise(sizes)):
            if sources * units > TERM_LIMIT:
                continue
            for name in record.architecture.slots[layer]:
                kinds = PARAMETER_KINDS[name]
                for source in range(units if kinds.is_recurrent else sources) if kinds.is_matrix else ():
                    yield Quantity(kinds.term, layer, None, source, time), _UNIT
            if layer + 1 < record.architecture.depth and sizes[layer + 2] > 1 and record.is_reached(layer + 1, time):
                for source in range(sizes[layer + 2]):
                    yield Quantity(Kind.DE_DA_TERM, layer, None, source, time), _UNIT
            yield from _softmax_terms(record, layer, time)
            if record.has_later_terms(layer, time):
                for source in range(units):
                    yield Quantity(Kind.DE_DA_LATER_TERM, layer, None, source, time), _UNIT
    if len(record.examples) > 1 or record.time_steps > 1:
        yield from _gradient_terms(record)


def _softmax_terms(record: PassRecord, layer: int, time: int) -> Iterator[_Part]:
    """Yield the exponentials of a softmax layer and their sum, and the shares of each delta through each output."""
    units = record.architecture.sizes[layer + 1]
    if not is_softmax(record, layer) or units > SOFTMAX_LIMIT:
        return
    is_shared = record.has_jacobian(layer) and record.is_reached(layer, time)
    yield Quantity(Kind.EXPONENTIAL, layer, 0, None, time), _SOURCE
    yield Quantity(Kind.EXPONENTIAL_SUM, layer, 0, None, time), ()
    for unit in range(units if is_shared else 0):
        yield Quantity(Kind.DELTA_TERM, layer, unit, None, time), _SOURCE


def _gradient_terms(record: PassRecord) -> Iterator[_Part]:
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
                    yield quantity, _SOURCE
                    continue
                for source in range(shape[0]) if kinds.is_matrix else (None,):
                    yield Quantity(kinds.gradient_term, layer, None, source, time, record.row), _UNIT


def _most_rows(record: PassRecord) -> int:
    return max(1, ROW_LIMIT // max(record.architecture.sizes))


def _rows(record: PassRecord) -> Iterator[_Part]:
    """Yield the quantities of the units for every example of the batch."""
    stepped = {(group.kind, group.layer) for group in groups_of(record, chain_rule=False)}
    of_layers = product((Kind.Z, Kind.A, Kind.DE_DA, Kind.SLOPE, Kind.DELTA), range(record.architecture.depth))
    existing = [place for place in of_layers if place in stepped]
    for time in range(record.time_steps):
        for kind, layer in existing:
            yield Quantity(kind, layer, time=time, example=EVERY_EXAMPLE), _ROWS
        for kind in (Kind.INPUT, Kind.TARGET, Kind.ERROR, Kind.DE_DX):
            yield Quantity(kind, time=time, example=EVERY_EXAMPLE), _ROWS
    yield Quantity(Kind.LOSS, example=EVERY_EXAMPLE), ("example",)
