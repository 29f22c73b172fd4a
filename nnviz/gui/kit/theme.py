"""The theme of the window: its palette, its scale, and the views that follow it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from nnviz.gui.kit.style import apply_theme, system_scheme
from nnviz.present.core.palette import Palette, load_palette, palette_names

PRESENTATION_SCALE = 1.5


class Themed(Protocol):
    """A view that takes a palette and a scale."""

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""


class Theme(QObject):
    """The chosen theme and the scale; its followers are updated and `changed` is emitted when either changes."""

    changed = Signal()

    def __init__(self, app: QApplication, chosen: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._chosen = chosen if chosen in (*palette_names(), "system") else "system"
        self._scale = 1.0
        self._followers: list[Themed] = []
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def name(self) -> str:
        """The name of the palette in use."""
        return system_scheme(self._app) if self._chosen == "system" else self._chosen

    @property
    def chosen(self) -> str:
        """The chosen theme: the name of a palette, or system."""
        return self._chosen

    @property
    def palette(self) -> Palette:
        """The palette in use."""
        return load_palette(self.name)

    @property
    def scale(self) -> float:
        """The scale: 1, or larger in presentation mode."""
        return self._scale

    def follow(self, *views: Themed) -> None:
        """Apply the theme to these views, now and whenever it changes."""
        self._followers.extend(views)
        for view in views:
            view.set_theme(self.palette, self._scale)

    def choose(self, name: str) -> None:
        """Use a palette by its name, or follow the system."""
        self._chosen = name
        self.apply()

    def toggle(self) -> None:
        """Switch between dark and light."""
        self.choose("light" if self.palette.dark else "dark")

    def set_scale(self, scale: float) -> None:
        """Scale all type."""
        if scale != self._scale:
            self._scale = scale
            self.apply()

    def apply(self) -> None:
        """Apply the theme to the application and all followers."""
        palette = self.palette
        apply_theme(self._app, palette, self._scale)
        for view in self._followers:
            view.set_theme(palette, self._scale)
        self.changed.emit()

    def _system_changed(self) -> None:
        if self._chosen == "system":
            self.apply()
