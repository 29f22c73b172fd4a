"""What a start needs: the application with its fonts, its first frame, and memory that costs no frames."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

from PySide6.QtCore import QEvent, QMessageLogContext, QObject, QTimer, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from nnviz.render.fonts import load_fonts
from nnviz.resources import resource_path

NO_SCREEN = 2  # the exit status if there is no screen to open the window on
COLLECT_AFTER = 20_000  # new objects before a garbage collection
LARGE = 1 << 18  # bytes from which memory has pages of its own
_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h


def make_application() -> QApplication:
    """Return the application with its name and fonts; reuse the running one if there is one."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else _new_application()
    app.setApplicationName("nnviz")
    app.setApplicationDisplayName("nnviz")
    app.setDesktopFileName("nnviz")
    app.setWindowIcon(QIcon(str(resource_path("desktop", "nnviz.svg"))))
    load_fonts()
    return app


def _new_application() -> QApplication:
    """Make the application. Without a screen, which Qt would abort for, end with a line and the status of a refusal."""
    keep_gaps_small()
    told: list[str] = []

    def note(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        told.append(text)
        if kind == QtMsgType.QtFatalMsg:
            reason = next((line for line in told if "connect" in line), told[0])
            print(f"nnviz: the window cannot be opened: {' '.join(reason.split())}", file=sys.stderr, flush=True)
            os._exit(NO_SCREEN)

    qInstallMessageHandler(note)
    try:
        app = QApplication(sys.argv[:1])
    finally:
        qInstallMessageHandler(None)
    for text in told:
        print(text, file=sys.stderr)
    return app


def settle_memory() -> None:
    """Exclude all present objects from later garbage collections, because scanning them would cost frames.

    The command line disables collection during the start; it is enabled again here, but runs rarely. A step in a
    large network makes thousands of short-lived objects, hardly any of which are part of a reference cycle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    gc.enable()


def keep_gaps_small() -> None:
    """Let large arrays and images have pages of their own, which go back to the system as soon as they are freed.

    Otherwise the C library (glibc) soon takes them from its heap, and what lives on behind them keeps the gaps.
    """
    _ask_c_library("mallopt", _M_MMAP_THRESHOLD, LARGE)


def give_back_memory() -> None:
    """Give the other gaps back, which takes some milliseconds: once a minute, and where a lesson opens."""
    _ask_c_library("malloc_trim", 0)


def _ask_c_library(name: str, *numbers: int) -> None:
    """Call a function of glibc; another C library goes without."""
    import ctypes  # imported late to keep the start fast

    with suppress(OSError, AttributeError):
        getattr(ctypes.CDLL(None), name)(*numbers)


class FirstFrame(QObject):
    """A watcher of a window; `painted` is emitted once, in the first idle moment after its first paint.

    A window that its children cover is not painted itself, so that the request for painting counts, too.
    """

    painted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Paint, QEvent.Type.UpdateRequest):
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self.painted.emit)
        return False
