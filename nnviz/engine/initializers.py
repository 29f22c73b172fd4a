"""Drawing initial weights and biases, reproducibly, as the documents draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import Architecture

Generator = np.random.RandomState | np.random.Generator


def make_generator(name: str, seed: int) -> Generator:
    """NumPy's `legacy` RandomState (np.random.seed) or `pcg64` Generator (default_rng), seeded."""
    return np.random.RandomState(seed) if name == "legacy" else np.random.default_rng(seed)


def _uniform(generator: Generator, shape: tuple[int, ...], sources: int) -> FloatArray:
    # RandomState.random and Generator.random draw the same distribution; `2U - 1` is Krzeminski's.
    return 2.0 * np.asarray(generator.random(shape), dtype=np.float64) - 1.0


def _normal(generator: Generator, shape: tuple[int, ...], sources: int) -> FloatArray:
    return np.asarray(generator.standard_normal(shape), dtype=np.float64)


def _xavier(generator: Generator, shape: tuple[int, ...], sources: int) -> FloatArray:
    return _normal(generator, shape, sources) / sqrt(sources)


def _he(generator: Generator, shape: tuple[int, ...], sources: int) -> FloatArray:
    return _normal(generator, shape, sources) * sqrt(2.0 / sources)


SCHEMES: dict[str, Callable[[Generator, tuple[int, ...], int], FloatArray]] = {
    "uniform": _uniform,
    "normal": _normal,
    "xavier": _xavier,
    "he": _he,
}
GENERATORS = ("legacy", "pcg64")
BIASES = ("drawn", "zero")
ORDERS = ("weights_then_biases", "by_layer")


@dataclass(frozen=True)
class Initializer:
    """How parameters that a lesson does not give are drawn.

    scheme: `uniform` 2U(0,1) - 1, `normal` N(0,1), `xavier` N(0,1)/sqrt(inputs), `he` N(0,1) sqrt(2/inputs).
    order: all matrices and then all biases, or W and b of a layer together.
    """

    scheme: str = "uniform"
    seed: int = 0
    generator: str = "legacy"
    bias: str = "drawn"
    order: str = "weights_then_biases"


def draw_parameters(
    architecture: Architecture,
    initializer: Initializer,
    W: Sequence[ArrayLike | None],
    b: Sequence[ArrayLike | None],
    generator: Generator | None = None,
) -> FloatArray:
    """The flat vector (P,): what `W` and `b` give is kept, what is None there is drawn (nothing is drawn for the rest).

    `generator` continues one that has drawn the data already; without it a new one is seeded.
    """
    source = make_generator(initializer.generator, initializer.seed) if generator is None else generator
    draw = SCHEMES[initializer.scheme]
    vector = np.zeros(architecture.parameter_count)
    sizes = architecture.sizes

    def fill(letter: int, layer: int) -> None:
        given = (W, b)[letter][layer]
        shape = (sizes[layer], sizes[layer + 1]) if letter == 0 else (sizes[layer + 1],)
        if given is not None:
            vector[architecture.slots[layer][letter]] = np.ravel(np.asarray(given, dtype=np.float64))
        elif letter == 0 or initializer.bias == "drawn":
            vector[architecture.slots[layer][letter]] = draw(source, shape, sizes[layer]).ravel()

    layers = range(architecture.depth)
    by_layer = [(letter, layer) for layer in layers for letter in (0, 1)]
    places = by_layer if initializer.order == "by_layer" else sorted(by_layer)
    for letter, layer in places:
        fill(letter, layer)
    return vector
