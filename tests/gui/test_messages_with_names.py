"""Dialogs name files on one line, whatever characters their names have."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nnviz.gui.dialogs.text_dialogs import fault_dialog, run_fault_dialog, session_fault_dialog, unwritten_dialog
from nnviz.gui.startup import give_back_memory
from nnviz.lessons.faults import Fault, LessonError

NAME = "a\nb\x1b"


def test_dialogs_name_a_file_on_one_line(qtbot: QtBot) -> None:
    error = LessonError(NAME, [Fault(None, "", "wrong")])
    assert str(error) == "a\\nb\\x1b: wrong"
    for dialog in (
        fault_dialog(NAME, error),
        session_fault_dialog(NAME, "wrong"),
        run_fault_dialog(NAME, "wrong"),
        unwritten_dialog("It", f"{NAME}: wrong"),
    ):
        qtbot.addWidget(dialog)
        said = "\n".join(label.text() for label in dialog.findChildren(QLabel)) + dialog.text.toPlainText()
        assert "a\\nb\\x1b" in said
        assert NAME not in said


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        ([Fault(None, "", "no lesson or file has this name")], "a.toml cannot be read."),
        ([Fault(3, "", "wrong")], "a.toml contains a mistake."),
        ([Fault(3, "", "wrong"), Fault(None, "data", "missing")], "a.toml contains 2 mistakes."),
    ],
)
def test_a_file_that_cannot_be_read_contains_no_mistake(qtbot: QtBot, faults: list[Fault], sentence: str) -> None:
    dialog = fault_dialog("a.toml", LessonError("a.toml", faults))
    qtbot.addWidget(dialog)
    assert f"{sentence} The current lesson stays open." in [label.text() for label in dialog.findChildren(QLabel)]


def test_giving_memory_back_is_harmless_under_any_c_library() -> None:
    give_back_memory()
