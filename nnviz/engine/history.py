"""Checkpoints of a run within a memory budget, from which any earlier update is replayed bit for bit."""

from __future__ import annotations

from bisect import bisect_right

from nnviz.engine.training import Checkpoint, Trainer


class History:
    """Checkpoints of one run in order of their updates, with the first always kept. Mutable: it grows with the run.

    When the budget (bytes) is full, every second checkpoint is dropped and the spacing doubles. Replay therefore stays
    short compared with the run.
    """

    def __init__(self, first: Checkpoint, budget: int = 64_000_000) -> None:
        size = first.parameters.nbytes + first.memory.nbytes + 200
        self._limit = max(4, budget // size)
        self._spacing = 1
        self._checkpoints = [first]

    def __len__(self) -> int:
        return len(self._checkpoints)

    @property
    def first(self) -> Checkpoint:
        """The checkpoint at which the run begins."""
        return self._checkpoints[0]

    def wants(self, update: int) -> bool:
        """Return whether a checkpoint at `update` would be kept."""
        last = self._checkpoints[-1].update
        return update > last and update - last >= self._spacing

    def note(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint if it is at least one spacing after the last."""
        if not self.wants(checkpoint.update):
            return
        self._checkpoints.append(checkpoint)
        if len(self._checkpoints) > self._limit:
            self._checkpoints = self._checkpoints[::2]
            self._spacing *= 2

    def nearest(self, update: int) -> Checkpoint:
        """Return the last checkpoint at or before `update`. Raises ValueError before the first."""
        index = bisect_right([c.update for c in self._checkpoints], update)
        if index == 0:
            raise ValueError(f"the run begins at update {self._checkpoints[0].update}, not {update}")
        return self._checkpoints[index - 1]

    def at(self, update: int, trainer: Trainer) -> Checkpoint:
        """Return the checkpoint after `update` updates; `trainer` replays the run from the nearest one."""
        trainer.restore(self.nearest(update))
        while trainer.update_count < update:
            trainer.update()
        return trainer.checkpoint()
