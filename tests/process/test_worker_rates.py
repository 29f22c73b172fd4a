"""The share of examples classified right, epoch by epoch, as the training process measures it beside its training."""

import numpy as np
import pytest

from nnviz.engine.training import Trainer, accuracy, predict, start_checkpoint
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.process import worker_run
from nnviz.process.messages import Start
from nnviz.process.worker_run import RATED_AT_FIRST, WorkerRun


def run_of(lesson: Lesson, epochs: int) -> WorkerRun:
    start = Start(
        run=1,
        architecture=lesson.network.architecture,
        checkpoint=start_checkpoint(lesson.network, lesson.training),
        dataset=lesson.dataset,
        settings=lesson.training,
        convention=lesson.convention,
        epochs=epochs,
        held_out=lesson.held_out,
    )
    return WorkerRun(start)


@pytest.mark.parametrize("name", ["krzeminski-sgd", "softmax"])
@pytest.mark.parametrize("quick", [float("inf"), 0.0])  # however fast the machine is: measuring is quick, or is not
def test_each_rate_is_that_of_the_weights_at_the_end_of_its_epoch(
    name: str, quick: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_run, "QUICK_SECONDS", quick)
    lesson = load(name)
    run = run_of(lesson, 300)
    while run.state == "running":
        run.train(0.005)
    snapshot = run.snapshot()
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    expected = [accuracy(trainer.network(), lesson.dataset)]
    for _ in range(300):
        trainer.run_epoch()
        expected.append(accuracy(trainer.network(), lesson.dataset))
    assert snapshot.accuracy_epochs[0] == 0
    if quick:
        assert snapshot.accuracy_epochs[: RATED_AT_FIRST + 1].tolist() == list(range(RATED_AT_FIRST + 1))
    assert (np.diff(snapshot.accuracy_epochs) > 0).all()
    assert snapshot.accuracies.tolist() == [expected[epoch] for epoch in snapshot.accuracy_epochs]
    assert len(run.snapshot().accuracy_epochs) == 0, "each rate is told once"


def test_targets_that_are_no_classes_have_no_rate() -> None:
    lesson = load("krzeminski-sgd", ["data.targets=[[0.1],[0.5],[0.7],[0.9]]"])
    run = run_of(lesson, 50)
    while run.state == "running":
        run.train(0.005)
    assert len(run.snapshot().accuracy_epochs) == 0


def test_examples_held_out_are_measured_at_the_ends_of_epochs_and_where_the_run_rests() -> None:
    lesson = load(
        "krzeminski-sgd", ["data.held_out_inputs=[[0,1],[1,1],[0.5,0.2]]", "data.held_out_targets=[[1],[0],[1]]"]
    )
    run = run_of(lesson, 41)
    while run.state == "running":
        run.train(0.005)
    run.measure_accuracy()
    snapshot = run.snapshot()
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    losses, shares = [], []
    for epoch in range(42):
        if epoch:
            trainer.run_epoch()
        outputs = predict(trainer.network(), lesson.held_out.inputs)[0, :, 0]
        wanted = np.array([1.0, 0.0, 1.0])
        losses.append(0.5 * np.mean((outputs - wanted) ** 2))
        shares.append(np.mean((outputs > 0.5) == (wanted > 0.5)))
    assert snapshot.held_epochs[0] == 0
    assert snapshot.held_epochs[-1] == 41
    assert snapshot.held_losses == pytest.approx([losses[epoch] for epoch in snapshot.held_epochs], rel=1e-12)
    assert snapshot.held_accuracies.tolist() == [shares[epoch] for epoch in snapshot.held_epochs]
    assert snapshot.accuracy_epochs.tolist() == snapshot.held_epochs[: len(snapshot.accuracy_epochs)].tolist()
    assert len(run.snapshot().held_epochs) == 0
