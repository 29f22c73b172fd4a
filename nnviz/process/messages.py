"""The messages between the training process and its parent, and their transport."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Architecture
from nnviz.engine.training import Checkpoint, TrainingSettings
from nnviz.process.watcher import Halt, Watcher

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

RunState = Literal["running", "paused", "finished", "failed"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """A command of the parent. `number` increases with every command; a command for another run is ignored."""

    run: int
    number: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Start(Message):
    """Train from `checkpoint` until the run has `epochs` epochs, or without end if that is None.

    Send it only to a worker that is `Ready`, so that neither end can block the other. It is answered if `paused`, or
    if no epoch remains. A `watcher` may halt the run, which pauses it. `held_out` are examples that are not trained on.
    `pace` is the most updates in a second; None for as many as there can be.
    """

    architecture: Architecture
    checkpoint: Checkpoint
    dataset: Dataset
    settings: TrainingSettings
    convention: Convention
    epochs: int | None = None
    paused: bool = False
    watcher: Watcher | None = None
    held_out: Dataset | None = None
    pace: float | None = None


@dataclass(frozen=True, kw_only=True)
class SetPace(Message):
    """Make at most `pace` updates in a second, or as many as there can be; not answered."""

    pace: float | None = None


class Pause(Message):
    """Pause between two updates; answered with a snapshot."""


class Resume(Message):
    """Continue after a pause; answered only if the run cannot continue."""


class OneEpoch(Message):
    """Train to the end of the current epoch and pause there; answered then."""


class StopTraining(Message):
    """Discard the run; answered with `Ready`."""


class RequestSnapshot(Message):
    """Request a snapshot; answered once, and not so often that it slows the training down."""


@dataclass(frozen=True)
class Ready:
    """The worker waits for a `Start`; `run` is the number of its previous run, or 0."""

    run: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """The state of a run.

    `answered` is the number of the last command obeyed. `losses` are the mean losses of the epochs since the last
    snapshot, and `epochs` their numbers, from 1: at most LOSS_LIMIT, evenly thinned, always with the last. `accuracy`
    (0 to 1) is None if the targets are not classes or the run failed; in a running run it may be slightly older.
    `examples_per_second` is measured over about the last quarter of a second of training, and is 0.0 before any.
    `message` is the reason for a failure. `accuracies` were measured since the last snapshot, at the ends of the
    epochs `accuracy_epochs` (0 is the start); `held_losses` and `held_accuracies` are those of the examples held out,
    at the ends of the epochs `held_epochs`. `halt` is the reason for which a watcher paused the run.
    """

    run: int
    answered: int
    checkpoint: Checkpoint
    epochs: NDArray[np.int64]
    losses: FloatArray
    accuracy: float | None
    examples_per_second: float
    state: RunState
    message: str = ""
    accuracy_epochs: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    accuracies: FloatArray = field(default_factory=lambda: np.zeros(0))
    held_epochs: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    held_losses: FloatArray = field(default_factory=lambda: np.zeros(0))
    held_accuracies: FloatArray = field(default_factory=lambda: np.zeros(0))
    halt: Halt | None = None


@dataclass(frozen=True)
class Failure:
    """An unexpected error of a run, in one line; `run` 0 means the current one."""

    run: int
    message: str


Report = Ready | Snapshot | Failure


def send_message(connection: Connection, message: Message | Report) -> None:
    """Send a message; read-only arrays arrive read-only. Raises OSError if the other end is closed."""
    connection.send_bytes(pickle.dumps(message, protocol=5))


def receive_message(connection: Connection) -> object:
    """Wait for the next message and return it. Raises EOFError or OSError if the other end is closed."""
    return pickle.loads(connection.recv_bytes())
