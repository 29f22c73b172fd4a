"""The expression of a step that is a whole vector, matrix or phase, in TeX."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.present.core.voice import ANY_K, ANY_TIME, EARLIER_TIME, Voice, gradient_symbol
from nnviz.present.rules.activations import ACTIVATION_TEXTS, applied
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.rules.rule_names import memory_tex
from nnviz.present.text.formula_pieces import as_factor, literal, raised
from nnviz.tracing.provenance import is_fused_softmax, is_softmax, slope_operand
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

T = r"\top"


def vector_expression(voice: Voice, q: Quantity) -> str:
    """Return the right-hand side in TeX, in the orientation and sign of the voice."""
    return _RULES[q.kind](voice, q)


def source_symbol(voice: Voice, layer: int, time: int = 0) -> str:
    """Return the symbol of the vector that enters a layer: x or the activations of the previous layer."""
    return voice.tex(Quantity(Kind.INPUT, time=time) if layer == 0 else Quantity(Kind.A, layer - 1, time=time))


def past_symbol(voice: Voice, layer: int, time: int) -> str:
    """Return the symbol of the previous state that enters a recurrent layer."""
    return voice.tex(Quantity(Kind.STATE, layer) if time == 0 else Quantity(Kind.A, layer, time=time - 1))


def _layer(q: Quantity) -> int:
    assert q.layer is not None
    return q.layer


def _weights(voice: Voice, layer: int) -> str:
    return voice.tex(Quantity(Kind.WEIGHT, layer))


def _times(voice: Voice, source: str, weights: str) -> str:
    """Return a vector times a matrix, in the orientation of the voice."""
    return rf"{weights}\,{source}" if voice.units_first else rf"{source}\,{weights}"


def _z(voice: Voice, q: Quantity) -> str:
    layer = _layer(q)
    return _weighted_sum(voice, layer, source_symbol(voice, layer, q.time), past_symbol(voice, layer, q.time))


def _weighted_sum(voice: Voice, layer: int, source: str, past: str) -> str:
    """Return the weighted sum of what enters a layer, with the biases that it has."""
    names = voice.record.architecture.slots[layer]
    entering = {"W": source, "W_h": past}
    return " + ".join(
        _times(voice, entering[name], symbol) if name in entering else symbol
        for name, symbol in ((name, voice.tex(Quantity(PARAMETER_KINDS[name].value, layer))) for name in names)
    )


def _a(voice: Voice, q: Quantity) -> str:
    return rf"{voice.function(_layer(q))}\left({voice.tex(Quantity(Kind.Z, q.layer, time=q.time))}\right)"


def output_symbols(voice: Voice, time: int = 0) -> tuple[str, str]:
    """Return the symbols of the target vector and the output vector."""
    last = voice.record.architecture.depth - 1
    return voice.tex(Quantity(Kind.TARGET, time=time)), voice.tex(Quantity(Kind.A, last, time=time))


def _error(voice: Voice, q: Quantity) -> str:
    return _error_of(voice, *output_symbols(voice, q.time))


def _error_of(voice: Voice, t: str, y: str) -> str:
    architecture = voice.record.architecture
    return LOSS_TEXTS[architecture.loss].vector_error(t, y, architecture.sizes[-1], voice.shows_reward)


def _loss(voice: Voice, q: Quantity) -> str:
    architecture = voice.record.architecture
    is_sequence, several = architecture.is_recurrent, architecture.sizes[-1] > 1
    if not (is_sequence or several):
        return _error(voice, q)
    time, unit = ANY_TIME if is_sequence else 0, ANY_K if several else None
    t, y = (
        voice.tex(Quantity(kind, layer, unit, time=time))
        for kind, layer in ((Kind.TARGET, None), (Kind.A, architecture.depth - 1))
    )
    sums = r"\sum_\tau " * is_sequence + r"\sum_k " * several
    return sums + _error_of(voice, t, y)


def _dE_da(voice: Voice, q: Quantity) -> str:
    later = voice.record.has_later_terms(_layer(q), q.time)
    own = direct_term(voice, q)
    return rf"{own} + {recurrent_term(voice, q)}" if later else own


def direct_term(voice: Voice, q: Quantity) -> str:
    """Return the term of dE/da at its own time step: from the next layer, or from the loss."""
    layer = _layer(q)
    if layer == voice.record.architecture.depth - 1:
        return _output_gradient(voice, q.time)
    delta = voice.tex(Quantity(Kind.DELTA, layer + 1, time=q.time))
    return _times_transposed(voice, delta, _weights(voice, layer + 1))


def recurrent_term(voice: Voice, q: Quantity) -> str:
    """Return the term of dE/da that a recurrent layer gets from its own next time step."""
    delta = voice.tex(Quantity(Kind.DELTA, q.layer, time=q.time + 1))
    return _times_transposed(voice, delta, voice.tex(Quantity(Kind.WEIGHT_H, q.layer)))


def _times_transposed(voice: Voice, delta: str, weights: str) -> str:
    return rf"{raised(weights, T)}\,{as_factor(delta)}" if voice.units_first else rf"{delta}\,{raised(weights, T)}"


def _output_gradient(voice: Voice, time: int) -> str:
    t, y = output_symbols(voice, time)
    architecture = voice.record.architecture
    return LOSS_TEXTS[architecture.loss].vector_gradient(t, y, architecture.sizes[-1], voice.sign < 0)


def _slope(voice: Voice, q: Quantity) -> str:
    record, layer = voice.record, _layer(q)
    name = record.architecture.layers[layer].activation
    argument = voice.tex(slope_operand(record, layer, None, q.time))
    if record.convention.slope == "derivative_of_a" and not ACTIVATIONS[name].by_z:
        constants = record.architecture.constants(layer)
        argument = applied(name, literal(argument), voice.function(layer), constants).symbols
    vector_slope = ACTIVATION_TEXTS[name].vector_slope
    assert vector_slope is not None
    return vector_slope(argument, record.architecture.constants(layer))


def _delta(voice: Voice, q: Quantity) -> str:
    if is_fused_softmax(voice.record, _layer(q)):
        t, y = output_symbols(voice, q.time)
        return f"{t} - {y}" if voice.sign < 0 else f"{y} - {t}"
    dE_da = voice.tex(Quantity(Kind.DE_DA, q.layer, time=q.time))
    if is_softmax(voice.record, _layer(q)):
        return rf"J_{{\mathrm{{softmax}}}}^{{\top}}\,{as_factor(dE_da)}"
    return rf"{dE_da} \odot {voice.tex(Quantity(Kind.SLOPE, q.layer, time=q.time))}"


def _front(voice: Voice) -> str:
    """Return the factors before a gradient: the mean over a batch, and the rate if it is written as a change."""
    record = voice.record
    rate = rf"{voice.tex(Quantity(Kind.RATE))}\," if voice.gradients_as_changes else ""
    mean = (
        rf"\frac{{1}}{{{len(record.examples)}}}\," if record.rule.reduce == "mean" and len(record.examples) > 1 else ""
    )
    return mean + rate


def _over_time(voice: Voice) -> tuple[str, int]:
    """Return the sum sign over time steps, and the time step of its terms."""
    return (r"\sum_\tau ", ANY_TIME) if voice.record.architecture.is_recurrent else ("", 0)


def _of_weights(voice: Voice, q: Quantity) -> str:
    total, time = _over_time(voice)
    delta = voice.tex(Quantity(Kind.DELTA, q.layer, time=time))
    if q.kind is Kind.DW_H:
        source = voice.tex(Quantity(Kind.A, q.layer, time=EARLIER_TIME))
    else:
        source = source_symbol(voice, _layer(q), time)
    if len(voice.record.examples) > 1:
        product = rf"{raised(delta, T)}\,{source}" if voice.units_first else rf"{raised(source, T)}\,{as_factor(delta)}"
    else:
        product = rf"{delta}\,{raised(source, T)}" if voice.units_first else rf"{raised(source, T)}\,{as_factor(delta)}"
    front = _front(voice) + total
    product = front + (as_factor(product) if front else product)
    if q.kind is not Kind.DW or voice.record.architecture.connections[_layer(q)] is None:
        return product
    mask = voice.mask(_layer(q))
    return rf"{raised(mask, T) if voice.units_first else mask} \odot \left({product}\right)"


def _of_biases(voice: Voice, q: Quantity) -> str:
    total, time = _over_time(voice)
    delta = voice.tex(Quantity(Kind.DELTA, q.layer, time=time))
    if voice.record.architecture.layers[_layer(q)].shares_bias:
        total += r"\sum_k "
        delta = voice.tex(Quantity(Kind.DELTA, q.layer, ANY_K, time=time))
    if len(voice.record.examples) > 1:
        return rf"{_front(voice)}\sum_n {total}{raised(delta, '[n]')}"
    front = _front(voice) + total
    return front + (as_factor(delta) if front else delta)


def _updated(voice: Voice, q: Quantity) -> str:
    kinds = PARAMETER_OF[q.kind]
    held, gradient = (voice.tex(Quantity(kind, q.layer)) for kind in (kinds.value, kinds.gradient))
    sign = voice.update_sign
    if is_frozen(voice.record.convention, kinds.name, q.layer or 0):
        return rf"{held}\quad\text{{(frozen)}}"
    if voice.gradients_as_changes:
        return f"{held} {sign} {gradient}"
    rate, rule = voice.tex(Quantity(Kind.RATE)), voice.record.rule
    row, depth = OPTIMIZER_TEXTS[rule.optimizer], voice.record.architecture.depth
    memory = [memory_tex(voice.notation, rule.optimizer, slot, depth) for slot in range(len(row.memories))]
    if row.decay is not None:
        held = rf"{row.decay(literal(rate), rule.rates).symbols}\,{held}"
    return rf"{held} {sign} {rate}\,{row.vector(as_factor(gradient), memory, rule.rates)}"


def _forward_pass(voice: Voice, q: Quantity) -> str:
    architecture = voice.record.architecture
    time = ANY_TIME if architecture.is_recurrent else 0
    expression = voice.tex(Quantity(Kind.INPUT, time=time))
    for layer in range(architecture.depth):
        past = voice.tex(Quantity(Kind.A, layer, time=EARLIER_TIME))
        inner = _weighted_sum(voice, layer, expression, past)
        expression = rf"{voice.function(layer)}\left({inner}\right)"
    return expression


def _backward_pass(voice: Voice, q: Quantity) -> str:
    architecture = voice.record.architecture
    parts = [
        voice.tex(Quantity(PARAMETER_KINDS[name].gradient, layer))
        for layer in range(architecture.depth)
        for name in architecture.slots[layer]
    ]
    return r"\left(" + r",\ ".join(parts) + r"\right)"


def _update_pass(voice: Voice, q: Quantity) -> str:
    sign = "-" if (voice.record.convention.step == "downhill") != voice.shows_reward else "+"
    if not OPTIMIZERS[voice.record.rule.optimizer].plain:
        rule = rf"\operatorname{{{voice.record.rule.optimizer}}}"
        return rf"\theta {sign} {rule}\left(\nabla {voice.tex(Quantity(Kind.LOSS))}\right)"
    if voice.gradients_as_changes:
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
    Kind.DZ_DW: lambda voice, q: source_symbol(voice, _layer(q), q.time),
    Kind.DZ_DB: lambda voice, q: "1",
    Kind.DZ_DA: lambda voice, q: _weights(voice, _layer(q)),
    Kind.DW: _of_weights,
    Kind.DB: _of_biases,
    Kind.DW_H: _of_weights,
    Kind.DB_H: _of_biases,
    Kind.W_NEW: _updated,
    Kind.B_NEW: _updated,
    Kind.W_H_NEW: _updated,
    Kind.B_H_NEW: _updated,
    Kind.FORWARD_PASS: _forward_pass,
    Kind.ERROR_PASS: _loss,
    Kind.BACKWARD_PASS: _backward_pass,
    Kind.UPDATE_PASS: _update_pass,
}
