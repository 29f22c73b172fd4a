"""Going to where a number was found: the pass and the step that make it known."""

from __future__ import annotations

from dataclasses import replace

from nnviz.debugger.commands import go_to
from nnviz.debugger.finder import Found
from nnviz.debugger.finder_values import TERMS
from nnviz.debugger.session import Session, choose_example, next_pass, previous_pass
from nnviz.trace.steps import PARAMETER_OF, Grain, Kind, Quantity
from nnviz.trace.trace import Trace


def go_to_found(session: Session, found: Found) -> Session:
    """The session at the step of a quantity found, that quantity selected.

    The pass is the one it was found in where that is an example or an update away; what would be computed under
    another convention is shown where this pass has it.
    """
    moved = session
    for _ in range(abs(found.update)):
        moved = next_pass(moved) if found.update > 0 else previous_pass(moved)
    if moved.example != found.example:
        moved = choose_example(moved, found.example)
    position = position_of(moved.trace, found.quantity)
    if position is not None:
        grain = Grain.TERM if _is_term(found.quantity) and moved.grain < Grain.TERM else moved.grain
        moved = go_to(replace(moved, grain=max(grain, Grain.NEURON)), position)
    return replace(moved, selection=None if found.total else found.quantity)


def position_of(trace: Trace, quantity: Quantity) -> int | None:
    """The position at which a quantity becomes known, or, where it is given, at which it is first used."""
    known = trace.find(quantity)
    if known is not None:
        return known
    whole = _told_with(quantity)
    end = None if whole is None else trace.find(whole)
    if end is None:
        return None
    start = trace.enclosing(Grain.NEURON, end).start
    for position in range(start + 1, end):
        if trace.step(Grain.TERM, position - 1).quantity == quantity:
            return position
    return end


def _is_term(quantity: Quantity) -> bool:
    return quantity.kind in TERMS or quantity.kind is Kind.MOVING


def _told_with(quantity: Quantity) -> Quantity | None:
    """The quantity of a step of grain neuron that a term or a given number belongs to."""
    layer, unit, time = quantity.layer, quantity.unit, quantity.time
    kinds = PARAMETER_OF.get(quantity.kind)
    if quantity.kind is Kind.INPUT:
        return Quantity(Kind.Z, 0, 0, None, time)
    if quantity.kind is Kind.TARGET:
        return Quantity(Kind.ERROR, None, unit, None, time)
    if quantity.kind in (Kind.DE_DA_LOSS_TERM, Kind.DE_DA_TERM, Kind.DE_DA_LATER_TERM):
        return Quantity(Kind.DE_DA, layer, unit, None, time)
    if quantity.kind is Kind.RATE:
        return Quantity(Kind.W_NEW, 0, 0, 0)
    if quantity.kind is Kind.MOVING:
        kinds = PARAMETER_OF[Kind.W_NEW if quantity.of == "W" else Kind.B_NEW]
        return Quantity(kinds.new, layer, unit, quantity.source)
    if kinds is not None and quantity.kind in (kinds.held, kinds.term):
        return Quantity(Kind.Z, layer, unit, None, time)
    if kinds is not None and quantity.kind is kinds.gradient_term:
        return Quantity(kinds.gradient, layer, unit, quantity.source)
    return None
