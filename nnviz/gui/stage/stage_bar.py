"""The slim bar of the stage: a few buttons that appear when the pointer moves and go after two seconds."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QToolButton, QWidget

from nnviz.gui.kit.icons import icon
from nnviz.present.core.palette import Palette
from nnviz.render.paint import pill

LINGER_MS = 2000
BUTTON, ICON = 44, 22


class StageBar(QWidget):
    """A bar of actions over the stage; `menus` are drop-down menus of some of them, by the actions' names."""

    def __init__(self, actions: list[tuple[QAction, str]], menus: dict[str, QMenu], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Stage controls")
        self._palette: Palette | None = None
        self._buttons: list[tuple[QToolButton, str]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(4)
        for action, name in actions:
            button = QToolButton(self)
            button.setObjectName(f"stage_bar_{action.objectName()}")
            button.setAccessibleName(action.text().replace("&", ""))
            button.setToolTip(action.toolTip())
            button.setFixedSize(BUTTON, BUTTON)
            button.setIconSize(QSize(ICON, ICON))
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys belong to the stage
            if menu := menus.get(action.objectName()):
                button.setMenu(menu)
                button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            else:
                button.clicked.connect(action.trigger)
            self._buttons.append((button, name))
            row.addWidget(button)
        self._linger = QTimer(self)
        self._linger.setSingleShot(True)
        self._linger.setInterval(LINGER_MS)
        self._linger.timeout.connect(self._leave)
        self.hide()

    def appear(self) -> None:
        """Show the bar for two seconds, or as long as the pointer is on it."""
        self.adjustSize()
        parent = self.parentWidget()
        assert parent is not None
        self.move(
            (parent.width() - self.width()) // 2, parent.height() - self.height() - round(0.012 * parent.height())
        )
        self.show()
        self.raise_()
        self._linger.start()

    def set_icon(self, action: str, name: str) -> None:
        """Show another icon on an action's button."""
        for index, (button, _) in enumerate(self._buttons):
            if button.objectName() == f"stage_bar_{action}":
                self._buttons[index] = (button, name)
        self._tint()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colors."""
        self._palette = palette
        self._tint()

    def _tint(self) -> None:
        if self._palette is not None:
            for button, name in self._buttons:
                button.setIcon(icon(name, self._palette.control_text))
        self.update()

    def _leave(self) -> None:
        if self.underMouse() or QApplication.activePopupWidget() is not None:
            self._linger.start()
        else:
            self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._linger.start()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        pill(painter, rect, self._palette.control, self._palette.border, 12.0)
