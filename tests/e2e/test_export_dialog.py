"""File > Export and Copy picture, used as a person uses them."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from nnviz.gui.exports.export_dialog import REPAINT_MS
from nnviz.gui.exports.export_job import KINDS
from nnviz.gui.kit.making import offer


def opened(window):
    window.press("Ctrl+Shift+E")
    window.wait(lambda: window.controller.exports.dialog is not None and window.controller.exports.dialog.isVisible())
    return window.controller.exports.dialog


def choose(dialog, kind: str, view: str = "") -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    if view:
        dialog.view.setCurrentIndex(dialog.view.findData(view))


def test_every_kind_is_written(open_window, tmp_path):
    window = open_window("koehn")
    window.walk(5)
    dialog = opened(window)
    starts = {"html": b"<!DOCTYPE", "png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "slides": b"%PDF"}
    for kind in KINDS:
        choose(dialog, kind)
        path = tmp_path / f"{kind}{KINDS[kind].ending}"
        dialog.export(str(path))
        window.wait(lambda: dialog.folder.isVisible())
        assert path.read_bytes().startswith(starts[kind])
        assert dialog.state.text() == f"Written: {path.name}"
    assert window.step == 5


def test_each_kind_has_its_choices(open_window):
    dialog = opened(open_window("koehn"))
    choose(dialog, "png", "boundary")
    assert dialog.view.isEnabled()
    choose(dialog, "svg")
    assert dialog.view.currentData() == "network"  # there is no boundary as SVG
    choose(dialog, "html")
    assert not dialog.view.isEnabled()
    assert not dialog.across.isEnabled()
    choose(dialog, "slides")
    assert dialog.across.isEnabled()
    assert not dialog.transparent.isEnabled()


def test_an_export_can_be_cancelled(open_window, tmp_path):
    window = open_window("krzeminski-rnn")
    dialog = opened(window)
    choose(dialog, "html")
    folder = tmp_path / "pages"
    folder.mkdir()
    dialog.export(str(folder / "a.html"))
    assert dialog.cancel.isVisible()
    dialog.cancel.click()
    assert dialog.state.text() == "Cancelled; nothing was written."
    assert not list(folder.iterdir())


def test_a_file_that_cannot_be_written_is_named(open_window, tmp_path):
    window = open_window("koehn")
    dialog = opened(window)
    choose(dialog, "svg")
    seen = window.dialog(lambda: dialog.export(str(tmp_path / "no" / "a.svg")))
    assert "No such file" in seen.text


def test_the_preview_shows_the_present_step(open_window):
    window = open_window("koehn")
    window.walk(3)
    dialog = opened(window)
    choose(dialog, "png")
    dialog.show_preview()
    assert not dialog.preview.pixmap().isNull()
    assert dialog.place.text().startswith("Step 3 of 35")


def test_the_picture_of_the_canvas_is_copied(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Shift+C")
    window.wait(lambda: not QGuiApplication.clipboard().image().isNull())
    network = QGuiApplication.clipboard().image()
    assert network.width() == 1600
    window.controller.actions["canvas"].trigger()
    window.press("Ctrl+Shift+C")
    window.wait(lambda: QGuiApplication.clipboard().image() != network)


def test_a_list_that_is_filled_again_leaves_the_preview_its_time(open_window):
    dialog = opened(open_window("koehn"))
    offer(dialog.source, ["The present pass", "The walk of another"])  # while it is empty, its index is −1
    dialog.across.setValue(1900)
    assert dialog._repainting.interval() == REPAINT_MS
