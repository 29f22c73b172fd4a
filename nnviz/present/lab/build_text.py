"""The choices of the Build panel in words."""

from __future__ import annotations

import numpy as np

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.losses import LOSSES
from nnviz.lessons.lesson import Lesson


def loss_names(lesson: Lesson) -> list[str]:
    """Return the losses that a lesson's targets allow."""
    targets = lesson.dataset.targets
    low, high = float(targets.min()), float(targets.max())
    shares = targets.shape[-1] > 1 and bool(np.allclose(targets.sum(axis=-1), 1.0))
    return [
        name
        for name, row in LOSSES.items()
        if row.low <= low and high <= row.high and (shares or not row.fused or ACTIVATIONS[row.fused].elementwise)
    ]


def shown_loss(name: str) -> str:
    """Return the name of a loss as the panel shows it."""
    return name.replace("_", " ")


def percent(part: int) -> str:
    """Return hundredths in words."""
    return f"{part} %"
