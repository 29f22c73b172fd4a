"""The run: every pass that a learner has made, stored as checkpoints and settings that restore each bit for bit.

A run is a list of *stretches*. A stretch is what a trainer does from a checkpoint under one set of settings. Any other
change (another rate, loss or example, an edited weight, edited data) begins a new stretch. A run whose rate was changed
at update 500 is therefore two stretches, and replays exactly. The checkpoints along a stretch are its *marks*. When the
run's budget is full, every second mark is dropped, so that replay stays short.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.training import Checkpoint, NonFiniteError, Trainer, TrainingSettings, batch_of, presented_order
from nnviz.lessons.lesson import Lesson

if TYPE_CHECKING:
    from nnviz.debugger.state.edit import Edit

BUDGET = 64_000_000  # bytes of all marks of a run
DATA_BUDGET = 400_000_000  # bytes of all datasets; if large data is edited often, the oldest stretches are dropped
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

    def nearest(self, update: int) -> Checkpoint:
        """Return the last mark of the stretch at or before an update."""
        return self.marks[bisect_right(self.marks, update, key=_update_of) - 1]


@dataclass(frozen=True)
class Run:
    """Stretches in order of their updates. `end` is the furthest update reached, the *present*.

    `position` is how far the present pass had been stepped when the learner went back from it.
    """

    stretches: tuple[Segment, ...]
    end: int
    position: int = 0

    @property
    def first(self) -> int:
        """The earliest update that can be restored."""
        return self.stretches[0].start.update

    @property
    def present(self) -> Segment:
        """The stretch that contains the present."""
        return self.stretches[-1]


def begin_run(stretch: Segment) -> Run:
    """Return a run that consists of the start of one stretch."""
    return Run((stretch,), stretch.start.update)


def with_loss(network: Network, loss: str) -> Network:
    """Return a network with another loss."""
    architecture = network.architecture
    return network if loss == architecture.loss else Network(replace(architecture, loss=loss), network.parameters)


def stretch_at(run: Run, update: int) -> Segment:
    """Return the stretch that makes the pass after `update` updates. Raises ValueError before the first."""
    index = bisect_right(run.stretches, update, key=lambda stretch: stretch.start.update)
    if index == 0:
        raise ValueError(f"the run begins at update {run.first}, not {update}")
    return run.stretches[index - 1]


def next_start(run: Run, update: int) -> Segment | None:
    """Return the first stretch that begins after an update, or None."""
    index = bisect_right(run.stretches, update, key=lambda stretch: stretch.start.update)
    return run.stretches[index] if index < len(run.stretches) else None


def same_data_from(run: Run) -> int:
    """Return the first update from which all passes of the run use the present data."""
    of_other = [at for at, stretch in enumerate(run.stretches) if stretch.dataset is not run.present.dataset]
    return run.stretches[of_other[-1] + 1 if of_other else 0].start.update


def due_batch(settings: TrainingSettings, examples: int, checkpoint: Checkpoint) -> tuple[int, ...]:
    """Return the batch that a trainer presents next from a checkpoint."""
    start = checkpoint.position
    return presented_order(settings, examples, checkpoint.epoch)[start : start + settings.batch_size(examples)]


def pass_batch(settings: TrainingSettings, examples: int, checkpoint: Checkpoint, example: int) -> tuple[int, ...]:
    """Return the batch of the pass from a checkpoint that steps `example`.

    It is the trainer's next batch if that contains the example, or else the batch of its epoch that does.
    """
    due = due_batch(settings, examples, checkpoint)
    return due if example in due else batch_of(settings, examples, checkpoint.epoch, example)


def pass_start(settings: TrainingSettings, examples: int, checkpoint: Checkpoint, example: int) -> int:
    """Return the number of examples that the epoch presents before that batch."""
    batch = pass_batch(settings, examples, checkpoint, example)
    return presented_order(settings, examples, checkpoint.epoch).index(batch[0])


def example_at(stretch: Segment, checkpoint: Checkpoint, examples: int) -> int:
    """Return the example stepped from a checkpoint: the stretch's own if the batch has it, else the batch's first."""
    if checkpoint.update == stretch.start.update:
        return stretch.example
    due = due_batch(stretch.settings, examples, checkpoint)
    return stretch.example if stretch.example in due else due[0]


def set_out(stretch: Segment, examples: int) -> Checkpoint:
    """Return the checkpoint where a trainer begins a stretch: its start, at the batch that contains its example."""
    start = stretch.start
    position = pass_start(stretch.settings, examples, start, stretch.example)
    return start if position == start.position else replace(start, position=position)


def noted(run: Run, checkpoint: Checkpoint) -> Run:
    """Return the run after its present stretch has reached a checkpoint; later updates are kept."""
    stretch = run.present
    end = max(run.end, checkpoint.update)
    if not wants(run, checkpoint.update):
        return run if end == run.end else replace(run, end=end, position=0)
    stretch = replace(stretch, marks=(*stretch.marks, checkpoint))
    stretches = (*run.stretches[:-1], stretch)
    return Run(_within(stretches, checkpoint), end, 0 if end > run.end else run.position)


def wants(run: Run, update: int) -> bool:
    """Return whether a checkpoint at this update of the present stretch would be kept as a mark."""
    stretch = run.present
    return update >= stretch.marks[-1].update + stretch.spacing


def diverged(run: Run, stretch: Segment) -> Run:
    """Return the run cut at the start of a stretch and continued by it; later updates are dropped."""
    update = stretch.start.update
    kept = tuple(_cut(earlier, update) for earlier in run.stretches if earlier.start.update < update)
    spacing = kept[-1].spacing if kept else 1
    stretches = _within((*kept, replace(stretch, spacing=spacing)), stretch.start)
    while len(stretches) > 1 and _data_bytes(stretches) > DATA_BUDGET:
        stretches = stretches[1:]
    return Run(stretches, update)


def split(run: Run, checkpoint: Checkpoint, example: int) -> Run:
    """Return the same run in which another example of the batch is stepped from a checkpoint on."""
    update = checkpoint.update
    stretch = stretch_at(run, update)
    index = run.stretches.index(stretch)
    before = () if stretch.start.update == update else (_cut(stretch, update),)
    later = tuple(mark for mark in stretch.marks if mark.update > update)
    rest = replace(stretch, example=example, marks=(checkpoint, *later))
    return replace(run, stretches=(*run.stretches[:index], *before, rest, *run.stretches[index + 1 :]))


def checkpoint_at(run: Run, lesson: Lesson, update: int) -> Checkpoint:
    """Restore the state of a run after `update` updates, bit for bit: take the nearest mark, and replay.

    Raises ValueError for an update before the first or after the present.
    """
    if update > run.end:
        raise ValueError(f"the run has reached update {run.end}, not {update}")
    stretch = stretch_at(run, update)
    mark = stretch.nearest(update)
    return mark if mark.update == update else trainer_for(run, lesson, update).checkpoint()


def trainer_for(run: Run, lesson: Lesson, update: int) -> Trainer:
    """Return a trainer in the state of the run after `update` updates, about to make the same pass."""
    stretch = stretch_at(run, update)
    mark = stretch.nearest(update)
    network = with_loss(lesson.network, stretch.loss)
    trainer = Trainer(network, stretch.dataset, stretch.settings, stretch.convention)
    trainer.restore(set_out(stretch, len(stretch.dataset)) if mark is stretch.start else mark)
    train_to(trainer, update)
    return trainer


def train_to(trainer: Trainer, update: int) -> None:
    """Train until `update` updates have been made, even through NaN and infinity."""
    while trainer.update_count < update:
        try:
            trainer.update()
        except NonFiniteError:
            continue


def epoch_start(run: Run, epoch: int, examples: int) -> int:
    """Compute the number of updates after which `epoch` epochs have been presented.

    If the run begins in a later epoch, return its first update.
    """
    found = run.first
    for stretch in run.stretches:
        start = stretch.start
        if start.epoch > epoch:
            break
        if start.epoch == epoch:
            found = start.update if start.position == 0 or start.update == run.first else found
            continue
        size = stretch.settings.batch_size(examples)
        rest = -(-(examples - set_out(stretch, examples).position) // size)
        found = start.update + rest + (epoch - start.epoch - 1) * -(-examples // size)
        following = next_start(run, start.update)
        if following is not None and found >= following.start.update:
            found = following.start.update
    return found


def _update_of(checkpoint: Checkpoint) -> int:
    return checkpoint.update


def _cut(stretch: Segment, update: int) -> Segment:
    """Return the part of a stretch before an update, which is after its start."""
    return replace(stretch, marks=tuple(mark for mark in stretch.marks if mark.update < update))


def _data_bytes(stretches: tuple[Segment, ...]) -> int:
    """Return the size of all data; each edit makes another array."""
    arrays = {id(array): array for s in stretches for array in (s.dataset.inputs, s.dataset.targets)}
    return sum(array.nbytes for array in arrays.values())


def _within(stretches: tuple[Segment, ...], checkpoint: Checkpoint) -> tuple[Segment, ...]:
    """Drop every second mark while there are too many; once only starts remain, drop the oldest stretches."""
    size = checkpoint.parameters.nbytes + checkpoint.memory.nbytes + 200
    limit = max(FEWEST_MARKS, min(MOST_MARKS, BUDGET // size))
    while sum(len(stretch.marks) for stretch in stretches) > limit:
        if len(stretches) > limit // 2:
            stretches = stretches[len(stretches) // 2 :]
        stretches = tuple(replace(s, marks=s.marks[::2], spacing=s.spacing * 2) for s in stretches)
    return stretches
