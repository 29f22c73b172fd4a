"""The slips that people make when they work a pass out: each is one term of one kind of step, computed differently.

A slip is a change of the operands of a step, or of its result, as the trace's provenance lists them. The table says at
which kinds of steps it can happen; which numbers follow from it is left to the pass itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nnviz.debugger.finder.pass_program import Look, Node, PassProgram, StepEdit
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import MOMENTUM, OPTIMIZERS
from nnviz.tracing.provenance import delta_is_difference, is_fused_softmax, is_softmax
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

BACK = (Kind.DE_DA,)
GRADIENTS = tuple(kinds.gradient for kinds in PARAMETER_KINDS.values())
WEIGHT_GRADIENTS = (Kind.DW, Kind.DW_H)
DECAYS = (0.1, 0.01, 0.001, 0.0001)
MOST_SOURCES = 6  # operands of one number that are exchanged or left out one by one

# The steps of a layer at which a slip can happen, as a fitting edit; None if it cannot happen at this step.
Fit = Callable[[PassProgram, Node], StepEdit | None]


@dataclass(frozen=True)
class SlipRule:
    """One kind of slip: its cost in bits, the kinds of its steps, and the edit; `single` also tries each unit alone."""

    name: str
    cost: float
    kinds: tuple[Kind, ...]
    fit: Fit
    single: bool = False
    everywhere: bool = False
    detail: str = ""


def _with(values: list[float], **changes: float) -> list[float]:
    changed = list(values)
    for place, value in changes.items():
        changed[int(place[1:])] = value
    return changed


def _each(change: Callable[[PassProgram, Look, Node, list[float]], list[float] | None]) -> Fit:
    """Return a fit that changes the operands; it fits where the change gives other operands."""

    def fit(program: PassProgram, node: Node) -> StepEdit | None:
        if change(program, program.recorded, node, list(program.given[program.index[node.quantity]])) is None:
            return None

        def edit(look: Look, at: Node, values: list[float]) -> float:
            changed = change(program, look, at, values)
            return at.compute(values if changed is None else changed)

        return edit

    return fit


def _result(change: Callable[[Look, Node, float], float]) -> Fit:
    """Return a fit that changes the result of a step."""
    return lambda program, node: lambda look, at, values: change(look, at, at.compute(values))


def _times(factor: float) -> Fit:
    return _result(lambda look, node, value: factor * value)


# Operands: where the pairs of a sum begin, and what they are


def _start_of_pairs(node: Node) -> int:
    return 2 if node.operands[0].kind is Kind.TARGET else 0


def _own_pairs(program: PassProgram, node: Node) -> int:
    """Return how many products a weighted sum has, without those of the past."""
    assert node.quantity.layer is not None
    assert node.quantity.unit is not None
    return len(program.record.architecture.sources_of(node.quantity.layer, node.quantity.unit))


def _biases(node: Node) -> list[int]:
    return [place for place, part in enumerate(node.operands) if part.kind in (Kind.BIAS, Kind.BIAS_H)]


def _bias_out(factor: float) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        places = [place for place in _biases(node) if values[place]]
        return _with(values, **{f"v{place}": factor * values[place] for place in places}) if places else None

    return _each(change)


def _inputs_out(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
    biases = _biases(node)
    return [value if place in biases else 0.0 for place, value in enumerate(values)] if biases else None


def _term_out(at: int) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        start = _start_of_pairs(node)
        pairs = (len(values) - start) // 2
        first = start + 2 * at
        if node.quantity.kind in (Kind.DB, Kind.DB_H):
            return _with(values, **{f"v{at}": 0.0}) if len(values) > 1 and at < len(values) else None
        if at >= pairs or pairs == 1:
            return None
        return _with(values, **{f"v{first}": 0.0, f"v{first + 1}": 0.0})

    return _each(change)


def _exchanged(one: int, other: int, *, side: int) -> Fit:
    """Exchange the same factor of two products of a sum."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        a, b = (_start_of_pairs(node) + 2 * place + side for place in (one, other))
        if b >= len(values) or values[a] == values[b]:
            return None
        return _with(values, **{f"v{a}": values[b], f"v{b}": values[a]})

    return _each(change)


def _transposed(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
    changed = list(values)
    for place, part in enumerate(node.operands):
        if part.kind in (Kind.WEIGHT, Kind.WEIGHT_H, Kind.W_NEW):
            assert part.layer is not None
            sizes = program.record.architecture.sizes
            if part.kind is not Kind.WEIGHT_H and sizes[part.layer] != sizes[part.layer + 1]:
                return None
            changed[place] = look(replace(part, unit=part.source, source=part.unit))
    return changed if changed != values or len(values) > 2 else None


def _operand(kinds: tuple[Kind, ...], other: Callable[[Look, Node, Quantity, int, list[float]], float | None]) -> Fit:
    """Return a fit that replaces every operand of some kinds, if another number can take its place."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        changed, is_replaced = list(values), False
        for place, part in enumerate(node.operands):
            if part.kind in kinds:
                value = other(look, node, part, place, values)
                if value is None:
                    return None
                changed[place], is_replaced = value, True
        return changed if is_replaced else None

    return _each(change)


_ENTERING = (Kind.INPUT, Kind.A, Kind.STATE)
_WEIGHTS = (Kind.WEIGHT, Kind.WEIGHT_H, Kind.W_NEW)


def _z_for_a(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    return look(replace(part, kind=Kind.Z)) if part.kind is Kind.A else None


def _weight_for_input(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    quantity = node.quantity
    kinds = PARAMETER_OF.get(quantity.kind)
    if quantity.kind is Kind.Z:
        return values[place - 1]
    return None if kinds is None else look(Quantity(kinds.value, quantity.layer, quantity.unit, quantity.source))


def _output_for_input(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    """Return the activation of the unit itself, in place of what enters it."""
    return look(replace(node.operands[place - 1], kind=Kind.A))


def _input_for_weight(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    return values[place + 1] if node.quantity.kind is Kind.Z else None


def _gradient_for_delta(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    return look(replace(part, kind=Kind.DE_DA))


def _is_elementwise(program: PassProgram, node: Node) -> bool:
    assert node.quantity.layer is not None
    return not is_softmax(program.record, node.quantity.layer)


def _slope_out(program: PassProgram, node: Node) -> StepEdit | None:
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


def _slope_added(program: PassProgram, node: Node) -> StepEdit | None:
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


def _error_out(program: PassProgram, node: Node) -> StepEdit | None:
    return (lambda look, at, values: values[1]) if _is_elementwise(program, node) else None


def _own_activation(share: Callable[[float], float]) -> Fit:
    """Return a fit that takes a function of the activation for its derivative."""
    return _result(lambda look, node, value: share(look(replace(node.quantity, kind=Kind.A))))


# The activations whose derivative is taken for another's; without one (linear) the derivative is left out.
_OTHER_SLOPES = tuple(name for name, row in ACTIVATIONS.items() if row.common and not row.is_identity)


def _other_slope(name: str) -> Fit:
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


def _factor_out(side: int) -> Fit:
    """Leave one factor out of each product of a gradient: the error term (0), or what enters (1)."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        return [1.0 if place % 2 == side else value for place, value in enumerate(values)]

    return _each(change)


def _row_sums(program: PassProgram, node: Node) -> StepEdit | None:
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


def _times_bias(program: PassProgram, node: Node) -> StepEdit | None:
    kinds, q = PARAMETER_OF[node.quantity.kind], node.quantity
    bias = program.value_of(Quantity(kinds.value, q.layer, q.unit))
    return (lambda look, at, values: bias * at.compute(values)) if bias else None


def _uphill(program: PassProgram, node: Node) -> StepEdit | None:
    return (lambda look, at, values: 2.0 * values[0] - at.compute(values)) if len(node.parts) > 1 else None


def _rate_out(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
    return _with(values, v1=1.0) if len(values) > 1 and values[1] != 1.0 else None


def _decay(strength: float) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        return _with(values, v2=values[2] + strength * values[0]) if len(values) > 2 else None

    return _each(change)


def _step_times(factor: float) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        return _with(values, v1=factor * values[1]) if len(values) > 1 else None

    return _each(change)


def _damped(program: PassProgram, node: Node) -> StepEdit | None:
    """Weight the gradient in a momentum by 1 − beta."""
    rule = program.record.rule
    if MOMENTUM not in OPTIMIZERS[rule.optimizer].constants or len(node.parts) < 2:
        return None
    beta = rule.rates.momentum
    return lambda look, at, values: beta * values[0] + (1.0 - beta) * values[1]


def rules_of(program: PassProgram) -> Iterator[SlipRule]:
    """Yield every kind of slip, with the factors that are meant by this pass."""
    record = program.record
    sizes = record.architecture.sizes
    yield SlipRule("bias_out", 4.3, (Kind.Z,), _bias_out(0.0), single=True, everywhere=True)
    yield SlipRule("bias_minus", 4.3, (Kind.Z,), _bias_out(-1.0), single=True, everywhere=True)
    yield SlipRule("inputs_out", 4.5, (Kind.Z,), _each(_inputs_out), single=True, everywhere=True)
    yield SlipRule("forward_transposed", 4.5, (Kind.Z,), _each(_transposed), everywhere=True)
    yield SlipRule("z_for_a", 5.2, (Kind.Z,), _operand((Kind.A,), _z_for_a))
    yield SlipRule("weight_for_input", 5.5, (Kind.Z,), _operand(_ENTERING, _weight_for_input))
    yield SlipRule("input_for_weight", 5.5, (Kind.Z,), _operand(_WEIGHTS, _input_for_weight))
    yield SlipRule("slope_out", 2.4, (Kind.DELTA,), _slope_out, single=True, everywhere=True)
    yield SlipRule("slope_added", 4.0, (Kind.DELTA,), _slope_added)
    yield SlipRule("error_out", 5.0, (Kind.DELTA,), _error_out, single=True)
    yield SlipRule("slope_a", 4.5, (Kind.SLOPE,), _own_activation(lambda a: a), everywhere=True)
    yield SlipRule("slope_1_a", 4.5, (Kind.SLOPE,), _own_activation(lambda a: 1.0 - a), everywhere=True)
    for name in _OTHER_SLOPES:
        yield SlipRule("other_slope", 4.0, (Kind.SLOPE,), _other_slope(name), single=True, everywhere=True, detail=name)
    yield SlipRule("back_transposed", 3.5, BACK, _each(_transposed), everywhere=True)
    yield SlipRule("back_raw", 3.5, BACK, _operand((Kind.DELTA,), _gradient_for_delta), everywhere=True)
    one = _operand(_WEIGHTS, lambda look, node, part, place, values: 1.0)
    yield SlipRule("back_unweighted", 3.5, BACK, one, single=True, everywhere=True)
    yield SlipRule("input_out", 3.5, WEIGHT_GRADIENTS, _factor_out(1), everywhere=True)
    yield SlipRule("delta_out", 5.0, WEIGHT_GRADIENTS, _factor_out(0))
    yield SlipRule("gradient_weight", 4.0, WEIGHT_GRADIENTS, _operand(_ENTERING, _weight_for_input), everywhere=True)
    yield SlipRule("gradient_output", 4.0, WEIGHT_GRADIENTS, _operand(_ENTERING, _output_for_input), everywhere=True)
    yield SlipRule("gradient_z", 4.0, WEIGHT_GRADIENTS, _operand((Kind.A,), _z_for_a))
    yield SlipRule("gradient_raw", 3.6, GRADIENTS, _operand((Kind.DELTA,), _gradient_for_delta))
    yield SlipRule("row_sums", 4.0, (Kind.DB, Kind.DB_H), _row_sums)
    yield SlipRule("times_bias", 4.5, (Kind.DB, Kind.DB_H), _times_bias, everywhere=True)
    yield SlipRule("damped", 3.0, (Kind.MOVING,), _damped, everywhere=True)
    yield SlipRule("uphill", 3.8, tuple(NEW_KINDS), _uphill, everywhere=True)
    yield SlipRule("rate_out", 3.2, tuple(NEW_KINDS), _each(_rate_out), everywhere=True)
    for strength in DECAYS:
        yield SlipRule(
            "decay", 5.0, (Kind.W_NEW, Kind.W_H_NEW), _decay(strength), everywhere=True, detail=f"{strength:g}"
        )
    for name, factor in factors_of(program).items():
        cost = 4.0 if name in ("2", "0.5") else 4.8
        yield SlipRule("factor", cost, BACK, _times(factor), single=True, everywhere=True, detail=name)
        yield SlipRule("factor", cost + 0.3, (Kind.DELTA,), _times(factor), single=True, detail=name)
        yield SlipRule("factor", cost + 0.4, GRADIENTS, _times(factor), everywhere=True, detail=name)
        yield SlipRule("step_factor", cost + 0.6, tuple(NEW_KINDS), _step_times(factor), everywhere=True, detail=name)
    for kinds in (BACK, (Kind.DELTA,)):
        yield SlipRule("minus", 4.4, kinds, _times(-1.0), single=True, everywhere=True)
    yield SlipRule("minus", 5.6, (Kind.Z,), _times(-1.0), single=True)
    most = min(MOST_SOURCES, max(*sizes, len(record.examples) * record.time_steps))
    for place in range(most):
        kinds_of_sums = (Kind.Z, Kind.DE_DA, *GRADIENTS)
        for kind in kinds_of_sums:
            yield SlipRule("term_out", 4.2, (kind,), _term_out(place), single=True, detail=str(place + 1))
        for other in range(place + 1, most):
            both = f"{place + 1}+{other + 1}"
            for kind in (Kind.Z, Kind.DE_DA):
                yield SlipRule("exchanged", 5.0, (kind,), _exchanged(place, other, side=0), single=True, detail=both)


def factors_of(program: PassProgram) -> dict[str, float]:
    """Return the factors that a page may add or leave out, by name."""
    examples, outputs = len(program.record.examples), program.record.architecture.sizes[-1]
    found = {"2": 2.0, "0.5": 0.5, "10": 10.0, "0.1": 0.1}
    for name, count in (("examples", examples), ("outputs", outputs)):
        if count > 2:
            found |= {name: float(count), f"1/{name}": 1.0 / count}
    return found
