"""The update rules, as a few vector operations on the flat parameters; definitions and defaults are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np

from nnviz.engine.arrays import FloatArray, frozen_array


@dataclass(frozen=True)
class Rates:
    """The numbers of an update rule: learning rate and the constants that it may use."""

    learning_rate: float = 1.0
    momentum: float = 0.9
    alpha: float = 0.99
    eps: float = 1e-8
    beta1: float = 0.9
    beta2: float = 0.999

    @cached_property
    def step_size(self) -> FloatArray:
        """The learning rate as an array of no axes, which NumPy takes twice as fast as a Python number."""
        return frozen_array(self.learning_rate)


@dataclass(frozen=True)
class UpdateRule:
    """How gradients become a change: rule, its numbers, and whether a batch is summed or averaged."""

    optimizer: str = "sgd"
    rates: Rates = field(default_factory=Rates)
    reduce: str = "sum"


# change(gradient, memory, rates, count, out) writes what is subtracted from the parameters; `count` is from 1.
Change = Callable[[FloatArray, Sequence[FloatArray], Rates, int, FloatArray], None]


@dataclass(frozen=True)
class Optimizer:
    """One update rule: the names of its memory vectors, and the change that it makes of a gradient."""

    name: str
    memory: tuple[str, ...]
    change: Change


def _sgd(gradient: FloatArray, memory: Sequence[FloatArray], rates: Rates, count: int, out: FloatArray) -> None:
    np.multiply(gradient, rates.step_size, out)


def _momentum(gradient: FloatArray, memory: Sequence[FloatArray], rates: Rates, count: int, out: FloatArray) -> None:
    (velocity,) = memory
    velocity *= rates.momentum
    velocity += gradient
    np.multiply(velocity, rates.step_size, out)


def _rmsprop(gradient: FloatArray, memory: Sequence[FloatArray], rates: Rates, count: int, out: FloatArray) -> None:
    (square,) = memory
    square *= rates.alpha
    np.multiply(gradient, gradient, out)
    out *= 1.0 - rates.alpha
    square += out
    np.sqrt(square, out)
    out += rates.eps
    np.divide(gradient, out, out)
    out *= rates.step_size


def _adam(gradient: FloatArray, memory: Sequence[FloatArray], rates: Rates, count: int, out: FloatArray) -> None:
    first, second = memory
    first *= rates.beta1
    np.multiply(gradient, 1.0 - rates.beta1, out)
    first += out
    second *= rates.beta2
    np.multiply(gradient, gradient, out)
    out *= 1.0 - rates.beta2
    second += out
    np.sqrt(second, out)
    out /= sqrt(1.0 - rates.beta2**count)
    out += rates.eps
    np.divide(first, out, out)
    out *= rates.learning_rate / (1.0 - rates.beta1**count)


OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("sgd", (), _sgd),
        Optimizer("momentum", ("velocity",), _momentum),
        Optimizer("rmsprop", ("mean_square",), _rmsprop),
        Optimizer("adam", ("first_moment", "second_moment"), _adam),
    )
}
