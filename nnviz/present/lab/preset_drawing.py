"""A small drawing of a preset of data: a dot for each of some examples, or the pixels of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.presets.draw import Wish, draw_preset
from nnviz.presets.preset_table import PRESETS

MOST_DOTS = 48
PIXELS = 64  # inputs that are drawn as an image of 8 x 8


@dataclass(frozen=True, eq=False)
class PresetDrawing:
    """Dots (count, 2) from 0 to 1, upwards, the class of each (-1 on a curve); or `pixels` (8, 8) from 0 to 1."""

    dots: NDArray[np.float64]
    classes: tuple[int, ...]
    pixels: NDArray[np.float64] | None = None


@lru_cache(maxsize=32)
def preset_drawing(name: str) -> PresetDrawing:
    """Return the drawing of a preset."""
    preset = PRESETS[name]
    outputs = preset.classes[0] if preset.classes[0] > 2 else 1
    points = preset.points if preset.licence else min(preset.points, MOST_DOTS)
    data = draw_preset(name, Wish(outputs=outputs, points=points, seed=1)).dataset
    inputs, targets = data.inputs[0], data.targets[0]
    if preset.inputs == PIXELS:
        image = inputs[0].reshape(8, 8)
        return PresetDrawing(np.empty((0, 2)), (), image / max(1.0, float(image.max())))
    if not preset.classes[1]:
        return PresetDrawing(_in_square(np.column_stack((inputs[:, 0], targets[:, 0]))), (-1,) * len(inputs))
    labels = np.argmax(targets, axis=1) if outputs > 1 else (targets[:, 0] > 0.5).astype(int)
    shown = slice(None, None, max(1, len(inputs) // MOST_DOTS))
    plane = inputs[shown, :2] if preset.inputs == 2 else inputs[shown, -2:]
    return PresetDrawing(_in_square(plane), tuple(map(int, labels[shown])))


def _in_square(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points moved and scaled, each axis by itself, to the square from 0 to 1."""
    low, high = points.min(axis=0), points.max(axis=0)
    return np.asarray((points - low) / np.where(high > low, high - low, 1.0))
