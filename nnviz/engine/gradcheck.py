"""The gradient check: each gradient is compared with the central difference of the loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.engine.network import Architecture, view_parameters
from nnviz.engine.passes import forward, measure
from nnviz.engine.record import PassRecord
from nnviz.engine.workspace import Workspace

TOLERANCE = 1e-6

_WIDE = 20.0
_STEPS = (0.0, -1.0, 1.0, -_WIDE, _WIDE, -2 * _WIDE, 2 * _WIDE)


@dataclass(frozen=True)
class Difference:
    """A parameter's gradient and its central difference; `kink` is true if the loss has a kink there.

    `rounding` is the possible error of the central difference due to the rounding of the losses.
    """

    parameter: int
    gradient: float
    central: float
    kink: bool
    rounding: float = 0.0

    @property
    def error(self) -> float:
        """The difference relative to the larger of the two numbers, or to 1e-4 if both are smaller."""
        if self.kink:
            return 0.0
        return abs(self.gradient - self.central) / max(abs(self.gradient), abs(self.central), 1e-4)

    @property
    def agrees(self) -> bool:
        """Whether both agree within TOLERANCE or within the rounding error; NaN and infinity never agree."""
        return bool(self.error <= TOLERANCE or abs(self.gradient - self.central) <= self.rounding < np.inf)


def check_gradients(record: PassRecord, parameters: Iterable[int]) -> tuple[Difference, ...]:
    """Compare the record's gradients, for the given flat indices, with central differences of the batch loss."""
    return tuple(found for found in check_in_pieces(record, parameters) if found is not None)


def check_in_pieces(record: PassRecord, parameters: Iterable[int]) -> Iterator[Difference | None]:
    """Do the same as `check_gradients`, and yield None after each forward pass that completes no difference."""
    work = Workspace(record.architecture, record.x, record.t)
    vector = record.parameters.vector.copy()
    views = view_parameters(record.architecture, vector)
    scale = 1.0 / record.x.shape[1] if record.rule.reduce == "mean" else 1.0

    def loss_at(index: int, value: float) -> float:
        before, vector[index] = float(vector[index]), value
        with np.errstate(all="ignore"):
            forward(work, views)
            loss = scale * measure(work)
        vector[index] = before
        return loss

    for index in parameters:
        value = float(vector[index])
        h = 6e-6 * max(1.0, abs(value))
        losses: list[float] = []
        for step in _STEPS:
            losses.append(loss_at(index, value + step * h))
            if len(losses) < len(_STEPS):
                yield None
        yield _compare(index, float(record.gradients.vector[index]), losses, h)


def _compare(index: int, gradient: float, losses: Sequence[float], h: float) -> Difference:
    """Compare a gradient with differences of the losses at _STEPS times `h` from the parameter.

    If the left and right differences disagree, the loss has a kink (relu at 0), and any gradient between them is
    right. If the loss is smooth, the fourth-order difference is more accurate.
    """
    here, left, right, wide_left, wide_right, far_left, far_right = (np.float64(loss) for loss in losses)
    wide = _WIDE * h
    with np.errstate(all="ignore"):
        estimates = ((right - left) / (2 * h), (8 * (wide_right - wide_left) - (far_right - far_left)) / (12 * wide))
        low, high = sorted(((here - left) / h, (right - here) / h))
        margin = 1e-3 * max(1e-3, abs(low), abs(high))
        # If the loss is only curved, the gap between both sides is proportional to the step.
        gap, wide_gap = abs(left + right - 2 * here) / h, abs(wide_left + wide_right - 2 * here) / wide
        noise = np.finfo(float).eps * abs(here)
        curved = abs(gap * _WIDE - wide_gap) <= 0.2 * wide_gap + 4 * noise * _WIDE / h
        kink = bool(not curved and high - low > margin and low - margin <= gradient <= high + margin)
        central = float(min(estimates, key=lambda estimate: abs(estimate - gradient)))
        return Difference(index, gradient, central, kink, float(16 * noise / (12 * wide)))


def sample_parameters(architecture: Architecture, most: int, seed: int = 0) -> tuple[int, ...]:
    """Return all flat indices, or a random sample of `most` of them, in order."""
    count = architecture.parameter_count
    if count <= most:
        return tuple(range(count))
    chosen = np.random.default_rng(seed).choice(count, most, replace=False)
    return tuple(int(index) for index in np.sort(chosen))


def worst(differences: Sequence[Difference]) -> Difference:
    """Return the difference with the largest error; a gradient that is not finite counts as the largest."""

    def badness(difference: Difference) -> float:
        return difference.error if np.isfinite(difference.error) else np.inf

    return max(differences, key=badness)


def parameter_name(architecture: Architecture, index: int) -> str:
    """Return the name of the parameter at a flat index: `W2[3,1]` (source, unit) or `b1[2]`, counted from 1."""
    for layer, slots in enumerate(architecture.slots):
        for name, slot in slots.items():
            if index < slot.stop:
                *source, unit = np.unravel_index(index - slot.start, architecture.shape(name, layer) or ())
                return f"{name}{layer + 1}[{','.join(str(place + 1) for place in (*source, unit))}]"
    raise IndexError(f"{index} is not below {architecture.parameter_count}")
