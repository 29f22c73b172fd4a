"""The card of a lesson on the start page: the drawing of its network, title, document, a sentence, and the score."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from nnviz.gui.views.start.tiles import PAD, Tile, frame_tile
from nnviz.present.core.palette import Palette
from nnviz.present.start.lesson_cards import LessonCard
from nnviz.present.start.lesson_drawing import HEIGHT, WIDTH, Disc, LessonDrawing
from nnviz.render.fonts import ui_font
from nnviz.render.paint import pen, text_width
from nnviz.render.text_lines import elided, wrapped

TITLE_LINES, SUMMARY_LINES = 2, 3  # at most
MOST_WIDTHS = 16  # for which the broken lines are kept

_TOP, _GAP = 12.0, 10.0
_TITLE, _TEXT = 21.0, 18.0  # heights of lines


def paint_lesson_drawing(painter: QPainter, drawing: LessonDrawing, palette: Palette) -> None:
    """Paint a network in its box of WIDTH by HEIGHT at the origin; edges of negative weights are dashed."""
    colors = {1: palette.positive_edge, -1: palette.negative_edge, 0: palette.border}
    for edge in drawing.edges:
        style = Qt.PenStyle.DashLine if edge.sign < 0 else Qt.PenStyle.SolidLine
        painter.setPen(pen(colors[edge.sign], 1.6, style))
        painter.drawLine(QPointF(edge.x1, edge.y1), QPointF(edge.x2, edge.y2))
    painter.setPen(pen(palette.muted, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for loop in drawing.loops:
        painter.drawEllipse(_center(loop), drawing.loop_radius, drawing.loop_radius)
    painter.setBrush(QColor(palette.card))
    painter.setPen(pen(palette.muted, 1.6))
    for disc in drawing.discs:
        painter.drawEllipse(_center(disc), drawing.radius, drawing.radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.muted))
    for gap in drawing.gaps:
        for shift in (-4.0, 0.0, 4.0):
            painter.drawEllipse(QPointF(gap.x, gap.y + shift), 1.1, 1.1)


def _center(disc: Disc) -> QPointF:
    return QPointF(disc.x, disc.y)


class LessonTile(Tile):
    """The card of a lesson or a recent file."""

    def __init__(self, card: LessonCard, parent: QWidget | None = None) -> None:
        super().__init__(card.title, parent)
        self.card = card
        self._broken: dict[float, tuple[tuple[str, ...], tuple[str, ...]]] = {}  # the lines by the tile's width
        self.set_card(card)

    def set_card(self, card: LessonCard) -> None:
        """Show another state of the card, such as the loaded lesson or a new score."""
        self.card = card
        self._broken.clear()
        self.setText(card.title)
        self.setAccessibleName(card.spoken)
        self.setToolTip(card.problem or card.source)
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._broken.clear()
        super().set_theme(palette, scale)

    def height_for(self, width: float) -> float:
        titles, summary = self._lines(width)
        unscaled = _TOP + HEIGHT + _GAP + len(titles) * _TITLE + _TEXT + 6 + max(2, len(summary)) * _TEXT + 14
        return unscaled * self._scale

    def _title_font(self) -> QFont:
        return ui_font(16 * self._scale, QFont.Weight.DemiBold)

    def _note_font(self) -> QFont:
        return ui_font(12 * self._scale, QFont.Weight.DemiBold)

    def _text_font(self) -> QFont:
        return ui_font(13 * self._scale)

    def _note_room(self) -> float:
        note = self.card.note
        return text_width(self._note_font(), note) + 12 * self._scale if note else 0.0

    def _lines(self, width: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the lines of the title and of the sentence at a width."""
        if width not in self._broken:
            if len(self._broken) > MOST_WIDTHS:
                self._broken.clear()
            self._broken[width] = self._break_lines(width)
        return self._broken[width]

    def _break_lines(self, width: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
        room = width - 2 * PAD * self._scale
        titles = wrapped(self.card.title, self._title_font(), room - self._note_room(), TITLE_LINES)
        words = self.card.problem or self.card.summary
        return titles, wrapped(words, self._text_font(), room, SUMMARY_LINES)

    def _draw(self, painter: QPainter, rect: QRectF, palette: Palette) -> None:
        frame_tile(painter, rect, palette, focused=self.hasFocus(), hovered=self.underMouse())
        scale, card = self._scale, self.card
        if card.drawing is not None:
            painter.save()
            painter.translate((rect.width() - WIDTH * scale) / 2, _TOP * scale)
            painter.scale(scale, scale)
            paint_lesson_drawing(painter, card.drawing, palette)
            painter.restore()
        titles, summary = self._lines(rect.width())
        left, room = PAD * scale, rect.width() - 2 * PAD * scale
        y = (_TOP + HEIGHT + _GAP) * scale
        if card.note:
            at = QRectF(left, y, room, _TITLE * scale)
            self._write(painter, at, card.note, self._note_font(), palette.matched, Qt.AlignmentFlag.AlignRight)
        for line in titles:
            self._write(painter, QRectF(left, y, room, _TITLE * scale), line, self._title_font(), palette.text)
            y += _TITLE * scale
        source = elided(card.source, self._text_font(), room)
        self._write(painter, QRectF(left, y, room, _TEXT * scale), source, self._text_font(), palette.muted)
        y += (_TEXT + 6) * scale
        color = palette.differs if card.problem else palette.text
        for line in summary:
            self._write(painter, QRectF(left, y, room, _TEXT * scale), line, self._text_font(), color)
            y += _TEXT * scale

    def _write(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        font: QFont,
        color: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(color))
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), text)
