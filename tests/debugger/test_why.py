"""Asking why: back through Koehn's pass by hand, and a trail that any move leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import records

from nnviz.debugger.commands import COMMANDS, back, go_to, last, step
from nnviz.debugger.state.session import Session, choose_convention, choose_notation, start_session
from nnviz.debugger.state.trail import Direction
from nnviz.debugger.why import (
    GIVEN_KINDS,
    distinct_operands,
    end_trail,
    extend_trail,
    factors,
    go_back,
    go_back_to,
    is_known,
    numbers_beside,
    position_of,
    select_factor,
    set_direction,
    start_trail,
    start_trail_here,
    step_of,
)
from nnviz.engine.record import PassRecord
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of

Y, Z = Quantity(Kind.A, 1, 0), Quantity(Kind.Z, 1, 0)
H1, S1 = Quantity(Kind.A, 0, 0), Quantity(Kind.Z, 0, 0)


def koehn() -> Session:
    return last(start_session(load("koehn")))


def test_from_y_back_to_the_inputs_and_parameters():
    session = start_trail(koehn(), Y)
    assert factors(session) == (Z,)
    session = extend_trail(session, Z)
    # z = W2 h + b2, with two hidden units
    w, h = Quantity(Kind.WEIGHT, 1, 0), Quantity(Kind.A, 0)
    assert factors(session) == (
        *(replace(w, source=0), replace(h, unit=0)),
        *(replace(w, source=1), replace(h, unit=1)),
        Quantity(Kind.BIAS, 1, 0),
    )
    session = extend_trail(extend_trail(session, H1), S1)
    # s1 = W11 x1 + W12 x2 + b1
    w, x = Quantity(Kind.WEIGHT, 0, 0), Quantity(Kind.INPUT)
    assert factors(session) == (
        *(replace(w, source=0), replace(x, unit=0)),
        *(replace(w, source=1), replace(x, unit=1)),
        Quantity(Kind.BIAS, 0, 0),
    )
    session = extend_trail(session, Quantity(Kind.INPUT, None, 0))
    assert factors(session) == ()
    assert session.why is not None
    assert session.why.quantities == (Y, Z, H1, S1, Quantity(Kind.INPUT, None, 0))


def test_the_breadcrumb_leads_back():
    session = extend_trail(extend_trail(start_trail(koehn(), Y), Z), H1)
    assert go_back_to(session, 0) == start_trail(koehn_at(session), Y)
    assert go_back(session) == go_back_to(session, 1)
    assert go_back(go_back(go_back(session))).why is None
    assert extend_trail(session, Z) == go_back_to(session, 1)  # what is on the trail already is gone back to
    for index in (-1, 3):
        with pytest.raises(IndexError):
            go_back_to(session, index)


def koehn_at(session: Session) -> Session:
    return end_trail(session)


def test_the_other_way_and_back():
    session = set_direction(start_trail(koehn(), S1), Direction.FEEDS)
    assert factors(session) == (H1,)
    session = extend_trail(session, H1)
    assert session.why is not None
    assert [asked.direction for asked in session.why.entries] == [Direction.FEEDS, Direction.FEEDS]
    assert Z in factors(session)
    session = set_direction(session, Direction.WHY)
    assert factors(session) == (S1,)


def test_what_is_asked_about_first():
    start = start_session(load("koehn"))
    assert start_trail_here(start).why.quantities == (Quantity(Kind.LOSS),)  # type: ignore[union-attr]
    assert start_trail_here(step(start)).why.quantities == (S1,)  # type: ignore[union-attr]
    selected = replace(step(start), selection=Quantity(Kind.WEIGHT, 1, 0, 1))
    assert start_trail_here(selected).why.quantities == (Quantity(Kind.WEIGHT, 1, 0, 1),)  # type: ignore[union-attr]
    whole = step(replace(start, grain=Grain.LAYER))  # s as a whole: its first number
    assert start_trail_here(whole).why.quantities == (S1,)  # type: ignore[union-attr]
    phase = step(replace(start, grain=Grain.PASS))
    assert start_trail_here(phase).why.quantities == (Y,)  # type: ignore[union-attr]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_any_move_leaves_the_trail_and_a_look_does_not(command):
    session = start_trail(go_to(start_session(load("koehn")), 9), S1)
    moved = command.run(session)
    stays = (moved.position, moved.trace) == (session.position, session.trace)
    assert (moved.why is not None) == stays
    if command.id in ("step", "back", "over", "next_phase", "first", "last", "next_pass", "next_example"):
        assert not stays


def test_going_back_to_the_place_does_not_bring_the_trail_back():
    session = start_trail(go_to(start_session(load("koehn")), 9), S1)
    assert back(step(session)).why is None


def test_telling_otherwise_keeps_the_trail_and_counting_otherwise_leaves_it():
    session = start_trail(koehn(), Y)
    assert choose_convention(session, replace(session.convention, slope="product_of_z")).why is None
    other = choose_notation(session, load_notation("graph"))
    assert (other.why is None) == (other.trace is not session.trace)


def test_what_is_not_known_yet_can_be_asked_about():
    session = start_trail(start_session(load("koehn")), Y)
    assert not is_known(session, Y)
    assert all(is_known(session, part) == (part.kind in GIVEN_KINDS) for part in factors(extend_trail(session, Z)))


def test_the_picked_factor_is_only_pointed_at():
    session = extend_trail(start_trail(koehn(), Y), Z)
    picked = select_factor(session, 3)
    assert picked.why is not None
    assert picked.why.picked == 3
    assert factors(picked) == factors(session)
    assert select_factor(end_trail(session), 3).why is None


def test_what_stands_beside_a_number():
    trace = koehn().trace
    kinds = [number.kind for number in numbers_beside(trace, H1)]
    assert kinds == [Kind.A, Kind.Z, Kind.DE_DA, Kind.SLOPE, Kind.DELTA]
    weight = Quantity(Kind.WEIGHT, 0, 1, 0)
    assert numbers_beside(trace, weight) == (weight, *(replace(weight, kind=kind) for kind in (Kind.DW, Kind.W_NEW)))
    assert numbers_beside(trace, Quantity(Kind.LOSS))[1:] == (
        Quantity(Kind.ERROR, None, 0),
        Quantity(Kind.TARGET, None, 0),
    )


def test_through_time_from_a_delta_to_the_one_after_it():
    session = last(start_session(load("krzeminski-rnn")))
    convention = replace(session.convention, through_time="full")
    session = last(choose_convention(session, convention))
    first, second = (Quantity(Kind.DELTA, 0, 0, None, time) for time in (0, 1))
    session = start_trail(session, first)
    reached = Quantity(Kind.DE_DA, 0, 0, None, 0)
    assert reached in factors(session)
    session = extend_trail(session, reached)
    assert second in factors(session)
    assert Quantity(Kind.WEIGHT_H, 0, 0, 0) in factors(session)
    session = set_direction(extend_trail(session, second), Direction.FEEDS)
    assert reached in factors(session)


def test_another_example_of_the_batch_is_made_of_its_own_numbers():
    session = last(start_session(load("krzeminski-batch")))
    other = next(row for row in range(len(session.record.examples)) if row != session.record.row)
    delta = Quantity(Kind.DELTA, 0, 0, None, 0, other)
    parts = distinct_operands(session.trace, delta)
    assert [(part.kind, part.example) for part in parts] == [(Kind.DE_DA, other), (Kind.SLOPE, other)]
    product = value_of(session.record, parts[0]) * value_of(session.record, parts[1])
    assert product == pytest.approx(value_of(session.record, delta))
    assert delta in factors(start_trail(session, Quantity(Kind.DW, 0, 0, 0)))


@settings(max_examples=60, deadline=None)
@given(records(), st.booleans())
def test_a_number_is_known_from_the_step_that_tells_it(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    for told in trace.at(Grain.TERM):
        own = told.quantity.example in (None, record.row)
        if own:
            position = position_of(trace, told.quantity)
            assert position is not None
            assert trace.current(Grain.TERM, position).quantity == told.quantity  # type: ignore[union-attr]
        for operand in operands_of(trace, told.quantity):
            known = position_of(trace, operand.quantity)
            assert (known is None) == (operand.quantity.kind in GIVEN_KINDS)
            if known is not None:
                assert known <= told.start
                as_step = step_of(trace, operand.quantity)
                assert as_step is not None
                assert as_step.end == known
