"""The examples for training: given, read from a CSV file, or drawn as clusters."""

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
        """The number of time steps of each example; 1 for a feed-forward network."""
        return int(self.inputs.shape[0])


def make_dataset(inputs: ArrayLike, targets: ArrayLike) -> Dataset:
    """Make examples of one time step from inputs (examples, inputs) and targets (examples, outputs)."""
    return Dataset(frozen_array(np.asarray(inputs)[np.newaxis]), frozen_array(np.asarray(targets)[np.newaxis]))


def make_sequences(inputs: ArrayLike, targets: ArrayLike) -> Dataset:
    """Make sequences from inputs (examples, time, inputs) and targets (examples, time, outputs)."""
    return Dataset(*(frozen_array(np.swapaxes(np.asarray(values), 0, 1)) for values in (inputs, targets)))


def read_points(lines: Iterable[str], inputs: int, outputs: int) -> Dataset:
    """Read examples from CSV text: `inputs` columns, then `outputs` columns, with or without a header.

    Raises ValueError, with the line, for a row of another length and for a value that is not a finite number.
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
    """Draw standard-normal points around each center: one class per center, one-hot targets (softmax-clusters)."""
    points = [np.asarray(generator.standard_normal((per_class, len(c)))) + np.asarray(c) for c in centers]
    return make_dataset(np.vstack(points), np.repeat(np.eye(len(centers)), per_class, axis=0))
