"""The largest learning rate that would not diverge: 2 over the largest curvature of a batch's loss, an estimate."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import is_frozen
from nnviz.engine.network import view_parameters
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.passes import backward, forward, measure
from nnviz.engine.record import PassRecord
from nnviz.engine.workspace import Workspace

ITERATIONS = 60
SETTLED = 1e-4  # relative change of the eigenvalue at which the iteration ends
STEP = 1e-4  # of the difference of gradients, relative to the size of the parameters
COSTLY = 3_000_000  # parameters times examples: larger passes are not examined


@lru_cache(maxsize=4)
def largest_rate(record: PassRecord) -> float | None:
    """Return the learning rate above which the batch's loss would diverge near these parameters; None if unknown.

    It is 2 over the largest eigenvalue of the Hessian of the batch's loss, by power iteration with differences of
    gradients; an optimizer with a velocity has another number for the 2. It is an estimate: the curvature changes on
    the way.
    """
    stable = OPTIMIZERS[record.rule.optimizer].stable
    size = record.architecture.parameter_count * len(record.examples) * record.time_steps
    if stable is None or size > COSTLY or not np.isfinite(record.parameters.vector).all():
        return None
    curvature = largest_curvature(record)
    curvature += record.rule.decay  # that of the weight decay, whose gradient is the decay times the parameter
    return stable(record.rule.rates) / curvature if curvature > 0.0 else None


def largest_curvature(record: PassRecord) -> float:
    """Return the largest eigenvalue of the Hessian of the batch's loss, by the parameters that are not frozen."""
    gradients = _Gradients(record)
    with np.errstate(all="ignore"):
        found = _power(gradients, 0.0)
        # The eigenvalue of the largest size may be negative: then the largest one is found above a shift by it.
        return found if found >= 0.0 else _power(gradients, -found)


class _Gradients:
    """The gradient of a record's batch at other parameters. Mutable: each overwrites the buffers."""

    def __init__(self, record: PassRecord) -> None:
        self._record = record
        self._work = Workspace(record.architecture, record.x, record.t)
        self.free = np.zeros(record.parameters.vector.size, dtype=bool)
        for layer, slots in enumerate(record.architecture.slots):
            for name, place in slots.items():
                self.free[place] = not is_frozen(record.convention, name, layer)

    def at(self, vector: FloatArray) -> FloatArray:
        parameters = view_parameters(self._record.architecture, vector)
        forward(self._work, parameters)
        measure(self._work)
        backward(self._work, parameters, self._record.convention, self._record.rule.reduce)
        return np.where(self.free, self._work.gradients.vector, 0.0)

    def product(self, direction: FloatArray) -> FloatArray:
        """Return the Hessian times a direction of length 1, by the central difference of gradients."""
        here = self._record.parameters.vector
        step = STEP * max(1.0, float(np.abs(here).max()))
        return (self.at(here + step * direction) - self.at(here - step * direction)) / (2.0 * step)


def _power(gradients: _Gradients, shift: float) -> float:
    """Return the eigenvalue of the largest size of the Hessian plus a shift, less the shift."""
    direction = np.where(gradients.free, np.random.default_rng(0).standard_normal(gradients.free.size), 0.0)
    size = float(np.linalg.norm(direction))
    found = 0.0
    for _ in range(ITERATIONS if size else 0):
        direction = direction / size
        image = gradients.product(direction) + shift * direction
        before, found = found, float(direction @ image)
        size = float(np.linalg.norm(image))
        if not np.isfinite(size) or size == 0.0:
            return 0.0
        direction = image
        if abs(found - before) <= SETTLED * abs(found):
            break
    return found - shift
