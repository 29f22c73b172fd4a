"""Where things stand on the network canvas: pure geometry, found from the network's sizes alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray

# A layer of more units is drawn as a heat strip; so is every layer when all together have more.
MOST_IN_LAYER = 40
MOST_SHOWN = 300
# Beyond so many edges of a layer only the busiest of each unit are drawn, and labels only beside small layers.
MOST_EDGES = 5000
MOST_LABELLED = 16

COLUMN_GAP = 245.0
ERROR_GAP = 205.0
MARGIN = 12.0
HEADER = 46.0
FOOTER = 40.0
BODY = 330.0
STRIP_WIDTH = 26.0

# Radius of a disc and its smallest distance to the next, for layers of at most so many units.
_RADII = ((3, 38.0, 122.0), (4, 34.0, 112.0), (6, 28.0, 92.0), (10, 20.0, 62.0), (20, 12.0, 34.0), (40, 7.0, 18.0))

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Column:
    """One layer's place: `x` of its center, `y` of each unit's, `radius` of its discs; 0 radius is a heat strip.

    `top` and `bottom` bound a heat strip.
    """

    x: float
    y: FloatArray
    radius: float
    top: float
    bottom: float

    @property
    def is_strip(self) -> bool:
        """Whether the layer is drawn as a heat strip."""
        return self.radius == 0.0


@dataclass(frozen=True, eq=False)
class Layout:
    """The canvas of a network: a column for the inputs and each layer, the error box, and the size of it all."""

    columns: tuple[Column, ...]
    error: Rect
    width: float
    height: float


@lru_cache(maxsize=32)
def layout(sizes: tuple[int, ...]) -> Layout:
    """Columns from left to right, each centered on the same line; units in scene pixels."""
    crowded = sum(sizes) > MOST_SHOWN
    largest = max((size for size in sizes if size <= MOST_IN_LAYER), default=1)
    gap = next(gap for most, _, gap in _RADII if largest <= most)
    body = max(BODY, gap * (largest - 1) + 150.0)
    middle = HEADER + body / 2
    x = MARGIN + 66.0
    columns = []
    for size in sizes:
        columns.append(_column(x, size, middle, body, crowded and size > 16))
        x += COLUMN_GAP
    x += ERROR_GAP - COLUMN_GAP
    error = (x - 52.0, middle - 35.0, 104.0, 70.0)
    return Layout(tuple(columns), error, x + 66.0 + MARGIN, HEADER + body + FOOTER)


def _column(x: float, size: int, middle: float, body: float, crowded: bool) -> Column:
    if size > MOST_IN_LAYER or crowded:
        top, bottom = middle - body / 2 + 12.0, middle + body / 2 - 12.0
        cells: FloatArray = top + (np.arange(size) + 0.5) * (bottom - top) / size
        return Column(x, cells, 0.0, top, bottom)
    radius, gap = next((radius, gap) for most, radius, gap in _RADII if size <= most)
    # Two units stand well apart, as in a textbook's picture; more share the height.
    gap = max(gap, min(180.0, (body - 2 * radius - 60.0) / max(size - 1, 1)))
    y: FloatArray = middle + (np.arange(size, dtype=np.float64) - (size - 1) / 2) * gap
    return Column(x, y, radius, float(y[0] - radius), float(y[-1] + radius))


@dataclass(frozen=True, eq=False)
class EdgeLines:
    """The edges drawn between two columns: their unit and source (E,), and ends x1, y1, x2, y2 (E, 4)."""

    units: NDArray[np.intp]
    sources: NDArray[np.intp]
    ends: FloatArray


def edge_lines(plan: Layout, layer: int, weights: FloatArray) -> EdgeLines:
    """The edges into `layer` (from 0) with weights (inputs, units): all of them, or the busiest of each unit."""
    sources_count, units_count = weights.shape
    if weights.size <= MOST_EDGES:
        units, sources = (grid.ravel() for grid in np.mgrid[0:units_count, 0:sources_count])
    else:
        most = max(1, min(sources_count, MOST_EDGES // (4 * units_count)))
        busiest = np.argpartition(-np.abs(weights), most - 1, axis=0)[:most]
        sources, units = busiest.T.ravel(), np.repeat(np.arange(units_count), most)
    left, right = plan.columns[layer], plan.columns[layer + 1]
    return EdgeLines(units, sources, _ends(left, right, sources, units))


def _ends(
    left: Column,
    right: Column,
    sources: NDArray[np.intp],
    units: NDArray[np.intp],
) -> FloatArray:
    """From the rim of one disc to the rim of the other, along the line through their centers."""
    x1, x2 = np.full(len(sources), left.x), np.full(len(units), right.x)
    y1, y2 = left.y[sources], right.y[units]
    if left.is_strip:
        x1 = x1 + STRIP_WIDTH / 2
    if right.is_strip:
        x2 = x2 - STRIP_WIDTH / 2
    starts, ends = np.column_stack([x1, y1]), np.column_stack([x2, y2])
    across = ends - starts
    along = across / np.hypot(across[:, :1], across[:, 1:])
    return np.concatenate([starts + along * left.radius, ends - along * right.radius], axis=1)


def label_places(ends: FloatArray, size: tuple[float, float]) -> list[tuple[float, float]]:
    """A place on each edge for a label of `size`, clear of the other labels and of the other edges where it can be.

    Edges that go straight across get theirs first, in the middle; the others move along their edge until they fit.
    Quadratic in the edges: for a few of them only, and remembered, since every step asks for the same.
    """
    return list(_label_places(ends.tobytes(), size))


@lru_cache(maxsize=64)
def _label_places(raw: bytes, size: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    ends = np.frombuffer(raw).reshape(-1, 4)
    placed: list[Rect] = []
    places: dict[int, tuple[float, float]] = {}
    steepness = np.abs(ends[:, 3] - ends[:, 1])
    for index in np.argsort(steepness, kind="stable"):
        best = _free_place(ends, int(index), size, placed)
        places[int(index)] = best
        placed.append(_around(best, size))
    return tuple(places[index] for index in range(len(ends)))


_ALONG = (0.5, 0.6, 0.4, 0.68, 0.32, 0.76, 0.24, 0.83, 0.17)


def _free_place(ends: FloatArray, index: int, size: tuple[float, float], placed: Sequence[Rect]) -> tuple[float, float]:
    end, others = ends[index], np.delete(ends, index, axis=0)

    def at(part: float) -> tuple[float, float]:
        return float(end[0] + part * (end[2] - end[0])), float(end[1] + part * (end[3] - end[1]))

    def cost(part: float) -> tuple[float, float, int]:
        x, y = at(part)
        covered = sum(_overlap(_around((x, y), size), other) for other in placed)
        passing = others[:, 1] + (x - others[:, 0]) / (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
        crossings = int((np.abs(passing - y) < size[1] / 2).sum())
        return covered, crossings, _ALONG.index(part)

    return at(min(_ALONG, key=cost))


def _around(center: tuple[float, float], size: tuple[float, float]) -> Rect:
    return (center[0] - size[0] / 2 - 3, center[1] - size[1] / 2 - 2, size[0] + 6, size[1] + 4)


def _overlap(a: Rect, b: Rect) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
