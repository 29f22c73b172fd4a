"""Where breakpoints are on the canvas, in the listing and on the timeline: whether each place has one in force."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from nnviz.debugger.breakpoints import AtCondition, AtEdge, AtKind, AtLine, AtUnit, Breakpoint, points
from nnviz.debugger.session import Session
from nnviz.present.listing import Listing
from nnviz.present.picture_marks import Picture
from nnviz.present.timeline import Timeline
from nnviz.trace.steps import Grain
from nnviz.trace.trace import Trace

Marks = Mapping[int, bool]
NO_MARKS: Marks = {}
_OF_A_LINE = (AtLine, AtKind, AtCondition)
BESIDE = 0.8  # of a unit's radius, from its middle to the dot's


@dataclass(frozen=True)
class BreakDot:
    """A dot on the canvas: filled where a breakpoint there is enabled."""

    x: float
    y: float
    enabled: bool


def marked_cells(session: Session, drawn: Timeline) -> Marks:
    """The cells of the timeline in which a breakpoint may stop, by index, and whether one of them is enabled."""
    if not session.breakpoints:
        return NO_MARKS
    ends = [cell.end for cell in drawn.cells]
    marks: dict[int, bool] = {}
    for breakpoint in session.breakpoints:
        for position in _positions(breakpoint, session.trace, session.grain):
            cell = bisect_left(ends, position)
            marks[cell] = marks.get(cell, False) or breakpoint.enabled
    return marks


def marked_lines(session: Session, shown: Listing) -> Marks:
    """The lines of the listing that have a breakpoint of their own, by index, and whether one of them is enabled."""
    if not session.breakpoints:
        return NO_MARKS
    marks: dict[int, bool] = {}
    for breakpoint in session.breakpoints:
        if not isinstance(breakpoint.where, _OF_A_LINE):
            continue
        groups = {session.trace.group_at(p) for p in _positions(breakpoint, session.trace, session.grain)}
        for row, line in enumerate(shown.lines):
            if groups.intersection(line.groups):
                marks[row] = marks.get(row, False) or breakpoint.enabled
    return marks


def break_dots(session: Session, drawn: Picture) -> tuple[BreakDot, ...]:
    """The dots at units and edges that have a breakpoint."""
    units: dict[tuple[int, int], bool] = {}
    edges: dict[tuple[str, int, int, int], bool] = {}
    for breakpoint in session.breakpoints:
        match breakpoint.where:
            case AtUnit(layer, unit):
                units[layer, unit] = units.get((layer, unit), False) or breakpoint.enabled
            case AtEdge(layer, source, unit, name):
                place = (name, layer, unit, source)
                edges[place] = edges.get(place, False) or breakpoint.enabled
    if not units and not edges:
        return ()
    dots = [
        BreakDot(mark.x - BESIDE * mark.radius, mark.y - BESIDE * mark.radius, units[mark.layer, mark.unit])
        for mark in drawn.units
        if (mark.layer, mark.unit) in units and not mark.is_before
    ]
    for mark in drawn.edges:
        name = "W_h" if mark.is_loop else "W"
        for label in mark.labels:
            at = (name, mark.layer, label.unit, label.source)
            if at in edges:
                dots.append(BreakDot(label.x - 34, label.y, edges[at]))
    return tuple(dots)


@lru_cache(maxsize=64)
def _positions(breakpoint: Breakpoint, trace: Trace, grain: Grain) -> tuple[int, ...]:
    """Where in a pass a breakpoint may stop; remembered, as it stays so while the learner walks."""
    if isinstance(breakpoint.where, AtCondition) and breakpoint.condition is not None:
        from nnviz.debugger.expressions import known_at  # not at the start, which it would delay

        known = known_at(breakpoint.condition, trace)
        return () if not known else (known,)
    return points(breakpoint.where, trace, grain)
