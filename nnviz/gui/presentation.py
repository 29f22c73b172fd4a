"""Presentation: the window without its controls and in larger type, and back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from nnviz.gui.docks import is_in_front
from nnviz.gui.kit.theme import PRESENTATION_SCALE, Theme
from nnviz.gui.views.chrome.panel import Panel

SIDE_WIDTH = 44  # percent of the window's width that the panels at the side have


class Presentation:
    """The presentation mode of a window: hides the `chrome` and enlarges the type; `side` is a panel at its side."""

    def __init__(
        self, window: QMainWindow, theme: Theme, chrome: Sequence[QWidget], panels: Sequence[Panel], side: Panel
    ) -> None:
        self._window, self._theme, self._chrome, self._panels, self._side = window, theme, chrome, panels, side
        self._hidden: list[QWidget] = []
        self._in_front: list[Panel] = []

    @property
    def is_on(self) -> bool:
        """Whether the window is in presentation."""
        return bool(self._hidden)

    def begin(self) -> None:
        """Hide the controls and enlarge the type."""
        self._hidden = [widget for widget in self._chrome if not widget.isHidden()]
        self._in_front = [panel for panel in self._panels if is_in_front(panel)]
        for widget in self._hidden:
            widget.hide()
        self._window.setFocus()  # or else a widget would take the focus of a hidden panel
        self._resize(self._window.width() * SIDE_WIDTH // 100, PRESENTATION_SCALE)

    def end(self, side_width: int) -> None:
        """Show again what was hidden; the panels at the side get this width."""
        for widget in self._hidden:
            widget.show()
        for panel in self._in_front:
            panel.raise_()
        self._hidden = []
        self._resize(side_width, 1.0)

    def _resize(self, side_width: int, scale: float) -> None:
        self._window.resizeDocks([self._side], [side_width], Qt.Orientation.Horizontal)
        self._theme.set_scale(scale)
