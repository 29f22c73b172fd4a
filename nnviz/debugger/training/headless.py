"""Training a lesson without a window: its losses, its final parameters, and the pass in which it failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nnviz.debugger.diagnosis.growth import enter_failed_pass
from nnviz.debugger.diagnosis.nonfinite import go_to_nonfinite
from nnviz.debugger.state.run import Run, add_mark, begin_training, needs_mark, trainer_for
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.training.stop_rule import StopRule
from nnviz.engine.network import Network, Parameters
from nnviz.engine.training import NonFiniteError, Trainer, accuracy, loss_of, train_epochs
from nnviz.lessons.lesson import Lesson

KEPT = 4_000_000  # bytes of marks, from which a failed run is replayed


@dataclass(frozen=True)
class HeldOut:
    """The mean loss and the accuracy of the examples that were not trained on; no accuracy if they have no classes."""

    loss: float
    accuracy: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class FinishedRun:
    """A finished run: the loss of each completed epoch, and the final parameters.

    `accuracy` is None if the targets are not classes. If the run ended early, `stopped` says why, and `failed` is a
    session at the first NaN or infinity of its last pass. `held_out` is given if the lesson holds examples out. `until`
    is the text of the rule that might end the run, and `is_reached` whether it did.
    """

    lesson: str
    loss: tuple[float, ...]
    accuracy: float | None
    parameters: Parameters
    seconds: float
    stopped: str = ""
    failed: Session | None = None
    held_out: HeldOut | None = None
    until: str = ""
    is_reached: bool = False


def train_run(
    lesson: Lesson,
    epochs: int,
    progress: Callable[[Iterable[float]], Iterable[float]] = iter,
    until: StopRule | None = None,
) -> FinishedRun:
    """Train a lesson's network for some epochs; NaN, infinity or the rule `until` ends the run early.

    `progress` receives the losses as they are computed, and returns them unchanged.
    """
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    run = begin_training(lesson, trainer.checkpoint())
    losses: list[float] = []
    stopped: NonFiniteError | None = None
    is_reached = False
    start = time.perf_counter()
    try:
        for loss in progress(train_epochs(trainer, epochs)):
            losses.append(loss)
            if needs_mark(run, trainer.update_count):
                run = add_mark(run, trainer.checkpoint(), KEPT)
            is_reached = until is not None and until.is_met(trainer, loss)
            if is_reached:
                break
    except NonFiniteError as error:
        stopped = error
    seconds = time.perf_counter() - start
    network = trainer.network()
    return FinishedRun(
        lesson=lesson.name,
        loss=tuple(losses),
        accuracy=accuracy(network, lesson.dataset),
        parameters=network.parameters,
        seconds=seconds,
        stopped="" if stopped is None else str(stopped),
        failed=None if stopped is None else _failed_pass(lesson, run, stopped.checkpoint.update),
        held_out=_held_out(lesson, network),
        until="" if until is None else until.text,
        is_reached=is_reached,
    )


def _held_out(lesson: Lesson, network: Network) -> HeldOut | None:
    data = lesson.held_out
    if data is None:
        return None
    return HeldOut(loss_of(network, data), accuracy(network, data, trained_on=lesson.dataset))


def _failed_pass(lesson: Lesson, run: Run, update: int) -> Session:
    """Replay a run to the pass whose update failed; return a session at its first NaN or infinity."""
    before = trainer_for(run, lesson, update - 1).checkpoint()
    return go_to_nonfinite(enter_failed_pass(start_session(lesson), before))
