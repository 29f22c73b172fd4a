"""Findings on runs and data: each rests on figures, is true of a network made by hand, and can be tried against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.diagnosis.findings import course_of, findings, remedies
from nnviz.debugger.diagnosis.health import HealthProblem, health
from nnviz.debugger.diagnosis.remedies import apply_remedy, balanced, class_of_examples, one_digit
from nnviz.debugger.diagnosis.stability import largest_curvature, largest_rate
from nnviz.debugger.state.session import Session, choose_training, go_to_pass, start_session
from nnviz.engine.datasets import Dataset
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.loader import parse_lesson
from nnviz.present.words.finding_text import finding_text
from nnviz.present.words.health_text import mark_text, no_marks_text

REGRESSION = """format = 1
title = "Linear regression, learning rate too large"
[network]
inputs = 1
loss = "half_squared"
[[network.layers]]
units = 1
activation = "linear"
W = [[0]]
b = [0]
[data]
inputs = [[1], [2], [3], [10]]
targets = [[3], [5], [7], [21]]
[training]
learning_rate = {rate}
update_after = "batch"
reduce = "mean"
optimizer = "{optimizer}"
"""
XOR = """format = 1
title = "XOR"
[network]
inputs = 2
loss = "binary_cross_entropy"
[[network.layers]]
units = 3
activation = "sigmoid"
{hidden}
[[network.layers]]
units = 1
activation = "sigmoid"
{output}
[data]
inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
targets = [[0], [1], [1], [0]]
[training]
learning_rate = 0.1
update_after = "batch"
reduce = "mean"
"""
TIMID = XOR.format(
    hidden="W = [[0.016, -0.006, -0.005], [-0.023, 0.017, -0.008]]\nb = [0, 0, 0]",
    output="W = [[0.015], [-0.021], [-0.003]]\nb = [0]",
)
ALIKE = XOR.format(
    hidden="W = [[0.5, 0.5, 0.2], [0.5, 0.5, -0.7]]\nb = [0, 0, 0.1]", output="W = [[1], [1], [-1]]\nb = [0]"
)
DEEP = """format = 1
title = "Eight sigmoid layers"
[network]
inputs = 2
loss = "binary_cross_entropy"
{layers}
[[network.layers]]
units = 1
activation = "sigmoid"
[network.init]
scheme = "uniform"
seed = 1
[data]
inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
targets = [[0], [1], [1], [0]]
[training]
update_after = "batch"
"""
DEAD = """format = 1
title = "Two examples"
[network]
inputs = 1
loss = "squared"
[[network.layers]]
units = 2
activation = "relu"
W = [[-1, 1]]
b = [0, 0]
[[network.layers]]
units = 1
activation = "linear"
W = [[1], [1]]
b = [0]
[data]
inputs = {inputs}
targets = {targets}
"""


def session_of(text: str, updates: int = 0) -> Session:
    """A session after some updates of its run."""
    session = start_session(parse_lesson(text, "mine.toml"), update=0)
    return go_to_pass(start_session(parse_lesson(text, "mine.toml"), update=updates), updates) if updates else session


def problems(session: Session) -> list[HealthProblem]:
    return [finding.problem for finding in findings(session)]


def test_a_run_that_diverges_is_named_with_the_largest_rate():
    # The Hessian of the mean of ½(w x + b − t)² is the mean of (x, 1)(x, 1)ᵀ: [[28.5, 4], [4, 1]].
    largest = float(np.linalg.eigvalsh(np.array([[28.5, 4.0], [4.0, 1.0]])).max())
    session = session_of(REGRESSION.format(rate=0.1, optimizer="sgd"), 20)
    assert largest_curvature(session.record) == pytest.approx(largest, rel=1e-3)
    (finding,) = findings(session)
    assert finding.problem is HealthProblem.DIVERGING
    low, now, updates, rate, limit = finding.figures
    assert (low, updates, rate) == (pytest.approx(65.5), 20, 0.1)
    assert now > 1e12
    assert limit == pytest.approx(2 / largest, rel=1e-3)
    text = finding_text(session, finding)
    assert "The learning rate is 0.1, above 0.0688, the largest that would not diverge for this batch" in text
    assert "an estimate" in text
    tried = apply_remedy(session, remedies(session)[0])
    assert tried.training.rates.learning_rate == 0.03
    assert (tried.checkpoint.update, tried.checkpoint.parameters.tolist()) == (0, [0.0, 0.0])


def test_another_optimizer_chosen_in_a_diverging_run_has_its_own_memory_at_the_start():
    session = session_of(REGRESSION.format(rate=0.1, optimizer="sgd"), 20)
    for optimizer in OPTIMIZERS:
        chosen = choose_training(session, replace(session.training, optimizer=optimizer))
        assert HealthProblem.DIVERGING in problems(chosen)


@pytest.mark.parametrize(("rate", "diverges"), [(0.068, False), (0.07, True), (0.001, False)])
def test_the_first_update_already_shows_it(rate: float, diverges: bool):
    session = session_of(REGRESSION.format(rate=rate, optimizer="sgd"))
    assert (problems(session) == [HealthProblem.DIVERGING]) == diverges


def test_a_momentum_has_another_limit_and_adam_none():
    plain, heavy, adam = (
        largest_rate(session_of(REGRESSION.format(rate=0.1, optimizer=name)).record)
        for name in ("sgd", "momentum", "adam")
    )
    assert plain is not None
    assert heavy == pytest.approx(1.9 * plain)
    assert adam is None


def test_a_plateau_is_named_and_new_weights_leave_it():
    session = session_of(TIMID, 2000)
    (finding,) = findings(session)
    assert finding.problem is HealthProblem.PLATEAU
    assert "The best constant answer has the loss 0.693" in finding_text(session, finding)
    (remedy,) = remedies(session)
    tried = apply_remedy(session, remedy)
    assert tried.checkpoint.update == 0
    assert float(np.abs(tried.checkpoint.parameters).max()) > 0.1


def test_nothing_is_said_of_a_run_that_has_not_begun_or_that_learns():
    assert problems(session_of(TIMID)) == []
    assert "The run has no update yet" in no_marks_text(session_of(TIMID))
    learned = session_of(REGRESSION.format(rate=0.05, optimizer="sgd"), 400)
    assert problems(learned) == [], "a run that has arrived stands still, too"
    assert "the loss at 9 places of the run" in no_marks_text(learned)


def test_neurons_that_are_copies_are_named():
    for updates in (0, 50):
        session = session_of(ALIKE, updates)
        (finding,) = [each for each in findings(session) if each.problem is HealthProblem.SYMMETRIC]
        assert (finding.layer, finding.units) == (0, (0, 1))
        assert "Neurons 1 and 2 have the same weights in" in finding_text(session, finding)
    tried = apply_remedy(session, remedies(session)[0])
    assert HealthProblem.SYMMETRIC not in problems(tried)


def test_a_gradient_that_vanishes_in_small_steps_is_measured_from_end_to_end():
    layers = '[[network.layers]]\nunits = 4\nactivation = "sigmoid"\n' * 7
    session = session_of(DEEP.format(layers=layers))
    marks = [mark for mark in health(session.record, session.lesson.dataset) if mark.between == "ends"]
    assert [(mark.problem, mark.layer) for mark in marks] == [(HealthProblem.VANISHING, 0)]
    first, last = (float(np.sqrt(np.mean(np.square(session.record.gradients.W[at])))) for at in (0, -1))
    assert marks[0].gradients == (pytest.approx(first), pytest.approx(last))
    assert "The error term of the first layer is" in mark_text(session.record, marks[0])


@pytest.mark.parametrize(
    ("inputs", "targets", "said"),
    [
        ([[1]], [[1]], "for the only example"),
        ([[1], [2]], [[1], [2]], "for any of the 2 examples"),
        ([[1], [2], [3]], [[1], [2], [3]], "for any of the 3 examples"),
    ],
)
def test_a_dead_unit_is_named_on_any_number_of_examples(inputs, targets, said: str):
    session = session_of(DEAD.format(inputs=inputs, targets=targets))
    (mark,) = [each for each in health(session.record, session.lesson.dataset) if each.unit is not None]
    assert (mark.problem, mark.unit, mark.examples) == (HealthProblem.DEAD, 0, len(inputs))
    assert said in mark_text(session.record, mark)


def with_data(session: Session, inputs: object, targets: object) -> Session:
    dataset = Dataset(np.array(inputs, dtype=float)[None], np.array(targets, dtype=float)[None])
    return start_session(replace(session.lesson, dataset=dataset))


def test_inputs_far_from_one_are_named():
    session = session_of(TIMID)
    far = with_data(session, [[2104, 3], [1600, 3], [2400, 3], [1416, 2]], [[0], [1], [1], [0]])
    (finding,) = [each for each in findings(far) if each.problem is HealthProblem.INPUTS]
    assert "Input 1 runs from 1416 to 2400" in finding_text(far, finding)
    (scaled,) = (apply_remedy(far, remedy) for remedy in remedies(far) if remedy.kind == "scale")
    inputs = scaled.lesson.dataset.inputs
    assert (inputs.mean(axis=(0, 1)), inputs.std(axis=(0, 1))) == (pytest.approx([0, 0]), pytest.approx([1, 1]))
    assert scaled.own_lesson.dataset is far.lesson.dataset
    assert len(scaled.edits) == 8
    assert HealthProblem.INPUTS not in problems(scaled)
    near = with_data(session, [[1, 3], [10, -3], [2, 3], [4, 2]], [[0], [1], [1], [0]])
    assert HealthProblem.INPUTS not in problems(near)


@pytest.mark.parametrize(("rare", "named"), [(1, True), (3, False), (5, False)])
def test_rare_classes_are_named(rare: int, named: bool):
    inputs = [[i % 2, i % 3] for i in range(12)]
    session = with_data(session_of(TIMID), inputs, [[float(i < rare)] for i in range(12)])
    found = [each for each in findings(session) if each.problem is HealthProblem.IMBALANCED]
    assert bool(found) == named
    if named:
        assert "Class 0 has 91.7 % of the 12 examples" in finding_text(session, found[0])
        tried = apply_remedy(session, remedies(session)[0])
        assert tried.lesson.dataset.targets.sum() == 6.0
        copies = tried.lesson.dataset.inputs[0, tried.lesson.dataset.targets[0, :, 0] == 1.0]
        assert (copies == inputs[0]).all()
        assert HealthProblem.IMBALANCED not in problems(tried)


def test_a_step_uphill_has_no_largest_rate():
    session = session_of(REGRESSION.format(rate=0.001, optimizer="sgd") + '[convention]\nstep = "uphill"\n', 20)
    (finding,) = findings(session)
    assert finding.problem is HealthProblem.UPHILL
    text = finding_text(session, finding)
    assert "there is no largest rate" in text
    assert "would not diverge" not in text
    (remedy,) = remedies(session)
    tried = apply_remedy(session, remedy)
    assert tried.convention.step == "downhill"
    assert tried.checkpoint.update == 0
    assert problems(tried) == []


def test_balanced_classes_keep_what_fits():
    chosen = balanced(np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 2]))
    assert chosen.tolist() == [0, 1, 2, 3, 7, 9, 9, 7, 8, 9]
    assert class_of_examples(np.array([[[-1.0], [1.0], [1.0]]])).tolist() == [0, 1, 1]
    assert class_of_examples(np.array([[[0.1, 0.9], [0.9, 0.9]]])).tolist() == [-1, -1]
    assert class_of_examples(np.array([[[0.3], [1.0], [0.5]]])).tolist() == [-1, -1, -1]


def test_overfitting_is_seen_where_examples_are_held_out():
    session = session_of(REGRESSION.format(rate=0.05, optimizer="sgd"), 400)
    # Held out: examples of another line, for which the loss is lowest on the way.
    other = Dataset(np.array([[[1.0], [10.0]]]), np.array([[[1.5], [10.0]]]))
    held = replace(session, lesson=replace(session.lesson, held_out=other))
    assert len(course_of(held).held_out) == len(course_of(held).losses)
    (finding,) = findings(held)
    assert finding.problem is HealthProblem.OVERFITTING
    assert "On the examples held out the loss was lowest at update" in finding_text(held, finding)
    assert remedies(held)[0].kind == "decay"
    assert apply_remedy(held, remedies(held)[0]).training.optimizer == "adamw"


@pytest.mark.parametrize("name", lesson_names())
def test_the_lessons_have_no_false_findings(name: str):
    session = start_session(load(name))
    assert [each for each in problems(session) if each not in (HealthProblem.INPUTS, HealthProblem.IMBALANCED)] == []


def test_a_rate_to_try_has_one_digit():
    assert [one_digit(value) for value in (0.0344, 0.3, 1.0, 0.0099, 25.0)] == [0.03, 0.3, 1.0, 0.009, 20.0]
