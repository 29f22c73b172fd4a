"""Measures of a network over all examples: mean loss, accuracy, and mean distances of the outputs from the targets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import predict
from nnviz.engine.training import accuracy, loss_of


def _distances(network: Network, dataset: Dataset) -> FloatArray:
    """Return output minus target where there is a target; one NaN if there is none."""
    found = predict(network, dataset.inputs) - dataset.targets
    return found[~np.isnan(dataset.targets)] if dataset.has_targets else np.array([np.nan])


def _mean_absolute_error(network: Network, dataset: Dataset) -> float:
    return float(np.abs(_distances(network, dataset)).mean())


def _root_mean_square(network: Network, dataset: Dataset) -> float:
    return float(np.sqrt((_distances(network, dataset) ** 2).mean()))


# Each is a number of the whole data, not of one pass. The accuracy is None if the targets are not classes.
MEASURES: dict[str, Callable[[Network, Dataset], float | None]] = {
    "mean_loss": loss_of,
    "mean_absolute_error": _mean_absolute_error,
    "rmse": _root_mean_square,
    "accuracy": accuracy,
}
