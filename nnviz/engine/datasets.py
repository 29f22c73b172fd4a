"""The examples for training: given, or drawn as clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.initializers import Generator


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples, read-only: inputs (time, examples, inputs) and targets (time, examples, outputs).

    The targets are NaN at a time step without one, and everywhere if there are none at all.
    """

    inputs: FloatArray
    targets: FloatArray

    def __len__(self) -> int:
        return int(self.inputs.shape[1])

    @property
    def time_steps(self) -> int:
        """The number of time steps of each example; 1 for a feed-forward network."""
        return int(self.inputs.shape[0])

    @property
    def has_targets(self) -> bool:
        """Whether there is a target at all."""
        return not bool(np.isnan(self.targets).all())


def given_targets(targets: FloatArray) -> FloatArray:
    """Return the targets (n, outputs) of (time, examples, outputs) that are given."""
    found: FloatArray = targets[~np.isnan(targets).any(axis=-1)]
    return found


def make_dataset(inputs: ArrayLike, targets: ArrayLike) -> Dataset:
    """Make examples of one time step from inputs (examples, inputs) and targets (examples, outputs)."""
    return Dataset(frozen_array(np.asarray(inputs)[np.newaxis]), frozen_array(np.asarray(targets)[np.newaxis]))


def make_sequences(inputs: ArrayLike, targets: ArrayLike) -> Dataset:
    """Make sequences from inputs (examples, time, inputs) and targets (examples, time, outputs)."""
    return Dataset(*(frozen_array(np.swapaxes(np.asarray(values), 0, 1)) for values in (inputs, targets)))


def draw_clusters(generator: Generator, centers: Sequence[Sequence[float]], per_class: int) -> Dataset:
    """Draw standard-normal points around each center: one class per center, one-hot targets (softmax-clusters)."""
    points = [np.asarray(generator.standard_normal((per_class, len(c)))) + np.asarray(c) for c in centers]
    return make_dataset(np.vstack(points), np.repeat(np.eye(len(centers)), per_class, axis=0))
