"""The heights of docks: of one that is raised among others, and of the plots where room is short."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from nnviz.gui.views.chrome.panel import Panel

SHARE = 0.42  # of the window's height that a panel brought to the front should have
LENDER_LEAST = 172  # the height that the lending panel keeps: its heading and six lines
CANVAS_LEAST = 240  # the height of the canvas before the plots give way, about 60 % of that in the usual window


def is_in_front(panel: Panel) -> bool:
    """Return whether any part of a panel is visible; it may be hidden, or another tab may be in front of it."""
    return panel.isVisible() and not panel.visibleRegion().isEmpty()


class Loan:
    """Height that one dock, `lender`, lends to the docks that share the place of another, `home`.

    `column` are the docks one above the other, among them these two, whose heights are restored.
    """

    def __init__(self, window: QMainWindow, home: Panel, lender: Panel, column: Sequence[Panel]) -> None:
        self._window, self._home, self._lender, self._column = window, home, lender, column
        self._before: list[int] = []

    def take(self, panel: Panel) -> None:
        """Show a panel in front of those that share its place, and enlarge it if it is low."""
        heights = [dock.height() for dock in self._column]
        panel.show()
        panel.raise_()
        # Only now does a dock that was hidden have its height.
        QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
        wanted, lender = round(self._window.height() * SHARE), self._lender
        apart = panel.isFloating() or lender.isFloating() or lender.isHidden()
        if apart or panel.height() >= wanted:
            return
        least = max(lender.minimumSizeHint().height(), min(lender.height(), LENDER_LEAST))
        rest = max(lender.height() + panel.height() - wanted, least)
        self._window.resizeDocks([lender, panel], [rest, wanted], Qt.Orientation.Vertical)
        self._before = self._before or heights

    def give_back(self) -> None:
        """Restore the earlier heights of both docks."""
        if self._before and not any(dock.isFloating() or dock.isHidden() for dock in self._column):
            QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
            self._window.resizeDocks(self._column, self._before, Qt.Orientation.Vertical)
        self._before = []


class GivingWay:
    """The height of the plots below a canvas: they get lower, and at last hidden, before the canvas gets too low.

    When there is room again they are as high as the user left them.
    """

    def __init__(self, window: QMainWindow, canvas: QWidget, plots: Sequence[Panel]) -> None:
        self._window, self._canvas, self._plots = window, canvas, plots
        self._wanted = 0  # the height that the user left
        self._given = 0  # the height that was set last
        self._hidden: list[Panel] = []

    def fit(self) -> None:
        """Divide the height between canvas and plots; to be called when the window's height has changed."""
        shown = [plot for plot in self._plots if plot.isVisible() and not plot.isFloating()]
        if not shown:
            self._bring_back()
            return
        height, least = shown[0].height(), max(plot.minimumSizeHint().height() for plot in shown)
        if height != self._given:
            self._wanted = height
        free = self._canvas.height() + height - CANVAS_LEAST
        if free < least:
            self._hidden = shown
            for plot in shown:
                plot.hide()
            return
        self._given = min(self._wanted, free)
        if self._given != height:
            self._window.resizeDocks([shown[0]], [self._given], Qt.Orientation.Vertical)

    def end(self) -> None:
        """Show the plots that were hidden for want of room."""
        for plot in self._hidden:
            plot.show()
        self._hidden = []

    def _bring_back(self) -> None:
        needed = max((plot.minimumSizeHint().height() for plot in self._hidden), default=0)
        if self._hidden and self._canvas.height() - needed >= CANVAS_LEAST:
            self.end()
