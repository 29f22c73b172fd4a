"""Small painting functions shared by several views; colors come from the palette, sizes are logical pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from nnviz.present.core.palette import Palette
from nnviz.render.formula_paths import paint_formula, typeset

SMALLEST_DOT = 3.5  # the smallest radius of a breakpoint's dot on a canvas, in pixels of the screen


def pen(color: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen with round ends."""
    return QPen(QColor(color), width, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def centered_text(painter: QPainter, center: QPointF, text: str, font: QFont, color: str) -> None:
    """Paint one line of text with its middle at `center`."""
    painter.setFont(font)
    painter.setPen(QColor(color))
    metrics = QFontMetricsF(font)
    width = metrics.horizontalAdvance(text)
    baseline = center.y() + metrics.capHeight() / 2
    painter.drawText(QPointF(center.x() - width / 2, baseline), text)


def centered_formula(painter: QPainter, center: QPointF, tex: str, size: float, color: str) -> None:
    """Paint a formula centered horizontally on `center`, its x-height at about the same height."""
    formula = typeset(tex)
    origin = QPointF(center.x() - formula.width * size / 2, center.y() + 0.25 * size)
    paint_formula(painter, formula, origin, size, QColor(color), {})


def formula_above(painter: QPainter, center: float, bottom: float, tex: str, size: float, color: str) -> None:
    """Paint a formula centered horizontally on `center`, its lowest stroke at `bottom`."""
    formula = typeset(tex)
    origin = QPointF(center - formula.width * size / 2, bottom - formula.descent * size)
    paint_formula(painter, formula, origin, size, QColor(color), {})


def pill(painter: QPainter, rect: QRectF, fill: str, border: str | None = None, radius: float | None = None) -> None:
    """Paint a filled rounded rectangle, with an outline if `border` is given."""
    painter.setPen(Qt.PenStyle.NoPen if border is None else pen(border))
    painter.setBrush(QColor(fill))
    corner = rect.height() / 2 if radius is None else radius
    painter.drawRoundedRect(rect, corner, corner)


def paint_dot_in_scene(painter: QPainter, center: QPointF, radius: float, palette: Palette, enabled: bool) -> None:
    """Paint a breakpoint's dot on a canvas, large enough to be seen at any zoom."""
    paint_dot(painter, center, max(radius, SMALLEST_DOT / painter.worldTransform().m11()), palette, enabled)


def paint_dot(painter: QPainter, center: QPointF, radius: float, palette: Palette, enabled: bool) -> None:
    """Paint a breakpoint's dot: a disc with a rim in the background's color, or a ring if it is disabled."""
    painter.setPen(pen(palette.card, radius * 0.4) if enabled else pen(palette.breakpoint, radius * 0.35))
    painter.setBrush(QColor(palette.breakpoint if enabled else palette.card))
    painter.drawEllipse(center, radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)


# The widths of lines of text by the key of the font and the text. No font is kept: each of a thousand sizes would keep
# its own outlines and glyphs in memory.
_WIDTHS: dict[tuple[str, str], float] = {}
MOST_WIDTHS = 8192  # about a megabyte; the texts of all steps of a usual lesson


def text_width(font: QFont, text: str) -> float:
    """Return the width of one line of text; cached, because the same texts are painted at every step."""
    line = font.key(), text
    width = _WIDTHS.get(line)
    if width is None:
        if len(_WIDTHS) >= MOST_WIDTHS:
            _WIDTHS.clear()
        width = _WIDTHS[line] = QFontMetricsF(font).horizontalAdvance(text)
    return width
