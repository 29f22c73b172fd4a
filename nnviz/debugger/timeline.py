"""Time travel: to any update or epoch of a run, back and forth, each exactly as it was."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from nnviz.debugger.run import Run, diverged, epoch_start, noted, trainer_for, wants
from nnviz.debugger.session import Session, due, entered, left, new_stretch, settled
from nnviz.engine.training import Checkpoint, NonFiniteError, Trainer

T = TypeVar("T")

SLICE = 200  # updates between two yields, of a small network; of a large one fewer
SLICE_WORK = 2_000_000  # products between two yields


@dataclass(frozen=True)
class Progress:
    """How far a long way has got: the update it is at, and the one it is bound for, None where that is not known."""

    update: int
    goal: int | None = None


def in_past(session: Session) -> bool:
    """Whether the learner is before the furthest pass reached."""
    return session.checkpoint.update < session.run.end


def to_present(session: Session) -> Session:
    """Back to the furthest pass reached, where the learner left it."""
    return entered(session, session.run.end, session.run.position) if in_past(session) else session


def go_to_update(session: Session, update: int) -> Session:
    """Before the first step of the pass after `update` updates; training on where the run has not got so far.

    Not before the first update of the run. It may take long: `going_to_update` does the same in slices.
    """
    return finish(going_to_update(session, update))


def go_to_epoch(session: Session, epoch: int) -> Session:
    """Before the first step of the pass that follows `epoch` epochs, as `go_to_update`."""
    return go_to_update(session, update_of_epoch(session, epoch))


def update_of_epoch(session: Session, epoch: int) -> int:
    """How many updates the session's run has made when `epoch` epochs have been presented; found by arithmetic."""
    return epoch_start(left(session).run, epoch, len(session.lesson.dataset))


def next_update(session: Session) -> Session:
    """Before the first step of the next pass."""
    return go_to_update(session, session.checkpoint.update + 1)


def previous_update(session: Session) -> Session:
    """Before the first step of this pass; from there, of the pass before."""
    if session.position:
        return replace(session, position=0)
    return go_to_update(session, session.checkpoint.update - 1)


def next_epoch(session: Session) -> Session:
    """Before the first step of the next epoch."""
    return go_to_epoch(session, session.checkpoint.epoch + 1)


def previous_epoch(session: Session) -> Session:
    """Before the first step of this epoch; from there, of the epoch before."""
    here = session.checkpoint
    update = update_of_epoch(session, here.epoch)
    if update < here.update or session.position:
        return go_to_update(session, min(update, here.update))
    return go_to_epoch(session, here.epoch - 1)


def going_to_update(
    session: Session, update: int, should_stop: Callable[[], bool] = lambda: False
) -> Generator[Progress, None, Session]:
    """Go to an update in slices: yields now and then, and gives the session there, or where it was told to stop.

    What is not finite does not stop it, as it does not stop stepping. Going on from a pass that was changed in the
    past forgets what lay ahead, as `next_pass` does.
    """
    session = settled(session) if update > session.checkpoint.update else left(session)
    run, lesson = session.run, session.lesson
    if update <= run.end:
        return entered(session, max(update, run.first))
    trainer = trainer_for(run, lesson, run.end)
    while trainer.update_count < update:
        with suppress(NonFiniteError):
            trainer.update()
        if wants(run, trainer.update_count):
            run = noted(run, trainer.checkpoint())
        if trainer.update_count % slice_of(trainer) == 0:
            yield Progress(trainer.update_count, update)
            if should_stop():
                break
    here = trainer.checkpoint()
    return entered(replace(session, run=noted(run, here)), here.update, at=here)


def slice_of(trainer: Trainer) -> int:
    """How many updates of a trainer take some milliseconds."""
    work = trainer.architecture.parameter_count * max(1, len(trainer.due)) * trainer.dataset.time_steps
    return max(1, min(SLICE, SLICE_WORK // work))


def follow(session: Session, checkpoint: Checkpoint) -> Session:
    """Stand at a later checkpoint of the same training: of a trainer that set out from the session's checkpoint.

    So live training hands its run over, a snapshot at a time: whatever lies between is found by replay.
    """
    run = trained_on(session, checkpoint)
    return entered(replace(session, run=run), checkpoint.update, at=checkpoint)


def trained_on(session: Session, checkpoint: Checkpoint) -> Run:
    """The session's run, gone on by a trainer that set out from its checkpoint, to a later one.

    Where that was in the past, what lay ahead is forgotten.
    """
    session = settled(due(session))
    run = session.run
    if run.end > session.checkpoint.update:
        run = diverged(run, new_stretch(session))
    return noted(run, checkpoint)


def finish(way: Generator[object, None, T]) -> T:
    """Go a way in slices to its end at once; what it gives."""
    while True:
        try:
            next(way)
        except StopIteration as done:
            found: T = done.value
            return found
