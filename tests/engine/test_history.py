"""History: any earlier update comes back bit for bit, and memory stays within its budget."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import make_dataset
from nnviz.engine.history import History
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings


def new_trainer(shuffle: bool = True) -> Trainer:
    architecture = Architecture(2, (Layer(3, "tanh"), Layer(1, "sigmoid")), "half_squared")
    generator = np.random.default_rng(0)
    network = make_network(architecture, generator.standard_normal(13))
    dataset = make_dataset(generator.standard_normal((7, 2)), generator.random((7, 1)))
    return Trainer(network, dataset, TrainingSettings("adam", update_after=3, shuffle=shuffle), Convention())


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
    trainer = new_trainer()
    history = History(trainer.checkpoint(), budget)
    places = [trainer.checkpoint()]
    for _ in range(updates):
        trainer.update()
        places.append(trainer.checkpoint())
        history.note(trainer.checkpoint())
    for wanted in data.draw(st.lists(st.integers(0, updates), min_size=1, max_size=5)):
        assert history.nearest(wanted).update <= wanted
        assert same_place(history.at(wanted, new_trainer()), places[wanted])


def numbered(update: int) -> Checkpoint:
    return Checkpoint(np.zeros(100), np.zeros((0, 100)), update=update)  # 800 bytes of parameters, 1000 reckoned


@pytest.mark.parametrize("budget", [10_000, 50_000])
def test_the_budget_is_kept_and_so_is_the_first(budget: int):
    history = History(numbered(0), budget)
    for update in range(1, 2000):
        history.note(numbered(update))
        assert len(history) * 1000 <= budget
        assert history.nearest(0).update == 0
    kept = sorted({history.nearest(update).update for update in range(2000)})
    assert len(kept) == len(history) >= budget // 1000 // 2 - 1  # not thinned more than need be
    gaps = np.diff([*kept, 2000])
    assert gaps.max() <= 2 * gaps[:-1].min()  # spread evenly, so replay is short everywhere


def test_an_unwanted_checkpoint_is_not_kept():
    history = History(numbered(5))
    for update in (5, 3):
        assert not history.wants(update)
        history.note(numbered(update))
    assert len(history) == 1
    with pytest.raises(ValueError, match="begins at update 5"):
        history.nearest(4)
