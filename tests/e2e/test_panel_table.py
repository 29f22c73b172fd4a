"""What follows from a row of the table of panels: dock, menu, key, theme, presentation, cover while predicting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from nnviz.gui import panels
from nnviz.gui.docks import is_in_front
from nnviz.gui.kit import actions
from nnviz.gui.kit.actions import WINDOW_COMMANDS, WindowCommand
from nnviz.gui.panels import PANELS, DockPlace, PanelRow
from nnviz.gui.views.chrome.lazy_session_view import LazySessionView
from nnviz.gui.views.chrome.panel import INSET
from nnviz.present.words.quiz_text import COVERED

WITH_COMMAND = [row for row in PANELS if row.command]
KEYS = {command.id: command.keys[0] for command in WINDOW_COMMANDS if command.keys}


def names(rows) -> list[str]:
    return [row.id for row in rows]


def hidden(window) -> set[str]:
    return {name for name, panel in window.main.panels.items() if panel.isHidden()}


def entries(window) -> list:
    """The entries of View > Panels, up to the separator."""
    view = next(action for action in window.main.menuBar().actions() if action.text() == "&View").menu()
    menu = next(action for action in view.actions() if action.text() == "&Panels").menu()
    return menu.actions()[:-2]


def covers_of(panel) -> list[QLabel]:
    return [label for label in panel.body.findChildren(QLabel) if label.text() == COVERED]


def is_covered(panel) -> bool:
    covers = covers_of(panel)
    return panel.view.isHidden() and len(covers) == 1 and not covers[0].isHidden()


def is_open(panel) -> bool:
    return not panel.view.isHidden() and all(cover.isHidden() for cover in covers_of(panel))


# The rows of the table


def test_every_row_has_its_dock_in_order(open_window):
    window = open_window("koehn")
    assert list(window.main.panels) == names(PANELS)
    for row in PANELS:
        panel = window.main.panels[row.id]
        assert (panel.objectName(), panel.windowTitle()) == (row.id, row.title)
        assert isinstance(panel.view, LazySessionView) == (row.place is DockPlace.TAB)
        margins = panel.body.layout().contentsMargins()
        found = (margins.left() - INSET, margins.top(), margins.right() - INSET, margins.bottom() - INSET)
        assert found == row.margins


def test_the_menu_lists_every_panel_and_shows_and_hides_it(open_window):
    window = open_window("koehn")
    assert [action.text() for action in entries(window)] == [row.title for row in PANELS]
    for row, action in zip(PANELS, entries(window), strict=True):
        before = row.id in hidden(window)
        action.trigger()
        window.settle()
        assert (row.id in hidden(window)) != before
        if before:
            assert is_in_front(window.main.panels[row.id])


@pytest.mark.parametrize("row", WITH_COMMAND, ids=names(WITH_COMMAND))
def test_the_key_of_its_command_opens_and_closes_a_panel(open_window, row):
    window = open_window("koehn")
    panel = window.main.panels[row.id]
    assert panel.isHidden() != row.leads
    window.press(KEYS[row.command])
    window.settle()
    assert is_in_front(panel)
    if row.field is not None:
        field = row.field(panel.view)
        assert field.hasFocus()
        window.main.setFocus()
        window.press(KEYS[row.command])
        assert field.hasFocus(), "an open panel gets the focus first"
        assert is_in_front(panel)
    window.controller.perform(row.command)
    window.settle()
    assert panel.isHidden()
    assert window.main.hasFocus()


def test_the_first_arrangement_shows_what_the_rows_say(open_window):
    window = open_window("koehn")
    first = {row.id for row in PANELS if not row.shown_at_first}
    assert hidden(window) == first
    for panel in window.main.panels.values():
        panel.setVisible(panel.objectName() in first)
    window.main.arrange()
    assert hidden(window) == first
    front = {row.id for row in PANELS if is_in_front(window.main.panels[row.id])}
    assert front == {"step", "numpy", "lesson", "loss", "boundary"}
    side = [window.main.panels[name].geometry() for name in ("step", "numpy", "lesson")]
    below = [panel.geometry() for panel in window.main.panels_at(DockPlace.BELOW)]
    assert side == sorted(side, key=lambda place: place.top())
    assert below == sorted(below, key=lambda place: place.left())


def test_every_view_follows_theme_and_session(open_window):
    window = open_window("koehn")
    window.wait(lambda: all(panel.view.is_built for panel in window.main.panels.values() if _is_frame(panel)))
    told: list[str] = []
    for row in PANELS:
        view = window.main.panels[row.id].view
        view.set_theme = _telling(told, f"{row.id} theme", view.set_theme)
        if row.shows_session:
            view.render_session = _telling(told, f"{row.id} session", view.render_session)
    window.press("Right")
    assert set(told) == {f"{row.id} session" for row in PANELS if row.shows_session}
    told.clear()
    window.press("Ctrl+D")
    assert set(told) >= {f"{row.id} theme" for row in PANELS}


def _is_frame(panel) -> bool:
    return isinstance(panel.view, LazySessionView)


def _telling(told: list[str], what: str, then):
    return lambda *args: (told.append(what), then(*args))


# While predicting


@pytest.mark.parametrize("row", PANELS, ids=names(PANELS))
def test_a_panel_that_shows_answers_is_covered_exactly_while_a_value_is_predicted(open_window, row):
    window = open_window("koehn")
    panel = window.main.panels[row.id]
    window.main.show_panel(row.id)
    window.walk(5)
    assert is_open(panel)
    window.press("Q")
    assert window.session.asked.quantity.kind == "a"
    window.main.show_panel(row.id)
    window.settle()
    assert is_covered(panel) if row.hides_answers else is_open(panel)
    window.press("Ctrl+Return")
    assert is_open(panel), "the value is known now"
    window.press("Return")
    assert is_covered(panel) if row.hides_answers else is_open(panel)
    window.press("Escape")
    assert is_open(panel)


@pytest.mark.parametrize("row", PANELS, ids=names(PANELS))
def test_no_panel_says_the_value_that_is_predicted(open_window, row):
    window = open_window("koehn")
    window.main.show_panel(row.id)
    window.settle()
    window.walk(5)
    window.press("Q")
    window.main.show_panel(row.id)
    window.settle()
    inside = window.main.panels[row.id].findChildren(QWidget)
    words = [text for widget in inside if widget.isVisible() for text in _words(widget)]
    assert words
    assert "0.74" not in " ".join(words)


def _words(widget) -> tuple[str, ...]:
    own = widget.text() if isinstance(widget, QLabel | QLineEdit) else ""
    return own, widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()


# A new row


class Planted(QWidget):
    """A view that shows the value of the last step, which would give every answer away."""

    def __init__(self) -> None:
        super().__init__()
        self.answer, self.palette_name, self.seen = QLabel(), "", False
        QVBoxLayout(self).addWidget(self.answer)

    def render_session(self, session) -> None:
        self.answer.setText(f"The loss is {session.record.error}")

    def set_theme(self, palette, scale) -> None:
        self.palette_name = palette.window

    def set_seen(self, seen) -> None:
        self.seen = seen


@pytest.fixture
def planted(monkeypatch) -> PanelRow:
    """One row more in the table of panels, and its command."""
    row = PanelRow(
        id="planted",
        title="Planted",
        guide="stepping#the-step-panel",
        make=lambda: LazySessionView(Planted),
        place=DockPlace.TAB,
        hides_answers=True,
        command="planted",
    )
    command = WindowCommand("planted", "Planted", ("Ctrl+Alt+P",), "Open the planted panel")
    monkeypatch.setattr(panels, "PANELS", (*PANELS, row))
    monkeypatch.setattr(actions, "ENTRIES", (*actions.ENTRIES, command))
    return row


def test_one_new_row_is_a_panel_in_every_way(open_window, planted):
    window = open_window("koehn")
    panel = window.main.panels[planted.id]
    assert panel.isHidden(), "it is not in the first arrangement"
    window.wait(lambda: panel.view.is_built)
    view = panel.view.view
    assert (entries(window)[-1].text(), view.seen) == ("Planted", False)
    window.press("Ctrl+Alt+P")
    window.settle()
    assert is_in_front(panel)
    assert view.seen
    assert panel in window.main.tabifiedDockWidgets(window.main.panels["values"])
    assert "loss is" in view.answer.text()
    light = view.palette_name
    window.press("Ctrl+D")
    assert view.palette_name != light
    window.press("F5")
    assert not any(widget.isVisible() for widget in window.stage_window.findChildren(type(view)))
    window.press("F5")
    window.settle()
    assert is_in_front(panel)
    window.press("Q")
    assert is_covered(panel)
    window.press("Escape")
    assert is_open(panel)
    window.press("Ctrl+Alt+P")
    assert panel.isHidden()


@pytest.mark.parametrize("place", list(DockPlace))
def test_a_new_row_is_docked_where_it_says(open_window, monkeypatch, planted, place):
    row = replace(planted, place=place, size=100)
    monkeypatch.setattr(panels, "PANELS", (*PANELS, row))
    window = open_window("koehn")
    panel = window.main.panels["planted"]
    assert panel.isHidden() == (place is DockPlace.TAB)
    assert window.main.panels_at(place)[-1] is panel
    if place is DockPlace.SIDE:
        assert panel.geometry().top() > window.main.panels["values"].geometry().bottom()
    elif place is DockPlace.BELOW:
        assert panel.geometry().left() > window.main.panels["boundary"].geometry().right()
    window.press("Q")
    assert is_covered(panel)


def test_a_saved_layout_is_restored_when_a_panel_is_new(open_window, monkeypatch, planted):
    with monkeypatch.context() as before:
        before.setattr(panels, "PANELS", PANELS)
        window = open_window("koehn")
        window.main.panels["loss"].close()
        window.main.close()
    other = open_window("koehn")
    assert other.main.panels["loss"].isHidden()
    assert other.main.panels["planted"].isHidden()
    assert not other.main.panels["values"].isHidden()
