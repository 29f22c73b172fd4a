"""How a run arrived at NaN or infinity: the size of the operands, update by update, and when they began to grow."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf, isfinite, log

import numpy as np

from nnviz.debugger.diagnosis.nonfinite import NonFinite, first_nonfinite
from nnviz.debugger.state.run import Run, Segment, checkpoint_at, replay_start, segment_at, train_to, trainer_for
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
# A number has grown if it is this many times its earlier median, and never returns to that. A run that learns changes
# its weights and losses by factors of about ten; a diverging run multiplies them in every update.
GROWN = 1e3
# It rises where it is at least this share as steep as over the last half of the way to there, or from there to the end.
STEEP = 0.2
LONGEST_CYCLE = 8  # updates of an epoch that are examined together
CYCLE = 2  # the fewest updates whose largest value is taken: a run may diverge while its sign changes
BETWEEN = 8  # updates examined between two others where a rise may have begun
ROUNDS = 6  # of these: BETWEEN ** ROUNDS updates are more than MOST_REPLAYED
FEWEST = 3  # values that distinguish growth from a single jump
MOST_OPERANDS = 3


@dataclass(frozen=True)
class Series:
    """The size of one number over a run: of a `quantity`, or of the measure `name`; one value for each of `updates`.

    `began` is the update from which it rose to GROWN times its earlier median or to infinity; None if it did not.
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
        """The first update from which any of the measures grew, or else any of the quantities."""
        begun = [(series.quantity is not None, series.began) for series in self.series if series.began is not None]
        return min(begun)[1] if begun else None


def run_up(segment: Segment, trainer: Trainer, update: int) -> tuple[Checkpoint, ...]:
    """Return checkpoints of a segment before and at `update`: the last ones one by one, earlier ones further apart.

    `trainer` replays each from the nearest mark, bit for bit, so that they do not depend on where the marks are.
    """
    return run_to_end(_running_up(segment, trainer, update))


def _running_up(segment: Segment, trainer: Trainer, update: int) -> Generator[None, None, tuple[Checkpoint, ...]]:
    """Do what `run_up` does in slices of a few updates."""
    first = segment.start.update
    begin = max(first, update - NEAR)
    far = {begin - round((begin - first) ** (k / FAR)) for k in range(1, FAR + 1)} if begin > first + 1 else set()
    found: list[Checkpoint] = []
    for place in (*sorted(far), *range(begin, update + 1)):
        mark = replay_start(segment, place)
        if not found or mark.update > trainer.update_count:
            trainer.restore(mark)
        while trainer.update_count < place:
            train_to(trainer, min(place, trainer.update_count + SLICE))
            yield
        found.append(trainer.checkpoint())
    return tuple(found)


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
    if not np.array_equal(found[-1].parameters, here.parameters, equal_nan=True):
        return ()
    before = []
    for update in _updates_before(run, segment):
        before.append(checkpoint_at(run, lesson, update))
        yield
    return (*before, *found[:-1], here)


def _updates_before(run: Run, segment: Segment) -> list[int]:
    """Return some updates of the segments before one: the starts of the last ones, and others spread evenly."""
    starts = [each.start.update for each in run.segments[: run.segments.index(segment)]]
    end = segment.start.update
    return sorted({*starts[-FAR:], *range(run.first, end, (end - run.first) // FAR + 1)})


def enter_failed_pass(session: Session, checkpoint: Checkpoint) -> Session:
    """Return the session at the start of the pass that training makes next from a checkpoint."""
    due = session.schedule.batch_at(checkpoint.epoch, checkpoint.position)
    example = session.example if session.example in due else due[0]
    return choose_checkpoint(replace(session, example=example), checkpoint)


def growth_on_run(session: Session) -> Growth | None:
    """Return how the operands of the first NaN or infinity grew along the session's run; None if there is none."""
    return run_to_end(growing(session))


def growth(session: Session, earlier: tuple[Checkpoint, ...]) -> Growth | None:
    """Return how the operands of the first NaN or infinity grew; None if the session's pass has none.

    `earlier` are checkpoints of the run before the session's, in order; one pass is computed from each.
    """
    return run_to_end(_growing(session, earlier))


def growing(session: Session) -> Generator[None, None, Growth | None]:
    """Compute the growth along the session's run in slices, which may take long; yield after each.

    The updates are examined closer to one another where a number began to grow.
    """
    earlier = (yield from _running_up_to(session))[:-1]

    def at(update: int) -> Checkpoint:
        return checkpoint_at(session.run, session.lesson, update)

    return (yield from _growing(session, earlier, at if earlier else None))


def _growing(
    session: Session, earlier: tuple[Checkpoint, ...], at: Callable[[int], Checkpoint] | None = None
) -> Generator[None, None, Growth | None]:
    """Do what `growth` does in slices; examine further updates with `at`, which returns the checkpoint after some."""
    found = first_nonfinite(session.trace)
    if found is None:
        return None
    followed, cycle = _largest_operands(found), session.schedule.updates_from(0)
    sizes: dict[int, tuple[float, ...]] = {}
    for checkpoint in earlier:
        sizes[checkpoint.update + 1] = _sizes(_made_from(session, checkpoint), followed)
        yield
    sizes[session.checkpoint.update + 1] = _sizes(session.record, followed)
    for _ in range(ROUNDS if at is not None else 0):
        missing = _missing(sizes, cycle)
        for update in missing:
            assert at is not None
            sizes[update] = _sizes(_made_from(session, at(update - 1)), followed)
            yield
        if not missing:
            break
    updates = tuple(sorted(sizes))
    names: list[tuple[str, Quantity | None]] = [*((name, None) for name in _MEASURES), *(("", q) for q in followed)]
    series = []
    for index, (name, quantity) in enumerate(names):
        values = tuple(sizes[update][index] for update in updates)
        series.append(Series(name, quantity, updates, values, began_to_grow(updates, values, cycle)))
    return Growth(updates[-1], tuple(series))


def _made_from(session: Session, checkpoint: Checkpoint) -> PassRecord:
    """Return the pass that the run made from a checkpoint."""
    made = with_settings_at(session, checkpoint.update)
    example = made.schedule.batch_at(checkpoint.epoch, checkpoint.position)[0]
    return record_pass(made.lesson, made.training, made.convention, made.loss, checkpoint, example)


def _sizes(record: PassRecord, followed: Sequence[Quantity]) -> tuple[float, ...]:
    """Return the measures of a pass, then the sizes of the quantities followed."""
    with np.errstate(all="ignore"):
        return (*(of(record) for of in _MEASURES.values()), *(_size_of(record, quantity) for quantity in followed))


def _missing(sizes: dict[int, tuple[float, ...]], cycle: int) -> tuple[int, ...]:
    """Return updates to examine: between those at which a number began to grow and had grown, and whole epochs."""
    updates = sorted(sizes)
    wanted = set(updates)
    for values in zip(*(sizes[update] for update in updates), strict=True):
        rise = _rise(updates, values, cycle)
        if rise is not None:
            begin, end = rise
            for index in {max(begin - 1, 0), begin, max(end - 1, 0)} - {len(updates) - 1}:
                low, high = updates[index : index + 2]
                wanted |= {low + round((high - low) * k / (BETWEEN + 1)) for k in range(1, BETWEEN + 1)}
    epochs = {update - k for update in wanted for k in range(min(cycle, LONGEST_CYCLE))}
    return tuple(sorted(update for update in epochs - set(updates) if update >= updates[0]))


def _largest_operands(found: NonFinite) -> tuple[Quantity, ...]:
    """Return the operands worth following: the largest ones, each once."""
    sizes: dict[Quantity, float] = {}
    for operand in found.operands:
        quantity = replace(operand.quantity, example=None)
        sizes.setdefault(quantity, abs(operand.value) if isfinite(operand.value) else np.inf)
    largest = sorted(sizes, key=lambda quantity: -sizes[quantity])[:MOST_OPERANDS]
    return tuple(quantity for quantity in sizes if quantity in largest)


def began_to_grow(updates: Sequence[int], values: Sequence[float], cycle: int = CYCLE) -> int | None:
    """Return that one of `updates` from which a number rose to GROWN times its earlier median, or to infinity or NaN.

    That is the last one before the rise, or the first of all if it rose from there on. None if it did not grow.
    `cycle` is the number of updates of an epoch; the largest value of as many counts.
    """
    rise = _rise(updates, values, cycle)
    return None if rise is None else updates[rise[0]]


def _rise(updates: Sequence[int], values: Sequence[float], cycle: int) -> tuple[int, int] | None:
    """Return the indices where a number began to rise, and where it had grown; None if it did not.

    It began where its logarithm is the furthest below a line with STEEP of the slope of the rise: before, it rises less
    than that, and after it more.
    """
    end = _grown(values)
    if end is None or not isfinite(values[end]):
        return None if end is None else (end, end)
    logs = []
    for index in range(next((i for i in range(end, len(values)) if not isfinite(values[i])), len(values))):
        first = bisect_right(updates, updates[index] - max(cycle, CYCLE))
        largest = max(values[first : index + 1])
        logs.append(log(largest) if largest > 0.0 else inf)  # it cannot begin at 0
    half = logs[end] - log(GROWN) / 2
    level = max((index for index in range(end) if logs[index] <= half), default=0)
    if not isfinite(logs[level]):
        return end, end
    slope = min((logs[later] - logs[level]) / (updates[later] - updates[level]) for later in {end, len(logs) - 1})
    return min(range(end + 1), key=lambda index: logs[index] - STEEP * slope * updates[index]), end


def _grown(values: Sequence[float]) -> int | None:
    """Return the first index at which a number is GROWN times its earlier median for good, or is not finite."""
    if len(values) < FEWEST:
        return None
    lowest = list(accumulate(reversed([value if isfinite(value) else inf for value in values]), min))[::-1]
    earlier: list[float] = []
    for index, value in enumerate(values):
        usual = earlier[(index - 1) // 2] if earlier else 0.0  # not the mean of two, which could overflow
        if not isfinite(value) or (usual > 0.0 and value > GROWN * usual and lowest[index] > usual):
            return index
        insort(earlier, value)
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
