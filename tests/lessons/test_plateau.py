"""Krzeminski's question: the weights changed after each example against after the batch, from the same start."""

import pytest

from nnviz.engine.training import Trainer, train_epochs
from nnviz.lessons.catalog import load

# The mean error of an epoch, from 0, with seed 0, recomputed independently from the document's formulas.
SEED_0 = {
    "krzeminski-sgd": {
        0: 0.1583221757153639,
        100: 0.1266536131568952,
        1000: 0.12657584742752628,
        9999: 0.1262259618326062,
    },
    "krzeminski-batch": {
        0: 0.15808948930740957,
        100: 0.12506316079223584,
        1000: 0.12501048996550446,
        9999: 0.0026529776520114513,
    },
}


def test_with_seed_0_only_the_batch_leaves_the_plateau() -> None:
    last = {}
    for name, expected in SEED_0.items():
        lesson = load(name, ["network.init.seed=0"])
        trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
        losses = list(train_epochs(trainer, lesson.training.epochs))
        assert {epoch: losses[epoch] for epoch in expected} == pytest.approx(expected, rel=1e-9)
        last[name] = losses[-1]
    assert last["krzeminski-sgd"] > 0.126  # half the squared error of an output of ½ is 0.125
    assert last["krzeminski-batch"] < 0.003
