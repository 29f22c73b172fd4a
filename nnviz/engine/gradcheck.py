"""The gradient check: each gradient is compared with the central difference of the loss."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.activations import Constants, Value
from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import Architecture, view_parameters
from nnviz.engine.passes import forward, measure
from nnviz.engine.record import PassRecord
from nnviz.engine.workspace import LayerAtTime, Workspace

TOLERANCE = 1e-6

_WIDE = 20.0
_STEPS = (0.0, -1.0, 1.0, -_WIDE, _WIDE, -2 * _WIDE, 2 * _WIDE)


@dataclass(frozen=True)
class Difference:
    """A parameter's gradient and its central difference.

    `kink` is true if the loss has a kink there and the gradient is right: it lies between the slopes of both sides, or
    is the one that the activations' own slopes at their corners give.
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
    losses_near = _LossesNear(record)
    for index in parameters:
        gradient, h = float(record.gradients.vector[index]), losses_near.step_of(index)
        losses = yield from losses_near.of(index)
        found = _compare(index, gradient, losses, h)
        if not found.agrees and losses_near.corners:
            pinned = yield from losses_near.pinned(index)
            if pinned is not None and _compare(index, gradient, pinned, h).agrees:
                found = replace(found, kink=True)
        yield found


class _LossesNear:
    """The batch loss of a record with one parameter moved. Mutable: each loss overwrites the buffers.

    `corners` are the layers whose activation has corners, at each time step. Where a unit crosses a corner within the
    steps, a central difference mixes the slopes of both sides. The *pinned* losses go on straight there instead, with
    the slope that the activation has at the unit's own z, so that their central difference is the derivative.
    """

    def __init__(self, record: PassRecord) -> None:
        self._work = Workspace(record.architecture, record.x, record.t)
        self._vector = record.parameters.vector.copy()
        self._views = view_parameters(record.architecture, self._vector)
        self._scale = 1.0 / record.x.shape[1] if record.rule.reduce == "mean" else 1.0
        self.corners = [place for places in self._work.places for place in places if place.activation.corners]

    def step_of(self, index: int) -> float:
        """Return the step of the central difference by a parameter."""
        return 6e-6 * max(1.0, abs(float(self._vector[index])))

    def of(self, index: int, sides: list[list[NDArray[np.int64]]] | None = None) -> Generator[None, None, list[float]]:
        """Return the losses at _STEPS from a parameter; yield after each but the last.

        `sides` takes the sides of its corners on which each unit was, for each loss.
        """
        value, h = float(self._vector[index]), self.step_of(index)
        losses: list[float] = []
        for step in _STEPS:
            losses.append(self._at(index, value + step * h))
            if sides is not None:
                sides.append([_side(place.z, place.activation.corners) for place in self.corners])
            if len(losses) < len(_STEPS):
                yield
        return losses

    def pinned(self, index: int) -> Generator[None, None, list[float] | None]:
        """Return the losses at _STEPS, with the units pinned that cross a corner; None if none crosses one."""
        pins: list[NDArray[np.bool_]] = [np.zeros(place.z.shape, dtype=bool) for place in self.corners]
        losses = None
        try:
            for _ in range(len(self.corners) + 1):  # a pinned unit may let a later layer cross a corner
                sides: list[list[NDArray[np.int64]]] = []
                yield
                losses = yield from self.of(index, sides)
                crossed = [np.any([found != here for found in each], axis=0) for here, *each in _by_place(sides)]
                if not any((cross & ~pin).any() for cross, pin in zip(crossed, pins, strict=True)):
                    return losses if any(pin.any() for pin in pins) else None
                pins = [pin | cross for pin, cross in zip(pins, crossed, strict=True)]
                self._pin(index, pins)
            return losses
        finally:
            for place in self.corners:
                place.value = place.activation.value

    def _at(self, index: int, value: float) -> float:
        before, self._vector[index] = float(self._vector[index]), value
        with np.errstate(all="ignore"):
            forward(self._work, self._views)
            loss = self._scale * measure(self._work)
        self._vector[index] = before
        return loss

    def _pin(self, index: int, pins: list[NDArray[np.bool_]]) -> None:
        """Let the activations of these units go on straight from their values at the parameters of the record."""
        self._at(index, float(self._vector[index]))
        for place, pin in zip(self.corners, pins, strict=True):
            place.value = _straight(place, pin) if pin.any() else place.activation.value


def _by_place(sides: list[list[NDArray[np.int64]]]) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Yield for each place the sides at all steps."""
    return zip(*sides, strict=True)


def _side(z: FloatArray, corners: Sequence[float]) -> NDArray[np.int64]:
    """Return on which side of the corners each z is: twice the number of corners below it, plus 1 if it is at one."""
    side = np.zeros(z.shape, dtype=np.int64)
    for corner in corners:
        side += 2 * (z > corner) + (z == corner)
    return side


def _straight(place: LayerAtTime, pin: NDArray[np.bool_]) -> Value:
    """Return the value of an activation, with the units of `pin` straight lines through their present values."""
    z, a, slope = place.z[pin], place.a[pin], np.empty_like(place.z)
    place.activation.slope(place.z, place.a, slope, place.constants)
    slopes = slope[pin]

    def value(moved: FloatArray, out: FloatArray, constants: Constants) -> None:
        place.activation.value(moved, out, constants)
        out[pin] = a + slopes * (moved[pin] - z)

    return value


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
    """Return the flat indices of all weights and biases, or a random sample of `most` of them, in order."""
    existing = architecture.existing
    if existing.size > most:
        existing = np.sort(np.random.default_rng(seed).choice(existing, most, replace=False))
    return tuple(existing.tolist())


def largest_difference(differences: Sequence[Difference]) -> Difference:
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
