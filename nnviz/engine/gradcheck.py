"""The gradient check: each gradient beside the central difference of the loss it should be the slope of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.engine.network import Architecture, view_parameters
from nnviz.engine.passes import forward, measure
from nnviz.engine.record import PassRecord
from nnviz.engine.workspace import Workspace

TOLERANCE = 1e-6


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
    return tuple(each_difference(record, parameters))


def each_difference(record: PassRecord, parameters: Iterable[int]) -> Iterator[Difference]:
    """The same one by one, each computed when it is asked for: a few forward passes over the batch."""
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

        with np.errstate(all="ignore"):
            return _compare(index, float(record.gradients.vector[index]), loss_at, 6e-6 * max(1.0, abs(value)))

    return map(compare, parameters)


def _compare(index: int, gradient: float, loss_at: Callable[[float], float], h: float) -> Difference:
    """One gradient against the differences of `loss_at(offset)` around 0, with steps of about `h`.

    Where left and right differences disagree the loss has a corner (relu at 0), and any gradient between them
    is right. Where it is smooth, the difference of fourth order is the sharper one.
    """
    here, left, right = loss_at(0.0), loss_at(-h), loss_at(h)
    wide = 20 * h
    wide_right, wide_left = loss_at(wide), loss_at(-wide)
    near = wide_right - wide_left
    far = loss_at(2 * wide) - loss_at(-2 * wide)
    estimates = ((right - left) / (2 * h), (8 * near - far) / (12 * wide))
    low, high = sorted(((here - left) / h, (right - here) / h))
    margin = 1e-3 * max(1e-3, abs(low), abs(high))
    # Where the loss is only curved, the two sides are as many times closer as the step is smaller.
    gap, wide_gap = abs(left + right - 2 * here) / h, abs(wide_left + wide_right - 2 * here) / wide
    noise = float(np.finfo(float).eps) * abs(here)
    curved = abs(gap * wide / h - wide_gap) <= 0.2 * wide_gap + 4 * noise * wide / h**2
    kink = not curved and high - low > margin and low - margin <= gradient <= high + margin
    rounding = 16 * noise / (12 * wide)
    return Difference(index, gradient, min(estimates, key=lambda e: abs(e - gradient)), kink, rounding)


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
    for layer, (w, b) in enumerate(architecture.slots):
        if index < w.stop:
            source, unit = divmod(index - w.start, architecture.sizes[layer + 1])
            return f"W{layer + 1}[{source + 1},{unit + 1}]"
        if index < b.stop:
            return f"b{layer + 1}[{index - b.start + 1}]"
    raise IndexError(f"{index} is not below {architecture.parameter_count}")
