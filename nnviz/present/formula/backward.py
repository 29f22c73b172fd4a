"""The formulas of the backward pass: dE/da, slope, delta, and the gradients of weights and biases."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnviz.engine.activations import ACTIVATIONS
from nnviz.present.core.voice import ANY_K, ANY_TIME, EARLIER_TIME, Voice
from nnviz.present.formula.softmax import softmax_delta_rule
from nnviz.present.formula.sums import MOST_TERMS, Writer, pairs_of, product_of, sum_of, sum_sign
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, literal, parenthesised, raised
from nnviz.tracing.groups import term_counts
from nnviz.tracing.provenance import Operand, contributions, is_softmax, operands_of, source_quantity
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity


def dE_da_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """What the next layer sends back along its weights, at an output the derivative of the loss.

    In a recurrent layer what the layer itself sends back from the next time step is added.
    """
    assert q.layer is not None
    loss, behind, _ = term_counts(writer.voice.record, q.layer, q.time)
    own = 2 * (loss + behind)
    pieces = output_gradient_rule(writer, q) if loss else _sent_back(writer, writer.parts[:own], Kind.WEIGHT)
    later = writer.parts[own:]
    return [*pieces, PLUS, *_sent_back(writer, later, Kind.WEIGHT_H)] if later else pieces


def _sent_back(writer: Writer, parts: Sequence[Operand], kind: Kind) -> list[Piece]:
    """The sum of weight times delta over the units that send something back."""
    weight, delta = (part.quantity for part in parts[:2])
    symbols = (
        writer.voice.tex(Quantity(kind, weight.layer, ANY_K, weight.source)),
        writer.voice.tex(Quantity(Kind.DELTA, delta.layer, ANY_K, time=delta.time)),
    )
    pairs = pairs_of(parts)
    return sum_of(writer, pairs, sum_sign("k", len(pairs), r"\,".join(symbols)))


def output_gradient_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """dE/dy by the loss, one share or the whole; turned round where the document's delta points downhill."""
    architecture = writer.voice.record.architecture
    t, y = (writer.operand(part, bare=True) for part in writer.parts[:2])
    return LOSS_TEXTS[architecture.loss].gradient(t, y, architecture.sizes[-1], writer.voice.sign < 0)


def slope_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """The derivative of the activation function, at what the document puts into it."""
    assert q.layer is not None
    record = writer.voice.record
    v = writer.operand(writer.parts[0], bare=True)
    name = record.architecture.layers[q.layer].activation
    factor = parenthesised(v)
    if record.convention.slope == "derivative_of_a" and not ACTIVATIONS[name].by_z:
        function = writer.voice.function(q.layer)
        factor = Piece(rf"{function}\left({v.symbols}\right)", rf"{function}\left({v.numbers}\right)")
    slope = ACTIVATION_TEXTS[name].slope
    assert slope is not None
    return slope(v, factor, record.architecture.constants(q.layer))


def delta_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """dE/da times the slope; of a softmax what its Jacobian makes of them."""
    assert q.layer is not None
    record = writer.voice.record
    if not is_softmax(record, q.layer):
        return _carried_back(writer, q)
    return softmax_delta_rule(writer, q)


def _carried_back(writer: Writer, q: Quantity) -> list[Piece]:
    """dE/da times the slope; where the document has no name for dE/da, what it is made of stands in its place."""
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
    """The output minus its target, where the output has rounded to 0 or 1 and dE/da is beyond all numbers.

    In a recurrent network the slope times what comes back through time is added.
    """
    output, target, *later = fused
    front, behind = (target, output) if writer.voice.sign < 0 else (output, target)
    pieces = [writer.operand(front, bare=True), literal(" - "), parenthesised(writer.operand(behind, bare=True))]
    if not later:
        return pieces
    through = _sent_back(writer, later, Kind.WEIGHT_H)
    return [*pieces, PLUS, writer.operand(slope), Piece(r"\left(", r" \cdot \left("), *through, literal(r"\right)")]


def gradient_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """delta times what came in; over a batch the sum or mean of its examples'; with the rate where it is a change."""
    record = writer.voice.record
    kinds = PARAMETER_OF[q.kind]
    count = len(record.examples) * record.time_steps if q.kind is kinds.gradient else 1
    shown = range(count) if count <= MOST_TERMS else (0, 1, count - 1)
    groups = [operands_of(writer.trace, term) for term in contributions(record, q, shown)] if count > 1 else []
    rate = []
    if writer.voice.tells_change:
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
    """A gradient's sum with its general term, over examples and in a recurrent network over time steps."""
    record, kinds = voice.record, PARAMETER_OF[q.kind]
    factors = [Quantity(Kind.DELTA, q.layer, q.unit, time=ANY_TIME)]
    if kinds.is_matrix and kinds.is_recurrent:
        factors.append(Quantity(Kind.A, q.layer, q.source, time=EARLIER_TIME))
    elif kinds.is_matrix:
        factors.append(source_quantity(q.layer or 0, q.source or 0, ANY_TIME))
    examples = len(record.examples)
    symbols = [voice.tex(factor) for factor in factors]
    if examples > 1:
        symbols = [raised(symbol, "[n]") for symbol in symbols]
    sums = [("n", examples)] * (examples > 1) + [(r"\tau", record.time_steps)] * (record.time_steps > 1)
    return "".join(sum_sign(index, count, "") for index, count in sums) + r"\,".join(symbols)
