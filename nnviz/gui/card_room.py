"""Room for the step card: panels beside it give it the height that they leave empty, so that no sentence is cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMainWindow, QScrollArea

from nnviz.gui.views.chrome.panel import Panel


class CardRoom(QObject):
    """Makes the card's panel higher when a step needs it. It never makes it lower, so that steps move nothing."""

    def __init__(
        self,
        window: QMainWindow,
        panel: Panel,
        lenders: Mapping[Panel, QAbstractScrollArea],
        is_fixed: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._panel, self._lenders, self._is_fixed = window, panel, lenders, is_fixed

    def want(self, height: int) -> None:
        """Make the panel higher by up to a height, once the pending layout is done."""
        QTimer.singleShot(0, self, lambda: self._take(height))

    def _take(self, height: int) -> None:
        panel = self._panel
        if self._is_fixed() or panel.isFloating() or panel.isHidden() or not self._window.isVisible():
            return
        docks, heights, lent = [panel], [panel.height()], 0
        area = self._window.dockWidgetArea(panel)
        for lender, view in self._lenders.items():
            here = lender.isVisible() and not lender.isFloating() and self._window.dockWidgetArea(lender) == area
            if not here or lender.x() != panel.x():
                continue
            given = min(height - lent, empty_height(view), lender.height() - lender.minimumSizeHint().height())
            docks.append(lender)
            heights.append(lender.height() - max(given, 0))
            lent += max(given, 0)
        if lent > 0:
            heights[0] += lent
            self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)


def empty_height(view: QAbstractScrollArea) -> int:
    """Return the height of a list or page that its lines leave empty; 0 if it is not seen."""
    if not view.isVisible() or view.verticalScrollBar().maximum() > 0:
        return 0
    if isinstance(view, QAbstractItemView):
        model = view.model()
        last = model.index(model.rowCount() - 1, 0)
        used = view.visualRect(last).bottom() + 1 if model.rowCount() else 0
    else:
        page = view.widget() if isinstance(view, QScrollArea) else None
        used = view.viewport().height() if page is None else page.sizeHint().height()
    return max(view.viewport().height() - used, 0)
