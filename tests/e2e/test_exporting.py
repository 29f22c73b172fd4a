"""The pass as a script, from the window's File menu: what it holds, and what is said where it cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from nnviz.formats.script.pass_script import script_text
from nnviz.gui.dialogs.text_dialogs import TextDialog


def save_as(window, path: Path, *, accept: bool = True) -> None:
    """Press the key and choose a file in the dialog that opens."""

    def choose(dialog: QFileDialog) -> None:
        dialog.selectFile(str(path))
        dialog.accept() if accept else dialog.reject()

    window.during(QApplication.activeModalWidget, choose, lambda: window.press("Ctrl+E"))


def printed_by(path: Path) -> dict[str, float]:
    """What a script prints, the last of each symbol."""
    command = [sys.executable, "-I", str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=60)
    pairs = (line.rpartition(" = ") for line in done.stdout.splitlines())
    return {symbol: float(value) for symbol, _, value in pairs}


def test_the_script_is_of_the_session_as_it_stands(open_window, tmp_path):
    window = open_window("koehn")
    window.press("Ctrl+Down", "N")  # the next pass, with its changed weights, and another example
    window.choose("notation", "Standard")
    window.press("End")
    path = tmp_path / "mine.py"
    save_as(window, path)
    assert path.read_text(encoding="utf-8") == script_text(window.session)
    printed = printed_by(path)
    output = float(window.session.record.a[-1][0, 0, 0])
    assert window.session.checkpoint.update == 1
    assert printed["a^{(2)}"] == pytest.approx(output, rel=1e-12)
    assert [printed["E"]] == pytest.approx(window.digits("E"))


def test_the_menu_offers_it_with_the_lessons_name_and_an_ending(open_window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    window = open_window("krzeminski-sgd")
    offered: list[str] = []

    def accept(dialog: QFileDialog) -> None:
        offered.extend(dialog.selectedFiles())
        dialog.selectFile(str(tmp_path / "without-ending"))
        dialog.accept()

    window.during(QApplication.activeModalWidget, accept, lambda: window.choose_in_menu("File", "Export script"))
    assert [Path(path).name for path in offered] == ["krzeminski-sgd.py"]
    assert (tmp_path / "without-ending.py").is_file()


def test_leaving_the_dialog_writes_nothing(open_window, tmp_path):
    window = open_window("koehn")
    save_as(window, tmp_path / "mine.py", accept=False)
    assert not (tmp_path / "mine.py").exists()


def test_training_pauses_on_the_weights_that_are_written(open_window, tmp_path):
    window = open_window("koehn")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.epoch >= 2)
    path = tmp_path / "mine.py"
    save_as(window, path)
    assert not window.controller.training.running
    assert window.session.checkpoint.update >= 8
    assert path.read_text(encoding="utf-8") == script_text(window.session)


def test_a_full_disk_is_told_in_a_line_and_leaves_the_old_file(open_window, tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    window = open_window("koehn")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    told: list[tuple[str, str]] = []

    def unwritten() -> TextDialog | None:
        dialog = QApplication.activeModalWidget()
        return dialog if isinstance(dialog, TextDialog) else None

    def read(dialog: TextDialog) -> None:
        told.append((dialog.windowTitle(), dialog.text.toPlainText()))
        dialog.reject()

    window.during(unwritten, read, lambda: save_as(window, path))
    assert told == [("The script was not saved", f"{path}: No space left on device")]
    assert not [name for name in os.listdir(tmp_path) if "mine" in name]


def test_names_that_cannot_be_used_are_told_in_a_line(open_window, tmp_path):
    lesson = tmp_path / "mine.toml"
    lesson.write_text(
        'format = 1\ntitle = "Mine"\nsource = "Me"\n[notation]\ntitle = "Mine"\n[notation.code]\nx = "print"\n'
        '[network]\ninputs = 1\nloss = "squared"\n'
        '[[network.layers]]\nunits = 1\nactivation = "linear"\nW = [[1]]\nb = [0]\n'
        "[data]\ninputs = [[1]]\ntargets = [[0]]\n",
        encoding="utf-8",
    )
    window = open_window(lesson)
    told = window.dialog(lambda: window.press("Ctrl+E"))
    assert told.text.startswith("no script can be written: the notation")
    assert "calls x 'print'" in told.text
