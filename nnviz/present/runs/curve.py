"""The loss over the epochs as data to draw: thinned without losing its shape, and numbers as labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import forward, measure
from nnviz.engine.workspace import Workspace, measured_count
from nnviz.present.runs.curve_axis import THIN_SPACE, nice_above
from nnviz.present.text.numbers import UNKNOWN, fixed, marked, pretty

SMALL_DATA = 20  # up to this many examples, accuracy is a count instead of a percentage
MOST_KEPT = 16_000  # points of a run that are kept
SHORTEST_AXIS = 10  # epochs

Epochs = NDArray[np.int64]
Points = tuple[Epochs, FloatArray]  # epochs, ascending, and values
NO_POINTS: Points = (np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True, eq=False)
class LossRun:
    """One curve: its name, its series colour in the theme, and the mean loss of epochs, in ascending order.

    `rates` are the shares of correctly classified examples after the epochs `rated`. A `faint` run is kept besides the
    present one. `number` identifies the run. `examples` is the number that an epoch presents, 0 if it is not known. A
    run that is not `shown` is in the legend only. `made` describes how the run was made. `held_losses` and `held_rates`
    are mean loss and accuracy of the examples held out, after some epochs; without any, they are empty.
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
    held_losses: Points = NO_POINTS
    held_rates: Points = NO_POINTS

    @property
    def last_epoch(self) -> int:
        """The newest epoch; 0 before any."""
        return int(self.epochs[-1]) if len(self.epochs) else 0


def empty_run(name: str, series: int = 0) -> LossRun:
    """Return a run without epochs."""
    return LossRun(name, series, np.zeros(0, dtype=np.int64), np.zeros(0))


def extend_run(run: LossRun, epochs: Epochs, losses: FloatArray, most: int = MOST_KEPT) -> LossRun:
    """Add later epochs to a run; beyond `most` points, thin it to half of them."""
    if not len(epochs):
        return run
    joined = _join(run.epochs, run.losses, epochs, losses, most)
    return replace(run, epochs=joined[0], losses=joined[1])


def extend_rates(run: LossRun, rated: Epochs, rates: FloatArray, most: int = MOST_KEPT) -> LossRun:
    """Add the rates of later epochs to a run, thinned like its losses; epochs that it already has are skipped."""
    joined = _with_later((run.rated, run.rates), rated, rates, most)
    return replace(run, rated=joined[0], rates=joined[1])


def extend_held(run: LossRun, epochs: Epochs, losses: FloatArray, rates: FloatArray) -> LossRun:
    """Add measures of the examples held out; rates of NaN are none."""
    are = ~np.isnan(rates)
    held_rates = _with_later(run.held_rates, epochs[are], rates[are])
    return replace(run, held_losses=_with_later(run.held_losses, epochs, losses), held_rates=held_rates)


def cut_run(run: LossRun, epoch: int) -> LossRun:
    """Return the run up to and including `epoch`, as a run that branches there has it."""
    epochs, losses = _until((run.epochs, run.losses), epoch)
    rated, rates = _until((run.rated, run.rates), epoch)
    held_losses, held_rates = _until(run.held_losses, epoch), _until(run.held_rates, epoch)
    return replace(
        run, epochs=epochs, losses=losses, rated=rated, rates=rates, held_losses=held_losses, held_rates=held_rates
    )


def _until(points: Points, epoch: int) -> Points:
    end = int(np.searchsorted(points[0], epoch, side="right"))
    return points[0][:end], points[1][:end]


def _with_later(points: Points, epochs: Epochs, values: FloatArray, most: int = MOST_KEPT) -> Points:
    """Return points and those of later epochs; epochs that they already have are skipped."""
    later = epochs > (points[0][-1] if len(points[0]) else -1)
    return _join(*points, epochs[later], values[later], most) if later.any() else points


def _join(epochs: Epochs, values: FloatArray, later: Epochs, later_values: FloatArray, most: int) -> Points:
    joined = np.concatenate((epochs, later)), np.concatenate((values, later_values))
    return thin_curve(*joined, most // 2) if len(joined[0]) > most else joined


def thin_curve(epochs: Epochs, losses: FloatArray, most: int) -> Points:
    """Return at most `most` (4 or more) points: first, last, and the extremes of equal spans of epochs.

    A span without any finite loss keeps its first point, so that a gap remains a gap.
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
    """Return the end of the epoch axis: the next 1, 2 or 5 times a power of ten, so that it rarely changes."""
    last = max((run.last_epoch for run in runs), default=0)
    return int(nice_above(max(last, marker, SHORTEST_AXIS)))


def grouped(count: int) -> str:
    """Return a count with a thin space between thousands."""
    return f"{count:,}".replace(",", THIN_SPACE)


def loss_text(loss: float | None) -> str:
    """Return a loss as text; a dash if there is none."""
    if loss is None:
        return UNKNOWN
    return pretty(f"{loss:.2e}" if 0.0 < loss < 1e-3 else fixed(loss, 5))


def reward_of(losses: FloatArray | float, examples: int) -> FloatArray | float:
    """Return the reward of documents that maximize it: minus the loss, summed over all examples."""
    with np.errstate(over="ignore"):
        return -losses * examples


def reward_text(reward: float | None) -> str:
    """Return a reward as text; a dash if there is none."""
    if reward is None:
        return UNKNOWN
    return pretty(fixed(reward, 1 if abs(reward) >= 100 else 3 if abs(reward) >= 1 else 5))


def accuracy_text(accuracy: float | None, examples: int) -> str:
    """Return an accuracy (0 to 1) as `4 / 4`, in percent for more than SMALL_DATA examples, a dash if there is none."""
    if accuracy is None:
        return UNKNOWN
    if examples <= SMALL_DATA:
        return f"{round(accuracy * examples)} / {examples}"
    return marked(f"{100 * accuracy:.1f}{THIN_SPACE}%")


def mean_loss(network: Network, dataset: Dataset) -> float:
    """Return the loss of a network, averaged over all examples and time steps, by training's own forward pass."""
    work = Workspace(network.architecture, dataset.inputs, dataset.targets)
    with np.errstate(all="ignore"):
        forward(work, network.parameters)
        return measure(work) / measured_count(network.architecture, dataset.targets)
