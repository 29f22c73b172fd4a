"""The update rules, as vector operations on the flat parameters; definitions and defaults are those of PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.constants import Constant

MOMENTUM = Constant(
    "momentum",
    0.9,
    "The factor of the velocity from one update to the next.",
    unusual=1.0,
    warning="earlier gradients do not decay, and the velocity may grow without limit",
)
ALPHA = Constant("alpha", 0.99, "The factor of the mean square from one update to the next.", below=1.0)
EPS = Constant("eps", 1e-8, "A small number added to the root, which prevents a division by 0.")
BETA1 = Constant("beta1", 0.9, "The factor of the mean gradient from one update to the next.", below=1.0)
WEIGHT_DECAY = Constant(
    "weight_decay", 0.01, "Each update first multiplies a parameter by 1 minus the rate times this number."
)
BETA2 = Constant("beta2", 0.999, "The factor of the mean square from one update to the next.", below=1.0)


@dataclass(frozen=True)
class Rates:
    """The numbers of an update rule: the learning rate, and the constants that it may use.

    A weight decay of None means the default of the rule.
    """

    learning_rate: float = 1.0
    momentum: float = MOMENTUM.default
    alpha: float = ALPHA.default
    eps: float = EPS.default
    beta1: float = BETA1.default
    beta2: float = BETA2.default
    weight_decay: float | None = None

    @cached_property
    def step_size(self) -> FloatArray:
        """The learning rate as an array without axes, which NumPy handles twice as fast as a Python number."""
        return frozen_array(self.learning_rate)

    @cached_property
    def decay_factor(self) -> float:
        """The factor by which decoupled weight decay multiplies a parameter in one update."""
        return 1.0 - self.learning_rate * self.constant(WEIGHT_DECAY)

    def constant(self, constant: Constant) -> float:
        """Return the value of one of the constants, or its default if none is given."""
        value = getattr(self, constant.name)
        return constant.default if value is None else float(value)


@dataclass(frozen=True)
class UpdateRule:
    """An optimizer, its numbers, and whether the gradients of a batch are summed or averaged."""

    optimizer: str = "sgd"
    rates: Rates = field(default_factory=Rates)
    reduce: str = "sum"


# change(parameters, gradient, memory, rates, count, out) writes what is subtracted from the parameters; `count` is from
# 1. It updates the memory; a rule with weight decay multiplies the parameters by a factor before the step.
Change = Callable[[FloatArray, FloatArray, Sequence[FloatArray], Rates, int, FloatArray], None]


@dataclass(frozen=True)
class Optimizer:
    """One update rule: the names of its memory vectors, and the change that it computes from a gradient.

    `unsigned` are the vectors that stay the same if every gradient changes its sign. `plain` is true if the change is
    only the learning rate times the gradient. `constants` are the numbers of Rates that the rule uses. `stable` gives
    the largest learning rate times curvature at which it does not diverge, if known (Cohen et al. 2021, section 2).
    """

    name: str
    memory: tuple[str, ...]
    change: Change
    unsigned: tuple[str, ...] = ()
    plain: bool = False
    constants: tuple[Constant, ...] = ()
    stable: Callable[[Rates], float] | None = None


def _sgd(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    np.multiply(gradient, rates.step_size, out)


def _momentum(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    (velocity,) = memory
    velocity *= rates.momentum
    velocity += gradient
    np.multiply(velocity, rates.step_size, out)


def _rmsprop(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    (square,) = memory
    square *= rates.alpha
    np.multiply(gradient, gradient, out)
    out *= 1.0 - rates.alpha
    square += out
    np.sqrt(square, out)
    out += rates.eps
    np.divide(gradient, out, out)
    out *= rates.step_size


def _adam(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
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


def _nesterov(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    (velocity,) = memory
    velocity *= rates.momentum
    velocity += gradient
    np.multiply(velocity, rates.momentum, out)
    out += gradient
    out *= rates.step_size


def _adagrad(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    (total,) = memory
    np.multiply(gradient, gradient, out)
    total += out
    np.sqrt(total, out)
    out += rates.eps
    np.divide(gradient, out, out)
    out *= rates.step_size


def _adamw(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    parameters *= rates.decay_factor
    _adam(parameters, gradient, memory, rates, count, out)


OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("sgd", (), _sgd, plain=True, stable=lambda rates: 2.0),
        Optimizer(
            "momentum",
            ("velocity",),
            _momentum,
            constants=(MOMENTUM,),
            stable=lambda rates: 2.0 * (1.0 + rates.momentum),
        ),
        Optimizer("rmsprop", ("mean_square",), _rmsprop, ("mean_square",), constants=(ALPHA, EPS)),
        Optimizer("adam", ("first_moment", "second_moment"), _adam, ("second_moment",), constants=(BETA1, BETA2, EPS)),
        Optimizer(
            "nesterov",
            ("velocity",),
            _nesterov,
            constants=(MOMENTUM,),
            stable=lambda rates: 2.0 * (1.0 + rates.momentum) / (1.0 + 2.0 * rates.momentum),
        ),
        Optimizer(
            "adamw",
            ("first_moment", "second_moment"),
            _adamw,
            ("second_moment",),
            constants=(BETA1, BETA2, EPS, WEIGHT_DECAY),
        ),
        Optimizer("adagrad", ("square_sum",), _adagrad, ("square_sum",), constants=(EPS,)),
    )
}


def warnings_of(rule: UpdateRule) -> tuple[str, ...]:
    """Return what to say of constants of a rule that are allowed but unusual."""
    used = OPTIMIZERS[rule.optimizer].constants
    found = (constant.warning_of(rule.rates.constant(constant)) for constant in used)
    return tuple(text for text in found if text)


PLAIN = next(name for name, optimizer in OPTIMIZERS.items() if optimizer.plain)
