"""The expression of a step that is a whole vector or matrix, or a whole phase, in TeX."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.present.voice import ANY_K, Voice, gradient_symbol, raised
from nnviz.trace.steps import Kind, Quantity

T = r"\top"


def whole_expression(voice: Voice, q: Quantity) -> str:
    """The right-hand side in TeX, in the voice's orientation and sign."""
    return _RULES[q.kind](voice, q)


def source_symbol(voice: Voice, layer: int) -> str:
    """What enters a layer, as a whole: x or the activations of the layer before."""
    return voice.tex(Quantity(Kind.INPUT) if layer == 0 else Quantity(Kind.A, layer - 1))


def _layer(q: Quantity) -> int:
    assert q.layer is not None
    return q.layer


def _weights(voice: Voice, layer: int) -> str:
    return voice.tex(Quantity(Kind.WEIGHT, layer))


def _z(voice: Voice, q: Quantity) -> str:
    source, weights = source_symbol(voice, _layer(q)), _weights(voice, _layer(q))
    product = rf"{weights}\,{source}" if voice.units_first else rf"{source}\,{weights}"
    return rf"{product} + {voice.tex(Quantity(Kind.BIAS, q.layer))}"


def _a(voice: Voice, q: Quantity) -> str:
    return rf"{voice.function(_layer(q))}\left({voice.tex(Quantity(Kind.Z, q.layer))}\right)"


def output_symbols(voice: Voice) -> tuple[str, str]:
    """Target and output as wholes."""
    return voice.tex(Quantity(Kind.TARGET)), voice.tex(Quantity(Kind.A, voice.record.architecture.depth - 1))


def _error(voice: Voice, q: Quantity) -> str:
    return _error_of(voice, *output_symbols(voice))


def _error_of(voice: Voice, t: str, y: str) -> str:
    outputs = voice.record.architecture.sizes[-1]
    squares, logarithms = ("-", "") if voice.tells_reward else ("", "-")
    both = rf"{t}\,\ln {y} + \left(1 - {t}\right)\,\ln\left(1 - {y}\right)"
    return {
        "half_squared": rf"{squares}\frac{{1}}{{2}}\left({t} - {y}\right)^2",
        "squared": rf"{squares}\left({t} - {y}\right)^2",
        "mean_squared": rf"{squares}\frac{{1}}{{{outputs}}}\left({t} - {y}\right)^2",
        "cross_entropy": rf"{logarithms}{t}\,\ln {y}",
        "binary_cross_entropy": rf"{logarithms}\left[{both}\right]",
    }[voice.record.architecture.loss]


def _loss(voice: Voice, q: Quantity) -> str:
    if voice.record.architecture.sizes[-1] == 1:
        return _error(voice, q)
    last = voice.record.architecture.depth - 1
    t, y = (voice.tex(part) for part in (Quantity(Kind.TARGET, None, ANY_K), Quantity(Kind.A, last, ANY_K)))
    return rf"\sum_k {_error_of(voice, t, y)}"


def _dE_da(voice: Voice, q: Quantity) -> str:
    layer = _layer(q)
    if layer < voice.record.architecture.depth - 1:
        weights, delta = _weights(voice, layer + 1), voice.tex(Quantity(Kind.DELTA, layer + 1))
        return rf"{raised(weights, T)}\,{delta}" if voice.units_first else rf"{delta}\,{raised(weights, T)}"
    t, y = output_symbols(voice)
    front, behind = (t, y) if voice.sign < 0 else (y, t)
    loss = voice.record.architecture.loss
    if loss == "cross_entropy":
        return rf"\frac{{{t}}}{{{y}}}" if voice.sign < 0 else rf"-\frac{{{t}}}{{{y}}}"
    if loss == "binary_cross_entropy":
        lost, won = rf"\frac{{1 - {t}}}{{1 - {y}}}", rf"\frac{{{t}}}{{{y}}}"
        return f"{won} - {lost}" if voice.sign < 0 else f"{lost} - {won}"
    factor = {
        "half_squared": "",
        "squared": "2",
        "mean_squared": rf"\frac{{2}}{{{voice.record.architecture.sizes[-1]}}}",
    }[loss]
    return rf"{factor}\left({front} - {behind}\right)" if factor else f"{front} - {behind}"


def _slope(voice: Voice, q: Quantity) -> str:
    convention = voice.record.convention.slope
    name = voice.record.architecture.layers[_layer(q)].activation
    z, a = (voice.tex(Quantity(kind, q.layer)) for kind in (Kind.Z, Kind.A))
    if name in ("relu", "leaky_relu"):
        below = "0" if name == "relu" else f"{voice.record.architecture.leaky_slope:g}"
        return rf"1 \text{{ where }} {a if convention == 'derivative_of_a' else z} > 0\text{{, else }}{below}"
    twice = rf"{voice.function(_layer(q))}\left({a}\right)"
    v = {"exact": a, "product_of_z": z, "derivative_of_a": twice}[convention]
    return {"sigmoid": rf"{v} \odot \left(1 - {v}\right)", "tanh": rf"1 - {raised(v, '2')}", "linear": "1"}[name]


def _delta(voice: Voice, q: Quantity) -> str:
    last = _layer(q) == voice.record.architecture.depth - 1
    softmax = voice.record.architecture.layers[_layer(q)].activation == "softmax"
    if softmax and last and voice.record.fused:
        t, y = output_symbols(voice)
        return f"{t} - {y}" if voice.sign < 0 else f"{y} - {t}"
    if softmax:
        return rf"J_{{\mathrm{{softmax}}}}^{{\top}}\,{voice.tex(Quantity(Kind.DE_DA, q.layer))}"
    return rf"{voice.tex(Quantity(Kind.DE_DA, q.layer))} \odot {voice.tex(Quantity(Kind.SLOPE, q.layer))}"


def _front(voice: Voice) -> str:
    """What stands before a gradient: the rate where it is told as a change, the mean over a batch."""
    record = voice.record
    rate = rf"{voice.tex(Quantity(Kind.RATE))}\," if voice.tells_change else ""
    mean = (
        rf"\frac{{1}}{{{len(record.examples)}}}\," if record.rule.reduce == "mean" and len(record.examples) > 1 else ""
    )
    return mean + rate


def _dW(voice: Voice, q: Quantity) -> str:
    delta, source = voice.tex(Quantity(Kind.DELTA, q.layer)), source_symbol(voice, _layer(q))
    if len(voice.record.examples) > 1:
        product = rf"{raised(delta, T)}\,{source}" if voice.units_first else rf"{raised(source, T)}\,{delta}"
    else:
        product = rf"{delta}\,{raised(source, T)}" if voice.units_first else rf"{raised(source, T)}\,{delta}"
    return _front(voice) + product


def _db(voice: Voice, q: Quantity) -> str:
    delta = voice.tex(Quantity(Kind.DELTA, q.layer))
    if len(voice.record.examples) > 1:
        return rf"{_front(voice)}\sum_n {raised(delta, '[n]')}"
    return _front(voice) + delta


def _updated(voice: Voice, q: Quantity) -> str:
    of_bias = q.kind is Kind.B_NEW
    held = voice.tex(Quantity(Kind.BIAS if of_bias else Kind.WEIGHT, q.layer))
    gradient = voice.tex(Quantity(Kind.DB if of_bias else Kind.DW, q.layer))
    sign = voice.update_sign
    if voice.tells_change:
        return f"{held} {sign} {gradient}"
    rate = voice.tex(Quantity(Kind.RATE))
    velocity, square, first, second = (
        voice.notation.tex_pattern(name, None, voice.record.architecture.depth)
        for name in ("velocity", "mean_square", "first_moment", "second_moment")
    )
    change = {
        "sgd": gradient,
        "momentum": velocity,
        "rmsprop": rf"\frac{{{gradient}}}{{\sqrt{{{square}}} + \epsilon}}",
        "adam": rf"\frac{{\hat{{{first}}}}}{{\sqrt{{\hat{{{second}}}}} + \epsilon}}",
    }[voice.record.rule.optimizer]
    return rf"{held} {sign} {rate}\,{change}"


def _forward_pass(voice: Voice, q: Quantity) -> str:
    expression = voice.tex(Quantity(Kind.INPUT))
    for layer in range(voice.record.architecture.depth):
        weights, bias = _weights(voice, layer), voice.tex(Quantity(Kind.BIAS, layer))
        product = rf"{weights}\,{expression}" if voice.units_first else rf"{expression}\,{weights}"
        expression = rf"{voice.function(layer)}\left({product} + {bias}\right)"
    return expression


def _backward_pass(voice: Voice, q: Quantity) -> str:
    parts = []
    for layer in range(voice.record.architecture.depth):
        parts += [voice.tex(Quantity(Kind.DW, layer)), voice.tex(Quantity(Kind.DB, layer))]
    return r"\left(" + r",\ ".join(parts) + r"\right)"


def _update_pass(voice: Voice, q: Quantity) -> str:
    sign = "-" if (voice.record.convention.step == "downhill") != voice.tells_reward else "+"
    if voice.record.rule.optimizer != "sgd":
        rule = rf"\operatorname{{{voice.record.rule.optimizer}}}"
        return rf"\theta {sign} {rule}\left(\nabla {voice.tex(Quantity(Kind.LOSS))}\right)"
    if voice.tells_change:
        return rf"\theta {'+' if voice.record.convention.step == 'downhill' else '-'} {gradient_symbol(voice)}"
    return rf"\theta {sign} {voice.tex(Quantity(Kind.RATE))}\,\nabla {voice.tex(Quantity(Kind.LOSS))}"


_RULES: dict[Kind, Callable[[Voice, Quantity], str]] = {
    Kind.Z: _z,
    Kind.A: _a,
    Kind.ERROR: _error,
    Kind.LOSS: _loss,
    Kind.DE_DA: _dE_da,
    Kind.SLOPE: _slope,
    Kind.DELTA: _delta,
    Kind.DZ_DW: lambda voice, q: source_symbol(voice, _layer(q)),
    Kind.DZ_DB: lambda voice, q: "1",
    Kind.DZ_DA: lambda voice, q: _weights(voice, _layer(q)),
    Kind.DW: _dW,
    Kind.DB: _db,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
    Kind.FORWARD_PASS: _forward_pass,
    Kind.ERROR_PASS: _loss,
    Kind.BACKWARD_PASS: _backward_pass,
    Kind.UPDATE_PASS: _update_pass,
}
