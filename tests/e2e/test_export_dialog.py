"""File > Export and Copy picture, used as a person uses them."""

from __future__ import annotations

import sys

from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from nnviz.gui.exports.export_job import KINDS
from nnviz.gui.kit.making import offer
from nnviz.gui.kit.making_dialog import REPAINT_MS


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
    starts |= {"worksheet.pdf": b"%PDF", "worksheet.typ": b"// Generated", "worksheet.tex": b"% Generated"}
    starts |= {"worksheet.md": b"# XOR by hand", "worksheet.html": b"<!DOCTYPE"}
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
    assert dialog.view.currentData() == "boundary"
    choose(dialog, "worksheet.md")
    assert dialog.worksheet.blanks.isVisible()
    assert not dialog.view.isVisible()
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


def test_a_strip_of_steps_is_previewed_and_written(open_window, tmp_path):
    window = open_window("koehn")
    dialog = opened(window)
    choose(dialog, "svg")
    dialog.at.setText("3, 7, delta_2")
    assert (dialog.across.value(), dialog.down.value()) == (2400, 520)
    dialog.show_preview()
    assert dialog.place.text() == "A strip of 3 steps, 2400 × 520"
    dialog.export(str(tmp_path / "strip.svg"))
    window.wait(lambda: dialog.folder.isVisible())
    assert "7 · Error of y" in (tmp_path / "strip.svg").read_text(encoding="utf-8")
    dialog.at.setText("99")
    assert not dialog.make.isEnabled()
    dialog.show_preview()
    assert "the pass has steps 1 to 35" in dialog.preview.text()
    assert not dialog.make.isEnabled()
    dialog.at.clear()
    dialog.show_preview()
    assert dialog.make.isEnabled()
    assert dialog.down.value() == 900


def test_a_worksheet_has_blanks_and_variants(open_window, tmp_path, monkeypatch):
    window = open_window("koehn")
    dialog = opened(window)
    choose(dialog, "worksheet.md")
    dialog.show_preview()
    plain = dialog.preview.pixmap().toImage()
    dialog.worksheet.blanks.setChecked(True)
    dialog.worksheet.variants.setValue(2)
    dialog.show_preview()
    assert dialog.preview.pixmap().toImage() != plain
    dialog.export(str(tmp_path / "a.md"))
    window.wait(lambda: dialog.folder.isVisible())
    assert "Answers: XOR by hand, variant 2" in (tmp_path / "a.md").read_text(encoding="utf-8")
    monkeypatch.setitem(sys.modules, "typst", None)
    choose(dialog, "worksheet.pdf")
    dialog.show_preview()
    assert dialog.preview.text().startswith("a PDF needs the typst package")
    dialog.export(str(tmp_path / "a.pdf"))
    window.wait(lambda: dialog.state.text().startswith("Nothing was written: a PDF needs the typst package"))


def test_the_plots_are_copied_from_their_menus(open_window):
    window = open_window("koehn")
    picked = []

    def pick(menu: QMenu) -> None:
        picked.extend(action.text() for action in menu.actions() if not action.isSeparator())
        menu.actions()[-1].trigger()
        menu.close()

    right_click(window.main.loss)
    assert QApplication.activePopupWidget() is None  # nothing has been trained
    window.during(QApplication.activePopupWidget, pick, lambda: right_click(window.main.boundary))
    assert picked == ["Copy a picture of the decision boundary"]
    assert QGuiApplication.clipboard().image().width() == 1600


def right_click(plot) -> None:
    """Right-click the middle of a plot, on whatever is there."""
    middle = plot.rect().center()
    widget = plot.childAt(middle) or plot
    at = widget.mapFrom(plot, middle)
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at)))
