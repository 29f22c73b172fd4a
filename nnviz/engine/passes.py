"""One pass: forward, error, backward and update on one batch, and the read-only record of it.

This is the only forward and the only backward in the project. Every array of units is laid out as
(time steps, examples, units), so that a layer can look at its own past along the first axis;
a feed-forward network has one time step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import prod

import numpy as np

from nnviz.engine.activations import ACTIVATIONS, Activation, pull_back, slope_argument
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


@dataclass(slots=True, eq=False)
class _Place:
    """One layer at one time step: its functions, and its views of the buffers.

    z, a, dE_da, slope, delta and error are (examples, units); those ending in `rows` are the same memory the other
    way round, as BLAS wants it: (units, examples), a with a last row of ones. `gradient` is dE/dW with dE/db as a
    last row. `before` and `behind` are the places of the neighbouring layers.
    """

    index: int
    time: int
    activation: Activation
    value: Callable[[FloatArray, FloatArray, float], None]
    z: FloatArray
    a: FloatArray
    dE_da: FloatArray
    slope: FloatArray
    delta: FloatArray
    error: FloatArray
    z_rows: FloatArray
    a_rows: FloatArray
    dE_da_rows: FloatArray
    delta_rows: FloatArray
    gradient: FloatArray
    before: _Place | None = None
    behind: _Place | None = None


def entering_rows(x: FloatArray) -> FloatArray:
    """What enters the first layer, (time, inputs + 1, examples), for x (time, examples, inputs): ones come last.

    The weights of the ones are the biases. An example's numbers lie together, so a batch of it is one slice.
    """
    steps, examples, inputs = x.shape
    rows = np.ones((steps, examples, inputs + 1))
    rows[..., :inputs] = x
    return rows.swapaxes(1, 2)


def target_rows(t: FloatArray) -> FloatArray:
    """A copy of t (time, examples, outputs) that lies in memory as the outputs do."""
    return t.swapaxes(1, 2).astype(np.float64, order="C").swapaxes(1, 2)


class Workspace:
    """The buffers of one batch size, written anew by every pass; mutable so that training allocates nothing.

    The caller loads a batch; everything else is written by the kernels. z, a, dE_da, slope and delta are lists over
    layers of (time, examples, units); in memory the units come first, so that one product writes a whole layer,
    biases and all.
    """

    def __init__(self, architecture: Architecture, x: FloatArray, t: FloatArray) -> None:
        self.architecture = architecture
        self.leak = architecture.leaky_slope
        self.loss = LOSSES[architecture.loss]
        self.fusible = self.loss.fused == architecture.layers[-1].activation
        self.fused_terms = self.loss.fused_terms if self.fusible else None
        self.load(entering_rows(x), target_rows(t))
        steps, examples = x.shape[:2]
        # All activations lie together, each layer with a row of ones, and all slopes in the same way.
        shapes = [(steps, layer.units + 1, examples) for layer in architecture.layers]
        self.all_a, self.all_slopes = (np.ones(sum(map(prod, shapes))) for _ in range(2))
        a, slope = _cut(self.all_a, shapes), _cut(self.all_slopes, shapes)
        z, dE_da, delta = ([np.zeros((n, units - 1, m)) for n, units, m in shapes] for _ in range(3))
        error = np.zeros((steps, architecture.sizes[-1], examples))
        self.z, self.dE_da, self.delta = _by_example(z), _by_example(dE_da), _by_example(delta)
        self.a, self.slope = (_by_example([rows[:, :-1] for rows in arrays]) for arrays in (a, slope))
        self.error, self.all_errors, self.ones = error.swapaxes(1, 2), error.reshape(-1), np.ones(error.size)
        self.gradients = view_parameters(architecture, np.zeros(architecture.parameter_count))
        self.scratch = np.zeros(architecture.parameter_count)
        activations = [ACTIVATIONS[layer.activation] for layer in architecture.layers]
        # Where all layers share an elementwise activation, their slopes are found in one go.
        self.shared = activations[0] if len(set(activations)) == 1 and activations[0].elementwise else None
        self.places = tuple(
            tuple(
                _Place(
                    index,
                    time,
                    activation,
                    activation.value,
                    self.z[index][time],
                    self.a[index][time],
                    self.dE_da[index][time],
                    self.slope[index][time],
                    self.delta[index][time],
                    self.error[time],
                    z[index][time],
                    a[index][time],
                    dE_da[index][time],
                    delta[index][time],
                    self.gradients.with_bias[index],
                )
                for index, activation in enumerate(activations)
            )
            for time in range(steps)
        )
        for places in self.places:
            for place, behind in pairwise(places):
                place.behind, behind.before = behind, place
        self.places_backwards = tuple(zip(*(places[::-1] for places in reversed(self.places)), strict=True))

    def load(self, entering: FloatArray, t: FloatArray) -> None:
        """Take another batch of this size: `entering` as entering_rows gives it, t (time, examples, outputs)."""
        self.entering, self.t = entering, t
        self.entering_at, self.t_at = tuple(entering), tuple(t)

    @property
    def x(self) -> FloatArray:
        """The inputs of the batch, (time, examples, inputs)."""
        return self.entering[:, :-1].swapaxes(1, 2)


def _cut(vector: FloatArray, shapes: Sequence[tuple[int, ...]]) -> list[FloatArray]:
    ends = accumulate(map(prod, shapes))
    return [vector[end - prod(shape) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]


def _by_example(rows: Sequence[FloatArray]) -> list[FloatArray]:
    return [array.swapaxes(1, 2) for array in rows]


def forward(work: Workspace, parameters: Parameters) -> None:
    """Write z = a_prev @ W + b and a = f(z) of every time step and layer."""
    leak = work.leak
    layers = parameters.with_bias_turned
    for time, places in enumerate(work.places):
        source = work.entering_at[time]
        for place in places:
            layers[place.index].dot(source, place.z_rows)
            place.value(place.z, place.a, leak)
            source = place.a_rows


def measure(work: Workspace) -> float:
    """Write the error of every output, and give the total over outputs, examples and time steps."""
    for t, places in zip(work.t_at, work.places, strict=True):
        output = places[-1]
        if work.fused_terms is not None:
            work.fused_terms(output.z, t, output.error)
        else:
            work.loss.terms(output.a, t, output.error)
    return float(work.all_errors.dot(work.ones))


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
    scale = 1.0 / work.entering.shape[2] if reduce == "mean" else 1.0
    exact = convention.slope == "exact"
    shared = exact and work.shared is not None
    if shared and work.shared is not None:
        work.shared.slope(work.all_a, work.all_slopes, work.leak)
    for places in work.places_backwards:
        for place in places:
            if place.behind is None:
                work.loss.gradient(place.a, work.t_at[place.time], place.dE_da)
            else:
                parameters.W[place.index + 1].dot(place.behind.delta_rows, place.dE_da_rows)
            if place.behind is None and exact and work.fusible:
                place.activation.slope(place.a, place.slope, work.leak)
                fused_delta(work.loss.name, place.a, work.t_at[place.time], place.delta)
            elif shared:
                np.multiply(place.dE_da, place.slope, place.delta)
            else:
                argument = slope_argument(place.activation, convention.slope, place.z, place.a, work.leak)
                pull_back(place.activation, argument, place.dE_da, place.slope, place.delta, work.leak)
            source = work.entering_at[place.time] if place.before is None else place.before.a_rows
            if place is places[0]:
                source.dot(place.delta, place.gradient)
            else:
                place.gradient += source.dot(place.delta)
        if scale != 1.0:
            np.multiply(place.gradient, scale, place.gradient)
        if after_layer is not None:
            after_layer(place.index)


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
    change = OPTIMIZERS[rule.optimizer].change
    move = np.subtract if step == "downhill" else np.add
    gradient, target, out = work.gradients.vector, parameters.vector, work.scratch
    for slot in slots:
        if slot.stop - slot.start == target.size:
            change(gradient, memory, rule.rates, count, out)
            move(target, out, target)
        else:
            change(gradient[slot], [vector[slot] for vector in memory], rule.rates, count, out[slot])
            move(target[slot], out[slot], target[slot])


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
    def network(self) -> Network:
        """The network that the pass went through, as it was before the update."""
        return Network(self.architecture, self.parameters)

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
