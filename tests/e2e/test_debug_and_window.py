"""The window and `nnviz debug` are the same debugger: keys and lines lead to the same session."""

from __future__ import annotations

import io

import numpy as np
import pytest

from nnviz.cli.shell.commands import SHELL_COMMANDS
from nnviz.cli.shell.shell import Shell
from nnviz.debugger.session import Session, start_session
from nnviz.debugger.timeline import in_past
from nnviz.lessons.catalog import load
from nnviz.present.card import card
from nnviz.present.values import value_rows

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
    shell = Shell(start_session(load(lesson)), SHELL_COMMANDS, io.StringIO())
    for key, line in WALK:
        window.press(key)
        shell.do(line)
        assert_same(window.session, shell.session)
    assert shell.session.run.end >= 2
