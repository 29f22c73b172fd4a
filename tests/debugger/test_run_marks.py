"""The marks of a run: any earlier update comes back bit for bit, and memory stays within its budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.debugger.state.run import Run, add_mark, begin_training, checkpoint_at, needs_mark, segment_at
from nnviz.engine.datasets import make_dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson


def seven_in_threes() -> Lesson:
    architecture = Architecture(2, (Layer(3, "tanh"), Layer(1, "sigmoid")), "half_squared")
    generator = np.random.default_rng(0)
    return replace(
        load("koehn"),
        network=make_network(architecture, generator.standard_normal(13)),
        dataset=make_dataset(generator.standard_normal((7, 2)), generator.random((7, 1))),
        training=TrainingSettings("adam", update_after=3, shuffle=True),
    )


def same_place(one: Checkpoint, other: Checkpoint) -> bool:
    counters = (one.update, one.epoch, one.position, one.epoch_loss)
    return (
        counters == (other.update, other.epoch, other.position, other.epoch_loss)
        and one.parameters.tobytes() == other.parameters.tobytes()
        and one.memory.tobytes() == other.memory.tobytes()
    )


@settings(max_examples=25)
@given(st.integers(1, 120), st.data(), st.sampled_from((0, 8_000, 64_000_000)))
def test_any_earlier_update_is_replayed_bit_for_bit(updates: int, data: st.DataObject, budget: int):
    lesson = seven_in_threes()
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    run = begin_training(lesson, trainer.checkpoint())
    places = [trainer.checkpoint()]
    for _ in range(updates):
        trainer.update()
        places.append(trainer.checkpoint())
        run = add_mark(run, trainer.checkpoint(), budget)
    for wanted in data.draw(st.lists(st.integers(0, updates), min_size=1, max_size=5)):
        assert run.last_segment.nearest(wanted).update <= wanted
        assert same_place(checkpoint_at(run, lesson, wanted), places[wanted])


def numbered(update: int) -> Checkpoint:
    return Checkpoint(np.zeros(100), np.zeros((0, 100)), update=update)  # 800 bytes of parameters, 1000 reckoned


def run_from(update: int) -> Run:
    return begin_training(load("koehn"), numbered(update))


@pytest.mark.parametrize("budget", [10_000, 50_000])
def test_the_budget_is_kept_and_so_is_the_first(budget: int):
    run = run_from(0)
    for update in range(1, 2000):
        run = add_mark(run, numbered(update), budget)
        assert len(run.last_segment.marks) * 1000 <= budget
        assert run.last_segment.nearest(0).update == 0
    assert (len(run.segments), run.first, run.end) == (1, 0, 1999)
    kept = sorted({run.last_segment.nearest(update).update for update in range(2000)})
    assert len(kept) == len(run.last_segment.marks) >= budget // 1000 // 2 - 1  # not thinned more than need be
    gaps = np.diff([*kept, 2000])
    assert gaps.max() <= 2 * gaps[:-1].min()  # spread evenly, so replay is short everywhere


def test_an_unwanted_checkpoint_is_not_kept():
    run = run_from(5)
    for update in (5, 3):
        assert not needs_mark(run, update)
        assert add_mark(run, numbered(update)) is run
    assert len(run.last_segment.marks) == 1
    with pytest.raises(ValueError, match="begins at update 5"):
        segment_at(run, 4)
