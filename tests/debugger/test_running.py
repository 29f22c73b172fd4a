"""Continue and reverse-continue stop where a walk through every single pass says that they must."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.debugger.commands import COMMANDS, last
from nnviz.debugger.conditions.breakpoints import (
    add_breakpoint,
    add_watch,
    change_breakpoint,
    remove_breakpoint,
    remove_watch,
    stop_positions,
    toggle_breakpoint,
)
from nnviz.debugger.conditions.continuing import run, run_in_slices, stop_between
from nnviz.debugger.conditions.expressions import ExpressionError, evaluate, known_at
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.breakpoint import AtCondition, AtEdge, AtKind, AtLine, AtNonFinite, AtPhase, AtUnit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.run import checkpoint_at
from nnviz.debugger.state.session import Session, choose_training, next_pass, start_session
from nnviz.debugger.timeline import Progress, go_to_update, in_past
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Grain, Kind, Phase, Quantity

PASSES = 30
CONDITIONS = (
    "abs(delta2) < 0.03",
    "loss < 0.03",
    "epoch == 5",
    "update == 17",
    "sign(b1[1]) changes",
    "prediction(2) changes",
    "prediction(2) == 1",
    "output > 0.5 and t == 0",
    "x[1] == 1",
    "example changes",
    "mean_loss > 0.12",
    "epoch_loss < 0.124",
    "W1_new[1,1] > W1[1,1]",
    "abs(a1[1] - 0.5) < 0.1 or update > 25",
    "norm(dW1) > 0.02",
    "any(z1 > 0.7) changes",
)
LESSONS = (
    ("koehn", ()),
    ("krzeminski-sgd", ("training.learning_rate=2.0",)),
    ("krzeminski-sgd", ("training.update_after=3", "training.shuffle=true", 'training.optimizer="adam"')),
    ("krzeminski-batch", ("training.learning_rate=3.0", "training.shuffle=true")),
)


@dataclass(frozen=True)
class Found:
    """In one pass: whether a condition held in it and in the one before, and where it became known."""

    update: int
    position: int
    holds: bool
    held: bool


EDITS = {"input": (Spot(Quantity(Kind.INPUT, unit=0), 1), 0.3), "target": (Spot(Quantity(Kind.TARGET, unit=0), 2), 0.0)}


def walk(lesson: int, change: int, what: str = "rate") -> Session:
    """A run of so many passes; the rate, or a number of the data, is changed on the way."""
    name, overrides = LESSONS[lesson]
    session = start_session(load(name, overrides))
    for update in range(PASSES):
        if update == change and what in EDITS:
            session = apply_edit(session, *EDITS[what])
        elif update == change:
            rates = replace(session.training.rates, learning_rate=0.3)
            session = choose_training(session, replace(session.training, rates=rates, update_after="example"))
        session = next_pass(session)
    return session


def looked_through(session: Session) -> list[Found]:
    """Every pass of a session's run, evaluated one by one through the session."""
    (breakpoint,) = session.breakpoints
    found: list[Found] = []
    for update in range(PASSES + 1):
        there = last(go_to_update(session, update))
        position = known_at(breakpoint.condition, there.trace)
        holds = bool(evaluate(breakpoint.condition, there))
        found.append(Found(update, position, holds, bool(found) and found[-1].holds))
    return found


def expected_forward(found: list[Found], here: tuple[int, int]) -> tuple[int, int] | None:
    hits = [(f.update, f.position) for f in found if f.holds and not f.held]
    return min((hit for hit in hits if hit > here), default=None)


def expected_back(found: list[Found], here: tuple[int, int]) -> tuple[int, int] | None:
    """The last time before here at which it held; where it holds at this very step, the time at which that began."""
    standing = any((f.update, f.position) == here and f.holds for f in found)
    earlier = [f for f in found if (f.update, f.position) < here]
    if standing:
        begun = [f for f in found if (f.update, f.position) <= here and f.holds and not f.held][-1]
        if (begun.update, begun.position) != here:
            return begun.update, begun.position
    return max(((f.update, f.position) for f in earlier if f.holds), default=None)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(CONDITIONS),
    st.integers(0, 3),
    st.integers(0, PASSES),
    st.sampled_from(["rate", *EDITS]),
    st.data(),
)
def test_a_condition_stops_where_a_walk_finds_it(
    text: str, lesson: int, change: int, what: str, data: st.DataObject
) -> None:
    session = add_breakpoint(walk(lesson, change, what), AtCondition(), text)
    found = looked_through(session)
    for _ in range(3):
        update = data.draw(st.integers(0, PASSES))
        there = go_to_update(session, update)
        position = data.draw(st.sampled_from([0, there.trace.end, found[update].position]))
        there = replace(there, position=min(position, there.trace.end))
        here = (update, there.position)
        back, why = run(there, forward=False)
        assert place(back, why) == expected_back(found, here)
        expected = expected_forward(found, here)
        forth, why = run(there, should_stop=lambda: True) if expected is None else run(there)
        if expected is not None:
            assert place(forth, why) == expected
            assert why.message == text
            assert forth.breakpoints[0].hits == 1
        expected_bits = checkpoint_at(session.run, session.lesson, back.checkpoint.update)
        assert back.checkpoint.parameters.tobytes() == expected_bits.parameters.tobytes()


def place(session: Session, why) -> tuple[int, int] | None:
    if why.breakpoint is None:
        assert why.message == "the start of the run"
        assert (session.checkpoint.update, session.position) == (0, 0)
        return None
    return session.checkpoint.update, session.position


def test_going_back_over_other_settings_knows_what_changed_before_them() -> None:
    session = add_breakpoint(walk(0, 2), AtCondition(), "example changes")
    back, why = run(go_to_update(session, 3), forward=False)
    assert place(back, why) == (1, 0)  # every example in turn is another one: that began with the second


def test_going_back_over_an_edit_of_the_data_asks_about_the_data_of_each_pass() -> None:
    edited = apply_edit(go_to_update(start_session(load("koehn")), 5), Spot(Quantity(Kind.INPUT, unit=0), 1), 0.3)
    session = add_breakpoint(go_to_update(edited, 9), AtCondition(), "x[1] == 0.3")
    back, why = run(session, forward=False)
    assert place(back, why) == (8, 0)
    session = add_breakpoint(go_to_update(edited, 9), AtCondition(), "x[1] == 1 and x[2] == 0")
    back, why = run(session, forward=False)
    assert place(back, why) == (4, 0)
    assert back.edits == ()
    forth, why = run(back, should_stop=lambda: True)
    assert why.breakpoint is None
    assert forth.edits == edited.edits


PLACES = (
    AtKind(Kind.DELTA),
    AtKind(Kind.Z, 1),
    AtUnit(0, 1),
    AtUnit(1, 0, Kind.A),
    AtEdge(0, 1, 0),
    AtLine(Kind.DW, 0),
    AtPhase(Phase.BACKWARD),
)


@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("where", PLACES, ids=str)
def test_a_place_stops_in_every_pass_forward_and_backward(where, grain: Grain) -> None:
    session = replace(add_breakpoint(start_session(load("koehn")), where), grain=grain)
    stops = []
    for _ in range(20):
        session, why = run(session)
        assert why.breakpoint == 1
        stops.append((session.checkpoint.update, session.position))
    assert stops == sorted(set(stops))
    each = stop_positions(where, session.trace, grain)
    assert stops == [(update, position) for update in range(30) for position in each][:20]
    for expected in reversed(stops[:-1]):
        session, _ = run(session, forward=False)
        assert (session.checkpoint.update, session.position) == expected
    session, why = run(session, forward=False)
    assert (why.breakpoint, session.position, session.checkpoint.update) == (None, 0, 0)
    assert session.breakpoints[0].hits == 39


@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("where", [AtEdge(0, 0, 1), AtPhase(Phase.UPDATE)], ids=str)
def test_going_back_stops_at_the_steps_of_each_pass_where_an_optimizer_tells_more_of_them(where, grain: Grain) -> None:
    session = next_pass(start_session(load("krzeminski-walkthrough"), grain=grain))
    changed = choose_training(session, replace(session.training, optimizer="momentum"))
    here, why = run(add_breakpoint(changed, where), forward=False)
    assert here.trace.end < changed.trace.end
    assert (why.breakpoint, here.checkpoint.update) == (1, 0)
    assert here.position == stop_positions(where, here.trace, grain)[-1]


def test_places_are_the_steps_that_they_name() -> None:
    trace = start_session(load("koehn")).trace
    steps = list(trace.at(Grain.NEURON))
    assert stop_positions(AtKind(Kind.DELTA), trace, Grain.NEURON) == tuple(
        s.end for s in steps if s.kind is Kind.DELTA
    )
    unit = {Kind.Z, Kind.A, Kind.DE_DA, Kind.SLOPE, Kind.DELTA}
    of_unit = tuple(s.end for s in steps if s.kind in unit and (s.quantity.layer, s.quantity.unit) == (0, 1))
    assert stop_positions(AtUnit(0, 1), trace, Grain.NEURON) == of_unit
    (product,) = [s.end for s in trace.at(Grain.TERM) if s.quantity == Quantity(Kind.PRODUCT, 0, 1, 0)]
    assert stop_positions(AtEdge(0, 0, 1), trace, Grain.TERM)[0] == product
    assert len(stop_positions(AtEdge(0, 0, 1), trace, Grain.NEURON)) == 2
    assert stop_positions(AtKind(Kind.Z), trace, Grain.LAYER) == tuple(
        s.end for s in trace.at(Grain.LAYER) if s.kind is Kind.Z
    )


def test_a_condition_at_a_place_and_counts() -> None:
    session = add_breakpoint(start_session(load("koehn")), AtUnit(1, 0, Kind.A), "t == 1", ignore=1)
    stopped, _ = run(session)
    assert (stopped.checkpoint.update, stopped.breakpoints[0].hits) == (1, 2)  # examples 2 and 3 have target 1
    assert stopped.trace.current(Grain.NEURON, stopped.position).quantity == Quantity(Kind.A, 1, 0)
    late = add_breakpoint(start_session(load("koehn")), AtUnit(1, 0, Kind.Z), "loss > 0")
    way = run_in_slices(late, should_stop=lambda: True)
    with pytest.raises(StopIteration) as done:
        [next(way) for _ in range(3)]
    assert done.value.value[1].breakpoint is None  # the loss is not known at z
    off = change_breakpoint(session, 1, enabled=False, ignore=0)
    rested, why = run(off)
    assert (why.breakpoint, why.message) == (None, "all 1000 epochs are trained")
    assert (rested.checkpoint.epoch, rested.position) == (1000, 0)
    assert not in_past(rested)


def test_the_first_number_that_is_not_finite_stops() -> None:
    lesson = load("koehn", ["training.learning_rate=1e200", 'network.layers[2].activation="linear"'])
    session = add_breakpoint(start_session(lesson), AtNonFinite())
    stopped, why = run(session)
    assert why.breakpoint == 1
    step = stopped.trace.current(Grain.NEURON, stopped.position)
    values = np.array([evaluate_step(stopped, s) for s in stopped.trace.at(Grain.NEURON) if s.end <= stopped.position])
    assert np.isfinite(values[:-1]).all()
    assert not np.isfinite(values[-1])
    assert step is not None
    gone, why = run(go_to_update(stopped, stopped.checkpoint.update + 9), forward=False)
    assert (gone.checkpoint.update, gone.position) == (stopped.checkpoint.update, stopped.position)
    assert why.message == "first NaN or infinity"


def evaluate_step(session: Session, step) -> float:
    from nnviz.tracing.values import value_of

    return float(value_of(session.record, step.quantity))


def test_a_run_can_be_stopped_and_told_how_far_it_is() -> None:
    session = add_breakpoint(start_session(load("krzeminski-sgd")), AtCondition(), "update == 1000000")
    asked: list[None] = []
    way = run_in_slices(session, should_stop=lambda: len(asked) == 2 or bool(asked.append(None)))
    told = []
    result = None
    while result is None:
        try:
            told.append(next(way))
        except StopIteration as done:
            result = done.value
    stopped, why = result
    assert all(isinstance(progress, Progress) for progress in told)
    assert len(told) == 3
    assert (why.breakpoint, why.message) == (None, "stopped")
    assert stopped.checkpoint.update == told[-1].update
    assert not in_past(stopped)
    back = change_breakpoint(go_to_update(stopped, 390), 1, enabled=False)
    assert run(back, forward=False, should_stop=lambda: True)[1].message == "stopped"


def test_a_stop_is_the_present() -> None:
    session = add_breakpoint(start_session(load("koehn")), AtCondition(), "loss < 0.05")
    stopped, _ = run(session)
    assert not in_past(stopped)
    assert stopped.run.end == stopped.checkpoint.update
    again, _ = run(stopped)
    assert again.checkpoint.update > stopped.checkpoint.update


def test_breakpoints_and_watches_are_kept_in_the_session() -> None:
    session = start_session(load("koehn"))
    unit = AtUnit(0, 0)
    session = toggle_breakpoint(add_breakpoint(session, unit, "loss < 1"), unit)
    assert [b.id for b in session.breakpoints] == [1, 2]
    session = toggle_breakpoint(session, unit)
    assert [b.id for b in session.breakpoints] == [1]
    assert remove_breakpoint(session, 1).breakpoints == ()
    with pytest.raises(KeyError):
        remove_breakpoint(session, 7)
    with pytest.raises(ExpressionError):
        add_breakpoint(session, AtCondition(), "losss < 1")
    with pytest.raises(ValueError, match="needs a condition"):
        add_breakpoint(session, AtCondition())
    watched = add_watch(add_watch(session, "loss"), "W[1,1]")
    assert [watch.expression.text for watch in next_pass(watched).watches] == ["loss", "W[1,1]"]
    assert [watch.id for watch in remove_watch(watched, 1).watches] == [2]


WALKS = [command for command in COMMANDS if command.walks]


@settings(max_examples=150)
@given(st.data())
def test_a_step_stops_at_the_first_place_on_its_way_as_continuing_does(data: st.DataObject) -> None:
    """With a condition that never holds beside the place, passes are gone through; without, positions are compared."""
    session = start_session(load("koehn"), grain=data.draw(st.sampled_from(Grain)))
    session = replace(session, position=data.draw(st.integers(0, session.trace.end)))
    where = data.draw(st.sampled_from(PLACES))
    by_place = add_breakpoint(session, where, ignore=data.draw(st.integers(0, 2)))
    by_passes = add_breakpoint(by_place, AtCondition(), "loss < 0")
    move = data.draw(st.sampled_from(WALKS)).run
    after, stop = stop_between(by_place, move(by_place))
    also, same = stop_between(by_passes, move(by_passes))
    here, goal = ((s.checkpoint.update, s.position) for s in (session, move(session)))
    assert (after.checkpoint.update, after.position, after.grain) == (also.checkpoint.update, also.position, also.grain)
    assert stop == same
    if here[0] == goal[0]:
        ways = [
            p
            for p in stop_positions(where, session.trace, session.grain)
            if min(here, goal) <= (here[0], p) <= max(here, goal)
        ]
        met = sorted((p for p in ways if (here[0], p) != here), reverse=goal < here)[by_place.breakpoints[0].ignore :]
        assert after.position == (met[0] if met else goal[1])
        assert (stop is not None) == bool(met)
