"""A row of exclusive choices, drawn as joined segments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.gui.kit.hover_box import hide_details, show_details, shows_details
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font
from nnviz.render.paint import centered_text, pill, text_width


class Segments(QWidget):
    """A choice among a few words; `chosen(index)` is emitted when the user picks another by mouse or arrow keys.

    A `compact` one is as high as a line of small type.
    """

    chosen = Signal(int)

    def __init__(
        self, words: Sequence[str], tips: Sequence[str] = (), parent: QWidget | None = None, compact: bool = False
    ) -> None:
        super().__init__(parent)
        self._compact = compact
        self._words = tuple(words)
        self._tips = tuple(tips)
        self._current = 0
        self._hinted: int | None = None  # the segment under the mouse
        self._palette: Palette | None = None
        self._scale = 1.0
        self._widths = self._measured()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_current(self, index: int) -> None:
        """Set the current segment, without emitting a signal."""
        if index != self._current:
            self._current = index
            self.update()
        self.setAccessibleDescription(self._words[index])

    def set_words(self, words: Sequence[str], tips: Sequence[str] = ()) -> None:
        """Set other words; the first is current."""
        self._words, self._tips, self._current = tuple(words), tuple(tips), 0
        self._widths = self._measured()
        self.setAccessibleDescription(self._words[0])
        self.updateGeometry()
        self.update()

    def current(self) -> int:
        """Return the index of the current segment."""
        return self._current

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._widths = self._measured()
        self.updateGeometry()
        self.update()

    def center_of(self, index: int) -> QPointF:
        """Return the center of a segment."""
        return self._rects()[index].center()

    def _font(self, on: bool) -> QFont:
        weight = QFont.Weight.DemiBold if on else QFont.Weight.Normal
        return ui_font((11 if self._compact else 13) * self._scale, weight)

    def _measured(self) -> list[float]:
        """Return the widths of the segments; a layout asks for them many times."""
        font, pad = self._font(True), (14 if self._compact else 24) * self._scale
        return [text_width(font, word) + pad for word in self._words]

    def _rects(self) -> list[QRectF]:
        x = inset = (1.0 if self._compact else 2.0) * self._scale
        rects = []
        for width in self._widths:
            rects.append(QRectF(x, inset, width, self.height() - 2 * inset))
            x += width
        return rects

    def _index_at(self, point: QPointF) -> int | None:
        return next((index for index, rect in enumerate(self._rects()) if rect.contains(point)), None)

    def sizeHint(self) -> QSize:
        height = 19 if self._compact else 32
        return QSize(int(self._rects()[-1].right() + 2 * self._scale) + 1, round(height * self._scale))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index not in (None, self._current) and self._allows(index):
            self.chosen.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is None or index >= len(self._tips):
            hide_details(self)
        elif index != self._hinted or not shows_details(self):
            show_details(self, self._tips[index], [self.rect()])
        self._hinted = index

    def leaveEvent(self, event: QEvent) -> None:
        hide_details(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and 0 <= self._current + step < len(self._words) and self._allows(self._current + step):
            self.chosen.emit(self._current + step)
        elif not step:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = (5.0 if self._compact else 7.0) * self._scale
        ring = self._palette.forward if self.hasFocus() else self._palette.control_edge
        pill(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._palette.control, ring, radius)
        for index, (word, rect) in enumerate(zip(self._words, self._rects(), strict=True)):
            on = index == self._current
            if on:
                pill(painter, rect, self._palette.control_active, self._palette.border, radius - 2)
            color = self._palette.control_text if on else self._palette.muted
            self._word(painter, index, rect, word, color if self._allows(index) or on else self._palette.faint)
        painter.end()

    def _allows(self, index: int | None) -> bool:
        """Return whether a segment can be chosen."""
        return True

    def _word(self, painter: QPainter, index: int, rect: QRectF, word: str, color: str) -> None:
        centered_text(painter, rect.center(), word, self._font(index == self._current), color)
