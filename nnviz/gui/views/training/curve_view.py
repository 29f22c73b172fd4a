"""The view of the loss curves, drawn with pyqtgraph; only this file and `plane_view` import it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from nnviz.engine.arrays import FloatArray
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun, Points, epoch_end, grouped, thin_curve
from nnviz.present.runs.curve_axis import LossAxis, drawn_losses
from nnviz.present.runs.measures import (
    LOSS,
    both_text,
    held_out_at,
    held_out_measured,
    measure_axis,
    measure_text,
    measured,
    value_at,
)
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import centered_text, pen, pill, text_width
from nnviz.render.run_pens import held_out_pen, run_color, run_pen

MOST_POINTS = 2000  # of all curves
GROWING_POINTS = 800  # while they grow, because antialiased lines are slow
REST_MS = 300  # without changes until curves have all their points

_LINE, _FAINT_LINE = 2.25, 1.75  # widths of a curve


class CurveView(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph is not typed
    """The curves as one item each, in pixels; grid and labels as background, marker and readout as foreground."""

    epoch_clicked = Signal(int)
    epoch_hovered = Signal(object)  # an int, or None when the mouse leaves

    def __init__(self, parent: QWidget | None = None, empty: str = "", unit: str = "epoch") -> None:
        super().__init__(parent, background=None)
        self._empty = empty  # shown while there are no runs
        self._unit = unit  # of the runs' epochs, which may be updates
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(self.CacheModeFlag(0))
        self.log = True
        self.measure = LOSS
        self.scale_factor = 1.0
        self._runs: tuple[LossRun, ...] = ()
        self._marker = 0
        self._hover: float | None = None
        self._palette: Palette | None = None
        self._axis: LossAxis = measure_axis((), LOSS, True)
        self._end = epoch_end(())
        self._plot = QRectF()
        self._curves: list[pg.PlotCurveItem] = []
        self._held_out: list[pg.PlotCurveItem] = []
        self._rest = QTimer(self)
        self._rest.setInterval(REST_MS)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._on_rest)

    @property
    def points_drawn(self) -> int:
        """The number of points of all curves."""
        return sum(0 if curve.xData is None else len(curve.xData) for curve in (*self._curves, *self._held_out))

    @property
    def held_out_drawn(self) -> int:
        """The number of curves of examples held out."""
        return sum(curve.xData is not None and len(curve.xData) > 0 for curve in self._held_out)

    @property
    def axis(self) -> LossAxis:
        """The axis of the loss, or of another measure, as it is drawn."""
        return self._axis

    def set_log(self, log: bool) -> None:
        """Use a log or a linear scale."""
        self.log = log
        self._arrange()

    def set_empty(self, words: str) -> None:
        """Set the words that are shown while there are no runs."""
        self._empty = words

    def set_measure(self, measure: str) -> None:
        """Show another measure of the runs."""
        self.measure = measure
        self._arrange()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self.scale_factor = palette, scale
        self.setBackground(palette.card)
        self._arrange()

    def show_runs(self, runs: tuple[LossRun, ...], marker: int) -> None:
        """Show runs; those that are not `faint` come first, and have a dot at the marker."""
        self._runs, self._marker = tuple(run for run in runs if len(run.epochs) and run.shown), marker
        self._arrange()
        if self._runs:
            self._rest.start()

    def point_of(self, epoch: float, loss: float) -> QPointF:
        """Return the position at which a value, such as a loss, is drawn."""
        height = float(drawn_losses(np.array([loss]), self._axis)[0])
        return QPointF(self._x(epoch), float(self._y(np.array([height]))[0]))

    def _on_rest(self) -> None:
        self._draw_curves(MOST_POINTS)

    def _arrange(self) -> None:
        """Compute axes and layout, and draw everything."""
        if self._palette is None or self.closed:
            return
        rows = max(2, int(self.height() / (34 * self.scale_factor)))
        self._axis = measure_axis(self._runs, self.measure, self.log, min(5, rows))
        self._end = epoch_end(self._runs, self._marker)
        factor = self.scale_factor
        labels = max(text_width(self._label_font(), tick.text) for tick in self._axis.ticks)
        left = 12 * factor + max(labels, 28 * factor) + 8 * factor
        room = QRectF(0, 0, self.width(), self.height())
        self._plot = room.adjusted(left, 12 * factor, -14 * factor, -32 * factor)
        self._draw_curves(GROWING_POINTS)

    def _draw_curves(self, points: int) -> None:
        if self._palette is None or self.closed:
            return
        held_out = [run for run in self._runs if len(held_out_measured(run, self.measure)[0])]
        most = max(4, min(points // max(1, len(self._runs) + len(held_out)), 2 * int(self._plot.width())))
        self._draw(self._curves, self._runs, measured, run_pen, most)
        self._draw(self._held_out, held_out, held_out_measured, held_out_pen, most)
        self.viewport().update()

    def _draw(
        self,
        curves: list[pg.PlotCurveItem],
        runs: Sequence[LossRun],
        points_of: Callable[[LossRun, str], Points],
        pen_of: Callable[[Palette, int, float], QPen],
        most: int,
    ) -> None:
        """Draw one kind of curve of some runs in its items, of which more are made as needed."""
        assert self._palette is not None
        while len(curves) < len(runs):
            curve = pg.PlotCurveItem(connect="finite")
            curve.setZValue(-len(curves))
            self.scene().addItem(curve)
            curves.append(curve)
        for curve, run in zip(curves, runs, strict=False):
            epochs, values = thin_curve(*points_of(run, self.measure), most)
            width = _FAINT_LINE if run.faint else _LINE
            curve.setPen(pen_of(self._palette, run.series, width * self.scale_factor**0.5))
            curve.setData(
                self._plot.left() + self._plot.width() * epochs / self._end,
                self._y(drawn_losses(values, self._axis)),
                antialias=True,
            )
        for curve in curves[len(runs) :]:
            curve.setData([], [])

    def _label_font(self) -> QFont:
        return mono_font(12 * self.scale_factor)

    def _x(self, epoch: float) -> float:
        return self._plot.left() + self._plot.width() * epoch / self._end

    def _y(self, heights: FloatArray) -> FloatArray:
        low, high = self._axis.low, self._axis.high
        return self._plot.bottom() - self._plot.height() * (heights - low) / (high - low)

    def _epoch_at(self, x: float) -> int:
        share = (x - self._plot.left()) / max(1.0, self._plot.width())
        return max(0, min(round(share * self._end), max(run.last_epoch for run in self._runs)))

    def _paint_grid(self, painter: QPainter, palette: Palette) -> None:
        font, ascent = self._label_font(), self.scale_factor * 4.5
        painter.setFont(font)
        for tick in self._axis.ticks:
            y = round(float(self._y(np.array([tick.at]))[0])) + 0.5
            painter.setPen(pen(palette.grid))
            painter.drawLine(QPointF(self._plot.left(), y), QPointF(self._plot.right(), y))
            painter.setPen(QColor(palette.faint))
            painter.drawText(QPointF(12 * self.scale_factor, y + ascent), tick.text)
        if not self._runs:
            return
        foot = self._plot.bottom() + 24 * self.scale_factor
        end = f"{grouped(self._end)} {self._unit}s"
        if text_width(font, f"0  {end}") > self._plot.width():
            end = grouped(self._end)
        painter.drawText(QPointF(self._plot.left(), foot), "0")
        painter.drawText(QPointF(self._plot.right() - text_width(font, end), foot), end)

    def _paint_marker(self, painter: QPainter, palette: Palette) -> None:
        x = round(self._x(self._marker)) + 0.5
        painter.setPen(pen(palette.muted, 1.0))
        painter.drawLine(QPointF(x, self._plot.top() - 4), QPointF(x, self._plot.bottom()))
        for run in reversed(self._runs):
            if not run.faint:
                self._paint_dot(painter, run, self._marker, palette, exact=True)

    def _paint_dot(self, painter: QPainter, run: LossRun, epoch: int, palette: Palette, exact: bool = False) -> None:
        """Paint a dot on a curve at an epoch or the next known one; `exact` paints none outside the curve."""
        epochs, values = measured(run, self.measure)
        if not len(epochs) or epoch > epochs[-1] or (exact and epoch < epochs[0]):
            return
        index = int(np.searchsorted(epochs, epoch))
        place = self.point_of(float(epochs[index]), float(values[index]))
        if np.isfinite(place.y()):
            painter.setPen(pen(palette.card, 2.0))
            painter.setBrush(QColor(run_color(palette, run.series)))
            painter.drawEllipse(place, 5 * self.scale_factor, 5 * self.scale_factor)

    def _paint_hover(self, painter: QPainter, palette: Palette) -> None:
        assert self._hover is not None
        epoch = self._known_epoch(self._hover)
        x = round(self._x(epoch)) + 0.5
        painter.setPen(pen(palette.faint, 1.0, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, self._plot.top()), QPointF(x, self._plot.bottom()))
        for run in reversed(self._runs):
            self._paint_dot(painter, run, epoch, palette)
        text = f"{self._unit} {grouped(epoch)}"
        if len(self._runs) == 1:  # with more runs, the legend shows the values
            text = f"{text}  {both_text(self._runs[0], self.measure, epoch)}"
        font = mono_font(12 * self.scale_factor, QFont.Weight.Medium)
        width, height = text_width(font, text) + 16 * self.scale_factor, 22 * self.scale_factor
        rect = QRectF(self._plot.right() - width, self._plot.top() - 4, width, height)
        pill(painter, rect, palette.card, palette.border, 5 * self.scale_factor)
        centered_text(painter, rect.center(), text, font, palette.text)

    def _paint_key(self, painter: QPainter, palette: Palette) -> None:
        """Paint what the two lines of the present run are, with their values at the marker, or else the last ones."""
        run = self._runs[0]
        if run.faint or held_out_at(run, self.measure) is None:
            return
        at = self._marker if held_out_at(run, self.measure, self._marker) is not None else None
        scale, font = self.scale_factor, mono_font(12 * self.scale_factor)
        x, y = self._plot.right(), self._plot.top() + 4 * scale
        for word, value, pen_of in (
            ("held out", held_out_at(run, self.measure, at), held_out_pen),
            ("train", value_at(run, self.measure, at), run_pen),
        ):
            text = f"{word} {measure_text(self.measure, value)}"
            width, line = text_width(font, text), 22 * scale
            patch = QRectF(x - width - line - 8 * scale, y - 9 * scale, width + line + 8 * scale, 18 * scale)
            painter.fillRect(patch, QColor(palette.card))
            painter.setPen(pen_of(palette, run.series, _LINE * scale**0.5))
            painter.drawLine(QPointF(patch.left(), y), QPointF(patch.left() + line, y))
            painter.setFont(font)
            painter.setPen(QColor(palette.text))
            painter.drawText(QPointF(patch.left() + line + 5 * scale, y + 4.5 * scale), text)
            x = patch.left() - 10 * scale

    def _known_epoch(self, x: float) -> int:
        """Return the epoch at a position, or the next one with a known loss of the first run."""
        epoch, epochs = self._epoch_at(x), self._runs[0].epochs
        return epoch if epoch > epochs[-1] else int(epochs[np.searchsorted(epochs, epoch)])

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        if self._palette is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_grid(painter, self._palette)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        if self._palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._runs:
            # on a patch in the card's colour, so that no grid line crosses the text
            font = ui_font(13 * self.scale_factor)
            size = QRectF(0, 0, text_width(font, self._empty) + 20 * self.scale_factor, 24 * self.scale_factor)
            size.moveCenter(self._plot.center())
            painter.fillRect(size, QColor(self._palette.card))
            centered_text(painter, self._plot.center(), self._empty, font, self._palette.muted)
            return
        self._paint_marker(painter, self._palette)
        if self._hover is None:
            self._paint_key(painter, self._palette)
        else:
            self._paint_hover(painter, self._palette)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_curves"):  # pyqtgraph resizes during construction
            self._arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._runs:
            first = self._runs[0]
            self.epoch_clicked.emit(min(self._epoch_at(event.position().x()), first.last_epoch))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position().x()
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if self._runs else Qt.CursorShape.ArrowCursor)
        self.viewport().update()
        self.epoch_hovered.emit(self._known_epoch(self._hover) if self._runs else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.viewport().update()
        self.epoch_hovered.emit(None)
