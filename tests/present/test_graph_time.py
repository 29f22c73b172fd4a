"""The computation graph of a recurrent network: one time step at a time, what it remembers, and what comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from vocabulary import at

from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.present.graph.graph_marks import GraphArrow, GraphBox, GraphLabel, GraphPicture, Rows
from nnviz.present.graph.graph_picture import graph_details, graph_hit, graph_picture
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.steps import Grain, Kind, Quantity

FULL = ('convention.through_time="full"', "printed=[]")
# A loop at the output alone, so that dE/da has a share of the error and one of the time step after.
AT_OUTPUT = (
    'network.layers=[{units=2,activation="sigmoid"},{units=1,activation="sigmoid",recurrent=true}]',
    *FULL,
)


def rnn(*overrides: str, grain: Grain = Grain.NEURON) -> Session:
    return start_session(load("krzeminski-rnn", overrides), grain=grain)


def at_term(session: Session, quantity: Quantity) -> Session:
    """The session at the first step of grain term that is this one."""
    step = next(step for step in session.trace.at(Grain.TERM) if step.quantity == quantity)
    return replace(session, grain=Grain.TERM, position=step.end)


def past(picture: GraphPicture) -> GraphBox:
    """What the first loop remembers."""
    return next(mark for mark in picture.boxes if mark.role == "past")


def box(picture: GraphPicture, kind: Kind, layer: int | None = None) -> GraphBox:
    """The box of a quantity of the time step shown."""
    found = (mark for mark in picture.boxes if mark.role != "past")
    return next(mark for mark in found if (mark.quantity.kind, mark.quantity.layer) == (kind, layer))


def texts(rows: Rows) -> list[str]:
    return [figure.text for row in rows for figure in row]


def lit(rows: Rows) -> list[bool]:
    return [figure.operand for row in rows for figure in row]


def lit_arrows(picture: GraphPicture) -> list[GraphArrow]:
    return [arrow for arrow in picture.arrows if arrow.active]


def later(picture: GraphPicture) -> GraphLabel | None:
    """The label of what comes back from the time step after."""
    return next((mark for mark in picture.labels if "from time" in mark.tex), None)


def test_the_graph_is_of_the_time_step_that_the_step_is_at() -> None:
    session = rnn()
    assert graph_picture(session).caption == "time 1 of 2"
    second = graph_picture(at(session, Quantity(Kind.Z, 0, 2, time=1)))
    assert second.caption == "time 2 of 2"
    assert box(second, Kind.INPUT).quantity.time == box(second, Kind.TARGET).quantity.time == 1
    assert graph_picture(start_session(load("koehn"))).caption == ""


@pytest.mark.parametrize(("phase", "time"), [(0, 2), (1, 2), (2, 1), (3, 1)])
def test_a_whole_phase_shows_the_time_step_where_it_ends(phase: int, time: int) -> None:
    session = rnn(grain=Grain.PASS)
    picture = graph_picture(replace(session, position=session.trace.at(Grain.PASS)[phase].end))
    assert picture.caption == f"time {time} of 2"
    kinds = {mark.quantity.kind for mark in picture.boxes if mark.active}
    assert ({Kind.WEIGHT_H, Kind.BIAS_H} <= kinds) == (phase >= 2)


def test_before_the_first_time_step_zeros_are_remembered() -> None:
    mark = past(graph_picture(rnn()))
    assert (mark.quantity, texts(mark.values)) == (Quantity(Kind.STATE, 0), ["0", "0", "0"])
    assert mark.operation == r"\text{before time 1}"
    assert mark.derivative == ()


def test_then_it_is_what_the_layer_gave_one_time_step_before() -> None:
    session = rnn()
    first = graph_picture(at(session, Quantity(Kind.A, 0, 2)))
    mark = past(graph_picture(at(session, Quantity(Kind.Z, 0, 0, time=1))))
    assert texts(mark.values) == texts(box(first, Kind.A, 0).values)
    assert mark.quantity == Quantity(Kind.A, 0, time=0)
    assert mark.operation == r"\text{from time 1}"


def test_a_product_of_the_loop_lights_what_is_remembered_and_not_the_activation() -> None:
    picture = graph_picture(at_term(rnn(), Quantity(Kind.PRODUCT_H, 0, 0, 2, 1)))
    assert lit(past(picture).values) == [False, False, True]
    assert lit(box(picture, Kind.A, 0).values) == [False, False, False]
    assert not box(picture, Kind.A, 0).operand
    # Inputs first: the third row of W_h is of what the third unit remembers, the first column of what the first takes.
    assert lit(box(picture, Kind.WEIGHT_H, 0).values) == [False] * 6 + [True, False, False]
    assert not any(lit(box(picture, Kind.WEIGHT, 0).values))
    starts = {arrow.ends[1] for arrow in lit_arrows(picture)}
    assert starts == {past(picture).rect[1], box(picture, Kind.WEIGHT_H, 0).rect[1]}


def test_the_bias_of_the_loop_is_a_summand_of_its_own() -> None:
    picture = graph_picture(at_term(rnn(), Quantity(Kind.BIAS_H_TERM, 0, 1, None, 1)))
    assert lit(box(picture, Kind.BIAS_H, 0).values) == [False, True, False]
    assert not box(picture, Kind.BIAS, 0).operand
    assert len(lit_arrows(picture)) == 1


@pytest.mark.parametrize(
    ("held", "gradient", "new"), [(Kind.WEIGHT_H, Kind.DW_H, Kind.W_H_NEW), (Kind.BIAS_H, Kind.DB_H, Kind.B_H_NEW)]
)
def test_a_parameter_of_the_loop_gets_its_gradient_and_its_new_value(held: Kind, gradient: Kind, new: Kind) -> None:
    session, source = rnn(), 0 if held is Kind.WEIGHT_H else None
    quantity = Quantity(gradient, 0, 0, source)
    position = session.trace.find(quantity)
    assert position is not None
    before = graph_picture(replace(session, position=session.trace.enclosing(Grain.NEURON, position).start))
    assert set(texts(box(before, held, 0).derivative)) == {UNKNOWN}
    assert not [arrow for arrow in before.arrows if arrow.target.kind is gradient]
    mark = box(graph_picture(at(session, quantity)), held, 0)
    assert mark.active == "derivative"
    assert [arrow.target.kind for arrow in lit_arrows(graph_picture(at(session, quantity)))] == [gradient]
    mark = box(graph_picture(at(session, replace(quantity, kind=new))), held, 0)
    assert [figure.changed for row in mark.values for figure in row].count(True) == 1
    assert mark.active == "value"


def test_nothing_comes_back_from_later_where_the_lesson_takes_one_step() -> None:
    session = rnn()
    for time in (0, 1):
        assert later(graph_picture(at(session, Quantity(Kind.DE_DA, 0, 2, time=time)))) is None


def test_what_comes_back_from_the_time_step_after_is_told_with_its_figures() -> None:
    session = rnn(*FULL)
    assert later(graph_picture(at(session, Quantity(Kind.DE_DA, 0, 2, time=1)))) is None
    second = graph_picture(at(session, Quantity(Kind.DELTA, 0, 2, time=1)))
    picture = graph_picture(at(session, Quantity(Kind.DE_DA, 0, 0)))
    mark = later(picture)
    assert mark is not None
    assert mark.quantity == Quantity(Kind.DELTA, 0, time=1)
    assert mark.tex.startswith(r"\text{from time 2:}")
    assert texts(mark.figures) == texts(box(second, Kind.Z, 0).derivative)
    assert (mark.operand, lit(mark.figures)) == (True, [True] * 3)
    assert any(lit(box(picture, Kind.WEIGHT_H, 0).values))
    assert not box(picture, Kind.Z, 0).operand
    assert len(lit_arrows(picture)) == 2


def test_one_share_from_later_lights_its_own_arrow_alone() -> None:
    session = rnn(*FULL)
    picture = graph_picture(at_term(session, Quantity(Kind.DE_DA_LATER_TERM, 0, 1, 2)))
    mark = later(picture)
    assert mark is not None
    assert (mark.operand, lit(mark.figures)) == (True, [False, False, True])
    (arrow,) = lit_arrows(picture)
    assert arrow.ends[3] == box(picture, Kind.A, 0).rect[1]  # from above
    own = graph_picture(at_term(session, Quantity(Kind.DE_DA_TERM, 0, 1, 0)))
    mark = later(own)
    assert mark is not None
    assert not mark.operand
    (arrow,) = lit_arrows(own)
    assert arrow.ends[1] == arrow.ends[3]  # from the next layer


def test_the_output_of_a_loop_has_a_share_of_the_error_and_one_from_later() -> None:
    session = rnn(*AT_OUTPUT)
    picture = graph_picture(at_term(session, Quantity(Kind.DE_DA_LOSS_TERM, 1, 0)))
    assert box(picture, Kind.A, 1).active == "derivative"
    assert box(picture, Kind.TARGET).operand
    (arrow,) = lit_arrows(picture)
    assert arrow.ends[1] == box(picture, Kind.LOSS).rect[1]
    beside = next(mark for mark in picture.labels if mark.quantity == Quantity(Kind.DE_DA, 1))
    assert r"\delta" not in beside.tex  # what comes from later has a label of its own
    picture = graph_picture(at_term(session, Quantity(Kind.DE_DA_LATER_TERM, 1, 0, 0)))
    (arrow,) = lit_arrows(picture)
    assert arrow.ends[3] == box(picture, Kind.A, 1).rect[1]


def test_each_time_step_has_an_error_of_its_own() -> None:
    session = rnn()
    mark = box(graph_picture(at(session, Quantity(Kind.ERROR, None, 0, time=0))), Kind.LOSS)
    assert mark.active == "error"
    assert (texts(mark.errors), texts(mark.values)) == (["0.1170"], [UNKNOWN])
    mark = box(graph_picture(at(session, Quantity(Kind.LOSS))), Kind.LOSS)
    assert mark.active == "value"
    assert texts(mark.values) == ["0.2500"]  # 0.1170 + 0.1330


def test_what_is_under_a_point_of_a_loop() -> None:
    session = at(rnn(*FULL), Quantity(Kind.DE_DA, 0, 0))
    for position in (session.position, session.trace.find(Quantity(Kind.Z, 0, 0, time=1))):
        assert position is not None
        here = replace(session, position=position)
        picture = graph_picture(here)
        marks: list[GraphBox | GraphLabel] = [*picture.boxes, *picture.labels]
        for mark in marks:
            left, top, width, height = mark.rect
            assert graph_hit(picture, left + width / 2, top + height / 2) == mark.quantity
            chosen = graph_picture(replace(here, selection=mark.quantity))
            others: list[GraphBox | GraphLabel] = [*chosen.boxes, *chosen.labels]
            assert [other.quantity for other in others if other.selected] == [mark.quantity]


def test_details_of_a_loop_have_all_digits() -> None:
    session = at(rnn(*FULL), Quantity(Kind.DE_DA, 0, 0))
    assert [value for _, value in graph_details(session, Quantity(Kind.STATE, 0))] == ["0.0"] * 3
    rows = graph_details(session, Quantity(Kind.WEIGHT_H, 0))
    assert rows[0] == ("wh₁₁", "0.5834500761653292")
    assert rows[8:] == (("…", "1 more"), ("corr_wh", UNKNOWN), ("wh (new)", UNKNOWN))
    delta = dict(graph_details(session, Quantity(Kind.DELTA, 0, time=1)))
    assert len(delta) == 3
    assert UNKNOWN not in delta.values()
    end = replace(session, position=session.trace.end)
    assert UNKNOWN not in dict(graph_details(end, Quantity(Kind.BIAS_H, 0))).values()
    assert dict(graph_details(at(session, Quantity(Kind.ERROR, None, 0, time=1)), Quantity(Kind.LOSS)))["E"] == UNKNOWN


def test_a_walk_never_moves_a_box() -> None:
    session = rnn(*FULL)
    places = [mark.rect for mark in graph_picture(session).boxes]
    for step in session.trace.at(Grain.NEURON):
        assert [mark.rect for mark in graph_picture(replace(session, position=step.end)).boxes] == places
