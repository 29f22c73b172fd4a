"""Asking why in the window, by keys and by mouse, on the canvas, the graph, the card, the values, the listing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from nnviz.debugger.state.session import choose_convention
from nnviz.debugger.state.trail import Direction
from nnviz.debugger.why import factors
from nnviz.gui.views.card.formula_label import FormulaLabel
from nnviz.gui.views.panels.value_delegate import GAP, INDENT
from nnviz.present.words.why_text import WhyCard
from nnviz.render.fonts import mono_font
from nnviz.render.paint import text_width
from nnviz.tracing.steps import Kind, Quantity

CONTROL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
LEFT = Qt.MouseButton.LeftButton
DELTA1, S1, H1 = Quantity(Kind.DELTA, 0, 0), Quantity(Kind.Z, 0, 0), Quantity(Kind.A, 0, 0)


def asked(window) -> list[Quantity]:
    trail = window.session.why
    return [] if trail is None else list(trail.quantities)


def why(window) -> WhyCard:
    card = window.main.why.shown()
    assert card is not None
    assert window.main.why.isVisible()
    return card


def hold_and_click(widget: QWidget, at: QPoint, held: Qt.KeyboardModifier = CONTROL) -> None:
    QTest.mouseClick(widget, LEFT, held, at)


def canvas_point(window, x: float, y: float) -> QPoint:
    return window.main.canvas.place_on_screen(x, y)


def menu_at(window, widget: QWidget, at: QPoint, act: Callable[[QMenu], object]) -> None:
    """Open the context menu at a place of a widget and act in it."""

    def ask_for_menu() -> None:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
        QApplication.sendEvent(widget, event)

    def use(menu: QMenu) -> None:
        act(menu)
        menu.close()

    window.during(QApplication.activePopupWidget, use, ask_for_menu)


def words_of(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


@pytest.fixture
def window(open_window):
    opened = open_window("koehn")
    opened.walk(26)  # to the end of the backward pass
    return opened


def test_by_keys_back_to_an_input_and_out_again(window):
    position = window.session.position
    assert not window.main.why.isVisible()
    window.press("W")
    assert asked(window) == [Quantity(Kind.DB, 0, 1)]
    assert why(window).factors[0].symbol == "δ₁,₂"
    window.press("Return")  # δ₁,₂
    window.press("Return")  # ∂E/∂h₂
    assert why(window).title == "Negative gradient of the loss at h₂"
    window.press("Down", "Return")  # δ₂, the second factor
    assert asked(window)[-1] == Quantity(Kind.DELTA, 1, 0)
    window.press("Backspace", "1")  # W₂,₂, by its digit
    assert asked(window)[-1] == Quantity(Kind.WEIGHT, 1, 0, 1)
    assert why(window).factors == ()
    assert window.session.position == position
    window.press("Escape")
    assert asked(window) == []
    assert not window.main.why.isVisible()
    assert window.main.card.isVisible()


def test_backspace_leaves_from_the_first(window):
    window.press("W", "Return", "Backspace", "Backspace")
    assert asked(window) == []


def test_w_goes_further_and_shift_w_the_other_way(window):
    window.press("W", "W")
    assert asked(window) == [Quantity(Kind.DB, 0, 1), Quantity(Kind.DELTA, 0, 1)]
    window.press("Shift+W")
    assert why(window).direction is Direction.FEEDS
    assert Quantity(Kind.DB, 0, 1) in factors(window.session)
    window.press("W")
    assert why(window).direction is Direction.WHY


def test_shift_w_asks_what_the_step_feeds(window):
    window.press("Home", "Right", "Shift+W")
    assert why(window).text == "Used in"
    assert [factor.quantity for factor in why(window).factors] == [H1]
    assert why(window).factors[0].value == "\N{EM DASH}"  # h₁ is not known yet


def test_a_step_leaves_the_trail_and_walks(window):
    before = window.session.position
    window.press("W", "Left")
    assert asked(window) == []
    assert window.session.position < before
    window.press("Right")
    assert window.session.position == before
    assert asked(window) == []


def test_the_keys_mean_the_walk_again_afterwards(window):
    window.press("W", "Escape", "2")
    assert window.session.grain == 1  # by layer
    window.press("3", "Home", "Right", "Down")
    assert window.session.grain == 3


def test_the_card_keeps_its_place(window):
    panel = window.main.panels["step"]
    before = panel.geometry()
    window.press("W")
    window.settle()
    assert panel.geometry() == before
    window.press("Escape", "Right")
    window.settle()
    assert panel.geometry() == before


def test_shift_enter_goes_to_the_step(window):
    window.press("W", "Return", "Shift+Return")
    assert asked(window) == []
    assert window.session.step is not None
    assert window.session.step.quantity == Quantity(Kind.DELTA, 0, 1)


def test_control_and_a_click_ask_about_the_number_under_the_mouse(window):
    mark = window.mark("h", 1)
    viewport = window.main.canvas.viewport()
    for y, quantity in ((mark.y - 12, S1), (mark.y + mark.radius + 16, DELTA1)):
        hold_and_click(viewport, canvas_point(window, mark.x, y))
        assert asked(window) == [quantity]
        window.press("Escape")
    hold_and_click(viewport, canvas_point(window, mark.x, mark.y + 14), CONTROL | SHIFT)
    assert why(window).direction is Direction.FEEDS
    assert window.session.selection is None


def test_a_click_on_a_lit_number_goes_further(window):
    viewport, mark = window.main.canvas.viewport(), window.mark("y", 1)
    hold_and_click(viewport, canvas_point(window, mark.x, mark.y - 12))
    z = Quantity(Kind.Z, 1, 0)
    assert asked(window) == [z]
    window.click(viewport, window.unit_place("h", 1))
    assert asked(window) == [z, H1]
    assert window.session.selection is None
    h1 = window.mark("h", 1)
    window.click(viewport, canvas_point(window, h1.x, h1.y - 12))
    assert asked(window) == [z, H1, S1]
    window.click(viewport, window.unit_place("x", 2))
    assert asked(window)[-1] == Quantity(Kind.INPUT, None, 1)
    window.click(viewport, window.unit_place("y", 1))  # no factor of it: this selects, as ever
    assert window.session.selection == Quantity(Kind.A, 1, 0)
    assert len(asked(window)) == 4


def test_the_menu_of_a_unit_offers_all_its_numbers(window):
    mark = window.mark("h", 1)
    words: list[str] = []

    def choose(menu: QMenu) -> None:
        words.extend(words_of(menu))
        next(action for action in menu.actions() if action.text().startswith("Why is δ₁,₁")).trigger()

    menu_at(window, window.main.canvas.viewport(), canvas_point(window, mark.x, mark.y + 14), choose)
    assert [word for word in words if word.startswith("Why")][:2] == ["Why is h₁ = 0.7311?", "Why is s₁ = 1.0000?"]
    assert words[-1] == "Where is this value used?"
    assert asked(window) == [DELTA1]


def test_the_menu_of_a_bias_asks_what_it_feeds(window):
    window.press("Home")
    at = canvas_point(window, *window.mark("h", 1).biases[0].label.middle)

    def choose(menu: QMenu) -> None:
        menu.actions()[-1].menu().actions()[0].trigger()

    menu_at(window, window.main.canvas.viewport(), at, choose)
    assert asked(window) == [Quantity(Kind.BIAS, 0, 0)]
    assert why(window).direction is Direction.FEEDS


def test_a_double_click_on_an_operand_of_the_card(window):
    labels = [label for label in window.main.card.findChildren(FormulaLabel) if label.isVisible()]
    label, box = next((label, box) for label in labels for box in label.formula().boxes if box.operand > 1)
    place = (label.baseline() + box.rect.center() * label.shown_size()).toPoint()
    QTest.mouseDClick(label, LEFT, NONE, place)
    assert asked(window) == [Quantity(Kind.DELTA, 0, 1)]


def test_a_factor_of_the_list_and_a_crumb_are_clicked(window):
    window.press("W")
    view = window.main.why
    window.settle()
    window.click(view.factors, view.factors.rect_of(0).center().toPoint())
    assert asked(window) == [Quantity(Kind.DB, 0, 1), Quantity(Kind.DELTA, 0, 1)]
    view.crumbs.linkActivated.emit("0")
    assert asked(window) == [Quantity(Kind.DB, 0, 1)]
    assert 'href="0"' not in view.crumbs.text()
    window.click(view.turn)
    assert why(window).direction is Direction.FEEDS
    window.click(view.close_button)
    assert asked(window) == []


def test_go_to_its_step(window):
    window.press("W", "Return")
    window.click(window.main.why.go)
    assert window.session.step is not None
    assert window.session.step.quantity == Quantity(Kind.DELTA, 0, 1)


def test_a_number_of_the_graph(window):
    window.press("G")
    window.settle()
    graph = window.main.graph.view
    box = next(box for box in graph.shown().boxes if box.quantity == Quantity(Kind.A, 0))  # type: ignore[union-attr]
    left, top, _, _ = box.rect
    at = graph.mapFromScene(QPointF(left + 20, top + 62))
    hold_and_click(graph.viewport(), at)
    assert asked(window) == [H1]
    window.press("Return")
    assert asked(window) == [H1, S1]
    why_color = window.controller.theme.palette.why
    assert why_color in window.colors(graph.viewport())
    x = next(box for box in graph.shown().boxes if box.quantity == Quantity(Kind.INPUT))  # type: ignore[union-attr]
    window.click(graph.viewport(), graph.mapFromScene(QPointF(x.rect[0] + 20, x.rect[1] + 62)))
    assert asked(window)[-1] == Quantity(Kind.INPUT, None, 0)


def values_place(window, name: str, text: str) -> QPoint:
    """Where a figure stands in the values."""
    values = window.main.values
    row = next(row for row in range(values.model().rowCount()) if values.model().index(row, 0).data() == name)
    index = values.model().index(row, 2)
    values.scrollTo(index)
    rect, shown = values.visualRect(index), str(index.data())
    wide = text_width(mono_font(13), "0")
    return QPoint(round(rect.left() + 4 + (shown.index(text) + len(text) / 2) * wide), rect.center().y())


def test_a_figure_of_the_values(window):
    window.main.show_panel("values")
    window.settle()
    viewport = window.main.values.viewport()
    at = values_place(window, "delta_1", "0.025837")
    hold_and_click(viewport, at)
    assert asked(window) == [Quantity(Kind.DELTA, 0, 1)]
    window.press("Escape")
    words: list[str] = []
    window.click(viewport, at)
    menu_at(window, viewport, at, lambda menu: words.extend(words_of(menu)))
    assert words[0].startswith("Copy delta_1")
    assert words[1:3] == ["Why is δ₁,₂ = \N{MINUS SIGN}0.0258?", "Where is δ₁,₂ used?"]


def example_place(window, name: str, example: int, entry: int) -> tuple[QPoint, str]:
    """Where a figure stands in an example's line under a name, all from 1, and the figure."""
    values, model = window.main.values, window.main.values.model()
    first = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == name)
    index = model.index(first + example, 2)
    values.scrollTo(index)
    text = str(index.data())
    figure = text.strip("[]").split(",")[entry - 1].strip()
    wide = text_width(mono_font(13), "0")
    label = len(values.lines().widest_label)
    across = label + text.index(figure) + len(figure) / 2
    left = values.columnViewportPosition(0) + INDENT + GAP
    return QPoint(round(left + across * wide), values.visualRect(index).center().y()), figure


def test_a_figure_of_another_example_of_the_batch(open_window):
    window = open_window("krzeminski-batch")
    window.press("End")
    example = 1 if window.session.record.row else 2
    name = next(row.name for row in window.rows if row.quantity == Quantity(Kind.DELTA, 0))
    at, figure = example_place(window, name, example, 2)
    hold_and_click(window.main.values.viewport(), at)
    assert asked(window) == [Quantity(Kind.DELTA, 0, 1, None, 0, example - 1)]
    assert why(window).value == figure
    assert why(window).title.endswith(f"example {example}")
    window.press("1")
    assert asked(window)[-1] == Quantity(Kind.DE_DA, 0, 1, None, 0, example - 1)


def test_the_picked_factor_is_in_sight_under_a_long_formula(open_window):
    window = open_window("graph-20-50-10")
    window.press("Right", "W")
    view = window.main.why
    for _ in range(3):
        window.press("Down")
        window.settle()
    assert why(window).picked == 3
    rect = view.factors.rect_of(3).toRect()
    assert view.factors.visibleRegion().boundingRect().contains(rect)


def test_a_line_of_the_listing_and_a_cell_of_the_timeline(window):
    page = window.main.listing.widget()
    rows = window.listing
    at = QPoint(80, int((rows.index("h = sigmoid(s)") + 0.5) * page.line_height()))
    position = window.session.position
    hold_and_click(page, at)
    assert asked(window) == [H1]
    window.press("Escape")
    hold_and_click(window.main.timeline, window.cell_place(1))
    assert asked(window) == [S1]
    assert window.session.position == position


def test_through_time(open_window):
    window = open_window("krzeminski-rnn")
    store = window.controller.store
    store.apply(lambda session: choose_convention(session, replace(session.convention, through_time="full")))
    window.press("End")
    first = Quantity(Kind.DELTA, 0, 0, None, 0)
    mark = next(m for m in window.picture.units if (m.layer, m.unit, m.time) == (0, 0, 0))
    hold_and_click(window.main.canvas.viewport(), canvas_point(window, mark.x, mark.y + mark.radius + 16))
    assert asked(window) == [first]
    window.press("1")
    assert asked(window)[-1] == Quantity(Kind.DE_DA, 0, 0, None, 0)
    digit = factors(window.session).index(Quantity(Kind.DELTA, 0, 0, None, 1)) + 1
    window.press(str(digit))
    assert asked(window)[-1] == Quantity(Kind.DELTA, 0, 0, None, 1)


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_the_rings_are_painted_in_their_own_color(open_window, theme: str):
    window = open_window("koehn", theme)
    window.walk(6)
    color = window.controller.theme.palette.why
    assert color not in window.colors(window.main.canvas.viewport())
    window.press("W")
    window.settle()
    assert color in window.colors(window.main.canvas.viewport())


def test_another_lesson_begins_without_a_trail(window):
    window.press("W")
    window.controller.open_lesson("softmax")
    assert asked(window) == []
    assert window.main.card.isVisible()


def test_what_is_asked_is_told_to_a_screen_reader(window):
    window.press("W")
    name = window.main.why.accessibleName()
    assert "Computed from" in name
    assert "δ₁,₂" in name
