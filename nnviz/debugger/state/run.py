"""The run: every pass that a learner has made, stored as checkpoints and settings that restore each bit for bit.

A run is a list of *segments*. A segment is what a trainer does from a checkpoint under one set of settings. Any other
change (another rate, loss or example, an edited weight, edited data) begins a new segment. A run whose rate was changed
at update 500 is therefore two segments, and replays exactly. The checkpoints along a segment are its *marks*. When the
run's budget is full, every second mark is dropped, so that replay stays short.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.schedule import Schedule
from nnviz.engine.training import Checkpoint, NonFiniteError, Trainer, TrainingSettings
from nnviz.lessons.lesson import Lesson

if TYPE_CHECKING:
    from nnviz.debugger.state.edit import Edit

BUDGET = 64_000_000  # bytes of all marks of a run
DATA_BUDGET = 400_000_000  # bytes of all datasets; if large data is edited often, the oldest segments are dropped
MOST_MARKS = 1024
FEWEST_MARKS = 4


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of a run that a trainer makes without interruption; `marks` are checkpoints along it, from its start.

    `example` is stepped at the start, and later wherever a batch contains it. `dataset` is the training data, and
    `data_edits` are the numbers that the learner changed in it.
    """

    dataset: Dataset
    settings: TrainingSettings
    convention: Convention
    loss: str
    example: int
    marks: tuple[Checkpoint, ...]
    spacing: int = 1
    data_edits: tuple[Edit, ...] = ()

    @property
    def start(self) -> Checkpoint:
        """The checkpoint at which it begins."""
        return self.marks[0]

    @property
    def schedule(self) -> Schedule:
        """The schedule of its updates."""
        return self.settings.schedule(len(self.dataset))

    def nearest(self, update: int) -> Checkpoint:
        """Return the last mark of the segment at or before an update."""
        return self.marks[bisect_right(self.marks, update, key=_update_of) - 1]


@dataclass(frozen=True)
class Run:
    """Segments in order of their updates. `end` is the furthest update reached, the *present*.

    No mark lies beyond the end (see `end_run_at`). `position` is how far the present pass had been stepped when the
    learner went back from it.
    """

    segments: tuple[Segment, ...]
    end: int
    position: int = 0

    @property
    def first(self) -> int:
        """The earliest update that can be restored."""
        return self.segments[0].start.update

    @property
    def last_segment(self) -> Segment:
        """The segment that contains the present."""
        return self.segments[-1]


def begin_run(segment: Segment) -> Run:
    """Return a run that consists of the start of one segment."""
    return Run((segment,), segment.start.update)


def begin_training(lesson: Lesson, start: Checkpoint) -> Run:
    """Return the run that a trainer of a lesson begins at a checkpoint, with the first example of the schedule."""
    segment = Segment(
        dataset=lesson.dataset,
        settings=lesson.training,
        convention=lesson.convention,
        loss=lesson.network.architecture.loss,
        example=lesson.training.schedule(len(lesson.dataset)).order(0)[0],
        marks=(start,),
    )
    return begin_run(segment)


def with_loss(network: Network, loss: str) -> Network:
    """Return a network with another loss."""
    architecture = network.architecture
    return network if loss == architecture.loss else Network(replace(architecture, loss=loss), network.parameters)


def segment_at(run: Run, update: int) -> Segment:
    """Return the segment that makes the pass after `update` updates. Raises ValueError before the first."""
    index = bisect_right(run.segments, update, key=lambda segment: segment.start.update)
    if index == 0:
        raise ValueError(f"the run begins at update {run.first}, not {update}")
    return run.segments[index - 1]


def next_segment(run: Run, update: int) -> Segment | None:
    """Return the first segment that begins after an update, or None."""
    index = bisect_right(run.segments, update, key=lambda segment: segment.start.update)
    return run.segments[index] if index < len(run.segments) else None


def same_data_from(run: Run) -> int:
    """Return the first update from which all passes of the run use the present data."""
    of_other = [at for at, segment in enumerate(run.segments) if segment.dataset is not run.last_segment.dataset]
    return run.segments[of_other[-1] + 1 if of_other else 0].start.update


def example_at(segment: Segment, checkpoint: Checkpoint) -> int:
    """Return the example stepped from a checkpoint: the segment's own if the batch has it, else the batch's first."""
    if checkpoint.update == segment.start.update:
        return segment.example
    due = segment.schedule.batch_at(checkpoint.epoch, checkpoint.position)
    return segment.example if segment.example in due else due[0]


def aligned_start(segment: Segment) -> Checkpoint:
    """Return the checkpoint where a trainer begins a segment: its start, at the batch that contains its example."""
    start = segment.start
    position = segment.schedule.start_with(start.epoch, start.position, segment.example)
    return start if position == start.position else replace(start, position=position)


def replay_start(segment: Segment, update: int) -> Checkpoint:
    """Return the checkpoint from which a trainer replays a segment up to an update."""
    mark = segment.nearest(update)
    return aligned_start(segment) if mark is segment.start else mark


def add_mark(run: Run, checkpoint: Checkpoint, budget: int = BUDGET) -> Run:
    """Return the run after its present segment has reached a checkpoint; later updates are kept.

    `budget` limits the bytes of all marks.
    """
    segment = run.last_segment
    end = max(run.end, checkpoint.update)
    if not needs_mark(run, checkpoint.update):
        return run if end == run.end else replace(run, end=end, position=0)
    segment = replace(segment, marks=(*segment.marks, checkpoint))
    segments = (*run.segments[:-1], segment)
    return Run(_within(segments, checkpoint, budget), end, 0 if end > run.end else run.position)


def needs_mark(run: Run, update: int) -> bool:
    """Return whether a checkpoint at this update of the present segment would be kept as a mark."""
    segment = run.last_segment
    return update >= segment.marks[-1].update + segment.spacing


def end_run_at(run: Run, update: int, position: int = 0) -> Run:
    """Return the run with its present at an update; marks beyond it are cut. Raises ValueError before the first."""
    if update < run.first:
        raise ValueError(f"the run begins at update {run.first}, not {update}")
    if run.last_segment.marks[-1].update <= update:
        return run if (run.end, run.position) == (update, position) else replace(run, end=update, position=position)
    kept = (segment for segment in run.segments if segment.start.update <= update)
    return Run(tuple(_cut(segment, update + 1) for segment in kept), update, position)


def continue_with(run: Run, segment: Segment) -> Run:
    """Return the run cut at the start of a segment and continued by it; later updates are dropped."""
    update = segment.start.update
    kept = tuple(_cut(earlier, update) for earlier in run.segments if earlier.start.update < update)
    spacing = kept[-1].spacing if kept else 1
    segments = _within((*kept, replace(segment, spacing=spacing)), segment.start)
    while len(segments) > 1 and _data_bytes(segments) > DATA_BUDGET:
        segments = segments[1:]
    return Run(segments, update)


def split_segment(run: Run, checkpoint: Checkpoint, example: int) -> Run:
    """Return the same run in which another example of the batch is stepped from a checkpoint on."""
    update = checkpoint.update
    segment = segment_at(run, update)
    index = run.segments.index(segment)
    before = () if segment.start.update == update else (_cut(segment, update),)
    later = tuple(mark for mark in segment.marks if mark.update > update)
    rest = replace(segment, example=example, marks=(checkpoint, *later))
    return replace(run, segments=(*run.segments[:index], *before, rest, *run.segments[index + 1 :]))


def checkpoint_at(run: Run, lesson: Lesson, update: int) -> Checkpoint:
    """Restore the state of a run after `update` updates, bit for bit: take the nearest mark, and replay.

    Raises ValueError for an update before the first or after the present.
    """
    if update > run.end:
        raise ValueError(f"the run has reached update {run.end}, not {update}")
    segment = segment_at(run, update)
    mark = segment.nearest(update)
    return mark if mark.update == update else trainer_for(run, lesson, update).checkpoint()


def trainer_for(run: Run, lesson: Lesson, update: int) -> Trainer:
    """Return a trainer in the state of the run after `update` updates, about to make the same pass."""
    segment = segment_at(run, update)
    network = with_loss(lesson.network, segment.loss)
    trainer = Trainer(network, segment.dataset, segment.settings, segment.convention)
    trainer.restore(replay_start(segment, update))
    train_to(trainer, update)
    return trainer


def train_to(trainer: Trainer, update: int) -> None:
    """Train until `update` updates have been made, even through NaN and infinity."""
    while trainer.update_count < update:
        try:
            trainer.update()
        except NonFiniteError:
            continue


def epoch_start(run: Run, epoch: int) -> int:
    """Compute the number of updates after which `epoch` epochs have been presented.

    If the run begins in a later epoch, return its first update.
    """
    found = run.first
    for segment in run.segments:
        start = segment.start
        if start.epoch > epoch:
            break
        if start.epoch == epoch:
            found = start.update if start.position == 0 or start.update == run.first else found
            continue
        schedule = segment.schedule
        rest = schedule.updates_from(aligned_start(segment).position)
        found = start.update + rest + (epoch - start.epoch - 1) * schedule.updates_from(0)
        following = next_segment(run, start.update)
        if following is not None and found >= following.start.update:
            found = following.start.update
    return found


def _update_of(checkpoint: Checkpoint) -> int:
    return checkpoint.update


def _cut(segment: Segment, update: int) -> Segment:
    """Return the part of a segment before an update, which is after its start."""
    if segment.marks[-1].update < update:
        return segment
    return replace(segment, marks=tuple(mark for mark in segment.marks if mark.update < update))


def _data_bytes(segments: tuple[Segment, ...]) -> int:
    """Return the size of all data; each edit makes another array."""
    arrays = {id(array): array for s in segments for array in (s.dataset.inputs, s.dataset.targets)}
    return sum(array.nbytes for array in arrays.values())


def _within(segments: tuple[Segment, ...], checkpoint: Checkpoint, budget: int = BUDGET) -> tuple[Segment, ...]:
    """Drop every second mark while there are too many; once only starts remain, drop the oldest segments."""
    size = checkpoint.parameters.nbytes + checkpoint.memory.nbytes + 200
    limit = max(FEWEST_MARKS, min(MOST_MARKS, budget // size))
    while sum(len(segment.marks) for segment in segments) > limit:
        if len(segments) > limit // 2:
            segments = segments[len(segments) // 2 :]
        segments = tuple(replace(s, marks=s.marks[::2], spacing=s.spacing * 2) for s in segments)
    return segments
