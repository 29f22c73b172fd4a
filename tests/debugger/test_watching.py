"""What watches show is what the session says at each place."""

from __future__ import annotations

from dataclasses import replace

from nnviz.debugger.conditions.breakpoints import add_watch
from nnviz.debugger.conditions.expressions import evaluate
from nnviz.debugger.conditions.watches import watch_rows, watch_series
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import next_pass, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Kind, Quantity


def test_a_row_has_the_value_now_and_the_one_before() -> None:
    session = add_watch(add_watch(start_session(load("koehn")), "W[1,1]"), "loss")
    weight, loss = watch_rows(session)
    assert (weight.value, weight.before, loss.value, loss.before) == (3.0, None, None, None)
    second = next_pass(session)
    weight, loss = watch_rows(second)
    assert (weight.value, weight.before) == (second.record.parameters.W[0][0, 0], 3.0)
    end = replace(second, position=second.trace.end)
    assert watch_rows(end)[1].value == second.record.loss[0]
    assert watch_rows(end)[1].before == session.record.loss[0]
    assert watch_rows(start_session(load("koehn"))) == ()


def test_a_series_goes_over_the_run() -> None:
    session = add_watch(go_to_update(start_session(load("krzeminski-sgd")), 500), "abs(delta1[1])")
    (watch,) = session.watches
    points = watch_series(watch.expression, session, 11)
    assert [update for update, _ in points] == list(range(0, 501, 50))
    for update, value in points:
        there = go_to_update(session, update)
        assert evaluate(watch.expression, replace(there, position=there.trace.end)) == value
    assert len(watch_series(watch.expression, go_to_update(session, 3))) == 4
    assert len(watch_series(watch.expression, start_session(load("koehn")))) == 1


def test_a_series_over_an_edit_of_the_data_has_the_data_of_each_pass() -> None:
    session = go_to_update(start_session(load("krzeminski-batch")), 4)
    session = apply_edit(session, Spot(Quantity(Kind.INPUT, unit=0), session.example), 0.25)
    session = add_watch(go_to_update(session, 8), "x[1]")
    before = start_session(load("krzeminski-batch")).record.x[0, session.record.row, 0]
    assert before != 0.25
    points = watch_series(session.watches[0].expression, session)
    assert points == [(update, before if update < 4 else 0.25) for update in range(9)]
    (row,) = watch_rows(go_to_update(session, 4))
    assert (row.value, row.before) == (0.25, before)
