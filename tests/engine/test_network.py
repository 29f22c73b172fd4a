"""A network: one flat vector, and views of it that cannot be written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from strategies import architectures

from nnviz.engine.network import Architecture, Layer, join_parameters, make_network, view_parameters

XOR = Architecture(2, (Layer(3, "tanh"), Layer(1, "sigmoid")), "half_squared")


def test_shapes_and_slots():
    assert XOR.sizes == (2, 3, 1)
    assert XOR.depth == 2
    assert XOR.parameter_count == 2 * 3 + 3 + 3 * 1 + 1
    assert XOR.slots == ({"W": slice(0, 6), "b": slice(6, 9)}, {"W": slice(9, 12), "b": slice(12, 13)})


def test_views_of_the_vector():
    network = make_network(XOR, np.arange(13))
    assert [W.tolist() for W in network.W] == [[[0, 1, 2], [3, 4, 5]], [[9], [10], [11]]]
    assert [b.tolist() for b in network.b] == [[6, 7, 8], [12]]
    for view in (*network.W, *network.b):
        assert np.shares_memory(view, network.parameters.vector)
        assert not view.flags.writeable


@given(architectures())
def test_slots_cover_the_vector(architecture: Architecture):
    seen = [index for slots in architecture.slots for slot in slots.values() for index in range(slot.start, slot.stop)]
    assert seen == list(range(architecture.parameter_count))


@given(architectures())
def test_biases_are_the_last_row_of_their_weights(architecture: Architecture):
    parameters = view_parameters(architecture, np.arange(float(architecture.parameter_count)))
    for W, b, joined, turned in zip(
        parameters.W, parameters.b, parameters.with_bias, parameters.with_bias_turned, strict=True
    ):
        own = [b] if b.size == W.shape[1] else []  # not a shared one
        assert np.array_equal(joined, [*W, *own])
        assert np.array_equal(turned, joined.T)
        assert np.shares_memory(turned, parameters.vector)


def test_writing_to_one_writes_to_all():
    parameters = view_parameters(XOR, np.zeros(13))
    parameters.W[1][2, 0] = 5
    parameters.b[0][1] = 7
    assert np.flatnonzero(parameters.vector).tolist() == [7, 11]
    assert parameters.with_bias[1][2, 0] == 5


def test_joined_parameters_come_apart_again():
    network = join_parameters(XOR, W=[[[1, 2, 3], [4, 5, 6]], [[7], [8], [9]]], b=[[10, 11, 12], [13]])
    assert network.W[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert network.b[1].tolist() == [13]


def test_a_network_keeps_a_copy():
    vector = np.zeros(13)
    network = make_network(XOR, vector)
    vector[0] = 1
    assert network.parameters.vector[0] == 0
    other = network.with_vector(vector)
    assert other.architecture is XOR
    assert (other.W[0][0, 0], network.W[0][0, 0]) == (1, 0)


@pytest.mark.parametrize("length", [12, 14, 0])
def test_a_wrong_number_of_parameters_is_refused(length: int):
    with pytest.raises(ValueError, match="13 parameters are needed"):
        make_network(XOR, np.zeros(length))


def test_weights_without_their_biases_are_refused():
    with pytest.raises(ValueError, match="argument 2"):
        join_parameters(XOR, W=[np.zeros((2, 3)), np.zeros((3, 1))], b=[np.zeros(3)])
