"""A network as a value: its architecture and one flat vector of parameters, with W, b, W_h and b_h as views of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.activations import ACTIVATIONS, LEAKY_SLOPE, NEGATIVE_SLOPE
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.losses import LOSSES, Loss, with_seed

PARAMETER_LIMIT = 10_000_000
# The order of a layer's parameters in the flat vector: each bias vector follows its matrix.
PARAMETER_NAMES = ("W", "b", "W_h", "b_h")
RECURRENT_NAMES = ("W_h", "b_h")


@dataclass(frozen=True)
class Layer:
    """One layer: its number of units, the name of its activation, and whether it is recurrent.

    The weighted sum of a recurrent layer also includes its activations of the previous time step, through W_h
    (units, units) and b_h (units,).
    `constants` are the given constants of its activation, by name.
    """

    units: int
    activation: str
    recurrent: bool = False
    constants: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Architecture:
    """The structure of a network without its parameters: inputs, layers, loss.

    `leaky_slope` is the slope of leaky relu below 0 in layers that give none. `seed_gradient` (outputs,) are the
    gradients at the outputs of a loss without targets; 1 each if it is empty. `input_gradients`: the backward pass goes
    on to the inputs.
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: str
    leaky_slope: float = LEAKY_SLOPE
    seed_gradient: tuple[float, ...] = ()
    input_gradients: bool = False

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then of the units of each layer."""
        return (self.inputs, *(layer.units for layer in self.layers))

    @cached_property
    def is_fusible(self) -> bool:
        """Whether loss and output activation are such that the output's delta is output minus target."""
        last = self.layers[-1].activation
        plain = tuple(constant.default for constant in ACTIVATIONS[last].constants)
        return LOSSES[self.loss].fused == last and self.constants(self.depth - 1) == plain

    @property
    def measured_by(self) -> Loss:
        """The loss with its kernels, multiplied by the seed gradient if it has no targets."""
        loss = LOSSES[self.loss]
        return with_seed(loss, self.seed_gradient) if self.seed_gradient and not loss.has_targets else loss

    @property
    def depth(self) -> int:
        """The number of layers with weights."""
        return len(self.layers)

    @cached_property
    def is_recurrent(self) -> bool:
        """Whether any layer is recurrent."""
        return any(layer.recurrent for layer in self.layers)

    def constants(self, layer: int) -> tuple[float, ...]:
        """The constants of a layer's activation (from 0), in the order of its row in ACTIVATIONS."""
        of = self.layers[layer]
        given = {NEGATIVE_SLOPE.name: self.leaky_slope, **dict(of.constants)}
        return tuple(given.get(constant.name, constant.default) for constant in ACTIVATIONS[of.activation].constants)

    def shape(self, name: str, layer: int) -> tuple[int, ...] | None:
        """Return the shape of W, b, W_h or b_h of a layer (from 0), or None if the layer has none."""
        sources, units = self.sizes[layer : layer + 2]
        if name in RECURRENT_NAMES and not self.layers[layer].recurrent:
            return None
        return {"W": (sources, units), "b": (units,), "W_h": (units, units), "b_h": (units,)}[name]

    @cached_property
    def slots(self) -> tuple[dict[str, slice], ...]:
        """The slice of each parameter in the flat vector, by layer and name: W1, b1, W_h1, b_h1, W2, b2, …"""
        slots: list[dict[str, slice]] = []
        start = 0
        for layer in range(self.depth):
            places = {}
            for name in PARAMETER_NAMES:
                shape = self.shape(name, layer)
                if shape is not None:
                    places[name] = slice(start, start + prod(shape))
                    start += prod(shape)
            slots.append(places)
        return tuple(slots)

    @property
    def parameter_count(self) -> int:
        """The length of the flat vector."""
        return sum(
            (sources + 1 + (units + 1) * layer.recurrent) * units
            for (sources, units), layer in zip(pairwise(self.sizes), self.layers, strict=True)
        )


@dataclass(frozen=True, eq=False)
class Parameters:
    """A flat vector (P,) and its views: W[l] (inputs, units) and b[l] (units,). Gradients have the same form.

    W_h[l] (units, units) and b_h[l] (units,) belong to a recurrent layer; they are None for other layers.
    """

    vector: FloatArray
    slots: tuple[dict[str, slice], ...]
    W: tuple[FloatArray, ...]
    b: tuple[FloatArray, ...]
    W_h: tuple[FloatArray | None, ...]
    b_h: tuple[FloatArray | None, ...]

    def part(self, name: str, layer: int) -> FloatArray:
        """Return W, b, W_h or b_h of a layer (from 0). Raises LookupError if the layer has none."""
        array: FloatArray | None = getattr(self, name)[layer]
        if array is None:
            raise LookupError(f"layer {layer + 1} has no {name}")
        return array

    @cached_property
    def with_bias(self) -> tuple[FloatArray, ...]:
        """Each layer's W with b as last row, (inputs + 1, units); a view, since b follows W in the vector."""
        return tuple(self._joined(slots["W"], slots["b"]) for slots in self.slots)

    @cached_property
    def with_bias_turned(self) -> tuple[FloatArray, ...]:
        """The transposes of `with_bias`, (units, inputs + 1)."""
        return tuple(joined.T for joined in self.with_bias)

    @cached_property
    def recurrent_with_bias(self) -> tuple[FloatArray | None, ...]:
        """Each recurrent layer's W_h with b_h as last row, (units + 1, units); a view, None for other layers."""
        return tuple(self._joined(slots["W_h"], slots["b_h"]) if "W_h" in slots else None for slots in self.slots)

    @cached_property
    def recurrent_with_bias_turned(self) -> tuple[FloatArray | None, ...]:
        """The transposes of `recurrent_with_bias`, (units, units + 1)."""
        return tuple(None if joined is None else joined.T for joined in self.recurrent_with_bias)

    def _joined(self, matrix: slice, bias: slice) -> FloatArray:
        return self.vector[matrix.start : bias.stop].reshape(-1, bias.stop - bias.start)


def view_parameters(architecture: Architecture, vector: FloatArray) -> Parameters:
    """Return a flat vector with its views; they share memory."""

    def views(name: str) -> tuple[FloatArray | None, ...]:
        layers = range(architecture.depth)
        shapes = [architecture.shape(name, layer) for layer in layers]
        return tuple(
            None if shape is None else vector[architecture.slots[layer][name]].reshape(shape)
            for layer, shape in zip(layers, shapes, strict=True)
        )

    W, b = (tuple(array for array in views(name) if array is not None) for name in ("W", "b"))
    return Parameters(vector, architecture.slots, W, b, views("W_h"), views("b_h"))


@dataclass(frozen=True, eq=False)
class Network:
    """An architecture with its parameters, read-only."""

    architecture: Architecture
    parameters: Parameters

    @property
    def W(self) -> tuple[FloatArray, ...]:
        """The weights of each layer, (inputs, units): z = a_prev @ W + b."""
        return self.parameters.W

    @property
    def b(self) -> tuple[FloatArray, ...]:
        """The biases of each layer, (units,)."""
        return self.parameters.b

    def with_vector(self, vector: ArrayLike) -> Network:
        """Return a network of the same architecture with a copy of these parameters, shape (P,)."""
        return make_network(self.architecture, vector)


def make_network(architecture: Architecture, vector: ArrayLike) -> Network:
    """Make a network from a read-only copy of a flat vector (P,). Raises ValueError for a wrong length."""
    frozen = frozen_array(vector)
    if frozen.shape != (architecture.parameter_count,):
        raise ValueError(f"{architecture.parameter_count} parameters are needed, not shape {frozen.shape}")
    return Network(architecture, view_parameters(architecture, frozen))


def join_parameters(
    architecture: Architecture,
    W: Iterable[ArrayLike],
    b: Iterable[ArrayLike],
    W_h: Iterable[ArrayLike | None] | None = None,
    b_h: Iterable[ArrayLike | None] | None = None,
) -> Network:
    """Make a network from the matrices W[l] (inputs, units) and vectors b[l] (units,) of its layers.

    Recurrent layers also need W_h[l] (units, units) and b_h[l] (units,); for other layers they are None.
    """
    none = [None] * architecture.depth
    layers = zip(W, b, W_h or none, b_h or none, strict=True)
    parts = [np.ravel(np.asarray(part, dtype=np.float64)) for layer in layers for part in layer if part is not None]
    return make_network(architecture, np.concatenate(parts))
