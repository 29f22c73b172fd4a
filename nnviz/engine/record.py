"""The read-only record of one pass: copies of the buffers that the kernels wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnviz.engine.activations import ACTIVATIONS, write_exponentials
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.conventions import Convention
from nnviz.engine.losses import is_fused
from nnviz.engine.network import Architecture, Network, Parameters, view_parameters
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.workspace import Workspace


@dataclass(frozen=True, eq=False)
class PassRecord:
    """All numbers of one pass, read-only: copies of the buffers that the trainer used.

    Arrays of units are (time, examples, units), in a tuple over layers. `gradients` are true gradients, reduced over
    the batch, and `used` those that the optimizer got: clipped and regularized, 0 for frozen parameters, or the same if
    neither is chosen. `row` is the index of the stepped example in the batch, `examples` are those of the batch in the
    data. `memory` and `memory_after` are the optimizer's vectors (vectors, P). `count` is the number of the update,
    from 1.
    """

    architecture: Architecture
    convention: Convention
    rule: UpdateRule
    examples: tuple[int, ...]
    row: int
    x: FloatArray
    t: FloatArray
    z: tuple[FloatArray, ...]
    a: tuple[FloatArray, ...]
    dE_da: tuple[FloatArray, ...]
    slope: tuple[FloatArray, ...]
    delta: tuple[FloatArray, ...]
    error: FloatArray
    loss: FloatArray
    parameters: Parameters
    gradients: Parameters
    used: Parameters
    updated: Parameters
    memory: FloatArray
    memory_after: FloatArray
    count: int

    @property
    def network(self) -> Network:
        """The network before the update."""
        return Network(self.architecture, self.parameters)

    @property
    def time_steps(self) -> int:
        """The number of time steps of the batch; 1 for a feed-forward network."""
        return len(self.x)

    @property
    def fused(self) -> bool:
        """Whether the delta of the output is y - t in one step; a recurrent output layer is never fused."""
        last = self.architecture.layers[-1]
        return (
            not last.recurrent
            and self.architecture.is_fusible
            and is_fused(self.architecture.loss, last.activation, self.convention.slope)
        )

    @cached_property
    def exponentials(self) -> tuple[tuple[FloatArray, FloatArray] | None, ...]:
        """The exponentials (time, examples, units) of each softmax layer and their sums (…, 1); None for other layers.

        The kernel overwrote them with their quotients. The same function computes them from z again, bit for bit.
        """
        return tuple(
            None if ACTIVATIONS[layer.activation].elementwise else _exponentials(z)
            for layer, z in zip(self.architecture.layers, self.z, strict=True)
        )

    def weights_carried_back(self, layer: int) -> FloatArray:
        """Return the W of `layer` (from 0) that propagated delta back: already updated if updates are sequential."""
        return (self.updated if self.convention.update == "sequential" else self.parameters).W[layer]

    def source(self, layer: int) -> FloatArray:
        """Return the values that enter `layer` (from 0): x or the previous activations, (time, examples, units)."""
        return self.x if layer == 0 else self.a[layer - 1]

    def previous_state(self, layer: int, time: int) -> FloatArray:
        """Return the activations of `layer` one time step before `time`, 0 before the first; (examples, units)."""
        return self.a[layer][time - 1] if time else np.zeros_like(self.a[layer][0])

    def has_later_terms(self, layer: int, time: int) -> bool:
        """Return whether dE/da of `layer` at `time` has terms from its own delta one time step later."""
        full = self.convention.through_time == "full"
        return full and self.architecture.layers[layer].recurrent and time + 1 < self.time_steps


def batch_loss(record: PassRecord) -> float:
    """Return the loss of the batch before its update, summed over examples and time, bit for bit as the trainer."""
    errors = record.error.swapaxes(1, 2).reshape(-1)
    with np.errstate(all="ignore"):
        return float(errors.dot(np.ones(errors.size)))


def _exponentials(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    steps, examples, units = z.shape
    # The same memory layout as in the workspace, so that the sums are computed in the same order.
    out = np.empty((steps, units, examples)).swapaxes(1, 2)
    with np.errstate(all="ignore"):
        sums = np.stack([write_exponentials(rows, into) for rows, into in zip(z, out, strict=True)])
    out.setflags(write=False)
    sums.setflags(write=False)
    return out, sums


def take_record(
    work: Workspace,
    before: Parameters,
    after: Parameters,
    memory: FloatArray,
    memory_after: FloatArray,
    count: int,
    convention: Convention,
    rule: UpdateRule,
    examples: Sequence[int],
    row: int,
) -> PassRecord:
    """Copy a finished pass from its buffers to a record."""

    def copies(arrays: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
        return tuple(frozen_array(array) for array in arrays)

    def parameters(source: Parameters) -> Parameters:
        return view_parameters(work.architecture, frozen_array(source.vector))

    gradients = parameters(work.gradients)
    return PassRecord(
        architecture=work.architecture,
        convention=convention,
        rule=rule,
        examples=tuple(int(example) for example in examples),
        row=row,
        x=frozen_array(work.x),
        t=frozen_array(work.t),
        z=copies(work.z),
        a=copies(work.a),
        dE_da=copies(work.dE_da),
        slope=copies(work.slope),
        delta=copies(work.delta),
        error=frozen_array(work.error),
        loss=frozen_array(work.error.sum(axis=(0, 2))),
        parameters=parameters(before),
        gradients=gradients,
        used=gradients if work.used is work.gradients else parameters(work.used),
        updated=parameters(after),
        memory=frozen_array(memory),
        memory_after=frozen_array(memory_after),
        count=count,
    )
