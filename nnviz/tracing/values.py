"""The value of any quantity of a pass, from its record: canonical orientation, true gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from nnviz.engine.activations import ACTIVATIONS, slope_argument
from nnviz.engine.arrays import FloatArray
from nnviz.engine.optimizers import OPTIMIZERS, clip_factor, gradient_norm, penalty
from nnviz.engine.passes import update_slots
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity, Value

# The `example` of a quantity of units that means every example of the batch.
EVERY_EXAMPLE = -1


def value_of(record: PassRecord, quantity: Quantity) -> Value:
    """Return a number or, if unit or source is None, a vector (units,) or matrix (inputs, units).

    Values of units are those of the stepped example, unless the quantity names another row. With the example
    `EVERY_EXAMPLE`, a whole vector is (examples, units), and the losses are (examples,).
    """
    with np.errstate(all="ignore"):  # products of NaN and infinity are shown as they are
        found = _LOOKUPS[quantity.kind](record, quantity)
    return float(found) if np.ndim(found) == 0 else np.asarray(found)


def values_of(record: PassRecord, quantities: Iterable[Quantity]) -> list[FloatArray]:
    """Return the arrays of many quantities, as `value_of` does for one; a number has no axes."""
    with np.errstate(all="ignore"):
        return [np.asarray(_LOOKUPS[quantity.kind](record, quantity)) for quantity in quantities]


def has_quantity(record: PassRecord, quantity: Quantity) -> bool:
    """Return whether a pass has a quantity; those of another network may not be there."""
    try:
        value_of(record, quantity)
    except (LookupError, TypeError, ValueError, AssertionError, AttributeError, StopIteration):
        return False
    return True


def _row(record: PassRecord, q: Quantity) -> int | slice:
    if q.example == EVERY_EXAMPLE:
        return slice(None)
    return record.row if q.example is None else q.example


def _pick(array: FloatArray, *indices: int | None) -> FloatArray:
    """Index axis by axis; None keeps an axis."""
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


def _parameter(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        assert q.layer is not None
        kinds = PARAMETER_OF[q.kind]
        held = getattr(record, name)
        array = held.part(kinds.name, q.layer)
        if kinds.is_matrix:
            return _pick(array, q.source, q.unit)
        is_shared = q.unit is not None and array.size == 1 < held.W[q.layer].shape[1]  # every unit has the only one
        return _pick(array, 0 if is_shared else q.unit)

    return lookup


def _entering(record: PassRecord, q: Quantity, is_recurrent: bool) -> FloatArray:
    """Return the value that enters a layer from a source: the previous layer, or its own previous state."""
    assert q.layer is not None
    row = _row(record, q)
    entering = record.previous_state(q.layer, q.time)[row] if is_recurrent else record.source(q.layer)[q.time, row]
    return _pick(entering, q.source)


def _product(record: PassRecord, q: Quantity) -> FloatArray:
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    weight = _pick(record.parameters.part(kinds.name, q.layer), q.source, q.unit)
    return weight * _entering(record, q, kinds.is_recurrent)


def _backpropagated_term(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the term of dE/da that comes back from unit `source` of the next layer."""
    assert q.layer is not None
    W, delta = record.weights_carried_back(q.layer + 1), record.delta[q.layer + 1]
    return _pick(W, q.unit, q.source) * _pick(delta[q.time, _row(record, q)], q.source)


def _input_gradient_term(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the term of dE/dx that comes back from unit `source` of the first layer."""
    delta = _pick(record.delta[0][q.time, _row(record, q)], q.source)
    return _pick(record.weights_carried_back(0), q.unit, q.source) * delta


def _exponential(record: PassRecord, q: Quantity) -> FloatArray:
    assert q.layer is not None
    parts = record.exponentials[q.layer]
    assert parts is not None
    if q.kind is Kind.EXPONENTIAL_SUM:
        return _pick(parts[1][q.time, _row(record, q)], 0)
    return _pick(parts[0][q.time, _row(record, q)], q.source)


def jacobian_argument(record: PassRecord, layer: int, time: int = 0, example: int | None = None) -> FloatArray:
    """Return the v (units,) of the Jacobian v_j (I_jk - v_k) of a softmax layer; with the exact slope v is a."""
    row = slice(record.row, record.row + 1) if example is None else slice(example, example + 1)
    z, a = record.z[layer][time, row], record.a[layer][time, row]
    with np.errstate(all="ignore"):
        activation = ACTIVATIONS[record.architecture.layers[layer].activation]
        _, found = slope_argument(activation, record.convention.slope, z, a, ())
    one: FloatArray = found[0]
    return one


def _through_output(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the term of a softmax unit's delta that comes back through output `source` of its layer."""
    assert q.layer is not None
    v, row = jacobian_argument(record, q.layer, q.time, q.example), _row(record, q)
    own = _pick((np.arange(v.size) == q.unit).astype(float), q.source)
    with np.errstate(all="ignore"):
        if q.layer == record.architecture.depth - 1 and record.fused:
            # The y of dE/dy = -t/y cancels with that of the Jacobian, which is right even if y is rounded to 0.
            product = -_pick(record.t[q.time, row], q.source)
        else:
            product = _pick(record.dE_da[q.layer][q.time, row], q.source) * _pick(v, q.source)
        return np.asarray(product * (own - v[q.unit]))


def _recurrent_term(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the term of dE/da that comes back from unit `source` of the same layer, one time step later."""
    assert q.layer is not None
    W_h, delta = record.parameters.part("W_h", q.layer), record.delta[q.layer]
    return _pick(W_h, q.unit, q.source) * _pick(delta[q.time + 1, _row(record, q)], q.source)


def _loss_share(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the derivative of the loss with respect to an output whose dE/da also has later terms."""
    assert q.layer is not None
    a, t = record.a[q.layer][q.time], record.t[q.time]
    gradient = np.zeros_like(a)
    with np.errstate(all="ignore"):
        record.architecture.measured_by.gradient(a, t, gradient)
    return _pick(gradient[_row(record, q)], q.unit)


def _state(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the hidden state of a recurrent layer before the first time step."""
    assert q.layer is not None
    return _pick(record.previous_state(q.layer, 0)[_row(record, q)], q.unit)


def _contribution(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the term of a gradient from one example at one time step."""
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    # A shared bias has the delta of each unit, which is then the source.
    of_shared = not kinds.is_matrix and record.architecture.layers[q.layer].shares_bias
    delta = _pick(record.delta[q.layer][q.time, _row(record, q)], q.source if of_shared else q.unit)
    return _entering(record, q, kinds.is_recurrent) * delta if kinds.is_matrix else delta


def _local_weight(record: PassRecord, q: Quantity) -> FloatArray:
    return _entering(record, q, is_recurrent=False)


def flat_index(record: PassRecord, q: Quantity) -> int:
    """Return the index of a quantity's parameter in the flat vector."""
    assert q.layer is not None
    assert q.unit is not None
    slot = record.architecture.slots[q.layer][q.of]
    if not PARAMETER_KINDS[q.of].is_matrix:
        return int(slot.start) + (0 if record.architecture.layers[q.layer].shares_bias else q.unit)
    return int(slot.start) + (q.source or 0) * record.architecture.sizes[q.layer + 1] + q.unit


def _entry(record: PassRecord, vector: FloatArray, q: Quantity) -> FloatArray:
    """Return the entry of a vector (P,) that belongs to a quantity's parameter, or all of its matrix or vector."""
    assert q.layer is not None
    shape = record.architecture.shape(q.of, q.layer)
    assert shape is not None
    array = vector[record.architecture.slots[q.layer][q.of]].reshape(shape)
    if PARAMETER_KINDS[q.of].is_matrix:
        return _pick(array, q.source, q.unit)
    return _pick(array, 0 if q.unit is not None and array.size == 1 else q.unit)  # every unit has the only one


def _memory(name: str) -> Callable[[PassRecord, Quantity], FloatArray]:
    def lookup(record: PassRecord, q: Quantity) -> FloatArray:
        assert q.slot is not None
        return _entry(record, getattr(record, name)[q.slot], q)

    return lookup


def _penalty(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the regularization's part of a gradient."""
    return penalty(_entry(record, record.parameters.vector, q), record.rule)


def _norm(record: PassRecord, q: Quantity) -> FloatArray:
    """Return the norm of the gradients that are clipped together: of one layer, or of all."""
    groups = update_slots(record.architecture, record.convention)
    slots = groups[q.layer] if q.layer is not None else [slot for group in groups for slot in group]
    return np.asarray(gradient_norm(record.gradients.vector, slots))


def _clip(record: PassRecord, q: Quantity) -> FloatArray:
    return np.asarray(clip_factor(float(_norm(record, q)), record.rule.rates))


def _corrected(record: PassRecord, q: Quantity) -> FloatArray:
    """Return a number of the optimizer's memory, corrected for its start from 0."""
    assert q.slot is not None
    beta = record.rule.rates.constant(OPTIMIZERS[record.rule.optimizer].corrections[q.slot])
    return _memory("memory_after")(record, q) / (1.0 - beta**record.count)


def _loss(record: PassRecord, q: Quantity) -> FloatArray:
    return np.asarray(record.loss[_row(record, q)])


def _constant(value: Callable[[PassRecord], FloatArray | float]) -> Callable[[PassRecord, Quantity], FloatArray]:
    return lambda record, q: np.asarray(value(record))


_LOOKUPS: dict[Kind, Callable[[PassRecord, Quantity], FloatArray]] = {
    Kind.INPUT: _whole("x"),
    Kind.TARGET: _whole("t"),
    Kind.WEIGHT: _parameter("parameters"),
    Kind.BIAS: _parameter("parameters"),
    Kind.WEIGHT_H: _parameter("parameters"),
    Kind.BIAS_H: _parameter("parameters"),
    Kind.STATE: _state,
    Kind.RATE: _constant(lambda record: record.rule.rates.learning_rate),
    Kind.MEMORY: _memory("memory"),
    Kind.PRODUCT: _product,
    Kind.BIAS_TERM: _parameter("parameters"),
    Kind.PRODUCT_H: _product,
    Kind.BIAS_H_TERM: _parameter("parameters"),
    Kind.Z: _layered("z"),
    Kind.EXPONENTIAL: _exponential,
    Kind.EXPONENTIAL_SUM: _exponential,
    Kind.A: _layered("a"),
    Kind.ERROR: _whole("error"),
    Kind.LOSS: _loss,
    Kind.DE_DA_LOSS_TERM: _loss_share,
    Kind.DE_DA_TERM: _backpropagated_term,
    Kind.DE_DA_LATER_TERM: _recurrent_term,
    Kind.DE_DA: _layered("dE_da"),
    Kind.SLOPE: _layered("slope"),
    Kind.DELTA_TERM: _through_output,
    Kind.DELTA: _layered("delta"),
    Kind.DE_DX_TERM: _input_gradient_term,
    Kind.DE_DX: _whole("dE_dx"),
    Kind.DZ_DW: _local_weight,
    Kind.DZ_DB: _constant(lambda record: 1.0),
    Kind.DZ_DA: lambda record, q: _pick(record.weights_carried_back(q.layer or 0), q.source, q.unit),
    Kind.DW_TERM: _contribution,
    Kind.DW: _parameter("gradients"),
    Kind.DB_TERM: _contribution,
    Kind.DB: _parameter("gradients"),
    Kind.DW_H_TERM: _contribution,
    Kind.DW_H: _parameter("gradients"),
    Kind.DB_H_TERM: _contribution,
    Kind.DB_H: _parameter("gradients"),
    Kind.NORM: _norm,
    Kind.CLIP: _clip,
    Kind.PENALTY: _penalty,
    Kind.ADJUSTED: lambda record, q: _entry(record, record.used.vector, q),
    Kind.MOVING: _memory("memory_after"),
    Kind.CORRECTED: _corrected,
    Kind.W_NEW: _parameter("updated"),
    Kind.B_NEW: _parameter("updated"),
    Kind.W_H_NEW: _parameter("updated"),
    Kind.B_H_NEW: _parameter("updated"),
    Kind.FORWARD_PASS: _constant(lambda record: record.a[-1][-1, record.row]),
    Kind.ERROR_PASS: _constant(lambda record: record.loss[record.row]),
    Kind.BACKWARD_PASS: _constant(lambda record: record.gradients.vector),
    Kind.UPDATE_PASS: _constant(lambda record: record.updated.vector),
}
