"""The formulas of the backward pass: dE/da, slope, delta, and the gradients of weights and biases."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnviz.engine.activations import ACTIVATIONS
from nnviz.present.core.voice import ANY_K, ANY_TIME, EARLIER_TIME, Voice
from nnviz.present.formula.softmax import softmax_delta_rule
from nnviz.present.formula.sums import MOST_TERMS, Writer, pairs_of, product_of, sum_of, sum_sign
from nnviz.present.rules.activations import ACTIVATION_TEXTS, applied
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, as_factor, literal, parenthesised, raised
from nnviz.tracing.groups import contribution_count, term_counts
from nnviz.tracing.provenance import Operand, contributions, is_softmax, operands_of, source_quantity
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity


def dE_da_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write dE/da: the back-propagated terms of the next layer; at an output, the derivative of the loss.

    In a recurrent layer, the terms of the layer itself at the next time step are added.
    """
    assert q.layer is not None
    assert q.unit is not None
    loss, next_layer, _ = term_counts(writer.voice.record, q.layer, q.time, q.unit)
    own = 2 * (loss + next_layer)
    pieces = output_gradient_rule(writer, q) if loss else _backpropagated_sum(writer, writer.parts[:own], Kind.WEIGHT)
    later = writer.parts[own:]
    return [*pieces, PLUS, *_backpropagated_sum(writer, later, Kind.WEIGHT_H)] if later else pieces


def _backpropagated_sum(writer: Writer, parts: Sequence[Operand], kind: Kind) -> list[Piece]:
    """Write the sum of weight times delta over the units of the next layer or time step."""
    weight, delta = (part.quantity for part in parts[:2])
    symbols = (
        writer.voice.tex(Quantity(kind, weight.layer, ANY_K, weight.source)),
        as_factor(writer.voice.tex(Quantity(Kind.DELTA, delta.layer, ANY_K, time=delta.time))),
    )
    pairs = pairs_of(parts)
    connections = writer.voice.record.architecture.connections[weight.layer or 0]
    partial = kind is Kind.WEIGHT and connections is not None
    return sum_of(writer, pairs, sum_sign("k", len(pairs), r"\,".join(symbols), partial))


def output_gradient_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write dE/dy, the derivative of the loss, or minus it if the document's delta has the sign of descent."""
    architecture = writer.voice.record.architecture
    t, y = (writer.operand(part, bare=True) for part in writer.parts[:2])
    return LOSS_TEXTS[architecture.loss].gradient(t, y, architecture.sizes[-1], writer.voice.sign < 0)


def slope_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the derivative of the activation function at the argument that the document uses."""
    assert q.layer is not None
    record = writer.voice.record
    v = writer.operand(writer.parts[0], bare=True)
    name = record.architecture.layers[q.layer].activation
    factor = parenthesised(v)
    if record.convention.slope == "derivative_of_a" and not ACTIVATIONS[name].by_z:
        constants = record.architecture.constants(q.layer)
        factor = applied(name, v, writer.voice.function(q.layer), constants)
    slope = ACTIVATION_TEXTS[name].slope
    assert slope is not None
    return slope(v, factor, record.architecture.constants(q.layer))


def delta_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write dE/da times the derivative of the activation; for a softmax, the product with its Jacobian."""
    assert q.layer is not None
    record = writer.voice.record
    if not is_softmax(record, q.layer):
        return _gradient_times_slope(writer, q)
    return softmax_delta_rule(writer, q)


def _gradient_times_slope(writer: Writer, q: Quantity) -> list[Piece]:
    """Write dE/da times the derivative; the terms of dE/da replace it if the document has no name for it."""
    dE_da, slope, *fused = writer.parts
    if fused and not math.isfinite(dE_da.value * slope.value):
        return _saturated(writer, slope, fused)
    unnamed = not writer.voice.code(dE_da.quantity)
    inner = operands_of(writer.trace, dE_da.quantity)
    if not unnamed or len(inner) > 2 * MOST_TERMS:
        return product_of(writer, (dE_da, slope), first=True)
    writer.parts = inner
    pieces = dE_da_rule(writer, dE_da.quantity)
    loss = writer.voice.record.architecture.loss
    if len(inner) > 2 or (inner[0].quantity.kind is Kind.TARGET and not LOSS_TEXTS[loss].is_product):
        pieces = [literal(r"\left("), *pieces, literal(r"\right)")]
    return [*pieces, TIMES, writer.operand(slope)]


def _saturated(writer: Writer, slope: Operand, fused: Sequence[Operand]) -> list[Piece]:
    """Write output minus target, for an output that has rounded to 0 or 1, so that dE/da is infinite.

    In a recurrent network, the derivative times the term that is back-propagated through time is added.
    """
    output, target, *later = fused
    minuend, subtrahend = (target, output) if writer.voice.sign < 0 else (output, target)
    pieces = [writer.operand(minuend, bare=True), literal(" - "), parenthesised(writer.operand(subtrahend, bare=True))]
    if not later:
        return pieces
    through = _backpropagated_sum(writer, later, Kind.WEIGHT_H)
    return [*pieces, PLUS, writer.operand(slope), Piece(r"\left(", r" \cdot \left("), *through, literal(r"\right)")]


def gradient_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write delta times the source: of a batch, the sum or mean over the examples; of a change, times the rate."""
    record = writer.voice.record
    kinds = PARAMETER_OF[q.kind]
    count = contribution_count(record, q) if q.kind is kinds.gradient else 1
    shown = range(count) if count <= MOST_TERMS else (0, 1, count - 1)
    groups = [operands_of(writer.trace, term) for term in contributions(record, q, shown)] if count > 1 else []
    rate = []
    if writer.voice.gradients_as_changes:
        rate = [writer.operand(Operand(Quantity(Kind.RATE), writer.trace)), TIMES]
    if not groups:
        return [*rate, *product_of(writer, operands_of(writer.trace, q), first=not rate)]
    terms = sum_of(writer, groups, _gradient_sigma(writer.voice, q), cut=count > MOST_TERMS)
    examples = len(record.examples)
    mean = [literal(rf"\frac{{1}}{{{examples}}}")] if record.rule.reduce == "mean" and examples > 1 else []
    if not (mean or rate):
        return terms
    return [*mean, *([TIMES] if mean and rate else []), *rate, literal(r"\left["), *terms, literal(r"\right]")]


def _gradient_sigma(voice: Voice, q: Quantity) -> str:
    """Return the sum sign of a gradient with its general term, over examples and time steps."""
    record, kinds = voice.record, PARAMETER_OF[q.kind]
    assert q.layer is not None
    of_layer = record.architecture.layers[q.layer]
    is_shared = of_layer.shares_bias and not kinds.is_matrix
    factors = [Quantity(Kind.DELTA, q.layer, ANY_K if is_shared else q.unit, time=ANY_TIME)]
    if kinds.is_matrix and kinds.is_recurrent:
        factors.append(Quantity(Kind.A, q.layer, q.source, time=EARLIER_TIME))
    elif kinds.is_matrix:
        factors.append(source_quantity(q.layer, q.source or 0, ANY_TIME))
    examples = len(record.examples)
    symbols = [voice.tex(factor) for factor in factors]
    if examples > 1:
        symbols = [raised(symbol, "[n]") for symbol in symbols]
    sums = [("n", examples)] * (examples > 1) + [(r"\tau", record.time_steps)] * (record.time_steps > 1)
    sums += [("k", of_layer.units)] * is_shared
    return "".join(sum_sign(index, count, "") for index, count in sums) + r"\,".join(symbols)
