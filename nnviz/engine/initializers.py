"""Drawing initial weights and biases reproducibly, in the ways of the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import PARAMETER_NAMES, RECURRENT_NAMES, Architecture

# As text, because NumPy imports its generators at first use, and a lesson with given weights needs none.
Generator: TypeAlias = "np.random.RandomState | np.random.Generator"


def make_generator(name: str, seed: int) -> Generator:
    """Make a seeded generator: NumPy's `legacy` RandomState (np.random.seed) or `pcg64` Generator (default_rng)."""
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
_MATRICES = ("W", "W_h")


@dataclass(frozen=True)
class Initializer:
    """The way to draw parameters that a lesson does not give.

    scheme: `uniform` 2U(0,1) - 1, `normal` N(0,1), `xavier` N(0,1)/sqrt(inputs), `he` N(0,1) sqrt(2/inputs).
    order: `weights_then_biases` all matrices, then all biases, then W_h and b_h of the recurrent layers; `by_layer`
    W, b, W_h and b_h of each layer together.
    """

    scheme: str = "uniform"
    seed: int = 0
    generator: str = "legacy"
    bias: str = "drawn"
    order: str = "weights_then_biases"


def draw_parameters(
    architecture: Architecture,
    initializer: Initializer,
    given: Mapping[str, Sequence[ArrayLike | None]],
    generator: Generator | None = None,
) -> FloatArray:
    """Return the flat vector (P,): parameters given by name and layer are kept, the others are drawn.

    `generator` is one that has already drawn the data; if it is None, a new one is seeded.
    """
    draw = SCHEMES[initializer.scheme]
    vector = np.zeros(architecture.parameter_count)
    for name, layer in _drawing_order(architecture, initializer.order):
        slot, shape = architecture.slots[layer].get(name), architecture.shape(name, layer)
        if slot is None or shape is None:
            continue
        value = given[name][layer] if name in given else None
        # The number of inputs of a unit; a bias is drawn like a weight of its matrix.
        sources = architecture.sizes[layer + 1 if name in RECURRENT_NAMES else layer]
        if value is not None:
            vector[slot] = np.ravel(np.asarray(value, dtype=np.float64))
        elif name in _MATRICES or initializer.bias == "drawn":
            generator = generator or make_generator(initializer.generator, initializer.seed)
            vector[slot] = draw(generator, shape, sources).ravel()
    if architecture.missing is not None:  # drawn like the others, so that a mask leaves these as they are
        vector[architecture.missing] = 0.0
    return vector


def _drawing_order(architecture: Architecture, order: str) -> list[tuple[str, int]]:
    """Return every parameter's name and layer in drawing order: W1, W2, b1, b2, W_h1, b_h1, or by layer."""
    layers = range(architecture.depth)
    if order == "by_layer":
        return [(name, layer) for layer in layers for name in PARAMETER_NAMES]
    forward = [(name, layer) for name in ("W", "b") for layer in layers]
    return forward + [(name, layer) for layer in layers for name in RECURRENT_NAMES]
