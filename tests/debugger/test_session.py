"""The session: it starts, chooses, and crosses from one pass to the next as training itself would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vocabulary import trainer_of

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import last
from nnviz.debugger.state.run import trainer_for
from nnviz.debugger.state.session import (
    Session,
    choose_checkpoint,
    choose_example,
    choose_notation,
    choose_training,
    is_changed,
    leave_pass,
    look_at_example,
    next_pass,
    previous_pass,
    restart,
    start_session,
)
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.training import NonFiniteError
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import load_notation
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of

RULES = (
    (),
    ('training.optimizer="momentum"', "training.learning_rate=0.1"),
    ('training.optimizer="rmsprop"', "training.learning_rate=0.01"),
    ('training.optimizer="adam"', "training.learning_rate=0.01", 'training.reduce="mean"'),
    ("training.update_after=3",),
    ("training.update_after=3", "training.shuffle=true", "training.seed=7"),
    ('training.update_after="batch"', "training.shuffle=true"),
    ('convention.frozen=["b1"]', 'convention.update="sequential"'),
)


def in_presented_order(lesson: Lesson) -> Session:
    return start_session(lesson, example=lesson.training.schedule(len(lesson.dataset)).order(0)[0])


def test_a_session_starts_before_the_first_step() -> None:
    lesson = load("koehn")
    session = start_session(lesson)
    assert (session.example, session.position, session.grain) == (1, 0, Grain.NEURON)
    assert session.step is None
    assert session.notation == lesson.notation
    assert (session.run.first, session.run.end) == (0, 0)
    assert session.record.examples == (1,)


def test_a_session_can_start_after_training() -> None:
    lesson = load("krzeminski-sgd")
    trainer = trainer_of(lesson)
    for _ in range(10):
        trainer.update()
    session = start_session(lesson, example=2, update=10, grain=Grain.TERM)
    assert np.array_equal(session.checkpoint.parameters, trainer.checkpoint().parameters)
    assert session.checkpoint.update == 10
    assert session.record.count == 11
    back = previous_pass(session)
    assert back.record.examples == (1,)  # the tenth of four in turn
    assert np.array_equal(back.record.updated.vector, session.checkpoint.parameters)


@pytest.mark.parametrize("example", [-1, 4])
def test_an_example_that_is_not_there_is_refused(example: int) -> None:
    with pytest.raises(IndexError, match=rf"example {example} is not in 0 … 3"):
        start_session(load("koehn"), example=example)
    with pytest.raises(IndexError):
        choose_example(start_session(load("koehn")), example)


def test_training_that_does_not_get_so_far_is_told() -> None:
    lesson = load("koehn", ["training.learning_rate=1e200", 'network.layers[2].activation="linear"'])
    with pytest.raises(NonFiniteError):
        start_session(lesson, update=100)


@pytest.mark.parametrize("overrides", RULES, ids=str)
@pytest.mark.parametrize("name", ["koehn", "from-scratch", "krzeminski-batch"])
def test_the_next_pass_is_the_trainers_next_update_bit_for_bit(name: str, overrides: tuple[str, ...]) -> None:
    lesson = load(name, overrides)
    trainer, session = trainer_of(lesson), in_presented_order(lesson)
    for _ in range(11):
        record = trainer.record_update()
        assert session.record.examples == record.examples
        assert np.array_equal(session.record.gradients.vector, record.gradients.vector)
        session = next_pass(session)
        trained = trainer.checkpoint()
        assert np.array_equal(session.checkpoint.parameters, trained.parameters)
        assert np.array_equal(session.checkpoint.memory, trained.memory)
        assert session.checkpoint.update == trained.update
        assert session.checkpoint.epoch == trained.epoch
        assert session.checkpoint.position == trained.position
        assert session.checkpoint.epoch_loss == trained.epoch_loss
        assert (session.position, session.at_end) == (0, False)


@pytest.mark.parametrize("name", lesson_names())
def test_going_back_finds_the_same_bits(name: str) -> None:
    session = last(start_session(load(name)))
    moments = [session]
    for _ in range(5):
        session = last(next_pass(session))
        moments.append(session)
    for moment in reversed(moments):
        assert np.array_equal(session.checkpoint.parameters, moment.checkpoint.parameters)
        assert np.array_equal(session.checkpoint.memory, moment.checkpoint.memory)
        assert np.array_equal(session.record.updated.vector, moment.record.updated.vector)
        assert (session.example, session.position) == (moment.example, moment.position)
        session = previous_pass(session)
    assert session.checkpoint.update == session.run.first
    assert previous_pass(session) is session


def test_another_example_starts_anew() -> None:
    session = next_pass(start_session(load("koehn")))
    chosen = choose_example(replace(session, position=9), 3)
    assert (chosen.example, chosen.position) == (3, 0)
    assert previous_pass(chosen).checkpoint.update == 0
    assert np.array_equal(chosen.checkpoint.parameters, session.checkpoint.parameters)
    assert choose_example(chosen, 3) is chosen


def test_a_checkpoint_of_a_run_is_stepped_from_its_start() -> None:
    lesson = load("koehn")
    trainer = trainer_of(lesson)
    for _ in range(6):
        trainer.update()
    session = choose_checkpoint(replace(start_session(lesson), position=9), trainer.checkpoint())
    assert (session.example, session.position, session.checkpoint.update) == (1, 0, 6)
    assert np.array_equal(session.record.parameters.vector, trainer.checkpoint().parameters)


def test_a_notation_of_the_same_steps_changes_nothing_else() -> None:
    session = replace(start_session(load("koehn")), position=9)
    standard = choose_notation(session, load_notation("standard"))
    assert standard.trace is session.trace
    assert standard.position == 9
    assert choose_notation(session, session.notation) is session


@pytest.mark.parametrize("grain", Grain)
def test_a_notation_that_tells_more_steps_finds_the_same_place(grain: Grain) -> None:
    session = replace(start_session(load("koehn")), grain=grain)
    chain_rule = load_notation("koehn-chain-rule")
    for position in range(session.trace.end + 1):
        here = replace(session, position=position)
        there = choose_notation(here, chain_rule)
        if here.step is not None and here.step.grain is not Grain.PASS:
            assert there.trace.is_known(here.step.quantity, there.position) or here.step.grain is Grain.TERM
            current = there.trace.current(Grain.TERM, there.position)
            assert current is not None
            own = here.trace.current(Grain.TERM, position)
            assert own is not None
            assert current.quantity == own.quantity
        assert choose_notation(there, session.notation).position == position


def test_what_only_one_notation_tells_is_left_for_what_both_do() -> None:
    session = start_session(load("koehn"), notation=load_notation("koehn-chain-rule"))
    position = session.trace.find(Quantity(Kind.DZ_DA, 1))
    assert position is not None
    plain = choose_notation(replace(session, position=position), load_notation("koehn"))
    assert plain.step is not None
    assert plain.step.quantity == Quantity(Kind.DB, 1, 0)


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_other_training_keeps_the_place(optimizer: str) -> None:
    session = start_session(load("krzeminski-batch"))
    changed = replace(session.training, optimizer=optimizer, update_after="example")
    for step in session.trace.at(Grain.NEURON):
        moved = choose_training(replace(session, position=step.end), changed)
        assert moved.step is not None
        assert moved.step.quantity == step.quantity
        assert moved.checkpoint.memory.shape == (2 if optimizer == "adam" else 1, len(session.checkpoint.parameters))
        back = choose_training(moved, session.training)
        assert (back.position, back.training) == (step.end, session.training)
    for position in range(session.trace.end + 1):
        moved = choose_training(replace(session, position=position), changed)
        assert 0 <= moved.position <= moved.trace.end


def test_a_pass_gone_back_to_has_the_settings_it_was_made_with() -> None:
    session = next_pass(start_session(load("koehn")))
    changed = choose_training(session, replace(session.training, optimizer="adam"))
    before = previous_pass(changed)
    assert before.training == session.training
    assert np.array_equal(before.record.updated.vector, session.checkpoint.parameters)
    assert next_pass(before).training == changed.training  # the change was made at the present, and waits there


def test_the_rate_alone_keeps_the_memory() -> None:
    session = next_pass(start_session(load("koehn", ['training.optimizer="momentum"'])))
    slow = replace(session.training, rates=replace(session.training.rates, learning_rate=0.1))
    assert np.array_equal(choose_training(session, slow).checkpoint.memory, session.checkpoint.memory)
    assert choose_training(session, slow).record.rule.rates.learning_rate == 0.1


def test_another_example_of_the_batch_is_looked_at_from_the_same_place() -> None:
    session = replace(start_session(load("krzeminski-batch")), position=40)
    other = look_at_example(session, 2)
    assert (other.example, other.record.row, other.position, other.run) == (2, 2, 40, session.run)
    assert other.record.z is session.record.z, "the pass is this one"
    fresh = choose_example(session, 2)
    assert fresh.position == 0
    for at in (0, 40, session.trace.end):
        step = other.trace.current(Grain.NEURON, at)
        assert step == fresh.trace.current(Grain.NEURON, at)
        if step is not None:
            assert value_of(other.record, step.quantity) == value_of(fresh.record, step.quantity)


def test_a_batch_of_which_a_part_is_due_is_found_again_whichever_example_was_looked_at() -> None:
    session = choose(start_session(load("krzeminski-batch")), "update_after", "example")
    session = choose_example(go_to_update(session, 2), 0)
    due = choose(choose_example(session, 2), "update_after", "batch")
    assert due.record.examples == (2, 3), "within the epoch, the rest of it"
    session = choose(session, "update_after", "batch")
    for example in (0, 2, 1, 3):
        looked = look_at_example(session, example)
        assert (looked.example, looked.record.examples) == (example, (0, 1, 2, 3))
        assert next_pass(looked).checkpoint.parameters.tobytes() == looked.record.updated.vector.tobytes()
        again = previous_pass(next_pass(looked))
        assert again.record.examples == (0, 1, 2, 3)
        assert again.record.updated.vector.tobytes() == looked.record.updated.vector.tobytes()
        assert is_changed(look_at_example(looked, 2)) == is_changed(looked)
    settled_on_the_rest = leave_pass(due)
    whole = look_at_example(choose_example(settled_on_the_rest, 0), 2)
    assert is_changed(whole)
    assert not is_changed(settled_on_the_rest)


def test_the_pass_after_a_batch_that_was_not_due_is_the_same_whichever_example_was_looked_at() -> None:
    session = choose(start_session(load("krzeminski-sgd")), "update_after", "example")
    session = choose(choose_example(go_to_update(session, 1), 1), "update_after", 2)
    assert session.record.examples == (1, 2), "what is due after one example"
    earlier = choose_example(session, 0)
    assert earlier.record.examples == (0, 1), "a batch of the epoch, half of which is due"
    for example in (0, 1):
        looked = look_at_example(earlier, example)
        following = next_pass(looked)
        assert looked.record.examples == (0, 1)
        assert (following.checkpoint.position, following.record.examples) == (2, (2, 3))
        replayed = trainer_for(following.run, following.lesson, 1)
        replayed.update()
        assert replayed.checkpoint().position == 2
        assert replayed.parameters.vector.tobytes() == following.checkpoint.parameters.tobytes()


def test_an_example_of_another_batch_is_stepped_from_the_start() -> None:
    session = replace(start_session(load("krzeminski-sgd")), position=12)
    other = look_at_example(session, 2)
    assert (other.example, other.position) == (2, 0)
    with pytest.raises(IndexError):
        look_at_example(session, 9)


def test_a_restart_begins_another_run_with_other_weights() -> None:
    session = next_pass(start_session(load("krzeminski-sgd")))
    other = load("krzeminski-sgd", ["network.init.seed=9"])
    fresh = restart(replace(session, position=7), other)
    assert (fresh.checkpoint.update, fresh.position, fresh.run.end) == (0, 0, 0)
    assert np.array_equal(fresh.record.parameters.vector, other.network.parameters.vector)
    assert previous_pass(next_pass(fresh)).checkpoint is fresh.checkpoint
