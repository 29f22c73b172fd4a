"""The groups of a pass: every vector or matrix that becomes known, in order, with its number of steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

import numpy as np

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import PARAMETER_KINDS, UPDATE_TERMS, Kind, Phase, Quantity


@dataclass(frozen=True, slots=True)
class Group:
    """A step of grain layer: `units` times `sources` items, and before each item its `terms`.

    A vector has `sources` = 1. Items go unit by unit, and within a unit source by source.
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

    @property
    def items(self) -> int:
        """The number of steps of grain neuron."""
        return self.units * self.sources

    @property
    def length(self) -> int:
        """The number of steps of grain term."""
        return self.items * (self.terms + 1)


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
            recurrent = kind.units + 1 if kind.recurrent else 0
            yield Group(
                Phase.FORWARD, Kind.Z, layer=layer, time=time, units=kind.units, terms=sizes[layer] + 1 + recurrent
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


def term_counts(record: PassRecord, layer: int, time: int) -> tuple[int, int, int]:
    """Return the numbers of terms in a unit's dE/da: from the loss, the next layer, and its own layer later."""
    sizes = record.architecture.sizes
    later = sizes[layer + 1] if record.has_later_terms(layer, time) else 0
    if layer == record.architecture.depth - 1:
        return int(record.is_measured(time)), 0, later
    return 0, sizes[layer + 2] if record.is_reached(layer + 1, time) else 0, later


def contribution_count(record: PassRecord, layer: int) -> int:
    """Return the number of terms of a gradient of `layer`: the time steps and examples that have a delta."""
    reached = record.reached
    return len(record.examples) * record.time_steps if reached is None else int(reached[layer].sum())


def contribution_at(record: PassRecord, layer: int, place: int) -> tuple[int, int]:
    """Return the time step and example (row) of a term of a gradient of `layer`."""
    reached = record.reached
    index = place if reached is None else int(np.flatnonzero(reached[layer])[place])
    return divmod(index, len(record.examples))


def _carried(record: PassRecord, layer: int) -> Iterator[Group]:
    """Yield the group of the weights through which the error comes back to a layer.

    It belongs to this layer, not to the next one, whose weights may have changed since (sequential updates).
    """
    sizes = record.architecture.sizes
    if layer < record.architecture.depth - 1:
        yield Group(
            Phase.BACKWARD,
            Kind.DZ_DA,
            layer=layer + 1,
            time=0,
            units=sizes[layer + 2],
            sources=sizes[layer + 1],
            matrix=True,
        )


def _deltas(record: PassRecord, layer: int, time: int) -> Iterator[Group]:
    if not record.is_reached(layer, time):
        return
    last, units = layer == record.architecture.depth - 1, record.architecture.sizes[layer + 1]
    softmax = record.has_jacobian(layer)
    if not (last and record.fused and softmax):
        shares = sum(term_counts(record, layer, time))
        yield Group(Phase.BACKWARD, Kind.DE_DA, layer=layer, time=time, units=units, terms=shares if shares > 1 else 0)
        if not softmax:
            yield Group(Phase.BACKWARD, Kind.SLOPE, layer=layer, time=time, units=units)
    # The delta of a softmax unit has one term per output of the layer: a row of the Jacobian.
    outputs = units if softmax and units > 1 else 0
    yield Group(Phase.BACKWARD, Kind.DELTA, layer=layer, time=time, units=units, terms=outputs)


def _input_gradients(record: PassRecord, time: int) -> Iterator[Group]:
    inputs, units = record.architecture.sizes[:2]
    if record.is_reached(0, time):
        terms = units if units > 1 else 0
        yield Group(Phase.BACKWARD, Kind.DE_DX, layer=None, time=time, units=inputs, terms=terms)


def _gradients(record: PassRecord, layer: int, chain_rule: bool) -> Iterator[Group]:
    units, sources = record.architecture.sizes[layer + 1], record.architecture.sizes[layer]
    count = contribution_count(record, layer)
    terms = count if count > 1 else 0
    if chain_rule:
        for time in range(record.time_steps):
            yield Group(Phase.BACKWARD, Kind.DZ_DW, layer=layer, time=time, units=1, sources=sources)
    yield Group(Phase.BACKWARD, Kind.DW, layer=layer, time=0, units=units, sources=sources, terms=terms, matrix=True)
    if chain_rule:
        yield Group(Phase.BACKWARD, Kind.DZ_DB, layer=layer, time=0, units=1)
    yield Group(Phase.BACKWARD, Kind.DB, layer=layer, time=0, units=units, terms=terms)
    if record.architecture.layers[layer].recurrent:
        yield Group(
            Phase.BACKWARD, Kind.DW_H, layer=layer, time=0, units=units, sources=units, terms=terms, matrix=True
        )
        yield Group(Phase.BACKWARD, Kind.DB_H, layer=layer, time=0, units=units, terms=terms)


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
        kinds = PARAMETER_KINDS[name]
        shape = record.architecture.shape(name, layer)
        assert shape is not None
        yield Group(
            Phase.UPDATE,
            kinds.new,
            layer=layer,
            time=0,
            units=shape[-1],
            sources=shape[0] if kinds.is_matrix else 1,
            terms=len(update_terms(record, name, layer)),
            matrix=kinds.is_matrix,
        )
