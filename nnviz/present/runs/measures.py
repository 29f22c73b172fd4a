"""The measures of a run on the loss plot: its loss, the reward that a document uses instead, or its accuracy."""

from __future__ import annotations

import numpy as np

from nnviz.present.runs.curve import NO_POINTS, LossRun, Points, loss_text, reward_of, reward_text
from nnviz.present.runs.curve_axis import THIN_SPACE, LossAxis, loss_axis, reward_axis, share_axis
from nnviz.present.text.numbers import UNKNOWN, marked, pretty

LOSS, REWARD, ACCURACY = "loss", "reward", "accuracy"
MEASURES = {
    LOSS: "Mean loss per example, when it was presented",
    REWARD: "Negative loss, summed over all examples",
    ACCURACY: "Share of correctly classified examples (classification rate)",
}


def measured(run: LossRun, measure: str) -> Points:
    """Return the epochs at which a measure of a run is known, ascending, and its values there."""
    if measure == ACCURACY:
        return run.rated, run.rates
    if measure == REWARD:
        if not run.examples:
            return run.epochs[:0], run.losses[:0]
        return run.epochs, np.asarray(reward_of(run.losses, run.examples))
    return run.epochs, run.losses


def held_out_measured(run: LossRun, measure: str) -> Points:
    """Return the same of the examples held out; no points if none are, or for a sum over the examples."""
    return {LOSS: run.held_losses, ACCURACY: run.held_rates}.get(measure, NO_POINTS)


def measure_axis(runs: tuple[LossRun, ...], measure: str, log: bool, most: int = 5) -> LossAxis:
    """Return the axis that holds a measure of all runs; only the loss has a log scale."""
    if measure == ACCURACY:
        return share_axis(most)
    values = [known(run, measure)[1] for run in runs for known in (measured, held_out_measured)]
    every = np.concatenate(values) if values else np.zeros(0)
    return reward_axis(every, most) if measure == REWARD else loss_axis(every, log, most)


def value_at(run: LossRun, measure: str, epoch: float | None = None) -> float | None:
    """Return a measure of a run at an epoch or the next known one, or at the last epoch; None beyond the end."""
    return _value_of(measured(run, measure), epoch)


def held_out_at(run: LossRun, measure: str, epoch: float | None = None) -> float | None:
    """Return the same of the examples held out; None if none are."""
    return _value_of(held_out_measured(run, measure), epoch)


def both_text(run: LossRun, measure: str, epoch: float | None = None) -> str:
    """Return a measure with its name, and that of the examples held out if there are any."""
    known, held = value_at(run, measure, epoch), held_out_at(run, measure, epoch)
    text = f"{measure} {measure_text(measure, known)}"
    return text if held is None else f"{text}, held out {measure_text(measure, held)}"


def _value_of(points: Points, epoch: float | None) -> float | None:
    epochs, values = points
    if not len(epochs) or (epoch is not None and epoch > epochs[-1]):
        return None
    return float(values[-1 if epoch is None else int(np.searchsorted(epochs, epoch))])


def measure_text(measure: str, value: float | None, short: bool = False) -> str:
    """Return a value of a measure for a readout, or in a few characters; a dash if there is none."""
    if short and value is not None:
        return f"{100 * value:.0f}{THIN_SPACE}%" if measure == ACCURACY else pretty(_short(value))
    if measure == LOSS:
        return loss_text(value)
    if measure == REWARD:
        return reward_text(value)
    return UNKNOWN if value is None else marked(f"{100 * value:.1f}{THIN_SPACE}%")


def _short(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.0e}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
