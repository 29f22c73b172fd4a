"""The loss over the epochs as data to draw: thinned without losing its shape, with axes and their labels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import forward, measure
from nnviz.engine.workspace import Workspace
from nnviz.present.numbers import UNKNOWN, fixed, pretty

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
SMALL_DATA = 20  # examples up to which they are counted rather than told in percent
MOST_KEPT = 16_000  # points of a run that are remembered
SHORTEST_AXIS = 10  # epochs

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NICE = (1, 2, 5, 10)

Epochs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LossRun:
    """One curve: its name, which of the theme's series colours it has, and the mean loss of epochs, rising."""

    name: str
    series: int
    epochs: Epochs
    losses: FloatArray
    faint: bool = False

    @property
    def last_epoch(self) -> int:
        """The newest epoch; 0 before any."""
        return int(self.epochs[-1]) if len(self.epochs) else 0


@dataclass(frozen=True)
class Tick:
    """A line of the grid: where it stands on the axis, and its label."""

    at: float
    text: str


@dataclass(frozen=True)
class LossAxis:
    """The axis of the loss from `low` to `high`; with `log` these and the ticks are powers of ten."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    log: bool


def empty_run(name: str, series: int = 0) -> LossRun:
    """A run without any epoch yet."""
    return LossRun(name, series, np.zeros(0, dtype=np.int64), np.zeros(0))


def extend_run(run: LossRun, epochs: Epochs, losses: FloatArray, most: int = MOST_KEPT) -> LossRun:
    """The run with later epochs; beyond `most` points it is thinned to half of them."""
    if not len(epochs):
        return run
    joined = np.concatenate((run.epochs, epochs)), np.concatenate((run.losses, losses))
    if len(joined[0]) > most:
        joined = thin_curve(*joined, most // 2)
    return LossRun(run.name, run.series, *joined, faint=run.faint)


def cut_run(run: LossRun, epoch: int) -> LossRun:
    """The run up to and with `epoch`, as one that branches there has it."""
    end = int(np.searchsorted(run.epochs, epoch, side="right"))
    return LossRun(run.name, run.series, run.epochs[:end], run.losses[:end], run.faint)


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


def drawn_losses(losses: FloatArray, axis: LossAxis) -> FloatArray:
    """Where losses stand on the axis: nan, a gap, where one is not finite; 0 on a log axis is at its foot."""
    with np.errstate(all="ignore"):
        if not axis.log:
            return np.where(np.isfinite(losses), losses, np.nan)
        return np.where(losses == 0.0, axis.low, np.where(np.isfinite(losses), np.log10(losses), np.nan))


def loss_axis(runs: tuple[LossRun, ...], log: bool, most: int = 5) -> LossAxis:
    """The axis that holds every loss of the runs, rounded outwards, with at most `most` + 1 ticks."""
    losses = np.concatenate([run.losses for run in runs]) if runs else np.zeros(0)
    losses = losses[np.isfinite(losses)]
    if not log:
        return _linear_axis(float(losses.max(initial=0.0)), most)
    losses = losses[losses > 0.0]
    return _log_axis(float(losses.min()), float(losses.max()), most) if len(losses) else _log_axis(1e-3, 1.0, most)


def epoch_end(runs: tuple[LossRun, ...], marker: int = 0) -> int:
    """Where the axis of epochs ends: the next 1, 2 or 5 with zeros, so that it rests while a run grows."""
    last = max((run.last_epoch for run in runs), default=0)
    return int(nice_above(max(last, marker, SHORTEST_AXIS)))


def nice_above(value: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is not below a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _NICE if step * power >= value * (1 - 1e-12))


def decade_text(exponent: int) -> str:
    """A power of ten as text: 10⁻³."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def grouped(count: int) -> str:
    """A count with a thin space between thousands."""
    return f"{count:,}".replace(",", THIN_SPACE)


def loss_text(loss: float | None) -> str:
    """A loss in a readout; a dash where there is none."""
    if loss is None:
        return UNKNOWN
    return pretty(f"{loss:.2e}" if 0.0 < loss < 1e-3 else fixed(loss, 5))


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


def _linear_axis(highest: float, most: int) -> LossAxis:
    step = nice_above((highest if highest > 0.0 else 1.0) / most)
    count = max(1, math.ceil((highest if highest > 0.0 else 1.0) / step - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = tuple(Tick(i * step, _plain(i * step, decimals)) for i in range(count + 1))
    return LossAxis(0.0, count * step, ticks, False)


def _log_axis(lowest: float, highest: float, most: int) -> LossAxis:
    low, high = math.floor(math.log10(lowest) + 1e-9), math.ceil(math.log10(highest) - 1e-9)
    if math.log10(highest / lowest) < 1.0 and high - low <= 2:
        return _narrow_log_axis(lowest, highest)
    high = max(high, low + 1)
    every = -(-(high - low) // most)
    low = high - every * -(-(high - low) // every)
    ticks = tuple(Tick(float(at), decade_text(at)) for at in range(low, high + 1, every))
    return LossAxis(float(low), float(high), ticks, True)


def _narrow_log_axis(lowest: float, highest: float) -> LossAxis:
    """Less than a decade: ticks at 1, 2 and 5, as plain numbers."""
    first = math.floor(math.log10(lowest)) - 1
    nice = [step * 10.0**power for power in range(first, first + 4) for step in _NICE[:-1]]
    start = max(i for i, at in enumerate(nice) if at <= lowest * (1 + 1e-9))
    end = min(i for i, at in enumerate(nice) if at >= highest * (1 - 1e-9))
    if end == start:
        start, end = start - 1, end + 1
    shown = nice[max(start, 0) : end + 1]
    ticks = tuple(Tick(math.log10(at), _plain(at, max(0, -math.floor(math.log10(at) + 1e-9)))) for at in shown)
    return LossAxis(ticks[0].at, ticks[-1].at, ticks, True)


def _plain(value: float, decimals: int) -> str:
    if value == 0.0:
        return "0"
    return pretty(f"{value:.{decimals}f}" if 1e-4 <= value < 1e5 else f"{value:.0e}")
