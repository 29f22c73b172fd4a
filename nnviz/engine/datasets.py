"""The examples that a network learns from: given, read from a CSV file, or drawn as clusters."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.initializers import Generator


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples, read-only: inputs (time, examples, inputs) and targets (time, examples, outputs)."""

    inputs: FloatArray
    targets: FloatArray

    def __len__(self) -> int:
        return int(self.inputs.shape[1])

    @property
    def time_steps(self) -> int:
        """How many time steps each example has; 1 for a feed-forward network."""
        return int(self.inputs.shape[0])


def make_dataset(inputs: ArrayLike, targets: ArrayLike) -> Dataset:
    """Examples from inputs (examples, inputs) and targets (examples, outputs): one time step each."""
    return Dataset(frozen_array(np.asarray(inputs)[np.newaxis]), frozen_array(np.asarray(targets)[np.newaxis]))


def make_sequences(inputs: ArrayLike, targets: ArrayLike) -> Dataset:
    """Examples that are sequences, from inputs (examples, time, inputs) and targets (examples, time, outputs)."""
    return Dataset(*(frozen_array(np.swapaxes(np.asarray(values), 0, 1)) for values in (inputs, targets)))


def read_points(lines: Iterable[str], inputs: int, outputs: int) -> Dataset:
    """Examples from CSV text: `inputs` columns and then `outputs` columns, with or without a heading.

    Raises ValueError naming the line for a ragged row, a word that is no number, or an infinite one.
    """
    rows: list[list[float]] = []
    for number, cells in enumerate(csv.reader(lines), start=1):
        if not cells:
            continue
        try:
            row = [float(cell) for cell in cells]
        except ValueError:
            if number == 1:
                continue
            raise ValueError(f"line {number}: {cells!r} are not all numbers") from None
        if len(row) != inputs + outputs:
            wanted = f"{inputs} inputs and {outputs} targets"
            raise ValueError(f"line {number}: {len(row)} columns, but the network needs {wanted}")
        if not all(map(math.isfinite, row)):
            raise ValueError(f"line {number}: every number must be finite")
        rows.append(row)
    if not rows:
        raise ValueError("no row of numbers")
    table = np.array(rows)
    return make_dataset(table[:, :inputs], table[:, inputs:])


def draw_clusters(generator: Generator, centers: Sequence[Sequence[float]], per_class: int) -> Dataset:
    """Unit-normal points around each center, one class a center, targets one-hot (softmax-clusters)."""
    points = [np.asarray(generator.standard_normal((per_class, len(c)))) + np.asarray(c) for c in centers]
    return make_dataset(np.vstack(points), np.repeat(np.eye(len(centers)), per_class, axis=0))
