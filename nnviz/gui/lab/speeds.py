"""The menus of speeds: how many steps playback takes in a second, and how many updates training makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from nnviz.gui.control.player import STEPS_PER_SECOND, Player
from nnviz.gui.control.training_client import TrainingClient
from nnviz.present.runs.curve import grouped

FASTEST = "As fast as possible"
STEPS = (1.0, 2.0, 5.0, 20.0)
UPDATES = (1.0, 10.0, 100.0, 1000.0, None)


def fill_speed_menus(menus: tuple[QMenu, QMenu], player: Player, client: TrainingClient) -> None:
    """Fill the menus of playback and of training."""
    steps = {_words(speed, "step"): partial(player.set_speed, speed) for speed in STEPS}
    updates = {FASTEST if pace is None else _words(pace, "update"): partial(client.set_pace, pace) for pace in UPDATES}
    _fill(menus[0], steps, _words(STEPS_PER_SECOND, "step"))
    _fill(menus[1], updates, FASTEST)


def _fill(menu: QMenu, entries: Mapping[str, Callable[[], object]], chosen: str) -> None:
    group = QActionGroup(menu)
    for words, act in entries.items():
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(words == chosen)
        group.addAction(action)
        action.triggered.connect(lambda checked=False, act=act: act())


def _words(count: float, noun: str) -> str:
    return f"{grouped(round(count))} {noun}{'' if count == 1 else 's'} per second"
