"""The frame of the finder's panel: what searches for numbers is loaded when the panel is first looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from nnviz.debugger.session import Session
from nnviz.gui.views.late_view import LateView
from nnviz.present.palette import Palette

if TYPE_CHECKING:
    from nnviz.gui.views.find_view import FindView


class LateFind(LateView):
    """Stands for the finder until it is there, and hands on what it is told."""

    found_chosen = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: FindView | None = None
        self._session: Session | None = None
        self._seen = False

    @property
    def view(self) -> FindView:
        """The finder; built when it is first asked for."""
        self.build()
        assert self._view is not None
        return self._view

    def build(self) -> None:
        """Build the finder and show the session in it."""
        if self._view is not None:
            return
        from nnviz.gui.views.find_view import FindView

        self._view = FindView()
        self._view.found_chosen.connect(self.found_chosen)
        self._view.left.connect(self.left)
        if self._palette is not None:
            self._view.set_theme(self._palette, self._scale)
        if self._session is not None:
            self._view.render_session(self._session)
        self._hold(self._view)
        self.setFocusProxy(self._view)
        self._view.set_seen(self._seen)

    def render_session(self, session: Session) -> None:
        """Search in another session from now on."""
        self._session = session
        if self._view is not None:
            self._view.render_session(session)

    def set_seen(self, seen: bool) -> None:
        """Whether the panel is looked at."""
        self._seen = seen
        if seen:
            self.build()
        if self._view is not None:
            self._view.set_seen(seen)

    def take_focus(self) -> None:
        """Give the keys to the finder's field."""
        self.view.take_focus()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        super().set_theme(palette, scale)
        if self._view is not None:
            self._view.set_theme(palette, scale)

    def sizeHint(self) -> QSize:
        return QSize(360, 220) if self._view is None else self._view.sizeHint()
