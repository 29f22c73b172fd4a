"""The layout of a recurrent network unrolled in time, in a room: a copy of the network at each time step.

Time runs from left to right. In each copy the layers are one above the other, the inputs at the bottom, and each is a
little further right than the one below, so that

- edges between two layers run upwards to the right, past no disc of either;
- loops, from a layer to itself one time step later, run to the right at the layer's own height, past no other layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.present.network.layout import NO_WORDS, ROUNDING, LayerColumn, Layout, column_rects
from nnviz.present.network.unit_places import LEVELS, UnitStyle, Words, narrowed, reach, unit_style
from nnviz.present.places.label import Rect, Room

# At most this many copies are drawn side by side: those around the present time step.
MOST_COPIES = 4
# A layer with more units is drawn as a heat strip, as high as STRIP_ROWS rows.
MOST_IN_COPY, STRIP_ROWS = 10, 3
# The height of a row without a room, and the least one; with many rows, names are beside the figures.
COMFORTABLE_ROW, LEAST_ROW, LEAST_INSIDE, MANY_ROWS = 126.0, 58.0, 24.0, 8
SHIFT = 166.0  # to the right from one layer to the next above, without a room

MOST_RADIUS = 38.0
MARGIN, PANEL_FOOT, NAME_GAP = 10.0, 6.0, 26.0
FOOTER_LINE = 20.0


@dataclass(frozen=True)
class Spacing:
    """The least distances of a picture: between the panels, around their contents, and from layer to layer.

    `head` is the height of the time step's title, `box` the size of the boxes of errors. In a `narrow` one every
    name is beside its figure.
    """

    head: float
    gap: float
    inset: float
    box: tuple[float, float]
    box_gap: float
    shift: float
    is_narrow: bool = False


# From the most comfortable to the tightest; the first that fits a room is used.
SPACINGS = (
    Spacing(head=30.0, gap=14.0, inset=12.0, box=(88.0, 48.0), box_gap=16.0, shift=74.0),
    Spacing(head=26.0, gap=8.0, inset=8.0, box=(72.0, 48.0), box_gap=8.0, shift=26.0, is_narrow=True),
)


@dataclass(frozen=True, eq=False)
class Copy:
    """The place of a time step: its layout, whose error box is that of the time step, and the panel of the copy."""

    time: int
    plan: Layout
    panel: Rect


@dataclass(frozen=True, eq=False)
class UnrolledLayout:
    """The visible copies, the columns of the previous hidden state (None for a layer without a loop), and the rest.

    `total` is the box of the loss and `name` the place of its name. `taken` are the rectangles of all units, texts and
    boxes, which the labels of edges avoid.
    """

    copies: tuple[Copy, ...]
    before: tuple[LayerColumn | None, ...]
    total: Rect
    name: Rect
    width: float
    height: float
    footer: float  # y of the first line under the panels
    taken: tuple[Rect, ...]


@lru_cache(maxsize=64)
def unrolled_layout(
    sizes: tuple[int, ...],
    loops: tuple[bool, ...],
    times: tuple[int, ...],
    room: Room | None = None,
    words: Words = NO_WORDS,
) -> UnrolledLayout:
    """Return the layout of a network at these time steps in a room; `loops` marks recurrent layers.

    Layers are spread over the height and copies over the width. Without a room the picture has a comfortable size.
    """
    for spacing in SPACINGS:
        plan = _plan(sizes, loops, times, room, words, spacing)
        if room is None or (plan.width <= room[0] + ROUNDING and plan.height <= room[1] + ROUNDING):
            break
    return plan


def most_copies(sizes: tuple[int, ...], loops: tuple[bool, ...], room: Room | None, words: Words) -> int:
    """Return how many time steps are drawn side by side: as many as fit a room, two at least."""
    for count in range(MOST_COPIES, 2, -1):
        if room is None or unrolled_layout(sizes, loops, tuple(range(count)), room, words).width <= room[0] + ROUNDING:
            return count
    return 2


def _plan(
    sizes: tuple[int, ...],
    loops: tuple[bool, ...],
    times: tuple[int, ...],
    room: Room | None,
    words: Words,
    spacing: Spacing,
) -> UnrolledLayout:
    depth = len(sizes) - 1
    rows = [size if size <= MOST_IN_COPY else STRIP_ROWS for size in sizes]
    row = _row(sum(rows), depth, room, spacing)
    style = _style(row, words, spacing)
    half = reach(style, replace(words, bias=0, loop_bias=0), is_input=False)[0]
    inset, box = spacing.inset, spacing.box
    before_width = (2 * half + inset) if any(loops) else 0.0
    ends = inset + 2 * half + spacing.box_gap + box[0] + inset
    left, count = MARGIN + before_width, len(times)
    shift = SHIFT
    if room is not None:
        width = (room[0] - left - MARGIN - (count - 1) * spacing.gap) / count
        shift = max(spacing.shift, (width - ends) / depth)
    width, body = ends + depth * shift, row * sum(rows)
    low = MARGIN + spacing.head + body + PANEL_FOOT
    right = left + count * (width + spacing.gap) - spacing.gap
    copies = []
    for place, time in enumerate(times):
        x = left + place * (width + spacing.gap)
        top = MARGIN + spacing.head
        columns = _columns(rows, sizes, row, style, (x + inset + half, shift, top))
        middle = (columns[-1].top + columns[-1].bottom) / 2
        error = (x + width - inset - box[0], middle - box[1] / 2, *box)
        panel = (x, MARGIN, width, spacing.head + body + PANEL_FOOT)
        copies.append(Copy(time, Layout(columns, error, right + MARGIN, low, words=words), panel))
    first = MARGIN + half
    before = tuple(
        replace(column, x=first) if loop else None
        for column, loop in zip(copies[0].plan.columns[1:], loops, strict=True)
    )
    # No loop leaves the last copy, so the sum of all errors fits beside its inputs.
    wide, high = SPACINGS[0].box
    middle = min(low - PANEL_FOOT - row / 2, low - PANEL_FOOT - high / 2)
    total = (right - inset - wide, middle - high / 2, wide, high)
    name = (total[0] - NAME_GAP, middle - 12.0, NAME_GAP - 4.0, 24.0)
    footer = low + FOOTER_LINE / 2 + 2.0
    taken = [*(copy.plan.error for copy in copies), total, name]
    taken += [(copy.panel[0], copy.panel[1], 110.0, spacing.head) for copy in copies]
    bare = replace(words, bias=0, loop_bias=0)
    for index, column in enumerate(column for copy in copies for column in copy.plan.columns):
        taken += column_rects(column, bare, is_input=index % len(sizes) == 0)
    for held in before:
        taken += [] if held is None else column_rects(held, bare, is_input=True)
    height = low + depth * FOOTER_LINE + MARGIN
    return UnrolledLayout(
        copies=tuple(copies),
        before=before,
        total=total,
        name=name,
        width=right + MARGIN,
        height=height,
        footer=footer,
        taken=tuple(taken),
    )


def _row(rows: int, depth: int, room: Room | None, spacing: Spacing) -> float:
    """Return the height of a row: the rows share the height of the room."""
    if room is None:
        return COMFORTABLE_ROW
    free = room[1] - 2 * MARGIN - spacing.head - PANEL_FOOT - depth * FOOTER_LINE
    is_inside = rows > MANY_ROWS or spacing.is_narrow
    return max(free / rows, LEAST_INSIDE if is_inside else LEAST_ROW)


def _style(row: float, words: Words, spacing: Spacing) -> UnitStyle:
    """Return the style of all units; their biases are under the panels, because all copies share them."""
    style = unit_style(row, LEVELS - 1, words, MOST_RADIUS)
    assert style is not None
    return replace(narrowed(style, words) if spacing.is_narrow and style.plate else style, bias="none")


def _columns(
    rows: list[int], sizes: tuple[int, ...], row: float, style: UnitStyle, at: tuple[float, float, float]
) -> tuple[LayerColumn, ...]:
    """Return a column for the inputs and each layer, from the bottom to the top, each further right."""
    columns, (x, shift, bottom) = [], at
    offset = (style.above - style.below) / 2
    bottom += row * sum(rows)
    for index, (size, count) in enumerate(zip(sizes, rows, strict=True)):
        top, center = bottom - row * count, x + index * shift
        if size > MOST_IN_COPY:
            high, low = top + 8.0, bottom - 22.0
            cells: FloatArray = high + (np.arange(size) + 0.5) * (low - high) / size
            columns.append(LayerColumn(center, cells, 0.0, high, low))
        else:
            y: FloatArray = top + (np.arange(size, dtype=np.float64) + 0.5) * row + offset
            ends = float(y[0] - style.radius), float(y[-1] + style.radius)
            columns.append(LayerColumn(center, y, style.radius, *ends, style))
        bottom = top
    return tuple(columns)
