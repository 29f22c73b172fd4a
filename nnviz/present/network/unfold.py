"""The units of a folded layer that are unfolded, and their places: pure geometry of lenses and of zoomed strips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.present.network.layout import STRIP_WIDTH, LayerColumn, Layout
from nnviz.present.network.unit_places import reach
from nnviz.present.places.label import Rect

# The screen pixels per unit from which a zoomed strip shows its units, and the most units of all layers together.
MIN_PITCH = 18.0
MOST_UNFOLDED = 240
# A lens on the screen: radius of its discs, their distance, room for a name, the margin, and the gap to the strip.
RADIUS, PITCH, NAME, AIR, LEAD = 31.0, 66.0, 40.0, 8.0, 14.0
LENS_WIDTH = NAME + 2 * RADIUS + 2 * AIR
FEWEST, MOST = 3, 7  # units in a lens
CLEAR = 6.0  # from a lens to the next column and its texts
ROOM = 0.8  # of the view's height that a lens may take
# In place the discs nearly touch; with less room than this on the screen, their figures are beside them.
SHARE, INSIDE = 0.42, 52.0


@dataclass(frozen=True)
class Unfolding:
    """A zoomed view of the canvas.

    `pixel` is the size of a screen pixel in the scene, and `height` the view's height in it (0 for all of it). `ranges`
    are the visible units of zoomed strips: (column, first, stop).
    """

    pixel: float = 1.0
    height: float = 0.0
    ranges: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Window:
    """The units `first` to `stop` of a column as discs at (x, y), a tuple over them; `leaders` are empty in place.

    If `beside` is true, the discs are small and have figures beside them. `right` is the side of a lens at its strip.
    """

    column: int
    first: int
    x: float
    y: tuple[float, ...]
    radius: float
    rect: Rect
    leaders: FloatArray
    right: bool = True
    beside: bool = False

    @property
    def stop(self) -> int:
        """The index after the last unit."""
        return self.first + len(self.y)

    @property
    def in_place(self) -> bool:
        """Whether the units are at their places in the strip."""
        return not len(self.leaders)


def unfolding_of(plan: Layout, zoom: float, view: Rect) -> Unfolding:
    """Return the unfolding of a view that shows the rectangle `view` of the scene, enlarged by `zoom`."""
    left, top, width, height = view
    ranges = []
    for index, column in enumerate(plan.columns):
        if not column.is_strip or not left <= column.x <= left + width:
            continue
        pitch = (column.bottom - column.top) / len(column.y)
        first = max(int((top - column.top) / pitch), 0)
        stop = min(int(np.ceil((top + height - column.top) / pitch)), len(column.y))
        if pitch * zoom >= MIN_PITCH and first < stop:
            ranges.append((index, first, stop))
    if sum(stop - first for _, first, stop in ranges) > MOST_UNFOLDED:
        ranges = []
    return Unfolding(1.0 / zoom, height, tuple(ranges))


def zoomed(plan: Layout, unfolding: Unfolding) -> tuple[Window, ...]:
    """Return the units of zoomed strips, at their places."""
    windows = []
    for index, first, stop in unfolding.ranges:
        column = plan.columns[index]
        pitch = (column.bottom - column.top) / len(column.y)
        y = tuple(column.y[first:stop].tolist())
        rect = (column.x - STRIP_WIDTH / 2 - 1, y[0] - pitch / 2, STRIP_WIDTH + 2, pitch * len(y))
        beside = pitch / unfolding.pixel < INSIDE
        leaders = np.empty((0, 4))
        windows.append(
            Window(
                column=index,
                first=first,
                x=column.x,
                y=y,
                radius=SHARE * pitch,
                rect=rect,
                leaders=leaders,
                beside=beside,
            )
        )
    return tuple(windows)


def lens(plan: Layout, index: int, unit: int, unfolding: Unfolding, around: bool) -> Window:
    """Return a window of units beside a strip: those `around` a unit, or the page that contains it."""
    column, size = plan.columns[index], len(plan.columns[index].y)
    scale = _scale(plan, index, unfolding)
    room = min(ROOM * (unfolding.height or plan.height), column.bottom - column.top)
    count = min(max((int((room - 2 * AIR * scale) / (PITCH * scale)) - 1) // 2 * 2 + 1, FEWEST), MOST, size)
    first = min(max(unit - count // 2, 0), size - count) if around else unit // count * count
    stop = min(first + count, size)
    height = PITCH * scale * (stop - first) + 2 * AIR * scale
    middle = float(column.y[first:stop].mean())
    middle = min(max(middle, column.top + height / 2), max(column.bottom - height / 2, column.top + height / 2))
    right = index < len(plan.columns) - 1
    return _beside(column, index, units=(first, stop), middle=middle, height=height, scale=scale, right=right)


def _beside(
    column: LayerColumn, index: int, *, units: tuple[int, int], middle: float, height: float, scale: float, right: bool
) -> Window:
    """Return a lens of some units at a height; on either side of a strip, names come first."""
    first, stop = units
    width = LENS_WIDTH * scale
    near = column.x + (STRIP_WIDTH / 2 + LEAD * scale) * (1 if right else -1)
    left = near if right else near - width
    x = left + (AIR + NAME + RADIUS) * scale
    y = tuple(middle + (at - (stop - first - 1) / 2) * PITCH * scale for at in range(stop - first))
    edge = column.x + (STRIP_WIDTH / 2 if right else -STRIP_WIDTH / 2)
    leaders = np.array([(edge, float(cell), near, at) for cell, at in zip(column.y[first:stop], y, strict=True)])
    return Window(
        column=index,
        first=first,
        x=x,
        y=y,
        radius=RADIUS * scale,
        rect=(left, middle - height / 2, width, height),
        leaders=leaders,
        right=right,
    )


def _scale(plan: Layout, index: int, unfolding: Unfolding) -> float:
    """Return the scene size of a lens's pixel: one screen pixel, or less so that the lens fits."""
    right = index < len(plan.columns) - 1
    column, other = plan.columns[index], plan.columns[index + 1 if right else index - 1]
    reaches = (STRIP_WIDTH / 2, STRIP_WIDTH / 2)
    if other.style is not None:
        reaches = reach(other.style, plan.words, is_input=index == 1 and not right)
    room = abs(other.x - column.x) - STRIP_WIDTH / 2 - reaches[0 if right else 1] - CLEAR
    return min(unfolding.pixel, room / (LENS_WIDTH + LEAD), (column.bottom - column.top) / (FEWEST * PITCH + 2 * AIR))
