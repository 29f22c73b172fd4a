"""Each effect of the transitions of training is carried out by the window, and each notice has its words."""

from collections.abc import Iterator
from typing import get_args

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nnviz.debugger.state.session import start_session
from nnviz.debugger.training import events
from nnviz.debugger.training.effects import TrainingEffect
from nnviz.debugger.training.training_state import (
    BeyondRunNotice,
    DiedNotice,
    FailedNotice,
    FinishedNotice,
    Notice,
    PlotNotice,
    TrainingPhase,
)
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController, message_of
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.gui.views.training.loss_plot import LossPlot
from nnviz.gui.views.training.training_strip import TrainingStrip
from nnviz.lessons.catalog import load

# The message in the strip, whether it is a problem, and whether it offers to resume.
SHOWN: dict[Notice, tuple[str, bool, bool]] = {
    FinishedNotice(1000): ("Finished 1 000 epochs", False, False),
    FailedNotice("update 3 (epoch 1): z is not finite"): (
        "Stopped: update 3 (epoch 1): z is not finite.",
        True,
        False,
    ),
    DiedNotice("The trainer stopped unexpectedly."): ("The trainer stopped unexpectedly.", True, True),
    BeyondRunNotice(1200, 5000): ("The run has reached update 1 200. Epoch 5 000 is not part of it.", False, False),
    PlotNotice("The plot holds 8 runs."): ("The plot holds 8 runs.", False, False),
}


@pytest.fixture
def training(qtbot: QtBot) -> Iterator[TrainingController]:
    window = QWidget()
    qtbot.addWidget(window)
    strip, loss, boundary = TrainingStrip(window), LossPlot(window), BoundaryPlot(window)
    qtbot.addWidget(loss.controls)
    controller = TrainingController(Store(start_session(load("koehn"))), strip, loss, boundary)
    yield controller
    controller.shutdown()


def test_every_effect_is_carried_out(training: TrainingController) -> None:
    assert set(training._make_carriers()) == set(get_args(TrainingEffect))


def test_every_notice_has_its_words() -> None:
    assert {type(notice) for notice in SHOWN} == set(get_args(Notice))
    for notice, shown in SHOWN.items():
        state = message_of(notice)
        assert (state.message.replace("\N{NARROW NO-BREAK SPACE}", " "), state.problem, state.resume) == shown
    assert message_of(None).message == ""


def test_a_late_snapshot_does_not_move_the_session(training: TrainingController, qtbot: QtBot) -> None:
    arrived: list[object] = []
    training.client.snapshot.connect(arrived.append)
    training.one_epoch()
    qtbot.waitUntil(lambda: training.state.phase is TrainingPhase.PAUSED and len(arrived) > 1, timeout=20_000)
    assert training.state.newest is training.client.checkpoint
    training.reset()
    before = training.state
    training._handle(events.SnapshotArrived(arrived[-1], "idle", is_due=True))
    assert training.state is before
    assert training.state.phase is TrainingPhase.IDLE
