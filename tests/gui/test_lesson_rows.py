"""The Lesson panel follows the step: it begins with a whole row, and the row of the step is in sight."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nnviz.debugger.commands import step
from nnviz.debugger.state.session import start_session
from nnviz.gui.views.panels.lesson_view import LessonView
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette


def test_the_page_begins_with_a_whole_row(qtbot: QtBot) -> None:
    view = LessonView()
    qtbot.addWidget(view)
    view.set_theme(load_palette("light"), 1.0)
    view.resize(460, 190)
    view.set_seen(True)
    session = start_session(load("koehn"))
    view.render_session(session)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.wait(1)  # the page is laid out with the next event
    tops = set()
    while not session.at_end:
        session = step(session)
        view.render_session(session)
        qtbot.wait(1)  # the page scrolls with the next event
        for row in (row for row in view.rows() if row.lit):
            top = view.verticalScrollBar().value()
            tops.add(top)
            starts = {widget.y() for widget in view.widget().findChildren(QWidget)}
            assert top in starts
            assert top <= row.y()
            assert row.geometry().bottom() < top + view.viewport().height()
            break
    assert len(tops) > 2


def test_the_end_of_the_page_begins_with_a_whole_row_at_every_scale(qtbot: QtBot) -> None:
    view = LessonView()
    qtbot.addWidget(view)
    view.resize(460, 190)
    view.set_seen(True)
    view.render_session(start_session(load("koehn")))
    with qtbot.waitExposed(view):
        view.show()
    bar = view.verticalScrollBar()

    def is_whole() -> bool:
        bar.setValue(bar.maximum())
        return bar.value() in {widget.y() for widget in view.widget().findChildren(QWidget)}

    view.set_theme(load_palette("light"), 1.0)
    qtbot.waitUntil(is_whole)
    before = bar.maximum()
    view.set_theme(load_palette("light"), 1.3)
    qtbot.waitUntil(lambda: bar.maximum() > before and is_whole())
