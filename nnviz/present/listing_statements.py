"""The statements of a listing: what computes each group of a trace, as NumPy in the document's names."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.engine.conventions import is_frozen
from nnviz.present.listing_code import Code
from nnviz.trace.groups import Group
from nnviz.trace.provenance import uses_logarithm_of_z
from nnviz.trace.steps import PARAMETER_OF, Kind, Quantity


def _z(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    total = f"{code.sent_on(code.name(Kind.WEIGHT, layer), code.source(layer))} + {code.name(Kind.BIAS, layer)}"
    if code.record.architecture.layers[layer].recurrent:
        past = code.sent_on(code.name(Kind.WEIGHT_H, layer), code.name(Kind.A, layer, "k - 1"))
        total = f"{total} + ({past} + {code.name(Kind.BIAS_H, layer)})"
    return [f"{code.name(Kind.Z, layer)} = {total}"]


def layer_of(group: Group) -> int:
    assert group.layer is not None
    return group.layer


def _a(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    z, a = code.name(Kind.Z, layer), code.name(Kind.A, layer)
    if code.activation(layer) == "softmax" and (e := code.name(Kind.EXPONENTIAL, layer)):
        along = "axis=-1, keepdims=True" if code.batch else ""
        return [f"{e} = np.exp({z} - {z}.max({along}))", f"{a} = {e} / {e}.sum({along})"]
    return [f"{a} = {code.function(layer)}({z})"]


def _error(code: Code, group: Group) -> list[str]:
    if code.record.architecture.sizes[-1] == 1 and not code.is_recurrent:
        return []  # the one output's error is the total, which the next line tells
    return [f"{code.name(Kind.ERROR)} = {_error_expression(code)}"]


def _error_expression(code: Code) -> str:
    last = code.record.architecture.depth - 1
    t, y = code.name(Kind.TARGET), code.name(Kind.A, last)
    squares, logarithms = ("-", "") if code.voice.tells_reward else ("", "-")
    one, both = _logarithms(code, t, y, code.name(Kind.Z, last))
    return {
        "half_squared": f"{squares}0.5 * ({t} - {y})**2",
        "squared": f"{squares}({t} - {y})**2",
        "mean_squared": f"{squares}({t} - {y})**2 / {code.record.architecture.sizes[-1]}",
        "cross_entropy": f"{logarithms}{one}",
        "binary_cross_entropy": f"-({both})" if logarithms else both,
    }[code.record.architecture.loss]


def _logarithms(code: Code, t: str, y: str, z: str) -> tuple[str, str]:
    """t ln y, and t ln y + (1 - t) ln(1 - y): of z where the engine takes them so, as y may be rounded to 0 or 1."""
    if uses_logarithm_of_z(code.record):
        return f"{t} * log_softmax({z})", f"{t} * log_sigmoid({z}) + (1 - {t}) * log_sigmoid(-{z})"
    return f"times_log({t}, {y})", f"times_log({t}, {y}) + times_log(1 - {t}, 1 - {y})"


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
    if code.activation(layer) == "softmax":
        return [f"{name} = softmax_pull_back({code.fed(layer)}, {dE_da or code.carried_back(layer)})"]
    front = dE_da or _grouped(code.carried_back(layer))
    return [f"{name} = {front} * {slope or code.slope(layer)}"]


def _fused_delta(code: Code, layer: int, slope: str) -> str:
    """Output minus target, and in a recurrent layer what comes back through time."""
    softmax = code.activation(layer) == "softmax"
    t, y = code.name(Kind.TARGET), code.name(Kind.A, layer)
    product = f"{y} * {t}.sum(axis=-1, keepdims=True)" if softmax and code.shares_targets else y
    own = f"{t} - {product}" if code.voice.sign < 0 else f"{product} - {t}"
    share = code.through_time(layer)
    if not share:
        return own
    through = f"softmax_pull_back({y}, {share})" if softmax else f"({share}) * {slope or code.slope(layer)}"
    return f"{own} + {through}"


def _grouped(expression: str) -> str:
    """In parentheses where something else than a product binds it together."""
    loose = any(sign in expression for sign in (" - ", " + ", " @ "))
    return f"({expression})" if loose else expression


def _factor(code: Code) -> str:
    return f"{code.name(Kind.RATE)} * " if code.voice.tells_change else ""


def _mean(code: Code) -> str:
    return f" / {len(code.record.examples)}" if code.batch and code.record.rule.reduce == "mean" else ""


def _of_weights(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    delta = code.name(Kind.DELTA, layer)
    source = code.name(Kind.A, layer, "k - 1") if group.kind is Kind.DW_H else code.source(layer)
    first, second = (delta, source) if code.voice.units_first else (source, delta)
    product = f"{first}.T @ {second}" if code.batch else f"np.outer({first}, {second})"
    return [f"{code.name(group.kind, layer)} = {_factor(code)}{_over_time(code, product)}{_mean(code)}"]


def _of_biases(code: Code, group: Group) -> list[str]:
    layer = layer_of(group)
    delta = code.name(Kind.DELTA, layer)
    total = f"{delta}.sum(axis=0)" if code.batch else delta
    return [f"{code.name(group.kind, layer)} = {_factor(code)}{_over_time(code, total)}{_mean(code)}"]


def _over_time(code: Code, term: str) -> str:
    return f"sum({term} for k in range({code.record.time_steps}))" if code.is_recurrent else term


def _derivative(code: Code, group: Group) -> list[str]:
    name = code.name(group.kind, group.layer)
    return [f"{name} = {UNNAMED[group.kind](code, layer_of(group))}"] if name else []


def _updated(code: Code, group: Group) -> list[str]:
    kinds = PARAMETER_OF[group.kind]
    name, gradient = code.name(kinds.held, group.layer), code.name(kinds.gradient, group.layer)
    if is_frozen(code.record.convention, kinds.name, layer_of(group)):
        return [f"{name} = {name}  # frozen"]
    sign = code.voice.update_sign
    if code.voice.tells_change:
        return [f"{name} = {name} {sign} {gradient}"]
    before, change = _change(code, name, gradient)
    return [*before, f"{name} = {name} {sign} {code.name(Kind.RATE)} * {change}"]


def _digits(value: float) -> str:
    """A constant in as few digits as hold all but its last bits: 0.01 for 1 - 0.99, which is a little more."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 17))
    return next((text for text in texts if abs(float(text) - value) <= 2e-15 * abs(value)), repr(value))


def _change(code: Code, name: str, gradient: str) -> tuple[list[str], str]:
    """The statements that bring an optimizer's memory up to date, and what the rate is multiplied by."""
    rates, count = code.record.rule.rates, code.record.count
    depth = code.record.architecture.depth

    def memory(kind: str) -> str:
        return f"{code.voice.notation.code_name(kind, None, depth)}_{name}"

    optimizer = code.record.rule.optimizer
    if optimizer == "momentum":
        v = memory("velocity")
        return [f"{v} = {_digits(rates.momentum)} * {v} + {gradient}"], v
    if optimizer == "rmsprop":
        s = memory("mean_square")
        squares = f"{s} = {_digits(rates.alpha)} * {s} + {_digits(1 - rates.alpha)} * {gradient}**2"
        return [squares], f"{gradient} / (np.sqrt({s}) + {_digits(rates.eps)})"
    if optimizer == "adam":
        m, v = memory("first_moment"), memory("second_moment")
        held = [
            f"{m} = {_digits(rates.beta1)} * {m} + {_digits(1 - rates.beta1)} * {gradient}",
            f"{v} = {_digits(rates.beta2)} * {v} + {_digits(1 - rates.beta2)} * {gradient}**2",
        ]
        first, second = f"{m} / (1 - {_digits(rates.beta1)}**{count})", f"{v} / (1 - {_digits(rates.beta2)}**{count})"
        return held, f"({first}) / (np.sqrt({second}) + {_digits(rates.eps)})"
    return [], gradient


# What a document may have no variable for: the expression, by the group's layer.
UNNAMED: dict[Kind, Callable[[Code, int], str]] = {
    Kind.DE_DA: Code.carried_back,
    Kind.SLOPE: Code.slope,
    Kind.DZ_DW: Code.source,
    Kind.DZ_DB: lambda code, layer: "1",
    Kind.DZ_DA: lambda code, layer: code.name(Kind.WEIGHT, layer),
}
# Of a group that needs two statements, the terms that the first one computes.
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
