"""Examples as text for people: (1, 0) → 1."""

from __future__ import annotations

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.losses import LOSSES
from nnviz.lessons.lesson import Lesson
from nnviz.present.text.numbers import UNKNOWN, pretty, separator, short

MOST_NUMBERS = 4
FIRST_NUMBERS = 2  # of more


def example_text(lesson: Lesson, example: int) -> str:
    """Return an example's inputs and targets, cut after a few numbers; a sequence in brackets, a part a time step."""
    dataset = lesson.dataset
    if lesson.network.architecture.is_recurrent:
        inputs, targets = _sequence(dataset.inputs[:, example]), _sequence(dataset.targets[:, example])
    else:
        inputs, targets = _numbers(dataset.inputs[0, example]), _numbers(dataset.targets[0, example], bare=True)
    return f"{inputs} → {targets}" if LOSSES[lesson.network.architecture.loss].has_targets else inputs


def example_texts(lesson: Lesson, most: int) -> tuple[str, ...]:
    """Return the first `most` examples."""
    return tuple(example_text(lesson, example) for example in range(min(most, len(lesson.dataset))))


def _numbers(values: FloatArray, bare: bool = False) -> str:
    if np.isnan(values).any():
        return UNKNOWN  # a time step without a target
    shown = values if len(values) <= MOST_NUMBERS else values[:FIRST_NUMBERS]
    texts = [pretty(short(float(value), 3)) for value in shown]
    if len(shown) < len(values):
        texts.append("…")
    return texts[0] if bare and len(texts) == 1 else f"({separator().join(texts)})"


def _sequence(steps: FloatArray) -> str:
    """Return the numbers of each time step, (T, units): [0, 1], or [(1, 0), (0, 1)]."""
    shown = steps if len(steps) <= MOST_NUMBERS else steps[:FIRST_NUMBERS]
    texts = [_numbers(step, bare=True) for step in shown]
    return f"[{separator().join(texts + ['…'] * (len(shown) < len(steps)))}]"
