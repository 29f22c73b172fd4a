"""The array types of the engine, and functions on such arrays."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def frozen_array(values: ArrayLike) -> FloatArray:
    """Return a read-only, C-contiguous float64 copy of `values`, of the same shape."""
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def all_finite(vector: FloatArray) -> bool:
    """Return whether a vector has neither NaN nor infinity.

    One product covers the whole vector; the single numbers are checked only if it overflows.
    """
    return isfinite(vector.dot(vector)) or bool(np.isfinite(vector).all())
