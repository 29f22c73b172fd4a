"""The view of the decision boundary, drawn with pyqtgraph; only this file and `curve_view` import it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath, QResizeEvent
from PySide6.QtWidgets import QWidget

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import Network
from nnviz.engine.passes import predict
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.palette import Palette
from nnviz.present.runs.boundary import (
    UNDEFINED,
    UNDEFINED_WORDS,
    Plane,
    boundary_codes,
    boundary_ramp,
    boundary_values,
    make_plane,
    point_classes,
    point_colors,
)
from nnviz.present.text.numbers import fixed, pretty, separator, short
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import centered_text, pen, pill, text_width

MOST_DOTS = 2000
LARGE_DOTS = 300  # examples up to which dots are large and outlined
REACH = 12.0  # logical pixels around a dot that belong to it


class PlaneView(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph is not typed
    """The plane as one image and all dots as one item, in pixels; rounded corners and readout are foreground.

    `example_clicked(int)` is emitted when a dot is clicked. While points are drawn, `point_added(x, y)`,
    `point_moved(int, x, y)` and `point_removed(int)` are emitted instead, with inputs of the network.
    """

    example_clicked = Signal(int)
    point_added = Signal(float, float)
    point_moved = Signal(int, float, float)
    point_removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(self.CacheModeFlag(0))
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.scale_factor = 1.0
        self.size_drawn = 0
        self._palette: Palette | None = None
        self._lesson: Lesson | None = None
        self._plane: Plane | None = None
        self._network: Network | None = None
        self._obstacle = ""
        self._undefined = False  # true if every output is NaN
        self._example = 0
        self._hover: QPointF | None = None
        self._draws = False
        self._held: int | None = None  # the example that is dragged
        self._shown = np.zeros(0, dtype=np.int64)  # the examples that have a dot
        self._image = pg.ImageItem(axisOrder="row-major")
        self._dots = pg.ScatterPlotItem(pxMode=True)
        for item in (self._image, self._dots):
            self.scene().addItem(item)

    @property
    def dots_drawn(self) -> int:
        """The number of examples with a dot."""
        return len(self._shown)

    def show_lesson(self, lesson: Lesson | None, obstacle: str) -> None:
        """Show a lesson's examples, or why there is no boundary."""
        self._lesson, self._obstacle = lesson, obstacle
        self._plane = None if lesson is None else make_plane(lesson.dataset)
        self._undefined = False
        self._network = None
        self._image.clear()
        if lesson is None:
            self._shown = np.zeros(0, dtype=np.int64)
        else:
            count = len(lesson.dataset)
            self._shown = np.linspace(0, count - 1, min(count, MOST_DOTS)).astype(np.int64)
        self._arrange()

    def ring(self, example: int) -> None:
        """Mark the current example with a ring."""
        if example != self._example:
            self._example = example
            self.viewport().update()

    def show_network(self, network: Network, size: int) -> None:
        """Show a network's outputs in `size` by `size` cells."""
        assert self._plane is not None
        self._network = network
        codes = boundary_codes(boundary_values(network, self._plane, size), self._plane.kind)
        self._undefined = bool((codes == UNDEFINED).all())
        self._image.setImage(np.ascontiguousarray(codes[::-1]), autoLevels=False, levels=None)
        self._image.setRect(self._frame())
        self.size_drawn = size
        self.viewport().update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self.scale_factor = palette, scale
        self.setBackground(palette.card)
        self._arrange()

    def set_drawing(self, on: bool) -> None:
        """Set whether the mouse draws points instead of choosing examples."""
        self._draws, self._held = on, None

    def inputs_at(self, place: QPointF) -> tuple[float, float]:
        """Return the inputs at a position, the inverse of `point_of`."""
        assert self._plane is not None
        bounds, frame = self._plane.bounds, self._frame()
        x = bounds.left + (bounds.right - bounds.left) * (place.x() - frame.left()) / frame.width()
        y = bounds.bottom + (bounds.top - bounds.bottom) * (frame.bottom() - place.y()) / frame.height()
        return x, y

    def point_of(self, example: int) -> QPointF:
        """Return the position of an example."""
        assert self._lesson is not None
        x, y = self._places(np.array([example]))
        return QPointF(float(x[0]), float(y[0]))

    def _frame(self) -> QRectF:
        pad = 12 * self.scale_factor
        return QRectF(pad, 0, max(1.0, self.width() - 2 * pad), max(1.0, self.height() - 4 * self.scale_factor))

    def _places(
        self, examples: FloatArray | np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> tuple[FloatArray, FloatArray]:
        assert self._lesson is not None
        assert self._plane is not None
        bounds, frame = self._plane.bounds, self._frame()
        points = self._lesson.dataset.inputs[0][examples.astype(np.int64)]
        x = frame.left() + frame.width() * (points[:, 0] - bounds.left) / (bounds.right - bounds.left)
        y = frame.bottom() - frame.height() * (points[:, 1] - bounds.bottom) / (bounds.top - bounds.bottom)
        return x, y

    def _arrange(self) -> None:
        """Update the positions and colours of everything."""
        if self._palette is None or self.closed:
            return
        if self._lesson is None or self._plane is None:
            self._dots.clear()
        else:
            self._image.setLookupTable(boundary_ramp(self._palette, self._plane.kind))
            if self._image.image is not None:
                self._image.setRect(self._frame())
            x, y = self._places(self._shown)
            classes = point_classes(self._lesson.dataset, self._plane)[self._shown]
            colors = point_colors(classes, self._plane, self._palette)
            few = len(self._shown) <= LARGE_DOTS
            brushes = {color: pg.mkBrush(color) for color in set(colors)}
            self._dots.setData(
                x=x,
                y=y,
                size=round((13 if few else 5) * self.scale_factor),
                brush=[brushes[color] for color in colors],
                # cosmetic, as pyqtgraph requires for outlines of dots
                pen=pg.mkPen(self._palette.card, width=2.0 * self.scale_factor) if few else pg.mkPen(None),
                antialias=True,
            )
        self.viewport().update()

    def _example_at(self, place: QPointF) -> int | None:
        if self._plane is None or not len(self._shown):
            return None
        x, y = self._places(self._shown)
        distance = np.hypot(x - place.x(), y - place.y())
        nearest = int(distance.argmin())
        return int(self._shown[nearest]) if distance[nearest] <= REACH * self.scale_factor else None

    def _readout(self, place: QPointF) -> str:
        """Return the readout of a position: its inputs, the target of an example there, the network's output."""
        assert self._plane is not None
        assert self._lesson is not None
        bounds, frame, example = self._plane.bounds, self._frame(), self._example_at(place)
        if example is None:
            right, up = (place.x() - frame.left()) / frame.width(), (frame.bottom() - place.y()) / frame.height()
            point = np.array(
                [bounds.left + right * (bounds.right - bounds.left), bounds.bottom + up * (bounds.top - bounds.bottom)]
            )
            text = f"x ({_numbers(point, 2)})"
        else:
            point = self._lesson.dataset.inputs[0, example]
            dataset = self._lesson.dataset
            target = f"  target {_numbers(dataset.targets[0, example], 4)}" if dataset.has_targets else ""
            text = f"x ({_numbers(point, 4)}){target}"
        if self._network is None:
            return text
        return f"{text}  output {_numbers(predict(self._network, point.reshape(1, 1, 2))[0, 0], 4, given=False)}"

    def _paint_corners(self, painter: QPainter, palette: Palette) -> None:
        frame, radius = self._frame(), 6 * self.scale_factor
        outside, inside = QPainterPath(), QPainterPath()
        outside.addRect(frame.adjusted(-1, -1, 1, 1))
        inside.addRoundedRect(frame, radius, radius)
        painter.fillPath(outside.subtracted(inside), QColor(palette.card))

    def _paint_ring(self, painter: QPainter, palette: Palette) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(palette.text, 2.0 * self.scale_factor**0.5))
        radius = 11.5 * self.scale_factor
        painter.drawEllipse(self.point_of(self._example), radius, radius)

    def _paint_readout(self, painter: QPainter, palette: Palette) -> None:
        assert self._hover is not None
        text, font = self._readout(self._hover), mono_font(12 * self.scale_factor, QFont.Weight.Medium)
        frame, gap = self._frame(), 6 * self.scale_factor
        width, height = text_width(font, text) + 16 * self.scale_factor, 22 * self.scale_factor
        # in the half without the mouse
        low = self._hover.y() < frame.center().y()
        top = frame.bottom() - height - gap if low else frame.top() + gap
        rect = QRectF(frame.left() + gap, top, min(width, frame.width() - 2 * gap), height)
        pill(painter, rect, palette.card, palette.border, 5 * self.scale_factor)
        painter.setClipRect(rect)
        left = max(rect.left() + 8 * self.scale_factor, rect.center().x() - width / 2)
        centered_text(painter, QPointF(left + text_width(font, text) / 2, rect.center().y()), text, font, palette.text)
        painter.setClipping(False)

    def _paint_held(self, painter: QPainter, place: QPointF, palette: Palette) -> None:
        """Paint where the point that is dragged would be."""
        painter.setPen(pen(palette.text, 2.0 * self.scale_factor))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(place, 7.0 * self.scale_factor, 7.0 * self.scale_factor)

    def _paint_words(self, painter: QPainter, words: str, color: str) -> None:
        painter.setFont(ui_font(13 * self.scale_factor))
        painter.setPen(QColor(color))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self._frame().adjusted(8, 0, -8, 0), int(flags), words)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        if self._palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._plane is None:
            self._paint_words(painter, self._obstacle, self._palette.muted)
            return
        if self._undefined:
            self._paint_words(painter, UNDEFINED_WORDS, self._palette.differs)
        self._paint_ring(painter, self._palette)
        self._paint_corners(painter, self._palette)
        if self._held is not None and self._hover is not None:
            self._paint_held(painter, self._hover, self._palette)
        if self._hover is not None and self._frame().contains(self._hover):
            self._paint_readout(painter, self._palette)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_dots"):  # pyqtgraph resizes during construction
            self._arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        example = self._example_at(event.position())
        if self._draws:
            self._press(event.button(), event.position(), example)
        elif event.button() == Qt.MouseButton.LeftButton and example is not None:
            self.example_clicked.emit(example)

    def _press(self, button: Qt.MouseButton, place: QPointF, example: int | None) -> None:
        """Add a point, take hold of one, or remove one."""
        if self._plane is None or not self._frame().contains(place):
            return
        if button == Qt.MouseButton.RightButton and example is not None:
            self.point_removed.emit(example)
        elif button == Qt.MouseButton.LeftButton and example is not None:
            self._held = example
        elif button == Qt.MouseButton.LeftButton:
            self.point_added.emit(*self.inputs_at(place))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        on_dot = self._example_at(self._hover) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if on_dot else Qt.CursorShape.CrossCursor)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = self._held, None
        if held is not None and self._plane is not None and self._frame().contains(event.position()):
            self.point_moved.emit(held, *self.inputs_at(event.position()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.viewport().update()


def _numbers(values: FloatArray, decimals: int, given: bool = True) -> str:
    write = short if given else fixed
    texts = [pretty(write(float(value), decimals)) for value in values[:4]]
    return separator().join(texts + ["…"] * (len(values) > 4))
