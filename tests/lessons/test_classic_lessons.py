"""The classic worked examples: each prints what its page prints, and trains to where the page arrives."""

from __future__ import annotations

import numpy as np
import pytest
from vocabulary import trainer_of

from nnviz.debugger.state.session import start_session
from nnviz.engine.passes import predict
from nnviz.engine.training import train_epochs
from nnviz.formats.verdicts import verdicts
from nnviz.lessons.catalog import load

CLASSICS = ("mazur", "two-step-rnn", "nine-lines")


@pytest.mark.parametrize("name", CLASSICS)
def test_every_printed_figure_is_the_pass(name: str) -> None:
    lesson = load(name)
    found = list(verdicts(lesson))
    assert len(found) == len(lesson.printed) + 2
    assert [verdict.text for verdict in found if verdict.failed] == []
    assert all(verdict.text.endswith(": exact") for verdict in found[: len(lesson.printed)])
    assert "Classic examples" in lesson.topics


def test_the_nine_lines_arrive_at_the_weights_of_the_page() -> None:
    trainer = trainer_of(load("nine-lines"))
    for _ in train_epochs(trainer, 10_000):
        pass
    network = trainer.network()
    assert [f"{weight:.8f}" for weight in network.W[0][:, 0]] == ["9.67299303", "-0.20784350", "-4.62963669"]
    assert f"{predict(network, np.array([[[1.0, 0.0, 0.0]]])).item():.8f}" == "0.99993704"


@pytest.mark.parametrize(
    ("order", "after_one", "outputs"),
    [
        ("simultaneous", "0.291027774", ["0.015913620", "0.984064274"]),
        ("sequential", "0.291027924", ["0.015912196", "0.984065734"]),
    ],
)
def test_mazurs_page_has_figures_of_two_update_orders(order: str, after_one: str, outputs: list[str]) -> None:
    lesson = load("mazur", (f'convention.update="{order}"',))
    assert f"{start_session(lesson, update=1).record.loss.item():.9f}" == after_one
    a = start_session(lesson, update=10_000).record.a[-1]
    assert [f"{each:.9f}" for each in a[0, 0]] == outputs


def test_mazurs_last_error_is_that_of_the_ten_thousandth_pass() -> None:
    losses = [start_session(load("mazur"), update=update).record.loss.item() for update in (9_999, 10_000)]
    assert [f"{loss:.10f}" for loss in losses] == ["0.0000351085", "0.0000351019"]
