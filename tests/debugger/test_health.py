"""Health: marks that are true of networks made by hand, and rare on the lessons."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.debugger.diagnosis.health import HealthProblem, health
from nnviz.debugger.state.session import choose_checkpoint, start_session
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.optimizers import Rates, UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import lesson_names, load

XOR = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
ANSWERS = np.array([[0.0], [1.0], [1.0], [0.0]])


def passed(
    layers: tuple[Layer, ...], vector: list[float], targets: object = ANSWERS, rate: float = 0.1
) -> tuple[PassRecord, Dataset]:
    """The first example's pass through a network of two inputs, and the four examples of XOR."""
    dataset = Dataset(XOR[None], np.asarray(targets, dtype=float)[None])
    network = make_network(Architecture(2, layers, "half_squared"), np.array(vector))
    rule = UpdateRule("sgd", Rates(learning_rate=rate), "sum")
    return run_pass(network, dataset.inputs[:, :1], dataset.targets[:, :1], Convention(), rule), dataset


def units(record: PassRecord, dataset: Dataset) -> list[tuple[HealthProblem, int, int]]:
    return [(m.problem, m.layer, m.unit) for m in health(record, dataset) if m.unit is not None]


def test_a_relu_that_is_below_zero_for_every_example_is_dead():
    # h1 = relu(x1 + x2 - 3) is off for all four; h2 = relu(x1 + x2 - 1.5) is on for (1, 1).
    layers = (Layer(2, "relu"), Layer(1, "sigmoid"))
    record, dataset = passed(layers, [1, 1, 1, 1, -3, -1.5, 1, 1, 0])
    assert units(record, dataset) == [(HealthProblem.DEAD, 0, 0)]
    assert health(record, dataset)[0].examples == 4


def test_a_sigmoid_at_one_limit_for_every_example_is_saturated():
    # h1 = sigmoid(10) for all; h2 = sigmoid(20 x1 - 10) is at both limits: it tells the examples apart.
    layers = (Layer(2, "sigmoid"), Layer(1, "sigmoid"))
    record, dataset = passed(layers, [0, 20, 0, 0, 10, -10, 1, 1, 0])
    (mark,) = [mark for mark in health(record, dataset) if mark.unit is not None]
    assert (mark.problem, mark.layer, mark.unit, mark.limit, mark.share) == (HealthProblem.SATURATED, 0, 0, 1.0, 1.0)


def test_a_tanh_saturates_at_minus_one():
    layers = (Layer(1, "tanh"), Layer(1, "sigmoid"))
    record, dataset = passed(layers, [0, 0, -5, 1, 0])
    assert [(mark.limit, mark.unit) for mark in health(record, dataset) if mark.unit is not None] == [(-1.0, 0)]


@pytest.mark.parametrize(("bias", "count"), [(9.0, 1), (2.0, 0)])
def test_an_output_is_saturated_only_where_it_is_wrong(bias: float, count: int):
    layers = (Layer(1, "sigmoid"),)
    record, dataset = passed(layers, [0, 0, bias])
    assert len(units(record, dataset)) == count  # wrong for two of four examples
    record, dataset = passed(layers, [0, 0, bias], np.ones((4, 1)))
    assert units(record, dataset) == []


def test_the_output_of_a_softmax_that_takes_all_is_saturated():
    targets = np.eye(2)[[0, 1, 1, 0]]
    record, dataset = passed((Layer(2, "softmax"),), [0, 0, 0, 0, 9, 0], targets)
    assert units(record, dataset) == [(HealthProblem.SATURATED, 0, 0)]


def test_flat_slopes_make_gradients_vanish():
    # Three sigmoid layers of one unit with weights 0.01: each passes back 0.01 * 0.25 of the error.
    layers = (Layer(1, "sigmoid"), Layer(1, "sigmoid"), Layer(1, "sigmoid"))
    record, dataset = passed(layers, [0.001, 0.001, 0, 0.001, 0, 0.001, 0])
    found = [mark for mark in health(record, dataset) if mark.problem is HealthProblem.VANISHING]
    assert [mark.layer for mark in found] == [1, 0]
    # a(1 - a) is 0.25 near a = 0.5, times the weight of 0.001
    assert found[0].ratio == pytest.approx(0.00025, rel=0.01)


def test_large_weights_make_gradients_explode():
    layers = (Layer(1, "linear"), Layer(1, "linear"))
    record, dataset = passed(layers, [1, 1, 0, 2000, 1], np.ones((4, 1)) * 5.0)
    assert [(m.problem, m.layer, m.between, m.ratio) for m in health(record, dataset)][-1] == (
        HealthProblem.EXPLODING,
        0,
        "layers",
        2000.0,
    )


def test_a_recurrent_layer_explodes_through_time():
    # The loop's weight is 40; over three time steps the error term grows by 40 each: 1, 40, 1600.
    architecture = Architecture(1, (Layer(1, "linear", True), Layer(1, "linear")), "half_squared")
    network = make_network(architecture, np.array([0.0, 0.0, 40.0, 0.0, 1.0, 0.0]))
    x, t = np.ones((3, 4, 1)), np.zeros((3, 4, 1))
    t[2] = 1.0  # only the last output is wrong
    record = run_pass(network, x, t, Convention(), UpdateRule("sgd", Rates(learning_rate=0.1), "sum"))
    found = [mark for mark in health(record, Dataset(x, t)) if mark.between == "times"]
    assert [(mark.problem, mark.layer, mark.ratio) for mark in found] == [(HealthProblem.EXPLODING, 0, 1600.0)]


def test_updates_that_run_away_or_stand_still():
    layers = (Layer(1, "linear"),)
    dataset = Dataset(np.ones((1, 4, 2)), np.zeros((1, 4, 1)))
    for rate, ailment in ((100.0, HealthProblem.EXPLODING), (1e-9, HealthProblem.STUCK), (0.1, None)):
        rule = UpdateRule("sgd", Rates(learning_rate=rate), "sum")
        network = make_network(Architecture(2, layers, "half_squared"), np.array([1.0, 1.0, 0.0]))
        record = run_pass(network, dataset.inputs[:, :1], dataset.targets[:, :1], Convention(), rule)
        assert [mark.problem for mark in health(record, dataset)] == ([] if ailment is None else [ailment])
        frozen = run_pass(network, dataset.inputs[:, :1], dataset.targets[:, :1], Convention(frozen=("W1",)), rule)
        assert health(frozen, dataset) == ()


def test_a_pass_that_is_not_finite_has_no_marks_of_layers():
    layers = (Layer(1, "sigmoid"), Layer(1, "sigmoid"))
    record, dataset = passed(layers, [np.nan, 1, 0, 1, 0])
    assert [mark for mark in health(record, dataset) if mark.unit is None] == []


@pytest.mark.parametrize("name", [name for name in lesson_names() if name != "graph-20-50-10"])
def test_the_lessons_are_healthy(name: str):
    session = start_session(load(name))
    assert health(session.record, session.lesson.dataset) == ()
    lesson = session.lesson
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    while trainer.epoch < min(lesson.training.epochs, 300):
        trainer.run_epoch()
    trained = choose_checkpoint(session, trainer.checkpoint())
    assert health(trained.record, lesson.dataset) == ()


def test_graph_20_50_10_begins_with_outputs_at_the_wrong_limit():
    """Its weights are standard normal: a sum of fifty has a spread of seven, far out on a tanh."""
    session = start_session(load("graph-20-50-10"))
    marks = health(session.record, session.lesson.dataset)
    assert {(mark.problem, mark.layer) for mark in marks} == {(HealthProblem.SATURATED, 1)}
    assert all(mark.share >= 0.5 for mark in marks)
