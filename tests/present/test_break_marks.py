"""Breakpoints on both canvases: a dot where there is one, filled while any there is on, and what hovering tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import last
from nnviz.debugger.conditions.breakpoint_places import breakpoint_place
from nnviz.debugger.conditions.breakpoints import add_breakpoint, change_breakpoint
from nnviz.debugger.state.breakpoint import AtCondition, AtEdge, AtKind, AtLine, AtPhase, AtUnit, Where
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.network.breakpoint_dots import BreakDot, break_dots
from nnviz.present.network.breakpoints_at import break_rows, canvas_breaks, graph_breaks
from nnviz.present.network.layout import layout
from nnviz.present.network.picture import picture, words_of
from nnviz.present.network.unfold import Unfolding, unfolding_of
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.places.label import holds
from nnviz.tracing.steps import Kind, Phase, Quantity

LARGE = "graph-20-50-10"  # its hidden layer is folded to a strip
HIDDEN = 1  # the strip's column


def breaking(session: Session, *places: Where) -> Session:
    for where in places:
        session = add_breakpoint(session, where, "loss < 1" if where == AtCondition() else "")
    return session


def dots(session: Session) -> tuple[BreakDot, ...]:
    return break_dots(session, picture(session))


def dotted(session: Session) -> dict[tuple[Kind, int | None, int], bool]:
    """The boxes and labels of the graph that have a dot: whether it is filled, by kind, layer and time step."""
    drawn = graph_picture(session)
    marks = [mark for mark in (*drawn.boxes, *drawn.labels) if mark.breakpoint is not None]
    return {(m.quantity.kind, m.quantity.layer, m.quantity.time): bool(m.breakpoint) for m in marks}


@pytest.mark.parametrize("where", [AtEdge(0, 0, 0), AtUnit(0, 0)], ids=str)
@pytest.mark.parametrize("lesson", ["koehn", LARGE])
@pytest.mark.parametrize("off", [(), (1,), (2,), (1, 2)])
def test_a_dot_is_filled_while_any_breakpoint_there_is_on(
    where: AtEdge | AtUnit, lesson: str, off: tuple[int, ...]
) -> None:
    session = start_session(load(lesson))
    for condition in ("", "loss < 1"):
        session = add_breakpoint(session, where, condition)
    for number in off:
        session = change_breakpoint(session, number, enabled=False)
    (dot,) = dots(session)
    assert dot.enabled == (len(off) < 2)
    boxes = dotted(session)
    assert len(boxes) == (1 if isinstance(where, AtEdge) else 2)
    assert set(boxes.values()) == {len(off) < 2}


def test_the_dots_of_a_folded_layer_stand_at_the_cells_of_its_strip() -> None:
    session = breaking(start_session(load(LARGE)), AtUnit(0, 7), AtUnit(0, 49))
    (strip,) = picture(session).strips
    cells = layout(session.record.architecture.sizes, words=words_of(session)).columns[HIDDEN].y
    found = dots(session)
    assert [dot.y for dot in found] == pytest.approx([cells[7], cells[49]])
    assert all(abs(dot.x - strip.x) < dot.radius + 26 / 2 for dot in found)
    assert found[0].radius * 2 <= cells[1] - cells[0], "those of neighbours do not overlap"


def test_an_unfolded_unit_has_a_dot_at_its_disc_too_and_in_a_zoomed_strip_only_there() -> None:
    session = breaking(start_session(load(LARGE)), AtUnit(0, 29))
    (cell,) = dots(session)
    chosen = replace(session, selection=Quantity(Kind.A, 0, 29))
    (lens,) = picture(chosen).lenses
    disc, beside = dots(chosen)
    assert beside == cell
    assert holds(lens.window.rect, disc.x, disc.y)
    plan = layout(session.record.architecture.sizes, words=words_of(session))
    column = plan.columns[HIDDEN]
    y = float(column.y[29])
    zoomed = picture(session, unfolding=unfolding_of(plan, 2.0, (column.x - 100, y - 100, 200, 200)))
    (unit,) = [mark for mark in zoomed.lenses[0].units if mark.unit == 29]
    (dot,) = break_dots(session, zoomed)
    assert (unit.x - dot.x) ** 2 + (unit.y - dot.y) ** 2 < (unit.radius + dot.radius) ** 2
    assert dot.radius < unit.radius / 2


def test_an_edge_without_a_number_has_its_dot_in_its_middle_unless_a_lens_lies_there() -> None:
    session = breaking(start_session(load(LARGE)), AtEdge(1, 5, 9))
    drawn = picture(session)
    edges = drawn.edges[1]
    assert not edges.labels
    at = [(unit, source) for unit, source in zip(edges.lines.units, edges.lines.sources, strict=True)].index((9, 5))
    x1, y1, x2, y2 = edges.lines.ends[at]
    (dot,) = break_dots(session, drawn)
    assert (dot.x, dot.y) == pytest.approx(((x1 + x2) / 2, (y1 + y2) / 2))
    looking = Unfolding(pixel=3.0)
    beside = picture(replace(session, selection=Quantity(Kind.A, 0, 30)), unfolding=looking)
    assert any(holds(lens.window.rect, dot.x, dot.y) for lens in beside.lenses)
    assert break_dots(session, beside) == ()
    chosen = picture(replace(session, selection=Quantity(Kind.WEIGHT, 1, 9, 5)), unfolding=looking)
    x1, y1, x2, y2 = chosen.lens_edges.ends[chosen.lens_edges.edges.index((1, 9, 5))]
    (dot,) = break_dots(session, chosen)
    assert (dot.x, dot.y) == pytest.approx(((x1 + x2) / 2, (y1 + y2) / 2))


def test_a_unit_of_a_network_in_time_has_a_dot_in_every_copy() -> None:
    session = breaking(start_session(load("krzeminski-rnn")), AtUnit(0, 1), AtEdge(0, 2, 1, "W_h"))
    drawn = unrolled_picture(session)
    units = [mark for mark in drawn.units if (mark.layer, mark.unit) == (0, 1) and not mark.is_before]
    loops = [mark for mark in drawn.edges if mark.is_loop]
    assert len(units) == session.record.time_steps
    assert loops
    assert len(break_dots(session, drawn)) == len(units) + len(loops)


@pytest.mark.parametrize(
    ("where", "boxes"),
    [
        (AtUnit(0, 1), {(Kind.Z, 0), (Kind.A, 0), (Kind.SLOPE, 0)}),
        (AtUnit(1, 0, Kind.DELTA), {(Kind.Z, 1)}),
        (AtUnit(1, 0, Kind.DE_DA), {(Kind.A, 1)}),
        (AtEdge(1, 0, 0), {(Kind.WEIGHT, 1)}),
        (AtLine(Kind.Z, 0), {(Kind.Z, 0)}),
        (AtLine(Kind.SLOPE, 1), {(Kind.SLOPE, 1)}),
        (AtLine(Kind.DW, 1), {(Kind.WEIGHT, 1)}),
        (AtLine(Kind.B_NEW, 0), {(Kind.BIAS, 0)}),
        (AtLine(Kind.ERROR, None), {(Kind.LOSS, None)}),
        (AtKind(Kind.LOSS), {(Kind.LOSS, None)}),
        (AtKind(Kind.DB), {(Kind.BIAS, 0), (Kind.BIAS, 1)}),
        (AtKind(Kind.A, 1), {(Kind.A, 1)}),
        (AtPhase(Phase.BACKWARD), set()),
        (AtCondition(), set()),
    ],
    ids=lambda each: str(sorted(map(str, each))) if isinstance(each, set) else str(each),  # the same in every process
)
def test_the_box_in_which_a_breakpoint_stops_has_a_dot(where: Where, boxes: set[tuple[Kind, int | None]]) -> None:
    session = last(breaking(start_session(load("koehn")), where))
    assert {place[:2] for place in dotted(session)} == boxes


def test_the_graph_of_a_time_step_has_the_dots_of_that_time_step() -> None:
    session = breaking(
        start_session(load("krzeminski-rnn")), AtLine(Kind.A, 0, 0), AtLine(Kind.ERROR, None, 1), AtEdge(0, 0, 0, "W_h")
    )
    at_first = dotted(session)
    assert at_first == {(Kind.A, 0, 0): True, (Kind.WEIGHT_H, 0, 0): True}
    position = session.trace.find(Quantity(Kind.Z, 0, 0, None, 1))
    assert position is not None
    at_second = dotted(replace(session, position=position))
    # What came before is remembered in a box of its own.
    assert at_second == {(Kind.A, 0, 0): True, (Kind.WEIGHT_H, 0, 0): True, (Kind.LOSS, None, 0): True}


def test_a_breakpoint_set_at_any_box_puts_the_dot_there_and_none_is_set_at_what_is_given() -> None:
    for lesson in ("koehn", "graph", "softmax", "krzeminski-rnn", LARGE):
        start = start_session(load(lesson))
        for box in graph_picture(start).boxes:
            where = breakpoint_place(start, box.quantity, whole=True)
            given = box.role in ("input", "target", "past")
            assert (where is None) == given
            if where is not None:
                assert set(dotted(breaking(start, where))) == {
                    (box.quantity.kind, box.quantity.layer, box.quantity.time)
                }


def test_places_are_found_once_for_a_set_of_breakpoints() -> None:
    session = breaking(start_session(load("koehn")), AtUnit(0, 0), AtLine(Kind.DW, 1))
    later = last(session)
    assert canvas_breaks(session.breakpoints) is canvas_breaks(later.breakpoints)
    assert graph_breaks(session.breakpoints, 2) is graph_breaks(later.breakpoints, 2)


def test_hovering_tells_the_breakpoints_of_a_unit_an_edge_and_a_box() -> None:
    session = breaking(start_session(load("koehn")), AtUnit(0, 0), AtEdge(1, 1, 0))
    session = change_breakpoint(add_breakpoint(session, AtUnit(0, 0), "loss < 1"), 3, enabled=False)
    of_unit = (
        ("breakpoint 1", "neuron 1 of layer 1"),
        ("breakpoint 3", "neuron 1 of layer 1 if loss < 1, disabled"),
    )
    assert break_rows(session, Quantity(Kind.A, 0, 0)) == of_unit
    assert break_rows(session, Quantity(Kind.Z, 0)) == of_unit
    assert break_rows(session, Quantity(Kind.WEIGHT, 1, 0, 1)) == (("breakpoint 2", "W2[2,1]"),)
    assert break_rows(session, Quantity(Kind.WEIGHT, 1)) == (("breakpoint 2", "W2[2,1]"),)
    for quantity in (Quantity(Kind.A, 0, 1), Quantity(Kind.WEIGHT, 0), Quantity(Kind.INPUT), Quantity(Kind.TARGET)):
        assert break_rows(session, quantity) == ()
