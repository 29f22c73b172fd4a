"""How a run is counted, and what is known of the network at a place of it."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.session import Session
from nnviz.engine.conventions import Convention
from nnviz.engine.training import Checkpoint, TrainingSettings, accuracy
from nnviz.present.curve import mean_loss

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
