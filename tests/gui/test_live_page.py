"""Panels that compute beside training compute only while they are seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nnviz.debugger.state.session import Session, next_pass, start_session
from nnviz.gui.views.lab.live_page import LivePage
from nnviz.lessons.catalog import load


class _Names(LivePage):
    """A panel that shows the name of the lesson."""

    def __init__(self) -> None:
        super().__init__("names")
        self.begun: list[Session] = []

    def owner_of(self, session: Session) -> object:
        return session.lesson

    def make_work(self, session: Session) -> Iterator[Any]:
        self.begun.append(session)
        return iter(())

    def show_result(self, result: Any) -> None:
        pass


def test_what_waited_when_the_panel_was_hidden_is_not_computed_for_another_lesson(qtbot) -> None:
    page = _Names()
    qtbot.addWidget(page)
    koehn = start_session(load("koehn"))
    page.render_session(koehn)
    page.set_seen(True)
    page.render_session(next_pass(koehn))  # it waits, as work has just begun
    assert page.begun == [koehn]
    page.set_seen(False)
    page.render_session(start_session(load("mazur")))
    qtbot.waitUntil(lambda: not page._pause.isActive())
    assert page.begun == [koehn]


def test_what_is_asked_for_in_a_hidden_panel_is_computed_once_it_is_seen(qtbot) -> None:
    page = _Names()
    qtbot.addWidget(page)
    koehn = start_session(load("koehn"))
    page.render_session(koehn)
    page.compute_again()  # its list of weights was still open
    assert page.begun == []
    page.set_seen(True)
    assert page.begun == [koehn]
