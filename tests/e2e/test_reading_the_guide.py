"""The guide beside the real window: opened by key, by menu and by the "?" of a panel, searched, and left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnviz.gui.guide.guide_window import GuideWindow
from nnviz.gui.guide.open_guide import NETWORK_PLACE
from nnviz.gui.panels import PANELS
from nnviz.present.words.guide_pages import PAGES, guide_title, split_place


def guide_of(window) -> GuideWindow:
    """The guide, once it has the keys."""
    guide = window.controller.guide.view
    assert guide is not None
    window.wait(lambda: QApplication.focusWindow() == guide.windowHandle())
    window.settle()
    return guide


def press(guide: GuideWindow, *keys: str) -> None:
    for key in keys:
        QTest.keySequence(guide.windowHandle(), QKeySequence(key))
    QApplication.processEvents()


def type_words(guide: GuideWindow, words: str) -> None:
    press(guide, "Ctrl+F")
    assert guide.field.hasFocus()
    QTest.keyClicks(guide.field, words)
    QApplication.processEvents()


def test_f1_opens_the_guide_and_escape_closes_it(open_window):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    assert guide.isVisible()
    assert guide.text.page == "first-steps"
    assert "First steps" in guide.text.toPlainText()
    assert "<!--" not in guide.text.toPlainText()
    press(guide, "Esc")
    assert guide.isHidden()
    window.press("Right")
    assert window.step == 1


def test_the_help_menu_has_the_guide(open_window):
    window = open_window("koehn")
    window.choose_in_menu("Help", "Guide")
    assert guide_of(window).isVisible()


def test_the_guide_opens_where_it_was_left(open_window):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    guide.go_to("sessions")
    press(guide, "Esc")
    window.press("F1")
    assert guide_of(window).text.page == "sessions"


def test_every_panel_opens_its_place_in_the_guide(open_window):
    window = open_window("koehn")
    headings = {name: panel.heading for name, panel in window.main.panels.items()}
    places = {row.id: row.guide for row in PANELS}
    assert set(headings) == set(places)
    names = set()
    for name, heading in {**headings, "": window.main.center.heading}.items():
        place = places.get(name, NETWORK_PLACE)
        assert heading.help.toolTip() == f"Open the guide: {guide_title(place)}"
        names.add(heading.help.accessibleName())
        heading.help.click()
        guide = guide_of(window)
        page, anchor = split_place(place)
        assert guide.text.page == page
        assert guide.contents.currentItem().text(0) == guide.text.headings()[anchor].text()
    assert len(names) == len(headings) + 1


def test_the_question_mark_of_a_panel_can_be_clicked(open_window):
    window = open_window("koehn")
    button = window.main.panels["loss"].heading.help
    assert button.isVisible()
    assert window.main.panels["loss"].heading.rect().contains(button.geometry())
    window.click(button, QPoint(button.width() // 2, button.height() // 2))
    guide = guide_of(window)
    assert (guide.text.page, guide.contents.currentItem().text(0)) == ("what-if", "The loss plot")


def test_words_are_found_marked_and_gone_through(open_window):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    type_words(guide, "breakpoint")
    assert guide.left.currentWidget() is guide.found
    found = [guide.found.item(row).text() for row in range(guide.found.count())]
    assert "Stepping and debugging › Breakpoints" in found
    assert guide.count.text() == f"{len(found)} sections"
    press(guide, "Return")
    first = guide.text.page, guide.text.match
    assert guide.text.matches[guide.text.match].casefold() == "breakpoint"
    visited = [first]
    for _ in range(200):
        press(guide, "Return")
        assert guide.text.matches[guide.text.match].casefold() == "breakpoint"
        place = guide.text.page, guide.text.match
        if place == first:
            break
        visited.append(place)
    assert len(set(visited)) == len(visited)
    pages = [page for page, _ in visited]
    assert list(dict.fromkeys(pages)) == [name for name in PAGES if name in pages]
    press(guide, "Shift+Return")
    assert (guide.text.page, guide.text.match) == visited[-1]
    press(guide, "Esc")
    assert (guide.field.text(), guide.text.matches) == ("", [])
    assert guide.isVisible()
    assert guide.left.currentWidget() is guide.contents


def test_a_result_is_chosen_with_the_keyboard(open_window):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    type_words(guide, "hollow")
    press(guide, "Down")
    assert guide.found.hasFocus()
    press(guide, "Return")
    assert guide.text.page == "stepping"
    assert guide.text.matches[guide.text.match] == "hollow"


def test_nothing_is_found_without_a_word_of_it(open_window):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    type_words(guide, "quetzalcoatl")
    assert guide.count.text() == "0 sections"
    before = guide.text.page
    press(guide, "Return")
    assert (guide.text.page, guide.next.isEnabled()) == (before, False)


def test_links_lead_to_places_and_back(open_window, monkeypatch: pytest.MonkeyPatch):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    guide.text.anchorClicked.emit(QUrl("stepping.md#going-back-in-time"))
    assert guide.place == "stepping#going-back-in-time"
    guide.text.anchorClicked.emit(QUrl("#watches"))
    assert guide.place == "stepping#watches"
    press(guide, "Alt+Left", "Alt+Left")
    assert guide.text.page == "first-steps"
    press(guide, "Alt+Right")
    assert guide.place == "stepping#going-back-in-time"
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    guide.text.anchorClicked.emit(QUrl("https://toml.io"))
    assert opened == ["https://toml.io"]
    assert guide.place == "stepping#going-back-in-time"


def test_the_guide_remembers_its_size(open_window):
    window = open_window("koehn")
    window.press("F1")
    guide = guide_of(window)
    guide.resize(640, 480)
    window.settle()
    window.main.close()
    assert guide.isHidden()
    again = open_window("koehn")
    again.press("F1")
    assert guide_of(again).size().toTuple() == (640, 480)


def test_the_guide_follows_the_theme(open_window):
    window = open_window("koehn", theme="light")
    window.press("F1")
    guide = guide_of(window)
    guide.go_to("command-line#train")
    light = window.colors(guide.text)
    window.controller.perform("theme")
    window.settle()
    assert window.controller.theme.palette.card in window.colors(guide.text)
    assert light != window.colors(guide.text)
    assert guide.place == "command-line#train"
