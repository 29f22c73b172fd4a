"""The watches above the values: a line each, with a sparkline over the run that is computed in slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from nnviz.debugger.conditions.breakpoints import remove_watch
from nnviz.debugger.state.session import Session
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.kit.hover_box import hide_details, plain_details, show_details
from nnviz.gui.views.panels.values_view import ValuesView
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve_axis import LARGEST
from nnviz.render.fonts import mono_font
from nnviz.render.paint import pen, pill

if TYPE_CHECKING:
    from nnviz.present.values.watch_rows import WatchLine

ROW, SPARK, CLOSE = 24.0, 64.0, 20.0
PAUSE = 250  # milliseconds at one update before its sparklines are computed
SLICE = 0.006  # seconds of work before the window's events are handled
REDRAWN = 0.05  # seconds between two paintings of a sparkline that grows


class WatchList(QWidget):
    """The list of watches, hidden if there are none; `move_asked(Move)` is emitted on a click on a cross."""

    move_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._session: Session | None = None
        self._of: Session | None = None  # the session whose previous pass is known
        self._before: Session | None = None
        self._lines: tuple[WatchLine, ...] = ()
        self._sparks: dict[int, list[float]] = {}
        self._sparks_of: tuple[object, ...] = ()
        self._is_live = False
        self._phase = "forward"
        self._explained: int | None = None  # the row whose details are shown
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._begin)
        self._work = BackgroundWork(self, end=lambda _: self.update(), slice_seconds=SLICE, report_every=float("inf"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Watches")
        self.hide()

    @property
    def lines(self) -> tuple[WatchLine, ...]:
        """The lines being shown."""
        return self._lines

    def spark(self, number: int) -> tuple[float, ...]:
        """Return the points of a watch's sparkline computed so far, nan where its value was unknown."""
        return tuple(self._sparks.get(number, ()))

    def render_session(self, session: Session) -> None:
        """Show the watches of a session."""
        self._session = session
        if session.watches:
            self._show(session)
        elif self._lines:
            self._lines = ()
            self._stop()
            self.hide()

    def set_live(self, live: bool) -> None:
        """Set whether training runs; nothing that needs a replay is computed then."""
        self._is_live = live
        if live:
            self._stop()
        elif self._session is not None:
            self._of = None
            self.render_session(self._session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._fit()
        self.update()

    def cross_of(self, row: int) -> QPoint:
        """Return the center of a row's cross in the widget."""
        return QPoint(round(self.width() - CLOSE * self._scale / 2), round((row + 0.5) * ROW * self._scale))

    def _show(self, session: Session) -> None:
        from nnviz.debugger.conditions.watches import (  # imported late to keep the start fast
            pass_before,
            watch_rows_with,
        )
        from nnviz.present.values.watch_rows import watch_lines

        of = self._of
        if of is None or of.record is not session.record or of.watches != session.watches:
            self._of, self._before = session, None if self._is_live else pass_before(session)
        lines = watch_lines(session, watch_rows_with(session, self._before))
        many = len(lines) != len(self._lines)
        self._lines = lines
        self._phase = "forward" if session.step is None else str(session.step.phase)
        self.setAccessibleDescription("; ".join(f"{line.name}: {line.value}" for line in lines))
        if many:
            self._fit()
        self.show()
        self.update()
        self._ask_sparks()

    def _fit(self) -> None:
        self.setFixedHeight(round((len(self._lines) * ROW + 6) * self._scale))

    def _ask_sparks(self) -> None:
        session = self._session
        assert session is not None
        of = (session.checkpoint.update, session.run.first, tuple(w.id for w in session.watches))
        if of != self._sparks_of and not self._is_live:
            self._stop()
            self._pause.start()

    def _begin(self) -> None:
        session = self._session
        if session is None or not session.watches:
            return
        from nnviz.debugger.conditions.watches import sample_expressions
        from nnviz.present.values.watch_rows import spark_points

        self._sparks_of = (session.checkpoint.update, session.run.first, tuple(w.id for w in session.watches))
        self._sparks = {watch.id: [] for watch in session.watches}
        points = sample_expressions([watch.expression for watch in session.watches], session)
        self._work.begin(self._drawing((spark_points(values) for _, values in points), self._sparks), session)

    def _drawing(self, points: Iterable[tuple[float, ...]], sparks: dict[int, list[float]]) -> Iterator[None]:
        """Add the points to the sparklines, one of each at a time."""
        drawn = perf_counter()
        for point in points:
            for spark, number in zip(sparks.values(), point, strict=True):
                spark.append(number)
            if perf_counter() >= drawn + REDRAWN:
                drawn = perf_counter()
                self.update()
            yield

    def _stop(self) -> None:
        self._pause.stop()
        self._work.drop()
        self._sparks_of = ()

    def sizeHint(self) -> QSize:
        return QSize(240, self.height())

    def _row_at(self, y: float) -> int | None:
        row = int(y / (ROW * self._scale))
        return row if 0 <= row < len(self._lines) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y()) if event.button() == Qt.MouseButton.LeftButton else None
        if row is not None and event.position().x() > self.width() - CLOSE * self._scale:
            number = self._lines[row].id
            self.move_asked.emit(lambda session: remove_watch(session, number))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._row_at(event.position().y()) != self._explained:
            hide_details(self)

    def leaveEvent(self, event: QEvent) -> None:
        hide_details(self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            if row is not None:
                self._explained, line = row, self._lines[row]
                height = round(ROW * self._scale)
                place = QRect(0, row * height, self.width(), height)
                show_details(self, plain_details(f"{line.name} = {line.full}"), [place])
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, line in enumerate(self._lines):
            self._paint_line(painter, row, line, self._palette)
        painter.setPen(pen(self._palette.border))
        y = self.height() - 3.5
        painter.drawLine(QPointF(4, y), QPointF(self.width() - 4, y))
        painter.end()

    def _paint_line(self, painter: QPainter, row: int, line: WatchLine, palette: Palette) -> None:
        scale, top = self._scale, row * ROW * self._scale
        height = ROW * scale
        if line.lit:
            wash = str(getattr(palette, f"{self._phase}_wash"))
            pill(painter, QRectF(0, top, self.width(), height), wash, None, 4 * scale)
        font = mono_font(12.5 * scale, QFont.Weight.DemiBold if line.lit else QFont.Weight.Normal)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        right = self.width() - CLOSE * scale
        spark = QRectF(right - SPARK * scale, top + 4 * scale, (SPARK - 6) * scale, height - 8 * scale)
        room = spark.left() - 8 * scale
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        figures = f"{line.value}  {line.change}" if line.change else line.value
        wide = min(metrics.horizontalAdvance(figures) + 2, room * 0.68)
        shown = metrics.elidedText(figures, Qt.TextElideMode.ElideRight, wide)
        painter.setPen(QColor(palette.text))
        painter.drawText(QRectF(room - wide, top, wide, height), flags, shown)
        if line.change and shown == figures:
            start = room - metrics.horizontalAdvance(line.change) - 1
            painter.fillRect(QRectF(start - 1, top + 3, room - start + 2, height - 6), QColor(self._ground(line)))
            painter.setPen(QColor(palette.muted))
            painter.drawText(QRectF(start, top, room - start, height), flags, line.change)
        painter.setPen(QColor(palette.muted))
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        name_room = room - wide - 12 * scale
        name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, name_room)
        painter.drawText(QRectF(4 * scale, top, name_room, height), left, name)
        painter.drawText(QRectF(right, top, CLOSE * scale, height), int(Qt.AlignmentFlag.AlignCenter), "×")
        self._paint_spark(painter, spark, self._sparks.get(line.id, []), palette)

    def _ground(self, line: WatchLine) -> str:
        assert self._palette is not None
        return str(getattr(self._palette, f"{self._phase}_wash")) if line.lit else self._palette.card

    def _paint_spark(self, painter: QPainter, rect: QRectF, values: list[float], palette: Palette) -> None:
        values = [max(-LARGEST, min(value, LARGEST)) if isfinite(value) else value for value in values]
        known = [value for value in values if isfinite(value)]
        if len(known) < 2:
            return
        low, high = min(known), max(known)
        span, step = (high - low) or 1.0, rect.width() / max(1, len(values) - 1)
        points = [
            QPointF(rect.left() + index * step, rect.bottom() - (value - low) / span * rect.height())
            for index, value in enumerate(values)
            if isfinite(value)
        ]
        painter.setPen(pen(palette.positive, 1.3 * self._scale))
        painter.drawPolyline(QPolygonF(points))


class ValuesPage(QWidget):
    """The page of the Values panel: the watches, and the values below them."""

    def __init__(self, values: ValuesView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.watches, self.values = WatchList(), values
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.watches)
        column.addWidget(values, 1)
        self.setFocusProxy(values)

    def render_session(self, session: Session) -> None:
        """Show a session's values and watches."""
        self.values.render_session(session)
        self.watches.render_session(session)

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible."""
        self.values.set_seen(seen)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.values.set_theme(palette, scale)
        self.watches.set_theme(palette, scale)
        self._keep_whole_lines()

    def _keep_whole_lines(self) -> None:
        """Give the values a height of whole lines, so that they begin with one also when scrolled to the end."""
        column, line = self.layout(), self.values.verticalHeader().defaultSectionSize()
        assert column is not None
        watches = 0 if self.watches.isHidden() else self.watches.height()
        column.setContentsMargins(0, 0, 0, max(0, self.height() - watches) % line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_whole_lines()
