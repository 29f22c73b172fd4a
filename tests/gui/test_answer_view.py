"""The view of a network's answers, in the place of a decision boundary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from pytestqt.qtbot import QtBot

from nnviz.debugger.state.session import Session, choose_example, next_pass, start_session
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette, palette_names
from nnviz.present.runs.network_answers import Confusion, Fit, InputImage, Scatter, SequenceSeries
from nnviz.render.answer_painter import dots_of

KINDS = ("digits", "curve", "values", "two", "many", "rnn", "broken")


def session_of(inputs: int, outputs: int, data: Dataset, vector: float | None = None) -> Session:
    lesson = load("koehn", ["printed=[]"])
    architecture = Architecture(inputs, (Layer(4, "tanh"), Layer(outputs, "sigmoid")), "half_squared")
    drawn = np.random.default_rng(0).normal(size=architecture.parameter_count)
    parameters = drawn if vector is None else np.full(architecture.parameter_count, vector)
    return start_session(replace(lesson, network=make_network(architecture, parameters), dataset=data))


def session(name: str) -> Session:
    rng = np.random.default_rng(1)
    if name == "rnn":
        return start_session(load("krzeminski-rnn"))
    if name == "digits":
        return session_of(64, 10, make_dataset(rng.random((60, 64)), np.eye(10)[rng.integers(0, 10, 60)]))
    if name == "many":
        return session_of(4, 40, make_dataset(rng.random((60, 4)), np.eye(40)[rng.integers(0, 40, 60)]))
    if name == "curve":
        return session_of(1, 1, make_dataset(rng.normal(size=(30, 1)), rng.normal(size=(30, 1))))
    if name == "values":
        return session_of(3, 2, make_dataset(rng.normal(size=(30, 3)), rng.normal(size=(30, 2))))
    if name == "two":
        return session_of(3, 1, make_dataset(rng.normal(size=(30, 3)), rng.integers(0, 2, (30, 1))))
    return session_of(1, 2, make_dataset(rng.normal(size=(30, 1)), rng.normal(size=(30, 2))), np.nan)


@pytest.fixture
def plot(qtbot: QtBot) -> BoundaryPlot:
    plot = BoundaryPlot()
    qtbot.addWidget(plot)
    plot.set_theme(load_palette("light"), 1.0)
    plot.resize(428, 190)
    plot.show()
    plot.build()
    return plot


def shown(plot: BoundaryPlot) -> object:
    assert plot.answers is not None
    assert plot.answers.isVisible()
    assert not plot.view.isVisible()
    return plot.answers.answer


@pytest.mark.parametrize(
    ("name", "kind", "title"),
    [
        ("digits", Confusion, "Confusion matrix"),
        ("curve", Fit, "Fit curve"),
        ("values", Scatter, "Output against target"),
        ("rnn", SequenceSeries, "Sequence"),
    ],
)
def test_the_title_follows_what_is_shown(plot: BoundaryPlot, name: str, kind: type, title: str) -> None:
    titles: list[str] = []
    plot.titled.connect(titles.append)
    plot.render_session(session(name))
    assert isinstance(shown(plot), kind)
    assert (plot.title, titles, plot.accessibleName()) == (title, [title], title)
    plot.render_session(start_session(load("koehn")))
    assert (plot.title, titles[-1], plot.answers) == ("Decision boundary", "Decision boundary", None)
    assert plot.view.isVisible()


def test_where_several_fit_there_is_a_choice_that_stays(plot: BoundaryPlot) -> None:
    digits = session("digits")
    plot.render_session(digits)
    assert not plot.choice.isHidden()
    plot.choice.chosen.emit(1)
    assert isinstance(shown(plot), InputImage)
    plot.render_session(choose_example(digits, 5))
    image = shown(plot)
    assert isinstance(image, InputImage)
    assert image.example == 5
    plot.render_session(session("rnn"))
    assert plot.choice.isHidden()
    plot.render_session(session("values"))
    assert plot.choice.isHidden()


def test_it_follows_the_weights_and_while_live_what_it_is_given(plot: BoundaryPlot) -> None:
    first = session("values")
    plot.render_session(first)
    before = shown(plot)
    plot.render_session(first)
    assert shown(plot) is before
    plot.render_session(next_pass(first))
    assert shown(plot) is not before
    plot.set_live(True)
    here = shown(plot)
    plot.render_session(first)
    assert shown(plot) is here
    plot._due = 0.0
    plot.show_parameters(first.record.network)
    again = shown(plot)
    assert isinstance(before, Scatter)
    assert isinstance(again, Scatter)
    assert np.array_equal(again.outputs, before.outputs)


def test_parameters_of_another_network_are_not_shown(plot: BoundaryPlot) -> None:
    plot.render_session(session("values"))
    before = shown(plot)
    plot._due = 0.0
    plot.show_parameters(load("koehn").network)
    assert shown(plot) is before


def test_a_click_on_a_dot_names_its_example(qtbot: QtBot, plot: BoundaryPlot) -> None:
    plot.render_session(session("curve"))
    view = plot.answers
    assert view is not None
    assert view.answer is not None
    example, place = dots_of(view.answer, QRectF(view.rect()), 1.0)[11]
    with qtbot.waitSignal(plot.example_clicked) as clicked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert clicked.args == [example]
    with qtbot.assertNotEmitted(plot.example_clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))


@pytest.mark.parametrize("theme", palette_names())
@pytest.mark.parametrize("name", KINDS)
def test_it_is_painted_in_every_theme_and_size(qtbot: QtBot, name: str, theme: str) -> None:
    palette = load_palette(theme)
    for width, height, scale in ((428, 190, 1.0), (140, 90, 1.0), (900, 600, 1.6), (40, 20, 1.0)):
        plot = BoundaryPlot()
        qtbot.addWidget(plot)
        plot.set_theme(palette, scale)
        plot.resize(width, height)
        plot.show()
        plot.build()
        plot.render_session(session(name))
        for index in range(len(plot._kinds)):
            plot.choice.chosen.emit(index)
            image = plot.grab().toImage()
            assert image.pixelColor(1, 1).name() == palette.card
            if width >= 400:
                colors = {image.pixelColor(x, y).name() for x in range(0, width, 3) for y in range(0, height, 3)}
                assert len(colors) > 3


def test_a_screen_reader_hears_what_is_shown_and_why(plot: BoundaryPlot) -> None:
    plot.render_session(session("digits"))
    assert plot.answers is not None
    assert plot.answers.accessibleName().startswith("Confusion matrix: ")
    assert plot.accessibleDescription() == (
        "The decision boundary needs two inputs; this network has 64. Confusion matrix of 60 examples."
    )
