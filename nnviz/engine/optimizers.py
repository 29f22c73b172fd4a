"""The update rules, as vector operations on the flat parameters; definitions and defaults are those of PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
DAMPENING = Constant(
    "dampening", 0.0, "The velocity gains 1 minus this number times each gradient but the first.", below=1.0
)
ALPHA = Constant("alpha", 0.99, "The factor of the mean square from one update to the next.", below=1.0)
EPS = Constant("eps", 1e-8, "A small number that prevents a division by 0; 1e-8 if left out, in adagrad 1e-10.")
ADAGRAD_EPS = replace(EPS, default=1e-10)
BETA1 = Constant("beta1", 0.9, "The factor of the mean gradient from one update to the next.", below=1.0)
BETA2 = Constant("beta2", 0.999, "The factor of the mean square from one update to the next.", below=1.0)
WEIGHT_DECAY = Constant(
    "weight_decay",
    0.0,
    "L2 regularization: this number times a parameter is added to its gradient. "
    "adamw instead multiplies the parameter by 1 minus the rate times this number, which is 0.01 there if left out.",
)
DECOUPLED_DECAY = replace(
    WEIGHT_DECAY,
    default=0.01,
    description="Each update first multiplies a parameter by 1 minus the rate times this number.",
)
L1 = Constant("l1", 0.0, "L1 regularization: this number times the sign of a parameter is added to its gradient.")
CLIP = Constant("clip", 0.0, "The largest Euclidean norm of the whole gradient, which is scaled down to it; 0: any.")
# What changes gradients before any optimizer uses them.
OF_GRADIENTS = (WEIGHT_DECAY, L1, CLIP)
CLIP_EPS = 1e-6  # as in PyTorch's clip_grad_norm_


@dataclass(frozen=True)
class Rates:
    """The numbers of an update rule: the learning rate, and the constants that it may use.

    A weight decay or epsilon of None means the default of the rule.
    """

    learning_rate: float = 1.0
    momentum: float = MOMENTUM.default
    dampening: float = DAMPENING.default
    alpha: float = ALPHA.default
    eps: float | None = None
    beta1: float = BETA1.default
    beta2: float = BETA2.default
    weight_decay: float | None = None
    l1: float = L1.default
    clip: float = CLIP.default

    @cached_property
    def step_size(self) -> FloatArray:
        """The learning rate as an array without axes, which NumPy handles twice as fast as a Python number."""
        return frozen_array(self.learning_rate)

    @cached_property
    def decay_factor(self) -> float:
        """The factor by which decoupled weight decay multiplies a parameter in one update."""
        return 1.0 - self.learning_rate * self.constant(DECOUPLED_DECAY)

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

    @cached_property
    def decay(self) -> float:
        """The factor of a parameter that is added to its gradient; 0 if the weight decay is decoupled."""
        coupled = WEIGHT_DECAY in OPTIMIZERS[self.optimizer].all_constants
        return self.rates.constant(WEIGHT_DECAY) if coupled else 0.0

    @cached_property
    def penalizes(self) -> bool:
        """Whether a regularization adds its part to the gradients."""
        return bool(self.decay or self.rates.l1)

    @cached_property
    def adjusts(self) -> bool:
        """Whether the optimizer gets other gradients than those of the loss: clipped or regularized ones."""
        return bool(self.penalizes or self.rates.clip)

    @cached_property
    def plain(self) -> bool:
        """Whether a parameter changes by the learning rate times its gradient, and by nothing else."""
        return OPTIMIZERS[self.optimizer].plain and not self.adjusts


# change(parameters, gradient, memory, rates, count, out) writes what is subtracted from the parameters; `count` is from
# 1. It updates the memory; a rule with weight decay multiplies the parameters by a factor before the step.
Change = Callable[[FloatArray, FloatArray, Sequence[FloatArray], Rates, int, FloatArray], None]


@dataclass(frozen=True)
class Optimizer:
    """One update rule: the names of its memory vectors, and the change that it computes from a gradient.

    `unsigned` are the vectors that stay the same if every gradient changes its sign. `plain` is true if the change is
    only the learning rate times the gradient. `constants` are the numbers of Rates that belong to the rule alone.
    `corrections` has for each vector the constant beta by whose power it is corrected for its start from 0, if any is:
    divided by 1 - beta ** count. `stable` gives the largest learning rate times curvature at which it does not
    diverge, if known (Cohen et al. 2021, section 2).
    """

    name: str
    memory: tuple[str, ...]
    change: Change
    unsigned: tuple[str, ...] = ()
    plain: bool = False
    constants: tuple[Constant, ...] = ()
    corrections: tuple[Constant, ...] = ()
    stable: Callable[[Rates], float] | None = None

    @cached_property
    def all_constants(self) -> tuple[Constant, ...]:
        """The constants of the rule, then those that every rule has."""
        own = {constant.name for constant in self.constants}
        return (*self.constants, *(constant for constant in OF_GRADIENTS if constant.name not in own))


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
    _accelerate(velocity, gradient, rates, velocity_gain(rates, count))
    np.multiply(velocity, rates.step_size, out)


def _accelerate(velocity: FloatArray, gradient: FloatArray, rates: Rates, gain: float = 1.0) -> None:
    """Let a velocity decay by the momentum and gain a factor of the gradient."""
    velocity *= rates.momentum
    velocity += gradient if gain == 1.0 else gradient * gain


def velocity_gain(rates: Rates, count: int) -> float:
    """Return the factor of the gradient in a velocity; dampening begins with the second update, as in PyTorch."""
    return 1.0 if count == 1 else 1.0 - rates.dampening


def _nesterov(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    (velocity,) = memory
    _accelerate(velocity, gradient, rates)
    np.multiply(velocity, rates.momentum, out)
    out += gradient
    out *= rates.step_size


def _average_square(mean: FloatArray, gradient: FloatArray, beta: float, out: FloatArray) -> None:
    """Update a mean square with a gradient: beta of the mean and 1 - beta of the square; `out` is overwritten."""
    mean *= beta
    np.multiply(gradient, gradient, out)
    out *= 1.0 - beta
    mean += out


def _over_root(gradient: FloatArray, squares: FloatArray, rates: Rates, eps: Constant, out: FloatArray) -> None:
    """Write the learning rate times a gradient over the root of its squares, to which epsilon is added."""
    np.sqrt(squares, out)
    out += rates.constant(eps)
    np.divide(gradient, out, out)
    out *= rates.step_size


def _rmsprop(
    parameters: FloatArray,
    gradient: FloatArray,
    memory: Sequence[FloatArray],
    rates: Rates,
    count: int,
    out: FloatArray,
) -> None:
    (square,) = memory
    _average_square(square, gradient, rates.alpha, out)
    _over_root(gradient, square, rates, EPS, out)


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
    _over_root(gradient, total, rates, ADAGRAD_EPS, out)


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
    _average_square(second, gradient, rates.beta2, out)
    np.sqrt(second, out)
    out /= sqrt(1.0 - rates.beta2**count)
    out += rates.constant(EPS)
    np.divide(first, out, out)
    out *= rates.learning_rate / (1.0 - rates.beta1**count)


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


MOMENTS = ("first_moment", "second_moment")
OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("sgd", (), _sgd, plain=True, stable=lambda rates: 2.0),
        Optimizer(
            "momentum",
            ("velocity",),
            _momentum,
            constants=(MOMENTUM, DAMPENING),
            stable=lambda rates: 2.0 * (1.0 + rates.momentum) / (1.0 - rates.dampening),
        ),
        Optimizer("rmsprop", ("mean_square",), _rmsprop, ("mean_square",), constants=(ALPHA, EPS)),
        Optimizer(
            "adam", MOMENTS, _adam, ("second_moment",), constants=(BETA1, BETA2, EPS), corrections=(BETA1, BETA2)
        ),
        Optimizer(
            "nesterov",
            ("velocity",),
            _nesterov,
            constants=(MOMENTUM,),
            stable=lambda rates: 2.0 * (1.0 + rates.momentum) / (1.0 + 2.0 * rates.momentum),
        ),
        Optimizer(
            "adamw",
            MOMENTS,
            _adamw,
            ("second_moment",),
            constants=(BETA1, BETA2, EPS, DECOUPLED_DECAY),
            corrections=(BETA1, BETA2),
        ),
        Optimizer("adagrad", ("square_sum",), _adagrad, ("square_sum",), constants=(ADAGRAD_EPS,)),
    )
}
# The names of numbers of a memory: the vector that each belongs to, and whether it is corrected for its start from 0.
MEMORY_NAMES: dict[str, tuple[str, bool]] = {
    **{name: (name, False) for row in OPTIMIZERS.values() for name in row.memory if not row.corrections},
    "m": ("first_moment", False),
    "v": ("second_moment", False),
    "m_hat": ("first_moment", True),
    "v_hat": ("second_moment", True),
}


def rates_of(optimizer: str, learning_rate: float, given: Mapping[str, float]) -> Rates:
    """Return the rates of a rule with the constants that are given; its own defaults are left to it."""
    defaults = {constant.name: constant.default for constant in OPTIMIZERS[optimizer].all_constants}
    return Rates(learning_rate, **{name: value for name, value in given.items() if value != defaults.get(name)})


def warnings_of(rule: UpdateRule) -> tuple[str, ...]:
    """Return what to say of constants of a rule that are allowed but unusual."""
    used = OPTIMIZERS[rule.optimizer].all_constants
    found = (constant.warning_of(rule.rates.constant(constant)) for constant in used)
    return tuple(text for text in found if text)


def gradient_norm(gradient: FloatArray, slots: Sequence[slice]) -> float:
    """Return the Euclidean norm of the gradients (P,) in some slots."""
    return sqrt(sum(float(gradient[slot].dot(gradient[slot])) for slot in slots))


def clip_factor(norm: float, rates: Rates) -> float:
    """Return the factor that scales a gradient of this norm down to the largest one, as clip_grad_norm_ does."""
    return min(rates.clip / (norm + CLIP_EPS), 1.0) if rates.clip else 1.0


def adjust_gradients(
    parameters: FloatArray, gradient: FloatArray, rule: UpdateRule, slots: Sequence[slice], out: FloatArray
) -> None:
    """Write the gradients (P,) that the optimizer gets: clipped together, and then with the regularization's part.

    Only the slots are written: parameters that are not trained have no part in the norm.
    """
    factor = clip_factor(gradient_norm(gradient, slots), rule.rates)
    for slot in slots:
        np.multiply(gradient[slot], factor, out[slot])
        if rule.penalizes:
            out[slot] += penalty(parameters[slot], rule)


def penalty(parameters: FloatArray, rule: UpdateRule) -> FloatArray:
    """Return the regularization's part of the gradients of parameters: decay w + l1 sign(w)."""
    part: FloatArray = rule.decay * parameters
    return part + rule.rates.l1 * np.sign(parameters) if rule.rates.l1 else part


PLAIN = next(name for name, optimizer in OPTIMIZERS.items() if optimizer.plain)
