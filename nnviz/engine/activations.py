"""The activation functions, each with its derivative, in one table.

A derivative is a formula in the activation a (sigmoid: a(1 - a)) or in z (relu: 1 if z > 0). The same function
serves the slope conventions of documents that take it; `slope_argument` returns its arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.constants import Constant

NEGATIVE_SLOPE = Constant("negative_slope", 0.01, "The slope of leaky relu for negative weighted sums.", below=1.0)
LEAKY_SLOPE = NEGATIVE_SLOPE.default
ELU_ALPHA = Constant("alpha", 1.0, "The limit of elu for very negative z is minus this number.")
GAIN = Constant("gain", 1.0, "The factor of the weighted sum in sigmoid, tanh, bipolar sigmoid and sine.")
SOFTPLUS_THRESHOLD = 20.0  # above it softplus is z itself, as in PyTorch

# NumPy handles an array without axes twice as fast as a Python number.
_ZERO, _HALF, _ONE = map(frozen_array, (0.0, 0.5, 1.0))

# The constants of a layer, in the order of the row: arrays without axes.
Constants = tuple[FloatArray, ...]
Value = Callable[[FloatArray, FloatArray, Constants], None]
Slope = Callable[[FloatArray, FloatArray, FloatArray, Constants], None]


@dataclass(frozen=True)
class Activation:
    """One activation: `value(z, out, constants)` and `slope(z, a, out, constants)` write into `out`.

    All arrays are (examples, units), or of any one shape if the activation is elementwise. `by_z` is true if the slope
    is a formula in z, else it is one in a. `elementwise` is false if the outputs of a layer add up to 1 (softmax): then
    `slope` writes the diagonal of the Jacobian, and `pull_back` multiplies by the whole Jacobian.
    `limits` are the values near which a unit is saturated. `can_die` is true if it is constant for all z <= 0.
    `is_identity`: its slope is 1 everywhere. `is_flat`: its slope is 0 wherever it has one. `common`: documents often
    use it, so the finder tries it in place of another. `corners` are the z where the slope jumps. `constants` are the
    numbers that a layer may set.
    """

    name: str
    value: Value
    slope: Slope
    by_z: bool = False
    elementwise: bool = True
    limits: tuple[float, ...] = ()
    can_die: bool = False
    is_identity: bool = False
    is_flat: bool = False
    common: bool = False
    corners: tuple[float, ...] = ()
    constants: tuple[Constant, ...] = ()


def used_constants(activation: Activation, numbers: tuple[float, ...]) -> Constants:
    """Return the constants of a layer as its functions take them: none for a gain of 1, which changes nothing."""
    return () if activation.constants == (GAIN,) and numbers == (1.0,) else tuple(map(frozen_array, numbers))


def _scaled(z: FloatArray, constants: Constants) -> FloatArray:
    """Return z times the gain, if there is one."""
    return z * constants[0] if constants else z


def _times_gain(out: FloatArray, constants: Constants) -> None:
    if constants:
        np.multiply(out, constants[0], out)


def _sigmoid(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    # exp may overflow to inf for z < -709; 1 / (1 + inf) is then 0, which is correct to the last digit.
    np.negative(_scaled(z, constants), out)
    np.exp(out, out)
    np.add(out, _ONE, out)
    np.reciprocal(out, out)


def _sigmoid_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.subtract(_ONE, a, out)
    np.multiply(out, a, out)
    _times_gain(out, constants)


def _tanh(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.tanh(_scaled(z, constants), out)


def _tanh_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.multiply(a, a, out)
    np.subtract(_ONE, out, out)
    _times_gain(out, constants)


def _relu(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.maximum(z, _ZERO, out=out)


def _relu_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.greater(z, _ZERO, out)


def _leaky_relu(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    (leak,) = constants
    np.multiply(z, leak, out)
    np.copyto(out, z, where=z > _ZERO)


def _leaky_relu_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    (leak,) = constants
    np.copyto(out, leak)
    np.copyto(out, _ONE, where=z > _ZERO)


def _linear(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.copyto(out, z)


def _linear_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    out.fill(1.0)


def _softplus(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.minimum(z, SOFTPLUS_THRESHOLD, out=out)
    np.exp(out, out)
    np.log1p(out, out)
    np.copyto(out, z, where=z > SOFTPLUS_THRESHOLD)


def _softplus_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    _sigmoid(z, out, ())
    np.copyto(out, _ONE, where=z > SOFTPLUS_THRESHOLD)


def _elu(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    (alpha,) = constants
    np.minimum(z, _ZERO, out=out)
    np.expm1(out, out)
    np.multiply(out, alpha, out)
    np.copyto(out, z, where=z > _ZERO)


def _elu_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    (alpha,) = constants
    np.minimum(z, _ZERO, out=out)
    np.exp(out, out)
    np.multiply(out, alpha, out)
    np.copyto(out, _ONE, where=z > _ZERO)


def _write_normal_shares(z: FloatArray, out: FloatArray) -> None:
    """Write the standard normal distribution function of each z; NumPy itself has no error function."""
    scaled = (z / sqrt(2.0)).ravel().tolist()
    np.copyto(out, np.fromiter(map(erf, scaled), np.float64, len(scaled)).reshape(z.shape))
    np.add(out, _ONE, out)
    np.multiply(out, _HALF, out)


def _gelu(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    _write_normal_shares(z, out)
    np.multiply(out, z, out)


def _gelu_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    _write_normal_shares(z, out)
    density = np.exp(-_HALF * z * z) / sqrt(2.0 * pi)
    np.add(out, z * density, out)


def _silu(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, _ONE, out)
    np.divide(z, out, out)


def _silu_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    _sigmoid(z, out, ())
    np.multiply(out, _ONE + z * (_ONE - out), out)


def _step(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.heaviside(z, _ONE, out)


def _step_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    out.fill(0.0)


def _sine(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.sin(_scaled(z, constants), out)


def _sine_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.cos(_scaled(z, constants), out)
    _times_gain(out, constants)


def _bipolar_sigmoid(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    # 2 / (1 + e^-z) - 1 = tanh(z / 2), without cancellation near 0
    np.multiply(_scaled(z, constants), _HALF, out)
    np.tanh(out, out)


def _bipolar_sigmoid_slope(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.multiply(a, a, out)
    np.subtract(_ONE, out, out)
    np.multiply(out, _HALF, out)
    _times_gain(out, constants)


def write_exponentials(z: FloatArray, out: FloatArray) -> FloatArray:
    """Write the exponentials of a softmax, e^(z - max z), (examples, units), and return their sums (examples, 1).

    Subtracting the largest z changes no quotient and keeps every exponential at most 1.
    """
    np.subtract(z, z.max(axis=-1, keepdims=True), out)
    np.exp(out, out)
    sums: FloatArray = out.sum(axis=-1, keepdims=True)
    return sums


def _softmax(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    np.divide(out, write_exponentials(z, out), out)


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("sigmoid", _sigmoid, _sigmoid_slope, limits=(0.0, 1.0), common=True, constants=(GAIN,)),
        Activation("tanh", _tanh, _tanh_slope, limits=(-1.0, 1.0), common=True, constants=(GAIN,)),
        Activation("relu", _relu, _relu_slope, by_z=True, can_die=True, common=True, corners=(0.0,)),
        Activation(
            "leaky_relu", _leaky_relu, _leaky_relu_slope, by_z=True, corners=(0.0,), constants=(NEGATIVE_SLOPE,)
        ),
        Activation("linear", _linear, _linear_slope, is_identity=True, common=True),
        # Most outputs of a softmax are near 0, so only 1 is a limit.
        Activation("softmax", _softmax, _sigmoid_slope, elementwise=False, limits=(1.0,)),
        Activation("softplus", _softplus, _softplus_slope, by_z=True, corners=(SOFTPLUS_THRESHOLD,)),
        Activation("elu", _elu, _elu_slope, by_z=True, corners=(0.0,), constants=(ELU_ALPHA,)),
        Activation("gelu", _gelu, _gelu_slope, by_z=True),
        Activation("silu", _silu, _silu_slope, by_z=True),
        Activation("step", _step, _step_slope, by_z=True, is_flat=True),
        Activation("sine", _sine, _sine_slope, by_z=True, constants=(GAIN,)),
        Activation("bipolar_sigmoid", _bipolar_sigmoid, _bipolar_sigmoid_slope, limits=(-1.0, 1.0), constants=(GAIN,)),
    )
}


def slope_argument(
    activation: Activation, convention: str, z: FloatArray, a: FloatArray, constants: Constants
) -> tuple[FloatArray, FloatArray]:
    """Return the arguments z and a of the slope's formula, each (examples, units), under a slope convention.

    `exact`: z and a themselves.
    `product_of_z`: z for both, so that a formula in a is evaluated at z (Krzeminski's printed cells use v(1 - v) of z).
    A formula in z is not affected: for it, this convention is exact.
    `derivative_of_a`: a and f(a), so that f' is evaluated at a instead of z (the printed code of from-scratch).
    """
    return _SLOPE_ARGUMENTS[convention](activation, z, a, constants)


def _of_both(
    activation: Activation, z: FloatArray, a: FloatArray, constants: Constants
) -> tuple[FloatArray, FloatArray]:
    return z, a


def _of_z_twice(
    activation: Activation, z: FloatArray, a: FloatArray, constants: Constants
) -> tuple[FloatArray, FloatArray]:
    return z, z


def _of_a(activation: Activation, z: FloatArray, a: FloatArray, constants: Constants) -> tuple[FloatArray, FloatArray]:
    twice = np.empty_like(a)
    activation.value(a, twice, constants)
    return a, twice


_SLOPE_ARGUMENTS = {"exact": _of_both, "product_of_z": _of_z_twice, "derivative_of_a": _of_a}


def pull_back(
    activation: Activation,
    argument: tuple[FloatArray, FloatArray],
    dE_da: FloatArray,
    slope: FloatArray,
    delta: FloatArray,
    constants: Constants,
) -> None:
    """Write the slope and delta = dE/dz of a layer, from dE/da and the slope's arguments; all (examples, units)."""
    z, a = argument
    activation.slope(z, a, slope, constants)
    if activation.elementwise:
        np.multiply(dE_da, slope, delta)
    else:
        # Row k of the softmax Jacobian is v_k (delta_kj - v_j), so its product with dE/da is v (g - sum g v).
        np.multiply(dE_da, a, delta)
        shared = delta.sum(axis=-1, keepdims=True)
        np.subtract(dE_da, shared, delta)
        np.multiply(delta, a, delta)
