"""The groups of a pass: every vector or matrix that becomes known, in order, with its number of steps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import accumulate

import numpy as np

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, UPDATE_TERMS, Kind, Phase, Quantity


@dataclass(frozen=True, slots=True)
class Group:
    """A step of grain layer: `units` times `sources` cells, each an item, and before each item its `terms`.

    A vector has `sources` = 1. Items go unit by unit, and within a unit source by source. Where connections are
    missing, `cells` are those that are items, and `ends` the numbers of steps up to the end of each item.
    """

    phase: Phase
    kind: Kind
    _: KW_ONLY
    layer: int | None
    time: int
    units: int
    sources: int = 1
    terms: int = 0
    matrix: bool = False
    cells: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """The number of cells."""
        return self.units * self.sources

    @property
    def items(self) -> int:
        """The number of steps of grain neuron."""
        return self.size if self.cells is None else len(self.cells)

    @property
    def length(self) -> int:
        """The number of steps of grain term."""
        return self.start_of(self.items)

    def start_of(self, item: int) -> int:
        """Return the number of steps of grain term before those of an item."""
        if self.ends is None:
            return item * (self.terms + 1)
        return self.ends[item - 1] if item else 0

    def terms_of(self, item: int) -> int:
        """Return the number of terms of an item."""
        return self.start_of(item + 1) - self.start_of(item) - 1

    def split(self, offset: int) -> tuple[int, int]:
        """Return the item of the step at an offset, and the steps of this item before it."""
        item = offset // (self.terms + 1) if self.ends is None else bisect_right(self.ends, offset)
        return item, offset - self.start_of(item)

    def place_of(self, item: int) -> tuple[int, int]:
        """Return the unit and the source of an item."""
        return divmod(item if self.cells is None else self.cells[item], self.sources)

    def item_at(self, unit: int, source: int) -> int | None:
        """Return the item of a unit and a source; None for a missing connection.

        A shared bias is that of every unit, and what has one source has it whatever it is called.
        """
        cell = (unit if self.units > 1 else 0) * self.sources + (source if self.sources > 1 else 0)
        if self.cells is None:
            return cell
        item = bisect_left(self.cells, cell)
        return item if item < len(self.cells) and self.cells[item] == cell else None

    def last_item(self, unit: int | None, source: int | None) -> int | None:
        """Return the last item of a unit, a source, or both; of all items if neither is given."""
        if unit is None and source is None:
            return self.items - 1
        units = range(self.units) if unit is None else (unit,)
        sources = range(self.sources) if source is None else (source,)
        items = (self.item_at(one, other) for one in units for other in sources)
        none = None if unit is not None and source is not None else self.items - 1
        return max((item for item in items if item is not None), default=none)

    def cells_before(self, item: int) -> int:
        """Return the number of cells before an item, those of missing connections after the first item included."""
        if self.cells is None or item == 0:
            return item
        return self.size if item == len(self.cells) else self.cells[item]


def groups_of(record: PassRecord, chain_rule: bool) -> tuple[Group, ...]:
    """Return the groups of a pass in the order in which they become known.

    `chain_rule` adds the local derivatives dz/dW, dz/db and dz/da (Koehn 5.7.4).
    """
    return (
        *_forward(record),
        *_error(record),
        *_backward_and_update(record, chain_rule),
    )


def _forward(record: PassRecord) -> Iterator[Group]:
    sizes = record.architecture.sizes
    for time in range(record.time_steps):
        for layer, kind in enumerate(record.architecture.layers):
            connected = record.architecture.connections[layer]
            bias = 1 if kind.biases else 0
            others = bias + (kind.units + bias if kind.recurrent else 0)
            yield Group(
                Phase.FORWARD,
                Kind.Z,
                layer=layer,
                time=time,
                units=kind.units,
                terms=sizes[layer] + others,
                ends=_ends(len(sources) + others for sources in connected.sources) if connected else None,
            )
            # A softmax needs every exponential of the layer and their sum.
            shared = 0 if ACTIVATIONS[kind.activation].elementwise else kind.units + 1
            yield Group(Phase.FORWARD, Kind.A, layer=layer, time=time, units=kind.units, terms=shared)


def _error(record: PassRecord) -> Iterator[Group]:
    for time in filter(record.is_measured, range(record.time_steps)):
        yield Group(Phase.ERROR, Kind.ERROR, layer=None, time=time, units=record.architecture.sizes[-1])
    yield Group(Phase.ERROR, Kind.LOSS, layer=None, time=0, units=1)


def _backward_and_update(record: PassRecord, chain_rule: bool) -> Iterator[Group]:
    """Yield the groups of the backward pass, layer by layer from the last, and of the update.

    In a recurrent network, the deltas of all layers go back together, one time step after the other. If updates are
    sequential, all time steps of a layer come first, because the layer changes before the previous one is reached.
    """
    layers = range(record.architecture.depth)
    times = tuple(reversed(range(record.time_steps)))
    if record.convention.update == "sequential" or len(times) == 1:
        for layer in reversed(layers):
            if chain_rule:
                yield from _carried(record, layer)
            for time in times:
                yield from _deltas(record, layer, time)
            yield from _gradients(record, layer, chain_rule)
            if record.convention.update == "sequential":
                yield from _clip(record, layer)
                yield from _update(record, layer)
    else:
        if chain_rule:
            for layer in reversed(layers):
                yield from _carried(record, layer)
        for time in times:
            for layer in reversed(layers):
                yield from _deltas(record, layer, time)
        for layer in reversed(layers):
            yield from _gradients(record, layer, chain_rule)
    if record.architecture.input_gradients:
        for time in times:
            yield from _input_gradients(record, time)
    if record.convention.update != "sequential":
        yield from _clip(record, None)
        for layer in layers:
            yield from _update(record, layer)


def term_counts(record: PassRecord, layer: int, time: int, unit: int) -> tuple[int, int, int]:
    """Return the numbers of terms in a unit's dE/da: from the loss, the next layer, and its own layer later."""
    architecture = record.architecture
    later = architecture.sizes[layer + 1] if record.has_later_terms(layer, time) else 0
    if layer == architecture.depth - 1:
        return int(record.is_measured(time)), 0, later
    return 0, len(architecture.units_of(layer + 1, unit)) if record.is_reached(layer + 1, time) else 0, later


def contribution_count(record: PassRecord, gradient: Quantity) -> int:
    """Return the number of terms of a gradient: for each time step and example that has a delta, and for a shared bias
    for each unit.
    """
    assert gradient.layer is not None
    of_layer, reached = record.architecture.layers[gradient.layer], record.reached
    deltas = len(record.examples) * record.time_steps if reached is None else int(reached[gradient.layer].sum())
    is_shared = of_layer.shares_bias and not PARAMETER_OF[gradient.kind].is_matrix
    return deltas * of_layer.units if is_shared else deltas


def contribution_at(record: PassRecord, gradient: Quantity, term: int) -> Quantity:
    """Return a term of a gradient: by time step and example, and for a shared bias by the unit whose delta it is."""
    assert gradient.layer is not None
    kinds, of_layer, reached = PARAMETER_OF[gradient.kind], record.architecture.layers[gradient.layer], record.reached
    source = gradient.source
    if not kinds.is_matrix and of_layer.shares_bias:
        term, source = divmod(term, of_layer.units)
    index = term if reached is None else int(np.flatnonzero(reached[gradient.layer])[term])
    time, example = divmod(index, len(record.examples))
    return Quantity(kinds.gradient_term, gradient.layer, gradient.unit, source, time, example)


def _ends(terms: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate(count + 1 for count in terms))


def _parameter(record: PassRecord, phase: Phase, kind: Kind, name: str, layer: int, terms: int = 0) -> Group:
    """Return the group of a matrix or vector of the form of a parameter, without its missing connections."""
    kinds, shape = PARAMETER_KINDS[name], record.architecture.shape(name, layer)
    assert shape is not None
    units, sources = shape[-1], shape[0] if kinds.is_matrix else 1
    connected, cells, ends = record.architecture.connections[layer], None, None
    if connected is not None and kinds.is_matrix and not kinds.is_recurrent:
        cells = tuple(unit * sources + source for unit in range(units) for source in connected.sources[unit])
        ends = _ends([terms] * len(cells))
    return Group(
        phase,
        kind,
        layer=layer,
        time=0,
        units=units,
        sources=sources,
        terms=terms,
        matrix=kinds.is_matrix,
        cells=cells,
        ends=ends,
    )


def _carried(record: PassRecord, layer: int) -> Iterator[Group]:
    """Yield the group of the weights through which the error comes back to a layer.

    It belongs to this layer, not to the next one, whose weights may have changed since (sequential updates).
    """
    if layer < record.architecture.depth - 1:
        yield _parameter(record, Phase.BACKWARD, Kind.DZ_DA, "W", layer + 1)


def _deltas(record: PassRecord, layer: int, time: int) -> Iterator[Group]:
    if not record.is_reached(layer, time):
        return
    last, units = layer == record.architecture.depth - 1, record.architecture.sizes[layer + 1]
    softmax = record.has_jacobian(layer)
    if not (last and record.fused and softmax):
        shares = _shares(record, layer, time, 0)
        masked = not last and record.architecture.connections[layer + 1] is not None
        ends = _ends(_shares(record, layer, time, unit) for unit in range(units)) if masked else None
        yield Group(Phase.BACKWARD, Kind.DE_DA, layer=layer, time=time, units=units, terms=shares, ends=ends)
        if not softmax:
            yield Group(Phase.BACKWARD, Kind.SLOPE, layer=layer, time=time, units=units)
    # The delta of a softmax unit has one term per output of the layer: a row of the Jacobian.
    outputs = units if softmax and units > 1 else 0
    yield Group(Phase.BACKWARD, Kind.DELTA, layer=layer, time=time, units=units, terms=outputs)


def _shares(record: PassRecord, layer: int, time: int, unit: int) -> int:
    """Return the number of steps that give the terms of a unit's dE/da: none for a single term."""
    return _steps(sum(term_counts(record, layer, time, unit)))


def _steps(terms: int) -> int:
    """Return the number of steps that give the terms of a number: none for a single term."""
    return terms if terms > 1 else 0


def _input_gradients(record: PassRecord, time: int) -> Iterator[Group]:
    architecture = record.architecture
    inputs, units = architecture.sizes[:2]
    if record.is_reached(0, time):
        counts = (_steps(len(architecture.units_of(0, source))) for source in range(inputs))
        ends = None if architecture.connections[0] is None else _ends(counts)
        yield Group(Phase.BACKWARD, Kind.DE_DX, layer=None, time=time, units=inputs, terms=_steps(units), ends=ends)


def _gradients(record: PassRecord, layer: int, chain_rule: bool) -> Iterator[Group]:
    if chain_rule:
        for time in range(record.time_steps):
            sources = record.architecture.sizes[layer]
            yield Group(Phase.BACKWARD, Kind.DZ_DW, layer=layer, time=time, units=1, sources=sources)
    for name in record.architecture.slots[layer]:
        kind = PARAMETER_KINDS[name].gradient
        if chain_rule and kind is Kind.DB:
            yield Group(Phase.BACKWARD, Kind.DZ_DB, layer=layer, time=0, units=1)
        terms = _steps(contribution_count(record, Quantity(kind, layer)))
        yield _parameter(record, Phase.BACKWARD, kind, name, layer, terms)


def clip_layer(record: PassRecord, layer: int) -> int | None:
    """Return the layer of the clip factor of a layer's gradients; None if all layers have one factor."""
    return layer if record.convention.update == "sequential" else None


def update_terms(record: PassRecord, name: str, layer: int) -> tuple[tuple[Kind, int | None], ...]:
    """Return the kinds of the terms of a new parameter, with the slot of those of a memory vector.

    A frozen parameter has only its memory, which stays the same.
    """
    row, rule = OPTIMIZERS[record.rule.optimizer], record.rule
    memory = tuple((Kind.MOVING, slot) for slot in range(len(row.memory)))
    if is_frozen(record.convention, name, layer):
        return memory
    penalty = ((Kind.PENALTY, None),) if rule.penalizes else ()
    adjusted = ((Kind.ADJUSTED, None),) if rule.adjusts else ()
    return (*penalty, *adjusted, *memory, *((Kind.CORRECTED, slot) for slot in range(len(row.corrections))))


def belongs_to_rule(record: PassRecord, term: Quantity) -> bool:
    """Return whether a pass has a term of an update, or the clip factor or its norm, by its rule."""
    if term.kind in UPDATE_TERMS and term.layer is not None:
        return (term.kind, term.slot) in update_terms(record, term.of, term.layer)
    return bool(record.rule.rates.clip)


def _clip(record: PassRecord, layer: int | None) -> Iterator[Group]:
    if record.rule.rates.clip:
        yield Group(Phase.UPDATE, Kind.CLIP, layer=layer, time=0, units=1, terms=1)


def _update(record: PassRecord, layer: int) -> Iterator[Group]:
    for name in record.architecture.slots[layer]:
        terms = len(update_terms(record, name, layer))
        yield _parameter(record, Phase.UPDATE, PARAMETER_KINDS[name].new, name, layer, terms)
