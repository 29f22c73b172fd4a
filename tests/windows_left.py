"""The windows that a test leaves on the screen."""

from __future__ import annotations

import gc
from time import monotonic

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

PATIENCE = 10  # seconds for a popup or a tooltip to go


def windows_left() -> list[QWidget]:
    """Let go of all windows that are to be deleted, and return those that stay."""
    end, is_collected = monotonic() + PATIENCE, False
    while True:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = QApplication.topLevelWidgets()
        if not left or monotonic() > end:
            return left
        if not is_collected:  # a window in a circle of references; looking for these takes as long as a short test
            del left
            gc.collect()
            is_collected = True
        QCoreApplication.processEvents()


def delete_windows(windows: list[QWidget]) -> None:
    """Delete windows though somebody holds them, as the traceback of a failed test does."""
    for window in windows:
        if isValid(window):
            window.hide()
            window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
