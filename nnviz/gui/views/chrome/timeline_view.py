"""The timeline: cells of steps in their phase's color, and a knob at the current step that can be dragged."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.hover_box import hide_details, plain_details, show_details
from nnviz.present.core.palette import Palette
from nnviz.present.core.timeline_cells import Cell, Timeline, timeline
from nnviz.present.network.breakpoint_dots import NO_MARKS, marked_cells
from nnviz.present.words.captions import cell_text
from nnviz.render.fonts import ui_font
from nnviz.render.paint import paint_dot, pen, text_width

CELL_HEIGHT = 14.0
KNOB = 6.5  # its radius
ABOVE, BELOW = 9.0, 13.0  # the ends of its line, which stays below the names of the phases


class TimelineView(QWidget):
    """The timeline of a session; `position_asked(int)` is emitted with a position of the trace."""

    position_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline: Timeline | None = None
        self._session: Session | None = None
        self._marks = NO_MARKS
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click takes the focus from a text field
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline")

    def render_session(self, session: Session) -> None:
        """Show the timeline of a session."""
        before, marks, self._session = self._timeline, self._marks, session
        self._timeline = timeline(session)
        self._marks = marked_cells(session, self._timeline)
        step = session.step
        place = "before the first step" if step is None else f"step {step.index + 1}, {step.phase}"
        self.setAccessibleDescription(f"{place}, of {self._timeline.steps}")
        if before is None or before.cells is not self._timeline.cells or marks != self._marks:
            self.update()
        else:
            self.update(self._between(before.done, self._timeline.done))

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.updateGeometry()
        self.update()

    def cell_center(self, index: int) -> QPointF:
        """Return the center of a cell in the widget."""
        return self._rect(index).center()

    def cell_under(self, point: QPoint) -> Cell | None:
        """Return the cell at a point of the widget."""
        return self._cell_at(point.x()) if point.x() >= self._margin() else None

    def _margin(self) -> float:
        return 8.0 * self._scale

    def _pitch(self) -> float:
        assert self._timeline is not None
        return (self.width() - 2 * self._margin()) / max(1, len(self._timeline.cells))

    def _rect(self, index: int) -> QRectF:
        pitch = self._pitch()
        gap = min(2.0 * self._scale, pitch * 0.25)
        top = 22.0 * self._scale
        return QRectF(self._margin() + index * pitch + gap / 2, top, pitch - gap, CELL_HEIGHT * self._scale)

    def _cells_in(self, area: QRect) -> range:
        """Return the cells that a part of the widget shows."""
        assert self._timeline is not None
        first, last = ((x - self._margin()) / self._pitch() for x in (area.left(), area.right() + 1))
        return range(max(0, floor(first) - 1), min(len(self._timeline.cells), floor(last) + 2))

    def _knob_at(self, done: float) -> float:
        assert self._timeline is not None
        return self._margin() + min(done, float(len(self._timeline.cells))) * self._pitch()

    def _between(self, one: float, other: float) -> QRect:
        """Return the area to repaint when the knob moves: the cells in between, and the knob itself."""
        room = (KNOB + 2.0) * self._scale
        left, right = self._knob_at(floor(min(one, other))), self._knob_at(max(one, other))
        return QRectF(left, 0, right - left, self.height()).adjusted(-room, 0, room, 0).toAlignedRect()

    def _cell_at(self, x: float) -> Cell | None:
        if self._timeline is None or not self._timeline.cells:
            return None
        index = int((x - self._margin()) / self._pitch())
        return self._timeline.cells[max(0, min(index, len(self._timeline.cells) - 1))]

    def position_under(self, point: QPoint) -> int | None:
        """Return the position at which the cell under a point ends; None before the first cell."""
        cell = self._cell_at(point.x()) if point.x() >= self._margin() else None
        return None if cell is None else cell.end

    def _ask(self, event: QMouseEvent) -> None:
        if event.position().x() < self._margin():
            self.position_asked.emit(0)
        elif cell := self._cell_at(event.position().x()):
            self.position_asked.emit(cell.end)

    def sizeHint(self) -> QSize:
        return QSize(400, round(46 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, round(46 * self._scale))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event)
            hide_details(self)
        elif (cell := self.cell_under(event.position().toPoint())) is not None and self._session is not None:
            at = self._timeline.cells.index(cell) if self._timeline is not None else 0
            words = plain_details(cell_text(self._session, cell))
            show_details(self, words, [self._rect(at).toAlignedRect()], [self.rect()])  # above or below the cells
        else:
            hide_details(self)

    def leaveEvent(self, event: QEvent) -> None:
        hide_details(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None or self._timeline is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for index in self._cells_in(event.rect()):
            cell, rect = self._timeline.cells[index], self._rect(index)
            done = self._timeline.done >= index + 1
            role = cell.phase if done else f"{cell.phase}_soft"
            painter.setBrush(QColor(str(getattr(self._palette, role))))
            corner = min(3.0 * self._scale, rect.width() / 3)
            painter.drawRoundedRect(rect, corner, corner)
        for index, enabled in self._marks.items():
            rect = self._rect(index)
            center = QPointF(rect.center().x(), rect.bottom() + 5 * self._scale)
            paint_dot(painter, center, 3.4 * self._scale, self._palette, enabled)
        self._headings(painter)
        self._knob(painter)
        painter.end()

    def _headings(self, painter: QPainter) -> None:
        """Paint the names of the phases, each over its first cell; skip a name that would overlap the next."""
        assert self._palette is not None
        assert self._timeline is not None
        font = ui_font(11 * self._scale, QFont.Weight.Bold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        painter.setFont(font)
        free = -1.0
        for span in self._timeline.spans:
            left = self._rect(span.first).left()
            text = span.phase.upper()
            if left < free:
                left = free
            width = text_width(font, text)
            following = self._rect(span.last).right()
            if left + width > max(following, left + 0.6 * width) + 60 * self._scale:
                continue
            painter.setPen(QColor(str(getattr(self._palette, span.phase))))
            painter.drawText(QPointF(left, 15 * self._scale), text)
            free = left + width + 9 * self._scale

    def _knob(self, painter: QPainter) -> None:
        assert self._palette is not None
        assert self._timeline is not None
        x = self._knob_at(self._timeline.done)
        y = (22.0 + CELL_HEIGHT / 2) * self._scale
        painter.setPen(pen(self._palette.text, 2.0 * self._scale))
        painter.drawLine(QPointF(x, y - ABOVE * self._scale), QPointF(x, y + BELOW * self._scale))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.text))
        painter.drawEllipse(QPointF(x, y), KNOB * self._scale, KNOB * self._scale)
