"""Training without a window: the numbers of a trainer, and of a failed run the pass in which it failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nnviz.debugger.diagnosis.nonfinite import first_nonfinite, is_finite_so_far
from nnviz.debugger.training.headless import train_run
from nnviz.engine.training import Trainer, accuracy
from nnviz.lessons.catalog import load


def test_a_run_has_the_losses_and_parameters_of_a_trainer() -> None:
    lesson = load("krzeminski-sgd", ["training.update_after=3", "training.shuffle=true"])
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    seen: list[float] = []

    def watched(losses: Iterable[float]) -> Iterator[float]:
        for loss in losses:
            seen.append(loss)
            yield loss

    run = train_run(lesson, 40, watched)
    assert run.loss == tuple(seen) == tuple(trainer.run_epoch() for _ in range(40))
    assert run.parameters.vector.tobytes() == trainer.parameters.vector.tobytes()
    assert run.accuracy == accuracy(trainer.network(), lesson.dataset)
    assert (run.lesson, run.stopped, run.failed) == ("krzeminski-sgd", "", None)


def test_a_run_that_fails_is_replayed_to_its_first_nan_or_infinity() -> None:
    lesson = load("krzeminski-walkthrough")
    run = train_run(lesson, 10_000)
    assert run.stopped.startswith("update 7853 ")
    assert run.failed is not None
    assert run.failed.checkpoint.update == 7852
    assert not is_finite_so_far(run.failed)
    found = first_nonfinite(run.failed.trace)
    assert found is not None
    assert run.failed.position == found.position
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(7852):
        trainer.update()
    assert run.failed.checkpoint.parameters.tobytes() == trainer.parameters.vector.tobytes()
