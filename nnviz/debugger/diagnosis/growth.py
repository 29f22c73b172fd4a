"""How a run arrived at NaN or infinity: the size of the operands, update by update, and when they began to grow."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from nnviz.debugger.diagnosis.nonfinite import NonFinite, first_nonfinite
from nnviz.debugger.state.run import Segment, replay_start, segment_at, train_to, trainer_for
from nnviz.debugger.state.session import Session, choose_checkpoint, is_changed, record_pass, with_settings_at
from nnviz.debugger.timeline import run_to_end
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Checkpoint, Trainer
from nnviz.tracing.steps import Quantity
from nnviz.tracing.values import value_of

MOST_REPLAYED = 100_000  # updates, to show how a run arrived at its present state
SLICE = 50  # updates between two yields
NEAR = 30  # updates examined one by one
FAR = 24  # earlier updates that are examined, closer together the later they are
# A number has begun to grow if it is this many times its earlier median. A run that learns changes its weights and
# losses by factors of about ten; a diverging run multiplies them in every update.
GROWN = 1e3
FEWEST = 4  # earlier values that a median needs
MOST_OPERANDS = 3


@dataclass(frozen=True)
class Series:
    """The size of one number over a run: of a `quantity`, or of the measure `name`; one value for each of `updates`.

    `began` is the first examined update at which it was GROWN times its earlier median; None if there is none.
    """

    name: str
    quantity: Quantity | None
    updates: tuple[int, ...]
    values: tuple[float, ...]
    began: int | None


@dataclass(frozen=True)
class Growth:
    """The series of a run up to the pass with NaN or infinity, which is the pass of `update` (from 1)."""

    update: int
    series: tuple[Series, ...]

    @property
    def began(self) -> int | None:
        """The first update in which any of the series had begun to grow."""
        return min((series.began for series in self.series if series.began is not None), default=None)


def run_up(segment: Segment, trainer: Trainer, update: int) -> tuple[Checkpoint, ...]:
    """Return checkpoints of a segment before and at `update`: the last ones one by one, earlier ones further apart.

    `trainer` replays the last ones from the nearest mark, bit for bit; the others are marks.
    """
    return run_to_end(_running_up(segment, trainer, update))


def _running_up(segment: Segment, trainer: Trainer, update: int) -> Generator[None, None, tuple[Checkpoint, ...]]:
    """Do what `run_up` does in slices of a few updates."""
    first = segment.start.update
    begin = max(first, update - NEAR)
    far = {begin - round((begin - first) ** (k / FAR)) for k in range(1, FAR + 1)} if begin > first + 1 else set()
    kept = {found.update: found for place in far for found in (replay_start(segment, max(place, first)),)}
    trainer.restore(replay_start(segment, begin))
    near = []
    for place in range(begin, update + 1):
        while trainer.update_count < place:
            train_to(trainer, min(place, trainer.update_count + SLICE))
            yield
        near.append(trainer.checkpoint())
    return (*(kept[place] for place in sorted(kept) if place < near[0].update), *near)


def run_up_to(session: Session) -> tuple[Checkpoint, ...]:
    """Return checkpoints of the run up to and including the session's; empty if the session is not on the run."""
    return run_to_end(_running_up_to(session))


def _running_up_to(session: Session) -> Generator[None, None, tuple[Checkpoint, ...]]:
    here, run, lesson = session.checkpoint, session.run, session.lesson
    if is_changed(session) or run.first == here.update:
        return ()
    segment = segment_at(run, here.update)
    if segment.start.update == here.update:
        segment = segment_at(run, here.update - 1)
    if here.update - segment.nearest(here.update).update > MOST_REPLAYED:
        return ()
    found = yield from _running_up(segment, trainer_for(run, lesson, segment.start.update), here.update)
    return (*found[:-1], here) if np.array_equal(found[-1].parameters, here.parameters, equal_nan=True) else ()


def enter_failed_pass(session: Session, checkpoint: Checkpoint) -> Session:
    """Return the session at the start of the pass that training makes next from a checkpoint."""
    due = session.schedule.batch_at(checkpoint.epoch, checkpoint.position)
    example = session.example if session.example in due else due[0]
    return choose_checkpoint(replace(session, example=example), checkpoint)


def growth(session: Session, earlier: tuple[Checkpoint, ...]) -> Growth | None:
    """Return how the operands of the first NaN or infinity grew; None if the session's pass has none.

    `earlier` are checkpoints of the run before the session's, in order; one pass is computed from each.
    """
    return run_to_end(_growing(session, earlier))


def growing(session: Session) -> Generator[None, None, Growth | None]:
    """Compute the growth along the session's run in slices, which may take long; yield after each."""
    earlier = yield from _running_up_to(session)
    return (yield from _growing(session, earlier[:-1]))


def _growing(session: Session, earlier: tuple[Checkpoint, ...]) -> Generator[None, None, Growth | None]:
    found = first_nonfinite(session.trace)
    if found is None:
        return None
    records, updates = [], []
    for checkpoint in earlier:
        made = with_settings_at(session, checkpoint.update)
        example = made.schedule.batch_at(checkpoint.epoch, checkpoint.position)[0]
        records.append(record_pass(made.lesson, made.training, made.convention, made.loss, checkpoint, example))
        updates.append(checkpoint.update + 1)
        yield
    records.append(session.record)
    updates.append(session.checkpoint.update + 1)
    with np.errstate(all="ignore"):
        sizes = {name: [of(record) for record in records] for name, of in _MEASURES.items()}
    series = [_series(name, None, updates, values) for name, values in sizes.items()]
    for quantity in _largest_operands(found):
        values = [_size_of(record, quantity) for record in records]
        series.append(_series("", quantity, updates, values))
    return Growth(updates[-1], tuple(series))


def _largest_operands(found: NonFinite) -> tuple[Quantity, ...]:
    """Return the operands worth following: the largest ones, each once."""
    sizes: dict[Quantity, float] = {}
    for operand in found.operands:
        quantity = replace(operand.quantity, example=None)
        sizes.setdefault(quantity, abs(operand.value) if isfinite(operand.value) else np.inf)
    largest = sorted(sizes, key=lambda quantity: -sizes[quantity])[:MOST_OPERANDS]
    return tuple(quantity for quantity in sizes if quantity in largest)


def _series(name: str, quantity: Quantity | None, updates: Sequence[int], values: Sequence[float]) -> Series:
    return Series(name, quantity, tuple(updates), tuple(values), began_to_grow(updates, values))


def began_to_grow(updates: Sequence[int], values: Sequence[float]) -> int | None:
    """Return the first of `updates` at which a number was GROWN times its earlier median, or not finite."""
    for index in range(FEWEST, len(values)):
        usual = float(np.sort(values[:index])[(index - 1) // 2])  # not the mean of two, which could overflow
        if not isfinite(values[index]) or (usual > 0.0 and values[index] > GROWN * usual):
            return updates[index]
    return None


def _size_of(record: PassRecord, quantity: Quantity) -> float:
    value = value_of(record, quantity)
    assert isinstance(value, float)
    return abs(value)


def _largest(arrays: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]) -> float:
    return float(np.max([np.abs(array).max() for array in arrays]))


_MEASURES: dict[str, Callable[[PassRecord], float]] = {
    "loss": lambda record: float(record.loss.mean()),
    "largest |z|": lambda record: _largest(record.z),
    "largest |weight|": lambda record: _largest([record.parameters.vector]),
    "largest |gradient|": lambda record: _largest([record.gradients.vector]),
}
