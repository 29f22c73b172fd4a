"""The view of the stage: the painted stage with a transition, drawing, pointer ring and blank screen over it."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.stage.stage import Stage
from nnviz.present.stage.transition import ARRIVE, SECONDS, Traveller
from nnviz.present.words.spoken import spoken
from nnviz.render.stage_painter import paint_stage, paint_travellers

RING = 46.0  # radius of the pointer's ring on a stage 1080 pixels high
STROKE = 7.0
DOT = 10.0  # radius of the dot of a recording


@dataclass
class Stroke:
    """A line drawn with the pen: its color's index and its points, as shares of the stage's size."""

    color: int
    points: list[QPointF] = field(default_factory=list)


class StageView(QWidget):
    """Shows a stage. `resized` is emitted when it needs a stage of another size, `clicked` with a place on it.

    `pointer_moved` is emitted when the pointer moves over it.
    """

    resized = Signal()
    clicked = Signal(QPointF)
    pointer_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Stage")
        self._palette: Palette | None = None
        self._stage: Stage | None = None
        self._before: Stage | None = None  # shown until the values of a transition have arrived
        self._travellers: tuple[Traveller, ...] = ()
        self._time = 1.0
        self._painted: dict[bool, QPixmap] = {}  # the stages painted, with the result or before it
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.setDuration(round(1000 * SECONDS))
        self._motion.setEasingCurve(QEasingCurve.Type.Linear)
        self._motion.valueChanged.connect(self._move)
        self.strokes: list[Stroke] = []
        self.pen: int | None = None  # the index of the pen's color while it draws
        self._pointer: QPointF | None = None
        self._is_ringed = False
        self._is_blank = False
        self._is_recorded = False

    @property
    def stage(self) -> Stage | None:
        """The stage being shown."""
        return self._stage

    @property
    def is_blank(self) -> bool:
        """Whether the screen is blank."""
        return self._is_blank

    @property
    def is_moving(self) -> bool:
        """Whether a transition is under way."""
        return self._motion.state() is QVariantAnimation.State.Running

    def show_stage(self, stage: Stage, before: Stage | None = None, travellers: tuple[Traveller, ...] = ()) -> None:
        """Show a stage; with `travellers`, move their values first while `before` is shown."""
        self._motion.stop()
        self._stage, self._before, self._travellers = stage, before, travellers
        self._painted.clear()
        self._time = 1.0
        if before is not None and travellers:
            self._time = 0.0
            self._motion.start()
        self.setAccessibleDescription(_description(stage))
        self.update()

    def finish(self) -> None:
        """End the transition at once."""
        self._motion.stop()
        self._time = 1.0
        self.update()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colors."""
        self._palette = palette
        self._painted.clear()
        self.update()

    def set_blank(self, on: bool) -> None:
        """Turn the stage black, or show it again."""
        self._is_blank = on
        self.update()

    def set_ringed(self, on: bool) -> None:
        """Draw a ring around the pointer, or none."""
        self._is_ringed = on
        self.update()

    def set_recorded(self, on: bool) -> None:
        """Show a red dot in the corner while a walk is recorded, or none."""
        self._is_recorded = on
        self.update()

    def clear_strokes(self) -> None:
        """Remove the drawing."""
        self.strokes.clear()
        self.update()

    def _move(self, time: object) -> None:
        self._time = float(time)  # type: ignore[arg-type]  # the animation's values are numbers
        self.update()

    def _base(self, palette: Palette) -> QPixmap:
        """Return the painted stage: before its result until the values have arrived."""
        is_early = self._before is not None and self._time < ARRIVE
        if is_early not in self._painted:
            shown = self._before if is_early else self._stage
            assert shown is not None
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(pixmap)
            paint_stage(painter, shown, palette)
            painter.end()
            self._painted[is_early] = pixmap
        return self._painted[is_early]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._is_blank or self._stage is None or self._palette is None:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            return
        if (self._stage.width, self._stage.height) != (self.width(), self.height()):
            painter.fillRect(self.rect(), QColor(self._palette.window))
            return
        painter.drawPixmap(0, 0, self._base(self._palette))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._time < ARRIVE:
            paint_travellers(painter, self._stage, self._travellers, self._time, self._palette)
        self._paint_strokes(painter, self._palette)
        if self._is_recorded:
            radius = DOT * self.height() / 1080
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._palette.differs))
            painter.drawEllipse(QPointF(self.width() - 2 * radius, 2 * radius), radius, radius)
        if self._is_ringed and self._pointer is not None:
            self._paint_ring(painter, self._pointer, self._palette)

    def _paint_strokes(self, painter: QPainter, palette: Palette) -> None:
        width = STROKE * self.height() / 1080
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in self.strokes:
            color = QColor(pen_colors(palette)[stroke.color])
            painter.setPen(
                QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            )
            points = [QPointF(point.x() * self.width(), point.y() * self.height()) for point in stroke.points]
            painter.drawPolyline(QPolygonF(points * 2 if len(points) == 1 else points))

    def _paint_ring(self, painter: QPainter, place: QPointF, palette: Palette) -> None:
        radius = RING * self.height() / 1080
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((palette.window, 9.0), (palette.why, 5.0)):
            painter.setPen(QPen(QColor(color), width * self.height() / 1080))
            painter.drawEllipse(place, radius, radius)

    def _share(self, event: QMouseEvent) -> QPointF:
        return QPointF(event.position().x() / max(1, self.width()), event.position().y() / max(1, self.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.pen is not None:
            self.strokes.append(Stroke(self.pen, [self._share(event)]))
            self.update()
        else:
            self.clicked.emit(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self.pen is not None and event.buttons() & Qt.MouseButton.LeftButton and self.strokes:
            self.strokes[-1].points.append(self._share(event))
            self.update()
        elif self._is_ringed:
            self.update()
        self.pointer_moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._painted.clear()
        self.resized.emit()

    def sizeHint(self) -> QSize:
        return QSize(960, 540)


def pen_colors(palette: Palette) -> tuple[str, ...]:
    """Return the colors of the pen."""
    return (palette.differs, palette.forward, palette.error, palette.backward, palette.text)


def place_in(rect: tuple[float, float, float, float], point: QPointF) -> bool:
    """Return whether a point is in a region."""
    return QRectF(*rect).contains(point)


def _description(stage: Stage) -> str:
    """Return what the stage says, for screen readers."""
    if stage.card is None:
        return f"{stage.where}. {stage.caption}"
    return spoken(stage.card)
