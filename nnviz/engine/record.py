"""The read-only record of one pass: copies of the buffers that the kernels wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnviz.engine.activations import ACTIVATIONS, write_exponentials
from nnviz.engine.arrays import BoolArray, FloatArray, frozen_array
from nnviz.engine.conventions import Convention
from nnviz.engine.losses import LOSSES, is_fused
from nnviz.engine.network import Architecture, Network, Parameters, view_parameters
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.workspace import Workspace, without_target


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

    def has_jacobian(self, layer: int) -> bool:
        """Return whether each delta of `layer` (from 0) depends on every dE/da of it: a softmax with its derivative."""
        elementwise = ACTIVATIONS[self.architecture.layers[layer].activation].elementwise
        return not elementwise and self.convention.slope != "left_out"

    @cached_property
    def dE_dx(self) -> FloatArray:
        """The gradient of the loss with respect to the inputs, (time, examples, inputs)."""
        with np.errstate(all="ignore"):
            return frozen_array(self.delta[0] @ self.weights_carried_back(0).T)

    @cached_property
    def without_target(self) -> BoolArray | None:
        """Where the loss has no target and is 0, (time, examples); None if there is no such place."""
        return without_target(self.architecture, self.t)

    def is_measured(self, time: int, row: int | None = None) -> bool:
        """Return whether the loss of an example has a part at a time step; of the stepped example by default."""
        missing = self.without_target
        return missing is None or not missing[time, self.row if row is None else row]

    def shows_target(self, time: int) -> bool:
        """Return whether the stepped example has a target at a time step that the loss uses."""
        return LOSSES[self.architecture.loss].has_targets and self.is_measured(time)

    @cached_property
    def reached(self) -> tuple[BoolArray, ...] | None:
        """Where a loss of the same time or later reaches each layer, (time, examples); None if it does everywhere.

        Elsewhere there is no delta: it is 0 for want of a target.
        """
        if self.without_target is None:
            return None
        full = self.convention.through_time == "full"
        above, found = ~self.without_target, []
        for layer in reversed(self.architecture.layers):
            if layer.recurrent and full:  # also from each later time step
                above = np.logical_or.accumulate(above[::-1])[::-1]
            found.append(above)
        return tuple(reversed(found))

    def is_reached(self, layer: int, time: int, row: int | None = None) -> bool:
        """Return whether a loss reaches `layer` (from 0) at a time step; in the stepped example by default."""
        return self.reached is None or bool(self.reached[layer][time, self.row if row is None else row])

    def has_later_terms(self, layer: int, time: int) -> bool:
        """Return whether dE/da of `layer` at `time` has terms from its own delta one time step later."""
        full = self.convention.through_time == "full"
        follows = full and self.architecture.layers[layer].recurrent and time + 1 < self.time_steps
        return follows and self.is_reached(layer, time + 1)


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
