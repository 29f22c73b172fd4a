"""The groups of a pass: every vector or matrix that becomes known, in order, with its number of steps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import accumulate

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import PARAMETER_OF, Kind, Phase, Quantity


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
    for time in range(record.time_steps):
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
    if record.convention.update != "sequential":
        for layer in layers:
            yield from _update(record, layer)


def term_counts(record: PassRecord, layer: int, time: int, unit: int) -> tuple[int, int, int]:
    """Return the numbers of terms in a unit's dE/da: from the loss, the next layer, and its own layer later."""
    last = layer == record.architecture.depth - 1
    later = record.architecture.sizes[layer + 1] if record.has_later_terms(layer, time) else 0
    return (1, 0, later) if last else (0, len(record.architecture.units_of(layer + 1, unit)), later)


def contribution_count(record: PassRecord, gradient: Quantity) -> int:
    """Return the number of terms of a gradient: for each example, time step, and unit of a shared bias."""
    assert gradient.layer is not None
    of_layer, examples = record.architecture.layers[gradient.layer], len(record.examples) * record.time_steps
    is_shared = of_layer.shares_bias and not PARAMETER_OF[gradient.kind].is_matrix
    return examples * of_layer.units if is_shared else examples


def contribution_at(record: PassRecord, gradient: Quantity, term: int) -> Quantity:
    """Return a term of a gradient: by time step and example, and for a shared bias by the unit whose delta it is."""
    assert gradient.layer is not None
    kinds, of_layer = PARAMETER_OF[gradient.kind], record.architecture.layers[gradient.layer]
    source = gradient.source
    if not kinds.is_matrix and of_layer.shares_bias:
        term, source = divmod(term, of_layer.units)
    time, example = divmod(term, len(record.examples))
    return Quantity(kinds.gradient_term, gradient.layer, gradient.unit, source, time, example)


def _ends(terms: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate(count + 1 for count in terms))


def _matrix(record: PassRecord, phase: Phase, kind: Kind, layer: int, terms: int = 0) -> Group:
    """Return the group of a matrix of the form of W, without its missing connections."""
    sources, units = record.architecture.sizes[layer : layer + 2]
    connected, cells, ends = record.architecture.connections[layer], None, None
    if connected is not None:
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
        matrix=True,
        cells=cells,
        ends=ends,
    )


def _carried(record: PassRecord, layer: int) -> Iterator[Group]:
    """Yield the group of the weights through which the error comes back to a layer.

    It belongs to this layer, not to the next one, whose weights may have changed since (sequential updates).
    """
    if layer < record.architecture.depth - 1:
        yield _matrix(record, Phase.BACKWARD, Kind.DZ_DA, layer + 1)


def _deltas(record: PassRecord, layer: int, time: int) -> Iterator[Group]:
    last, units = layer == record.architecture.depth - 1, record.architecture.sizes[layer + 1]
    softmax = not ACTIVATIONS[record.architecture.layers[layer].activation].elementwise
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
    shares = sum(term_counts(record, layer, time, unit))
    return shares if shares > 1 else 0


def _gradients(record: PassRecord, layer: int, chain_rule: bool) -> Iterator[Group]:
    of_layer = record.architecture.layers[layer]
    units, sources, biases = of_layer.units, record.architecture.sizes[layer], of_layer.biases
    examples = len(record.examples) * record.time_steps
    terms = examples if examples > 1 else 0
    deltas = examples * units if of_layer.shares_bias else terms
    if chain_rule:
        for time in range(record.time_steps):
            yield Group(Phase.BACKWARD, Kind.DZ_DW, layer=layer, time=time, units=1, sources=sources)
    yield _matrix(record, Phase.BACKWARD, Kind.DW, layer, terms)
    if chain_rule and biases:
        yield Group(Phase.BACKWARD, Kind.DZ_DB, layer=layer, time=0, units=1)
    if biases:
        yield Group(Phase.BACKWARD, Kind.DB, layer=layer, time=0, units=biases, terms=deltas)
    if of_layer.recurrent:
        yield Group(
            Phase.BACKWARD, Kind.DW_H, layer=layer, time=0, units=units, sources=units, terms=terms, matrix=True
        )
    if of_layer.recurrent and biases:
        yield Group(Phase.BACKWARD, Kind.DB_H, layer=layer, time=0, units=biases, terms=deltas)


def _update(record: PassRecord, layer: int) -> Iterator[Group]:
    of_layer = record.architecture.layers[layer]
    units, biases = of_layer.units, of_layer.biases
    terms = len(OPTIMIZERS[record.rule.optimizer].memory)
    yield _matrix(record, Phase.UPDATE, Kind.W_NEW, layer, terms)
    if biases:
        yield Group(Phase.UPDATE, Kind.B_NEW, layer=layer, time=0, units=biases, terms=terms)
    if of_layer.recurrent:
        yield Group(
            Phase.UPDATE, Kind.W_H_NEW, layer=layer, time=0, units=units, sources=units, terms=terms, matrix=True
        )
    if of_layer.recurrent and biases:
        yield Group(Phase.UPDATE, Kind.B_H_NEW, layer=layer, time=0, units=biases, terms=terms)
