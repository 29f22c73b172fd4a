"""The activation functions, each beside its slope, in one table.

A slope is written by the activation's own value (sigmoid: a(1 - a)), so that the same function serves
the three ways in which documents take it: at a (exact), at z fed by mistake, and at f(a).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnviz.engine.arrays import FloatArray, frozen_array

LEAKY_SLOPE = 0.01

_ONE = frozen_array(1.0)  # NumPy takes an array of no axes twice as fast as a Python number

Kernel = Callable[[FloatArray, FloatArray, float], None]


@dataclass(frozen=True)
class Activation:
    """One activation: `value(z, out, leak)` and `slope(a, out, leak)` write into `out`, shape (examples, units).

    `elementwise` is False for softmax, whose units depend on each other: there `slope` gives the diagonal
    of the Jacobian and `pull_back` multiplies by the whole of it.
    """

    name: str
    value: Kernel
    slope: Kernel
    elementwise: bool = True


def _sigmoid(z: FloatArray, out: FloatArray, leak: float) -> None:
    # exp may overflow to inf for z < -709; 1 / (1 + inf) is then 0, which is right to the last digit.
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, _ONE, out)
    np.reciprocal(out, out)


def _sigmoid_slope(a: FloatArray, out: FloatArray, leak: float) -> None:
    np.subtract(_ONE, a, out)
    np.multiply(out, a, out)


def _tanh(z: FloatArray, out: FloatArray, leak: float) -> None:
    np.tanh(z, out)


def _tanh_slope(a: FloatArray, out: FloatArray, leak: float) -> None:
    np.multiply(a, a, out)
    np.subtract(_ONE, out, out)


def _relu(z: FloatArray, out: FloatArray, leak: float) -> None:
    np.maximum(z, 0.0, out=out)


def _relu_slope(a: FloatArray, out: FloatArray, leak: float) -> None:
    np.greater(a, 0.0, out)


def _leaky_relu(z: FloatArray, out: FloatArray, leak: float) -> None:
    np.multiply(z, leak, out)
    np.copyto(out, z, where=z > 0.0)


def _leaky_relu_slope(a: FloatArray, out: FloatArray, leak: float) -> None:
    out.fill(leak)
    np.copyto(out, 1.0, where=a > 0.0)


def _linear(z: FloatArray, out: FloatArray, leak: float) -> None:
    np.copyto(out, z)


def _linear_slope(a: FloatArray, out: FloatArray, leak: float) -> None:
    out.fill(1.0)


def write_exponentials(z: FloatArray, out: FloatArray) -> FloatArray:
    """Write the exponentials of a softmax, e^(z - max z), shape (examples, units), and give their sums (examples, 1).

    Shifting by the largest z changes no quotient and keeps every exponential at most 1.
    """
    np.subtract(z, z.max(axis=-1, keepdims=True), out)
    np.exp(out, out)
    sums: FloatArray = out.sum(axis=-1, keepdims=True)
    return sums


def _softmax(z: FloatArray, out: FloatArray, leak: float) -> None:
    np.divide(out, write_exponentials(z, out), out)


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("sigmoid", _sigmoid, _sigmoid_slope),
        Activation("tanh", _tanh, _tanh_slope),
        Activation("relu", _relu, _relu_slope),
        Activation("leaky_relu", _leaky_relu, _leaky_relu_slope),
        Activation("linear", _linear, _linear_slope),
        Activation("softmax", _softmax, _sigmoid_slope, elementwise=False),
    )
}


def slope_argument(activation: Activation, convention: str, z: FloatArray, a: FloatArray, leak: float) -> FloatArray:
    """What the slope's formula is fed, shape (examples, units), under a slope convention.

    `exact`: a itself. `product_of_z`: z in place of a (Krzeminski's printed cells take v(1 - v) of z).
    `derivative_of_a`: f(a), that is f' taken at a instead of at z (the printed code of from-scratch).
    """
    if convention == "exact":
        return a
    if convention == "product_of_z":
        return z
    twice = np.empty_like(a)
    activation.value(a, twice, leak)
    return twice


def pull_back(
    activation: Activation,
    argument: FloatArray,
    dE_da: FloatArray,
    slope: FloatArray,
    delta: FloatArray,
    leak: float,
) -> None:
    """Write the slope and delta = dE/dz of a layer, from dE/da and the slope's argument; all (examples, units)."""
    activation.slope(argument, slope, leak)
    if activation.elementwise:
        np.multiply(dE_da, slope, delta)
    else:
        # Row k of the softmax Jacobian is v_k (delta_kj - v_j), so its product with dE/da is v (g - sum g v).
        np.multiply(dE_da, argument, delta)
        shared = delta.sum(axis=-1, keepdims=True)
        np.subtract(dE_da, shared, delta)
        np.multiply(delta, argument, delta)
