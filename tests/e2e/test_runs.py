"""Runs beside one another in the real window: Krzeminski's two ways of updating from the weights of one seed."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from nnviz.debugger.training.headless import train_run
from nnviz.engine.training import Trainer, train_epochs
from nnviz.formats.runs.run_json import run_text
from nnviz.gui.dialogs.seed_dialog import SeedDialog
from nnviz.lessons.catalog import load
from nnviz.present.runs.curve import LossRun
from nnviz.sessions.save import read_session
from tests.e2e.conftest import Opener, Window, click_entry

EPOCHS = 600
TITLES = {"krzeminski-sgd": "XOR, stochastic gradient descent", "krzeminski-batch": "XOR, batch gradient descent"}


def set_seed(window: Window, seed: int, *keys: str) -> None:
    """Open the dialog with the keyboard, type a seed, press Enter."""

    def fill(dialog: SeedDialog) -> None:
        QTest.keyClicks(dialog.field, str(seed))
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    window.during(QApplication.activeModalWidget, fill, lambda: window.press(*(keys or ("Ctrl+Shift+R",))))


def test_the_seed_is_asked_for_when_training_has_been_told_to_have_paused(open_window: Opener) -> None:
    window = open_window("softmax-deep")
    states: list[str] = []
    window.controller.training.state_changed.connect(states.append)
    window.press("T")
    window.wait(lambda: window.controller.training.running)
    told: list[list[str]] = []

    def look(dialog: SeedDialog) -> None:
        told.append(list(states))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    window.during(QApplication.activeModalWidget, look, lambda: window.press("Ctrl+Shift+R"))
    assert told == [["running", "paused"]]


def train(window: Window, epochs: int) -> None:
    """Train for some epochs at least, with the key, and pause with it."""
    window.press("T")
    window.wait(lambda: runs(window)[0].last_epoch >= epochs)
    window.press("T")
    window.wait(lambda: not window.controller.training.running)


def runs(window: Window) -> tuple[LossRun, ...]:
    return window.controller.training.runs


def assert_headless(run: LossRun, name: str, seed: int) -> None:
    """The losses of a run are those of the trainer without a window, to the last bit."""
    lesson = load(name, [f"network.init.seed={seed}"])
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    losses = list(train_epochs(trainer, run.last_epoch))
    assert run.losses.tolist() == [losses[epoch - 1] for epoch in run.epochs]


def test_both_ways_of_updating_on_one_plot(open_window: Opener) -> None:
    window = open_window("krzeminski-sgd")
    for name, title in TITLES.items():
        if window.session.lesson.name != name:
            window.choose("lesson", title)
        set_seed(window, 0)
        assert window.session.lesson.name == name
        assert window.session.lesson.initializer.seed == 0
        train(window, EPOCHS)
    present, kept = runs(window)
    assert (kept.name, present.name) == ("after each example", "batch")
    assert_headless(kept, "krzeminski-sgd", 0)
    assert_headless(present, "krzeminski-batch", 0)

    plot = window.main.loss
    window.wait(lambda: len(plot.legend.rows) == 2)
    palette = window.controller.theme.palette
    assert present.series != kept.series
    assert {palette.series[run.series] for run in (present, kept)} <= window.colors(plot)
    assert [row.run.name for row in plot.legend.rows.values()] == ["after each example", "batch"]
    window.settle()  # the legend takes room from the plot
    both = min(present.last_epoch, kept.last_epoch) // 2  # a pixel may be many epochs of the longer one
    place = plot.view.point_of(both, float(present.losses[present.epochs >= both][0])).toPoint()
    QTest.mouseMove(plot.view.viewport(), place - QPoint(4, 0))
    with window.qtbot.waitSignal(plot.view.epoch_hovered) as hovered:
        QTest.mouseMove(plot.view.viewport(), place)
    there = [run.losses[run.epochs >= hovered.args[0]][0] for run in (kept, present)]
    assert [row.value for row in plot.legend.rows.values()] == [f"{loss:.5f}" for loss in there]

    window.click(plot.legend.rows[kept.number].cross)
    assert [run.name for run in runs(window)] == ["batch"]


def test_one_seed_beside_another(open_window: Opener) -> None:
    window = open_window("krzeminski-batch")
    train(window, 100)
    reached = runs(window)[0].last_epoch
    menu = window.main.loss.menu
    menu.aboutToShow.emit()
    other = next(action for action in menu.actions() if action.text() == "Other initial weights…")

    def fill(dialog: SeedDialog) -> None:
        assert dialog.field.text() == "1"
        QTest.keyClicks(dialog.field, "42")
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    window.during(QApplication.activeModalWidget, fill, other.trigger)
    window.wait(lambda: runs(window)[0].last_epoch == reached and not window.controller.training.running)
    assert [run.name for run in runs(window)] == ["seed 42", "batch"]
    assert_headless(runs(window)[0], "krzeminski-batch", 42)
    assert_headless(runs(window)[1], "krzeminski-batch", 1)


def test_no_seed_where_nothing_is_drawn(open_window: Opener) -> None:
    window = open_window("koehn")
    action = window.controller.actions["reset_seed"]
    assert not action.isEnabled()
    assert action.toolTip() == "This lesson gives all its weights; none are random (Ctrl+Shift+R)"
    window.choose("lesson", TITLES["krzeminski-sgd"])
    assert action.isEnabled()


def test_the_seed_field_takes_only_seeds(open_window: Opener) -> None:
    window = open_window("krzeminski-sgd")

    def fill(dialog: SeedDialog) -> None:
        QTest.keyClicks(dialog.field, "4294967296")
        assert not dialog.reset.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert dialog.isVisible()
        QTest.keyClick(dialog.field, Qt.Key.Key_Backspace)
        assert dialog.reset.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    before = window.session
    window.during(QApplication.activeModalWidget, fill, lambda: window.press("Ctrl+Shift+R"))
    assert window.session is before


def test_a_saved_run_is_opened(open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "overnight.json"
    file.write_text(run_text(train_run(load("krzeminski-batch"), 50)), encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window = open_window("krzeminski-sgd")
    train(window, 50)
    window.press("Ctrl+Shift+O")
    assert [run.name for run in runs(window)] == ["after each example", "overnight"]
    assert_headless(runs(window)[1], "krzeminski-batch", 1)
    file.write_text(json.dumps({"format": 1}), encoding="utf-8")
    told = window.dialog(lambda: window.press("Ctrl+Shift+O"))
    assert told.title == "This run cannot be opened"
    assert told.text == "not a run saved by nnviz train"
    assert len(runs(window)) == 2


def test_compare_with_the_keyboard(open_window: Opener) -> None:
    window = open_window("krzeminski-sgd")
    train(window, 30)
    window.during(
        QApplication.activePopupWidget, lambda menu: click_entry(menu, "Batch size 4 (all)"), lambda: window.press("C")
    )
    window.wait(lambda: len(runs(window)) == 2 and not window.controller.training.running)
    assert [run.name for run in runs(window)] == ["batch", "after each example"]
    assert_headless(runs(window)[0], "krzeminski-batch", 1)


# In a session file


def told(window: Window) -> list[tuple[object, ...]]:
    """The runs on the plot: what they are called, how they are drawn, and their curves."""
    return [
        (run.name, run.series, run.shown, run.made, run.epochs.tolist(), run.losses.tolist(), run.rates.tolist())
        for run in runs(window)
    ]


def test_a_session_opens_with_its_curves_and_goes_on_with_them(
    open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = tmp_path / "walk.nnviz"
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(walk)])
    window = open_window("krzeminski-sgd")
    set_seed(window, 0)
    for epoch in range(1, 7):
        window.press("E")
        window.wait(lambda epoch=epoch: window.session.checkpoint.epoch == epoch)
    training = window.controller.training
    window.main.loss.legend.renamed.emit(runs(window)[0].number, "by hand")
    training.reset()
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1)
    assert [run.name for run in runs(window)][1] == "by hand"
    window.press("Ctrl+S")
    again = open_window(walk)
    assert told(again) == told(window)
    names = [run.name for run in runs(window)]
    again.wait(lambda: sorted(row.run.name for row in again.main.loss.legend.rows.values()) == sorted(names))
    assert not again.main.isWindowModified()
    for each in (window, again):
        each.press("E")
        each.wait(lambda each=each: each.session.checkpoint.epoch == 2)
    assert told(again) == told(window)
    assert runs(again)[0].last_epoch == 2
    assert_headless(runs(again)[0], "krzeminski-sgd", 0)


def test_each_branch_has_its_curve_after_opening(
    open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = tmp_path / "walk.nnviz"
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(walk)])
    window = open_window("koehn")
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1)
    window.press("Ctrl+Shift+B")
    for epochs in (2, 3):
        window.press("E")
        window.wait(lambda epochs=epochs: window.session.checkpoint.epoch == epochs)
    window.press("Ctrl+S")
    again = open_window(walk)
    assert told(again) == told(window)
    for each in (window, again):
        each.press("Alt+1", "E")
        each.wait(lambda each=each: each.session.checkpoint.epoch == 2)
    assert told(again) == told(window)
    assert [run.last_epoch for run in runs(again)] == [2, 3]
    again.press("Alt+2")
    assert [run.last_epoch for run in runs(again)] == [3, 2]


def test_what_is_done_to_the_curves_alone_is_copied(open_window: Opener, tmp_path: Path) -> None:
    window = open_window("koehn")
    window.controller.session_files.autosave._delay = 1
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1)
    folder = tmp_path / "data"
    window.wait(lambda: any("runs" in read_session(path).parts for path in folder.glob("session-*.nnviz")))
    (copy,) = folder.glob("session-*.nnviz")
    window.main.loss.legend.renamed.emit(runs(window)[0].number, "by hand")
    window.wait(lambda: read_session(copy).parts["runs"].book.present.given == "by hand")


def test_a_sequence_is_shown_where_there_is_no_boundary_and_follows_training(open_window: Opener) -> None:
    window = open_window("krzeminski-rnn")
    panel = window.main.panels["boundary"]
    titles = [label.text() for label in panel.heading.findChildren(QLabel)]
    assert "SEQUENCE" in titles
    window.wait(lambda: window.main.boundary.answers is not None and window.main.boundary.answers.answer is not None)
    answers = window.main.boundary.answers
    before = answers.answer
    window.press("T")
    window.wait(lambda: answers.answer is not before)
    window.press("T")
    window.wait(lambda: not window.controller.training.running)
    window.wait(lambda: answers.answer.outputs[0, 0] != before.outputs[0, 0])
    window.choose("lesson", "XOR by hand")
    titles = [label.text() for label in panel.heading.findChildren(QLabel)]
    assert "DECISION BOUNDARY" in titles
