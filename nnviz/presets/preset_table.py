"""The presets of data, one row each: name, sentence, number of inputs and classes, and how examples are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.presets import curves, plane
from nnviz.presets.stored import read_digits, read_iris

# Inputs (points, inputs), and targets: the class of each from 0, or a number.
Examples = tuple[FloatArray, NDArray[np.intp] | FloatArray]
MOST_CLASSES = 10
CURVE, TWO, ANY = (0, 0), (2, 2), (2, MOST_CLASSES)


@dataclass(frozen=True)
class Preset:
    """One preset: `inputs` is its dimension, `classes` the least and most classes, (0, 0) if targets are numbers.

    `draw(points, classes, generator)` makes the examples; `points` is how many, unless another number is asked for.
    `licence` is that of stored data, of which there are no more than `points`.
    """

    name: str
    sentence: str
    inputs: int
    classes: tuple[int, int]
    points: int
    draw: Callable[[int, int, np.random.RandomState], Examples]
    licence: str = ""


def _curve(function: curves.Curve) -> Callable[[int, int, np.random.RandomState], Examples]:
    """Return the drawing of a curve: evenly spaced inputs from -1 to 1."""

    def draw(points: int, classes: int, generator: np.random.RandomState) -> Examples:
        x = np.linspace(-1.0, 1.0, points)
        return x[:, np.newaxis], function(x)

    return draw


def _stored(read: Callable[[], tuple[FloatArray, NDArray[np.intp]]]) -> Callable[..., Examples]:
    """Return the drawing of stored data: all of them in their order, or some, drawn."""

    def draw(points: int, classes: int, generator: np.random.RandomState) -> Examples:
        inputs, labels = read()
        if points >= len(inputs):
            return inputs, labels
        rows = np.sort(generator.permutation(len(inputs))[:points])
        return inputs[rows], labels[rows]

    return draw


_ROWS = (
    Preset("xor", "Exclusive or: the four corners of a square, true where one input is 1.", 2, TWO, 4,
           plane.truth_table(0, 1, 1, 0)),
    Preset("and", "Logical and: true in one corner of a square.", 2, TWO, 4, plane.truth_table(0, 0, 0, 1)),
    Preset("or", "Logical or: false in one corner of a square.", 2, TWO, 4, plane.truth_table(0, 1, 1, 1)),
    Preset("circle", "A disc inside a ring.", 2, TWO, 200, plane.circle),
    Preset("spiral", "Arms of a spiral, one for each class.", 2, ANY, 200, plane.spiral),
    Preset("moons", "Two half moons that reach into each other.", 2, TWO, 200, plane.moons),
    Preset("clusters", "A cloud of points for each class.", 2, ANY, 200, plane.clusters),
    Preset("sine", "One period of a sine, over one input.", 1, CURVE, 40, _curve(curves.sine)),
    Preset("wave", "Three periods of a sine, over one input.", 1, CURVE, 80, _curve(curves.wave)),
    Preset("parabola", "The square of one input.", 1, CURVE, 40, _curve(curves.parabola)),
    Preset("cubic", "A cubic with a valley and a hill, over one input.", 1, CURVE, 40, _curve(curves.cubic)),
    Preset("bump", "A bell curve, over one input.", 1, CURVE, 40, _curve(curves.bump)),
    Preset("stairs", "Three levels with two jumps, over one input.", 1, CURVE, 60, _curve(curves.stairs)),
    Preset("iris", "Fisher's iris flowers: four lengths, three species.", 4, (3, 3), 150, _stored(read_iris),
           licence="public domain"),
    Preset("digits", "Handwritten digits of 8 x 8 pixels.", 64, (10, 10), 1797, _stored(read_digits),
           licence="CC BY 4.0, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository"),
)  # fmt: skip
PRESETS: dict[str, Preset] = {row.name: row for row in _ROWS}
