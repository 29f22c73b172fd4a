"""The training of a scene as evenly spaced epochs, by replay: the same on any day and any machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from nnviz.debugger.state.run import end_run_at
from nnviz.debugger.state.session import Session, go_to_pass
from nnviz.debugger.training.replay import replay
from nnviz.engine.arrays import frozen_array
from nnviz.engine.training import Checkpoint
from nnviz.walks.moments import LossCurve, TrainingPlace


@dataclass(frozen=True, eq=False)
class TrainingView:
    """A checkpoint of a training, the session after it, the place in it and the loss curve so far."""

    after: Session
    checkpoint: Checkpoint
    place: TrainingPlace
    curve: LossCurve | None

    def session(self) -> Session:
        """Return the session as it was when the training had just reached the checkpoint."""
        return self.after if self.checkpoint is self.after.checkpoint else _session_of(self)


def training_views(before: Session, after: Session, most: int, curve: LossCurve | None) -> tuple[TrainingView, ...]:
    """Return at most `most` views of the training that led from one session to another, evenly spaced by epochs.

    The last one is the session after it. Less than an epoch is shown by its updates. `curve` is the loss curve before.
    """
    start, goal = before.checkpoint, after.checkpoint
    epochs = goal.epoch - start.epoch
    wanted = _spread(start.epoch, epochs, most) if epochs else _spread(start.update, goal.update - start.update, most)
    first, losses = _begun(curve, start.epoch)
    found: list[tuple[Checkpoint, int]] = []  # each with the number of losses so far
    for trainer, mean in replay(after.run, after.lesson, start.update, goal.update):
        if mean is not None:
            losses.append(mean)
        is_due = trainer.update_count in wanted if not epochs else mean is not None and trainer.epoch in wanted
        if is_due and trainer.update_count < goal.update:
            found.append((trainer.checkpoint(), len(losses)))
    whole = frozen_array(np.array(losses))
    return tuple(
        TrainingView(
            after=after,
            checkpoint=checkpoint,
            place=TrainingPlace(checkpoint.epoch, start.epoch, goal.epoch),
            curve=LossCurve(first, whole[:count]) if count else None,
        )
        for checkpoint, count in (*found, (goal, len(losses)))
    )


def curve_until(curve: LossCurve | None, epoch: int) -> LossCurve | None:
    """Return the part of a loss curve up to an epoch; None if nothing is left of it."""
    if curve is None or curve.end <= epoch:
        return curve
    kept = curve.losses[: max(epoch - curve.first + 1, 0)]
    return LossCurve(curve.first, kept) if len(kept) else None


def _spread(start: int, count: int, most: int) -> frozenset[int]:
    """Return at most `most` of the numbers that follow `start`, evenly spaced; the last one is start + count."""
    parts = max(1, min(most, count))
    return frozenset(start + -(-part * count // parts) for part in range(1, parts + 1))


def _begun(curve: LossCurve | None, epoch: int) -> tuple[int, list[float]]:
    """Return the first epoch and the losses of the curve that continues after an epoch."""
    kept = curve_until(curve, epoch)
    if kept is None or kept.end != epoch:
        return epoch + 1, []
    return kept.first, kept.losses.tolist()


@lru_cache(maxsize=8)  # a view is asked for its session some times while it is shown, then hardly again
def _session_of(view: TrainingView) -> Session:
    update = view.checkpoint.update
    here = replace(view.after, run=end_run_at(view.after.run, update))
    return go_to_pass(here, update, at=view.checkpoint)
