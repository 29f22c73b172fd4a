"""The audit: every step is recomputed from its own operands, in plain Python arithmetic, and compared.

It shares no code with the engine, so that a mistake in either shows as a disagreement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import mul

from nnviz.engine.conventions import is_frozen
from nnviz.engine.optimizers import Rates
from nnviz.engine.record import PassRecord
from nnviz.tracing.groups import term_counts
from nnviz.tracing.provenance import Operand, operands, own_operands
from nnviz.tracing.steps import Grain, Kind, Quantity, Step
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Disagreement:
    """A step whose value is not what its operands give."""

    step: Step
    recorded: float
    recomputed: float


def audit(trace: Trace, steps: Iterable[Step] | None = None) -> tuple[Disagreement, ...]:
    """Recompute steps of grain neuron and term (by default all of grain term) and return those that disagree."""
    found = []
    for step in trace.at(Grain.TERM) if steps is None else steps:
        recorded = value_of(trace.record, step.quantity)
        assert isinstance(recorded, float)
        recomputed = recompute(trace, step)
        if not _agree(recorded, recomputed):
            found.append(Disagreement(step, recorded, recomputed))
    return tuple(found)


def recompute(trace: Trace, step: Step) -> float:
    """Return the value of a step of grain neuron or term, computed from its operands."""
    parts = operands(trace, step)
    return recompute_from(trace, step.quantity, parts, [operand.value for operand in parts])


def recompute_from(trace: Trace, quantity: Quantity, parts: Sequence[Operand], values: Sequence[float]) -> float:
    """Return a quantity computed from other values of its operands, ordered as in `operands_of`; else NaN."""
    try:
        return _RULES[quantity.kind](trace.record, quantity, parts, values)
    except (OverflowError, ValueError, ZeroDivisionError):
        return math.nan


def _agree(recorded: float, recomputed: float) -> bool:
    if not (math.isfinite(recorded) and math.isfinite(recomputed)):
        # Beyond the range of floats, plain arithmetic does not distinguish inf from nan.
        return not math.isfinite(recorded) and not math.isfinite(recomputed)
    return abs(recorded - recomputed) <= TOLERANCE * max(1.0, abs(recorded), abs(recomputed))


Rule = Callable[[PassRecord, Quantity, Sequence[Operand], Sequence[float]], float]


def _pairs(values: Sequence[float]) -> float:
    return math.fsum(map(mul, values[::2], values[1::2]))


def _logistic(v: float) -> float:
    return 1.0 / (1.0 + math.exp(-v)) if v >= 0 else math.exp(v) / (1.0 + math.exp(v))


def _normal_distribution(v: float) -> float:
    """Return the value of the standard normal distribution function at v."""
    return math.erfc(-v / math.sqrt(2)) / 2


# The audit's own rules, by name. The arguments of a softmax are the unit's z, then those of the others.
_ACTIVATIONS: dict[str, Callable[[Sequence[float], Sequence[float]], float]] = {
    "sigmoid": lambda v, constants: _logistic(constants[0] * v[0]),
    "tanh": lambda v, constants: math.tanh(constants[0] * v[0]),
    "relu": lambda v, constants: max(0.0, v[0]),
    "leaky_relu": lambda v, constants: v[0] if v[0] > 0 else constants[0] * v[0],
    "linear": lambda v, constants: v[0],
    "softplus": lambda v, constants: v[0] if v[0] > 20 else math.log1p(math.exp(v[0])),
    "elu": lambda v, constants: v[0] if v[0] > 0 else constants[0] * math.expm1(v[0]),
    "gelu": lambda v, constants: v[0] * _normal_distribution(v[0]),
    "silu": lambda v, constants: v[0] * _logistic(v[0]),
    "step": lambda v, constants: math.nan if math.isnan(v[0]) else float(v[0] >= 0),
    "sine": lambda v, constants: math.sin(constants[0] * v[0]),
    "bipolar_sigmoid": lambda v, constants: 2.0 * _logistic(constants[0] * v[0]) - 1.0,
    "softmax": lambda v, constants: 1.0 / math.fsum(math.exp(other - v[0]) for other in v),
}
# Functions of z and a, or of what the convention uses instead of them.
_SLOPES: dict[str, Callable[[float, float, Sequence[float]], float]] = {
    "sigmoid": lambda z, a, constants: constants[0] * a * (1 - a),
    "tanh": lambda z, a, constants: constants[0] * (1 - a * a),
    "step": lambda z, a, constants: 0.0,
    "sine": lambda z, a, constants: constants[0] * math.cos(constants[0] * z),
    "bipolar_sigmoid": lambda z, a, constants: constants[0] * (1 + a) * (1 - a) / 2,
    "relu": lambda z, a, constants: float(z > 0),
    "leaky_relu": lambda z, a, constants: 1.0 if z > 0 else constants[0],
    "linear": lambda z, a, constants: 1.0,
    "softplus": lambda z, a, constants: 1.0 if z > 20 else _logistic(z),
    "elu": lambda z, a, constants: 1.0 if z > 0 else constants[0] * math.exp(z),
    "gelu": lambda z, a, constants: _normal_distribution(z) + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    "silu": lambda z, a, constants: _logistic(z) + z * _logistic(z) * _logistic(-z),
}


def _activate(record: PassRecord, layer: int, v: Sequence[float]) -> float:
    constants = record.architecture.constants(layer)
    return _ACTIVATIONS[record.architecture.layers[layer].activation](v, constants)


def _a(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.layer is not None
    try:
        return _activate(record, q.layer, v)
    except OverflowError:
        return 0.0  # a softmax unit so far below another that its output is 0


def _quotient_or_activation(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    return v[0] / v[1] if parts[0].quantity.kind is Kind.EXPONENTIAL else _a(record, q, parts, v)


def _z(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.layer is not None
    # Products and bias; in a recurrent layer, also those of the previous state.
    own = own_operands(record, q)
    sums = [v[:own], v[own:]] if len(v) > own else [v]
    if not record.architecture.layers[q.layer].biases:
        return math.fsum(map(_pairs, sums))
    return math.fsum(_pairs(part[:-1]) + part[-1] for part in sums)


def _minus_log(t: float, y: float) -> float:
    return -t * math.log(y) if t else 0.0


def _ratio(t: float, y: float) -> float:
    return t / y if t else 0.0


def _cross_entropy(t: float, y: float, z: Sequence[float]) -> float:
    if t == 0 or not z:
        return _minus_log(t, y)
    highest = max(z)
    return t * (highest + math.log(math.fsum(math.exp(each - highest) for each in z)) - z[0])


def _binary_cross_entropy(t: float, y: float, z: Sequence[float]) -> float:
    if z:
        return max(z[0], 0.0) - t * z[0] + math.log1p(math.exp(-abs(z[0])))
    return _minus_log(t, y) + _minus_log(1 - t, 1 - y)


# Functions of target, output, number of outputs, and z if the output has rounded to 0 or 1.
_LOSSES: dict[str, Callable[[float, float, int, Sequence[float]], float]] = {
    "half_squared": lambda t, y, outputs, z: 0.5 * (t - y) ** 2,
    "squared": lambda t, y, outputs, z: (t - y) ** 2,
    "mean_squared": lambda t, y, outputs, z: (t - y) ** 2 / outputs,
    "cross_entropy": lambda t, y, outputs, z: _cross_entropy(t, y, z),
    "binary_cross_entropy": lambda t, y, outputs, z: _binary_cross_entropy(t, y, z),
    "absolute": lambda t, y, outputs, z: abs(t - y),
    "mean_absolute": lambda t, y, outputs, z: abs(t - y) / outputs,
    "hinge": lambda t, y, outputs, z: max(0.0, 1.0 - t * y),
    "mean_binary_cross_entropy": lambda t, y, outputs, z: _binary_cross_entropy(t, y, z) / outputs,
    "output": lambda t, y, outputs, z: y,
}
_LOSS_GRADIENTS: dict[str, Callable[[float, float, int], float]] = {
    "half_squared": lambda t, y, outputs: y - t,
    "squared": lambda t, y, outputs: 2.0 * (y - t),
    "mean_squared": lambda t, y, outputs: 2.0 / outputs * (y - t),
    "cross_entropy": lambda t, y, outputs: -_ratio(t, y),
    "binary_cross_entropy": lambda t, y, outputs: _ratio(1 - t, 1 - y) - _ratio(t, y),
    "absolute": lambda t, y, outputs: float((y > t) - (y < t)),
    "mean_absolute": lambda t, y, outputs: ((y > t) - (y < t)) / outputs,
    "hinge": lambda t, y, outputs: -t if t * y < 1.0 else 0.0,
    "mean_binary_cross_entropy": lambda t, y, outputs: (_ratio(1 - t, 1 - y) - _ratio(t, y)) / outputs,
    "output": lambda t, y, outputs: 1.0,
}


def _has_target(parts: Sequence[Operand]) -> bool:
    return bool(parts) and parts[0].quantity.kind is Kind.TARGET


def _seed(record: PassRecord, q: Quantity) -> float:
    """Return the number by which the error of an output is multiplied if the loss has no targets."""
    assert q.unit is not None
    seeds = record.architecture.seed_gradient
    return seeds[q.unit] if seeds else 1.0


def _error(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    rule, outputs = _LOSSES[record.architecture.loss], record.architecture.sizes[-1]
    if not _has_target(parts):
        return _seed(record, q) * rule(math.nan, v[0], outputs, ())
    return rule(v[0], v[1], outputs, v[2:])


def _output_gradient(record: PassRecord, t: float, y: float) -> float:
    return _LOSS_GRADIENTS[record.architecture.loss](t, y, record.architecture.sizes[-1])


def _from_loss(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    if _has_target(parts):
        return _output_gradient(record, v[0], v[1])
    return _seed(record, q) * _output_gradient(record, math.nan, math.nan)


def _dE_da(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.layer is not None
    if not term_counts(record, q.layer, q.time, q.unit or 0)[0]:
        return _pairs(v)
    return _from_loss(record, q, parts, v) + _pairs(v[2:] if _has_target(parts) else v)


def _slope(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.layer is not None
    if not v:  # it is left out
        return 1.0
    # The operand replaces z or a, whichever the formula contains; a may be replaced by f(a).
    argument = _activate(record, q.layer, v) if record.convention.slope == "derivative_of_a" else v[0]
    slope = _SLOPES[record.architecture.layers[q.layer].activation]
    return slope(v[0], argument, record.architecture.constants(q.layer))


def _through_output(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    own = float(q.unit == q.source)
    if parts[0].quantity.kind is Kind.TARGET:
        return -v[0] * (own - v[1])
    carried, at_source, at_unit, *all_a = v
    if all_a:
        assert q.layer is not None
        assert q.unit is not None
        assert q.source is not None
        at_source, at_unit = (
            _activate(record, q.layer, [a, *all_a[:i], *all_a[i + 1 :]])
            for i, a in ((q.source, at_source), (q.unit, at_unit))
        )
    return carried * at_source * (own - at_unit)


def _delta(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.layer is not None
    if parts[0].quantity.kind is Kind.DELTA_TERM:
        return math.fsum(v)
    if not record.has_jacobian(q.layer):
        # With a saturated output, dE/da may be infinite; y - t is then the same derivative. The slope times the term
        # from the next time step is added.
        product = v[0] * v[1]
        return product if math.isfinite(product) or len(v) == 2 else v[2] - v[3] + v[1] * _pairs(v[4:])
    if parts[0].quantity.kind is Kind.A:
        return v[0] * math.fsum(v[1:]) - v[1]
    gradients, outputs = v[0::2], list(v[1::2])
    if record.convention.slope == "derivative_of_a":
        outputs = [_activate(record, q.layer, [y, *outputs[:i], *outputs[i + 1 :]]) for i, y in enumerate(outputs)]
    shared = math.fsum(g * y for g, y in zip(gradients, outputs, strict=True))
    assert q.unit is not None
    return outputs[q.unit] * (gradients[q.unit] - shared)


def _reduced(record: PassRecord, total: float) -> float:
    return total / len(record.examples) if record.rule.reduce == "mean" else total


def _dW(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    return _reduced(record, _pairs(v))


def _db(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    return _reduced(record, math.fsum(v))


def _moving(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.layer is not None
    assert q.slot is not None
    old, g = v
    rates = record.rule.rates
    if is_frozen(record.convention, q.of, q.layer):
        return old
    return _MEMORIES[record.rule.optimizer][q.slot](old, g, rates, record.count)


def _clip(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    return min(1.0, record.rule.rates.clip / (v[0] + 1e-6))


def _penalty(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    rates, (w,) = record.rule.rates, v
    decay = rates.weight_decay or 0.0 if _DECAYS[record.rule.optimizer] is None else 0.0
    return decay * w + rates.l1 * ((w > 0) - (w < 0))


def _adjusted(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    scale = v[0] if parts[0].quantity.kind is Kind.CLIP else 1.0
    g, *penalty = v[1:] if parts[0].quantity.kind is Kind.CLIP else v
    return scale * g + math.fsum(penalty)


def _corrected(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    assert q.slot is not None
    rates = record.rule.rates
    return v[0] / (1 - (rates.beta1, rates.beta2)[q.slot] ** record.count)


def _mean(old: float, new: float, beta: float) -> float:
    return beta * old + (1 - beta) * new


Memory = Callable[[float, float, Rates, int], float]
_MOMENTS: tuple[Memory, ...] = (
    lambda old, g, rates, n: _mean(old, g, rates.beta1),
    lambda old, g, rates, n: _mean(old, g * g, rates.beta2),
)
# The new value of each memory vector, from the old value, the gradient, and the number of the update.
_MEMORIES: dict[str, tuple[Memory, ...]] = {
    "sgd": (),
    "momentum": (lambda old, g, rates, n: rates.momentum * old + (g if n == 1 else (1 - rates.dampening) * g),),
    "nesterov": (lambda old, g, rates, n: rates.momentum * old + g,),
    "rmsprop": (lambda old, g, rates, n: _mean(old, g * g, rates.alpha),),
    "adam": _MOMENTS,
    "adamw": _MOMENTS,
    "adagrad": (lambda old, g, rates, n: old + g * g,),
}


def _over_root(g: float, square: float, rates: Rates, eps: float = 1e-8) -> float:
    return g / (math.sqrt(square) + (eps if rates.eps is None else rates.eps))


# The step, which the learning rate multiplies: from the gradient and the new memory, corrected if the rule does so.
_STEPS: dict[str, Callable[[float, Sequence[float], Rates], float]] = {
    "sgd": lambda g, memory, rates: g,
    "momentum": lambda g, memory, rates: memory[0],
    "nesterov": lambda g, memory, rates: g + rates.momentum * memory[0],
    "rmsprop": lambda g, memory, rates: _over_root(g, memory[0], rates),
    "adam": lambda g, memory, rates: _over_root(memory[0], memory[1], rates),
    "adamw": lambda g, memory, rates: _over_root(memory[0], memory[1], rates),
    "adagrad": lambda g, memory, rates: _over_root(g, memory[0], rates, 1e-10),
}
# The factor of a parameter before its step, from the learning rate; None if weight decay is part of the gradient.
_DECAYS: dict[str, Callable[[float, Rates], float] | None] = {
    **dict.fromkeys(("sgd", "momentum", "nesterov", "rmsprop", "adam", "adagrad")),
    "adamw": lambda rate, rates: 1 - rate * (0.01 if rates.weight_decay is None else rates.weight_decay),
}


def _updated(record: PassRecord, q: Quantity, parts: Sequence[Operand], v: Sequence[float]) -> float:
    if len(v) == 1:
        return v[0]
    old, rate, g, *memory = v
    rates, optimizer = record.rule.rates, record.rule.optimizer
    change = rate * _STEPS[optimizer](g, memory, rates)
    if (decay := _DECAYS[optimizer]) is not None:
        old *= decay(rate, rates)
    return old - change if record.convention.step == "downhill" else old + change


_RULES: dict[Kind, Rule] = {
    Kind.PRODUCT: lambda record, q, parts, v: v[0] * v[1],
    Kind.BIAS_TERM: lambda record, q, parts, v: v[0],
    Kind.PRODUCT_H: lambda record, q, parts, v: v[0] * v[1],
    Kind.BIAS_H_TERM: lambda record, q, parts, v: v[0],
    Kind.Z: _z,
    Kind.EXPONENTIAL: lambda record, q, parts, v: math.exp(v[0] - v[1]),
    Kind.EXPONENTIAL_SUM: lambda record, q, parts, v: math.fsum(v),
    Kind.A: _quotient_or_activation,
    Kind.ERROR: _error,
    Kind.LOSS: lambda record, q, parts, v: math.fsum(v),
    Kind.DE_DA_LOSS_TERM: _from_loss,
    Kind.DE_DA_TERM: lambda record, q, parts, v: v[0] * v[1],
    Kind.DE_DA_LATER_TERM: lambda record, q, parts, v: v[0] * v[1],
    Kind.DE_DA: _dE_da,
    Kind.SLOPE: _slope,
    Kind.DELTA_TERM: _through_output,
    Kind.DELTA: _delta,
    Kind.DE_DX_TERM: lambda record, q, parts, v: v[0] * v[1],
    Kind.DE_DX: lambda record, q, parts, v: _pairs(v),
    Kind.DZ_DW: lambda record, q, parts, v: v[0],
    Kind.DZ_DB: lambda record, q, parts, v: 1.0,
    Kind.DZ_DA: lambda record, q, parts, v: v[0],
    Kind.DW_TERM: lambda record, q, parts, v: v[0] * v[1],
    Kind.DW: _dW,
    Kind.DB_TERM: lambda record, q, parts, v: v[0],
    Kind.DB: _db,
    Kind.DW_H_TERM: lambda record, q, parts, v: v[0] * v[1],
    Kind.DW_H: _dW,
    Kind.DB_H_TERM: lambda record, q, parts, v: v[0],
    Kind.DB_H: _db,
    Kind.NORM: lambda record, q, parts, v: math.sqrt(math.fsum(g * g for g in v)),
    Kind.CLIP: _clip,
    Kind.PENALTY: _penalty,
    Kind.ADJUSTED: _adjusted,
    Kind.MOVING: _moving,
    Kind.CORRECTED: _corrected,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
    Kind.W_H_NEW: _updated,
    Kind.B_H_NEW: _updated,
}
