"""The panel "Find a number": made when it is first asked for, fed with the session, and followed to the step found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt

from nnviz.debugger.commands import Move
from nnviz.debugger.finder import Found
from nnviz.debugger.finder_places import go_to_found
from nnviz.gui.main_window import MainWindow
from nnviz.gui.store import Store
from nnviz.gui.theme import Theme
from nnviz.gui.views.find_view import FindView
from nnviz.gui.views.panel import Panel

NAME = "find"
SHARE = 44  # percent of the window's height that the panel is given when it is opened


class FindPanel(QObject):
    """Opens the panel; `step` is what moves in the pass, the player and the training paused."""

    def __init__(self, store: Store, window: MainWindow, theme: Theme, step: Callable[[Move], None]) -> None:
        super().__init__(window)
        self._store = store
        self._window = window
        self._theme = theme
        self._step = step
        self.view: FindView | None = None

    def open(self) -> None:
        """Bring the panel to the front, the keys in its field and what stands there selected."""
        view = self.view or self._make()
        panel = self._window.panels[NAME]
        panel.show()
        panel.raise_()
        wanted = self._window.height() * SHARE // 100
        if not panel.isFloating() and panel.height() < wanted:
            self._window.resizeDocks([panel], [wanted], Qt.Orientation.Vertical)
        view.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        view.field.selectAll()

    def _make(self) -> FindView:
        view = self.view = FindView()
        panel = Panel(NAME, "Find a number", view, self._window, (12, 2, 12, 10))
        self._window.panels[NAME] = panel
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, panel)
        self._window.tabifyDockWidget(self._window.panels["values"], panel)
        self._theme.follow(view, panel)
        view.found_chosen.connect(self._go)
        view.left.connect(lambda: self._window.shown_canvas().setFocus(Qt.FocusReason.OtherFocusReason))
        self._store.changed.connect(view.render_session)
        view.render_session(self._store.session)
        panel.visibilityChanged.connect(view.set_seen)
        return view

    def _go(self, found: Found) -> None:
        self._step(lambda session: go_to_found(session, found))
