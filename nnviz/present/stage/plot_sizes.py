"""The sizes of plots on cards, for every writer and painter: at scale 1, in pixels; a stage of 540 has scale 1."""

from __future__ import annotations

RADIUS, PAD = 8.0, 15.0
TITLE_SIZE, VALUE_SIZE, LABEL_SIZE = 15.0, 19.0, 12.0
LINE, FAINT_LINE, DOT, RING = 2.2, 1.5, 5.0, 12.0
TICKS = 3
OUTLINED = 300  # the most examples whose points have an outline
_POINTS = ((30, 7.0), (OUTLINED, 5.0))  # up to this number of examples, the radius of their points
_SMALL_POINT = 2.5


def point_radius(count: int) -> float:
    """Return the radius of the points of a number of examples."""
    return next((size for most, size in _POINTS if count <= most), _SMALL_POINT)
