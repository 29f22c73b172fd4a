"""What goes on in slices ends when it fails: the failure is told once, and the session stays."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest
from PySide6.QtTest import QTest

from nnviz.debugger.state.session import start_session
from nnviz.debugger.timeline import Progress
from nnviz.gui.control.run_mover import RunMover
from nnviz.gui.control.store import Store
from nnviz.gui.kit.background_work import SLICE
from nnviz.gui.views.panels import find_view
from nnviz.gui.views.panels.find_view import FindView
from nnviz.lessons.catalog import load


def failing(*_: object) -> Iterator[Progress]:
    """Some slices of work, and then an error that nobody has foreseen."""
    for _ in range(3):
        end = perf_counter() + SLICE
        while perf_counter() < end:
            pass
        yield Progress(0)
    raise MemoryError("no room")


def test_a_long_way_that_fails_is_given_up(qtbot) -> None:
    store = Store(start_session(load("koehn")))
    before = store.session
    mover = RunMover(store)
    with qtbot.captureExceptions() as errors:
        mover.go(failing)
        qtbot.waitUntil(lambda: bool(errors))
        QTest.qWait(0)
    assert [kind for kind, _, _ in errors] == [MemoryError]
    assert not mover.is_moving
    assert store.session is before


def test_a_search_that_fails_is_given_up(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    view = FindView()
    qtbot.addWidget(view)
    view.set_seen(True)
    view.render_session(start_session(load("koehn")))
    monkeypatch.setattr(find_view, "search", failing)
    with qtbot.captureExceptions() as errors:
        view.field.setPlainText("0.7426")
        qtbot.waitUntil(lambda: bool(errors))
        QTest.qWait(0)
    assert [kind for kind, _, _ in errors] == [MemoryError]
    assert not view.is_searching
