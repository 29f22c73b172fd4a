"""The buttons of the start page: a tile with a heading, a pill of the filter, and the strong button of its row."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font
from nnviz.render.paint import centered_text, pen, pill, text_width
from nnviz.render.text_lines import elided

CORNER = 12.0
PAD = 20.0
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def frame_tile(painter: QPainter, rect: QRectF, palette: Palette, *, focused: bool, hovered: bool) -> None:
    """Paint the card of a tile; a focused one has a strong outline, a hovered one a darker one."""
    outline = palette.forward if focused else palette.faint if hovered else palette.border
    width = 2.0 if focused else 1.0
    painter.setPen(pen(outline, width))
    painter.setBrush(QColor(palette.card))
    inset = width / 2 + 0.5
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), CORNER, CORNER)


class StartButton(QAbstractButton):
    """A button of the start page: Enter clicks it as Space does; the arrow keys are left to the page."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setText(words)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in _ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, QRectF(self.rect()), self._palette)
        painter.end()

    def _draw(self, painter: QPainter, rect: QRectF, palette: Palette) -> None:
        """Paint the button."""
        raise NotImplementedError


class Tile(StartButton):
    """A button of a grid; the grid sets its width and asks for its height."""

    def height_for(self, width: float) -> float:
        """Return the height that the tile needs at a width."""
        raise NotImplementedError


class CommandTile(Tile):
    """A tile that runs a command: a title, and what it takes in small type."""

    def __init__(self, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._hint = hint
        self.setAccessibleDescription(hint)

    def height_for(self, width: float) -> float:
        return 78.0 * self._scale

    def _draw(self, painter: QPainter, rect: QRectF, palette: Palette) -> None:
        frame_tile(painter, rect, palette, focused=self.hasFocus(), hovered=self.underMouse())
        scale, room = self._scale, rect.width() - 2 * PAD * self._scale
        rows = ((self.text(), ui_font(17 * scale, QFont.Weight.DemiBold), palette.text, 34.0),)
        for text, font, color, baseline in (*rows, (self._hint, ui_font(13 * scale), palette.muted, 58.0)):
            painter.setFont(font)
            painter.setPen(QColor(color))
            painter.drawText(QPointF(PAD * scale, baseline * scale), elided(text, font, room))


class Pill(StartButton):
    """A filter of the lessons; the checked one is filled with the strong color."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)

    def sizeHint(self) -> QSize:
        return QSize(round(text_width(self._font(), self.text()) + 22 * self._scale), round(30 * self._scale))

    def _font(self) -> QFont:
        return ui_font(13 * self._scale, QFont.Weight.DemiBold)

    def _draw(self, painter: QPainter, rect: QRectF, palette: Palette) -> None:
        on = self.isChecked()
        fill = palette.forward if on else palette.control_hover if self.underMouse() else palette.control
        shape = rect.adjusted(3, 3, -3, -3)
        # A high-contrast control has the color of the window, so that it needs an outline.
        outline = palette.border if palette.control in (palette.window, palette.card) else fill
        pill(painter, shape, fill, outline, 8.0)
        centered_text(painter, rect.center(), self.text(), self._font(), palette.on_accent if on else palette.text)
        if self.hasFocus():
            draw_ring(painter, rect, palette, 10.0)


class StrongButton(StartButton):
    """A button filled with the strong color."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(round(text_width(self._font(), self.text()) + 50 * self._scale), round(40 * self._scale))

    def _font(self) -> QFont:
        return ui_font(14 * self._scale, QFont.Weight.DemiBold)

    def _draw(self, painter: QPainter, rect: QRectF, palette: Palette) -> None:
        fill = palette.update if self.underMouse() else palette.forward
        pill(painter, rect.adjusted(3, 3, -3, -3), fill, None, 8.0)
        centered_text(painter, rect.center(), self.text(), self._font(), palette.on_accent)
        if self.hasFocus():
            draw_ring(painter, rect, palette, 10.0)


def draw_ring(painter: QPainter, rect: QRectF, palette: Palette, corner: float) -> None:
    """Paint the focus ring around a filled button."""
    painter.setPen(pen(palette.text, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), corner, corner)
