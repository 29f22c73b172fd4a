"""A model of another program as a value: its layers with their weights, and what it says about its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray


class ModelError(ValueError):
    """A model that nnviz cannot step; its text is the reason in one line, with the layer's name."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelLayer:
    """A layer: W (inputs, units), b (units,) or None without biases, and W_h (units, units), b_h if it is recurrent.

    An `activation` of "" was not given: the layer's output is its weighted sum. `constants` are those of the
    activation, `name` is what the model calls the layer.
    """

    name: str
    W: FloatArray
    b: FloatArray | None
    activation: str = ""
    constants: Mapping[str, float] = field(default_factory=dict)
    W_h: FloatArray | None = None
    b_h: FloatArray | None = None

    @property
    def units(self) -> int:
        """The number of units."""
        return int(self.W.shape[1])

    @property
    def has_biases(self) -> bool:
        """Whether it has biases at all; a recurrent layer may have one vector of two."""
        return self.b is not None or self.b_h is not None


@dataclass(frozen=True, kw_only=True)
class DataShape:
    """What examples must be like: inputs and outputs, whether they have time steps, and the labels of the outputs.

    `answers_last`: a recurrent model answers at its last time step alone.
    """

    inputs: int
    outputs: int
    is_recurrent: bool = False
    answers_last: bool = False
    classes: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelParts:
    """A model: its layers from the input, and its loss, or "" if it brings none.

    `classes` are the labels that belong to its outputs, if it knows them, and `notes` say what of it is left out.
    `answer(x)` is the model's own output for x (examples, inputs), or (examples, time, inputs), where it can be asked;
    that of a recurrent model which answers at its last time step alone has no axis of time.
    """

    name: str
    layers: tuple[ModelLayer, ...]
    loss: str = ""
    classes: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    answer: Callable[[FloatArray], FloatArray] | None = None

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return int(self.layers[0].W.shape[0])

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.layers[-1].units

    @property
    def is_recurrent(self) -> bool:
        """Whether any layer is recurrent."""
        return any(layer.W_h is not None for layer in self.layers)

    @property
    def shape(self) -> DataShape:
        """What its examples must be like."""
        return DataShape(inputs=self.inputs, outputs=self.outputs, is_recurrent=self.is_recurrent, classes=self.classes)


def check_chain(layers: Sequence[ModelLayer]) -> None:
    """Raise ModelError if there is no layer, or one does not take what the layer before it gives."""
    if not layers:
        raise ModelError("the model has no layer with weights")
    for before, layer in pairwise(layers):
        taken = layer.W.shape[0]
        if taken != before.units:
            raise ModelError(f"{layer.name} takes {taken} inputs, but {before.name} has {before.units} units")


def to_array(value: object) -> Any:
    """Return an array of a tensor, a table or lists; tensors and tables are recognized by their methods."""
    for method in ("detach", "cpu"):  # of PyTorch
        value = getattr(value, method)() if hasattr(value, method) else value
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


def to_floats(value: object) -> FloatArray:
    """Return an array of float64, with a value of its own."""
    return np.array(to_array(value), dtype=np.float64)
