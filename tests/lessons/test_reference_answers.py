"""What the xor networks answer after an update and after a run, and with what the recurrent network begins."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.debugger.state.session import start_session
from nnviz.engine.passes import predict
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load

# Computed by an independent program from the documents' formulas.
KOEHN = [
    0.178067202648889,
    0.7782859631859921,
    0.7807070078422025,
    0.25288072988545623,
]  # y of each xor row after one update on it

XOR = [
    ("krzeminski-sgd", 0, [0.5048233965198431, 0.49759083680261507, 0.5023266387671903, 0.4950197718145672]),
    ("krzeminski-batch", 0, [0.07176706392806419, 0.9274119492691919, 0.9308402219929519, 0.07755095492149117]),
    ("krzeminski-sgd", 1, [0.04564930115398177, 0.946626380188829, 0.9292675073837718, 0.08489168982166927]),
    ("krzeminski-batch", 1, [0.04466979693182527, 0.9546497562912272, 0.9292145876739785, 0.08101567428333775]),
]  # the four outputs after 10000 epochs

RECURRENT = {
    "W": [
        [[0.0976270078546495, 0.43037873274483895, 0.20552675214328775]],
        [[0.08976636599379373], [-0.15269040132219058], [0.29178822613331223]],
    ],
    "b": [[-0.12482557747461498, 0.7835460015641595, 0.9273255210020586], [-0.2331169623484446]],
    "W_h": [
        [
            [0.5834500761653292, 0.05778983950580896, 0.13608912218786462],
            [0.8511932765853221, -0.8579278836042261, -0.8257414005969186],
            [-0.9595632051193486, 0.665239691095876, 0.556313501899701],
        ]
    ],
    "b_h": [[0.7400242964936383, 0.957236684465528, 0.5983171284334472]],
}


@pytest.mark.parametrize(("example", "y"), list(enumerate(KOEHN)))
def test_koehn_answers_better_after_one_update(example: int, y: float) -> None:
    session = start_session(load("koehn"), example=example)
    moved = session.record.network.with_vector(session.record.updated.vector)
    answers = predict(moved, session.lesson.dataset.inputs)[0, :, 0]
    assert answers[example] == pytest.approx(y, abs=1e-12)


@pytest.mark.parametrize(("name", "seed", "outputs"), XOR)
def test_the_answers_after_a_run(name: str, seed: int, outputs: list[float]) -> None:
    lesson = load(name, (f"network.init.seed={seed}",))
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(10000):
        trainer.run_epoch()
    answers = predict(trainer.network(), lesson.dataset.inputs)[0, :, 0]
    np.testing.assert_allclose(answers, outputs, rtol=1e-7)


def test_the_recurrent_network_is_drawn_as_the_document_draws() -> None:
    parameters = load("krzeminski-rnn").network.parameters
    for name, layers in RECURRENT.items():
        for layer, values in enumerate(layers):
            assert parameters.part(name, layer).tolist() == values
