"""The breakpoints at a unit or edge of the network canvas, and in a box or label of the computation graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

from nnviz.debugger.conditions.breakpoints import describe_breakpoint
from nnviz.debugger.state.breakpoint import AtEdge, AtKind, AtLine, AtUnit, Breakpoint, Where
from nnviz.debugger.state.session import Session
from nnviz.present.core.graph_parts import PLACES
from nnviz.present.core.voice import has_time
from nnviz.present.network.scene import Place, place_of, shown_time
from nnviz.tracing.steps import PARAMETER_KINDS, UNIT_KINDS, Kind, Quantity

PlaceType = TypeVar("PlaceType")
Found = tuple[Breakpoint, ...]
# The kind of a box or label, its layer, and its time step: None for a breakpoint at all of them.
GraphPlace = tuple[Kind, int | None, int | None]


@lru_cache(maxsize=8)
def canvas_breaks(breakpoints: Found) -> Mapping[Place, Found]:
    """Return the breakpoints at each unit and edge that has any; cached, as they do not change while stepping."""
    return _gathered((place, b) for b in breakpoints for place in _canvas_places(b.where))


@lru_cache(maxsize=8)
def graph_breaks(breakpoints: Found, depth: int) -> Mapping[GraphPlace, Found]:
    """Return the breakpoints in each box and label of the graph of a network of `depth` layers; cached as well."""
    return _gathered((place, b) for b in breakpoints for place in _graph_places(b.where, depth))


def breaks_in_box(breaks: Mapping[GraphPlace, Found], quantity: Quantity, time: int) -> Found:
    """Return the breakpoints in the box or label of a quantity, in the graph of a time step."""
    if not breaks:
        return ()
    time = (
        time if quantity.kind is Kind.LOSS else quantity.time
    )  # the error box also shows each output's error at that time
    place = quantity.kind, quantity.layer
    return breaks.get((*place, None), ()) + breaks.get((*place, time), ())


def is_on(found: Found) -> bool:
    """Return whether any breakpoint is enabled, so that the dot is filled."""
    return any(breakpoint.enabled for breakpoint in found)


def break_rows(session: Session, quantity: Quantity) -> tuple[tuple[str, str], ...]:
    """Return rows for hovering: the breakpoints at a unit or edge, or in the box of a whole vector or matrix."""
    if quantity.unit is None:
        breaks = graph_breaks(session.breakpoints, session.record.architecture.depth)
        found = breaks_in_box(breaks, quantity, shown_time(session))
    else:
        place = place_of(quantity)
        found = () if place is None else canvas_breaks(session.breakpoints).get(place, ())
    return tuple((f"breakpoint {b.id}", describe_breakpoint(b) + ("" if b.enabled else ", disabled")) for b in found)


def _canvas_places(where: Where) -> Iterable[Place]:
    match where:
        case AtUnit(layer, unit):
            found = place_of(Quantity(Kind.A, layer, unit))
        case AtEdge(layer, source, unit, name):
            found = place_of(Quantity(PARAMETER_KINDS[name].value, layer, unit, source))
        case _:
            found = None
    return () if found is None else (found,)


def _graph_places(where: Where, depth: int) -> Iterable[GraphPlace]:
    kinds: tuple[Kind, ...] = ()
    layers: tuple[int | None, ...] = ()
    time = None
    match where:
        case AtUnit(layer, _, kind):
            kinds, layers = UNIT_KINDS if kind is None else (kind,), (layer,)
        case AtEdge(layer, _, _, name):
            kinds, layers = (PARAMETER_KINDS[name].value,), (layer,)
        case AtLine(kind, at, moment):
            kinds, layers, time = (kind,), (at,), moment if has_time(kind) else None
        case AtKind(kind, at):
            kinds, layers = (kind,), (None, *range(depth)) if at is None else (at,)
    return {(PLACES[kind][0], layer, time) for kind in kinds if kind in PLACES for layer in layers}


def _gathered(pairs: Iterable[tuple[PlaceType, Breakpoint]]) -> dict[PlaceType, Found]:
    """Return the breakpoints of each place, in their order."""
    found: dict[PlaceType, Found] = {}
    for place, breakpoint in pairs:
        found[place] = (*found.get(place, ()), breakpoint)
    return found
