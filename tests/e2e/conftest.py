"""The real program, started through its main as a person starts it, and a small vocabulary for using it."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from e2e.monkey import release_buttons
from PySide6.QtCore import QPoint, QSettings, Qt, QTimer, qInstallMessageHandler
from PySide6.QtGui import QAction, QColor, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPlainTextEdit, QToolTip, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from windows_left import windows_left

from nnviz.cli import main
from nnviz.debugger.state.session import Session
from nnviz.gui.app import Controller
from nnviz.gui.kit.hover_box import HoverBox
from nnviz.gui.stage.stage_window import StageWindow
from nnviz.gui.views.card.formula_label import FormulaLabel
from nnviz.present.network.marks import EdgeLabel, UnitMark
from nnviz.present.values.values_table import ValueRow
from nnviz.present.words.card import Card

PATIENCE = 60_000
LAYERS = {"x": -1, "h": 0, "y": 1}
LEFT = Qt.MouseButton.LeftButton


@dataclass(frozen=True)
class SeenDialog:
    """What a dialog said before it was closed with Escape."""

    title: str
    labels: tuple[str, ...]
    text: str


class Window:
    """The window as it is used: keys and mouse go in, and what is on the screen comes out."""

    def __init__(self, controller: Controller, hook: Any, qtbot: QtBot) -> None:
        self.controller = controller
        self.main = controller.window
        self.hook = hook  # sys.excepthook while the program ran
        self.qtbot = qtbot

    # In

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as Qt names them, wherever the focus is."""
        for key in keys:
            if QApplication.activeModalWidget() is None:
                self.activate()
            QTest.keySequence(QApplication.focusWindow(), QKeySequence(key))

    def walk(self, steps: int) -> None:
        """Press Right so many times."""
        self.press(*["Right"] * steps)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click a widget with the left button, in its middle if no place is given."""
        QTest.mouseClick(widget, LEFT, pos=widget.rect().center() if at is None else at)

    def click_unit(self, layer: str, unit: int) -> None:
        """Click a unit of x, h or y, counted from 1."""
        self.click(self.main.canvas.viewport(), self.unit_place(layer, unit))

    def unit_place(self, layer: str, unit: int) -> QPoint:
        mark = self.mark(layer, unit)
        return self.main.canvas.place_on_screen(mark.x, mark.y)

    def edge_place(self, layer: int, unit: int, source: int) -> QPoint:
        label = self.edge(layer, unit, source)
        return self.main.canvas.place_on_screen(label.x, label.y)

    def card_tile(self, name: str) -> Any:
        """The card of a lesson or file on the start page, by the end of what it opens."""
        return next(tile for tile in self.controller.start.page.shown_tiles() if tile.card.opens.endswith(name))

    def choose_card(self, name: str) -> None:
        """Click a card of the start page; the lesson opens."""
        self.click(self.card_tile(name))
        self.wait(lambda: not self.controller.start.is_on)
        self.settle()

    def click_cell(self, step: int) -> None:
        """Click a cell of the timeline, counted from 1."""
        self.click(self.main.timeline, self.cell_place(step))

    def cell_place(self, step: int) -> QPoint:
        return self.main.timeline.cell_center(step - 1).toPoint()

    def click_line(self, code: str) -> None:
        """Click a line of the listing by its code."""
        row = next(row for row, line in enumerate(self.listing) if line == code)
        page = self.main.listing.widget()
        self.click(page, QPoint(80, int((row + 0.5) * page.line_height())))

    def click_grain(self, word: str) -> None:
        """Click one of Term, Neuron, Layer and Pass."""
        segments = self.main.toolbar.grain
        index = ("Term", "Neuron", "Layer", "Pass").index(word)
        self.click(segments, segments.center_of(index).toPoint())

    def drag(self, widget: QWidget, *places: QPoint) -> None:
        """Press at the first place, move over the others, release at the last."""
        QTest.mousePress(widget, LEFT, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(widget, place)
        QTest.mouseRelease(widget, LEFT, pos=places[-1])

    def move_to(self, widget: QWidget, at: QPoint) -> None:
        """Move the mouse to a place of a widget, until the widget has noticed.

        Qt reports no move to where the mouse is already, perhaps since an earlier test: it comes from beside the place.
        """

        def is_there() -> bool:
            QTest.mouseMove(widget, at + QPoint(1, 1))
            QTest.mouseMove(widget, at)
            return widget.underMouse()

        self.wait(is_there)

    def hover(self, widget: QWidget, at: QPoint) -> str:
        """Move the mouse to a place; the text of the box of details that appears."""
        QTest.mouseMove(widget, QPoint(1, 1))
        QTest.mouseMove(widget, at)
        box = self.details_box
        return "" if box is None else html_words(box.label.text())

    @property
    def details_box(self) -> HoverBox | None:
        """The box of details, if it is shown."""
        return next((box for box in self.main.findChildren(HoverBox) if box.isVisible()), None)

    def choose(self, menu: str, words: str) -> None:
        """Open a menu of the toolbar (lesson, example, notation) and click the entry that has these words."""
        button = getattr(self.main.toolbar, menu)
        self.during(QApplication.activePopupWidget, lambda shown: click_entry(shown, words), lambda: self.click(button))

    def menu_words(self, menu: str) -> list[str]:
        """Open a menu of the toolbar, read it, close it with Escape."""
        button = getattr(self.main.toolbar, menu)
        words: list[str] = []

        def read(shown: QMenu) -> None:
            entries = (action for action in shown.actions() if not action.isSeparator())
            words.extend(action.text().partition("\t")[0] for action in entries)  # the shape of a lesson follows it
            QTest.keyClick(shown, Qt.Key.Key_Escape)

        self.during(QApplication.activePopupWidget, read, lambda: self.click(button))
        return words

    def choose_in_menu(self, title: str, *path: str) -> None:
        """Open a menu of the menu bar and click through its submenus."""
        bar = self.main.menuBar()
        action = entry_of(bar.actions(), title)
        menus = [action.menu()]
        for words in path[:-1]:
            menus.append(entry_of(menus[-1].actions(), words).menu())
        leaf = entry_of(menus[-1].actions(), path[-1])
        leaf.trigger()

    def entries(self, menu: QMenu) -> list[str]:
        """The words of a menu's entries."""
        return [action.text() for action in menu.actions() if not action.isSeparator()]

    def dialog(self, act: Callable[[], object]) -> SeenDialog:
        """Do what opens a dialog, read it, close it with Escape."""
        seen: list[SeenDialog] = []

        def read(dialog: QWidget) -> None:
            labels = tuple(label.text() for label in dialog.findChildren(QLabel))
            editor = dialog.findChild(QPlainTextEdit)
            seen.append(SeenDialog(dialog.windowTitle(), labels, "" if editor is None else editor.toPlainText()))
            QTest.keyClick(dialog, Qt.Key.Key_Escape)

        self.during(QApplication.activeModalWidget, read, act)
        return seen[0]

    def during(
        self, look: Callable[[], QWidget | None], then: Callable[[Any], object], act: Callable[[], object]
    ) -> None:
        """Do what opens a menu or dialog and stays in it; as soon as that is there, act on it."""
        found: list[QWidget] = []

        def poll() -> None:
            widget = look()
            if widget is not None and widget.isVisible():
                timer.stop()
                found.append(widget)
                then(widget)

        timer = QTimer()
        timer.timeout.connect(poll)
        timer.start(5)
        try:
            act()
            self.qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE)
        finally:
            timer.stop()
        self.wait(lambda: QApplication.activeModalWidget() is None and QApplication.activePopupWidget() is None)

    def activate(self) -> None:
        """Give the window the focus back, as a window manager does when a menu or dialog goes."""
        stage = self.stage_window
        front = self.main if stage is None else stage
        handle = front.windowHandle()
        if QApplication.focusWindow() != handle:
            front.activateWindow()
            self.wait(lambda: QApplication.focusWindow() == handle)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    def resize(self, width: int, height: int) -> None:
        """Resize the window and let its layout come to rest."""
        self.main.resize(width, height)
        self.main.arrange()
        self.settle()

    def settle(self) -> None:
        """Let layouts and paints come to rest."""
        for _ in range(4):
            QApplication.sendPostedEvents()
            QApplication.processEvents()

    # Out

    @property
    def stage_window(self) -> StageWindow | None:
        """The window of the stage while it is open."""
        return self.controller.presenting().stage_window

    @property
    def session(self) -> Session:
        return self.controller.store.session

    @property
    def title(self) -> str:
        return self.main.windowTitle()

    @property
    def card(self) -> Card:
        card = self.main.card.shown()
        assert card is not None
        return card

    @property
    def card_words(self) -> tuple[str, ...]:
        """The words that the card's labels really show."""
        return tuple(label.text() for label in self.main.card.findChildren(QLabel) if not label.isHidden())

    @property
    def result(self) -> str:
        """The number that the card ends with, empty before the first step."""
        return "" if self.card.formula is None else self.card.formula.texts()[-1]

    def formula(self, speech: str) -> FormulaLabel:
        """The line of the card whose words for a screen reader begin so."""
        labels = self.main.card.findChildren(FormulaLabel)
        return next(label for label in labels if label.isVisible() and label.formula().speech.startswith(speech))

    @property
    def chips(self) -> list[str]:
        return [chip.text for chip in self.card.chips]

    @property
    def rows(self) -> tuple[ValueRow, ...]:
        return self.main.values.rows()

    def row(self, name: str) -> ValueRow:
        return next(row for row in self.rows if row.name == name)

    @property
    def active_rows(self) -> list[str]:
        return [row.name for row in self.rows if row.active]

    def cell_text(self, name: str, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
        """What the values table shows for a quantity."""
        model = self.main.values.model()
        row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == name)
        return str(model.index(row, 2).data(role))

    def shows(self, name: str, text: str) -> bool:
        """Whether the values table shows a quantity so."""
        return self.cell_text(name) == text

    def digits(self, name: str) -> list[float]:
        """All digits of a quantity, as the tool tip of the values table tells them."""
        told = self.cell_text(name, Qt.ItemDataRole.ToolTipRole).partition(" = ")[2]
        return [float(part.replace("\N{MINUS SIGN}", "-")) for part in told.split(", ")]

    def mark(self, layer: str, unit: int) -> UnitMark:
        """A unit of x, h or y on the canvas, counted from 1."""
        place = (LAYERS[layer], unit - 1)
        return next(mark for mark in self.picture.units if (mark.layer, mark.unit) == place)

    def edge(self, layer: int, unit: int, source: int) -> EdgeLabel:
        """The label of the edge from a source into a unit of a layer, all counted from 1."""
        labels = self.picture.edges[layer - 1].labels
        return next(label for label in labels if (label.unit, label.source) == (unit - 1, source - 1))

    @property
    def picture(self) -> Any:
        return self.main.canvas.shown()

    @property
    def listing(self) -> list[str]:
        return [line.code for line in self.main.listing.shown().lines]

    @property
    def line(self) -> str | None:
        """The code of the line that is lit."""
        shown = self.main.listing.shown()
        return None if shown.current is None else shown.lines[shown.current].code

    @property
    def step(self) -> int:
        """How many steps the timeline shows as done, of the grain that is walked."""
        return int(self.main.timeline.accessibleDescription().partition("step ")[2].partition(",")[0] or 0)

    def pixel(self, widget: QWidget, at: QPoint) -> QColor:
        """The color of a point of a widget as it is painted."""
        return widget.grab().toImage().pixelColor(at)

    def colors(self, widget: QWidget) -> set[str]:
        """The colors of a widget as it is painted, sampled."""
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
        return {f"#{color & 0xFFFFFF:06x}" for color in np.unique(rows[::3, ::3]).tolist()}


def html_words(html: str) -> str:
    """The words of a text in HTML."""
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", " ", html)).replace("\xa0", " ")).strip()


def entry_of(actions: list[QAction], words: str) -> QAction:
    """The entry that has these words; accelerators do not count."""
    found = [action for action in actions if words in action.text().replace("&", "")]
    assert found, f"{words!r} is not among {[action.text() for action in actions]}"
    return found[0]


def click_entry(menu: QMenu, words: str) -> None:
    """Click an entry of an open menu."""
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry_of(menu.actions(), words)).center())


Opener = Callable[..., Window]


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program keeps its settings in this test; never the user's."""
    path = tmp_path / "settings" / "nnviz.ini"
    monkeypatch.setattr("nnviz.gui.kit.settings.QSettings", lambda *_: QSettings(str(path), QSettings.Format.IniFormat))
    monkeypatch.setattr("nnviz.gui.kit.settings.data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr("nnviz.formats.score_file.scores_path", lambda: path.with_name("scores.json"))
    return path


@pytest.fixture
def open_window(qtbot: QtBot, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Starts the program with a lesson, in a theme; closes what was opened and sees that nothing is left."""
    hook = sys.excepthook
    made: list[Controller] = []
    hooks: list[Any] = []
    windows: list[Window] = []

    def make(*parts: Any, **named: Any) -> Controller:
        made.append(Controller(*parts, **named))
        return made[-1]

    def run_no_loop(*_: object) -> int:
        hooks.append(sys.excepthook)
        return 0

    monkeypatch.setattr("nnviz.gui.app.Controller", make)
    # Most tests train nothing, and a training process takes as long to start as the window; `train` starts it, too.
    monkeypatch.setattr("nnviz.gui.control.training_controller.TrainingController.warm", lambda self: None)
    monkeypatch.setattr(QApplication, "exec", run_no_loop)

    def start(lesson: str | Path | None = "koehn", theme: str = "light") -> Window:
        settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
        settings.setValue("theme", theme)
        settings.sync()
        assert main([] if lesson is None else [str(lesson)]) == 0
        assert sys.excepthook is hook
        assert hooks[-1] is not hook
        window = Window(made[-1], hooks[-1], qtbot)
        windows.append(window)
        with qtbot.waitActive(window.main):
            window.main.activateWindow()
        qtbot.waitExposed(window.main)
        window.settle()
        return window

    yield start
    messages: list[str] = []
    before = qInstallMessageHandler(lambda kind, context, text: messages.append(text))
    try:
        _close(windows, made, qtbot)
    finally:
        qInstallMessageHandler(before)
    assert multiprocessing.active_children() == []
    assert sys.excepthook is hook
    assert [text for text in messages if not text.startswith("This plugin does not support")] == []


def _close(windows: list[Window], made: list[Controller], qtbot: QtBot) -> None:
    """Close the windows as a person does and let go of everything; single timers may run out."""
    QToolTip.hideText()
    release_buttons()
    for window in windows:
        window.main.close()
        assert window.controller.training.client.pid is None
    for controller in made:
        owners = (controller, controller.training, controller.window)
        timers = [timer for owner in owners for timer in owner.findChildren(QTimer)]
        qtbot.waitUntil(
            lambda timers=timers: not any(isValid(timer) and timer.isActive() for timer in timers), timeout=PATIENCE
        )
        for owner in (controller.window, controller.training, controller):
            owner.deleteLater()
    windows.clear()
    made.clear()
    windows_left()
