"""The table of panels: names that saved layouts contain, commands that exist, and what no row may forget."""

from __future__ import annotations

from dataclasses import MISSING, fields

from nnviz.gui.kit.actions import WINDOW_COMMANDS
from nnviz.gui.panels import PANELS, DockPlace, PanelRow
from nnviz.gui.window_menus import MENUS, SubMenu

SAVED = {
    *("step", "numpy", "values", "conventions", "lesson", "gradients"),
    *("find", "health", "breakpoints", "loss", "boundary"),
}


def test_the_names_in_saved_layouts_stay() -> None:
    names = [row.id for row in PANELS]
    assert len(set(names)) == len(names)
    assert set(names) >= SAVED


def test_a_row_must_say_whether_it_shows_answers() -> None:
    required = {field.name for field in fields(PanelRow) if field.default is MISSING}
    assert {"hides_answers", "place"} <= required


def test_every_panel_that_is_hidden_at_first_has_a_command_of_the_window() -> None:
    commands = {command.id for command in WINDOW_COMMANDS}
    of_rows = [row.command for row in PANELS if row.command]
    assert len(set(of_rows)) == len(of_rows)
    assert set(of_rows) <= commands
    assert all(row.command for row in PANELS if not row.shown_at_first)


def test_a_row_has_a_size_exactly_where_the_first_arrangement_shows_it() -> None:
    for row in PANELS:
        assert (row.size > 0) == (row.place is not DockPlace.TAB), row.id


def test_the_menu_bar_has_every_command_of_the_window_at_most_once_a_menu() -> None:
    for menu in MENUS:
        entries = [entry for entry in menu.entries if entry is not None]
        assert len(set(entries)) == len(entries), menu.title
        assert menu.entries[0] is not None
        assert menu.entries[-1] is not None
        assert all(first or second for first, second in zip(menu.entries, menu.entries[1:], strict=False))
    inner = [entry for menu in MENUS for entry in menu.entries if isinstance(entry, SubMenu)]
    assert sorted(inner, key=str) == sorted(SubMenu, key=str)
    assert {command.id for command in WINDOW_COMMANDS} <= {e for menu in MENUS for e in menu.entries}
