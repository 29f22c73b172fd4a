"""The step card in the window: its text is selected and copied, its chips lead to panels, and nothing of it is cut."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication, QHelpEvent, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from nnviz.debugger.commands import step
from nnviz.debugger.state.session import start_session
from nnviz.gui.docks import is_in_front
from nnviz.gui.views.card.card_page import FormulaArea
from nnviz.gui.views.card.step_card import StepCard
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.render.cards.card_painter import paint_card
from tests.e2e.conftest import LEFT, Window
from tests.render.images import image_of

NONE = Qt.KeyboardModifier.NoModifier


def at(point: QPointF) -> QPoint:
    return point.toPoint()


@pytest.fixture
def window(open_window) -> Window:
    shown = open_window("koehn")
    shown.resize(1440, 900)
    shown.walk(12)
    shown.settle()
    return shown


def test_the_window_paints_what_is_laid_out(window):
    page = window.main.card.page()
    layout = page.layout_shown()
    palette = window.controller.theme.palette
    alone = image_of(page.size().toTuple(), palette.name, lambda painter, _: paint_card(painter, layout, palette))
    assert page.grab().toImage().convertToFormat(QImage.Format.Format_RGB32) == alone


def test_text_is_selected_and_copied(window):
    page = window.main.card.page()
    title = page.layout_shown().texts[1].rect
    middle = title.center().y()
    QTest.mousePress(page, LEFT, NONE, at(QPointF(title.left() + 1, middle)))
    QTest.mouseMove(page, at(QPointF(title.left() + 50, middle)))
    move = QPointF(title.right(), middle)
    _drag(page, move)
    QTest.mouseRelease(page, LEFT, NONE, at(move))
    assert page.selected_text() == "Weight change on h₁ → y"
    menu = page.copy_menu()
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "Weight change on h₁ → y"
    QTest.mouseDClick(page, LEFT, NONE, at(QPointF(title.left() + 20, middle)))
    assert page.selected_text() == "Weight"
    QTest.mouseClick(page, LEFT, NONE, QPoint(2, page.height() - 2))
    assert page.selected_text() == ""


def _drag(page, place: QPointF) -> None:
    event = QMouseEvent(QEvent.Type.MouseMove, place, page.mapToGlobal(place), LEFT, LEFT, NONE)
    QApplication.sendEvent(page, event)


def test_a_new_step_ends_the_selection(window):
    page = window.main.card.page()
    QTest.mouseDClick(page, LEFT, NONE, at(page.layout_shown().texts[1].rect.topLeft() + QPointF(20, 9)))
    assert page.selected_text()
    window.press("Right")
    assert page.selected_text() == ""


def test_the_step_is_copied_as_text(window):
    page = window.main.card.page()
    page.copy_menu().actions()[1].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[:2] == ["Step 12 of 35 · backward · output layer", "Weight change on h₁ → y"]
    assert lines[2] == "ΔW₂,₁ = μ δ₂ h₁ = 1 · 0.049216 · 0.731059 = 0.035980"
    assert lines[3] == "printed 0.03597961 ✓, 5.7.3 and 5.7.4"


def test_a_chip_leads_to_its_panel(window):
    page = window.main.card.page()
    chip = page.layout_shown().chips[0].rect
    QTest.mouseMove(page, at(chip.center()))
    window.wait(lambda: page.cursor().shape() is Qt.CursorShape.PointingHandCursor)
    tip = QHelpEvent(QEvent.Type.ToolTip, at(chip.center()), page.mapToGlobal(at(chip.center())))
    QApplication.sendEvent(page, tip)
    assert "Lesson panel" in QToolTip.text()
    QToolTip.hideText()
    window.click(page, at(chip.center()))
    assert is_in_front(window.main.panels["lesson"])


def test_a_hovered_operand_is_marked_in_both_rows(window):
    page = window.main.card.page()
    label = window.formula("1 times 0.049216")
    box = next(box for box in label.formula().boxes if box.operand == 3)
    before = page.grab().toImage()
    place = (label.baseline() + box.rect.center() * label.shown_size()).toPoint()
    QTest.mouseMove(label, place)
    window.wait(lambda: page.grab().toImage() != before)
    symbols, numbers = (
        next(row for row in page.layout_shown().formulas if row.role == role) for role in ("symbols", "numbers")
    )
    after = page.grab().toImage()
    for row in (symbols, numbers):
        corner = at(row.rects_of(3)[0].topLeft() + QPointF(-2, 8))
        assert after.pixelColor(corner) != before.pixelColor(corner)


def test_a_row_that_appears_under_the_mouse_is_hovered(qtbot):
    """Qt reports the mouse to a row in the moment in which it is shown."""
    card = StepCard()
    qtbot.addWidget(card)
    card.set_theme(load_palette("dark"), 1.0)
    card.resize(466, 276)
    with qtbot.waitExposed(card):
        card.show()
    session = start_session(load("koehn"))
    card.render_session(session)
    while not session.at_end:
        session = step(session)
        card.render_session(session)
        for area in card.findChildren(FormulaArea):
            place = QPointF(area.rect().center())
            QApplication.sendEvent(area, QEnterEvent(place, place, area.mapToGlobal(place)))
    fresh = FormulaArea(card)
    assert fresh.operand_at(QPoint(3, 3)) == 0


@pytest.mark.parametrize("lesson", ["from-scratch", "krzeminski-rnn", "softmax-deep"])
def test_no_sentence_is_cut_while_there_is_room(open_window, lesson):
    window = open_window(lesson)
    window.resize(1440, 900)
    card = window.main.card
    for _ in range(30):
        window.press("Right")
        window.settle()
        layout = card.page().layout_shown()
        assert layout.height <= card.height(), window.card.title
        assert card.verticalScrollBar().maximum() == 0


def test_panels_lend_the_height_that_they_leave_empty(open_window):
    window = open_window("koehn")
    window.resize(1440, 1500)
    main = window.main
    step, numpy, values = (main.panels[name] for name in ("step", "numpy", "values"))
    main.resizeDocks([step, numpy, values], [150, 620, 680], Qt.Orientation.Vertical)
    window.settle()
    low = step.height()
    window.walk(3)
    window.wait(lambda: step.height() > low)
    window.settle()
    layout = main.card.page().layout_shown()
    assert layout.height == layout.wanted <= main.card.height()
    high = step.height()
    window.press("Home")
    window.settle()
    assert step.height() == high  # a step that needs less moves nothing
