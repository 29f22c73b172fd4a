"""Context menus to which several controllers add entries."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QWidget

Filler = Callable[[QMenu, QPoint], None]


class ContextMenus(QObject):
    """A menu on right click, opened if any filler adds an entry."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fillers: dict[QObject, list[Filler]] = {}

    def add(self, widget: QWidget, filler: Filler, first: bool = False) -> None:
        """Register `filler(menu, point)` for the menus of a widget; the point is in the widget's coordinates.

        With `first`, its entries come before those of fillers registered earlier.
        """
        if widget not in self._fillers:
            self._fillers[widget] = []
            widget.installEventFilter(self)
        self._fillers[widget].insert(0 if first else len(self._fillers[widget]), filler)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QContextMenuEvent) or not isinstance(watched, QWidget):
            return False
        menu = QMenu(watched)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for filler in self._fillers.get(watched, []):
            menu.addSeparator()  # Qt hides a separator that nothing follows
            filler(menu, event.pos())
        if all(action.isSeparator() for action in menu.actions()):
            menu.deleteLater()
            return False
        menu.popup(event.globalPos())
        return True
