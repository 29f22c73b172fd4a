"""The look of every button, and the button that opens a menu."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionToolButton, QToolButton, QWidget

from nnviz.gui.kit.icons import icon
from nnviz.present.core.palette import Palette

RADIUS = 7  # of a button's corners, logical pixels at scale 1
RING = 2  # the width of a button's outline, which is visible with the keyboard focus
ARROW = 14  # the size of the arrow of a menu button
DOT = 12  # the room of a dot before the text
SIDE = 11  # between the end of a menu button and its text or arrow


def button_sheet(palette: Palette, scale: float, pad: float = 4, wide: float = 10, radius: float = RADIUS) -> str:
    """Return the style sheet of tool buttons, with so much room above and below the text, and beside it."""
    return f"""
        QToolButton {{ background: {palette.control}; color: {palette.control_text};
            border: {RING}px solid {palette.control_edge}; border-radius: {round(radius * scale)}px;
            padding: {round(pad * scale)}px {round(wide * scale)}px; }}
        QToolButton:hover {{ background: {palette.control_hover}; border-color: {palette.control_hover}; }}
        QToolButton:pressed {{ background: {palette.border}; }}
        QToolButton:checked {{ background: {palette.selection}; border-color: {palette.selection}; }}
        QToolButton:disabled {{ color: {palette.faint}; border-color: {palette.control}; }}
        QToolButton:focus {{ border-color: {focus_color(palette)}; }}
        QToolButton::menu-indicator {{ image: none; width: 0; }}
    """


def focus_color(palette: Palette) -> str:
    """Return the color of the ring around the control that has the keyboard focus."""
    return palette.forward


class MenuButton(QToolButton):
    """A button with a menu and an arrow at its right end; a text that does not fit is shortened as it is drawn."""

    def __init__(self, parent: QWidget | None = None, side: float = SIDE) -> None:
        super().__init__(parent)
        self._side = side
        self._arrow = ""  # the color of the arrow
        self._dot = ""
        self._text = ""
        self._faint = ""
        self._scale = 1.0
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._arrow, self._text, self._faint, self._scale = palette.muted, palette.control_text, palette.faint, scale
        self.updateGeometry()
        self.update()

    def set_dot(self, color: str) -> None:
        """Show a dot in a color before the text; an empty color removes it."""
        if color != self._dot:
            self._dot = color
            self.updateGeometry()
            self.update()

    def is_cut(self) -> bool:
        """Return whether the text is shortened."""
        return QFontMetrics(self.font()).horizontalAdvance(self.text()) > self._words().width()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self.text()) + self._beside() + 2
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(round((3 * self._side + ARROW) * self._scale), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        option.features &= ~QStyleOptionToolButton.ToolButtonFeature.HasMenu
        painter = QPainter(self)
        self.style().drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option, painter, self)
        words = self._words()
        text = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, words.width())
        painter.setFont(self.font())
        if self._text:
            painter.setPen(QColor(self._text if self.isEnabled() else self._faint))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        if self._dot:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._dot))
            center = QPointF(words.left() - DOT * self._scale * 0.75, self.height() / 2)
            painter.drawEllipse(center, DOT / 4 * self._scale, DOT / 4 * self._scale)
        if self._arrow:
            size = round(ARROW * self._scale)
            right = self.width() - round(self._side * self._scale * 0.7) - size
            icon("chevron-down", self._arrow).paint(painter, QRect(right, (self.height() - size) // 2 + 1, size, size))
        painter.end()

    def _beside(self) -> int:
        """Return the room beside the text: two ends, the arrow, and the distance before it."""
        return round((1.7 * self._side + ARROW + 3 + (DOT if self._dot else 0)) * self._scale)

    def _words(self) -> QRect:
        left = round((self._side + (DOT if self._dot else 0)) * self._scale)
        return QRect(left, 0, self.width() - self._beside(), self.height())
