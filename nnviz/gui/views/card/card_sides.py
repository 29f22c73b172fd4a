"""The two sides of the step card: the step itself, and why its number is what it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.views.card.step_card import StepCard
from nnviz.gui.views.card.why_view import WhyView
from nnviz.present.core.palette import Palette


class CardSides(QStackedWidget):
    """Shows the side for a session; `turned(bool)` is emitted when the side changes, true for why."""

    turned = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.card, self.why = StepCard(), WhyView()
        self.addWidget(self.card)
        self.addWidget(self.why)

    def render_session(self, session: Session) -> None:
        """Show a session on both sides, and turn to the side with its question."""
        self.card.render_session(session)
        self.why.render_session(session)
        self._turn(session.why is not None)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.why.set_theme(palette, scale)
        self.card.set_theme(palette, scale)

    def _turn(self, asks: bool) -> None:
        """Turn the card; the keyboard focus goes to the side of why, and from there to the window."""
        if asks == (self.currentWidget() is self.why):
            return
        window = self.window()
        focus = window.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.setCurrentWidget(self.why if asks else self.card)
        self.card.note.setVisible(not asks)
        self.turned.emit(asks)
        if asks:
            self.why.setFocus()
        elif had_focus:
            window.setFocus()
