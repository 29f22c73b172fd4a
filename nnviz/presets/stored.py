"""Measured data that come with nnviz, in `resources/data` with their sources and licences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.resources import read_text, resource_path


def read_iris() -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the 150 flowers of Fisher's iris data: four lengths in cm, and the species from 0."""
    return _split(read_text("data", "iris.csv"))


def read_digits() -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the 1797 handwritten digits of 8 x 8 pixels: each pixel from 0 to 1, and the digit."""
    import gzip  # imported late to keep the start fast

    pixels, labels = _split(gzip.decompress(resource_path("data", "digits.csv.gz").read_bytes()).decode("ascii"))
    return pixels / 16.0, labels


def _split(text: str) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the columns of a table without a heading: numbers, and in the last one the class."""
    table = np.array([[float(cell) for cell in line.split(",")] for line in text.splitlines()])
    return table[:, :-1], table[:, -1].astype(np.intp)
