"""Panels that compute beside the window stop when the session is another's, and an error is told once."""

from __future__ import annotations

import sys
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from nnviz.tracing.steps import Kind, Quantity


def test_a_search_stops_when_another_lesson_is_chosen(open_window):
    window = open_window("graph-20-50-10")
    window.press("Ctrl+F")
    view = window.main.finder.view
    window.wait(lambda: QApplication.focusWidget() is view.field)
    view.field.setPlainText("0.5")
    window.wait(lambda: view._work.is_under_way)
    window.main.panels["values"].raise_()
    window.settle()
    window.controller.open_lesson("koehn")
    assert not view.is_searching
    assert view.list.rows() == ()
    window.settle()
    window.press("Ctrl+F")
    window.wait(lambda: not view.is_searching and bool(view.list.rows()))


def test_a_long_search_is_stopped_by_escape(open_window):
    window = open_window("graph-20-50-10")
    window.press("Ctrl+F")
    view = window.main.finder.view
    view._work._every = 0.0
    view.field.setPlainText("0.5")
    window.wait(lambda: view._work.is_long)
    window.main.setFocus()
    window.press("Esc")
    assert not view.is_searching
    assert view.list.rows()[-1].text == "The search was stopped."


def test_a_search_for_many_numbers_says_above_them_that_it_goes_on(open_window):
    window = open_window("graph-20-50-10")
    window.press("Ctrl+F")
    view = window.main.finder.view
    view._work._every = 0.0
    view.field.setPlainText(" ".join(f"0.{number}" for number in range(1000, 1100)))
    window.wait(lambda: view._work.is_long and view.list.rows() and view.list.rows()[0].text == "Still searching…")
    assert view.list.rows()[-1] == view.list.rows()[0]
    window.main.setFocus()
    window.press("Esc")
    assert view.list.rows()[0].text == "The search was stopped."


def test_a_gradient_check_drops_the_rows_of_another_lesson(open_window):
    window = open_window("graph-20-50-10")
    window.press("Ctrl+G")
    view = window.main.gradients.view
    window.wait(lambda: len(view.table.rows.rows) > 20)
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update > 3)
    window.controller.open_lesson("koehn")
    count = len(view.table.rows.rows)
    assert count in (0, 9)
    for row in range(view.table.rows.rowCount()):
        view.table.clicked.emit(view.table.rows.index(row, 0))
    window.wait(lambda: not view.running and len(view.table.rows.rows) == 9)
    view.table.clicked.emit(view.table.rows.index(8, 0))
    window.settle()


def test_a_hidden_gradient_check_drops_them_too(open_window):
    window = open_window("graph-20-50-10")
    window.press("Ctrl+G")
    view = window.main.gradients.view
    window.wait(lambda: len(view.table.rows.rows) > 20)
    window.main.panels["values"].raise_()
    window.settle()
    window.controller.open_lesson("koehn")
    assert view.table.rows.rowCount() == 0
    assert not view.running


def test_one_error_opens_one_dialog(open_window, monkeypatch):
    window = open_window("koehn")

    def fail(_: object) -> None:
        raise RuntimeError("a planted mistake")

    window.controller.store.changed.connect(fail)
    with monkeypatch.context() as program:
        program.setattr(sys, "excepthook", window.hook)
        assert window.dialog(lambda: window.press("Right")).title == "Unexpected error"
        for count in (2, 3):
            window.press("Right")
            line = f"The same error occurred again ({count} times): RuntimeError: a planted mistake"
            assert window.main.session_bar.text == line
            assert QApplication.activeModalWidget() is None
    window.controller.store.changed.disconnect(fail)


def test_an_error_while_the_dialog_is_open_opens_no_other(open_window, monkeypatch):
    window = open_window("koehn")

    def fail(_: object) -> None:
        raise RuntimeError("a planted mistake")

    def read(dialog: object) -> None:
        window.hook(ValueError, ValueError("another one"), None)
        assert len([w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Unexpected error"]) == 1
        texts.append(dialog.text.toPlainText())
        dialog.reject()

    texts: list[str] = []
    window.controller.store.changed.connect(fail)
    with monkeypatch.context() as program:
        program.setattr(sys, "excepthook", window.hook)
        window.during(QApplication.activeModalWidget, read, lambda: window.press("Right"))
    window.controller.store.changed.disconnect(fail)
    assert "a planted mistake" in texts[0]
    assert texts[0].rstrip().endswith("ValueError: another one")


def test_playing_stops_at_an_error(open_window, qtbot, monkeypatch):
    window = open_window("koehn")
    window.press("Space")
    assert window.controller.player.playing

    def fail(_: object) -> bool:
        raise RuntimeError("a planted mistake")

    monkeypatch.setattr(window.controller.player, "take", fail)
    with qtbot.captureExceptions() as errors:
        window.controller.player._timer.start(1)
        window.wait(lambda: bool(errors))
        window.settle()
    assert not window.controller.player.playing
    assert len(errors) == 1


def test_a_window_behind_the_stage_shows_its_session_before_it_can_be_clicked(open_window):
    window = open_window("krzeminski-walkthrough")
    window.press("F5")
    window.controller.open_lesson("koehn")
    assert window.main.canvas._session.lesson.name == "krzeminski-walkthrough"
    window.main.activateWindow()
    window.wait(lambda: window.main.canvas._session.lesson.name == "koehn")


def test_a_window_behind_the_stage_is_of_its_session_under_the_mouse(open_window):
    window = open_window("krzeminski-rnn")
    window.main.show_panel("values")
    window.settle()
    rows = window.main.values
    window.press("F5")
    window.controller.presenting().stage_window.activateWindow()
    window.settle()
    window.controller.open_lesson("koehn")
    assert window.main._is_outdated
    last = rows.visualRect(rows.model().index(rows.model().rowCount() - 1, 0)).center()
    button, heard = QToolButton(window.main), []
    button.show()
    button.clicked.connect(heard.append)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert not heard  # it might be of the lesson before
    for point in (QPoint(20, 20), last):
        QTest.mouseMove(rows.viewport(), point)
    window.settle()
    assert not window.main._is_outdated
    assert window.main.canvas._session.lesson.name == "koehn"


def test_a_number_of_another_network_is_not_selected(open_window):
    window = open_window("koehn")
    foreign = Quantity(Kind.WEIGHT, 1, 2, 1)  # of krzeminski-walkthrough, whose hidden layer is larger
    window.main.canvas.selected.emit(foreign)
    assert window.session.selection is None
    window.main.canvas.selected.emit(replace(foreign, unit=0))
    assert window.session.selection == replace(foreign, unit=0)
