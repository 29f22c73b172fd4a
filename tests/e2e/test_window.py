"""The window by hand: mouse, menus, files, docks, themes, sizes, and what happens when something goes wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QFileDialog, QLabel, QToolButton

from nnviz.cli import main
from nnviz.gui.docks import is_in_front
from nnviz.gui.views.card.card_page import TextArea
from nnviz.gui.views.card.formula_label import FormulaLabel
from nnviz.lessons.catalog import lesson_names
from nnviz.present.core.palette import load_palette
from nnviz.resources import resource_path
from nnviz.tracing.steps import Grain, Kind, Quantity

BROKEN = """
format = 1
title = "Broken"
[network]
inputs = 2
loss = "half_squard"
[[network.layers]]
units = 2
activation = "sigmod"
[data]
inputs = [[0, 0]]
targets = [[0]]
"""
SIZES = [(1024, 700), (1440, 900), (2560, 1440)]


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    text = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('title = "XOR by hand"', 'title = "Mine"'), encoding="utf-8")
    return path


@pytest.fixture
def broken_file(tmp_path: Path) -> Path:
    path = tmp_path / "broken.toml"
    path.write_text(BROKEN, encoding="utf-8")
    return path


# The network


def test_a_click_selects_a_unit_and_another_deselects_it(open_window):
    window = open_window("koehn")
    window.click_unit("h", 1)
    assert window.session.selection == Quantity(Kind.A, 0, 0)
    assert [mark.selected for mark in window.picture.units] == [False, False, True, False, False]
    window.click_unit("x", 2)
    assert window.mark("x", 2).selected
    assert not window.mark("h", 1).selected
    window.walk(3)
    assert window.mark("x", 2).selected
    window.click_unit("x", 2)
    assert window.session.selection is None


def test_a_click_selects_an_edge(open_window):
    window = open_window("koehn")
    canvas = window.main.canvas
    window.click(canvas.viewport(), window.edge_place(2, 1, 2))
    assert window.session.selection == Quantity(Kind.WEIGHT, 1, 0, 1)
    assert [edges.selected.tolist() for edges in window.picture.edges] == [[False] * 4, [False, True]]
    window.click(canvas.viewport(), QPoint(3, 3))
    assert window.session.selection is None


def test_hovering_tells_all_digits_of_what_is_known(open_window):
    window = open_window("koehn")
    viewport = window.main.canvas.viewport()
    assert "h₁ —" in window.hover(viewport, window.unit_place("h", 1))
    window.walk(3)
    told = window.hover(viewport, window.unit_place("h", 1))
    assert "s₁ 1.0" in told
    assert "h₁ 0.7310585786300049" in told
    assert "h₂ —" in window.hover(viewport, window.unit_place("h", 2))
    window.press("End")
    told = window.hover(viewport, window.edge_place(2, 1, 1))
    assert "W₂,₁ 5.0 ΔW₂,₁ 0.035979607462809" in told
    assert "W₂,₁ (new) 5.03597960746281" in told
    assert "y 0.7425526000982" in window.hover(viewport, window.unit_place("y", 1))


def test_a_factor_of_the_formula_selects_what_it_is(open_window):
    window = open_window("koehn")
    window.walk(5)
    label = window.formula("5 times 0.731059")
    box = next(box for box in label.formula().boxes if box.operand == 2)
    place = (box.rect.center() * label.shown_size() + label.baseline()).toPoint()
    QTest.mouseMove(label, place)
    window.click(label, place)
    assert window.session.selection == Quantity(Kind.A, 0, 0)  # 0.731059 is h₁
    assert window.mark("h", 1).selected


def wheel(window, turns: int, at: QPoint | None = None) -> None:
    viewport = window.main.shown_canvas().viewport()
    place = QPointF(viewport.rect().center() if at is None else at)
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    where = viewport.mapToGlobal(place)
    QApplication.sendEvent(viewport, QWheelEvent(place, where, QPoint(), QPoint(0, 120 * turns), *none, False))


@pytest.mark.parametrize("canvas", ["network", "graph"])
def test_wheel_and_keys_magnify_around_the_mouse(open_window, canvas):
    window = open_window("koehn")
    if canvas == "graph":
        window.press("G")
    window.settle()
    view = window.main.shown_canvas()
    at = view.viewport().rect().center() + QPoint(90, 40)
    wheel(window, 3, at)  # until it is larger than the window
    window.move_to(view.viewport(), at)
    place = view.mapToScene(at)
    for _ in range(4):
        wheel(window, 1, at)
        assert (view.mapToScene(at) - place).manhattanLength() < 3
    window.press("-", "-", "+")
    assert (view.mapToScene(at) - place).manhattanLength() < 3


def test_wheel_drag_keys_and_double_click_move_the_network(open_window):
    window = open_window("koehn")
    canvas = window.main.canvas

    def scale() -> float:
        return canvas.transform().m11()

    def corner() -> QPointF:
        return canvas.mapToScene(QPoint(0, 0))

    fitted, place = scale(), corner()
    wheel(window, 3)
    assert scale() == pytest.approx(fitted * 1.2**3)
    zoomed = corner()
    middle = canvas.viewport().rect().center()
    window.drag(canvas.viewport(), middle, middle + QPoint(20, 12), middle + QPoint(60, 40))
    assert corner().x() < zoomed.x()
    assert corner().y() < zoomed.y()
    assert window.session.selection is None  # a drag is no click
    window.press("0")
    assert scale() == pytest.approx(fitted)
    assert (corner() - place).manhattanLength() < 2
    window.press("+", "+")
    assert scale() == pytest.approx(fitted * 1.2**2)
    window.press("-")
    assert scale() == pytest.approx(fitted * 1.2)
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert scale() == pytest.approx(fitted)
    window.main.resize(1100, 760)
    window.settle()
    assert scale() == pytest.approx(fitted)
    assert (window.picture.width, window.picture.height) == pytest.approx(
        canvas.room()
    )  # it is laid out again for the window


# Timeline, listing, grains, notations


def test_the_timeline_goes_where_it_is_clicked_and_dragged(open_window):
    window = open_window("koehn")
    timeline = window.main.timeline
    window.click_cell(12)
    assert window.title == "XOR by hand · step 12 of 35 · nnviz"
    window.click_cell(3)
    assert (window.step, window.result) == (3, "0.731059")
    window.drag(timeline, *(window.cell_place(step) for step in (5, 9, 20)))
    assert window.step == 20
    assert window.shows("delta_1", "[0.048382, −0.025837]")
    window.drag(timeline, window.cell_place(20), window.cell_place(2), QPoint(1, 25))
    assert window.session.position == 0
    QTest.mouseMove(timeline, window.cell_place(11))
    assert window.hover(timeline, window.cell_place(12)) == "Step 12 · backward · ΔW₂,₁"
    assert window.hover(timeline, window.cell_place(11)) == "Step 11 · backward · δ₂ of y"


def test_a_line_of_the_listing_goes_to_its_step(open_window):
    window = open_window("koehn")
    for code, step in (
        ("y = sigmoid(z)", 6),
        ("delta_W2 = mu * np.outer(delta_2, h)", 12),
        ("b2 = b2 + delta_b2", 35),
        ("s = W @ x + b", 1),
    ):
        window.click_line(code)
        assert window.line == code
        assert window.step in (step, step + 1), code


def test_a_line_of_the_listing_shows_the_whole_of_its_quantity(open_window):
    window = open_window("koehn")
    window.click_line("delta_1 = (W2.T @ delta_2) * sigmoid_derivative(s)")
    assert window.line == "delta_1 = (W2.T @ delta_2) * sigmoid_derivative(s)"
    assert window.session.step.quantity.layer == 0


def test_grains_with_the_mouse(open_window):
    window = open_window("koehn")
    window.walk(3)
    for word, grain in (("Term", Grain.TERM), ("Layer", Grain.LAYER), ("Pass", Grain.PASS), ("Neuron", Grain.NEURON)):
        window.click_grain(word)
        assert window.session.grain is grain
        assert window.main.toolbar.grain.accessibleDescription() == word
        assert window.shows("h", "[0.731059, —]")  # the place is kept
    assert window.step == 3


def test_notations_tell_the_same_step(open_window):
    window = open_window("koehn")
    window.walk(12)
    assert window.main.toolbar.notation.text() == "Document"
    told = {}
    for words in ("Koehn 5.7.4", "Krzemiński", "Standard", "Document: Koehn"):
        window.choose("notation", words)
        quantity = window.session.step.quantity
        assert quantity == Quantity(Kind.DW, 1, 0, 0)
        told[words] = (
            window.card.title,
            window.result,
            window.active_rows,
            window.line,
            window.edge(2, 1, 1).gradient,
            window.mark("h", 1).tex,
        )
    assert told == {
        "Koehn 5.7.4": (
            "Negative weight gradient on h₁ → y",
            "0.035980",
            ["d_error_d_W2"],
            "d_error_d_W2 = np.outer(d_error_d_z, h)",
            "−∂E/∂W₂ 0.03598",
            "h_{1}",
        ),
        "Krzemiński": (
            "Weight gradient on lay1₁ → lay2",
            "−0.035980",
            ["corr_w2"],
            "corr_w2 = np.outer(lay1, delta_l2)",
            "corr_w2 −0.03598",
            r"\mathrm{lay1}_{1}",
        ),
        "Standard": (
            "Weight gradient on a⁽¹⁾₁ → a⁽²⁾",
            "−0.035980",
            ["dW2"],
            "dW2 = np.outer(a1, delta2)",
            "∂E/∂W⁽²⁾ −0.03598",
            "a^{(1)}_{1}",
        ),
        "Document: Koehn": (
            "Weight change on h₁ → y",
            "0.035980",
            ["delta_W2"],
            "delta_W2 = mu * np.outer(delta_2, h)",
            "ΔW₂ 0.03598",
            "h_{1}",
        ),
    }
    assert window.main.toolbar.notation.text() == "Document"
    assert window.step == 12


# Files


def pick(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    """Answer the file dialog."""
    answer = ("" if path is None else str(path), "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: answer)


def test_open_a_good_file(open_window, good_file, monkeypatch):
    window = open_window("krzeminski-sgd")
    window.walk(4)
    pick(monkeypatch, good_file)
    window.press("Ctrl+O")
    assert window.title == "Mine · 35 steps ahead · nnviz"
    assert window.main.toolbar.lesson.text() == "Mine"
    window.walk(6)
    assert (window.result, window.chips) == ("0.742553", ["printed 0.7425526 ✓, 5.7.2"])
    assert window.entries(window.main.recent_menu) == ["mine.toml"]
    window.choose("lesson", "XOR by hand")
    assert window.title == "XOR by hand · 35 steps ahead · nnviz"
    window.choose_in_menu("File", "Open recent", "mine.toml")
    assert window.title == "Mine · 35 steps ahead · nnviz"


def test_no_file_chosen_changes_nothing(open_window, monkeypatch):
    window = open_window("koehn")
    window.walk(2)
    pick(monkeypatch, None)
    window.press("Ctrl+O")
    assert window.step == 2
    assert window.entries(window.main.recent_menu) == ["No recent files"]


def test_a_broken_file_is_told_as_check_tells_it(open_window, broken_file, monkeypatch, capsys):
    window = open_window("koehn")
    window.walk(7)
    pick(monkeypatch, broken_file)
    seen = window.dialog(lambda: window.press("Ctrl+O"))
    capsys.readouterr()
    assert main(["check", str(broken_file)]) == 1
    faults = capsys.readouterr().err.rstrip("\n")
    assert seen.text == faults
    assert len(faults.splitlines()) >= 3
    assert all(line.startswith(f"{broken_file}:") for line in faults.splitlines())
    assert seen.title == "This lesson cannot be opened"
    assert any(f"{len(faults.splitlines())} mistakes" in label for label in seen.labels)
    assert window.step == 7
    assert window.title == "XOR by hand · step 7 of 35 · nnviz"
    assert window.entries(window.main.recent_menu) == ["No recent files"]
    window.press("Right")
    assert window.step == 8


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"not = [toml", None], ids=["empty", "bytes", "no toml", "gone"]
)
def test_any_other_file_is_refused_in_words(open_window, tmp_path, monkeypatch, content):
    path = tmp_path / "other.toml"
    if content is not None:
        path.write_bytes(content)
    window = open_window("koehn")
    pick(monkeypatch, path)
    seen = window.dialog(lambda: window.press("Ctrl+O"))
    assert str(path)[:50] in seen.text
    assert window.title == "XOR by hand · 35 steps ahead · nnviz"


def test_a_broken_file_opens_no_window(open_window, broken_file, capsys):
    with pytest.raises(AssertionError):
        open_window(broken_file)
    assert f"{broken_file}:6: network.loss" in capsys.readouterr().err


def test_recent_files_are_remembered(open_window, good_file, monkeypatch):
    window = open_window("koehn")
    pick(monkeypatch, good_file)
    window.press("Ctrl+O")
    other = open_window("koehn")
    assert other.entries(other.main.recent_menu) == ["mine.toml"]
    good_file.unlink()
    third = open_window("koehn")
    assert third.entries(third.main.recent_menu) == ["No recent files"]


def test_every_lesson_of_the_menu_opens_and_walks(open_window):
    window = open_window("koehn")
    *titles, last = window.menu_words("lesson")
    assert last == "&Open…"
    assert len(titles) == len(set(titles)) > 3
    for title in titles:
        window.choose("lesson", title)
        assert window.title.startswith(f"{title} · ")
        window.press("Right", "2", "Right", "End", "Left", "3", "N", "Right")
        # With one example only, "next example" stays at the step, which is the last but one.
        last = len(window.session.lesson.dataset) == 1 and window.step > 1
        assert window.step == 1 or last
        assert window.card.formula is not None


def test_another_lesson_while_training_ends_the_run(open_window):
    window = open_window("koehn")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.epoch >= 2)
    window.choose("lesson", "XOR, stochastic gradient descent")
    assert not window.controller.training.running
    assert window.session.checkpoint.update == 0
    window.press("Right")
    assert window.step == 1


# Docks, themes, settings


def test_docks_close_float_and_come_back(open_window):
    window = open_window("koehn")
    main, panels = window.main, window.main.panels

    def places() -> dict[str, QRect]:
        return {name: panel.geometry() for name, panel in panels.items() if is_in_front(panel)}

    first = places()
    panels["loss"].close()
    panels["values"].setFloating(True)
    window.settle()
    assert panels["loss"].isHidden()
    assert panels["values"].isFloating()
    window.walk(3)
    assert window.shows("h", "[0.731059, —]")
    window.choose_in_menu("View", "Panels", "Reset panel layout")
    window.settle()
    assert not any(panel.isFloating() for panel in panels.values())
    hidden = [name for name, panel in panels.items() if panel.isHidden()]
    assert hidden == ["conventions", "gradients", "find", "health", "breakpoints", "build", "layers", "surface", "runs"]
    assert places() == first
    window.choose_in_menu("View", "Panels", "NumPy")
    assert panels["numpy"].isHidden()
    assert main.isVisible()


@pytest.mark.parametrize(("name", "words"), [("dark", "Dark"), ("high-contrast", "High contrast"), ("light", "Light")])
def test_a_theme_colors_every_view(open_window, name, words):
    window = open_window("koehn", theme="dark" if name == "light" else "light")
    window.walk(20)
    main = window.main
    window.choose_in_menu("View", "Theme", words)
    window.settle()
    palette = load_palette(name)
    card = {view: window.colors(view) for view in (main.card, main.canvas, main.listing, main.values, main.loss)}
    assert all(palette.card in colors for colors in card.values())
    assert palette.window in window.colors(main)
    assert palette.backward in window.colors(main.timeline)
    assert palette.control in window.colors(main.toolbar)
    assert palette.control in window.colors(main.strip)
    assert palette.backward in window.colors(main.toolbar)  # the step button takes the phase's color
    assert {palette.window, palette.card} & window.colors(main.menuBar())
    gone = load_palette("dark" if name == "light" else "light")
    kept = {palette.card, palette.window, palette.text}
    for view, colors in card.items():
        assert gone.card in kept or gone.card not in colors, view
    assert main.palette().color(main.backgroundRole()).name() == palette.window


def test_the_theme_and_the_scale_of_the_loss_are_remembered(open_window, settings_file):
    window = open_window("koehn")
    window.press("Ctrl+D")
    window.click(window.main.loss.toggle)
    assert not window.main.loss.log
    stored = QSettings(str(settings_file), QSettings.Format.IniFormat)
    assert (stored.value("theme"), stored.value("log_loss")) == ("dark", "false")
    other = open_window("koehn", theme="dark")
    assert other.controller.theme.name == "dark"
    assert not other.main.loss.log


def test_the_window_opens_where_it_was_left(open_window):
    window = open_window("koehn")
    window.main.panels["loss"].close()
    window.main.resize(780, 560)
    window.settle()
    left = window.main.size()
    window.main.close()
    other = open_window("koehn")
    assert other.main.size() == left
    assert other.main.panels["loss"].isHidden()
    assert not other.main.panels["values"].isHidden()


# When something goes wrong


def test_an_error_in_a_slot_is_shown_and_the_session_goes_on(open_window, monkeypatch):
    window = open_window("koehn")
    window.walk(4)

    def fail(_: object) -> None:
        raise RuntimeError("a planted mistake")

    window.controller.store.changed.connect(fail)
    with monkeypatch.context() as program:
        program.setattr(sys, "excepthook", window.hook)
        seen = window.dialog(lambda: window.press("Right"))
    window.controller.store.changed.disconnect(fail)
    assert seen.title == "Unexpected error"
    assert seen.text.rstrip().endswith("RuntimeError: a planted mistake")
    assert window.step == 5
    window.press("Right")
    assert window.step == 6
    assert window.result == "0.742553"


def test_dialogs_leave_nothing_behind(open_window):
    window = open_window("koehn")
    window.dialog(lambda: window.press("?"))
    window.dialog(lambda: window.choose_in_menu("Help", "About"))
    window.wait(lambda: window.main.findChildren(QDialog) == [])


# Sizes


def cut_off(window) -> list[str]:
    """Texts of the toolbar, the strip and the step card that have less room than they need."""
    main = window.main
    found = []
    for host in (main.toolbar, main.strip):
        for kind in (QToolButton, QLabel):
            for widget in host.findChildren(kind):
                if widget.isVisible() and widget.width() and widget.width() < widget.sizeHint().width():
                    found.append(f"{widget.objectName() or widget.text()} {widget.width()}")
        for child in host.findChildren(QToolButton):
            inside = host.rect().contains(child.mapTo(host, child.rect().center()))
            if child.isVisible() and child.objectName() and not inside:
                found.append(f"{child.objectName()} lies outside")
    card = main.card
    layout = card.page().layout_shown()
    if layout is None or card.page().height() < layout.height - 1:
        found.append(f"the card's page {card.page().height()}")
    for label in card.findChildren(QLabel):
        is_painted = not label.isHidden() and not isinstance(label, TextArea)
        if is_painted and label.height() < label.heightForWidth(label.width()):
            found.append(f"{label.text()!r} {label.height()}")
    return found


def faded(window) -> list[str]:
    """Formulas of the step card that are cut off at the right."""
    labels = [label for label in window.main.card.findChildren(FormulaLabel) if label.isVisible()]
    return [
        label.formula().speech
        for label in labels
        if label.formula().width * label.shown_size() > label.width() - 4 + 0.01
    ]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("presentation", [False, True], ids=["plain", "presentation"])
def test_nothing_is_cut_off_at_any_step(open_window, size, presentation):
    window = open_window("koehn")
    window.resize(*size)
    if presentation:
        window.press("F5")
        window.settle()
    assert (window.main.width(), window.main.height()) == size
    assert cut_off(window) == []
    for _ in range(35):
        window.press("Right")
        window.settle()
        assert cut_off(window) == [], window.card.title
        # In a small window the enlarged type has no room for the longest rows of numbers.
        assert faded(window) == [] or (presentation and size[0] < 1200), window.card.title
        assert window.main.size().toTuple() == size


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_is_lit_is_in_sight(open_window, size):
    window = open_window("koehn")
    window.resize(*size)
    listing, values = window.main.listing, window.main.values
    for number in (1, 12, 20, 35):
        window.click_cell(number)
        window.settle()
        row = listing.shown().current
        page = listing.widget()
        middle = page.mapTo(listing.viewport(), QPoint(0, int((row + 0.5) * page.line_height())))
        assert 0 <= middle.y() < listing.viewport().height()
        active = next(index for index, row in enumerate(window.rows) if row.active)
        assert values.viewport().rect().intersects(values.visualRect(values.model().index(active, 0)))


def test_the_window_made_smaller_keeps_what_is_lit_in_sight(open_window):
    window = open_window("koehn")
    window.resize(1440, 900)
    window.walk(12)
    window.resize(1024, 700)
    listing = window.main.listing
    page = listing.widget()
    line = QPoint(0, int((listing.shown().current + 0.5) * page.line_height()))
    assert 0 <= page.mapTo(listing.viewport(), line).y() < listing.viewport().height()


@pytest.mark.parametrize("lesson", lesson_names())
def test_every_button_of_the_toolbar_has_room_in_a_small_window(open_window, lesson):
    window = open_window(lesson)
    window.resize(1024, 700)
    window.settle()
    bar = window.main.toolbar
    buttons = [button for button in bar.findChildren(QAbstractButton) if button.isVisible()]
    assert {"lesson", "example", "notation", "theme_button"} <= {button.objectName() for button in buttons}
    for button in buttons:
        assert bar.rect().contains(button.geometry()), button.objectName()
    assert window.session.lesson.title in bar.lesson.toolTip()


def test_the_network_fills_its_view_with_type_of_one_size(open_window):
    window = open_window("koehn")
    window.resize(1440, 900)
    canvas = window.main.canvas
    usual = canvas.transform().m11()
    for size in ((1440, 900), (1100, 760), (1920, 1080)):
        window.resize(*size)
        assert canvas.transform().m11() == usual == 1.0
        assert (window.picture.width, window.picture.height) == canvas.room()
        for name, unit in (("x", 1), ("h", 2), ("y", 1)):
            window.click_unit(name, unit)
            assert window.mark(name, unit).selected
    zoomed, kept = canvas.transform().m11() * 1.2, window.picture.width
    window.press("+")
    window.resize(1440, 900)
    assert canvas.transform().m11() == pytest.approx(zoomed), "what is zoomed is not laid out again"
    assert window.picture.width == kept
    window.press("0")
    assert (window.picture.width, window.picture.height) == canvas.room()
    assert canvas.transform().m11() == usual


def test_a_network_larger_than_its_view_is_scrolled_to_the_step(open_window):
    window = open_window("krzeminski-rnn")
    window.resize(820, 560)
    canvas = window.main.canvas
    assert window.picture.width > canvas.room()[0]
    for _ in range(40):
        window.walk(2)
        place = window.picture.step_rect
        if place is not None and place[2] < 200:
            x, y = place[0] + place[2] / 2, place[1] + place[3] / 2
            assert canvas.viewport().rect().contains(canvas.place_on_screen(x, y))
