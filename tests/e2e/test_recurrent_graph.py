"""A recurrent lesson's computation graph with keys and mouse: its time steps, what it remembers, what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint

from nnviz.present.graph.graph_marks import GraphBox, GraphPicture
from nnviz.present.places.label import Rect
from nnviz.resources import resource_path
from nnviz.tracing.steps import Kind, Quantity

# By neuron: at each time step three sums, three activations, and one of each at the output.
ONE_TIME = 3 + 3 + 1 + 1


@pytest.fixture
def full_file(tmp_path: Path) -> Path:
    """The lesson with the error going back through time all the way."""
    path = tmp_path / "full.toml"
    text = resource_path("lessons", "krzeminski-rnn.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('through_time = "one_step"', 'through_time = "full"'), encoding="utf-8")
    return path


def shown(window) -> GraphPicture:
    picture = window.main.graph.view.shown()
    assert picture is not None
    return picture


def remembered(window) -> GraphBox:
    return next(mark for mark in shown(window).boxes if mark.role == "past")


def box(window, kind: Kind) -> GraphBox:
    return next(mark for mark in shown(window).boxes if mark.quantity.kind is kind and mark.role != "past")


def texts(mark: GraphBox) -> list[str]:
    return [figure.text for row in mark.values for figure in row]


def middle(window, rect: Rect) -> QPoint:
    return window.main.graph.view.place_on_screen(rect[0] + rect[2] / 2, rect[1] + rect[3] / 2)


def test_a_walk_goes_from_one_time_step_to_the_next(open_window) -> None:
    window = open_window("krzeminski-rnn")
    window.press("3", "G")
    graph = window.main.graph.view
    assert graph.isVisible()
    assert (graph.caption.text(), graph.caption.isVisible()) == ("time 1 of 2", True)
    assert texts(remembered(window)) == ["0", "0", "0"]
    window.walk(ONE_TIME)
    given = texts(box(window, Kind.A))
    assert graph.caption.text() == "time 1 of 2"
    window.press("Right")
    assert graph.caption.text() == "time 2 of 2"
    assert texts(remembered(window)) == given
    assert remembered(window).operand
    assert texts(box(window, Kind.A)) == ["—"] * 3
    window.press("Left")
    assert graph.caption.text() == "time 1 of 2"
    assert texts(remembered(window)) == ["0", "0", "0"]


def test_the_caption_is_not_over_the_graph_and_only_where_there_is_time(open_window) -> None:
    window = open_window("krzeminski-rnn")
    window.press("G")
    graph = window.main.graph.view
    assert graph.caption.geometry().bottom() <= graph.viewport().geometry().top() + 1
    other = open_window("koehn")
    other.press("G")
    assert not other.main.graph.view.caption.isVisible()
    assert other.main.graph.view.viewport().geometry().top() == 0


def test_a_click_selects_a_box_of_the_loop_and_hovering_tells_it(open_window) -> None:
    window = open_window("krzeminski-rnn")
    window.press("3", "G")
    window.settle()
    window.press("0")  # the whole graph
    graph = window.main.graph.view
    window.click(graph.viewport(), middle(window, box(window, Kind.WEIGHT_H).rect))
    assert window.session.selection == Quantity(Kind.WEIGHT_H, 0)
    assert box(window, Kind.WEIGHT_H).selected
    assert not box(window, Kind.WEIGHT).selected
    assert "0.5834500761653292" in window.hover(graph.viewport(), middle(window, box(window, Kind.WEIGHT_H).rect))
    window.walk(ONE_TIME + 1)
    window.click(graph.viewport(), middle(window, remembered(window).rect))
    assert window.session.selection == Quantity(Kind.A, 0, time=0)
    assert remembered(window).selected
    assert not box(window, Kind.A).selected


def test_the_error_comes_back_from_the_time_step_after(open_window, full_file: Path) -> None:
    window = open_window(full_file)
    window.press("2", "G")
    while (window.session.step is None) or window.session.step.quantity != Quantity(Kind.DE_DA, 0, time=0):
        window.press("Right")
    labels = [mark for mark in shown(window).labels if "from time 2" in mark.tex]
    assert [(mark.quantity, mark.operand) for mark in labels] == [(Quantity(Kind.DELTA, 0, time=1), True)]
    assert box(window, Kind.A).active == "derivative"
    lit = [arrow for arrow in shown(window).arrows if arrow.active]
    assert {arrow.target.kind for arrow in lit} == {Kind.DE_DA}
    assert len(lit) == 2
    assert window.main.graph.view.caption.text() == "time 1 of 2"
