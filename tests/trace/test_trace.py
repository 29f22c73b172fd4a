"""Steps found by arithmetic against steps enumerated one by one."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import records

from nnviz.engine.conventions import Convention
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.optimizers import OPTIMIZERS, UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.trace import trace as trace_module
from nnviz.trace.groups import groups_of
from nnviz.trace.steps import Grain, Kind, Phase, Quantity, Step
from nnviz.trace.trace import Trace, phase_at

# A told step: its phase and quantity; the terms before it are steps of their own.
Told = tuple[Phase, Quantity, list[Quantity]]


def forward_items(record: PassRecord) -> Iterator[list[Told]]:
    sizes = record.architecture.sizes
    for layer in range(record.architecture.depth):
        z = []
        for unit in range(sizes[layer + 1]):
            products = [Quantity(Kind.PRODUCT, layer, unit, source) for source in range(sizes[layer])]
            terms = [*products, Quantity(Kind.BIAS_TERM, layer, unit)]
            z.append((Phase.FORWARD, Quantity(Kind.Z, layer, unit), terms))
        yield z
        units = range(sizes[layer + 1])
        yield [(Phase.FORWARD, Quantity(Kind.A, layer, unit), quotient_terms(record, layer, unit)) for unit in units]
    yield [(Phase.ERROR, Quantity(Kind.ERROR, None, unit), []) for unit in range(sizes[-1])]
    yield [(Phase.ERROR, Quantity(Kind.LOSS), [])]


def quotient_terms(record: PassRecord, layer: int, unit: int) -> list[Quantity]:
    """What stands between the sums of a softmax layer and a unit's share: all exponentials, and their sum."""
    if record.architecture.layers[layer].activation != "softmax":
        return []
    units = range(record.architecture.sizes[layer + 1])
    exponentials = [Quantity(Kind.EXPONENTIAL, layer, unit, other) for other in units]
    return [*exponentials, Quantity(Kind.EXPONENTIAL_SUM, layer, unit)]


def backward_items(record: PassRecord, layer: int, chain_rule: bool) -> Iterator[list[Told]]:
    sizes = record.architecture.sizes
    last = layer == record.architecture.depth - 1
    softmax = record.architecture.layers[layer].activation == "softmax"
    units, sources = range(sizes[layer + 1]), range(sizes[layer])
    examples = range(len(record.examples)) if len(record.examples) > 1 else range(0)

    def vector(kind: Kind, terms: Kind | None = None, count: range = range(0)) -> list[Told]:
        return [
            (Phase.BACKWARD, Quantity(kind, layer, u), [Quantity(terms, layer, u, k) for k in count] if terms else [])
            for u in units
        ]

    if not (last and softmax and record.fused):
        shares = range(0) if last or sizes[layer + 2] == 1 else range(sizes[layer + 2])
        yield vector(Kind.DE_DA, Kind.DE_DA_TERM, shares)
        if not softmax:
            yield vector(Kind.SLOPE)
    yield vector(Kind.DELTA, Kind.DELTA_TERM, units if softmax and len(units) > 1 else range(0))
    if chain_rule:
        yield [(Phase.BACKWARD, Quantity(Kind.DZ_DW, layer, None, source), []) for source in sources]
    yield [
        (
            Phase.BACKWARD,
            Quantity(Kind.DW, layer, u, s),
            [Quantity(Kind.DW_TERM, layer, u, s, example=e) for e in examples],
        )
        for u in units
        for s in sources
    ]
    if chain_rule:
        yield [(Phase.BACKWARD, Quantity(Kind.DZ_DB, layer), [])]
    yield [
        (Phase.BACKWARD, Quantity(Kind.DB, layer, u), [Quantity(Kind.DB_TERM, layer, u, example=e) for e in examples])
        for u in units
    ]


def carried_items(record: PassRecord, layer: int) -> list[Told]:
    units, sources = range(record.architecture.sizes[layer + 1]), range(record.architecture.sizes[layer])
    return [(Phase.BACKWARD, Quantity(Kind.DZ_DA, layer, u, s), []) for u in units for s in sources]


def update_items(record: PassRecord, layer: int) -> Iterator[list[Told]]:
    slots = range(len(OPTIMIZERS[record.rule.optimizer].memory))
    units, sources = range(record.architecture.sizes[layer + 1]), range(record.architecture.sizes[layer])
    yield [
        (
            Phase.UPDATE,
            Quantity(Kind.W_NEW, layer, u, s),
            [Quantity(Kind.MOVING, layer, u, s, slot=slot) for slot in slots],
        )
        for u in units
        for s in sources
    ]
    yield [
        (
            Phase.UPDATE,
            Quantity(Kind.B_NEW, layer, u),
            [Quantity(Kind.MOVING, layer, u, slot=slot, of_bias=True) for slot in slots],
        )
        for u in units
    ]


def all_items(record: PassRecord, chain_rule: bool) -> list[list[Told]]:
    """Every vector and matrix of a pass in the order told, item by item: what the arithmetic must agree with."""
    sequential = record.convention.update == "sequential"
    layers = range(record.architecture.depth)
    told = list(forward_items(record))
    for layer in reversed(layers):
        told += backward_items(record, layer, chain_rule)
        if sequential:
            told += update_items(record, layer)
        if chain_rule and layer > 0:
            told.append(carried_items(record, layer))
    if not sequential:
        for layer in layers:
            told += update_items(record, layer)
    return told


@settings(max_examples=100)
@given(records(), st.booleans())
def test_every_grain_tells_what_a_walk_tells(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    groups = all_items(record, chain_rule)
    items = [item for group in groups for item in group]
    terms = [(phase, q) for phase, quantity, parts in items for q in (*parts, quantity)]
    assert [(s.phase, s.quantity) for s in trace.at(Grain.TERM)] == terms
    assert [(s.phase, s.quantity) for s in trace.at(Grain.NEURON)] == [(phase, q) for phase, q, _ in items]
    assert [(s.phase, s.kind, s.quantity.layer) for s in trace.at(Grain.LAYER)] == [
        (group[0][0], group[0][1].kind, group[0][1].layer) for group in groups
    ]
    phases = [group[0][0] for group in groups]
    runs = [phases[0], *(b for a, b in pairwise(phases) if a != b)]
    assert [s.phase for s in trace.at(Grain.PASS)] == runs
    assert trace.end == len(terms)


@settings(max_examples=100)
@given(records(), st.booleans())
def test_steps_cover_the_trace_without_gaps(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    for grain in Grain:
        steps = list(trace.at(grain))
        assert [s.index for s in steps] == list(range(trace.length(grain)))
        assert all(s.grain is grain for s in steps)
        assert steps[0].start == 0
        assert steps[-1].end == trace.end
        assert all(a.end == b.start and a.start < a.end for a, b in pairwise(steps))
    for coarse, fine in pairwise(Grain):  # each coarser step ends where a finer one does, in the same phase
        finer = {s.end: s for s in trace.at(fine)}
        assert all(finer[s.end].phase is s.phase for s in trace.at(coarse))


def current_by_walking(steps: dict[Grain, list[Step]], grain: Grain, position: int) -> Step | None:
    for candidate in Grain:
        for s in steps[candidate]:
            if candidate >= grain and s.end == position:
                return s
    return None


@settings(max_examples=30)
@given(records(most_layers=2), st.booleans())
def test_questions_about_a_position_agree_with_a_walk(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    steps = {grain: list(trace.at(grain)) for grain in Grain}
    for position in range(trace.end + 1):
        for grain in Grain:
            assert trace.count(grain, position) == sum(s.end <= position for s in steps[grain])
            assert trace.current(grain, position) == current_by_walking(steps, grain, position)
            if position:
                (enclosing,) = (s for s in steps[grain] if s.start < position <= s.end)
                assert trace.enclosing(grain, position) == enclosing
        told = [s for s in steps[Grain.NEURON] if s.end <= position]
        for group in steps[Grain.LAYER]:
            q = group.quantity
            assert trace.known(q.kind, q.layer, position) == sum(
                s.kind is q.kind and s.quantity.layer == q.layer for s in told
            )
            assert trace.is_known(q, position) == (group.end <= position)
        assert phase_at(trace, position) is (trace.enclosing(Grain.TERM, position).phase if position else None)
    for s in steps[Grain.NEURON]:
        assert trace.find(s.quantity) == s.end
        assert trace.is_known(s.quantity, s.end)
        assert not trace.is_known(s.quantity, s.end - 1)


def small_trace(chain_rule: bool = False) -> Trace:
    network = make_network(Architecture(2, (Layer(2, "tanh"), Layer(1, "sigmoid")), "squared"), np.linspace(-1, 1, 9))
    x, t = np.array([[[1.0, 2.0]]]), np.array([[[1.0]]])
    return Trace(run_pass(network, x, t, Convention(), UpdateRule()), chain_rule)


def test_what_is_not_told_is_not_found():
    trace = small_trace()
    for quantity in (Quantity(Kind.INPUT, None, 0), Quantity(Kind.WEIGHT, 0, 0, 0), Quantity(Kind.DZ_DB, 0)):
        assert trace.find(quantity) is None
        assert not trace.is_known(quantity, trace.end)
    assert trace.known(Kind.DZ_DB, 0, trace.end) == 0
    assert small_trace(chain_rule=True).known(Kind.DZ_DB, 0, 10_000) == 1


def test_nothing_is_current_at_the_start():
    assert all(small_trace().current(grain, 0) is None for grain in Grain)


@pytest.mark.parametrize("grain", Grain)
def test_steps_are_a_sequence(grain: Grain):
    steps = small_trace().at(grain)
    everything = list(steps)
    assert len(steps) == len(everything)
    assert steps[-1] == everything[-1]
    assert steps[-len(steps)] == everything[0]
    assert steps[1:3] == everything[1:3]
    assert steps[::-1] == everything[::-1]
    assert steps[5:2] == []
    for outside in (len(steps), -len(steps) - 1):
        with pytest.raises(IndexError):
            steps[outside]


def test_sequential_updates_come_between_the_layers():
    record = replace(small_trace().record, convention=Convention(update="sequential"))
    phases = [s.phase.value for s in Trace(record).at(Grain.PASS)]
    assert phases == ["forward", "error", "backward", "update", "backward", "update"]


def test_a_hundred_thousand_weights_open_without_building_a_step(monkeypatch: pytest.MonkeyPatch):
    network = make_network(
        Architecture(784, (Layer(128, "relu"), Layer(10, "softmax")), "cross_entropy"), np.zeros(101_770)
    )
    record = run_pass(network, np.zeros((1, 1, 784)), np.eye(10)[np.newaxis, :1], Convention(), UpdateRule())
    made = []

    def counting(*args: object) -> Step:
        made.append(args)
        return Step(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(trace_module, "Step", counting)
    tracemalloc.start()
    trace = Trace(record, chain_rule=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made == []
    assert peak < 50_000  # bytes
    assert len(groups_of(record, chain_rule=True)) == trace.length(Grain.LAYER) < 30
    # z: 128 * (784 + 1) products and biases, their sums; and so on: more than three steps a weight
    assert trace.end > 300_000
    assert trace.at(Grain.TERM)[trace.end // 2].index == trace.end // 2
    assert len(made) == 1
