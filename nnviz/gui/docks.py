"""The heights of docks: of one that is raised among others, and of the plots where room is short."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStyle, QWidget

from nnviz.gui.views.chrome.panel import Panel

SHARE = 0.42  # of the window's height that a panel brought to the front should have
LENDER_LEAST = 172  # the height that the lending panel keeps: its heading and six lines
CANVAS_LEAST = 236  # the height of the canvas before the plots give way, about 60 % of that in the usual window


def is_in_front(panel: Panel) -> bool:
    """Return whether any part of a panel is visible; it may be hidden, or another tab may be in front of it."""
    return panel.isVisible() and not panel.visibleRegion().isEmpty()


def shared(sizes: Sequence[int], total: int) -> list[int]:
    """Return the sizes scaled so that they add up to a total."""
    scaled = [size * total // sum(sizes) for size in sizes[:-1]]
    return [*scaled, total - sum(scaled)]


class Loan:
    """Height that one dock, `lender`, lends to the docks that share the place of another, `home`.

    `column` are the docks one above the other, among them these two. It is given back when the height is shared again.
    """

    def __init__(self, window: QMainWindow, home: Panel, lender: Panel, column: Sequence[Panel]) -> None:
        self._window, self._home, self._lender, self._column = window, home, lender, column

    def take(self, panel: Panel) -> bool:
        """Show a panel in front of those that share its place, and enlarge it if it is low; return whether it was."""
        panel.show()
        panel.raise_()
        # Only now does a dock that was hidden have its height.
        QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
        wanted, lender = round(self._window.height() * SHARE), self._lender
        apart = panel.isFloating() or lender.isFloating() or lender.isHidden()
        if apart or panel.height() >= wanted:
            return False
        both = lender.height() + panel.height()
        least = max(lender.minimumSizeHint().height(), min(lender.height(), LENDER_LEAST))
        rest = max(both - wanted, least)
        is_enlarged = rest < lender.height()
        if is_enlarged:
            others = [dock for dock in self._column if dock not in (lender, self._home)]
            wishes = [rest, both - rest, *(dock.height() for dock in others)]
            self._window.resizeDocks([lender, panel, *others], wishes, Qt.Orientation.Vertical)
        return is_enlarged


class GivingWay(QObject):
    """The height of the plots below a canvas: they get lower, and at last hidden, before the canvas gets too low.

    When there is room again they are as high as the user or the default arrangement made them.
    """

    def __init__(self, window: QMainWindow, canvas: QWidget, plots: Sequence[Panel]) -> None:
        super().__init__(window)
        self._window, self._canvas, self._plots = window, canvas, plots
        self._wanted = 0
        self._is_chosen = False  # by the user
        self._hidden: list[Panel] = []
        for plot in plots:
            plot.installEventFilter(self)

    def want(self, height: int) -> None:
        """Set the height that the plots have where there is room."""
        self._wanted, self._is_chosen = height, False

    def prefer(self, height: int) -> None:
        """Set the height that the plots have where there is room, unless the user has chosen one."""
        if not self._is_chosen:
            self._wanted = height

    def fit(self) -> None:
        """Divide the height between canvas and plots; to be called when the window's height has changed."""
        shown = [plot for plot in self._plots if plot.isVisible() and not plot.isFloating()]
        if not shown:
            self._bring_back()
            return
        height, least = shown[0].height(), max(plot.minimumSizeHint().height() for plot in shown)
        self._wanted = self._wanted or height
        free = self._canvas.height() + height - CANVAS_LEAST
        if free < least:
            self._hidden = shown
            for plot in shown:
                plot.hide()
        elif height != min(self._wanted, free):
            self._window.resizeDocks([shown[0]], [min(self._wanted, free)], Qt.Orientation.Vertical)

    def end(self) -> None:
        """Show the plots that were hidden for want of room."""
        for plot in self._hidden:
            plot.show()
        self._hidden = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_dragged = bool(QApplication.mouseButtons() & Qt.MouseButton.LeftButton)
        if isinstance(event, QResizeEvent) and is_dragged and isinstance(watched, Panel) and not watched.isFloating():
            self._wanted, self._is_chosen = event.size().height(), True
        return False

    def _bring_back(self) -> None:
        needed = max((plot.minimumSizeHint().height() for plot in self._hidden), default=0)
        border = self._window.style().pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent, None, self._window)
        if self._hidden and self._canvas.isVisible() and self._canvas.height() - needed - border >= CANVAS_LEAST:
            self.end()
