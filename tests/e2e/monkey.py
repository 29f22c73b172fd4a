"""A monkey at the window: random actions, keys, clicks, lessons and closed windows, and nothing must go wrong.

    python tests/e2e/monkey.py --actions 20000 --seed 1

The same seed makes the same choices. It ends with status 1 at the first error of a slot or warning of Qt, with the
last actions; at the end it prints the memory of the process.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported, and never with the files of the user
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = tempfile.mkdtemp(prefix="nnviz-monkey-")

import nnviz.gui  # noqa: F401, I001  before PySide6, which otherwise keeps the source of every module, 30 MB
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QSettings, Qt, QTimer, qInstallMessageHandler
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QWidget
from shiboken6 import isValid

from nnviz.gui.app import Controller
from nnviz.gui.kit.settings import Settings
from nnviz.gui.startup import FirstFrame, make_application
from nnviz.lessons.catalog import lesson_names, load
from nnviz.sessions.save import difference, read_session, write_session

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NO_KEYS, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
NEVER = ("quit",)  # the window is closed by an action of its own
PLAIN_KEYS = [getattr(Qt.Key, f"Key_{name}") for name in (
    *("Left", "Right", "Up", "Down", "Home", "End", "PageUp", "PageDown", "Return", "Escape", "Tab", "Space", "Delete"),
    *("Backspace", "F2", "F8", "F9", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"0123456789", "Period", "Minus", "Comma"),
)]  # fmt: skip
TEXTS = (
    "0.5",
    "1e308",
    "-3",
    "abc",
    "0.7425526 0.3",
    "loss < 0.1",
    "norm(W1)",
    "1/3",
    "9" * 400,
    "nan",
    "update == 7",
)
SAVED_EVERY = 100  # actions between two sessions that are saved and read back
LAST = 30  # actions that are told after an error


def memory() -> float:
    """The memory of this process in MB, as the system counts it."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def release_buttons() -> None:
    """Release what Qt takes for held: it never hears of a release on a widget that its own press has closed."""
    held, anything = QApplication.mouseButtons(), QWidget()
    for button in (LEFT, RIGHT):
        if held & button:
            QTest.mouseRelease(anything, button)


class Monkey:
    """Plays with one window after the other. `errors` are the tracebacks of slots; the first one ends the game."""

    def __init__(self, seed: int, folder: Path, settings: Callable[[], Settings]) -> None:
        self.dice, self._popup_dice = random.Random(seed), random.Random(seed)  # menus come when they come
        self.folder, self._settings = folder, settings
        self.errors: list[str] = []
        self.done: deque[str] = deque(maxlen=LAST)
        self.count = 0
        self.slowest = (0.0, "")
        self.used: set[str] = set()  # the actions, lessons and panels that have been chosen
        self._bags: dict[str, list[str]] = {}
        self.app = make_application()
        self.ways: list[tuple[int, Callable[[], str]]] = [
            (30, self._trigger), (25, self._press), (20, self._click), (6, self._type), (6, self._raise_panel),
            (5, self._open_lesson), (3, self._wheel), (2, self._resize), (2, self._drag), (3, self._show_stage),
            (2, self._show_start), (2, self._show_canvas), (1, self.reopen),
        ]  # fmt: skip
        self._watch = QTimer()
        self._watch.timeout.connect(self._close_popups)
        self._watch.start(10)
        self.controller = self._open()

    # The window

    def _open(self) -> Controller:
        controller = Controller(self.app, load(self.dice.choice(lesson_names())), self._settings())
        first = FirstFrame(controller.window)
        first.painted.connect(controller.finish_start)
        first.painted.connect(controller.session_files.offer)
        controller.window.resize(1200, 800)
        controller.window.show()
        controller.window.activateWindow()
        self._settle(5)
        return controller

    def close(self) -> None:
        """Close the window, whatever it does, and let go of it."""
        controller = self.controller
        controller.window.close()
        self._settle(2)  # a single shot that never fires would keep the whole window
        for owner in (controller.window, controller.training, controller):
            owner.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._settle(2)
        gc.unfreeze()  # a program has one window, whose objects are never collected

    def end(self) -> None:
        """Close the window and stop watching for menus and dialogs."""
        self.close()
        self._watch.stop()
        gc.collect()
        gc.freeze()  # what is left is not this game's

    def _settle(self, times: int = 1) -> None:
        for _ in range(times):
            self.app.processEvents()

    def note_message(self, text: str) -> None:
        """Note what Qt says, except what this platform cannot do."""
        if not text.startswith("This plugin does not support"):
            self.errors.append(f"{text}\n{''.join(traceback.format_stack())}")
            print(f"Qt: {text}, in {self.done[-1] if self.done else 'the start'}", flush=True)

    # What it does

    def play(self, actions: int) -> bool:
        """Do so many random actions; return whether nothing went wrong."""
        weights, ways = zip(*self.ways, strict=True)
        return all(self._do(*self.dice.choices(ways, weights)) for _ in range(actions))

    def play_the_rest(self) -> bool:
        """Do what chance has left out: each action, panel and lesson once; return whether nothing went wrong."""
        return all(self._do(way) for way, names in self._choices() for _ in names if set(names) - self.used)

    def _choices(self) -> list[tuple[Callable[[], str], list[str]]]:
        """Return the ways that draw a name, each with the names."""
        actions, panels = self.controller.actions.items(), self.controller.window.panels
        return [
            (self._trigger, sorted(set(actions) - set(NEVER))),
            (self._raise_panel, sorted(panels)),
            (self._open_lesson, lesson_names()),
        ]

    def _do(self, way: Callable[[], str]) -> bool:
        """Do one thing and look at what must hold; return whether nothing went wrong."""
        begun = time.perf_counter()
        self.done.append(way.__name__)
        try:
            self.done[-1] = way()
            release_buttons()
            self._settle(self.dice.randint(1, 3))
            self._check()
        except Exception:
            self.errors.append(traceback.format_exc())
        self.count += 1
        self.slowest = max(self.slowest, (time.perf_counter() - begun, self.done[-1]))
        return not self.errors

    def _check(self) -> None:
        """What always holds: the marks of the run end where it ends; now and then, a saved session is the same."""
        run = self.controller.store.session.run
        assert run.last_segment.marks[-1].update <= run.end
        if self.count % SAVED_EVERY == 0:
            saved = self.controller.session_files.saved()
            path = self.folder / "monkey.nnviz"
            write_session(path, saved)
            assert not difference(saved, read_session(path))

    def _draw(self, kind: str, names: Iterable[str]) -> str:
        """Choose one of the names; each comes once before any comes again."""
        if not self._bags.get(kind):
            self._bags[kind] = sorted(names)
            self.dice.shuffle(self._bags[kind])
        name = self._bags[kind].pop()
        self.used.add(name)
        return name

    def _trigger(self) -> str:
        name = self._draw("action", set(self.controller.actions.items()) - set(NEVER))
        action = self.controller.actions[name]
        if action.isEnabled():
            action.trigger()
        return f"action {name}"

    def _press(self) -> str:
        key, modifier = self.dice.choice(PLAIN_KEYS), self.dice.choice((NO_KEYS, NO_KEYS, SHIFT))
        target = self._target()
        QTest.keyClick(target, key, modifier)
        return f"key {key.name} {modifier.name} on {type(target).__name__}"

    def _target(self) -> QWidget:
        """Return what the keyboard goes to."""
        return QApplication.focusWidget() or QApplication.activeWindow() or self.controller.window

    def _widgets(self) -> list[QWidget]:
        """Return the visible widgets of the window in front, most often; the stage is in front of the others."""
        active = QApplication.activeWindow()
        is_in_front = active is not None and active.isVisible() and self.dice.random() < 0.8
        window = active if active is not None and is_in_front else self.controller.window
        found = [window, *window.findChildren(QWidget)]
        return [widget for widget in found if widget.isVisible() and widget.width() > 4 and widget.height() > 4]

    def _widget(self) -> QWidget:
        """Choose a visible widget. Qt may delete one of its own while the others are listed."""
        while not isValid(widget := self.dice.choice(self._widgets())):
            pass
        return widget

    def _click(self) -> str:
        widget = self._widget()
        at = QPoint(self.dice.randrange(widget.width()), self.dice.randrange(widget.height()))
        button, modifier = (
            self.dice.choice((LEFT, LEFT, LEFT, RIGHT)),
            self.dice.choice((NO_KEYS, NO_KEYS, SHIFT, CONTROL)),
        )
        said = f"click {button.name} {modifier.name} on {type(widget).__name__} at {at.x()}, {at.y()}"
        QTest.mouseMove(widget, at)
        if self.dice.random() < 0.15:
            QTest.mouseDClick(widget, button, modifier, at)
        else:
            QTest.mouseClick(widget, button, modifier, at)
        return said

    def _drag(self) -> str:
        widget = self._widget()
        places = [QPoint(self.dice.randrange(widget.width()), self.dice.randrange(widget.height())) for _ in range(3)]
        said = f"drag on {type(widget).__name__}"
        QTest.mousePress(widget, LEFT, pos=places[0])
        QTest.mouseMove(widget, places[1])
        QTest.mouseRelease(widget, LEFT, pos=places[2])
        return said

    def _wheel(self) -> str:
        widget = self._widget()
        at = QPointF(widget.width() / 2, widget.height() / 2)
        by = QPoint(0, self.dice.choice((-240, 240)))
        modifier = self.dice.choice((NO_KEYS, CONTROL))
        event = QWheelEvent(
            at,
            widget.mapToGlobal(at),
            QPoint(),
            by,
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
        return f"wheel on {type(widget).__name__}"

    def _type(self) -> str:
        target, text = self._target(), self.dice.choice(TEXTS)
        QTest.keyClicks(target, text)
        if self.dice.random() < 0.5:
            QTest.keyClick(self._target(), Qt.Key.Key_Return)
        return f"type {text[:20]!r}"

    def _raise_panel(self) -> str:
        name = self._draw("panel", self.controller.window.panels)
        self.controller.window.show_panel(name)
        return f"panel {name}"

    def _open_lesson(self) -> str:
        name = self._draw("lesson", lesson_names())
        self.controller.open_lesson(name)
        return f"lesson {name}"

    def _resize(self) -> str:
        size = self.dice.randint(400, 1600), self.dice.randint(300, 1000)
        self.controller.window.resize(*size)
        return f"resize {size}"

    def _show_stage(self) -> str:
        """Use one of the commands of the stage, which is opened first."""
        presenting = self.controller.presenting()
        if not presenting.is_on:
            self.controller.actions["presentation"].trigger()
        if presenting.stage_window is None:  # the start page is shown
            return "no stage"
        own = presenting.stage_window.own
        name = self._draw("stage", own)
        if name in own:  # and not left from the stage of a walk, which has more
            own[name].trigger()
        return f"stage {name}"

    def _show_start(self) -> str:
        """Show the start page, on which some of the next actions happen."""
        self.controller.actions["start_page"].trigger()
        self._settle(3)
        return "start page"

    def _show_canvas(self) -> str:
        index = self.dice.randrange(2)
        self.controller.window.show_canvas(index)
        return f"canvas {index}"

    def reopen(self) -> str:
        """Close the window in the middle of everything, often while it trains, and open it again."""
        if self.dice.random() < 0.5:
            self.controller.training.toggle()
            self._settle(2)
        self.close()
        del self.controller
        gc.collect()
        self.controller = self._open()
        return "reopen"

    # Menus and dialogs, which stay in a loop of their own until something happens

    def _close_popups(self) -> None:
        self._watch.start(10)  # it must watch the dialog, too, that a key in this dialog opens
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu) and self._popup_dice.random() < 0.5:
            choices = [action for action in popup.actions() if action.isEnabled() and action.menu() is None]
            if choices and not any(word in (chosen := self._popup_dice.choice(choices)).text() for word in ("Quit",)):
                popup.close()
                chosen.trigger()
                return
        if popup is not None:
            popup.close()
            return
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            keys = (Qt.Key.Key_Escape, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_7)
            focus = QApplication.focusWidget()  # this platform may leave it in the window behind
            target = focus if focus is not None and dialog.isAncestorOf(focus) else dialog
            QTest.keyClick(target, self._popup_dice.choice(keys))

    def file_name(self, *_: object) -> tuple[str, str]:
        """What a dialog for a file gives: one of a few files, or none."""
        names = ("monkey.nnviz", "none.toml", "own.toml", "run.json", "other.nnviz", "")
        name = self.dice.choice(names)
        return str(self.folder / name) if name else "", ""


def own_settings(folder: Path) -> Callable[[], Settings]:
    """Return what makes settings in a folder, with the copies of sessions."""

    def make() -> Settings:
        made = Settings(QSettings(str(folder / "nnviz.ini"), QSettings.Format.IniFormat))
        made.data = folder / "copies"
        return made

    return make


@contextmanager
def monkey(seed: int, folder: Path, settings: Callable[[], Settings], *, is_quiet: bool = False) -> Iterator[Monkey]:
    """Give a monkey whose dialogs for files choose files of a folder, and which notices the errors of slots.

    With `is_quiet`, warnings of Qt are errors too, and what the platform cannot do is not printed.
    """
    own, (hook, opened, saved, asked) = Monkey, (
        sys.excepthook, QFileDialog.getOpenFileName, QFileDialog.exec, QMessageBox.question
    )  # fmt: skip
    player = own(seed, folder, settings)

    def note(kind: type[BaseException], error: BaseException, trace: object) -> None:
        player.errors.append("".join(traceback.format_exception(kind, error, trace)))  # type: ignore[arg-type]

    sys.excepthook = note
    if is_quiet:
        qInstallMessageHandler(lambda kind, context, text: player.note_message(text))
    QFileDialog.getOpenFileName = player.file_name  # type: ignore[method-assign, assignment]
    QFileDialog.exec = lambda dialog: player.dice.random() < 0.5  # type: ignore[method-assign, assignment]
    names = QFileDialog.selectedFiles
    QFileDialog.selectedFiles = lambda dialog: [player.file_name()[0] or "x"]  # type: ignore[method-assign, assignment]
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    QMessageBox.question = lambda *_: player.dice.choice((yes, no))  # type: ignore[method-assign, assignment]
    try:
        yield player
    finally:
        player.end()
        if is_quiet:
            qInstallMessageHandler(None)
        sys.excepthook = hook
        QFileDialog.getOpenFileName, QFileDialog.exec = opened, saved  # type: ignore[method-assign]
        QFileDialog.selectedFiles, QMessageBox.question = names, asked  # type: ignore[method-assign]


def main() -> int:
    """Play as the arguments say; return 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--actions", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nnviz-monkey-"))
    os.chdir(folder)

    with monkey(args.seed, folder, own_settings(folder), is_quiet=True) as player:
        most = 0.0
        while player.count < args.actions and player.play(min(500, args.actions - player.count)):
            most = max(most, memory())
            print(
                f"{player.count} actions, {memory():.0f} MB, slowest {player.slowest[0]:.2f} s: {player.slowest[1]}",
                flush=True,
            )
            player.slowest = (0.0, "")
    for error in player.errors[:1]:
        print(error)
        print("\n".join(f"{player.count - len(player.done) + at + 1}: {said}" for at, said in enumerate(player.done)))
    print(f"seed {args.seed}: {player.count} actions, {len(player.errors)} errors, at most {most:.0f} MB")
    return int(bool(player.errors))


if __name__ == "__main__":
    sys.exit(main())
