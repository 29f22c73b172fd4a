"""The slips of a person who works a pass out, in words: what was left out, exchanged, or taken for something else."""

from __future__ import annotations

from nnviz.debugger.finder.slip_passes import SlipName, read_slip
from nnviz.debugger.state.found import CARRIED, SLIP, Found, PassChange
from nnviz.lessons.faults import count_of
from nnviz.present.core.voice import Voice
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.text.numbers import pretty
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, Kind, Quantity

_GRADIENTS = frozenset(kinds.gradient for kinds in PARAMETER_KINDS.values())

# With {of}: the place of the slip, as "of the output layer"; {detail}: what the slip names; {symbol}: its number.
_PHRASES = {
    "bias_out": "if the bias {of} is left out",
    "bias_minus": "if the bias {of} is subtracted, not added",
    "inputs_out": "if the weighted inputs {of} are left out, so that only the bias is there",
    "forward_transposed": "if the weight matrix {of} is used transposed",
    "layers_exchanged": "if the weights and biases of layers {detail} are exchanged at {the}",
    "network_input": "if the weighted sums of {the} take the network's inputs in place of the activations before it",
    "activation_out": "if the activation of {the} is left out, so that a = z",
    "other_activation": "if the activation of {the} is {detail}",
    "z_for_a": "if the weighted sums before {the} take z in place of the activation",
    "weight_for_input": "if the weight {of} is taken in place of its input, w·w",
    "input_for_weight": "if the input {of} is taken in place of its weight, x·x",
    "slope_out": "if the derivative of the activation {of} is left out",
    "slope_added": "if the error {of} is multiplied by the derivative of the activation once more",
    "error_out": "if the error {of} is left out, so that only the derivative of the activation is there",
    "slope_a": "if the derivative {of} is a, where it is {slope}",
    "slope_1_a": "if the derivative {of} is 1 − a, where it is {slope}",
    "other_slope": "if the derivative {of} is that of {detail}",
    "slope_of_input": "if the derivative {of} is taken at what enters, in place of the output",
    "target_out": "if the target is left out of the derivative of the error",
    "output_out": "if the output is left out of the derivative of the error",
    "back_other_layer": "if the error is propagated back {to} with that layer's own weights",
    "back_transposed": "if the weight matrix {after} is transposed on the way back",
    "back_raw": "if the derivative of the activation {after} is left out on the way back",
    "back_unweighted": "if the error is propagated back {to} without its weights",
    "input_out": "if the gradient {of} is the error term alone, without its input",
    "delta_out": "if the gradient {of} is the input alone, without its error term",
    "gradient_weight": "if the gradient {of} has the weight in place of its input",
    "gradient_output": "if the gradient {of} has the neuron's own output in place of its input",
    "gradient_z": "if the gradient {of} has z in place of the activation that enters",
    "gradient_raw": "if the derivative of the activation is left out in the gradient {of}",
    "gradient_network_input": "if the gradient {of} has the network's input in place of the activation that enters",
    "gradient_turned": "if the gradient {of} is transposed, the product of delta and input taken the other way round",
    "gradient_other_layer": "if the gradient {of} has the error term of another layer",
    "row_sums": "if the bias gradient {of} is summed over the neurons of an example, not over the examples",
    "times_bias": "if the gradient of the bias {of} is multiplied by the bias",
    "damped": "if the gradient in the momentum is weighted by 1 − β",
    "uncorrected": "if the step {of} takes the averages without their correction for the first updates",
    "uphill": "if the step {of} is added, not subtracted",
    "rate_out": "if the learning rate is left out of the step {of}",
    "decay": "with weight decay (L2) of {detail}",
    "factor": "if {what} {of} is {times}",
    "step_factor": "if the step {of} is {times}",
    "minus": "if {what} {of} has the opposite sign",
    "term_minus": "if the product {detail} of {what} {of} is subtracted",
    "term_out": "if the product {detail} of {what} {of} is left out",
    "exchanged": "if the operands {detail} of {what} {of} are exchanged",
}
_TIMES = {
    "2": "doubled",
    "0.5": "halved",
    "10": "ten times too large",
    "0.1": "ten times too small",
    "examples": "multiplied by the batch size",
    "1/examples": "divided by the batch size",
    "outputs": "multiplied by the number of outputs",
    "1/outputs": "divided by the number of outputs",
}
_ROUNDED = {
    "operands": "the operands of each number are",
    "output": "the outputs are",
    "activations": "the activations are",
    "carried": "every earlier number is",
}
_WHAT = {
    Kind.Z: "the weighted sum",
    Kind.DE_DA: "the derivative dE/da",
    Kind.DELTA: "the error term",
    **dict.fromkeys(_GRADIENTS, "the gradient"),
}


def is_slip(change: PassChange) -> bool:
    """Return whether a change is a slip, or a wrong number that is carried on."""
    return change.name in (SLIP, CARRIED)


def follows_slip(found: Found) -> bool:
    """Return whether a number only follows from the slip of its explanation, and is not where it happened."""
    for change in found.changes:
        if is_slip(change):
            slip, q = read_slip(change.value), found.quantity
            kinds = {slip.kind, q.kind}
            is_same = len(kinds) == 1 or kinds <= _GRADIENTS or kinds <= NEW_KINDS
            return not (is_same and slip.layer in (None, q.layer) and slip.unit in (None, q.unit))
    return False


def is_first_wrong(found: Found) -> bool:
    """Return whether a number is the one that is wrong and carried on."""
    return any(change.name == CARRIED for change in found.changes) and not follows_slip(found)


def slip_phrase(voice: Voice, change: PassChange, quantity: Quantity) -> str:
    """Return a slip as a condition: if the derivative of the output's activation is left out."""
    slip = read_slip(change.value)
    if slip.name not in _PHRASES:
        return ""
    layers = voice.record.architecture.layers
    activation = "" if slip.layer is None else layers[slip.layer].activation
    phrase = _PHRASES[slip.name].format(
        of=f"of {_place(voice, slip)}",
        the=_place(voice, slip),
        to=f"to {_place(voice, slip)}",
        after="of every layer" if slip.layer is None else f"of {_layer(voice, slip.layer + 1)}",
        detail=slip.detail.replace("+", " and ").replace("_", " "),
        slope=(ACTIVATION_TEXTS[activation].short_slope if activation else "") or "another function",
        what=_WHAT.get(slip.kind, "the number"),
        times=_TIMES.get(slip.detail, slip.detail),
    )
    return pretty(phrase) if slip.name == "decay" else phrase


def rounding_phrase(voice: Voice, change: PassChange, quantity: Quantity) -> str:
    """Return which earlier numbers are rounded: if every earlier number is rounded to 2 decimals."""
    where, decimals = change.value.split()
    return f"if {_ROUNDED[where]} rounded to {count_of(int(decimals), 'decimal')}"


def carried_phrase(voice: Voice, change: PassChange, quantity: Quantity) -> str:
    """Return the wrong number that others follow from: if z₂ is 0.185, where this pass has 0.157."""
    slip = read_slip(change.value)
    wrong = carried_quantity(slip)
    return f"if {voice.text(wrong)} is {pretty(slip.name)}, where this pass has {short(voice, wrong)}"


def carried_quantity(slip: SlipName) -> Quantity:
    """Return the quantity that a wrong number was taken for."""
    source, time = (int(part) if part else None for part in slip.detail.split(","))
    return Quantity(slip.kind, slip.layer, slip.unit, source, time or 0)


def short(voice: Voice, quantity: Quantity) -> str:
    """Return a number of the pass with a few digits."""
    return pretty(f"{voice.number(quantity):.4g}")


def _place(voice: Voice, slip: SlipName) -> str:
    if slip.layer is None:
        return "every layer"
    layer = _layer(voice, slip.layer)
    return layer if slip.unit is None else f"neuron {slip.unit + 1} of {layer}"


def _layer(voice: Voice, layer: int) -> str:
    depth = voice.record.architecture.depth
    if layer == depth - 1:
        return "the output layer"
    return "the hidden layer" if depth == 2 else f"hidden layer {layer + 1}"
