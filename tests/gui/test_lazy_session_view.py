"""Views that are not seen at first: built when they are looked at, with what they were told, where Tab expects them."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from nnviz.debugger.state.session import Session, start_session
from nnviz.gui.views.chrome.lazy_session_view import LazySessionView
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import Palette, load_palette


class Buttons(QWidget):
    """A view with two buttons; it notes what it is told."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.told: list[object] = []
        column = QVBoxLayout(self)
        for number in (1, 2):
            column.addWidget(QPushButton(f"{name}{number}"))

    def render_session(self, session: Session) -> None:
        """Note the lesson's name."""
        self.told.append(session.lesson.name)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Note the palette's name and the scale."""
        self.told.append((palette.name, scale))


def test_a_view_is_built_when_it_is_shown_with_what_it_was_told(qtbot: QtBot):
    frame = LazySessionView(lambda: Buttons("a"))
    qtbot.addWidget(frame)
    connected: list[Buttons] = []
    frame.when_built(connected.append)
    frame.set_theme(load_palette("dark"), 1.5)
    frame.render_session(start_session(load("koehn")))
    frame.render_session(start_session(load("softmax")))
    assert (frame.is_built, connected) == (False, [])
    frame.show()
    assert connected == [frame.view]
    assert frame.view.told == [("dark", 1.5), "softmax"]
    frame.render_session(start_session(load("koehn")))
    frame.set_theme(load_palette("light"), 1.0)
    assert frame.view.told[2:] == ["koehn", ("light", 1.0)]
    frame.when_built(connected.append)
    assert connected == [frame.view] * 2


def test_whoever_asks_for_a_view_gets_it_before_it_is_seen(qtbot: QtBot):
    frame = LazySessionView(lambda: Buttons("a"))
    qtbot.addWidget(frame)
    assert frame.view is frame.view
    assert (frame.is_built, frame.isVisible()) == (True, False)


def test_tab_comes_to_views_where_they_stand_in_whatever_order_they_are_built(qtbot: QtBot):
    window = QWidget()
    qtbot.addWidget(window)
    one, two = LazySessionView(lambda: Buttons("a")), LazySessionView(lambda: Buttons("b"))
    column = QVBoxLayout(window)
    for widget in (QPushButton("first"), one, two, QPushButton("last")):
        column.addWidget(widget)
    two.build()
    one.build()
    assert one.focusPolicy() == Qt.FocusPolicy.NoFocus
    with qtbot.waitActive(window):
        window.show()
    window.findChild(QPushButton).setFocus()
    met = []
    for _ in range(7):
        button = QApplication.focusWidget()
        assert isinstance(button, QPushButton)
        met.append(button.text())
        QTest.keyClick(button, Qt.Key.Key_Tab)
    assert met == ["first", "a1", "a2", "b1", "b2", "last", "first"]
