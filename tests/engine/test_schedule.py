"""The schedule: an epoch's batches are all its examples in order, and each update begins where the one before ended."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine.schedule import Schedule
from nnviz.engine.training import TrainingSettings

EPOCHS = st.integers(0, 5)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    examples = draw(st.integers(1, 40))
    return Schedule(
        examples=examples,
        batch=draw(st.integers(1, examples)),
        seed=draw(st.integers(0, 3)),
        shuffle=draw(st.booleans()),
    )


def listed(schedule: Schedule, epoch: int) -> list[int]:
    """The order of an epoch, drawn here."""
    if not schedule.shuffle:
        return list(range(schedule.examples))
    return [int(i) for i in np.random.default_rng([schedule.seed, epoch]).permutation(schedule.examples)]


def batches(schedule: Schedule, epoch: int, position: int = 0) -> dict[int, tuple[int, ...]]:
    """The batches of an epoch from a position on, by their positions, dealt out one example at a time."""
    dealt: dict[int, tuple[int, ...]] = {}
    here = position
    for at, example in enumerate(listed(schedule, epoch)):
        if at < position:
            continue
        if len(dealt.get(here, ())) == schedule.batch:
            here = at
        dealt[here] = (*dealt.get(here, ()), example)
    return dealt


@given(schedules(), EPOCHS)
def test_an_epoch_presents_every_example_once(schedule: Schedule, epoch: int):
    order = schedule.order(epoch)
    assert sorted(order) == list(range(schedule.examples))
    assert list(order) == listed(schedule, epoch)
    permutation = schedule.permutation(epoch)
    assert (permutation is None) == (not schedule.shuffle)
    assert permutation is None or tuple(permutation.tolist()) == order


@given(schedules(), EPOCHS)
def test_the_batches_of_an_epoch_are_its_order_cut_into_parts(schedule: Schedule, epoch: int):
    dealt = batches(schedule, epoch)
    found = {position: schedule.batch_at(epoch, position) for position in dealt}
    assert found == dealt
    assert tuple(itertools.chain(*found.values())) == schedule.order(epoch)
    sizes = [len(batch) for batch in found.values()]
    assert set(sizes[:-1]) <= {schedule.batch}
    assert 1 <= sizes[-1] <= schedule.batch


@given(schedules(), EPOCHS, st.data())
def test_from_any_position_each_batch_follows_once_and_then_the_next_epoch(
    schedule: Schedule, epoch: int, data: st.DataObject
):
    position = data.draw(st.integers(0, schedule.examples - 1))
    expected = [(epoch, start, batch) for start, batch in batches(schedule, epoch, position).items()]
    expected += [(epoch + 1, start, batch) for start, batch in batches(schedule, epoch + 1).items()]
    assert schedule.updates_from(position) == len(batches(schedule, epoch, position))
    assert schedule.updates_from(0) == len(batches(schedule, epoch))
    here = epoch, position
    for at, start, batch in expected:
        assert here == (at, start)
        assert schedule.batch_at(*here) == batch
        here = schedule.after(*here)
    assert here == (epoch + 2, 0)


@given(schedules(), EPOCHS, st.data())
def test_the_batch_with_an_example_is_the_one_at_hand_or_the_epochs_own(
    schedule: Schedule, epoch: int, data: st.DataObject
):
    position = data.draw(st.integers(0, schedule.examples - 1))
    at_hand = batches(schedule, epoch, position)[position]
    for start, batch in batches(schedule, epoch).items():
        for example in batch:
            assert schedule.start_of(epoch, example) == start
            begins, expected = (position, at_hand) if example in at_hand else (start, batch)
            assert schedule.start_with(epoch, position, example) == begins
            assert schedule.batch_with(epoch, position, example) == expected


@pytest.mark.parametrize(
    ("update_after", "batch"), [("example", 1), ("batch", 10), (3, 3), (64, 10)], ids=lambda value: str(value)
)
def test_the_schedule_of_settings_has_their_batch_size_seed_and_order(update_after: str | int, batch: int):
    settings = TrainingSettings(update_after=update_after, seed=4, shuffle=True)
    assert settings.schedule(10) == Schedule(examples=10, batch=batch, seed=4, shuffle=True)
    assert TrainingSettings(update_after=update_after).schedule(10) == Schedule(examples=10, batch=batch)


def test_an_epoch_of_seven_in_threes():
    schedule = Schedule(examples=7, batch=3)
    assert [schedule.batch_at(0, start) for start in (0, 3, 6)] == [(0, 1, 2), (3, 4, 5), (6,)]
    assert [schedule.after(2, start) for start in (0, 3, 6)] == [(2, 3), (2, 6), (3, 0)]
    assert [schedule.after(2, start) for start in (1, 4, 5)] == [(2, 4), (3, 0), (3, 0)]
    assert [schedule.updates_from(start) for start in range(8)] == [3, 2, 2, 2, 1, 1, 1, 0]
    assert (schedule.start_of(0, 4), schedule.batch_with(0, 1, 2), schedule.batch_with(0, 1, 4)) == (
        3,
        (1, 2, 3),
        (3, 4, 5),
    )
