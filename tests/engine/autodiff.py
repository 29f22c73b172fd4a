"""A second opinion for the tests: reverse-mode differentiation of plain floats, one number at a time.

It shares nothing with the engine. Each number remembers what it was made of and the local derivatives; `slopes_of`
walks from the result back to everything it depends on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nnviz.engine.network import Architecture


class Number:
    """A float that knows its parents, as pairs of a number and the derivative by it."""

    def __init__(self, value: float, parents: Sequence[tuple[Number, float]] = ()) -> None:
        self.value = float(value)
        self.parents = parents

    def __add__(self, other: Number) -> Number:
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Number) -> Number:
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])

    def __neg__(self) -> Number:
        return Number(-self.value, [(self, -1.0)])

    def __sub__(self, other: Number) -> Number:
        return self + -other

    def inverse(self) -> Number:
        return Number(1 / self.value, [(self, -1 / self.value**2)])

    def exp(self) -> Number:
        power = math.exp(self.value)
        return Number(power, [(self, power)])

    def log(self) -> Number:
        return Number(math.log(self.value), [(self, 1 / self.value)])

    def normal_share(self) -> Number:
        """The share of the normal distribution below the number."""
        density = math.exp(-(self.value**2) / 2) / math.sqrt(2 * math.pi)
        return Number((1 + math.erf(self.value / math.sqrt(2))) / 2, [(self, density)])

    def sine(self) -> Number:
        return Number(math.sin(self.value), [(self, math.cos(self.value))])

    def size(self) -> Number:
        """The absolute value; at 0 its derivative is taken as 0."""
        return Number(abs(self.value), [(self, float((self.value > 0) - (self.value < 0)))])

    def bent(self, left_slope: float) -> Number:
        """The number itself above 0, and times `left_slope` below."""
        slope = 1.0 if self.value > 0 else left_slope
        return Number(slope * self.value, [(self, slope)])


def total(numbers: Sequence[Number]) -> Number:
    return Number(math.fsum(n.value for n in numbers), [(n, 1.0) for n in numbers])


def slopes_of(result: Number) -> dict[int, float]:
    """d result / d number, by the number's id, for everything that the result depends on."""
    order: list[Number] = []
    seen: set[int] = set()

    def visit(number: Number) -> None:
        if id(number) not in seen:
            seen.add(id(number))
            for parent, _ in number.parents:
                visit(parent)
            order.append(number)

    visit(result)
    slopes = {id(number): 0.0 for number in order}
    slopes[id(result)] = 1.0
    for number in reversed(order):
        for parent, local in number.parents:
            slopes[id(parent)] += slopes[id(number)] * local
    return slopes


ONE = Number(1.0)


def _sigmoid(z: Number) -> Number:
    return (ONE + (-z).exp()).inverse()


def _tanh(z: Number) -> Number:  # (e^2z - 1) / (e^2z + 1)
    power = (z + z).exp()
    return (power - ONE) * (power + ONE).inverse()


# Of one number and the constants of its layer; a softmax is of the whole layer.
FUNCTIONS: dict[str, Callable[[Number, Sequence[float]], Number]] = {
    "sigmoid": lambda z, constants: _sigmoid(Number(constants[0]) * z),
    "tanh": lambda z, constants: _tanh(Number(constants[0]) * z),
    "relu": lambda z, constants: z.bent(0.0),
    "leaky_relu": lambda z, constants: z.bent(constants[0]),
    "linear": lambda z, constants: z.bent(1.0),
    "softplus": lambda z, constants: z if z.value > 20 else (ONE + z.exp()).log(),
    "elu": lambda z, constants: z if z.value > 0 else Number(constants[0]) * (z.exp() - ONE),
    "gelu": lambda z, constants: z * z.normal_share(),
    "silu": lambda z, constants: z * _sigmoid(z),
    "step": lambda z, constants: Number(0.0) * z + Number(z.value >= 0),
    "sine": lambda z, constants: (Number(constants[0]) * z).sine(),
    "bipolar_sigmoid": lambda z, constants: Number(2.0) * _sigmoid(Number(constants[0]) * z) - ONE,
}


def activate(name: str, z: Sequence[Number], constants: Sequence[float]) -> list[Number]:
    if name == "softmax":
        powers = [v.exp() for v in z]
        share = total(powers).inverse()
        return [power * share for power in powers]
    return [FUNCTIONS[name](v, constants) for v in z]


def loss_of(name: str, y: Sequence[Number], t: Sequence[float]) -> Number:
    if name == "cross_entropy":
        return total([-(Number(goal) * out.log()) for out, goal in zip(y, t, strict=True) if goal])
    if name == "hinge":
        return total([(ONE - Number(goal) * out).bent(0.0) for out, goal in zip(y, t, strict=True)])
    if name in ("absolute", "mean_absolute"):
        sizes = total([(out - Number(goal)).size() for out, goal in zip(y, t, strict=True)])
        return sizes * Number(1.0 if name == "absolute" else 1 / len(y))
    if name == "mean_binary_cross_entropy":
        return loss_of("binary_cross_entropy", y, t) * Number(1 / len(y))
    if name == "binary_cross_entropy":
        for_one = [-(Number(goal) * out.log()) for out, goal in zip(y, t, strict=True) if goal]
        for_zero = [-(Number(1 - goal) * (ONE - out).log()) for out, goal in zip(y, t, strict=True) if goal != 1]
        return total([*for_one, *for_zero])
    gaps = [out - Number(goal) for out, goal in zip(y, t, strict=True)]
    weight = {"half_squared": 0.5, "squared": 1.0, "mean_squared": 1 / len(gaps)}[name]
    return Number(weight) * total([gap * gap for gap in gaps])


def loss_and_gradients(
    architecture: Architecture,
    vector: Sequence[float],
    x: Sequence[Sequence[Sequence[float]]],
    t: Sequence[Sequence[Sequence[float]]],
) -> tuple[float, list[float]]:
    """The summed loss of a batch, and its derivative by every parameter.

    `vector` runs W1, b1, (W_h1, b_h1,) W2, b2, …; x and t are [example][time step][number].
    """
    parameters = [Number(value) for value in vector]
    losses = []
    for sequence, goals in zip(x, t, strict=True):
        past = [[Number(0.0)] * layer.units for layer in architecture.layers]
        for inputs, goal in zip(sequence, goals, strict=True):
            a = [Number(value) for value in inputs]
            start = 0
            for index, layer in enumerate(architecture.layers):
                z, start = weighted_sums(parameters, start, a, layer.units, layer.biases)
                if layer.recurrent:
                    more, start = weighted_sums(parameters, start, past[index], layer.units, layer.biases)
                    z = [own + loop for own, loop in zip(z, more, strict=True)]
                a = past[index] = activate(layer.activation, z, architecture.constants(index))
            losses.append(loss_of(architecture.loss, a, goal))
    loss = total(losses)
    slopes = slopes_of(loss)
    gradients = [slopes.get(id(parameter), 0.0) for parameter in parameters]
    for place in absent(architecture):
        gradients[place] = 0.0
    return loss.value, gradients


def absent(architecture: Architecture) -> list[int]:
    """The places of connections that do not exist, counted through the layers."""
    places, start, sources = [], 0, architecture.inputs
    for layer in architecture.layers:
        places += [start + place for place in layer.missing]
        loop = layer.units * layer.units + layer.biases if layer.recurrent else 0
        start, sources = start + sources * layer.units + layer.biases + loop, layer.units
    return places


def weighted_sums(
    parameters: Sequence[Number], start: int, entering: Sequence[Number], units: int, biases: int
) -> tuple[list[Number], int]:
    """What enters through a matrix and its biases that stand at `start`, and where the next ones stand."""
    bias = start + len(entering) * units
    sums = [
        total(
            [
                *(entering[i] * parameters[start + i * units + j] for i in range(len(entering))),
                *([parameters[bias + min(j, biases - 1)]] if biases else []),
            ]
        )
        for j in range(units)
    ]
    return sums, bias + biases
