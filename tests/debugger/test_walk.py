"""Random walks: whatever a learner presses, the session stays where it can be, and every step can be taken back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from strategies import ACTIVATION_NAMES

from nnviz.debugger.commands import (
    COMMANDS,
    back,
    go_to,
    into,
    next_phase,
    out,
    over,
    previous_phase,
    set_grain,
    step,
)
from nnviz.debugger.conditions.breakpoints import add_breakpoint
from nnviz.debugger.conditions.continuing import run
from nnviz.debugger.state.breakpoint import AtKind, AtPhase, AtUnit, Where
from nnviz.debugger.state.session import (
    Session,
    choose_notation,
    choose_training,
    is_changed,
    start_session,
)
from nnviz.debugger.timeline import go_to_update, in_past, to_present
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.tracing.steps import Grain, Kind, Phase

ACTIVATIONS = st.sampled_from(ACTIVATION_NAMES)
LAYERS = st.lists(st.tuples(st.integers(1, 4), ACTIVATIONS), min_size=1, max_size=3)


@st.composite
def deeper_lessons(draw: st.DrawFn) -> Lesson:
    """The lesson from-scratch with other layers, and changes made after a few of its four examples."""
    layers = [*draw(LAYERS), (2, draw(ACTIVATIONS))]
    written = ", ".join(f'{{units={units}, activation="{activation}"}}' for units, activation in layers)
    after = draw(st.sampled_from(['"example"', '"batch"', "3"]))
    optimizer = draw(st.sampled_from(tuple(OPTIMIZERS)))
    return load(
        "from-scratch",
        [
            f"network.layers=[{written}]",
            f"training.update_after={after}",
            f'training.optimizer="{optimizer}"',
            "training.learning_rate=0.01",
            f"training.shuffle={draw(st.sampled_from(['true', 'false']))}",
            "printed=[]",
        ],
    )


LESSONS = st.sampled_from(["koehn", "from-scratch", "krzeminski-batch"]).map(load) | deeper_lessons()


def on_a_step(session: Session) -> bool:
    """Whether the position is the start or ends a step of the session's grain."""
    return session.position == 0 or session.trace.enclosing(session.grain, session.position).end == session.position


class Walk(RuleBasedStateMachine):
    """A learner who presses keys at random."""

    session: Session

    @initialize(lesson=LESSONS, grain=st.sampled_from(Grain))
    def open_lesson(self, lesson: Lesson, grain: Grain) -> None:
        self.session = start_session(lesson, grain=grain)

    @rule(command=st.sampled_from(COMMANDS))
    def press(self, command) -> None:
        self.session = command.run(self.session)

    @rule(times=st.integers(1, 30))
    def walk_on(self, times: int) -> None:
        for _ in range(times):
            self.session = step(self.session)

    @rule(share=st.floats(0, 1))
    def click_the_timeline(self, share: float) -> None:
        position = round(share * self.session.trace.end)
        self.session = go_to(self.session, position)
        assert self.session.position >= position
        assert on_a_step(self.session)

    @rule(grain=st.sampled_from(Grain))
    def change_the_grain(self, grain: Grain) -> None:
        position = self.session.position
        self.session = set_grain(grain)(self.session)
        assert self.session.position == position

    @precondition(lambda self: on_a_step(self.session))
    @rule()
    def take_a_step_back(self) -> None:
        before = self.session
        undone = back(step(before))
        assert (undone.position, undone.grain, undone.example) == (before.position, before.grain, before.example)
        assert np.array_equal(undone.checkpoint.parameters, before.checkpoint.parameters)
        assert np.array_equal(undone.checkpoint.memory, before.checkpoint.memory)
        assert np.array_equal(undone.record.updated.vector, before.record.updated.vector, equal_nan=True)
        assert undone.run.end == max(before.run.end, undone.checkpoint.update + before.at_end) or is_changed(before)

    @rule()
    def verbs_land_on_steps(self) -> None:
        for verb in (step, back, into, out, over, next_phase, previous_phase):
            landed = verb(self.session)
            assert landed is self.session or on_a_step(landed), verb.__name__

    @rule()
    def step_into_stays_in_the_step_and_out_comes_back(self) -> None:
        before = self.session
        if before.position == 0 or not on_a_step(before) or before.grain is Grain.TERM:
            return
        opened = into(before)
        assert before.trace.enclosing(before.grain, before.position).start < opened.position <= before.position
        assert out(opened).position == before.position
        assert out(opened).grain is before.grain

    @rule(name=st.sampled_from(notation_names()))
    def change_the_notation_and_back(self, name: str) -> None:
        before = self.session
        there = choose_notation(before, load_notation(name))
        again = choose_notation(there, before.notation)
        own = before.trace.current(Grain.TERM, before.position)
        other = there.trace.current(Grain.TERM, there.position)
        if own is None or (other is not None and own.quantity == other.quantity):  # both tell it
            assert again.position == before.position
        assert again.position <= before.position
        self.session = there

    @rule(
        optimizer=st.sampled_from(tuple(OPTIMIZERS)),
        after=st.sampled_from(["example", "batch", 2]),
    )
    def change_the_training(self, optimizer: str, after: str | int) -> None:
        training = replace(self.session.training, optimizer=optimizer, update_after=after)
        self.session = choose_training(self.session, training)

    @rule(share=st.floats(0, 1))
    def travel(self, share: float) -> None:
        run = self.session.run
        update = run.first + round(share * (run.end - run.first))
        before = self.session
        self.session = go_to_update(before, update)
        assert (self.session.checkpoint.update, self.session.position) == (update, 0)
        present = to_present(self.session)
        assert not in_past(present)
        if not in_past(before) and in_past(self.session):
            assert (present.position, present.example, present.training) == (
                before.position,
                before.example,
                before.training,
            )
            assert np.array_equal(present.record.updated.vector, before.record.updated.vector, equal_nan=True)

    @rule(ahead=st.integers(1, 40))
    def train_on(self, ahead: int) -> None:
        self.session = go_to_update(self.session, self.session.checkpoint.update + ahead)

    @rule(where=st.sampled_from([AtKind(Kind.Z), AtUnit(0, 0), AtPhase(Phase.BACKWARD)]), forward=st.booleans())
    def continue_to_a_breakpoint(self, where: Where, forward: bool) -> None:
        before = self.session
        session, why = run(add_breakpoint(before, where), forward)
        place, here = ((s.checkpoint.update, s.position) for s in (session, before))
        assert (place > here) if forward else (place < here or why.breakpoint is None)
        self.session = replace(session, breakpoints=())

    @invariant()
    def the_position_is_in_the_pass(self) -> None:
        session = self.session
        assert 0 <= session.position <= session.trace.end
        assert session.at_end == (session.position == session.trace.end)
        assert 0 <= session.example < len(session.lesson.dataset)
        assert session.example in session.record.examples
        assert session.record.examples[session.record.row] == session.example

    @invariant()
    def the_current_step_ends_at_the_position(self) -> None:
        taken = self.session.step
        assert (taken is None) == (self.session.position == 0)
        if taken is not None:
            assert taken.end == self.session.position
            assert taken.grain >= self.session.grain or not on_a_step(self.session)

    @invariant()
    def the_pass_is_of_the_weights_and_settings(self) -> None:
        session = self.session
        assert np.array_equal(session.record.parameters.vector, session.checkpoint.parameters)
        assert session.record.rule == session.training.rule(session.checkpoint.epoch)
        assert session.record.count == session.checkpoint.update + 1
        assert session.trace.chain_rule == session.notation.chain_rule
        assert session.run.first <= session.checkpoint.update <= session.run.end


Walk.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestWalk = Walk.TestCase
