"""Films from the window: the dialog with its preview, the film made beside the window, and cancelling."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QFileDialog

from nnviz.gui.walks import film_dialog
from nnviz.gui.walks.film_dialog import OWN, FilmDialog, missing_extra
from nnviz.render.film.recording import FOLDER, KINDS
from nnviz.walks.walk_file import load_walk


@pytest.fixture
def window(open_window):
    opened = open_window("koehn")
    opened.walk(3)
    return opened


@pytest.fixture
def dialog(window) -> FilmDialog:
    window.controller.actions["record_film"].trigger()
    shown = window.controller.walks.film
    assert shown is not None
    small(shown)
    return shown


def small(dialog: FilmDialog) -> None:
    dialog.size_choice.setCurrentText(OWN)
    dialog.across.setValue(320)
    dialog.down.setValue(180)


def choose_kind(dialog: FilmDialog, kind: str) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))


def test_the_preview_shows_the_chosen_step_in_the_chosen_theme(window, dialog):
    first = dialog.preview.pixmap().toImage()
    dialog.moment.setValue(7)
    window.wait(lambda: dialog.preview.pixmap().toImage() != first)
    assert dialog.place.text() == "Step 7 of 35"
    light = dialog.preview.pixmap().toImage().pixelColor(3, 3).lightness()
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    window.wait(lambda: dialog.preview.pixmap().toImage().pixelColor(3, 3).lightness() < light - 100)


def test_the_pass_is_written_as_pictures_beside_the_window(window, dialog, tmp_path):
    choose_kind(dialog, FOLDER)
    dialog.pace.setText("0.1")
    seen = []
    dialog.job.progressed.connect(lambda share: seen.append(share))
    dialog.record(f"{tmp_path}/koehn-frames/")
    assert dialog.job.is_running
    assert not dialog.make.isEnabled()
    window.press("Right")  # the window can be used meanwhile
    assert window.step == 4
    window.wait(lambda: not dialog.job.is_running)
    assert dialog.state.text() == "Written: koehn-frames"
    pictures = sorted((tmp_path / "koehn-frames").glob("*.png"))
    assert len(pictures) >= 36
    assert QImage(str(pictures[0])).size().toTuple() == (320, 180)
    assert seen[-1] == 1.0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_cancelled_film_leaves_nothing(window, dialog, tmp_path):
    dialog.record(str(tmp_path / "koehn.gif"))
    assert dialog.job.is_running
    dialog.cancel.click()
    window.wait(lambda: not dialog.job.is_running)
    assert dialog.state.text() == "Cancelled; nothing was written."
    assert not (tmp_path / "koehn.gif").exists()
    assert [path for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_closing_the_window_ends_the_film(window, dialog, tmp_path):
    dialog.record(str(tmp_path / "koehn.gif"))
    window.main.close()
    window.wait(lambda: not dialog.job.is_running)
    assert not (tmp_path / "koehn.gif").exists()


def test_a_walk_is_recorded_scene_by_scene(window, tmp_path, monkeypatch):
    window.controller.open_lesson("one-minute")
    window.press("Esc")
    window.controller.actions["record_film"].trigger()
    dialog = window.controller.walks.film
    assert dialog.chosen.title == "Walk: A neural network in one minute"
    assert dialog.theme.currentData() == "dark"
    assert not dialog.pace.isEnabled()
    small(dialog)
    choose_kind(dialog, FOLDER)
    dialog.last.setValue(1)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    dialog.make.click()
    window.wait(lambda: not dialog.job.is_running)
    assert dialog.state.text() == "Written: one-minute-frames"
    assert (tmp_path / "one-minute-frames" / "frames.ffconcat").is_file()
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    assert dialog.folder.isVisible()
    dialog.folder.click()
    assert [Path(path) for path in opened] == [tmp_path]


def test_a_walk_that_is_not_saved_is_filmed_with_the_files_beside_it(window, tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(800))
    path = tmp_path / "own.walk.toml"
    scene = '[[scene]]\nhold = 0.1\naudio = "a.wav"\n'
    path.write_text(f'format = 1\ntitle = "Own"\nlesson = "koehn"\n{scene}', encoding="utf-8")
    dialog = FilmDialog(window.main)
    dialog.begin(window.session, load_walk(path), "light", is_saved=False)
    small(dialog)
    choose_kind(dialog, FOLDER)
    assert dialog.note.text() == "The narration is left out: a folder of PNG pictures has no sound."
    assert dialog.make.isEnabled()
    (tmp_path / "films").mkdir()
    dialog.record(f"{tmp_path}/films/own-frames/")
    window.wait(lambda: not dialog.job.is_running)
    assert dialog.state.text() == "Written: own-frames"


def test_what_cannot_be_made_is_said_at_once(dialog):
    if not missing_extra(".mp4"):
        choose_kind(dialog, ".mp4")
        dialog.across.setValue(321)
        assert "even width and height" in dialog.problem()
        dialog.across.setValue(320)
    dialog.pace.setText("0,0x")
    dialog.pace.textEdited.emit(dialog.pace.text())
    assert not dialog.make.isEnabled()
    assert dialog.note.text().startswith("Seconds a step: ")


def test_a_kind_whose_extra_is_missing_says_what_installs_it(window, monkeypatch):
    monkeypatch.setattr(film_dialog.importlib.util, "find_spec", lambda name: None)
    dialog = FilmDialog(window.main)
    items = [dialog.kind.model().item(at) for at in range(dialog.kind.count())]
    assert [item.isEnabled() for item in items] == [kind == FOLDER for kind in KINDS]
    assert items[0].text().endswith("pip install 'nnviz-debugger[video]'")
    assert dialog.kind.currentData() == FOLDER


def test_a_walk_with_a_mistake_has_no_preview(window, tmp_path):
    path = tmp_path / "wrong.walk.toml"
    path.write_text('format = 1\ntitle = "W"\nlesson = "koehn"\n[[scene]]\ndo = ["stp"]\n', encoding="utf-8")
    dialog = FilmDialog(window.main)
    dialog.begin(window.session, load_walk(path), "light")
    assert dialog.note.text().startswith("The walk has a mistake: ")
    assert not dialog.make.isEnabled()


def test_every_control_of_the_dialog_has_a_name_and_a_tip(dialog):
    for widget in (dialog.source, dialog.kind, dialog.size_choice, dialog.theme, dialog.captions, dialog.moment):
        assert widget.accessibleName()
        assert widget.toolTip()
