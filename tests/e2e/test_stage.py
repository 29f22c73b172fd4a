"""Presentation mode, used with keys and mouse: the stage, its layouts, pen, blank screen and the lecturer's view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnviz.present.stage.regions import LAYOUTS


@pytest.fixture
def window(open_window):
    opened = open_window("koehn")
    opened.press("F5")
    assert opened.stage_window is not None
    opened.settle()
    return opened


def view(window):
    return window.stage_window.view


def move_to(window, x: int, y: int) -> None:
    """Move the mouse over the stage, which is in front; the platform of the tests would tell the window behind it."""
    stage = window.stage_window
    QTest.mouseMove(stage.windowHandle(), view(window).mapTo(stage, QPoint(x, y)))


def steps_shown(window) -> float:
    return view(window).stage.line.done


def test_the_stage_fills_the_screen_and_leaves_the_window_as_it_was(open_window):
    window = open_window("koehn")
    window.walk(5)
    window.settle()
    panels = window.main.panels.values()
    state, places = window.main.saveState(), [panel.geometry() for panel in panels]
    window.press("F5")
    window.wait(window.stage_window.isFullScreen)
    assert steps_shown(window) == 5
    window.press("Right")
    assert steps_shown(window) == 6
    window.press("Esc")
    assert window.stage_window is None
    window.settle()
    assert window.main.saveState() == state
    assert [panel.geometry() for panel in panels] == places
    assert window.main.card.shown().where.startswith("Step 6 ")


def test_a_remote_steps_and_blanks(window):
    window.press("PgDown", "PgDown", "PgUp")
    assert steps_shown(window) == 1
    for key in ("B", "."):
        window.press(key)
        assert view(window).grab().toImage().pixelColor(40, 40) == QColor(Qt.GlobalColor.black)
        window.press(key)
        assert view(window).grab().toImage().pixelColor(40, 40) != QColor(Qt.GlobalColor.black)
    window.press("Esc")
    assert window.stage_window is None


def test_every_layout_is_reached_by_one_key_and_remembered(window):
    seen = []
    for _ in range(len(LAYOUTS) - 1):
        window.press("V")
        seen.append(view(window).stage.look.layout)
    assert set(seen) == {name for name in LAYOUTS if name != "text"}
    window.press("V", "F5", "F5")
    assert view(window).stage.look.layout == seen[0]


def test_type_grows_and_shrinks_within_bounds(window):
    first = view(window).stage.regions.type_scale
    window.press("+")
    assert view(window).stage.regions.type_scale > first
    window.press("-", "-")
    assert view(window).stage.regions.type_scale < first
    window.press(*["+"] * 20)
    assert view(window).stage.regions.type_scale <= 1.7 * first


def test_zoom_shows_the_active_neuron_and_all_again(window):
    window.walk(4)
    view(window).finish()
    before = view(window).grab().toImage()
    window.press("Z")
    assert view(window).stage.look.is_zoomed
    assert view(window).grab().toImage() != before
    window.press("Z")
    view(window).finish()
    assert view(window).grab().toImage() == before


def test_the_spotlight_dims_what_the_step_does_not_involve(window):
    window.walk(3)
    view(window).finish()
    lit = view(window).grab().toImage()
    window.press("S")
    assert view(window).grab().toImage() != lit


def test_the_pen_draws_in_several_colors_and_is_cleared(window):
    window.press("D")
    plain = view(window).grab().toImage()
    QTest.mousePress(view(window), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(view(window), QPoint(200, 150))
    QTest.mouseRelease(view(window), Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    assert view(window).grab().toImage() != plain
    window.press("Shift+D")
    QTest.mousePress(view(window), Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert [stroke.color for stroke in view(window).strokes] == [0, 1]
    window.press("X")
    assert view(window).strokes == []
    window.press("D")
    QTest.mousePress(view(window), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert view(window).strokes == []


def test_the_bar_appears_when_the_pointer_moves_and_goes(window):
    bar = window.stage_window.bar
    assert bar.isHidden()
    move_to(window, 50, 60)
    move_to(window, 90, 60)
    assert bar.isVisible()
    window.wait(bar.isHidden)


def test_a_ring_follows_the_pointer_while_control_is_held(window):
    move_to(window, 300, 300)
    window.wait(window.stage_window.bar.isHidden)
    plain = view(window).grab().toImage()
    QTest.keyPress(window.stage_window, Qt.Key.Key_Control)
    assert view(window).grab().toImage() != plain
    QTest.keyRelease(window.stage_window, Qt.Key.Key_Control)
    assert view(window).grab().toImage() == plain


def test_a_click_on_the_timeline_goes_there(window):
    left, top, width, height = view(window).stage.regions.line
    cells = len(view(window).stage.line.cells)
    QTest.mouseClick(
        view(window), Qt.MouseButton.LeftButton, pos=QPoint(int(left + 10.5 * width / cells), int(top + height / 2))
    )
    assert steps_shown(window) == 11


def test_a_transition_never_delays_a_key(window):
    window.press("Right", "Right", "Right")
    assert steps_shown(window) == 3
    assert view(window).is_moving
    window.press("Right")
    assert steps_shown(window) == 4
    window.wait(lambda: not view(window).is_moving)


def test_with_reduced_motion_nothing_moves(open_window):
    window = open_window("koehn")
    window.press("F5")
    window.controller.actions["reduce_motion"].trigger()
    window.walk(3)
    assert not view(window).is_moving


def test_training_shows_loss_and_boundary(window):
    window.press("T")
    window.wait(lambda: view(window).stage.plots is not None and view(window).stage.plots.marker > 3)
    shown = view(window).stage
    assert shown.where.startswith("training · epoch")
    assert len(shown.plots.runs[0].epochs) > 0
    assert shown.regions.loss is not None
    assert shown.regions.boundary is not None
    window.press("T")
    window.wait(lambda: not window.controller.training.running)
    window.wait(lambda: view(window).stage.card is not None)


def test_an_audience_predicts_and_a_key_shows_the_answer(window):
    window.walk(2)
    window.press("Q")
    window.wait(lambda: window.session.asked is not None)
    hidden = view(window).stage.card.formula
    assert hidden.is_hidden
    window.press("Right")
    assert not view(window).stage.card.formula.is_hidden
    window.press("Right")
    assert view(window).stage.card.formula.is_hidden


def test_the_lecturers_view_shows_this_step_the_next_and_notes(window):
    window.walk(3)
    window.press("F6")
    lecturer = window.controller.presenting().lecturer_window
    assert lecturer is not None
    window.wait(lambda: lecturer.next.stage is not None)
    assert lecturer.here.stage.line.done == 3
    assert lecturer.next.stage.line.done == 4
    assert "Next:" in lecturer.notes.text()
    assert lecturer.clock.text()
    window.press("Right")
    assert lecturer.here.stage.line.done == 4
    window.press("F6")
    assert window.controller.presenting().lecturer_window is None


def test_a_window_closed_in_presentation_opens_with_its_controls(open_window):
    window = open_window("koehn")
    window.press("F5")
    window.main.close()
    other = open_window("koehn")
    assert other.stage_window is None
    assert not other.main.toolbar.isHidden()
    assert not other.main.panels["values"].isHidden()


def test_the_keyboard_shortcuts_belong_to_the_stage_which_would_hide_them(window):
    belongs: list[object] = []

    def look(dialog) -> None:
        belongs.append(dialog.parent())
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    window.during(QApplication.activeModalWidget, look, lambda: window.press("?"))
    assert belongs == [window.stage_window]
