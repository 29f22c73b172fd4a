"""The small drawing of a network on a lesson's card: discs, edges by sign, and loops, in a box of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnviz.lessons.lesson import Lesson

WIDTH, HEIGHT = 260.0, 88.0
MOST_DISCS = 5  # of one layer; a larger layer has a gap in its middle
RADIUS = 7.0

_SPACING = 24.0
_LOOP = 6.5  # the radius of a loop
_MARGIN = 1.5


@dataclass(frozen=True)
class Disc:
    """A unit, by its center."""

    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """A weight from one disc to another; `sign` is 1, -1, or 0 if the weight is 0 or not known yet."""

    x1: float
    y1: float
    x2: float
    y2: float
    sign: int


@dataclass(frozen=True)
class LessonDrawing:
    """A network in a box of WIDTH by HEIGHT. `gaps` are the places of units that are not drawn."""

    discs: tuple[Disc, ...]
    edges: tuple[Edge, ...]
    loops: tuple[Disc, ...] = ()
    gaps: tuple[Disc, ...] = ()
    radius: float = RADIUS
    loop_radius: float = _LOOP


def drawing_of(lesson: Lesson) -> LessonDrawing:
    """Return the drawing of a lesson's network with its first weights."""
    network = lesson.network
    recurrent = tuple(layer.recurrent for layer in network.architecture.layers)
    missing = [layer.missing for layer in network.architecture.layers]
    return draw_network(network.architecture.sizes, recurrent, network.W, missing)


def draw_network(
    sizes: Sequence[int],
    recurrent: Sequence[bool],
    weights: Sequence[NDArray[np.float64]] = (),
    missing: Sequence[Sequence[int]] = (),
) -> LessonDrawing:
    """Return the drawing of a network by its layer sizes, from the input, and its weights (inputs, units) if known.

    `missing` are the connections that each layer lacks, as places in its weights counted row by row.
    """
    top = 1.8 * _LOOP if any(recurrent) else 0.0
    rows = max(len(shown_units(size)) + (size > MOST_DISCS) for size in sizes)
    spacing = min(_SPACING, (HEIGHT - top - 2 * (RADIUS + _MARGIN)) / max(1, rows - 1))
    radius = min(RADIUS, 0.4 * spacing)
    columns = _columns(sizes)
    places: list[dict[int, Disc]] = []
    gaps: list[Disc] = []
    for x, size in zip(columns, sizes, strict=True):
        shown = shown_units(size)
        slots = [*shown] if size <= MOST_DISCS else [*shown[: len(shown) // 2], None, *shown[len(shown) // 2 :]]
        first = top + (HEIGHT - top - spacing * (len(slots) - 1)) / 2
        at = [(unit, Disc(x, first + spacing * row)) for row, unit in enumerate(slots)]
        places.append({unit: disc for unit, disc in at if unit is not None})
        gaps.extend(disc for unit, disc in at if unit is None)
    edges: list[Edge] = []
    for index, (left, right) in enumerate(pairwise(places)):
        absent = {divmod(place, sizes[index + 1]) for place in missing[index]} if missing else set()
        edges.extend(_edges(left, right, weights[index] if index < len(weights) else None, absent))
    tops = (next(iter(column.values())) for column in places[1:])
    loops = tuple(
        Disc(disc.x, disc.y - radius - 0.7 * _LOOP) for disc, again in zip(tops, recurrent, strict=True) if again
    )
    discs = tuple(disc for column in places for disc in column.values())
    return LessonDrawing(discs, tuple(edges), loops, tuple(gaps), radius)


def shown_units(size: int) -> tuple[int, ...]:
    """Return the units of a layer that are drawn: all, or the first and the last ones."""
    if size <= MOST_DISCS:
        return tuple(range(size))
    half = (MOST_DISCS - 1) // 2
    return (*range(half), *range(size - half, size))


def _columns(sizes: Sequence[int]) -> list[float]:
    """Return the x of each layer: near the middle for few layers, over the whole box for many."""
    share = min(1.0, 0.36 * (len(sizes) - 1))
    span = share * (WIDTH - 2 * (RADIUS + _MARGIN))
    left = (WIDTH - span) / 2
    return [left + span * index / (len(sizes) - 1) for index in range(len(sizes))]


def _edges(
    left: dict[int, Disc], right: dict[int, Disc], weights: NDArray[np.float64] | None, absent: set[tuple[int, int]]
) -> list[Edge]:
    """Return the edges between the discs of two layers, without the `absent` ones (source, unit)."""

    def sign(source: int, unit: int) -> int:
        return 0 if weights is None else int(np.sign(weights[source, unit]))

    return [
        Edge(a.x, a.y, b.x, b.y, sign(source, unit))
        for source, a in left.items()
        for unit, b in right.items()
        if (source, unit) not in absent
    ]
