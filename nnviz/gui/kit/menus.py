"""Menus: context menus to which several controllers add entries, and menus whose entries have a detail."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QMenu, QWidget

Filler = Callable[[QMenu, QPoint], None]


class DetailMenu(QMenu):
    """A menu whose entries may have a detail at their right end, which is the action's data."""

    def sizeHint(self) -> QSize:
        widest = max((self.fontMetrics().horizontalAdvance(_detail(action)) for action in self.actions()), default=0)
        size = super().sizeHint()
        return QSize(size.width() + (widest + 24 if widest else 0), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        for action in self.actions():
            role = QPalette.ColorRole.HighlightedText if action is self.activeAction() else QPalette.ColorRole.Text
            color = self.palette().color(role)
            color.setAlphaF(0.72)
            painter.setPen(color)
            place = self.actionGeometry(action).adjusted(0, 0, -14, 0)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), _detail(action))
        painter.end()


def _detail(action: QAction) -> str:
    detail = action.data()
    return detail if isinstance(detail, str) else ""


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
