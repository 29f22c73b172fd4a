"""Live training in the window, with the real training process: the session ends on the headless trainer's bits."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from vocabulary import assert_same_checkpoint

from nnviz.debugger.commands import step
from nnviz.debugger.state.session import (
    choose_convention,
    choose_example,
    choose_loss,
    restore_lesson_conventions,
    start_session,
)
from nnviz.engine.conventions import Convention
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, accuracy, train_epochs
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.gui.views.training.loss_plot import LossPlot
from nnviz.gui.views.training.training_strip import TrainingStrip
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.palette import load_palette
from nnviz.tracing.values import value_of

PATIENCE = 20_000
LESSONS = ("koehn", "krzeminski-batch")


@dataclass
class Desk:
    """Everything that training touches, with a bot that waits."""

    qtbot: QtBot
    window: QWidget  # the bot keeps no reference that holds
    store: Store
    strip: TrainingStrip
    loss: LossPlot
    boundary: BoundaryPlot
    training: TrainingController

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def train_to(self, epoch: int) -> None:
        self.training.start()
        self.wait(lambda: self.training.runs[0].last_epoch >= epoch)

    def pause(self) -> None:
        self.training.pause()
        self.wait(lambda: not self.training.running)

    @property
    def checkpoint(self) -> Checkpoint:
        return self.store.session.checkpoint

    @property
    def message(self) -> str:
        return self.strip.state.message.replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture
def open_desk(qtbot: QtBot) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def open_one(name: str | Path = "koehn", *overrides: str) -> Desk:
        window = QWidget()
        qtbot.addWidget(window)
        store = Store(start_session(load(name, overrides)))
        strip, loss, boundary = TrainingStrip(window), LossPlot(window), BoundaryPlot(window)
        for view in (strip, loss, boundary):
            view.set_theme(load_palette("light"), 1.0)
        qtbot.addWidget(loss.controls)
        window.show()
        training = TrainingController(store, strip, loss, boundary)
        desks.append(Desk(qtbot, window, store, strip, loss, boundary, training))
        return desks[-1]

    yield open_one
    for desk in desks:
        desk.training.shutdown()


ENDLESS = "training.epochs=1000000000"


def headless(lesson: Lesson, updates: int, settings: TrainingSettings | None = None) -> Checkpoint:
    trainer = Trainer(lesson.network, lesson.dataset, settings or lesson.training, lesson.convention)
    for _ in range(updates):
        trainer.update()
    return trainer.checkpoint()


@pytest.mark.parametrize("name", LESSONS)
def test_a_pause_leaves_the_session_on_the_headless_trainers_bits(open_desk: Callable[..., Desk], name: str):
    desk = open_desk(name, ENDLESS)
    desk.train_to(200)
    desk.pause()
    checkpoint = desk.checkpoint
    assert checkpoint.epoch >= 200
    assert_same_checkpoint(checkpoint, headless(desk.store.session.lesson, checkpoint.update))
    assert desk.strip.state.epoch == checkpoint.epoch
    assert desk.store.session.trace.record.network.parameters.vector.tobytes() == checkpoint.parameters.tobytes()


def test_going_on_after_a_pause_is_the_same_run(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    for epoch in (50, 3000):
        desk.train_to(epoch)
        desk.pause()
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, desk.checkpoint.update))


def test_one_epoch(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    for epoch in (1, 2, 3):
        desk.training.one_epoch()
        desk.wait(lambda epoch=epoch: not desk.training.running and desk.checkpoint.epoch == epoch)
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, 12))
    assert desk.training.runs[0].epochs.tolist() == [1, 2, 3]


def test_the_strip_shows_loss_and_accuracy_before_the_first_epoch(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    assert desk.strip.state.epoch == 0
    assert desk.strip.state.loss is not None
    assert desk.strip.state.accuracy == 1.0
    assert desk.strip.state.rate_symbol == "μ"


def test_the_session_follows_while_training(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn", ENDLESS)
    updates: list[int] = []
    desk.store.changed.connect(lambda session: updates.append(session.checkpoint.update))
    desk.training.start()
    desk.wait(lambda: len(updates) >= 3)
    assert updates == sorted(updates)
    assert desk.strip.state.running
    desk.pause()
    assert not desk.strip.state.running


def test_a_step_during_training_pauses_it_first(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn", ENDLESS)
    desk.train_to(10)
    desk.training.pause_then(lambda: desk.store.apply(step))
    desk.wait(lambda: desk.store.session.position > 0)
    assert not desk.training.running
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, desk.checkpoint.update))


def test_without_training_a_step_is_taken_at_once(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    desk.training.pause_then(lambda: desk.store.apply(step))
    assert desk.store.session.position > 0


def test_the_lessons_epochs_are_the_first_limit(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    desk.training.start()
    desk.wait(lambda: not desk.training.running)
    assert desk.message == "Finished 1 000 epochs"
    assert desk.checkpoint.epoch == 1000
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, 4000))
    desk.train_to(1500)
    assert desk.message == ""
    assert desk.training.running


def test_reset_goes_back_and_keeps_the_curve_as_the_previous_one(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    settings = replace(desk.store.session.training, rates=Rates(0.7))
    desk.store.apply(lambda session: choose_example(session, 2))
    desk.strip.settings_changed.emit(settings)
    desk.train_to(100)
    desk.training.reset()
    session = desk.store.session
    assert not desk.training.running
    assert (session.example, session.training, session.checkpoint.update) == (2, settings, 0)
    assert session.checkpoint.parameters.tobytes() == session.lesson.network.parameters.vector.tobytes()
    present, previous = desk.training.runs
    assert len(present.epochs) == 0
    assert previous.last_epoch >= 100
    assert previous.faint
    assert desk.strip.state.epoch == 0


def test_other_settings_while_running_go_on_from_the_newest_place(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    desk.train_to(100)
    settings = replace(desk.store.session.training, optimizer="adam", rates=Rates(0.01), update_after=2)
    desk.strip.settings_changed.emit(settings)
    assert desk.training.running
    assert desk.store.session.training == settings
    changed = desk.checkpoint
    assert changed.memory.shape[0] == 2
    desk.wait(lambda: desk.training.runs[0].last_epoch > changed.epoch + 100)
    desk.pause()
    assert desk.store.session.training == settings
    lesson = desk.store.session.lesson
    before = headless(lesson, changed.update)
    assert before.parameters.tobytes() == changed.parameters.tobytes()
    trainer = Trainer(lesson.network, lesson.dataset, settings, lesson.convention)
    trainer.restore(changed)
    while trainer.update_count < desk.checkpoint.update:
        trainer.update()
    assert_same_checkpoint(desk.checkpoint, trainer.checkpoint())
    assert (np.diff(desk.training.runs[0].epochs) > 0).all()


def test_other_settings_at_rest_keep_the_step(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    desk.store.apply(step)
    settings = replace(desk.store.session.training, rates=Rates(0.25))
    desk.strip.settings_changed.emit(settings)
    assert desk.store.session.training == settings
    assert desk.store.session.position > 0
    assert not desk.training.running
    assert desk.strip.state.settings == settings


def test_a_trainer_that_dies_loses_nothing_and_is_resumed(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn", ENDLESS)
    desk.train_to(100)
    pid = desk.training.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    desk.wait(lambda: desk.strip.state.resume)
    assert "stopped unexpectedly" in desk.message
    assert not desk.training.running
    kept, reached = desk.checkpoint, desk.training.runs[0].last_epoch
    assert_same_checkpoint(kept, headless(desk.store.session.lesson, kept.update))
    assert reached >= 100
    desk.strip.message.resume.click()
    assert desk.message == ""
    desk.wait(lambda: desk.training.runs[0].last_epoch > reached + 100)
    desk.pause()
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, desk.checkpoint.update))


def test_a_step_that_waits_for_a_trainer_that_dies_is_still_taken(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn", ENDLESS)
    desk.train_to(10)
    pid = desk.training.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    desk.training.pause_then(lambda: desk.store.apply(step))
    os.kill(pid, signal.SIGKILL)
    desk.wait(lambda: desk.store.session.position > 0)


DIVERGING = """
format = 1
title = "Too large a step"
source = "ours"
notation = "standard"
[network]
inputs = 2
loss = "half_squared"
[[network.layers]]
units = 1
activation = "linear"
W = [[1], [2]]
b = [0]
[data]
inputs = [[0, 1], [3, 1]]
targets = [[1], [2]]
example = 0
[training]
learning_rate = 10.0
update_after = "example"
"""


def test_training_stops_on_a_number_that_is_not_finite(open_desk: Callable[..., Desk], tmp_path: Path):
    (tmp_path / "diverging.toml").write_text(DIVERGING)
    desk = open_desk(tmp_path / "diverging.toml")
    desk.training.start()
    desk.wait(lambda: not desk.training.running)
    assert desk.message.startswith("Stopped: update ")
    assert desk.message.endswith("is not finite.")
    assert desk.strip.state.problem
    # The session stands in the pass that made it, on its first NaN or infinity.
    assert desk.checkpoint.update == desk.training.client.checkpoint.update - 1
    assert np.isfinite(desk.checkpoint.parameters).all()
    session = desk.store.session
    assert not np.isfinite(value_of(session.record, session.step.quantity))
    assert np.isfinite(value_of(session.record, session.trace.at(session.grain)[session.step.index - 1].quantity))
    assert not desk.boundary.grab().isNull()


def test_another_lesson_stops_the_run_and_clears_the_curve(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn", ENDLESS)
    desk.train_to(100)
    other = start_session(load("from-scratch"))
    desk.training.lesson_opened(other)
    desk.store.replace(other)
    assert not desk.training.running
    assert [len(run.epochs) for run in desk.training.runs] == [0]
    assert desk.strip.state.epoch == 0
    desk.store.replace(start_session(load("koehn")))  # found out without being told
    assert [len(run.epochs) > 0 for run in desk.training.runs] == [False, True], "koehn's own run is still there"
    desk.training.one_epoch()
    desk.wait(lambda: desk.checkpoint.epoch == 1)


def test_a_click_on_the_curve_goes_to_that_epoch(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    desk.train_to(2000)
    desk.loss.epoch_clicked.emit(777)
    desk.wait(lambda: desk.checkpoint.epoch == 777)
    assert not desk.training.running
    lesson = desk.store.session.lesson
    assert_same_checkpoint(desk.checkpoint, headless(lesson, 777))
    assert desk.strip.state.epoch == 777
    desk.training.start()  # a branch: what was beyond is the previous run's
    assert len(desk.training.runs) == 2
    desk.wait(lambda: desk.training.runs[0].last_epoch > 800)
    desk.pause()
    assert_same_checkpoint(desk.checkpoint, headless(lesson, desk.checkpoint.update))


def test_the_epochs_of_an_earlier_stretch_are_found_again(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-sgd", ENDLESS)
    desk.train_to(300)
    first = desk.store.session.training
    desk.strip.settings_changed.emit(replace(first, rates=Rates(0.9), update_after=3))
    branched = desk.checkpoint.epoch
    desk.wait(lambda: desk.training.runs[0].last_epoch > branched + 300)
    desk.pause()
    end = desk.checkpoint
    desk.training.go_to_epoch(100)
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, 400))
    assert desk.store.session.training == first
    desk.training.go_to_epoch(branched + 150)
    assert desk.checkpoint.epoch == branched + 150
    assert desk.checkpoint.position == 0
    assert desk.checkpoint.update < end.update


def test_the_state_is_told(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn", ENDLESS)
    states: list[str] = []
    desk.training.state_changed.connect(states.append)
    desk.training.toggle()
    desk.wait(lambda: desk.training.client.last is not None)
    desk.training.toggle()
    desk.wait(lambda: not desk.training.running)
    assert states == ["running", "paused"]


def test_another_lesson_keeps_the_runs_that_can_be_compared(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-sgd", ENDLESS)
    desk.train_to(100)
    for name, count in (("krzeminski-batch", 2), ("softmax", 1), ("krzeminski-sgd", 2)):
        other = start_session(load(name))
        desk.training.lesson_opened(other)
        desk.store.replace(other)
        assert len(desk.training.runs) == count
    assert desk.training.runs[1].last_epoch >= 100


def test_comparing_trains_the_same_start_for_as_many_epochs(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-sgd", ENDLESS)
    desk.train_to(100)
    lesson, first = desk.store.session.lesson, desk.store.session.training
    desk.training.compare(replace(first, update_after="batch"))  # while it runs
    desk.wait(lambda: len(desk.training.runs) == 2 and not desk.training.running)
    present, kept = desk.training.runs
    assert (present.name, kept.name) == ("batch", "after each example")
    assert present.last_epoch == kept.last_epoch >= 100
    assert present.series != kept.series
    for run, settings in ((present, replace(first, update_after="batch")), (kept, first)):
        losses = list(train_epochs(Trainer(lesson.network, lesson.dataset, settings, lesson.convention), 100))
        assert run.losses[:100].tolist() == losses
    assert desk.store.session.training.update_after == "batch"


def test_comparing_before_any_training_trains_both(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", "training.epochs=300")
    desk.training.compare(replace(desk.store.session.training, rates=Rates(0.5)))
    desk.wait(lambda: len(desk.training.runs) == 2 and not desk.training.running)
    assert [(run.name, run.last_epoch) for run in desk.training.runs] == [("rate 0.5", 300), ("batch", 300)]


def test_a_pause_ends_what_was_to_be_compared(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    desk.training.compare(replace(desk.store.session.training, rates=Rates(0.5)))
    desk.wait(lambda: desk.training.runs[0].last_epoch > 10)
    desk.pause()
    assert len(desk.training.runs) == 1
    desk.train_to(desk.training.runs[0].last_epoch + 10)
    desk.pause()
    assert len(desk.training.runs) == 1


def test_the_same_run_again_does_not_fill_the_plot(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", "training.epochs=200")
    for _ in range(3):
        desk.training.start()
        desk.wait(lambda: desk.message == "Finished 200 epochs")
        desk.training.reset()
    assert [run.last_epoch for run in desk.training.runs] == [0, 200]


def test_a_run_that_must_go_is_told(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", "training.epochs=20")
    first = desk.store.session.training
    for rate in range(1, 9):
        desk.strip.settings_changed.emit(replace(first, rates=Rates(rate / 4)))
        desk.training.start()
        desk.wait(lambda: desk.message == "Finished 20 epochs")
        desk.training.reset()
    assert desk.message == "The plot holds at most 8 runs. Removed: “batch”."
    assert len(desk.training.runs) == 8


def test_the_legends_wishes_are_done(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-sgd", ENDLESS)
    desk.train_to(50)
    desk.training.compare(replace(desk.store.session.training, update_after="batch"))
    desk.wait(lambda: len(desk.training.runs) == 2 and not desk.training.running)
    present, kept = desk.training.runs
    desk.loss.legend.renamed.emit(kept.number, "the slow one")
    desk.loss.legend.shown_changed.emit(present.number, False)
    assert [(run.name, run.shown) for run in desk.training.runs] == [("batch", False), ("the slow one", True)]
    desk.loss.legend.removed.emit(kept.number)
    assert [run.name for run in desk.training.runs] == ["batch"]
    desk.loss.menu.cleared.emit()
    assert len(desk.training.runs) == 1


def test_the_menu_offers_what_is_not_so(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    desk.loss.menu.aboutToShow.emit()
    entries = {action.text(): action for action in desk.loss.menu.actions() if action.text()}
    assert "Batch size 4 (all)" in entries
    assert "Batch size 1" not in entries
    assert not entries["Other initial weights…"].isEnabled()
    assert entries["Other initial weights…"].toolTip() == "This lesson gives all its weights; none are random"
    assert not entries["Remove all other runs"].isEnabled()
    entries["Batch size 4 (all)"].trigger()
    desk.wait(lambda: len(desk.training.runs) == 2 and not desk.training.running)
    assert [run.name for run in desk.training.runs] == ["batch", "after each example"]
    desk.loss.menu.aboutToShow.emit()
    assert "Batch size 1" in [action.text() for action in desk.loss.menu.actions()]


def test_the_reward_is_told_where_the_document_climbs_one(open_desk: Callable[..., Desk]):
    desk = open_desk("softmax", "training.epochs=40")
    assert desk.strip.loss.text.startswith("−2")
    desk.training.start()
    desk.wait(lambda: desk.message == "Finished 40 epochs")
    lesson = desk.store.session.lesson
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    rates = [accuracy(trainer.network(), lesson.dataset)]
    for _ in range(40):
        loss = trainer.run_epoch()
        rates.append(accuracy(trainer.network(), lesson.dataset))
    assert desk.strip.state.reward == -loss * 1500
    assert desk.strip.state.accuracy == rates[-1]
    assert desk.loss.measure == "reward"
    run = desk.training.runs[0]
    assert run.examples == 1500
    assert run.rated[0] == 0, "how often it is measured behind the start depends on the machine"
    assert run.rates.tolist() == [rates[epoch] for epoch in run.rated]
    assert desk.store.session.lesson.training.epochs == 40


def counted_otherwise(lesson: Lesson, start: Checkpoint, updates: int, convention: Convention, loss: str) -> Checkpoint:
    """A headless run from a checkpoint, under another convention and loss."""
    network = replace(lesson.network, architecture=replace(lesson.network.architecture, loss=loss))
    trainer = Trainer(network, lesson.dataset, lesson.training, convention)
    trainer.restore(start)
    while trainer.update_count < updates:
        trainer.update()
    return trainer.checkpoint()


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        ({"slope": "derivative_of_a"}, "half_squared"),
        ({"update": "sequential", "frozen": ("b1",)}, "squared"),
        ({}, "binary_cross_entropy"),
    ],
)
def test_a_run_under_a_chosen_convention_is_the_headless_trainers(
    open_desk: Callable[..., Desk], changes: dict[str, object], loss: str
):
    desk = open_desk("krzeminski-batch", ENDLESS)
    convention = replace(desk.store.session.convention, **changes)
    desk.store.apply(lambda session: choose_loss(choose_convention(session, convention), loss))
    start = desk.checkpoint
    desk.train_to(200)
    desk.pause()
    lesson = desk.store.session.lesson
    assert_same_checkpoint(desk.checkpoint, counted_otherwise(lesson, start, desk.checkpoint.update, convention, loss))
    assert desk.store.session.convention == convention
    assert desk.store.session.loss == loss


def test_a_convention_chosen_at_rest_makes_the_run_go_on_as_another(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-sgd", ENDLESS)
    desk.train_to(100)
    desk.pause()
    turned = desk.checkpoint
    lesson = desk.store.session.lesson
    convention = replace(lesson.convention, frozen=("W1",))
    desk.store.apply(lambda session: choose_convention(session, convention))
    assert desk.checkpoint is turned, "the weights stay"
    desk.train_to(turned.epoch + 100)
    desk.pause()
    end = desk.checkpoint
    assert_same_checkpoint(end, counted_otherwise(lesson, turned, end.update, convention, "half_squared"))
    held = lesson.network.with_vector(end.parameters).W[0]
    assert held.tobytes() == lesson.network.with_vector(turned.parameters).W[0].tobytes()
    desk.training.go_to_epoch(turned.epoch + 50)  # of the second stretch, counted its way
    again = desk.checkpoint
    assert_same_checkpoint(again, counted_otherwise(lesson, turned, again.update, convention, "half_squared"))
    assert desk.store.session.convention == convention
    desk.training.go_to_epoch(50)  # and of the first
    assert_same_checkpoint(desk.checkpoint, headless(lesson, 200))
    assert desk.store.session.convention == lesson.convention


def test_a_convention_chosen_while_running_is_trained_from_then_on(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    desk.train_to(100)
    desk.store.apply(lambda session: choose_loss(session, "squared"))
    turned = desk.checkpoint
    desk.wait(lambda: desk.training.runs[0].last_epoch > turned.epoch + 100)
    desk.pause()
    session = desk.store.session
    end = counted_otherwise(session.lesson, turned, desk.checkpoint.update, session.convention, "squared")
    assert_same_checkpoint(desk.checkpoint, end)


def test_what_is_only_told_otherwise_leaves_a_run_alone(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    desk.train_to(100)
    told = replace(desk.store.session.convention, delta="descent", weights="units_first")
    desk.store.apply(lambda session: choose_convention(session, told))
    assert desk.training.running
    desk.train_to(200)
    desk.pause()
    assert desk.store.session.convention == told
    assert_same_checkpoint(desk.checkpoint, headless(desk.store.session.lesson, desk.checkpoint.update))


def test_the_readout_counts_by_the_chosen_loss(open_desk: Callable[..., Desk]):
    desk = open_desk("koehn")
    half = desk.strip.state.loss
    assert half is not None
    desk.store.apply(lambda session: choose_loss(session, "squared"))
    assert desk.strip.state.loss == pytest.approx(2 * half)
    desk.store.apply(restore_lesson_conventions)
    assert desk.strip.state.loss == half


def test_runs_are_kept_beside_one_another_only_where_one_loss_counts_them(open_desk: Callable[..., Desk]):
    desk = open_desk("krzeminski-batch", ENDLESS)
    desk.train_to(20)
    desk.training.reset()
    desk.store.apply(lambda session: choose_convention(session, replace(session.convention, frozen=("b1",))))
    desk.training.reset()
    desk.train_to(20)
    desk.pause()
    assert len(desk.training.runs) == 2
    assert any("b1 frozen" in run.name for run in desk.training.runs)
    desk.store.apply(lambda session: choose_loss(session, "squared"))
    desk.training.reset()
    assert all(len(run.epochs) == 0 for run in desk.training.runs), "another loss has other curves"
