"""The phrases of the finder's answers: the noun of each quantity, and a phrase for each change of the pass."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.debugger.state.found import CARRIED, SLIP, PassChange
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import PLAIN as PLAIN_OPTIMIZER
from nnviz.present.core.voice import Voice
from nnviz.present.finding.slip_phrases import carried_phrase, slip_phrase
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity

NOUNS: dict[Kind, str] = {
    Kind.INPUT: "input",
    Kind.TARGET: "target",
    Kind.RATE: "learning rate",
    Kind.Z: "weighted sum",
    Kind.A: "activation",
    Kind.STATE: "initial state",
    Kind.ERROR: "error",
    Kind.LOSS: "error",
    Kind.DE_DA: "derivative",
    Kind.SLOPE: "derivative of the activation",
    Kind.DELTA: "error term",
    Kind.PRODUCT: "product",
    Kind.PRODUCT_H: "product",
    Kind.DE_DA_LOSS_TERM: "term of the loss",
    Kind.DE_DA_TERM: "back-propagated term",
    Kind.DE_DA_LATER_TERM: "term back-propagated through time",
    Kind.EXPONENTIAL: "exponential",
    Kind.EXPONENTIAL_SUM: "sum of exponentials",
    Kind.DELTA_TERM: "part of an error term",
    Kind.MOVING: "optimizer's memory",
}
TOTALS = {
    "mean_loss": "the mean of {symbol} over all examples",
    "sum_loss": "the sum of {symbol} over all examples",
    "mean_loss_of_steps": "the mean of {symbol} over all examples and time steps",
    "mean_absolute_error": "the mean absolute error over all examples",
    "accuracy": "the accuracy, the share of correctly classified examples",
    "change": "the change of {symbol}",
}
UPDATES = {1: "one update later", 2: "two updates later", -1: "one update earlier", -2: "two updates earlier"}
# The conventions that have another name in the finder.
_RENAMED = {"update": "update_order"}
PLAIN: dict[tuple[str, str], str] = {
    **{("loss", name): row.condition for name, row in LOSS_TEXTS.items()},
    **{
        (_RENAMED.get(field, field), value): row.condition
        for (field, value), row in CONVENTION_TEXTS.items()
        if row.condition
    },
    ("reduce", "sum"): "if the gradients of the batch are summed, not averaged",
    ("reduce", "mean"): "if the gradients of the batch are averaged, not summed",
    ("rate", "applied"): "times the learning rate",
    ("rate", "left_out"): "without the learning rate",
    ("rate", "one"): "if the learning rate is left out, as if it were 1",
    ("reward", ""): "with the opposite sign, as a reward",
    ("logarithm", "2"): "with the logarithm to base 2 instead of the natural one",
    ("logarithm", "10"): "with the logarithm to base 10 instead of the natural one",
    ("frozen", "nothing"): "if nothing is frozen",
    ("frozen", "biases"): "if the biases are frozen",
    ("frozen", "weights"): "if the weights are frozen",
    ("batch", "batch"): "if all examples are one batch and their gradients are summed",
    ("batch", "batch_mean"): "if all examples are one batch and their gradients are averaged",
    ("batch", "example"): "if the weights are updated after each example",
    ("bias", "none"): "if the biases are left out",
    ("bias", "shared"): "if the neurons of a layer have one bias, whose gradient is the sum of theirs",
    ("bias", "own"): "if each neuron has a bias of its own",
    ("bias", "minus"): "if the biases are subtracted, as with an input of −1",
    ("threshold", ""): "if a threshold is minus the bias, with an input of −1",
    ("optimizer", PLAIN_OPTIMIZER): "with plain gradient descent",
}
FACTORS = (
    (2.0, "twice {}"),
    (0.5, "half of {}"),
    (10.0, "ten times {}"),
    (0.1, "a tenth of {}"),
    (100.0, "100 times {}"),
    (0.01, "a hundredth of {}"),
)


def _sign(voice: Voice, change: PassChange, quantity: Quantity) -> str:
    last = quantity.kind is Kind.DE_DA and quantity.layer == voice.record.architecture.depth - 1
    if last and LOSS_TEXTS[voice.record.architecture.loss].is_difference:
        y = voice.text(Quantity(Kind.A, quantity.layer, quantity.unit, time=quantity.time))
        t = voice.text(Quantity(Kind.TARGET, None, quantity.unit, time=quantity.time))
        taken, here = (f"{y} − {t}", f"{t} − {y}") if voice.sign < 0 else (f"{t} − {y}", f"{y} − {t}")
        return f"with the opposite sign: from {taken}, where this pass has {here}"
    ascent = "the gradient of the reward" if voice.shows_reward else "descent"
    gradient = "the gradient of the loss" if voice.shows_reward else "the gradient"
    taken, here = (gradient, ascent) if voice.sign < 0 else (ascent, gradient)
    return f"with the opposite sign: that of {taken}, where this pass has that of {here}"


def _activation(voice: Voice, change: PassChange, quantity: Quantity) -> str:
    place, _, name = change.value.partition(" ")
    layer = "output layer" if place == "output" else "hidden layer"
    return f"if the {layer}'s activation is {'left out' if ACTIVATIONS[name].is_identity else name.replace('_', ' ')}"


def _transposed(voice: Voice, change: PassChange, quantity: Quantity) -> str:
    name, layer = change.value[:-1].rstrip("0123456789"), int(change.value.lstrip("W_h")) - 1
    return f"if {voice.text(Quantity(PARAMETER_KINDS[name].value, layer))} is used transposed"


COMPOSED: dict[str, Callable[[Voice, PassChange, Quantity], str]] = {
    "sign": _sign,
    "activation": _activation,
    "transposed": _transposed,
    SLIP: slip_phrase,
    CARRIED: carried_phrase,
}
