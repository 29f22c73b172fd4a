"""The decision boundary as data: the output of a network with two inputs over the plane of its examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import predict
from nnviz.present.core.palette import SERIES, Palette, blend

MARGIN = 0.35  # of the data's range, on every side
MOST_POINTS = 2000  # examples that are drawn
BATCH_NUMBERS = 500_000  # that a forward pass over a fine grid holds at most: in the caches it is twice as fast
UNDEFINED = 255  # the code of NaN
UNDEFINED_WORDS = "Every output is NaN, so there is no decision boundary."
TOP = 254  # the code of the ramp's end

_LEVELS = UNDEFINED // SERIES  # codes of one class
_REGION = 0.6  # the strength of a class's region relative to its dot

Kind = Literal["two", "classes", "values"]


@dataclass(frozen=True)
class Bounds:
    """A rectangle of the input plane."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True)
class Plane:
    """The plane of two inputs, and how examples are shown in it.

    `kind` is "two" for targets with two values, "classes" for one-hot targets, "values" for any others. `low` and
    `high` are the targets at the ramp's ends, those of the first output.
    """

    bounds: Bounds
    kind: Kind
    low: float
    high: float


def boundary_obstacle(network: Network, dataset: Dataset) -> str | None:
    """Return why there is no decision boundary; None if there is one."""
    if dataset.time_steps > 1 or network.architecture.is_recurrent:
        return "No decision boundary for sequences."
    inputs = network.architecture.inputs
    if inputs != 2:
        return f"The decision boundary needs two inputs; this network has {inputs}."
    return None


def make_plane(dataset: Dataset) -> Plane:
    """Return the plane of examples with two inputs."""
    targets = dataset.targets[0] if dataset.has_targets else np.zeros_like(dataset.targets[0])
    first = targets[:, 0]
    low, high = float(first.min()), float(first.max())
    if targets.shape[1] > 1 and np.isin(targets, (0.0, 1.0)).all() and (targets.sum(axis=1) == 1.0).all():
        kind: Kind = "classes"
    else:
        kind = "two" if ((first == low) | (first == high)).all() else "values"
    if low == high:
        low, high = min(low, 0.0), max(low, 1.0)
    return Plane(boundary_bounds(dataset), kind, low, high)


def boundary_bounds(dataset: Dataset) -> Bounds:
    """Return the examples' range with a margin: −0.35 to 1.35 for xor."""
    lows, highs = dataset.inputs[0].min(axis=0), dataset.inputs[0].max(axis=0)
    spans = np.where(highs > lows, highs - lows, 1.0)
    lows, highs = lows - MARGIN * spans, highs + MARGIN * spans
    return Bounds(float(lows[0]), float(highs[0]), float(lows[1]), float(highs[1]))


def boundary_values(network: Network, plane: Plane, size: int) -> NDArray[np.float32]:
    """Return the outputs at the centres of `size` by `size` cells, the lowest row first.

    For "two" and "values" this is the first output, 0 at `low` and 1 at `high`, clipped there. For "classes" it is the
    class of the largest output plus its margin over the second, 0 to just under 1. NaN if an output is NaN.
    """
    points = cell_centers(plane.bounds, size)
    width = 6 * sum(network.architecture.sizes)  # numbers that a pass holds for one point
    rows = max(1, BATCH_NUMBERS // (width * size))
    answers = [
        _answer(predict(network, points[start : start + rows].reshape(1, -1, 2))[0], plane)
        for start in range(0, size, rows)
    ]
    return np.concatenate(answers).reshape(size, size)


def cell_centers(bounds: Bounds, size: int) -> FloatArray:
    """Return the centres of `size` by `size` cells, (size, size, 2), the lowest row first."""
    centers = (np.arange(size) + 0.5) / size
    points = np.empty((size, size, 2))
    points[..., 0] = bounds.left + (bounds.right - bounds.left) * centers
    points[..., 1] = (bounds.bottom + (bounds.top - bounds.bottom) * centers)[:, np.newaxis]
    return points


def _answer(outputs: FloatArray, plane: Plane) -> NDArray[np.float32]:
    with np.errstate(all="ignore"):
        if plane.kind != "classes":
            share = (outputs[:, 0] - plane.low) / (plane.high - plane.low)
            return np.clip(share, 0.0, 1.0).astype(np.float32)
        undefined = np.isnan(outputs).any(axis=1)
        first = outputs.argmax(axis=1)
        best, second = outputs.max(axis=1), np.partition(outputs, -2, axis=1)[:, -2]
        # inf - inf is not a margin
        margin = np.clip(np.nan_to_num(best - second, nan=0.0, posinf=1.0), 0.0, 0.999)
        return np.where(undefined, np.nan, first + margin).astype(np.float32)


@dataclass(frozen=True, eq=False)
class BoundaryPicture:
    """A boundary ready to draw: codes (size, size), the lowest row first, and examples as points of the unit square.

    `points` (examples, 2) count from the lower left corner; `examples` are their numbers, `classes` their classes.
    """

    plane: Plane
    codes: NDArray[np.uint8]
    points: FloatArray
    examples: NDArray[np.int64]
    classes: NDArray[np.int64]


def boundary_picture(network: Network, dataset: Dataset, size: int, most: int = MOST_POINTS) -> BoundaryPicture:
    """Return the boundary of a network with two inputs in `size` by `size` cells, and at most `most` examples."""
    plane = make_plane(dataset)
    examples = np.linspace(0, len(dataset) - 1, min(len(dataset), most)).astype(np.int64)
    bounds = plane.bounds
    corner = np.array([bounds.left, bounds.bottom])
    points = (dataset.inputs[0][examples] - corner) / (np.array([bounds.right, bounds.top]) - corner)
    codes = boundary_codes(boundary_values(network, plane, size), plane.kind)
    return BoundaryPicture(plane, codes, points, examples, point_classes(dataset, plane)[examples])


def boundary_codes(values: NDArray[np.float32], kind: Kind) -> NDArray[np.uint8]:
    """Return the values of `boundary_values` as indices into `boundary_ramp`."""
    undefined = np.isnan(values)
    known = np.where(undefined, np.float32(0.0), values) if undefined.any() else values
    if kind == "classes":
        classes = known.astype(np.int64)
        levels = ((known - classes) * _LEVELS).astype(np.int64)
        codes = (classes % SERIES * _LEVELS + levels).astype(np.uint8)
    else:
        codes = (known * np.float32(TOP) + np.float32(0.5)).astype(np.uint8)
    codes[undefined] = UNDEFINED
    return codes


def boundary_ramp(palette: Palette, kind: Kind) -> NDArray[np.uint8]:
    """Return the opaque colours of the codes, (256, 4)."""
    if kind == "classes":
        colors = [
            blend(palette.neutral_region, region, level / (_LEVELS - 1))
            for region in (blend(palette.neutral_region, color, _REGION) for color in palette.series)
            for level in range(_LEVELS)
        ]
    else:
        half = TOP // 2
        colors = [blend(palette.negative_region, palette.neutral_region, i / half) for i in range(half)]
        colors += [blend(palette.neutral_region, palette.positive_region, i / half) for i in range(half + 1)]
    colors += [palette.differs_wash] * (256 - len(colors))
    return np.array([[*bytes.fromhex(color[1:]), 255] for color in colors], dtype=np.uint8)


def point_classes(dataset: Dataset, plane: Plane) -> NDArray[np.int64]:
    """Return the class of each example: that of a one-hot target, or 0 at `low` and 1 at `high`.

    For targets of kind "values", these are the outer thirds of the range, and 2 is the middle third.
    """
    targets = dataset.targets[0]
    if not dataset.has_targets:
        return np.full(len(targets), 2)  # of no class
    if plane.kind == "classes":
        return np.asarray(targets.argmax(axis=1), dtype=np.int64)
    share = (targets[:, 0] - plane.low) / (plane.high - plane.low)
    if plane.kind == "two":
        return np.asarray(share > 0.5, dtype=np.int64)
    return np.asarray(np.where(share < 1 / 3, 0, np.where(share > 2 / 3, 1, 2)), dtype=np.int64)


def point_colors(classes: NDArray[np.int64], plane: Plane, palette: Palette) -> list[str]:
    """Return the colour of each example's dot."""
    if plane.kind == "classes":
        return [palette.series[index % SERIES] for index in classes]
    colors = (palette.negative, palette.positive, palette.muted)
    return [colors[index] for index in classes]
