"""The session: one frozen value that says where the learner is; every view is a function of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nnviz.engine.arrays import frozen_array
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import (
    Checkpoint,
    Trainer,
    TrainingSettings,
    batch_of,
    batch_start,
    presented_order,
    start_checkpoint,
)
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import Notation
from nnviz.trace.steps import Grain, Quantity, Step
from nnviz.trace.trace import Trace

PASSES_REMEMBERED = 200


@dataclass(frozen=True)
class Moment:
    """A pass that can be gone back to: the weights it began with, the example it stepped, and how it was trained."""

    checkpoint: Checkpoint
    example: int
    training: TrainingSettings


@dataclass(frozen=True)
class Session:
    """Where the learner is: lesson, weights, example, trace and position in it, grain, notation, selection.

    `position` counts the known steps of grain term (see Trace). `past` holds the passes before this one.
    """

    lesson: Lesson
    notation: Notation
    training: TrainingSettings
    checkpoint: Checkpoint
    example: int
    trace: Trace
    position: int = 0
    grain: Grain = Grain.NEURON
    selection: Quantity | None = None
    past: tuple[Moment, ...] = ()

    @property
    def record(self) -> PassRecord:
        """The record of the pass being stepped."""
        return self.trace.record

    @property
    def step(self) -> Step | None:
        """The step just taken; None before the first."""
        return self.trace.current(self.grain, self.position)

    @property
    def at_end(self) -> bool:
        """Whether every step of the pass is known."""
        return self.position >= self.trace.end


def start_session(
    lesson: Lesson,
    *,
    example: int | None = None,
    update: int = 0,
    grain: Grain = Grain.NEURON,
    notation: Notation | None = None,
) -> Session:
    """A session before the first step of the pass that comes after `update` updates of training.

    Raises IndexError for an example that is not there, NonFiniteError where training does not get so far.
    """
    stepped = lesson.example if example is None else example
    if not 0 <= stepped < len(lesson.dataset):
        raise IndexError(f"example {stepped} is not in 0 … {len(lesson.dataset) - 1}")
    checkpoint = start_checkpoint(lesson.network, lesson.training)
    if update:
        trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
        for _ in range(update):
            trainer.update()
        checkpoint = trainer.checkpoint()
    notation = lesson.notation if notation is None else notation
    trace = Trace(record_pass(lesson, lesson.training, checkpoint, stepped), notation.chain_rule)
    return Session(lesson, notation, lesson.training, checkpoint, stepped, trace, grain=grain)


def record_pass(lesson: Lesson, training: TrainingSettings, checkpoint: Checkpoint, example: int) -> PassRecord:
    """The pass on the batch that holds `example`, from the weights and optimizer memory of a checkpoint."""
    batch = batch_of(training, len(lesson.dataset), checkpoint.epoch, example)
    indices = np.array(batch)
    return run_pass(
        lesson.network.with_vector(checkpoint.parameters),
        lesson.dataset.inputs[:, indices],
        lesson.dataset.targets[:, indices],
        lesson.convention,
        training.rule,
        examples=batch,
        row=batch.index(example),
        memory=checkpoint.memory,
        count=checkpoint.update + 1,
    )


def retrace(session: Session, **changes: object) -> Session:
    """The session with other weights, example or settings, its pass computed anew and its position kept if it fits."""
    changed = replace(session, **changes)  # type: ignore[arg-type]
    record = record_pass(changed.lesson, changed.training, changed.checkpoint, changed.example)
    trace = Trace(record, changed.notation.chain_rule)
    return replace(changed, trace=trace, position=min(changed.position, trace.end))


def choose_example(session: Session, example: int) -> Session:
    """Step another example, from the start of its pass. Raises IndexError where there is none."""
    if not 0 <= example < len(session.lesson.dataset):
        raise IndexError(f"example {example} is not in 0 … {len(session.lesson.dataset) - 1}")
    return session if example == session.example else retrace(session, example=example, position=0, past=())


def look_at_example(session: Session, example: int) -> Session:
    """Step another example of the same batch from the same place: its pass is this one. Of another, from the start.

    Raises IndexError where there is none.
    """
    if example == session.example or example not in session.record.examples:
        return choose_example(session, example)
    record = replace(session.record, row=session.record.examples.index(example))
    return replace(session, example=example, trace=Trace(record, session.notation.chain_rule))


def choose_notation(session: Session, notation: Notation) -> Session:
    """Write the same step in another notation; a notation may tell more steps, so the position is found anew."""
    if notation == session.notation:
        return session
    if notation.chain_rule == session.notation.chain_rule:
        return replace(session, notation=notation)
    moved = retrace(session, notation=notation)
    return replace(moved, position=_same_place(session, moved.trace))


def _same_place(session: Session, moved: Trace) -> int:
    """The position in another trace where the last step that both tell ends; among its terms if it is in as many."""
    position = session.position
    while position > 0:
        step = session.trace.enclosing(Grain.NEURON, position)
        end = moved.find(step.quantity)
        if end is not None:
            start = moved.enclosing(Grain.NEURON, end).start
            if position == step.end:
                return end
            return start + position - step.start if end - start == step.end - step.start else start
        position = step.start
    return 0


def choose_training(session: Session, training: TrainingSettings) -> Session:
    """Other training settings; they may tell other steps, so the position is found anew."""
    checkpoint = session.checkpoint
    if training.optimizer != session.training.optimizer:
        empty = start_checkpoint(session.lesson.network, training).memory
        checkpoint = replace(checkpoint, memory=empty)
    moved = retrace(session, training=training, checkpoint=checkpoint)
    return replace(moved, position=_same_place(session, moved.trace))


def choose_checkpoint(session: Session, checkpoint: Checkpoint) -> Session:
    """Step the next pass of a run from where it stands, the present example first."""
    return retrace(session, checkpoint=checkpoint, position=0, past=())


def next_pass(session: Session) -> Session:
    """Keep the changed weights and begin the pass on the next batch, as training would."""
    record, examples = session.record, len(session.lesson.dataset)
    here = Moment(session.checkpoint, session.example, session.training)
    presented = batch_start(session.training, examples, session.checkpoint.epoch, session.example)
    wraps = presented + len(record.examples) >= examples
    checkpoint = Checkpoint(
        parameters=record.updated.vector,
        memory=frozen_array(record.memory_after),
        update=session.checkpoint.update + 1,
        epoch=session.checkpoint.epoch + (1 if wraps else 0),
        position=0 if wraps else presented + len(record.examples),
        epoch_loss=0.0 if wraps else session.checkpoint.epoch_loss + float(record.loss.sum()),
    )
    example = session.example
    if len(record.examples) < examples:
        example = presented_order(session.training, examples, checkpoint.epoch)[checkpoint.position]
    past = (*session.past, here)[-PASSES_REMEMBERED:]
    return retrace(session, checkpoint=checkpoint, example=example, position=0, past=past)


def previous_pass(session: Session) -> Session:
    """Go back to the end of the pass before this one, where one is remembered, and to the settings it was made with."""
    if not session.past:
        return session
    moment, past = session.past[-1], session.past[:-1]
    back = retrace(session, checkpoint=moment.checkpoint, example=moment.example, training=moment.training, past=past)
    return replace(back, position=back.trace.end)
