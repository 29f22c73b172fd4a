"""Gestures of the mouse and keys over the whole window: what moves the session, and what never does."""

from __future__ import annotations

from itertools import product, starmap

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from nnviz.debugger.commands import go_to
from nnviz.debugger.timeline import in_past
from nnviz.present.core.palette import load_palette
from nnviz.present.words.quiz_text import asking
from nnviz.tracing.steps import Kind, Quantity
from tests.e2e.conftest import click_entry, html_words

RIGHT = Qt.MouseButton.RightButton


def right_click(widget: QWidget, at: QPoint) -> None:
    """Press and release the right button, and ask for the menu, as a window system does; close any menu."""

    def close_menus() -> None:
        while isinstance(menu := QApplication.activePopupWidget(), QMenu):
            menu.close()

    waiting = QTimer()  # the menu of a spin box runs a loop of events of its own
    waiting.timeout.connect(close_menus)
    waiting.start()
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        held = RIGHT if kind is QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        place = QPointF(at), QPointF(widget.mapToGlobal(at))
        QApplication.sendEvent(widget, QMouseEvent(kind, *place, RIGHT, held, Qt.KeyboardModifier.NoModifier))
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    close_menus()
    waiting.stop()


def points_of(widget: QWidget) -> list[QPoint]:
    """A grid of points of a widget and some near its left edge, 8 pixels apart, but for those under a child of it."""
    across = apart(4, *(widget.width() * part // 4 for part in (1, 2, 3)))
    down = apart(*(widget.height() * part // 6 for part in range(1, 6)))
    return [at for at in starmap(QPoint, product(across, down)) if widget.childAt(at) is None]


def apart(*places: int) -> list[int]:
    """Of places in order, those that are at least 8 pixels after the one before."""
    kept = [places[0]]
    for place in places[1:]:
        if place - kept[-1] >= 8:
            kept.append(place)
    return kept


@pytest.mark.parametrize("canvas", [0, 1])
def test_a_right_click_moves_nothing(open_window, canvas):
    window = open_window("koehn")
    for name, panel in window.main.panels.items():
        panel.show()
        window.main.show_panel(name)
    window.main.show_canvas(canvas)
    window.walk(20)
    window.settle()
    before = window.controller.store.session
    widgets = [widget for widget in window.main.findChildren(QWidget) if widget.isVisible()]
    assert len(widgets) > 100
    for widget in widgets:
        for at in points_of(widget):
            right_click(widget, at)
            assert window.controller.store.session == before, (widget, at)


def test_end_returns_to_the_latest_update_at_once(open_window):
    window = open_window("krzeminski-sgd")
    window.press("Ctrl+Down", "Ctrl+Down", "Right", "Alt+Left", "Alt+Left", "Right")
    assert in_past(window.session)
    window.press("End")
    assert not in_past(window.session)
    assert window.session.checkpoint.update == 2
    window.press("End")
    assert window.session.at_end


def on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)])
@pytest.mark.parametrize(("layer", "unit"), [("x", 1), ("x", 2), ("h", 1), ("h", 2), ("y", 1)])
def test_details_stay_beside_the_neuron_while_the_mouse_does(open_window, size, layer, unit):
    window = open_window("koehn")
    window.resize(*size)
    window.walk(14)
    canvas, mark = window.main.canvas, window.mark(layer, unit)
    assert window.hover(canvas.viewport(), window.unit_place(layer, unit))
    box = window.details_box
    disc = canvas.mapFromScene(QRectF(mark.x - mark.radius, mark.y - mark.radius, 2 * mark.radius, 2 * mark.radius))
    inside = QRect(canvas.viewport().mapToGlobal(disc.boundingRect().topLeft()), disc.boundingRect().size())
    assert not on_screen(box).intersects(inside)
    assert on_screen(window.main).contains(on_screen(box))
    # What Qt sends when the pointer has rested does not end it.
    at = window.unit_place(layer, unit)
    viewport = canvas.viewport()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, at, viewport.mapToGlobal(at)))
    window.settle()
    assert window.details_box is box
    QTest.mouseMove(viewport, QPoint(2, 2))
    assert window.details_box is None


def test_details_follow_the_steps_under_a_resting_mouse(open_window):
    window = open_window("koehn")
    viewport = window.main.canvas.viewport()
    assert "s₁ —" in window.hover(viewport, window.unit_place("h", 1))
    window.walk(1)
    assert "s₁ 1.0" in html_words(window.details_box.label.text())
    window.click(viewport, QPoint(2, 2))
    assert window.details_box is None


def test_details_of_the_graph_stay_beside_their_box(open_window):
    window = open_window("koehn")
    window.press("G")
    window.walk(20)
    graph = window.main.graph.view
    for box in graph.shown().boxes:
        rect = graph.mapFromScene(QRectF(*box.rect)).boundingRect()
        if not graph.viewport().rect().contains(rect):
            continue
        assert window.hover(graph.viewport(), rect.center())
        inside = QRect(graph.viewport().mapToGlobal(rect.topLeft()), rect.size())
        assert not on_screen(window.details_box).intersects(inside)


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_details_have_the_colors_of_the_theme(open_window, theme):
    window = open_window("koehn", theme)
    window.hover(window.main.canvas.viewport(), window.unit_place("h", 1))
    palette = load_palette(theme)
    colors = {color.lower() for color in window.colors(window.details_box)}
    assert palette.card.lower() in colors
    border = window.details_box.grab().toImage().pixelColor(20, 0).name()
    assert border == palette.border.lower()


def test_the_tip_of_a_row_of_values_is_beside_the_row(open_window):
    window = open_window("koehn")
    window.walk(14)
    window.main.show_panel("values")
    window.settle()
    values = window.main.values
    shown = values.indexAt(QPoint(40, values.viewport().height() // 2)).row()
    index = values.model().index(shown, 2)
    at, viewport = values.visualRect(index).center(), values.viewport()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, at, viewport.mapToGlobal(at)))
    row = values.visualRect(index)
    inside = QRect(viewport.mapToGlobal(row.topLeft()), row.size())
    assert not on_screen(window.details_box).intersects(inside)
    QTest.mouseMove(viewport, values.visualRect(values.model().index(shown - 1, 2)).center())
    assert window.details_box is None


def test_the_pointer_changes_over_what_can_be_clicked_or_changed(open_window):
    window = open_window("koehn")
    canvas = window.main.canvas
    viewport = canvas.viewport()
    shapes = {}
    for name, at in (
        ("neuron", window.unit_place("h", 1)),
        ("edge", window.edge_place(1, 1, 1)),
        ("target", canvas.place_on_screen(*canvas.place_of(Quantity(Kind.TARGET, unit=0)))),
        ("nothing", QPoint(2, 2)),
    ):
        QTest.mouseMove(viewport, at)
        shapes[name] = viewport.cursor().shape()
    hand, text, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.IBeamCursor, Qt.CursorShape.ArrowCursor
    assert shapes == {"neuron": hand, "edge": hand, "target": text, "nothing": arrow}


def menu_at(window, widget: QWidget, at: QPoint) -> list[str]:
    """The entries of the menu of a right click, without their keys; the menu is closed again."""
    words: list[str] = []
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    if isinstance(menu, QMenu):
        words = [action.text().partition("\t")[0] for action in menu.actions() if not action.isSeparator()]
        menu.close()
    return words


def choose_entry(window, widget: QWidget, at: QPoint, words: str) -> None:
    """Open the menu at a place and click an entry."""
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    click_entry(QApplication.activePopupWidget(), words)
    window.settle()


def test_change_is_the_first_entry_of_every_number_that_can_be_changed(open_window):
    window = open_window("koehn")
    window.walk(14)
    canvas = window.main.canvas
    viewport = canvas.viewport()
    target = canvas.place_on_screen(*canvas.place_of(Quantity(Kind.TARGET, unit=0)))
    for name, at in (
        ("W₁₁", window.edge_place(1, 1, 1)),
        ("W₂,₂", window.edge_place(2, 1, 2)),
        ("b₁", window.unit_place("h", 1)),
        ("b₂,₁", window.unit_place("y", 1)),
        ("x₂", window.unit_place("x", 2)),
        ("t", target),
    ):
        assert menu_at(window, viewport, at)[0] == f"Change {name}…"
    assert menu_at(window, viewport, QPoint(2, 2)) == []
    values = window.main.values
    row = next(at for at in range(values.model().rowCount()) if values.model().index(at, 0).data() == "W2")
    values.scrollTo(values.model().index(row, 2))
    place = values.visualRect(values.model().index(row, 2)).topLeft() + QPoint(14, 8)
    values.selectRow(row)
    copy, change, *_ = menu_at(window, values.viewport(), place)
    assert (copy, change) == ("Copy W2 (1, 2)", "Change W₂,₁…")
    window.press("G")
    graph = window.main.graph.view
    box = next(box for box in graph.shown().boxes if box.quantity.kind is Kind.BIAS)
    number = Quantity(Kind.BIAS, box.quantity.layer, 0)
    place = graph.place_on_screen(*graph.place_of(number))
    assert menu_at(window, graph.viewport(), place)[0].startswith("Change b")


def test_change_opens_the_field_and_the_slider_is_one_undo_step(open_window):
    window = open_window("koehn")
    at, before = window.edge_place(1, 1, 1), window.session
    choose_entry(window, window.main.canvas.viewport(), at, "Change W₁₁")
    editor = window.controller.editing.editor
    assert editor.isVisible()
    assert editor.field.text() == "3"
    middle = editor.slider.value()
    for place in (middle + 20, middle + 60, middle + 40):
        editor.slider.setValue(place)
    changed = window.session.checkpoint.parameters[0]
    assert changed == pytest.approx(3.0 + 40 * 9.0 / 400, abs=0.05)
    assert editor.isVisible()
    assert editor.field.text() == f"{changed:g}"
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert not editor.isVisible()
    assert window.session.checkpoint.parameters[0] == changed
    window.press("Ctrl+Z")
    assert window.session.checkpoint.parameters.tobytes() == before.checkpoint.parameters.tobytes()
    assert not window.controller.actions["undo"].isEnabled()


def test_the_slider_of_a_target_stays_within_what_the_loss_allows(open_window):
    window = open_window("softmax")
    canvas = window.main.canvas
    target = canvas.place_on_screen(*canvas.place_of(Quantity(Kind.TARGET, unit=0)))
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=target)
    editor = window.controller.editing.editor
    for place in (0, editor.slider.maximum()):
        editor.slider.setValue(place)
        assert editor.isVisible()
        assert "needs targets" not in editor.message.text()
    QTest.keyClick(editor.field, Qt.Key.Key_Escape)


def test_the_field_shows_six_digits_and_keeps_the_exact_number(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Down")
    exact = window.session.checkpoint.parameters.copy()
    at = window.edge_place(1, 1, 1)
    QTest.mouseDClick(window.main.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    editor = window.controller.editing.editor
    assert editor.field.text() == f"{exact[0]:.6g}"
    assert float(editor.field.toolTip()) == exact[0]
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert window.session.checkpoint.parameters.tobytes() == exact.tobytes()
    QTest.mouseDClick(window.main.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(editor.field, Qt.Key.Key_Up)
    assert window.session.checkpoint.parameters[0] == pytest.approx(exact[0] + 0.1, abs=1e-12)
    QTest.keyClick(editor.field, Qt.Key.Key_Escape)


def test_why_is_offered_once_for_the_old_and_the_new_weight(open_window):
    window = open_window("koehn")
    words = menu_at(window, window.main.canvas.viewport(), window.edge_place(1, 1, 1))
    assert "Why is W₁₁ = 3?" in words
    assert "Why W₁₁ (new value)? (not known yet)" in words
    assert len(words) == len(set(words))
    window.press("End")
    words = menu_at(window, window.main.canvas.viewport(), window.edge_place(1, 1, 1))
    assert any(entry.startswith("Why is W₁₁ (new value) = ") for entry in words)


def test_three_hints_are_shown_until_they_are_followed_once(open_window, settings_file):
    window = open_window("koehn")
    line = window.controller.hints.line
    window.wait(line.isVisible)
    heading = window.main.center.heading
    height = heading.height()
    for words, follow in (
        ("→ takes a step", lambda: window.press("Right")),
        ("T trains the network", lambda: window.press("T")),
        ("Right-click a number to ask", lambda: menu_at(window, window.main.canvas.viewport(), QPoint(3, 3))),
    ):
        assert line.text() == words
        assert line.isVisible()
        assert heading.rect().contains(line.geometry())
        others = [child for child in heading.findChildren(QWidget) if child is not line and child.isVisible()]
        assert not any(line.geometry().intersects(child.geometry()) for child in others if child.parent() is heading)
        follow()
        window.wait(lambda words=words: line.text() != words)
    assert not line.isVisible()
    assert heading.height() == height
    window.press("T")
    again = open_window("krzeminski-sgd")
    again.press("Right")
    assert not again.controller.hints.line.isVisible()


def test_a_hint_takes_no_click_and_goes_in_presentation(open_window):
    window = open_window("koehn")
    line = window.controller.hints.line
    window.wait(line.isVisible)
    assert line.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    window.controller.actions["presentation"].trigger()
    assert not line.isVisible()
    window.controller.actions["presentation"].trigger()
    window.wait(line.isVisible)


def test_a_click_on_a_point_of_the_boundary_keeps_the_step(open_window):
    window = open_window("koehn")
    window.walk(20)
    window.main.boundary.example_clicked.emit(3)
    assert (window.session.example, window.session.position) == (3, window.session.trace.find(STEP_20))
    assert window.step == 20
    assert window.card.title == "Error term of h₂"


STEP_20 = Quantity(Kind.DELTA, 0, 1)


def test_the_loss_plot_is_called_reward_where_the_lesson_has_one(open_window):
    window = open_window("softmax")
    plot, panel = window.main.loss, window.main.panels["loss"]
    assert heading_of(panel) == "REWARD"
    assert plot.accessibleDescription() == "Press Train to plot the reward"
    assert plot.accessibleName() == "Reward curve"
    plain = open_window("koehn")
    assert heading_of(plain.main.panels["loss"]) == "LOSS"
    assert plain.main.loss.accessibleDescription() == "Press Train to plot the loss"


def heading_of(panel) -> str:
    return panel.heading.findChild(QLabel).text()


def test_a_sequence_is_written_as_one_and_a_loop_is_named(open_window):
    window = open_window("krzeminski-rnn")
    assert any("[1, 1] → [1, 0]" in words for words in window.menu_words("example"))
    position = window.session.trace.find(Quantity(Kind.DW_H, 0, 0, 0))
    window.controller.step(lambda session: go_to(session, position))
    assert window.card.title == "Weight gradient on lay1₁ → lay1₁ (recurrent)"


def test_the_score_of_predictions_has_the_lessons_symbols(open_window):
    window = open_window("koehn")
    window.controller.perform("predict")
    field = window.main.card.predict.field
    field.setFocus()
    QTest.keyClicks(field, "1.000")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert asking(window.session).score == "s/z 1/1"
