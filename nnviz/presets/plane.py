"""Points in the plane by class: truth tables, a disc in a ring, spirals, moons and clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray

# Points (points, 2) and the class of each, from 0.
Points = tuple[FloatArray, NDArray[np.intp]]
# As text, because NumPy imports its generators at first use, and a lesson with given examples needs none.
Draw: TypeAlias = "Callable[[int, int, np.random.RandomState], Points]"

_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def truth_table(*answers: int) -> Draw:
    """Return the drawing of a truth table: the corners (0,0), (1,0), (0,1), (1,1) in turn, with these answers."""

    def draw(points: int, classes: int, generator: np.random.RandomState) -> Points:
        corners = np.arange(points) % len(_CORNERS)
        return _CORNERS[corners], np.array(answers, dtype=np.intp)[corners]

    return draw


def circle(points: int, classes: int, generator: np.random.RandomState) -> Points:
    """Draw a disc of radius 0.5 (class 1) inside a ring from 0.7 to 1."""
    labels = np.arange(points) % 2
    angle = generator.uniform(0.0, 2.0 * np.pi, points)
    low, high = np.where(labels == 1, 0.0, 0.7), np.where(labels == 1, 0.5, 1.0)
    radius = np.sqrt(generator.uniform(low**2, high**2))  # uniform over the area
    return _polar(radius, angle), labels


def spiral(points: int, classes: int, generator: np.random.RandomState) -> Points:
    """Draw one arm of a spiral for each class, of 1.25 turns."""
    labels = np.arange(points) % classes
    arm = (np.arange(points) // classes + 0.5) / -(-points // classes)
    return _polar(arm, 2.5 * np.pi * arm + 2.0 * np.pi * labels / classes), labels


def moons(points: int, classes: int, generator: np.random.RandomState) -> Points:
    """Draw two half circles that reach into each other, as scikit-learn's make_moons does."""
    labels = np.arange(points) % 2
    angle = np.pi * (np.arange(points) // 2) / max(1, -(-points // 2) - 1)
    upper = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    lower = np.stack((1.0 - np.cos(angle), 0.5 - np.sin(angle)), axis=1)
    return np.where(labels[:, np.newaxis] == 0, upper, lower), labels


def clusters(points: int, classes: int, generator: np.random.RandomState) -> Points:
    """Draw normal clouds of deviation 0.2 around points of the unit circle, one for each class."""
    labels = np.arange(points) % classes
    centers = _polar(np.ones(classes), np.pi / 4.0 + 2.0 * np.pi * np.arange(classes) / classes)
    return centers[labels] + 0.2 * generator.standard_normal((points, 2)), labels


def _polar(radius: FloatArray, angle: FloatArray) -> FloatArray:
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)
