"""Room for the step card: panels beside it give it height, so that no sentence is cut: what they leave empty first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMainWindow, QScrollArea, QWidget

from nnviz.gui.docks import is_in_front
from nnviz.gui.views.chrome.lazy_view import LazyView
from nnviz.gui.views.chrome.panel import Panel

KEPT = 118  # the height that a panel keeps in any case: its heading and three lines


class CardRoom(QObject):
    """Makes the card's panel higher when a step needs it. It never makes it lower, so that steps move nothing."""

    def __init__(
        self,
        window: QMainWindow,
        panel: Panel,
        lenders: Mapping[Panel, QWidget],
        is_fixed: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._panel, self._lenders, self._is_fixed = window, panel, lenders, is_fixed

    def want(self, wished: int, missing: int) -> None:
        """Make the panel higher once the pending layout is done.

        `wished` is the height that a comfortable card needs besides, which other panels give if they leave it empty;
        `missing` is what the tightest card needs, for which their lists are scrolled.
        """
        QTimer.singleShot(0, self, lambda: self._take(wished, missing))

    def _take(self, wished: int, missing: int) -> None:
        panel = self._panel
        if self._is_fixed() or panel.isFloating() or panel.isHidden() or not self._window.isVisible():
            return
        beside = [lender for lender in self._lenders if self._is_beside(lender)]
        heights = [lender.height() for lender in beside]
        empty = [empty_height(self._lenders[lender]) for lender in beside]
        lent = 0
        for amount, most in ((wished, empty), (missing, heights)):
            for index, lender in enumerate(beside):
                least = max(KEPT, lender.minimumSizeHint().height())
                given = max(min(amount - lent, most[index], heights[index] - least), 0)
                heights[index] -= given
                lent += given
        if lent > 0:
            docks, wanted = [panel, *beside], [panel.height() + lent, *heights]
            self._window.resizeDocks(docks, wanted, Qt.Orientation.Vertical)

    def _is_beside(self, lender: Panel) -> bool:
        """Return whether a panel is above or below the card's, in front of others and seen."""
        if lender.isFloating() or not is_in_front(lender) or lender.x() != self._panel.x():
            return False
        return self._window.dockWidgetArea(lender) == self._window.dockWidgetArea(self._panel)


def empty_height(view: QWidget) -> int:
    """Return the height of a list or page that its lines leave empty; 0 if it is not seen."""
    if isinstance(view, LazyView):
        return empty_height(view.view) if view.is_built else 0
    if not isinstance(view, QAbstractScrollArea) or not view.isVisible() or view.verticalScrollBar().maximum() > 0:
        return 0
    if isinstance(view, QAbstractItemView):
        model = view.model()
        last = model.index(model.rowCount() - 1, 0)
        used = view.visualRect(last).bottom() + 1 if model.rowCount() else 0
    else:
        page = view.widget() if isinstance(view, QScrollArea) else None
        used = view.viewport().height() if page is None else page.sizeHint().height()
    return max(view.viewport().height() - used, 0)
