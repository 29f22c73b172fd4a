"""One pass: forward, error, backward and update on one batch, and the read-only record of it.

This is the only forward and the only backward in the project. Every array of units is laid out as
(time steps, examples, units), so that a layer can look at its own past along the first axis;
a feed-forward network has one time step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from nnviz.engine.activations import ACTIVATIONS, pull_back, slope_argument
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.conventions import Convention, is_frozen
from nnviz.engine.losses import LOSSES, fused_delta, is_fused
from nnviz.engine.network import Architecture, Network, Parameters, view_parameters
from nnviz.engine.optimizers import OPTIMIZERS, Rates


@dataclass(frozen=True)
class UpdateRule:
    """How gradients become a change: rule, its numbers, and whether a batch is summed or averaged."""

    optimizer: str = "sgd"
    rates: Rates = field(default_factory=Rates)
    reduce: str = "sum"


@dataclass(eq=False)
class Workspace:
    """The buffers of one batch size, written anew by every pass; mutable so that training allocates nothing.

    x (time, examples, inputs) and t (time, examples, outputs) are set by the caller; everything else is
    written by the kernels. Lists run over layers.
    """

    architecture: Architecture
    x: FloatArray
    t: FloatArray
    z: list[FloatArray] = field(init=False)
    a: list[FloatArray] = field(init=False)
    dE_da: list[FloatArray] = field(init=False)
    slope: list[FloatArray] = field(init=False)
    delta: list[FloatArray] = field(init=False)
    error: FloatArray = field(init=False)
    gradients: Parameters = field(init=False)
    ones: FloatArray = field(init=False)
    scratch: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        steps, examples = self.x.shape[:2]

        def buffers() -> list[FloatArray]:
            return [np.zeros((steps, examples, layer.units)) for layer in self.architecture.layers]

        self.z, self.a, self.dE_da, self.slope, self.delta = (buffers() for _ in range(5))
        self.error = np.zeros((steps, examples, self.architecture.sizes[-1]))
        count = self.architecture.parameter_count
        self.gradients = view_parameters(self.architecture, np.zeros(count))
        self.ones = np.ones(examples)
        self.scratch = np.zeros(count)


def forward(work: Workspace, parameters: Parameters) -> None:
    """Write z = a_prev @ W + b and a = f(z) of every time step and layer."""
    leak = work.architecture.leaky_slope
    for time in range(len(work.x)):
        source = work.x[time]
        for index, layer in enumerate(work.architecture.layers):
            z, a = work.z[index][time], work.a[index][time]
            np.dot(source, parameters.W[index], z)
            np.add(z, parameters.b[index], z)
            ACTIVATIONS[layer.activation].value(z, a, leak)
            source = a


def measure(work: Workspace) -> float:
    """Write the error of every output, and give the total over outputs, examples and time steps."""
    loss = LOSSES[work.architecture.loss]
    fused = loss.fused == work.architecture.layers[-1].activation and loss.fused_terms is not None
    for time in range(len(work.x)):
        if fused and loss.fused_terms is not None:
            loss.fused_terms(work.z[-1][time], work.t[time], work.error[time])
        else:
            loss.terms(work.a[-1][time], work.t[time], work.error[time])
    return float(np.add.reduce(work.error, axis=None))


def backward(
    work: Workspace,
    parameters: Parameters,
    convention: Convention,
    reduce: str,
    after_layer: Callable[[int], None] | None = None,
) -> None:
    """Write dE/da, slope, delta and the gradients, from the last layer to the first.

    The gradients are dE/dW and dE/db, summed or averaged over the batch. `after_layer(l)` is called when those
    of layer l are there and before anything is carried back through its weights: with sequential updates it
    changes them, and the change is then seen by the layer before.
    """
    architecture = work.architecture
    gradients = work.gradients
    gradients.vector.fill(0.0)
    scale = 1.0 / work.x.shape[1] if reduce == "mean" else 1.0
    for index in reversed(range(architecture.depth)):
        for time in reversed(range(len(work.x))):
            _delta(work, parameters, convention, index, time)
        _gradient(work, index, scale)
        if after_layer is not None:
            after_layer(index)


def _delta(work: Workspace, parameters: Parameters, convention: Convention, index: int, time: int) -> None:
    """Write dE/da, slope and delta of one layer at one time step."""
    architecture = work.architecture
    z, a = work.z[index][time], work.a[index][time]
    dE_da, slope, delta = work.dE_da[index][time], work.slope[index][time], work.delta[index][time]
    last = index == architecture.depth - 1
    if last:
        LOSSES[architecture.loss].gradient(a, work.t[time], dE_da)
    else:
        np.dot(work.delta[index + 1][time], parameters.W[index + 1].T, dE_da)
    activation = ACTIVATIONS[architecture.layers[index].activation]
    if last and is_fused(architecture.loss, activation.name, convention.slope):
        activation.slope(a, slope, architecture.leaky_slope)
        fused_delta(architecture.loss, a, work.t[time], delta)
    else:
        argument = slope_argument(activation, convention.slope, z, a, architecture.leaky_slope)
        pull_back(activation, argument, dE_da, slope, delta, architecture.leaky_slope)


def _gradient(work: Workspace, index: int, scale: float) -> None:
    """Write dE/dW and dE/db of one layer, over all time steps and examples."""
    W, b = work.gradients.W[index], work.gradients.b[index]
    sources = work.x if index == 0 else work.a[index - 1]
    np.dot(sources[0].T, work.delta[index][0], W)
    np.dot(work.ones, work.delta[index][0], b)
    for time in range(1, len(work.x)):
        W += sources[time].T @ work.delta[index][time]
        b += work.ones @ work.delta[index][time]
    if scale != 1.0:
        np.multiply(W, scale, W)
        np.multiply(b, scale, b)


def update_slots(architecture: Architecture, convention: Convention) -> tuple[tuple[slice, ...], ...]:
    """The slices of the flat vector that move together, per layer; one whole slice when all moves at once."""
    if not convention.frozen and convention.update == "simultaneous":
        return ((slice(0, architecture.parameter_count),),)
    return tuple(
        tuple(slot for letter, slot in zip("Wb", slots, strict=True) if not is_frozen(convention, letter, index))
        for index, slots in enumerate(architecture.slots)
    )


def apply_update(
    work: Workspace,
    parameters: Parameters,
    memory: Sequence[FloatArray],
    count: int,
    rule: UpdateRule,
    step: str,
    slots: Sequence[slice],
) -> None:
    """Move the parameters in `slots` by the rule; `memory` (each (P,)) is updated; `count` is from 1."""
    optimizer = OPTIMIZERS[rule.optimizer]
    for slot in slots:
        out = work.scratch[slot]
        optimizer.change(work.gradients.vector[slot], [m[slot] for m in memory], rule.rates, count, out)
        target = parameters.vector[slot]
        if step == "downhill":
            np.subtract(target, out, target)
        else:
            np.add(target, out, target)


def run_kernels(
    work: Workspace,
    parameters: Parameters,
    memory: Sequence[FloatArray],
    count: int,
    convention: Convention,
    rule: UpdateRule,
    slots: Sequence[Sequence[slice]],
) -> float:
    """Forward, error, backward and update in place; gives the batch's loss before the update, summed."""
    forward(work, parameters)
    loss = measure(work)
    if convention.update == "sequential":

        def update_layer(index: int) -> None:
            apply_update(work, parameters, memory, count, rule, convention.step, slots[index])

        backward(work, parameters, convention, rule.reduce, update_layer)
    else:
        backward(work, parameters, convention, rule.reduce)
        for group in slots:
            apply_update(work, parameters, memory, count, rule, convention.step, group)
    return loss


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
    def time_steps(self) -> int:
        """How many time steps the batch has; 1 for a feed-forward network."""
        return len(self.x)

    @property
    def fused(self) -> bool:
        """Whether delta of the output came from y - t in one step."""
        last = self.architecture.layers[-1].activation
        return is_fused(self.architecture.loss, last, self.convention.slope)

    def weights_carried_back(self, layer: int) -> FloatArray:
        """The W of `layer` (from 0) through which delta was carried back: already changed when sequential."""
        return (self.updated if self.convention.update == "sequential" else self.parameters).W[layer]

    def source(self, layer: int) -> FloatArray:
        """What enters `layer` (from 0): x, or the activations of the layer before; (time, examples, units)."""
        return self.x if layer == 0 else self.a[layer - 1]


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


def run_pass(
    network: Network,
    x: FloatArray,
    t: FloatArray,
    convention: Convention,
    rule: UpdateRule,
    *,
    examples: Sequence[int] | None = None,
    row: int = 0,
    memory: FloatArray | None = None,
    count: int = 1,
) -> PassRecord:
    """One pass on a batch, without touching the network.

    x is (time, examples, inputs), t (time, examples, outputs). `examples` are their indices in the data.
    `memory` (vectors, P) is the optimizer's before the pass, zeros by default; `count` numbers the update from 1.
    """
    architecture = network.architecture
    size = architecture.parameter_count
    held = np.zeros((len(OPTIMIZERS[rule.optimizer].memory), size)) if memory is None else np.array(memory)
    before = held.copy()
    work = Workspace(architecture, x, t)
    moving = view_parameters(architecture, network.parameters.vector.copy())
    with np.errstate(all="ignore"):
        run_kernels(work, moving, list(held), count, convention, rule, update_slots(architecture, convention))
    indices = range(x.shape[1]) if examples is None else examples
    return take_record(work, network.parameters, moving, before, held, count, convention, rule, indices, row)


def predict(network: Network, x: FloatArray) -> FloatArray:
    """The outputs of a batch, (time, examples, outputs), for x (time, examples, inputs)."""
    targets = np.zeros((*x.shape[:2], network.architecture.sizes[-1]))
    work = Workspace(network.architecture, x, targets)
    with np.errstate(all="ignore"):
        forward(work, network.parameters)
    return work.a[-1]
