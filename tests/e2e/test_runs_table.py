"""The Runs panel and its sweeps, by keys and mouse; and the maps inside hidden neurons."""

from __future__ import annotations

import csv

import pytest
from e2e.conftest import entry_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nnviz.debugger.training.headless import train_run
from nnviz.lessons.catalog import load

NAME = "krzeminski-batch"


@pytest.fixture
def window(open_window):
    return open_window(NAME)


def sweep(window, values: str, *, seeds: int = 0, epochs: int = 3, setting: str = "Learning rate") -> None:
    """Fill in the form as a person does, and press Enter."""
    window.press("Shift+C")
    form = window.main.runs.view.form
    window.wait(lambda: form.values.hasFocus())
    form.setting.setCurrentIndex(form.setting.findText(setting))
    form.seeds.setValue(seeds)
    form.epochs.setValue(epochs)
    form.values.selectAll()
    QTest.keyClicks(form.values, values)
    QTest.keyClick(form.values, Qt.Key.Key_Return)


def test_a_sweep_is_refused_cancelled_or_trained_and_its_runs_are_rows(window):
    sweep(window, "0.1,")
    view, sweeping = window.main.runs.view, window.controller.sweeping
    assert view.note.text() == "training.learning_rate: a value is missing; write values such as 0.01, 0.1, 1"
    sweep(window, "1, x")
    window.wait(lambda: not sweeping.is_under_way)
    assert view.note.text() == "training.learning_rate: 'x' is not a number"
    assert not view.list.runs
    sweep(window, "1", seeds=2, epochs=10_000_000)
    assert sweeping.is_under_way
    window.main.setFocus()
    window.press("Esc")
    assert not sweeping.is_under_way
    assert view.note.text() == "The sweep was cancelled: 0 of 2 runs are done."
    assert view.cancel.isHidden()

    sweep(window, "0.1, 1", seeds=2)
    assert sweeping.is_under_way
    assert view.progress.isVisible()
    window.wait(lambda: not sweeping.is_under_way)
    assert view.note.text() == "The sweep is done: 4 runs."
    alone = train_run(load(NAME, ("training.learning_rate=1", "network.init.seed=2")), 3)
    rows = view.list.runs
    assert [row.curve.name for row in rows] == [f"rate {rate}, seed {seed}" for rate in ("0.1", "1") for seed in (1, 2)]
    assert tuple(rows[3].curve.losses.tolist()) == alone.loss
    assert [column.key for column in view.list.columns] == [
        *("learning_rate", "seed", "loss", "accuracy", "epochs", "updates"),
    ]
    written = list(csv.DictReader(view.as_csv().splitlines()))
    assert float(written[3]["loss"]) == alone.loss[-1]
    assert (written[3]["learning_rate"], written[3]["seed"], written[3]["updates"]) == ("1.0", "2", "3")

    item = view.list.item_of(rows[3].key)  # its box puts its line on the plot
    item.setCheckState(0, Qt.CheckState.Checked)
    (drawn,) = [run for run in window.controller.training.runs if run.name == "rate 1, seed 2"]
    assert tuple(drawn.losses.tolist()) == alone.loss
    item.setText(0, "the best")
    assert "the best" in {run.name for run in window.controller.training.runs}
    assert len(view.list.runs) == 4
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert [run.shown for run in window.controller.training.runs if run.name == "the best"] == [False]

    view.list.header().sectionClicked.emit(0)
    view.list.sortByColumn(3, Qt.SortOrder.AscendingOrder)  # the loss
    losses = [float(row.curve.losses[-1]) for row in view.list.runs]
    assert losses == sorted(losses)
    menu, table = QMenu(), view.list
    row = table.visualItemRect(table.topLevelItem(0)).center()
    for filler in window.controller.debugging.menus._fillers[window.main.runs]:
        filler(menu, table.viewport().mapTo(window.main.runs, row))
    assert window.entries(menu)[:4] == ["Show on the loss plot", "Train this run again", "Rename…", "Remove"]
    entry_of(menu.actions(), "Copy the numbers of the table of runs").trigger()
    assert QApplication.clipboard().text() == view.as_csv()
    menu.deleteLater()

    last = next(row for row in view.list.runs if row.curve.name.endswith("1, seed 1"))
    view.list.setCurrentItem(view.list.item_of(last.key))
    QTest.keyClick(view.list, Qt.Key.Key_Delete)
    assert len(view.list.runs) == 3
    best = next(row for row in view.list.runs if row.curve.name == "the best")
    view.list.setCurrentItem(view.list.item_of(best.key))
    QTest.keyClick(view.list, Qt.Key.Key_Return)  # trains it here
    window.wait(lambda: window.session.checkpoint.epoch == 3 and not window.controller.training.running)
    assert window.session.lesson.initializer.seed == 2
    assert window.session.checkpoint.parameters.tobytes() == alone.parameters.vector.tobytes()


def test_maps_are_drawn_in_neurons_by_a_key_follow_the_weights_and_are_remembered(window):
    canvas, controller = window.main.canvas, window.controller
    window.press("M")
    assert controller._settings.neuron_maps
    mark = window.mark("h", 1)
    x, y, size, _ = mark.map_rect
    place = canvas.place_on_screen(x + 0.3 * size, y + 0.3 * size)
    plain = QColor(controller.theme.palette.card)
    assert window.pixel(canvas.viewport(), place) != plain
    before = canvas._maps
    window.press("Right")
    assert canvas._maps is before  # a step within a pass computes none
    window.press("Alt+Right")
    assert window.session.checkpoint.update == 1
    assert canvas._maps is not before
    window.press("M")
    assert not controller._settings.neuron_maps
    assert window.pixel(canvas.viewport(), place) == plain


def test_a_run_has_a_speed_and_a_rule_that_ends_it_by_mouse(window):
    window.choose_in_menu("Step", "Playback speed", "5 steps per second")
    assert window.controller.player._timer.interval() == 200
    window.choose_in_menu("Train", "Training speed", "1 update per second")
    window.choose_in_menu("Train", "Stop when…")
    panel, training = window.main.breakpoints.view, window.controller.training
    assert panel.field.text() == "epoch_loss < 0.01"
    panel.field.setText("epoch_loss < 0.2")
    window.click(panel.stop_button)
    training.start()
    window.wait(lambda: training.client.last is not None and training.client.last.checkpoint.update == 1)
    window.choose_in_menu("Train", "Training speed", "As fast as possible")
    window.wait(lambda: not training.running)
    losses = training.runs[0].losses
    assert losses[-1] < 0.2 <= losses[:-1].min(initial=1.0)
