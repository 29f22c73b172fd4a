"""The gradient check passes where it should, fails where it should, and broken engines are caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from engine_faults import engine_faults
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import Problem, problems, rules

from nnviz.engine import passes, training
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import make_dataset
from nnviz.engine.gradcheck import (
    Difference,
    check_gradients,
    largest_difference,
    parameter_name,
    sample_parameters,
)
from nnviz.engine.network import Architecture, Layer, Network, join_parameters, make_network, view_parameters
from nnviz.engine.optimizers import Rates, UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Trainer, TrainingSettings
from nnviz.engine.workspace import Workspace
from nnviz.tracing.audit import audit
from nnviz.tracing.trace import Trace


@given(problems(), rules())
def test_exact_gradients_pass(problem: Problem, rule: UpdateRule):
    record = run_pass(problem.network, problem.x, problem.t, Convention(), rule)
    assert engine_faults(record) == set()


def test_a_saturated_output_that_sees_its_own_past():
    """Where the output rounds to 1, delta is y - t and the slope times what comes back through time: no inf times 0."""
    architecture = Architecture(1, (Layer(1, "sigmoid", recurrent=True),), "binary_cross_entropy")
    network = make_network(architecture, [40.0, 0.0, 1.0, 0.0])
    x, t = np.array([[[1.0]], [[-0.01]]]), np.array([[[1.0]], [[0.0]]])
    record = run_pass(network, x, t, Convention(), UpdateRule())
    # z1 = 40, a1 = 1 to the last bit but 4e-18; z2 = -0.4 + 1 = 0.6, delta2 = a2 - 0 = 0.645656
    assert record.delta[0][1].item() == pytest.approx(0.6456563, abs=1e-7)
    assert record.delta[0][0].item() == pytest.approx(0.0, abs=1e-15)
    assert engine_faults(record) == set()
    assert audit(Trace(record)) == ()


def two_layers(activation: str = "tanh") -> Network:
    """A 2-2-2 net, whose two layers have the same shape."""
    architecture = Architecture(2, (Layer(2, activation), Layer(2, "sigmoid")), "half_squared")
    return join_parameters(architecture, W=[[[3, 2], [4, 3]], [[5, -1], [-5, 2]]], b=[[-2, -4], [-2, 1]])


X, T = np.array([[[0.3, 0.8], [-0.5, 0.1]]]), np.array([[[0.0, 1.0], [1.0, 0.3]]])


def pass_of(network: Network, **choices: object) -> PassRecord:
    return run_pass(network, X, T, Convention(**choices), UpdateRule(rates=Rates(0.5)))  # type: ignore[arg-type]


def everything(record: PassRecord) -> list[int]:
    return list(record.architecture.existing.tolist())


@pytest.mark.parametrize(
    "choices",
    [{"slope": "product_of_z"}, {"slope": "derivative_of_a"}, {"update": "sequential"}],
    ids=lambda c: next(iter(c.values())),
)
def test_conventions_that_are_not_exact_fail(choices: dict[str, str]):
    record = pass_of(two_layers(), **choices)
    assert not record.convention.is_exact
    assert not largest_difference(check_gradients(record, everything(record))).agrees


def test_the_ascent_of_a_pass_has_exact_gradients():
    record = pass_of(two_layers(), step="uphill", frozen=("b1",), delta="descent")
    assert all(difference.agrees for difference in check_gradients(record, everything(record)))


def test_a_corner_of_relu_is_no_disagreement():
    # z = 1*1 - 1 = 0 exactly: the loss is flat to the left and rises to the right.
    network = join_parameters(Architecture(1, (Layer(1, "relu"),), "half_squared"), W=[[[1]]], b=[[-1]])
    record = run_pass(network, np.array([[[1.0]]]), np.array([[[-1.0]]]), Convention(), UpdateRule())
    differences = check_gradients(record, everything(record))
    assert all(difference.kink and difference.agrees for difference in differences)
    steep = replace(record, gradients=view_parameters(network.architecture, np.array([7.0, 7.0])))
    assert not any(difference.agrees for difference in check_gradients(steep, everything(record)))


def at_a_corner(activation: str, z: float, corner: float, examples: int) -> PassRecord:
    """y = 2 f(w x + b), with x = 1, -1, 2, … and w = 0, so that every z is `z` from the corner, at once for all x."""
    network = join_parameters(
        Architecture(1, (Layer(1, activation), Layer(1, "linear")), "half_squared"),
        W=[[[0.0]], [[2.0]]],
        b=[[corner + z], [0.0]],
    )
    x = np.array([1.0, -1.0, 2.0, -0.5])[None, :examples, None]
    return run_pass(network, x, -x + 2 * corner, Convention(), UpdateRule(reduce="mean"))


# The slope of each at a z of 0, at the corner and below it; above it is 1.
CORNERS = {
    "relu": (0.0, 0.0),
    "leaky_relu": (0.0, 0.01),
    "elu": (0.0, 1.0),
    "softplus": (20.0, 1 / (1 + np.exp(-20.0))),
}


@pytest.mark.parametrize("examples", [1, 2, 4])
@pytest.mark.parametrize("z", [0.0, 1e-9, -1e-9, 3e-6, -3e-6, 1e-4, -1e-4])
@pytest.mark.parametrize("activation", CORNERS)
def test_a_corner_within_the_step_is_no_disagreement(activation: str, z: float, examples: int):
    corner, below = CORNERS[activation]
    record = at_a_corner(activation, z, corner, examples)
    # dE/dw = mean over examples of (y - t) 2 f'(z) x, by hand.
    slope = 1.0 if z > 0.0 else below
    x = [1.0, -1.0, 2.0, -0.5][:examples]
    y = 2.0 * float(record.a[0].ravel()[0])
    by_hand = sum((y - (-each + 2 * corner)) * 2.0 * slope * each for each in x) / examples
    assert record.gradients.vector[0] == pytest.approx(by_hand, rel=1e-4, abs=1e-12)
    found = check_gradients(record, everything(record))
    assert [d for d in found if not d.agrees] == []
    assert not found[2].kink, "the weight behind the corner moves no unit across it"


@pytest.mark.parametrize("activation", CORNERS)
def test_a_wrong_gradient_at_a_corner_is_found(activation: str):
    record = at_a_corner(activation, 0.0, CORNERS[activation][0], 4)
    spoilt = record.gradients.vector + np.array([30.0, 30.0, 0.0, 0.0])
    wrong = replace(record, gradients=view_parameters(record.architecture, spoilt))
    assert [d.parameter for d in check_gradients(wrong, everything(record)) if not d.agrees] == [0, 1]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_corner_behind_a_corner_and_through_time(activation: str):
    """h(t) = f(w x + b + w_h h(t-1)) with w = b = 0: the second layer is at its corner as long as the first one is."""
    layers = (Layer(2, activation, recurrent=True), Layer(2, activation), Layer(1, "linear"))
    network = join_parameters(
        Architecture(1, layers, "half_squared"),
        W=[[[0.0, 0.0]], [[1.0, -1.0], [0.5, 1.0]], [[1.0], [1.0]]],
        b=[[0.0, 0.0], [0.0, 0.0], [0.1]],
        W_h=[[[0.5, 1.0], [-1.0, 0.5]], None, None],
        b_h=[[0.0, 0.0], None, None],
    )
    x = np.array([[[1.0], [-1.0]], [[2.0], [0.5]], [[-1.0], [1.0]]])
    record = run_pass(network, x, 0.5 * x, Convention(), UpdateRule())
    found = check_gradients(record, everything(record))
    assert [d for d in found if not d.agrees] == []
    assert any(d.kink for d in found)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_corners_of_the_table_are_where_a_slope_jumps(name: str):
    row = ACTIVATIONS[name]
    if not row.elementwise:
        return
    constants = tuple(np.array(c.default * 0.5) for c in row.constants)  # with alpha = 1, elu has no corner
    near = np.linspace(-30.0, 30.0, 601)
    below, above = near - 1e-12, near + 1e-12
    slopes = []
    for z in (below, above):
        a, slope = np.empty_like(z), np.empty_like(z)
        row.value(z, a, constants)
        row.slope(z, a, slope, constants)
        slopes.append(slope)
    jumps = near[np.abs(slopes[1] - slopes[0]) > 1e-10]
    assert jumps == pytest.approx(row.corners)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_does_not_agree(wrong: float):
    record = pass_of(two_layers())
    spoilt = record.gradients.vector.copy()
    spoilt[3] = wrong
    record = replace(record, gradients=view_parameters(record.architecture, spoilt))
    assert largest_difference(check_gradients(record, everything(record))).parameter == 3
    assert not largest_difference(check_gradients(record, everything(record))).agrees


@given(problems(most_layers=2), st.integers(0, 100))
def test_one_wrong_gradient_is_found(problem: Problem, choice: int):
    record = run_pass(problem.network, problem.x, problem.t, Convention(), UpdateRule())
    existing = everything(record)
    index = existing[choice % len(existing)]
    vector = record.gradients.vector.copy()
    vector[index] += 0.01 * max(1.0, abs(vector[index]))
    assume(np.isfinite(vector).all())
    record = replace(record, gradients=view_parameters(record.architecture, vector))
    assert [d.parameter for d in check_gradients(record, everything(record)) if not d.agrees] == [index]


def test_a_difference_is_measured_against_the_larger():
    assert Difference(0, 2.0, 1.0, kink=False).error == 0.5
    assert Difference(0, 2.0, 1.0, kink=True).error == 0.0
    assert Difference(0, 1e-9, 0.0, kink=False).error == pytest.approx(1e-5)  # against 1e-4 at least


def test_samples_are_spread_and_named():
    architecture = two_layers().architecture
    assert sample_parameters(architecture, 12) == tuple(range(12))
    sample = sample_parameters(architecture, 5)
    assert len(set(sample)) == 5
    assert list(sample) == sorted(sample)
    assert sample == sample_parameters(architecture, 5)
    names = [parameter_name(architecture, index) for index in range(12)]
    assert names[:7] == ["W1[1,1]", "W1[1,2]", "W1[2,1]", "W1[2,2]", "b1[1]", "b1[2]", "W2[1,1]"]
    with pytest.raises(IndexError):
        parameter_name(architecture, 12)


# Broken engines, each as a patch: the checks must see every one of them.

Patch = Callable[[pytest.MonkeyPatch], None]


def step_bias_once_per_edge(patch: pytest.MonkeyPatch) -> None:
    sound = passes.apply_update

    def broken(plan, memory, count, rule, slots):
        sound(plan, memory, count, rule, slots)
        for W, b, db in zip(plan.parameters.W, plan.parameters.b, plan.work.gradients.b, strict=True):
            b -= (len(W) - 1) * rule.rates.learning_rate * db

    patch.setattr(passes, "apply_update", broken)


def reverse_the_layers_gradients(patch: pytest.MonkeyPatch) -> None:
    sound = passes.backward_calls

    def reverse(first, last):
        first[:], last[:] = last.copy(), first.copy()

    def broken(work, *rest):
        yield from sound(work, *rest)
        yield lambda: reverse(*work.gradients.W)

    patch.setattr(passes, "backward_calls", broken)


def take_the_slope_of_z(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(passes, "slope_argument", lambda activation, convention, z, a, constants: (z, z))


def carry_delta_through_updated_weights(patch: pytest.MonkeyPatch) -> None:
    sound = passes.plan_pass

    def broken(work, parameters, convention, reduce):
        return sound(work, parameters, replace(convention, update="sequential"), reduce)

    patch.setattr(passes, "plan_pass", broken)


def let_before_be_after(patch: pytest.MonkeyPatch) -> None:
    sound = passes.take_record
    patch.setattr(passes, "take_record", lambda work, before, after, *rest: sound(work, after, after, *rest))


def hand_out_the_live_parameters(patch: pytest.MonkeyPatch) -> None:
    sound = passes.take_record

    def broken(work, before, after, *rest):
        return replace(sound(work, before, after, *rest), updated=after)

    patch.setattr(passes, "take_record", broken)


@pytest.mark.parametrize(
    ("fault", "caught_by"),
    [
        (step_bias_once_per_edge, {"audit"}),
        (reverse_the_layers_gradients, {"gradcheck", "audit"}),
        (take_the_slope_of_z, {"gradcheck", "audit"}),
        (carry_delta_through_updated_weights, {"gradcheck", "audit"}),
        (let_before_be_after, {"audit", "gradcheck"}),
        (hand_out_the_live_parameters, {"aliasing"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_broken_engines_are_caught(fault: Patch, caught_by: set[str], monkeypatch: pytest.MonkeyPatch):
    assert engine_faults(pass_of(two_layers())) == set()
    fault(monkeypatch)
    assert engine_faults(pass_of(two_layers())) == caught_by


def test_gradients_that_are_not_cleared_are_caught(monkeypatch: pytest.MonkeyPatch):
    sound = passes.backward_calls
    left_over: list[np.ndarray] = []

    def add_left_over(gradient: np.ndarray) -> None:
        if left_over:
            np.add(gradient, left_over[0], gradient)
        left_over[:] = [gradient.copy()]

    def broken(work: Workspace, *rest: object) -> Iterator[passes.Call]:
        yield from sound(work, *rest)  # type: ignore[arg-type]
        yield partial(add_left_over, work.gradients.vector)

    settings = TrainingSettings(rates=Rates(0.5), update_after="batch")
    trainer = Trainer(two_layers(), make_dataset(X[0], T[0]), settings, Convention())
    assert [engine_faults(trainer.record_update()) for _ in range(2)] == [set(), set()]
    monkeypatch.setattr(passes, "backward_calls", broken)
    trainer = Trainer(two_layers(), make_dataset(X[0], T[0]), settings, Convention())
    assert [engine_faults(trainer.record_update()) for _ in range(2)] == [set(), {"gradcheck", "audit"}]


def test_a_trainer_whose_before_is_after_is_caught(monkeypatch: pytest.MonkeyPatch):
    sound = training.take_record
    monkeypatch.setattr(training, "take_record", lambda work, before, after, *rest: sound(work, after, after, *rest))
    trainer = Trainer(two_layers(), make_dataset(X[0], T[0]), TrainingSettings(), Convention())
    assert "audit" in engine_faults(trainer.record_update())


def test_a_big_network_is_checked_by_a_sample():
    architecture = Architecture(30, (Layer(40, "sigmoid"), Layer(5, "softmax")), "cross_entropy")
    generator = np.random.default_rng(0)
    network = make_network(architecture, generator.standard_normal(architecture.parameter_count) * 0.3)
    x, t = generator.standard_normal((1, 8, 30)), np.eye(5)[generator.integers(0, 5, (1, 8))]
    record = run_pass(network, x, t, Convention(), UpdateRule(reduce="mean"))
    assert largest_difference(check_gradients(record, sample_parameters(architecture, 40))).agrees
