"""What was read from a lesson's data file is said in one line on opening, and in the Lesson panel."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel

from nnviz.gui import panels

CSV = Path(__file__).parents[1] / "data" / "csv"
REPORT = "12 rows; 4 inputs, 3 classes of species (setosa, versicolor, virginica)"


LESSON = """\
format = 1
title = "Flowers"
[network]
inputs = 4
loss = "cross_entropy"
[[network.layers]]
units = 3
activation = "softmax"
[network.init]
[data]
file = "flowers.csv"
"""


def own_lesson(folder: Path) -> Path:
    """A lesson with a data file, as a person's own."""
    shutil.copy(CSV / "d01-text-class.csv", folder / "flowers.csv")
    path = folder / "flowers.toml"
    path.write_text(LESSON, encoding="utf-8")
    return path


def test_the_line_is_shown_when_the_lesson_opens(open_window: Any, tmp_path: Path) -> None:
    window = open_window(own_lesson(tmp_path))
    assert window.main.session_bar.text == f"flowers: {REPORT}."
    window.main.show_panel(panels.LESSON.id)
    window.settle()
    assert f"{REPORT}." in [label.text() for label in window.main.lesson.findChildren(QLabel)]


def test_another_lesson_takes_it_away(open_window: Any, tmp_path: Path) -> None:
    window = open_window()
    assert window.main.session_bar.text == ""
    assert window.controller.open_lesson(str(own_lesson(tmp_path)))
    assert window.main.session_bar.text == f"flowers: {REPORT}."
    assert window.controller.open_lesson("koehn")
    assert window.main.session_bar.text == ""


def test_a_bundled_lesson_says_it_in_its_panel_alone(open_window: Any) -> None:
    window = open_window("graph-20-50-10")
    assert window.main.session_bar.text == ""
