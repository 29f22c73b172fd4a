"""The guide's window by itself: its contents, its text as Qt lays it out, and how that agrees with the search."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QTextTable
from pytestqt.qtbot import QtBot

from nnviz.gui.guide.guide_hits import PLACE
from nnviz.gui.guide.guide_window import GuideWindow
from nnviz.gui.kit.settings import Settings
from nnviz.present.core.palette import load_palette, palette_names
from nnviz.present.words.guide_pages import PAGES, pages, search


@pytest.fixture
def guide(qtbot: QtBot, tmp_path: Path) -> GuideWindow:
    window = GuideWindow(Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)))
    qtbot.addWidget(window)
    window.set_theme(load_palette("light"), 1.0)
    window.resize(1000, 700)
    with qtbot.waitExposed(window):
        window.show()
    window.go_to("first-steps")
    return window


def test_the_contents_are_the_pages_and_their_headings(guide: GuideWindow):
    tree = guide.contents
    assert [tree.topLevelItem(index).text(0) for index in range(tree.topLevelItemCount())] == list(PAGES.values())
    for index, page in enumerate(pages()):
        top = tree.topLevelItem(index)
        headings = [section.title for section in page.sections if section.level == 2]
        assert [top.child(row).text(0) for row in range(top.childCount())] == headings


def test_a_row_of_the_contents_shows_its_place(guide: GuideWindow):
    for index in range(guide.contents.topLevelItemCount()):
        top = guide.contents.topLevelItem(index)
        guide.contents.setCurrentItem(top)
        assert guide.text.page == top.data(0, PLACE)
        assert guide.text.verticalScrollBar().value() == 0
        assert top.isExpanded()
        for row in range(top.childCount()):
            guide.contents.setCurrentItem(top.child(row))
            at_end = guide.text.verticalScrollBar().value() == guide.text.verticalScrollBar().maximum()
            assert at_end or guide.place == top.child(row).data(0, PLACE)


def test_scrolling_selects_the_section_in_the_contents(guide: GuideWindow):
    guide.go_to("stepping")
    bar = guide.text.verticalScrollBar()
    seen = []
    for value in range(0, bar.maximum(), 200):
        bar.setValue(value)
        seen.append(guide.contents.currentItem().text(0))
    titles = [section.title for section in pages()[1].sections]
    assert list(dict.fromkeys(seen)) == [title for title in titles if title in seen]
    assert len(set(seen)) > 8


def test_every_heading_is_found_in_the_text(guide: GuideWindow):
    for page in pages():
        guide.go_to(page.name)
        found = [block.text() for block in guide.text.headings().values()]
        assert found == [section.title for section in page.sections], page.name


def test_what_is_found_is_marked_in_the_text(guide: GuideWindow):
    for page in pages():
        guide.go_to(page.name)  # with the last word marked in it, and then each of the others
        for word in ("λ", "branch", "loss", "session", "key", "nnviz", "breakpoints", "λ"):
            hits = search(word)
            guide.field.setText(word)
            found = [hit.section for hit in hits if hit.section.page == page.name]
            in_text = sum(f"{s.title}\n{s.text}".casefold().count(word) for s in page.sections)
            assert len(guide.text.matches) == in_text, (page.name, word)
            assert bool(found) == bool(in_text), (page.name, word)


def test_the_text_fits_its_width(guide: GuideWindow):
    for name in PAGES:
        guide.go_to(name)
        for width in (560, 1000, 1600):
            guide.resize(width, 600)
            assert guide.text.document().size().width() <= guide.text.viewport().width() + 1, (name, width)


def test_bars_in_the_code_of_a_table_are_bars(guide: GuideWindow):
    guide.go_to("command-line")
    assert "nnviz [LESSON|FILE]" in guide.text.toPlainText()
    assert "\\|" not in guide.text.toPlainText()


def test_tables_are_as_wide_as_the_text(guide: GuideWindow):
    guide.go_to("keys")
    tables = [frame for frame in guide.text.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert len(tables) == 1
    assert tables[0].columns() == 3
    assert tables[0].format().width().rawValue() == 100


@pytest.mark.parametrize("theme", palette_names())
def test_the_text_has_the_colors_of_the_theme(guide: GuideWindow, theme: str):
    palette = load_palette(theme)
    guide.set_theme(palette, 1.0)
    guide.go_to("command-line#check")
    block = guide.text.headings()["check"]
    assert block.begin().fragment().charFormat().foreground().color().name() == palette.text
    image = guide.text.grab().toImage()
    colors = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert palette.window in colors  # behind the code


def test_type_grows_with_the_scale(guide: GuideWindow):
    guide.go_to("stepping#watches")
    height = guide.text.document().size().height()
    guide.set_theme(load_palette("light"), 1.5)
    assert guide.text.document().size().height() > 1.3 * height
    assert guide.place == "stepping#watches"


def test_back_leads_to_the_line_that_was_read(guide: GuideWindow):
    guide.go_to("stepping")
    guide.text.verticalScrollBar().setValue(777)
    guide.go_to("sessions")
    guide.go_back()
    assert (guide.text.page, guide.text.verticalScrollBar().value()) == ("stepping", 777)
    guide.go_forward()
    assert guide.text.page == "sessions"
    assert not guide.forward.isEnabled()
    assert guide.back.isEnabled()


def test_controls_have_names(guide: GuideWindow):
    controls = (guide.back, guide.forward, guide.previous, guide.next, guide.field)
    views = (guide.contents, guide.found, guide.text)
    names = [widget.accessibleName() for widget in (*controls, *views)]
    assert all(names)
    assert len(set(names)) == len(names)
    guide.field.setText("hollow")
    spoken = guide.found.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Breakpoints, Stepping and debugging: ")
