"""The axes of the loss plot: rounded outwards, with few ticks, and the positions of numbers on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.present.text.numbers import pretty

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LARGEST, SMALLEST = 1e300, 1e-300  # the numbers that are distinguished; a step beyond them would not be finite
_NICE = (1, 2, 5, 10)


@dataclass(frozen=True)
class Tick:
    """A grid line: its position on the axis, and its label."""

    at: float
    text: str


@dataclass(frozen=True)
class LossAxis:
    """The axis of the loss from `low` to `high`; if `log` is true, these and the ticks are powers of ten."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    log: bool


def drawn_losses(losses: FloatArray, axis: LossAxis) -> FloatArray:
    """Return the positions of losses on the axis: NaN, a gap, if not finite; 0 is at the foot of a log axis."""
    with np.errstate(all="ignore"):
        if not axis.log:
            return np.where(np.isfinite(losses), np.clip(losses, -LARGEST, LARGEST), np.nan)
        heights = np.where(losses > 0.0, np.log10(np.clip(losses, SMALLEST, LARGEST)), np.nan)
        return np.where(losses == 0.0, axis.low, np.where(np.isfinite(losses), heights, np.nan))


def loss_axis(losses: FloatArray, log: bool, most: int = 5) -> LossAxis:
    """Return the axis that holds every loss, rounded outwards, with at most `most` + 1 ticks."""
    losses = np.minimum(losses[np.isfinite(losses)], LARGEST)
    if not log:
        return _linear_axis(0.0, float(losses.max(initial=0.0)), most)
    losses = np.maximum(losses[losses > 0.0], SMALLEST)
    return _log_axis(float(losses.min()), float(losses.max()), most) if len(losses) else _log_axis(1e-3, 1.0, most)


def reward_axis(rewards: FloatArray, most: int = 5) -> LossAxis:
    """Return the linear axis that holds every reward; 0, the best possible reward, is included only if it is near."""
    rewards = np.clip(rewards[np.isfinite(rewards)], -LARGEST, LARGEST)
    if not len(rewards):
        return _linear_axis(-1.0, 0.0, most)
    low, high = float(rewards.min()), float(rewards.max())
    return _linear_axis(low, max(high, 0.0) if high - low > -high else high, most)


def share_axis(most: int = 5) -> LossAxis:
    """Return the axis of a share, 0 to 1, labelled in percent."""
    parts = next((parts for parts in (5, 4, 2) if parts <= most), 1)
    ticks = tuple(Tick(i / parts, f"{100 * i // parts}{THIN_SPACE}%") for i in range(parts + 1))
    return LossAxis(0.0, 1.0, ticks, False)


def nice_above(value: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is not below a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _NICE if step * power >= value * (1 - 1e-12))


def decade_text(exponent: int) -> str:
    """Return a power of ten as text: 10⁻³."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def _linear_axis(lowest: float, highest: float, most: int) -> LossAxis:
    span, least = highest - lowest, 1e-9 * max(abs(lowest), abs(highest))
    if span <= least:
        span = max(1.0, least)
        lowest, highest = (lowest - span, highest) if lowest < 0.0 else (lowest, highest + span)
    step = nice_above(span / most)
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    if last - first > most + 1:  # rounding outwards has added too much
        step = nice_above(1.5 * step)
        first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = tuple(Tick(i * step, _plain(i * step, decimals)) for i in range(first, last + 1))
    return LossAxis(first * step, last * step, ticks, False)


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
    """Return an axis of less than a decade: ticks at 1, 2 and 5, as plain numbers."""
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
    return pretty(f"{value:.{decimals}f}" if 1e-4 <= abs(value) < 1e5 else f"{value:.0e}")
