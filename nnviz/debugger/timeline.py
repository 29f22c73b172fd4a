"""Time travel: to any update or epoch of a run, forwards and backwards, each restored exactly."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from nnviz.debugger.state.run import Run, add_mark, continue_with, epoch_start, needs_mark, trainer_for
from nnviz.debugger.state.session import (
    Session,
    add_pass_to_run,
    go_to_next_batch,
    go_to_pass,
    leave_pass,
    new_segment,
    with_run,
)
from nnviz.engine.training import Checkpoint, NonFiniteError, Trainer

T = TypeVar("T")

SLICE = 200  # updates between two yields, for a small network; fewer for a large one
SLICE_WORK = 2_000_000  # products between two yields


@dataclass(frozen=True)
class Progress:
    """The progress of a long move: the present update, and the destination, None if that is not known."""

    update: int
    goal: int | None = None


def in_past(session: Session) -> bool:
    """Return whether the learner is before the furthest pass reached."""
    return session.checkpoint.update < session.run.end


def to_present(session: Session) -> Session:
    """Return to the furthest pass reached, where the learner left it."""
    return go_to_pass(session, session.run.end, session.run.position) if in_past(session) else session


def go_to_update(session: Session, update: int) -> Session:
    """Go before the first step of the pass after `update` updates; train on if the run has not reached it.

    The first update of the run is the earliest. This may take long: `travel_to_update` does the same in slices.
    """
    return run_to_end(travel_to_update(session, update))


def go_to_epoch(session: Session, epoch: int) -> Session:
    """Go before the first step of the pass that follows `epoch` epochs, as `go_to_update` does."""
    return go_to_update(session, update_of_epoch(session, epoch))


def update_of_epoch(session: Session, epoch: int) -> int:
    """Compute the number of updates of the session's run after which `epoch` epochs have been presented.

    A later epoch is counted along the run as it continues from here, with the settings chosen here.
    """
    is_ahead = epoch > session.checkpoint.epoch
    return epoch_start((add_pass_to_run(session) if is_ahead else leave_pass(session)).run, epoch)


def next_update(session: Session) -> Session:
    """Go before the first step of the next pass."""
    return go_to_update(session, session.checkpoint.update + 1)


def previous_update(session: Session) -> Session:
    """Go before the first step of this pass; from there, to that of the previous pass."""
    if session.position:
        return replace(session, position=0)
    return go_to_update(session, session.checkpoint.update - 1)


def next_epoch(session: Session) -> Session:
    """Go before the first step of the next epoch."""
    return go_to_epoch(session, session.checkpoint.epoch + 1)


def previous_epoch(session: Session) -> Session:
    """Go before the first step of this epoch; from there, to that of the previous epoch."""
    here = session.checkpoint
    update = update_of_epoch(session, here.epoch)
    if update < here.update or session.position:
        return go_to_update(session, min(update, here.update))
    return go_to_epoch(session, here.epoch - 1)


def travel_to_update(
    session: Session, update: int, should_stop: Callable[[], bool] = lambda: False
) -> Generator[Progress, None, Session]:
    """Go to an update in slices: yield the progress; return the session there, or where `should_stop` interrupted.

    NaN and infinity do not stop it, just as they do not stop stepping. Continuing from a pass that was changed in the
    past drops the later updates, as `next_pass` does.
    """
    session = add_pass_to_run(session) if update > session.checkpoint.update else leave_pass(session)
    run, lesson = session.run, session.lesson
    if update <= run.end:
        return go_to_pass(session, max(update, run.first))
    trainer = trainer_for(run, lesson, run.end)
    while trainer.update_count < update:
        with suppress(NonFiniteError):
            trainer.update()
        if needs_mark(run, trainer.update_count):
            run = add_mark(run, trainer.checkpoint())
        if trainer.update_count % slice_of(trainer) == 0:
            yield Progress(trainer.update_count, update)
            if should_stop():
                break
    here = trainer.checkpoint()
    return go_to_pass(replace(session, run=add_mark(run, here)), here.update, at=here)


def slice_of(trainer: Trainer) -> int:
    """Return how many updates of a trainer take a few milliseconds."""
    work = trainer.architecture.parameter_count * max(1, len(trainer.next_examples)) * trainer.dataset.time_steps
    return max(1, min(SLICE, SLICE_WORK // work))


def follow_training(session: Session, checkpoint: Checkpoint) -> Session:
    """Go to a later checkpoint of the same training, of a trainer that began at the session's checkpoint.

    Live training hands over its run in this way, one snapshot at a time; updates between are restored by replay.
    """
    run = extend_run_to(session, checkpoint)
    return go_to_pass(with_run(session, run), checkpoint.update, at=checkpoint)


def extend_run_to(session: Session, checkpoint: Checkpoint) -> Run:
    """Return the session's run, continued to a later checkpoint by a trainer that began at the session's.

    If the session was in the past, the later updates are dropped.
    """
    session = add_pass_to_run(go_to_next_batch(session))
    run = session.run
    if run.end > session.checkpoint.update:
        run = continue_with(run, new_segment(session))
    return add_mark(run, checkpoint)


def run_to_end(way: Generator[object, None, T]) -> T:
    """Run a move in slices to its end at once, and return its result."""
    while True:
        try:
            next(way)
        except StopIteration as done:
            found: T = done.value
            return found
