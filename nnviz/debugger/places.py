"""Places that a gesture points at: where a breakpoint at a quantity stands."""

from __future__ import annotations

from nnviz.debugger.breakpoints import (
    AtEdge,
    AtKind,
    AtLine,
    AtPhase,
    AtUnit,
    Where,
    points,
)
from nnviz.debugger.session import Session
from nnviz.trace.steps import PARAMETER_OF, PASS_KINDS, UNIT_KINDS, Grain, Kind, Phase, Quantity


def place_of(session: Session, quantity: Quantity, *, whole: bool = False) -> Where | None:
    """Where a breakpoint at a quantity stands; None where no step makes it.

    Of a unit at the quantity itself, or with `whole` at all that is known of the unit; of a weight at its edge; of
    parameters as a whole at the line of their gradient.
    """
    where = _place_of(quantity, whole)
    return where if where is not None and points(where, session.trace, session.grain) else None


def _place_of(q: Quantity, whole: bool) -> Where | None:
    for phase, kind in PASS_KINDS.items():
        if q.kind is kind:
            return AtPhase(Phase(phase))
    of = PARAMETER_OF.get(q.kind)
    if q.layer is not None and q.unit is not None:
        if q.kind in UNIT_KINDS:
            return AtUnit(q.layer, q.unit, None if whole else q.kind)
        if of is not None and of.is_matrix and q.source is not None:
            return AtEdge(q.layer, q.source, q.unit, of.name)
    elif q.kind is Kind.LOSS:
        return AtKind(q.kind)
    # A parameter is given: its line is that of its gradient.
    return AtLine(of.gradient if of is not None and q.kind is of.held else q.kind, q.layer, q.time)


def place_here(session: Session) -> Where | None:
    """Where a breakpoint at the selection stands, or else at the step just taken; None before the first."""
    if session.selection is not None:
        return place_of(session, session.selection, whole=True)
    step = session.step
    if step is None:
        return None
    here = place_of(session, step.quantity)
    if here is None:  # a term: the number that it is part of
        here = place_of(session, session.trace.enclosing(Grain.NEURON, session.position).quantity)
    return here
