"""The losses, each with its derivative with respect to the output, in one table.

`terms` are the errors of the outputs; the loss of an example is their sum over outputs and time steps.
`t` is the target, `y` the output; every array is (examples, outputs).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from nnviz.engine.arrays import FloatArray, frozen_array

Kernel = Callable[[FloatArray, FloatArray, FloatArray], None]


@dataclass(frozen=True)
class Loss:
    """One loss: `terms(y, t, out)` and `gradient(y, t, out)` = dE/dy.

    `fused` names the output activation with which delta is found in one step, by `fused_delta(y, t, out)`;
    `fused_terms(z, t, out)` then gives the same terms from z without overflow, where ln y would be lost to rounding.
    Targets are from `low` to `high`. `outputs` are the output activations with which the loss may be chosen, all where
    it names none, and `needs` says in words what they have in common. `logarithmic`: it is made of logarithms of
    outputs. `averaged`: over the outputs, so that with one output it is another loss of the table. `has_targets` is
    false if it is computed from the outputs alone; the number of an output in `seed_gradient` is then its gradient.
    """

    name: str
    terms: Kernel
    gradient: Kernel
    fused: str = ""
    fused_terms: Kernel | None = None
    fused_delta: Kernel | None = None
    low: float = -inf
    high: float = inf
    outputs: tuple[str, ...] = ()
    needs: str = ""
    logarithmic: bool = False
    averaged: bool = False
    has_targets: bool = True


def _squared(factor: float) -> tuple[Kernel, Kernel]:
    half, whole = frozen_array(factor), frozen_array(2.0 * factor)

    def terms(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
        np.subtract(t, y, out)
        np.multiply(out, out, out)
        if factor != 1.0:
            np.multiply(out, half, out)

    def gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
        np.subtract(y, t, out)
        if factor != 0.5:
            np.multiply(out, whole, out)

    return terms, gradient


def _mean_squared(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.subtract(t, y, out)
    np.multiply(out, out, out)
    np.multiply(out, 1.0 / y.shape[-1], out)


def _mean_squared_gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.subtract(y, t, out)
    np.multiply(out, 2.0 / y.shape[-1], out)


def _absolute(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.subtract(t, y, out)
    np.abs(out, out)


def _absolute_gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    # 0 where an output is equal to its target, as in PyTorch
    np.subtract(y, t, out)
    np.sign(out, out)


def _hinge(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.multiply(t, y, out)
    np.subtract(1.0, out, out)
    np.maximum(out, 0.0, out=out)


def _hinge_gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.multiply(t, y, out)
    np.less(out, 1.0, out)
    np.multiply(out, -t, out)


def _output(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.copyto(out, y)


def _output_gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    out.fill(1.0)


def _averaged(kernel: Kernel) -> Kernel:
    """Return the kernel divided by the number of outputs."""

    def mean(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
        kernel(y, t, out)
        np.multiply(out, 1.0 / y.shape[-1], out)

    return mean


def _times_log(factor: FloatArray, value: FloatArray) -> FloatArray:
    """Return factor * ln(value), and 0 where factor is 0."""
    product = np.zeros_like(value)
    np.log(value, out=product, where=factor != 0.0)
    np.multiply(product, factor, product, where=factor != 0.0)
    return product


def _over(factor: FloatArray, value: FloatArray) -> FloatArray:
    """Return factor / value, and 0 where factor is 0."""
    quotient = np.zeros_like(value)
    np.divide(factor, value, out=quotient, where=factor != 0.0)
    return quotient


def _cross_entropy(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.negative(_times_log(t, y), out)


def _cross_entropy_gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.negative(_over(t, y), out)


def _cross_entropy_of_z(z: FloatArray, t: FloatArray, out: FloatArray) -> None:
    highest = z.max(axis=-1, keepdims=True)
    log_sum = highest + np.log(np.exp(z - highest).sum(axis=-1, keepdims=True))
    out.fill(0.0)
    np.multiply(log_sum - z, t, out, where=t != 0.0)


def _binary_cross_entropy(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.add(_times_log(t, y), _times_log(1.0 - t, 1.0 - y), out)
    np.negative(out, out)


def _binary_cross_entropy_gradient(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.subtract(_over(1.0 - t, 1.0 - y), _over(t, y), out)


def _binary_cross_entropy_of_z(z: FloatArray, t: FloatArray, out: FloatArray) -> None:
    # t ln(1 + e^-z) + (1 - t) ln(1 + e^z), each logarithm by its stable form.
    np.add(t * np.logaddexp(0.0, -z), (1.0 - t) * np.logaddexp(0.0, z), out)


def _difference(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    np.subtract(y, t, out)


def _difference_of_shares(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
    # y - t, with y times the sum of the targets where that is not 1
    np.multiply(y, t.sum(axis=-1, keepdims=True), out)
    np.subtract(out, t, out)


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("half_squared", *_squared(0.5)),
        Loss("squared", *_squared(1.0)),
        Loss("mean_squared", _mean_squared, _mean_squared_gradient, averaged=True),
        Loss(
            "cross_entropy",
            _cross_entropy,
            _cross_entropy_gradient,
            "softmax",
            _cross_entropy_of_z,
            _difference_of_shares,
            low=0.0,
            outputs=("softmax",),
            needs="outputs that add up to 1, as softmax gives them",
            logarithmic=True,
        ),
        Loss(
            "binary_cross_entropy",
            _binary_cross_entropy,
            _binary_cross_entropy_gradient,
            "sigmoid",
            _binary_cross_entropy_of_z,
            _difference,
            low=0.0,
            high=1.0,
            outputs=("sigmoid", "softmax"),
            needs="outputs between 0 and 1, as sigmoid gives them",
            logarithmic=True,
        ),
        Loss("absolute", _absolute, _absolute_gradient),
        Loss("mean_absolute", _averaged(_absolute), _averaged(_absolute_gradient), averaged=True),
        Loss("hinge", _hinge, _hinge_gradient, low=-1.0, high=1.0),
        Loss(
            "mean_binary_cross_entropy",
            _averaged(_binary_cross_entropy),
            _averaged(_binary_cross_entropy_gradient),
            low=0.0,
            high=1.0,
            outputs=("sigmoid", "softmax"),
            needs="outputs between 0 and 1, as sigmoid gives them",
            logarithmic=True,
            averaged=True,
        ),
        Loss("output", _output, _output_gradient, has_targets=False),
    )
}


def with_seed(loss: Loss, seed: Sequence[float]) -> Loss:
    """Return a loss whose error of each output is multiplied by the number of `seed` (outputs,), as its gradient is."""
    factors = frozen_array(seed)

    def times(kernel: Kernel) -> Kernel:
        def seeded(y: FloatArray, t: FloatArray, out: FloatArray) -> None:
            kernel(y, t, out)
            np.multiply(out, factors, out)

        return seeded

    return replace(loss, terms=times(loss.terms), gradient=times(loss.gradient))


def is_fused(loss: str, output_activation: str, slope_convention: str) -> bool:
    """Return whether the delta of the output is computed as y sum(t) - t instead of dE/da times the slope."""
    return LOSSES[loss].fused == output_activation and slope_convention == "exact"


def allowed_targets(loss: str) -> str:
    """Return the range of targets of a loss in words, "from 0 to 1"; empty if it takes any."""
    low, high = LOSSES[loss].low, LOSSES[loss].high
    if low == -inf:
        return "" if high == inf else f"of at most {high:g}"
    return f"of at least {low:g}" if high == inf else f"from {low:g} to {high:g}"
