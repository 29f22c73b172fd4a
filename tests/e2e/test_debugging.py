"""Time travel, breakpoints and watches in the real window, through keys and mouse, with the real training process."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from shiboken6 import isValid
from vocabulary import assert_same_checkpoint

from nnviz.debugger.state.breakpoint import AtEdge, AtLine, AtUnit
from nnviz.engine.training import Trainer
from nnviz.gui.dialogs.go_to_dialog import GoToDialog
from nnviz.lessons.lesson import Lesson
from nnviz.present.graph.graph_marks import GraphBox
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.steps import Grain, Kind
from tests.e2e.conftest import LEFT, Opener, Window, click_entry

SHIFT = Qt.KeyboardModifier.ShiftModifier


def headless(lesson: Lesson, updates: int) -> Trainer:
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(updates):
        trainer.update()
    return trainer


def assert_at(window: Window, updates: int) -> None:
    """The session stands before the pass after so many updates of a trainer without a window, to the last bit."""
    here, wanted = window.session.checkpoint, headless(window.session.lesson, updates).checkpoint()
    assert_same_checkpoint(here, wanted)


def go_to(window: Window, keys: str, number: int) -> None:
    """Open the dialog with the keyboard, type a number, press Enter."""

    def fill(dialog: GoToDialog) -> None:
        QTest.keyClicks(dialog.field, str(number))
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    window.during(QApplication.activeModalWidget, fill, lambda: window.press(keys))


def rest(window: Window) -> None:
    """Wait until no way is gone any more."""
    window.wait(lambda: not window.controller.debugging.mover.is_moving)


def break_when(window: Window, condition: str) -> None:
    """Open the panel with its key, type a condition, press Enter, put the panel away."""
    window.press("Ctrl+B")
    view = window.main.breakpoints.view
    assert view.field.hasFocus()
    QTest.keyClicks(view.field, condition)
    view.field.completion.popup().hide()
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    window.press("Ctrl+B")  # puts the panel away


def banner(window: Window) -> str:
    return window.main.banner.text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def choose_at(window: Window, widget: object, at: QPoint, words: str) -> None:
    """Ask for the menu at a place with the right button, and click an entry."""

    def click(menu: QMenu) -> None:
        click_entry(menu, words)

    window.during(QApplication.activePopupWidget, click, lambda: ask_for_menu(widget, at))


def ask_for_menu(widget: object, at: QPoint) -> None:
    """What the right button does."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)


def test_updates_and_epochs_back_and_forth(open_window: Opener) -> None:
    window = open_window("koehn")
    window.walk(3)
    window.press("Alt+Right", "Alt+Right")
    update = window.session.checkpoint.update
    assert (update, window.session.position) == (2, 0)
    window.press("Alt+PgDown")
    assert window.session.checkpoint.epoch == 1
    assert window.session.checkpoint.position == 0
    window.walk(2)
    window.press("Alt+Left")
    assert window.session.position == 0
    assert banner(window) == ""
    end = window.session.checkpoint
    window.press("Alt+Left")
    assert window.session.checkpoint.update == end.update - 1
    window.press("Alt+PgUp")
    assert window.session.checkpoint.update == 0
    assert banner(window) == f"Viewing update 0 of {end.update}"
    window.press("End")
    assert_same_checkpoint(window.session.checkpoint, end)
    assert banner(window) == ""


def test_a_long_way_is_gone_in_slices_and_back_at_once(open_window: Opener) -> None:
    window = open_window("krzeminski-batch")
    go_to(window, "Ctrl+J", 20_000)
    assert window.controller.debugging.mover.is_moving
    window.wait(lambda: "of 20 000" in banner(window))
    rest(window)
    assert_at(window, 20_000)
    assert banner(window) == ""
    go_to(window, "Ctrl+J", 777)
    rest(window)
    assert_at(window, 777)
    assert banner(window).startswith("Viewing update 777 of 20 000")
    window.click(window.main.banner.button)
    assert_at(window, 20_000)
    go_to(window, "Ctrl+Shift+J", 5)
    assert window.session.checkpoint.epoch == 5


def test_escape_ends_a_long_way_where_it_has_got_to(open_window: Opener) -> None:
    window = open_window("koehn")
    go_to(window, "Ctrl+J", 900_000_000)
    window.wait(lambda: banner(window).startswith("Running: update"))
    window.press("Esc")
    assert not window.controller.debugging.mover.is_moving
    reached = window.session.checkpoint.update
    assert 0 < reached < 900_000_000
    assert banner(window) == ""
    lesson = window.session.lesson
    here = window.session.run.segments[0].start
    assert here.update == 0
    assert lesson.name == "koehn"


def test_a_step_ends_a_long_way_and_is_taken_from_where_one_stood(open_window: Opener) -> None:
    window = open_window("koehn")
    go_to(window, "Ctrl+J", 900_000_000)
    window.wait(lambda: banner(window).startswith("Running: update"))
    window.press("Right")
    assert not window.controller.debugging.mover.is_moving
    assert window.session.checkpoint.update == 0
    assert window.session.position > 0
    assert banner(window) == ""


def test_continuing_stops_at_conditions_forward_and_backward(open_window: Opener) -> None:
    window = open_window("krzeminski-batch")
    break_when(window, "update == 300")
    window.press("F8")
    rest(window)
    assert_at(window, 300)
    assert banner(window) == "Stopped by breakpoint 1: update == 300 became true"
    assert window.session.breakpoints[0].hits == 1
    assert window.main.breakpoints.view.list.topLevelItem(0).text(1) == "1"
    go_to(window, "Ctrl+J", 500)
    assert banner(window) == ""
    window.press("Shift+F8")
    rest(window)
    assert window.session.checkpoint.update == 300
    assert "Viewing update 300 of 500" in banner(window)
    assert window.session.breakpoints[0].hits == 2
    window.press("Right")
    assert "Stopped" not in banner(window)


@pytest.mark.parametrize("condition", ["update == 1234", "mean_loss < 0.2"])
def test_live_training_stops_at_a_condition(open_window: Opener, condition: str) -> None:
    window = open_window("krzeminski-batch")
    break_when(window, condition)
    window.press("T")
    window.wait(lambda: banner(window).startswith("Stopped by breakpoint 1"))
    assert not window.controller.training.running
    session = window.session
    client = window.controller.training.client
    client.snapshot.emit(client.last)  # as when what was asked before the stop is answered after it
    assert window.session is session
    assert session.breakpoints[0].hits == 1
    stopped = session.checkpoint.update
    assert_at(window, stopped)
    fresh = open_window("krzeminski-batch")
    break_when(fresh, condition)
    fresh.press("F8")
    rest(fresh)
    assert (fresh.session.checkpoint.update, fresh.session.position) == (stopped, session.position)
    assert session.run.end == stopped  # nothing lies ahead


def test_training_goes_on_behind_a_breakpoint(open_window: Opener) -> None:
    window = open_window("krzeminski-batch")
    break_when(window, "update == 200")
    for _ in range(2):
        window.press("T")
        window.wait(lambda: not window.controller.training.running)
    assert window.session.checkpoint.epoch == window.session.lesson.training.epochs
    window.press("Shift+F8")
    rest(window)
    assert_at(window, 200)


def test_a_breakpoint_set_while_training_stops_it(open_window: Opener, tmp_path: Path) -> None:
    window = open_window("koehn")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update > 0)
    break_when(window, "epoch > 500 and example == 1")
    window.wait(lambda: not window.controller.training.running)
    if window.session.checkpoint.epoch < 1000:  # the trainer was not done before
        assert "Stopped by breakpoint 1" in banner(window)
    assert_at(window, window.session.checkpoint.update)


def test_back_across_a_live_run_and_along_its_curve(open_window: Opener) -> None:
    window = open_window("krzeminski-batch")
    window.press("T")
    window.wait(lambda: not window.controller.training.running)
    end = window.session.checkpoint
    assert end.update == window.session.lesson.training.epochs
    for update in (end.update - 1, 1, end.update // 3):
        go_to(window, "Ctrl+J", update)
        rest(window)
        assert_at(window, update)
    window.main.loss.epoch_clicked.emit(100)
    assert_at(window, 100)
    assert "Viewing update 100 of" in banner(window)
    window.press("End")
    assert_same_checkpoint(window.session.checkpoint, end)


def test_run_to_here_by_click_and_menu(open_window: Opener) -> None:
    window = open_window("koehn")
    canvas = window.main.canvas.viewport()
    QTest.mouseClick(canvas, LEFT, SHIFT, window.unit_place("h", 2))
    rest(window)
    at = window.session.step.quantity
    assert (at.kind, at.layer, at.unit) == (Kind.Z, 0, 1)
    QTest.mouseClick(canvas, LEFT, SHIFT, window.unit_place("h", 2))
    rest(window)
    assert window.session.step.quantity.kind is Kind.A
    choose_at(window, canvas, window.edge_place(1, 1, 2), "Run to here")
    rest(window)
    at = window.session.step.quantity
    assert (at.kind, at.layer, at.unit, at.source) == (Kind.DW, 0, 0, 1)
    QTest.mouseClick(window.main.timeline, LEFT, SHIFT, window.cell_place(3))  # behind: in the next pass
    rest(window)
    assert (window.session.checkpoint.update, window.step) == (1, 3)
    page = window.main.listing.widget()
    row = next(row for row, line in enumerate(window.listing) if line.startswith("delta_2"))
    QTest.mouseClick(page, LEFT, SHIFT, QPoint(80, int((row + 0.5) * page.line_height())))
    rest(window)
    assert window.line.startswith("delta_2")
    assert window.session.checkpoint.update == 1
    assert window.session.breakpoints == ()
    assert banner(window) == ""


def test_run_to_here_stops_at_breakpoints_before(open_window: Opener) -> None:
    window = open_window("koehn")
    window.walk(2)
    window.press("F9")
    (set_here,) = window.session.breakpoints
    window.press("Home")
    QTest.mouseClick(window.main.timeline, LEFT, SHIFT, window.cell_place(9))
    assert window.step == 2
    assert banner(window).startswith(f"Stopped by breakpoint {set_here.id}")
    window.press("F9")
    assert window.session.breakpoints == ()


def test_a_step_stops_at_a_breakpoint_on_its_way_and_a_jump_does_not(open_window: Opener) -> None:
    window = open_window("koehn")
    window.walk(3)
    there = window.session.position
    window.press("F9", "1")  # by pass: a step is a whole phase
    for hits, (jump, step) in enumerate((("Home", "Right"), ("End", "Left"), ("Home", "Shift+Right")), start=1):
        window.press(jump)
        assert window.session.position in (0, window.session.trace.end), "a jump passes it"
        for _ in range(4):
            window.press(step)
            if banner(window):
                break
        assert window.session.position == there
        assert banner(window) == "Stopped by breakpoint 1: a of neuron 1 of layer 1"
        assert window.session.breakpoints[0].hits == hits
    window.press("Right")
    assert window.session.position == window.session.trace.step(Grain.PASS, 0).end
    assert banner(window) == ""


def test_stepping_into_what_has_just_been_stepped_is_stopped_by_nothing(open_window: Opener) -> None:
    window = open_window("krzeminski-sgd")
    window.walk(2)
    window.press("F9", "Home", "2", "Right")
    assert banner(window) != ""
    window.press("Right", "Down")
    assert window.session.position == window.session.trace.step(Grain.NEURON, 0).end
    assert banner(window) == ""


def test_breakpoints_are_set_by_menu_gutter_and_double_click_and_marked(open_window: Opener) -> None:
    window = open_window("koehn")
    red = window.main._theme.palette.breakpoint
    canvas, page, timeline = window.main.canvas.viewport(), window.main.listing.widget(), window.main.timeline
    assert red not in window.colors(timeline)
    choose_at(window, canvas, window.unit_place("h", 1), "Set breakpoint")
    assert window.session.breakpoints[0].where == AtUnit(0, 0)
    choose_at(window, canvas, window.edge_place(2, 1, 1), "Set breakpoint")
    assert window.session.breakpoints[1].where == AtEdge(1, 0, 0)
    QTest.mouseClick(page, LEFT, pos=QPoint(10, int(1.5 * page.line_height())))
    assert isinstance(window.session.breakpoints[2].where, AtLine)
    QTest.mouseDClick(timeline, LEFT, pos=window.cell_place(7))
    assert len(window.session.breakpoints) == 4
    dot = timeline.cell_center(6).toPoint() + QPoint(0, 12)
    assert window.pixel(timeline, dot).name() == red
    assert window.pixel(page, QPoint(10, int(1.5 * page.line_height()))).name() == red
    mark = window.mark("h", 1)
    at = window.main.canvas.place_on_screen(mark.x - 0.8 * mark.radius, mark.y - 0.8 * mark.radius)
    assert window.pixel(canvas, at).name() == red
    window.press("Home", "Space")  # the first step is z of that neuron
    assert not window.controller.player.playing
    assert banner(window).startswith("Stopped by breakpoint 1: neuron 1 of layer 1")
    choose_at(window, canvas, window.unit_place("h", 1), "Clear breakpoint")
    assert [b.id for b in window.session.breakpoints] == [2, 3, 4]


def graph_corner(window: Window, kind: Kind, layer: int | None) -> QPoint:
    """Where the dot of a box of the computation graph is."""
    rect = graph_box(window, kind, layer).rect
    return window.main.graph.view.place_on_screen(rect[0] + 2, rect[1] + 2)


def graph_middle(window: Window, kind: Kind, layer: int | None) -> QPoint:
    rect = graph_box(window, kind, layer).rect
    return window.main.graph.view.place_on_screen(rect[0] + rect[2] / 2, rect[1] + rect[3] / 2)


def graph_box(window: Window, kind: Kind, layer: int | None) -> GraphBox:
    picture = window.main.graph.view.shown()
    assert picture is not None
    return next(box for box in picture.boxes if (box.quantity.kind, box.quantity.layer) == (kind, layer))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_breakpoints_are_set_at_boxes_of_the_graph_by_key_and_menu_and_marked(open_window: Opener, theme: str) -> None:
    window = open_window("koehn", theme)
    palette = window.main._theme.palette
    window.press("G")
    window.settle()
    graph = window.main.graph.view.viewport()
    window.click(graph, graph_middle(window, Kind.WEIGHT, 1))
    assert window.pixel(graph, graph_corner(window, Kind.WEIGHT, 1)).name() != palette.breakpoint
    window.press("F9")
    assert [b.where for b in window.session.breakpoints] == [AtLine(Kind.DW, 1)]
    assert window.pixel(graph, graph_corner(window, Kind.WEIGHT, 1)).name() == palette.breakpoint
    window.press("F9")
    assert window.session.breakpoints == ()
    window.press("F9", "Esc")
    choose_at(window, graph, graph_middle(window, Kind.A, 0), "Set breakpoint")
    assert window.session.breakpoints[1].where == AtLine(Kind.A, 0)
    assert window.pixel(graph, graph_corner(window, Kind.A, 0)).name() == palette.breakpoint
    assert window.pixel(graph, graph_corner(window, Kind.Z, 0)).name() != palette.breakpoint
    for name, update in ((Kind.A, 0), (Kind.DW, 0), (Kind.A, 1)):
        window.press("F8")
        rest(window)
        assert window.session.step is not None
        assert (window.session.step.kind, window.session.checkpoint.update) == (name, update)
    window.press("Ctrl+B")
    window.main.breakpoints.view.list.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
    assert window.pixel(graph, graph_corner(window, Kind.A, 0)).name() == palette.card
    assert "breakpoint 2 line a of layer 1, disabled" in window.hover(graph, graph_middle(window, Kind.A, 0))
    choose_at(window, graph, graph_middle(window, Kind.A, 0), "Clear breakpoint")
    assert [b.where for b in window.session.breakpoints] == [AtLine(Kind.DW, 1)]


def test_a_breakpoint_of_the_network_is_marked_on_the_graph_and_the_other_way(open_window: Opener) -> None:
    window = open_window("koehn")
    red = window.main._theme.palette.breakpoint
    choose_at(window, window.main.canvas.viewport(), window.edge_place(1, 1, 1), "Set breakpoint")
    assert "breakpoint 1 W1[1,1]" in window.hover(window.main.canvas.viewport(), window.edge_place(1, 1, 1))
    window.press("G")
    window.settle()
    graph = window.main.graph.view.viewport()
    assert window.pixel(graph, graph_corner(window, Kind.WEIGHT, 0)).name() == red
    assert "breakpoint 1 W1[1,1]" in window.hover(graph, graph_middle(window, Kind.WEIGHT, 0))


def test_the_menu_of_what_is_given_offers_no_breakpoint_on_the_graph(open_window: Opener) -> None:
    window = open_window("koehn")
    window.press("G")
    window.settle()
    graph = window.main.graph.view.viewport()
    for kind in (Kind.INPUT, Kind.TARGET):
        words: list[str] = []

        def read(menu: QMenu, words: list[str] = words) -> None:
            words.extend(window.entries(menu))
            QTest.keyClick(menu, Qt.Key.Key_Escape)

        at = graph_middle(window, kind, None)
        window.during(QApplication.activePopupWidget, read, lambda at=at: ask_for_menu(graph, at))
        assert words
        assert not [text for text in words if "breakpoint" in text or "Run to here" in text]


def test_units_of_a_folded_layer_have_dots_at_their_strip(open_window: Opener) -> None:
    window = open_window("graph-20-50-10")
    red = window.main._theme.palette.breakpoint
    canvas = window.main.canvas.viewport()
    strip = next(strip for strip in window.picture.strips if strip.layer == 0)

    def cell(unit: int, x: float = strip.x) -> QPoint:
        height = (strip.bottom - strip.top) / len(strip.values)
        return window.main.canvas.place_on_screen(x, strip.top + (unit - 0.5) * height)

    edge = strip.x - STRIP_WIDTH / 2
    assert window.pixel(canvas, cell(30, edge)).name() != red
    choose_at(window, canvas, cell(30), "Set breakpoint")
    assert [b.where for b in window.session.breakpoints] == [AtUnit(0, 29)]
    assert window.pixel(canvas, cell(30, edge)).name() == red
    assert window.pixel(canvas, cell(20, edge)).name() != red
    assert "breakpoint 1 neuron 30 of layer 1" in window.hover(canvas, cell(30))
    window.press("F8")
    rest(window)
    assert window.session.step is not None
    assert window.session.step.quantity.unit == 29
    window.press("Ctrl+B")
    window.main.breakpoints.view.list.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert window.pixel(canvas, cell(30, edge)).name() != red


def test_the_list_of_breakpoints(open_window: Opener) -> None:
    window = open_window("koehn")
    view = window.main.breakpoints.view
    window.press("Ctrl+B")
    QTest.keyClicks(view.field, "los < 1")
    assert "Column 1: unknown name 'los'" in view.note.text()
    assert not view.stop_button.isEnabled()
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    view.field.completion.popup().hide()
    view.field.clear()
    QTest.keyClicks(view.field, "0 < mean_l")
    popup = view.field.completion.popup()
    assert popup.isVisible()
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert view.field.text() == "0 < mean_loss"
    view.field.clear()
    break_when_open(view, "loss < 0.1")
    break_when_open(view, "update == 3")
    assert [b.condition.text for b in window.session.breakpoints] == ["loss < 0.1", "update == 3"]
    first = view.list.topLevelItem(0)
    first.setCheckState(0, Qt.CheckState.Unchecked)
    assert [b.enabled for b in window.session.breakpoints] == [False, True]
    assert isValid(first), "a row outlives the signal that it has changed"
    muted = first.foreground(0).color()
    first.setCheckState(0, Qt.CheckState.Checked)
    assert first.foreground(0).color() != muted
    first.setCheckState(0, Qt.CheckState.Unchecked)
    view.list.topLevelItem(1).setText(2, "2")
    assert window.session.breakpoints[1].ignore == 2
    view.list.topLevelItem(1).setText(2, "many")
    assert view.list.topLevelItem(1).text(2) == "2"
    view.list.setCurrentItem(view.list.topLevelItem(0))
    QTest.keyClick(view.list, Qt.Key.Key_Delete)
    assert [b.id for b in window.session.breakpoints] == [2]
    window.choose("lesson", "XOR, batch gradient descent")
    assert window.session.breakpoints == ()


def break_when_open(view: object, condition: str) -> None:
    QTest.keyClicks(view.field, condition)
    view.field.completion.popup().hide()
    QTest.keyClick(view.field, Qt.Key.Key_Return)


def test_watches_show_value_change_and_course(open_window: Opener) -> None:
    window = open_window("krzeminski-batch")
    watches = window.main.values_page.watches
    assert watches.isHidden()
    choose_at(window, window.main.canvas.viewport(), window.unit_place("h", 1), "Watch")
    window.press("Ctrl+B")
    view = window.main.breakpoints.view
    QTest.keyClicks(view.field, "mean_loss")
    view.field.completion.popup().hide()
    assert not view.stop_button.isEnabled()
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    window.press("Ctrl+B")
    assert len(watches.lines) == 2
    z, loss = watches.lines
    assert z.value == loss.value == UNKNOWN
    window.walk(1)
    assert watches.lines[0].lit
    assert watches.lines[0].value != UNKNOWN
    go_to(window, "Ctrl+J", 50)
    window.press("End")
    assert watches.lines[1].change.startswith("\N{MINUS SIGN}")
    window.wait(lambda: len(watches.spark(2)) == 51)
    curve = watches.spark(2)
    assert curve[-1] < curve[0]
    window.click(watches, watches.cross_of(0))
    assert [line.name for line in watches.lines] == ["mean_loss"]
    window.click(watches, watches.cross_of(0))
    assert watches.isHidden()
