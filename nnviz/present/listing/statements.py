"""The statements of a listing: NumPy code for each group of a trace, with the document's names."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.engine.conventions import is_frozen
from nnviz.present.listing.code import Code
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.rules.rule_names import memory_code
from nnviz.tracing.groups import Group
from nnviz.tracing.provenance import is_softmax, uses_logarithm_of_z
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity


def _z(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    of_layer = code.record.architecture.layers[layer]
    total = code.times_matrix(code.name(Kind.WEIGHT, layer), code.source(layer))
    past = code.times_matrix(code.name(Kind.WEIGHT_H, layer), code.name(Kind.A, layer, "k - 1"))
    if of_layer.biases:
        total, past = f"{total} + {code.name(Kind.BIAS, layer)}", f"({past} + {code.name(Kind.BIAS_H, layer)})"
    return [f"{code.name(Kind.Z, layer)} = {f'{total} + {past}' if of_layer.recurrent else total}"]


def layer_of(group: Group) -> int:
    assert group.layer is not None
    return group.layer


def _a(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    z, a = code.name(Kind.Z, layer), code.name(Kind.A, layer)
    if is_softmax(code.record, layer) and (e := code.name(Kind.EXPONENTIAL, layer)):
        along = "axis=-1, keepdims=True" if code.batch else ""
        return [f"{e} = np.exp({z} - {z}.max({along}))", f"{a} = {e} / {e}.sum({along})"]
    return [f"{a} = {code.function(layer, z)}"]


def _error(code: Code, group: Group) -> list[str]:
    if code.record.architecture.sizes[-1] == 1 and not code.is_recurrent:
        return []  # the error of a single output is the total, which the next line computes
    return [f"{code.name(Kind.ERROR)} = {_error_expression(code)}"]


def _error_expression(code: Code) -> str:
    architecture, last = code.record.architecture, code.record.architecture.depth - 1
    t, y = code.name(Kind.TARGET), code.name(Kind.A, last)
    # Computed from z if the engine does so, since y may have rounded to 0 or 1.
    z = code.name(Kind.Z, last) if uses_logarithm_of_z(code.record) else ""
    return LOSS_TEXTS[architecture.loss].error_code(t, y, z, architecture.sizes[-1], code.voice.shows_reward)


def _loss(code: Code, group: Group) -> list[str]:
    if code.is_recurrent:
        axes = "axis=(0, 2)" if code.batch else ""
        return [f"{code.name(Kind.LOSS)} = {code.voice.code(Quantity(Kind.ERROR))}.sum({axes})"]
    if code.record.architecture.sizes[-1] == 1:
        return [f"{code.name(Kind.LOSS)} = {_error_expression(code)}"]
    axis = "axis=-1" if code.batch else ""
    return [f"{code.name(Kind.LOSS)} = {code.name(Kind.ERROR)}.sum({axis})"]


def _delta(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    name, dE_da, slope = code.name(Kind.DELTA, layer), code.name(Kind.DE_DA, layer), code.name(Kind.SLOPE, layer)
    if code.is_fused(layer):
        return [f"{name} = {_fused_delta(code, layer, slope)}"]
    if is_softmax(code.record, layer):
        return [f"{name} = softmax_pull_back({code.slope_argument(layer)}, {dE_da or code.dE_da(layer)})"]
    gradient = dE_da or _grouped(code.dE_da(layer))
    return [f"{name} = {gradient} * {slope or code.slope(layer)}"]


def _fused_delta(code: Code, layer: int, slope: str) -> str:
    """Return output minus target; in a recurrent layer, the term from the next time step is added."""
    softmax = is_softmax(code.record, layer)
    t, y = code.name(Kind.TARGET), code.name(Kind.A, layer)
    product = f"{y} * {t}.sum(axis=-1, keepdims=True)" if softmax and code.has_unnormalized_targets else y
    own = f"{t} - {product}" if code.voice.sign < 0 else f"{product} - {t}"
    recurrent = code.recurrent_term(layer)
    if not recurrent:
        return own
    through = f"softmax_pull_back({y}, {recurrent})" if softmax else f"({recurrent}) * {slope or code.slope(layer)}"
    return f"{own} + {through}"


def _grouped(expression: str) -> str:
    """Return an expression, in parentheses if it is not a product."""
    loose = any(sign in expression for sign in (" - ", " + ", " @ "))
    return f"({expression})" if loose else expression


def _factor(code: Code) -> str:
    return f"{code.name(Kind.RATE)} * " if code.voice.gradients_as_changes else ""


def _mean(code: Code) -> str:
    return f" / {len(code.record.examples)}" if code.batch and code.record.rule.reduce == "mean" else ""


def _of_weights(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    delta = code.name(Kind.DELTA, layer)
    source = code.name(Kind.A, layer, "k - 1") if group.kind is Kind.DW_H else code.source(layer)
    first, second = (delta, source) if code.voice.units_first else (source, delta)
    product = f"{first}.T @ {second}" if code.batch else f"np.outer({first}, {second})"
    mask = "" if group.cells is None else f"{code.voice.mask_code(layer)} * "
    product = _grouped(_over_time(code, product)) if mask else _over_time(code, product)
    return [f"{code.name(group.kind, layer)} = {mask}{_factor(code)}{product}{_mean(code)}"]


def _of_biases(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    delta = code.name(Kind.DELTA, layer)
    axes = "" if code.record.architecture.layers[layer].shares_bias else "axis=0"
    total = f"{delta}.sum({axes})" if code.batch or not axes else delta
    return [f"{code.name(group.kind, layer)} = {_factor(code)}{_over_time(code, total)}{_mean(code)}"]


def _over_time(code: Code, term: str) -> str:
    return f"sum({term} for k in range({code.record.time_steps}))" if code.is_recurrent else term


def _derivative(code: Code, group: Group) -> list[str]:
    name = code.name(group.kind, group.layer)
    return [f"{name} = {UNNAMED[group.kind](code, layer_of(group))}"] if name else []


def _updated(code: Code, group: Group) -> list[str]:
    kinds = PARAMETER_OF[group.kind]
    name, gradient = code.name(kinds.value, group.layer), code.name(kinds.gradient, group.layer)
    if is_frozen(code.record.convention, kinds.name, layer_of(group)):
        return [f"{name} = {name}  # frozen"]
    sign = code.voice.update_sign
    if code.voice.gradients_as_changes:
        return [f"{name} = {name} {sign} {gradient}"]
    rate, rule = code.name(Kind.RATE), code.record.rule
    row, depth = OPTIMIZER_TEXTS[rule.optimizer], code.record.architecture.depth
    memory = [
        f"{memory_code(code.voice.notation, rule.optimizer, at, depth)}_{name}" for at in range(len(row.memories))
    ]
    before = [
        f"{held} = {text.update(held, gradient, rule.rates)}" for held, text in zip(memory, row.memories, strict=True)
    ]
    decayed = name if row.decay_code is None else f"{row.decay_code(rate, rule.rates)} * {name}"
    return [*before, f"{name} = {decayed} {sign} {rate} * {row.code(gradient, memory, rule.rates, code.record.count)}"]


# The expressions of quantities for which a document may have no variable, by the group's layer.
UNNAMED: dict[Kind, Callable[[Code, int], str]] = {
    Kind.DE_DA: Code.dE_da,
    Kind.SLOPE: Code.slope,
    Kind.DZ_DW: Code.source,
    Kind.DZ_DB: lambda code, layer: "1",
    Kind.DZ_DA: lambda code, layer: code.name(Kind.WEIGHT, layer),
}
# The terms that the first statement of a group with two statements computes.
OPENED = {Kind.A: (Kind.EXPONENTIAL,)}

STATEMENTS: dict[Kind, Callable[[Code, Group], list[str]]] = {
    Kind.Z: _z,
    Kind.A: _a,
    Kind.ERROR: _error,
    Kind.LOSS: _loss,
    Kind.DE_DA: _derivative,
    Kind.SLOPE: _derivative,
    Kind.DELTA: _delta,
    Kind.DZ_DW: _derivative,
    Kind.DW: _of_weights,
    Kind.DZ_DB: _derivative,
    Kind.DB: _of_biases,
    Kind.DW_H: _of_weights,
    Kind.DB_H: _of_biases,
    Kind.DZ_DA: _derivative,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
    Kind.W_H_NEW: _updated,
    Kind.B_H_NEW: _updated,
}
