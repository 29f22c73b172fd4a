"""Building a network in the window: presets, layers, drawn points, a table of one's own, undo, and the lesson file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from nnviz.cli import main
from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import choose_training
from nnviz.gui.views.lab.build_view import BuildView
from nnviz.lessons.catalog import load
from nnviz.sessions.save import read_session, write_session
from nnviz.tracing.steps import Kind, Quantity

FLOWERS = "length;width;kind\n" + "\n".join(
    f"{1.4 + 0.1 * n:.1f};{0.2 + 0.1 * (n % 3):.1f};{kind}".replace(".", ",")
    for kind, start in (("round", 0), ("long", 30), ("flat", 60))
    for n in range(start, start + 12)
)


@pytest.fixture
def window(open_window):
    opened = open_window("koehn")
    opened.press("Ctrl+Alt+N")
    opened.wait(lambda: opened.session.lesson.title == "circle, 2-4-1")
    opened.settle()
    return opened


def view(window) -> BuildView:
    return window.main.build.view


def sizes(window) -> tuple[int, ...]:
    return window.session.lesson.network.architecture.sizes


def test_a_network_is_built_by_mouse_and_every_change_is_undone(window):
    built = view(window)
    window.click(built.presets.tiles["spiral"])
    window.click(built.layers.rows[0].more)
    window.click(built.layers.add)
    built.layers.rows[1].activation.setCurrentIndex(0)
    built.layers.rows[1].activation.activated.emit(0)
    assert sizes(window) == (2, 5, 5, 1)
    assert window.session.lesson.title == "spiral, 2-5-5-1"
    assert window.session.lesson.network.architecture.layers[1].activation == "sigmoid"
    assert window.picture is not None
    window.walk(3)
    assert window.step == 3
    for title in ("spiral, 2-5-5-1", "spiral, 2-5-1", "spiral, 2-4-1", "circle, 2-4-1"):
        window.press("Ctrl+Z")
        assert window.session.lesson.title == title
    for _ in range(4):
        window.press("Ctrl+Y")
    assert sizes(window) == (2, 5, 5, 1)
    assert built.layers.rows[1].activation.currentText() == "sigmoid"


def test_a_built_network_trains_and_undo_goes_back_to_the_one_before(window):
    window.click(view(window).layers.rows[0].more)
    window.press("T")
    window.wait(lambda: window.controller.training.runs[0].last_epoch > 3)
    window.press("Ctrl+Z")
    window.wait(lambda: sizes(window) == (2, 4, 1))
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update > 0)
    window.press("T")
    window.wait(lambda: not window.controller.training.running)
    assert sizes(window) == (2, 4, 1)


def test_one_drag_of_a_slider_is_one_change(window):
    noise = view(window).data["noise"].slider
    for number in (5, 10, 15):
        noise.setValue(number)
    assert window.session.lesson.data_source.keys["noise"] == 0.15
    window.press("Ctrl+Z")
    assert "noise" not in window.session.lesson.data_source.keys
    assert noise.value() == 0


def test_part_of_the_data_is_held_out(window):
    view(window).data["held_out"].slider.setValue(30)
    assert len(window.session.lesson.held_out) == 60
    assert view(window).report.text().endswith("60 held out")


def test_the_panel_has_the_column_for_itself_until_it_is_left(window):
    main = window.main
    assert main.panels["build"].isVisible()
    assert not any(main.panels[name].isVisible() for name in ("step", "numpy", "values"))
    window.click(view(window).done)
    assert not main.panels["build"].isVisible()
    assert all(main.panels[name].isVisible() for name in ("step", "numpy", "values"))
    window.press("Ctrl+L")
    assert main.panels["build"].isVisible()
    main.panels["build"].close()
    window.wait(lambda: main.panels["step"].isVisible())


def test_what_cannot_be_is_refused_with_the_reason(window):
    window.click(view(window).presets.tiles["xor"])
    window.press("Ctrl+Shift+B")
    window.click(view(window).layers.rows[0].more)
    assert sizes(window) == (2, 4, 1)
    assert view(window).problem.text() == "Close the other branches first: they are of this network."


def test_points_are_drawn_moved_and_removed(window):
    built, main = view(window), window.main
    window.click(built.presets.tiles["xor"])
    window.click(built.draw)
    built.point_class.setCurrentIndex(1)
    window.settle()
    plane = main.boundary.view
    place = plane.point_of(0) + (plane.point_of(3) - plane.point_of(0)) / 2
    wanted = plane.inputs_at(place)
    QTest.mousePress(plane.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    QTest.mouseRelease(plane.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    dataset = window.session.lesson.dataset
    assert len(dataset) == 5
    assert dataset.inputs[0, 4] == pytest.approx(wanted, abs=0.02)
    assert dataset.targets[0, 4].tolist() == [1.0]
    assert window.session.example == 4
    start, goal = plane.point_of(4), plane.point_of(4) + QPointF(25, 10)
    wanted = plane.inputs_at(goal)
    window.drag(plane.viewport(), start.toPoint(), start.toPoint() + QPoint(9, 3), goal.toPoint())
    assert window.session.lesson.dataset.inputs[0, 4] == pytest.approx(wanted, abs=0.02)
    QTest.mousePress(plane.viewport(), Qt.MouseButton.RightButton, pos=plane.point_of(0).toPoint())
    assert len(window.session.lesson.dataset) == 4
    for count in (5, 5, 4):
        window.press("Ctrl+Z")
        assert len(window.session.lesson.dataset) == count
    window.click(built.draw)
    QTest.mouseClick(plane.viewport(), Qt.MouseButton.LeftButton, pos=plane.point_of(2).toPoint())
    assert window.session.example == 2


def test_a_table_of_ones_own_is_trained_on(window, tmp_path: Path, monkeypatch):
    path = tmp_path / "flowers.txt"
    path.write_text(FLOWERS, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.press("Ctrl+Alt+O")
    window.controller.open_lesson("koehn")
    window.main.recent_menu.actions()[0].trigger()  # as a table again
    assert sizes(window) == (2, 8, 3)
    assert window.session.lesson.network.architecture.loss == "cross_entropy"
    assert "36 rows; 2 inputs, 3 classes of kind" in view(window).report.text()
    window.click(view(window).layers.rows[0].fewer)
    assert sizes(window) == (2, 7, 3)
    window.press("T")
    window.wait(lambda: (window.controller.training.runs[0].rates[-1:] > 0.9).any())
    window.press("T")
    window.wait(lambda: not window.controller.training.running)


def test_a_table_that_cannot_be_read_is_told_and_nothing_is_lost(window, tmp_path: Path):
    path = tmp_path / "ragged.csv"
    path.write_text("a,b,kind\n1,2,x\n3,4,y\n5\n6,7,x\n", encoding="utf-8")
    told = window.dialog(lambda: window.controller.open_lesson(str(path)))
    assert told.title == "This table cannot be opened"
    assert "row 4 has 1 cell, but the others have 3" in told.text
    assert sizes(window) == (2, 4, 1)


def test_the_lesson_file_checks_and_opens_the_same(window, tmp_path: Path, monkeypatch, capsys):
    path = tmp_path / "mine.toml"
    window.click(view(window).presets.tiles["moons"])
    view(window).data["held_out"].slider.setValue(20)
    monkeypatch.setattr("nnviz.gui.lab.build_control.file_to_write", lambda *_: str(path))
    window.click(view(window).save)
    assert main(["check", str(path)]) == 0
    assert "ok" in capsys.readouterr().out
    read, own = load(str(path)), window.session.lesson
    assert read.network.parameters.vector.tobytes() == own.network.parameters.vector.tobytes()
    assert read.dataset.inputs.tobytes() == own.dataset.inputs.tobytes()
    assert read.held_out.targets.tobytes() == own.held_out.targets.tobytes()
    assert read.training == own.training


def test_a_saved_lesson_has_the_settings_and_numbers_of_the_learner(window, tmp_path: Path, monkeypatch):
    path = tmp_path / "mine.toml"
    store = window.controller.store
    training = window.session.training
    slower = replace(training, optimizer="sgd", rates=replace(training.rates, learning_rate=0.25))
    weight, number = (Spot(Quantity(Kind.WEIGHT, 0, 1, 0)), Spot(Quantity(Kind.INPUT, unit=0), 0))
    store.apply(lambda session: apply_edit(choose_training(session, slower), weight, 0.125))
    window.settle()
    monkeypatch.setattr("nnviz.gui.lab.build_control.file_to_write", lambda *_: str(path))
    window.click(view(window).save)
    read = load(str(path))
    assert (read.training.optimizer, read.training.rates.learning_rate) == ("sgd", 0.25)
    assert read.network.W[0][0, 1] == 0.125
    assert read.data_source.keys["generator"] == "circle"
    store.apply(lambda session: apply_edit(session, number, 9.5))
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update > 3)
    window.press("T")
    window.wait(lambda: not window.controller.training.running)
    window.click(view(window).save)
    read = load(str(path))
    assert read.network.W[0][0, 1] == 0.125
    assert read.dataset.inputs[0, 0, 0] == 9.5


def test_a_session_with_a_built_network_is_saved_and_opens_the_same(window, tmp_path: Path):
    window.click(view(window).layers.rows[0].more)
    view(window).loss.activated.emit(0)
    window.walk(2)
    path = tmp_path / "mine.nnviz"
    write_session(path, window.controller.session_files.saved())
    opened = read_session(path).session
    assert opened.lesson.network.architecture.sizes == (2, 5, 1)
    assert opened.position == window.session.position


def test_from_the_start_page(open_window):
    window = open_window(None)
    tile = window.controller.start.page.commands.tiles[0]
    assert tile.text() == "New network…"
    window.click(tile)
    assert not window.controller.start.is_on
    assert window.session.lesson.title == "circle, 2-4-1"
    window.wait(view(window).presets.tiles["circle"].hasFocus)  # and not the first tile, whose frame would look chosen
