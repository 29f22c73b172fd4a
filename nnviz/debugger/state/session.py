"""The session: one frozen value with the learner's place in a lesson; every view is a function of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import ReferenceType, ref

import numpy as np

from nnviz.debugger.state.document_form import DocumentForm, form_of
from nnviz.debugger.state.prediction import Prediction, QuestionPlace
from nnviz.debugger.state.run import (
    Run,
    Segment,
    add_mark,
    begin_run,
    begin_training,
    checkpoint_at,
    continue_with,
    example_at,
    needs_mark,
    segment_at,
    split_segment,
    with_loss,
)
from nnviz.debugger.state.trail import Trail
from nnviz.engine.arrays import frozen_array
from nnviz.engine.conventions import Convention
from nnviz.engine.network import Network
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord, batch_loss
from nnviz.engine.schedule import Schedule
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, start_checkpoint
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import Notation
from nnviz.tracing.steps import Grain, Quantity, Step
from nnviz.tracing.trace import Trace

if TYPE_CHECKING:
    from nnviz.debugger.state.breakpoint import Breakpoint, Watch
    from nnviz.debugger.state.edit import Edit

Result = TypeVar("Result")
_NOT_COMPUTED: Any = object()


def once_per_session(function: Callable[[Session], Result]) -> Callable[[Session], Result]:
    """The function, computed once for each session, which keeps the result as long as it lives.

    What is kept is no field of the session: it is not compared, and a session made from another begins without it.
    """
    name = _kept_name(function)

    @wraps(function)
    def computed_once(session: Session) -> Result:
        kept = getattr(session, name, _NOT_COMPUTED)
        if kept is _NOT_COMPUTED:
            kept = function(session)
            object.__setattr__(session, name, kept)
        result: Result = kept
        return result

    return computed_once


def once_for_latest_session(function: Callable[[Session], Result]) -> Callable[[Session], Result]:
    """The function, computed once for a session, which keeps the result until it is computed for another one.

    It is for results that are large: sessions to which the user may return with Undo do not keep theirs.
    """
    kept_by, name = once_per_session(function), _kept_name(function)
    latest: list[ReferenceType[Session]] = []

    @wraps(function)
    def computed_once(session: Session) -> Result:
        result = kept_by(session)
        for before in (reference() for reference in latest):
            if before is not None and before is not session:
                vars(before).pop(name, None)
        latest[:] = [ref(session)]
        return result

    return computed_once


def _kept_name(function: Callable[[Session], Result]) -> str:
    """Return the name under which a session keeps the result of a function."""
    return f"{function.__module__}.{function.__qualname__}"


@dataclass(frozen=True)
class Comparison:
    """The pass before the last change of convention or value: its record, notation and convention."""

    record: PassRecord
    notation: Notation
    convention: Convention


@dataclass(frozen=True, kw_only=True)
class Session:
    """The learner's place: lesson, weights, example, trace and position in it, grain, notation, selection.

    `position` counts the known steps of grain term (see Trace). `run` holds all passes that can be restored.
    `recorded_checkpoint` is the checkpoint of this pass in the run; if `checkpoint` is another one, the learner has
    changed it.
    `convention` and `loss` are the chosen ones; the file's own are in `lesson`. A notation brings its own sign and
    orientation. `compared` lasts from a change until the pass has other weights or another example.
    `predicting` is set while the learner predicts each value before it is shown. `why` is set while they follow where a
    number comes from, at one place only. `edited` are the learner's own numbers in weights and in the data of this pass
    (see edits.py). If any are in the data, `lesson` has the edited data and `file_lesson` is the file's lesson.
    """

    lesson: Lesson
    notation: Notation
    training: TrainingSettings
    convention: Convention
    loss: str
    checkpoint: Checkpoint
    example: int
    trace: Trace
    run: Run
    recorded_checkpoint: Checkpoint
    position: int = 0
    grain: Grain = Grain.NEURON
    selection: Quantity | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    watches: tuple[Watch, ...] = ()
    compared: Comparison | None = None
    predicting: Prediction | None = None
    why: Trail | None = None
    edited: tuple[Edit, ...] = ()
    file_lesson: Lesson | None = None

    def __post_init__(self) -> None:
        trail = self.why
        if trail is not None and (trail.position != self.position or trail.trace is not self.trace):
            object.__setattr__(self, "why", None)  # any move ends the trail

    @property
    def schedule(self) -> Schedule:
        """The schedule of training from here."""
        return self.training.schedule(len(self.lesson.dataset))

    @property
    def presented(self) -> int:
        """The number of examples that the epoch has presented before this pass."""
        here, batch, schedule = self.checkpoint, self.record.examples, self.schedule
        is_due = batch == schedule.batch_at(here.epoch, here.position)
        return here.position if is_due else schedule.start_of(here.epoch, batch[0])

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The learner's numbers that affect this pass: weights entered before it, and those in its data."""
        update = self.checkpoint.update
        found = (edit for edit in self.edited if edit.update <= update or edit.is_data)
        return tuple(sorted(found, key=lambda edit: (edit.update, edit.is_data)))

    @property
    def own_lesson(self) -> Lesson:
        """The lesson without the learner's edits of its data."""
        return self.lesson if self.file_lesson is None else self.file_lesson

    @property
    def network(self) -> Network:
        """The lesson's network with the chosen loss."""
        return with_loss(self.lesson.network, self.loss)

    @property
    def follows_lesson(self) -> bool:
        """Whether the pass uses the conventions and the loss of the lesson's file."""
        same = self.convention.computed == self.lesson.convention.computed
        return same and self.loss == self.lesson.network.architecture.loss

    @property
    def record(self) -> PassRecord:
        """The record of the pass being stepped."""
        return self.trace.record

    @property
    @once_per_session
    def form(self) -> DocumentForm:
        """The sign, orientation and factor in which the session's document gives the numbers."""
        return form_of(self.notation, self.convention, self.record.rule)

    @property
    def step(self) -> Step | None:
        """The step just taken; None before the first."""
        return self.trace.current(self.grain, self.position)

    @property
    def asked(self) -> Step | None:
        """The step whose value is to be predicted before it is taken; None if there is none."""
        if self.predicting is None or self.at_end or self.grain is Grain.PASS:
            return None
        if self.predicting.at(QuestionPlace(self.trace, self.grain, self.position)).is_revealed:
            return None
        return self.trace.step(self.grain, self.trace.count(self.grain, self.position))

    @property
    def pointed(self) -> Step | None:
        """The step that views highlight: the one to be predicted, else the one just taken."""
        return self.asked or self.step

    @property
    def pointed_position(self) -> int:
        """The position at which the highlighted step ends."""
        return self.position if self.asked is None else self.asked.end

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
    """Return a session before the first step of the pass that follows `update` updates of training.

    Raises IndexError for an example that does not exist, NonFiniteError if training stops at NaN or infinity before.
    """
    stepped = lesson.example if example is None else example
    if not 0 <= stepped < len(lesson.dataset):
        raise IndexError(f"example {stepped} is not in 0 … {len(lesson.dataset) - 1}")
    checkpoint = start_checkpoint(lesson.network, lesson.training)
    loss = lesson.network.architecture.loss
    run = begin_run(
        Segment(
            dataset=lesson.dataset,
            settings=lesson.training,
            convention=lesson.convention,
            loss=loss,
            example=stepped,
            marks=(checkpoint,),
        )
    )
    if update:
        run, checkpoint = _train(lesson, checkpoint, update)
    notation = lesson.notation if notation is None else notation
    convention = with_form_of_notation(lesson, notation, lesson.convention)
    trace = Trace(record_pass(lesson, lesson.training, convention, loss, checkpoint, stepped), notation.chain_rule)
    return Session(
        lesson=lesson,
        notation=notation,
        training=lesson.training,
        convention=convention,
        loss=loss,
        checkpoint=checkpoint,
        example=stepped,
        trace=trace,
        run=run,
        recorded_checkpoint=checkpoint,
        grain=grain,
    )


def _train(lesson: Lesson, start: Checkpoint, update: int) -> tuple[Run, Checkpoint]:
    """Train `update` updates; return the run and its last checkpoint. Raises NonFiniteError."""
    run = begin_training(lesson, start)
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(update):
        trainer.update()
        if needs_mark(run, trainer.update_count):
            run = add_mark(run, trainer.checkpoint())
    checkpoint = trainer.checkpoint()
    return add_mark(run, checkpoint), checkpoint


def restart(session: Session, lesson: Lesson) -> Session:
    """Begin a new run of a lesson of the same shape: other weights or data, all other fields unchanged."""
    checkpoint = start_checkpoint(lesson.network, session.training)
    run = begin_run(replace(new_segment(session), marks=(checkpoint,), dataset=lesson.dataset, data_edits=()))
    return retrace(
        session,
        lesson=lesson,
        file_lesson=None,
        edited=(),
        checkpoint=checkpoint,
        recorded_checkpoint=checkpoint,
        run=run,
        position=0,
    )


def with_form_of_notation(lesson: Lesson, notation: Notation, convention: Convention) -> Convention:
    """Return a convention with the sign and orientation of a notation: the lesson's in its own, else the notation's."""
    source = form_source(lesson, notation)
    return replace(convention, delta=source.delta, weights=source.weights)


def form_source(lesson: Lesson, notation: Notation) -> Convention | Notation:
    """Where the sign and orientation of a notation are found: with the lesson's own comes the lesson's convention."""
    return lesson.convention if notation.name == lesson.notation.name else notation


def record_pass(
    lesson: Lesson, training: TrainingSettings, convention: Convention, loss: str, checkpoint: Checkpoint, example: int
) -> PassRecord:
    """Compute the pass on the batch that contains `example`, from the weights and optimizer memory of a checkpoint."""
    schedule = training.schedule(len(lesson.dataset))
    batch = schedule.batch_with(checkpoint.epoch, checkpoint.position, example)
    indices = np.array(batch)
    return run_pass(
        with_loss(lesson.network, loss).with_vector(checkpoint.parameters),
        lesson.dataset.inputs[:, indices],
        lesson.dataset.targets[:, indices],
        convention,
        training.rule(checkpoint.epoch),
        examples=batch,
        row=batch.index(example),
        memory=checkpoint.memory,
        count=checkpoint.update + 1,
    )


def retrace(session: Session, **changes: object) -> Session:
    """Change weights, example or settings: recompute the pass, and keep the position if it fits."""
    changed = replace(session, **{"compared": None, **changes})  # type: ignore[arg-type]
    record = record_pass(
        changed.lesson, changed.training, changed.convention, changed.loss, changed.checkpoint, changed.example
    )
    trace = Trace(record, changed.notation.chain_rule)
    return replace(changed, trace=trace, position=min(changed.position, trace.end))


def choose_example(session: Session, example: int) -> Session:
    """Step another example, from the start of its pass. Raises IndexError if there is none."""
    if not 0 <= example < len(session.lesson.dataset):
        raise IndexError(f"example {example} is not in 0 … {len(session.lesson.dataset) - 1}")
    return session if example == session.example else retrace(session, example=example, position=0)


def look_at_example(session: Session, example: int) -> Session:
    """Step another example: within the same batch at the same position, else from the start of its pass.

    Raises IndexError if there is none.
    """
    if example == session.example or example not in session.record.examples:
        return choose_example(session, example)
    record = replace(session.record, row=session.record.examples.index(example))
    return replace(session, example=example, trace=Trace(record, session.notation.chain_rule))


def go_to_example(session: Session, example: int) -> Session:
    """Step another example at the same step, even if it is in another batch. Raises IndexError if there is none."""
    if example == session.example or example in session.record.examples:
        return look_at_example(session, example)
    if not 0 <= example < len(session.lesson.dataset):
        return choose_example(session, example)
    return _in_place(session, example=example)


def choose_notation(session: Session, notation: Notation) -> Session:
    """Write the same step in another notation; as that may have more steps, the position is found again."""
    if notation == session.notation:
        return session
    convention = with_form_of_notation(session.lesson, notation, session.convention)
    if notation.chain_rule == session.notation.chain_rule:
        return replace(
            session, notation=notation, convention=convention
        )  # sign and orientation change no computed value
    return _in_place(session, notation=notation, convention=convention, compared=session.compared)


def choose_convention(session: Session, convention: Convention) -> Session:
    """Choose a convention: recompute the pass at the same step, and compare it with the previous one."""
    if convention == session.convention:
        return session
    return _in_place(session, convention=convention, compared=_present(session))


def choose_loss(session: Session, loss: str) -> Session:
    """Choose another loss for the same network: recompute the pass at the same step, and compare."""
    return session if loss == session.loss else _in_place(session, loss=loss, compared=_present(session))


def choose_first_layer(session: Session, number: int) -> Session:
    """Number the layers so that the first hidden layer has this number; no computed value changes."""
    if number == session.notation.first_layer:
        return session
    notation = replace(session.notation, first_layer=number)
    return replace(session, notation=notation, compared=_present(session))


def restore_lesson_conventions(session: Session) -> Session:
    """Restore the lesson's defaults: convention, loss, layer numbers, and batch settings."""
    lesson, notation = session.lesson, session.notation
    training = replace(session.training, update_after=lesson.training.update_after, reduce=lesson.training.reduce)
    changed = {
        "convention": lesson.convention,
        "loss": lesson.network.architecture.loss,
        "notation": replace(notation, first_layer=lesson.notation.first_layer) if notation.renumbers else notation,
        "training": training,
    }
    if all(getattr(session, name) == value for name, value in changed.items()):
        return session
    return _in_place(session, **changed, compared=_present(session))


def _present(session: Session) -> Comparison:
    return Comparison(session.record, session.notation, session.convention)


def change_in_place(session: Session, **changes: object) -> Session:
    """Change these fields: recompute the pass at the same step, and compare."""
    return _in_place(session, **changes, compared=_present(session))


def _in_place(session: Session, **changes: object) -> Session:
    """Change these fields and recompute the pass, at the same step."""
    moved = retrace(session, **changes)
    return replace(moved, position=_same_place(session, moved.trace))


def _same_place(session: Session, moved: Trace) -> int:
    """Return the end of the last step that both traces have; within its terms if their number is the same."""
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
    """Choose training settings; as these may have other steps, the position is found again."""
    if training == session.training:
        return session
    checkpoint = session.checkpoint
    if training.optimizer != session.training.optimizer:
        empty = start_checkpoint(session.lesson.network, training).memory
        checkpoint = replace(checkpoint, memory=empty)
    return _in_place(session, training=training, checkpoint=checkpoint, compared=_present(session))


def choose_checkpoint(session: Session, checkpoint: Checkpoint) -> Session:
    """Begin a run at a checkpoint, and step its first pass with the present example."""
    run = begin_run(replace(new_segment(session), marks=(checkpoint,)))
    there = replace(session, checkpoint=checkpoint)
    return retrace(there, recorded_checkpoint=checkpoint, position=0, run=run, edited=there.edits)


def new_segment(session: Session) -> Segment:
    """Return the segment that would begin at the session's present state."""
    dataset, edits = session.lesson.dataset, tuple(edit for edit in session.edited if edit.is_data)
    return Segment(
        dataset=dataset,
        settings=session.training,
        convention=session.convention,
        loss=session.loss,
        example=_identifying_example(session),
        marks=(session.checkpoint,),
        data_edits=edits,
    )


def _identifying_example(session: Session) -> int:
    """Return the example that identifies the pass in its run.

    It is the selected one, unless a trainer would make another batch with it; then one that leads to this batch.
    """
    batch, here, schedule = session.record.examples, session.checkpoint, session.schedule
    for example in (session.example, *batch):
        if schedule.batch_with(here.epoch, here.position, example) == batch:
            return example
    return session.example


def is_changed(session: Session) -> bool:
    """Return whether the pass being stepped differs from the one that the run made, or would make, here.

    It does after the learner chose another rate, weight or example. Continuing from here is then another run; in the
    past, it drops the later updates.
    """
    recorded = segment_at(session.run, session.checkpoint.update)
    if session.checkpoint is not session.recorded_checkpoint or session.lesson.dataset is not recorded.dataset:
        return True
    how = (recorded.settings, recorded.convention.computed, recorded.loss)
    if how != (session.training, session.convention.computed, session.loss):
        return True
    here = session.checkpoint
    own = example_at(recorded, here)
    return session.record.examples != session.schedule.batch_with(here.epoch, here.position, own)


def add_pass_to_run(session: Session) -> Session:
    """Return the same place with a run that contains its pass: if the pass was changed, the run is cut here."""
    here = session.checkpoint
    if is_changed(session):
        run = continue_with(session.run, new_segment(session))
        return replace(session, run=run, recorded_checkpoint=here, edited=session.edits)
    recorded = segment_at(session.run, session.checkpoint.update)
    example = _identifying_example(session)
    if example_at(recorded, session.checkpoint) == example:
        return session
    return replace(session, run=split_segment(session.run, session.checkpoint, example))


def with_run(session: Session, run: Run) -> Session:
    """Return the session with a run that continues from one of its passes, without the edits of dropped passes."""
    kept = {id(segment.start) for segment in run.segments}
    dropped = {segment.start.update for segment in session.run.segments if id(segment.start) not in kept}
    here = session.checkpoint.update
    edited = tuple(edit for edit in session.edited if edit.update <= here or edit.update not in dropped)
    return replace(session, run=run, edited=edited)


def leave_pass(session: Session) -> Session:
    """Return the session to be left for another pass of its run; at the present, changes made here are kept.

    In the past they are not: only going forward from a change makes it part of the run.
    """
    if session.checkpoint.update < session.run.end:
        return session
    session = add_pass_to_run(session)
    return replace(session, run=replace(session.run, position=session.position))


def go_to_next_batch(session: Session) -> Session:
    """Return the session at the pass that a trainer would make next from its checkpoint.

    That pass may begin with another example than the selected one.
    """
    batch = session.schedule.batch_at(session.checkpoint.epoch, session.checkpoint.position)
    return session if session.example in batch else retrace(session, example=batch[0], position=0)


def with_settings_at(session: Session, update: int) -> Session:
    """Return the session with the data and settings of its run at an update; unchanged before the run begins.

    Its own pass is not recomputed.
    """
    if update < session.run.first:
        return session
    segment, own = segment_at(session.run, update), session.convention
    convention = replace(
        segment.convention, delta=own.delta, weights=own.weights
    )  # sign and orientation do not belong to the pass
    made = replace(session, training=segment.settings, convention=convention, loss=segment.loss)
    dataset, filed = segment.dataset, session.own_lesson
    if dataset is session.lesson.dataset:
        return made
    lesson = filed if dataset is filed.dataset else replace(filed, dataset=dataset)
    edited = (*(edit for edit in session.edited if not edit.is_data), *segment.data_edits)
    return replace(made, lesson=lesson, file_lesson=None if lesson is filed else filed, edited=edited)


def go_to_pass(session: Session, update: int, position: int | None = 0, at: Checkpoint | None = None) -> Session:
    """Return the session in the pass after `update` updates of its run, at a position of it; None is its end.

    `at` is the checkpoint there, if it is known already. Raises ValueError outside of the run.
    """
    segment = segment_at(session.run, update)
    if at is None or segment.start.update == update:
        at = checkpoint_at(session.run, session.lesson, update)
    example = example_at(segment, at)
    made = with_settings_at(session, update)
    there = retrace(made, checkpoint=at, recorded_checkpoint=at, example=example, position=0)
    return replace(there, position=there.trace.end if position is None else min(position, there.trace.end))


def next_pass(session: Session) -> Session:
    """Keep the updated weights and begin the pass on the next batch, as training would."""
    session = add_pass_to_run(session)
    record, here = session.record, session.checkpoint
    epoch, position = session.schedule.after(here.epoch, session.presented)
    after = Checkpoint(
        parameters=record.updated.vector,
        memory=frozen_array(record.memory_after),
        update=here.update + 1,
        epoch=epoch,
        position=position,
        epoch_loss=here.epoch_loss + batch_loss(record) if position else 0.0,
    )
    if here.update == session.run.end:
        session = replace(session, run=add_mark(session.run, after))
    return go_to_pass(session, after.update, at=after)


def previous_pass(session: Session) -> Session:
    """Go back to the end of the previous pass of the run, if there is one, and to its settings."""
    if session.checkpoint.update <= session.run.first:
        return session
    return go_to_pass(leave_pass(session), session.checkpoint.update - 1, None)
