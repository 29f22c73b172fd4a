"""The words of the finder's answers: what each quantity is called, and each thing that a page does otherwise."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.debugger.finder_cases import Change
from nnviz.present.voice import Voice
from nnviz.trace.steps import PARAMETER_KINDS, Kind, Quantity

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
    Kind.SLOPE: "slope",
    Kind.DELTA: "error term",
    Kind.PRODUCT: "product",
    Kind.PRODUCT_H: "product",
    Kind.DE_DA_LOSS_TERM: "loss's share",
    Kind.DE_DA_TERM: "share",
    Kind.DE_DA_LATER_TERM: "share",
    Kind.EXPONENTIAL: "exponential",
    Kind.EXPONENTIAL_SUM: "sum of exponentials",
    Kind.DELTA_TERM: "share",
    Kind.MOVING: "optimizer's memory",
}
TOTALS = {
    "mean_loss": "the mean of {symbol} over all examples",
    "sum_loss": "the sum of {symbol} over all examples",
    "mean_loss_of_steps": "the mean of {symbol} over all examples and time steps",
    "accuracy": "the share of examples classified right",
    "change": "what is added to {symbol}",
}
UPDATES = {1: "one update later", 2: "two updates later", -1: "one update earlier", -2: "two updates earlier"}
PLAIN: dict[tuple[str, str], str] = {
    ("loss", "half_squared"): "if the error is half the square",
    ("loss", "squared"): "if the error is the whole square, without the half",
    ("loss", "mean_squared"): "if the error is the mean of the squares over the outputs",
    ("loss", "cross_entropy"): "if the error is the cross entropy",
    ("loss", "binary_cross_entropy"): "if the error is the binary cross entropy",
    ("reduce", "sum"): "if the batch's gradients are summed, not averaged",
    ("reduce", "mean"): "if the batch's gradients are averaged, not summed",
    ("rate", "applied"): "times the learning rate",
    ("rate", "left_out"): "without the learning rate",
    ("rate", "one"): "if the learning rate is left out, as if it were 1",
    ("reward", ""): "with the opposite sign, as a reward",
    ("logarithm", "2"): "with the logarithm to base 2 instead of the natural one",
    ("logarithm", "10"): "with the logarithm to base 10 instead of the natural one",
    ("update_order", "sequential"): "if the output layer is updated first and its new weights carry the error back",
    ("update_order", "simultaneous"): "if all weights are updated at once, so that the old ones carry the error back",
    ("slope", "exact"): "if the slope is taken exactly",
    ("slope", "product_of_z"): "if the slope's formula v(1 − v) is fed the weighted sum, not the activation",
    ("slope", "derivative_of_a"): "if the slope is taken at the activation, not at the weighted sum",
    ("step", "downhill"): "if the step goes downhill",
    ("step", "uphill"): "if the step goes uphill, the sign of the update being exchanged",
    ("through_time", "full"): "if the error goes back through all time steps",
    ("through_time", "one_step"): "if the error is cut after one time step",
    ("frozen", "nothing"): "if nothing is frozen",
    ("frozen", "biases"): "if the biases are frozen",
    ("frozen", "weights"): "if the weights are frozen",
    ("batch", "batch"): "if all examples are one batch, summed",
    ("batch", "batch_mean"): "if all examples are one batch, averaged",
    ("batch", "example"): "if the weights change after each example",
    ("bias", "none"): "if the biases are left out",
    ("bias", "minus"): "if the biases are subtracted, as with an input of −1",
    ("optimizer", "sgd"): "with plain gradient descent",
}
FACTORS = (
    (2.0, "twice {}"),
    (0.5, "half of {}"),
    (10.0, "ten times {}"),
    (0.1, "a tenth of {}"),
    (100.0, "100 times {}"),
    (0.01, "a hundredth of {}"),
)


def _sign(voice: Voice, change: Change, quantity: Quantity) -> str:
    last = quantity.kind is Kind.DE_DA and quantity.layer == voice.record.architecture.depth - 1
    if last and voice.record.architecture.loss in ("half_squared", "squared", "mean_squared"):
        y = voice.text(Quantity(Kind.A, quantity.layer, quantity.unit, time=quantity.time))
        t = voice.text(Quantity(Kind.TARGET, None, quantity.unit, time=quantity.time))
        taken, here = (f"{y} − {t}", f"{t} − {y}") if voice.sign < 0 else (f"{t} − {y}", f"{y} − {t}")
        return f"with the opposite sign: it takes {taken} where this pass takes {here}"
    taken, here = ("uphill, the true gradient", "downhill") if voice.sign < 0 else ("downhill", "the true gradient")
    return f"with the opposite sign: it counts {taken}, where this pass counts {here}"


def _activation(voice: Voice, change: Change, quantity: Quantity) -> str:
    place, _, name = change.value.partition(" ")
    layer = "output layer" if place == "output" else "hidden layer"
    return f"if the {layer}'s activation is {'left out' if name == 'linear' else name}"


def _transposed(voice: Voice, change: Change, quantity: Quantity) -> str:
    name, layer = change.value[:-1].rstrip("0123456789"), int(change.value.lstrip("W_h")) - 1
    return f"if {voice.text(Quantity(PARAMETER_KINDS[name].held, layer))} is used transposed"


COMPOSED: dict[str, Callable[[Voice, Change, Quantity], str]] = {
    "sign": _sign,
    "activation": _activation,
    "transposed": _transposed,
}
