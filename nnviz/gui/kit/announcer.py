"""What screen readers announce when the session changes: the step, its formula and its value."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from nnviz.debugger.state.session import Session
from nnviz.present.words.card import card
from nnviz.present.words.spoken import spoken


class Announcer(QObject):
    """Announces each step once, if a screen reader is listening."""

    def __init__(self, source: QWidget) -> None:
        super().__init__(source)
        self._source = source
        self._said = ""

    def follow(self, session: Session) -> None:
        """Announce the step of a changed session."""
        if not QAccessible.isActive():
            return
        words = spoken(card(session))
        if words != self._said:
            self._said = words
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._source, words))
