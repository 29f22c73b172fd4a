"""The examples of a preset: drawn, blurred by noise, coded for a network's outputs, and a part of them held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.presets.preset_table import PRESETS, Preset


class PresetError(ValueError):
    """Examples that a preset cannot give; `key` is the key of `[data]` that is at fault."""

    def __init__(self, message: str, key: str = "generator") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked of a preset. Targets of one output are `low` or 1; without `points` they are the preset's own.

    `noise` is the standard deviation of what is added to the inputs of classes, or to the targets of a curve;
    `held_out` is the share that is not trained on.
    """

    outputs: int = 1
    low: float = 0.0
    points: int | None = None
    noise: float = 0.0
    held_out: float = 0.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class PresetData:
    """The examples to train on, those held out, and what they are in one line."""

    dataset: Dataset
    held_out: Dataset | None
    report: str


def draw_preset(name: str, wish: Wish) -> PresetData:
    """Draw the examples of a preset; the same wish gives the same bits. Raises PresetError."""
    preset = PRESETS[name]
    points = preset.points if wish.points is None else wish.points
    if preset.licence and points > preset.points:
        raise PresetError(f"{name} has {preset.points} examples, not {points}", "points")
    classes = _classes(preset, wish.outputs)
    generator = np.random.RandomState(wish.seed)
    inputs, answers = preset.draw(points, classes, generator)
    inputs, targets = np.asarray(inputs, dtype=np.float64), _coded(np.asarray(answers), classes, wish)
    if wish.noise:
        blurred = inputs if classes else targets
        blurred = blurred + wish.noise * generator.standard_normal(blurred.shape)
        inputs, targets = (blurred, targets) if classes else (inputs, blurred)
    training, aside = parts(points, wish.held_out, generator)
    words = f"{classes} classes" if classes else "1 target"
    report = f"preset {name}, {points} examples; {preset.inputs} input{'s' * (preset.inputs > 1)}, {words}"
    return PresetData(
        make_dataset(inputs[training], targets[training]),
        make_dataset(inputs[aside], targets[aside]) if aside.size else None,
        report + (f"; {aside.size} held out" if aside.size else ""),
    )


def parts(count: int, share: float, generator: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and those held out, each in order. Raises PresetError if none would remain."""
    aside = 0 if not share else max(1, round(share * count))
    if aside >= count:
        raise PresetError(f"{share} of {count} examples leave none to train on", "held_out")
    order = generator.permutation(count) if aside else np.arange(count)
    return np.sort(order[aside:]), np.sort(order[:aside])


def _classes(preset: Preset, outputs: int) -> int:
    """Return the number of classes for a network's outputs, 0 for a curve. Raises PresetError if they do not fit."""
    least, most = preset.classes
    if not most:
        if outputs != 1:
            raise PresetError(f"{preset.name} is a curve, for 1 output, but the network has {outputs}")
        return 0
    classes = 2 if outputs == 1 else outputs
    if not least <= classes <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        one = "" if least > 2 else ", or 1 output for two classes"
        raise PresetError(f"{preset.name} has {allowed} classes, an output for each{one}; the network has {outputs}")
    return classes


def _coded(answers: np.ndarray, classes: int, wish: Wish) -> FloatArray:
    """Return targets (points, outputs): numbers as they are, two classes as low and 1, more as one-hot rows."""
    if not classes:
        return np.asarray(answers, dtype=np.float64)[:, np.newaxis]
    hot = np.where(np.eye(classes)[answers] == 1.0, 1.0, wish.low)
    return hot[:, 1:] if wish.outputs == 1 else hot
