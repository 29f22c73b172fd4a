"""The uses of a number: the steps that have it as an operand, found by arithmetic on the shape of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.record import PassRecord
from nnviz.tracing.provenance import (
    delta_is_difference,
    is_fused_softmax,
    is_saturated,
    is_softmax,
    slope_operand,
)
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, ParameterKinds, Quantity
from nnviz.tracing.trace import Trace

Feeds = Iterator[Quantity]
# The kind of the number that a term is a part of, by the term's kind.
_TOTALS: dict[Kind, Kind] = {
    Kind.PRODUCT: Kind.Z,
    Kind.BIAS_TERM: Kind.Z,
    Kind.PRODUCT_H: Kind.Z,
    Kind.BIAS_H_TERM: Kind.Z,
    Kind.EXPONENTIAL: Kind.A,
    Kind.EXPONENTIAL_SUM: Kind.A,
    Kind.DE_DA_LOSS_TERM: Kind.DE_DA,
    Kind.DE_DA_TERM: Kind.DE_DA,
    Kind.DE_DA_LATER_TERM: Kind.DE_DA,
    Kind.DELTA_TERM: Kind.DELTA,
    **{kinds.gradient_term: kinds.gradient for kinds in PARAMETER_KINDS.values()},
}

# The kinds of which other examples of the batch also enter the gradients.
_INTO_GRADIENTS = (Kind.INPUT, Kind.A, Kind.STATE, Kind.DELTA)


def total_of(term: Quantity) -> Quantity | None:
    """Return the number that a term is a part of; None for a number that is no term. A memory vector is a term."""
    if term.kind is Kind.MOVING:
        return Quantity(PARAMETER_KINDS[term.of].new, term.layer, term.unit, term.source)
    kind = _TOTALS.get(term.kind)
    if kind is None:
        return None
    of = PARAMETER_OF.get(kind)
    source = term.source if of is not None and of.is_matrix else None
    return Quantity(kind, term.layer, term.unit, source, 0 if of is not None else term.time)


@lru_cache(maxsize=4)
def feeds(trace: Trace, quantity: Quantity) -> tuple[Quantity, ...]:
    """Return every number computed by steps of grain neuron that has this one as an operand, in the order of layers.

    Memory vectors of the optimizer are included, although they are terms; a term feeds the number that it is a part of.
    """
    total = total_of(quantity)
    if total is not None and quantity.kind is not Kind.MOVING:
        return (total,)
    if quantity.example == trace.record.row:
        quantity = replace(quantity, example=None)
    if quantity.example is not None and quantity.kind not in _INTO_GRADIENTS:
        return ()  # its pass has no steps; it only enters the gradients
    rule = _RULES.get(quantity.kind)
    if rule is None:
        return ()
    return tuple(part for part in rule(trace.record, quantity) if _is_step(trace, part))


def _is_step(trace: Trace, quantity: Quantity) -> bool:
    return quantity.kind is Kind.MOVING or trace.find(quantity) is not None


def _units(record: PassRecord, layer: int) -> range:
    return range(record.architecture.sizes[layer + 1])


def _is_last(record: PassRecord, layer: int) -> bool:
    return layer == record.architecture.depth - 1


def _uses_jacobian(record: PassRecord, layer: int) -> bool:
    """Return whether each delta of a softmax layer depends on every dE/da of the layer."""
    return is_softmax(record, layer) and not is_fused_softmax(record, layer)


def _uses_of_input(record: PassRecord, layer: int, source: int, time: int, stepped: bool) -> Feeds:
    """Yield the uses of one number that enters a layer."""
    units = record.architecture.units_of(layer, source)
    if stepped:
        yield from (Quantity(Kind.Z, layer, unit, None, time) for unit in units)
        yield Quantity(Kind.DZ_DW, layer, None, source, time)
    yield from (Quantity(Kind.DW, layer, unit, source) for unit in units)


def _uses_of_state(record: PassRecord, layer: int, source: int, time: int, stepped: bool) -> Feeds:
    """Yield the uses of one number that enters a recurrent layer from its previous state."""
    if stepped:
        yield from (Quantity(Kind.Z, layer, unit, None, time) for unit in _units(record, layer))
    yield from (Quantity(Kind.DW_H, layer, unit, source) for unit in _units(record, layer))


def _input(record: PassRecord, q: Quantity) -> Feeds:
    assert q.unit is not None
    yield from _uses_of_input(record, 0, q.unit, q.time, q.example is None)


def _state(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    assert q.unit is not None
    yield from _uses_of_state(record, q.layer, q.unit, 0, q.example is None)


def _a(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    assert q.unit is not None
    stepped = q.example is None
    if not _is_last(record, q.layer):
        yield from _uses_of_input(record, q.layer + 1, q.unit, q.time, stepped)
    if record.architecture.layers[q.layer].recurrent and q.time + 1 < record.time_steps:
        yield from _uses_of_state(record, q.layer, q.unit, q.time + 1, stepped)
    if not stepped:
        return
    if _is_last(record, q.layer):
        yield Quantity(Kind.ERROR, None, q.unit, None, q.time)
        yield Quantity(Kind.DE_DA, q.layer, q.unit, None, q.time)
    yield from _as_slope_argument(record, q)


def _z(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    shared = not ACTIVATIONS[record.architecture.layers[q.layer].activation].elementwise
    yield from (
        Quantity(Kind.A, q.layer, unit, None, q.time) for unit in _units(record, q.layer) if shared or unit == q.unit
    )
    if _is_last(record, q.layer):
        every = is_softmax(record, q.layer)
        for unit in _units(record, q.layer):
            error = Quantity(Kind.ERROR, None, unit, None, q.time)
            if (every or unit == q.unit) and is_saturated(record, error):
                yield error
    yield from _as_slope_argument(record, q)


def _as_slope_argument(record: PassRecord, q: Quantity) -> Feeds:
    """Yield the derivative of a unit, or its delta: for a fused output, a softmax, or a rounded output."""
    assert q.layer is not None
    by_difference = is_fused_softmax(record, q.layer) or delta_is_difference(record, q.layer)
    if q.kind is Kind.A and by_difference:
        yield Quantity(Kind.DELTA, q.layer, q.unit, None, q.time)
    if slope_operand(record, q.layer, q.unit, q.time) != q or is_fused_softmax(record, q.layer):
        return
    if _uses_jacobian(record, q.layer):
        yield from (Quantity(Kind.DELTA, q.layer, unit, None, q.time) for unit in _units(record, q.layer))
    else:
        yield Quantity(Kind.SLOPE, q.layer, q.unit, None, q.time)


def _target(record: PassRecord, q: Quantity) -> Feeds:
    last = record.architecture.depth - 1
    yield Quantity(Kind.ERROR, None, q.unit, None, q.time)
    yield Quantity(Kind.DE_DA, last, q.unit, None, q.time)
    every, own = is_fused_softmax(record, last), delta_is_difference(record, last)
    for unit in _units(record, last):
        if every or (own and unit == q.unit):
            yield Quantity(Kind.DELTA, last, unit, None, q.time)


def _error(record: PassRecord, q: Quantity) -> Feeds:
    yield Quantity(Kind.LOSS)


def _dE_da(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    every = _uses_jacobian(record, q.layer)
    for unit in _units(record, q.layer):
        if every or unit == q.unit:
            yield Quantity(Kind.DELTA, q.layer, unit, None, q.time)


def _slope(record: PassRecord, q: Quantity) -> Feeds:
    yield Quantity(Kind.DELTA, q.layer, q.unit, None, q.time)


def _delta(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    assert q.unit is not None
    if q.example is None and q.layer > 0:
        for unit in record.architecture.sources_of(q.layer, q.unit):
            yield Quantity(Kind.DE_DA, q.layer - 1, unit, None, q.time)
    if q.example is None and q.time > 0:
        for unit in _units(record, q.layer):
            yield from _uses_through_time(record, q.layer, unit, q.time - 1)
    for name in record.architecture.slots[q.layer]:
        kinds = PARAMETER_KINDS[name]
        for source in _sources(record, kinds, q.layer, q.unit):
            unit = q.unit if kinds.is_matrix else _bias_unit(record, q.layer, q.unit)
            yield Quantity(kinds.gradient, q.layer, unit, source)


def _sources(record: PassRecord, kinds: ParameterKinds, layer: int, unit: int) -> Iterable[int | None]:
    """Return the sources of a unit's weights of one sort; None alone for a bias."""
    if not kinds.is_matrix:
        return (None,)
    return _units(record, layer) if kinds.is_recurrent else record.architecture.sources_of(layer, unit)


def _bias_unit(record: PassRecord, layer: int, unit: int) -> int:
    return 0 if record.architecture.layers[layer].shares_bias else unit


def _uses_through_time(record: PassRecord, layer: int, unit: int, time: int) -> Feeds:
    """Yield the uses of the error term that reaches a unit from the next time step, if any does."""
    if record.has_later_terms(layer, time):
        yield Quantity(Kind.DE_DA, layer, unit, None, time)
        if delta_is_difference(record, layer):
            yield Quantity(Kind.DELTA, layer, unit, None, time)


def _parameter(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    is_shared = not kinds.is_matrix and record.architecture.layers[q.layer].shares_bias
    for time in range(record.time_steps):
        for unit in _units(record, q.layer) if is_shared else (q.unit,):
            yield Quantity(Kind.Z, q.layer, unit, None, time)
    if kinds.value is Kind.WEIGHT and record.convention.update != "sequential":
        yield from _backward_uses(record, q)
    if kinds.value is Kind.WEIGHT_H:
        assert q.source is not None
        for time in range(record.time_steps):
            yield from _uses_through_time(record, q.layer, q.source, time)
    yield Quantity(kinds.new, q.layer, q.unit, q.source)


def _backward_uses(record: PassRecord, q: Quantity) -> Feeds:
    """Yield the uses of a weight in back-propagation."""
    assert q.layer is not None
    if q.layer > 0:
        yield Quantity(Kind.DZ_DA, q.layer, q.unit, q.source)
        for time in range(record.time_steps):
            yield Quantity(Kind.DE_DA, q.layer - 1, q.source, None, time)


def _new_value(record: PassRecord, q: Quantity) -> Feeds:
    if q.kind is Kind.W_NEW and record.convention.update == "sequential":
        yield from _backward_uses(record, q)


def _gradient(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    for slot in range(len(record.memory)):
        yield Quantity(Kind.MOVING, q.layer, q.unit, q.source, slot=slot, of=kinds.name)
    if not is_frozen(record.convention, kinds.name, q.layer):
        yield Quantity(kinds.new, q.layer, q.unit, q.source)


def _memory(record: PassRecord, q: Quantity) -> Feeds:
    yield replace(q, kind=Kind.MOVING)


def _moving(record: PassRecord, q: Quantity) -> Feeds:
    assert q.layer is not None
    if not is_frozen(record.convention, q.of, q.layer):
        yield Quantity(PARAMETER_KINDS[q.of].new, q.layer, q.unit, q.source)


def _rate(record: PassRecord, q: Quantity) -> Feeds:
    """Yield the new value of every parameter that is not frozen."""
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            kinds, of_layer = PARAMETER_KINDS[name], record.architecture.layers[layer]
            if not is_frozen(record.convention, name, layer):
                for unit in range(of_layer.units if kinds.is_matrix else of_layer.biases):
                    for source in _sources(record, kinds, layer, unit):
                        yield Quantity(kinds.new, layer, unit, source)


_RULES: dict[Kind, Callable[[PassRecord, Quantity], Feeds]] = {
    Kind.INPUT: _input,
    Kind.STATE: _state,
    Kind.TARGET: _target,
    Kind.RATE: _rate,
    Kind.MEMORY: _memory,
    Kind.Z: _z,
    Kind.A: _a,
    Kind.ERROR: _error,
    Kind.DE_DA: _dE_da,
    Kind.SLOPE: _slope,
    Kind.DELTA: _delta,
    Kind.MOVING: _moving,
    **{kinds.value: _parameter for kinds in PARAMETER_KINDS.values()},
    **{kinds.gradient: _gradient for kinds in PARAMETER_KINDS.values()},
    **{kinds.new: _new_value for kinds in PARAMETER_KINDS.values()},
}
