"""Go to a number that was found: the pass and the step that compute it."""

from __future__ import annotations

from dataclasses import replace

from nnviz.debugger import why
from nnviz.debugger.commands import go_to
from nnviz.debugger.finder.number_table import TERMS
from nnviz.debugger.finder.search import Found
from nnviz.debugger.state.session import Session, choose_example, next_pass, previous_pass
from nnviz.tracing.steps import PARAMETER_OF, UPDATE_TERMS, Grain, Kind, Quantity
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import has_quantity


def go_to_found(session: Session, found: Found) -> Session:
    """Return the session at the step of a quantity that was found, with that quantity selected.

    The pass is the one in which it was found if that is an example or an update away. A number of another convention is
    shown at the same quantity of this pass.
    """
    moved = session
    for _ in range(abs(found.update)):
        moved = next_pass(moved) if found.update > 0 else previous_pass(moved)
    if moved.example != found.example:
        moved = choose_example(moved, found.example)
    position = first_position_of(moved.trace, found.quantity)
    if position is not None:
        grain = Grain.TERM if _is_term(found.quantity) and moved.grain < Grain.TERM else moved.grain
        moved = go_to(replace(moved, grain=max(grain, Grain.NEURON)), position)
    is_here = not found.total and has_quantity(moved.record, found.quantity)
    if found.quantity.kind is Kind.DE_DX and not moved.record.architecture.input_gradients:
        is_here = False  # it is no part of this pass, which is shown at the delta that it comes from
    return replace(moved, selection=found.quantity if is_here else None)


def first_position_of(trace: Trace, quantity: Quantity) -> int | None:
    """Return the position at which a quantity becomes known, or, if it is given, at which it is first used."""
    known = why.position_of(trace, quantity)
    if known is not None:
        return known
    used = _first_use(quantity)
    return None if used is None else trace.find(used)


def _is_term(quantity: Quantity) -> bool:
    return quantity.kind in (*TERMS, *UPDATE_TERMS)


def _first_use(given: Quantity) -> Quantity | None:
    """Return the quantity of a step of grain neuron that first uses a given number."""
    layer, unit, time = given.layer, given.unit, given.time
    if given.kind is Kind.INPUT:
        return Quantity(Kind.Z, 0, 0, None, time)
    if given.kind is Kind.TARGET:
        return Quantity(Kind.ERROR, None, unit, None, time)
    if given.kind in (Kind.DE_DX, Kind.DE_DX_TERM):
        return Quantity(Kind.DELTA, 0, given.source or 0, None, time)
    if given.kind is Kind.RATE:
        return Quantity(Kind.W_NEW, 0, 0, 0)
    kinds = PARAMETER_OF.get(given.kind)
    return Quantity(Kind.Z, layer, unit, None, time) if kinds is not None and given.kind is kinds.value else None
