"""The sizes of the panels: those of a fresh window, whatever size it had before, and kept where the user dragged."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest

from nnviz.gui.arrangement import MOST_SIDE, SIDE_PART


def places(window) -> dict[str, tuple[int, ...]]:
    """The places of the panels that are seen."""
    shown = {name: panel for name, panel in window.main.panels.items() if not panel.visibleRegion().isEmpty()}
    return {name: panel.geometry().getRect() for name, panel in shown.items()}


def test_the_sizes_do_not_depend_on_those_before(open_window):
    window = open_window("koehn")
    found = {}
    for size in ((1440, 900), (1024, 700), (800, 560), (1280, 720), (1024, 700), (1440, 900)):
        window.main.resize(*size)
        window.settle()
        assert found.setdefault(size, places(window)) == places(window), size
        width = min(MOST_SIDE, round(SIDE_PART * size[0]))
        assert abs(window.main.panels["step"].width() - width) <= 3
        loss = window.main.loss
        if loss.isVisible():
            words = QFontMetrics(loss.toggle.font()).horizontalAdvance(loss.toggle.text())
            assert loss.toggle.width() >= words + 4, "the words of the button are whole"
    assert found[1024, 700] != found[1440, 900]
    window.main.resize(1024, 700)
    window.main.arrange()
    window.settle()
    assert places(window) == found[1024, 700]


def test_a_border_that_was_dragged_keeps_its_part(open_window):
    window = open_window("koehn")
    main = window.main
    main.resize(1440, 900)
    window.settle()
    loss, boundary = main.panels["loss"], main.panels["boundary"]
    before = loss.width()
    border = QPoint(loss.geometry().right() + 2, loss.geometry().center().y())
    QTest.mousePress(main, Qt.MouseButton.LeftButton, pos=border)
    for moved in (60, 120):
        QTest.mouseMove(main, border + QPoint(moved, 0))
        window.settle()  # Qt moves the border when it is idle
    QTest.mouseRelease(main, Qt.MouseButton.LeftButton, pos=border + QPoint(120, 0))
    window.settle()
    assert loss.width() > before + 80
    part = loss.width() / boundary.width()
    for size in ((1280, 720), (1600, 1000), (1440, 900)):
        main.resize(*size)
        window.settle()
        assert abs(loss.width() / boundary.width() - part) < 0.03, size
    main.arrange()
    window.settle()
    assert abs(loss.width() - before) <= 2


def test_the_sentence_of_the_card_is_whole_in_a_small_window(open_window):
    window = open_window("koehn")
    window.main.resize(1024, 700)
    window.settle()
    for _ in range(8):
        window.walk(4)
        window.settle()
        assert window.main.card.verticalScrollBar().maximum() == 0, window.card.title
    height = window.main.panels["step"].height()
    window.controller.open_lesson("graph")
    window.walk(22)  # a sum over four examples, and a formula as printed above it
    window.settle()
    assert window.main.card.verticalScrollBar().maximum() == 0, window.card.title
    assert window.main.panels["step"].height() > height
    window.controller.open_lesson("koehn")
    window.settle()
    assert window.main.panels["step"].height() <= height, "the height that a card has taken is given back"
