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

PARAMETER_LIMIT = 10_000_000
# In the order in which a layer's parameters stand in the flat vector: a bias vector behind its matrix.
PARAMETER_NAMES = ("W", "b", "W_h", "b_h")
RECURRENT_NAMES = ("W_h", "b_h")


@dataclass(frozen=True)
class Layer:
    """One layer of units: how many, the activation's name, and whether it also sees its own past.

    A recurrent layer adds to its weighted sum what its activations were one time step before, through W_h
    (units, units) and b_h (units,). `constants` are those of its activation that are given, each by its name.
    """

    units: int
    activation: str
    recurrent: bool = False
    constants: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Architecture:
    """The shape of a network: inputs, layers, loss; no parameters.

    `leaky_slope` is the slope of leaky relu below 0 in layers that give none.
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: str
    leaky_slope: float = LEAKY_SLOPE

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, then the units of each layer."""
        return (self.inputs, *(layer.units for layer in self.layers))

    @property
    def depth(self) -> int:
        """How many layers have weights."""
        return len(self.layers)

    @cached_property
    def is_recurrent(self) -> bool:
        """Whether any layer sees its own past."""
        return any(layer.recurrent for layer in self.layers)

    def constants(self, layer: int) -> tuple[float, ...]:
        """The constants of a layer's activation (from 0), in the order of its row in ACTIVATIONS."""
        of = self.layers[layer]
        given = {NEGATIVE_SLOPE.name: self.leaky_slope, **dict(of.constants)}
        return tuple(given.get(constant.name, constant.default) for constant in ACTIVATIONS[of.activation].constants)

    def shape(self, name: str, layer: int) -> tuple[int, ...] | None:
        """The shape of W, b, W_h or b_h of a layer (from 0), None where a layer has none."""
        sources, units = self.sizes[layer : layer + 2]
        if name in RECURRENT_NAMES and not self.layers[layer].recurrent:
            return None
        return {"W": (sources, units), "b": (units,), "W_h": (units, units), "b_h": (units,)}[name]

    @cached_property
    def slots(self) -> tuple[dict[str, slice], ...]:
        """Where each layer's parameters stand in the flat vector, by name: W1, b1, W_h1, b_h1, W2, b2, …"""
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

    W_h[l] (units, units) and b_h[l] (units,) are those of a recurrent layer, None elsewhere.
    """

    vector: FloatArray
    slots: tuple[dict[str, slice], ...]
    W: tuple[FloatArray, ...]
    b: tuple[FloatArray, ...]
    W_h: tuple[FloatArray | None, ...]
    b_h: tuple[FloatArray | None, ...]

    def part(self, name: str, layer: int) -> FloatArray:
        """W, b, W_h or b_h of a layer (from 0). Raises LookupError where the layer has none."""
        array: FloatArray | None = getattr(self, name)[layer]
        if array is None:
            raise LookupError(f"layer {layer + 1} has no {name}")
        return array

    @cached_property
    def with_bias(self) -> tuple[FloatArray, ...]:
        """Each layer's W with its b as a last row, (inputs + 1, units): views too, since b follows W in the vector."""
        return tuple(self._joined(slots["W"], slots["b"]) for slots in self.slots)

    @cached_property
    def with_bias_turned(self) -> tuple[FloatArray, ...]:
        """The same the other way round, (units, inputs + 1)."""
        return tuple(joined.T for joined in self.with_bias)

    @cached_property
    def recurrent_with_bias(self) -> tuple[FloatArray | None, ...]:
        """Each recurrent layer's W_h with its b_h as a last row, (units + 1, units): views; None elsewhere."""
        return tuple(self._joined(slots["W_h"], slots["b_h"]) if "W_h" in slots else None for slots in self.slots)

    @cached_property
    def recurrent_with_bias_turned(self) -> tuple[FloatArray | None, ...]:
        """The same the other way round, (units, units + 1)."""
        return tuple(None if joined is None else joined.T for joined in self.recurrent_with_bias)

    def _joined(self, matrix: slice, bias: slice) -> FloatArray:
        return self.vector[matrix.start : bias.stop].reshape(-1, bias.stop - bias.start)


def view_parameters(architecture: Architecture, vector: FloatArray) -> Parameters:
    """The views of a flat vector; writing to one writes to all."""

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
        """The same architecture with a copy of these parameters, shape (P,)."""
        return make_network(self.architecture, vector)


def make_network(architecture: Architecture, vector: ArrayLike) -> Network:
    """A network from a flat vector (P,), copied and made read-only. Raises ValueError on a wrong length."""
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
    """A network from the matrices W[l] (inputs, units) and vectors b[l] (units,) of its layers.

    W_h[l] (units, units) and b_h[l] (units,) are needed of recurrent layers and None elsewhere.
    """
    nothing = [None] * architecture.depth
    layers = zip(W, b, W_h or nothing, b_h or nothing, strict=True)
    parts = [np.ravel(np.asarray(part, dtype=np.float64)) for layer in layers for part in layer if part is not None]
    return make_network(architecture, np.concatenate(parts))
