"""Opening the guide from the main window: it is built when first opened, and closed with the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow

if TYPE_CHECKING:
    from nnviz.gui.guide.guide_window import GuideWindow

FIRST = "first-steps"
NETWORK_PLACE = "stepping#the-network-and-the-computation-graph"


class Guide(QObject):
    """Opens the guide at a place; every "?" in a heading of the main window has one."""

    def __init__(self, window: MainWindow, theme: Theme, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._theme, self._settings = window, theme, settings
        self.view: GuideWindow | None = None
        window.center.heading.offer_guide(NETWORK_PLACE, "Network")
        for heading in (window.center.heading, *(panel.heading for panel in window.panels.values())):
            heading.guide_asked.connect(self.open)
        window.closing.connect(self._close)

    def open(self, place: str = "") -> None:
        """Show a place; without one, the place that was shown last."""
        if self.view is None:
            from nnviz.gui.guide.guide_window import GuideWindow  # imported late to keep the start fast

            self.view = GuideWindow(self._settings, self._window)
            self._theme.follow(self.view)
            place = place or FIRST
        self.view.show()
        self.view.raise_()
        self.view.activateWindow()
        if place:
            self.view.go_to(place)
        self.view.text.setFocus()

    def _close(self) -> None:
        if self.view is not None:
            self.view.close()
