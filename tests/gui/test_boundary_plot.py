"""The boundary plot: the session's network as regions, its examples as dots that can be clicked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from nnviz.debugger.commands import step
from nnviz.debugger.state.session import Session, choose_example, next_pass, start_session
from nnviz.engine.datasets import make_dataset
from nnviz.gui.views.training.boundary_plot import COARSE, FINE, BoundaryPlot
from nnviz.gui.views.training.plane_view import LARGE_DOTS, MOST_DOTS
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette, palette_names

XOR = start_session(load("koehn"))


def with_examples(count: int) -> Session:
    generator = np.random.default_rng(0)
    data = make_dataset(generator.normal(size=(count, 2)), generator.integers(0, 2, (count, 1)))
    return start_session(replace(load("koehn"), dataset=data))


@pytest.fixture
def plot(qtbot: QtBot) -> BoundaryPlot:
    plot = BoundaryPlot()
    qtbot.addWidget(plot)
    plot.set_theme(load_palette("light"), 1.0)
    plot.resize(428, 190)
    plot.show()
    plot.build()
    return plot


def sizes_drawn(plot: BoundaryPlot, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    drawn: list[int] = []
    show = plot.view.show_network
    monkeypatch.setattr(plot.view, "show_network", lambda network, size: (drawn.append(size), show(network, size)))
    return drawn


def test_it_is_coarse_at_once_and_fine_at_rest(qtbot: QtBot, plot: BoundaryPlot):
    plot.render_session(XOR)
    assert plot.view.size_drawn == COARSE
    qtbot.waitUntil(lambda: plot.view.size_drawn == FINE)


def test_only_other_parameters_are_computed(qtbot: QtBot, plot: BoundaryPlot, monkeypatch: pytest.MonkeyPatch):
    drawn = sizes_drawn(plot, monkeypatch)
    plot.render_session(XOR)
    plot.render_session(step(XOR))
    plot.render_session(choose_example(XOR, 2))
    assert drawn == [COARSE]
    plot.render_session(next_pass(XOR))
    assert drawn == [COARSE, COARSE]


def test_while_live_it_shows_what_it_is_given(qtbot: QtBot, plot: BoundaryPlot, monkeypatch: pytest.MonkeyPatch):
    plot.render_session(XOR)
    qtbot.waitUntil(lambda: plot.view.size_drawn == FINE)
    drawn = sizes_drawn(plot, monkeypatch)
    plot.set_live(True)
    plot.render_session(next_pass(XOR))
    assert drawn == []
    plot.show_parameters(XOR.record.network)
    assert drawn == [COARSE]
    plot.set_live(False)
    plot.render_session(next_pass(XOR))
    qtbot.waitUntil(lambda: drawn[-1:] == [FINE])


def test_regions_and_dots_have_their_colours(qtbot: QtBot, plot: BoundaryPlot):
    palette = load_palette("light")
    plot.render_session(XOR)
    image = plot.grab().toImage()
    for example, color in enumerate((palette.negative, palette.positive, palette.positive, palette.negative)):
        place = plot.view.point_of(example)
        assert image.pixelColor(place.toPoint()).name() == color


def test_rows_are_not_upside_down(qtbot: QtBot, plot: BoundaryPlot):
    """Koehn's network answers 0.74 to (1, 0) and less to (0, 1): it is bluer at the lower right."""
    plot.render_session(XOR)
    image = plot.grab().toImage()
    away = QPoint(18, 0)
    right, up = (image.pixelColor(plot.view.point_of(example).toPoint() + away) for example in (1, 2))
    outputs = [float(start_session(XOR.lesson, example=example).record.a[-1][0, -1, 0]) for example in (1, 2)]
    assert (right.blue() - right.red() > up.blue() - up.red()) == (outputs[0] > outputs[1])


def test_the_stepped_example_is_ringed(qtbot: QtBot, plot: BoundaryPlot):
    palette = load_palette("light")
    for example in (0, 3):
        plot.render_session(choose_example(XOR, example))
        place = plot.view.point_of(example).toPoint()
        row = [plot.grab().toImage().pixelColor(place + QPoint(x, 0)).name() for x in range(8, 16)]
        assert palette.text in row


def test_a_click_on_a_dot_names_its_example(qtbot: QtBot, plot: BoundaryPlot):
    plot.render_session(XOR)
    viewport = plot.view.viewport()
    with qtbot.waitSignal(plot.example_clicked) as clicked:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=plot.view.point_of(2).toPoint() + QPoint(3, -3))
    assert clicked.args == [2]
    with qtbot.assertNotEmitted(plot.example_clicked):
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(214, 90))


def test_hovering_tells_input_target_and_output(qtbot: QtBot, plot: BoundaryPlot):
    plot.render_session(XOR)
    told = plot.view._readout(plot.view.point_of(1))
    assert told == "x (1, 0)  target 1  output 0.7426"
    assert plot.view._readout(plot.view._frame().center()).startswith("x (0.50, 0.50)  output 0.")
    qtbot.mouseMove(plot.view.viewport(), plot.view.point_of(1).toPoint())
    assert not plot.grab().isNull()


def test_a_network_of_other_inputs_has_no_boundary(qtbot: QtBot, plot: BoundaryPlot, tmp_path: Path):
    path = tmp_path / "three.toml"
    path.write_text(
        """
format = 1
title = "Three inputs"
source = "ours"
notation = "standard"
[network]
inputs = 3
loss = "half_squared"
[[network.layers]]
units = 1
activation = "sigmoid"
W = [[1], [2], [3]]
b = [0]
[data]
inputs = [[0, 0, 1]]
targets = [[1]]
example = 0
[training]
learning_rate = 1.0
"""
    )
    plot.render_session(start_session(load(path)))
    assert "this network has 3" in plot.accessibleDescription()
    plot.show_parameters(XOR.record.network)
    assert plot.view.size_drawn == 0
    assert plot.view.dots_drawn == 0
    assert not plot.grab().isNull()
    plot.render_session(XOR)
    assert plot.view.size_drawn == COARSE


@pytest.mark.parametrize("count", [LARGE_DOTS + 1, 5 * MOST_DOTS])
def test_many_examples_are_small_dots_or_a_sample(qtbot: QtBot, plot: BoundaryPlot, count: int):
    plot.render_session(with_examples(count))
    assert plot.view.dots_drawn == min(count, MOST_DOTS)
    assert not plot.grab().isNull()


@pytest.mark.parametrize("name", palette_names())
def test_a_theme_reaches_the_picture(qtbot: QtBot, plot: BoundaryPlot, name: str):
    palette = load_palette(name)
    plot.render_session(XOR)
    plot.set_theme(palette, 1.6)
    image = plot.grab().toImage()
    assert image.pixelColor(2, 2).name() == palette.card
    assert image.pixelColor(plot.view.point_of(1).toPoint()).name() == palette.positive
