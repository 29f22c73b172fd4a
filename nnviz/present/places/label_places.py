"""Free places for the labels of edges: pure geometry, clear of discs and other labels, with leaders where needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.present.places.label import Rect

# Points on an edge, as parts of its length: the middle first, then both sides alternately.
_ALONG = np.array([0.5, *(0.5 + side * step / 50 for step in range(1, 22) for side in (1, -1))])
# Distances from the edge, up and down; a label away from its edge has a leader.
_ASIDE = np.array([0.0, *(side * step for step in (16.0, 22.0, 30.0, 40.0, 52.0, 68.0, 88.0) for side in (-1, 1))])
_SWEEPS, _KEPT = 6, 160
_CROSSING, _AWAY, _FIRST_AWAY, _OFF_MIDDLE, _OVERLAP = 1.0, 0.05, 1.6, 2.0, 1.0e4
_CROSSING_AWAY = 2.5  # a label away from its edge seems to belong to the one under it
AIR = 1.0  # around a label


@dataclass(frozen=True)
class EdgePlace:
    """The place of a label: the center of its first line (x, y), and the point of the edge that it belongs to."""

    x: float
    y: float
    at: tuple[float, float]

    @property
    def is_aside(self) -> bool:
        """Whether the label is away from its edge."""
        return self.y != self.at[1]


@dataclass(frozen=True)
class EdgeLabels:
    """The places of a layer's labels, in the order of the edges: None for one without a free place.

    Each has `lines` lines: 2 for the weight and under it the gradient, 1 if they share one.
    """

    places: tuple[EdgePlace | None, ...]
    size: tuple[float, float]
    lines: int

    def rect(self, place: EdgePlace) -> Rect:
        """Return the rectangle that is reserved for a label."""
        return _rect(place.x, place.y, self.size, self.lines)


def first_line(height: float, lines: int) -> float:
    """Return the distance from a label's top to the middle of its first line."""
    return height / (2.0 * lines)


def _rect(x: float, y: float, size: tuple[float, float], lines: int) -> Rect:
    return (x - size[0] / 2, y - first_line(size[1], lines), *size)


@lru_cache(maxsize=256)
def edge_labels(
    ends: tuple[tuple[float, float, float, float], ...],
    size: tuple[float, float],
    taken: tuple[Rect, ...],
    within: Rect,
    narrow: float | None = None,
) -> EdgeLabels:
    """Return a place on each edge for a label of `size`, two lines high, clear of `taken` and inside of `within`.

    If not all labels fit, those of one line are tried, which are `narrow` wide or as wide as the others: weight and
    gradient share it, and more of them may fit. Each moves along its edge, and away from it if there is no room on it.
    Labels that are left overlapping or without a place are thinned by the caller, who knows which are important.
    """
    if not ends:
        return EdgeLabels((), size, 2)
    both = _placed(ends, size, 2, taken, within)
    fit = _quality(both)
    if fit == (len(ends), 0):
        return both
    single = _placed(ends, (size[0] if narrow is None else narrow, size[1] / 2), 1, taken, within)
    return single if _quality(single) > fit else both


def _quality(labels: EdgeLabels) -> tuple[int, int]:
    """Return how many labels have a place that overlaps no other, and less one for each away from its edge."""
    shown: list[Rect] = []
    aside = 0
    for place in labels.places:
        if place is not None and is_free(rect := labels.rect(place), shown):
            shown.append(rect)
            aside += place.is_aside
    return len(shown), -aside


def is_free(rect: Rect, shown: list[Rect]) -> bool:
    """Return whether a rectangle overlaps none of others."""
    left, top, width, height = rect
    right, bottom = left + width, top + height
    return not any(l < right and left < l + w and t < bottom and top < t + h for l, t, w, h in shown)  # noqa: E741


def _placed(
    ends: tuple[tuple[float, float, float, float], ...],
    size: tuple[float, float],
    lines: int,
    taken: tuple[Rect, ...],
    within: Rect,
) -> EdgeLabels:
    edges = np.array(ends)
    choices = [
        _choices(edges, index, size, lines, (np.array(taken).reshape(-1, 4), within)) for index in range(len(ends))
    ]
    order = sorted(range(len(ends)), key=lambda index: (len(choices[index][0]), index))
    own = [_rects(points[:, :2], size, lines) for points, _ in choices]
    chosen: dict[int, int] = {}
    rects = np.zeros((len(ends), 4))
    for _ in range(_SWEEPS):
        covered, before = False, dict(chosen)
        for index in order:
            if not len(own[index]):
                continue
            rects[index] = 0.0
            over = _overlap(own[index], rects)
            best = int(np.argmin(choices[index][1] + _OVERLAP * (over > 0) + over))
            chosen[index], rects[index] = best, own[index][best]
            covered = covered or bool(over[best] > 0)
        if not covered or chosen == before:  # nothing is left to move, or nothing moves any more
            break
    places = [_place(choices[index][0][chosen[index]]) if index in chosen else None for index in range(len(ends))]
    return EdgeLabels(tuple(places), size, lines)


def _place(point: FloatArray) -> EdgePlace:
    x, y, at_x, at_y = point.tolist()
    return EdgePlace(x, y, (at_x, at_y))


def _choices(
    edges: FloatArray, index: int, size: tuple[float, float], lines: int, room: tuple[FloatArray, Rect]
) -> tuple[FloatArray, FloatArray]:
    """Return the free places of one label (places, 4): center of its first line, point on its edge; and their costs."""
    taken, within = room
    x1, y1, x2, y2 = edges[index]
    on = np.stack([x1 + _ALONG * (x2 - x1), y1 + _ALONG * (y2 - y1)], axis=-1)
    at = np.repeat(on, len(_ASIDE), axis=0)
    aside = np.tile(_ASIDE, len(_ALONG))
    points = at + np.stack([np.zeros(len(aside)), aside], axis=-1)
    rects = _rects(points, size, lines)
    inside = _inside(rects, within)
    points, at, aside, rects = points[inside], at[inside], aside[inside], rects[inside]
    free = ~_covered(rects, taken)
    points, at, aside, rects = points[free], at[free], aside[free], rects[free]
    middle = np.hypot(at[:, 0] - (x1 + x2) / 2, at[:, 1] - (y1 + y2) / 2) / max(float(np.hypot(x2 - x1, y2 - y1)), 1.0)
    costs = _OFF_MIDDLE * middle + _AWAY * np.abs(aside) + _FIRST_AWAY * (aside != 0)
    costs += np.where(aside != 0, _CROSSING_AWAY, _CROSSING) * _crossings(edges, index, rects)
    kept = np.argsort(costs, kind="stable")[:_KEPT]
    return np.concatenate([points, at], axis=1)[kept], costs[kept]


def _rects(points: FloatArray, size: tuple[float, float], lines: int) -> FloatArray:
    """Return the rectangles (places, 4) of labels at points (places, 2), with a small margin."""
    width, height = size[0] + 2 * AIR, size[1] + 2 * AIR
    corner = points - np.array([width / 2, first_line(size[1], lines) + AIR])
    return np.concatenate([corner, np.broadcast_to(np.array([width, height]), corner.shape)], axis=1)


def _inside(rects: FloatArray, within: Rect) -> NDArray[np.bool_]:
    left, top, width, height = within
    inside: NDArray[np.bool_] = (
        (rects[:, 0] >= left)
        & (rects[:, 1] >= top)
        & (rects[:, 0] + rects[:, 2] <= left + width)
        & (rects[:, 1] + rects[:, 3] <= top + height)
    )
    return inside


def _covered(rects: FloatArray, others: FloatArray) -> NDArray[np.bool_]:
    """Return which of the rectangles (R, 4) overlap any of the others (O, 4)."""
    common: NDArray[np.bool_] = (_common(rects, others, 0) > 0) & (_common(rects, others, 1) > 0)
    covered: NDArray[np.bool_] = common.sum(axis=-1) > 0
    return covered


def _overlap(rects: FloatArray, others: FloatArray) -> FloatArray:
    """Return how much of each rectangle (R, 4) the others (O, 4) cover together."""
    across, down = (np.maximum(_common(rects, others, axis), 0.0) for axis in (0, 1))
    area: FloatArray = (across * down).sum(axis=-1)
    return area


def _common(rects: FloatArray, others: FloatArray, axis: int) -> FloatArray:
    """Return the length (R, O) that two rectangles have in common along an axis; negative if they are apart."""
    starts, stops = rects[:, axis, np.newaxis], (rects[:, axis] + rects[:, axis + 2])[:, np.newaxis]
    common: FloatArray = np.minimum(stops, others[:, axis] + others[:, axis + 2]) - np.maximum(starts, others[:, axis])
    return common


def _crossings(edges: FloatArray, index: int, rects: FloatArray) -> FloatArray:
    """Return how many other edges pass under each rectangle (R, 4): in front of its middle, at its height."""
    others = np.delete(edges, index, axis=0)
    if not len(others) or not len(rects):
        return np.zeros(len(rects))
    x = rects[:, :1] + np.array([0.15, 0.5, 0.85]) * rects[:, 2:3]  # (R, 3)
    run = others[:, 2] - others[:, 0]
    run = np.where(np.abs(run) < 1e-9, 1e-9, run)
    part = (x[..., np.newaxis] - others[:, 0]) / run  # (R, 3, O)
    y = others[:, 1] + part * (others[:, 3] - others[:, 1])
    top, bottom = rects[:, 1, np.newaxis, np.newaxis], (rects[:, 1] + rects[:, 3])[:, np.newaxis, np.newaxis]
    count: FloatArray = ((part > 0) & (part < 1) & (y > top) & (y < bottom)).any(axis=1).sum(axis=1).astype(np.float64)
    return count
