"""Curves over one input from -1 to 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnviz.engine.arrays import FloatArray

Curve = Callable[[FloatArray], FloatArray]


def sine(x: FloatArray) -> FloatArray:
    """Return sin(pi x): one period."""
    return np.sin(np.pi * x)


def wave(x: FloatArray) -> FloatArray:
    """Return sin(3 pi x): three periods."""
    return np.sin(3.0 * np.pi * x)


def parabola(x: FloatArray) -> FloatArray:
    """Return x squared."""
    return x * x


def cubic(x: FloatArray) -> FloatArray:
    """Return 2 x^3 - x."""
    return 2.0 * x**3 - x


def bump(x: FloatArray) -> FloatArray:
    """Return exp(-8 x^2)."""
    return np.exp(-8.0 * x * x)


def stairs(x: FloatArray) -> FloatArray:
    """Return -1, 0 or 1, in thirds of the interval."""
    return np.clip(np.floor(1.5 * (x + 1.0)), 0.0, 2.0) - 1.0
