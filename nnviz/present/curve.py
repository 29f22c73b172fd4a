"""The loss over the epochs as data to draw: thinned without losing its shape, with axes and their labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import forward, measure
from nnviz.engine.workspace import Workspace
from nnviz.present.curve_axis import THIN_SPACE, nice_above
from nnviz.present.numbers import UNKNOWN, fixed, pretty

SMALL_DATA = 20  # examples up to which they are counted rather than told in percent
MOST_KEPT = 16_000  # points of a run that are remembered
SHORTEST_AXIS = 10  # epochs

Epochs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LossRun:
    """One curve: its name, which of the theme's series colours it has, and the mean loss of epochs, rising.

    `rates` are the shares of examples classified right when the epochs `rated` had ended. A `faint` run is one that
    is kept beside the present one. `number` tells runs apart; `examples` is how many an epoch presents, 0 where
    that is not known; one not `shown` stands in the legend only. `made` tells how the run was made.
    """

    name: str
    series: int
    epochs: Epochs
    losses: FloatArray
    faint: bool = False
    rated: Epochs = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    rates: FloatArray = field(default_factory=lambda: np.zeros(0))
    number: int = 0
    examples: int = 0
    shown: bool = True
    made: str = ""

    @property
    def last_epoch(self) -> int:
        """The newest epoch; 0 before any."""
        return int(self.epochs[-1]) if len(self.epochs) else 0


def empty_run(name: str, series: int = 0) -> LossRun:
    """A run without any epoch yet."""
    return LossRun(name, series, np.zeros(0, dtype=np.int64), np.zeros(0))


def extend_run(run: LossRun, epochs: Epochs, losses: FloatArray, most: int = MOST_KEPT) -> LossRun:
    """The run with later epochs; beyond `most` points it is thinned to half of them."""
    if not len(epochs):
        return run
    joined = _joined(run.epochs, run.losses, epochs, losses, most)
    return replace(run, epochs=joined[0], losses=joined[1])


def extend_rates(run: LossRun, rated: Epochs, rates: FloatArray, most: int = MOST_KEPT) -> LossRun:
    """The run with the rates of later epochs, thinned as its losses are; those of epochs it has already are passed."""
    later = rated > (run.rated[-1] if len(run.rated) else -1)
    if not later.any():
        return run
    joined = _joined(run.rated, run.rates, rated[later], rates[later], most)
    return replace(run, rated=joined[0], rates=joined[1])


def cut_run(run: LossRun, epoch: int) -> LossRun:
    """The run up to and with `epoch`, as one that branches there has it."""
    end, rated = (int(np.searchsorted(known, epoch, side="right")) for known in (run.epochs, run.rated))
    return replace(
        run, epochs=run.epochs[:end], losses=run.losses[:end], rated=run.rated[:rated], rates=run.rates[:rated]
    )


def _joined(
    epochs: Epochs, values: FloatArray, later: Epochs, later_values: FloatArray, most: int
) -> tuple[Epochs, FloatArray]:
    joined = np.concatenate((epochs, later)), np.concatenate((values, later_values))
    return thin_curve(*joined, most // 2) if len(joined[0]) > most else joined


def thin_curve(epochs: Epochs, losses: FloatArray, most: int) -> tuple[Epochs, FloatArray]:
    """At most `most` (4 or more) of the points: first, last, and the lowest and highest of equal spans of epochs.

    A span without any finite loss keeps its first point, so that a gap stays a gap.
    """
    if len(epochs) <= most:
        return epochs, losses
    edges = np.linspace(float(epochs[0]), float(epochs[-1]), (most - 2) // 2 + 1)
    spans = np.searchsorted(edges[1:-1], epochs, side="right")
    starts = np.flatnonzero(np.diff(spans, prepend=-1))
    lengths = np.diff(starts, append=len(epochs))
    finite = np.isfinite(losses)
    kept = [np.array([0, len(epochs) - 1])]
    for extreme, other in ((np.minimum, np.inf), (np.maximum, -np.inf)):
        filled = np.where(finite, losses, other)
        matches = np.flatnonzero(filled == np.repeat(extreme.reduceat(filled, starts), lengths))
        kept.append(matches[np.unique(spans[matches], return_index=True)[1]])
    chosen = np.unique(np.concatenate(kept))
    return epochs[chosen], losses[chosen]


def epoch_end(runs: tuple[LossRun, ...], marker: int = 0) -> int:
    """Where the axis of epochs ends: the next 1, 2 or 5 with zeros, so that it rests while a run grows."""
    last = max((run.last_epoch for run in runs), default=0)
    return int(nice_above(max(last, marker, SHORTEST_AXIS)))


def grouped(count: int) -> str:
    """A count with a thin space between thousands."""
    return f"{count:,}".replace(",", THIN_SPACE)


def loss_text(loss: float | None) -> str:
    """A loss in a readout; a dash where there is none."""
    if loss is None:
        return UNKNOWN
    return pretty(f"{loss:.2e}" if 0.0 < loss < 1e-3 else fixed(loss, 5))


def reward_of(losses: FloatArray | float, examples: int) -> FloatArray | float:
    """The reward that documents climb: minus the loss, summed over all examples."""
    return -losses * examples


def reward_text(reward: float | None) -> str:
    """A reward in a readout; a dash where there is none."""
    if reward is None:
        return UNKNOWN
    return pretty(fixed(reward, 1 if abs(reward) >= 100 else 3 if abs(reward) >= 1 else 5))


def accuracy_text(accuracy: float | None, examples: int) -> str:
    """An accuracy (0 to 1) as `4 / 4`, in percent beyond SMALL_DATA examples, a dash where there is none."""
    if accuracy is None:
        return UNKNOWN
    if examples <= SMALL_DATA:
        return f"{round(accuracy * examples)} / {examples}"
    return f"{100 * accuracy:.1f}{THIN_SPACE}%"


def mean_loss(network: Network, dataset: Dataset) -> float:
    """The loss of a network averaged over all examples and time steps, by the forward pass that trains."""
    work = Workspace(network.architecture, dataset.inputs, dataset.targets)
    with np.errstate(all="ignore"):
        forward(work, network.parameters)
        return measure(work) / (len(dataset) * dataset.time_steps)
