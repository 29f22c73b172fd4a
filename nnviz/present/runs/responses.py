"""Small maps to draw inside hidden neurons: what each answers over two inputs, or its weights of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.activations import ACTIVATIONS, Activation
from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import forward
from nnviz.engine.workspace import Workspace
from nnviz.present.runs.boundary import boundary_bounds, boundary_codes, boundary_obstacle, cell_centers
from nnviz.present.runs.network_answers import image_side

SIZE = 40  # cells per side of a map
MOST_UNITS = 64  # of a layer that has maps

Codes = NDArray[np.uint8]


def unit_responses(network: Network, dataset: Dataset, size: int = SIZE) -> dict[tuple[int, int], Codes]:
    """Return the map of each hidden neuron by (layer, unit): codes (size, size) of the ramp, the lowest row first.

    There are none for networks that have no decision boundary, and none for layers of many neurons.
    """
    if boundary_obstacle(network, dataset) is not None:
        return {}
    points = cell_centers(boundary_bounds(dataset), size).reshape(1, -1, 2)
    work = Workspace(network.architecture, points, np.zeros((1, size * size, network.architecture.sizes[-1])))
    with np.errstate(all="ignore"):
        forward(work, network.parameters)
    maps = {}
    for layer, of_layer in enumerate(network.architecture.layers[:-1]):
        activations = work.a[layer][0]
        if activations.shape[1] > MOST_UNITS:
            continue
        for unit in range(activations.shape[1]):
            share = response_share(activations[:, unit], ACTIVATIONS[of_layer.activation])
            maps[layer, unit] = boundary_codes(share.reshape(size, size), "two")
    return maps


def neuron_maps(network: Network, dataset: Dataset) -> dict[tuple[int, int], Codes]:
    """Return the maps of the hidden neurons: responses for two inputs, weights for images, none for other networks."""
    side = image_side(network)
    return unit_weights(network, side) if side else unit_responses(network, dataset)


def unit_weights(network: Network, side: int) -> dict[tuple[int, int], Codes]:
    """Return the weights of each neuron of the first layer as the image that it looks for, the lowest row first.

    Positive weights have the color of class 1, negative ones that of class 0, each neuron by its largest weight.
    """
    weights = network.parameters.W[0]
    if len(network.architecture.layers) < 2 or weights.shape[1] > MOST_UNITS:
        return {}
    each = -(-SIZE // side)  # cells of a pixel, so that it stays a square where the map is drawn smoothly
    largest = np.abs(np.where(np.isfinite(weights), weights, 0.0)).max(axis=0)
    with np.errstate(all="ignore"):
        share = np.clip(0.5 + weights / (2.0 * np.where(largest > 0.0, largest, 1.0)), 0.0, 1.0).astype(np.float32)
    images = (share[:, unit].reshape(side, side)[::-1] for unit in range(weights.shape[1]))
    return {
        (0, unit): np.repeat(np.repeat(boundary_codes(image, "two"), each, axis=0), each, axis=1)
        for unit, image in enumerate(images)
    }


def response_share(activations: FloatArray, activation: Activation) -> NDArray[np.float32]:
    """Return activations from 0 to 1: between the two limits of the function, or around 0 by the largest of them."""
    if len(activation.limits) == 2:
        low, high = min(activation.limits), max(activation.limits)
        share = (activations - low) / (high - low)
    else:
        largest = float(np.abs(activations[np.isfinite(activations)]).max(initial=0.0)) or 1.0
        with np.errstate(all="ignore"):
            share = 0.5 + activations / (2.0 * largest)
    return np.clip(share, 0.0, 1.0).astype(np.float32)
