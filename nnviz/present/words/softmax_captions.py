"""The texts of the steps of a softmax layer: titles and explanations."""

from __future__ import annotations

from nnviz.present.core.voice import Voice
from nnviz.present.text.plain_text import linear
from nnviz.tracing.provenance import is_fused_softmax, is_softmax
from nnviz.tracing.steps import Grain, Kind, Quantity, Step

_QUOTIENT = (
    "The exponential of this neuron divided by the sum of all exponentials. The outputs of the layer add up to 1."
)
_ALL_OUTPUTS = (
    "Every output of a softmax depends on this weighted sum, so the error term is a sum of terms, one for each output."
)
_CANCELS = (
    "With softmax and cross entropy most factors cancel: only outputs and targets remain. "
    "Step into it for the derivation."
)
_SUM = "The sum of the terms of all outputs."
_DIFFERENCE = f"{_SUM} Since the targets add up to 1, it is the difference between output and target."


def softmax_sentence(voice: Voice, step: Step) -> str:
    """Return the explanation of the a and delta of a softmax layer; empty for all other steps."""
    record, q = voice.record, step.quantity
    if step.kind not in (Kind.A, Kind.DELTA, Kind.DELTA_TERM) or q.layer is None or not is_softmax(record, q.layer):
        return ""
    fused = is_fused_softmax(record, q.layer)
    if step.kind is Kind.A:
        return _QUOTIENT
    if not record.has_jacobian(q.layer):
        return ""
    if step.kind is Kind.DELTA_TERM:
        return _term_sentence(voice, q, fused)
    if step.grain is not Grain.TERM or record.architecture.sizes[q.layer + 1] == 1:
        return _CANCELS if fused else _ALL_OUTPUTS
    add_up_to_one = fused and float(record.t[q.time, record.row].sum()) == 1.0
    return _DIFFERENCE if add_up_to_one else _SUM


def _term_sentence(voice: Voice, q: Quantity, fused: bool) -> str:
    output, z = (
        voice.text(Quantity(kind, q.layer, unit, None, q.time)) for kind, unit in ((Kind.A, q.source), (Kind.Z, q.unit))
    )
    what = "reward" if voice.shows_reward else "loss"
    text = (
        f"The chain rule: how the {what} changes with {output}, times how {output} changes with {z}. "
        f"{linear(voice.kronecker(q))} is 1 if both belong to the same neuron, else 0."
    )
    return f"{text} The factor {output} before the bracket cancels." if fused else text


def exponential_headline(voice: Voice, q: Quantity) -> str:
    """Return the title of an exponential: Exponential of a₂, for y₁."""
    z = voice.text(Quantity(Kind.Z, q.layer, q.source, None, q.time))
    return f"Exponential of {z}, for {voice.text(Quantity(Kind.A, q.layer, q.unit, None, q.time))}"


def exponential_sum_headline(voice: Voice, q: Quantity) -> str:
    """Return the title of the sum, which is the same for every neuron of the layer."""
    return "Sum of the exponentials"


def delta_term_headline(voice: Voice, q: Quantity) -> str:
    """Return the title of a term of delta: Error term of y₁ via y₂."""
    own, by = (voice.text(Quantity(Kind.A, q.layer, unit, None, q.time)) for unit in (q.unit, q.source))
    return f"Error term of {own} via {by}"
