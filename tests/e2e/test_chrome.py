"""The window around the canvases: nothing jumps, everything is found, and every control shows where the focus is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget

from nnviz.debugger.timeline import Progress
from nnviz.gui.dialogs.keys_dialog import KeysDialog
from nnviz.gui.docks import CANVAS_LEAST, LENDER_LEAST, is_in_front
from nnviz.gui.panels import PANELS
from nnviz.gui.window_menus import MENUS, key_groups
from nnviz.lessons.catalog import lesson_names
from nnviz.present.core.palette import load_palette

LEFT = Qt.MouseButton.LeftButton


def place_of(window, widget: QWidget) -> QRect:
    """The rectangle of a widget in the window."""
    return QRect(widget.mapTo(window.main, QPoint(0, 0)), widget.size())


def places(window) -> list[QRect]:
    """Where the canvas, the timeline, the training controls and the panels are."""
    main = window.main
    shown = [panel for panel in main.panels.values() if panel.isVisible()]
    return [place_of(window, widget) for widget in (main.canvas, main.timeline, main.strip, *shown)]


def open_menu(window, title: str) -> QMenu:
    bar = window.main.menuBar()
    menu = next(action.menu() for action in bar.actions() if action.text().replace("&", "") == title)
    menu.aboutToShow.emit()
    return menu


def texts(menu: QMenu) -> list[str]:
    return [action.text().partition("\t")[0] for action in menu.actions() if action.isVisible() and action.text()]


# Nothing jumps


def show_past(window) -> QWidget:
    window.press("Ctrl+Down", "Ctrl+Up")
    return window.main.banner


def show_progress(window) -> QWidget:
    window.main.banner.show_progress(Progress(5, 20))
    return window.main.banner


def show_finish(window) -> QWidget:
    window.main.strip.message.show_message("Finished 1 000 epochs", False, False)
    return window.main.strip.message


def show_problem(window) -> QWidget:
    window.main.strip.message.show_message("The training process stopped unexpectedly. " * 9, True, True)
    return window.main.strip.message


def show_message(window) -> QWidget:
    window.main.session_bar.show_message("Automatic saving failed: the disk is full.", problem=True)
    return window.main.session_bar


def show_branches(window) -> QWidget:
    window.press("Ctrl+Shift+B")
    return window.main.branch_bar


def show_edits(window) -> QWidget:
    window.click_unit("x", 1)
    window.press("F2", "3", "Return")
    return window.main.edit_note


SHOWN = (show_past, show_progress, show_finish, show_problem, show_message, show_branches, show_edits)


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)], ids=["small", "usual"])
@pytest.mark.parametrize("show", SHOWN, ids=[show.__name__ for show in SHOWN])
def test_a_message_moves_nothing(open_window, show, size):
    window = open_window("koehn")
    window.resize(*size)
    before = places(window)
    shown = show(window)
    window.settle()
    window.wait(shown.isVisible)
    assert places(window) == before
    card = place_of(window, window.main.center)
    assert card.contains(place_of(window, shown))


def test_messages_are_one_above_the_other_and_no_wider_than_the_card(open_window):
    window = open_window("koehn")
    window.resize(1024, 700)
    shown = [show(window) for show in (show_past, show_problem, show_message)]
    window.settle()
    rects = [place_of(window, widget) for widget in shown]
    for at, rect in enumerate(rects):
        assert place_of(window, window.main.center).contains(rect)
        assert not any(rect.intersects(other) for other in rects[at + 1 :])
    label = window.main.strip.message.label
    assert label.height() >= label.heightForWidth(label.width()), "a long message is wrapped"


def test_a_message_keeps_off_the_canvas(open_window):
    window = open_window("koehn")
    shown = show_past(window)
    window.settle()
    assert not place_of(window, shown).intersects(place_of(window, window.main.canvas))


def test_the_toolbar_keeps_its_places_from_lesson_to_lesson(open_window):
    window = open_window("koehn")
    for size in ((1024, 700), (1280, 720), (1440, 900), (1920, 1080)):
        window.resize(*size)
        found = set()
        for name in lesson_names():
            window.controller.open_lesson(name)
            window.settle()
            controls = [w for w in window.main.toolbar.findChildren(QWidget) if w.isVisible() and w.objectName()]
            found.add(tuple((w.objectName(), w.geometry().getRect()) for w in controls))
        assert len(found) == 1, size


def test_a_title_is_whole_where_there_is_room(open_window):
    window = open_window("krzeminski-rnn")
    window.resize(1920, 1080)
    assert not window.main.toolbar.lesson.is_cut()
    assert window.main.toolbar.lesson.text() == "A recurrent network over two time steps"


def test_the_button_that_plays_keeps_its_width(open_window):
    window = open_window("koehn")
    width = window.main.toolbar.play.width()
    window.main.toolbar.set_playing(True)
    window.settle()
    assert window.main.toolbar.play.width() == width


def test_the_plots_give_way_before_the_network_and_come_back(open_window):
    window = open_window("koehn")
    window.resize(1440, 900)
    main = window.main
    heights = main.canvas.height(), main.panels["loss"].height()
    for size in ((1280, 720), (1024, 700)):
        main.resize(*size)
        window.settle()
        assert main.canvas.height() >= CANVAS_LEAST
        assert main.canvas.height() >= 0.6 * heights[0] - 12
        assert not main.panels["loss"].isHidden()
    main.resize(1024, 640)
    window.settle()
    assert main.panels["loss"].isHidden()
    assert main.panels["boundary"].isHidden()
    main.resize(1440, 900)
    window.settle()
    assert not main.panels["loss"].isHidden()
    assert abs(main.panels["loss"].height() - heights[1]) <= 2
    assert abs(main.canvas.height() - heights[0]) <= 2


# Panels


def test_a_panel_is_closed_by_its_button(open_window):
    window = open_window("koehn")
    for panel in window.main.panels.values():
        if panel.isVisible():
            window.click(panel.findChild(QToolButton, "close_button"))
            assert panel.isHidden()


def test_a_floating_panel_has_a_frame_and_a_button_that_docks_it(open_window):
    window = open_window("koehn")
    panel = window.main.panels["values"]
    assert panel.dock_back.isHidden()
    panel.setFloating(True)
    window.settle()
    assert panel.dock_back.isVisible()
    frame = load_palette("light").faint
    assert window.pixel(panel, QPoint(0, panel.height() // 2)).name() == frame
    window.click(panel.dock_back)
    window.settle()
    assert not panel.isFloating()
    assert panel.dock_back.isHidden()


def test_a_floating_panel_comes_back_with_the_next_window(open_window):
    window = open_window("koehn")
    window.main.panels["loss"].setFloating(True)
    window.settle()
    window.main.close()
    other = open_window("koehn")
    panel = other.main.panels["loss"]
    other.wait(panel.isVisible)
    assert panel.isFloating()


def test_the_menu_of_a_heading_is_that_of_the_panels_and_leaves_the_toolbar(open_window):
    window = open_window("koehn")
    menu = window.main.createPopupMenu()
    assert texts(menu) == [*(row.title for row in PANELS), "Reset panel layout"]
    menu.deleteLater()


@pytest.mark.parametrize("key", ["Ctrl+F", "Ctrl+B", "Ctrl+H"])
def test_another_panel_leaves_the_listing_six_lines(open_window, key):
    window = open_window("koehn")
    before = window.main.panels["numpy"].height()
    window.press(key)
    window.settle()
    assert window.main.panels["numpy"].height() >= min(before, LENDER_LEAST)
    assert window.main.listing.viewport().height() >= 5 * window.main.listing.widget().line_height()


def test_titles_are_at_one_height(open_window):
    window = open_window("koehn")
    loss, boundary = (window.main.panels[name].heading for name in ("loss", "boundary"))
    assert loss.height() == boundary.height()
    assert place_of(window, loss._label).center().y() == place_of(window, boundary._label).center().y()


def test_the_cards_keep_the_margin_of_the_design(open_window):
    window = open_window("koehn")
    window.resize(1440, 900)
    left = place_of(window, window.main.center).left() + 6
    right = window.main.width() - place_of(window, window.main.panels["step"]).right() - 1 + 6
    assert (left, right) == (24, 24)


# Found by mouse and keyboard


def test_the_tab_key_goes_through_the_toolbar_first(open_window):
    window = open_window("koehn")
    reached = []
    for _ in range(9):
        window.press("Tab")
        reached.append(QApplication.focusWidget().objectName())
    assert reached[:7] == [
        *("lesson", "example", "first_button", "back_button"),
        *("step_button", "last_button", "continue_button"),
    ]


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_the_focus_is_seen_on_every_button(open_window, theme):
    window = open_window("koehn", theme=theme)
    main = window.main
    buttons = [main.toolbar.lesson, main.toolbar.play, main.toolbar.grain, main.strip.train, main.strip.one_epoch]
    buttons += [main.strip.optimizer, main.strip.batch_size, main.loss.toggle, main.loss.compare, main.canvas_choice]
    for button in buttons:
        main.setFocus()
        window.settle()
        plain = button.grab().toImage()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        window.settle()
        ringed = button.grab().toImage()
        changed = [
            (x, y)
            for x in range(plain.width())
            for y in range(plain.height())
            if plain.pixelColor(x, y) != ringed.pixelColor(x, y)
        ]
        assert len(changed) >= plain.width(), button.accessibleName()


def test_menus_are_where_people_look(open_window):
    window = open_window("koehn")
    tools, help_menu = texts(open_menu(window, "Tools")), texts(open_menu(window, "Help"))
    assert {"Find a number", "Gradient check", "Health", "Predict", "Conventions"} <= set(tools)
    assert help_menu == ["Guide", "Keyboard shortcuts", "About nnviz"]
    assert "Leave presentation" not in texts(open_menu(window, "View"))
    window.controller.actions["full_screen"].setChecked(True)
    assert "Leave presentation" in texts(open_menu(window, "View"))


def test_what_is_in_use_is_ticked(open_window):
    window = open_window("koehn", theme="light")

    def ticked() -> list[str]:
        return [action.text() for action in window.main.theme_menu.actions() if action.isChecked()]

    assert ticked() == ["Light"]
    window.press("Ctrl+D")
    assert ticked() == ["Dark"]
    assert window.controller.actions["theme"].isChecked()
    window.press("G")
    assert window.controller.actions["canvas"].isChecked()
    window.click(window.main.canvas_choice, window.main.canvas_choice.center_of(0).toPoint())
    assert not window.controller.actions["canvas"].isChecked()
    window.press("U")
    assert not window.controller.actions["unroll"].isChecked()


def test_lessons_are_listed_under_their_documents_with_their_shapes(open_window):
    window = open_window("koehn")
    menu = window.main.toolbar.lesson.menu()
    menu.aboutToShow.emit()
    actions = menu.actions()
    heads = [action.text() for action in actions if action.isSeparator() and action.text()]
    assert "Philipp Koehn, Neural Machine Translation" in heads
    assert len(heads) == len(set(heads)) >= 5
    assert "XOR by hand\t2-2-1" in [action.text() for action in actions]


def test_shortcuts_are_grouped_searched_and_fit_a_small_screen(open_window):
    window = open_window("koehn")
    window.resize(1024, 700)
    dialog = KeysDialog(key_groups(), window.main)
    dialog.show()
    window.settle()
    assert dialog.height() <= 640
    assert dialog.area.verticalScrollBar().maximum() > 0
    assert [group.title for group in key_groups()][: len(MENUS)] == [menu.title.replace("&", "") for menu in MENUS]
    assert len(dialog.shown()) == len(set(dialog.shown()))
    QTest.keyClicks(dialog.field, "previous weight")
    assert dialog.shown() == ["Previous weight update"]
    dialog.field.setText("no such thing")
    assert dialog.shown() == []
    assert dialog.nothing.isVisible()
    dialog.close()


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_a_menu_has_a_border(open_window, theme):
    window = open_window("koehn", theme=theme)
    menu = open_menu(window, "Train")
    image = menu.grab().toImage()
    border = load_palette(theme).border
    edge = [image.pixelColor(0, y).name() for y in range(4, image.height() - 4)]
    assert edge.count(border) > 0.9 * len(edge)


# Comparing


def test_a_comparison_is_said_where_its_dots_are_explained(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Shift+B")
    main = window.main
    main.branch_bar.compared.emit(0)
    window.settle()
    assert main.branch_bar.compare.text() == "Comparing with Main"
    assert "differ" in main.branch_bar.compare.toolTip()
    assert "Comparing with Main" in main.loss.legend.note.text()
    assert main.loss.legend.isVisible()
    window.press("Ctrl+Tab")
    assert main.branch_bar.compare.text() == "Compare with…"
    window.settle()
    assert main.loss.legend.isHidden()


# Whole lines


def test_listing_and_values_begin_with_a_whole_line(open_window):
    window = open_window("koehn")
    window.main.show_panel("values")
    window.resize(1280, 720)
    for step in (5, 12, 20, 28, 35):
        window.click_cell(step)
        window.settle()
        listing, values = window.main.listing, window.main.values
        offset = listing.verticalScrollBar().value() / listing.widget().line_height()
        assert offset == pytest.approx(round(offset), abs=0.05), step
        assert values.rowViewportPosition(values.rowAt(1)) == 0, step


# On a small screen

SMALL = """
import sys
from nnviz.gui.app import Controller
from nnviz.gui.startup import make_application
from nnviz.gui.kit.settings import Settings
from nnviz.lessons.catalog import load
from PySide6.QtCore import QSettings
app = make_application()
settings = Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat))
controller = Controller(app, load("koehn"), settings)
controller.window.show()
for _ in range(20):
    app.processEvents()
print(app.primaryScreen().availableGeometry().contains(controller.window.geometry()), controller.window.width())
if len(sys.argv) > 2:
    controller.window.resize(1800, 1000)
controller.window.close()
"""


def run_on(tmp_path: Path, width: int, height: int, *more: str) -> list[str]:
    """The program on a screen of this size: whether the screen shows all of the window, and its width."""
    screen = {"name": "one", "x": 0, "y": 0, "width": width, "height": height}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    file = tmp_path / "screens.json"
    file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", SMALL, str(tmp_path / "settings.ini"), *more],
        env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={file}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return told.stdout.split()


def test_the_window_fits_its_screen_the_first_time_and_when_the_screen_got_smaller(tmp_path):
    assert run_on(tmp_path, 1280, 720) == ["True", "1272"]
    assert run_on(tmp_path, 1920, 1080, "larger")[0] == "True"
    assert run_on(tmp_path, 1280, 720)[0] == "True"


def test_panels_in_front_are_tabs_of_the_right_column(open_window):
    window = open_window("koehn")
    window.press("Ctrl+H", "Ctrl+B")
    window.settle()
    assert is_in_front(window.main.panels["breakpoints"])
    assert window.main.panels["health"] in window.main.tabifiedDockWidgets(window.main.panels["values"])


def test_an_open_menu_goes_with_its_lesson(open_window):
    window = open_window("two-step-rnn")

    def change(menu) -> None:
        window.controller.open_lesson("koehn")
        assert not menu.isVisible()

    window.during(QApplication.activePopupWidget, change, lambda: window.click(window.main.toolbar.notation))
    assert window.session.lesson.name == "koehn"
