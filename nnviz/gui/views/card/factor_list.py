"""The list of a number's factors, or of the values that use it; a click or a digit asks about one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.words.why_text import Factor
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pill, text_width

LINE, LEFT, GAP = 24.0, 8.0, 14.0
DIGITS = 9  # lines that have a digit as their key


class FactorList(QWidget):
    """The list of factors; `chosen(index)` is emitted when one is clicked."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._factors: tuple[Factor, ...] = ()
        self._more = ""
        self._picked = 0
        self._hovered: int | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_factors(self, factors: tuple[Factor, ...], more: str, picked: int) -> None:
        """Show factors; `more` is a line about those left out, `picked` is the one that Enter asks about."""
        self._factors, self._more, self._picked, self._hovered = factors, more, picked, None
        self.setVisible(bool(factors))
        self._relayout()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._relayout()

    def rect_of(self, index: int) -> QRectF:
        """Return the rectangle of a factor's line."""
        return QRectF(0, self._top(index), self.width(), LINE * self._scale)

    def _relayout(self) -> None:
        lines = len(self._factors) + self._headings(len(self._factors)) + bool(self._more)
        self.setFixedHeight(round(lines * LINE * self._scale))
        self.update()

    def _headings(self, before: int) -> int:
        """Return the number of headings above a line, given the number of lines before it."""
        groups = [factor.group for factor in self._factors[:before]]
        return sum(bool(group) and group != last for last, group in zip(["", *groups], groups, strict=False))

    def _top(self, index: int) -> float:
        return (index + self._headings(index + 1)) * LINE * self._scale

    def _at(self, point: QPointF) -> int | None:
        return next((index for index in range(len(self._factors)) if self.rect_of(index).contains(point)), None)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.setCursor(Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(index)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = {factor.group: self._columns(factor.group) for factor in self._factors}
        for index, factor in enumerate(self._factors):
            if factor.group and (index == 0 or self._factors[index - 1].group != factor.group):
                above = self.rect_of(index).translated(0, -LINE * self._scale)
                font = ui_font(12 * self._scale, QFont.Weight.DemiBold)
                self._text(painter, above.adjusted(LEFT * self._scale, 0, 0, 0), factor.group, font, "muted")
            self._line(painter, index, factor, columns[factor.group])
        if self._more:
            last = self.rect_of(len(self._factors) - 1).translated((LEFT + 18) * self._scale, LINE * self._scale)
            self._text(painter, last, self._more, ui_font(12.5 * self._scale), "muted")
        painter.end()

    def _columns(self, group: str) -> tuple[float, float, float]:
        """Return the left edges of the columns of a group: symbols, values and origins."""
        among = [factor for factor in self._factors if factor.group == group]
        font, gap = mono_font(13 * self._scale, QFont.Weight.Medium), GAP * self._scale
        symbol = (LEFT + 18) * self._scale
        value = symbol + max((text_width(font, factor.symbol) for factor in among), default=0.0) + gap
        where = value + max((text_width(font, factor.value) for factor in among), default=0.0) + gap
        return symbol, value, where

    def _line(self, painter: QPainter, index: int, factor: Factor, columns: tuple[float, float, float]) -> None:
        assert self._palette is not None
        rect = self.rect_of(index)
        if index in (self._picked, self._hovered):
            edge = self._palette.why if index == self._picked else None
            ground = self._palette.why_wash if index == self._picked else self._palette.control_hover
            pill(painter, rect.adjusted(1, 1, -1, -1), ground, edge, 5 * self._scale)
        if index < DIGITS:
            left = rect.adjusted(LEFT * self._scale, 0, 0, 0)
            self._text(painter, left, str(index + 1), mono_font(11 * self._scale), "muted")
        strong = mono_font(13 * self._scale, QFont.Weight.Medium)
        fonts = (strong, strong, ui_font(12.5 * self._scale))
        shown = zip(columns, (factor.symbol, factor.value, factor.where), fonts, strict=True)
        for (x, text, font), role in zip(shown, ("why", "text", "muted"), strict=True):
            self._text(painter, rect.adjusted(x, 0, -4, 0), text, font, role)

    def _text(self, painter: QPainter, rect: QRectF, text: str, font: QFont, role: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(str(getattr(self._palette, role))))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
