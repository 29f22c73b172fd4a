"""The plots beside training in the window: held-out curve, gradients by layer, loss surface, and the table of runs."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from e2e.conftest import entry_of
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu

from nnviz.engine.training import accuracy, loss_of
from nnviz.present.runs.run_places import PLACES


@pytest.fixture
def window(open_window):
    """A new network on a circle, of whose points 30 % are held out, with everything at rest."""
    opened = open_window("koehn")
    opened.press("Ctrl+Alt+N")
    opened.wait(lambda: opened.session.lesson.title == "circle, 2-4-1")
    opened.main.build.view.data["held_out"].slider.setValue(30)
    opened.main.build.view.data["noise"].slider.setValue(30)
    opened.main.panels["build"].close()
    opened.settle()
    return opened


def train(window, epochs: int = 60) -> None:
    window.controller.training.train_for(epochs)
    window.wait(lambda: window.controller.training.state.is_running)
    window.wait(lambda: not window.controller.training.running)
    window.wait(lambda: window.session.checkpoint.epoch == epochs)
    window.wait(lambda: window.controller.training.runs[0].held_losses[0].tolist()[-1:] == [epochs])
    window.settle()


def test_the_loss_plot_shows_what_is_held_out_beside_what_is_trained_on(window):
    train(window)
    run, lesson = window.controller.training.runs[0], window.session.lesson
    network = lesson.network.with_vector(window.session.checkpoint.parameters)
    assert run.held_losses[0][-1] == 60
    assert run.held_losses[1][-1] == loss_of(network, lesson.held_out)
    assert run.held_rates[1][-1] == accuracy(network, lesson.held_out, trained_on=lesson.dataset)
    plot = window.main.loss
    window.wait(lambda: plot.view.held_out_drawn == 1)
    window.wait(lambda: plot.accessibleDescription().startswith("Epoch 60, loss "))
    words = plot.accessibleDescription()
    assert f"held out {run.held_losses[1][-1]:.5f}" in words
    plot.measures.chosen.emit(1)
    assert f"held out {100 * run.held_rates[1][-1]:.1f}" in plot.accessibleDescription()
    assert plot.view.held_out_drawn == 1


def test_gradients_by_layer_grow_with_the_run_and_a_click_goes_to_an_update(window):
    window.press("Ctrl+Alt+G")
    train(window)
    view = window.main.layers.view
    window.wait(lambda: view.is_at_rest)
    assert view.norms.updates[[0, -1]].tolist() == [0, window.session.checkpoint.update]
    assert len(view.norms.updates) == PLACES
    assert np.isfinite(view.norms.norms).all()
    assert view.norms.norms.shape[1] == 2
    assert [int(found.counts.sum()) for found in view.table.weights] == [8, 4]
    assert [int(found.counts.sum()) for found in view.table.activations] == [40, 10]
    window.settle()
    plot = view.plot
    window.click(plot.viewport(), plot.point_of(420, 1.0).toPoint())
    window.wait(lambda: 400 < window.session.checkpoint.update < 440)
    assert view.accessibleName() == "Gradients by layer"
    assert plot.accessibleName().startswith("Gradient norm after update")


def test_the_loss_surface_has_the_path_of_the_run_and_two_weights_to_choose(window):
    train(window)
    window.press("Ctrl+Alt+L")
    view = window.main.surface.view
    window.wait(lambda: view.is_at_rest and view.plot.surface is not None)
    found, parameters = view.plot.surface, window.session.checkpoint.parameters
    assert (found.first, found.second) == view.chosen
    assert found.path[-1].tolist() == parameters[[found.first, found.second]].tolist()
    view.choose(0, 9)
    window.wait(lambda: view.is_at_rest and (view.plot.surface.first, view.plot.surface.second) == (0, 9))
    network = window.session.lesson.network.with_vector(parameters)
    assert view.plot.surface.loss == pytest.approx(loss_of(network, window.session.lesson.dataset), rel=1e-12)
    assert view.combos[0].currentText() in view.plot.accessibleDescription()
    half = len(view.plot.surface.updates) // 2
    window.settle()
    window.click(view.plot, view.plot.place_of(*view.plot.surface.path[half]).toPoint())
    window.wait(lambda: 0 < window.session.checkpoint.update < window.session.run.end)
    assert "loss" in view.about.text()


def test_plots_are_copied_and_saved_as_csv_png_and_svg(window, tmp_path):
    train(window)
    window.press("Ctrl+Alt+G")
    view = window.main.layers.view
    window.wait(lambda: view.is_at_rest and view.norms is not None)
    menu = QMenu()
    menus, exports = window.controller.debugging.menus, window.controller.exports.plots
    for filler in menus._fillers[window.main.layers]:
        filler(menu, QPoint())
    assert window.entries(menu)[-1] == "Save the gradient norms…"
    entry_of(menu.actions(), "Copy the numbers of the gradient norms").trigger()
    rows = list(csv.reader(QApplication.clipboard().text().splitlines()))
    assert rows[0] == ["update", "layer 1", "layer 2"]
    assert [float(cell) for cell in rows[-1]] == [view.norms.updates[-1], *view.norms.norms[-1]]
    for filler in menus._fillers[window.main.loss]:
        filler(menu, QPoint())
    entry_of(menu.actions(), "Copy the numbers of the loss curve").trigger()
    rows = list(csv.DictReader(QApplication.clipboard().text().splitlines()))
    run = window.controller.training.runs[0]
    assert [int(row["epoch"]) for row in rows if row["loss"]] == run.epochs.tolist()
    assert float(rows[-1]["held_out_loss"]) == run.held_losses[1][-1]
    for suffix, begins in ((".csv", b"update,layer 1"), (".png", b"\x89PNG"), (".svg", b"<?xml")):
        path = tmp_path / f"norms{suffix}"
        exports.write(next(iter(menus._fillers[window.main.layers])).args[0], path)
        assert path.read_bytes().startswith(begins)
    menu.deleteLater()
