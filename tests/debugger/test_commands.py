"""The debugger's verbs, each on Koehn's network, whose steps can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import (
    COMMANDS,
    back,
    first,
    go_to,
    into,
    last,
    next_example,
    next_phase,
    out,
    over,
    previous_example,
    previous_phase,
    set_grain,
    step,
)
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Grain, Kind, Quantity

# Grain term: each of the three sums is two products, a bias and the sum (4 steps); then 3 activations, the error and
# the loss; backward 3 dE/da, 3 slopes, 3 deltas, 6 dW, 3 db; 6 + 3 new parameters.
TERMS = 3 * 4 + 3 + 2 + 3 + 3 + 3 + 6 + 3 + 9
NEURONS = TERMS - 3 * 3


def koehn(grain: Grain = Grain.NEURON, position: int = 0) -> Session:
    return replace(start_session(load("koehn")), grain=grain, position=position)


def known(session: Session) -> Quantity | None:
    """What the step just taken made known."""
    return None if session.step is None else session.step.quantity


def z(unit: int) -> Quantity:
    return Quantity(Kind.Z, 0, unit)


def test_the_steps_that_can_be_counted() -> None:
    trace = koehn().trace
    assert trace.length(Grain.TERM) == trace.end == TERMS == 44
    assert trace.length(Grain.NEURON) == NEURONS == 35
    assert trace.length(Grain.LAYER) == 20
    assert trace.length(Grain.PASS) == 4


@pytest.mark.parametrize(
    ("grain", "position"), [(Grain.TERM, 1), (Grain.NEURON, 4), (Grain.LAYER, 8), (Grain.PASS, 15)]
)
def test_a_step_is_as_long_as_its_grain(grain: Grain, position: int) -> None:
    taken = step(koehn(grain))
    assert taken.position == position
    assert back(taken).position == 0


@pytest.mark.parametrize("grain", Grain)
def test_steps_walk_to_the_end_and_back(grain: Grain) -> None:
    session = koehn(grain)
    stops = [session.position]
    while not session.at_end:
        session = step(session)
        stops.append(session.position)
    assert len(stops) == session.trace.length(grain) + 1
    for position in reversed(stops):
        assert session.position == position
        session = back(session) if position else session


def test_into_opens_the_step_at_its_first_part() -> None:
    session = into(koehn(Grain.LAYER, 8))  # z of both hidden units
    assert (session.grain, known(session), session.position) == (Grain.NEURON, z(0), 4)
    session = into(session)
    assert (session.grain, known(session)) == (Grain.TERM, Quantity(Kind.PRODUCT, 0, 0, 0))
    assert into(session) == session, "a term has no parts"
    assert into(koehn(Grain.PASS)) == koehn(Grain.LAYER) or into(koehn(Grain.PASS)).grain is Grain.LAYER
    assert into(koehn(Grain.PASS)).position == 0


def test_out_finishes_what_the_step_is_part_of() -> None:
    session = out(koehn(Grain.TERM, 1))
    assert (session.grain, known(session), session.position) == (Grain.NEURON, z(0), 4)
    session = out(session)
    assert (session.grain, session.position) == (Grain.LAYER, 8)
    session = out(session)
    assert (session.grain, session.position) == (Grain.PASS, 15)
    assert out(session) == session
    assert (out(koehn()).grain, out(koehn()).position) == (Grain.LAYER, 0)


def test_over_finishes_the_coarser_step_and_keeps_the_grain() -> None:
    session = over(koehn(Grain.TERM, 1))
    assert (session.grain, session.position) == (Grain.TERM, 4)
    assert over(session).position == 8
    assert over(koehn(Grain.NEURON, 4)).position == 8
    assert over(koehn(Grain.NEURON)).position == 8
    assert over(koehn(Grain.PASS)).position == 15


def test_first_and_last() -> None:
    assert first(koehn(position=9)).position == 0
    assert last(koehn(position=9)).position == TERMS
    assert last(koehn()).at_end


def test_phases_are_run_to_their_first_step() -> None:
    session, seen = koehn(), []
    while not session.at_end:
        session = next_phase(session)
        seen.append((session.position, known(session)))
    assert [position for position, _ in seen] == [4, 16, 18, 36, TERMS]
    assert [quantity for _, quantity in seen[:4]] == [
        z(0),
        Quantity(Kind.ERROR, None, 0),
        Quantity(Kind.DE_DA, 1, 0),
        Quantity(Kind.W_NEW, 0, 0, 0),
    ]
    back_again = []
    while session.position:
        session = previous_phase(session)
        back_again.append(session.position)
    assert back_again == [36, 18, 16, 4, 0]


def test_from_within_a_phase_its_start_comes_first() -> None:
    assert previous_phase(koehn(position=20)).position == 18
    assert previous_phase(koehn(position=18)).position == 16
    assert next_phase(koehn(position=5)).position == 16


@pytest.mark.parametrize("grain", Grain)
def test_any_position_can_be_gone_to(grain: Grain) -> None:
    session = koehn(grain)
    ends = {0, *(taken.end for taken in session.trace.at(grain))}
    for position in range(-3, TERMS + 4):
        gone = go_to(session, position)
        assert gone.position in ends
        assert gone.position >= min(position, TERMS)
        assert gone.position - max(position, 0) < max(taken.end - taken.start for taken in session.trace.at(grain))
    assert go_to(session, -3).position == 0
    assert go_to(session, TERMS + 3).position == TERMS


def test_grains_change_at_the_same_place() -> None:
    for grain in Grain:
        changed = set_grain(grain)(koehn(position=8))
        assert (changed.grain, changed.position) == (grain, 8)


def test_examples_go_round() -> None:
    session = koehn(position=8)
    seen = [session.example]
    for _ in range(4):
        session = next_example(session)
        assert session.position == 0
        seen.append(session.example)
    assert seen == [1, 2, 3, 0, 1]
    assert previous_example(previous_example(session)).example == 3


def test_every_command_is_a_function_of_the_session_alone() -> None:
    for command in COMMANDS:
        for position in (0, 1, 8, TERMS):
            session = koehn(Grain.NEURON, position)
            once, again = command.run(session), command.run(session)
            assert (once.position, once.grain, once.example) == (again.position, again.grain, again.example)
            assert session.position == position
            assert 0 <= once.position <= once.trace.end
        assert command.title
        assert command.tip
