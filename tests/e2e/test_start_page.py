"""The start page in the window: at the start and by Ctrl+N, used by mouse and keys, and never broken by a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from nnviz.debugger.state.prediction import Tally
from nnviz.formats.score_file import write_score
from nnviz.gui.start_control import ON_START_PAGE
from nnviz.gui.views.start.start_page import START_COMMANDS
from nnviz.lessons.catalog import lesson_names
from nnviz.present.start.lesson_cards import RECENT
from nnviz.resources import resource_path
from nnviz.walks.walk_names import walk_names

OWN = """format = 1
title = "My own network"
summary = "Two neurons and a line."
topics = ["Lines"]
[network]
inputs = 1
[[network.layers]]
units = 1
W = [[-2]]
b = [1]
[data]
inputs = [[0], [1]]
targets = [[1], [0]]
"""


def page_of(window):
    return window.controller.start.page


def shown(window) -> list[str]:
    return [tile.card.opens for tile in page_of(window).shown_tiles()]


def focused(window) -> str:
    widget = QApplication.focusWidget()
    return widget.text() if hasattr(widget, "text") else ""


def resize(window, width: int, height: int) -> None:
    window.main.resize(width, height)
    window.settle()


def choose_topic(window, topic: str) -> None:
    window.click(next(pill for pill in page_of(window).pills() if pill.text() == topic))


@pytest.fixture
def recent(settings_file: Path):
    """Makes files the recent ones of the window that is opened next."""

    def note(*paths: Path) -> None:
        settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
        settings.setValue("recent", "\n".join(map(str, paths)))
        settings.sync()

    return note


# When it is shown


def test_without_a_lesson_the_start_page_is_shown_and_nothing_else(open_window):
    window = open_window(None)
    assert window.controller.start.is_on
    assert window.title == "nnviz"
    assert sorted(shown(window)) == sorted((*lesson_names(), *walk_names()))
    assert not window.main.toolbar.isVisible()
    assert not window.main.center.isVisible()
    assert not [name for name, panel in window.main.panels.items() if panel.isVisible()]


def test_with_a_lesson_it_is_shown_by_ctrl_n_and_esc_returns_as_it_was(open_window):
    window = open_window("koehn")
    window.walk(3)
    window.press("Ctrl+H")
    places = {name: panel.geometry() for name, panel in window.main.panels.items() if panel.isVisible()}
    title, toolbar = window.title, window.main.toolbar.geometry()
    window.press("Ctrl+N")
    assert window.controller.start.is_on
    assert window.title == "nnviz"
    window.press("Esc")
    window.settle()
    assert not window.controller.start.is_on
    assert (window.title, window.step, window.session.lesson.name) == (title, 3, "koehn")
    assert {name: panel.geometry() for name, panel in window.main.panels.items() if panel.isVisible()} == places
    assert window.main.toolbar.geometry() == toolbar
    window.press("Right")
    assert window.step == 4


def test_the_menu_shows_it_too(open_window):
    window = open_window("koehn")
    window.choose_in_menu("File", "Start page")
    assert window.controller.start.is_on


def test_esc_does_not_leave_the_page_if_no_lesson_was_open(open_window):
    window = open_window(None)
    window.press("Esc")
    assert window.controller.start.is_on


def test_a_lesson_opened_from_the_page_is_laid_out_as_one_opened_directly(open_window):
    direct = open_window("koehn")
    places = {name: panel.geometry() for name, panel in direct.main.panels.items() if panel.isVisible()}
    size = direct.main.size()
    window = open_window(None)
    window.main.resize(size)
    window.settle()
    window.choose_card("koehn")
    assert {name: panel.geometry() for name, panel in window.main.panels.items() if panel.isVisible()} == places
    assert window.card.title == direct.card.title
    assert window.listing == direct.listing
    assert [row.name for row in window.rows] == [row.name for row in direct.rows]


def test_closing_on_the_page_keeps_the_layout(open_window):
    first = open_window("koehn")
    first.press("Ctrl+H")
    shown_before = [name for name, panel in first.main.panels.items() if not panel.isHidden()]
    first.press("Ctrl+N")
    first.main.close()
    again = open_window("koehn")
    assert [name for name, panel in again.main.panels.items() if not panel.isHidden()] == shown_before
    again.main.close()
    third = open_window(None)
    third.main.close()
    fourth = open_window("koehn")
    assert [name for name, panel in fourth.main.panels.items() if not panel.isHidden()] == shown_before


def test_training_pauses_and_presentation_ends_when_the_page_is_shown(open_window):
    window = open_window("krzeminski-sgd")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update > 0)
    window.press("F5")
    window.press("Ctrl+N")
    window.wait(lambda: window.controller.start.is_on)
    assert not window.controller.training.running
    assert not window.controller.actions["presentation"].isChecked()
    window.press("Esc")
    assert window.main.menuBar().isVisible()
    assert window.main.toolbar.isVisible()


def test_commands_about_a_lesson_do_nothing_on_the_page(open_window):
    window = open_window("koehn")
    actions = window.controller.actions.items()
    before = {name: action.isEnabled() for name, action in actions.items()}
    window.press("Ctrl+N")
    assert {name for name, action in actions.items() if action.isEnabled()} == ON_START_PAGE
    window.press("Space", "Home")
    assert window.step == 0
    assert not window.controller.player.playing
    window.press("Esc", "Esc")
    assert {name: action.isEnabled() for name, action in actions.items()} == before


def test_every_button_at_the_top_runs_a_command_that_works_there(open_window, monkeypatch):
    assert {row.command for row in START_COMMANDS} <= ON_START_PAGE
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *parts: asked.append(parts[1]) or ("", ""))
    window = open_window(None)
    tiles = page_of(window).commands.tiles
    for tile in tiles[1:]:
        window.click(tile)
    assert asked == ["Open data", "Open model", "Open"]
    assert window.controller.start.is_on
    window.click(tiles[0])
    assert window.session.lesson.title == "circle, 2-4-1"
    assert not window.controller.start.is_on


# Mouse and keys


def test_a_click_opens_a_lesson(open_window):
    window = open_window(None)
    window.choose_card("krzeminski-rnn")
    assert window.session.lesson.name == "krzeminski-rnn"
    assert window.main.toolbar.isVisible()
    assert window.main.isActiveWindow()
    window.press("Right")
    assert window.step == 1


def test_arrows_and_enter_open_a_lesson(open_window):
    window = open_window(None)
    resize(window, 1440, 900)
    names = shown(window)
    tiles = page_of(window).shown_tiles()
    window.press("Down")
    assert tiles[0].hasFocus()
    window.press("Right", "Right", "Left", "Down")
    assert tiles[5].hasFocus()
    window.press("Up", "Return")
    assert window.session.lesson.name == names[1]
    assert not window.controller.start.is_on


def test_up_from_the_lessons_goes_to_the_filters_and_on(open_window):
    window = open_window(None)
    page = page_of(window)
    window.press("Down", "Up", "Left")
    assert focused(window) == "All"
    window.press("Right", "Space")
    assert focused(window) == "First steps"
    assert [pill.text() for pill in page.pills() if pill.isChecked()] == ["First steps"]
    assert set(shown(window)) == {"koehn", "from-scratch", "graph", "nine-lines", "micrograd-neuron"}
    window.press("Up")
    assert focused(window) in [tile.text() for tile in page.commands.tiles]


def test_tab_goes_through_the_page_in_reading_order(open_window):
    window = open_window(None)
    page = page_of(window)
    wanted = [*page.commands.tiles, page.pills()[0], page.search, *page.shown_tiles()]
    page.commands.tiles[0].setFocus()
    seen = [QApplication.focusWidget()]
    for _ in wanted[1:]:
        window.press("Tab")
        seen.append(QApplication.focusWidget())
    assert seen == wanted
    assert page.verticalScrollBar().value() > 0  # the last lesson is in sight
    window.press("Tab")
    assert QApplication.focusWidget() is wanted[0], "the focus is never where nobody sees it"


def test_typing_searches_enter_opens_the_first_and_esc_clears(open_window):
    window = open_window("koehn")
    window.press("Ctrl+N", "R", "N", "N")
    assert page_of(window).search.text().lower() == "rnn"
    assert shown(window) == ["two-step-rnn", "krzeminski-rnn"]
    window.press("Esc")
    assert window.controller.start.is_on
    assert len(shown(window)) == len(lesson_names()) + len(walk_names())
    page_of(window).search.setText("nothing of the kind")
    assert shown(window) == []
    assert page_of(window).nothing.isVisible()
    assert page_of(window).nothing.text() == "No lesson has the words “nothing of the kind”."
    page_of(window).search.setText("stochastic")
    window.press("Return")
    assert window.session.lesson.name == "krzeminski-sgd"


def test_the_filter_is_all_again_when_the_page_is_shown_again(open_window):
    window = open_window("koehn")
    window.press("Ctrl+N")
    choose_topic(window, "Softmax")
    assert len(shown(window)) == 3
    window.press("Esc", "Ctrl+N")
    assert len(shown(window)) == len(lesson_names()) + len(walk_names())


def test_the_wheel_scrolls(open_window):
    window = open_window(None)
    resize(window, 1024, 700)
    page = page_of(window)
    bar = page.verticalScrollBar()
    assert bar.maximum() > 0
    tile = page.shown_tiles()[0]
    at = QPointF(tile.rect().center())
    turn = QWheelEvent(
        at, QPointF(tile.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(page.viewport(), turn)
    assert bar.value() > 0


def test_focus_and_hover_are_seen(open_window):
    window = open_window(None)
    tile = page_of(window).shown_tiles()[1]
    plain = tile.grab().toImage()
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    ringed = tile.grab().toImage()
    assert ringed != plain
    page_of(window).setFocus()
    window.move_to(tile, tile.rect().center())
    window.settle()
    assert tile.grab().toImage() not in (plain, ringed)


# Layout


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_the_cards_fill_the_width_in_columns(open_window, theme):
    window = open_window(None, theme)
    page = page_of(window).widget()
    for size, columns in (((1024, 700), 3), ((1280, 720), 3), ((1440, 900), 4), ((2560, 1440), 4), ((700, 700), 2)):
        resize(window, *size)
        tiles = page_of(window).shown_tiles()
        assert sum(tile.y() == tiles[0].y() for tile in tiles) == columns, size
        for one in tiles:
            assert page.rect().contains(one.mapTo(page, one.rect().bottomRight())), size
            assert not [other for other in tiles if other is not one and one.geometry().intersects(other.geometry())]
        assert page_of(window).horizontalScrollBar().maximum() == 0, size


# What the cards say


def test_signs_and_scores_follow_the_first_frame(open_window, settings_file):
    settings_file.parent.mkdir(parents=True, exist_ok=True)
    write_score(settings_file.with_name("scores.json"), "koehn", (("z", Tally(4, 2, 1, 1)),))
    window = open_window(None)
    window.wait(lambda: window.card_tile("koehn").card.note != "")
    tile = window.card_tile("koehn")
    assert tile.card.note == "3 / 4 predicted"
    window.wait(lambda: all(edge.sign for edge in tile.card.drawing.edges))
    assert [edge.sign for edge in tile.card.drawing.edges] == [1, 1, 1, 1, 1, -1]


def test_a_damaged_score_file_leaves_the_page_as_it_is(open_window, settings_file):
    settings_file.parent.mkdir(parents=True, exist_ok=True)
    scores = settings_file.with_name("scores.json")
    scores.write_text("{", encoding="utf-8")
    window = open_window(None)
    window.wait(lambda: all(edge.sign for edge in window.card_tile("koehn").card.drawing.edges))
    assert window.card_tile("koehn").card.note == ""
    assert scores.read_text(encoding="utf-8") == "{"


def test_recent_files_have_cards_and_a_fault_is_said_on_its_card(open_window, recent, tmp_path):
    own, broken, session, binary = (tmp_path / name for name in ("own.toml", "broken.toml", "s.nnviz", "b.toml"))
    own.write_text(OWN, encoding="utf-8")
    broken.write_text("format = 1\ntitle = [", encoding="utf-8")
    session.write_text("{", encoding="utf-8")
    binary.write_bytes(bytes(range(256)))
    recent(own, broken, session, binary)
    window = open_window(None)
    window.wait(lambda: window.card_tile("own.toml").card.title == "My own network")
    assert "Lines" in [pill.text() for pill in page_of(window).pills()]
    window.wait(lambda: window.card_tile("b.toml").card.problem != "")
    assert window.card_tile("broken.toml").card.problem.startswith("Line 2: ")
    assert window.card_tile("s.nnviz").card.summary == "A saved session."
    choose_topic(window, RECENT)
    assert [Path(name).name for name in shown(window)] == ["own.toml", "broken.toml", "s.nnviz", "b.toml"]
    seen = window.dialog(lambda: window.click(window.card_tile("broken.toml")))
    assert "broken.toml" in seen.text
    assert window.controller.start.is_on
    window.choose_card("own.toml")
    assert window.session.lesson.title == "My own network"


def test_a_card_is_read_again_when_its_file_has_changed(open_window, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    window = open_window("koehn")
    assert window.controller.open_lesson(str(own))
    window.press("Ctrl+N")
    window.wait(lambda: window.card_tile("own.toml").card.title == "My own network")
    window.press("Esc")
    own.write_text(OWN.replace("My own network", "Another title"), encoding="utf-8")
    window.press("Ctrl+N")
    window.wait(lambda: window.card_tile("own.toml").card.title == "Another title")
    own.unlink()
    window.press("Esc", "Ctrl+N")
    assert sorted(shown(window)) == sorted((*lesson_names(), *walk_names()))


def test_a_large_file_is_not_read_for_its_card(open_window, recent, tmp_path, monkeypatch):
    monkeypatch.setattr("nnviz.gui.start_control.LARGEST_READ", 50)
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    recent(own)
    window = open_window(None)
    window.wait(lambda: not window.controller.start._unread)
    assert window.card_tile("own.toml").card.title == "own.toml"


def test_every_part_of_the_page_has_a_name_for_a_screen_reader(open_window):
    window = open_window(None)
    page = page_of(window)
    for widget in (page, page.search, *page.pills(), *page.shown_tiles(), *page.commands.tiles):
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name)
    tile = window.card_tile("koehn")
    name = QAccessible.queryAccessibleInterface(tile).text(QAccessible.Text.Name)
    assert name.startswith("XOR by hand. Philipp Koehn, Neural Machine Translation, 5.7. Every number")
    assert QAccessible.queryAccessibleInterface(page.pills()[0]).state().checked


def test_the_page_follows_the_theme(open_window):
    window = open_window(None)
    light = window.pixel(page_of(window), QPoint(3, 3)).name()
    window.press("Ctrl+D")
    assert window.pixel(page_of(window), QPoint(3, 3)).name() != light
    assert resource_path("themes", "dark.toml").read_text().count(window.pixel(page_of(window), QPoint(3, 3)).name())
