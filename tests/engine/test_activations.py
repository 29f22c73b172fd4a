"""Each activation against its definition, each slope against finite differences, and neither overflows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine.activations import ACTIVATIONS, Constants, pull_back, slope_argument
from nnviz.engine.arrays import FloatArray, frozen_array

DEFINITIONS: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "linear": lambda z: z,
    "softplus": lambda z: z if z > 20 else math.log1p(math.exp(z)),
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + math.exp(-z)),
    "step": lambda z: float(z >= 0),
    "sine": math.sin,
    "bipolar_sigmoid": lambda z: -math.expm1(-z) / (1 + math.exp(-z)),
}
# Value and slope at some z by PyTorch's definitions, worked out with 60 decimal digits.
FIGURES: dict[str, dict[float, tuple[float, float]]] = {
    "softplus": {
        -3.0: (0.04858735157374206, 0.04742587317756678),
        -0.5: (0.4740769841801067, 0.37754066879814546),
        0.0: (0.6931471805599453, 0.5),
        0.25: (0.8259394198788436, 0.5621765008857981),
        2.0: (2.1269280110429727, 0.8807970779778824),
        25.0: (25.0, 1.0),
    },
    "elu": {
        -3.0: (-0.950212931632136, 0.049787068367863944),
        -0.5: (-0.3934693402873666, 0.6065306597126334),
        0.0: (0.0, 1.0),
        0.25: (0.25, 1.0),
        2.0: (2.0, 1.0),
        25.0: (25.0, 1.0),
    },
    "gelu": {
        -3.0: (-0.0040496940948902835, -0.011945647204183927),
        -0.5: (-0.15426876936299344, 0.13250487534383715),
        0.0: (0.0, 0.5),
        0.25: (0.14967658142073093, 0.695373354883636),
        2.0: (1.9544997361036416, 1.085231801078197),
        25.0: (25.0, 1.0),
    },
    "silu": {
        -3.0: (-0.14227761953270035, -0.08810410601516962),
        -0.5: (-0.18877033439907273, 0.2600388126973482),
        0.0: (0.0, 0.5),
        0.25: (0.14054412522144952, 0.6237100215701977),
        2.0: (1.7615941559557649, 1.0907842487848955),
        25.0: (24.9999999996528, 1.0000000003333107),
    },
}
# Away from the corners at 0, and from 20, where PyTorch's softplus leaps by 2e-9.
numbers = st.floats(-19.9, 19.9).filter(lambda z: abs(z) > 1e-3)


def constants_of(name: str, *given: float) -> Constants:
    """The constants given, or else those of the row, as the kernels take them."""
    return tuple(map(frozen_array, given or (constant.default for constant in ACTIVATIONS[name].constants)))


def value(name: str, z: object, *given: float) -> FloatArray:
    z = np.atleast_2d(np.array(z, dtype=float))
    out = np.full_like(z, np.nan)
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].value(z, out, constants_of(name, *given))
    return out


def slope(name: str, z: object, *given: float) -> FloatArray:
    z = np.atleast_2d(np.array(z, dtype=float))
    out = np.full_like(z, np.nan)
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].slope(z, value(name, z, *given), out, constants_of(name, *given))
    return out


def test_the_table_names_them_all():
    assert set(DEFINITIONS) == {name for name, row in ACTIVATIONS.items() if row.elementwise}
    assert all(ACTIVATIONS[name].name == name for name in ACTIVATIONS)
    assert [name for name in ACTIVATIONS if not ACTIVATIONS[name].elementwise] == ["softmax"]


@pytest.mark.parametrize("name", DEFINITIONS)
@given(z=numbers)
def test_values(name: str, z: float):
    assert value(name, z).item() == pytest.approx(DEFINITIONS[name](z), rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("name", DEFINITIONS)
@given(z=numbers)
def test_slopes_by_finite_differences(name: str, z: float):
    h = 1e-5
    rise = (value(name, z + h) - value(name, z - h)).item() / (2 * h)
    assert slope(name, z).item() == pytest.approx(rise, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", FIGURES)
def test_figures(name: str):
    for z, (wanted, steepness) in FIGURES[name].items():
        assert value(name, z).item() == pytest.approx(wanted, rel=2e-15, abs=2e-15)
        assert slope(name, z).item() == pytest.approx(steepness, rel=2e-15, abs=2e-15)


def test_elu_goes_down_to_minus_its_alpha():
    assert value("elu", [-40, 0, 2], 0.5).tolist() == [[-0.5, 0, 2]]
    assert slope("elu", [-40, 0, 2], 0.5) == pytest.approx(np.array([[0.5 * math.exp(-40), 0.5, 1]]))


def test_corners():
    assert value("relu", [-1, 0, 2]).tolist() == [[0, 0, 2]]
    assert slope("relu", [0, 0, 2]).tolist() == [[0, 0, 1]]
    assert value("leaky_relu", [-1, 0, 2], 0.25).tolist() == [[-0.25, 0, 2]]
    assert slope("leaky_relu", [-1, 0, 2], 0.25).tolist() == [[0.25, 0.25, 1]]


def test_far_out_values_do_not_overflow():
    assert value("sigmoid", [-1000, 1000]).tolist() == [[0, 1]]
    assert value("tanh", [-1000, 1000]).tolist() == [[-1, 1]]
    for name, low in (("softplus", 0), ("elu", -1), ("gelu", 0), ("silu", 0)):
        assert value(name, [-1000, 1000]).tolist() == [[low, 1000]]
        assert slope(name, [-1000, 1000]).tolist() == [[0, 1]]
    assert value("softmax", [[1000, 0, -1000], [-1000, -1000, -1000], [1e308, -1e308, 0]]).tolist() == [
        [1, 0, 0],
        [1 / 3, 1 / 3, 1 / 3],
        [1, 0, 0],
    ]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_is_not_hidden(name: str):
    assert np.isnan(value(name, math.nan)).all()


def test_softmax_of_logarithms_gives_their_shares():
    # e^z = 1, 2, 5 of 8
    assert value("softmax", np.log([1, 2, 5])) == pytest.approx(np.array([[0.125, 0.25, 0.625]]))
    # the diagonal of the Jacobian: y (1 - y)
    assert slope("softmax", np.log([1, 2, 5])) == pytest.approx(np.array([[0.109375, 0.1875, 0.234375]]))


@given(st.lists(numbers, min_size=1, max_size=4), st.integers(0, 1000))
def test_softmax_pulls_back_through_its_whole_jacobian(z: list[float], seed: int):
    dE_da = np.random.default_rng(seed).standard_normal((1, len(z)))
    a, h = value("softmax", z), 1e-5
    delta, diagonal = np.empty_like(a), np.empty_like(a)
    pull_back(ACTIVATIONS["softmax"], (np.array([z]), a), dE_da, diagonal, delta, ())
    for unit in range(len(z)):
        bump = h * (np.arange(len(z)) == unit)
        rise = (dE_da * (value("softmax", z + bump) - value("softmax", z - bump))).sum() / (2 * h)
        assert delta[0, unit] == pytest.approx(rise, abs=1e-8)


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_kernels_write_into_out_and_nowhere_else(name: str, layout: str):
    z = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -3.0]], order=layout)  # type: ignore[call-overload]
    before, out = z.copy(), np.full_like(z, np.nan)
    constants = constants_of(name)
    assert ACTIVATIONS[name].value(z, out, constants) is None
    assert (z == before).all()
    assert np.array_equal(out, value(name, before))
    a, slopes = out.copy(), np.full_like(z, np.nan)
    ACTIVATIONS[name].slope(z, out, slopes, constants)
    assert (z == before).all()
    assert (out == a).all()
    assert np.isfinite(slopes).all()


def test_what_a_slope_is_fed():
    sigmoid, z, a = ACTIVATIONS["sigmoid"], np.array([[2.0]]), np.array([[0.5]])
    exact = slope_argument(sigmoid, "exact", z, a, ())
    assert exact[0] is z
    assert exact[1] is a
    assert all(part is z for part in slope_argument(sigmoid, "product_of_z", z, a, ()))
    point, twice = slope_argument(sigmoid, "derivative_of_a", z, a, ())
    assert point is a
    assert twice.item() == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert a.item() == 0.5


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "sine", "bipolar_sigmoid"])
def test_a_gain_multiplies_the_weighted_sum(name: str):
    for z in (-1.5, 0.0, 0.75):
        assert value(name, z, 2.5).item() == pytest.approx(DEFINITIONS[name](2.5 * z), rel=1e-14, abs=1e-300)
        ends = [DEFINITIONS[name](2.5 * end) for end in (z - 1e-6, z + 1e-6)]
        assert slope(name, z, 2.5).item() == pytest.approx((ends[1] - ends[0]) / 2e-6, abs=1e-8)


def test_the_step_is_1_at_0():
    assert [value("step", z).item() for z in (-1e-300, 0.0, -0.0, 1e-300)] == [0.0, 1.0, 1.0, 1.0]
    assert slope("step", 0.0).item() == 0.0
