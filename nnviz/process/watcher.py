"""Watching a run: an observer of each update, which may halt the training between two updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nnviz.engine.training import NonFiniteError, Trainer


@dataclass(frozen=True)
class Halt:
    """The reason for a halt: the number of the breakpoint, the update in or before which it was hit, and a message."""

    number: int
    update: int
    message: str


class Watcher(Protocol):
    """An observer of a run. It is sent to the training process, so it can be pickled before it is attached."""

    def attach(self, trainer: Trainer) -> None:
        """Start watching a trainer at its current update."""

    def begin(self) -> Halt | None:
        """Check the state before the next update; a halt prevents that update."""

    def end(self, epoch_loss: float | None) -> Halt | None:
        """Check the update just made, which returned `epoch_loss`; a halt stops after it."""


class WatchedUpdates:
    """The updates of a trainer under a watcher. Mutable: `begin` may have been called for the next update."""

    def __init__(self, trainer: Trainer, watcher: Watcher) -> None:
        watcher.attach(trainer)
        self._trainer = trainer
        self._watcher = watcher
        self._begun = False
        self.halt: Halt | None = None

    def update(self) -> float | None:
        """Update as `Trainer.update`, unless the watcher halts before it; `halt` is the last result of the watcher.

        A halt in an update that is not finite comes before its NonFiniteError, which is not raised.
        """
        if not self._begun:
            self._begun = True
            self.halt = self._watcher.begin()
            if self.halt is not None:
                return None
        self._begun = False
        try:
            loss = self._trainer.update()
        except NonFiniteError as error:
            self.halt = self._watcher.end(error.mean)
            if self.halt is None:
                raise
            return error.mean
        self.halt = self._watcher.end(loss)
        return loss
