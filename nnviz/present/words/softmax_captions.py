"""What the steps of a softmax layer are called, and why they are taken."""

from __future__ import annotations

from nnviz.present.core.voice import Voice
from nnviz.present.text.plain_text import linear
from nnviz.tracing.provenance import is_fused_softmax, is_softmax
from nnviz.tracing.steps import Grain, Kind, Quantity, Step

_SHARE = "This neuron's exponential over the sum of all of them: its share of 1."
_MANY_WAYS = "A weighted sum moves every output of a softmax, so its error term adds up what comes back by way of each."
_CANCELS = (
    "Of softmax and cross entropy together little is left: all but the output and its target cancels. "
    "Step into it to see how."
)
_ADDED = "What comes back by way of each output, added up."
_LEFT = f"{_ADDED} Since the targets add up to 1, output and target are all that is left."


def softmax_sentence(voice: Voice, step: Step) -> str:
    """One sentence why, for the a and delta of a softmax layer; empty for all other steps."""
    record, q = voice.record, step.quantity
    if step.kind not in (Kind.A, Kind.DELTA, Kind.DELTA_TERM) or q.layer is None or not is_softmax(record, q.layer):
        return ""
    fused = is_fused_softmax(record, q.layer)
    if step.kind is Kind.A:
        return _SHARE
    if step.kind is Kind.DELTA_TERM:
        return _way_of(voice, q, fused)
    if step.grain is not Grain.TERM or record.architecture.sizes[q.layer + 1] == 1:
        return _CANCELS if fused else _MANY_WAYS
    whole = fused and float(record.t[q.time, record.row].sum()) == 1.0
    return _LEFT if whole else _ADDED


def _way_of(voice: Voice, q: Quantity, fused: bool) -> str:
    output, z = (
        voice.text(Quantity(kind, q.layer, unit, None, q.time)) for kind, unit in ((Kind.A, q.source), (Kind.Z, q.unit))
    )
    noun = "reward" if voice.tells_reward else "error"
    entry = linear(voice.kronecker(q))
    text = (
        f"The {noun} changes with {output}, and {output} with {z}. {entry} is 1 for an output and its own sum, else 0."
    )
    return f"{text} The {output} before the bracket cancels." if fused else text


def exponential_headline(voice: Voice, q: Quantity) -> str:
    """Exponential of a₂, for y₁."""
    z = voice.text(Quantity(Kind.Z, q.layer, q.source, None, q.time))
    return f"Exponential of {z}, for {voice.text(Quantity(Kind.A, q.layer, q.unit, None, q.time))}"


def exponential_sum_headline(voice: Voice, q: Quantity) -> str:
    """The same for every neuron of the layer."""
    return "Sum of the exponentials"


def delta_term_headline(voice: Voice, q: Quantity) -> str:
    """Error term of y₁ via y₂."""
    own, by = (voice.text(Quantity(Kind.A, q.layer, unit, None, q.time)) for unit in (q.unit, q.source))
    return f"Error term of {own} via {by}"
