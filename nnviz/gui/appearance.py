"""How the window looks: its theme, decimal mark, motion and maps, which are kept, and the ticks in the View menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup

from nnviz.gui.control.store import Store
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow
from nnviz.present.core.palette import palette_names, theme_title
from nnviz.present.text.numbers import COMMA, POINT, set_decimal_mark


def use_decimal_mark(settings: Settings) -> None:
    """Write numbers with the decimal mark that the user has chosen."""
    set_decimal_mark(COMMA if settings.decimal_comma else POINT)


class Appearance(QObject):
    """What the user has chosen of the window's looks, and the menu of the themes."""

    def __init__(self, store: Store, window: MainWindow, actions: Actions, theme: Theme, settings: Settings) -> None:
        super().__init__(window)
        self._store, self._window, self._actions = store, window, actions
        self._theme, self._settings = theme, settings
        actions["decimal_comma"].setChecked(settings.decimal_comma)
        actions["reduce_motion"].setChecked(settings.reduced_motion)
        actions["maps"].setChecked(settings.neuron_maps)
        window.canvas.set_maps(settings.neuron_maps)
        self._fill_menu()
        theme.changed.connect(self._tick)
        window.view_changed.connect(self._tick)
        self._tick()

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of the looks do, by the ids of the commands."""
        return {
            "theme": self._toggle_theme,
            "decimal_comma": self._write_decimals,
            "reduce_motion": self._reduce_motion,
            "maps": self._toggle_maps,
        }

    def choose_theme(self, name: str) -> None:
        """Choose a theme by its name, or \"system\", which follows the system."""
        self._theme.choose(name)
        self._settings.theme = name

    def _fill_menu(self) -> None:
        menu = self._window.theme_menu
        themes = QActionGroup(menu)
        for name in ("system", *palette_names()):
            action = menu.addAction("Follow the system" if name == "system" else theme_title(name))
            action.setCheckable(True)
            action.setData(name)
            themes.addAction(action)
            action.triggered.connect(lambda checked=False, name=name: self.choose_theme(name))

    def _tick(self) -> None:
        """Tick what is in use: the theme, the computation graph, the network unrolled in time."""
        window = self._window
        for action in window.theme_menu.actions():
            action.setChecked(action.data() == self._theme.chosen)
        for command, on in (
            ("theme", self._theme.palette.dark),
            ("canvas", window.canvases.currentIndex() == 1),
            ("unroll", not window.canvas.is_folded),
        ):
            self._actions[command].setChecked(on)

    def _toggle_theme(self) -> None:
        self._theme.toggle()
        self._settings.theme = self._theme.chosen

    def _write_decimals(self) -> None:
        """Write every number with the other decimal mark."""
        self._settings.decimal_comma = self._actions["decimal_comma"].isChecked()
        use_decimal_mark(self._settings)
        self._theme.apply()
        self._store.changed.emit(self._store.session)

    def _reduce_motion(self) -> None:
        self._settings.reduced_motion = self._actions["reduce_motion"].isChecked()

    def _toggle_maps(self) -> None:
        self._settings.neuron_maps = on = self._actions["maps"].isChecked()
        self._window.canvas.set_maps(on)
