"""Breakpoint marks on the canvas, in the listing and on the timeline: each place, and whether one is enabled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product

from nnviz.debugger.conditions.breakpoints import stop_positions
from nnviz.debugger.state.breakpoint import AtCondition, AtKind, AtLine, Breakpoint
from nnviz.debugger.state.session import Session
from nnviz.present.core.timeline_cells import Timeline
from nnviz.present.listing.listing import Listing
from nnviz.present.network.breakpoints_at import Found, canvas_breaks, is_on
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import EdgesMark, Picture
from nnviz.present.network.scene import Place
from nnviz.present.places.label import holds
from nnviz.tracing.steps import Grain
from nnviz.tracing.trace import Trace

Marks = Mapping[int, bool]
NO_MARKS: Marks = {}
_OF_A_LINE = (AtLine, AtKind, AtCondition)
DOT = 6.0  # a dot's radius
BESIDE, PART = 0.8, 0.4  # of a unit's radius, from its centre to the dot's, and the largest size of the dot

Point = tuple[float, float]
Breaks = Mapping[Place, Found]
_PlaceAt = tuple[Place, float, float, float]  # with x, y and radius of its dot


@dataclass(frozen=True)
class BreakDot:
    """A dot on the canvas: filled if a breakpoint there is enabled."""

    x: float
    y: float
    radius: float
    enabled: bool


def marked_cells(session: Session, drawn: Timeline) -> Marks:
    """Return the timeline cells in which a breakpoint may stop, by index, and whether one of them is enabled."""
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
    """Return the listing lines that have a breakpoint of their own, by index, and whether one is enabled."""
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
    """Return the dots at units and edges that have a breakpoint."""
    if not session.breakpoints:
        return ()
    breaks = canvas_breaks(session.breakpoints)
    places = (*_discs(drawn), *_cells(drawn, breaks), *_edges(drawn, breaks))
    return tuple(BreakDot(x, y, radius, is_on(breaks[place])) for place, x, y, radius in places if place in breaks)


def _discs(drawn: Picture) -> Iterator[_PlaceAt]:
    """Yield every unit drawn as a disc, with a dot at its upper left."""
    for mark in chain(drawn.units, *(lens.units for lens in drawn.lenses)):
        if not mark.is_before:
            aside = BESIDE * mark.radius
            radius = min(DOT, PART * mark.radius)
            left = mark.x - aside if mark.plate is None or mark.over else mark.plate[0] + radius
            yield ("unit", mark.layer, mark.unit, 0), left, mark.y - aside, radius


def _cells(drawn: Picture, breaks: Breaks) -> Iterator[_PlaceAt]:
    """Yield units with breakpoints that are cells of a folded layer, with a dot at the left; not under discs."""
    covered = [lens.window for lens in drawn.lenses if lens.window.in_place]
    for place in breaks:
        kind, layer, unit, _ = place
        for strip in drawn.strips if kind == "unit" else ():
            if strip.layer == layer and not any(w.column == layer + 1 and w.first <= unit < w.stop for w in covered):
                y, height = strip.cell(unit)
                yield place, strip.x - STRIP_WIDTH / 2, y, min(DOT, height / 2)


def _edges(drawn: Picture, breaks: Breaks) -> Iterator[_PlaceAt]:
    """Yield the edges with breakpoints; edges under a lens are hidden, unless they lead to its discs."""
    unfolded = dict(zip(drawn.lens_edges.edges, drawn.lens_edges.ends.tolist(), strict=True))
    for mark, place in product(drawn.edges, breaks):
        kind, layer, unit, source = place
        if layer != mark.layer or kind != ("loop" if mark.is_loop else "edge"):
            continue
        over = unfolded.get((layer, unit, source))
        at = _on_edge(mark, unit, source) if over is None else _middle(over)
        if at is not None and (over is not None or not any(holds(lens.window.rect, *at) for lens in drawn.lenses)):
            yield place, *at, DOT


def _on_edge(mark: EdgesMark, unit: int, source: int) -> Point | None:
    """Return the place beside the number of an edge, else its middle; None if it is not drawn."""
    label, line = mark.label_of(unit, source), mark.line_of(unit, source)
    if label is not None:
        return label.labels[0].rect[0] - DOT / 2, label.y
    return None if line is None else _middle(line)


def _middle(ends: Iterable[float]) -> Point:
    x1, y1, x2, y2 = ends
    return (x1 + x2) / 2, (y1 + y2) / 2


@lru_cache(maxsize=64)
def _positions(breakpoint: Breakpoint, trace: Trace, grain: Grain) -> tuple[int, ...]:
    """Return where in a pass a breakpoint may stop; cached, as it does not change while the learner steps."""
    if isinstance(breakpoint.where, AtCondition) and breakpoint.condition is not None:
        from nnviz.debugger.conditions.expressions import known_at  # imported late to keep the start-up fast

        known = known_at(breakpoint.condition, trace)
        return () if not known else (known,)
    return stop_positions(breakpoint.where, trace, grain)
