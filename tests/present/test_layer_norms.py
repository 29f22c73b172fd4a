"""The norms of gradients along a run against central differences, and the distributions against counting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz.debugger.state.session import start_session
from nnviz.debugger.timeline import go_to_update, next_epoch
from nnviz.engine.network import Network, view_parameters
from nnviz.engine.training import loss_of
from nnviz.lessons.catalog import load
from nnviz.present.runs import run_places
from nnviz.present.runs.layer_norms import BINS, GradientNorms, distribution, norm_at, weight_distributions


def result_of(work):
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value


def by_differences(network: Network, dataset, layer: int) -> float:
    """The norm of a layer's gradient of the mean loss, by central differences of the loss in each parameter."""
    squares = 0.0
    for place in network.architecture.slots[layer].values():
        for index in range(place.start, place.stop):
            losses = []
            for step in (1e-5, -1e-5):
                vector = network.parameters.vector.copy()
                vector[index] += step
                moved = Network(network.architecture, view_parameters(network.architecture, vector))
                losses.append(loss_of(moved, dataset))
            squares += ((losses[0] - losses[1]) / 2e-5) ** 2
    return math.sqrt(squares)


@pytest.mark.parametrize("name", ["krzeminski-sgd", "softmax"])
def test_norms_are_those_of_the_gradient_of_the_mean_loss_at_the_marks(name):
    session = go_to_update(next_epoch(start_session(load(name))), 3)
    book = GradientNorms()
    assert result_of(book.at_marks(session)).updates.tolist()[:2] == [0, 1]
    assert list(book.at_marks(session)) == [], "nothing is computed twice"
    assert book.whole(session) is None
    found = result_of(book.along(session))
    assert found.updates.tolist() == list(range(session.run.end + 1))
    assert book.whole(session) is found
    data = session.lesson.dataset
    for update in (0, 3):
        network = session.lesson.network.with_vector(go_to_update(session, update).checkpoint.parameters)
        for layer in range(network.architecture.depth):
            assert norm_at(found, layer, update) == pytest.approx(by_differences(network, data, layer), rel=1e-6)
    assert norm_at(found, 0, session.run.end + 1) is None


def test_large_data_is_sampled_and_that_is_told(monkeypatch):
    session = start_session(load("krzeminski-sgd"))
    monkeypatch.setattr(run_places, "COSTLY", 2 * session.network.architecture.parameter_count)
    found = result_of(GradientNorms().at_marks(session))
    assert (found.examples, found.every) == (2, 4)


def test_a_distribution_counts_every_finite_number_once():
    numbers = np.array([-1.0, -1.0, 0.0, 1.0, np.nan, np.inf])
    found = distribution(numbers)
    assert (found.low, found.high, int(found.counts.sum())) == (-1.0, 1.0, 4)
    assert found.counts[0] == 2
    assert found.counts[-1] == 1
    same = distribution(np.full(7, 3.0))
    assert (same.low, same.high, same.counts[BINS // 2]) == (2.5, 3.5, 7)
    assert not distribution(np.array([np.nan])).counts.any()
    assert distribution(np.array([-1.7e308, 1.7e308])).counts[[0, -1]].tolist() == [1, 1]
    record = start_session(load("koehn")).record
    assert [int(part.counts.sum()) for part in weight_distributions(record)] == [W.size for W in record.parameters.W]
