"""The gradient check: each gradient beside the central difference of the loss it should be the slope of."""

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
    """One parameter's gradient beside its central difference; `kink` where the loss has a corner there.

    `rounding` is what the central difference can be off by because the losses it is taken of are rounded.
    """

    parameter: int
    gradient: float
    central: float
    kink: bool
    rounding: float = 0.0

    @property
    def error(self) -> float:
        """How far apart they are, against the larger of the two or 1e-4: 0 is agreement."""
        if self.kink:
            return 0.0
        return abs(self.gradient - self.central) / max(abs(self.gradient), abs(self.central), 1e-4)

    @property
    def agrees(self) -> bool:
        """Whether they agree to TOLERANCE or to what rounding leaves; nothing that is not finite agrees."""
        return bool(self.error <= TOLERANCE or abs(self.gradient - self.central) <= self.rounding < np.inf)


def check_gradients(record: PassRecord, parameters: Iterable[int]) -> tuple[Difference, ...]:
    """Compare the record's gradients with central differences of its batch's loss, for the flat indices given."""
    return tuple(found for found in check_in_pieces(record, parameters) if found is not None)


def check_in_pieces(record: PassRecord, parameters: Iterable[int]) -> Iterator[Difference | None]:
    """The same in pieces of one forward pass over the batch each: None until the next difference is known."""
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
    """One gradient against the differences of the losses at _STEPS times `h` from the parameter.

    Where left and right differences disagree the loss has a corner (relu at 0), and any gradient between them
    is right. Where it is smooth, the difference of fourth order is the sharper one.
    """
    here, left, right, wide_left, wide_right, far_left, far_right = (np.float64(loss) for loss in losses)
    wide = _WIDE * h
    with np.errstate(all="ignore"):
        estimates = ((right - left) / (2 * h), (8 * (wide_right - wide_left) - (far_right - far_left)) / (12 * wide))
        low, high = sorted(((here - left) / h, (right - here) / h))
        margin = 1e-3 * max(1e-3, abs(low), abs(high))
        # Where the loss is only curved, the two sides are as many times closer as the step is smaller.
        gap, wide_gap = abs(left + right - 2 * here) / h, abs(wide_left + wide_right - 2 * here) / wide
        noise = np.finfo(float).eps * abs(here)
        curved = abs(gap * _WIDE - wide_gap) <= 0.2 * wide_gap + 4 * noise * _WIDE / h
        kink = bool(not curved and high - low > margin and low - margin <= gradient <= high + margin)
        central = float(min(estimates, key=lambda estimate: abs(estimate - gradient)))
        return Difference(index, gradient, central, kink, float(16 * noise / (12 * wide)))


def sample_parameters(architecture: Architecture, most: int, seed: int = 0) -> tuple[int, ...]:
    """All flat indices, or `most` of them spread over the vector at random, in order."""
    count = architecture.parameter_count
    if count <= most:
        return tuple(range(count))
    chosen = np.random.default_rng(seed).choice(count, most, replace=False)
    return tuple(int(index) for index in np.sort(chosen))


def worst(differences: Sequence[Difference]) -> Difference:
    """The one that agrees least; a gradient that is not finite is the worst of all."""

    def badness(difference: Difference) -> float:
        return difference.error if np.isfinite(difference.error) else np.inf

    return max(differences, key=badness)


def parameter_name(architecture: Architecture, index: int) -> str:
    """A flat index as the engine writes it: `W2[3,1]` (source, unit) or `b1[2]`, counted from 1."""
    for layer, slots in enumerate(architecture.slots):
        for name, slot in slots.items():
            if index < slot.stop:
                *source, unit = np.unravel_index(index - slot.start, architecture.shape(name, layer) or ())
                return f"{name}{layer + 1}[{','.join(str(place + 1) for place in (*source, unit))}]"
    raise IndexError(f"{index} is not below {architecture.parameter_count}")
