"""The window and `nnviz debug` are the same debugger: keys and lines lead to the same session."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnviz.debugger.branches import one_branch
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.timeline import in_past
from nnviz.lessons.catalog import load
from nnviz.present.core.changes import what_changed
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.shell.command_table import SHELL_COMMANDS
from nnviz.shell.shell import Shell

# The keys of the window, and what is typed instead.
WALK = [
    ("Right", "step"),
    ("Right", ""),
    ("Down", "into"),
    ("Right", "step"),
    ("Up", "out"),
    ("Left", "back"),
    ("Shift+Right", "over"),
    ("Ctrl+Right", "next"),
    ("Ctrl+Right", "n"),
    ("Ctrl+Left", "previous"),
    ("2", "grain layer"),
    ("Right", "s"),
    ("Shift+Right", "over"),
    ("1", "grain pass"),
    ("Right", "step"),
    ("4", "grain term"),
    ("Left", "b"),
    ("Up", "out"),
    ("End", "last"),
    ("Right", "step"),
    ("Right", "step"),
    ("Ctrl+Down", "update"),
    ("Ctrl+Down", "u"),
    ("3", "g n"),
    ("Right", "step"),
    ("Home", "first"),
    ("Left", "back"),
    ("Left", "back"),
    ("N", "example 4"),
    ("Right", "step"),
    ("Home", "first"),
    ("P", "example 3"),
    ("Right", "step"),
]


def assert_same(window: Session, shell: Session) -> None:
    """The same place in the same run, and the same words about it."""
    assert (window.position, window.grain, window.example) == (shell.position, shell.grain, shell.example)
    for field in ("update", "epoch", "position", "epoch_loss"):
        assert getattr(window.checkpoint, field) == getattr(shell.checkpoint, field)
    assert window.checkpoint.parameters.tobytes() == shell.checkpoint.parameters.tobytes()
    assert np.array_equal(window.record.updated.vector, shell.record.updated.vector)
    assert (in_past(window), window.run.end) == (in_past(shell), shell.run.end)
    assert value_rows(window) == value_rows(shell)
    assert window.step == shell.step
    if shell.step is not None:
        assert card(window).title == card(shell).title
        assert card(window).formula.texts() == card(shell).formula.texts()


@pytest.mark.parametrize("lesson", ["krzeminski-sgd", "krzeminski-rnn"])
def test_keys_and_lines_lead_to_the_same_session(open_window, lesson):
    window = open_window(lesson)
    shell = Shell(one_branch(start_session(load(lesson))), SHELL_COMMANDS, io.StringIO())
    for key, line in WALK:
        window.press(key)
        shell.do(line)
        assert_same(window.session, shell.session)
    assert shell.session.run.end >= 2


def edit_weight(window, text: str) -> None:
    """Click the edge from the first unit to the first, press F2, type, Enter."""
    window.click(window.main.canvas.viewport(), window.edge_place(1, 1, 1))
    window.press("F2")
    field = window.controller.editing.editor.field
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


# The gestures of the window, and what is typed instead.
CHANGES = [
    (lambda window: window.press("Ctrl+Down"), "update"),
    (lambda window: window.press("Ctrl+Down"), "update"),
    (lambda window: window.press("Alt+Left"), "update 1"),
    (lambda window: window.walk(5), "step 5"),
    (lambda window: edit_weight(window, "0.5"), "set w1[1,1] = 0.5"),
    (lambda window: window.press("Ctrl+Z"), "undo"),
    (lambda window: window.press("Ctrl+Y"), "redo"),
    (lambda window: window.press("Ctrl+Down"), "update"),
    (lambda window: window.press("Alt+1"), "branch switch Main"),
    (lambda window: edit_weight(window, "-1"), "set w1[1,1] = -1"),
    (lambda window: window.press("Ctrl+Shift+B"), "branch open"),
    (lambda window: window.press("Ctrl+W"), "branch close"),
    (lambda window: window.press("Alt+2"), "branch switch 2"),
    (lambda window: window.controller.perform("reset_edits"), "reset"),
]


def test_edits_and_branches_are_the_same_by_gestures_and_by_lines(open_window):
    window = open_window("krzeminski-sgd")
    shell = Shell(one_branch(start_session(load("krzeminski-sgd"))), SHELL_COMMANDS, io.StringIO())
    for gesture, line in CHANGES:
        gesture(window)
        shell.do(line)
        assert_same(window.session, shell.session)
        branches = window.controller.store.branches
        assert [branch.name for branch in branches.all] == [branch.name for branch in shell.branches.all]
        assert branches.current == shell.branches.current
        assert [entry.name for entry in branches.here.history.done] == [
            entry.name for entry in shell.branches.here.history.done
        ]
        assert what_changed(window.session) == what_changed(shell.session)
    assert len(shell.branches.all) == 3
