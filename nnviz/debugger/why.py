"""Why: go from a number to its operands or to the numbers computed from it; the place in the pass is kept."""

from __future__ import annotations

from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.debugger.state.trail import Direction, Trail, TrailEntry
from nnviz.tracing.feeds import feeds, total_of
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import (
    PARAMETER_KINDS,
    PARAMETER_OF,
    PASS_KINDS,
    UNIT_KINDS,
    UPDATE_TERMS,
    Grain,
    Kind,
    Quantity,
    Step,
)
from nnviz.tracing.trace import Trace, phase_at

# The numbers that a pass begins with: given, and known from the start.
GIVEN_KINDS = frozenset(
    (
        *(Kind.INPUT, Kind.TARGET, Kind.STATE, Kind.RATE, Kind.MEMORY),
        *(kinds.value for kinds in PARAMETER_KINDS.values()),
    )
)
_WHOLE_PASSES = frozenset(PASS_KINDS.values())
STEP_KINDS = frozenset(map(str, set(Kind) - GIVEN_KINDS - _WHOLE_PASSES))  # the kinds of steps, by their names in files
# Terms that have a step of their own, besides those of an update.
_TERMS_WITH_STEPS = (Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM, Kind.DELTA_TERM, Kind.NORM)
_OF_NO_UNIT = (Kind.LOSS, Kind.RATE, Kind.DZ_DB, Kind.NORM, Kind.CLIP)
# Quantities of which each example of a batch has its own.
_OF_EXAMPLES = frozenset(
    (
        *(Kind.INPUT, Kind.TARGET, Kind.STATE, Kind.ERROR, Kind.LOSS),
        *(Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM),
        *UNIT_KINDS,
        Kind.DE_DX,
    )
)
# With more outputs, the error box offers only the first ones.
MOST_OUTPUTS = 4


def start_trail(session: Session, quantity: Quantity, direction: Direction = Direction.WHY) -> Session:
    """Begin a trail at a number, or at the first number of a vector or matrix."""
    return _with(session, (TrailEntry(one_number(session.trace, quantity), direction),))


def extend_trail(session: Session, quantity: Quantity) -> Session:
    """Continue from the number shown to an operand or use of it; without a trail, begin one."""
    trail = session.why
    if trail is None:
        return start_trail(session, quantity)
    further = TrailEntry(one_number(session.trace, quantity), trail.last.direction)
    if further in trail.entries:
        return go_back_to(session, trail.entries.index(further))
    return _with(session, (*trail.entries, further))


def set_direction(session: Session, direction: Direction) -> Session:
    """Switch the direction for the number shown."""
    trail = session.why
    if trail is None or trail.last.direction is direction:
        return session
    return _with(session, (*trail.entries[:-1], replace(trail.last, direction=direction)))


def go_back_to(session: Session, index: int) -> Session:
    """Return to an earlier number of the trail, counted from 0. Raises IndexError if there is none."""
    trail = session.why
    if trail is None or not 0 <= index < len(trail.entries):
        raise IndexError(f"the trail has no number {index}")
    return _with(session, trail.entries[: index + 1])


def go_back(session: Session) -> Session:
    """Return to the previous number of the trail; from the first, end the trail."""
    trail = session.why
    if trail is None or len(trail.entries) == 1:
        return end_trail(session)
    return go_back_to(session, len(trail.entries) - 2)


def end_trail(session: Session) -> Session:
    """End the trail."""
    return session if session.why is None else replace(session, why=None)


def select_factor(session: Session, index: int) -> Session:
    """Select one of the listed factors, counted from 0; the caller decides which are listed."""
    return session if session.why is None else replace(session, why=replace(session.why, picked=max(0, index)))


def start_trail_here(session: Session, direction: Direction = Direction.WHY) -> Session:
    """Begin a trail at the selection, else at the number of the step just taken, else at the error."""
    if session.selection is not None:
        return start_trail(session, session.selection, direction)
    step = session.step
    if step is None:
        return start_trail(session, Quantity(Kind.LOSS), direction)
    if step.kind in _WHOLE_PASSES:
        step = session.trace.enclosing(Grain.NEURON, session.position)
    return start_trail(session, step.quantity, direction)


def factors(session: Session) -> tuple[Quantity, ...]:
    """Return the operands or uses of the number shown; empty without a trail."""
    trail = session.why
    if trail is None:
        return ()
    quantity = trail.last.quantity
    if trail.last.direction is Direction.FEEDS:
        return feeds(session.trace, quantity)
    return distinct_operands(session.trace, quantity)


def distinct_operands(trace: Trace, quantity: Quantity) -> tuple[Quantity, ...]:
    """Return the operands of a number, each once; empty for numbers that are given to the pass."""
    if quantity.kind in GIVEN_KINDS:
        return ()
    example = quantity.example
    if example is None or example == trace.record.row or total_of(quantity) is not None:
        return tuple(dict.fromkeys(operand.quantity for operand in operands_of(trace, quantity)))
    parts = distinct_operands(trace_of(trace, quantity), replace(quantity, example=None))
    return tuple(replace(part, example=example) if part.kind in _OF_EXAMPLES else part for part in parts)


def trace_of(trace: Trace, quantity: Quantity) -> Trace:
    """Return the trace that contains a number: for another example of the batch, that example's trace of the pass."""
    example = quantity.example
    if example is None or example == trace.record.row or total_of(quantity) is not None:
        return trace
    return Trace(replace(trace.record, row=example), trace.chain_rule)


def position_of(trace: Trace, quantity: Quantity) -> int | None:
    """Return the position at which a number becomes known; None for numbers that are given to the pass.

    The numbers of other examples become known with the last of the stepped one's; a term with its own step, if any.
    """
    if quantity.kind in GIVEN_KINDS:
        return None
    whole = total_of(quantity)
    if whole is None and quantity.example not in (None, trace.record.row):
        return _position_of_others(trace, quantity)
    if whole is None or quantity.kind in (*UPDATE_TERMS, *_TERMS_WITH_STEPS):
        found = trace.find(replace(quantity, example=None))
        if found is not None or whole is None:
            return found
    end = trace.find(whole)
    if end is None:
        return None
    start = trace.enclosing(Grain.NEURON, end).start
    terms = (place for place in range(start, end) if trace.step(Grain.TERM, place).quantity == quantity)
    return next(terms, end - 1) + 1


def _position_of_others(trace: Trace, quantity: Quantity) -> int | None:
    """Return the position at which the numbers of other examples are known, of one kind, layer and time step.

    Where the loss reaches another example alone, it is the last position of the stepped one's at any time step; without
    any, the end of its forward pass.
    """
    kind, layer, times = quantity.kind, quantity.layer, range(trace.record.time_steps)
    own = trace.find(Quantity(kind, layer, time=quantity.time))
    if own is not None:
        return own
    places = (trace.find(Quantity(kind, layer, time=time)) for time in times)
    last_output = Quantity(Kind.A, trace.record.architecture.depth - 1, time=times[-1])
    return max((place for place in places if place is not None), default=trace.find(last_output))


def is_known(session: Session, quantity: Quantity) -> bool:
    """Return whether a number is given or already known."""
    if quantity.kind in GIVEN_KINDS:
        return True
    position = position_of(session.trace, quantity)
    return position is not None and position <= session.position


def step_of(trace: Trace, quantity: Quantity) -> Step | None:
    """Return a number as a step of its own; None for numbers that are given to the pass."""
    position = position_of(trace, quantity)
    phase = None if position is None else phase_at(trace, position)
    if position is None or phase is None:
        return None
    grain = Grain.NEURON if total_of(quantity) is None else Grain.TERM
    return Step(trace.count(grain, position) - 1, grain, phase, quantity, position - 1, position)


def one_number(trace: Trace, quantity: Quantity) -> Quantity:
    """Return a single number: the first of a vector or matrix, and of a batch the stepped example's."""
    of = PARAMETER_OF.get(quantity.kind)
    if quantity.unit is None and quantity.kind not in (*_OF_NO_UNIT, Kind.DZ_DW):
        quantity = replace(quantity, unit=0)
    is_matrix = quantity.kind in (Kind.DZ_DW, Kind.DZ_DA) or (of is not None and of.is_matrix)
    if quantity.source is None and is_matrix:
        quantity = replace(quantity, source=0)
    own = quantity.example == trace.record.row and total_of(quantity) is None
    if quantity.example is not None and (quantity.example < 0 or own):
        quantity = replace(quantity, example=None)
    return quantity


def numbers_beside(trace: Trace, quantity: Quantity) -> tuple[Quantity, ...]:
    """Return a number and the others of the same unit, weight, bias or output, as far as the pass has them."""
    q = one_number(trace, quantity)
    of = PARAMETER_OF.get(q.kind)
    if of is not None:
        others = [replace(q, kind=kind, time=0, example=None) for kind in (of.value, of.gradient, of.new)]
    elif q.kind in UNIT_KINDS:
        others = [replace(q, kind=kind) for kind in UNIT_KINDS]
    elif q.kind in (Kind.ERROR, Kind.TARGET):
        others = [*(replace(q, kind=kind) for kind in (Kind.ERROR, Kind.TARGET)), Quantity(Kind.LOSS)]
    elif q.kind is Kind.LOSS and trace.record.time_steps == 1:
        outputs = range(min(trace.record.architecture.sizes[-1], MOST_OUTPUTS))
        others = [Quantity(kind, None, unit) for unit in outputs for kind in (Kind.ERROR, Kind.TARGET)]
    elif q.kind in (Kind.INPUT, Kind.DE_DX):
        others = [replace(q, kind=kind) for kind in (Kind.INPUT, Kind.DE_DX)]
    else:
        others = []
    return (q, *(n for n in others if n != q and _is_there(trace, n)))


def _is_there(trace: Trace, quantity: Quantity) -> bool:
    """Return whether a pass has a number: given, or computed by a step."""
    if quantity.kind is Kind.TARGET:
        return trace.record.shows_target(quantity.time)
    return quantity.kind in GIVEN_KINDS or trace.find(quantity) is not None


def _with(session: Session, asked: tuple[TrailEntry, ...]) -> Session:
    return replace(session, why=Trail(asked, session.trace, session.position))
