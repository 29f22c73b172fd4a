"""A slice of the loss surface: the loss over two chosen weights, all others held, and the path that the run took."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.session import Session
from nnviz.debugger.training.replay import replay
from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import view_parameters
from nnviz.engine.passes import forward, measure
from nnviz.present.core.palette import Palette, blend
from nnviz.present.runs.curve import Epochs
from nnviz.present.runs.run_places import (
    even_updates,
    examples_of,
    is_quick_to_repeat,
    moved,
    run_marks,
    run_start,
    work_on_data,
)

SIDE = 41  # losses in each direction
REACH = 1.3  # the part of the plane beside the path
LEAST = 1.0  # the least distance of the plane's edges from the path's middle
BANDS = 14  # colours from the lowest loss to the highest
UNDEFINED = 255  # the code of a loss that is not finite


@dataclass(frozen=True, eq=False)
class LossSurface:
    """Losses over two parameters, given by their flat indices.

    `losses` are (SIDE, SIDE), with a row for each of `ys`, the values of `second`, and a column for each of `xs`, those
    of `first`: mean losses of `examples` of the `every` examples that are trained on. `path` are the values of both
    (updates, 2) after some `updates`. `here` are the present ones and `loss` the present loss.
    """

    first: int
    second: int
    xs: FloatArray
    ys: FloatArray
    losses: FloatArray
    updates: Epochs
    path: FloatArray
    here: tuple[float, float]
    loss: float
    examples: int
    every: int


def loss_surface(session: Session, first: int, second: int) -> Generator[float, None, LossSurface]:
    """Return the surface at the present weights; yield the part that is done after each loss."""
    updates, path = yield from _path(session, first, second)
    here = session.checkpoint.parameters[[first, second]]
    points = np.vstack((path, here))
    xs, ys = (_axis(points[:, column]) for column in (0, 1))
    architecture, dataset = session.record.architecture, session.lesson.dataset
    work, vector = work_on_data(architecture, dataset), np.array(session.checkpoint.parameters)
    parameters, count = view_parameters(architecture, vector), examples_of(work) * dataset.time_steps

    def loss_at(x: float, y: float) -> float:
        vector[first], vector[second] = x, y
        with np.errstate(all="ignore"):
            forward(work, parameters)
            return measure(work) / count

    losses = np.empty((SIDE, SIDE))
    for row, y in enumerate(ys.tolist()):
        for column, x in enumerate(xs.tolist()):
            losses[row, column] = loss_at(x, y)
            yield (row * SIDE + column + 1) / SIDE**2
    x, y = here.tolist()
    return LossSurface(
        first=first,
        second=second,
        xs=xs,
        ys=ys,
        losses=losses,
        updates=updates,
        path=path,
        here=(x, y),
        loss=loss_at(x, y),
        examples=examples_of(work),
        every=len(dataset),
    )


def widest_moves(session: Session) -> tuple[int, int]:
    """Return the two parameters that the run has moved farthest, or else those with the largest gradients."""
    distances = moved(session)
    if not distances.any():
        distances = np.abs(session.record.gradients.vector)
    order = np.argsort(-np.nan_to_num(distances), kind="stable")[:2]
    return int(order.min()), int(order.max())


def surface_codes(losses: FloatArray) -> NDArray[np.uint8]:
    """Return the bands of losses: even on a log scale if all are positive, from 0 (lowest) to BANDS − 1."""
    finite = np.isfinite(losses)
    codes = np.full(losses.shape, UNDEFINED, dtype=np.uint8)
    if not finite.any():
        return codes
    known = losses[finite]
    heights = np.log(known) if (known > 0.0).all() else known
    low, high = float(heights.min()), float(heights.max())
    shares = (heights - low) / (high - low) if high > low else np.zeros(heights.shape)
    codes[finite] = np.minimum((shares * BANDS).astype(np.int64), BANDS - 1)
    return codes


def surface_colors(palette: Palette) -> NDArray[np.uint8]:
    """Return the opaque colours of the codes, (256, 4): strong where the loss is low, pale where it is high."""
    colors = [blend(palette.positive_region, palette.card, 0.92 * band / (BANDS - 1)) for band in range(BANDS)]
    colors += [palette.differs_wash] * (256 - BANDS)
    return np.array([[*bytes.fromhex(color[1:]), 255] for color in colors], dtype=np.uint8)


def nearest_update(surface: LossSurface, x: float, y: float) -> int:
    """Return the update of the path whose point is nearest to a point of the plane, each axis in its own scale."""
    spans = np.array([np.ptp(surface.xs), np.ptp(surface.ys)])
    distances = np.square((surface.path - [x, y]) / spans).sum(axis=1)
    return int(surface.updates[int(np.argmin(distances))])


def loss_near(surface: LossSurface, x: float, y: float) -> float:
    """Return the computed loss that is nearest to a point of the plane."""
    return float(surface.losses[int(np.abs(surface.ys - y).argmin()), int(np.abs(surface.xs - x).argmin())])


def _path(session: Session, first: int, second: int) -> Generator[float, None, tuple[Epochs, FloatArray]]:
    """Return the run's way in the plane: at evenly spread updates if the run is quickly made again, or its marks."""
    found: dict[int, FloatArray] = {}
    if is_quick_to_repeat(session):
        start, wanted = run_start(session), even_updates(session)
        found[start.update] = start.parameters[[first, second]]
        for trainer, _ in replay(session.run, session.lesson, start.update, session.run.end):
            if trainer.update_count in wanted:
                found[trainer.update_count] = trainer.network().parameters.vector[[first, second]]
            yield 0.0
    else:
        found = {mark.update: mark.parameters[[first, second]] for mark in run_marks(session)}
    finite = {update: point for update, point in found.items() if np.isfinite(point).all()}
    return np.array(list(finite), dtype=np.int64), np.array(list(finite.values())).reshape(-1, 2)


def _axis(values: FloatArray) -> FloatArray:
    """Return SIDE values around the finite ones."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    half = max(REACH * (high - low) / 2, LEAST)
    return np.linspace((low + high) / 2 - half, (low + high) / 2 + half, SIDE)
