"""The layout of the network canvas in a room: pure geometry, from the network's sizes and the widths of its names.

Columns are spread over the width of the room and units over its height; type has a fixed size. Where the room is
short, units get smaller and show fewer numbers, and layers are folded to strips. A room below the least size of a
network gives a layout larger than the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.present.network.unit_places import (
    LARGEST,
    LEAST_ROW,
    LEVELS,
    UnitStyle,
    Words,
    reach,
    unit_rects,
    unit_style,
)
from nnviz.present.places.label import Rect, Room, ui_width

# A layer with more units is drawn as a heat strip; so is every large one if the network has more units in total.
MOST_IN_LAYER = 40
MOST_SHOWN = 300
LARGE_LAYER = 16
# Beyond this many edges of a layer, only the largest of each unit are drawn, and numbers are shown only in use.
MOST_EDGES = 5000
MOST_LABELLED = 48

MARGIN, SIDE = 10.0, 0.025  # at the left and right: at least so much, and so much of the width
HEAD, FOOT = 28.0, 6.0
TITLE, TITLE_SIZE = 15.0, 13.0  # the middle of the titles, and their type
LOOP_ROOM = 58.0
LEAST_BODY = 150.0
NEVER_FOLDED = 10  # layers of at most this many units are not folded for want of height
STRIP_WIDTH, STRIP_CAPTION = 26.0, 20.0
HALO, EDGE, PLATE_CORNER = 7.0, 5.0, 9.0  # around a disc and around a plate, and the corner of a plate
LENS_ROOM = 152.0  # beside a strip, for its lens
ERROR_SIZE, ERROR_FORMULA, ERROR_PART = (104.0, 62.0), (18.0, 14.0, 12.0, 11.0), 0.17
FORMULA_EM = 2.6  # the height of a formula with a sum or a fraction
LAST_GAP = 0.8  # of the distance of columns, to the error
# The least distance of columns of plates with biases under them, and that between the discs of two columns.
LEAST_BETWEEN, LEAST_FREE = 170.0, 62.0
PLATE_ROW = 76.0  # the height of a row that has room for a plate alone
ROUNDING = 1e-6
AIR = 9.0  # between the texts of neighbouring columns

# The default room: the distance of columns, wider in a tall picture, and the height of a row in layers of a size.
COLUMN_GAP, MOST_GAP, ASPECT, TALL, BODY = 260.0, 560.0, 1.8, 640.0, 360.0
_ROWS = ((4, 145.0), (6, 118.0), (10, 98.0), (20, 62.0), (40, 26.0))
RADIUS_RATIO, LEAST_RADIUS = 1.2, 30.0


NO_WORDS = Words()


@dataclass(frozen=True, eq=False)
class LayerColumn:
    """The place of a layer: `x` of its center, `y` of each unit's, `radius` of its discs; radius 0 is a heat strip.

    `top` and `bottom` bound a heat strip. `style` is that of the units of other layers.
    """

    x: float
    y: FloatArray
    radius: float
    top: float
    bottom: float
    style: UnitStyle | None = None

    @property
    def is_strip(self) -> bool:
        """Whether the layer is drawn as a heat strip."""
        return self.radius == 0.0


@dataclass(frozen=True, eq=False)
class Layout:
    """The canvas of a network: a column for the inputs and each layer, the error box, and the total size.

    `formula` is the rectangle of the error's formula and `formula_size` its type. `words` are those it was made for.
    """

    columns: tuple[LayerColumn, ...]
    error: Rect
    width: float
    height: float
    formula: Rect = (0.0, 0.0, 0.0, 0.0)
    formula_size: float = ERROR_FORMULA[0]
    words: Words = NO_WORDS

    @property
    def gap(self) -> float:
        """The least distance between columns."""
        return min(right.x - left.x for left, right in pairwise(self.columns))


@lru_cache(maxsize=128)
def layout(
    sizes: tuple[int, ...],
    loops: bool = False,
    room: Room | None = None,
    words: Words = NO_WORDS,
) -> Layout:
    """Return columns from left to right, centered on the same line, with space for `loops` below.

    Without a room, the network has a comfortable one. The layout is as large as the room, unless that is too small.
    """
    room = natural_room(sizes, loops) if room is None else room
    for level in range(LEVELS):
        plan = _plan(sizes, loops, room, words, level)
        if plan.width <= room[0] + ROUNDING:
            break
    return plan if _has_room(plan) else _plan(sizes, loops, room, words, LEVELS - 1)


def _has_room(plan: Layout) -> bool:
    """Return whether there is room for the numbers of the edges between discs, or between plates with their biases."""
    stacked = any(column.style is not None and column.style.bias == "under" for column in plan.columns)
    widest = max(column.radius for column in plan.columns)
    return plan.gap >= max(LEAST_BETWEEN if stacked else 0.0, 2 * widest + LEAST_FREE)


def natural_room(sizes: tuple[int, ...], loops: bool = False) -> Room:
    """Return a comfortable room for a network; a tall one is also wide, so that it fills a window."""
    shown = [size for size in sizes if not _is_folded(size, sizes)]
    body = max([BODY, *(size * next(row for most, row in _ROWS if size <= most) for size in shown)])
    height = HEAD + body + FOOT + LOOP_ROOM * loops
    gap = COLUMN_GAP
    if body >= TALL:
        gap = max(gap, min(MOST_GAP, float(round((ASPECT * height - COLUMN_GAP) / (len(sizes) - 1)))))
    return (gap * (len(sizes) - 1) + 345.0, height)


def _is_folded(size: int, sizes: tuple[int, ...]) -> bool:
    return size > MOST_IN_LAYER or (size > LARGE_LAYER and sum(sizes) > MOST_SHOWN)


def _plan(sizes: tuple[int, ...], loops: bool, room: Room, words: Words, level: int) -> Layout:
    rows = max([size for size in sizes if size <= NEVER_FOLDED], default=1)
    body = max(room[1] - HEAD - FOOT - LOOP_ROOM * loops, LEAST_BODY, rows * LEAST_ROW)
    styles = _styles(sizes, body, level, words)
    reaches = [
        _reach(style, words, index, sizes, after_strip=index > 0 and styles[index - 1] is None)
        for index, style in enumerate(styles)
    ]
    size, formula = _error_type(words, room)
    beside = max(ERROR_SIZE[0], formula) / 2
    margin = MARGIN if level == LEVELS - 1 else max(MARGIN, SIDE * room[0])
    first = margin + max(reaches[0][0], ui_width("Input", TITLE_SIZE) / 2)
    least = [right + left + AIR for (_, right), (left, _) in pairwise(reaches)]
    *gaps, last = _gaps(room[0] - first - beside - margin, [*least, reaches[-1][1] + beside + AIR])
    offset = _offset(styles, sizes)
    columns = tuple(
        _column(x, count, body, style, offset)
        for x, count, style in zip(accumulate(gaps, initial=first), sizes, styles, strict=True)
    )
    x, middle = columns[-1].x + last, HEAD + body / 2
    error = (x - ERROR_SIZE[0] / 2, middle - ERROR_SIZE[1] / 2 + offset, *ERROR_SIZE)
    high = FORMULA_EM * size
    above = (x - formula / 2, error[1] - high - 5.0, formula, high)
    width, height = x + beside + margin, HEAD + body + FOOT + LOOP_ROOM * loops
    width = room[0] if abs(width - room[0]) < ROUNDING else width
    return Layout(columns, error, width, height, formula=above, formula_size=size, words=words)


def _error_type(words: Words, room: Room) -> tuple[float, float]:
    """Return the type size of the error's formula and its width; smaller type in a narrow room."""
    size = next((size for size in ERROR_FORMULA if words.error * size <= ERROR_PART * room[0]), ERROR_FORMULA[-1])
    return size, words.error * size


def _gaps(free: float, least: list[float]) -> list[float]:
    """Return the distances of the columns, and that of the last one to the error, none smaller than the least it needs.

    All are equal, but for the last, which is a little smaller; those that need more take it from the others.
    """
    parts = [1.0] * (len(least) - 1) + [LAST_GAP]
    tight: set[int] = set()
    while True:
        spared = free - sum(least[at] for at in tight)
        gap = spared / max(sum(part for at, part in enumerate(parts) if at not in tight), LAST_GAP)
        found = {at for at, part in enumerate(parts) if at not in tight and gap * part < least[at]}
        if not found:
            return [least[at] if at in tight else gap * part for at, part in enumerate(parts)]
        tight |= found


def _styles(sizes: tuple[int, ...], body: float, level: int, words: Words) -> list[UnitStyle | None]:
    """Return the style of each column, None for a strip; the largest discs are not much larger than the smallest."""
    folded = [_is_folded(size, sizes) for size in sizes]
    if level == LEVELS - 1:  # there, every unit is a plate
        least = [size for size in sizes if unit_style(body / size, level, words) is not None and size <= MOST_IN_LAYER]
        small = unit_style(min(body / max(least, default=1), PLATE_ROW), level, words)
        return _mapped([None if fold or size not in least else small for size, fold in zip(sizes, folded, strict=True)])
    found = [None if fold else unit_style(body / size, level, words) for size, fold in zip(sizes, folded, strict=True)]
    radii = [style.radius for style in found if style is not None]
    most = min(LARGEST, max(LEAST_RADIUS, RADIUS_RATIO * min(radii))) if radii else LARGEST
    return _mapped(
        [
            None if style is None else unit_style(body / size, level, words, most)
            for size, style in zip(sizes, found, strict=True)
        ]
    )


def _mapped(styles: list[UnitStyle | None]) -> list[UnitStyle | None]:
    """Return the styles with room for maps in hidden layers alone."""
    last = len(styles) - 1
    return [
        style if style is None or 0 < index < last else replace(style, map_radius=0.0)
        for index, style in enumerate(styles)
    ]


def _reach(
    style: UnitStyle | None, words: Words, index: int, sizes: tuple[int, ...], after_strip: bool
) -> tuple[float, float]:
    """Return how far a column reaches to both sides; the room of a lens is also enough for a caption under it."""
    if style is not None:
        return reach(style, words, is_input=index == 0)
    half = max(STRIP_WIDTH, ui_width(f"{sizes[index]} units", TITLE_SIZE)) / 2
    side = half if index == len(sizes) - 1 or not after_strip else STRIP_WIDTH / 2
    return (side, LENS_ROOM) if index < len(sizes) - 1 else (LENS_ROOM, side)


def _offset(styles: list[UnitStyle | None], sizes: tuple[int, ...]) -> float:
    """Return how far the centers of units are under the middle of their rows: as the tightest column needs it."""
    tightest = max(
        ((size, style) for size, style in zip(sizes, styles, strict=True) if style is not None),
        key=lambda pair: pair[0],
        default=None,
    )
    return 0.0 if tightest is None else (tightest[1].above - tightest[1].below) / 2


def _column(x: float, size: int, body: float, style: UnitStyle | None, offset: float) -> LayerColumn:
    if style is None:
        top, bottom = HEAD, HEAD + body - STRIP_CAPTION
        cells: FloatArray = top + (np.arange(size) + 0.5) * (bottom - top) / size
        return LayerColumn(x, cells, 0.0, top, bottom)
    row = body / size
    offset = min(max(offset, style.above - row / 2), row / 2 - style.below)
    y: FloatArray = HEAD + (np.arange(size, dtype=np.float64) + 0.5) * row + offset
    return LayerColumn(x, y, style.radius, float(y[0] - style.radius), float(y[-1] + style.radius), style)


@lru_cache(maxsize=128)
def taken(plan: Layout) -> tuple[Rect, ...]:
    """Return the rectangles that are reserved for units, their texts and the error, which labels of edges avoid."""
    rects = [rect for index, column in enumerate(plan.columns) for rect in column_rects(column, plan.words, index == 0)]
    return (*rects, plan.error, plan.formula)


def column_rects(column: LayerColumn, words: Words, is_input: bool) -> list[Rect]:
    """Return the rectangles that are reserved for the units of a layer and their texts, or for its strip."""
    if column.style is None:
        width = ui_width(f"{len(column.y)} units", TITLE_SIZE)
        strip = (column.x - STRIP_WIDTH / 2, column.top, STRIP_WIDTH, column.bottom - column.top)
        return [strip, (column.x - width / 2, column.bottom, width, STRIP_CAPTION)]
    rects: list[Rect] = []
    for y in column.y.tolist():
        rects += unit_rects(column.style, column.x, y, words, is_input)
    return rects


@dataclass(frozen=True, eq=False)
class EdgeLines:
    """The edges drawn between two columns: their unit and source (E,), and ends x1, y1, x2, y2 (E, 4)."""

    units: NDArray[np.intp]
    sources: NDArray[np.intp]
    ends: FloatArray


def edge_lines(left: LayerColumn, right: LayerColumn, weights: FloatArray, missing: Sequence[int] = ()) -> EdgeLines:
    """Return the edges between two columns with weights (sources, units): all, or the largest of each unit.

    `missing` are the connections that do not exist, as places in the weights counted row by row.
    """
    sources_count, units_count = weights.shape
    if weights.size <= MOST_EDGES:
        units, sources = (grid.ravel() for grid in np.mgrid[0:units_count, 0:sources_count])
    else:
        most = max(1, min(sources_count, MOST_EDGES // (4 * units_count)))
        busiest = np.argpartition(-np.abs(weights), most - 1, axis=0)[:most]
        sources, units = busiest.T.ravel(), np.repeat(np.arange(units_count), most)
    if missing:
        kept = ~np.isin(sources * units_count + units, missing)
        units, sources = units[kept], sources[kept]
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
