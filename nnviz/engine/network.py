"""A network as a value: its architecture and one flat vector of parameters, with W, b, W_h and b_h as views of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnviz.engine.activations import ACTIVATIONS, LEAKY_SLOPE, NEGATIVE_SLOPE
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.losses import LOSSES, Loss, with_seed

PARAMETER_LIMIT = 10_000_000
# The order of a layer's parameters in the flat vector: each bias vector follows its matrix.
PARAMETER_NAMES = ("W", "b", "W_h", "b_h")
RECURRENT_NAMES = ("W_h", "b_h")
BIAS_NAMES = ("b", "b_h")
# The `bias` of a layer whose units all have the same one.
SHARED = "shared"


@dataclass(frozen=True)
class Layer:
    """One layer: its number of units, the name of its activation, and whether it is recurrent.

    The weighted sum of a recurrent layer also includes its activations of the previous time step, through W_h
    (units, units) and b_h (units,).
    `constants` are the given constants of its activation, by name. `bias` is whether its units have biases, or SHARED
    if they all have the same one. `missing` are the connections that do not exist, as places in W counted row by row.
    """

    units: int
    activation: str
    recurrent: bool = False
    constants: tuple[tuple[str, float], ...] = ()
    bias: bool | str = True
    missing: tuple[int, ...] = ()

    @property
    def biases(self) -> int:
        """The number of its biases: one for each unit, one for all of them, or none."""
        return 1 if self.bias == SHARED else self.units if self.bias else 0

    @property
    def shares_bias(self) -> bool:
        """Whether several units have the same bias."""
        return self.biases == 1 < self.units


@dataclass(frozen=True)
class Connections:
    """The connections of a layer in which some are missing: the sources of each unit, and the units of each source."""

    sources: tuple[tuple[int, ...], ...]
    units: tuple[tuple[int, ...], ...]


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

    @cached_property
    def has_biases(self) -> bool:
        """Whether any layer has biases."""
        return any(layer.biases for layer in self.layers)

    def constants(self, layer: int) -> tuple[float, ...]:
        """The constants of a layer's activation (from 0), in the order of its row in ACTIVATIONS."""
        of = self.layers[layer]
        given = {NEGATIVE_SLOPE.name: self.leaky_slope, **dict(of.constants)}
        return tuple(given.get(constant.name, constant.default) for constant in ACTIVATIONS[of.activation].constants)

    def shape(self, name: str, layer: int) -> tuple[int, ...] | None:
        """Return the shape of W, b, W_h or b_h of a layer (from 0), or None if the layer has none."""
        sources, units = self.sizes[layer : layer + 2]
        biases = self.layers[layer].biases
        if name in RECURRENT_NAMES and not self.layers[layer].recurrent:
            return None
        if name in BIAS_NAMES:
            return (biases,) if biases else None
        return (units, units) if name in RECURRENT_NAMES else (sources, units)

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
        return sum(slot.stop - slot.start for slots in self.slots for slot in slots.values())

    @cached_property
    def connections(self) -> tuple[Connections | None, ...]:
        """The connections of each layer; None for a layer that has all of them."""
        return tuple(
            _connections(set(layer.missing), sources, layer.units) if layer.missing else None
            for sources, layer in zip(self.sizes, self.layers, strict=False)
        )

    def sources_of(self, layer: int, unit: int) -> Sequence[int]:
        """Return what is connected to a unit of a layer (from 0): inputs, or units of the previous layer."""
        found = self.connections[layer]
        return range(self.sizes[layer]) if found is None else found.sources[unit]

    def units_of(self, layer: int, source: int) -> Sequence[int]:
        """Return the units of a layer (from 0) that a source is connected to."""
        found = self.connections[layer]
        return range(self.sizes[layer + 1]) if found is None else found.units[source]

    def is_connected(self, layer: int, unit: int, source: int) -> bool:
        """Return whether a unit of a layer (from 0) has a weight for this source."""
        found = self.connections[layer]
        return found is None or source in found.sources[unit]

    def mask(self, layer: int) -> FloatArray:
        """Return the mask of a layer (from 0), (inputs, units): 1 for a connection, 0 for a missing one."""
        mask = np.ones((self.sizes[layer], self.layers[layer].units))
        mask.reshape(-1)[list(self.layers[layer].missing)] = 0.0
        return mask

    @cached_property
    def missing(self) -> NDArray[np.int64] | None:
        """The places of missing connections in the flat vector, which always hold 0; None if none is missing."""
        starts = [slots["W"].start for slots in self.slots]
        each = zip(self.layers, starts, strict=True)
        places = [np.array(layer.missing) + start for layer, start in each if layer.missing]
        return np.concatenate(places) if places else None

    @cached_property
    def existing(self) -> NDArray[np.int64]:
        """The places of all weights and biases in the flat vector, without those of missing connections."""
        places = np.arange(self.parameter_count)
        return places if self.missing is None else np.delete(places, self.missing)


def _connections(missing: set[int], sources: int, units: int) -> Connections:
    return Connections(
        tuple(tuple(i for i in range(sources) if i * units + j not in missing) for j in range(units)),
        tuple(tuple(j for j in range(units) if i * units + j not in missing) for i in range(sources)),
    )


@dataclass(frozen=True, eq=False)
class Parameters:
    """A flat vector (P,) and its views: W[l] (inputs, units) and b[l] (units,). Gradients have the same form.

    W_h[l] (units, units) and b_h[l] (units,) belong to a recurrent layer; they are None for other layers. In a layer
    without biases, b[l] and b_h[l] are empty; in a layer with a shared bias, they have one number.
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
        if array is None or not array.size:
            raise LookupError(f"layer {layer + 1} has no {name}")
        return array

    @property
    def checksum(self) -> int:
        """A number that is equal for the same parameters, in other processes and sessions as well."""
        return crc32(self.vector.tobytes())

    @cached_property
    def with_bias(self) -> tuple[FloatArray, ...]:
        """Each layer's W with b as last row, (inputs + 1, units), a view, since b follows W in the vector.

        In a layer whose units do not have biases of their own, it is W alone.
        """
        return tuple(map(self._joined, self.slots, self.W, self.b))

    @cached_property
    def with_bias_turned(self) -> tuple[FloatArray, ...]:
        """The transposes of `with_bias`, (units, inputs + 1)."""
        return tuple(joined.T for joined in self.with_bias)

    @cached_property
    def recurrent_with_bias(self) -> tuple[FloatArray | None, ...]:
        """Each recurrent layer's W_h with b_h as last row, (units + 1, units), or alone; None for other layers."""
        return tuple(
            None if W is None or b is None else self._joined(slots, W, b, "_h")
            for slots, W, b in zip(self.slots, self.W_h, self.b_h, strict=True)
        )

    @cached_property
    def recurrent_with_bias_turned(self) -> tuple[FloatArray | None, ...]:
        """The transposes of `recurrent_with_bias`, (units, units + 1)."""
        return tuple(None if joined is None else joined.T for joined in self.recurrent_with_bias)

    def of_layers(self, first: int, last: int) -> FloatArray:
        """Return the part of the vector that belongs to adjacent layers (from 0), a view."""
        start = min(slot.start for slot in self.slots[first].values())
        return self.vector[start : max(slot.stop for slot in self.slots[last].values())]

    def _joined(self, slots: dict[str, slice], W: FloatArray, b: FloatArray, ending: str = "") -> FloatArray:
        units = W.shape[1]
        last = "b" if b.size == units else "W"
        return self.vector[slots[f"W{ending}"].start : slots[f"{last}{ending}"].stop].reshape(-1, units)


def view_parameters(architecture: Architecture, vector: FloatArray) -> Parameters:
    """Return a flat vector with its views; they share memory."""

    def views(name: str) -> tuple[FloatArray | None, ...]:
        return tuple(view(name, layer) for layer in range(architecture.depth))

    def view(name: str, layer: int) -> FloatArray | None:
        shape = architecture.shape(name, layer)
        if shape is not None:
            return vector[architecture.slots[layer][name]].reshape(shape)
        # a layer without biases has none of them; one that is not recurrent has no W_h and b_h at all
        has_none = name == "b" or (name == "b_h" and architecture.layers[layer].recurrent)
        return vector[:0] if has_none else None

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
    """Make a network from a read-only copy of a flat vector (P,), with 0 for the weights of missing connections.

    Raises ValueError for a wrong length.
    """
    frozen = frozen_array(vector)
    if frozen.shape == (architecture.parameter_count,) and architecture.missing is not None:
        copy = frozen.copy()
        copy[architecture.missing] = 0.0
        frozen = frozen_array(copy)
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
    """Make a network from the matrices W[l] (inputs, units) and vectors b[l] of its layers: (units,), (1,) or (0,).

    Recurrent layers also need W_h[l] (units, units) and b_h[l] (units,); for other layers they are None.
    """
    none = [None] * architecture.depth
    layers = zip(W, b, W_h or none, b_h or none, strict=True)
    parts = [np.ravel(np.asarray(part, dtype=np.float64)) for layer in layers for part in layer if part is not None]
    return make_network(architecture, np.concatenate(parts))
