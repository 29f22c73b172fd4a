"""A document before it becomes a lesson: its sizes and counts for the checks, and the paths of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard, cast

from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Layer
from nnviz.lessons.faults import FieldPath
from nnviz.lessons.schema import DataTable, Document, LayerTable, Rows, Sequences


@dataclass(frozen=True)
class Draft:
    """A document with the properties that the checks need; `points` is the content of its data file, if any."""

    document: Document
    points: Dataset | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then of the units of each layer."""
        network = self.document.network
        return (network.inputs, *(layer.units for layer in network.layers))

    @property
    def depth(self) -> int:
        """The number of layers with weights."""
        return len(self.document.network.layers)

    @property
    def recurrent(self) -> tuple[int, ...]:
        """The indices of the recurrent layers, from 0."""
        return tuple(i for i, layer in enumerate(self.document.network.layers) if layer.recurrent)

    @property
    def time_steps(self) -> int | None:
        """The number of time steps of an example; None if the examples are not given as sequences."""
        inputs = self.document.data.inputs
        return len(inputs[0]) if inputs and is_sequence(inputs[0]) else None

    @property
    def examples(self) -> int | None:
        """The number of examples; None if it is not known."""
        data = self.document.data
        if self.points is not None:
            return len(self.points)
        if data.centers is not None and data.per_class is not None:
            return len(data.centers) * data.per_class
        return None if data.inputs is None else len(data.inputs)


def make_layer(table: LayerTable) -> Layer:
    """Return a layer as its table describes it."""
    cells = (cell for row in table.mask or () for cell in row)
    missing = tuple(place for place, cell in enumerate(cells) if cell == 0)
    return Layer(table.units, table.activation, table.recurrent, table.constants, table.bias, missing)


Example = list[float] | list[list[float]]


def is_sequence(example: Example) -> TypeGuard[list[list[float]]]:
    """Return whether an example is a list of time steps, not a single row of numbers."""
    return any(isinstance(cell, list) for cell in example)


def indexed_rows(examples: Rows | Sequences) -> Iterator[tuple[tuple[int, ...], list[float]]]:
    """Yield every row of numbers with its indices: the example, and in a sequence the time step."""
    for index, example in enumerate(cast(list[Example], examples)):
        if is_sequence(example):
            yield from (((index, time), row) for time, row in enumerate(example))
        else:
            yield (index,), cast(list[float], example)


def size_path(layer: int) -> FieldPath:
    """Return the path of the field with the number of inputs (-1) or of the units of a layer (from 0)."""
    return ("network", "inputs") if layer < 0 else ("network", "layers", layer, "units")


def size_paths(depth: int) -> tuple[FieldPath, ...]:
    """Return the paths of all fields that determine the network's shape."""
    return tuple(size_path(layer) for layer in range(-1, depth))


def data_key(data: DataTable) -> str:
    """Return the key of [data] that determines the number of examples."""
    return "inputs" if data.inputs is not None else "file" if data.file is not None else "per_class"
