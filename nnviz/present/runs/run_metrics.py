"""The known measures of the network at a point of its run: loss and accuracy over all examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnviz.debugger.state.session import Session
from nnviz.engine.training import Checkpoint, accuracy
from nnviz.present.core.changes import number_change
from nnviz.present.runs.curve import accuracy_text, loss_text, mean_loss, reward_of, reward_text

MEASURABLE = 2_000_000  # weights times examples, up to which the loss is measured between two steps


@dataclass(frozen=True, eq=False)
class Reading:
    """The measures of the network at a checkpoint, under the loss named `counted_by`."""

    checkpoint: Checkpoint
    counted_by: str
    loss: float | None
    accuracy: float | None


def measure(session: Session) -> Reading:
    """Return loss and accuracy over all examples at the session's weights; None if computing them takes too long."""
    dataset, checkpoint, shape = session.lesson.dataset, session.checkpoint, session.network
    if shape.architecture.parameter_count * len(dataset) * dataset.time_steps > MEASURABLE:
        return Reading(checkpoint, session.loss, None, None)
    network = shape.with_vector(checkpoint.parameters)
    return Reading(checkpoint, session.loss, mean_loss(network, dataset), accuracy(network, dataset))


def reading_texts(session: Session) -> tuple[str, ...]:
    """Return the known measures in a few words each: mean loss 0.12345, 4 / 4 correct."""
    reading, examples = measure(session), len(session.lesson.dataset)
    found = []
    if reading.loss is not None:
        shown = _shown_loss(session, reading.loss)
        found.append(f"{_loss_name(session)} {(reward_text if session.notation.reward else loss_text)(shown)}")
    if reading.accuracy is not None:
        found.append(f"{accuracy_text(reading.accuracy, examples)} correct")
    return tuple(found)


def reading_changes(before: Session, session: Session) -> Iterator[str]:
    """Yield how the measures of two sessions differ, written as in the second session."""
    old, new, examples = measure(before), measure(session), len(session.lesson.dataset)
    if old.loss is not None and new.loss is not None:
        yield f"{_loss_name(session)}: {number_change(_shown_loss(session, old.loss), _shown_loss(session, new.loss))}"
    if old.accuracy is not None and new.accuracy is not None:
        yield f"correct: {accuracy_text(old.accuracy, examples)} → {accuracy_text(new.accuracy, examples)}"


def _loss_name(session: Session) -> str:
    return "reward" if session.notation.reward else "mean loss"


def _shown_loss(session: Session, loss: float) -> float:
    """Return the mean loss, or the reward if the document uses one."""
    return float(reward_of(loss, len(session.lesson.dataset))) if session.notation.reward else loss
