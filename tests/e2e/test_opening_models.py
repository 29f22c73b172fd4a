"""A model in the window: from a file, and from Python by `nnviz.debug`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from models.stand_ins import without_metadata
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import nnviz
from nnviz.gui.dialogs.activations_dialog import ActivationsDialog
from nnviz.sessions.save import write_session


def test_a_file_of_weights_is_stepped_and_its_session_opens_again(
    open_window: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "net.safetensors"
    nnviz.export("koehn", path)
    window = open_window(path)
    assert window.session.lesson.name == "net"
    assert window.session.lesson.network.W[1].ravel().tolist() == [5.0, -5.0]
    window.press("Right", "Right")
    assert window.step > 0
    saved = tmp_path / "net.nnviz"
    write_session(saved, window.controller.session_files.saved())
    window.controller.open_lesson("koehn")
    assert window.controller.open_lesson(str(saved))
    assert window.session.lesson.network.W[1].ravel().tolist() == [5.0, -5.0]
    assert window.controller.open_lesson(str(path))
    path.write_bytes(without_metadata(path.read_bytes()))
    asked: list[list[str]] = []

    def choose(dialog: ActivationsDialog) -> None:
        asked.append([combo.currentText() for combo in dialog.combos])
        dialog.combos[0].setCurrentText("relu")
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    opened: list[bool] = []
    window.during(
        QApplication.activeModalWidget, choose, lambda: opened.append(window.controller.open_lesson(str(path)))
    )
    assert (asked, opened) == ([["tanh", "linear"]], [True])
    assert [layer.activation for layer in window.session.lesson.network.architecture.layers] == ["relu", "linear"]
    path.write_bytes(path.read_bytes()[:-8])
    told = window.dialog(lambda: window.controller.open_lesson(str(path)))
    assert told.title == "This model cannot be opened"
    assert "the numbers of 2.bias do not fit" in told.text


def test_python_opens_the_window_on_a_lesson(open_window: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window("koehn")
    opened: list[object] = []
    monkeypatch.setattr("nnviz.gui.app.run", opened.append)
    lesson = window.session.lesson
    assert nnviz.debug(lesson, example=3) is None
    assert opened[0].example == 3  # type: ignore[attr-defined]
