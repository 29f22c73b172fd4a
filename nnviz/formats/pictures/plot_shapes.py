"""The loss curve and the decision boundary of a run as shapes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.formats.pictures.network_shapes import n
from nnviz.formats.pictures.shapes import LEFT, RIGHT, UI, DiscShape, PathShape, Shape, TextShape, mixed
from nnviz.present.core.palette import SERIES
from nnviz.present.places.label import Rect
from nnviz.present.runs.boundary import UNDEFINED, BoundaryPicture, Plane, boundary_obstacle, boundary_picture
from nnviz.present.runs.curve import LossRun, epoch_end, grouped, loss_text, thin_curve
from nnviz.present.runs.curve_axis import LossAxis, drawn_losses, loss_axis

CELLS, LEVELS = 48, 12  # of the boundary: cells per side, and shades between two colors
MOST_SHOWN = 300  # examples
TICKS, PAD = 4, 52.0
TITLE_SIZE, LABEL_SIZE = 16.0, 13.0
_CODES = UNDEFINED // SERIES  # of one class


def plot_shapes(session: Session, runs: tuple[LossRun, ...], size: tuple[float, float]) -> tuple[Shape, ...]:
    """Return the curve of runs beside the decision boundary, if the network has one."""
    width, height = size
    dataset = session.lesson.dataset
    network = session.lesson.network.with_vector(session.checkpoint.parameters)
    has_boundary = boundary_obstacle(network, dataset) is None
    side = min(height, 0.5 * width)
    room = width - side - 24 if has_boundary else width
    made = list(_curve(runs, session.checkpoint.epoch, (0, 0, room, height)))
    if has_boundary:
        drawn = boundary_picture(network, dataset, CELLS, MOST_SHOWN)
        made += _boundary(drawn, session.example, (width - side, (height - side) / 2, side, side))
    return tuple(made)


def _curve(runs: tuple[LossRun, ...], marker: int, rect: Rect) -> Iterator[Shape]:
    left, top, width, height = rect
    x0, x1, y0, y1 = left + PAD + 16, left + width - 12, top + height - PAD, top + PAD
    every = np.concatenate([run.losses for run in runs]) if runs else np.empty(0)
    axis = loss_axis(every, True, TICKS)
    last = epoch_end(runs, marker)
    places = _Places((x0, y1, x1 - x0, y0 - y1), axis, max(1, last))
    value = loss_text(float(every[-1])) if len(every) else ""
    yield TextShape(f"Loss {value}".rstrip(), left + 8, top + 20, TITLE_SIZE, "text", face=UI, weight=600, anchor=LEFT)
    for tick in axis.ticks:
        y = places.y(tick.at)
        yield PathShape(f"M{n(x0)} {n(y)}H{n(x1)}", "grid")
        yield TextShape(tick.text, x0 - 8, y, LABEL_SIZE, "muted", anchor=RIGHT)
    yield TextShape("0", x0, y0 + 20, LABEL_SIZE, "muted", anchor=LEFT)
    yield TextShape(f"{grouped(last)} epochs", x1, y0 + 20, LABEL_SIZE, "muted", anchor=RIGHT)
    for run in runs:
        epochs, losses = thin_curve(run.epochs, run.losses, 400)
        points = places.points(epochs, drawn_losses(losses, axis))
        if points:
            yield PathShape("M" + "L".join(points), "positive", 2.2)
            end_x, end_y = map(float, points[-1].split(" "))
            yield DiscShape(end_x, end_y, 5, "positive", stroke="card", width=1.5)


class _Places:
    """Where epochs and losses are in a plot."""

    def __init__(self, rect: Rect, axis: LossAxis, last: int) -> None:
        self._left, self._top, self._width, self._height = rect
        self._low, self._span, self._last = axis.low, (axis.high - axis.low) or 1.0, last

    def y(self, at: float) -> float:
        return self._top + self._height * (1 - (at - self._low) / self._span)

    def points(self, epochs: NDArray[np.int64], heights: FloatArray) -> list[str]:
        """Return the places of a curve, without what is not finite."""
        shares = epochs / self._last
        return [
            f"{n(self._left + self._width * share)} {n(self.y(at))}"
            for share, at in zip(shares.tolist(), heights.tolist(), strict=True)
            if np.isfinite(at)
        ]


def _boundary(picture: BoundaryPicture, example: int, rect: Rect) -> Iterator[Shape]:
    left, top, width, height = rect
    cell = width / CELLS, height / CELLS
    lines: dict[str, list[str]] = {}  # of each paint, the rows' parts as lines as thick as a row
    for row, codes in enumerate(picture.codes[::-1].tolist()):
        paints = [_paint(code, picture.plane) for code in codes]
        y, start = n(top + (row + 0.5) * cell[1]), 0
        for column in range(1, CELLS + 1):
            if column == CELLS or paints[column] != paints[start]:
                x, wide = left + start * cell[0], (column - start) * cell[0]
                lines.setdefault(paints[start], []).append(f"M{n(x)} {y}h{n(wide + 0.4)}")
                start = column
    for paint, parts in sorted(lines.items()):
        # A little thicker than a row, so that no line is seen between two rows.
        yield PathShape("".join(parts), paint, cell[1] + 0.6)
    for index, (x, y) in enumerate(picture.points.tolist()):
        at = left + width * x, top + height * (1 - y)
        radius = 7.0 if len(picture.points) <= 30 else 4.0
        yield DiscShape(*at, radius, _point(int(picture.classes[index]), picture.plane), "card", 1.5)
        if picture.examples[index] == example:
            yield DiscShape(*at, 12, "", "text", 2.0)


def _paint(code: int, plane: Plane) -> str:
    """Return the paint of a code of the boundary."""
    if code == UNDEFINED:
        return "differs_wash"
    if plane.kind == "classes":
        share = 0.6 * round(code % _CODES / _CODES * LEVELS) / LEVELS
        return mixed("neutral_region", f"series{code // _CODES}", share)
    share = round((code / 254 * 2 - 1) * LEVELS) / LEVELS
    return mixed("neutral_region", "positive_region" if share > 0 else "negative_region", abs(share))


def _point(of_class: int, plane: Plane) -> str:
    if plane.kind == "classes":
        return f"series{of_class % SERIES}"
    return ("negative", "positive", "muted")[of_class]
