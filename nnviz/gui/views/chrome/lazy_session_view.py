"""The frame of a view that is hidden at first; the view is imported and built when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Protocol, TypeVar, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.views.chrome.lazy_view import LazyView
from nnviz.present.core.palette import Palette


class SessionView(Protocol):
    """The interface of a view in such a frame."""

    def render_session(self, session: Session) -> None:
        """Show a session."""

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""


View = TypeVar("View", bound=SessionView)


class LazySessionView(LazyView[View]):
    """A placeholder that builds its view late and forwards calls to it."""

    def __init__(self, make: Callable[[], View], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._session: Session | None = None
        self._waiting: list[Callable[[View], object]] = []

    def _build(self) -> None:
        """Build the view and show the session in it."""
        self._view = view = self._make()
        self._hold(cast(QWidget, view))
        _chain(self, cast(QWidget, view))
        for act in self._waiting:
            act(view)
        if self._palette is not None:
            view.set_theme(self._palette, self._scale)
        if self._session is not None:
            view.render_session(self._session)

    def when_built(self, act: Callable[[View], object]) -> None:
        """Call `act` with the view when it is built, before it shows anything; at once if it exists."""
        if self._view is None:
            self._waiting.append(act)
        else:
            act(self._view)

    def render_session(self, session: Session) -> None:
        """Show a session, now or when the view is built."""
        self._session = session
        if self._view is not None:
            self._view.render_session(session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        super().set_theme(palette, scale)
        if self._view is not None:
            self._view.set_theme(palette, scale)

    def take_focus(self) -> None:
        """Focus the view, or the window if the view takes no focus."""
        getattr(self.view, "take_focus", self.window().setFocus)()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.build()


def _chain(frame: QWidget, view: QWidget) -> None:
    """Insert the widgets of a view into the tab order after its frame, instead of at the end."""
    policy, no_keys = frame.focusPolicy(), Qt.FocusPolicy.NoFocus
    frame.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt inserts nothing after a widget that takes no focus
    every, window = (view, *view.findChildren(QWidget)), frame.window()  # the list of a combo box is another window
    inside = [widget for widget in every if widget.focusPolicy() != no_keys and widget.window() is window]
    for before, after in pairwise([frame, *inside]):
        QWidget.setTabOrder(before, after)
    frame.setFocusPolicy(policy)
