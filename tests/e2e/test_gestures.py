"""Gestures of the mouse and keys over the whole window: what moves the session, and what never does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from nnviz.debugger.timeline import in_past

RIGHT = Qt.MouseButton.RightButton


def right_click(widget: QWidget, at: QPoint) -> None:
    """Press and release the right button, and ask for the menu, as a window system does; close any menu."""
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        held = RIGHT if kind is QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        place = QPointF(at), QPointF(widget.mapToGlobal(at))
        QApplication.sendEvent(widget, QMouseEvent(kind, *place, RIGHT, held, Qt.KeyboardModifier.NoModifier))
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    while isinstance(menu := QApplication.activePopupWidget(), QMenu):
        menu.close()


def points_of(widget: QWidget) -> list[QPoint]:
    """A grid of points of a widget, and those near its left edge."""
    across = (4, *(widget.width() * part // 4 for part in (1, 2, 3)))
    return [QPoint(x, widget.height() * part // 6) for x in across for part in range(1, 6)]


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
