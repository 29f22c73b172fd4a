"""Docks that share a place: one is raised with enough height, and the heights are restored later."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from nnviz.gui.views.chrome.panel import Panel

SHARE = 0.42  # of the window's height that a panel brought to the front should have


def is_in_front(panel: Panel) -> bool:
    """Return whether any part of a panel is visible; it may be hidden, or another tab may be in front of it."""
    return panel.isVisible() and not panel.visibleRegion().isEmpty()


class Loan:
    """Height that one dock, `lender`, lends to the docks that share the place of another, `home`."""

    def __init__(self, window: QMainWindow, home: Panel, lender: Panel) -> None:
        self._window, self._home, self._lender = window, home, lender
        self._before: tuple[int, int] | None = None

    def take(self, panel: Panel) -> None:
        """Show a panel in front of those that share its place, and enlarge it if it is low."""
        heights = self._lender.height(), self._home.height()
        panel.show()
        panel.raise_()
        # Only now does a dock that was hidden have its height.
        QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
        wanted, lender = round(self._window.height() * SHARE), self._lender
        apart = panel.isFloating() or lender.isFloating() or lender.isHidden()
        if apart or panel.height() >= wanted:
            return
        rest = max(lender.height() + panel.height() - wanted, lender.minimumSizeHint().height())
        self._window.resizeDocks([lender, panel], [rest, wanted], Qt.Orientation.Vertical)
        self._before = self._before or heights

    def give_back(self) -> None:
        """Restore the earlier heights of both docks."""
        if self._before is not None and not (self._home.isFloating() or self._lender.isFloating()):
            QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
            self._window.resizeDocks([self._lender, self._home], list(self._before), Qt.Orientation.Vertical)
        self._before = None
