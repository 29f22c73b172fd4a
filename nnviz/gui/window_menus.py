"""The menu bar of the window: one table of menus, whose entries are the ids of commands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtWidgets import QMainWindow, QMenu

from nnviz.gui.dialogs.keys_dialog import KeyGroup
from nnviz.gui.kit.actions import ENTRIES, Actions, key_row, key_rows

LEAVE, LEFT = "leave", ("presentation", "full_screen")  # a command, and those that it ends


class SubMenu(Enum):
    """A menu within a menu, by its title; its entries are not in the table."""

    RECENT = "Open &recent"
    WALKS = "&Walks"
    PANELS = "&Panels"
    THEME = "&Theme"
    PLAY_SPEED = "Playback sp&eed"
    TRAIN_SPEED = "&Training speed"


Entry = str | SubMenu | None  # a command, a menu of its own, or a separator


@dataclass(frozen=True)
class Menu:
    """A menu of the menu bar. `shows_tips` is true if its entries have tool tips, which say why one is disabled."""

    title: str
    entries: tuple[Entry, ...]
    shows_tips: bool = False


MENUS = (
    Menu(
        "&File",
        (
            *(
                "start_page",
                None,
                "open",
                SubMenu.RECENT,
                SubMenu.WALKS,
                None,
                "new_network",
                "open_data",
                "open_model",
                None,
            ),
            *("save", "save_as", "save_lesson", None),
            *("open_run", None, "export", "export_script", "copy_picture", "record_film", None),
            *("record_walk", "record_scene", "edit_walk", None, "quit"),
        ),
    ),
    Menu("&Edit", ("undo", "redo", None, "edit", "reset_edits", None, "branch", "next_branch", "close_branch")),
    Menu(
        "&Step",
        (
            *("step", "back", None, "into", "over", "out", None, "next_phase", "previous_phase", None),
            *("first", "last", "nonfinite", None),
            *("next_pass", "previous_pass", None, "next_example", "previous_example", None),
            *("grain_term", "grain_neuron", "grain_layer", "grain_pass", None),
            *("continue", SubMenu.PLAY_SPEED, None, "run", "run_back", "break_here"),
        ),
    ),
    Menu(
        "&Go",
        (
            *("next_update", "previous_update", "to_update", None),
            *("next_epoch", "previous_epoch", "to_epoch"),
        ),
    ),
    Menu(
        "&Train",
        (
            *("train", "epoch", SubMenu.TRAIN_SPEED, "stop_when", None),
            *("reset", "reset_seed", None, "compare", "sweep"),
        ),
        shows_tips=True,
    ),
    Menu(
        "&View",
        (
            *(SubMenu.PANELS, SubMenu.THEME, None, "notes", "breakpoints", None, "canvas", "unroll", "maps", None),
            *("fit", "zoom_in", "zoom_out", None, "theme", "decimal_comma", None),
            *("presentation", "reduce_motion", "full_screen", "leave"),
        ),
    ),
    Menu(
        "T&ools",
        (
            *("find", "why", "feeds", None, "conventions", "gradients", "health", None),
            *("layers", "surface", "runs", "build", None),
            *("predict", "hint", "reveal", "skip", "score"),
        ),
    ),
    Menu("&Help", ("guide", "keys", None, "about")),
)


def key_groups() -> tuple[KeyGroup, ...]:
    """Return the shortcuts of each menu, and those of commands that no menu has."""
    rows = {command.id: key_row(command) for command in ENTRIES if command.keys}
    groups = [
        KeyGroup(menu.title.replace("&", ""), tuple(rows[entry] for entry in menu.entries if entry in rows))
        for menu in MENUS
    ]
    grouped = {row for group in groups for row in group.rows}
    rest = tuple(row for row in key_rows() if row not in grouped)
    return (*groups, KeyGroup("Presentation", rest)) if rest else tuple(groups)


def build_menus(window: QMainWindow, actions: Actions) -> dict[SubMenu, QMenu]:
    """Fill the menu bar of a window; return the empty menus within the menus."""
    inner: dict[SubMenu, QMenu] = {}
    for row in MENUS:
        menu = window.menuBar().addMenu(row.title)
        menu.setToolTipsVisible(row.shows_tips)
        for entry in row.entries:
            if entry is None:
                menu.addSeparator()
            elif isinstance(entry, SubMenu):
                inner[entry] = QMenu(entry.value, window)
                menu.addMenu(inner[entry])
            elif entry == LEAVE:
                _add_leave(menu, actions)
            else:
                menu.addAction(actions[entry])
        commands = [entry for entry in row.entries if isinstance(entry, str)]
        menu.aboutToShow.connect(lambda commands=commands: actions.show_icons(*commands))
    return inner


def _add_leave(menu: QMenu, actions: Actions) -> None:
    """Add an entry that is there in presentation or full screen only; the key of its command is for more than that."""
    command = actions[LEAVE]
    entry = menu.addAction(f"{command.text()}\t{command.shortcut().toString()}")
    entry.triggered.connect(command.trigger)
    menu.aboutToShow.connect(lambda: entry.setVisible(any(actions[name].isChecked() for name in LEFT)))
