"""Walks in the window: opened by name, file, menu and start page, played on the stage, and left at what was shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from nnviz.walks.walk_names import walk_summaries

WALK = """format = 1
title = "Short"
lesson = "koehn"
[stage]
theme = "light"
[[scene]]
title = "Forward"
do = ["run-to h[1]"]
say = "The first sum is $s_1$."
notes = "Wait for an answer."
zoom = "h[1]"
[[scene]]
title = "Predict"
ask = "y"
[[scene]]
title = "Training"
do = ["train 20"]
layout = "network+plots"
seconds = 2
hold = 0
[[scene]]
title = "After"
layout = "text"
say = "It has learned."
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "short.walk.toml"
    path.write_text(WALK, encoding="utf-8")
    return path


@pytest.fixture
def window(open_window, file):
    """The window with the walk on the stage, paused at its start."""
    opened = open_window(file)
    opened.wait(lambda: opened.stage_window is not None)
    opened.settle()
    opened.press("Space", "Home")
    return opened


def walking(window):
    return window.controller.presenting().walking


def stage(window):
    return window.stage_window.view.stage


def scene(window) -> int:
    return stage(window).scenes.at


def go_to(window, number: int) -> None:
    window.press("Home", *["Ctrl+Right"] * number)


def test_a_walk_opens_with_its_lesson_and_plays_in_its_own_theme(open_window):
    window = open_window("one-minute")
    window.wait(lambda: window.stage_window is not None)
    assert window.session.lesson.name == "koehn"
    assert walking(window).is_playing
    assert window.controller.theme.name == "light"
    picture = window.stage_window.view.grab().toImage()
    assert picture.pixelColor(4, 4).lightness() < 60
    assert [len(stage(window).scenes.titles), scene(window)] == [7, 0]


def test_it_plays_each_moment_for_its_seconds_until_it_is_paused(window):
    first = walking(window).moment
    window.press("Space")
    assert walking(window).is_playing
    window.wait(lambda: walking(window).moment is not first)
    window.press("Space")
    assert not walking(window).is_playing


def test_keys_and_remote_go_by_moment(window):
    done = stage(window).line.done
    window.press("Right")
    assert stage(window).line.done == done + 1
    window.press("PgDown", "PgUp", "Left")
    assert stage(window).line.done == done


def test_keys_go_by_scene_and_to_both_ends(window):
    window.press("Ctrl+Right")
    assert scene(window) == 1
    window.press("Ctrl+Left")
    assert scene(window) == 0
    window.press("End")
    assert scene(window) == 3
    assert stage(window).heading == "After"
    window.press("Home")
    assert scene(window) == 0


def test_a_question_waits_until_a_key_shows_the_answer(window):
    go_to(window, 1)
    window.press("Space")
    assert stage(window).card.formula.is_hidden
    assert not walking(window)._timer.isActive()
    window.press("Return")
    assert not stage(window).card.formula.is_hidden
    assert (scene(window), walking(window).is_playing) == (1, True)


def test_a_training_is_skipped_to_its_end_or_played(window):
    go_to(window, 2)
    window.press("Right")
    assert stage(window).plots.marker == 20
    window.press("Left")
    assert scene(window) == 1
    window.press("Space")
    window.wait(lambda: scene(window) == 2 and 0 < stage(window).plots.marker < 20)
    window.wait(lambda: stage(window).plots.marker > 10)
    assert len(stage(window).plots.runs[0].epochs) > 9


def test_layout_and_zoom_of_a_scene_can_be_changed_until_the_next(window):
    assert stage(window).look.is_zoomed
    window.press("Z", "V")
    assert not stage(window).look.is_zoomed
    assert stage(window).look.layout == "graph"
    window.press("Ctrl+Right")
    assert stage(window).look.layout == "network"


def test_pen_and_blank_work(window):
    window.press("B")
    assert window.stage_window.view.is_blank
    window.press("B", "D")
    QTest.mousePress(window.stage_window.view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert window.stage_window.view.strokes


def test_a_click_on_the_line_goes_to_a_scene(window):
    left, top, width, height = stage(window).regions.line
    at = QPoint(int(left + 0.6 * width), int(top + height / 2))
    QTest.mouseClick(window.stage_window.view, Qt.MouseButton.LeftButton, pos=at)
    assert scene(window) == 2


def test_the_lecturer_sees_this_scene_the_next_one_and_notes(window):
    window.press("F6")
    lecturer = window.controller.presenting().lecturer_window
    assert lecturer.here.accessibleName() == "This scene"
    assert "Wait for an answer." in lecturer.notes.text()
    assert "Next: Predict." in lecturer.notes.text()
    window.wait(lambda: lecturer.next.stage is not None)
    window.press("Ctrl+Right")
    assert lecturer.here.stage.scenes.at == 1
    window.press("F6")
    assert window.controller.presenting().lecturer_window is None


def test_the_learner_goes_on_from_what_was_shown(window):
    go_to(window, 2)
    window.press("Right", "Esc")
    assert window.stage_window is None
    assert window.session.checkpoint.epoch == 20
    before = window.session.position
    window.press("F5")
    assert stage(window).scenes is None
    window.press("Home", "Right")
    assert window.session.position != before


def test_the_step_of_the_walk_is_the_step_of_the_window(window):
    window.press("Right", "Right")
    done = stage(window).line.done
    window.press("Esc")
    window.settle()
    assert window.step == done


def test_a_walk_is_opened_from_the_menu(open_window):
    window = open_window("koehn")
    window.main.walks_menu.aboutToShow.emit()
    assert window.entries(window.main.walks_menu) == [walk.title for walk in walk_summaries()]
    window.choose_in_menu("File", "Walks", "A network is a graph of functions")
    assert walking(window).walk.name == "graph-walk"
    assert window.session.lesson.name == "graph"


def test_a_walk_is_opened_by_its_file_and_among_the_recent_ones(open_window, file, monkeypatch):
    window = open_window("koehn")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window.press("Ctrl+O")
    assert walking(window).walk.title == "Short"
    window.press("Esc")
    assert "short.walk.toml" in window.entries(window.main.recent_menu)


def test_the_start_page_lists_walks(open_window):
    window = open_window(None)
    tile = window.card_tile("one-minute")
    assert tile.card.title == "A neural network in one minute"
    window.choose_card("one-minute")
    assert window.stage_window is not None
    window.press("Esc")
    assert not window.controller.start.is_on


def test_faults_of_a_walk_are_told_in_a_dialog(open_window, file):
    window = open_window("krzeminski-sgd")
    file.write_text(WALK.replace("seconds = 2", "secnds = 2"), encoding="utf-8")
    seen = window.dialog(lambda: window.controller.open_lesson(str(file)))
    assert seen.title == "This walk cannot be played"
    assert f"{file}:19: scene[3].secnds: unknown key" in seen.text
    assert window.session.lesson.name == "krzeminski-sgd"


def test_a_mistake_in_a_later_scene_is_told_when_it_is_reached(open_window, file):
    file.write_text(WALK.replace("train 20", "trian 20"), encoding="utf-8")
    window = open_window(file)
    window.wait(lambda: window.stage_window is not None)
    window.press("Space", "Ctrl+Right")
    seen = window.dialog(lambda: window.press("Ctrl+Right"))
    assert "trian" in seen.text
    assert scene(window) == 1


def test_nothing_else_of_the_window_answers_to_keys_while_a_walk_plays(window):
    before = window.session
    window.press("T", "Q", "N")
    assert window.session is before
    assert not window.controller.training.running
