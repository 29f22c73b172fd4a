"""The slice of the loss surface: its losses and its path against the loss at moved weights and the run itself."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.debugger.state.session import start_session
from nnviz.debugger.timeline import go_to_update, next_epoch
from nnviz.engine.training import loss_of
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.present.runs.loss_surface import (
    BANDS,
    SIDE,
    UNDEFINED,
    loss_near,
    loss_surface,
    nearest_update,
    surface_codes,
    surface_colors,
    widest_moves,
)


def surface_of(session, first, second):
    work = loss_surface(session, first, second)
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value


def test_every_loss_is_that_of_the_network_with_two_weights_moved():
    session = next_epoch(next_epoch(start_session(load("krzeminski-sgd"))))
    found = surface_of(session, 1, 7)
    assert found.losses.shape == (SIDE, SIDE)
    lesson = session.lesson
    for row, column in ((0, 0), (3, 40), (20, 11)):
        vector = session.checkpoint.parameters.copy()
        vector[1], vector[7] = found.xs[column], found.ys[row]
        expected = loss_of(lesson.network.with_vector(vector), lesson.dataset)
        assert found.losses[row, column] == pytest.approx(expected, rel=1e-12)
    for update, point in zip(found.updates.tolist(), found.path, strict=True):
        assert point.tolist() == go_to_update(session, update).checkpoint.parameters[[1, 7]].tolist()
    assert found.updates.tolist() == list(range(session.run.end + 1))
    assert nearest_update(found, *found.path[3]) == 3
    assert loss_near(found, found.xs[5], found.ys[9]) == found.losses[9, 5]


def test_at_first_the_weights_are_those_that_moved_farthest_or_have_the_largest_gradients():
    session = start_session(load("krzeminski-sgd"))
    gradients = np.abs(session.record.gradients.vector)
    assert set(widest_moves(session)) == set(np.argsort(-gradients)[:2].tolist())
    later = go_to_update(session, 8)
    distances = np.abs(later.checkpoint.parameters - session.checkpoint.parameters)
    assert set(widest_moves(later)) == set(np.argsort(-distances)[:2].tolist())


def test_bands_are_even_on_a_log_scale_and_nan_has_a_colour_of_its_own():
    codes = surface_codes(np.array([[1e-7, 1.0], [np.nan, 10.0 ** (-7 / 2 - 0.01)]]))
    assert codes.tolist() == [[0, BANDS - 1], [UNDEFINED, BANDS // 2 - 1]]
    assert surface_codes(np.array([[0.0, 0.5], [0.5, 1.0]])).tolist() == [[0, BANDS // 2], [BANDS // 2, BANDS - 1]]
    assert set(surface_codes(np.full((2, 2), 3.0)).flat) == {0}
    colors = surface_colors(load_palette("light"))
    assert len({tuple(color) for color in colors[:BANDS].tolist()}) == BANDS
