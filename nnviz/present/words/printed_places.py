"""Places: the step at which a printed result or an erratum applies, and how to go there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import Session, choose_convention, choose_example, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.training import NonFiniteError
from nnviz.lessons.lesson import Erratum, PrintedFigure
from nnviz.present.core.printed import is_pass_of, quantity_of
from nnviz.tracing.steps import Grain, Kind, Quantity, Step, matches_index
from nnviz.tracing.trace import Trace

# Given numbers have no step of their own: their place is the step that first uses them.
_USED_BY = {Kind.WEIGHT: Kind.Z, Kind.BIAS: Kind.Z, Kind.WEIGHT_H: Kind.Z, Kind.BIAS_H: Kind.Z}
_WITHOUT_LAYER = (Kind.ERROR, Kind.LOSS, Kind.DE_DX)


@dataclass(frozen=True)
class PrintedPlace:
    """Steps of one kind; None stands for every layer, unit, source, time step and example. All from 0.

    `first_pass` is true if the place is in the document's own run, with its weights and settings: in the pass after
    `update` updates of it, computed with the choices of `convention` where they are not the lesson's.
    """

    kind: Kind
    layer: int | None = None
    unit: int | None = None
    source: int | None = None
    time: int | None = None
    example: int | None = None
    first_pass: bool = False
    update: int = 0
    convention: tuple[tuple[str, str], ...] = ()


def place_of_figure(figure: PrintedFigure) -> PrintedPlace:
    """Return the place of a printed result."""
    q = quantity_of(figure)
    return PrintedPlace(
        q.kind,
        q.layer,
        q.unit,
        q.source,
        q.time,
        figure.example,
        first_pass=True,
        update=figure.update,
        convention=figure.convention,
    )


def place_of_erratum(erratum: Erratum) -> PrintedPlace | None:
    """Return the place of an erratum; None if its lesson names no step."""
    if erratum.quantity is None:
        return None
    kind = Kind(erratum.quantity)
    layer = None if kind in _WITHOUT_LAYER else _from_zero(erratum.layer)
    unit, source, time = (_from_zero(number) for number in (erratum.unit, erratum.source, erratum.time))
    return PrintedPlace(kind, layer, unit, source, time, erratum.example)


def _from_zero(number: int | None) -> int | None:
    return None if number is None else number - 1


def position_of(trace: Trace, place: PrintedPlace) -> int | None:
    """Return the position at which the first number of a place becomes known or is first used; None if none does."""
    kind = _USED_BY.get(place.kind, place.kind)
    source = place.source if kind is place.kind else None
    for group in trace.groups:
        if group.kind is kind and matches_index(place.layer, group.layer) and matches_index(place.time, group.time):
            first = Quantity(kind, group.layer, place.unit or 0, source, group.time)
            return trace.find(first)
    return None


def is_reached(session: Session, place: PrintedPlace) -> bool:
    """Return whether the step just taken is at a place, or its vector or matrix contains the place."""
    return session.step is not None and is_at_place(session, session.step, place)


def is_at_place(session: Session, step: Step, place: PrintedPlace) -> bool:
    """Return whether a step is at a place, or its vector or matrix contains the place."""
    if not matches_index(place.example, session.example):
        return False
    q = step.quantity
    if q.kind is not _USED_BY.get(place.kind, place.kind) or (
        place.first_pass and not is_pass_of(session, place.update, place.convention)
    ):
        return False
    pairs = ((place.layer, q.layer), (place.unit, q.unit), (place.time, q.time))
    return all(matches_index(wanted, found) for wanted, found in pairs) and (
        q.kind is not place.kind or matches_index(place.source, q.source)
    )


def go_to_place(session: Session, place: PrintedPlace) -> Session:
    """Go to a place: in the document's own pass if it belongs to that, else in the present pass.

    A given weight is selected, since no step is its own. Nothing changes if the trace has no such step.
    """
    moved = _on_its_pass(session, place)
    position = position_of(moved.trace, place)
    if position is None:
        return session
    if moved.grain is Grain.PASS:
        moved = replace(moved, grain=Grain.LAYER)  # a phase does not show single numbers
    moved = go_to(moved, position)
    if place.kind is Kind.WEIGHT and place.unit is not None and place.source is not None:
        moved = replace(moved, selection=Quantity(Kind.WEIGHT, place.layer, place.unit, place.source))
    return moved


def _on_its_pass(session: Session, place: PrintedPlace) -> Session:
    if not place.first_pass:
        return session if place.example is None else choose_example(session, place.example)
    example = session.lesson.example if place.example is None else place.example
    if is_pass_of(session, place.update, place.convention):
        return choose_example(session, example)
    start = start_session(session.lesson, example=example, grain=session.grain, notation=session.notation)
    if place.convention:
        start = choose_convention(start, start.convention.with_choices(place.convention))
    if place.update:
        with suppress(NonFiniteError):  # a run that ends before it
            start = choose_example(go_to_update(start, place.update), example)
    return replace(start, selection=session.selection)
