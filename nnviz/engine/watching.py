"""Watching a run: what looks at each update of a trainer and may halt the training between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nnviz.engine.training import Trainer


@dataclass(frozen=True)
class Halt:
    """Why training was halted: the number of what asked for it, in a few words, and the update before whose pass, or
    in whose pass, it was found.
    """

    number: int
    update: int
    message: str


class Watcher(Protocol):
    """Looks at a run. It is sent to the training process, so it can be pickled before it is attached."""

    def attach(self, trainer: Trainer) -> None:
        """Watch this trainer from where it stands."""

    def begin(self) -> Halt | None:
        """Look at what the next update begins with; a halt is before it."""

    def end(self, epoch_loss: float | None) -> Halt | None:
        """Look at the update just made, which gave this; a halt is behind it."""


class WatchedUpdates:
    """The updates of a trainer with a watcher looking on. Mutable: it may stand between two updates, or before one."""

    def __init__(self, trainer: Trainer, watcher: Watcher) -> None:
        watcher.attach(trainer)
        self._trainer = trainer
        self._watcher = watcher
        self._begun = False
        self.halt: Halt | None = None

    def update(self) -> float | None:
        """As `Trainer.update`, unless the watcher halts before it: then `halt` says so and nothing is trained."""
        if not self._begun:
            self._begun = True
            self.halt = self._watcher.begin()
            if self.halt is not None:
                return None
        self._begun = False
        loss = self._trainer.update()
        self.halt = self._watcher.end(loss)
        return loss
