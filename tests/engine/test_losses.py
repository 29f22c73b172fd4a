"""Each loss by hand, each derivative by finite differences, and both at outputs that have saturated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES, is_fused

Y, T = [[0.25, 0.5]], [[1.0, 0.0]]


def terms(name: str, y: object, t: object) -> FloatArray:
    out = np.full(np.shape(y), np.nan)
    LOSSES[name].terms(np.array(y, dtype=float), np.array(t, dtype=float), out)
    return out


def gradient(name: str, y: object, t: object) -> FloatArray:
    out = np.full(np.shape(y), np.nan)
    LOSSES[name].gradient(np.array(y, dtype=float), np.array(t, dtype=float), out)
    return out


def fused_terms(name: str, z: object, t: object) -> FloatArray:
    kernel, out = LOSSES[name].fused_terms, np.full(np.shape(z), np.nan)
    assert kernel is not None
    kernel(np.array(z, dtype=float), np.array(t, dtype=float), out)
    return out


def test_the_table_names_them_all():
    assert {"half_squared", "squared", "mean_squared", "cross_entropy", "binary_cross_entropy"} <= set(LOSSES)
    assert all(LOSSES[name].name == name for name in LOSSES)
    assert all(loss.fused in ("", *ACTIVATIONS) for loss in LOSSES.values())
    assert all(bool(loss.fused) == (loss.fused_terms is not None) for loss in LOSSES.values())
    assert all(bool(loss.fused) == (loss.fused_delta is not None) for loss in LOSSES.values())


@pytest.mark.parametrize(
    ("name", "errors", "slopes"),
    [
        # y - t = -3/4, 1/2
        ("half_squared", [0.28125, 0.125], [-0.75, 0.5]),
        ("squared", [0.5625, 0.25], [-1.5, 1.0]),
        ("mean_squared", [0.28125, 0.125], [-0.75, 0.5]),  # halved, since there are two outputs
        ("cross_entropy", [math.log(4), 0], [-4, 0]),
        ("binary_cross_entropy", [math.log(4), math.log(2)], [-4, 2]),
        ("mean_binary_cross_entropy", [math.log(2), math.log(2) / 2], [-2, 1]),
        ("absolute", [0.75, 0.5], [-1, 1]),
        ("mean_absolute", [0.375, 0.25], [-0.5, 0.5]),
        ("hinge", [0.75, 1.0], [-1, 0]),
    ],
)
def test_by_hand(name: str, errors: list[float], slopes: list[float]):
    assert terms(name, Y, T) == pytest.approx(np.array([errors]))
    assert gradient(name, Y, T) == pytest.approx(np.array([slopes]))


probability = st.floats(0.01, 0.99)


@pytest.mark.parametrize("name", LOSSES)
@given(y=st.lists(probability, min_size=3, max_size=3), t=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_gradients_by_finite_differences(name: str, y: list[float], t: list[float]):
    h = 1e-6
    for output in range(3):
        bump = h * (np.arange(3) == output)
        rise = (terms(name, [y + bump], [t]).sum() - terms(name, [y - bump], [t]).sum()) / (2 * h)
        assert gradient(name, [y], [t])[0, output] == pytest.approx(rise, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
@given(z=st.lists(st.floats(-8, 8), min_size=2, max_size=4), seed=st.integers(0, 1000))
def test_from_z_or_from_y_is_the_same(name: str, z: list[float], seed: int):
    t = np.random.default_rng(seed).random((1, len(z)))
    y = np.empty((1, len(z)))
    ACTIVATIONS[LOSSES[name].fused].value(np.array([z]), y, ())
    assert fused_terms(name, [z], t) == pytest.approx(terms(name, y, t), abs=1e-9)
    delta, h = np.empty_like(y), 1e-5
    kernel = LOSSES[name].fused_delta
    assert kernel is not None
    kernel(y, t, delta)
    for unit in range(len(z)):
        bump = h * (np.arange(len(z)) == unit)
        rise = (fused_terms(name, [z + bump], t).sum() - fused_terms(name, [z - bump], t).sum()) / (2 * h)
        assert delta[0, unit] == pytest.approx(rise, abs=1e-7)


def test_saturated_outputs_keep_a_finite_error():
    # ln y of a class 2000 behind is -2000; its y has long been rounded to 0.
    assert fused_terms("cross_entropy", [[1000, -1000]], [[0, 1]]).tolist() == [[0, 2000]]
    assert fused_terms("cross_entropy", [[1000, -1000]], [[1, 0]]).tolist() == [[0, 0]]
    assert fused_terms("binary_cross_entropy", [[1000, -1000]], [[0, 1]]).tolist() == [[1000, 1000]]
    assert fused_terms("binary_cross_entropy", [[1000, -1000]], [[1, 0]]).tolist() == [[0, 0]]


def test_a_class_that_is_not_meant_costs_nothing_even_at_zero():
    assert terms("cross_entropy", [[1, 0]], [[1, 0]]).tolist() == [[0, 0]]
    assert gradient("cross_entropy", [[1, 0]], [[1, 0]]).tolist() == [[-1, 0]]
    assert terms("binary_cross_entropy", [[1, 0]], [[1, 0]]).tolist() == [[0, 0]]
    assert gradient("binary_cross_entropy", [[1, 0]], [[1, 0]]).tolist() == [[-1, 1]]


def test_which_pairs_are_fused():
    fused = {(loss, name) for loss in LOSSES for name in ACTIVATIONS if is_fused(loss, name, "exact")}
    assert fused == {("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")}
    assert not any(is_fused("cross_entropy", "softmax", slope) for slope in CHOICES["slope"] if slope != "exact")


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("name", LOSSES)
def test_kernels_write_into_out_and_nowhere_else(name: str, layout: str):
    y = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]], order=layout)  # type: ignore[call-overload]
    t = np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])
    copies = y.copy(), t.copy()
    for kernel in (LOSSES[name].terms, LOSSES[name].gradient):
        out = np.full_like(y, np.nan)
        assert kernel(y, t, out) is None
        assert np.isfinite(out).all()
    assert (y == copies[0]).all()
    assert (t == copies[1]).all()
