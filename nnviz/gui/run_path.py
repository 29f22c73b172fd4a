"""Where a run has been: the stretches of it under one set of settings, and what is known of the network at a place."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.session import Session
from nnviz.engine.history import History
from nnviz.engine.network import Network
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, accuracy
from nnviz.lessons.lesson import Lesson
from nnviz.present.curve import mean_loss

MEASURABLE = 2_000_000  # weights times examples, up to which a loss is measured between two steps


@dataclass(frozen=True)
class Stretch:
    """A part of a run under one set of settings, with checkpoints from which each of its epochs is found again."""

    settings: TrainingSettings
    history: History
    first: Checkpoint

    def update_of(self, epoch: int, examples: int) -> int:
        """How many updates the run had made when an epoch, not before the stretch's first, had ended."""
        batch = self.settings.batch_size(examples)
        if epoch <= self.first.epoch:
            return self.first.update
        rest = -(-(examples - self.first.position) // batch)
        return self.first.update + rest + (epoch - self.first.epoch - 1) * -(-examples // batch)


@dataclass(frozen=True, eq=False)
class Reading:
    """What is known of the network at a checkpoint."""

    checkpoint: Checkpoint
    loss: float | None
    accuracy: float | None


def measure(lesson_network: Network, session: Session) -> Reading:
    """Loss and accuracy of all examples at the session's weights; unknown where finding them takes too long."""
    dataset, checkpoint = session.lesson.dataset, session.checkpoint
    if lesson_network.architecture.parameter_count * len(dataset) * dataset.time_steps > MEASURABLE:
        return Reading(checkpoint, None, None)
    network = lesson_network.with_vector(checkpoint.parameters)
    return Reading(checkpoint, mean_loss(network, dataset), accuracy(network, dataset))


def branch(stretches: tuple[Stretch, ...], settings: TrainingSettings, checkpoint: Checkpoint) -> tuple[Stretch, ...]:
    """The stretches of a run that goes on from a checkpoint with some settings."""
    kept = tuple(stretch for stretch in stretches if stretch.first.update < checkpoint.update)
    return (*kept, Stretch(settings, History(checkpoint), checkpoint))


def found_again(
    stretches: tuple[Stretch, ...], lesson: Lesson, epoch: int
) -> tuple[TrainingSettings, Checkpoint] | None:
    """The settings and the place of a run when an epoch had ended, trained anew from the nearest checkpoint."""
    stretch = next((stretch for stretch in reversed(stretches) if stretch.first.epoch <= epoch), None)
    if stretch is None:
        return None
    trainer = Trainer(lesson.network, lesson.dataset, stretch.settings, lesson.convention)
    return stretch.settings, stretch.history.at(stretch.update_of(epoch, len(lesson.dataset)), trainer)
