"""Diagnose a network: dead or saturated units, vanishing or exploding gradients, weights that barely move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import is_frozen
from nnviz.engine.datasets import Dataset
from nnviz.engine.passes import forward
from nnviz.engine.record import PassRecord
from nnviz.engine.workspace import Workspace
from nnviz.tracing.steps import PARAMETER_KINDS


class HealthProblem(StrEnum):
    """The kind of problem that a mark reports."""

    DEAD = "dead"
    SATURATED = "saturated"
    VANISHING = "vanishing"
    EXPLODING = "exploding"
    STUCK = "stuck"
    SYMMETRIC = "symmetric"
    PLATEAU = "plateau"
    DIVERGING = "diverging"
    UPHILL = "uphill"
    OVERFITTING = "overfitting"
    INPUTS = "inputs"
    IMBALANCED = "imbalanced"


# The thresholds are far out on purpose: a mark should be true and rare.
FEWEST_EXAMPLES = 4  # at a limit for one or two examples a unit may still work; dead it is for those looked at
NEARLY_ALL = 0.95  # of the examples, at the same limit: a unit that uses both limits separates examples and works
NEAR_LIMIT = 0.01  # of 0 or 1: the derivative of a sigmoid is then below 0.01; its maximum is 0.25
OUTPUTS_WRONG = 0.5  # the share of examples with an output at the wrong limit: a few examples are hard
WRONG_BY = 0.5  # an output at its limit is the aim of training, unless the target is on the other side
VANISHED = 1e-3  # between neighbouring layers: a factor of 0.25 per sigmoid layer is common and still trains
EXPLODED = 1e3  # the reciprocal of VANISHED
LARGE_UPDATE = 10.0  # an update ten times as large as the weights; usual is a thousandth
SMALL_UPDATE = 1e-7  # a thousand updates do not change the fourth digit
MEASURABLE = 500_000  # weights times examples, up to which every example is examined


@dataclass(frozen=True)
class HealthMark:
    """One problem, of a unit or, if that is None, of a layer (both from 0).

    For a unit, `share` of the `examples` show it, and `limit` is the value at which it is saturated. For a layer,
    `ratio` is its size. `between` says what the ratio compares: the layer's error term with that of the next layer
    ("layers"), that of the first layer with that of the last ("ends", and `gradients` are the sizes of both weight
    gradients), its first time step with its last ("times"), or the update with the weights ("update").
    """

    problem: HealthProblem
    layer: int
    unit: int | None = None
    share: float = 1.0
    examples: int = 0
    limit: float = 0.0
    ratio: float = 0.0
    between: str = ""
    gradients: tuple[float, float] = (0.0, 0.0)


@lru_cache(maxsize=4)  # records compare by identity; every step of a pass needs the same result
def health(record: PassRecord, dataset: Dataset) -> tuple[HealthMark, ...]:
    """Return the marks of a pass: units over all examples if that is cheap, else over the batch; layers over the pass.

    Gradients that are not finite yield no marks of layers: a worse problem is reported elsewhere.
    """
    with np.errstate(all="ignore"):
        return (*_unit_marks(record, dataset), *_layer_marks(record))


def _unit_marks(record: PassRecord, dataset: Dataset) -> Iterator[HealthMark]:
    z, a, t = _outputs(record, dataset)
    examples = t.shape[1]
    for layer, kind in enumerate(record.architecture.layers):
        flat_z, flat_a = (array[layer].reshape(-1, kind.units) for array in (z, a))
        activation = ACTIVATIONS[kind.activation]
        if activation.can_die:
            for unit in np.flatnonzero((flat_z <= 0.0).all(axis=0)):
                yield HealthMark(HealthProblem.DEAD, layer, int(unit), 1.0, examples)
        for limit in activation.limits if examples >= FEWEST_EXAMPLES else ():
            if not activation.elementwise and kind.units == 1:
                continue  # the one unit of a softmax is always at 1
            at_limit = np.abs(flat_a - limit) <= NEAR_LIMIT
            if layer == record.architecture.depth - 1:
                at_limit &= np.abs(flat_a - t.reshape(-1, kind.units)) > WRONG_BY
            shares = at_limit.mean(axis=0)
            enough = NEARLY_ALL if layer < record.architecture.depth - 1 else OUTPUTS_WRONG
            for unit in np.flatnonzero(shares >= enough):
                yield HealthMark(HealthProblem.SATURATED, layer, int(unit), float(shares[unit]), examples, limit)


def examples_looked_at(record: PassRecord, dataset: Dataset) -> int:
    """Return the number of examples that the marks of units rest on: all if those passes are cheap, else the batch."""
    is_costly = record.architecture.parameter_count * len(dataset) * dataset.time_steps > MEASURABLE
    return len(record.examples) if is_costly else len(dataset)


def _outputs(record: PassRecord, dataset: Dataset) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...], FloatArray]:
    """Return z and a of every layer and the targets: of all examples if those passes are cheap, else of the batch."""
    if examples_looked_at(record, dataset) == len(record.examples):
        return record.z, record.a, record.t
    work = Workspace(record.architecture, dataset.inputs, dataset.targets)
    forward(work, record.parameters)
    return tuple(work.z), tuple(work.a), dataset.targets


def _layer_marks(record: PassRecord) -> Iterator[HealthMark]:
    if not (np.isfinite(record.gradients.vector).all() and np.isfinite(record.updated.vector).all()):
        return
    sizes = [_rms(delta) for delta in record.delta]
    found = list(_steps_between(record, sizes))
    yield from found
    yield from _ends(record, sizes, {mark.problem for mark in found if mark.between == "layers"})


def _ends(record: PassRecord, sizes: list[float], known: set[HealthProblem]) -> Iterator[HealthMark]:
    """Yield a mark if the error term shrinks or grows too much from the last layer to the first, in small steps."""
    if record.architecture.depth > 2:
        for mark in _ratio_marks(sizes[0], sizes[-1], 0, "ends"):
            if mark.problem not in known:
                first, last = _rms(record.gradients.W[0]), _rms(record.gradients.W[-1])
                yield replace(mark, gradients=(first, last))


def _steps_between(record: PassRecord, sizes: list[float]) -> Iterator[HealthMark]:
    """Yield the marks of neighbouring layers and time steps, and of each layer's update."""
    for layer in reversed(range(record.architecture.depth)):
        if layer + 1 < record.architecture.depth:
            yield from _ratio_marks(sizes[layer], sizes[layer + 1], layer, "layers")
        if record.architecture.layers[layer].recurrent and record.time_steps > 1:
            first, last = _rms(record.delta[layer][0]), _rms(record.delta[layer][-1])
            yield from _ratio_marks(first, last, layer, "times")
        yield from _update_marks(record, layer)


def _ratio_marks(here: float, following: float, layer: int, between: str) -> Iterator[HealthMark]:
    """Yield a mark if the error term shrinks or grows too much between two layers or time steps."""
    ratio = here / following if following > 0.0 else 1.0
    if 0.0 < ratio < VANISHED:
        yield HealthMark(HealthProblem.VANISHING, layer, ratio=ratio, between=between)
    elif ratio > EXPLODED:
        yield HealthMark(HealthProblem.EXPLODING, layer, ratio=ratio, between=between)


def _update_marks(record: PassRecord, layer: int) -> Iterator[HealthMark]:
    """Yield a mark if the update is too large or small for the layer's weights; frozen weights are meant to stay."""
    before = record.parameters.W[layer]
    kinds = PARAMETER_KINDS["W"]
    size = _rms(before)
    if is_frozen(record.convention, kinds.name, layer) or size == 0.0 or not _rms(record.source(layer)):
        return
    ratio = _rms(record.updated.W[layer] - before) / size
    if ratio > LARGE_UPDATE:
        yield HealthMark(HealthProblem.EXPLODING, layer, ratio=ratio, between="update")
    elif ratio < SMALL_UPDATE:
        yield HealthMark(HealthProblem.STUCK, layer, ratio=ratio, between="update")


def _rms(array: NDArray[np.float64]) -> float:
    """Return the root mean square, without overflow."""
    largest = float(np.abs(array).max())
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean(np.square(array / largest))))
