"""The runs of a sweep as rows, one for each run or one for each setting, for its table, CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median
from typing import Any

from nnviz.debugger.training.sweep import SweepRun

COLUMNS = (
    *("seed", "epochs", "loss", "lowest_loss", "accuracy", "held_out_loss", "held_out_accuracy"),
    *("reached", "stopped", "seconds"),
)


def setting_keys(runs: Sequence[SweepRun]) -> tuple[str, ...]:
    """Return the keys of the settings that the runs vary."""
    return tuple(key for key, _ in runs[0].choice.settings) if runs else ()


def run_row(run: SweepRun) -> dict[str, Any]:
    """Return one run as a row: its settings, then COLUMNS; None where a run has no such number."""
    held = run.held_out
    finite = [loss for loss in run.loss if loss == loss]
    values = (
        run.choice.seed,
        len(run.loss),
        run.loss[-1] if run.loss else None,
        min(finite) if finite else None,
        run.accuracy,
        None if held is None else held.loss,
        None if held is None else held.accuracy,
        run.is_reached,
        run.stopped,
        run.seconds,
    )
    return dict(run.choice.settings) | dict(zip(COLUMNS, values, strict=True))


def setting_rows(runs: Sequence[SweepRun]) -> list[dict[str, Any]]:
    """Return a row for each setting: how many runs, their losses at the end, accuracies, and how many stopped."""
    groups: dict[tuple[tuple[str, str], ...], list[SweepRun]] = {}
    for run in runs:
        groups.setdefault(run.choice.settings, []).append(run)
    return [_setting_row(group) for group in groups.values()]


def _setting_row(group: Sequence[SweepRun]) -> dict[str, Any]:
    losses = [run.loss[-1] for run in group if run.loss and not run.stopped]
    shares = [run.accuracy for run in group if run.accuracy is not None]
    held = [run.held_out.loss for run in group if run.held_out is not None]
    return dict(group[0].choice.settings) | {
        "runs": len(group),
        "median_loss": median(losses) if losses else None,
        "lowest_loss": min(losses) if losses else None,
        "highest_loss": max(losses) if losses else None,
        "accuracy": mean(shares) if shares else None,
        "held_out_loss": median(held) if held else None,
        "reached": sum(run.is_reached for run in group),
        "stopped": sum(bool(run.stopped) for run in group),
    }


def in_order(runs: Sequence[SweepRun]) -> list[SweepRun]:
    """Return the runs in the order of the sweep, whichever was done first."""
    return sorted(runs, key=lambda run: run.choice.number)
