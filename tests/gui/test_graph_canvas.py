"""The computation graph's canvas: every step is painted, what is long is followed, and the mouse finds its boxes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nnviz.debugger.commands import last, step
from nnviz.debugger.state.session import Session, start_session
from nnviz.gui.kit.hover_box import HoverBox
from nnviz.gui.views.canvas.graph_canvas import READABLE, GraphCanvas
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.palette import load_palette
from nnviz.present.graph.graph_layout import (
    GUTTER,
    LABEL_SIZE,
    NAME_SIZE,
    OPERATION_SIZE,
    PAD,
    SMALL_CELL,
    SMALL_SIZE,
    VALUE_CELL,
    VALUE_SIZE,
)
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.render.canvas.graph_items import fitted_formula
from nnviz.render.fonts import mono_font
from nnviz.render.formula_paths import typeset
from nnviz.render.paint import text_width
from nnviz.tracing.steps import Grain, Kind, Quantity

DEEP = (
    'network.layers=[{units=3,activation="tanh"},{units=4,activation="leaky_relu"},{units=2,activation="linear"},'
    '{units=2,activation="softmax"}]',
    'network.loss="cross_entropy"',
    "printed=[]",
)


def koehn() -> Session:
    return start_session(load("koehn"), notation=load_notation("koehn-chain-rule"))


def deep() -> Session:
    return start_session(load("from-scratch", DEEP), grain=Grain.LAYER)


@pytest.fixture
def canvas(qtbot: QtBot) -> GraphCanvas:
    view = GraphCanvas()
    qtbot.addWidget(view)
    view.resize(900, 420)
    view.set_theme(load_palette("light"), 1.0)
    with qtbot.waitExposed(view):
        view.show()
    return view


def center(canvas: GraphCanvas, kind: Kind, layer: int | None = None) -> QPoint:
    picture = canvas.shown()
    assert picture is not None
    rect = next(b.rect for b in picture.boxes if (b.quantity.kind, b.quantity.layer) == (kind, layer))
    return canvas.place_on_screen(rect[0] + rect[2] / 2, rect[1] + rect[3] / 2)


def holds_all(canvas: GraphCanvas) -> bool:
    """Whether the whole scene is visible; a rectangle of pixels ends one pixel after its last."""
    QApplication.processEvents()  # scroll bars are hidden then
    on_screen = canvas.mapFromScene(canvas.sceneRect()).boundingRect()
    return canvas.viewport().rect().adjusted(0, 0, 1, 1).contains(on_screen)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_step_of_koehn_is_painted(canvas: GraphCanvas, theme: str) -> None:
    canvas.set_theme(load_palette(theme), 1.0)
    session = koehn()
    canvas.render_session(session)
    before = canvas.grab().toImage()
    while not session.at_end:
        session = step(session)
        canvas.render_session(session)
        image = canvas.grab().toImage()
        assert image != before
        before = image


def test_a_graph_smaller_than_its_view_fills_it_at_full_size(canvas: GraphCanvas) -> None:
    for width, height in ((1200, 600), (1700, 1000)):
        canvas.resize(width, height)
        canvas.render_session(last(koehn()))
        QApplication.processEvents()
        assert canvas.transform().m11() == 1.0
        shown = canvas.shown()
        assert shown is not None
        assert (shown.width, shown.height) == canvas.room()
        boxes = [box.rect for box in shown.boxes]
        assert min(left for left, *_ in boxes) < 0.2 * width
        assert max(left + wide for left, _, wide, _ in boxes) > 0.8 * width
        assert holds_all(canvas)
        assert not canvas.overview.isVisible()


def test_a_graph_larger_than_its_view_scrolls_and_has_an_overview(canvas: GraphCanvas) -> None:
    canvas.render_session(last(deep()))
    shown = canvas.shown()
    assert shown is not None
    assert canvas.transform().m11() == READABLE, "no type under 11 pixels"
    assert canvas.horizontalScrollBar().maximum() > 0
    assert canvas.overview.isVisible()
    assert canvas.viewport().geometry().contains(canvas.overview.geometry())
    first = shown.boxes[0].rect
    for rect in (first, shown.boxes[-1].rect):
        middle = QPointF(rect[0] + rect[2] / 2, rect[1] + rect[3] / 2)
        place = canvas.overview.place_of(middle).toPoint()
        QTest.mouseClick(canvas.overview, Qt.MouseButton.LeftButton, pos=place)
        assert canvas.viewport().rect().contains(canvas.mapFromScene(middle))
    canvas.fit()
    assert canvas.transform().m11() < READABLE
    assert holds_all(canvas)
    assert not canvas.overview.isVisible()


def test_going_back_paints_what_was_painted_before(canvas: GraphCanvas) -> None:
    session = koehn()
    canvas.render_session(session)
    QApplication.processEvents()  # scroll bars are shown then
    first = canvas.grab().toImage()
    canvas.render_session(last(session))
    canvas.render_session(session)
    assert canvas.grab().toImage() == first


def test_a_long_graph_is_followed(canvas: GraphCanvas) -> None:
    session = deep()
    canvas.render_session(session)
    assert canvas.transform().m11() == pytest.approx(READABLE)
    while not session.at_end:
        session = step(session)
        canvas.render_session(session)
        picture = canvas.shown()
        assert picture is not None
        assert picture.active_rect is not None
        on_screen = canvas.mapFromScene(QRectF(*picture.active_rect)).boundingRect()
        assert canvas.viewport().rect().contains(on_screen), session.step


def test_a_loop_is_followed_with_what_it_remembers(canvas: GraphCanvas) -> None:
    canvas.resize(700, 340)
    session = start_session(load("krzeminski-rnn"), grain=Grain.TERM)
    canvas.render_session(session)
    while not session.at_end:
        session = step(session)
        canvas.render_session(session)
        picture = canvas.shown()
        assert picture is not None
        assert picture.active_rect is not None
        room = canvas.viewport().rect()
        assert room.contains(canvas.mapFromScene(QRectF(*picture.active_rect)).boundingRect()), session.step
        if session.step is not None and session.step.kind is Kind.PRODUCT_H:
            (past,) = (mark.rect for mark in picture.boxes if mark.role == "past")
            assert room.contains(canvas.mapFromScene(QRectF(*past)).boundingRect()), session.step


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_step_of_a_loop_is_painted(canvas: GraphCanvas, theme: str) -> None:
    canvas.set_theme(load_palette(theme), 1.0)
    lesson = load("krzeminski-rnn", ('convention.through_time="full"', "printed=[]"))
    session = start_session(lesson, grain=Grain.LAYER)
    canvas.render_session(session)
    before = canvas.grab().toImage()
    while not session.at_end:
        session = step(session)
        canvas.render_session(session)
        image = canvas.grab().toImage()
        assert image != before
        before = image


def test_fit_shows_all_of_a_long_graph(canvas: GraphCanvas) -> None:
    canvas.render_session(deep())
    canvas.fit()
    assert holds_all(canvas)
    canvas.resize(1000, 500)
    QApplication.processEvents()
    assert holds_all(canvas)


def test_a_zoomed_graph_stays_where_it_is(canvas: GraphCanvas) -> None:
    session = koehn()
    canvas.render_session(session)
    canvas.zoom_in()
    canvas.zoom_in()
    zoomed, scrolled = canvas.transform(), canvas.horizontalScrollBar().value()
    canvas.render_session(last(session))
    assert (canvas.transform(), canvas.horizontalScrollBar().value()) == (zoomed, scrolled)
    canvas.zoom_out()
    canvas.fit()
    assert canvas.transform() != zoomed


def test_the_wheel_zooms(canvas: GraphCanvas) -> None:
    canvas.render_session(koehn())
    size, middle = canvas.transform().m11(), QPointF(canvas.viewport().rect().center())
    wheel = QWheelEvent(
        middle,
        canvas.viewport().mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), wheel)
    assert canvas.transform().m11() == pytest.approx(1.2 * size)


def test_a_click_selects_and_a_drag_pans(canvas: GraphCanvas, qtbot: QtBot) -> None:
    canvas.render_session(koehn())
    place = center(canvas, Kind.Z, 1)
    with qtbot.waitSignal(canvas.selected) as chosen:
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [Quantity(Kind.Z, 1)]
    with qtbot.waitSignal(canvas.selected) as chosen:
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert chosen.args == [None]
    canvas.zoom(3.0)
    before = center(canvas, Kind.Z, 1)
    with qtbot.assertNotEmitted(canvas.selected):
        QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(340, 200))
        QTest.mouseMove(canvas.viewport(), QPoint(300, 200))
        QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert center(canvas, Kind.Z, 1) - before == QPoint(-40, 0)


def test_hovering_tells_all_digits(canvas: GraphCanvas) -> None:
    canvas.render_session(last(koehn()))
    QTest.mouseMove(canvas.viewport(), QPoint(2, 2))
    QTest.mouseMove(canvas.viewport(), center(canvas, Kind.A, 1))
    box = canvas.window().findChild(HoverBox)
    assert box.isVisible()
    assert "0.7425526" in box.label.text()


def test_a_double_click_on_nothing_fits(canvas: GraphCanvas) -> None:
    canvas.resize(1000, 500)
    canvas.render_session(koehn())
    size = canvas.transform().m11()
    canvas.zoom_out()
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert canvas.transform().m11() == pytest.approx(size)


def test_another_lesson_is_shown_from_its_start(canvas: GraphCanvas) -> None:
    canvas.render_session(last(deep()))
    canvas.render_session(koehn())
    picture = canvas.shown()
    assert picture is not None
    assert len(canvas.items()) == len(picture.boxes) + 2  # the arrows, and the rings of what is asked


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("lesson", ["koehn", "krzeminski-batch", "from-scratch", "krzeminski-rnn"])
def test_formulas_keep_their_size(qtbot: QtBot, lesson: str, notation: str) -> None:
    """Nothing is cut off, and of what the lessons write nearly nothing has to be set smaller to fit."""
    full = ('convention.through_time="full"', "printed=[]") if lesson == "krzeminski-rnn" else ()
    session = last(start_session(load(lesson, full), notation=load_notation(notation)))
    picture = graph_picture(session)
    for mark in picture.boxes:
        room = mark.rect[2] - 2 * PAD
        beside = typeset(mark.number).width * SMALL_SIZE
        assert typeset(mark.tex).width * NAME_SIZE + beside < room
        assert typeset(mark.operation).width * OPERATION_SIZE < room * 1.1
    for beside_arrow in picture.labels:
        assert typeset(beside_arrow.tex).width * LABEL_SIZE < beside_arrow.rect[2] * 1.1


def test_figures_fit_into_their_cells(qtbot: QtBot) -> None:
    assert text_width(mono_font(VALUE_SIZE), "−0.12345") <= VALUE_CELL[0] - GUTTER
    assert text_width(mono_font(SMALL_SIZE), "−0.12345") <= SMALL_CELL[0] - GUTTER


def test_a_formula_too_long_for_its_room_is_set_smaller(qtbot: QtBot) -> None:
    image = QImage(200, 60, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    fitted_formula(painter, QRectF(50, 20, 80, 20), "a + b + c + d + e + f + g + h + i + j", 16.0, "#000000")
    painter.end()
    inked = [x for x in range(200) for y in range(60) if image.pixelColor(x, y).lightness() < 128]
    assert min(inked) >= 49
    assert max(inked) <= 131


def test_the_selected_box_is_marked(canvas: GraphCanvas) -> None:
    session = koehn()
    canvas.render_session(session)
    before = canvas.grab().toImage()
    canvas.render_session(replace(session, selection=Quantity(Kind.A, 0)))
    assert canvas.grab().toImage() != before
