"""What if, in the real window: numbers edited on the canvas and in the values, undone, and branched off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from nnviz.debugger.edits import spot_of, value_at
from nnviz.debugger.state.edit import Spot
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load
from nnviz.render.fonts import mono_font
from nnviz.render.paint import text_width
from nnviz.tracing.steps import Kind, Quantity

LEFT = Qt.MouseButton.LeftButton
W = Spot(Quantity(Kind.WEIGHT, 0, 0, 0))


def value(window, spot=W):
    return value_at(window.session, spot)


def double_click(window, at, widget=None):
    widget = window.main.canvas.viewport() if widget is None else widget
    QTest.mouseClick(widget, LEFT, pos=at)
    QTest.mouseDClick(widget, LEFT, pos=at)
    QTest.mouseRelease(widget, LEFT, pos=at)


def editor(window):
    return window.controller.editing.editor


def type_number(window, text):
    assert editor(window).isVisible()
    assert QApplication.focusWidget() is editor(window).field
    editor(window).field.selectAll()
    QTest.keyClicks(editor(window).field, text)
    QTest.keyClick(editor(window).field, Qt.Key.Key_Return)


def edit_weight(window, text):
    double_click(window, window.edge_place(1, 1, 1))
    type_number(window, text)


def test_a_weight_is_typed_over_its_label_and_the_pass_is_computed_at_the_same_step(open_window):
    window = open_window("koehn")
    window.walk(9)
    position, before = window.session.position, window.session.record
    edit_weight(window, "0.5")
    assert not editor(window).isVisible()
    assert value(window) == 0.5
    assert window.session.position == position
    assert window.edge(1, 1, 1).weight == "0.5"
    assert "weight" in window.edge(1, 1, 1).moved
    assert window.mark("h", 1).moved
    assert "→" in window.row("h").change or window.row("h").change.startswith("±")
    assert window.session.compared.record is before
    assert window.chips == []
    assert window.main.edit_note.isVisible()
    assert window.main.edit_note.label.text() == "Edited: 1 weight"


def test_undo_redo_and_reset_by_keys_and_mouse(open_window):
    window = open_window("koehn")
    own = value(window)
    edit_weight(window, "0.5")
    undo = window.controller.actions["undo"]
    assert undo.text() == "&Undo: W₁₁ = 0.5"
    window.press("Right", "Right", "Ctrl+Z")
    assert value(window) == own
    assert window.step == 2, "the walk is not undone"
    assert not window.main.edit_note.isVisible()
    window.press("Ctrl+Shift+Z")
    assert value(window) == 0.5
    window.press("Ctrl+Z", "Ctrl+Y")
    assert value(window) == 0.5
    window.click(window.main.edit_note.reset)
    assert value(window) == own
    assert window.session.edits == ()
    window.press("Ctrl+Z")
    assert value(window) == 0.5, "the reset can be undone as well"


def test_a_choice_of_convention_and_a_rate_are_undone_by_the_same_key(open_window):
    window = open_window("koehn")
    rate = window.session.training.rates.learning_rate
    field = window.main.strip.rate
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.session.training.rates.learning_rate == 0.25
    window.main.setFocus()
    assert "rate 0.25" in window.controller.actions["undo"].text()
    window.press("Ctrl+Z")
    assert window.session.training.rates.learning_rate == rate


@pytest.mark.parametrize("text", ["", "abc", "inf", "1e999"])
def test_what_is_no_number_is_told_and_nothing_changes(open_window, text):
    window = open_window("koehn")
    before = window.session
    edit_weight(window, text or " ")
    assert editor(window).isVisible()
    assert editor(window).message.text() in (
        "Enter a number",
        f"“{text}” is not a number: write it in digits, such as 0.5, 1e-3 or 1/4",
        f"“{text}” is not a finite number; write one, such as 0.5 or 1e-3",
        f"“{text}” is beyond the range of floating-point numbers, 5e-324 to 1.8e308",
    )
    QTest.keyClick(editor(window).field, Qt.Key.Key_Escape)
    assert not editor(window).isVisible()
    assert window.session.checkpoint is before.checkpoint
    assert not window.controller.actions["undo"].isEnabled()


def test_arrows_and_wheel_nudge_live_and_escape_takes_it_back(open_window):
    window = open_window("koehn")
    before, own = window.session, value(window)
    double_click(window, window.edge_place(1, 1, 1))
    field = editor(window).field
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert value(window) == pytest.approx(own + 0.1)
    QTest.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert value(window) == pytest.approx(own + 0.09)
    place = QPointF(5, 5)
    up = QPoint(0, 120)
    flat, none = Qt.ScrollPhase.NoScrollPhase, Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(place, field.mapToGlobal(place), QPoint(), up, Qt.MouseButton.NoButton, none, flat, False)
    QApplication.sendEvent(field, wheel)
    assert value(window) == pytest.approx(own + 0.19)
    assert window.step == 0, "the arrows do not walk"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert window.session.checkpoint is before.checkpoint
    assert not window.controller.actions["undo"].isEnabled()


def test_dragging_with_alt_changes_a_weight_live_in_one_undoable_change(open_window):
    window = open_window("koehn")
    window.walk(9)
    own, view = value(window), window.main.canvas.viewport()
    at, alt = window.edge_place(1, 1, 1), Qt.KeyboardModifier.AltModifier
    QTest.mousePress(view, LEFT, alt, at)
    for pixels in range(3, 31):
        QTest.mouseMove(view, at - QPoint(0, pixels))
        assert value(window) == pytest.approx(own + 0.01 * pixels)
    QTest.mouseRelease(view, LEFT, alt, at - QPoint(0, 30))
    assert len(window.controller.store.branches.here.history.done) == 1
    window.press("Ctrl+Z")
    assert value(window) == own


def test_escape_takes_a_drag_back(open_window):
    window = open_window("koehn")
    before, view = window.session.checkpoint, window.main.canvas.viewport()
    at, alt = window.edge_place(1, 1, 1), Qt.KeyboardModifier.AltModifier
    QTest.mousePress(view, LEFT, alt, at)
    QTest.mouseMove(view, at - QPoint(0, 40))
    assert window.session.checkpoint is not before
    window.press("Esc")
    assert window.session.checkpoint is before
    QTest.mouseMove(view, at - QPoint(0, 60))
    QTest.mouseRelease(view, LEFT, alt, at)
    assert window.session.checkpoint is before
    assert not window.controller.actions["undo"].isEnabled()
    assert window.session.why is None, "a drag asks nothing"
    QTest.mouseClick(view, LEFT, alt, at)
    assert window.session.why is not None


def test_inputs_targets_and_biases_are_edited_on_the_canvas(open_window):
    window = open_window("koehn")
    example = window.session.example
    own = window.session.lesson
    double_click(window, window.unit_place("x", 2))
    type_number(window, "0.25")
    assert window.session.lesson.dataset.inputs[0, example, 1] == 0.25
    assert own.dataset.inputs[0, example, 1] != 0.25
    assert window.mark("x", 2).a == "0.25"
    left, top, width, height = window.picture.error.rect
    double_click(window, window.main.canvas.place_on_screen(left + width / 2, top + height / 2))
    type_number(window, "0.75")
    assert window.session.lesson.dataset.targets[0, example, 0] == 0.75
    double_click(window, window.unit_place("h", 2))
    type_number(window, "-1.5")
    assert value(window, Spot(Quantity(Kind.BIAS, 0, 1))) == -1.5
    assert window.main.edit_note.label.text() == "Edited: 1 bias, 1 input, 1 target"
    window.press("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    assert window.session.lesson is own


def test_a_selected_weight_is_edited_by_keys(open_window):
    window = open_window("koehn")
    window.click(window.main.canvas.viewport(), window.edge_place(1, 1, 1))
    window.press("F2")
    type_number(window, "3")
    assert value(window) == 3.0
    window.press("Return")
    assert editor(window).isVisible()
    QTest.keyClick(editor(window).field, Qt.Key.Key_Escape)


def test_an_entry_of_a_matrix_is_edited_where_it_stands_in_the_values(open_window):
    window = open_window("koehn")
    values = window.main.values
    at = next(at for at in range(values.model().rowCount()) if values.model().index(at, 0).data() == "W")
    index = values.model().index(at, 2)
    text = index.data()
    record = window.session.record
    matrix = np.asarray(record.parameters.W[0])
    values.scrollTo(index)
    numbers = text.replace("[", " ").replace("]", " ").split(",")
    assert len(numbers) == matrix.size
    character = text_width(mono_font(13), "0")
    start = text.index(numbers[1].strip(), text.index(",")) + 1
    place = QPoint(
        round(values.columnViewportPosition(2) + 3 + character * start), values.visualRect(index).center().y()
    )
    double_click(window, place, values.viewport())
    assert editor(window).isVisible()
    shown = float(numbers[1].replace("−", "-"))
    assert float(editor(window).field.text().replace("−", "-")) == pytest.approx(shown)
    type_number(window, "9")
    changed = np.asarray(window.session.record.parameters.W[0]) != matrix
    assert int(changed.sum()) == 1
    assert "9" in window.row("W").text
    assert window.row("W").change.startswith("±")


def test_an_edit_in_the_past_opens_a_branch_and_leaves_the_main_line(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Down", "Ctrl+Down", "Ctrl+Down", "Ctrl+Up")
    assert not window.main.branch_bar.isVisible()
    main = window.session
    edit_weight(window, "5")
    tabs = window.main.branch_bar.tabs
    assert window.main.branch_bar.isVisible()
    assert tabs.tabText(0) == "Main"
    assert "= 5" in tabs.tabText(1)
    assert tabs.currentIndex() == 1
    window.press("Alt+1")
    assert window.session.checkpoint is main.checkpoint
    assert window.session.run is main.run
    assert window.session.edits == ()
    window.press("Ctrl+Tab")
    assert value(window) == 5.0
    window.press("Alt+1")
    window.click(tabs, tabs.tabRect(1).center() - QPoint(12, 0))
    assert value(window) == 5.0
    window.press("Home", *["Right"] * 6)
    menu = window.main.branch_bar.compare.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["Main"]
    menu.actions()[0].trigger()
    assert window.session.compared.record is main.record
    assert any(row.change for row in window.rows), "the values tell where the branches differ"
    window.press("Ctrl+W")
    assert not window.main.branch_bar.isVisible()
    assert window.session.checkpoint is main.checkpoint


def test_a_branch_is_renamed_by_double_click(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Shift+B")
    bar = window.main.branch_bar
    window.settle()
    QTest.mouseDClick(bar.tabs, LEFT, pos=bar.tabs.tabRect(1).center() - QPoint(12, 0))
    bar.field.selectAll()
    QTest.keyClicks(bar.field, "Larger weights")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.tabs.tabText(1) == "Larger weights"
    QTest.mouseDClick(bar.tabs, LEFT, pos=bar.tabs.tabRect(0).center() - QPoint(12, 0))
    QTest.keyClicks(bar.field, "no")
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert bar.tabs.tabText(0) == "Main"
    assert not bar.field.isVisible()


def test_a_trained_branch_is_what_a_trainer_makes_of_the_edited_numbers(open_window):
    window = open_window("koehn")
    edit_weight(window, "0.5")
    double_click(window, window.unit_place("x", 2))
    type_number(window, "0.25")
    start = window.session
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1 and not window.controller.training.running)
    trainer = Trainer(start.network, start.lesson.dataset, start.training, start.convention)
    trainer.restore(start.checkpoint)
    for _ in range(len(start.lesson.dataset)):
        trainer.update()
    assert trainer.checkpoint().parameters.tobytes() == window.session.checkpoint.parameters.tobytes()
    assert window.main.edit_note.isVisible()
    window.press("Ctrl+R")
    window.wait(lambda: window.session.checkpoint.epoch == 0)
    own = load("koehn").network.parameters.vector
    assert window.session.checkpoint.parameters.tobytes() == own.tobytes()
    assert window.main.edit_note.label.text() == "Edited: 1 input", "the data are still the learner's"


def test_branches_have_their_curves_on_the_loss_plot(open_window):
    window = open_window("koehn")
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1 and not window.controller.training.running)
    window.press("Ctrl+Shift+B")
    edit_weight(window, "5")
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 2 and not window.controller.training.running)
    runs = window.controller.training.runs
    assert [run.name for run in runs] == ["Branch 2", "Main"]
    window.press("Alt+1")
    assert window.session.checkpoint.epoch == 1
    runs = window.controller.training.runs
    assert [run.name for run in runs] == ["Main", "Branch 2"]
    assert runs[0].last_epoch == 1
    assert runs[1].last_epoch == 2
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 2 and not window.controller.training.running)
    main = next(run for run in window.controller.training.runs if run.name == "Main")
    assert main.last_epoch == 2


def test_another_lesson_leaves_edits_and_branches_behind(open_window):
    window = open_window("koehn")
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1 and not window.controller.training.running)
    window.press("Ctrl+Shift+B")
    edit_weight(window, "5")
    assert window.controller.open_lesson("graph")
    assert not window.main.branch_bar.isVisible()
    assert not window.main.edit_note.isVisible()
    assert not window.controller.actions["undo"].isEnabled()
    runs = window.controller.training.runs
    assert len(runs) == 1
    assert runs[0].last_epoch == 0
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1 and not window.controller.training.running)
    assert window.controller.training.runs[0].last_epoch == 1


def test_a_run_compared_with_an_edited_one_begins_with_the_same_edits(open_window):
    window = open_window("koehn")
    edit_weight(window, "0.5")
    start = window.session
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 1 and not window.controller.training.running)
    other = replace(start.training, rates=replace(start.training.rates, learning_rate=0.25))
    window.controller.training.compare(other)
    window.wait(lambda: len(window.controller.training.runs) == 2 and window.session.checkpoint.epoch == 1)
    window.wait(lambda: not window.controller.training.running)
    trainer = Trainer(start.network, start.lesson.dataset, other, start.convention)
    trainer.restore(start.checkpoint)
    for _ in range(len(start.lesson.dataset)):
        trainer.update()
    assert trainer.checkpoint().parameters.tobytes() == window.session.checkpoint.parameters.tobytes()


def one_epoch(window) -> None:
    epoch = window.session.checkpoint.epoch + 1
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == epoch and not window.controller.training.running)


def edit_input(window, text: str) -> None:
    double_click(window, window.unit_place("x", 2))
    type_number(window, text)


def test_an_edit_of_data_is_stepped_back_over_by_keys(open_window):
    window = open_window("koehn")
    own = window.session.lesson
    one_epoch(window)
    edit_input(window, "0.25")
    edited = window.session
    one_epoch(window)
    assert window.controller.training.runs[0].last_epoch == 2
    assert len(window.controller.training.runs) == 1, "those of other data are not compared with it"
    ahead = window.session
    window.press(*["Ctrl+Up"] * 4)
    assert (window.session.checkpoint.update, window.session.lesson.dataset) == (4, edited.lesson.dataset)
    assert window.main.edit_note.label.text() == "Edited: 1 input"
    window.press("Ctrl+Up")
    assert window.session.checkpoint.update == 3
    assert window.session.lesson is own
    assert not window.main.edit_note.isVisible()
    assert window.mark("x", 2).a != "0.25"
    assert window.controller.training.runs[0].last_epoch == 1, "the curve of the run before the edit"
    window.press(*["Ctrl+Down"] * 5)
    assert window.session.checkpoint.parameters.tobytes() == ahead.checkpoint.parameters.tobytes()
    assert window.session.lesson.dataset is edited.lesson.dataset
    assert window.controller.training.runs[0].last_epoch == 2, "and that of the run after it"
    assert not window.main.branch_bar.isVisible()
    window.press("Ctrl+Z")
    assert window.session.lesson is own
    assert window.session.checkpoint is edited.checkpoint
    assert window.controller.training.runs[0].last_epoch == 1


def test_training_on_from_before_an_edit_of_data_is_of_the_data_before(open_window):
    window = open_window("koehn")
    lesson = window.session.lesson
    one_epoch(window)
    edit_input(window, "0.25")
    one_epoch(window)
    window.press(*["Ctrl+Up"] * 8)
    assert window.session.checkpoint.update == 0
    for _ in range(3):
        one_epoch(window)
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(12):
        trainer.update()
    assert trainer.checkpoint().parameters.tobytes() == window.session.checkpoint.parameters.tobytes()
    assert window.session.edits == ()
    assert window.controller.training.runs[0].last_epoch == 3


def test_a_run_compared_with_one_of_edited_data_begins_where_that_did(open_window):
    window = open_window("koehn")
    one_epoch(window)
    edit_input(window, "0.25")
    start = window.session
    one_epoch(window)
    other = replace(start.training, rates=replace(start.training.rates, learning_rate=0.25))
    window.controller.training.compare(other)
    window.wait(lambda: len(window.controller.training.runs) == 2 and window.session.checkpoint.epoch == 2)
    window.wait(lambda: not window.controller.training.running)
    trainer = Trainer(start.network, start.lesson.dataset, other, start.convention)
    trainer.restore(start.checkpoint)
    for _ in range(len(start.lesson.dataset)):
        trainer.update()
    assert trainer.checkpoint().parameters.tobytes() == window.session.checkpoint.parameters.tobytes()


def test_there_is_no_tenth_branch_and_it_is_said_why(open_window):
    window = open_window("koehn")
    window.press(*["Ctrl+Shift+B"] * 9)
    assert window.main.branch_bar.tabs.count() == 9
    assert QToolTip.text() == "No more than 9 branches can be open: close one first"


def test_an_edit_at_an_epoch_gone_back_to_on_the_plot_branches_off(open_window):
    window = open_window("koehn")
    for epoch in (1, 2, 3):
        window.press("E")
        window.wait(lambda epoch=epoch: window.session.checkpoint.epoch == epoch)
        window.wait(lambda: not window.controller.training.running)
    furthest = window.session.checkpoint
    window.controller.training.go_to_epoch(1)
    edit_weight(window, "5")
    assert window.main.branch_bar.isVisible()
    window.press("E")
    window.wait(lambda: window.session.checkpoint.epoch == 2 and not window.controller.training.running)
    main = next(run for run in window.controller.training.runs if run.name == "Main")
    assert main.last_epoch == 3, "the curve of the main line is kept"
    window.press("Alt+1")
    window.controller.training.go_to_epoch(3)
    assert window.session.checkpoint.parameters.tobytes() == furthest.parameters.tobytes()
    assert not window.main.edit_note.isVisible()


def test_an_edit_after_undoing_one_that_was_walked_on_from_needs_no_branch(open_window):
    window = open_window("koehn")
    edit_weight(window, "5")
    window.press("Ctrl+Down", "Ctrl+Down", "Ctrl+Z")
    assert window.session.checkpoint.update == 0
    edit_weight(window, "4")
    assert not window.main.branch_bar.isVisible()
    assert value(window) == 4.0


def graph_place(window, quantity):
    """Where a number stands on the computation graph."""
    place = window.main.graph.view.place_of(quantity)
    assert place is not None
    return window.main.graph.view.place_on_screen(*place)


def graph_figure(window, quantity):
    boxes = window.main.graph.view.shown().boxes
    return next(f for box in boxes for row in box.values for f in row if f.of == quantity)


def show_graph(window):
    window.press("G")
    window.settle()
    return window.main.graph.view.viewport()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_weight_is_typed_over_its_cell_on_the_graph(open_window, theme):
    window = open_window("koehn", theme)
    graph = show_graph(window)
    window.walk(9)
    position, own = window.session.position, value(window)
    before = graph_figure(window, Quantity(Kind.Z, 0, 0)).text
    double_click(window, graph_place(window, W.quantity), graph)
    assert editor(window).name.text() == "W₁₁ ="
    type_number(window, "0.5")
    assert not editor(window).isVisible()
    assert QApplication.focusWidget() is window.main.graph.view
    assert value(window) == 0.5
    assert window.session.position == position
    shown = graph_figure(window, W.quantity)
    assert (shown.text, shown.moved) == ("0.5", True)
    assert graph_figure(window, Quantity(Kind.Z, 0, 0)).moved
    assert graph_figure(window, Quantity(Kind.Z, 0, 0)).text != before
    assert not graph_figure(window, Quantity(Kind.Z, 0, 1)).moved
    assert f"0.5, before {own:g}" in window.hover(graph, graph_place(window, W.quantity))
    assert window.main.edit_note.label.text() == "Edited: 1 weight"
    window.press("Ctrl+Z")
    assert value(window) == own
    assert graph_figure(window, W.quantity).text == "3"


def test_biases_inputs_and_targets_are_edited_on_the_graph(open_window):
    window = open_window("koehn")
    graph, example, own = show_graph(window), window.session.example, window.session.lesson
    bias, entered, wanted = Quantity(Kind.BIAS, 1, 0), Quantity(Kind.INPUT, unit=1), Quantity(Kind.TARGET, unit=0)
    for quantity, text in ((bias, "-1.5"), (entered, "0.25"), (wanted, "0.75")):
        double_click(window, graph_place(window, quantity), graph)
        type_number(window, text)
        assert graph_figure(window, quantity).text == text.replace("-", "−")
        assert graph_figure(window, quantity).moved
    assert value(window, Spot(bias)) == -1.5
    assert window.session.lesson.dataset.inputs[0, example, 1] == 0.25
    assert window.session.lesson.dataset.targets[0, example, 0] == 0.75
    assert window.main.edit_note.label.text() == "Edited: 1 bias, 1 input, 1 target"
    window.press("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    assert window.session.lesson is own


@pytest.mark.parametrize("quantity", [W.quantity, Quantity(Kind.BIAS, 0, 1), Quantity(Kind.INPUT, unit=0)], ids=str)
def test_dragging_with_alt_on_the_graph_is_one_undoable_change(open_window, quantity):
    window = open_window("koehn")
    graph = show_graph(window)
    window.walk(9)
    spot = spot_of(window.session, quantity)
    own, at, alt = value(window, spot), graph_place(window, quantity), Qt.KeyboardModifier.AltModifier
    left = window.main.graph.view.horizontalScrollBar().value()
    QTest.mousePress(graph, LEFT, alt, at)
    for pixels in range(3, 31):
        QTest.mouseMove(graph, at - QPoint(0, pixels))
        assert value(window, spot) == pytest.approx(own + 0.01 * pixels)
    QTest.mouseRelease(graph, LEFT, alt, at - QPoint(0, 30))
    assert graph_figure(window, quantity).moved
    assert window.main.graph.view.horizontalScrollBar().value() == left, "the graph stays where it is"
    assert window.session.why is None
    assert len(window.controller.store.branches.here.history.done) == 1
    window.press("Ctrl+Z")
    assert value(window, spot) == own


def test_escape_takes_back_what_was_dragged_or_nudged_on_the_graph(open_window):
    window = open_window("koehn")
    graph, before = show_graph(window), window.session.checkpoint
    at, alt = graph_place(window, W.quantity), Qt.KeyboardModifier.AltModifier
    double_click(window, at, graph)
    QTest.keyClick(editor(window).field, Qt.Key.Key_Up)
    assert window.session.checkpoint is not before
    QTest.keyClick(editor(window).field, Qt.Key.Key_Escape)
    assert window.session.checkpoint is before
    assert QApplication.focusWidget() is window.main.graph.view
    QTest.mousePress(graph, LEFT, alt, at)
    QTest.mouseMove(graph, at - QPoint(0, 40))
    assert window.session.checkpoint is not before
    window.press("Esc")
    assert window.session.checkpoint is before
    QTest.mouseMove(graph, at - QPoint(0, 60))
    QTest.mouseRelease(graph, LEFT, alt, at)
    assert window.session.checkpoint is before
    assert not window.controller.actions["undo"].isEnabled()


@pytest.mark.parametrize("key", ["F2", "Return"])
def test_the_number_clicked_in_a_box_of_the_graph_is_edited_by_keys(open_window, key):
    window = open_window("koehn")
    graph, other = show_graph(window), Quantity(Kind.WEIGHT, 0, 1, 0)
    window.press("F2")
    assert not editor(window).isVisible()
    assert QToolTip.text() == "Click a weight, bias, input or target first"
    window.click(graph, graph_place(window, other))
    assert window.session.selection == Quantity(Kind.WEIGHT, 0)
    window.press(key)
    field = editor(window)
    assert field.geometry().contains(graph.mapTo(window.main, graph_place(window, other)))
    type_number(window, "7")
    assert value(window, Spot(other)) == 7.0
    assert value(window) == 3.0


def test_what_is_worked_out_is_not_edited_on_the_graph(open_window):
    window = open_window("koehn")
    graph = show_graph(window)
    window.walk(35)
    before = window.session.checkpoint
    for box in window.main.graph.view.shown().boxes:
        if box.role in ("operation", "error"):
            left, top, _, height = box.rect
            for part in (0.1, 0.5, 0.9):
                at = window.main.graph.view.place_on_screen(left + 20, top + part * height)
                QTest.mouseDClick(graph, LEFT, pos=at)
                QTest.mouseRelease(graph, LEFT, pos=at)
                assert not editor(window).isVisible()
    assert window.session.checkpoint is before
    double_click(window, graph_place(window, W.quantity), graph)  # its new value stands there: the weight is meant
    type_number(window, "0.5")
    assert value(window) == 0.5


def test_a_loop_and_an_input_of_a_later_time_step_are_edited_on_the_graph(open_window):
    window = open_window("krzeminski-rnn")
    graph = show_graph(window)
    window.walk(12)
    loop, entered = Quantity(Kind.WEIGHT_H, 0, 1, 2), Quantity(Kind.INPUT, unit=0, time=1)
    for quantity, text in ((loop, "0.25"), (entered, "0.75")):
        double_click(window, graph_place(window, quantity), graph)
        type_number(window, text)
        assert graph_figure(window, quantity).text == text
    assert value(window, Spot(loop)) == 0.25
    assert window.session.lesson.dataset.inputs[:, window.session.example, 0].tolist() == [0.0, 0.75]


def test_a_bias_out_of_view_is_brought_into_it_for_its_field(open_window):
    window = open_window("koehn")
    window.click_unit("y", 1)
    graph = show_graph(window)
    for _ in range(6):
        window.main.graph.view.zoom_in()
    window.main.graph.view.ensureVisible(0, 0, 1, 1)
    assert not graph.rect().contains(graph_place(window, Quantity(Kind.BIAS, 1, 0)))
    window.press("F2")
    assert editor(window).name.text() == "b₂,₁ ="
    assert graph.rect().contains(graph_place(window, Quantity(Kind.BIAS, 1, 0)))
    type_number(window, "-1")
    assert value(window, Spot(Quantity(Kind.BIAS, 1, 0))) == -1.0
