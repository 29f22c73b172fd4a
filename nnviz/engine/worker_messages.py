"""What the training process and its parent say to each other, and how it is sent."""

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
from nnviz.engine.watching import Halt, Watcher

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

RunState = Literal["running", "paused", "finished", "failed"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """What the parent says. `number` counts commands up; one for another run than the worker's is dropped."""

    run: int
    number: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Start(Command):
    """Train from `checkpoint`, until `epochs` epochs have been made since the run began, or without end.

    Send it only to a worker that is `Ready`: then neither end can wait for the other to read. It is answered
    when `paused`, or when no epoch is left to train. A `watcher` may halt it, as a pause does.
    """

    architecture: Architecture
    checkpoint: Checkpoint
    dataset: Dataset
    settings: TrainingSettings
    convention: Convention
    epochs: int | None = None
    paused: bool = False
    watcher: Watcher | None = None


class Pause(Command):
    """Stop between two updates; answered with where that is."""


class Resume(Command):
    """Go on from a pause; answered only when the run cannot."""


class OneEpoch(Command):
    """Train to the end of the current epoch and pause; answered there."""


class Stop(Command):
    """Forget the run; answered with `Ready`."""


class Ask(Command):
    """Asks for the newest snapshot; answered once, soon, and at a rate that leaves the training its time."""


@dataclass(frozen=True)
class Ready:
    """The worker waits for a `Start`; `run` is the one it was at before, or 0."""

    run: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """Where a run stands.

    `answered` is the number of the last command that it takes into account. `losses` are the mean losses of the
    epochs that ended since the last snapshot and `epochs` their numbers, from 1: at most LOSS_LIMIT, evenly
    thinned, the last always among them. `accuracy` (0 to 1, None where targets are no classes or the run
    failed) may be of a slightly earlier update while running. `examples_per_second` is measured over the last
    quarter of a second or so of training, 0.0 before any. `message` says why a run failed. `rates` are the
    accuracies measured since the last snapshot just when the epochs numbered `rated` had ended (0 is the start).
    `halt` says why a watcher has halted the run, which is then paused.
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
    rated: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    rates: FloatArray = field(default_factory=lambda: np.zeros(0))
    halt: Halt | None = None


@dataclass(frozen=True)
class Failure:
    """The run could not go on for a reason that was not foreseen, told in one line; 0 is whichever is current."""

    run: int
    message: str


Report = Ready | Snapshot | Failure


def send_message(connection: Connection, message: Command | Report) -> None:
    """Send so that read-only arrays arrive read-only. Raises OSError when the other end is gone."""
    connection.send_bytes(pickle.dumps(message, protocol=5))


def receive_message(connection: Connection) -> object:
    """The next message, waiting for it. Raises EOFError or OSError when the other end is gone."""
    return pickle.loads(connection.recv_bytes())
