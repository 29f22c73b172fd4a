"""A document on its way to a lesson: what the checks ask of it, and where its fields stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard, cast

from nnviz.engine.datasets import Dataset
from nnviz.lessons.faults import FieldPath
from nnviz.lessons.schema import DataTable, Document, Rows, Sequences


@dataclass(frozen=True)
class Draft:
    """A document with what the checks ask of it; `points` is the data file's content, where it has one."""

    document: Document
    points: Dataset | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, then the units of each layer."""
        network = self.document.network
        return (network.inputs, *(layer.units for layer in network.layers))

    @property
    def depth(self) -> int:
        """How many layers have weights."""
        return len(self.document.network.layers)

    @property
    def recurrent(self) -> tuple[int, ...]:
        """The recurrent layers, from 0."""
        return tuple(i for i, layer in enumerate(self.document.network.layers) if layer.recurrent)

    @property
    def time_steps(self) -> int | None:
        """How many time steps the examples have, None where they are not given as sequences."""
        inputs = self.document.data.inputs
        return len(inputs[0]) if inputs and is_sequence(inputs[0]) else None

    @property
    def examples(self) -> int | None:
        """How many examples there are, None where that is not known."""
        data = self.document.data
        if self.points is not None:
            return len(self.points)
        if data.centers is not None and data.per_class is not None:
            return len(data.centers) * data.per_class
        return None if data.inputs is None else len(data.inputs)


Example = list[float] | list[list[float]]


def is_sequence(example: Example) -> TypeGuard[list[list[float]]]:
    """Whether an example is a list of time steps, and not one row of numbers."""
    return any(isinstance(cell, list) for cell in example)


def rows_of(examples: Rows | Sequences) -> Iterator[tuple[tuple[int, ...], list[float]]]:
    """Every row of numbers with its place: the example's, and the time step's where examples are sequences."""
    for index, example in enumerate(cast(list[Example], examples)):
        if is_sequence(example):
            yield from (((index, time), row) for time, row in enumerate(example))
        else:
            yield (index,), cast(list[float], example)


def size_path(layer: int) -> FieldPath:
    """The field that says how many units enter (-1) or stand in a layer, from 0."""
    return ("network", "inputs") if layer < 0 else ("network", "layers", layer, "units")


def size_paths(depth: int) -> tuple[FieldPath, ...]:
    """The fields that make the network's shape."""
    return tuple(size_path(layer) for layer in range(-1, depth))


def source_of(data: DataTable) -> str:
    """The key of [data] that says how many examples there are."""
    return "inputs" if data.inputs is not None else "file" if data.file is not None else "per_class"
