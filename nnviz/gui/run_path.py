"""How a run is counted, and what is known of the network at a place of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.debugger.run import Stretch, set_out, stretch_at, trainer_for
from nnviz.debugger.session import Session, is_changed
from nnviz.engine.conventions import Convention
from nnviz.engine.training import Checkpoint, TrainingSettings, accuracy
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


@dataclass(frozen=True)
class _Marks:
    """The checkpoints kept of a stretch, for what grew along it."""

    stretch: Stretch
    examples: int

    @property
    def first(self) -> Checkpoint:
        return set_out(self.stretch, self.examples)

    def nearest(self, update: int) -> Checkpoint:
        found = self.stretch.nearest(update)
        return self.first if found is self.stretch.start else found


def run_up_to(session: Session) -> tuple[Checkpoint, ...]:
    """Checkpoints of the run before the session's, and that itself; empty where it does not stand on the run."""
    from nnviz.debugger.growth import run_up  # not at the start, which it would delay

    here, run, lesson = session.checkpoint, session.run, session.lesson
    if is_changed(session) or run.first == here.update:
        return ()
    stretch = stretch_at(run, here.update)
    if stretch.start.update == here.update:
        stretch = stretch_at(run, here.update - 1)
    marks = _Marks(stretch, len(lesson.dataset))
    if here.update - marks.nearest(here.update).update > MOST_REPLAYED:
        return ()
    found = run_up(marks, trainer_for(run, lesson, stretch.start.update), here.update)
    return (*found[:-1], here) if np.array_equal(found[-1].parameters, here.parameters, equal_nan=True) else ()
