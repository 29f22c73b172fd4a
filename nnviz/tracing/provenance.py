"""The operands of each step: where each number came from, with values and the steps that computed them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.record import PassRecord
from nnviz.tracing.groups import contribution_at, contribution_count, term_counts
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Grain, Kind, ParameterKinds, Quantity, Step
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """One operand of a step: the quantity, and the trace in which its value and origin are looked up on demand."""

    quantity: Quantity
    trace: Trace

    @property
    def value(self) -> float:
        """The value in the record."""
        value = value_of(self.trace.record, self.quantity)
        assert isinstance(value, float)
        return value

    @property
    def origin(self) -> int | None:
        """The position at which the operand became known.

        None for given numbers (inputs, targets, parameters, rates, optimizer memory) and for those of another example
        of the batch.
        """
        return self.trace.find(self.quantity) if self.quantity.example is None else None


def operands(trace: Trace, step: Step) -> tuple[Operand, ...]:
    """Return the operands of a step of grain neuron or term, in the order of its formula.

    A step of a coarser grain has no operands: it is many formulas at once.
    """
    if step.grain < Grain.NEURON:
        return ()
    if step.grain is Grain.TERM and (terms := tuple(_own_terms(trace.record, step.quantity))):
        return tuple(Operand(part, trace) for part in terms)
    return operands_of(trace, step.quantity)


@lru_cache(maxsize=4)  # card, canvas and others read the same; a large batch has thousands
def operands_of(trace: Trace, quantity: Quantity) -> tuple[Operand, ...]:
    """Return the operands of one number that a pass computes, whether it is a step or not."""
    return tuple(Operand(part, trace) for part in _PARTS[quantity.kind](trace.record, quantity))


def _own_terms(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    """Yield the operands of a softmax unit's a or delta at grain term: the terms that precede it."""
    if q.layer is None or not is_softmax(record, q.layer):
        return
    units = record.architecture.sizes[q.layer + 1]
    if q.kind is Kind.A:
        yield Quantity(Kind.EXPONENTIAL, q.layer, q.unit, q.unit, q.time)
        yield Quantity(Kind.EXPONENTIAL_SUM, q.layer, q.unit, None, q.time)
    elif q.kind is Kind.DELTA and units > 1:
        for output in range(units):
            yield Quantity(Kind.DELTA_TERM, q.layer, q.unit, output, q.time)


def is_softmax(record: PassRecord, layer: int) -> bool:
    """Return whether a layer (from 0) is a softmax, in which every output depends on every z."""
    return not ACTIVATIONS[record.architecture.layers[layer].activation].elementwise


def is_fused_softmax(record: PassRecord, layer: int) -> bool:
    """Return whether a layer is a softmax output whose delta is y - t in one step."""
    return layer == record.architecture.depth - 1 and is_softmax(record, layer) and record.fused


def source_quantity(layer: int, source: int, time: int = 0, example: int | None = None) -> Quantity:
    """Return what enters a layer from one source: an input, or an activation of the previous layer."""
    if layer == 0:
        return Quantity(Kind.INPUT, None, source, None, time, example)
    return Quantity(Kind.A, layer - 1, source, None, time, example)


@lru_cache(maxsize=64)  # the same for every unit of a layer, which may have thousands of sources
def _sources(layer: int, count: int, time: int) -> tuple[Quantity, ...]:
    """Return everything that enters a layer at a time step, except its previous state."""
    return tuple(source_quantity(layer, source, time) for source in range(count))


def past_quantity(layer: int, source: int, time: int, example: int | None = None) -> Quantity:
    """Return what enters a recurrent layer from its past: its previous activation, or the initial state."""
    if time == 0:
        return Quantity(Kind.STATE, layer, source, None, 0, example)
    return Quantity(Kind.A, layer, source, None, time - 1, example)


def entering_quantity(kinds: ParameterKinds, q: Quantity, example: int | None = None) -> Quantity:
    """Return the factor of the weight that `q` (a matrix kind) belongs to, at its time step."""
    assert q.layer is not None
    assert q.source is not None
    enters = past_quantity if kinds.is_recurrent else source_quantity
    return enters(q.layer, q.source, q.time, example)


def _product(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    kinds = PARAMETER_OF[q.kind]
    yield Quantity(kinds.value, q.layer, q.unit, q.source)
    yield entering_quantity(kinds, q)


def _z(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    assert q.unit is not None
    of_layer, entering = (
        record.architecture.layers[q.layer],
        _sources(q.layer, record.architecture.sizes[q.layer], q.time),
    )
    for source in record.architecture.sources_of(q.layer, q.unit):
        yield Quantity(Kind.WEIGHT, q.layer, q.unit, source)
        yield entering[source]
    if of_layer.biases:
        yield bias_quantity(record, Kind.BIAS, q.layer, q.unit)
    if of_layer.recurrent:
        for source in range(of_layer.units):
            yield from _product(record, Quantity(Kind.PRODUCT_H, q.layer, q.unit, source, q.time))
    if of_layer.recurrent and of_layer.biases:
        yield bias_quantity(record, Kind.BIAS_H, q.layer, q.unit)


def bias_quantity(record: PassRecord, kind: Kind, layer: int, unit: int | None) -> Quantity:
    """Return the bias of a unit, or what else there is one of for each bias; a shared one is that of unit 0."""
    return Quantity(kind, layer, 0 if record.architecture.layers[layer].shares_bias else unit)


def own_operands(record: PassRecord, z: Quantity) -> int:
    """Return how many operands of a weighted sum are not of the past: two for each source, and the bias."""
    assert z.layer is not None
    assert z.unit is not None
    architecture = record.architecture
    return 2 * len(architecture.sources_of(z.layer, z.unit)) + bool(architecture.layers[z.layer].biases)


def _a(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    yield Quantity(Kind.Z, q.layer, q.unit, None, q.time)
    if not ACTIVATIONS[record.architecture.layers[q.layer].activation].elementwise:
        for unit in range(record.architecture.sizes[q.layer + 1]):
            if unit != q.unit:
                yield Quantity(Kind.Z, q.layer, unit, None, q.time)


def _exponential(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    yield Quantity(Kind.Z, q.layer, q.source, None, q.time)
    highest = int(np.argmax(record.z[q.layer][q.time, record.row]))
    yield Quantity(Kind.Z, q.layer, highest, None, q.time)


def _exponential_sum(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    for unit in range(record.architecture.sizes[q.layer + 1]):
        yield Quantity(Kind.EXPONENTIAL, q.layer, q.unit, unit, q.time)


def _target_and_output(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    yield Quantity(Kind.TARGET, None, q.unit, None, q.time)
    yield Quantity(Kind.A, record.architecture.depth - 1, q.unit, None, q.time)


def is_saturated(record: PassRecord, q: Quantity) -> bool:
    """Return whether an error is computed from z because the output has rounded to 0 or 1 (fused losses)."""
    output = value_of(record, Quantity(Kind.A, record.architecture.depth - 1, q.unit, None, q.time))
    return uses_logarithm_of_z(record) and not 1e-3 <= float(output) <= 1 - 1e-3


def uses_logarithm_of_z(record: PassRecord) -> bool:
    """Return whether the loss is computed from z: cross entropy after softmax, binary cross entropy after sigmoid."""
    return record.architecture.is_fusible


def delta_is_difference(record: PassRecord, layer: int) -> bool:
    """Return whether an output's delta is also y - t, which is valid if the output has rounded to 0 or 1."""
    by_difference = layer == record.architecture.depth - 1 and not is_softmax(record, layer)
    return by_difference and uses_logarithm_of_z(record) and record.convention.slope == "exact"


def _error(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    yield from _target_and_output(record, q)
    if is_saturated(record, q):
        last = record.architecture.depth - 1
        yield Quantity(Kind.Z, last, q.unit, None, q.time)
        if is_softmax(record, last):
            for unit in range(record.architecture.sizes[-1]):
                if unit != q.unit:
                    yield Quantity(Kind.Z, last, unit, None, q.time)


def _loss(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    for time in range(record.time_steps):
        for unit in range(record.architecture.sizes[-1]):
            yield Quantity(Kind.ERROR, None, unit, None, time)


def _backpropagated_term(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    carried = Kind.W_NEW if record.convention.update == "sequential" else Kind.WEIGHT
    yield Quantity(carried, q.layer + 1, q.source, q.unit)
    yield Quantity(Kind.DELTA, q.layer + 1, q.source, None, q.time)


def _recurrent_term(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    yield Quantity(Kind.WEIGHT_H, q.layer, q.source, q.unit)
    yield Quantity(Kind.DELTA, q.layer, q.source, None, q.time + 1)


def _dE_da(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    assert q.unit is not None
    loss, next_layer, later = term_counts(record, q.layer, q.time, q.unit)
    if loss:
        yield from _target_and_output(record, q)
    for unit in record.architecture.units_of(q.layer + 1, q.unit) if next_layer else ():
        yield from _backpropagated_term(record, Quantity(Kind.DE_DA_TERM, q.layer, q.unit, unit, q.time))
    for unit in range(later):
        yield from _recurrent_term(record, Quantity(Kind.DE_DA_LATER_TERM, q.layer, q.unit, unit, q.time))


def slope_operand(record: PassRecord, layer: int, unit: int | None, time: int = 0) -> Quantity:
    """Return the argument of a unit's derivative under the present convention: weighted sum or activation."""
    by_z = ACTIVATIONS[record.architecture.layers[layer].activation].by_z
    return Quantity(_SLOPE_OPERANDS[record.convention.slope, by_z], layer, unit, None, time)


# The argument of the formula, or of f in it, by convention and by whether the slope is a formula in z.
_SLOPE_OPERANDS = {
    ("exact", True): Kind.Z,
    ("exact", False): Kind.A,
    ("product_of_z", True): Kind.Z,
    ("product_of_z", False): Kind.Z,
    ("derivative_of_a", True): Kind.A,
    ("derivative_of_a", False): Kind.A,
}


def _slope(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    yield slope_operand(record, q.layer, q.unit, q.time)


def _delta(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    units = range(record.architecture.sizes[q.layer + 1])
    if is_fused_softmax(record, q.layer):
        yield Quantity(Kind.A, q.layer, q.unit, None, q.time)
        yield Quantity(Kind.TARGET, None, q.unit, None, q.time)
        yield from (Quantity(Kind.TARGET, None, unit, None, q.time) for unit in units if unit != q.unit)
    elif is_softmax(record, q.layer):
        for unit in units:
            yield Quantity(Kind.DE_DA, q.layer, unit, None, q.time)
            yield slope_operand(record, q.layer, unit, q.time)
    else:
        yield Quantity(Kind.DE_DA, q.layer, q.unit, None, q.time)
        yield Quantity(Kind.SLOPE, q.layer, q.unit, None, q.time)
        if delta_is_difference(record, q.layer):
            yield Quantity(Kind.A, q.layer, q.unit, None, q.time)
            yield Quantity(Kind.TARGET, None, q.unit, None, q.time)
            for unit in units if record.has_later_terms(q.layer, q.time) else ():
                yield from _recurrent_term(record, Quantity(Kind.DE_DA_LATER_TERM, q.layer, q.unit, unit, q.time))


def _through_output(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    if is_fused_softmax(record, q.layer):
        yield Quantity(Kind.TARGET, None, q.source, None, q.time)
        yield Quantity(Kind.A, q.layer, q.unit, None, q.time)
        return
    yield Quantity(Kind.DE_DA, q.layer, q.source, None, q.time)
    yield slope_operand(record, q.layer, q.source, q.time)
    yield slope_operand(record, q.layer, q.unit, q.time)
    if record.convention.slope == "derivative_of_a":  # f(a) of one unit depends on every a
        for unit in range(record.architecture.sizes[q.layer + 1]):
            yield slope_operand(record, q.layer, unit, q.time)


def _contribution(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    example = None if q.example == record.row else q.example
    of_shared = q.source is not None and not kinds.is_matrix  # the delta of one of the units of a shared bias
    yield Quantity(Kind.DELTA, q.layer, q.source if of_shared else q.unit, None, q.time, example)
    if kinds.is_matrix:
        yield entering_quantity(kinds, q, example)


def contributions(record: PassRecord, q: Quantity, places: Iterable[int] | None = None) -> Iterator[Quantity]:
    """Return the terms of a gradient by time step and example: all, or those at `places`."""
    if places is None:
        places = range(contribution_count(record, q))
    return (contribution_at(record, q, place) for place in places)


def _gradient(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    for term in contributions(record, q):
        yield from _contribution(record, term)


def _moving(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    yield Quantity(Kind.MEMORY, q.layer, q.unit, q.source, slot=q.slot, of=q.of)
    yield Quantity(PARAMETER_KINDS[q.of].gradient, q.layer, q.unit, q.source)


def _updated(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    yield Quantity(kinds.value, q.layer, q.unit, q.source)
    if is_frozen(record.convention, kinds.name, q.layer):
        return
    yield Quantity(Kind.RATE)
    yield Quantity(kinds.gradient, q.layer, q.unit, q.source)
    for slot in range(len(record.memory)):
        yield Quantity(Kind.MOVING, q.layer, q.unit, q.source, slot=slot, of=kinds.name)


def _local_weight(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    assert q.source is not None
    yield source_quantity(q.layer, q.source, q.time)


def _carried_weight(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    carried = Kind.W_NEW if record.convention.update == "sequential" else Kind.WEIGHT
    yield Quantity(carried, q.layer, q.unit, q.source)


def _bias(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    assert q.layer is not None
    yield bias_quantity(record, PARAMETER_OF[q.kind].value, q.layer, q.unit)


def _nothing(record: PassRecord, q: Quantity) -> Iterator[Quantity]:
    return iter(())


_PARTS: dict[Kind, Callable[[PassRecord, Quantity], Iterator[Quantity]]] = {
    Kind.PRODUCT: _product,
    Kind.BIAS_TERM: _bias,
    Kind.PRODUCT_H: _product,
    Kind.BIAS_H_TERM: _bias,
    Kind.Z: _z,
    Kind.EXPONENTIAL: _exponential,
    Kind.EXPONENTIAL_SUM: _exponential_sum,
    Kind.A: _a,
    Kind.ERROR: _error,
    Kind.LOSS: _loss,
    Kind.DE_DA_LOSS_TERM: _target_and_output,
    Kind.DE_DA_TERM: _backpropagated_term,
    Kind.DE_DA_LATER_TERM: _recurrent_term,
    Kind.DE_DA: _dE_da,
    Kind.SLOPE: _slope,
    Kind.DELTA_TERM: _through_output,
    Kind.DELTA: _delta,
    Kind.DZ_DW: _local_weight,
    Kind.DZ_DB: _nothing,
    Kind.DZ_DA: _carried_weight,
    Kind.DW_TERM: _contribution,
    Kind.DW: _gradient,
    Kind.DB_TERM: _contribution,
    Kind.DB: _gradient,
    Kind.DW_H_TERM: _contribution,
    Kind.DW_H: _gradient,
    Kind.DB_H_TERM: _contribution,
    Kind.DB_H: _gradient,
    Kind.MOVING: _moving,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
    Kind.W_H_NEW: _updated,
    Kind.B_H_NEW: _updated,
}
