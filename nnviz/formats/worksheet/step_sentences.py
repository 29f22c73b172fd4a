"""What is done in a step, in a sentence as textbooks write it: the same in worksheets and in traces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.engine.activations import GAIN
from nnviz.engine.conventions import is_frozen
from nnviz.engine.network import Architecture
from nnviz.formats.worksheet.sheet import Line, Math, line_of, words
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.rules.activations import ACTIVATION_TEXTS, ActivationText
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.words.captions import layer_name, parameters_noun, sentence, term_title
from nnviz.tracing.provenance import is_fused_softmax, is_softmax
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, UPDATE_TERMS, Grain, Kind, Quantity, Step

_Sentence = Callable[[Voice, Quantity], Line]

# The titles of steps: of one number and of several.
_TITLES = {
    Kind.Z: ("Weighted sum", "Weighted sums"),
    Kind.A: ("Activation", "Activations"),
    Kind.DE_DA: ("Gradient at the activation", "Gradients at the activations"),
    Kind.SLOPE: ("Derivative of the activation", "Derivatives of the activations"),
    Kind.DELTA: ("Error term", "Error terms"),
    Kind.DZ_DW: ("Derivative by the weight", "Derivatives by the weights"),
    Kind.DZ_DB: ("Derivative by the bias", "Derivatives by the biases"),
    Kind.DZ_DA: ("Derivative by the input", "Derivatives by the inputs"),
    Kind.DE_DX: ("Gradient at the input", "Gradients at the inputs"),
    Kind.CLIP: ("Clip factor of the gradient", "Clip factors of the gradient"),
}


def step_title(voice: Voice, step: Step, count: int) -> str:
    """Return the title of `count` equations of one kind, the first of which is `step`."""
    q, record = step.quantity, voice.record
    noun = "reward" if voice.shows_reward else "error"
    of_errors = {Kind.LOSS: f"The {noun}", Kind.ERROR: f"{noun.capitalize()}s of the outputs"}
    title = of_errors.get(q.kind) or _of_layer(voice, q, count)
    title += "" if q.layer is None else f", {layer_name(record, q.layer)}"
    at_time = q.kind not in (Kind.LOSS, Kind.CLIP, *UPDATE_TERMS, *PARAMETER_OF)
    return f"{title}, time step {q.time + 1}" if at_time and record.time_steps > 1 else title


def _of_layer(voice: Voice, q: Quantity, count: int) -> str:
    if q.kind in PARAMETER_OF:
        kinds = PARAMETER_OF[q.kind]
        noun = parameters_noun(voice.record)
        if q.kind is kinds.new:
            return f"New {noun}"
        return f"{'Changes' if voice.gradients_as_changes else 'Gradients'} of {noun}"
    if q.kind in UPDATE_TERMS:
        return f"{term_title(voice, q)} of {parameters_noun(voice.record)}"
    return _TITLES[q.kind][count > 1]


def step_sentence(session: Session, step: Step) -> Line:
    """Return what is done in a step; what is special about it is said by the sentence of its card."""
    voice = voice_of(session)
    write = _SENTENCES.get(step.kind)
    if write is None or step.grain is Grain.PASS or _is_special(voice, step):
        return words(sentence(voice, step))
    return write(voice, step.quantity)


def _is_special(voice: Voice, step: Step) -> bool:
    """Return whether a step computes a mistake, belongs to an optimizer with a memory, or changes nothing."""
    record, kinds = voice.record, PARAMETER_OF.get(step.kind)
    if step.kind is Kind.SLOPE:
        return record.convention.slope != "exact"
    if kinds is None or step.kind is not kinds.new:
        return False
    frozen = is_frozen(record.convention, kinds.name, step.quantity.layer or 0)
    return frozen or record.convention.step == "uphill" or not record.rule.plain


def _text_of(voice: Voice, q: Quantity) -> ActivationText:
    """Return the texts of a layer's activation; with a gain other than 1 its formulas alone."""
    assert q.layer is not None
    layer = voice.record.architecture.layers[q.layer]
    text = ACTIVATION_TEXTS[layer.activation]
    if dict(layer.constants).get(GAIN.name, GAIN.default) == GAIN.default:
        return text
    return replace(text, says="", definition="", derivative="")


def _is_output(voice: Voice, q: Quantity) -> bool:
    return q.layer == voice.record.architecture.depth - 1


def _weighted_sum(voice: Voice, q: Quantity) -> Line:
    source = "input" if q.layer == 0 else "activation of the previous layer"
    layer = voice.record.architecture.layers[q.layer or 0]
    text = f"Multiply each {source} by its weight, and add the products{' and the bias' if layer.biases else ''}."
    if layer.recurrent:
        bias = ", and their bias" if layer.biases else ""
        text += f" Add the activations of the previous time step, each times its recurrent weight{bias}."
        text += " Before the first time step they are 0." if q.time == 0 else ""
    return words(text)


def _activation(voice: Voice, q: Quantity) -> Line:
    text = _text_of(voice, q)
    if text.says:
        return words(text.says)
    function = voice.function(q.layer or 0)
    if text.definition:
        formula = Math(rf"{function}(u) = {text.definition}")
        return line_of(f"Apply the {text.name} function ", formula, " to the weighted sum.")
    return line_of("Apply the activation function ", Math(function), " to the weighted sum.")


def _error(voice: Voice, q: Quantity) -> Line:
    if voice.shows_reward:
        return words("Compute what each output contributes to the reward.")
    return words(f"Compare each output with its target by the {LOSS_TEXTS[_architecture(voice).loss].noun}.")


def _loss(voice: Voice, q: Quantity) -> Line:
    architecture, steps = _architecture(voice), voice.record.time_steps
    noun = LOSS_TEXTS[architecture.loss].noun
    what = "contributions" if voice.shows_reward else "errors"
    if steps > 1:
        return words(f"Add the {what} of all time steps.")
    if architecture.sizes[-1] > 1:
        return words(f"Add the {what} of all outputs.")
    return words(f"Compare the output with its target by the {noun}.")


def _architecture(voice: Voice) -> Architecture:
    return voice.record.architecture


def _gradient_at_activation(voice: Voice, q: Quantity) -> Line:
    text = "Multiply each error term of the next layer by the weight that leads to it, and add the products."
    if _is_output(voice, q):
        what = "reward" if voice.shows_reward else "error"
        minus = ", and change the sign" if voice.negates_gradient else ""
        text = f"Differentiate the {what} with respect to the output{minus}."
    if q.layer is not None and voice.record.has_later_terms(q.layer, q.time):
        text += " Add the error terms of the next time step, each times its recurrent weight."
    return words(text)


def _derivative(voice: Voice, q: Quantity) -> Line:
    return words(_text_of(voice, q).derivative or "Differentiate the activation function.")


def _error_term(voice: Voice, q: Quantity) -> Line:
    assert q.layer is not None
    record = voice.record
    if is_fused_softmax(record, q.layer):
        difference = "target minus output" if voice.sign < 0 else "output minus target"
        return words(f"With softmax and cross entropy, the error term of each output is {difference}.")
    if is_softmax(record, q.layer):
        return words("Multiply the gradients at the outputs by the derivatives of the softmax, and add the products.")
    named = bool(voice.code(Quantity(Kind.DE_DA, q.layer, q.unit, time=q.time)))
    if named:
        return words("Multiply the gradient at the activation by the derivative of the activation.")
    if not _is_output(voice, q):
        return words(
            "Multiply each error term of the next layer by the weight that leads to it, add the products, "
            "and multiply by the derivative of the activation."
        )
    minus = "minus the derivative" if voice.negates_gradient else "the derivative"
    what = "reward" if voice.shows_reward else "error"
    if LOSS_TEXTS[record.architecture.loss].is_difference and not voice.shows_reward:
        difference = "target minus output" if voice.sign < 0 else "output minus target"
        return words(f"Multiply {minus} of the {what}, {difference}, by the derivative of the activation.")
    return words(f"Multiply {minus} of the {what} by the derivative of the activation.")


def _parameter_gradient(voice: Voice, q: Quantity) -> Line:
    record, changes = voice.record, voice.gradients_as_changes
    noun = "change" if changes else "gradient"
    rate = "the learning rate times " if changes else ""
    examples = len(record.examples) > 1
    sums = [f"{'averaged' if record.rule.reduce == 'mean' else 'summed'} over the batch"] if examples else []
    sums += ["summed over the time steps"] if record.time_steps > 1 else []
    text = f"The {noun} of a weight is {rate}the error term at its end times the value at its start"
    if record.architecture.has_biases:
        text += f"; that of a bias is {rate}the error term{' itself' if not rate else ''}"
    shared = any(layer.shares_bias for layer in record.architecture.layers)
    text += ", summed over the neurons that share the bias." if shared else "."
    return words(f"{text} They are {' and '.join(sums)}." if sums else text)


def _new_parameter(voice: Voice, q: Quantity) -> Line:
    each = "weight and bias" if voice.record.architecture.has_biases else "weight"
    if voice.gradients_as_changes:
        return words(f"Add its change to each {each}.")
    how = "Subtract" if voice.update_sign == "-" else "Add"
    to = "from" if voice.update_sign == "-" else "to"
    return words(f"{how} the learning rate times the gradient {to} each {each}.")


_SENTENCES: dict[Kind, _Sentence] = {
    Kind.Z: _weighted_sum,
    Kind.A: _activation,
    Kind.ERROR: _error,
    Kind.LOSS: _loss,
    Kind.DE_DA: _gradient_at_activation,
    Kind.SLOPE: _derivative,
    Kind.DELTA: _error_term,
    **{kinds.gradient: _parameter_gradient for kinds in PARAMETER_KINDS.values()},
    **{kinds.new: _new_parameter for kinds in PARAMETER_KINDS.values()},
}
