"""A training run from start to end: what came of it, and a bar on a terminal while it lasts."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nnviz.debugger.growth import enter_failed_pass
from nnviz.debugger.nonfinite import go_to_nonfinite
from nnviz.debugger.session import start_session
from nnviz.engine.history import History
from nnviz.engine.network import Parameters
from nnviz.engine.training import NonFiniteError, Trainer, accuracy, train_epochs
from nnviz.lessons.lesson import Lesson
from nnviz.present.nonfinite import nonfinite_line

TICK_SECONDS = 0.1
KEPT = 4_000_000  # bytes of checkpoints, from which a run that overflows is told


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A finished run: the loss of each epoch that was completed, and where it ended.

    `accuracy` is None where the targets are no classes; `stopped` says what ended the run early, else it is empty, and
    `first` which number was the first that is not finite, and what it was worked out from.
    """

    lesson: str
    loss: tuple[float, ...]
    accuracy: float | None
    parameters: Parameters
    seconds: float
    stopped: str = ""
    first: str = ""


def train_run(lesson: Lesson, epochs: int) -> Run:
    """Train a lesson's network for so many epochs; a number that is not finite ends the run early."""
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
    return Run(
        lesson=lesson.name,
        loss=tuple(losses),
        accuracy=share,
        parameters=network.parameters,
        seconds=seconds,
        stopped=stopped,
        first=first,
    )


def _first_line(lesson: Lesson, history: History, update: int) -> str:
    """The first number that is not finite, in the pass of the update that a run stopped at; it is replayed."""
    replayed = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    before = history.at(update - 1, replayed)
    return nonfinite_line(go_to_nonfinite(enter_failed_pass(start_session(lesson), before)))


def _with_progress(losses: Iterable[float], epochs: int) -> Iterable[float]:
    """The losses as they come; on a terminal a bar shows how far they are."""
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
