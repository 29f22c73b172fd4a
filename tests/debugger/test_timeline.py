"""Time travel: every update and epoch of a run is found again bit for bit, whatever the learner changed on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.debugger.commands import last, next_example, step
from nnviz.debugger.state import run as runs
from nnviz.debugger.state.session import (
    Session,
    choose_convention,
    choose_example,
    choose_loss,
    choose_training,
    is_changed,
    next_pass,
    previous_pass,
    start_session,
)
from nnviz.debugger.timeline import (
    Progress,
    follow_training,
    go_to_epoch,
    go_to_update,
    in_past,
    next_epoch,
    next_update,
    previous_epoch,
    previous_update,
    to_present,
    travel_to_update,
)
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load

CHANGES = ("", "", "", "rate", "adam", "batch", "three", "example", "shuffle", "loss", "frozen")


def changed(session: Session, change: str) -> Session:
    training = session.training
    if change == "example":
        return next_example(session)
    if change == "loss":
        return choose_loss(session, "squared" if session.loss == "half_squared" else "half_squared")
    if change == "frozen":
        return choose_convention(session, replace(session.convention, frozen=("b1",)))
    values = {
        "": {},
        "rate": {"rates": replace(training.rates, learning_rate=training.rates.learning_rate / 2)},
        "adam": {"optimizer": "adam" if training.optimizer == "sgd" else "sgd"},
        "batch": {"update_after": "batch"},
        "three": {"update_after": 3},
        "shuffle": {"shuffle": not training.shuffle},
    }
    return choose_training(session, replace(training, **values[change]))


def bits(session: Session) -> tuple[object, ...]:
    """Everything that a pass is computed from and with, and what it gives."""
    here, record = session.checkpoint, session.record
    arrays = (here.parameters, here.memory, record.updated.vector, record.memory_after, record.gradients.vector)
    counters = (here.update, here.epoch, here.position, here.epoch_loss, session.example, record.examples)
    return (*counters, *(array.tobytes() for array in arrays), session.training, session.convention, session.loss)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=40), st.data(), st.sampled_from([4, 16, 1024]))
def test_every_pass_of_a_run_is_found_again(changes: list[str], data: st.DataObject, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "MOST_MARKS", most)
        session = start_session(load("krzeminski-sgd"))
        passes = {}
        for change in changes:
            session = changed(session, change)
            passes[session.checkpoint.update] = bits(session)
            session = next_pass(session)
        first = session.run.first
        assert first == 0 or most < 1024  # what the budget has no room for is forgotten, the oldest first
        for update in data.draw(st.lists(st.integers(first, len(changes) - 1), min_size=1, max_size=8)):
            session = go_to_update(session, update)
            assert bits(session) == passes[update]
            assert in_past(session)
            assert not is_changed(session)
            assert session.position == 0
        present = to_present(session)
        assert not in_past(present)
        assert present.checkpoint.update == len(changes)


def test_walking_back_and_forth_gives_each_pass_again() -> None:
    session = start_session(load("koehn"))
    passes = [bits(session)]
    for change in ("", "rate", "", "example", "adam", "three", ""):
        session = changed(session, change)
        passes[-1] = bits(session)
        session = next_pass(session)
        passes.append(bits(session))
    for expected in reversed(passes):
        assert bits(session) == expected
        session = previous_pass(session)
    for expected in passes:
        assert bits(session) == expected
        session = next_pass(last(session)) if in_past(session) else session


def test_the_present_is_where_it_was_left() -> None:
    session = replace(next_pass(next_pass(start_session(load("koehn")))), position=9)
    slow = choose_training(session, replace(session.training, rates=replace(session.training.rates, learning_rate=0.1)))
    back = previous_pass(slow)
    assert back.training == session.training
    there = to_present(go_to_update(back, 0))
    assert (there.checkpoint.update, there.position, there.training) == (2, 9, slow.training)
    assert to_present(there) is there


def test_going_on_from_a_change_in_the_past_forgets_what_lay_ahead() -> None:
    session = go_to_update(start_session(load("koehn")), 50)
    there = go_to_update(session, 20)
    looked = previous_pass(choose_example(there, 0))
    assert looked.run.end == 50  # only looked at
    other = choose_training(there, replace(there.training, optimizer="adam"))
    assert is_changed(other)
    assert in_past(other)
    assert next_pass(other).run.end == 21
    assert next_update(other).run.end == 21
    assert bits(go_to_update(next_pass(other), 19)) == bits(go_to_update(session, 19))


@pytest.mark.parametrize("after", ["example", "batch", 3])
def test_updates_and_epochs_are_those_of_the_trainer(after: str | int) -> None:
    lesson = load("krzeminski-sgd", [f"training.update_after={after!r}".replace("'", '"'), "training.shuffle=true"])
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    order = np.random.default_rng([lesson.training.seed, 0]).permutation(4)
    session = start_session(lesson, example=int(order[0]))
    starts = [0]
    for _ in range(30):
        trainer.run_epoch()
        starts.append(trainer.update_count)
    session = go_to_epoch(session, 30)
    assert session.checkpoint.update == starts[30]
    assert session.checkpoint.parameters.tobytes() == trainer.checkpoint().parameters.tobytes()
    for epoch in (29, 7, 0, 30, 1):
        session = go_to_epoch(session, epoch)
        here = session.checkpoint
        assert (here.update, here.epoch, here.position) == (starts[epoch], epoch, 0)
    session = next_epoch(next_epoch(session))
    assert session.checkpoint.epoch == 3
    assert previous_epoch(session).checkpoint.epoch == 2
    inside = step(next_update(session)) if after != "batch" else step(session)
    assert previous_epoch(inside).checkpoint.update == starts[inside.checkpoint.epoch]
    assert previous_update(inside).checkpoint.update == inside.checkpoint.update
    assert previous_update(previous_update(inside)).checkpoint.update == inside.checkpoint.update - 1
    assert previous_update(go_to_update(session, 0)).checkpoint.update == 0
    assert previous_epoch(go_to_update(session, 0)).checkpoint.update == 0


def test_a_run_trained_elsewhere_is_taken_over() -> None:
    lesson = load("krzeminski-sgd")
    session = next_pass(start_session(lesson))
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    trainer.restore(session.checkpoint)
    seen = {}
    for _ in range(5):
        for _ in range(37):
            trainer.update()
        seen[trainer.update_count] = trainer.checkpoint()
        session = follow_training(session, seen[trainer.update_count])
        assert not in_past(session)
    for update, checkpoint in seen.items():
        there = go_to_update(session, update)
        assert there.checkpoint.parameters.tobytes() == checkpoint.parameters.tobytes()
    straight = go_to_update(start_session(lesson), 100)
    assert bits(go_to_update(session, 100)) == bits(straight)


def test_a_long_way_can_be_stopped() -> None:
    asked = []

    def should_stop() -> bool:
        asked.append(None)
        return len(asked) == 3

    way = travel_to_update(start_session(load("koehn")), 100_000, should_stop)
    told: list[Progress] = []
    try:
        while True:
            told.append(next(way))
    except StopIteration as done:
        session = done.value
    assert [progress.goal for progress in told] == [100_000] * 3
    assert session.checkpoint.update == told[-1].update < 100_000
    assert session.run.end == session.checkpoint.update


def test_marks_stay_within_the_budget() -> None:
    session = go_to_update(start_session(load("koehn")), 20_000)
    assert sum(len(stretch.marks) for stretch in session.run.segments) <= runs.MOST_MARKS
    gaps = np.diff([mark.update for mark in session.run.last_segment.marks])
    assert gaps.max() <= 2 * runs.MOST_MARKS // 16
    assert session.run.first == 0


def test_an_epoch_ahead_is_counted_with_the_settings_chosen_in_the_past() -> None:
    session = go_to_update(go_to_epoch(start_session(load("krzeminski-sgd")), 10), 0)
    batch = choose_training(session, replace(session.training, update_after="batch"))
    there = go_to_epoch(batch, 10)
    assert (there.checkpoint.epoch, there.checkpoint.update) == (10, 10)
    assert go_to_epoch(session, 10).checkpoint.update == 40  # with the run's own settings it is the same run
