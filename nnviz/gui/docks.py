"""Docks that share a place: bring one to the front with room enough, or put it away again."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from nnviz.gui.views.panel import Panel

SHARE = 0.42  # of the window's height that a panel brought to the front should have


def is_in_front(panel: Panel) -> bool:
    """Whether any of a panel is seen: it may be hidden, or behind another tab."""
    return panel.isVisible() and not panel.visibleRegion().isEmpty()


class Loan:
    """Room that one dock lends to those that share the place of another, `home`; it remembers what to give back."""

    def __init__(self, window: QMainWindow, home: Panel, lender: Panel) -> None:
        self._window, self._home, self._lender = window, home, lender
        self._before: tuple[int, int] | None = None

    def take(self, panel: Panel) -> None:
        """Show a panel before those that share its place; where it is low, it gets room."""
        heights = self._lender.height(), self._home.height()
        panel.show()
        panel.raise_()
        # A dock just shown has its height only then.
        QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
        wanted, lender = round(self._window.height() * SHARE), self._lender
        apart = panel.isFloating() or lender.isFloating() or lender.isHidden()
        if apart or panel.height() >= wanted:
            return
        rest = max(lender.height() + panel.height() - wanted, lender.minimumSizeHint().height())
        self._window.resizeDocks([lender, panel], [rest, wanted], Qt.Orientation.Vertical)
        self._before = self._before or heights

    def give_back(self) -> None:
        """Give both the heights that they had before."""
        if self._before is not None and not (self._home.isFloating() or self._lender.isFloating()):
            QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
            self._window.resizeDocks([self._lender, self._home], list(self._before), Qt.Orientation.Vertical)
        self._before = None
