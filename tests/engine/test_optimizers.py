"""The update rules by hand, on the numbers that a learner would take."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.engine.arrays import FloatArray
from nnviz.engine.optimizers import OPTIMIZERS, Rates


def change(name: str, gradient: list[float], memory: list[FloatArray], rates: Rates, count: int = 1) -> list[float]:
    given, out = np.array(gradient), np.full(len(gradient), np.nan)
    OPTIMIZERS[name].change(np.zeros_like(given), given, memory, rates, count, out)
    assert given.tolist() == gradient  # the gradient itself is left as it is
    return out.tolist()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_row_has_its_name_and_names_its_memory_and_constants(name: str):
    row = OPTIMIZERS[name]
    assert row.name == name
    assert len(set(row.memory)) == len(row.memory)
    assert set(row.unsigned) <= set(row.memory)
    defaults = Rates()
    assert all(hasattr(defaults, constant.name) for constant in row.constants)


def test_one_rule_is_plain():
    assert [name for name, row in OPTIMIZERS.items() if row.plain] == ["sgd"]
    assert OPTIMIZERS["sgd"].memory == ()


def test_defaults_are_those_of_torch():
    wanted = {"momentum": 0.9, "dampening": 0.0, "alpha": 0.99, "eps": 1e-8, "beta1": 0.9, "beta2": 0.999}
    wanted |= {"weight_decay": 0.0, "l1": 0.0, "clip": 0.0}
    own = {("adagrad", "eps"): 1e-10, ("adamw", "weight_decay"): 0.01}
    for name, row in OPTIMIZERS.items():
        for constant in row.all_constants:
            assert Rates().constant(constant) == own.get((name, constant.name), wanted[constant.name])


def test_sgd():
    assert change("sgd", [2.0, -4.0], [], Rates(0.5)) == [1.0, -2.0]


def test_momentum():
    # v = 0.5 * 8 + 2 = 6; change 0.25 * 6
    memory = [np.array([8.0])]
    assert change("momentum", [2.0], memory, Rates(0.25, momentum=0.5)) == [1.5]
    assert memory[0].tolist() == [6.0]


def test_rmsprop():
    # s = 0.75 * 16 + 0.25 * 4^2 = 16; change 0.5 * 4 / (4 + 0)
    memory = [np.array([16.0])]
    assert change("rmsprop", [4.0], memory, Rates(0.5, alpha=0.75, eps=0.0)) == [0.5]
    assert memory[0].tolist() == [16.0]


def test_adam():
    # m = 0.5 * 0 + 0.5 * 6 = 3, s = 0.75 * 0 + 0.25 * 36 = 9; both corrected: 3 / 0.5 = 6, 9 / 0.25 = 36;
    # change 0.5 * 6 / (6 + 0)
    memory = [np.zeros(1), np.zeros(1)]
    assert change("adam", [6.0], memory, Rates(0.5, beta1=0.5, beta2=0.75, eps=0.0)) == [0.5]
    assert [vector.tolist() for vector in memory] == [[3.0], [9.0]]


def test_adam_corrects_less_as_it_goes_on():
    # m = 0.5 * 4 + 0.5 * 4 = 4 and s = 0.75 * 16 + 0.25 * 16 = 16; in update 2 they are divided by 0.75 and 0.4375
    memory = [np.array([4.0]), np.array([16.0])]
    rates = Rates(0.5, beta1=0.5, beta2=0.75, eps=0.0)
    assert change("adam", [4.0], memory, rates, count=2) == pytest.approx([0.5 * (4 / 0.75) / (16 / 0.4375) ** 0.5])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_gradient_and_no_memory_is_no_change(name: str):
    memory = [np.zeros(2) for _ in OPTIMIZERS[name].memory]
    assert change(name, [0.0, 0.0], memory, Rates(0.5)) == [0.0, 0.0]


@pytest.mark.parametrize("name", [name for name, row in OPTIMIZERS.items() if row.stable is not None])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_a_rule_settles_below_its_stable_rate_and_diverges_above_it(name: str, momentum: float) -> None:
    # The loss is ½p², whose curvature is 1 and whose gradient is p.
    rule = OPTIMIZERS[name]
    assert rule.stable is not None
    limit = rule.stable(Rates(momentum=momentum))
    sizes = []
    for rate in (0.98 * limit, 1.02 * limit):
        rates = Rates(learning_rate=rate, momentum=momentum)
        parameters, out, memory = np.ones(1), np.zeros(1), [np.zeros(1) for _ in rule.memory]
        for update in range(1, 2001):
            rule.change(parameters, parameters.copy(), memory, rates, update, out)
            parameters = parameters - out
        sizes.append(abs(float(parameters[0])))
    assert sizes[0] < 1e-6 < 1e6 < sizes[1]
