"""The window for those who do not see it, or who use it without a mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from nnviz.gui.kit import announcer
from nnviz.gui.views.chrome.segments import Segments

INTERACTIVE = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, Segments)


def spoken(widget: QWidget) -> str:
    """The name that a screen reader is given for a widget; a combo box gives what is chosen and is named beside it."""
    if isinstance(widget, QComboBox):
        return widget.accessibleName()
    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name)


def own(widget: QWidget) -> bool:
    """Whether a widget is one that the program made, and no part of Qt's own."""
    parts = ("qt_", "ScrollLeft", "ScrollRight")
    host = widget.parentWidget()
    inside = isinstance(host, (QComboBox, QAbstractSpinBox, QAbstractItemView))
    return not inside and not widget.objectName().startswith(parts)


def test_everything_that_can_be_used_has_a_name(open_window):
    window = open_window("koehn")
    controls = [widget for kind in INTERACTIVE for widget in window.main.findChildren(kind) if own(widget)]
    assert len(controls) > 20
    shown = [widget for widget in controls if widget.isVisible()]
    nameless = [(type(widget).__name__, widget.objectName()) for widget in shown if not spoken(widget)]
    assert nameless == []


def test_every_view_has_a_name(open_window):
    window = open_window("koehn")
    main = window.main
    views = (main.canvas, main.card, main.listing, main.values, main.timeline, main.strip, main.loss, main.boundary)
    names = [spoken(view) for view in views]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_action_has_words_and_says_its_keys(open_window):
    window = open_window("koehn")
    for name, action in window.controller.actions.items().items():
        assert action.text(), name
        assert action.toolTip(), name
        if not action.shortcut().isEmpty():
            assert "(" in action.toolTip(), name


def test_the_values_tell_what_is_known(open_window):
    window = open_window("koehn")
    role = Qt.ItemDataRole.AccessibleTextRole
    assert window.cell_text("s", role) == "s, not known yet"
    assert window.cell_text("W", role) == "W, [[3, 4], [2, 3]]"
    window.walk(2)
    assert window.cell_text("s", role) == "s, [1.000000, −2.000000]"
    assert window.cell_text("h", role) == "h, not known yet"
    table = QAccessible.queryAccessibleInterface(window.main.values)
    cells = [table.child(index).text(QAccessible.Text.Name) for index in range(table.childCount())]
    assert "s, [1.000000, −2.000000]" in cells
    assert "y, not known yet" in cells


def test_the_step_card_is_read_anew_at_each_step(open_window):
    window = open_window("koehn")
    names = [spoken(window.main.card)]
    for _ in range(35):
        window.press("Right")
        names.append(spoken(window.main.card))
    assert len(set(names)) == len(names)
    assert names[1].startswith("Step 1 of 35 · forward · hidden layer, neuron 1. Weighted sum into h₁. ")
    assert "1.000000" in names[1]
    assert names[0].startswith("35 steps ahead. XOR by hand. ")


def test_a_formula_is_read_as_words(open_window):
    window = open_window("koehn")
    window.walk(5)
    label = window.formula("z equals W sub 2")
    assert spoken(label) == label.formula().speech


def test_timeline_and_listing_say_where_the_step_is(open_window):
    window = open_window("koehn")
    timeline, listing = window.main.timeline, window.main.listing
    assert timeline.accessibleDescription() == "before the first step, of 35"
    assert listing.accessibleDescription() == ""
    window.walk(12)
    assert timeline.accessibleDescription() == "step 12, backward, of 35"
    assert listing.accessibleDescription() == "Line 9: delta_W2 = mu * np.outer(delta_2, h)"
    window.press("Home")
    assert listing.accessibleDescription() == ""


def test_the_controls_are_reached_with_tab_and_the_walk_goes_on(open_window, monkeypatch):
    window = open_window("koehn")
    reached = []
    for _ in range(60):
        window.press("Tab")
        focused = QApplication.focusWidget()
        if focused is None or spoken(focused) in reached:
            break
        reached.append(spoken(focused))
    for name in ("Choose a lesson", "Step", "Play", "Train", "Learning rate", "Optimizer"):
        assert name in reached, reached
    assert all(reached)
    assert "Lesson: close this panel" in reached
    assert "Values: close this panel" not in reached, "the focus is never in a panel behind another one"
    monkeypatch.setattr(window.main, "_is_focused", lambda panel: True)
    window.press("Tab")  # where all that takes the focus is behind, as while the start page goes, it ends, too


def test_buttons_are_pressed_with_the_keyboard(open_window):
    window = open_window("koehn")
    window.main.toolbar.findChild(QAbstractButton, "step_button").setFocus(Qt.FocusReason.TabFocusReason)
    window.press("Right")  # the walk's own keys work wherever no text is typed
    assert window.step == 1


def test_each_step_is_announced_once_to_a_listening_screen_reader(open_window, monkeypatch):
    window = open_window("koehn")
    said = []
    monkeypatch.setattr(announcer.QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(announcer.QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    window.walk(2)
    assert len(said) == 2
    assert said[1].startswith("Step 2 of 35 · forward · hidden layer, neuron 2. Weighted sum into h₂. ")
    assert "−2.000000" in said[1]


def test_the_stage_says_what_it_shows(open_window):
    window = open_window("koehn")
    window.press("F5", "Right")
    stage = window.stage_window
    assert spoken(stage.view) == "Stage"
    assert "Weighted sum into h₁" in stage.view.accessibleDescription()
    buttons = list(stage.bar.findChildren(QAbstractButton))
    assert all(spoken(button) for button in buttons)
    assert all(button.toolTip() for button in buttons)


SILENT = (
    QAccessible.Role.Client,
    QAccessible.Role.LayeredPane,
    QAccessible.Role.Pane,
    QAccessible.Role.Grouping,
    QAccessible.Role.Separator,
    QAccessible.Role.ScrollBar,
    QAccessible.Role.Grip,
    QAccessible.Role.Splitter,
    QAccessible.Role.Border,
    QAccessible.Role.StaticText,
    QAccessible.Role.Graphic,
    QAccessible.Role.Cell,
    QAccessible.Role.ListItem,
    QAccessible.Role.TreeItem,
    QAccessible.Role.Window,
    QAccessible.Role.Dialog,
    QAccessible.Role.ToolTip,
    QAccessible.Role.Indicator,
)


def nameless(root: QWidget) -> list[tuple[str, str, str]]:
    """The visible controls below a widget that a screen reader meets without a name."""
    found, stack = [], [QAccessible.queryAccessibleInterface(root)]
    while stack:
        interface = stack.pop()
        if interface is None or not interface.isValid() or interface.state().invisible:
            continue
        widget = interface.object()
        can_be_used = interface.state().focusable or interface.role() == QAccessible.Role.Button
        is_own = isinstance(widget, QWidget) and own(widget)
        if (
            is_own
            and can_be_used
            and interface.role() not in SILENT
            and not (spoken(widget) or widget.accessibleName())
        ):
            found.append((type(widget).__name__, widget.objectName(), interface.role().name))
        stack += [interface.child(index) for index in range(min(interface.childCount(), 200))]
    return found


def test_every_panel_and_the_stage_are_named_throughout(open_window):
    window = open_window("koehn")
    window.walk(12)
    assert nameless(window.main) == []
    for name in window.main.panels:
        window.main.show_panel(name)
        window.settle()
        assert nameless(window.main.panels[name]) == [], name
    window.press("F5")
    window.settle()
    assert nameless(window.stage_window) == []
    window.press("F6")
    window.settle()
    assert nameless(window.controller.presenting().lecturer_window) == []
    window.press("F6", "Esc", "Ctrl+N")
    window.settle()
    assert nameless(window.main) == []
