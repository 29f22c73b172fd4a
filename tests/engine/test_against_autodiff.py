"""The engine's gradients against a scalar automatic differentiation, and its optimizers against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from math import fsum, sqrt

import numpy as np
import pytest
from engine.autodiff import Number, loss_and_gradients, slopes_of
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Problem, problems

from nnviz.engine.conventions import Convention
from nnviz.engine.optimizers import OPTIMIZERS, Rates, UpdateRule
from nnviz.engine.passes import run_pass

# Four updates of three parameters by given gradients, figures of torch 2.13.0 in float64, learning rate 0.1.
START = [0.5, -1.0, 2.0]
GRADIENTS = [[0.3, -0.2, 1.5], [0.1, 0.4, -2.0], [-0.5, 0.0, 0.25], [0.05, -0.3, 0.7]]
TORCH = {
    "sgd": [
        [0.47, -0.98, 1.85],
        [0.45999999999999996, -1.02, 2.0500000000000003],
        [0.51, -1.02, 2.0250000000000004],
        [0.505, -0.99, 1.9550000000000003],
    ],
    "momentum": [
        [0.47, -0.98, 1.85],
        [0.433, -1.002, 1.915],
        [0.4497, -1.0218, 1.9485000000000001],
        [0.45972999999999997, -1.00962, 1.9086500000000002],
    ],
    "rmsprop": [
        [-0.4999996666667773, -4.999997503807307e-07, 1.0000000666666624],
        [-0.8176600347535337, -0.8953232616706838, 1.8014439342519082],
        [0.02978649358868435, -0.8953232616706838, 1.7012652605184932],
        [-0.05507783192458557, -0.33398995164091005, 1.4299280324292147],
    ],
    "adam": [
        [0.4000000033333332, -0.9000000049999998, 1.9000000006666666],
        [0.3128936121571956, -0.9366103565460369, 1.9193510414708577],
        [0.3309310332981612, -0.9649102641979639, 1.9278744003970232],
        [0.3407558886031328, -0.9517565061202757, 1.918985682345626],
    ],
    # These three by PyTorch's documented rules, worked out with 60 decimal digits.
    "nesterov": [
        [0.443, -0.962, 1.715],
        [0.3997, -1.0218, 1.9735],
        [0.46473, -1.03962, 1.97865],
        [0.468757, -0.998658, 1.872785],
    ],
    "adagrad": [
        [0.40000000003333336, -0.90000000005, 1.9000000000066666],
        [0.3683772234416495, -0.9894427191299916, 1.9800000000034668],
        [0.45289264890021547, -0.9894427191299916, 1.9700496281017628],
        [0.44447112969096875, -0.9337341176872208, 1.9432107866503214],
    ],
    "adamw": [
        [0.39950000333333324, -0.8990000049999998, 1.8980000006666666],
        [0.31199411215386164, -0.9347113565410371, 1.9154530414701911],
        [0.3297195391826734, -0.962076552836423, 1.9220609473548862],
        [0.3392146749484623, -0.9479607182058984, 1.911250168356134],
    ],
}


def test_autodiff_on_a_sum_worked_by_hand():
    # f = xy + x at x = 3, y = -2: df/dx = y + 1 = -1, df/dy = x = 3
    x, y = Number(3.0), Number(-2.0)
    slopes = slopes_of(x * y + x)
    assert (slopes[id(x)], slopes[id(y)]) == (-1.0, 3.0)


@settings(max_examples=150)
@given(problems(), st.sampled_from(("sum", "mean")))
def test_gradients_agree(problem: Problem, reduce: str):
    record = run_pass(problem.network, problem.x, problem.t, Convention(), UpdateRule(reduce=reduce))
    vector = problem.network.parameters.vector.tolist()
    loss, gradients = loss_and_gradients(
        problem.network.architecture, vector, *(values.swapaxes(0, 1).tolist() for values in (problem.x, problem.t))
    )
    scale = 1 / problem.x.shape[1] if reduce == "mean" else 1.0
    assert record.loss.sum() == pytest.approx(loss, rel=1e-9, abs=1e-9)
    count = problem.network.architecture.parameter_count
    assert record.gradients.vector == pytest.approx(scale * np.array(gradients[:count]), rel=1e-9, abs=1e-9)
    of_inputs = record.dE_dx.swapaxes(0, 1).reshape(-1)
    assert of_inputs == pytest.approx(np.array(gradients[count:]), rel=1e-9, abs=1e-9)


def moved(name: str, rates: Rates, start: list[float], gradients: list[list[float]]) -> list[list[float]]:
    """The engine's parameters after each of the given gradients."""
    parameters = np.array(start)
    memory = [np.zeros(len(start)) for _ in OPTIMIZERS[name].memory]
    seen = []
    for count, gradient in enumerate(gradients, start=1):
        change = np.empty(len(start))
        OPTIMIZERS[name].change(parameters, np.array(gradient), memory, rates, count, change)
        parameters -= change
        seen.append(parameters.tolist())
    return seen


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_give_the_figures_of_torch(name: str):
    seen = moved(name, Rates(learning_rate=0.1), START, GRADIENTS)
    assert np.array(seen) == pytest.approx(np.array(TORCH[name]), abs=1e-12)


def _adam(rates: Rates, p: float, gradients: list[float], kept: float) -> float:
    first = second = 0.0
    for n, g in enumerate(gradients, start=1):
        p *= kept
        first = rates.beta1 * first + (1 - rates.beta1) * g
        second = rates.beta2 * second + (1 - rates.beta2) * g * g
        p -= rates.learning_rate * first / (1 - rates.beta1**n) / (sqrt(second / (1 - rates.beta2**n)) + 1e-8)
    return p


def _momentum(rates: Rates, p: float, gradients: list[float], ahead: bool) -> float:
    velocity = 0.0
    for n, g in enumerate(gradients):
        gain = 1 - rates.dampening if n and not ahead else 1.0  # torch sets the first velocity to the gradient
        velocity = rates.momentum * velocity + gain * g
        p -= rates.learning_rate * (g + rates.momentum * velocity if ahead else velocity)
    return p


def _adagrad(rates: Rates, p: float, gradients: list[float]) -> float:
    squares = 0.0
    for g in gradients:
        squares += g * g
        p -= rates.learning_rate * g / (sqrt(squares) + 1e-10)
    return p


def _rmsprop(rates: Rates, p: float, gradients: list[float]) -> float:
    square = 0.0
    for g in gradients:
        square = rates.alpha * square + (1 - rates.alpha) * g * g
        p -= rates.learning_rate * g / (sqrt(square) + 1e-8)
    return p


# PyTorch's documented rules, for one parameter in plain floats.
MOVED: dict[str, Callable[[Rates, float, list[float]], float]] = {
    "sgd": lambda rates, p, gradients: p - rates.learning_rate * fsum(gradients),
    "momentum": lambda rates, p, gradients: _momentum(rates, p, gradients, ahead=False),
    "nesterov": lambda rates, p, gradients: _momentum(rates, p, gradients, ahead=True),
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adam": lambda rates, p, gradients: _adam(rates, p, gradients, 1.0),
    "adamw": lambda rates, p, gradients: _adam(
        rates, p, gradients, 1 - rates.learning_rate * (0.01 if rates.weight_decay is None else rates.weight_decay)
    ),
}


@given(
    st.sampled_from(sorted(OPTIMIZERS)),
    st.lists(st.floats(-3, 3).filter(lambda g: g == 0 or abs(g) > 1e-6), min_size=1, max_size=8),
    st.builds(
        Rates,
        learning_rate=st.floats(1e-3, 1),
        momentum=st.floats(0, 0.99),
        dampening=st.sampled_from((0.0, 0.5, 0.9)),
        alpha=st.floats(0.5, 0.999),
        beta1=st.floats(0, 0.95),
        beta2=st.floats(0.5, 0.999),
        weight_decay=st.sampled_from((None, 0.0, 0.1)),
    ),
)
def test_optimizers_follow_their_rules(name: str, gradients: list[float], rates: Rates):
    seen = moved(name, rates, [0.25], [[g] for g in gradients])
    assert seen[-1][0] == pytest.approx(MOVED[name](rates, 0.25, gradients), rel=1e-9, abs=1e-9)
