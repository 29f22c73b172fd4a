"""The array type of the engine, and a function that makes an array read-only."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def frozen_array(values: ArrayLike) -> FloatArray:
    """Return a read-only, C-contiguous float64 copy of `values`, of the same shape."""
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array
