"""The conventions panel in the real window: by mouse and by keys, beside a run, in other themes and sizes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget

from nnviz.engine.conventions import CHOICES
from nnviz.gui.views.chrome.choice_segments import ChoiceSegments
from nnviz.gui.views.chrome.controls import QuietCombo
from nnviz.gui.views.chrome.segments import Segments
from nnviz.present.core.palette import load_palette
from tests.e2e.conftest import html_words

CONTROLS = ("loss", *CHOICES, "update_after", "reduce", "layers")


def opened(open_window, lesson="koehn", theme="light"):
    window = open_window(lesson, theme)
    window.press("Ctrl+K")
    window.settle()
    return window


def panel_of(window):
    return window.main.conventions.view


def click_choice(window, control, word):
    """Click a segment of a control by its word."""
    segments = panel_of(window).control(control)
    assert isinstance(segments, ChoiceSegments)
    panel_of(window).ensureWidgetVisible(segments)
    words = [segments.tip(index) for index in range(len(words_of(segments)))]
    assert len(words) == len(words_of(segments))
    window.click(segments, segments.center_of(words_of(segments).index(word)).toPoint())


def seen(widget):
    """Whether any of a widget is on the screen; a panel behind another is only moved away."""
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def words_of(segments):
    return list(segments._words)


def lines(window):
    shown = panel_of(window).list
    return [shown.item(row).text() for row in range(shown.count())]


def test_a_key_brings_the_panel_to_the_front_and_to_the_keyboard(open_window):
    window = open_window("koehn")
    assert not seen(panel_of(window))
    assert panel_of(window).widget() is None, "it is built when it is first seen"
    assert seen(window.main.lesson)
    window.press("Ctrl+K")
    window.settle()
    assert seen(panel_of(window))
    assert not seen(window.main.lesson)
    assert QApplication.focusWidget() is panel_of(window)
    window.press("Right", "Tab")
    assert window.step == 1, "the walk's keys still walk"
    assert panel_of(window).isAncestorOf(QApplication.focusWidget())
    window.choose_in_menu("View", "Panels", "Conventions")
    assert window.main.panels["conventions"].isHidden()
    window.press("Ctrl+K")
    window.settle()
    assert seen(panel_of(window))


def test_a_choice_by_mouse_changes_the_pass_at_the_same_step(open_window):
    window = opened(open_window)
    window.walk(11)
    title, chips = window.card.title, window.chips
    assert window.result == "0.049216"
    click_choice(window, "slope", "v(1 − v) of z")
    assert window.card.title == title
    assert window.result == "−0.016166"
    assert window.card.change == "0.049216 → −0.016166 (−0.065381)"
    assert window.session.convention.slope == "product_of_z"
    assert window.session.lesson.convention.slope == "exact"
    assert "δ₂: 0.049216 → −0.016166 (−0.065381)" in lines(window)
    assert window.mark("y", 1).moved == ("delta",)
    assert "changed from" not in window.cell_text("y", Qt.ItemDataRole.AccessibleTextRole)
    assert "Changed: 0.049216 → −0.016166" in window.main.card.accessibleName()
    row = window.row("delta_2")
    assert row.change == "▼ 0.0654"
    assert window.cell_text("delta_2") == "▼ 0.0654  [−0.016166]"
    assert "before: 0.0492157" in window.cell_text("delta_2", Qt.ItemDataRole.ToolTipRole)
    window.click(panel_of(window).reset)
    assert window.result == "0.049216"
    assert window.chips == chips
    assert not panel_of(window).reset.isEnabled()


def test_a_line_of_the_changes_leads_to_its_step(open_window):
    window = opened(open_window)
    window.walk(3)
    click_choice(window, "slope", "v(1 − v) of z")
    shown = panel_of(window).list
    panel_of(window).more.click()
    window.settle()
    item = next(shown.item(row) for row in range(shown.count()) if shown.item(row).text().startswith("ΔW₂"))
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualItemRect(item).center())
    assert window.card.title == "Weight change on h₁ → y"
    shown.setCurrentRow(0)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert window.card.title == "Error term of y"


def test_choices_by_keys(open_window):
    window = opened(open_window)
    window.walk(8)
    step = window.step
    segments = panel_of(window).control("update")
    segments.setFocus(Qt.FocusReason.TabFocusReason)
    window.press("Right")
    assert window.session.convention.update == "sequential"
    assert window.step == step, "the arrow is the control's while it has the focus"
    window.press("Left")
    assert window.session.convention.update == "simultaneous"
    box = panel_of(window).check("b1")
    box.setFocus(Qt.FocusReason.TabFocusReason)
    window.press("Space")
    assert window.session.convention.frozen == ("b1",)
    assert window.step == step
    panel_of(window).check("biases").setFocus(Qt.FocusReason.TabFocusReason)
    window.press("Space")
    assert window.session.convention.frozen == ("biases",)
    assert panel_of(window).check("b2").isChecked()
    loss = panel_of(window).control("loss")
    loss.setFocus(Qt.FocusReason.TabFocusReason)
    window.press("Down")
    assert window.session.loss == "squared"
    panel_of(window).reset.setFocus(Qt.FocusReason.TabFocusReason)
    window.press("Space")
    assert window.session.follows_lesson
    assert window.step == step


def test_everything_is_reached_with_tab_and_has_a_name(open_window):
    window = opened(open_window)
    click_choice(window, "slope", "at a")
    reached: list[str] = []
    for _ in range(80):
        window.press("Tab")
        focused = QApplication.focusWidget()
        if focused is not None and panel_of(window).isAncestorOf(focused):
            reached.append(focused.accessibleName() or getattr(focused, "text", str)())
    for name in ("Loss", "Sign of δ", "Derivative f′", "Freeze all weights", "Freeze W₂", "Batch size"):
        assert name in reached, reached
    assert "What this choice changed" in reached
    places = [
        reached.index(name) for name in ("Loss", "Sign of δ", "Freeze W₂", "Batch size", "What this choice changed")
    ]
    assert places == sorted(places), "from top to bottom"
    assert all(reached)
    kinds = (QAbstractButton, QComboBox, Segments)
    used = [widget for kind in kinds for widget in panel_of(window).widget().findChildren(kind)]
    assert all(
        widget.toolTip() or widget.accessibleDescription() for widget in used if not isinstance(widget, Segments)
    )


def test_the_lessons_own_choice_is_marked(open_window):
    window = opened(open_window)
    panel = panel_of(window)
    assert "the lesson's choice" in panel.control("delta").tip(1)
    assert "the lesson's choice" not in panel.control("delta").tip(0)
    loss = panel.control("loss")
    assert isinstance(loss, QuietCombo)
    assert [loss.itemText(index) for index in range(2)] == ["half squared · lesson", "squared"]


def test_what_cannot_be_chosen_is_grey_and_says_why(open_window):
    window = opened(open_window)
    panel = panel_of(window)
    for control in ("through_time", "layers"):
        assert not panel.control(control).isEnabled()
    grey = panel.control("through_time")
    middle = grey.rect().center()
    QApplication.sendEvent(grey, QHelpEvent(QEvent.Type.ToolTip, middle, grey.mapToGlobal(middle)))
    assert "This option needs a network with a recurrent layer." in html_words(window.details_box.label.text())
    slope = panel.control("slope")
    panel.ensureWidgetVisible(slope)
    tip = window.hover(slope, slope.center_of(2).toPoint())
    assert tip == "The derivative at the activation instead of z: a mistake."
    loss = panel.control("loss")
    assert not loss.model().item(3).isEnabled()
    assert "ends in sigmoid" in loss.itemData(3, Qt.ItemDataRole.ToolTipRole)
    assert loss.model().item(4).isEnabled()


def test_layer_numbers_where_the_notation_carries_them(open_window):
    window = opened(open_window, "from-scratch")
    assert window.listing[0] == "z_2 = x @ w_1 + b_1"
    click_choice(window, "layers", "the first hidden")
    assert window.listing[0] == "z_1 = x @ w_1 + b_1"
    told = panel_of(window).last_change()
    assert told.sentences == ("Layers are renumbered; no computed value changes.",)
    assert panel_of(window).more.text() == "nothing changed"
    window.click(panel_of(window).reset)
    assert window.listing[0] == "z_2 = x @ w_1 + b_1"


def test_panel_and_strip_stay_in_step(open_window):
    window = opened(open_window)
    panel, strip = panel_of(window), window.main.strip
    click_choice(window, "update_after", "all")
    assert strip.batch_size.current() == 1
    strip.batch_size.chosen.emit(2)
    assert panel.control("update_after").current() == 2
    assert panel.mini_batch.value() == window.session.training.update_after == 2
    panel.mini_batch.setValue(3)
    assert window.session.training.update_after == 3
    assert strip.mini_batch.value() == 3
    click_choice(window, "reduce", "mean")
    assert window.session.training.reduce == "mean"


def test_a_choice_while_training_pauses_on_the_weights_and_the_run_goes_on_changed(open_window):
    window = opened(open_window, "krzeminski-batch")
    window.press("T")
    training = window.controller.training
    window.wait(lambda: training.runs[0].last_epoch > 50)
    click_choice(window, "delta", "descent")
    assert training.running, "only told otherwise"
    click_choice(window, "slope", "at a")
    window.wait(lambda: window.session.convention.slope == "derivative_of_a")
    assert not training.running
    checkpoint = window.session.checkpoint
    assert checkpoint.epoch > 50
    assert checkpoint is training.client.checkpoint
    assert lines(window), "what it changed can be read"
    window.press("T")
    window.wait(lambda: training.runs[0].last_epoch > checkpoint.epoch + 50)
    assert window.session.convention.slope == "derivative_of_a"
    window.press("T")
    window.wait(lambda: not training.running)


def test_another_lesson_comes_with_its_own_conventions(open_window):
    window = opened(open_window)
    click_choice(window, "slope", "at a")
    window.choose("lesson", "Three clusters, softmax and likelihood")
    assert window.session.lesson.name == "softmax"
    assert not panel_of(window).reset.isEnabled()
    assert panel_of(window).check("W2").text() == "V"
    assert lines(window) == []
    window.choose("lesson", "Three hidden layers")
    assert panel_of(window).check("W4").isVisible() or panel_of(window).check("W4").text()


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_changed_numbers_carry_the_color_of_conventions(open_window, theme):
    window = opened(open_window, theme=theme)
    window.press("End")
    before = window.colors(window.main.card)
    click_choice(window, "slope", "at a")
    color = load_palette(theme).convention_wash
    assert color not in before
    assert color in window.colors(window.main.card)


@pytest.mark.parametrize("width", [250, 285, 300, 330, 390, 400, 480])
def test_no_control_is_cut_off(open_window, width):
    window = opened(open_window)
    window.main.resizeDocks([window.main.panels["step"]], [width], Qt.Orientation.Horizontal)
    window.settle()
    window.settle()
    panel = panel_of(window)
    click_choice(window, "update_after", "k")
    window.settle()
    inner = panel.widget()
    assert inner.width() <= panel.viewport().width()
    for name in CONTROLS:
        control: QWidget = panel.control(name)
        assert control.width() >= control.sizeHint().width(), name
        right = control.mapTo(inner, QPoint(control.width(), 0)).x()
        assert right <= inner.width(), name
    assert panel.mini_batch.mapTo(inner, QPoint(panel.mini_batch.width(), 0)).x() <= inner.width()


def test_the_presenters_window_has_no_conventions_until_asked(open_window):
    window = opened(open_window)
    window.press("F5")
    window.settle()
    assert not window.stage_window.findChildren(type(panel_of(window)))
    window.press("F5")
    window.settle()
    assert not window.main.panels["conventions"].isHidden()
