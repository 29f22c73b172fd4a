"""The loss curve and the decision boundary of a run as shapes, each on a card with its title and value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.formats.pictures.network_shapes import n
from nnviz.formats.pictures.shapes import (
    LEFT,
    NONE,
    RIGHT,
    UI,
    DiscShape,
    PathShape,
    RectShape,
    Shape,
    TextShape,
    mixed,
)
from nnviz.present.core.palette import SERIES
from nnviz.present.places.label import Rect, mono_width
from nnviz.present.runs.boundary import UNDEFINED, UNDEFINED_WORDS, BoundaryPicture, Plane
from nnviz.present.runs.curve import LossRun, Points, epoch_end, grouped, thin_curve
from nnviz.present.runs.curve_axis import LossAxis, drawn_losses
from nnviz.present.runs.measures import held_out_measured, measure_axis, measured
from nnviz.present.runs.run_dashes import HELD_OUT_DASHES, HELD_OUT_WIDTH, run_dashes
from nnviz.present.stage.plot_sizes import (
    DOT,
    FAINT_LINE,
    LABEL_SIZE,
    LINE,
    OUTLINED,
    PAD,
    RADIUS,
    RING,
    TICKS,
    TITLE_SIZE,
    VALUE_SIZE,
    point_radius,
)
from nnviz.present.stage.stage import StagePlots, StageRun, stage_plots

PAGE_CELLS, GAP = 48, 24.0  # of a page: cells per side of the boundary, and the space between the plots
LEVELS, PAGE_LEVELS = 24, 12  # shades between two colors
MOST_POINTS = 800  # of a curve
_CODES = UNDEFINED // SERIES  # of one class


def plot_shapes(session: Session, runs: tuple[LossRun, ...], size: tuple[float, float]) -> tuple[Shape, ...]:
    """Return the curve of runs beside the decision boundary, if the network has one, for a page."""
    width, height = size
    plots = stage_plots(session, StageRun(runs), PAGE_CELLS)
    if plots.boundary is None:
        return curve_shapes(plots, (0, 0, width, height), 1.0)
    side = (width - GAP) / 2
    right = boundary_shapes(plots, (side + GAP, 0, side, height), 1.0, PAGE_LEVELS)
    return (*curve_shapes(plots, (0, 0, side, height), 1.0), *right)


def curve_shapes(plots: StagePlots, rect: Rect, scale: float) -> tuple[Shape, ...]:
    """Return a card with the curves of a run, the present one on top and with a dot at the marked epoch."""
    made, room = _plot_card(rect, plots.measure.capitalize(), plots.value, scale)
    size = LABEL_SIZE * scale
    rows = max(1, min(TICKS, int(room[3] / (3.2 * size))))
    axis = measure_axis(plots.runs, plots.measure, True, rows)
    last = epoch_end(plots.runs, plots.marker)
    left = room[0] + max(mono_width(len(tick.text), size) for tick in axis.ticks) + 8 * scale
    right, bottom = room[0] + room[2] - (DOT + 2) * scale, room[1] + room[3] - 1.3 * size - 4 * scale
    places = _Places((left, room[1] + 0.65 * size, right - left, bottom - room[1] - 0.65 * size), axis, last)
    for tick in axis.ticks:
        y = places.y(tick.at)
        made.append(PathShape(f"M{n(left)} {n(y)}H{n(right)}", "grid", max(1.0, scale)))
        made.append(TextShape(tick.text, left - 8 * scale, y, size, "muted", anchor=RIGHT))
    foot = bottom + 4 * scale + 0.65 * size
    made.append(TextShape("0", left, foot, size, "muted", anchor=LEFT))
    made.append(TextShape(f"{grouped(last)} epochs", right, foot, size, "muted", anchor=RIGHT))
    for run in reversed(plots.runs):
        made += _curve(run, plots, places, scale)
    return tuple(made)


def boundary_shapes(plots: StagePlots, rect: Rect, scale: float, levels: int = LEVELS) -> tuple[Shape, ...]:
    """Return a card with the decision boundary and its examples, one of them ringed, or why there is none."""
    made, room = _plot_card(rect, "Decision boundary", plots.accuracy, scale)
    picture = plots.boundary
    if picture is None or bool((picture.codes == UNDEFINED).all()):
        words = plots.obstacle if picture is None else UNDEFINED_WORDS
        middle = room[0] + room[2] / 2, room[1] + room[3] / 2
        return (
            *made,
            TextShape(words, *middle, TITLE_SIZE * scale, "muted" if picture is None else "differs", face=UI),
        )
    return (*made, *_plane(picture, room, levels), *_points(picture, plots.example, room, scale))


def _plot_card(rect: Rect, title: str, value: str, scale: float) -> tuple[list[Shape], Rect]:
    """Return a card with a title at the left and a value at the right, and the room under them."""
    left, top, width, height = rect
    inner, high = left + PAD * scale, 1.25 * VALUE_SIZE * scale
    y, end = top + PAD * scale * 0.6 + high / 2, left + width - PAD * scale
    made: list[Shape] = [
        RectShape(rect, "card", "border", radius=RADIUS * scale),
        TextShape(title, inner, y, TITLE_SIZE * scale, "text", face=UI, weight=600, anchor=LEFT),
    ]
    if value:
        made.append(TextShape(value, end, y, VALUE_SIZE * scale, "text", weight=500, anchor=RIGHT))
    room_top = y + high / 2 + PAD * scale * 0.4
    return made, (inner, room_top, end - inner, top + height - PAD * scale * 0.8 - room_top)


class _Places:
    """Where epochs and values are in a plot."""

    def __init__(self, rect: Rect, axis: LossAxis, last: int) -> None:
        self._left, self._top, self._width, self._height = rect
        self._axis, self._last = axis, last

    def y(self, at: float) -> float:
        return self._top + self._height * (1 - (at - self._axis.low) / (self._axis.high - self._axis.low))

    def points(self, epochs: NDArray[np.int64], values: FloatArray) -> list[tuple[float, float]]:
        """Return the places of values; the height of one that is not finite is NaN."""
        heights = drawn_losses(values, self._axis)
        shares = (epochs / self._last).tolist()
        return [
            (self._left + self._width * share, self.y(at)) for share, at in zip(shares, heights.tolist(), strict=True)
        ]


def _curve(run: LossRun, plots: StagePlots, places: _Places, scale: float) -> Iterator[Shape]:
    """Yield the curve of a run with its gaps, and the dot of the present run."""
    paint, width = f"series{run.series % SERIES}", (FAINT_LINE if run.faint else LINE) * scale
    epochs, values = measured(run, plots.measure)
    thin = HELD_OUT_WIDTH * width
    yield from _line(places, held_out_measured(run, plots.measure), paint, thin, HELD_OUT_DASHES)
    yield from _line(places, (epochs, values), paint, width, run_dashes(run.series))
    if run is plots.runs[0] and len(epochs) and plots.marker <= epochs[-1]:
        at = int(np.searchsorted(epochs, plots.marker))
        x, y = places.points(epochs[at : at + 1], values[at : at + 1])[0]
        if np.isfinite(y):
            yield DiscShape(x, y, DOT * scale, paint, stroke="card", width=1.5 * scale)


def _line(places: _Places, curve: Points, paint: str, width: float, dashes: Sequence[float]) -> Iterator[Shape]:
    points = places.points(*thin_curve(*curve, MOST_POINTS))
    pieces = (list(piece) for is_drawn, piece in groupby(points, lambda at: bool(np.isfinite(at[1]))) if is_drawn)
    d = "".join("M" + "L".join(f"{n(x)} {n(y)}" for x, y in piece) for piece in pieces)
    if d:
        yield PathShape(d, paint, width, dash=" ".join(n(part * width) for part in dashes))


def _plane(picture: BoundaryPicture, rect: Rect, levels: int) -> Iterator[Shape]:
    """Yield the cells of a boundary: of each shade, the parts of rows as lines as thick as a row."""
    left, top, width, height = rect
    rows, columns = picture.codes.shape
    wide, high = width / columns, height / rows
    lines: dict[str, list[str]] = {}
    for row, codes in enumerate(picture.codes[::-1].tolist()):
        y, at = n(top + (row + 0.5) * high), 0
        for paint, cells in groupby(codes, lambda code: _paint(code, picture.plane, levels)):
            count = len(list(cells))
            # A little longer and thicker than its cells, so that no line is seen between them.
            lines.setdefault(paint, []).append(f"M{n(left + at * wide)} {y}h{n(min(count * wide + 0.4, width))}")
            at += count
    for paint, parts in sorted(lines.items()):
        yield PathShape("".join(parts), paint, high + 0.6)


def _points(picture: BoundaryPicture, example: int, rect: Rect, scale: float) -> Iterator[Shape]:
    """Yield the examples, in the colors of their classes."""
    left, top, width, height = rect
    count = len(picture.points)
    radius = point_radius(count) * scale
    stroke = "card" if count <= OUTLINED else NONE
    for index, (x, y) in enumerate(picture.points.tolist()):
        at = left + width * x, top + height * (1 - y)
        yield DiscShape(*at, radius, _point(int(picture.classes[index]), picture.plane), stroke, 1.5 * scale)
        if picture.examples[index] == example:
            yield DiscShape(*at, RING * scale, NONE, "text", 2.0 * scale)


def _paint(code: int, plane: Plane, levels: int) -> str:
    """Return the paint of a code of the boundary."""
    if code == UNDEFINED:
        return "differs_wash"
    if plane.kind == "classes":
        share = 0.6 * round(code % _CODES / _CODES * levels) / levels
        return mixed("neutral_region", f"series{code // _CODES}", share)
    share = round((code / 254 * 2 - 1) * levels) / levels
    return mixed("neutral_region", "positive_region" if share > 0 else "negative_region", abs(share))


def _point(of_class: int, plane: Plane) -> str:
    if plane.kind == "classes":
        return f"series{of_class % SERIES}"
    return ("negative", "positive", "muted")[of_class]
