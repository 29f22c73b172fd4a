"""Sessions in the window: saved and opened by keys, copied by themselves, offered again, and found after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QToolButton

from nnviz.cli import main
from nnviz.debugger.branches import close_branch, open_branch, rename_branch
from nnviz.debugger.conditions.breakpoints import add_breakpoint, add_watch
from nnviz.debugger.edits import apply_edit, value_at
from nnviz.debugger.state.breakpoint import AtUnit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.gui.control import autosave
from nnviz.gui.control.autosave import claim
from nnviz.gui.control.session_files import LAST
from nnviz.lessons.catalog import load
from nnviz.present.core.changes import what_changed
from nnviz.resources import resource_path
from nnviz.sessions.save import read_session, write_session
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_text
from nnviz.tracing.steps import Kind, Quantity

PATIENCE = 20.0
WEIGHT, INPUT = Spot(Quantity(Kind.WEIGHT, 0, 0, 0)), Spot(Quantity(Kind.INPUT, unit=0), 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the Save dialog gives."""
    path = tmp_path / "walk.nnviz"
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(path)])
    return path


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("session-*.nnviz"))


def bar(window) -> str:
    return str(window.main.session_bar.text)


def offer(window) -> str:
    """The line of the start page about the last session, once it has been read."""
    row = window.controller.start.page.session_row
    window.wait(lambda: not row.isVisible() or row.label.text() != LAST)
    return str(row.label.text()) if row.isVisible() else ""


def prepare(window) -> None:
    """Something of everything that a session has."""
    window.press("Ctrl+Down", "Ctrl+Down")
    window.walk(3)
    window.controller.store.apply(lambda s: add_watch(add_breakpoint(s, AtUnit(0, 1), "loss < 1"), "norm(W1)"))
    window.click_unit("h", 1)


# Saving and opening


def test_ctrl_s_saves_and_ctrl_o_opens_it_again(open_window, asked, monkeypatch):
    window = open_window("koehn")
    prepare(window)
    assert not window.main.isWindowModified()
    window.press("Ctrl+S")
    before = window.session
    assert window.title.startswith("walk.nnviz[*] · XOR by hand")
    assert not window.main.isWindowModified()
    window.walk(2)
    assert window.main.isWindowModified()
    window.choose("lesson", "From scratch: relu and sigmoid")
    assert "walk" not in window.title
    assert not window.main.isWindowModified()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(asked), ""))
    window.press("Ctrl+O")
    now = window.session
    assert (now.checkpoint.update, now.position, now.selection) == (2, before.position, before.selection)
    assert now.checkpoint.parameters.tobytes() == before.checkpoint.parameters.tobytes()
    assert (now.breakpoints, now.watches) == (before.breakpoints, before.watches)
    assert window.step == 3
    assert window.title.startswith("walk.nnviz[*] · XOR by hand")
    assert not window.main.isWindowModified()
    assert bar(window) == ""
    window.walk(1)
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: pytest.fail("it knows the file"))
    window.press("Ctrl+S")
    assert not window.main.isWindowModified()
    assert read_session(asked).session.position == window.session.position


def test_save_as_gives_it_another_file_and_recent_files_have_both(open_window, asked, monkeypatch):
    window = open_window("koehn")
    window.press("Ctrl+S")
    other = asked.with_name("other")
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(other)])
    window.press("Ctrl+Shift+S")
    assert window.title.startswith("other.nnviz[*] · ")
    assert window.entries(window.main.recent_menu) == ["other.nnviz", "walk.nnviz"]
    window.walk(4)
    window.choose_in_menu("File", "Open recent", "walk.nnviz")
    assert window.step == 0
    assert window.title.startswith("walk.nnviz[*] · ")


def edit(window, spot, value) -> None:
    window.controller.store.change(lambda session: apply_edit(session, spot, value), "edit", branches_off=True)


def test_edits_and_branches_are_saved_and_opened_and_can_be_undone(open_window, asked, capsys):
    window = open_window("koehn")
    window.press("Ctrl+Down", "Ctrl+Down", "Ctrl+Up")
    edit(window, INPUT, 0.5)
    edit(window, WEIGHT, -0.25)
    window.walk(3)
    branches = window.controller.store.branches
    assert len(branches.all) == 2
    window.press("Ctrl+S")
    assert not window.main.isWindowModified()
    again = open_window(asked)
    found = again.controller.store.branches
    assert [(b.number, b.name, b.furthest) for b in found.all] == [(b.number, b.name, b.furthest) for b in branches.all]
    assert (found.current, again.step) == (1, window.step)
    assert again.session.edited == window.session.edited
    assert (value_at(again.session, INPUT), value_at(again.session, WEIGHT)) == (0.5, -0.25)
    assert again.session.record.updated.vector.tobytes() == window.session.record.updated.vector.tobytes()
    assert again.main.branch_bar.isVisible()
    assert again.main.branch_bar.tabs.count() == 2
    assert again.main.edit_note.label.text() == window.main.edit_note.label.text() != ""
    assert again.controller.actions["undo"].text() == "&Undo: edit"
    assert not again.main.isWindowModified()
    for each in (window, again):
        each.press("Left", "Left", "Ctrl+Z")
    assert (value_at(again.session, INPUT), value_at(again.session, WEIGHT)) == (
        0.5,
        value_at(window.session, WEIGHT),
    )
    assert again.session.record.updated.vector.tobytes() == window.session.record.updated.vector.tobytes()
    assert again.step == window.step, "in place"
    again.press("Ctrl+Z")
    assert again.session.lesson is again.session.own_lesson
    assert not again.controller.actions["undo"].isEnabled()
    for each in (window, again):
        each.press("Ctrl+Shift+Z")
    again.press("Ctrl+Shift+Z")
    assert (value_at(again.session, INPUT), value_at(again.session, WEIGHT)) == (0.5, -0.25)
    assert again.controller.actions["undo"].text() == "&Undo: edit"
    again.press("Alt+1")
    assert again.session.edited == ()
    assert value_at(again.session, INPUT) != 0.5
    assert again.session.lesson is again.session.own_lesson
    assert again.main.isWindowModified()
    again.press("Alt+2", "Ctrl+Down")
    window.press("Ctrl+Down")
    assert again.session.checkpoint.parameters.tobytes() == window.session.checkpoint.parameters.tobytes()
    assert main(["trace", str(asked), "--format", "json"]) == 0
    assert "-0.25" in capsys.readouterr().out


def test_what_is_asked_about_and_what_changed_are_there_again(open_window, asked):
    window = open_window("koehn")
    window.walk(6)
    edit(window, WEIGHT, -0.25)
    assert "w" in window.main.edit_note.label.text()
    window.press("W", "1")
    shown = window.main.why.shown()
    assert len(shown.crumbs) == 2
    window.press("Ctrl+S")
    again = open_window(asked)
    assert again.main.why.isVisible()
    assert again.main.why.shown() == shown
    assert what_changed(again.session) == what_changed(window.session) is not None
    again.press("Escape", "Ctrl+Z")
    assert not again.main.why.isVisible()
    assert value_at(again.session, WEIGHT) == 3.0


def test_a_change_of_branches_alone_is_a_change_and_is_copied(open_window, asked, folder, monkeypatch):
    window = open_window("koehn")
    window.controller.session_files.autosave._delay = 1
    window.walk(1)
    window.wait(lambda: len(copies(folder)) == 1)
    (copy,) = copies(folder)
    window.press("Ctrl+S")
    store = window.controller.store
    store.set_branches(rename_branch(open_branch(store.branches), 1, "By hand"))
    assert window.main.isWindowModified()
    window.wait(lambda: "branches" in read_session(copy).parts)
    assert [branch.name for branch in read_session(copy).parts["branches"].all] == ["Main", "By hand"]
    store.set_branches(close_branch(store.branches, 1))
    window.wait(lambda: "branches" not in read_session(copy).parts)


def test_a_session_file_can_be_named_on_the_command_line(open_window, asked, capsys):
    window = open_window("krzeminski-rnn")
    window.press("Ctrl+Down")
    window.walk(5)
    window.press("Ctrl+S")
    again = open_window(asked)
    assert again.step == 5
    assert again.session.checkpoint.update == 1
    assert again.session.lesson.name == "krzeminski-rnn"
    assert again.title.startswith("walk.nnviz[*] · ")
    assert main(["trace", str(asked), "--format", "json"]) == 0
    assert '"lesson": "krzeminski-rnn"' in capsys.readouterr().out
    assert main(["export", str(asked), "--format", "script"]) == 0
    assert main(["trace", str(asked), "--update", "3"]) == 2
    assert "has its own" in capsys.readouterr().err


def test_a_broken_session_is_told_in_one_line_and_nothing_is_lost(open_window, tmp_path, monkeypatch, capsys):
    broken = tmp_path / "broken.nnviz"
    broken.write_text('{"format": 3}', encoding="utf-8")
    window = open_window("koehn")
    window.walk(3)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(broken), ""))
    seen = window.dialog(lambda: window.press("Ctrl+O"))
    assert seen.title == "This session cannot be opened"
    assert seen.text == f"{broken}: format: 3 is newer than 1, the latest that this version of nnviz reads"
    assert window.step == 3
    assert main([str(broken)]) == 2
    assert capsys.readouterr().err == f"{seen.text}\n"
    assert main(["trace", str(broken)]) == 2


def test_a_session_whose_lesson_has_changed_says_so(open_window, tmp_path, asked):
    own = tmp_path / "mine.toml"
    own.write_text(resource_path("lessons", "koehn.toml").read_text(encoding="utf-8"), encoding="utf-8")
    window = open_window(own)
    window.press("Ctrl+S")
    own.unlink()
    again = open_window(asked)
    assert bar(again) == f"{own} is missing: opened as it was saved."
    again.click(again.main.session_bar.dismiss)
    assert bar(again) == ""


def test_what_cannot_be_saved_is_told_and_stays_unsaved(open_window, asked, monkeypatch):
    window = open_window("koehn")
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(asked.parent / "none" / "walk.nnviz")])
    seen = window.dialog(lambda: window.press("Ctrl+S"))
    assert "No such file or directory" in seen.text
    assert "walk" not in window.title


def test_a_restored_session_trains_on(open_window, asked):
    window = open_window("koehn")
    window.controller.store.apply(lambda s: go_to_update(s, 40))
    window.press("Ctrl+S")
    again = open_window(asked)
    again.press("E")
    again.wait(lambda: again.session.checkpoint.update == 43)
    other = go_to_update(window.session, 43)
    assert again.session.checkpoint.parameters.tobytes() == other.checkpoint.parameters.tobytes()


# Copies


def test_the_last_session_is_offered_at_the_next_start_and_enter_restores_it(open_window, folder):
    window = open_window("krzeminski-sgd")
    prepare(window)
    before = window.session
    window.wait(lambda: len(copies(folder)) == 1)
    window.walk(1)
    window.main.close()
    again = open_window(None)
    assert offer(again) == "XOR, stochastic gradient descent · update 2 · just now"
    assert QApplication.activeModalWidget() is None
    again.press("Return")
    assert not again.controller.start.is_on
    now = again.session
    assert (now.lesson.name, now.checkpoint.update, again.step) == ("krzeminski-sgd", 2, 4)
    assert now.checkpoint.parameters.tobytes() == before.checkpoint.parameters.tobytes()
    assert now.watches == before.watches
    again.press("Right")
    assert again.step == 5


def test_what_was_offered_is_not_written_over_by_another_lesson(open_window, folder):
    first = open_window("krzeminski-sgd")
    first.walk(4)
    first.main.close()
    (kept,) = copies(folder)
    again = open_window(None)
    assert offer(again) != ""
    again.choose_card("koehn")
    again.walk(2)
    assert again.step == 2
    again.main.close()
    assert read_session(kept).session.position > 0
    assert read_session(kept).session.lesson.name == "krzeminski-sgd"
    third = open_window(None)
    assert offer(third) == "XOR by hand · step 2 · just now"


def test_esc_is_the_windows_while_the_message_does_not_have_the_keys(open_window):
    window = open_window("koehn")
    window.main.session_bar.show_message("The session has a message.")
    window.controller.perform("predict")
    window.main.canvas.setFocus()
    window.press("Esc")
    assert window.session.predicting is None
    assert bar(window) != ""
    window.main.session_bar.dismiss.setFocus()
    window.press("Esc")
    assert bar(window) == ""


def test_nothing_is_offered_with_a_lesson_and_nothing_written_without_a_change(open_window, folder):
    window = open_window("koehn")
    window.settle()
    window.main.close()
    assert copies(folder) == []
    again = open_window(None)
    assert offer(again) == ""
    again.choose_card("softmax")
    again.main.close()
    assert copies(folder) == []
    third = open_window(None)
    assert offer(third) == ""
    third.choose_card("koehn")
    third.walk(1)
    third.main.close()
    named = open_window("koehn")
    named.settle()
    assert not named.controller.start.is_on
    assert bar(named) == ""


def test_a_copy_in_which_nothing_was_done_is_not_offered(open_window, folder):
    folder.mkdir()
    write_session(folder / "session-1.nnviz", Saved(start_session(load("softmax"))))
    assert offer(open_window(None)) == ""


def test_a_restored_session_is_not_offered_again(open_window):
    first = open_window("krzeminski-sgd")
    first.walk(4)
    first.main.close()
    again = open_window(None)
    assert offer(again) != ""
    again.press("Return", "Ctrl+N")
    again.wait(lambda: again.controller.start.is_on)
    assert offer(again) == ""


def test_a_restored_session_knows_the_file_that_it_was_saved_in(open_window, asked):
    window = open_window("koehn")
    window.press("Ctrl+S")
    window.walk(2)
    window.main.close()
    again = open_window(None)
    assert offer(again) != ""
    again.press("Return")
    assert again.title.startswith("walk.nnviz[*] · ")
    assert again.main.isWindowModified()
    again.press("Ctrl+S")
    assert read_session(asked).session.position == again.session.position > 0


def test_a_full_disk_is_told_once_and_the_next_copy_is_tried_again(open_window, folder, monkeypatch):
    tried: list[Saved] = []

    def full(path, saved):
        tried.append(saved)
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("nnviz.sessions.save.write_session", full)
    monkeypatch.setattr(autosave, "DELAY", 1)
    window = open_window("koehn")
    window.controller.session_files.autosave._delay = 1
    window.walk(1)
    reason = f"{folder}: No space left on device"
    line = f"Automatic saving failed: {reason}. Save the session with Ctrl+S to keep it."
    window.wait(lambda: bar(window) == line)
    window.click(window.main.session_bar.findChild(QToolButton, "dismiss_session"))
    count = len(tried)
    window.walk(1)
    window.wait(lambda: len(tried) > count)
    window.settle()
    assert bar(window) == ""
    assert window.step == 2
    monkeypatch.setattr("nnviz.sessions.save.write_session", write_session)
    window.walk(1)
    window.wait(lambda: len(copies(folder)) == 1)


def test_a_copy_that_cannot_be_opened_is_told_and_kept(open_window, folder):
    first = open_window("krzeminski-sgd")
    first.walk(4)
    first.main.close()
    (copy,) = copies(folder)
    copy.write_text('{"format": 3}', encoding="utf-8")
    again = open_window(None)
    kept = copy.with_name("session-1.unreadable-1.nnviz")
    reason = "format: 3 is newer than 1, the latest that this version of nnviz reads"
    assert offer(again) == f"Your last session cannot be opened ({reason}). It is kept as {kept}."
    assert again.controller.start.page.session_row.restore.isHidden()
    assert kept.read_text(encoding="utf-8") == '{"format": 3}'
    again.choose_card("koehn")
    again.walk(1)
    again.main.close()
    assert kept.exists()


def test_a_large_copy_is_read_when_it_is_wanted(open_window, folder, monkeypatch):
    first = open_window("krzeminski-sgd")
    first.walk(4)
    first.main.close()
    monkeypatch.setattr("nnviz.gui.control.session_files.LARGEST_OFFERED", 100)
    again = open_window(None)
    assert offer(again) == "Your last session · 0 MB · just now"
    again.press("Return")
    assert again.session.lesson.name == "krzeminski-sgd"
    assert again.step == 4


def test_a_copy_that_cannot_be_read_back_is_told_and_the_last_good_one_stays(open_window, folder, monkeypatch):
    monkeypatch.setattr(autosave, "DELAY", 1)
    window = open_window("koehn")
    window.controller.session_files.autosave._delay = 1
    window.walk(1)
    window.wait(lambda: len(copies(folder)) == 1)
    (copy,) = copies(folder)
    before = copy.read_bytes()
    text = session_text
    broken = [True]
    monkeypatch.setattr("nnviz.sessions.save.session_text", lambda *parts: "{}" if broken[0] else text(*parts))
    window.walk(1)
    window.wait(lambda: "cannot be read back" in bar(window))
    assert bar(window).startswith(f"Automatic saving failed: {folder}: it cannot be read back (not a session saved by")
    assert copy.read_bytes() == before
    broken[0] = False
    window.walk(1)
    window.wait(lambda: copy.read_bytes() != before)


def test_two_windows_keep_a_copy_each(folder):
    folder.mkdir()
    one, other = claim(folder), claim(folder)
    assert one.own != other.own
    assert other.last is None
    one.lock.unlock()
    other.lock.unlock()


def test_many_windows_still_have_a_file_of_their_own(folder):
    slots = [claim(folder) for _ in range(autosave.SLOTS + 1)]
    assert len({slot.own for slot in slots}) == autosave.SLOTS + 1
    for slot in slots:
        if slot.lock is not None:
            slot.lock.unlock()


# A crash


PROGRAM = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
import nnviz.gui.app as app

class Driven(app.Controller):
    def __init__(self, *parts, **named):
        super().__init__(*parts, **named)
        QTimer.singleShot(0, self, self.drive)

    def drive(self):
        if not self.window.isActiveWindow():
            self.window.activateWindow()
            QTimer.singleShot(20, self, self.drive)
            return
        for _ in range(7):
            QTest.keyClick(self.window, Qt.Key.Key_Right)
        QTimer.singleShot(1200, self, lambda: print("changed", self.store.session.position, flush=True))

app.Controller = Driven
from nnviz.cli import main
sys.exit(main(["krzeminski-batch"]))
"""


def test_a_killed_window_loses_at_most_the_last_second(open_window, folder, tmp_path):
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path / "share"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        word, position = process.stdout.readline().split()
        assert word == "changed"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
        process.stdout.close()
    (tmp_path / "share" / "nnviz").rename(folder)
    assert not list(folder.glob(".*.tmp"))
    window = open_window(None)
    assert offer(window) == "nnviz did not shut down properly. XOR, batch gradient descent · step 7 · just now"
    window.press("Return")
    assert window.session.lesson.name == "krzeminski-batch"
    assert window.session.position == int(position) > 0
    assert window.step == 7


# Two programs on one file


def test_a_file_that_another_program_has_changed_is_replaced_only_after_asking(open_window, asked, monkeypatch):
    window = open_window("koehn")
    window.press("Ctrl+S")
    window.walk(2)
    window.press("Ctrl+S")  # its own version
    write_session(asked, Saved(go_to_update(window.session, 7)))
    questions: list[str] = []
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]

    def answer(parent, title, text, *_):
        questions.append(text)
        return answers.pop(0)

    monkeypatch.setattr(QMessageBox, "question", answer)
    window.walk(1)
    window.press("Ctrl+S")
    assert questions == ["walk.nnviz has been changed by another program since it was opened. Replace it?"]
    assert read_session(asked).session.checkpoint.update == 7
    assert window.main.isWindowModified()
    window.press("Ctrl+S")
    assert read_session(asked).session.checkpoint.update == 0
    assert not window.main.isWindowModified()
    window.press("Ctrl+S")
    assert len(questions) == 2


def test_a_name_with_the_suffix_added_is_asked_about(open_window, asked, monkeypatch):
    window = open_window("koehn")
    asked.write_text("precious", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(asked.with_suffix(""))])
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    window.press("Ctrl+S")
    assert asked.read_text(encoding="utf-8") == "precious"


def test_a_restored_session_does_not_replace_a_newer_file_without_asking(open_window, asked, folder, monkeypatch):
    window = open_window("koehn")
    window.press("Ctrl+S")
    window.walk(2)
    window.main.close()
    write_session(asked, Saved(go_to_update(window.session, 7)))
    again = open_window(None)
    assert offer(again) != ""
    again.press("Return")
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    again.press("Ctrl+S")
    assert read_session(asked).session.checkpoint.update == 7
