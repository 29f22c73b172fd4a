"""One pass on one batch: forward, error, backward and update, by kernels that write into a workspace.

This is the only forward and the only backward in the project: the trainer, the debugger and every plot use it.
`run_pass` runs a whole pass:

1. `forward`: layer by layer, z = a_prev @ W + b, then a = f(z). A recurrent layer adds a_earlier @ W_h + b_h, with its
   own activations one time step before; before the first time step these are 0.
2. `measure`: the error of every output, and the sum of the errors.
3. `backward`: from the last layer to the first, dE/da (from the loss, or from the delta of the next layer and its
   weights; in a recurrent layer also from its own delta one time step later), the slope f'(z), and
   delta = dE/da * slope; then dE/dW = a_prev.T @ delta and dE/db = the sum of delta, over examples and time.
4. `apply_update`: each parameter moves by the change that the optimizer computes; decoupled weight decay shrinks it
   first. If gradients are clipped or regularized, `adjust` writes those that the optimizer gets before.

`Workspace` has the buffers and describes their memory layout, `PassRecord` is the read-only copy taken at the end.
Every array of units is (time steps, examples, units), so that a layer can read its own past along the first axis;
a feed-forward network has one time step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnviz.engine.activations import pull_back, slope_argument
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention, is_frozen
from nnviz.engine.network import Architecture, Network, Parameters, view_parameters
from nnviz.engine.optimizers import OPTIMIZERS, UpdateRule, adjust_gradients
from nnviz.engine.record import PassRecord, take_record
from nnviz.engine.workspace import Workspace


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
    """Run one pass on a batch and return its record; the network is not changed.

    x is (time, examples, inputs), t (time, examples, outputs). `examples` are their indices in the data.
    `memory` (vectors, P) is the optimizer's before the pass, zeros by default; `count` numbers the update from 1.
    """
    architecture = network.architecture
    size = architecture.parameter_count
    own_memory = np.zeros((len(OPTIMIZERS[rule.optimizer].memory), size)) if memory is None else np.array(memory)
    before = own_memory.copy()
    work = Workspace(architecture, x, t)
    moving = view_parameters(architecture, network.parameters.vector.copy())
    with np.errstate(all="ignore"):
        run_kernels(work, moving, list(own_memory), count, convention, rule, update_slots(architecture, convention))
    indices = range(x.shape[1]) if examples is None else examples
    return take_record(work, network.parameters, moving, before, own_memory, count, convention, rule, indices, row)


def predict(network: Network, x: FloatArray) -> FloatArray:
    """Return the outputs of a batch, (time, examples, outputs), for x (time, examples, inputs)."""
    targets = np.zeros((*x.shape[:2], network.architecture.sizes[-1]))
    work = Workspace(network.architecture, x, targets)
    with np.errstate(all="ignore"):
        forward(work, network.parameters)
    return work.a[-1]


def run_kernels(
    work: Workspace,
    parameters: Parameters,
    memory: Sequence[FloatArray],
    count: int,
    convention: Convention,
    rule: UpdateRule,
    slots: Sequence[Sequence[slice]],
) -> float:
    """Run forward, error, backward and update in place; return the summed loss of the batch before the update."""
    forward(work, parameters)
    loss = measure(work)
    if convention.update == "sequential":

        def update_layer(index: int) -> None:
            if rule.adjusts:
                adjust(work, parameters, rule, slots[index])
            apply_update(work, parameters, memory, count, rule, convention.step, slots[index])

        backward(work, parameters, convention, rule.reduce, update_layer)
    else:
        backward(work, parameters, convention, rule.reduce)
        if rule.adjusts:
            adjust(work, parameters, rule, [slot for group in slots for slot in group])
        for group in slots:
            apply_update(work, parameters, memory, count, rule, convention.step, group)
    return loss


def forward(work: Workspace, parameters: Parameters) -> None:
    """Write z = a_prev @ W + b and a = f(z) of every time step and layer."""
    layers = parameters.with_bias_turned  # weights and biases are one matrix: see workspace.py
    recurrent = parameters.recurrent_with_bias_turned
    for time, places in enumerate(work.places):
        source = work.entering_at[time]
        for place in places:
            layers[place.index].dot(source, place.z_rows)
            matrix = recurrent[place.index]
            if matrix is not None:
                place.z_rows += matrix.dot(place.earlier_rows)
            place.value(place.z_flat, place.a_flat, place.constants)
            source = place.a_rows


def measure(work: Workspace) -> float:
    """Write the error of every output, and return the total over outputs, examples and time steps."""
    for t, places in zip(work.t_at, work.places, strict=True):
        output = places[-1]
        if work.fused_terms is not None:
            work.fused_terms(output.z, t, output.error)
        else:
            work.loss.terms(output.a, t, output.error)
    # For a few numbers, a product with ones is the fastest sum.
    return float(work.all_errors.dot(work.ones))


def backward(
    work: Workspace,
    parameters: Parameters,
    convention: Convention,
    reduce: str,
    after_layer: Callable[[int], None] | None = None,
) -> None:
    """Write dE/da, slope, delta and the gradients, from the last layer to the first.

    The gradients are dE/dW, dE/db, dE/dW_h and dE/db_h, summed or averaged over the batch. `after_layer(l)` is called
    when the gradients of layer l are complete and before anything is propagated through its weights: sequential updates
    change the weights there, and the previous layer then uses the new ones.
    """
    through_time = convention.through_time == "full"
    scale = 1.0 / work.entering.shape[2] if reduce == "mean" else 1.0
    at_once = scale
    if after_layer is None:
        scale = 1.0  # the gradients of all layers are scaled in one call, at the end
    exact = convention.slope == "exact"
    fused_delta = work.loss.fused_delta if exact and work.fusible else None
    shared = work.shared if exact else None
    if shared is not None:
        # of all layers at once: they are one vector
        shared.slope(work.all_z, work.all_a, work.all_slopes, work.shared_constants)
    for places in work.places_backwards:
        for place in places:
            # dE/da, from the loss or through the weights of the next layer
            if place.next_delta_rows is None:
                work.loss.gradient(place.a, work.t_at[place.time], place.dE_da)
            else:
                parameters.W[place.index + 1].dot(place.next_delta_rows, place.dE_da_rows)
            matrix, recurrent = parameters.W_h[place.index], None
            if matrix is not None and place.later_delta_rows is not None and through_time:
                recurrent = matrix.dot(place.later_delta_rows).T
                place.dE_da += recurrent
            # slope and delta = dE/dz
            if place.next_delta_rows is None and fused_delta is not None:
                place.activation.slope(place.z, place.a, place.slope, place.constants)
                fused_delta(place.a, work.t_at[place.time], place.delta)
                if recurrent is not None:  # y - t does not contain the term from the next time step
                    through = np.empty_like(place.delta)
                    pull_back(place.activation, (place.z, place.a), recurrent, place.slope, through, place.constants)
                    place.delta += through
            elif shared is not None:
                np.multiply(place.dE_da_flat, place.slope_flat, place.delta_flat)
            else:
                argument = slope_argument(place.activation, convention.slope, place.z, place.a, place.constants)
                pull_back(place.activation, argument, place.dE_da, place.slope, place.delta, place.constants)
            # dE/dW and dE/db in one product, since the last row of the source is ones; over time steps they add up
            source = work.entering_at[place.time] if place.source_rows is None else place.source_rows
            if place is places[0]:
                source.dot(place.delta, place.gradient)
            else:
                place.gradient += source.dot(place.delta)
            if place.recurrent_gradient is not None:
                if place is places[0]:
                    place.recurrent_gradient.fill(0.0)
                place.recurrent_gradient += place.earlier_rows.dot(place.delta)
        if scale != 1.0:
            np.multiply(place.gradient, scale, place.gradient)
            if place.recurrent_gradient is not None:
                np.multiply(place.recurrent_gradient, scale, place.recurrent_gradient)
        if after_layer is not None:
            after_layer(place.index)
    if scale != at_once:
        np.multiply(work.gradients.vector, at_once, work.gradients.vector)


def adjust(work: Workspace, parameters: Parameters, rule: UpdateRule, slots: Sequence[slice]) -> None:
    """Write the gradients in `slots` that the optimizer gets, from those of the loss; they are clipped together."""
    if work.used is work.gradients:
        work.used = view_parameters(work.architecture, np.zeros_like(work.gradients.vector))
    adjust_gradients(parameters.vector, work.gradients.vector, rule, slots, work.used.vector)


def apply_update(
    work: Workspace,
    parameters: Parameters,
    memory: Sequence[FloatArray],
    count: int,
    rule: UpdateRule,
    step: str,
    slots: Sequence[slice],
) -> None:
    """Update the parameters in `slots` by the rule; `memory` (each (P,)) is updated; `count` is from 1."""
    change = OPTIMIZERS[rule.optimizer].change
    move = np.subtract if step == "downhill" else np.add
    gradient, target, out = work.used.vector, parameters.vector, work.scratch
    for slot in slots:
        if slot.stop - slot.start == target.size:  # all at once, as is usual: no slices are needed
            change(target, gradient, memory, rule.rates, count, out)
            move(target, out, target)
        else:
            own_memory = [vector[slot] for vector in memory]
            change(target[slot], gradient[slot], own_memory, rule.rates, count, out[slot])
            move(target[slot], out[slot], target[slot])


def update_slots(architecture: Architecture, convention: Convention) -> tuple[tuple[slice, ...], ...]:
    """Return the slices of the flat vector that are updated together, per layer; one slice if all are."""
    if not convention.frozen and convention.update == "simultaneous":
        return ((slice(0, architecture.parameter_count),),)
    return tuple(
        tuple(slot for name, slot in slots.items() if not is_frozen(convention, name, index))
        for index, slots in enumerate(architecture.slots)
    )
