"""Random actions in the window, the same ones each time, end without an error of a slot or a warning of Qt."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.monkey import NEVER, monkey, own_settings

from nnviz.lessons.catalog import lesson_names

ACTIONS = 400


@pytest.mark.parametrize("seed", [1, 2])
def test_random_actions_do_no_harm(
    seed: int, tmp_path: Path, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with monkey(seed, tmp_path, own_settings(tmp_path), is_quiet=True) as player:
        for name in player.controller.window.panels:
            player.controller.window.show_panel(name)
        player.reopen()
        is_fine = player.play(ACTIONS)
        wanted = {*player.controller.actions.items(), *player.controller.window.panels, *lesson_names()}
    assert is_fine, "\n".join((*player.done, *player.errors[:1]))
    assert not wanted - player.used - set(NEVER)
