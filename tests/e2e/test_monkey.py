"""Random actions in the window, the same ones each time, end without an error of a slot or a warning of Qt."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.monkey import NEVER, monkey, own_settings, release_buttons
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from nnviz.lessons.catalog import lesson_names

ACTIONS = 150  # of each seed; all actions, panels and lessons that chance has left out come after them


def test_a_dialog_opened_by_a_key_in_a_dialog_is_closed_too(tmp_path: Path, settings_file: Path) -> None:
    events: list[str] = []
    with monkey(1, tmp_path, own_settings(tmp_path)) as player:
        outer, inner = QDialog(player.controller.window), QDialog(player.controller.window)
        inner.rejected.connect(lambda: events.append("closed"))

        def give_up() -> None:
            events.append("given up")
            inner.reject()

        def key(_: object) -> Qt.Key:
            if not events:
                events.append("opened")
                QTimer.singleShot(30_000, inner, give_up)
                inner.exec()
            return Qt.Key.Key_Escape

        player._popup_dice.choice = key  # type: ignore[method-assign, assignment]
        outer.exec()
    assert events == ["opened", "closed"]


def test_a_button_that_closes_its_widget_at_the_press_is_released(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    QTest.mousePress(widget, Qt.MouseButton.RightButton)
    assert QApplication.mouseButtons() == Qt.MouseButton.RightButton
    release_buttons()
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton


@pytest.mark.parametrize("seed", [1, 2])
def test_random_actions_do_no_harm(
    seed: int, tmp_path: Path, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with monkey(seed, tmp_path, own_settings(tmp_path), is_quiet=True) as player:
        for name in player.controller.window.panels:
            player.controller.window.show_panel(name)
        player.reopen()
        is_fine = player.play(ACTIONS) and player.play_the_rest()
        wanted = {*player.controller.actions.items(), *player.controller.window.panels, *lesson_names()}
    assert is_fine, "\n".join((*player.done, *player.errors[:1]))
    assert not wanted - player.used - set(NEVER)
