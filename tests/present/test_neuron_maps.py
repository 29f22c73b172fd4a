"""Maps of hidden neurons: the weights of an image's pixels, and room for maps beside small neurons."""

from __future__ import annotations

import numpy as np

from nnviz.debugger.state.session import start_session
from nnviz.engine.network import make_network
from nnviz.lessons.making.building import new_network, with_preset, with_units
from nnviz.present.network.picture import picture
from nnviz.present.runs.responses import SIZE, neuron_maps

HIGHEST = 254  # the code of a share of 1


def test_weights_of_pixels_are_an_image_of_squares():
    lesson = with_preset("digits")(new_network())
    vector = np.arange(lesson.network.parameters.vector.size, dtype=float)
    vector[:128] -= 64.0
    network = make_network(lesson.network.architecture, vector)
    maps = neuron_maps(network, lesson.dataset)
    weights = network.parameters.W[0]
    assert set(maps) == {(0, unit) for unit in range(weights.shape[1])}
    for (_, unit), codes in maps.items():
        assert codes.shape == (SIZE, SIZE)
        pixels = codes[::-1][::5, ::5].ravel()  # the lowest row is first
        column = weights[:, unit]
        share = 0.5 + column / (2 * np.abs(column).max())
        np.testing.assert_allclose(pixels, share * HIGHEST, atol=0.51)
        assert (codes == np.kron(codes[::5, ::5], np.ones((5, 5)))).all()


def overlap(one, other) -> bool:
    (x, y, w, h), (u, v, a, b) = one, other
    return x < u + a and u < x + w and y < v + b and v < y + h


def test_a_map_has_room_of_its_own_beside_a_plate_and_changes_nothing_without():
    session = start_session(with_units(0, 8)(new_network()))
    room = (640.0, 340.0)
    drawn = picture(session, room, has_maps=True)
    assert drawn.width == room[0]
    hidden = [unit for unit in drawn.units if unit.layer == 0]
    assert all(unit.plate is not None and unit.map_rect[2] >= 20.0 for unit in hidden)
    texts = [label.rect for label in drawn.labels]
    plates = [unit.plate for unit in drawn.units if unit.plate is not None]
    assert not any(overlap(unit.map_rect, rect) for unit in hidden for rect in (*texts, *plates))
    plain = picture(session, room)
    assert [unit.map_rect[2] for unit in plain.units if unit.layer == 0] == [0.0] * 8


def test_networks_without_a_plane_or_an_image_have_no_maps():
    lesson = with_preset("iris")(new_network())
    assert neuron_maps(lesson.network, lesson.dataset) == {}
