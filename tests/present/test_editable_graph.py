"""Where numbers of the computation graph are edited: parameters, inputs and targets, in the cells they stand in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import last
from nnviz.debugger.edits import apply_edit, spot_of
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.present.graph.editable_graph import graph_editable, graph_editable_at, graph_place_of
from nnviz.present.graph.graph_marks import GraphPicture
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.graph.why_graph import graph_cells
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, Kind, Quantity

HELD = {kinds.value for kinds in PARAMETER_KINDS.values()}
GIVEN = {Kind.INPUT, Kind.TARGET, *HELD}


def koehn() -> Session:
    return start_session(load("koehn"))


def middle(rect: tuple[float, float, float, float]) -> tuple[float, float]:
    return rect[0] + rect[2] / 2, rect[1] + rect[3] / 2


def editable_cells(drawn: GraphPicture) -> list[Quantity]:
    found = [graph_editable_at(drawn, *middle(rect)) for _, rect in graph_cells(drawn)]
    return [quantity for quantity in found if quantity is not None]


@pytest.mark.parametrize("lesson", ["koehn", "graph", "softmax", "krzeminski-rnn", "graph-20-50-10"])
@pytest.mark.parametrize("at_end", [False, True])
def test_what_is_given_is_edited_in_its_cell_and_nothing_else_is(lesson: str, at_end: bool) -> None:
    session = start_session(load(lesson))
    session = last(session) if at_end else session
    drawn = graph_picture(session)
    for shown, rect in graph_cells(drawn):
        found = graph_editable_at(drawn, *middle(rect))
        if shown.kind in GIVEN or shown.kind in NEW_KINDS:
            assert found is not None
            assert found.kind in GIVEN
            assert (found.layer, found.unit, found.source) == (shown.layer, shown.unit, shown.source)
            assert spot_of(session, found) is not None
            assert graph_place_of(drawn, found) == pytest.approx(middle(rect))
        else:
            assert found is None, "a gradient, a sum or an activation is worked out"
    assert {quantity.kind for quantity in editable_cells(drawn)} == {
        box.quantity.kind for box in drawn.boxes if box.role in ("input", "parameter", "target")
    }
    assert graph_editable_at(drawn, -10, -10) is None


def test_the_number_edited_of_a_selected_box_is_the_one_clicked_or_its_first() -> None:
    drawn = graph_picture(koehn())
    W = Quantity(Kind.WEIGHT, 0)
    first, other = replace(W, unit=0, source=0), replace(W, unit=1, source=0)
    assert graph_editable(drawn, W, None) == first
    assert graph_editable(drawn, W, other) == other
    assert graph_editable(drawn, W, Quantity(Kind.WEIGHT, 1, 0, 0)) == first, "what was clicked is in another box"
    assert graph_editable(drawn, Quantity(Kind.INPUT), None) == Quantity(Kind.INPUT, unit=0)
    assert graph_editable(drawn, Quantity(Kind.TARGET), None) == Quantity(Kind.TARGET, unit=0)


def test_a_unit_or_edge_selected_on_the_network_is_edited_on_the_graph_too() -> None:
    drawn = graph_picture(koehn())
    assert graph_editable(drawn, Quantity(Kind.A, 0, 1), None) == Quantity(Kind.BIAS, 0, 1)
    assert graph_editable(drawn, Quantity(Kind.WEIGHT, 0, 1, 0), None) == Quantity(Kind.WEIGHT, 0, 1, 0)


@pytest.mark.parametrize("selected", [None, Quantity(Kind.Z, 0), Quantity(Kind.A, 1), Quantity(Kind.LOSS)])
def test_nothing_is_edited_of_a_box_that_is_worked_out(selected: Quantity | None) -> None:
    assert graph_editable(graph_picture(koehn()), selected, Quantity(Kind.WEIGHT, 0, 0, 0)) is None


def test_a_number_that_is_left_out_of_a_large_box_has_no_place() -> None:
    drawn = graph_picture(start_session(load("graph-20-50-10")))
    assert graph_place_of(drawn, Quantity(Kind.WEIGHT, 0, 40, 15)) is None


@pytest.mark.parametrize(
    "quantity",
    [
        Quantity(Kind.WEIGHT, 0, 1, 0),
        Quantity(Kind.BIAS, 1, 0),
        Quantity(Kind.INPUT, unit=1),
        Quantity(Kind.TARGET, unit=0),
    ],
    ids=lambda quantity: quantity.kind.value,
)
@pytest.mark.parametrize("at_end", [False, True])
def test_an_edited_number_is_marked_in_its_cell(quantity: Quantity, at_end: bool) -> None:
    session = last(koehn()) if at_end else koehn()
    spot = spot_of(session, quantity)
    assert spot is not None
    drawn = graph_picture(apply_edit(session, spot, 0.25))
    kinds = {quantity.kind} | {kinds.new for kinds in PARAMETER_KINDS.values() if kinds.value is quantity.kind}
    moved = [f.of for box in drawn.boxes for row in box.values for f in row if f.moved and f.of is not None]
    assert any(
        of.kind in kinds and (of.layer, of.unit, of.source) == (quantity.layer, quantity.unit, quantity.source)
        for of in moved
    )
    if not at_end:
        assert [of for of in moved if of.kind in GIVEN] == [quantity]
