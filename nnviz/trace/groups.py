"""The groups of a pass: every vector or matrix that becomes known, in order, with its size; no step is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.record import PassRecord
from nnviz.trace.steps import Kind, Phase


@dataclass(frozen=True, slots=True)
class Group:
    """A step of grain layer: `units` times `sources` items, and before each item its `terms`.

    A vector has `sources` = 1. Items go unit by unit, and within a unit source by source.
    """

    phase: Phase
    kind: Kind
    layer: int | None
    time: int
    units: int
    sources: int = 1
    terms: int = 0
    matrix: bool = False

    @property
    def items(self) -> int:
        """How many steps of grain neuron it has."""
        return self.units * self.sources

    @property
    def length(self) -> int:
        """How many steps of grain term it has."""
        return self.items * (self.terms + 1)


def groups_of(record: PassRecord, chain_rule: bool) -> tuple[Group, ...]:
    """The groups of a pass in the order in which they become known.

    With `chain_rule` the local derivatives dz/dW, dz/db and dz/da are told too (Koehn 5.7.4).
    """
    return (
        *_forward(record),
        *_error(record),
        *_backward_and_update(record, chain_rule),
    )


def _forward(record: PassRecord) -> Iterator[Group]:
    sizes = record.architecture.sizes
    for time in range(record.time_steps):
        for layer in range(record.architecture.depth):
            units = sizes[layer + 1]
            yield Group(Phase.FORWARD, Kind.Z, layer, time, units, terms=sizes[layer] + 1)
            # Of a softmax: every exponential of the layer, and their sum.
            shared = units + 1 if record.architecture.layers[layer].activation == "softmax" else 0
            yield Group(Phase.FORWARD, Kind.A, layer, time, units, terms=shared)


def _error(record: PassRecord) -> Iterator[Group]:
    for time in range(record.time_steps):
        yield Group(Phase.ERROR, Kind.ERROR, None, time, record.architecture.sizes[-1])
    yield Group(Phase.ERROR, Kind.LOSS, None, 0, 1)


def _backward_and_update(record: PassRecord, chain_rule: bool) -> Iterator[Group]:
    layers = range(record.architecture.depth)
    sequential = record.convention.update == "sequential"
    for layer in reversed(layers):
        yield from _backward(record, layer, chain_rule)
        if sequential:
            yield from _update(record, layer)
    if not sequential:
        for layer in layers:
            yield from _update(record, layer)


def _backward(record: PassRecord, layer: int, chain_rule: bool) -> Iterator[Group]:
    sizes = record.architecture.sizes
    last = layer == record.architecture.depth - 1
    units, sources = sizes[layer + 1], sizes[layer]
    examples = len(record.examples) * record.time_steps
    terms = examples if examples > 1 else 0
    softmax = record.architecture.layers[layer].activation == "softmax"
    if chain_rule and not last:
        # Told here and not with the layer behind, whose weights may have been changed since (sequential updates).
        yield Group(Phase.BACKWARD, Kind.DZ_DA, layer + 1, 0, sizes[layer + 2], units, matrix=True)
    for time in reversed(range(record.time_steps)):
        if not (last and record.fused and softmax):
            shares = 0 if last or sizes[layer + 2] == 1 else sizes[layer + 2]
            yield Group(Phase.BACKWARD, Kind.DE_DA, layer, time, units, terms=shares)
            if not softmax:
                yield Group(Phase.BACKWARD, Kind.SLOPE, layer, time, units)
        # Of a softmax: what comes back by way of each output of the layer, that is a row of the Jacobian.
        outputs = units if softmax and units > 1 else 0
        yield Group(Phase.BACKWARD, Kind.DELTA, layer, time, units, terms=outputs)
    if chain_rule:
        yield Group(Phase.BACKWARD, Kind.DZ_DW, layer, 0, 1, sources)
    yield Group(Phase.BACKWARD, Kind.DW, layer, 0, units, sources, terms, matrix=True)
    if chain_rule:
        yield Group(Phase.BACKWARD, Kind.DZ_DB, layer, 0, 1)
    yield Group(Phase.BACKWARD, Kind.DB, layer, 0, units, terms=terms)


def _update(record: PassRecord, layer: int) -> Iterator[Group]:
    sizes = record.architecture.sizes
    terms = len(OPTIMIZERS[record.rule.optimizer].memory)
    yield Group(Phase.UPDATE, Kind.W_NEW, layer, 0, sizes[layer + 1], sizes[layer], terms, matrix=True)
    yield Group(Phase.UPDATE, Kind.B_NEW, layer, 0, sizes[layer + 1], terms=terms)
