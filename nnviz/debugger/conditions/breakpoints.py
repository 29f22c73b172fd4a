"""Breakpoints and watches of a session; the positions in a pass where a breakpoint may stop are computed.

A breakpoint is set at a kind of step, a unit, an edge, a line of the listing or a phase. It then stops in every pass,
or only if its condition holds there. A condition alone stops in the pass in which it *becomes* true, at the step that
makes it true. A breakpoint may also wait for the first NaN or infinity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nnviz.debugger.state.breakpoint import (
    AtCondition,
    AtEdge,
    AtKind,
    AtLine,
    AtNonFinite,
    AtPhase,
    AtPosition,
    AtUnit,
    Breakpoint,
    Watch,
    Where,
)
from nnviz.tracing.steps import PARAMETER_KINDS, UNIT_KINDS, Grain, Kind, Quantity
from nnviz.tracing.trace import Trace

if TYPE_CHECKING:
    from nnviz.debugger.state.session import Session


def add_breakpoint(session: Session, where: Where, condition: str = "", ignore: int = 0) -> Session:
    """Add a breakpoint with the next free number. Raises ExpressionError; ValueError if a condition is missing."""
    from nnviz.debugger.conditions.expressions import read_condition

    if isinstance(where, AtCondition) and not condition.strip():
        raise ValueError("a breakpoint at a condition needs a condition")
    read = read_condition(condition, session) if condition.strip() else None
    number = max((breakpoint.id for breakpoint in session.breakpoints), default=0) + 1
    return replace(session, breakpoints=(*session.breakpoints, Breakpoint(number, where, read, ignore=ignore)))


def remove_breakpoint(session: Session, number: int) -> Session:
    """Remove a breakpoint. Raises KeyError if there is none of this number."""
    breakpoint_by_number(session, number)
    return replace(session, breakpoints=tuple(b for b in session.breakpoints if b.id != number))


def change_breakpoint(session: Session, number: int, **changes: object) -> Session:
    """Change `enabled`, `ignore` or `hits` of a breakpoint. Raises KeyError if there is none of this number."""
    changed = replace(breakpoint_by_number(session, number), **changes)  # type: ignore[arg-type]
    return replace(session, breakpoints=tuple(changed if b.id == number else b for b in session.breakpoints))


def toggle_breakpoint(session: Session, where: Where) -> Session:
    """Remove the breakpoint at a place, or add one if there is none, as a click does."""
    there = [b.id for b in session.breakpoints if b.where == where and b.condition is None]
    return remove_breakpoint(session, there[0]) if there else add_breakpoint(session, where)


def breakpoint_by_number(session: Session, number: int) -> Breakpoint:
    """Return the breakpoint of a number. Raises KeyError."""
    for breakpoint in session.breakpoints:
        if breakpoint.id == number:
            return breakpoint
    raise KeyError(number)


def add_watch(session: Session, text: str) -> Session:
    """Add a watch. Raises ExpressionError."""
    from nnviz.debugger.conditions.expressions import read_expression

    number = max((watch.id for watch in session.watches), default=0) + 1
    return replace(session, watches=(*session.watches, Watch(number, read_expression(text, session))))


def remove_watch(session: Session, number: int) -> Session:
    """Remove a watch."""
    return replace(session, watches=tuple(watch for watch in session.watches if watch.id != number))


def stop_positions(where: Where, trace: Trace, grain: Grain) -> tuple[int, ...]:
    """Return the positions of a pass at which a breakpoint may stop, in order; none for conditions on values."""
    match where:
        case AtKind(kind, layer):
            found = _of_kind(trace, kind, layer, grain)
        case AtUnit(layer, unit, kind):
            found = _of_unit(trace, layer, unit, kind)
        case AtEdge():
            found = _of_edge(trace, where, grain)
        case AtLine(kind, layer, time):
            end = trace.find(Quantity(kind, layer, time=time))
            found = [] if end is None else [_first_step(trace, trace.enclosing(Grain.LAYER, end).start, grain)]
        case AtPhase(phase):
            steps = [step for step in trace.at(Grain.PASS) if step.phase is phase]
            found = [_first_step(trace, step.start, grain) for step in steps]
        case AtPosition(position):
            found = [position] if 0 < position <= trace.end else []
        case _:
            found = []
    return tuple(sorted(set(found)))


def _first_step(trace: Trace, start: int, grain: Grain) -> int:
    return trace.step(grain, trace.count(grain, start)).end


def _of_kind(trace: Trace, kind: Kind, layer: int | None, grain: Grain) -> list[int]:
    found: list[int] = []
    for index, group in enumerate(trace.groups):
        if group.kind is kind and (layer is None or group.layer == layer):
            whole = trace.step(Grain.LAYER, index)
            items = range(1, group.items + 1) if grain > Grain.LAYER else [group.items]
            found += [whole.start + group.start_of(item) for item in items]
    return found


def _of_unit(trace: Trace, layer: int, unit: int, kind: Kind | None) -> list[int]:
    kinds = UNIT_KINDS if kind is None else (kind,)
    quantities = [Quantity(kind, layer, unit, None, time) for kind in kinds for time in range(trace.record.time_steps)]
    return [end for end in map(trace.find, quantities) if end is not None]


def _of_edge(trace: Trace, edge: AtEdge, grain: Grain) -> list[int]:
    kinds = PARAMETER_KINDS[edge.name]
    ends = [trace.find(Quantity(kind, edge.layer, edge.unit, edge.source)) for kind in (kinds.gradient, kinds.new)]
    found = [end for end in ends if end is not None]
    if grain is Grain.TERM:
        # The sum follows all products: those of the inputs, its bias, those of the previous hidden state, its bias.
        architecture = trace.record.architecture
        sources = architecture.sources_of(edge.layer, edge.unit)
        before = len(sources) + bool(architecture.layers[edge.layer].biases) if kinds.is_recurrent else 0
        place = edge.source if kinds.is_recurrent else sources.index(edge.source) if edge.source in sources else None
        for time in range(trace.record.time_steps if place is not None else 0):
            end = trace.find(Quantity(Kind.Z, edge.layer, edge.unit, None, time))
            if end is not None and place is not None:
                start = trace.enclosing(Grain.NEURON, end).start
                found.append(start + before + place + 1)
    return found


def describe_breakpoint(breakpoint: Breakpoint) -> str:
    """Describe a breakpoint in a few words, counted from 1: "delta of layer 2", "loss < 0.01"."""
    condition = "" if breakpoint.condition is None else breakpoint.condition.text
    text = _place_text(breakpoint.where)
    if not text:
        return condition
    return f"{text} if {condition}" if condition else text


def _place_text(where: Where) -> str:
    match where:
        case AtKind(kind, layer):
            return kind.value if layer is None else f"{kind.value} of layer {layer + 1}"
        case AtUnit(layer, unit, kind):
            what = "" if kind is None else f"{kind.value} of "
            return f"{what}neuron {unit + 1} of layer {layer + 1}"
        case AtEdge(layer, source, unit, name):
            return f"{name}{layer + 1}[{source + 1},{unit + 1}]"
        case AtLine(kind, layer, time):
            of = "" if layer is None else f" of layer {layer + 1}"
            return f"line {kind.value}{of}" + (f", time step {time + 1}" if time else "")
        case AtPhase(phase):
            return f"phase {phase.value}"
        case AtNonFinite():
            return "first NaN or infinity"
        case _:
            return ""
