"""One pass on one batch: forward, error, backward and update, by kernels that write into a workspace.

This is the only forward and the only backward in the project: the trainer, the debugger and every plot use it.
`run_pass` runs a whole pass:

1. `forward`: layer by layer, z = a_prev @ W + b, then a = f(z). A recurrent layer adds a_earlier @ W_h + b_h, with its
   own activations one time step before; before the first time step these are 0. A layer may have no biases, or one for
   all of its units; the weights of connections that it does not have are 0 and stay so.
2. `measure`: the error of every output, and the sum of the errors; 0 where the batch has no target (NaN).
3. `backward`: from the last layer to the first, dE/da (from the loss, or from the delta of the next layer and its
   weights; in a recurrent layer also from its own delta one time step later), the slope f'(z), and
   delta = dE/da * slope; then dE/dW = a_prev.T @ delta and dE/db = the sum of delta, over examples and time.
4. `apply_update`: each parameter moves by the change that the optimizer computes; decoupled weight decay shrinks it
   first. If gradients are clipped or regularized, `adjust` writes those that the optimizer gets before.

An update of a small network has so little arithmetic that choosing what to call would take a third of its time. So
each part of a pass is a generator of its calls, with the buffers that they read and write. `forward`, `measure` and
`backward` make these calls at once; a trainer keeps them, as a `PlannedPass`, for all updates of one batch size.

`Workspace` has the buffers and describes their memory layout, `PassRecord` is the read-only copy taken at the end.
Every array of units is (time steps, examples, units), so that a layer can read its own past along the first axis;
a feed-forward network has one time step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from nnviz.engine.activations import pull_back, slope_argument
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.conventions import Convention, is_frozen
from nnviz.engine.network import BIAS_NAMES, Architecture, Network, Parameters, view_parameters
from nnviz.engine.optimizers import OPTIMIZERS, UpdateRule, adjust_gradients
from nnviz.engine.record import PassRecord, take_record
from nnviz.engine.workspace import LayerAtTime, Workspace

Call = Callable[[], object]
Product = Callable[[], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class PlannedPass:
    """The calls of a pass on one workspace, made once: they already have their buffers, and all choices are taken.

    `parts` are calls, each with the slots of the flat vector that are updated after them: one part for all layers, or
    one for each if updates are sequential. `move` is how a parameter moves by its change.
    """

    work: Workspace
    parameters: Parameters
    move: np.ufunc
    parts: tuple[tuple[tuple[Call, ...], tuple[slice, ...]], ...]


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
        run_kernels(plan_pass(work, moving, convention, rule.reduce), list(own_memory), count, rule)
    indices = range(x.shape[1]) if examples is None else examples
    return take_record(work, network.parameters, moving, before, own_memory, count, convention, rule, indices, row)


def predict(network: Network, x: FloatArray) -> FloatArray:
    """Return the outputs of a batch, (time, examples, outputs), for x (time, examples, inputs)."""
    targets = np.zeros((*x.shape[:2], network.architecture.sizes[-1]))
    work = Workspace(network.architecture, x, targets)
    with np.errstate(all="ignore"):
        forward(work, network.parameters)
    return work.a[-1]


def plan_pass(work: Workspace, parameters: Parameters, convention: Convention, reduce: str) -> PlannedPass:
    """Return the calls of forward, error and backward on a workspace; `reduce` is how a batch's gradients are reduced.

    In sequential updates a layer is updated when its gradients are complete and before anything is propagated through
    its weights: the previous layer then uses the new ones.
    """
    slots, layers = update_slots(work.architecture, convention), work.places_backwards
    sequential = convention.update == "sequential"
    groups = [[layer] for layer in layers] if sequential else [layers]
    updated = [tuple(group) for group in reversed(slots)] if sequential else [tuple(chain.from_iterable(slots))]
    calls = [tuple(backward_calls(work, parameters, convention, reduce, group)) for group in groups]
    calls[0] = (*forward_calls(work, parameters), *error_calls(work), *calls[0])
    move = np.subtract if convention.step == "downhill" else np.add
    return PlannedPass(work, parameters, move, tuple(zip(calls, updated, strict=True)))


def run_kernels(plan: PlannedPass, memory: Sequence[FloatArray], count: int, rule: UpdateRule) -> float:
    """Run forward, error, backward and update in place; return the summed loss of the batch before the update."""
    for calls, slots in plan.parts:
        for call in calls:
            call()
        if rule.adjusts:
            adjust(plan, rule, slots)
        apply_update(plan, memory, count, rule, slots)
    return total_error(plan.work)


def forward(work: Workspace, parameters: Parameters) -> None:
    """Write z = a_prev @ W + b and a = f(z) of every time step and layer."""
    for call in forward_calls(work, parameters):
        call()


def measure(work: Workspace) -> float:
    """Write the error of every output, and return the total over outputs, examples and time steps."""
    for call in error_calls(work):
        call()
    return total_error(work)


def backward(work: Workspace, parameters: Parameters, convention: Convention, reduce: str) -> None:
    """Write dE/da, slope, delta and the gradients of all layers, summed or averaged over the batch."""
    for call in backward_calls(work, parameters, convention, reduce, work.places_backwards):
        call()


def forward_calls(work: Workspace, parameters: Parameters) -> Iterator[Call]:
    """Yield the calls of `forward`."""
    layers = parameters.with_bias_turned  # weights and biases are one matrix: see workspace.py
    for time, places in enumerate(work.places):
        source = work.entering_at[time]
        for place in places:
            yield partial(layers[place.index].dot, source, place.z_rows)
            if place.adds:
                yield partial(_add_rest, place, parameters)
            yield partial(place.value, place.z, place.a, place.constants)
            source = place.leaving_rows


def _add_rest(place: LayerAtTime, parameters: Parameters) -> None:
    """Add to z what is not in the product with W: a shared bias, and the products with the previous activations."""
    b, b_h = parameters.b[place.index], parameters.b_h[place.index]
    if place.shared_bias:
        place.z_rows += b
    matrix = parameters.recurrent_with_bias_turned[place.index]
    if matrix is not None:
        place.z_rows += matrix.dot(place.earlier_rows)
        if place.shared_bias and b_h is not None:
            place.z_rows += b_h


def error_calls(work: Workspace) -> Iterator[Call]:
    """Yield the calls that write the error of every output."""
    for t, places in zip(work.t_at, work.places, strict=True):
        output = places[-1]
        if work.fused_terms is not None:
            yield partial(work.fused_terms, output.z, t, output.error)
        else:
            yield partial(work.loss.terms, output.a, t, output.error)
        yield from _calls_for_missing(work, output.time, output.error)


def _calls_for_missing(work: Workspace, time: int, array: FloatArray) -> Iterator[Call]:
    """Yield the call that writes 0 where the batch has no target, if it may lack any."""
    if work.missing is not None:
        yield partial(np.copyto, array, 0.0, where=work.missing[time][:, np.newaxis])


def total_error(work: Workspace) -> float:
    """Return the sum of the errors over outputs, examples and time steps."""
    # For a few numbers, a product with ones is the fastest sum.
    return float(work.all_errors.dot(work.ones))


def backward_calls(
    work: Workspace,
    parameters: Parameters,
    convention: Convention,
    reduce: str,
    layers: Sequence[Sequence[LayerAtTime]],
) -> Iterator[Call]:
    """Yield the calls that write dE/da, slope, delta and the gradients of adjacent layers, from the last to the first.

    Each layer is given at all of its time steps, from the last to the first.
    """
    if convention.slope == "exact" and work.shared is not None and layers[0] is work.places_backwards[0]:
        # of all layers at once: they are one vector
        yield partial(work.shared.slope, work.all_z, work.all_a, work.all_slopes, work.shared_constants)
    for places in layers:
        for place in places:
            carry = _carry_from_later(place, parameters, convention)
            yield from _calls_for_dE_da(work, parameters, place, carry)
            yield from _calls_for_delta(work, convention, place, carry)
            yield from _calls_for_gradients(work, place, is_first=place is places[0])
        if places[0].mends:
            yield partial(_mend_gradients, work, places[0])
    examples = work.entering.shape[2]
    if reduce == "mean" and examples > 1:
        part = work.gradients.of_layers(layers[-1][0].index, layers[0][0].index)
        yield partial(np.multiply, part, frozen_array(1.0 / examples), part)


def _carry_from_later(place: LayerAtTime, parameters: Parameters, convention: Convention) -> Product | None:
    """Return the product that carries a layer's delta one time step back, (units, examples), if there is one."""
    matrix = parameters.W_h[place.index]
    if matrix is None or place.later_delta_rows is None or convention.through_time != "full":
        return None
    return partial(matrix.dot, place.later_delta_rows)


def _calls_for_dE_da(
    work: Workspace, parameters: Parameters, place: LayerAtTime, carry: Product | None
) -> Iterator[Call]:
    """Yield the calls that write dE/da: from the loss, or through the weights of the next layer."""
    if place.next_delta_rows is None:
        yield partial(work.loss.gradient, place.a, work.t_at[place.time], place.dE_da)
        yield from _calls_for_missing(work, place.time, place.dE_da)
    else:
        yield partial(parameters.W[place.index + 1].dot, place.next_delta_rows, place.dE_da_rows)
    if carry is not None:
        yield partial(_add_product, place.dE_da_rows, carry)


def _calls_for_delta(
    work: Workspace, convention: Convention, place: LayerAtTime, carry: Product | None
) -> Iterator[Call]:
    """Yield the calls that write the slope and delta = dE/dz."""
    exact, is_last = convention.slope == "exact", place.next_delta_rows is None
    if is_last and exact and work.fusible and work.loss.fused_delta is not None:
        yield partial(place.activation.slope, place.z, place.a, place.slope, place.constants)
        yield partial(work.loss.fused_delta, place.a, work.t_at[place.time], place.delta)
        yield from _calls_for_missing(work, place.time, place.delta)
        if carry is not None:  # y - t does not contain it
            yield partial(_add_pulled_back, place, carry)
    elif exact and work.shared is not None:  # the slope is there
        yield partial(np.multiply, place.dE_da, place.slope, place.delta)
    elif convention.slope == "left_out":
        yield partial(place.slope.fill, 1.0)
        yield partial(np.copyto, place.delta, place.dE_da)
    else:
        yield partial(_pull_back, place, convention.slope)


def _calls_for_gradients(work: Workspace, place: LayerAtTime, is_first: bool) -> Iterator[Call]:
    """Yield the calls for dE/dW and dE/db, one product, and dE/dW_h and dE/db_h; over time steps they add up.

    The last row of what enters the layer is ones, if its units have biases of their own.
    """
    source = work.entering_at[place.time] if place.source_rows is None else place.source_rows
    if is_first:
        yield partial(source.dot, place.delta, place.gradient)
    else:
        yield partial(_add_product, place.gradient, partial(source.dot, place.delta))
    if place.recurrent_gradient is not None:
        if is_first:
            yield partial(place.recurrent_gradient.fill, 0.0)
        yield partial(_add_product, place.recurrent_gradient, partial(place.earlier_rows.dot, place.delta))


def _add_product(total: FloatArray, product: Product) -> None:
    total += product()


def _pull_back(place: LayerAtTime, convention: str) -> None:
    """Write slope and delta from dE/da, by a slope convention."""
    argument = slope_argument(place.activation, convention, place.z, place.a, place.constants)
    pull_back(place.activation, argument, place.dE_da, place.slope, place.delta, place.constants)


def _add_pulled_back(place: LayerAtTime, carry: Product) -> None:
    """Add to delta what the next time step carries back, times the slope."""
    through = np.empty_like(place.delta)
    pull_back(place.activation, (place.z, place.a), carry().T, place.slope, through, place.constants)
    place.delta += through


def _mend_gradients(work: Workspace, place: LayerAtTime) -> None:
    """Write the gradient of a shared bias, the sum of the deltas of all units; a missing connection has none."""
    if place.shared_bias:
        for name in BIAS_NAMES:
            if name in work.gradients.slots[place.index]:
                work.gradients.part(name, place.index)[:] = work.delta[place.index].sum()
    if place.missing is not None:
        work.gradients.W[place.index].reshape(-1)[place.missing] = 0.0


def adjust(plan: PlannedPass, rule: UpdateRule, slots: Sequence[slice]) -> None:
    """Write the gradients in `slots` that the optimizer gets, from those of the loss; they are clipped together."""
    work = plan.work
    if work.used is work.gradients:
        work.used = view_parameters(work.architecture, np.zeros_like(work.gradients.vector))
    adjust_gradients(plan.parameters.vector, work.gradients.vector, rule, slots, work.used.vector)


def apply_update(
    plan: PlannedPass, memory: Sequence[FloatArray], count: int, rule: UpdateRule, slots: Sequence[slice]
) -> None:
    """Update the parameters in `slots` by the rule; `memory` (each (P,)) is updated; `count` is from 1."""
    work, target, move = plan.work, plan.parameters.vector, plan.move
    gradient, out, missing = work.used.vector, work.scratch, work.architecture.missing
    change = OPTIMIZERS[rule.optimizer].change
    for slot in slots:
        if slot.stop - slot.start == target.size:  # all at once, as is usual: no slices are needed
            change(target, gradient, memory, rule.rates, count, out)
            move(target, out, target)
        else:
            own_memory = [vector[slot] for vector in memory]
            change(target[slot], gradient[slot], own_memory, rule.rates, count, out[slot])
            move(target[slot], out[slot], target[slot])
    if missing is not None:  # a rule may have divided their gradients of 0 by 0
        target[missing] = 0.0


def update_slots(architecture: Architecture, convention: Convention) -> tuple[tuple[slice, ...], ...]:
    """Return the slices of the flat vector that are updated together, per layer; one slice if all are."""
    if not convention.frozen and convention.update == "simultaneous":
        return ((slice(0, architecture.parameter_count),),)
    return tuple(
        tuple(slot for name, slot in slots.items() if not is_frozen(convention, name, index))
        for index, slots in enumerate(architecture.slots)
    )
