"""Clipping, regularization and schedules of the learning rate, against PyTorch's rules in plain Python."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from engine.test_against_autodiff import MOVED

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import make_dataset
from nnviz.engine.network import Architecture, Layer, Network, make_network
from nnviz.engine.optimizers import OPTIMIZERS, Rates, UpdateRule, rates_of
from nnviz.engine.passes import run_pass
from nnviz.engine.schedule import RateSchedule
from nnviz.engine.training import Trainer, TrainingSettings

DATA = [(1.5, -0.5), (-2.0, 1.0), (0.5, 2.0)]  # input and target
START = [0.5, -0.25]  # w and b of y = w x + b, whose loss is ½(t - y)²


def line() -> Network:
    return make_network(Architecture(1, (Layer(1, "linear"),), "half_squared"), np.array(START))


def trainer(settings: TrainingSettings, convention: Convention | None = None) -> Trainer:
    dataset = make_dataset([[x] for x, _ in DATA], [[t] for _, t in DATA])
    return Trainer(line(), dataset, settings, convention or Convention())


def sign(value: float) -> float:
    return float((value > 0) - (value < 0))


def used_gradients(parameters: list[float], x: float, t: float, rates: Rates, coupled: bool) -> list[float]:
    """The order of torch: clip_grad_norm_ before the optimizer, which then adds weight decay to each gradient."""
    w, b = parameters
    gradient = [(w * x + b - t) * x, w * x + b - t]
    norm = math.sqrt(sum(g * g for g in gradient))
    scale = min(1.0, rates.clip / (norm + 1e-6)) if rates.clip else 1.0
    decay = (rates.weight_decay or 0.0) if coupled else 0.0
    return [scale * g + decay * p + rates.l1 * sign(p) for g, p in zip(gradient, parameters, strict=True)]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_gets_clipped_and_regularized_gradients(name: str) -> None:
    rates = Rates(0.1, weight_decay=0.3, l1=0.05, clip=1.25)
    learner, gradients, parameters = trainer(TrainingSettings(optimizer=name, rates=rates)), [[], []], START
    for n in range(6):
        used = used_gradients(parameters, *DATA[n % len(DATA)], rates, coupled=name != "adamw")
        gradients = [[*so_far, g] for so_far, g in zip(gradients, used, strict=True)]
        parameters = [MOVED[name](rates, p, own) for p, own in zip(START, gradients, strict=True)]
        learner.update()
        assert learner.parameters.vector == pytest.approx(parameters, rel=1e-12)


def test_only_a_larger_norm_is_scaled_down() -> None:
    norms = {}
    for clip in (0.0, 0.5, 100.0):
        record = trainer(TrainingSettings(rates=Rates(clip=clip))).record_update()
        assert record.gradients.vector == pytest.approx([1.5, 1.0])  # those of the loss, whatever is chosen
        norms[clip] = float(np.linalg.norm(record.used.vector))
    assert norms == {0.0: math.sqrt(3.25), 0.5: pytest.approx(0.5, rel=1e-5), 100.0: math.sqrt(3.25)}


def test_frozen_parameters_have_no_part_in_the_norm_and_do_not_decay() -> None:
    settings = TrainingSettings(rates=Rates(1.0, weight_decay=0.5, clip=0.75))
    record = trainer(settings, Convention(frozen=("biases",))).record_update()
    assert record.updated.vector == pytest.approx([0.5 - (1.5 * 0.75 / (1.5 + 1e-6) + 0.25), -0.25], rel=1e-12)


def test_sequential_updates_clip_layer_by_layer() -> None:
    network = make_network(
        Architecture(1, (Layer(1, "linear"), Layer(1, "linear")), "half_squared"), np.array([2.0, 0.0, 3.0, 0.0])
    )
    rule = UpdateRule(rates=Rates(1.0, clip=0.25))
    x, t = np.ones((1, 1, 1)), np.zeros((1, 1, 1))
    together = run_pass(network, x, t, Convention(), rule)
    alone = run_pass(network, x, t, Convention(update="sequential"), rule)
    assert np.linalg.norm(together.used.vector) == pytest.approx(0.25, rel=1e-5)
    assert [float(np.linalg.norm(alone.used.vector[slot])) for slot in (slice(2), slice(2, 4))] == pytest.approx(
        [0.25, 0.25], rel=1e-5
    )


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (RateSchedule(), [0.8, 0.8, 0.8, 0.8, 0.8]),
        (RateSchedule("step", 0.5, 2.0), [0.8, 0.8, 0.4, 0.4, 0.2]),  # torch: StepLR(step_size=2, gamma=0.5)
        (RateSchedule("exponential", 0.5), [0.8, 0.4, 0.2, 0.1, 0.05]),  # torch: ExponentialLR(gamma=0.5)
        (RateSchedule("inverse", 0.5), [0.8, 0.8 / 1.5, 0.4, 0.8 / 2.5, 0.8 / 3]),
    ],
)
def test_the_rate_of_each_epoch(schedule: RateSchedule, rates: list[float]) -> None:
    settings = TrainingSettings(rates=Rates(0.8), rate_schedule=schedule)
    assert [settings.rule(epoch).rates.learning_rate for epoch in range(5)] == pytest.approx(rates, rel=1e-15)
    learner = trainer(settings)
    seen = [learner.record_update().rule.rates.learning_rate for _ in range(5 * len(DATA))]
    assert seen[:: len(DATA)] == pytest.approx(rates, rel=1e-15)
    assert seen[len(DATA) - 1] == seen[0]  # the same to the end of the epoch


def test_a_run_continues_with_the_rate_of_its_epoch() -> None:
    schedule = RateSchedule("exponential", 0.9)
    settings = TrainingSettings(rates=Rates(0.1, weight_decay=0.01), rate_schedule=schedule)
    whole, restored = trainer(settings), trainer(settings)
    for _ in range(7):
        whole.update()
    restored.restore(whole.checkpoint())
    for learner in (whole, restored):
        for _ in range(5):
            learner.update()
    assert np.array_equal(whole.parameters.vector, restored.parameters.vector)
    constant = trainer(replace(settings, rate_schedule=RateSchedule()))
    for _ in range(12):
        constant.update()
    assert not np.array_equal(whole.parameters.vector, constant.parameters.vector)


def test_a_growing_rate_beyond_all_numbers_is_infinite() -> None:
    assert RateSchedule("exponential", 10.0).rate(1.0, 1_000_000) == math.inf


def test_numbers_that_are_a_rules_own_are_left_to_it() -> None:
    assert rates_of("adagrad", 0.5, {"eps": 1e-10, "clip": 0.0}) == Rates(0.5)
    assert rates_of("adam", 0.5, {"eps": 1e-10, "clip": 2.0}) == Rates(0.5, eps=1e-10, clip=2.0)
    assert rates_of("adamw", 0.5, {"weight_decay": 0.0}) == Rates(0.5, weight_decay=0.0)
