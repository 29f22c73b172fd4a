"""The texts of a step: its title, its place in the pass, and an explanation in a sentence or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from nnviz.debugger.state.session import Session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen
from nnviz.engine.losses import LOSSES
from nnviz.engine.record import PassRecord
from nnviz.present.core.timeline_cells import Cell
from nnviz.present.core.voice import ALL_TIMES, Voice, has_time, new_mark, voice_of
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.adjustments import adjusted_sentence, clip_sentence, regularization_sentence
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS, seed_tex
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.text.capital import capital
from nnviz.present.text.plain_text import linear
from nnviz.present.words.softmax_captions import (
    delta_term_headline,
    exponential_headline,
    exponential_sum_headline,
    softmax_sentence,
)
from nnviz.tracing.groups import term_counts
from nnviz.tracing.provenance import entering_quantity, source_quantity
from nnviz.tracing.steps import (
    PARAMETER_KINDS,
    PARAMETER_OF,
    UPDATE_TERMS,
    Grain,
    Kind,
    Phase,
    Quantity,
    Step,
    parameter_of,
)

_NONE: Mapping[str, str] = MappingProxyType({})
_Headline = Callable[[Voice, Quantity], str]

# The explanation of each kind of step. Gradients and new values are explained by functions below.
_SENTENCES: dict[Kind, str] = {
    Kind.PRODUCT: "One input of the neuron times its weight.",
    Kind.BIAS_TERM: "The bias is added to the products. It does not depend on the input.",
    Kind.PRODUCT_H: "One activation of the previous time step times its recurrent weight.",
    Kind.BIAS_H_TERM: "The recurrent connection has a bias of its own, which is added at every time step.",
    Kind.Z: "The inputs times their weights, added up, plus the bias. The activation function is applied next.",
    Kind.EXPONENTIAL: "The exponential makes every weighted sum positive. The largest one is subtracted first, "
    "which prevents overflow and does not change the result of the softmax.",
    Kind.EXPONENTIAL_SUM: "The sum of all exponentials of the layer: the denominator of every output of the softmax.",
    Kind.A: "The activation function is applied to the weighted sum. The result is the output of this neuron.",
    Kind.ERROR: "The loss function compares this output with its target.",
    Kind.LOSS: "A single number that says how wrong the network is on this example.",
    Kind.DE_DA_LOSS_TERM: "The part of the gradient that comes directly from the loss at this time step.",
    Kind.DE_DA_LATER_TERM: "At the next time step this activation enters the layer again. "
    "The error term there, times the recurrent weight, is propagated back in time.",
    Kind.DE_DA_TERM: "The error term of a neuron in the next layer, times the weight of the edge between the two.",
    Kind.DE_DA: "The error terms of the next layer, each times the weight of its edge, added up.",
    Kind.SLOPE: "The derivative of the activation function at the weighted sum. "
    "Where the function is flat, the derivative is small and little of the gradient passes.",
    Kind.DELTA_TERM: "The part of the error term that comes through one output of the layer.",
    Kind.DELTA: "The error term: the gradient at the activation times the derivative of the activation function.",
    Kind.DE_DX_TERM: "The error term of a neuron in the first layer, times the weight of the edge between the two.",
    Kind.DE_DX: "The error terms of the first layer, each times the weight of its edge, added up: "
    "how the loss changes with this input.",
    Kind.DZ_DW: "The derivative of the weighted sum with respect to a weight is the value that this weight multiplies.",
    Kind.DZ_DB: "The bias is simply added, so the derivative of the weighted sum with respect to it is 1.",
    Kind.DZ_DA: "The derivative of the weighted sum with respect to an input is the weight of that input.",
    Kind.NORM: "The length of all gradients together: the root of the sum of their squares.",
    Kind.FORWARD_PASS: "The example passes through the network, layer by layer, to the output.",
    Kind.ERROR_PASS: "The loss function compares the output with the target.",
}
_REWARDED: dict[Kind, str] = {
    Kind.ERROR: "What this output contributes to the reward, which is minus the loss.",
    Kind.LOSS: "A single number that says how good the network is on this example.",
    Kind.DE_DA_LOSS_TERM: "The part of the gradient that comes directly from the reward at this time step.",
}
# The gradient of a matrix's weight and of a bias, before it is summed.
_GRADIENTS = {
    "W": "the error term at the end of the edge times the value at its start",
    "W_h": "the error term times the previous hidden state",
    "b": "the error term of the neuron",
    "b_h": "the error term of the neuron",
}
# The kinds whose symbol may not name the neuron they belong to.
_OF_NEURON = (Kind.Z, Kind.SLOPE, Kind.DELTA)
_OF_INPUT = (Kind.DE_DX, Kind.DE_DX_TERM)
_PHASES = {
    Phase.FORWARD: "The forward pass",
    Phase.ERROR: "The error",
    Phase.BACKWARD: "The backward pass",
    Phase.UPDATE: "The update",
}


def parameters_noun(record: PassRecord) -> str:
    """Return what a network has to learn: weights and biases, or weights."""
    return "weights and biases" if record.architecture.has_biases else "weights"


def is_of_shared_bias(record: PassRecord, q: Quantity) -> bool:
    """Return whether a quantity belongs to the bias that all neurons of a layer have."""
    kinds = parameter_of(q)
    is_bias = kinds is not None and not kinds.is_matrix and q.kind is not kinds.term
    return is_bias and q.layer is not None and record.architecture.layers[q.layer].shares_bias


def layer_name(record: PassRecord, layer: int | None) -> str:
    """Return the name of a layer: hidden layer, hidden layer 2, output layer."""
    if layer is None:
        return ""
    last = record.architecture.depth - 1
    if layer == last:
        return "output layer"
    return "hidden layer" if last == 1 else f"hidden layer {layer + 1}"


def place(record: PassRecord, step: Step) -> str:
    """Return the place of a step: forward · hidden layer, neuron 1."""
    q = step.quantity
    parts: list[str] = [step.phase]
    where = layer_name(record, q.layer)
    end = 0 if q.kind in _OF_INPUT else -1 if q.layer is None else q.layer + 1
    if is_of_shared_bias(record, q):
        where = where if q.source is None else f"{where}, neuron {q.source + 1}"
    elif q.unit is not None and record.architecture.sizes[end] > 1:
        where = f"{where}, neuron {q.unit + 1}" if where else f"{'output' if end else 'input'} {q.unit + 1}"
    if where:
        parts.append(where)
    if record.architecture.is_recurrent and has_time(q.kind):
        parts.append(f"time {q.time + 1} of {record.time_steps}")
    if q.example is not None and len(record.examples) > 1:
        parts.append(f"example {record.examples[q.example] + 1}")
    return " · ".join(parts)


def cell_text(session: Session, cell: Cell) -> str:
    """Return what a cell of the timeline is: Step 19 · backward · δ₂ of y."""
    last = session.trace.step(session.grain, cell.last)
    if cell.first != cell.last:
        return f"Steps {cell.first + 1} – {cell.last + 1} · {cell.phase}"
    return f"Step {cell.first + 1} · {cell.phase} · {quantity_name(voice_of(session), last)}"


def quantity_name(voice: Voice, step: Step) -> str:
    """Return the symbol of a step's number, with its neuron if the symbol does not name that: δ₂ of y."""
    symbol, q = f"{voice.text(step.quantity)}{new_mark(step.kind)}", step.quantity
    if step.kind not in _OF_NEURON or q.layer is None or q.unit is None:
        return symbol
    neuron = _activation(voice, replace(q, source=None))
    return symbol if neuron in symbol else f"{symbol} of {neuron}"


def headline(voice: Voice, step: Step) -> str:
    """Return the title of a step's card: Weighted sum into h₁."""
    if step.grain is Grain.PASS:
        return _PHASES[step.phase]
    return _HEADLINES[step.kind](voice, step.quantity)


def sentence(voice: Voice, step: Step, captions: Mapping[str, str] = _NONE) -> str:
    """Return the explanation of a step: the lesson's own caption for its kind, if any, or the general one."""
    if step.kind in captions:
        return captions[step.kind]
    if text := softmax_sentence(voice, step):
        return text
    if step.kind in _EXPLAINED:
        return _EXPLAINED[step.kind](voice, step)
    return (_REWARDED.get(step.kind) if voice.shows_reward else None) or _SENTENCES[step.kind]


def _weighted_sum_sentence(voice: Voice, step: Step) -> str:
    assert step.quantity.layer is not None
    layer = voice.record.architecture.layers[step.quantity.layer]
    if not layer.recurrent and layer.biases:
        return _SENTENCES[Kind.Z]
    sources = (
        "The inputs and the previous hidden state, each times its" if layer.recurrent else "The inputs times their"
    )
    bias = ", plus the biases" if layer.biases else ""
    return f"{sources} weights, added up{bias}. The activation function is applied next."


def _bias_sentence(voice: Voice, step: Step) -> str:
    assert step.quantity.layer is not None
    shared = " All neurons of the layer have the same one."
    return f"{_SENTENCES[step.kind]}{shared * voice.record.architecture.layers[step.quantity.layer].shares_bias}"


def _backward_pass_sentence(voice: Voice, step: Step) -> str:
    of = parameters_noun(voice.record)
    return f"Back-propagation: the chain rule gives the gradients of all {of}, from the last layer to the first."


def _activation_sentence(voice: Voice, step: Step) -> str:
    return _with_note(voice, step, _SENTENCES[Kind.A])


def _slope_sentence(voice: Voice, step: Step) -> str:
    """Return the general sentence, or that of a mistake, and the note of the activation."""
    assert step.quantity.layer is not None
    record, convention = voice.record, voice.record.convention.slope
    activation = ACTIVATIONS[record.architecture.layers[step.quantity.layer].activation]
    # A formula in z that is given z is right.
    is_mistake = not (activation.by_z and convention == "product_of_z")
    mistake = CONVENTION_TEXTS["slope", convention].slope if is_mistake else ""
    return _with_note(voice, step, mistake or _SENTENCES[Kind.SLOPE])


def _with_note(voice: Voice, step: Step, text: str) -> str:
    """Return a text with the note of the layer's activation, if it has one."""
    assert step.quantity.layer is not None
    note = ACTIVATION_TEXTS[voice.record.architecture.layers[step.quantity.layer].activation].note
    return " ".join(part for part in (text, note) if part)


def _error_sentence(voice: Voice, step: Step) -> str:
    general = (_REWARDED if voice.shows_reward else _SENTENCES)[Kind.ERROR]
    return LOSS_TEXTS[voice.record.architecture.loss].of_output or general


def _error_pass_sentence(voice: Voice, step: Step) -> str:
    return LOSS_TEXTS[voice.record.architecture.loss].of_example or _SENTENCES[Kind.ERROR_PASS]


def _loss_sentence(voice: Voice, step: Step) -> str:
    """Return the meaning of the total, and what training does to it."""
    record, reward = voice.record, voice.shows_reward
    if text := LOSS_TEXTS[record.architecture.loss].of_example:
        return text
    parts = [(_REWARDED if reward else _SENTENCES)[Kind.LOSS]]
    if record.architecture.sizes[-1] == 1 and record.time_steps == 1:
        parts.insert(0, f"There is a single output, so its {'reward' if reward else 'error'} is the total.")
    if record.convention.step == "downhill":
        parts.append(f"Training makes it {'larger' if reward else 'smaller'}.")
    return " ".join(parts)


def _gradient_at_activation(voice: Voice, step: Step) -> str:
    """Return the sentence of dE/da: the derivative of the loss at an output, else the back-propagated terms."""
    q, record = step.quantity, voice.record
    assert q.layer is not None
    loss, next_layer, later = term_counts(record, q.layer, q.time, q.unit or 0)
    text = _SENTENCES[Kind.DE_DA] if next_layer else ""
    if loss:
        negative, what = ("Minus the" if voice.negates_gradient else "The"), "reward" if voice.shows_reward else "loss"
        given = LOSS_TEXTS[record.architecture.loss].of_gradient if not voice.negates_gradient else ""
        seed = linear(seed_tex(record.architecture, q.unit))
        text = given.format(seed=seed) or f"{negative} derivative of the {what} with respect to the output."
    if later:
        added = "are added" if text else "added up: the loss of this time step has no part in it"
        text = f"{text} The error terms of the next time step, times the recurrent weights, {added}.".lstrip()
    return text


def _gradient_sentence(voice: Voice, step: Step) -> str:
    """Return what a gradient is made of, and over what it is summed or averaged."""
    record, kinds = voice.record, PARAMETER_OF[step.kind]
    parts, sums = [_GRADIENTS[kinds.name]], []
    examples, steps = len(record.examples) > 1, record.time_steps > 1
    if step.kind is kinds.gradient_term:
        which = "one time step" if not examples else "one example at one time step" if steps else "one example"
        parts[0] = f"the part of {which}: {parts[0]}"
    else:
        sums += ["summed over the neurons that share the bias"] if is_of_shared_bias(record, step.quantity) else []
        sums += ["summed over the time steps"] if steps else []
        sums += [f"{'averaged' if record.rule.reduce == 'mean' else 'summed'} over the batch"] if examples else []
    parts += ["times the learning rate"] if voice.gradients_as_changes else []
    parts += [" and ".join(sums)] if sums else []
    text = ", ".join(parts)
    end = "." if kinds.is_matrix else ". A bias multiplies a constant 1."
    layer = step.quantity.layer or 0
    if step.kind is Kind.DW and step.quantity.unit is None and record.architecture.connections[layer] is not None:
        end += f" {linear(voice.mask(layer))} has a 1 for each connection and a 0 for each missing one."
    return f"{capital(text)}{end}"


def _memory_sentence(voice: Voice, step: Step) -> str:
    q, record = step.quantity, voice.record
    if is_frozen(record.convention, q.of, q.layer or 0):
        return f"The {_PARAMETER_NOUNS[q.of]} is frozen, so the optimizer's memory of it stays the same."
    return OPTIMIZER_TEXTS[record.rule.optimizer].memories[q.slot or 0].sentence


def _corrected_sentence(voice: Voice, step: Step) -> str:
    text = OPTIMIZER_TEXTS[voice.record.rule.optimizer].memories[step.quantity.slot or 0]
    return f"The {text.title.lower()} is corrected for its start from 0: without this, the first steps are too small."


def _update_sentence(voice: Voice, step: Step) -> str:
    """Return how one parameter moves: by the optimizer's rule, or with the wrong sign, or not at all."""
    record = voice.record
    noun = _noun(step.kind)
    if is_frozen(record.convention, PARAMETER_OF[step.kind].name, step.quantity.layer or 0):
        return f"The {noun} is frozen: it stays the same."
    if record.convention.step == "uphill":
        way = _wrong_way(voice)
        if voice.own_step:
            return f"As printed, the {noun} moves {way}: a sign error."
        worse = "lowers the reward" if voice.shows_reward else "increases the loss"
        return f"As you have chosen, the {noun} moves {way}, so training {worse}."
    return (
        OPTIMIZER_TEXTS[record.rule.optimizer].sentence.format(noun=noun) or f"{_descent(voice, f'the {noun} moves')}."
    )


def _update_pass_sentence(voice: Voice, step: Step) -> str:
    record, noun = voice.record, parameters_noun(voice.record)
    if record.convention.step == "uphill":
        return f"The {noun} move {_wrong_way(voice)}."
    if not record.rule.plain:
        return f"{OPTIMIZER_TEXTS[record.rule.optimizer].title} computes the new {noun} from the gradients."
    return f"{_descent(voice, f'the {noun} move')}."


def _descent(voice: Voice, subject: str) -> str:
    """Return plain gradient descent in words, or gradient ascent if the document has a reward."""
    amount = f"by the learning rate times the {'adjusted ' if voice.record.rule.adjusts else ''}gradient"
    if voice.shows_reward:
        return f"Gradient ascent: {subject} along the gradient of the reward, {amount}"
    return f"Gradient descent: {subject} against the gradient of the loss, {amount}"


def _wrong_way(voice: Voice) -> str:
    """Return the direction of an update with the wrong sign."""
    if voice.shows_reward:
        return "against the gradient of the reward, not along it"
    return "along the gradient of the loss, not against it"


def _noun(kind: Kind) -> str:
    return "weight" if PARAMETER_OF[kind].is_matrix else "bias"


def _sum(voice: Voice, q: Quantity) -> str:
    return voice.text(Quantity(Kind.Z, q.layer, q.unit, None, q.time))


def _activation(voice: Voice, q: Quantity) -> str:
    return voice.text(Quantity(Kind.A, q.layer, q.unit, None, q.time))


def _edge(voice: Voice, q: Quantity) -> str:
    """Return an edge by its ends, h₁ → y; of a whole layer, its name."""
    assert q.layer is not None
    kinds = PARAMETER_OF[q.kind]
    if q.unit is None and q.source is None:
        return f"{'of' if kinds.is_recurrent else 'into'} the {layer_name(voice.record, q.layer)}"
    assert q.source is not None
    if q.kind in (kinds.value, kinds.gradient, kinds.new):  # of all time steps together
        source = Quantity(Kind.A, q.layer, q.source) if kinds.is_recurrent else source_quantity(q.layer, q.source)
        ends = voice.text(replace(source, time=ALL_TIMES)), _activation(voice, replace(q, time=ALL_TIMES))
    else:
        ends = voice.text(entering_quantity(kinds, q)), _activation(voice, q)
    return f"{' → '.join(ends)}{' (recurrent)' if kinds.is_recurrent else ''}"


def _of(singular: str, plural: str) -> _Headline:
    """Return a headline of one unit, "Bias of h₁", or of a layer, "Biases of the hidden layer"."""

    def headline_of(voice: Voice, q: Quantity) -> str:
        if is_of_shared_bias(voice.record, q):
            return f"{singular} the {layer_name(voice.record, q.layer)}"
        if q.unit is None:
            return f"{plural} of the {layer_name(voice.record, q.layer)}"
        is_timeless = q.kind in PARAMETER_OF
        return f"{singular} {_activation(voice, replace(q, time=ALL_TIMES) if is_timeless else q)}"

    return headline_of


def _on_edge(singular: str, plural: str) -> _Headline:
    """Return a headline of one edge, "New weight on h₁ → y", or of a layer, "New weights into the output layer"."""

    def headline_on(voice: Voice, q: Quantity) -> str:
        return f"{plural} {_edge(voice, q)}" if q.unit is None else f"{singular} {_edge(voice, q)}"

    return headline_on


def _gradient_of_parameter(voice: Voice, q: Quantity) -> str:
    """Return the headline of a gradient, which may be given as the change: Weight change on x₁ → h₁."""
    kinds, what = PARAMETER_OF[q.kind], "change" if voice.gradients_as_changes else "gradient"
    # The edge says that it is recurrent.
    noun = "Weight" if kinds.is_matrix and q.unit is not None else _PARAMETER_NOUNS[kinds.name].capitalize()
    if voice.negates_gradient and not voice.gradients_as_changes:
        noun = f"Negative {noun.lower()}"
    write = _on_edge if kinds.is_matrix else _of
    return write(f"{noun} {what} {'on' if kinds.is_matrix else 'of'}", f"{noun} {what}s")(voice, q)


def _output_error(voice: Voice, q: Quantity) -> str:
    if q.unit is None:
        return f"{_error_noun(voice)} of every output"
    output = Quantity(Kind.A, voice.record.architecture.depth - 1, q.unit, time=q.time)
    return f"{_error_noun(voice)} of {voice.text(output)}"


def _error_noun(voice: Voice) -> str:
    if not LOSSES[voice.record.architecture.loss].has_targets:
        return "Loss"
    return "Reward" if voice.shows_reward else "Error"


def _gradient_headline(voice: Voice, q: Quantity) -> str:
    """Return the headline of dE/da, with its sign: Gradient of the loss at y."""
    return _gradient_at(voice, f"the {layer_name(voice.record, q.layer)}" if q.unit is None else _activation(voice, q))


def _gradient_at(voice: Voice, where: str) -> str:
    noun = "Negative gradient" if voice.negates_gradient else "Gradient"
    return f"{noun} of the {'reward' if voice.shows_reward else 'loss'} at {where}"


def _input_headline(voice: Voice, q: Quantity) -> str:
    """Return the headline of dE/dx: Gradient of the loss at x₁."""
    where = "the inputs" if q.unit is None else voice.text(replace(q, kind=Kind.INPUT))
    return _gradient_at(voice, where)


def _slope_headline(voice: Voice, q: Quantity) -> str:
    if q.unit is None:
        return f"Derivatives of the activation in the {layer_name(voice.record, q.layer)}"
    return f"Derivative of the activation at {_activation(voice, q)}"


def _backpropagated_headline(voice: Voice, q: Quantity) -> str:
    assert q.layer is not None
    sender = voice.text(Quantity(Kind.A, q.layer + 1, q.source, time=q.time))
    return f"Term back-propagated from {sender} to {_activation(voice, q)}"


def _input_term_headline(voice: Voice, q: Quantity) -> str:
    sender = voice.text(Quantity(Kind.A, 0, q.source, time=q.time))
    return f"Term back-propagated from {sender} to {voice.text(Quantity(Kind.INPUT, None, q.unit, time=q.time))}"


def _through_time_headline(voice: Voice, q: Quantity) -> str:
    sender = voice.text(Quantity(Kind.A, q.layer, q.source, time=q.time + 1))
    return f"Term back-propagated through time from {sender} to {_activation(voice, q)}"


def _derivative_headline(by: str) -> _Headline:
    """Return the headline of a local derivative of the weighted sum."""
    return lambda voice, q: f"Derivative of {_sum(voice, q)} with respect to its {by}"


_TERM_TITLES = {Kind.PENALTY: "Regularization", Kind.ADJUSTED: "Adjusted gradient"}


def term_title(voice: Voice, q: Quantity) -> str:
    """Return the title of a term of an update: of a number of an optimizer's memory, that of its vector."""
    if q.kind in _TERM_TITLES:
        return _TERM_TITLES[q.kind]
    title = OPTIMIZER_TEXTS[voice.record.rule.optimizer].memories[q.slot or 0].title
    return f"Corrected {title.lower()}" if q.kind is Kind.CORRECTED else title


def _of_parameter(voice: Voice, q: Quantity) -> str:
    """Return the headline of a number that belongs to a parameter."""
    parameter = Quantity(PARAMETER_KINDS[q.of].value, q.layer, q.unit, q.source)
    return f"{term_title(voice, q)} of {voice.text(parameter)}"


def _in_layer(voice: Voice, q: Quantity) -> str:
    return "" if q.layer is None else f" in the {layer_name(voice.record, q.layer)}"


_PARAMETER_NOUNS = {"W": "weight", "b": "bias", "W_h": "recurrent weight", "b_h": "recurrent bias"}
_EXPLAINED: dict[Kind, Callable[[Voice, Step], str]] = {
    Kind.BIAS_TERM: _bias_sentence,
    Kind.BIAS_H_TERM: _bias_sentence,
    Kind.Z: _weighted_sum_sentence,
    Kind.A: _activation_sentence,
    Kind.ERROR: _error_sentence,
    Kind.LOSS: _loss_sentence,
    Kind.DE_DA: _gradient_at_activation,
    Kind.SLOPE: _slope_sentence,
    Kind.CLIP: lambda voice, step: clip_sentence(voice.record.rule, voice.number(step.quantity)),
    Kind.PENALTY: lambda voice, step: regularization_sentence(voice.record.rule, _PARAMETER_NOUNS[step.quantity.of]),
    Kind.ADJUSTED: lambda voice, step: adjusted_sentence(voice.record.rule),
    Kind.MOVING: _memory_sentence,
    Kind.CORRECTED: _corrected_sentence,
    Kind.ERROR_PASS: _error_pass_sentence,
    Kind.BACKWARD_PASS: _backward_pass_sentence,
    Kind.UPDATE_PASS: _update_pass_sentence,
    **{
        kind: _gradient_sentence for kinds in PARAMETER_KINDS.values() for kind in (kinds.gradient, kinds.gradient_term)
    },
    **{kinds.new: _update_sentence for kinds in PARAMETER_KINDS.values()},
}
_HEADLINES: dict[Kind, _Headline] = {
    Kind.PRODUCT: _on_edge("Product on", "Products"),
    Kind.BIAS_TERM: _of("Bias of", "Biases"),
    Kind.PRODUCT_H: _on_edge("Product on", "Recurrent products"),
    Kind.BIAS_H_TERM: _of("Recurrent bias of", "Recurrent biases"),
    Kind.Z: _of("Weighted sum into", "Weighted sums"),
    Kind.EXPONENTIAL: exponential_headline,
    Kind.EXPONENTIAL_SUM: exponential_sum_headline,
    Kind.A: _of("Activation of", "Activations"),
    Kind.ERROR: _output_error,
    Kind.LOSS: lambda voice, q: f"{_error_noun(voice)} of the example",
    Kind.DE_DA_LOSS_TERM: _gradient_headline,
    Kind.DE_DA_TERM: _backpropagated_headline,
    Kind.DE_DA_LATER_TERM: _through_time_headline,
    Kind.DE_DA: _gradient_headline,
    Kind.SLOPE: _slope_headline,
    Kind.DELTA_TERM: delta_term_headline,
    Kind.DELTA: _of("Error term of", "Error terms"),
    Kind.DE_DX_TERM: _input_term_headline,
    Kind.DE_DX: _input_headline,
    Kind.DZ_DW: _derivative_headline("weights"),
    Kind.DZ_DB: _derivative_headline("bias"),
    Kind.DZ_DA: _derivative_headline("inputs"),
    Kind.NORM: lambda voice, q: "Norm of the gradient" + _in_layer(voice, q),
    Kind.CLIP: lambda voice, q: "Clip factor of the gradient" + _in_layer(voice, q),
    **dict.fromkeys(UPDATE_TERMS, _of_parameter),
    **{
        kind: _gradient_of_parameter
        for kinds in PARAMETER_KINDS.values()
        for kind in (kinds.gradient, kinds.gradient_term)
    },
    Kind.W_NEW: _on_edge("New weight on", "New weights"),
    Kind.B_NEW: _of("New bias of", "New biases"),
    Kind.W_H_NEW: _on_edge("New weight on", "New recurrent weights"),
    Kind.B_H_NEW: _of("New recurrent bias of", "New recurrent biases"),
}
