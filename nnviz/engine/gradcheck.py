"""The gradient check: each gradient beside the central difference of the loss it should be the slope of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.engine.network import Architecture, view_parameters
from nnviz.engine.passes import forward, measure
from nnviz.engine.record import PassRecord
from nnviz.engine.workspace import Workspace

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Difference:
    """One parameter's gradient beside its central difference; `kink` where the loss has a corner there."""

    parameter: int
    gradient: float
    central: float
    kink: bool

    @property
    def error(self) -> float:
        """How far apart they are, against the larger of the two or 1e-4: 0 is agreement."""
        if self.kink:
            return 0.0
        return abs(self.gradient - self.central) / max(abs(self.gradient), abs(self.central), 1e-4)

    @property
    def agrees(self) -> bool:
        """Whether they agree to TOLERANCE; nothing that is not finite agrees."""
        return bool(self.error <= TOLERANCE)


def check_gradients(record: PassRecord, parameters: Sequence[int]) -> tuple[Difference, ...]:
    """Compare the record's gradients with central differences of its batch's loss, for the flat indices given."""
    work = Workspace(record.architecture, record.x, record.t)
    vector = record.parameters.vector.copy()
    views = view_parameters(record.architecture, vector)
    scale = 1.0 / record.x.shape[1] if record.rule.reduce == "mean" else 1.0

    def compare(index: int) -> Difference:
        value = float(vector[index])

        def loss_at(offset: float) -> float:
            vector[index] = value + offset
            forward(work, views)
            vector[index] = value
            return scale * measure(work)

        return _compare(index, float(record.gradients.vector[index]), loss_at, 6e-6 * max(1.0, abs(value)))

    with np.errstate(all="ignore"):
        return tuple(compare(index) for index in parameters)


def _compare(index: int, gradient: float, loss_at: Callable[[float], float], h: float) -> Difference:
    """One gradient against the differences of `loss_at(offset)` around 0, with steps of about `h`.

    Where left and right differences disagree the loss has a corner (relu at 0), and any gradient between them
    is right. Where it is smooth, the difference of fourth order is the sharper one.
    """
    here, left, right = loss_at(0.0), loss_at(-h), loss_at(h)
    wide = 20 * h
    near = loss_at(wide) - loss_at(-wide)
    far = loss_at(2 * wide) - loss_at(-2 * wide)
    estimates = ((right - left) / (2 * h), (8 * near - far) / (12 * wide))
    low, high = sorted(((here - left) / h, (right - here) / h))
    margin = 1e-3 * max(1e-3, abs(low), abs(high))
    kink = high - low > margin and low - margin <= gradient <= high + margin
    return Difference(index, gradient, min(estimates, key=lambda e: abs(e - gradient)), kink)


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
