"""The loss curve as data: thinning keeps its shape, axes hold it, labels are short."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load
from nnviz.present.runs.curve import (
    LossRun,
    accuracy_text,
    cut_run,
    empty_run,
    epoch_end,
    extend_run,
    grouped,
    loss_text,
    mean_loss,
    thin_curve,
)
from nnviz.present.runs.curve_axis import drawn_losses, loss_axis
from nnviz.present.runs.measures import measure_axis, measure_text, measured


def run_of(*losses: float) -> LossRun:
    return LossRun("run", 0, np.arange(1, len(losses) + 1), np.array(losses))


def tick_texts(*losses: float, log: bool = True) -> list[str]:
    return [tick.text for tick in loss_axis(np.array(losses), log).ticks]


@given(st.integers(1, 3000), st.integers(4, 300), st.integers(0, 2**32 - 1))
def test_thinning_keeps_ends_and_extremes(count: int, most: int, seed: int):
    generator = np.random.default_rng(seed)
    epochs = np.cumsum(generator.integers(1, 50, count))
    losses = generator.normal(size=count)
    thin_epochs, thin_losses = thin_curve(epochs, losses, most)
    assert len(thin_epochs) <= most
    assert (np.diff(thin_epochs) > 0).all()
    assert {epochs[0], epochs[-1]} <= set(thin_epochs)
    assert {losses.min(), losses.max()} <= set(thin_losses)
    assert (losses[np.searchsorted(epochs, thin_epochs)] == thin_losses).all()


def test_a_single_spike_is_never_lost():
    losses = np.full(10_000, 0.1)
    losses[6_123] = 5.0
    epochs, thin = thin_curve(np.arange(10_000), losses, 100)
    assert thin[np.flatnonzero(epochs == 6_123)] == [5.0]


def test_a_gap_stays_a_gap():
    losses = np.ones(1000)
    losses[400:600] = np.nan
    _, thin = thin_curve(np.arange(1000), losses, 50)
    assert np.isnan(thin).any()


def test_few_points_are_left_alone():
    epochs, losses = np.arange(5), np.arange(5.0)
    assert thin_curve(epochs, losses, 5)[1] is losses


def test_a_growing_run_stays_small_and_rises():
    run = empty_run("run")
    for start in range(0, 100_000, 1000):
        epochs = np.arange(start + 1, start + 1001)
        run = extend_run(run, epochs, 1.0 / epochs, most=4000)
    assert len(run.epochs) <= 4000
    assert run.last_epoch == 100_000
    assert (np.diff(run.epochs) > 0).all()
    assert run.losses[0] == 1.0
    assert cut_run(run, 50_000).last_epoch <= 50_000
    assert extend_run(run, np.zeros(0, dtype=np.int64), np.zeros(0)) is run


def test_ticks_of_a_log_axis_are_powers_of_ten():
    assert tick_texts(0.7, 0.0021) == ["10⁻³", "10⁻²", "10⁻¹", "10⁰"]
    assert tick_texts(3.0, 1e-12)[-1].startswith("10")
    assert len(tick_texts(3.0, 1e-12)) <= 6


def test_ticks_within_a_decade_are_plain_numbers():
    assert tick_texts(0.13, 0.09) == ["0.05", "0.1", "0.2"]


def test_ticks_of_a_linear_axis_start_at_zero():
    assert tick_texts(0.13, 0.09, log=False) == ["0", "0.05", "0.10", "0.15"]


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=20), st.booleans())
def test_the_axis_holds_every_loss(losses: list[float], log: bool):
    axis = loss_axis(np.array(losses), log)
    drawn = drawn_losses(np.array(losses), axis)
    slack = 1e-9 * (axis.high - axis.low)
    assert (drawn >= axis.low - slack).all()
    assert (drawn <= axis.high + slack).all()
    assert axis.low < axis.high
    assert len(axis.ticks) >= 2


def test_what_a_log_axis_cannot_show_is_a_gap_and_zero_is_at_its_foot():
    losses = np.array([0.1, 0.0, -1.0, np.nan, np.inf, 0.001])
    axis = loss_axis(np.array(losses), log=True)
    drawn = drawn_losses(losses, axis)
    assert drawn[1] == axis.low
    assert np.isnan(drawn[2:5]).all()
    assert drawn[0] == -1.0
    assert np.isnan(drawn_losses(losses, loss_axis(np.array(losses), log=False))[3:5]).all()


@pytest.mark.parametrize("log", [True, False])
def test_an_axis_without_losses_is_still_one(log: bool):
    for losses in ([], [np.nan], [0.0]):
        axis = loss_axis(np.array(losses), log)
        assert axis.low < axis.high


def test_the_axis_of_epochs_rests_while_a_run_grows():
    assert epoch_end(()) == 10
    assert [epoch_end((run_of(*np.ones(n)),)) for n in (10, 11, 20, 21, 50, 51)] == [10, 20, 20, 50, 50, 100]
    assert epoch_end((run_of(1.0),), marker=300) == 500


def test_texts():
    assert grouped(4812).replace("\N{NARROW NO-BREAK SPACE}", " ") == "4 812"
    assert loss_text(None) == accuracy_text(None, 4) == "—"
    assert loss_text(0.00413) == "0.00413"
    assert loss_text(0.0000312) == "3.12×10⁻⁵"
    assert loss_text(float("nan")) == "nan"
    assert accuracy_text(0.75, 4) == "3 / 4"
    assert accuracy_text(0.9812, 300).replace("\N{NARROW NO-BREAK SPACE}", " ") == "98.1 %"


def test_the_mean_loss_is_the_trainers():
    lesson = load("krzeminski-batch")
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    assert mean_loss(lesson.network, lesson.dataset) == pytest.approx(trainer.run_epoch(), rel=1e-14)


@given(
    st.lists(st.floats(), min_size=1, max_size=6),
    st.sampled_from(["loss", "reward"]),
    st.booleans(),
    st.integers(1, 6),
    st.integers(1, 10**6),
)
def test_any_numbers_have_an_axis_and_finite_places_on_it(losses, measure, log, most, examples):
    run = replace(LossRun("", 0, np.arange(1, len(losses) + 1), np.array(losses)), examples=examples)
    axis = measure_axis((run,), measure, log, most)
    assert np.isfinite([axis.low, axis.high, *(tick.at for tick in axis.ticks)]).all()
    assert axis.low < axis.high
    _, values = measured(run, measure)
    heights = drawn_losses(values, axis)
    assert np.array_equal(np.isnan(heights), ~np.isfinite(values) | (axis.log & (values < 0.0)))
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        shares = (heights[np.isfinite(heights)] - axis.low) / (axis.high - axis.low)
    assert np.isfinite(shares).all()
    assert max(map(len, (measure_text(measure, value) for value in values))) < 20
