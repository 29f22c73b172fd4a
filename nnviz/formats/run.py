"""Training a lesson without the window: the finished run, and a progress bar on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nnviz.debugger.diagnosis.growth import enter_failed_pass
from nnviz.debugger.diagnosis.nonfinite import go_to_nonfinite
from nnviz.debugger.state.session import start_session
from nnviz.engine.history import History
from nnviz.engine.network import Parameters
from nnviz.engine.training import NonFiniteError, Trainer, accuracy, loss_of, train_epochs
from nnviz.lessons.lesson import Lesson
from nnviz.present.words.nonfinite_text import nonfinite_line

TICK_SECONDS = 0.1
KEPT = 4_000_000  # bytes of checkpoints, from which a failed run is replayed


@dataclass(frozen=True)
class HeldOut:
    """The mean loss and the accuracy of the examples that were not trained on; no accuracy if they have no classes."""

    loss: float
    accuracy: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class FinishedRun:
    """A finished run: the loss of each completed epoch, and the final parameters.

    `accuracy` is None if the targets are not classes. If the run ended early, `stopped` says why, and `first` names the
    first NaN or infinity with its operands; else both are empty.
    """

    lesson: str
    loss: tuple[float, ...]
    accuracy: float | None
    parameters: Parameters
    seconds: float
    stopped: str = ""
    first: str = ""
    held_out: HeldOut | None = None


def train_run(lesson: Lesson, epochs: int) -> FinishedRun:
    """Train a lesson's network for some epochs; NaN or infinity ends the run early."""
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    losses: list[float] = []
    stopped = first = ""
    history = History(trainer.checkpoint(), KEPT)
    start = time.perf_counter()
    try:
        for loss in _with_progress(train_epochs(trainer, epochs), epochs):
            losses.append(loss)
            if history.wants(trainer.update_count):
                history.note(trainer.checkpoint())
    except NonFiniteError as error:
        stopped = str(error)
        first = _first_line(lesson, history, error.checkpoint.update)
    seconds = time.perf_counter() - start
    network = trainer.network()
    share = accuracy(network, lesson.dataset)
    held_out = None
    if lesson.held_out is not None:
        held_out = HeldOut(
            loss_of(network, lesson.held_out), accuracy(network, lesson.held_out, trained_on=lesson.dataset)
        )
    return FinishedRun(
        lesson=lesson.name,
        loss=tuple(losses),
        accuracy=share,
        parameters=network.parameters,
        seconds=seconds,
        stopped=stopped,
        first=first,
        held_out=held_out,
    )


def _first_line(lesson: Lesson, history: History, update: int) -> str:
    """Replay the pass in which a run stopped; return the line about its first NaN or infinity."""
    replayed = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    before = history.at(update - 1, replayed)
    return nonfinite_line(go_to_nonfinite(enter_failed_pass(start_session(lesson), before)))


def _with_progress(losses: Iterable[float], epochs: int) -> Iterable[float]:
    """Return the losses unchanged; on a terminal, show a progress bar meanwhile."""
    return _with_bar(losses, epochs) if sys.stderr.isatty() else losses


def _with_bar(losses: Iterable[float], epochs: int) -> Iterator[float]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("loss {task.fields[loss]:.6f}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("epoch", total=epochs, loss=float("nan"))
        shown = time.monotonic()
        for count, loss in enumerate(losses, start=1):
            if time.monotonic() - shown > TICK_SECONDS:
                progress.update(task, completed=count, loss=loss)
                shown = time.monotonic()
            yield loss
