"""The layout of the network canvas: pure geometry, computed from the network's sizes alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray

# A layer with more units is drawn as a heat strip; so is every layer if the network has more units in total.
MOST_IN_LAYER = 40
MOST_SHOWN = 300
# Beyond this many edges of a layer, only the largest of each unit are drawn, with labels only beside small layers.
MOST_EDGES = 5000
MOST_LABELLED = 16

# The room for a weight and the gradient under it, reserved from the start so that labels never jump.
LABEL_SIZE = (84.0, 38.0)

COLUMN_GAP = 260.0
TALL, ASPECT, MOST_GAP = 640.0, 1.8, 560.0
ERROR_GAP, LEAST_ERROR_GAP = 205.0, 170.0
MARGIN = 12.0
HEADER = 46.0
FOOTER = 40.0
LOOP_ROOM = 84.0
BODY = 330.0
STRIP_WIDTH = 26.0
# Half the height of a label's first line, the weight; the gradient is under it.
LINE = 10.0
# Discs from this radius on contain figures, with a name above and a delta below.
NAMED_RADIUS = 20.0

# For layers of at most this many units: radius of a disc, and its smallest distance to the next. Down to radius 20
# there is room for the delta under a disc and the name over the next one; smaller discs have neither.
_RADII = ((3, 38.0, 134.0), (4, 34.0, 126.0), (6, 28.0, 114.0), (10, 20.0, 96.0), (20, 12.0, 34.0), (40, 7.0, 18.0))

Rect = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True, eq=False)
class LayerColumn:
    """The place of a layer: `x` of its center, `y` of each unit's, `radius` of its discs; radius 0 is a heat strip.

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
    """The canvas of a network: a column for the inputs and each layer, the error box, and the total size."""

    columns: tuple[LayerColumn, ...]
    error: Rect
    width: float
    height: float

    @property
    def gap(self) -> float:
        """The distance between columns."""
        return self.columns[1].x - self.columns[0].x


@lru_cache(maxsize=32)
def layout(sizes: tuple[int, ...], loops: bool = False, narrow: float = 1.0) -> Layout:
    """Return columns from left to right, centered on the same line, with room for `loops` below; in scene pixels.

    `narrow` is the column distance as a part of the usual one.
    """
    crowded = sum(sizes) > MOST_SHOWN
    body = max([BODY, *(_disc(size)[1] * (size - 1) + 150.0 for size in sizes if size <= MOST_IN_LAYER)])
    middle = HEADER + body / 2
    gap = _column_gap(len(sizes) - 1, body) * narrow
    x = MARGIN + 66.0
    columns = []
    for size in sizes:
        columns.append(_column(x, size, middle, body, crowded and size > 16))
        x += gap
    x += max(ERROR_GAP * narrow, LEAST_ERROR_GAP) - gap
    error = (x - 52.0, middle - 35.0, 104.0, 70.0)
    return Layout(tuple(columns), error, x + 66.0 + MARGIN, HEADER + body + FOOTER + LOOP_ROOM * loops)


def _column_gap(layers: int, body: float) -> float:
    """Return the distance between columns: a taller picture is also wider, so that it fills a window."""
    if body < TALL:
        return COLUMN_GAP
    width = ASPECT * (HEADER + body + FOOTER) - ERROR_GAP
    return max(COLUMN_GAP, min(MOST_GAP, float(round(width / max(layers, 1)))))


def _disc(size: int) -> tuple[float, float]:
    """Return the radius of a layer's discs and their smallest distance."""
    return next((radius, gap) for most, radius, gap in _RADII if size <= most)


def _column(x: float, size: int, middle: float, body: float, crowded: bool) -> LayerColumn:
    if size > MOST_IN_LAYER or crowded:
        top, bottom = middle - body / 2 + 12.0, middle + body / 2 - 12.0
        cells: FloatArray = top + (np.arange(size) + 0.5) * (bottom - top) / size
        return LayerColumn(x, cells, 0.0, top, bottom)
    radius, gap = _disc(size)
    # Two units are well apart, as in a textbook's picture; more share the height.
    gap = max(gap, min(180.0, (body - 2 * radius - 60.0) / max(size - 1, 1)))
    y: FloatArray = middle + (np.arange(size, dtype=np.float64) - (size - 1) / 2) * gap
    return LayerColumn(x, y, radius, float(y[0] - radius), float(y[-1] + radius))


@dataclass(frozen=True, eq=False)
class EdgeLines:
    """The edges drawn between two columns: their unit and source (E,), and ends x1, y1, x2, y2 (E, 4)."""

    units: NDArray[np.intp]
    sources: NDArray[np.intp]
    ends: FloatArray


def edge_lines(left: LayerColumn, right: LayerColumn, weights: FloatArray) -> EdgeLines:
    """Return the edges between two columns with weights (sources, units): all, or the largest of each unit."""
    sources_count, units_count = weights.shape
    if weights.size <= MOST_EDGES:
        units, sources = (grid.ravel() for grid in np.mgrid[0:units_count, 0:sources_count])
    else:
        most = max(1, min(sources_count, MOST_EDGES // (4 * units_count)))
        busiest = np.argpartition(-np.abs(weights), most - 1, axis=0)[:most]
        sources, units = busiest.T.ravel(), np.repeat(np.arange(units_count), most)
    return EdgeLines(units, sources, _ends(left, right, sources, units))


def _ends(
    left: LayerColumn,
    right: LayerColumn,
    sources: NDArray[np.intp],
    units: NDArray[np.intp],
) -> FloatArray:
    """Return the ends from the rim of one disc to the rim of the other, along the line through their centers."""
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


def holds(rect: Rect, x: float, y: float) -> bool:
    """Return whether a point is in a rectangle or on its border."""
    left, top, width, height = rect
    return left <= x <= left + width and top <= y <= top + height


def unit_rects(column: LayerColumn, with_delta: bool) -> tuple[Rect, ...]:
    """Return the rectangles of a layer's discs, with the name above and the delta below if they are large enough."""
    rects: list[Rect] = []
    for y in column.y.tolist():
        rects.append((column.x - column.radius, y - column.radius, 2 * column.radius, 2 * column.radius))
        if column.radius >= NAMED_RADIUS:
            rects.append((column.x - 25.0, y - column.radius - 32.0, 50.0, 28.0))
        if column.radius >= NAMED_RADIUS and with_delta:
            rects.append((column.x - 42.0, y + column.radius + 7.0, 84.0, 19.0))
    return tuple(rects)


def label_places(
    ends: FloatArray, size: tuple[float, float], taken: tuple[Rect, ...] = ()
) -> list[tuple[float, float]]:
    """Return a place on each edge for a label of `size`, if possible clear of labels, edges and `taken` rectangles.

    The place is the middle of the label's first line, LINE pixels below its top. Edges that go straight across come
    first and take the middle. The others move along their edge until they fit, and then each is placed again among all
    the others. The time is quadratic in the edges, so results are cached: every step needs the same.
    """
    return list(_label_places(ends.tobytes(), size, taken))


# The middle first, then both sides alternately.
_ALONG = np.array([0.5, *(0.5 + side * step / 100 for step in range(1, 39) for side in (1, -1))])
_SWEEPS = 6


@lru_cache(maxsize=64)
def _label_places(raw: bytes, size: tuple[float, float], taken: tuple[Rect, ...]) -> tuple[tuple[float, float], ...]:
    ends = np.frombuffer(raw).reshape(-1, 4)
    count = len(ends)
    # The possible places of each label (labels, places, 2), and the number of other edges under each.
    places = ends[:, np.newaxis, :2] + _ALONG[:, np.newaxis] * (ends[:, 2:] - ends[:, :2])[:, np.newaxis]
    crossings = _crossings(ends, places, size[1])
    order = np.argsort(np.abs(ends[:, 3] - ends[:, 1]), kind="stable")
    rects = np.concatenate([np.array(taken).reshape(-1, 4), np.zeros((count, 4))])
    chosen = np.zeros(count, dtype=int)
    for _ in range(_SWEEPS):
        covered = 0.0
        for index in order.tolist():
            own = len(taken) + index
            rects[own] = 0.0
            over = overlaps(_around(places[index], size), rects)
            chosen[index] = np.lexsort((crossings[index], over))[0]
            rects[own] = _around(places[index, chosen[index]], size)
            covered += float(over[chosen[index]])
        if not covered:
            break
    return tuple((float(x), float(y)) for x, y in places[np.arange(count), chosen])


def _crossings(ends: FloatArray, places: FloatArray, height: float) -> FloatArray:
    """Return how many edges pass within half a label's height of each place, (labels, places), including its own."""
    x, y = places[..., :1], places[..., 1:]
    passing = ends[:, 1] + (x - ends[:, 0]) / (ends[:, 2] - ends[:, 0]) * (ends[:, 3] - ends[:, 1])
    count: FloatArray = (np.abs(passing - y) < height / 2).sum(axis=-1)
    return count


def _around(places: FloatArray, size: tuple[float, float]) -> FloatArray:
    """Return the rectangles of labels at places (…, 2), with a small margin."""
    offset = np.array([size[0] / 2 + 2.0, LINE + 1.0])
    extent = np.broadcast_to(np.array([size[0] + 4.0, size[1] + 2.0]), places.shape)
    return np.concatenate([places - offset, extent], axis=-1)


def overlaps(rects: FloatArray, others: FloatArray) -> FloatArray:
    """Return how much of each rectangle (R, 4) the others (O, 4) cover together."""
    starts = np.maximum(rects[:, np.newaxis, :2], others[:, :2])
    ends = np.minimum((rects[:, :2] + rects[:, 2:])[:, np.newaxis], others[:, :2] + others[:, 2:])
    area: FloatArray = np.maximum(ends - starts, 0.0).prod(axis=-1).sum(axis=-1)
    return area
