"""The maps of hidden neurons, and the boundary ready to draw, against arithmetic by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.network import Network
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.runs.boundary import (
    TOP,
    boundary_bounds,
    boundary_codes,
    boundary_obstacle,
    boundary_picture,
    boundary_values,
    make_plane,
)
from nnviz.present.runs.responses import response_share, unit_responses

SIZE = 12


def network_of(session: Session) -> Network:
    return session.lesson.network.with_vector(session.checkpoint.parameters)


@pytest.mark.parametrize("name", ["koehn", "krzeminski-sgd"])
def test_a_map_is_the_neuron_at_each_place_of_the_plane(name: str) -> None:
    session = start_session(load(name))
    network, dataset = network_of(session), session.lesson.dataset
    maps = unit_responses(network, dataset, SIZE)
    bounds = boundary_bounds(dataset)
    weights, biases = network.parameters.W[0], network.parameters.b[0]
    assert set(maps) == {(0, unit) for unit in range(weights.shape[1])}
    for (_, unit), codes in maps.items():
        for row, column in ((0, 0), (0, SIZE - 1), (SIZE - 1, 0), (5, 7)):
            x = bounds.left + (bounds.right - bounds.left) * (column + 0.5) / SIZE
            y = bounds.bottom + (bounds.top - bounds.bottom) * (row + 0.5) / SIZE
            z = x * weights[0, unit] + y * weights[1, unit] + biases[unit]
            assert abs(int(codes[row, column]) - TOP / (1 + math.exp(-z))) <= 1


@pytest.mark.parametrize("name", lesson_names())
def test_only_networks_with_a_boundary_have_maps(name: str) -> None:
    session = start_session(load(name))
    network, dataset = network_of(session), session.lesson.dataset
    maps = unit_responses(network, dataset, SIZE)
    assert bool(maps) == (boundary_obstacle(network, dataset) is None and network.architecture.depth > 1)
    assert all(codes.shape == (SIZE, SIZE) for codes in maps.values())


def test_a_layer_of_many_neurons_has_none() -> None:
    layers = 'network.layers=[{units=65,activation="tanh"},{units=2,activation="sigmoid"}]'
    session = start_session(load("from-scratch", [layers, "printed=[]", "errata=[]"]))
    assert unit_responses(network_of(session), session.lesson.dataset, SIZE) == {}


def test_the_share_of_an_activation() -> None:
    a = np.array([-1.0, 0.0, 0.5, 1.0])
    assert response_share(a, ACTIVATIONS["sigmoid"]).tolist() == [0.0, 0.0, 0.5, 1.0]
    assert response_share(a, ACTIVATIONS["tanh"]).tolist() == [0.0, 0.5, 0.75, 1.0]
    assert response_share(np.array([0.0, 2.0, 4.0]), ACTIVATIONS["relu"]).tolist() == [0.5, 0.75, 1.0]
    assert response_share(np.zeros(2), ACTIVATIONS["relu"]).tolist() == [0.5, 0.5]
    broken = response_share(np.array([np.nan, np.inf, 1.0]), ACTIVATIONS["relu"])
    assert np.isnan(broken[0])
    assert broken[1:].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["koehn", "softmax-deep"])
def test_a_boundary_ready_to_draw(name: str) -> None:
    session = start_session(load(name))
    network, dataset = network_of(session), session.lesson.dataset
    drawn = boundary_picture(network, dataset, SIZE)
    plane = make_plane(dataset)
    assert np.array_equal(drawn.codes, boundary_codes(boundary_values(network, plane, SIZE), plane.kind))
    x, y = dataset.inputs[0][0]
    bounds = plane.bounds
    right, up = (x - bounds.left) / (bounds.right - bounds.left), (y - bounds.bottom) / (bounds.top - bounds.bottom)
    assert drawn.points[0].tolist() == pytest.approx([right, up])
    assert (drawn.points > 0).all()
    assert (drawn.points < 1).all()
    few = boundary_picture(network, dataset, SIZE, most=3)
    assert few.examples.tolist()[0] == 0
    assert few.examples.tolist()[-1] == len(dataset) - 1
    assert len(few.points) == len(few.classes) == 3
