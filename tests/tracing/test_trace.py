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
from nnviz.tracing import trace as trace_module
from nnviz.tracing.groups import groups_of
from nnviz.tracing.steps import Grain, Kind, Phase, Quantity, Step
from nnviz.tracing.trace import Trace, phase_at

# A told step: its phase and quantity; the terms before it are steps of their own.
Told = tuple[Phase, Quantity, list[Quantity]]


def connected(record: PassRecord, layer: int, unit: int) -> list[int]:
    """The sources of a unit: all but those whose connection is missing."""
    of = record.architecture.layers[layer]
    sources = range(record.architecture.sizes[layer])
    return [source for source in sources if source * of.units + unit not in of.missing]


def of_biases(record: PassRecord, layer: int) -> range:
    of = record.architecture.layers[layer]
    return range({True: of.units, False: 0, "shared": 1}[of.bias])


def forward_items(record: PassRecord) -> Iterator[list[Told]]:
    sizes = record.architecture.sizes
    for time in range(record.time_steps):
        for layer in range(record.architecture.depth):
            units = range(sizes[layer + 1])
            z = []
            for unit in units:
                has_bias = len(of_biases(record, layer)) > 0
                terms = [Quantity(Kind.PRODUCT, layer, unit, i, time) for i in connected(record, layer, unit)]
                terms += [Quantity(Kind.BIAS_TERM, layer, unit, time=time)] * has_bias
                if record.architecture.layers[layer].recurrent:
                    terms += [Quantity(Kind.PRODUCT_H, layer, unit, source, time) for source in units]
                    terms += [Quantity(Kind.BIAS_H_TERM, layer, unit, time=time)] * has_bias
                z.append((Phase.FORWARD, Quantity(Kind.Z, layer, unit, time=time), terms))
            yield z
            quotients = [(Quantity(Kind.A, layer, u, time=time), quotient_terms(record, layer, u, time)) for u in units]
            yield [(Phase.FORWARD, quantity, terms) for quantity, terms in quotients]
    for time in range(record.time_steps):
        yield [(Phase.ERROR, Quantity(Kind.ERROR, None, unit, time=time), []) for unit in range(sizes[-1])]
    yield [(Phase.ERROR, Quantity(Kind.LOSS), [])]


def quotient_terms(record: PassRecord, layer: int, unit: int, time: int) -> list[Quantity]:
    """What stands between the sums of a softmax layer and a unit's share: all exponentials, and their sum."""
    if record.architecture.layers[layer].activation != "softmax":
        return []
    units = range(record.architecture.sizes[layer + 1])
    exponentials = [Quantity(Kind.EXPONENTIAL, layer, unit, other, time) for other in units]
    return [*exponentials, Quantity(Kind.EXPONENTIAL_SUM, layer, unit, None, time)]


def shares(record: PassRecord, layer: int, unit: int, time: int) -> list[Quantity]:
    """What is added up in dE/da of a unit; a single share is no step of its own."""
    sizes = record.architecture.sizes
    last = layer == record.architecture.depth - 1
    found = [Quantity(Kind.DE_DA_LOSS_TERM, layer, unit, None, time)] if last else []
    following = range(0 if last else sizes[layer + 2])
    followed = [k for k in following if unit in connected(record, layer + 1, k)]
    found += [Quantity(Kind.DE_DA_TERM, layer, unit, k, time) for k in followed]
    loops = record.architecture.layers[layer].recurrent and record.convention.through_time == "full"
    if loops and time < record.time_steps - 1:
        found += [Quantity(Kind.DE_DA_LATER_TERM, layer, unit, k, time) for k in range(sizes[layer + 1])]
    return found if len(found) > 1 else []


def delta_items(record: PassRecord, layer: int, time: int) -> Iterator[list[Told]]:
    last = layer == record.architecture.depth - 1
    softmax = record.architecture.layers[layer].activation == "softmax"
    units = range(record.architecture.sizes[layer + 1])

    def vector(kind: Kind) -> list[Told]:
        return [(Phase.BACKWARD, Quantity(kind, layer, u, time=time), []) for u in units]

    if not (last and softmax and record.fused):
        yield [(phase, q, shares(record, layer, q.unit or 0, time)) for phase, q, _ in vector(Kind.DE_DA)]
        if not softmax:
            yield vector(Kind.SLOPE)
    rows = units if softmax and len(units) > 1 else range(0)
    yield [(p, q, [Quantity(Kind.DELTA_TERM, layer, q.unit, k, time) for k in rows]) for p, q, _ in vector(Kind.DELTA)]


def gradient_items(record: PassRecord, layer: int, chain_rule: bool) -> Iterator[list[Told]]:
    units, sources = range(record.architecture.sizes[layer + 1]), range(record.architecture.sizes[layer])
    places = [(time, e) for time in range(record.time_steps) for e in range(len(record.examples))]
    biases = of_biases(record, layer)
    shared: list[int | None] = [*units] if len(biases) == 1 < len(units) else [None]

    def told(kind: Kind, term: Kind, unit: int, source: int | None) -> Told:
        each = shared if kind in (Kind.DB, Kind.DB_H) else [source]
        terms = [Quantity(term, layer, unit, one, time, e) for time, e in places for one in each]
        terms = terms if len(terms) > 1 else []
        return Phase.BACKWARD, Quantity(kind, layer, unit, source), terms

    if chain_rule:
        for time in range(record.time_steps):
            yield [(Phase.BACKWARD, Quantity(Kind.DZ_DW, layer, None, source, time), []) for source in sources]
    yield [told(Kind.DW, Kind.DW_TERM, u, s) for u in units for s in connected(record, layer, u)]
    if chain_rule and biases:
        yield [(Phase.BACKWARD, Quantity(Kind.DZ_DB, layer), [])]
    if biases:
        yield [told(Kind.DB, Kind.DB_TERM, u, None) for u in biases]
    if record.architecture.layers[layer].recurrent:
        yield [told(Kind.DW_H, Kind.DW_H_TERM, u, s) for u in units for s in units]
    if record.architecture.layers[layer].recurrent and biases:
        yield [told(Kind.DB_H, Kind.DB_H_TERM, u, None) for u in biases]


def carried_items(record: PassRecord, layer: int) -> list[Told]:
    units = range(record.architecture.sizes[layer + 1])
    return [(Phase.BACKWARD, Quantity(Kind.DZ_DA, layer, u, s), []) for u in units for s in connected(record, layer, u)]


def update_items(record: PassRecord, layer: int) -> Iterator[list[Told]]:
    slots = range(len(OPTIMIZERS[record.rule.optimizer].memory))
    units, biases = range(record.architecture.sizes[layer + 1]), of_biases(record, layer)

    def told(kind: Kind, name: str, unit: int, source: int | None) -> Told:
        terms = [Quantity(Kind.MOVING, layer, unit, source, slot=slot, of=name) for slot in slots]
        return Phase.UPDATE, Quantity(kind, layer, unit, source), terms

    yield [told(Kind.W_NEW, "W", u, s) for u in units for s in connected(record, layer, u)]
    if biases:
        yield [told(Kind.B_NEW, "b", u, None) for u in biases]
    if record.architecture.layers[layer].recurrent:
        yield [told(Kind.W_H_NEW, "W_h", u, s) for u in units for s in units]
    if record.architecture.layers[layer].recurrent and biases:
        yield [told(Kind.B_H_NEW, "b_h", u, None) for u in biases]


def all_items(record: PassRecord, chain_rule: bool) -> list[list[Told]]:
    """Every vector and matrix of a pass in the order told, item by item: what the arithmetic must agree with."""
    layers = range(record.architecture.depth)
    times = range(record.time_steps)[::-1]
    told = list(forward_items(record))

    def carried(layer: int) -> list[list[Told]]:
        return [carried_items(record, layer + 1)] if chain_rule and layer < layers[-1] else []

    if record.convention.update == "sequential":
        for layer in reversed(layers):
            told += carried(layer)
            for time in times:
                told += delta_items(record, layer, time)
            told += [*gradient_items(record, layer, chain_rule), *update_items(record, layer)]
        return told
    if len(times) > 1:
        for layer in reversed(layers):
            told += carried(layer)
        for time in times:
            for layer in reversed(layers):
                told += delta_items(record, layer, time)
    for layer in reversed(layers):
        told += [] if len(times) > 1 else [*carried(layer), *delta_items(record, layer, 0)]
        told += gradient_items(record, layer, chain_rule)
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


def cells_known(record: PassRecord, q: Quantity, count: int) -> int:
    """How many cells of a vector or matrix are known with `count` numbers: up to the next one that is not."""
    if q.layer is None or count == 0 or q.kind not in (Kind.DW, Kind.W_NEW, Kind.DZ_DA):
        return count
    sources, units = record.architecture.sizes[q.layer : q.layer + 2]
    cells = [u * sources + s for u in range(units) for s in connected(record, q.layer, u)]
    return [*cells, sources * units][count]


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
            count = sum(s.kind is q.kind and s.quantity.layer == q.layer and s.quantity.time == q.time for s in told)
            assert trace.known(q.kind, q.layer, position, q.time) == cells_known(record, q, count)
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
