"""The layout of a recurrent network unrolled in time: a copy of the network at each time step.

Time runs from left to right. In each copy the layers are one above the other, the inputs at the bottom, and each is a
little further right than the one below, so that

- edges between two layers run upwards to the right, past no disc of either;
- loops, from a layer to itself one time step later, run to the right at the layer's own height, past no other layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz.present.network.layout import LayerColumn, Layout, Rect

# At most this many copies are drawn side by side: those around the present time step.
MOST_COPIES = 4
# A layer with more units is drawn as a heat strip.
MOST_IN_COPY = 10
STRIP_HEIGHT = 200.0
# For layers of at most this many units: radius of a disc, and its distance to the next.
_RADII = ((4, 34.0, 130.0), (6, 28.0, 116.0), (MOST_IN_COPY, 20.0, 94.0))

SHIFT = 166.0  # the shift to the right from one layer to the next above
NAME_ROOM, DELTA_ROOM = 34.0, 30.0  # over the first disc of a layer, and under its last
BETWEEN = 16.0  # from the discs of one layer to those of the next; as these are further right, names fit beside deltas
MARGIN, PANEL_HEAD, PANEL_FOOT = 14.0, 40.0, 8.0
PANEL_LEFT, PANEL_RIGHT, PANEL_GAP = 56.0, 12.0, 18.0
BEFORE_WIDTH = 106.0
BOX_WIDTH, BOX_HEIGHT, BOX_GAP = 92.0, 56.0, 14.0
TOTAL_HEIGHT = 62.0
FOOTER_LINE = 24.0


@dataclass(frozen=True, eq=False)
class Copy:
    """The place of a time step: its layout, whose error box is that of the time step, and the panel of the copy."""

    time: int
    plan: Layout
    panel: Rect


@dataclass(frozen=True, eq=False)
class UnrolledLayout:
    """The visible copies, the columns of the previous hidden state (None for a layer without a loop), and the rest."""

    copies: tuple[Copy, ...]
    before: tuple[LayerColumn | None, ...]
    total: Rect
    width: float
    height: float
    footer: float  # y of the first line under the panels


@lru_cache(maxsize=32)
def unrolled_layout(sizes: tuple[int, ...], loops: tuple[bool, ...], times: tuple[int, ...]) -> UnrolledLayout:
    """Return the layout of a network with these sizes at these time steps; `loops` marks recurrent layers."""
    bands = [_band_height(size) for size in sizes]
    height = sum(bands) + BETWEEN * (len(bands) - 1) + NAME_ROOM + DELTA_ROOM
    top = MARGIN + PANEL_HEAD
    span = (len(sizes) - 1) * SHIFT
    width = PANEL_LEFT + span + max(_radius(sizes[-1]), 13.0) + BOX_GAP + BOX_WIDTH + PANEL_RIGHT
    left = MARGIN + (BEFORE_WIDTH if any(loops) else 0.0)
    copies = []
    for place, time in enumerate(times):
        x = left + place * (width + PANEL_GAP)
        columns = _columns(sizes, bands, x + PANEL_LEFT, top)
        output = columns[-1]
        middle = (output.top + output.bottom) / 2
        box = (x + width - PANEL_RIGHT - BOX_WIDTH, middle - BOX_HEIGHT / 2, BOX_WIDTH, BOX_HEIGHT)
        panel = (x, MARGIN, width, PANEL_HEAD + height + PANEL_FOOT)
        copies.append(Copy(time, Layout(columns, box, width, height), panel))
    first = _columns(sizes, bands, MARGIN + 38.0, top)
    before = tuple(
        _moved(column, MARGIN + 38.0) if loop else None for column, loop in zip(first[1:], loops, strict=True)
    )
    right = left + len(times) * (width + PANEL_GAP) - PANEL_GAP
    # No loop leaves the last copy, so the sum of all errors fits beside its inputs.
    low = MARGIN + PANEL_HEAD + height + PANEL_FOOT - PANEL_RIGHT
    total = (right - PANEL_RIGHT - BOX_WIDTH, low - TOTAL_HEIGHT, BOX_WIDTH, TOTAL_HEIGHT)
    footer = MARGIN + PANEL_HEAD + height + PANEL_FOOT + FOOTER_LINE
    lines = (len(sizes) - 1) * FOOTER_LINE
    return UnrolledLayout(tuple(copies), before, total, right + MARGIN, footer + lines, footer)


def _radius(size: int) -> float:
    return 0.0 if size > MOST_IN_COPY else _disc(size)[0]


def _band_height(size: int) -> float:
    """Return the height of a layer's discs."""
    if size > MOST_IN_COPY:
        return STRIP_HEIGHT
    radius, gap = _disc(size)
    return (size - 1) * gap + 2 * radius


def _disc(size: int) -> tuple[float, float]:
    return next((radius, gap) for most, radius, gap in _RADII if size <= most)


def _columns(sizes: tuple[int, ...], bands: list[float], x: float, top: float) -> tuple[LayerColumn, ...]:
    """Return a column for the inputs and each layer, from the bottom to the top, each further right."""
    columns = []
    bottom = top + NAME_ROOM + sum(bands) + BETWEEN * (len(bands) - 1)
    for index, (size, band) in enumerate(zip(sizes, bands, strict=True)):
        low, high = bottom, bottom - band
        center = x + index * SHIFT
        if size > MOST_IN_COPY:
            cells = high + (np.arange(size) + 0.5) * (low - high) / size
            columns.append(LayerColumn(center, cells, 0.0, high, low))
        else:
            radius, gap = _disc(size)
            y = high + radius + np.arange(size, dtype=np.float64) * gap
            columns.append(LayerColumn(center, y, radius, high, low))
        bottom -= band + BETWEEN
    return tuple(columns)


def _moved(column: LayerColumn, x: float) -> LayerColumn:
    return LayerColumn(x, column.y, column.radius, column.top, column.bottom)
