"""Painting a network's answers in any rectangle: matrix, fit curve, output against target, image, sequence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPolygonF

from nnviz.engine.arrays import FloatArray
from nnviz.present.core.palette import SERIES, Palette, blend
from nnviz.present.runs.network_answers import Answer, Confusion, Fit, InputImage, Scatter, SequenceSeries
from nnviz.present.text.numbers import pretty, short
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import centered_text, pen, text_width

MOST_NUMBERS = 12  # classes whose counts are written
MOST_DOTS = 2000
LARGE_DOTS = 300

_TEXT = 12.0


@dataclass(frozen=True)
class Sheet:
    """Where and how to paint: the rectangle, the colors, and the scale of the type."""

    rect: QRectF
    palette: Palette
    scale: float


@dataclass(frozen=True)
class Axes:
    """A rectangle for data, and the ranges of its two axes."""

    rect: QRectF
    left: float
    right: float
    bottom: float
    top: float
    steps: int = 0  # of time along the x axis; 0 if it is no time

    def place(self, x: float, y: float) -> QPointF:
        """Return the place of a point, on an edge of the rectangle if it is beyond."""
        across = (x - self.left) / (self.right - self.left)
        up = (y - self.bottom) / (self.top - self.bottom)
        across, up = min(max(across, -0.02), 1.02), min(max(up, -0.02), 1.02)
        return QPointF(self.rect.left() + self.rect.width() * across, self.rect.bottom() - self.rect.height() * up)


def paint_answer(painter: QPainter, answer: Answer, sheet: Sheet) -> None:
    """Paint a picture of answers, with its summary in the last line."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale, line = sheet.scale, 18 * sheet.scale
    inner = sheet.rect.adjusted(12 * scale, 2 * scale, -12 * scale, -line - 2 * scale)
    _PAINTERS[type(answer)](painter, answer, Sheet(inner, sheet.palette, scale))
    words = QPointF(sheet.rect.center().x(), sheet.rect.bottom() - line / 2)
    font, room = ui_font(_TEXT * scale), sheet.rect.width() - 8 * scale
    text = QFontMetricsF(font).elidedText(answer.text, Qt.TextElideMode.ElideRight, room)
    centered_text(painter, words, text, font, sheet.palette.muted)


def dots_of(answer: Answer, sheet_rect: QRectF, scale: float) -> list[tuple[int, QPointF]]:
    """Return the examples that have a dot in a picture, with its place; those of other pictures have none."""
    line = 18 * scale
    inner = sheet_rect.adjusted(12 * scale, 2 * scale, -12 * scale, -line - 2 * scale)
    if isinstance(answer, Fit):
        axes = _fit_axes(answer, inner, scale)
        shown = np.linspace(0, len(answer.inputs) - 1, min(len(answer.inputs), MOST_DOTS)).astype(int)
        return [
            (int(index), axes.place(float(answer.inputs[index]), float(target)))
            for index in shown
            for target in answer.targets[index]
            if np.isfinite(target)
        ]
    if isinstance(answer, Scatter):
        axes = _scatter_axes(answer, inner, scale)
        return [
            (int(example), axes.place(float(target), float(output)))
            for example, targets, outputs in zip(answer.which, answer.targets, answer.outputs, strict=True)
            for target, output in zip(targets, outputs, strict=True)
            if np.isfinite(output)
        ][:MOST_DOTS]
    return []


# Confusion matrix


def _paint_confusion(painter: QPainter, found: Confusion, sheet: Sheet) -> None:
    palette, scale, count = sheet.palette, sheet.scale, len(found.labels)
    font = mono_font(_TEXT * scale)
    label = max(text_width(font, text) for text in found.labels) + 10 * scale
    head = 18 * scale
    side = min((sheet.rect.height() - 2 * head) / count, (sheet.rect.width() - 2 * head - label) / (1.6 * count))
    width = min(1.6 * side, 96 * scale)
    if side < 3:
        return
    grid = QRectF(0, 0, width * count, side * count)
    grid.moveCenter(QPointF(sheet.rect.center().x() + (label + head) / 2, sheet.rect.center().y() + head))
    small = ui_font(11 * scale)
    centered_text(painter, QPointF(grid.center().x(), grid.top() - 1.5 * head), "output", small, palette.muted)
    painter.save()
    painter.translate(grid.left() - label - head / 2, grid.center().y())
    painter.rotate(-90)
    centered_text(painter, QPointF(0, 0), "target", small, palette.muted)
    painter.restore()
    rows = found.counts / np.maximum(found.counts.sum(axis=1, keepdims=True), 1)
    skip = max(1, math.ceil(12.5 * scale / side))
    for index, text in enumerate(found.labels):
        if index % skip:
            continue
        middle = (index + 0.5) * side
        at = QPointF(grid.left() - label / 2, grid.top() + middle)
        centered_text(painter, at, text, font, palette.text)
        at = QPointF(grid.left() + (index + 0.5) * width, grid.top() - head / 2)
        centered_text(painter, at, text, font, palette.text)
    written = count <= MOST_NUMBERS and side >= 12 * scale
    inside = mono_font(min(_TEXT * scale, 0.78 * side))
    for row in range(count):
        for column in range(count):
            cell = QRectF(grid.left() + column * width, grid.top() + row * side, width, side)
            share = float(rows[row, column])
            color = palette.matched if row == column else palette.differs
            fill = blend(palette.control, color, 0.75 * share)
            painter.setPen(pen(palette.card, 1.0 if side < 12 * scale else 2.0))
            painter.setBrush(QColor(fill))
            painter.drawRect(cell)
            if written and found.counts[row, column]:
                ink = palette.on_accent if share > 0.55 else palette.text
                centered_text(painter, cell.center(), f"{found.counts[row, column]}", inside, ink)


# Curves and dots


def _axes(rect: QRectF, scale: float, x: tuple[float, float], y: tuple[float, float], steps: int = 0) -> Axes:
    """Return the axes in a rectangle, with room for their labels."""
    return Axes(rect.adjusted(46 * scale, 6 * scale, -8 * scale, -18 * scale), *x, *y, steps)


def _fit_axes(found: Fit, rect: QRectF, scale: float) -> Axes:
    return _axes(rect, scale, (float(found.x[0]), float(found.x[-1])), (found.low, found.high))


def _scatter_axes(found: Scatter, rect: QRectF, scale: float) -> Axes:
    return _axes(rect, scale, (found.low, found.high), (found.low, found.high))


def _paint_frame(painter: QPainter, axes: Axes, sheet: Sheet, words: tuple[str, str]) -> None:
    """Paint the frame of a plot, the ends of its axes, and what they are."""
    palette, scale, rect = sheet.palette, sheet.scale, axes.rect
    painter.setPen(pen(palette.grid))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    font, small = mono_font(11 * scale), ui_font(11 * scale)
    painter.setFont(font)
    painter.setPen(QColor(palette.muted))
    right = Qt.AlignmentFlag.AlignRight
    for value, y in ((axes.top, rect.top()), (axes.bottom, rect.bottom() - 14 * scale)):
        box = QRectF(sheet.rect.left(), y, rect.left() - sheet.rect.left() - 5 * scale, 14 * scale)
        painter.drawText(box, int(right | Qt.AlignmentFlag.AlignVCenter), pretty(short(value, 2)))
    low = rect.bottom() + 3 * scale
    if axes.steps:
        skip = math.ceil(axes.steps * 30 * scale / rect.width())
        for step in range(1, axes.steps + 1, skip):
            centered_text(painter, QPointF(axes.place(step, 0).x(), low + 7 * scale), f"{step}", font, palette.muted)
    else:
        for value, side in ((axes.left, Qt.AlignmentFlag.AlignLeft), (axes.right, right)):
            painter.drawText(QRectF(rect.left(), low, rect.width(), 14 * scale), int(side), pretty(short(value, 2)))
        centered_text(painter, QPointF(rect.center().x(), low + 7 * scale), words[0], small, palette.muted)
    if text_width(small, words[1]) < rect.height() - 2 * 18 * scale:  # or else it would touch the figures
        painter.save()
        painter.translate(rect.left() - 10 * scale, rect.center().y())
        painter.rotate(-90)
        centered_text(painter, QPointF(0, 0), words[1], small, palette.muted)
        painter.restore()


def _color(palette: Palette, index: int) -> str:
    return palette.series[index % SERIES]


def _paint_line(painter: QPainter, axes: Axes, x: FloatArray, y: FloatArray, color: str, width: float) -> None:
    """Paint a curve; it is interrupted where a value is not finite."""
    painter.setPen(pen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    places: list[QPointF] = []
    for across, up in zip(x, y, strict=True):
        if np.isfinite(up):
            places.append(axes.place(float(across), float(up)))
        elif places:
            painter.drawPolyline(QPolygonF(places))
            places = []
    painter.drawPolyline(QPolygonF(places))


def _paint_dots(
    painter: QPainter, dots: list[tuple[int, QPointF]], sheet: Sheet, example: int, outputs: int, first: int = 0
) -> None:
    """Paint the dots of examples, in the colors of the outputs; those of the stepped example have a ring."""
    scale = sheet.scale
    radius = (4.5 if len(dots) <= LARGE_DOTS else 2.0) * scale
    for index, (_, place) in enumerate(dots):
        painter.setPen(pen(sheet.palette.card, 1.2 * scale))
        painter.setBrush(QColor(_color(sheet.palette, first + index % outputs)))
        painter.drawEllipse(place, radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(sheet.palette.text, 2.0 * scale))
    for at, place in dots:
        if at == example:
            painter.drawEllipse(place, radius + 4 * scale, radius + 4 * scale)


def _whole(sheet: Sheet) -> QRectF:
    """Return the rectangle of the whole picture, from which `paint_answer` has cut this one."""
    scale = sheet.scale
    return sheet.rect.adjusted(-12 * scale, -2 * scale, 12 * scale, 20 * scale)


def _paint_fit(painter: QPainter, found: Fit, sheet: Sheet) -> None:
    axes = _fit_axes(found, sheet.rect, sheet.scale)
    _paint_frame(painter, axes, sheet, ("input", "output"))
    outputs = found.y.shape[1]
    _paint_dots(painter, dots_of(found, _whole(sheet), sheet.scale), sheet, found.example, outputs)
    painter.setClipRect(axes.rect)
    for index in range(outputs):
        _paint_line(painter, axes, found.x, found.y[:, index], _color(sheet.palette, index), 2.2 * sheet.scale)
    painter.setClipping(False)


def _paint_scatter(painter: QPainter, found: Scatter, sheet: Sheet) -> None:
    axes = _scatter_axes(found, sheet.rect, sheet.scale)
    _paint_frame(painter, axes, sheet, ("target", "output"))
    painter.setPen(pen(sheet.palette.faint, 1.0, Qt.PenStyle.DashLine))
    painter.drawLine(axes.place(found.low, found.low), axes.place(found.high, found.high))
    outputs = found.outputs.shape[1]
    _paint_dots(painter, dots_of(found, _whole(sheet), sheet.scale), sheet, found.example, outputs)


# Image


def _paint_image(painter: QPainter, found: InputImage, sheet: Sheet) -> None:
    side = len(found.pixels)
    dark, light = (
        (sheet.palette.card, sheet.palette.text) if sheet.palette.dark else (sheet.palette.text, sheet.palette.card)
    )
    ramp = np.array([[*bytes.fromhex(blend(dark, light, level / 255)[1:])] for level in range(256)], dtype=np.uint8)
    levels = np.clip(np.nan_to_num(found.pixels) * 255, 0, 255).astype(np.uint8)
    colors = np.ascontiguousarray(ramp[levels])
    image = QImage(colors.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888)
    size = min(sheet.rect.width(), sheet.rect.height())
    frame = QRectF(0, 0, size, size)
    frame.moveCenter(sheet.rect.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(frame, image)
    painter.setPen(pen(sheet.palette.border))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame)


# Sequence


def _paint_sequence(painter: QPainter, found: SequenceSeries, sheet: Sheet) -> None:
    palette, scale, steps = sheet.palette, sheet.scale, len(found.inputs)
    legend = 20 * scale
    room = sheet.rect.adjusted(0, legend, 0, 0)
    axes = _axes(room, scale, (0.5, steps + 0.5), (found.low, found.high), steps)
    _paint_frame(painter, axes, sheet, ("", "value"))
    x = np.arange(1, steps + 1, dtype=np.float64)
    rows = (("input", found.inputs, 0), ("target", found.targets, 1), ("output", found.outputs, 2))
    colors = (palette.muted, palette.matched, palette.forward)
    for _, series, which in rows:
        for index in range(series.shape[1]):
            _paint_line(painter, axes, x, series[:, index], blend(palette.card, colors[which], 0.6), 1.4 * scale)
            for step in range(steps):
                if np.isfinite(series[step, index]):
                    place = axes.place(float(x[step]), float(series[step, index]))
                    _mark(painter, place, which, colors[which], sheet)
    left, font = axes.rect.left() + 4 * scale, ui_font(11.5 * scale, QFont.Weight.Medium)
    y = sheet.rect.top() + legend / 2
    for words, _, which in rows:
        _mark(painter, QPointF(left + 5 * scale, y), which, colors[which], sheet)
        width = text_width(font, words)
        centered_text(painter, QPointF(left + 15 * scale + width / 2, y), words, font, palette.text)
        left += width + 34 * scale


def _mark(painter: QPainter, place: QPointF, which: int, color: str, sheet: Sheet) -> None:
    """Paint the mark of a value: a square for inputs, a ring for targets, a dot for outputs."""
    size = 4.5 * sheet.scale
    painter.setPen(pen(color, 2.0 * sheet.scale if which == 1 else 1.0))
    painter.setBrush(QColor(sheet.palette.card if which == 1 else color))
    if which == 0:
        path = QPainterPath()
        path.addRect(QRectF(place.x() - size * 0.8, place.y() - size * 0.8, 1.6 * size, 1.6 * size))
        painter.drawPath(path)
    else:
        radius = size * (1.35 if which == 1 else 0.8)
        painter.drawEllipse(place, radius, radius)


_PAINTERS: dict[type[Answer], Callable[[QPainter, Any, Sheet], None]] = {
    Confusion: _paint_confusion,
    Fit: _paint_fit,
    Scatter: _paint_scatter,
    InputImage: _paint_image,
    SequenceSeries: _paint_sequence,
}
