"""A network as a value: its architecture and one flat vector of parameters, with W and b as views of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.activations import LEAKY_SLOPE
from nnviz.engine.arrays import FloatArray, frozen_array

PARAMETER_LIMIT = 10_000_000


@dataclass(frozen=True)
class Layer:
    """One layer of units: how many, and the activation's name."""

    units: int
    activation: str


@dataclass(frozen=True)
class Architecture:
    """The shape of a network: inputs, layers, loss; no numbers."""

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
    def slots(self) -> tuple[tuple[slice, slice], ...]:
        """Where each layer's W and b stand in the flat vector: W1, b1, W2, b2, …"""
        slots: list[tuple[slice, slice]] = []
        start = 0
        for sources, units in pairwise(self.sizes):
            middle, end = start + sources * units, start + (sources + 1) * units
            slots.append((slice(start, middle), slice(middle, end)))
            start = end
        return tuple(slots)

    @property
    def parameter_count(self) -> int:
        """The length of the flat vector."""
        return sum((sources + 1) * units for sources, units in pairwise(self.sizes))


@dataclass(frozen=True, eq=False)
class Parameters:
    """A flat vector (P,) and its views: W[l] (inputs, units) and b[l] (units,). Gradients have the same form."""

    vector: FloatArray
    W: tuple[FloatArray, ...]
    b: tuple[FloatArray, ...]

    @cached_property
    def with_bias(self) -> tuple[FloatArray, ...]:
        """Each layer's W with its b as a last row, (inputs + 1, units): views too, since b follows W in the vector."""
        ends = accumulate(W.size + b.size for W, b in zip(self.W, self.b, strict=True))
        return tuple(
            self.vector[end - W.size - W.shape[1] : end].reshape(-1, W.shape[1])
            for end, W in zip(ends, self.W, strict=True)
        )

    @cached_property
    def with_bias_turned(self) -> tuple[FloatArray, ...]:
        """The same the other way round, (units, inputs + 1)."""
        return tuple(joined.T for joined in self.with_bias)


def view_parameters(architecture: Architecture, vector: FloatArray) -> Parameters:
    """The views of a flat vector; writing to one writes to all."""
    sizes = architecture.sizes
    return Parameters(
        vector,
        tuple(vector[w].reshape(sizes[i], sizes[i + 1]) for i, (w, _) in enumerate(architecture.slots)),
        tuple(vector[b] for _, b in architecture.slots),
    )


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


def join_parameters(architecture: Architecture, W: Iterable[ArrayLike], b: Iterable[ArrayLike]) -> Network:
    """A network from the matrices W[l] (inputs, units) and vectors b[l] (units,) of its layers."""
    parts = [np.ravel(np.asarray(part, dtype=np.float64)) for pair in zip(W, b, strict=True) for part in pair]
    return make_network(architecture, np.concatenate(parts))
