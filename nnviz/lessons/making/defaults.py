"""What a network has that nobody chose: activations, loss, weights and update rule, as they suit the targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnviz.engine.losses import LOSSES

HIDDEN = "tanh"
LOSS = "half_squared"  # of numbers
INIT: dict[str, Any] = {"scheme": "xavier", "seed": 1, "bias": "zero"}
COMPARED = {"optimizer": ("sgd", "momentum", "adam"), "activation": (HIDDEN, "relu")}  # that a sweep begins with
TRAINING: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 0.03,
    "update_after": 10,
    "reduce": "mean",
    "shuffle": True,
}


def loss_for(targets: ArrayLike) -> str:
    """Return the loss that suits targets (examples, outputs), or (time, examples, outputs).

    Cross entropy for one-hot classes, binary cross entropy for one column of 0 and 1, else half the squared error.
    """
    values = np.asarray(targets)
    is_binary = bool(np.isin(values, (0.0, 1.0)).all())
    if values.shape[-1] > 1 and is_binary and bool((values.sum(axis=-1) == 1.0).all()):
        return "cross_entropy"
    return "binary_cross_entropy" if values.shape[-1] == 1 and is_binary else LOSS


def output_for(loss: str) -> str:
    """Return the output activation that belongs to a loss: softmax, sigmoid, or linear."""
    return LOSSES[loss].fused or "linear"


def all_activations(chosen: Sequence[str], layers: int, loss: str) -> tuple[str, ...]:
    """Return an activation for each of some layers. One that is chosen is that of all hidden layers.

    Raises ValueError if several are chosen and they are not as many as the layers, or as the hidden ones.
    """
    if len(chosen) == layers > 1:
        return tuple(chosen)
    hidden = tuple(chosen) or (HIDDEN,)
    if len(hidden) == 1:
        hidden = hidden * (layers - 1)
    if layers == len(chosen) == 1:
        return tuple(chosen)
    if len(hidden) != layers - 1:
        wanted = "1" if layers == 1 else f"1, {layers - 1} or {layers}"
        raise ValueError(f"{len(chosen)} activations for {layers} layers; give {wanted}")
    return (*hidden, output_for(loss))
