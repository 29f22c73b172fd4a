"""The message over the network: messages about sessions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.chrome.notices import paint_notice
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font

_OWN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class SessionBar(QWidget):
    """A message with a button, hidden without a message; on the button, Enter and Esc dismiss it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._problem = False
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.dismiss = _button("dismiss_session", "Dismiss", "Hide this message (Esc)")
        self.dismiss.clicked.connect(self.clear)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.dismiss)
        self.hide()

    @property
    def text(self) -> str:
        """The message being shown; empty if there is none."""
        return "" if self.isHidden() else self.label.text()

    def show_message(self, text: str, problem: bool = False) -> None:
        """Show a message without taking the focus."""
        self._problem = problem
        self.label.setText(text)
        self.setAccessibleName(text)
        self._tint()
        self.show()

    def clear(self) -> None:
        """Hide the bar; return the focus to the window if the bar has it."""
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self.hide()
        if had_focus:
            self.window().setFocus()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.label.setFont(ui_font(13 * scale))
        self.dismiss.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.dismiss.setStyleSheet(_sheet(palette, scale))
        self._row.setContentsMargins(round(10 * scale), round(3 * scale), round(4 * scale), round(3 * scale))
        self._row.setSpacing(round(8 * scale))
        self._tint()

    def _tint(self) -> None:
        if self._palette is not None:
            ink(self.label, self._palette.differs if self._problem else self._palette.text)
            self.update()

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, _OWN) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OWN:
            self.clear()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        wash = self._palette.differs_wash if self._problem else self._palette.selection
        paint_notice(painter, QRectF(self.rect()), self._palette, wash, self._scale)
        painter.end()


def _button(name: str, words: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(words)
    button.setToolTip(tip)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _sheet(palette: Palette, scale: float) -> str:
    pad, radius = round(scale), round(6 * scale)  # as high as the room that the card keeps
    return (
        f"QToolButton {{ background: {palette.control}; color: {palette.control_text};"
        f" border: 1px solid {palette.control_edge};"
        f" border-radius: {radius}px; padding: {pad}px {10 * pad}px; }}"
        f"QToolButton:hover {{ background: {palette.control_hover}; }}"
        f"QToolButton:focus {{ border-color: {palette.forward}; }}"
    )
