"""A row of the Lesson and Health panels: a first line, wrapped paragraphs, and possibly a link to a step."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pill, text_width

LEFT, RIGHT, ABOVE, GAP, SPACE = 14.0, 10.0, 5.0, 2.0, 9.0
# Keys that a focused row handles itself.
OWN_KEYS = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape))


@dataclass(frozen=True)
class TextRun:
    """A piece of text with its style (plain, strong, mono) and the role of its color in the palette."""

    text: str
    role: str = "text"
    style: str = "plain"


@dataclass(frozen=True)
class RowText:
    """The text of a row: the pieces of its first line, one at the right end, paragraphs, and its spoken text.

    `short_tail` replaces the tail if there is too little room for it.
    """

    head: tuple[TextRun, ...]
    tail: TextRun
    paragraphs: tuple[TextRun, ...]
    spoken: str
    short_tail: str = ""


class NoteRow(QAbstractButton):
    """A row of text; `clicked` is emitted if it is a link, `moved(int)` on Up and Down, `left` on Escape."""

    moved = Signal(int)
    left = Signal()

    def __init__(self, text: RowText, is_link: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._is_link = is_link
        self._palette: Palette | None = None
        self._scale = 1.0
        self._lit = ""
        self._heights: dict[int, int] = {}  # by the width; a layout asks for each many times
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_link else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(text.spoken)
        if is_link:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def is_link(self) -> bool:
        """True if the row is a link."""
        return self._is_link

    @property
    def lit(self) -> str:
        """The phase in whose color the row is highlighted; empty if it is not."""
        return self._lit

    def set_lit(self, phase: str) -> None:
        """Highlight the row in a phase's color; an empty phase ends that."""
        if phase != self._lit:
            self._lit = phase
            self.setAccessibleDescription("Current step" if phase else "")
            self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._heights.clear()
        self.updateGeometry()
        self.update()

    def _font(self, style: str) -> QFont:
        if style == "mono":
            return mono_font(13 * self._scale, QFont.Weight.DemiBold)
        return ui_font(13 * self._scale, QFont.Weight.DemiBold if style == "strong" else QFont.Weight.Normal)

    def _line_height(self) -> float:
        return QFontMetricsF(self._font("plain")).height()

    def _paragraph(self, run: TextRun, width: float) -> QRectF:
        room = QRectF(0, 0, max(width, 40.0), 10_000)
        return QFontMetricsF(self._font(run.style)).boundingRect(room, int(Qt.TextFlag.TextWordWrap), run.text)

    def _inner_width(self, width: float) -> float:
        return width - (LEFT + RIGHT) * self._scale

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._height(width)
        return self._heights[width]

    def _height(self, width: int) -> int:
        height = 2 * ABOVE * self._scale + (self._line_height() if self._text.head else 0.0)
        for run in self._text.paragraphs:
            height += self._paragraph(run, self._inner_width(width)).height() + GAP * self._scale
        return round(height + 0.5)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.heightForWidth(max(self.width(), 200)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # the hints depend on the width

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, OWN_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, self._palette)
        left, top = LEFT * self._scale, ABOVE * self._scale
        if self._text.head:
            self._paint_head(painter, left, top)
            top += self._line_height() + GAP * self._scale
        width = self._inner_width(self.width())
        for run in self._text.paragraphs:
            room = self._paragraph(run, width)
            painter.setFont(self._font(run.style))
            painter.setPen(self._color(run.role))
            painter.drawText(QRectF(left, top, width, room.height() + 1), int(Qt.TextFlag.TextWordWrap), run.text)
            top += room.height() + GAP * self._scale
        painter.end()

    def _color(self, role: str) -> QColor:
        return QColor(str(getattr(self._palette, role)))

    def _paint_ground(self, painter: QPainter, palette: Palette) -> None:
        rect = QRectF(self.rect()).adjusted(3.5, 0.5, -3.5, -0.5)
        hovered = self._is_link and self.underMouse()
        ground = str(getattr(palette, f"{self._lit}_wash")) if self._lit else palette.control
        if self._lit or hovered:
            pill(painter, rect, ground, radius=5.0)
        if self._lit:
            pill(painter, QRectF(rect.left(), rect.top() + 3, 3 * self._scale, rect.height() - 6), self._lit_color())
        if self.hasFocus():
            painter.setPen(self._color("forward"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, 5.0, 5.0)

    def _lit_color(self) -> str:
        return str(getattr(self._palette, self._lit))

    def _paint_head(self, painter: QPainter, left: float, top: float) -> None:
        """Paint the first line: its pieces from the left, elided before the piece at the right end."""
        tail, tail_font = self._text.tail, self._font(self._text.tail.style)
        baseline = top + QFontMetricsF(self._font("plain")).ascent()
        right = self.width() - RIGHT * self._scale
        if tail.text:
            wanted = sum(text_width(self._font(run.style), run.text) + SPACE * self._scale for run in self._text.head)
            fits = left + wanted + text_width(tail_font, tail.text) <= right
            text = tail.text if fits else self._text.short_tail or tail.text
            right -= text_width(tail_font, text)
            painter.setFont(tail_font)
            painter.setPen(self._color(tail.role))
            painter.drawText(QPointF(right, baseline), text)
            right -= SPACE * self._scale
        for run in self._text.head:
            font = self._font(run.style)
            shown = QFontMetricsF(font).elidedText(run.text, Qt.TextElideMode.ElideRight, max(right - left, 0.0))
            painter.setFont(font)
            painter.setPen(self._color(run.role))
            painter.drawText(QPointF(left, baseline), shown)
            left += text_width(font, shown) + SPACE * self._scale
