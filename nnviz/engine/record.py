"""The read-only record of one pass: copies of the very buffers that the kernels wrote."""

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
    """All numbers of one pass, read-only: copies of the buffers that the trainer itself used.

    Arrays of units are (time, examples, units), a tuple over layers; `gradients` are true gradients, reduced over
    the batch. `row` is the stepped example's place in the batch, `examples` the batch's indices in the data.
    `memory` and `memory_after` are the optimizer's vectors, (vectors, P); `count` numbers the update from 1.
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
    updated: Parameters
    memory: FloatArray
    memory_after: FloatArray
    count: int

    @property
    def network(self) -> Network:
        """The network that the pass went through, as it was before the update."""
        return Network(self.architecture, self.parameters)

    @property
    def time_steps(self) -> int:
        """How many time steps the batch has; 1 for a feed-forward network."""
        return len(self.x)

    @property
    def fused(self) -> bool:
        """Whether delta of the output came from y - t in one step; of a recurrent one it is y - t and a share."""
        last = self.architecture.layers[-1]
        return not last.recurrent and is_fused(self.architecture.loss, last.activation, self.convention.slope)

    @cached_property
    def exponentials(self) -> tuple[tuple[FloatArray, FloatArray] | None, ...]:
        """What each softmax layer divided: its exponentials (time, examples, units) and their sums (…, 1); else None.

        The kernel overwrote them by their quotients; its own function makes them from z again, bit for bit.
        """
        return tuple(
            None if ACTIVATIONS[layer.activation].elementwise else _exponentials(z)
            for layer, z in zip(self.architecture.layers, self.z, strict=True)
        )

    def weights_carried_back(self, layer: int) -> FloatArray:
        """The W of `layer` (from 0) through which delta was carried back: already changed when sequential."""
        return (self.updated if self.convention.update == "sequential" else self.parameters).W[layer]

    def source(self, layer: int) -> FloatArray:
        """What enters `layer` (from 0): x, or the activations of the layer before; (time, examples, units)."""
        return self.x if layer == 0 else self.a[layer - 1]

    def earlier(self, layer: int, time: int) -> FloatArray:
        """The activations of `layer` one time step before `time`, 0 before the first; (examples, units)."""
        return self.a[layer][time - 1] if time else np.zeros_like(self.a[layer][0])

    def goes_back_in_time(self, layer: int, time: int) -> bool:
        """Whether dE/da of `layer` at `time` gets a share of its own delta one time step later."""
        full = self.convention.through_time == "full"
        return full and self.architecture.layers[layer].recurrent and time + 1 < self.time_steps


def batch_loss(record: PassRecord) -> float:
    """The loss of the whole batch before its update, summed over examples and time: the bits that the trainer adds."""
    errors = record.error.swapaxes(1, 2).reshape(-1)
    return float(errors.dot(np.ones(errors.size)))


def _exponentials(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    steps, examples, units = z.shape
    # It lies in memory as the activations of the workspace do, so that its sums are taken in the same order.
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
    """Copy a finished pass out of its buffers."""

    def copies(arrays: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
        return tuple(frozen_array(array) for array in arrays)

    def parameters(source: Parameters) -> Parameters:
        return view_parameters(work.architecture, frozen_array(source.vector))

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
        gradients=parameters(work.gradients),
        updated=parameters(after),
        memory=frozen_array(memory),
        memory_after=frozen_array(memory_after),
        count=count,
    )
