"""The plots of a stage, painted without pyqtgraph: the curve of a run, and the decision boundary with its examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPolygonF

from nnviz.present.core.palette import Palette
from nnviz.present.runs.boundary import UNDEFINED, UNDEFINED_WORDS, BoundaryPicture, Kind, boundary_ramp, point_colors
from nnviz.present.runs.curve import LossRun, epoch_end, grouped, thin_curve
from nnviz.present.runs.curve_axis import LossAxis, drawn_losses
from nnviz.present.runs.measures import LOSS, held_out_measured, measure_axis, measure_text, measured, value_at
from nnviz.present.stage.plot_sizes import (
    DOT,
    FAINT_LINE,
    LABEL_SIZE,
    LINE,
    OUTLINED,
    PAD,
    RADIUS,
    RING,
    TICKS,
    TITLE_SIZE,
    VALUE_SIZE,
    point_radius,
)
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pen, pill, text_width
from nnviz.render.run_pens import held_out_pen, run_color, run_pen

IMAGE_RADIUS = 6.0  # of the corners of a boundary, at scale 1


def draw_plot_card(
    painter: QPainter, rect: QRectF, title: str, value: str, palette: Palette, scale: float = 1.0
) -> QRectF:
    """Draw a card with a title at the left and a large value at the right; return the room under them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pill(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), palette.card, palette.border, RADIUS * scale)
    inner = rect.adjusted(PAD * scale, PAD * scale * 0.6, -PAD * scale, -PAD * scale * 0.8)
    font = mono_font(VALUE_SIZE * scale, QFont.Weight.Medium)
    heading = QRectF(inner.left(), inner.top(), inner.width(), QFontMetricsF(font).height())
    name = ui_font(TITLE_SIZE * scale, QFont.Weight.DemiBold)
    room = inner.width() - (text_width(font, value) + PAD * scale if value else 0.0)
    shown = QFontMetricsF(name).elidedText(title, Qt.TextElideMode.ElideRight, room)
    vertical = Qt.AlignmentFlag.AlignVCenter
    painter.setPen(QColor(palette.text))
    painter.setFont(name)
    painter.drawText(heading, Qt.AlignmentFlag.AlignLeft | vertical, shown)
    painter.setFont(font)
    painter.drawText(heading, Qt.AlignmentFlag.AlignRight | vertical, value)
    return inner.adjusted(0, heading.height() + PAD * scale * 0.4, 0, 0)


def draw_curve(
    painter: QPainter,
    rect: QRectF,
    runs: tuple[LossRun, ...],
    palette: Palette,
    scale: float = 1.0,
    *,
    measure: str = LOSS,
    log: bool = True,
    marker: int | None = None,
    title: str = "",
    value: str | None = None,
    end: int | None = None,
) -> QRectF:
    """Draw a card with the curves of runs, the first of them on top; return the rectangle of the plot.

    The dot is at the epoch `marker`, or at the end of the first run. `end` is the last epoch of the axis, by default
    a round one. `value` is by default the first run's at the dot.
    """
    at = value_at(runs[0], measure, marker) if runs else None
    text = measure_text(measure, at) if value is None else value
    painter.save()
    room = draw_plot_card(painter, rect, title or measure.capitalize(), text, palette, scale)
    rows = max(1, min(TICKS, int(room.height() / (3.2 * LABEL_SIZE * scale))))
    axis = measure_axis(runs, measure, log, rows)
    last = end or epoch_end(runs, marker or 0)
    plot = _axes(painter, room, axis, last, palette, scale)
    for run in reversed(runs):
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for points, pen_of in ((held_out_measured(run, measure), held_out_pen), (measured(run, measure), run_pen)):
            epochs, values = thin_curve(*points, max(8, 2 * int(plot.width())))
            places = _places(plot, epochs / last, drawn_losses(values, axis), axis)
            painter.setPen(pen_of(palette, run.series, (FAINT_LINE if run.faint else LINE) * scale))
            for piece in _pieces(places):
                painter.drawPolyline(QPolygonF(piece))
    if runs:
        _dot(painter, plot, runs[0], marker=marker, measure=measure, axis=axis, last=last, palette=palette, scale=scale)
    painter.restore()
    return plot


def draw_boundary(
    painter: QPainter,
    rect: QRectF,
    picture: BoundaryPicture | None,
    palette: Palette,
    scale: float = 1.0,
    *,
    example: int | None = None,
    title: str = "Decision boundary",
    value: str = "",
    obstacle: str = "",
) -> QRectF:
    """Draw a card with the decision boundary and its examples, one of them ringed; return the rectangle of the plane.

    Without a picture the card says the `obstacle`.
    """
    painter.save()
    room = draw_plot_card(painter, rect, title, value, palette, scale)
    if picture is None or bool((picture.codes == UNDEFINED).all()):
        painter.setPen(QColor(palette.muted if picture is None else palette.differs))
        painter.setFont(ui_font(TITLE_SIZE * scale))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), obstacle if picture is None else UNDEFINED_WORDS)
        painter.restore()
        return room
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(room, IMAGE_RADIUS * scale, IMAGE_RADIUS * scale)
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    painter.drawImage(room, code_image(picture.codes, picture.plane.kind, palette))
    _points(painter, room, picture, palette, scale)
    if example is not None and example in picture.examples:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(palette.text, 2.0 * scale))
        place = point_place(room, picture, int(np.flatnonzero(picture.examples == example)[0]))
        painter.drawEllipse(place, RING * scale, RING * scale)
    painter.restore()
    painter.restore()
    return room


def code_image(codes: NDArray[np.uint8], kind: Kind, palette: Palette) -> QImage:
    """Return codes of a boundary's ramp, the lowest row first, as an image."""
    colors = np.ascontiguousarray(boundary_ramp(palette, kind)[codes[::-1]])
    height, width = codes.shape
    return QImage(colors.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def point_place(room: QRectF, picture: BoundaryPicture, index: int) -> QPointF:
    """Return the place of a point of a boundary that is drawn in a rectangle."""
    x, y = picture.points[index].tolist()
    return QPointF(room.left() + room.width() * x, room.bottom() - room.height() * y)


def _axes(painter: QPainter, room: QRectF, axis: LossAxis, last: int, palette: Palette, scale: float) -> QRectF:
    """Draw grid lines with their labels, and the ends of the epochs; return the rectangle of the plot."""
    font = mono_font(LABEL_SIZE * scale)
    high = QFontMetricsF(font).height()
    left = max(text_width(font, tick.text) for tick in axis.ticks) + 8 * scale
    plot = room.adjusted(left, high / 2, -(DOT + 2) * scale, -high - 4 * scale)
    painter.setFont(font)
    for tick in axis.ticks:
        y = _places(plot, np.zeros(1), np.array([tick.at]), axis)[0].y()
        painter.setPen(pen(palette.grid, max(1.0, scale)))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(QColor(palette.muted))
        label = QRectF(room.left(), y - high, left - 8 * scale, 2 * high)
        painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick.text)
    foot = QRectF(plot.left(), room.bottom() - high, plot.width(), high)
    words = f"{grouped(last)} epochs"
    if text_width(font, f"0  {words}") > plot.width():
        words = grouped(last)
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "0")
    painter.drawText(foot, Qt.AlignmentFlag.AlignRight, words)
    return plot


def _places(plot: QRectF, shares: NDArray[np.float64], heights: NDArray[np.float64], axis: LossAxis) -> list[QPointF]:
    up = (heights - axis.low) / (axis.high - axis.low)
    x, y = plot.left() + plot.width() * shares, plot.bottom() - plot.height() * up
    return [QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)]


def _pieces(places: list[QPointF]) -> list[list[QPointF]]:
    """Return the parts of a curve between its gaps."""
    pieces: list[list[QPointF]] = [[]]
    for place in places:
        if np.isfinite(place.y()):
            pieces[-1].append(place)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _dot(
    painter: QPainter,
    plot: QRectF,
    run: LossRun,
    *,
    marker: int | None,
    measure: str,
    axis: LossAxis,
    last: int,
    palette: Palette,
    scale: float,
) -> None:
    """Draw the dot on a curve."""
    epochs, values = measured(run, measure)
    if not len(epochs) or (marker is not None and marker > epochs[-1]):
        return
    index = len(epochs) - 1 if marker is None else int(np.searchsorted(epochs, marker))
    place = _places(plot, epochs[index : index + 1] / last, drawn_losses(values[index : index + 1], axis), axis)[0]
    if np.isfinite(place.y()):
        painter.setPen(pen(palette.card, 1.5 * scale))
        painter.setBrush(QColor(run_color(palette, run.series)))
        painter.drawEllipse(place, DOT * scale, DOT * scale)


def _points(painter: QPainter, room: QRectF, picture: BoundaryPicture, palette: Palette, scale: float) -> None:
    """Draw the examples, in the colors of their classes."""
    radius = point_radius(len(picture.points)) * scale
    if len(picture.points) <= OUTLINED:
        painter.setPen(pen(palette.card, 1.5 * scale))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    for index, color in enumerate(point_colors(picture.classes, picture.plane, palette)):
        painter.setBrush(QColor(color))
        painter.drawEllipse(point_place(room, picture, index), radius, radius)
