"""What a step is called, where it stands, and one plain sentence why it is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.record import PassRecord
from nnviz.present.core.voice import ALL_TIMES, Voice, has_time
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.words.softmax_captions import (
    delta_term_headline,
    exponential_headline,
    exponential_sum_headline,
    softmax_sentence,
)
from nnviz.tracing.provenance import entering_quantity, source_quantity
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, Grain, Kind, Phase, Quantity, Step

_NONE: Mapping[str, str] = MappingProxyType({})
_Headline = Callable[[Voice, Quantity], str]

_SENTENCES: dict[Kind, str] = {
    Kind.PRODUCT: "One input is scaled by the weight on its edge.",
    Kind.BIAS_TERM: "The bias shifts the sum, whatever comes in.",
    Kind.PRODUCT_H: "What this layer gave one time step before is scaled by the weight on its loop.",
    Kind.BIAS_H_TERM: "The loop has a bias of its own, which is there even at the first time step.",
    Kind.Z: "Each input is scaled by the weight on its edge, the products are added, and the bias shifts the total. "
    "Nothing is squashed yet: that is the next step.",
    Kind.EXPONENTIAL: "The exponential makes every sum positive, and a larger one larger still. "
    "The largest is taken off first, so that nothing can overflow: the shares stay the same.",
    Kind.EXPONENTIAL_SUM: "All exponentials of the layer together: the same whole for each of its neurons.",
    Kind.A: "The activation function turns the weighted sum into what this neuron passes on.",
    Kind.ERROR: "How far this output is from its target, as the loss counts it.",
    Kind.LOSS: "One number says how wrong the network is on this example. Training makes it smaller.",
    Kind.DE_DA_LOSS_TERM: "What the loss asks of this output at this time step.",
    Kind.DE_DA_LATER_TERM: "One time step later this neuron's output entered the layer again: "
    "the error term there comes back along the loop.",
    Kind.DE_DA_TERM: "A neuron of the next layer sends its error term back along the edge that connects them.",
    Kind.DE_DA: "How the error would change if this neuron's output did. "
    "It comes back along every edge by which the output went forward.",
    Kind.SLOPE: "How steep the activation function is where the forward pass stood. "
    "A flat place lets little of the error through.",
    Kind.DELTA_TERM: "What comes back by way of one output of the layer.",
    Kind.DELTA: "The error term of this neuron: what came back to its output, times the slope of its activation.",
    Kind.DZ_DW: "The weighted sum changes with a weight as fast as what that weight multiplies.",
    Kind.DZ_DB: "The bias enters the sum as it is, so the sum changes with it one for one.",
    Kind.DZ_DA: "The weighted sum changes with an input as fast as the weight on its edge.",
    Kind.DW_TERM: "What one example of the batch asks of this weight.",
    Kind.DW: "An edge shares in the error by what it carried forward: the error term at its end times the value "
    "at its start.",
    Kind.DB_TERM: "What one example of the batch asks of this bias.",
    Kind.DB: "A bias carries a constant 1, so its share of the error is the error term itself.",
    Kind.DW_H_TERM: "What one time step asks of this weight: the error term there times what was remembered.",
    Kind.DW_H: "The same weight is used at every time step, so what each of them asks of it is added up.",
    Kind.DB_H_TERM: "What one time step asks of the loop's bias.",
    Kind.DB_H: "The loop's bias is there at every time step, so its error terms are added up.",
    Kind.MOVING: "The optimizer remembers past gradients in a running average, and moves by that.",
    Kind.W_NEW: "The weight moves a small way downhill, by the learning rate times its gradient.",
    Kind.B_NEW: "The bias moves a small way downhill, by the learning rate times its gradient.",
    Kind.W_H_NEW: "The weight moves a small way downhill, by the learning rate times its gradient.",
    Kind.B_H_NEW: "The bias moves a small way downhill, by the learning rate times its gradient.",
    Kind.FORWARD_PASS: "The example goes through the network layer by layer, to an output.",
    Kind.ERROR_PASS: "The output is compared with the target.",
    Kind.BACKWARD_PASS: "The error goes back through the network by the chain rule, to every weight.",
    Kind.UPDATE_PASS: "Every weight and bias moves a little against its gradient.",
}
_REWARDED: dict[Kind, str] = {
    Kind.ERROR: "What this output adds to the reward: the closer to its target, the higher.",
    Kind.LOSS: "One number says how well the network does on this example. Training makes it larger.",
    Kind.W_NEW: "The weight moves a small way uphill on the reward, by the learning rate times its gradient.",
    Kind.B_NEW: "The bias moves a small way uphill on the reward, by the learning rate times its gradient.",
    Kind.W_H_NEW: "The weight moves a small way uphill on the reward, by the learning rate times its gradient.",
    Kind.B_H_NEW: "The bias moves a small way uphill on the reward, by the learning rate times its gradient.",
    Kind.UPDATE_PASS: "Every weight and bias moves a little, so that the reward grows.",
}
_TERMS_OF_GRADIENT = (Kind.DW_TERM, Kind.DB_TERM)
_PHASES = {
    Phase.FORWARD: "The forward pass",
    Phase.ERROR: "The error",
    Phase.BACKWARD: "The backward pass",
    Phase.UPDATE: "The update",
}


def layer_name(record: PassRecord, layer: int | None) -> str:
    """A layer as people call it: hidden layer, hidden layer 2, output layer."""
    if layer is None:
        return ""
    last = record.architecture.depth - 1
    if layer == last:
        return "output layer"
    return "hidden layer" if last == 1 else f"hidden layer {layer + 1}"


def place(record: PassRecord, step: Step) -> str:
    """Where a step stands: forward · hidden layer, neuron 1."""
    q = step.quantity
    parts: list[str] = [step.phase]
    where = layer_name(record, q.layer)
    units = record.architecture.sizes[-1] if q.layer is None else record.architecture.sizes[q.layer + 1]
    if q.unit is not None and units > 1:
        where = f"{where}, neuron {q.unit + 1}" if where else f"output {q.unit + 1}"
    if where:
        parts.append(where)
    if record.architecture.is_recurrent and has_time(q.kind):
        parts.append(f"time {q.time + 1} of {record.time_steps}")
    if q.example is not None and len(record.examples) > 1:
        parts.append(f"example {record.examples[q.example] + 1}")
    return " · ".join(parts)


def headline(voice: Voice, step: Step) -> str:
    """The title of a step's card: Weighted sum into h₁."""
    if step.grain is Grain.PASS:
        return _PHASES[step.phase]
    return _HEADLINES[step.kind](voice, step.quantity)


def sentence(voice: Voice, step: Step, captions: Mapping[str, str] = _NONE) -> str:
    """One sentence why: the lesson's own caption for this kind of step where it has one, else the general one."""
    if step.kind in captions:
        return captions[step.kind]
    why = _REWARDED.get(step.kind, _SENTENCES[step.kind]) if voice.tells_reward else _SENTENCES[step.kind]
    why = softmax_sentence(voice, step) or why
    record = voice.record
    if step.kind in (Kind.A, Kind.SLOPE):
        why = _sentence_of_function(voice, step, why)
    if step.kind is Kind.UPDATE_PASS and record.convention.step == "uphill":
        why = "Every weight and bias moves a little along its gradient, not against it."
    if step.kind in _TERMS_OF_GRADIENT and len(record.examples) == 1:
        why = f"What one time step asks of this {_noun(step.kind)}."
    if step.kind in NEW_KINDS:
        why = _update_sentence(voice, step, why)
    if step.kind is Kind.LOSS and record.architecture.sizes[-1] == 1 and record.time_steps == 1:
        what = "reward" if voice.tells_reward else "error"
        why = f"There is one output, so its {what} is the whole. {why}"
    return why


def _sentence_of_function(voice: Voice, step: Step, plain: str) -> str:
    """The `plain` sentence of a value or slope, or that of a slip, and the note of its activation."""
    assert step.quantity.layer is not None
    record = voice.record
    name, convention = record.architecture.layers[step.quantity.layer].activation, record.convention.slope
    # A formula in z that is fed z is right.
    is_slip = step.kind is Kind.SLOPE and not (ACTIVATIONS[name].by_z and convention == "product_of_z")
    why = (is_slip and CONVENTION_TEXTS["slope", convention].slope) or plain
    return " ".join(part for part in (why, ACTIVATION_TEXTS[name].note) if part)


def _update_sentence(voice: Voice, step: Step, plain: str) -> str:
    """The `plain` sentence, or another where the sign is a slip or the optimizer is not plain descent."""
    record = voice.record
    noun = _noun(step.kind)
    if is_frozen(record.convention, PARAMETER_OF[step.kind].name, step.quantity.layer or 0):
        return f"The {noun} is frozen: it stays as it is."
    if record.convention.step == "uphill":
        way = "down the slope of the reward, not up" if voice.tells_reward else "up the slope of the error, not down"
        if not voice.own_step:
            return f"The {noun} moves {way}, as you have chosen: training now makes things worse."
        return f"As printed, the {noun} moves {way}: the sign is a slip."
    return OPTIMIZER_TEXTS[record.rule.optimizer].sentence.format(noun=noun) or plain


def _noun(kind: Kind) -> str:
    return "weight" if PARAMETER_OF[kind].is_matrix else "bias"


def _sum(voice: Voice, q: Quantity) -> str:
    return voice.text(Quantity(Kind.Z, q.layer, q.unit, None, q.time))


def _activation(voice: Voice, q: Quantity) -> str:
    return voice.text(Quantity(Kind.A, q.layer, q.unit, None, q.time))


def _edge(voice: Voice, q: Quantity) -> str:
    """An edge by its ends: h₁ → y."""
    assert q.layer is not None
    if q.unit is None and q.source is None:
        loop = " of the loop" if PARAMETER_OF[q.kind].is_recurrent else ""
        return f"{loop} into the {layer_name(voice.record, q.layer)}".strip()
    assert q.source is not None
    kinds = PARAMETER_OF[q.kind]
    if q.kind in (kinds.held, kinds.gradient, kinds.new):  # of all time steps together
        source = Quantity(Kind.A, q.layer, q.source) if kinds.is_recurrent else source_quantity(q.layer, q.source)
        return f"{voice.text(replace(source, time=ALL_TIMES))} → {_activation(voice, replace(q, time=ALL_TIMES))}"
    return f"{voice.text(entering_quantity(kinds, q))} → {_activation(voice, q)}"


def _of(noun: str, whole: str) -> _Headline:
    def headline_of(voice: Voice, q: Quantity) -> str:
        if q.unit is None:
            return f"{whole} of the {layer_name(voice.record, q.layer)}"
        whole_sequence = q.kind in PARAMETER_OF
        return f"{noun} {_activation(voice, replace(q, time=ALL_TIMES) if whole_sequence else q)}"

    return headline_of


def _on_edge(noun: str, whole: str) -> _Headline:
    def headline_of(voice: Voice, q: Quantity) -> str:
        return f"{whole} {_edge(voice, q)}" if q.unit is None else f"{noun} {_edge(voice, q)}"

    return headline_of


def _gradient_of_weight(voice: Voice, q: Quantity) -> str:
    noun = "change" if voice.tells_change else "gradient"
    return f"Weight {noun} on {_edge(voice, q)}" if q.unit is not None else f"Weight {noun}s {_edge(voice, q)}"


def _gradient_of_bias(voice: Voice, q: Quantity) -> str:
    noun = "change" if voice.tells_change else "gradient"
    if q.unit is None:
        return f"Bias {noun}s of the {layer_name(voice.record, q.layer)}"
    return f"Bias {noun} of {_activation(voice, replace(q, time=ALL_TIMES))}"


def _output_error(voice: Voice, q: Quantity) -> str:
    if q.unit is None:
        return f"{_measured(voice)} of every output"
    output = Quantity(Kind.A, voice.record.architecture.depth - 1, q.unit, time=q.time)
    return f"{_measured(voice)} of {voice.text(output)}"


def _measured(voice: Voice) -> str:
    return "Reward" if voice.tells_reward else "Error"


def _error_reaching(voice: Voice, q: Quantity) -> str:
    return (
        f"Error reaching {_activation(voice, q) if q.unit is not None else f'the {layer_name(voice.record, q.layer)}'}"
    )


def _share(voice: Voice, q: Quantity) -> str:
    assert q.layer is not None
    sender = voice.text(Quantity(Kind.A, q.layer + 1, q.source, time=q.time))
    return f"What {sender} sends back to {_activation(voice, q)}"


def _later_share(voice: Voice, q: Quantity) -> str:
    sender = voice.text(Quantity(Kind.A, q.layer, q.source, time=q.time + 1))
    return f"What {sender} sends back in time to {_activation(voice, q)}"


def _memory(voice: Voice, q: Quantity) -> str:
    title = OPTIMIZER_TEXTS[voice.record.rule.optimizer].memories[q.slot or 0].title
    return f"{title} of {voice.text(Quantity(PARAMETER_KINDS[q.of].held, q.layer, q.unit, q.source))}"


_HEADLINES: dict[Kind, _Headline] = {
    Kind.PRODUCT: _on_edge("Product on", "Products"),
    Kind.BIAS_TERM: _of("Bias of", "Biases"),
    Kind.PRODUCT_H: _on_edge("Product on", "Products"),
    Kind.BIAS_H_TERM: _of("Bias of the loop into", "Biases of the loop"),
    Kind.Z: _of("Weighted sum into", "Weighted sums"),
    Kind.EXPONENTIAL: exponential_headline,
    Kind.EXPONENTIAL_SUM: exponential_sum_headline,
    Kind.A: _of("Activation of", "Activations"),
    Kind.ERROR: _output_error,
    Kind.LOSS: lambda voice, q: f"{_measured(voice)} of the example",
    Kind.DE_DA_LOSS_TERM: _error_reaching,
    Kind.DE_DA_TERM: _share,
    Kind.DE_DA_LATER_TERM: _later_share,
    Kind.DE_DA: _error_reaching,
    Kind.SLOPE: _of("Slope at", "Slopes"),
    Kind.DELTA_TERM: delta_term_headline,
    Kind.DELTA: _of("Error term of", "Error terms"),
    Kind.DZ_DW: lambda voice, q: f"How {_sum(voice, q)} changes with its weights",
    Kind.DZ_DB: lambda voice, q: f"How {_sum(voice, q)} changes with its bias",
    Kind.DZ_DA: lambda voice, q: f"How {_sum(voice, q)} changes with its inputs",
    Kind.DW_TERM: _gradient_of_weight,
    Kind.DW: _gradient_of_weight,
    Kind.DB_TERM: _gradient_of_bias,
    Kind.DB: _gradient_of_bias,
    Kind.DW_H_TERM: _gradient_of_weight,
    Kind.DW_H: _gradient_of_weight,
    Kind.DB_H_TERM: _gradient_of_bias,
    Kind.DB_H: _gradient_of_bias,
    Kind.MOVING: _memory,
    Kind.W_NEW: _on_edge("New weight on", "New weights"),
    Kind.B_NEW: _of("New bias of", "New biases"),
    Kind.W_H_NEW: _on_edge("New weight on", "New weights"),
    Kind.B_H_NEW: _of("New bias of the loop into", "New biases of the loop"),
}
