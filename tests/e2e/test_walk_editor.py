"""Recording what is done live as a walk, and the walk editor, used through the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QWidget

from nnviz.gui.dialogs import text_dialogs
from nnviz.gui.walks import walk_editor
from nnviz.resources import resource_path
from nnviz.walks.playing import play
from nnviz.walks.walk_file import load_walk

WALK = """# A short walk.

format = 1
title = "Short"
lesson = "koehn"

[[scene]]
title = "Forward"
do = ["run-to h[1]"]

[[scene]]
title = "Answer"
do = ["run-to y"]
expect = ["y > 0.7"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "short.walk.toml"
    path.write_text(WALK, encoding="utf-8")
    return path


@pytest.fixture
def window(open_window, file):
    opened = open_window("koehn")
    opened.controller.walks.walk = load_walk(file)
    opened.press("Ctrl+Alt+W")
    yield opened
    if opened.controller.walks.editor is not None:
        opened.controller.walks.editor.history = None  # so that closing does not ask


@pytest.fixture
def editor(window):
    return window.controller.walks.editor


def titles(editor) -> list[str]:
    return [editor.scenes.item(row).text() for row in range(editor.scenes.count())]


def type_in(widget: QWidget, text: str) -> None:
    widget.setFocus()
    QTest.keyClicks(widget, text)


def do(editor, *names: str) -> None:
    for name in names:
        editor.actions_by_name[name].trigger()


def told(editor) -> list[str]:
    return [editor.told.item(row).text() for row in range(editor.told.count())]


# Recording


def test_what_is_done_live_becomes_a_walk_that_leads_to_the_same_place(open_window):
    window = open_window("koehn")
    actions = window.controller.actions
    actions["record_walk"].trigger()
    assert window.controller.walks.mark.isVisible()
    assert window.controller.walks.mark.text() == "● Recording · 1 scene"
    window.walk(4)
    window.press("F7")
    assert window.controller.walks.mark.text() == "● Recording · 2 scenes"
    window.press("F5")
    plain = window.stage_window.view.grab().toImage()
    window.controller.presenting().set_recorded(False)
    assert window.stage_window.view.grab().toImage() != plain
    window.press("V", "Right", "Esc", "N")
    goal = window.session
    actions["record_walk"].trigger()
    assert not window.controller.walks.mark.isVisible()
    editor = window.controller.walks.editor
    assert editor.isVisible()
    assert editor.history.is_changed
    walk = editor.draft.walk
    assert walk.lesson == "koehn"
    assert walk.scenes[0].do == ("step 4",)
    assert [scene.layout for scene in walk.scenes[1:]] == ["graph"] * (len(walk.scenes) - 1)
    end = list(play(walk))[-1].session
    assert (end.example, end.position) == (goal.example, goal.position)
    editor.history = None


def test_a_recorded_training_has_a_scene_of_its_own(open_window):
    window = open_window("koehn")
    window.controller.actions["record_walk"].trigger()
    window.walk(2)
    window.press("T")
    window.wait(lambda: window.session.checkpoint.epoch > 1)
    if window.controller.training.running:  # else it has already come to the lesson's last epoch
        window.press("T")
    window.wait(lambda: not window.controller.training.running)
    window.controller.actions["record_walk"].trigger()
    editor = window.controller.walks.editor
    trained = [scene for scene in editor.draft.walk.scenes if scene.seconds is not None]
    assert len(trained) == 1
    assert list(play(editor.draft.walk))[-1].session.checkpoint.update == window.session.checkpoint.update
    editor.history = None


def test_a_pause_holds_the_scene(open_window, monkeypatch):
    window = open_window("koehn")
    live = window.controller.walks.live
    now = [0.0]
    live._clock = lambda: now[0]
    window.controller.actions["record_walk"].trigger()
    window.walk(1)
    now[0] = 9.0
    window.walk(1)
    window.controller.actions["record_walk"].trigger()
    editor = window.controller.walks.editor
    assert [(scene.do, scene.hold) for scene in editor.draft.walk.scenes] == [(("step",), 9.0), (("step",), None)]
    editor.history = None


def test_another_lesson_ends_the_recording(open_window):
    window = open_window("koehn")
    window.controller.actions["record_walk"].trigger()
    window.walk(2)
    window.controller.open_lesson("graph")
    assert not window.controller.walks.live.is_on
    assert window.controller.walks.editor.draft.walk.scenes[0].do == ("step 2",)
    window.controller.walks.editor.history = None


def test_a_walk_on_ones_own_lesson_is_recorded_beside_its_file(open_window, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(resource_path("lessons", "mazur.toml").read_text(encoding="utf-8"), encoding="utf-8")
    window = open_window(path)
    window.controller.actions["record_walk"].trigger()
    window.walk(3)
    window.controller.actions["record_walk"].trigger()
    editor = window.controller.walks.editor
    walk, editor.history = editor.draft.walk, None
    assert (walk.lesson, walk.path) == ("mine.toml", tmp_path / "mine.walk.toml")
    assert list(play(walk))[-1].session.position == window.session.position


def test_a_network_without_a_file_is_not_recorded_and_the_reason_is_told(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Alt+N")
    window.wait(lambda: window.session.lesson.title == "circle, 2-4-1")
    for command in ("record_walk", "edit_walk"):
        window.main.session_bar.clear()
        window.controller.actions[command].trigger()
        assert window.main.session_bar.text.startswith("A walk needs a lesson file: save this network")
    assert not window.controller.walks.live.is_on
    assert not window.controller.actions["record_walk"].isChecked()
    assert window.controller.walks.editor is None


# Editing


def test_the_editor_shows_scenes_fields_and_text(editor):
    assert titles(editor) == ["1  Forward", "2  Answer"]
    assert editor.fields.fields["do"].toPlainText() == "run-to h[1]"
    assert editor.text.toPlainText() == WALK
    editor.scenes.setCurrentRow(1)
    assert editor.fields.fields["expect"].toPlainText() == "y > 0.7"
    assert not editor.isWindowModified()


def test_scenes_are_added_copied_moved_and_deleted_by_keys(window, editor):
    do(editor, "add")
    assert titles(editor) == ["1  Forward", "2  New scene", "3  Answer"]
    do(editor, "down", "duplicate")
    assert titles(editor) == ["1  Forward", "2  Answer", "3  New scene", "4  New scene"]
    assert editor.scene == 3
    do(editor, "delete", "up")
    assert titles(editor) == ["1  Forward", "2  New scene", "3  Answer"]
    assert editor.text.toPlainText().startswith("# A short walk.")
    assert editor.isWindowModified()
    do(editor, "undo", "undo", "undo", "undo", "undo")
    assert editor.text.toPlainText() == WALK
    assert not editor.isWindowModified()


def test_a_scene_is_dragged_to_another_place(editor):
    editor.scenes.model().moveRow(QModelIndex(), 1, QModelIndex(), 0)
    assert titles(editor) == ["1  Answer", "2  Forward"]
    assert [scene.title for scene in editor.draft.walk.scenes] == ["Answer", "Forward"]


def test_fields_change_the_scene_and_the_text(editor):
    type_in(editor.fields.fields["title"], "!")
    type_in(editor.fields.fields["say"], "Two.")
    type_in(editor.fields.fields["hold"], "2,5")
    editor.fields.fields["layout"].setCurrentIndex(editor.fields.fields["layout"].findData("graph"))
    scene = editor.draft.walk.scenes[0]
    assert (scene.title, scene.say, scene.hold, scene.layout) == ("Forward!", "Two.", 2.5, "graph")
    assert 'say = "Two."' in editor.text.toPlainText()
    do(editor, "undo", "undo", "undo")
    assert editor.draft.walk.scenes[0].title == "Forward!"
    assert editor.fields.fields["say"].toPlainText() == ""


def test_a_number_that_cannot_be_read_is_refused_with_the_reason(editor):
    type_in(editor.fields.fields["hold"], "two")
    assert editor.fields.problem.text().startswith("Hold, seconds: ")
    assert editor.draft.walk.scenes[0].hold is None


def test_the_fields_of_the_walk_change_its_head(editor):
    editor.walk_fields.theme.setCurrentIndex(editor.walk_fields.theme.findData("light"))
    assert 'theme = "light"' in editor.text.toPlainText()
    assert editor.draft.walk.stage.theme == "light"


def test_the_text_changes_the_scenes_and_shows_its_faults_by_line(window, editor):
    editor.text.setPlainText(WALK.replace('"Forward"', '"Sum"'))
    window.wait(lambda: titles(editor)[0] == "1  Sum")
    editor.text.setPlainText(WALK.replace("expect", "expct"))
    window.wait(lambda: bool(told(editor)))
    assert told(editor)[0].startswith("line 14: scene[2].expct: unknown key")
    assert not editor.scenes.isEnabled()
    assert not editor.actions_by_name["preview"].isEnabled()
    editor.told.itemClicked.emit(editor.told.item(0))
    assert editor.text.textCursor().blockNumber() == 13
    do(editor, "undo")
    assert editor.scenes.isEnabled()
    assert titles(editor)[0] == "1  Sum"


def test_check_shows_the_verdicts(editor):
    do(editor, "check")
    assert told(editor)[0] == "scene 2, Answer: y > 0.7: true"
    assert told(editor)[-1] == "ok"
    editor.scenes.setCurrentRow(1)
    type_in(editor.fields.fields["ask"], "y")
    do(editor, "check")
    assert "already known here" in told(editor)[0]


def test_preview_plays_from_the_chosen_scene_and_film_takes_the_walk(window, editor):
    type_in(editor.fields.fields["title"], "!")
    editor.scenes.setCurrentRow(1)
    do(editor, "preview")
    assert window.stage_window.view.stage.scenes.at == 1
    assert window.stage_window.view.stage.scenes.titles[0] == "Forward!"
    window.press("Esc")
    window.wait(editor.isActiveWindow)
    do(editor, "film")
    assert window.controller.walks.film.chosen.walk.scenes[0].title == "Forward!"
    assert not window.controller.walks.film.chosen.is_saved


def test_saving_writes_the_file_and_asks_before_replacing_a_newer_one(editor, file, monkeypatch):
    type_in(editor.fields.fields["title"], "!")
    do(editor, "save")
    assert 'title = "Forward!"' in file.read_text(encoding="utf-8")
    assert file.read_text(encoding="utf-8").startswith("# A short walk.")
    assert not editor.isWindowModified()
    file.write_text(WALK + "\n# longer", encoding="utf-8")
    asked = []
    no = QMessageBox.StandardButton.No
    monkeypatch.setattr(text_dialogs.QMessageBox, "question", lambda *words: asked.append(words[2]) or no)
    type_in(editor.fields.fields["title"], "!")
    do(editor, "save")
    assert asked == ["short.walk.toml has been changed by another program since it was opened. Replace it?"]
    assert file.read_text(encoding="utf-8").endswith("# longer")


def test_save_as_adds_the_ending_and_the_walk_is_among_the_recent_files(window, editor, tmp_path, monkeypatch):
    monkeypatch.setattr(walk_editor, "file_to_write", lambda *_: str(tmp_path / "mine.toml"))
    do(editor, "save_as")
    assert load_walk(tmp_path / "mine.walk.toml").title == "Short"
    assert editor.draft.walk.name == "mine"
    assert "mine.walk.toml" in window.entries(window.main.recent_menu)


def test_a_bundled_walk_is_saved_to_another_file(open_window, tmp_path, monkeypatch):
    window = open_window("koehn")
    window.controller.open_lesson("one-minute")
    window.press("Esc", "Ctrl+Alt+W")
    editor = window.controller.walks.editor
    proposed = []
    monkeypatch.setattr(walk_editor, "file_to_write", lambda title, path, *_: proposed.append(path) or "")
    do(editor, "save")
    assert proposed == ["one-minute.walk.toml"]


def test_closing_asks_about_changes(editor, file, monkeypatch):
    type_in(editor.fields.fields["title"], "!")
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Save]
    monkeypatch.setattr(walk_editor.QMessageBox, "question", lambda *_: answers.pop(0))
    editor.close()
    assert editor.isVisible()
    editor.close()
    assert not editor.isVisible()
    assert "Forward!" in file.read_text(encoding="utf-8")


def test_without_a_walk_a_new_one_begins(open_window):
    window = open_window("graph")
    window.press("Ctrl+Alt+W")
    editor = window.controller.walks.editor
    assert (editor.draft.walk.lesson, editor.draft.faults) == ("graph", ())
    assert editor.isWindowModified()
    editor.history = None


def test_every_control_has_a_name_and_a_tip(editor):
    named = [*editor.fields.fields.values(), *(button for button, _ in editor._buttons), editor.scenes, editor.text]
    for widget in (*named, editor.told, editor.walk_fields.title, editor.walk_fields.theme):
        assert widget.accessibleName(), widget
        assert widget.toolTip(), widget
    assert editor.scenes.focusPolicy() & Qt.FocusPolicy.TabFocus
