"""Drawn parameters are those that the documents' programs draw."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.engine.arrays import FloatArray
from nnviz.engine.initializers import BIASES, GENERATORS, ORDERS, SCHEMES, Initializer, draw_parameters, make_generator
from nnviz.engine.network import Architecture, Layer, Network, make_network

XOR = Architecture(2, (Layer(3, "sigmoid"), Layer(1, "sigmoid")), "half_squared")


def drawn(architecture: Architecture, initializer: Initializer, **given: list[object]) -> Network:
    nothing = [None] * architecture.depth
    W, b = given.get("W", nothing), given.get("b", nothing)
    return make_network(architecture, draw_parameters(architecture, initializer, {"W": W, "b": b}))  # type: ignore[arg-type]


# w1, w2, b1, b2 of Krzeminski's 2U(0,1) - 1, drawn in this order by an independent program.
KRZEMINSKI = {
    0: (
        [
            [0.0976270078546495, 0.43037873274483895, 0.20552675214328775],
            [0.08976636599379373, -0.15269040132219058, 0.29178822613331223],
        ],
        [[-0.12482557747461498], [0.7835460015641595], [0.9273255210020586]],
        [[-0.2331169623484446, 0.5834500761653292, 0.05778983950580896]],
        [[0.13608912218786462]],
    ),
    1: (
        [
            [-0.165955990594852, 0.4406489868843162, -0.9997712503653102],
            [-0.39533485473632046, -0.7064882183657739, -0.8153228104624044],
        ],
        [[-0.6274795772446582], [-0.3088785459139045], [-0.20646505153866013]],
        [[0.07763346800671389, -0.1616109711934104, 0.370439000793519]],
        [[-0.5910955005369651]],
    ),
}


@pytest.mark.parametrize("seed", KRZEMINSKI)
def test_krzeminskis_weights(seed: int):
    network = drawn(XOR, Initializer("uniform", seed))
    w1, w2, b1, b2 = KRZEMINSKI[seed]
    assert [W.tolist() for W in network.W] == [w1, w2]
    assert [[b.tolist()] for b in network.b] == [b1, b2]


def test_the_weights_that_from_scratch_prints():
    architecture = Architecture(2, (Layer(3, "relu"), Layer(2, "sigmoid")), "half_squared")
    network = drawn(architecture, Initializer("xavier", seed=1, bias="zero"))
    assert network.W[0].round(8).tolist() == [
        [1.14858562, -0.43257711, -0.37347383],
        [-0.75870339, 0.6119356, -1.62743362],
    ]
    assert network.W[1].round(8).tolist() == [
        [1.00736754, -0.43948301],
        [0.18419731, -0.14397405],
        [0.84414841, -1.18942279],
    ]
    assert not any(b.any() for b in network.b)


def numbers(generator: str = "legacy", seed: int = 7) -> FloatArray:
    """The 13 normal numbers that a generator gives first."""
    source = np.random.RandomState(seed) if generator == "legacy" else np.random.default_rng(seed)
    return source.standard_normal(13)


def test_orders():
    n = numbers()
    first = drawn(XOR, Initializer("normal", 7, order="weights_then_biases"))
    assert np.concatenate([np.ravel(part) for part in (*first.W, *first.b)]).tolist() == n.tolist()
    second = drawn(XOR, Initializer("normal", 7, order="by_layer"))
    assert second.parameters.vector.tolist() == n.tolist()  # W1, b1, W2, b2


def test_generators():
    assert drawn(XOR, Initializer("normal", 7, "pcg64", order="by_layer")).parameters.vector.tolist() == (
        numbers("pcg64").tolist()
    )
    uniform = drawn(XOR, Initializer("uniform", 7, "pcg64", order="by_layer")).parameters.vector
    assert uniform.tolist() == (2 * np.random.default_rng(7).random(13) - 1).tolist()


def test_scales():
    n = numbers()
    architecture = Architecture(8, (Layer(1, "linear"),), "squared")
    scales = {"normal": 1.0, "xavier": 1 / np.sqrt(8), "he": np.sqrt(2 / 8)}
    for scheme, scale in scales.items():
        assert drawn(architecture, Initializer(scheme, 7)).W[0].ravel() == pytest.approx(n[:8] * scale, rel=1e-15)


def test_nothing_is_drawn_for_what_is_given():
    n = numbers()
    given = drawn(XOR, Initializer("normal", 7), W=[[[1, 2, 3], [4, 5, 6]], None], b=[None, [9]])
    assert given.W[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert given.b[1].tolist() == [9]
    assert given.W[1].ravel().tolist() == n[:3].tolist()  # the first numbers go to what is missing first
    assert given.b[0].tolist() == n[3:6].tolist()


def test_zero_biases_take_no_numbers():
    network = drawn(XOR, Initializer("normal", 7, bias="zero", order="by_layer"))
    assert np.concatenate([W.ravel() for W in network.W]).tolist() == numbers()[:9].tolist()


def test_a_generator_that_has_drawn_goes_on():
    source = make_generator("legacy", 7)
    source.standard_normal(4)
    initializer = Initializer("normal", 123, order="by_layer")
    vector = draw_parameters(XOR, initializer, {}, source)
    assert vector[:9].tolist() == numbers()[4:].tolist()


def test_the_tables_hold_the_defaults():
    default = Initializer()
    assert default.scheme in SCHEMES
    assert default.generator in GENERATORS
    assert default.bias in BIASES
    assert default.order in ORDERS
    assert list(SCHEMES) == ["uniform", "normal", "xavier", "he"]
