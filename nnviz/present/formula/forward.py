"""The formulas of the forward pass and the error: weighted sum, activation, error of an output, and total loss."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.present.core.voice import ANY_I, ANY_K, ANY_TIME
from nnviz.present.formula.softmax import quotient_rule, softmax_rule
from nnviz.present.formula.sums import Writer, pairs_of, sum_of, sum_sign
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.text.formula_pieces import PLUS, Piece, parenthesised
from nnviz.tracing.provenance import Operand, entering_quantity, own_operands
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, ParameterKinds, Quantity


def z_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the products of weights and inputs, and the bias; in a recurrent layer, also of the previous state."""
    assert q.layer is not None
    own = own_operands(writer.voice.record, q)
    pieces = _weighted_sum(writer, q, PARAMETER_KINDS["W"], writer.parts[:own])
    past = writer.parts[own:]
    return [*pieces, PLUS, *_weighted_sum(writer, q, PARAMETER_KINDS["W_h"], past)] if past else pieces


def _weighted_sum(writer: Writer, q: Quantity, kinds: ParameterKinds, parts: Sequence[Operand]) -> list[Piece]:
    assert q.layer is not None
    architecture = writer.voice.record.architecture
    biases = 1 if architecture.layers[q.layer].biases else 0
    pairs = pairs_of(parts[: len(parts) - biases])
    weight = Quantity(kinds.value, q.layer, q.unit, ANY_I)
    source = entering_quantity(kinds, Quantity(kinds.term, q.layer, q.unit, ANY_I, q.time))
    partial = not kinds.is_recurrent and architecture.connections[q.layer] is not None
    sigma = sum_sign("i", len(pairs), rf"{writer.voice.tex(weight)}\,{writer.voice.tex(source)}", partial)
    pieces = sum_of(writer, pairs, sigma)
    return [*pieces, PLUS, writer.operand(parts[-1])] if biases else pieces


def a_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the activation function of z; a softmax as its quotient of exponentials."""
    assert q.layer is not None
    architecture = writer.voice.record.architecture
    if writer.parts[0].quantity.kind is Kind.EXPONENTIAL:
        return quotient_rule(writer, q)
    value = ACTIVATION_TEXTS[architecture.layers[q.layer].activation].value
    if value is None:
        return softmax_rule(writer, q)
    z = writer.operand(writer.parts[0], bare=True)
    return value(z, parenthesised(z), writer.voice.function(q.layer), architecture.constants(q.layer))


def error_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the error of one output by the loss function; a reward if the document has one."""
    architecture = writer.voice.record.architecture
    t, y = (writer.operand(part) for part in writer.parts[:2])
    for part in writer.parts[2:]:
        writer.operand(part)  # of a saturated output: its error is computed from z
    return LOSS_TEXTS[architecture.loss].error(t, y, architecture.sizes[-1], writer.voice.shows_reward)


def loss_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the sum of the errors of the outputs."""
    if len(writer.parts) == 1 and not writer.voice.record.architecture.is_recurrent:
        return error_rule(_retarget(writer, q), q)
    record = writer.voice.record
    outputs, steps = record.architecture.sizes[-1], record.time_steps
    error = writer.voice.tex(Quantity(Kind.ERROR, None, ANY_K, time=ANY_TIME))
    over_time = sum_sign(r"\tau", steps, "") if record.architecture.is_recurrent else ""
    sigma = over_time + (sum_sign("k", outputs, error) if outputs > 1 else error)
    return sum_of(writer, [[part] for part in writer.parts], sigma)


def _retarget(writer: Writer, q: Quantity) -> Writer:
    """Return the writer for a single output, whose loss is written from target and output directly."""
    last = writer.voice.record.architecture.depth - 1
    quantities = (Quantity(Kind.TARGET, None, 0), Quantity(Kind.A, last, 0))
    writer.parts = [Operand(quantity, writer.trace) for quantity in quantities]
    return writer
