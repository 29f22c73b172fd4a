"""Presets of data: what is drawn, that a seed decides it, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.presets.draw import PresetError, Wish, draw_preset
from nnviz.presets.preset_table import PRESETS
from nnviz.resources import read_text

LEAST_OUTPUTS = {name: max(1, row.classes[0] if row.classes[0] > 2 else 1) for name, row in PRESETS.items()}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_its_dimension_and_the_same_bits_again(name: str) -> None:
    row, wish = PRESETS[name], Wish(outputs=LEAST_OUTPUTS[name], noise=0.1, held_out=0.25, seed=3)
    one, other = draw_preset(name, wish), draw_preset(name, wish)
    assert one.held_out is not None
    assert len(one.dataset) + len(one.held_out) == row.points
    assert len(one.held_out) == round(0.25 * row.points)
    assert one.dataset.inputs.shape[-1] == row.inputs
    assert one.dataset.inputs.tobytes() == other.dataset.inputs.tobytes()
    assert one.dataset.targets.tobytes() == other.dataset.targets.tobytes()
    assert row.sentence.endswith(".")


@pytest.mark.parametrize(("name", "answers"), [("xor", [0, 1, 1, 0]), ("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1])])
def test_truth_tables(name: str, answers: list[int]) -> None:
    data = draw_preset(name, Wish()).dataset
    assert data.inputs[0].tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]
    assert data.targets[0, :, 0].tolist() == answers


def test_the_disc_is_inside_the_ring_and_arms_of_a_spiral_do_not_cross() -> None:
    data = draw_preset("circle", Wish(points=300)).dataset
    radius, inner = np.hypot(*data.inputs[0].T), data.targets[0, :, 0] == 1.0
    assert radius[inner].max() <= 0.5
    assert 0.7 <= radius[~inner].min() <= radius[~inner].max() <= 1.0
    arms = draw_preset("spiral", Wish(points=300, outputs=3)).dataset
    assert arms.targets[0].sum(axis=0).tolist() == [100.0, 100.0, 100.0]
    first, second = (arms.inputs[0][arms.targets[0][:, arm] == 1.0] for arm in (0, 1))
    apart = np.linalg.norm(first[:, None] - second[None], axis=2)
    outer = np.linalg.norm(first, axis=1) > 0.3
    assert apart[outer].min() > 0.1


def test_moons_are_those_of_scikit_learn() -> None:
    """make_moons(n_samples=6, shuffle=False): three points of the upper moon, then three of the lower one."""
    data = draw_preset("moons", Wish(points=6)).dataset
    upper = data.inputs[0][data.targets[0, :, 0] == 0.0]
    lower = data.inputs[0][data.targets[0, :, 0] == 1.0]
    np.testing.assert_allclose(upper, [[1, 0], [0, 1], [-1, 0]], atol=1e-15)
    np.testing.assert_allclose(lower, [[0, 0.5], [1, -0.5], [2, 0.5]], atol=1e-15)


def test_curves_have_noise_on_their_targets_alone() -> None:
    plain, noisy = (draw_preset("sine", Wish(points=5, noise=noise)).dataset for noise in (0.0, 0.1))
    assert plain.inputs[0, :, 0].tolist() == noisy.inputs[0, :, 0].tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    np.testing.assert_allclose(plain.targets[0, :, 0], [0, -1, 0, 1, 0], atol=1e-15)
    assert 0.0 < np.abs(noisy.targets - plain.targets).max() < 0.5


def test_stored_data_are_those_of_their_sources() -> None:
    iris = draw_preset("iris", Wish(outputs=3)).dataset
    assert iris.inputs[0].mean(axis=0).round(3).tolist() == [5.843, 3.057, 3.758, 1.199]
    digits = draw_preset("digits", Wish(outputs=10)).dataset
    assert digits.targets[0].sum(axis=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (digits.inputs.min(), digits.inputs.max()) == (0.0, 1.0)
    told = read_text("data", "README.md")
    assert "CC BY 4.0" in told
    assert "Public domain" in told
    assert all(PRESETS[name].licence for name in ("iris", "digits"))


def test_targets_fit_a_loss_of_two_signs() -> None:
    assert set(draw_preset("xor", Wish(low=-1.0)).dataset.targets.ravel()) == {-1.0, 1.0}
    assert set(draw_preset("xor", Wish(low=-1.0, outputs=2)).dataset.targets.ravel()) == {-1.0, 1.0}


@pytest.mark.parametrize(
    ("name", "wish", "key", "message"),
    [
        ("sine", Wish(outputs=2), "generator", "sine is a curve, for 1 output, but the network has 2"),
        ("xor", Wish(outputs=3), "generator", "xor has 2 classes, an output for each, or 1 output for two classes"),
        ("iris", Wish(outputs=1), "generator", "iris has 3 classes, an output for each; the network has 1"),
        ("iris", Wish(outputs=3, points=151), "points", "iris has 150 examples, not 151"),
        ("xor", Wish(points=1, held_out=0.5), "held_out", "0.5 of 1 examples leave none to train on"),
    ],
)
def test_what_a_preset_cannot_give_is_refused(name: str, wish: Wish, key: str, message: str) -> None:
    with pytest.raises(PresetError, match=message) as caught:
        draw_preset(name, wish)
    assert caught.value.key == key
