"""A painted row for each layer: its line and word, the norm of its gradient, and the distributions of its numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import loss_text
from nnviz.present.runs.layer_norms import Distribution, layer_name
from nnviz.present.text.numbers import pretty
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pen
from nnviz.render.run_pens import run_color, run_pen

HEADING, ROW = 22.0, 46.0  # heights, logical pixels at scale 1
LEFT, LINE, NAMES, GAP = 12.0, 22.0, 92.0, 16.0
COLUMNS = ("gradient norm", "weights", "activations")


class LayerTable(QWidget):
    """The layers from the first to the last; a distribution has its lowest and highest number under it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weights: tuple[Distribution, ...] = ()
        self.activations: tuple[Distribution, ...] = ()
        self.norms: tuple[float | None, ...] = ()
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Layers")

    def show_numbers(self, weights: tuple[Distribution, ...], activations: tuple[Distribution, ...]) -> None:
        """Show the distributions of a pass."""
        self.weights, self.activations = weights, activations
        self._fit()

    def show_norms(self, norms: tuple[float | None, ...]) -> None:
        """Show a norm for each layer, or none."""
        self.norms = norms
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(round((HEADING + ROW * len(self.weights)) * self._scale))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, palette = self._scale, self._palette
        left = (LEFT + NAMES + GAP) * scale
        width = max(1.0, (self.width() - left - (LEFT + GAP) * scale) / 2)
        columns = (left, left + width + GAP * scale)
        painter.setFont(ui_font(11.5 * scale, QFont.Weight.Medium))
        painter.setPen(QColor(palette.muted))
        for x, words in zip((LEFT * scale, *columns), COLUMNS, strict=True):
            painter.drawText(QPointF(x, 14 * scale), words)
        for layer in range(len(self.weights)):
            top = (HEADING + layer * ROW) * scale
            self._paint_name(painter, palette, layer, top)
            for x, numbers in zip(columns, (self.weights[layer], self.activations[layer]), strict=True):
                self._paint_bars(painter, palette, layer, QRectF(x, top, width, ROW * scale), numbers)
        painter.end()

    def _paint_name(self, painter: QPainter, palette: Palette, layer: int, top: float) -> None:
        scale, left = self._scale, LEFT * self._scale
        middle = top + 10 * scale
        painter.setPen(run_pen(palette, layer, 2.25 * scale**0.5))
        painter.drawLine(QPointF(left, middle), QPointF(left + LINE * scale, middle))
        painter.setPen(QColor(palette.text))
        painter.setFont(ui_font(12.5 * scale, QFont.Weight.Medium))
        painter.drawText(QPointF(left + (LINE + 6) * scale, middle + 4.5 * scale), layer_name(layer))
        painter.setFont(mono_font(12 * scale))
        norm = self.norms[layer] if layer < len(self.norms) else None
        painter.drawText(QPointF(left, middle + 22 * scale), loss_text(norm))

    def _paint_bars(self, painter: QPainter, palette: Palette, layer: int, room: QRectF, numbers: Distribution) -> None:
        scale = self._scale
        plot = room.adjusted(0, 2 * scale, 0, -17 * scale)
        painter.setPen(pen(palette.grid))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        most = int(numbers.counts.max())
        painter.setPen(QColor(palette.faint))
        painter.setFont(mono_font(10.5 * scale))
        words = plot.adjusted(0, plot.height() + 1, 0, 14 * scale)
        if not most:
            painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft), "no finite number")
            return
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft), pretty(f"{numbers.low:.3g}"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignRight), pretty(f"{numbers.high:.3g}"))
        step = plot.width() / len(numbers.counts)
        color = QColor(run_color(palette, layer))
        for place, count in enumerate(numbers.counts.tolist()):
            height = plot.height() * count / most
            painter.fillRect(QRectF(plot.left() + place * step, plot.bottom() - height, step * 0.86, height), color)
