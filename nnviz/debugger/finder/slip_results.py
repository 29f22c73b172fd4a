"""The edits of steps that slips are made of: other activations, derivatives, error terms, gradients and updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nnviz.debugger.finder.pass_program import Look, Node, PassProgram, StepEdit
from nnviz.debugger.finder.slip_edits import Fit, each, of_result, with_values
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import MOMENTUM, OPTIMIZERS
from nnviz.tracing.audit import recompute_from
from nnviz.tracing.provenance import delta_is_difference, is_fused_softmax, is_softmax, source_quantity
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity
from nnviz.tracing.trace import Trace

LATE = 10**9  # the number of an update at which no average of an optimizer is young


def _is_elementwise(program: PassProgram, node: Node) -> bool:
    assert node.quantity.layer is not None
    return not is_softmax(program.record, node.quantity.layer)


def slope_out(program: PassProgram, node: Node) -> StepEdit | None:
    """Let delta be dE/da: the derivative of the activation is left out."""
    layer = node.quantity.layer
    assert layer is not None
    if not _is_elementwise(program, node):
        return None
    if ACTIVATIONS[program.record.architecture.layers[layer].activation].is_identity:
        return None
    if delta_is_difference(program.record, layer) and program.record.fused:
        return None
    return lambda look, at, values: values[0]


def slope_added(program: PassProgram, node: Node) -> StepEdit | None:
    """Multiply the error of a fused output by the derivative of its activation once more."""
    layer = node.quantity.layer
    assert layer is not None
    record = program.record
    if is_fused_softmax(record, layer):

        def softmax_edit(look: Look, at: Node, values: list[float]) -> float:
            a = look(replace(at.quantity, kind=Kind.A))
            return at.compute(values) * a * (1.0 - a)

        return softmax_edit
    if not _is_elementwise(program, node):
        return None
    if ACTIVATIONS[record.architecture.layers[layer].activation].is_identity:
        return None
    return lambda look, at, values: at.compute(values) * values[1]


def error_out(program: PassProgram, node: Node) -> StepEdit | None:
    return (lambda look, at, values: values[1]) if _is_elementwise(program, node) else None


def own_activation(share: Callable[[float], float]) -> Fit:
    """Return a fit that takes a function of the activation for its derivative."""
    return of_result(lambda look, node, value: share(look(replace(node.quantity, kind=Kind.A))))


# The activations whose derivative is taken for another's; without one (linear) the derivative is left out.
CURVED = tuple(name for name, row in ACTIVATIONS.items() if row.common and not row.is_identity)


def other_slope(name: str) -> Fit:
    def slope(z: float, a: float) -> float:
        out = np.empty(1)
        ACTIVATIONS[name].slope(np.array([z]), np.array([a]), out, ())
        return float(out[0])

    def fit(program: PassProgram, node: Node) -> StepEdit | None:
        assert node.quantity.layer is not None
        if program.record.architecture.layers[node.quantity.layer].activation == name:
            return None
        return lambda look, at, values: slope(
            look(replace(at.quantity, kind=Kind.Z)), look(replace(at.quantity, kind=Kind.A))
        )

    return fit


def activation_out(program: PassProgram, node: Node) -> StepEdit | None:
    """Let a be z: the activation is left out."""
    assert node.quantity.layer is not None
    activation = ACTIVATIONS[program.record.architecture.layers[node.quantity.layer].activation]
    return None if activation.is_identity else lambda look, at, values: values[0]


def other_activation(name: str) -> Fit:
    def value(z: float) -> float:
        out = np.empty(1)
        ACTIVATIONS[name].value(np.array([z]), out, ())
        return float(out[0])

    def fit(program: PassProgram, node: Node) -> StepEdit | None:
        assert node.quantity.layer is not None
        if program.record.architecture.layers[node.quantity.layer].activation == name:
            return None
        return lambda look, at, values: value(values[0])

    return fit


def slope_of_input(program: PassProgram, node: Node) -> StepEdit | None:
    """Take the derivative at what enters from the neuron of the same number, in place of the output."""
    q, architecture = node.quantity, program.record.architecture
    assert q.layer is not None
    assert q.unit is not None
    activation = ACTIVATIONS[architecture.layers[q.layer].activation]
    if q.unit >= architecture.sizes[q.layer] or activation.by_z or activation.is_identity:
        return None

    def edit(look: Look, at: Node, values: list[float]) -> float:
        unit = at.quantity.unit
        assert unit is not None
        entering = source_quantity(q.layer or 0, unit, at.quantity.time, at.quantity.example)
        return at.compute([look(entering)])

    return edit


def other_layer(program: PassProgram, node: Node, layer: int) -> StepEdit | None:
    """Take the weights and the bias of another layer of the same shape."""
    own, architecture = node.quantity.layer, program.record.architecture
    if own is None or own == layer or architecture.shape("W", own) != architecture.shape("W", layer):
        return None
    if architecture.layers[own].recurrent or architecture.layers[layer].recurrent:
        return None
    return lambda look, at, values: at.compute(
        [
            look(replace(part, layer=layer)) if part.kind in (Kind.WEIGHT, Kind.BIAS) else value
            for part, value in zip(at.operands, values, strict=True)
        ]
    )


def exchanged_layers(one: int, other: int) -> Fit:
    """Exchange the weights and biases of two layers."""
    partner = {one: other, other: one}
    return lambda program, node: (
        other_layer(program, node, partner[node.quantity.layer]) if node.quantity.layer in partner else None
    )


def back_other_layer(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    """Return the weight of the layer itself, in place of that of the layer after it."""
    shape = node.trace.record.architecture.shape
    layer = node.quantity.layer
    if part.kind is not Kind.WEIGHT or part.layer is None or shape("W", part.layer) != shape("W", layer or 0):
        return None
    return look(replace(part, layer=layer))


def delta_of_other_layer(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    """Return the error term of the same neuron of the next layer, or, at the output, of the previous one."""
    sizes = node.trace.record.architecture.sizes
    if part.layer is None or part.unit is None:
        return None
    layer = part.layer + 1 if part.layer + 2 < len(sizes) else part.layer - 1
    return look(replace(part, layer=layer)) if layer >= 0 and part.unit < sizes[layer + 1] else None


def network_input(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    """Return the network's input of the same number, in place of the activation that enters."""
    architecture = node.trace.record.architecture
    if part.kind is not Kind.A or part.layer == node.quantity.layer or (part.unit or 0) >= architecture.sizes[0]:
        return None
    return look(replace(part, kind=Kind.INPUT, layer=None))


def turned_product(program: PassProgram, node: Node) -> StepEdit | None:
    """Take the gradient of the weight at the transposed place."""
    q = node.quantity
    turned = replace(q, unit=q.source, source=q.unit)
    if q.unit == q.source or turned not in program.index:
        return None
    other = program.nodes[program.index[turned]]
    return lambda look, at, values: other.compute([look(part) for part in other.operands])


def left_out(kind: Kind) -> Fit:
    """Leave the target, or the output, out of the derivative of the loss."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        if not node.operands or node.operands[0].kind is not Kind.TARGET:
            return None
        place = (Kind.TARGET, Kind.A).index(kind)
        return with_values(values, {place: 0.0}) if values[place] else None

    return each(change)


def uncorrected(program: PassProgram, node: Node) -> StepEdit | None:
    """Leave the correction of an optimizer's young averages out: the step is that of a very late update."""
    record = program.record
    if len(node.parts) < 4 or record.count >= LATE:
        return None
    late = Trace(replace(record, count=LATE))
    return lambda look, at, values: recompute_from(late, at.own, at.parts, values)


def factor_out(side: int) -> Fit:
    """Leave one factor out of each product of a gradient: the error term (0), or what enters (1)."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        return [1.0 if place % 2 == side else value for place, value in enumerate(values)]

    return each(change)


def with_decay(strength: float) -> Fit:
    """Add weight decay to a gradient."""

    def fit(program: PassProgram, node: Node) -> StepEdit | None:
        q = node.quantity
        weight = strength * program.value_of(Quantity(PARAMETER_OF[q.kind].value, q.layer, q.unit, q.source))
        return lambda look, at, values: at.compute(values) + weight

    return fit


def row_sums(program: PassProgram, node: Node) -> StepEdit | None:
    """Sum the error terms of each example over the units, instead of those of each unit over the examples."""
    record, q = program.record, node.quantity
    examples, unit = len(record.examples), q.unit
    if examples == 1 or unit is None or unit >= examples or q.layer is None or record.time_steps > 1:
        return None
    if record.architecture.layers[q.layer].shares_bias:
        return None
    units = record.architecture.sizes[q.layer + 1]
    example = None if unit == record.row else unit

    def edit(look: Look, at: Node, values: list[float]) -> float:
        return sum(look(Quantity(Kind.DELTA, q.layer, each, None, 0, example)) for each in range(units))

    return edit


def times_bias(program: PassProgram, node: Node) -> StepEdit | None:
    kinds, q = PARAMETER_OF[node.quantity.kind], node.quantity
    bias = program.value_of(Quantity(kinds.value, q.layer, q.unit))
    return (lambda look, at, values: bias * at.compute(values)) if bias else None


def uphill(program: PassProgram, node: Node) -> StepEdit | None:
    return (lambda look, at, values: 2.0 * values[0] - at.compute(values)) if len(node.parts) > 1 else None


def rate_out(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
    return with_values(values, {1: 1.0}) if len(values) > 1 and values[1] != 1.0 else None


def decay(strength: float) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        return with_values(values, {2: values[2] + strength * values[0]}) if len(values) > 2 else None

    return each(change)


def step_times(factor: float) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        return with_values(values, {1: factor * values[1]}) if len(values) > 1 else None

    return each(change)


def damped(program: PassProgram, node: Node) -> StepEdit | None:
    """Weight the gradient in a momentum by 1 − beta."""
    rule = program.record.rule
    if MOMENTUM not in OPTIMIZERS[rule.optimizer].constants or len(node.parts) < 2:
        return None
    beta = rule.rates.momentum
    return lambda look, at, values: beta * values[0] + (1.0 - beta) * values[1]
