"""Predict, then reveal: the window by keys alone, from the first question to the score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from nnviz.formats.score_file import scores_path
from nnviz.gui.kit.settings import Settings
from nnviz.present.words.quiz_text import COVERED, NOT_ASKED
from nnviz.sessions.save import read_session


def bar(window):
    return window.main.card.predict


def score_line(window) -> str:
    return bar(window).line.text().replace("\N{NO-BREAK SPACE}", " ")


def start(window, lesson_steps: int = 0) -> None:
    window.walk(lesson_steps)
    window.press("Q")
    window.wait(lambda: QApplication.focusWidget() is bar(window).field)


def type_answer(window, text: str) -> str:
    """Type an answer and press Enter; what is said of it."""
    field = bar(window).field
    assert QApplication.focusWidget() is field
    field.selectAll()
    QTest.keyClicks(field, text)
    window.press("Return")
    return bar(window).verdict.text()


def score_on_disk(settings_file) -> dict:
    document = json.loads((settings_file.parent / "scores.json").read_text(encoding="utf-8"))
    return {
        lesson: {kind: (counts["first"] + counts["later"], counts["asked"]) for kind, counts in kinds.items()}
        for lesson, kinds in document["lessons"].items()
    }


def test_a_forward_pass_is_predicted_by_keys(open_window, settings_file):
    window = open_window("koehn")
    start(window)
    # z = (1, −2), h = (0.7311, 0.1192), z = 1.0593, y = 0.7426
    for answer in ("1", "-2", "0.731", "0,12", "1.06"):
        assert type_answer(window, answer).startswith("✓ Correct")
        assert QApplication.focusWidget() is bar(window).next
        window.press("Return")
    assert window.mark("y", 1).a == "?"
    assert type_answer(window, "1.06") == "1.06 is z. Apply the activation function to it."
    assert window.mark("y", 1).a == "?"
    assert type_answer(window, "0.743") == "✓ Correct: y = 0.7425526000982021"
    assert window.mark("y", 1).a == "0.7426"
    assert window.result == "0.742553"
    assert score_line(window) == "Correct / asked: s/z 3/3 · h/y 3/3"
    assert score_on_disk(settings_file) == {"koehn": {"z": (3, 3), "a": (3, 3)}}


def test_hints_reveal_and_skip_have_keys(open_window):
    window = open_window("koehn")
    start(window, 4)
    assert window.card.formula.number_rows == ()
    window.press("H")
    assert window.card.formula.texts()[1].startswith("z = W")
    window.press("H")
    assert window.card.formula.number_rows
    assert not bar(window).hint.isEnabled()
    assert "1.0593" not in " ".join(window.card_words)
    window.press("Ctrl+Return")
    assert bar(window).verdict.text() == "z = 1.0592782830394367"
    window.press("Right")
    assert window.session.asked.quantity.kind == "a"
    window.press("Shift+Return")
    assert window.session.asked.quantity.kind == "error"
    assert score_line(window) == "Correct / asked: s/z 0/1"


def test_right_shows_the_value_and_goes_on_and_left_goes_back(open_window):
    window = open_window("koehn")
    start(window)
    window.press("Right", "PgDown")
    assert window.session.asked.index == 2
    assert score_line(window) == "Correct / asked: s/z 0/2"
    window.press("Left")
    assert window.session.asked.index == 1
    QTest.keyClicks(bar(window).field, "12")
    window.press("Left")  # within what is typed the arrow is the field's
    assert window.session.asked.index == 1
    assert bar(window).field.cursorPosition() == 1


def test_escape_and_q_leave_and_the_score_is_there_next_time(open_window):
    window = open_window("koehn")
    action = window.controller.actions["predict"]
    start(window)
    assert action.isChecked()
    type_answer(window, "1")
    window.press("Escape")
    assert not action.isChecked()
    assert bar(window).isHidden()
    assert window.session.predicting is None
    window.press("Right")
    assert window.mark("h", 2).z.endswith("2.0000")
    other = open_window("koehn")
    start(other)
    assert score_line(other) == "Correct / asked: s/z 1/1"
    other.press("Q")
    assert bar(other).isHidden()


def test_a_spoilt_score_file_is_told_in_one_line_and_kept(open_window, settings_file):
    path = settings_file.parent / "scores.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{spoilt", encoding="utf-8")
    window = open_window("koehn")
    start(window)
    told = "The score file cannot be read: it is not JSON. It was renamed to scores.unread-1.json."
    assert score_line(window) == told
    assert (settings_file.parent / "scores.unread-1.json").read_text(encoding="utf-8") == "{spoilt"
    type_answer(window, "1")
    assert score_on_disk(settings_file) == {"koehn": {"z": (1, 1)}}


def test_panels_that_tell_values_are_covered_while_one_is_asked_for(open_window):
    window = open_window("koehn")
    window.press("L")
    start(window, 5)

    def covered() -> bool:
        panel = window.main.panels["lesson"]
        return not panel.view.isVisible() and COVERED in [label.text() for label in panel.body.findChildren(QLabel)]

    assert covered()
    window.press("Ctrl+Return")
    assert window.main.panels["lesson"].view.isVisibleTo(window.main.panels["lesson"])
    window.press("Return")
    assert covered()
    window.press("Escape")
    assert window.main.panels["lesson"].view.isVisibleTo(window.main.panels["lesson"])


def test_no_label_of_the_window_tells_the_hidden_value(open_window):
    window = open_window("koehn")
    start(window, 5)
    assert window.session.asked.quantity.kind == "a"
    labels = [label.text() for label in window.main.findChildren(QLabel) if label.isVisible()]
    assert "0.74" not in " ".join((*labels, window.main.card.accessibleName(), window.title))
    for place in (window.unit_place("y", 1), window.edge_place(2, 1, 1)):
        assert "0.74" not in window.hover(window.main.canvas.viewport(), place)
    assert "0.74" not in window.hover(window.main.timeline, window.cell_place(6))
    assert bar(window).field.accessibleName() == "Your answer for y"


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)])
def test_the_question_is_in_sight(open_window, size):
    window = open_window("koehn")
    window.resize(*size)
    start(window, 4)
    window.press("H", "H")
    window.wait(lambda: not bar(window).field.visibleRegion().isEmpty())
    window.wait(lambda: not bar(window).reveal.visibleRegion().isEmpty())
    assert QApplication.focusWidget() is bar(window).field


def test_the_score_is_shown_and_reset(open_window, settings_file):
    window = open_window("koehn")
    start(window)
    type_answer(window, "1")
    seen = window.dialog(lambda: bar(window).score.click())
    assert seen.title == "Score"
    assert {"weighted sum", "1 / 1"} <= set(seen.labels)
    assert seen.labels.count("1 / 1") == 2, "in all sessions, and in this one"
    window.during(
        QApplication.activeModalWidget,
        lambda dialog: (dialog.reset.click(), dialog.close()),
        lambda: window.choose_in_menu("Tools", "Score"),
    )
    assert score_on_disk(settings_file) == {}
    assert score_line(window) == ""


def test_another_lesson_ends_it(open_window):
    window = open_window("koehn")
    start(window)
    window.choose("lesson", "XOR")
    window.press("Escape")
    window.controller.open_lesson("softmax")
    assert bar(window).isHidden()
    assert not window.controller.actions["predict"].isChecked()


def test_walking_by_itself_waits_for_the_answer(open_window):
    window = open_window("koehn")
    start(window)
    window.controller.perform("continue")
    assert not window.controller.player.playing
    assert window.session.asked.index == 1


def test_at_the_grain_of_a_pass_the_card_says_what_can_be_asked_for(open_window):
    window = open_window("koehn")
    start(window, 2)
    window.controller.perform("grain_pass")  # by the menu: in the field 1 is a number
    assert bar(window).verdict.text() == NOT_ASKED
    window.controller.perform("grain_neuron")
    assert bar(window).verdict.text().startswith("What is h₁?")


def test_the_shell_keeps_the_score_in_the_file_of_the_window(qtbot):
    own = QSettings("nnviz", "nnviz")
    assert Settings().score_path == scores_path()
    if own.format() == QSettings.Format.NativeFormat and own.fileName().endswith(".conf"):
        assert Path(own.fileName()).parent == scores_path().parent, "beside the settings, where it always was"


# In a session file


@pytest.fixture
def walk(tmp_path, monkeypatch):
    """The file that the Save dialog gives."""
    path = tmp_path / "walk.nnviz"
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(path)])
    return path


def shown_score(window) -> list[str]:
    """The row of the weighted sums in the dialog of the score."""
    labels = list(window.dialog(lambda: window.controller.perform("score")).labels)
    at = labels.index("weighted sum")
    return labels[at + 1 : at + 6]


def test_a_session_opens_at_the_question_and_with_its_score(open_window, walk, settings_file):
    window = open_window("koehn")
    start(window)
    type_answer(window, "1")
    window.press("Return")
    type_answer(window, "7")
    window.press("H", "Ctrl+S")
    assert not window.main.isWindowModified()
    again = open_window(walk)
    again.wait(lambda: QApplication.focusWidget() is bar(again).field)
    assert again.controller.actions["predict"].isChecked()
    assert again.session.asked.index == window.session.asked.index == 1
    assert again.mark("h", 2).z == window.mark("h", 2).z == "s ?"
    assert again.card.formula.symbols == window.card.formula.symbols
    assert score_line(again) == score_line(window) == "Correct / asked: s/z 1/1"
    assert shown_score(again) == ["1 / 1", "1", "0", "0", "1 / 1"]
    assert not again.main.isWindowModified()
    assert score_on_disk(settings_file) == {"koehn": {"z": (1, 1)}}, "opening adds nothing"
    again.activate()
    type_answer(again, "-2")
    assert shown_score(again) == ["2 / 2", "1", "1", "0", "2 / 2"]
    assert score_on_disk(settings_file) == {"koehn": {"z": (2, 2)}}


def test_the_score_of_a_session_is_not_the_learners_own(open_window, walk, settings_file):
    window = open_window("koehn")
    start(window)
    type_answer(window, "1")
    window.press("Escape")
    assert window.session.predicting is None
    window.press("Ctrl+S")
    window.main.close()
    other = open_window("koehn")
    start(other)
    for answer in ("1", "-2"):
        type_answer(other, answer)
        other.press("Return")
    assert shown_score(other) == ["3 / 3", "3", "0", "0", "2 / 2"]
    other.press("Escape")
    other.controller.open_lesson(str(walk))
    assert other.session.predicting is None
    assert shown_score(other) == ["3 / 3", "3", "0", "0", "1 / 1"]
    assert score_on_disk(settings_file) == {"koehn": {"z": (3, 3)}}
    other.controller.open_lesson("softmax")
    assert other.controller.predicting.for_file().score == ()
    other.controller.open_lesson(str(walk))
    (settings_file.parent / "scores.json").unlink()
    assert shown_score(other) == ["0 / 0", "0", "0", "0", "1 / 1"]
    start(other)
    assert type_answer(other, "-2").startswith("✓ Correct")
    assert score_on_disk(settings_file) == {"koehn": {"z": (1, 1)}}
    assert shown_score(other) == ["1 / 1", "1", "0", "0", "2 / 2"]


def test_forgetting_the_score_is_copied_too(open_window, settings_file, tmp_path):
    window = open_window("koehn")
    window.controller.session_files.autosave._delay = 1
    start(window)
    type_answer(window, "1")
    window.press("Escape")
    copies = tmp_path / "data"
    window.wait(lambda: any("predict" in read_session(path).parts for path in copies.glob("session-*.nnviz")))
    (copy,) = copies.glob("session-*.nnviz")
    window.during(
        QApplication.activeModalWidget,
        lambda dialog: (dialog.reset.click(), dialog.close()),
        lambda: window.choose_in_menu("Tools", "Score"),
    )
    window.wait(lambda: "predict" not in read_session(copy).parts)
    assert score_on_disk(settings_file) == {}


def test_another_branch_does_not_take_the_score_back(open_window, settings_file):
    window = open_window("koehn")
    start(window)
    window.press("Ctrl+Shift+B")
    type_answer(window, "1")
    window.press("Alt+1")
    assert window.session.predicting is not None
    assert score_on_disk(settings_file) == {"koehn": {"z": (1, 1)}}
    assert score_line(window) == "Correct / asked: s/z 1/1"
