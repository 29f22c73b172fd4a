"""Chips: short verdicts on printed results, as rounded labels that wrap to the next line."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.words.card import Chip
from nnviz.render.fonts import ui_font
from nnviz.render.paint import centered_text, pill, text_width

_ROLES = {"exact": "matched", "convention": "convention", "differs": "differs", "ailing": "differs"}


class ChipRow(QWidget):
    """A row of chips from left to right; hidden if there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: tuple[Chip, ...] = ()
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        """Show other chips."""
        self._chips = chips
        self.setVisible(bool(chips))
        self.setAccessibleName(". ".join(chip.text for chip in chips))
        self._relayout()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._relayout()

    def _font(self) -> QFont:
        return ui_font(12 * self._scale, QFont.Weight.DemiBold)

    def _places(self) -> list[tuple[QRectF, Chip]]:
        x, y, height = 30.0, 3.0, 22.0 * self._scale
        places = []
        for chip in self._chips:
            width = text_width(self._font(), chip.text) + 24 * self._scale
            if x > 30.0 and x + width > self.width():
                x, y = 30.0, y + height + 4
            places.append((QRectF(x, y, width, height), chip))
            x += width + 6
        return places

    def _relayout(self) -> None:
        places = self._places()
        self.setFixedHeight(int(places[-1][0].bottom() + 3) if places else 0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._relayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect, chip in self._places():
            role = _ROLES[chip.state]
            pill(painter, rect, str(getattr(self._palette, f"{role}_wash")))
            centered_text(painter, rect.center(), chip.text, self._font(), str(getattr(self._palette, role)))
        painter.end()
