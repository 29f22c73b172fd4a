"""The slice of the loss surface, painted: bands of colour, the path of the run, the present weights, and a readout."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import grouped, loss_text
from nnviz.present.runs.loss_surface import LossSurface, loss_near, nearest_update, surface_codes, surface_colors
from nnviz.present.text.numbers import pretty
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import centered_text, pen, pill, text_width

LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 8.0, 34.0  # the margins of the plane, logical pixels at scale 1


class SurfacePlot(QWidget):
    """The plane of two weights; `update_asked(int)` is emitted on a click, with the nearest update of the path."""

    update_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surface: LossSurface | None = None
        self.names = ("", "")
        self._image = QImage()
        self._empty = ""
        self._hover: QPointF | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setMouseTracking(True)
        self.setAccessibleName("Loss surface")

    def show_surface(self, surface: LossSurface, names: tuple[str, str]) -> None:
        """Show a surface over two weights of these names."""
        self.surface, self.names = surface, names
        self._color()

    def show_words(self, words: str) -> None:
        """Show words over the plane; empty words end that."""
        self._empty = words
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._color()

    def place_of(self, x: float, y: float) -> QPointF:
        """Return where two weights are painted."""
        assert self.surface is not None
        frame, xs, ys = self._frame(), self.surface.xs, self.surface.ys
        across, up = (x - xs[0]) / (xs[-1] - xs[0]), (y - ys[0]) / (ys[-1] - ys[0])
        return QPointF(frame.left() + frame.width() * across, frame.bottom() - frame.height() * up)

    def weights_at(self, place: QPointF) -> tuple[float, float]:
        """Return the two weights at a place, the inverse of `place_of`."""
        assert self.surface is not None
        frame, xs, ys = self._frame(), self.surface.xs, self.surface.ys
        across = (place.x() - frame.left()) / frame.width()
        up = (frame.bottom() - place.y()) / frame.height()
        return float(xs[0] + (xs[-1] - xs[0]) * across), float(ys[0] + (ys[-1] - ys[0]) * up)

    def _frame(self) -> QRectF:
        scale = self._scale
        room = QRectF(self.rect()).adjusted(LEFT * scale, TOP * scale, -RIGHT * scale, -BOTTOM * scale)
        return QRectF(room.left(), room.top(), max(room.width(), 1.0), max(room.height(), 1.0))

    def _color(self) -> None:
        if self.surface is not None and self._palette is not None:
            colors = np.ascontiguousarray(surface_colors(self._palette)[surface_codes(self.surface.losses)[::-1]])
            high, wide = self.surface.losses.shape
            self._image = QImage(colors.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, surface = self._palette, self.surface
        if palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if surface is not None:
            half = self._cell(surface)
            painter.drawImage(self._frame().adjusted(-half.x(), -half.y(), half.x(), half.y()), self._image)
            self._paint_axes(painter, palette, surface)
            self._paint_path(painter, palette, surface)
            if self._hover is not None and self._frame().contains(self._hover):
                self._paint_readout(painter, palette, surface, self._hover)
        if self._empty:
            font = ui_font(13 * self._scale)
            width = text_width(font, self._empty) + 20 * self._scale
            patch = QRectF(0, 0, width, 26 * self._scale)
            patch.moveCenter(self._frame().center())
            pill(painter, patch, palette.card, palette.border, 6 * self._scale)
            centered_text(painter, patch.center(), self._empty, font, palette.muted)
        painter.end()

    def _cell(self, surface: LossSurface) -> QPointF:
        """Return half of a cell: the losses are those of the cells' middles."""
        rows, columns = surface.losses.shape
        return QPointF(self._frame().width() / (columns - 1) / 2, self._frame().height() / (rows - 1) / 2)

    def _paint_axes(self, painter: QPainter, palette: Palette, surface: LossSurface) -> None:
        frame, scale, font = self._frame(), self._scale, mono_font(11 * self._scale)
        painter.setFont(font)
        painter.setPen(QColor(palette.muted))
        foot = frame.bottom() + 19 * scale
        low, high = (pretty(f"{value:.3g}") for value in (surface.xs[0], surface.xs[-1]))
        painter.drawText(QPointF(frame.left(), foot), low)
        painter.drawText(QPointF(frame.right() - text_width(font, high), foot), high)
        side = QRectF(0, frame.top(), frame.left() - 8 * scale, frame.height())
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(side, int(right | Qt.AlignmentFlag.AlignTop), pretty(f"{surface.ys[-1]:.3g}"))
        painter.drawText(side, int(right | Qt.AlignmentFlag.AlignBottom), pretty(f"{surface.ys[0]:.3g}"))
        names = ui_font(12 * scale)
        centered_text(painter, QPointF(frame.center().x(), foot - 4 * scale), self.names[0], names, palette.text)
        painter.setFont(names)
        painter.setPen(QColor(palette.text))
        painter.drawText(side, int(right | Qt.AlignmentFlag.AlignVCenter), self.names[1])

    def _paint_path(self, painter: QPainter, palette: Palette, surface: LossSurface) -> None:
        scale = self._scale
        painter.save()
        painter.setClipRect(self._frame())
        path = [self.place_of(x, y) for x, y in surface.path.tolist()]
        for color, width in ((palette.card, 4.5), (palette.text, 1.75)):
            painter.setPen(pen(color, width * scale**0.5))
            painter.drawPolyline(QPolygonF(path))
        painter.setBrush(QColor(palette.card))
        if path:
            painter.drawEllipse(path[0], 4 * scale, 4 * scale)
        painter.setPen(pen(palette.card, 2.0))
        painter.setBrush(QColor(palette.series[1]))
        if np.isfinite(surface.here).all():
            painter.drawEllipse(self.place_of(*surface.here), 6 * scale, 6 * scale)
        painter.restore()

    def _paint_readout(self, painter: QPainter, palette: Palette, surface: LossSurface, at: QPointF) -> None:
        x, y = self.weights_at(at)
        text = f"{x:.3g}, {y:.3g}  loss {loss_text(loss_near(surface, x, y))}"
        font, scale = mono_font(12 * self._scale), self._scale
        size = QRectF(0, 0, text_width(font, pretty(text)) + 16 * scale, 22 * scale)
        size.moveTopRight(self._frame().topRight() + QPointF(-4, 4))
        pill(painter, size, palette.card, palette.border, 5 * scale)
        centered_text(painter, size.center(), pretty(text), font, palette.text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        surface = self.surface
        if event.button() == Qt.MouseButton.LeftButton and surface is not None and len(surface.updates):
            self.update_asked.emit(nearest_update(surface, *self.weights_at(event.position())))


def surface_text(surface: LossSurface, names: tuple[str, str]) -> str:
    """Return a surface in words."""
    finite = surface.losses[np.isfinite(surface.losses)]
    least = loss_text(float(finite.min())) if finite.size else "unknown"
    return (
        f"Loss over {names[0]} and {names[1]}: {loss_text(surface.loss)} here, {least} at the lowest computed place;"
        f" the path has {grouped(len(surface.updates))} points"
    )
