"""The edits of steps that slips are made of: other operands of a sum or a product.

A `Fit` returns the edit for one step of a pass, or None where the slip cannot happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from nnviz.debugger.finder.pass_program import Look, Node, PassProgram, StepEdit
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity

# The steps of a layer at which a slip can happen, as a fitting edit; None if it cannot happen at this step.
Fit = Callable[[PassProgram, Node], StepEdit | None]


def with_values(values: list[float], changes: Mapping[int, float]) -> list[float]:
    return [changes.get(place, value) for place, value in enumerate(values)]


def each(change: Callable[[PassProgram, Look, Node, list[float]], list[float] | None]) -> Fit:
    """Return a fit that changes the operands; it fits where the change gives other operands."""

    def fit(program: PassProgram, node: Node) -> StepEdit | None:
        if change(program, program.recorded, node, list(program.given[program.index[node.quantity]])) is None:
            return None

        def edit(look: Look, at: Node, values: list[float]) -> float:
            changed = change(program, look, at, values)
            return at.compute(values if changed is None else changed)

        return edit

    return fit


def of_result(change: Callable[[Look, Node, float], float]) -> Fit:
    """Return a fit that changes the result of a step."""
    return lambda program, node: lambda look, at, values: change(look, at, at.compute(values))


def times(factor: float) -> Fit:
    return of_result(lambda look, node, value: factor * value)


# Operands: where the pairs of a sum begin, and what they are


def _start_of_pairs(node: Node) -> int:
    return 2 if node.operands and node.operands[0].kind is Kind.TARGET else 0


def _biases(node: Node) -> list[int]:
    return [place for place, part in enumerate(node.operands) if part.kind in (Kind.BIAS, Kind.BIAS_H)]


def bias_out(factor: float) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        places = [place for place in _biases(node) if values[place]]
        return with_values(values, {place: factor * values[place] for place in places}) if places else None

    return each(change)


def inputs_out(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
    biases = _biases(node)
    return [value if place in biases else 0.0 for place, value in enumerate(values)] if biases else None


def term_out(at: int) -> Fit:
    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        start = _start_of_pairs(node)
        pairs = (len(values) - start) // 2
        first = start + 2 * at
        if node.quantity.kind in (Kind.DB, Kind.DB_H):
            return with_values(values, {at: 0.0}) if len(values) > 1 and at < len(values) else None
        if at >= pairs or pairs == 1:
            return None
        return with_values(values, {first: 0.0, first + 1: 0.0})

    return each(change)


def term_minus(at: int) -> Fit:
    """Give one product of a sum the opposite sign."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        first = _start_of_pairs(node) + 2 * at
        return with_values(values, {first: -values[first]}) if first + 1 < len(values) > 2 else None

    return each(change)


def exchanged(one: int, other: int, *, side: int) -> Fit:
    """Exchange the same factor of two products of a sum."""

    def change(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
        a, b = (_start_of_pairs(node) + 2 * place + side for place in (one, other))
        if b >= len(values) or values[a] == values[b]:
            return None
        return with_values(values, {a: values[b], b: values[a]})

    return each(change)


def transposed(program: PassProgram, look: Look, node: Node, values: list[float]) -> list[float] | None:
    changed = list(values)
    for place, part in enumerate(node.operands):
        if part.kind in (Kind.WEIGHT, Kind.WEIGHT_H, Kind.W_NEW):
            assert part.layer is not None
            sizes = program.record.architecture.sizes
            if part.kind is not Kind.WEIGHT_H and sizes[part.layer] != sizes[part.layer + 1]:
                return None
            changed[place] = look(replace(part, unit=part.source, source=part.unit))
    return changed if changed != values or len(values) > 2 else None


def operand(kinds: tuple[Kind, ...], other: Callable[[Look, Node, Quantity, int, list[float]], float | None]) -> Fit:
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

    return each(change)


ENTERING = (Kind.INPUT, Kind.A, Kind.STATE)
WEIGHTS = (Kind.WEIGHT, Kind.WEIGHT_H, Kind.W_NEW)


def one(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    """Return 1, so that a factor is left out."""
    return 1.0


def z_for_a(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    return look(replace(part, kind=Kind.Z)) if part.kind is Kind.A else None


def weight_for_input(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    quantity = node.quantity
    kinds = PARAMETER_OF.get(quantity.kind)
    if quantity.kind is Kind.Z:
        return values[place - 1]
    return None if kinds is None else look(Quantity(kinds.value, quantity.layer, quantity.unit, quantity.source))


def output_for_input(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    """Return the activation of the unit itself, in place of what enters it."""
    return look(replace(node.operands[place - 1], kind=Kind.A))


def input_for_weight(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    return values[place + 1] if node.quantity.kind is Kind.Z else None


def gradient_for_delta(look: Look, node: Node, part: Quantity, place: int, values: list[float]) -> float | None:
    return look(replace(part, kind=Kind.DE_DA))
