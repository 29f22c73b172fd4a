"""Where a breakpoint at a clicked or selected quantity is set."""

from __future__ import annotations

from nnviz.debugger.conditions.breakpoints import stop_positions
from nnviz.debugger.state.breakpoint import AtEdge, AtKind, AtLine, AtPhase, AtUnit, Where
from nnviz.debugger.state.session import Session
from nnviz.tracing.steps import PARAMETER_OF, PASS_KINDS, UNIT_KINDS, Grain, Kind, Phase, Quantity


def breakpoint_place(session: Session, quantity: Quantity, *, whole: bool = False) -> Where | None:
    """Return where a breakpoint at a quantity is set; None if no step computes it.

    For a unit, this is the quantity itself, or with `whole` every quantity of the unit; for a weight, its edge; for
    whole parameters, the line of their gradient.
    """
    where = _place_of(quantity, whole)
    return where if where is not None and stop_positions(where, session.trace, session.grain) else None


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
    # A parameter is given, so its line is that of its gradient.
    return AtLine(of.gradient if of is not None and q.kind is of.value else q.kind, q.layer, q.time)


def breakpoint_place_here(session: Session) -> Where | None:
    """Return where a breakpoint at the selection, or else at the step just taken, is set; None before the first."""
    if session.selection is not None:
        return breakpoint_place(session, session.selection, whole=True)
    step = session.step
    if step is None:
        return None
    here = breakpoint_place(session, step.quantity)
    if here is None:  # a term: use the number that it is part of
        here = breakpoint_place(session, session.trace.enclosing(Grain.NEURON, session.position).quantity)
    return here
