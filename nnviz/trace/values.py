"""The value of any quantity of a pass, looked up in its record, in canonical orientation and as true gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.record import PassRecord
from nnviz.trace.steps import Kind, Quantity, Value

# The `example` of a quantity of units that stands for every example of the batch at once.
EVERY = -1


def value_of(record: PassRecord, quantity: Quantity) -> Value:
    """A number; or, where unit or source is None, the vector (units,) or matrix (inputs, units).

    Values of units are those of the stepped example, unless the quantity names another row, or `EVERY` of them: then
    they are (examples, units), of a whole vector, and the losses (examples,).
    """
    found = _LOOKUPS[quantity.kind](record, quantity)
    return float(found) if np.ndim(found) == 0 else np.asarray(found)


def _row(record: PassRecord, q: Quantity) -> int | slice:
    if q.example == EVERY:
        return slice(None)
    return record.row if q.example is None else q.example


def _pick(array: FloatArray, *indices: int | None) -> FloatArray:
    """Index axis by axis; None keeps the axis."""
    picked: FloatArray = array[tuple(slice(None) if i is None else i for i in indices)]
    return picked


def _layered(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        assert q.layer is not None
        return _pick(getattr(record, name)[q.layer][q.time, _row(record, q)], q.unit)

    return lookup


def _whole(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        return _pick(getattr(record, name)[q.time, _row(record, q)], q.unit)

    return lookup


def _weight(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        assert q.layer is not None
        return _pick(getattr(record, name).W[q.layer], q.source, q.unit)

    return lookup


def _bias(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        assert q.layer is not None
        return _pick(getattr(record, name).b[q.layer], q.unit)

    return lookup


def _product(record: PassRecord, q: Quantity) -> FloatArray:
    assert q.layer is not None
    source = _pick(record.source(q.layer)[q.time, _row(record, q)], q.source)
    return _pick(record.parameters.W[q.layer], q.source, q.unit) * source


def _share(record: PassRecord, q: Quantity) -> FloatArray:
    """The part of dE/da that comes back from unit `source` of the next layer."""
    assert q.layer is not None
    W, delta = record.weights_carried_back(q.layer + 1), record.delta[q.layer + 1]
    return _pick(W, q.unit, q.source) * _pick(delta[q.time, _row(record, q)], q.source)


def _contribution(record: PassRecord, q: Quantity) -> FloatArray:
    """One example's part of a gradient."""
    assert q.layer is not None
    delta = _pick(record.delta[q.layer][q.time, _row(record, q)], q.unit)
    if q.kind is Kind.DB_TERM:
        return delta
    return _pick(record.source(q.layer)[q.time, _row(record, q)], q.source) * delta


def _local_weight(record: PassRecord, q: Quantity) -> FloatArray:
    assert q.layer is not None
    return _pick(record.source(q.layer)[q.time, _row(record, q)], q.source)


def flat_index(record: PassRecord, q: Quantity) -> int:
    """Where the parameter of a quantity stands in the flat vector."""
    assert q.layer is not None
    assert q.unit is not None
    slot = record.architecture.slots[q.layer][1 if q.of_bias else 0]
    return int(slot.start) + (
        q.unit if q.of_bias else (q.source or 0) * record.architecture.sizes[q.layer + 1] + q.unit
    )


def _memory(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        assert q.slot is not None
        vector: FloatArray = getattr(record, name)[q.slot]
        return vector[flat_index(record, q) :][:1].reshape(())

    return lookup


def _loss(record: PassRecord, q: Quantity) -> FloatArray:
    return np.asarray(record.loss[_row(record, q)])


def _constant(value: Callable[[PassRecord], FloatArray | float]) -> Callable[[PassRecord, Quantity], FloatArray]:
    return lambda record, q: np.asarray(value(record))


_LOOKUPS: dict[Kind, Callable[[PassRecord, Quantity], FloatArray]] = {
    Kind.INPUT: _whole("x"),
    Kind.TARGET: _whole("t"),
    Kind.WEIGHT: _weight("parameters"),
    Kind.BIAS: _bias("parameters"),
    Kind.RATE: _constant(lambda record: record.rule.rates.learning_rate),
    Kind.MEMORY: _memory("memory"),
    Kind.PRODUCT: _product,
    Kind.BIAS_TERM: _bias("parameters"),
    Kind.Z: _layered("z"),
    Kind.A: _layered("a"),
    Kind.ERROR: _whole("error"),
    Kind.LOSS: _loss,
    Kind.DE_DA_TERM: _share,
    Kind.DE_DA: _layered("dE_da"),
    Kind.SLOPE: _layered("slope"),
    Kind.DELTA: _layered("delta"),
    Kind.DZ_DW: _local_weight,
    Kind.DZ_DB: _constant(lambda record: 1.0),
    Kind.DZ_DA: lambda record, q: _pick(record.weights_carried_back(q.layer or 0), q.source, q.unit),
    Kind.DW_TERM: _contribution,
    Kind.DW: _weight("gradients"),
    Kind.DB_TERM: _contribution,
    Kind.DB: _bias("gradients"),
    Kind.MOVING: _memory("memory_after"),
    Kind.W_NEW: _weight("updated"),
    Kind.B_NEW: _bias("updated"),
    Kind.FORWARD_PASS: _constant(lambda record: record.a[-1][-1, record.row]),
    Kind.ERROR_PASS: _constant(lambda record: record.loss[record.row]),
    Kind.BACKWARD_PASS: _constant(lambda record: record.gradients.vector),
    Kind.UPDATE_PASS: _constant(lambda record: record.updated.vector),
}
