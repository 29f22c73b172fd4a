"""Where a run has been: the stretches of it under one set of settings, and what is known of the network at a place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nnviz.debugger.growth import FAR, NEAR, run_up
from nnviz.debugger.run import checkpoint_at
from nnviz.debugger.session import (
    Session,
    choose_convention,
    choose_loss,
    choose_training,
    is_changed,
    network_of,
)
from nnviz.engine.conventions import Convention
from nnviz.engine.history import History
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, accuracy
from nnviz.lessons.lesson import Lesson
from nnviz.present.curve import mean_loss

MOST_REPLAYED = 100_000  # updates, to tell how a run came to where it is
MEASURABLE = 2_000_000  # weights times examples, up to which a loss is measured between two steps


@dataclass(frozen=True)
class Counting:
    """What of a session decides how a run is trained: its settings, what its convention computes, and its loss."""

    settings: TrainingSettings
    convention: Convention
    loss: str


def counting_of(session: Session) -> Counting:
    """How a run that starts from a session is counted; how it is told makes no difference."""
    return Counting(session.training, session.convention.computed, session.loss)


def counted(session: Session, how: Counting) -> Session:
    """A session that counts as a stretch of a run does, told as it is told now."""
    convention = replace(how.convention, delta=session.convention.delta, weights=session.convention.weights)
    return choose_loss(choose_convention(choose_training(session, how.settings), convention), how.loss)


@dataclass(frozen=True)
class Stretch:
    """A part of a run counted in one way, with checkpoints from which each of its epochs is found again."""

    counting: Counting
    history: History
    first: Checkpoint

    def update_of(self, epoch: int, examples: int) -> int:
        """How many updates the run had made when an epoch, not before the stretch's first, had ended."""
        batch = self.counting.settings.batch_size(examples)
        if epoch <= self.first.epoch:
            return self.first.update
        rest = -(-(examples - self.first.position) // batch)
        return self.first.update + rest + (epoch - self.first.epoch - 1) * -(-examples // batch)


@dataclass(frozen=True, eq=False)
class Reading:
    """What is known of the network at a checkpoint, its errors counted by the loss of this name."""

    checkpoint: Checkpoint
    counted_by: str
    loss: float | None
    accuracy: float | None


def measure(session: Session) -> Reading:
    """Loss and accuracy of all examples at the session's weights; unknown where finding them takes too long."""
    dataset, checkpoint, shape = session.lesson.dataset, session.checkpoint, session.network
    if shape.architecture.parameter_count * len(dataset) * dataset.time_steps > MEASURABLE:
        return Reading(checkpoint, session.loss, None, None)
    network = shape.with_vector(checkpoint.parameters)
    return Reading(checkpoint, session.loss, mean_loss(network, dataset), accuracy(network, dataset))


def branch(stretches: tuple[Stretch, ...], counting: Counting, checkpoint: Checkpoint) -> tuple[Stretch, ...]:
    """The stretches of a run that goes on from a checkpoint, counted in some way."""
    kept = tuple(stretch for stretch in stretches if stretch.first.update < checkpoint.update)
    return (*kept, Stretch(counting, History(checkpoint), checkpoint))


def run_up_to(stretches: tuple[Stretch, ...], session: Session) -> tuple[Checkpoint, ...]:
    """Checkpoints of the run before the session's, and that itself; empty where the session does not stand on the run.

    Of passes stepped by hand, and not trained, the session's own past is known.
    """
    here, lesson = session.checkpoint, session.lesson
    how = counting_of(session)
    for stretch in reversed(stretches):
        if stretch.counting != how or stretch.first.update > here.update:
            continue
        if here.update - stretch.history.nearest(here.update).update > MOST_REPLAYED:
            break
        found = run_up(stretch.history, trainer_of(stretch, lesson), here.update)
        if np.array_equal(found[-1].parameters, here.parameters, equal_nan=True):
            return (*found[:-1], here)
        break
    first = max(session.run.first, here.update - NEAR - FAR)
    if is_changed(session) or first == here.update:
        return ()
    return (*(checkpoint_at(session.run, lesson, update) for update in range(first, here.update)), here)


def trainer_of(stretch: Stretch, lesson: Lesson) -> Trainer:
    """A trainer that trains as a stretch of a run was trained."""
    how = stretch.counting
    return Trainer(network_of(lesson, how.loss), lesson.dataset, how.settings, how.convention)


def found_again(stretches: tuple[Stretch, ...], lesson: Lesson, epoch: int) -> tuple[Counting, Checkpoint] | None:
    """How a run was counted and where it stood when an epoch had ended, trained anew from the nearest checkpoint."""
    stretch = next((stretch for stretch in reversed(stretches) if stretch.first.epoch <= epoch), None)
    if stretch is None:
        return None
    trainer = trainer_of(stretch, lesson)
    return stretch.counting, stretch.history.at(stretch.update_of(epoch, len(lesson.dataset)), trainer)
