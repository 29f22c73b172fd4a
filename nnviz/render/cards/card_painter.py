"""Paints a step card that is laid out: texts, formula rows with their highlight, chips and the selected text."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QTextCharFormat, QTextLayout

from nnviz.present.core.palette import Palette, blend
from nnviz.present.words.card import Card
from nnviz.render.cards.card_layout import (
    CHIP_HIGH,
    CardLayout,
    PlacedChip,
    PlacedFormula,
    PlacedText,
    lay_out_card,
)
from nnviz.render.formula_paths import paint_formula
from nnviz.render.paint import pill

CHIP_ROLES = {"exact": "matched", "convention": "convention", "differs": "differs", "problem": "differs"}
FADE = 24.0  # pixels over which a formula that is cut off fades away


@dataclass(frozen=True)
class Selection:
    """The selected characters of one text of a card."""

    text: int
    start: int
    stop: int


def draw_card(painter: QPainter, rect: QRectF, card: Card, palette: Palette, scale: float = 1.0) -> CardLayout:
    """Draw a card at the top of a rectangle and return its layout, whose places begin at the rectangle's corner."""
    layout = lay_out_card(card, rect.width(), scale, rect.height())
    painter.save()
    painter.setClipRect(rect)
    painter.translate(rect.topLeft())
    paint_card(painter, layout, palette)
    painter.restore()
    return layout


def paint_card(
    painter: QPainter, layout: CardLayout, palette: Palette, highlight: int = 0, selection: Selection | None = None
) -> None:
    """Paint a layout at the painter's origin; `highlight` is the operand to mark, 0 for none."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index, text in enumerate(layout.texts):
        chosen = selection if selection is not None and selection.text == index else None
        paint_text(painter, text, palette, chosen)
    for row in layout.formulas:
        paint_row(painter, row, palette, highlight if row.role in ("symbols", "numbers") else 0)
    for chip in layout.chips:
        paint_chip(painter, chip, palette, layout.scale)


def paint_text(painter: QPainter, text: PlacedText, palette: Palette, selection: Selection | None = None) -> None:
    """Paint a text, and the background of its selected characters."""
    painter.setPen(QColor(_role(palette, text.color)))
    ranges = []
    if selection is not None and selection.start < selection.stop:
        part = QTextLayout.FormatRange()
        part.start, part.length = selection.start, selection.stop - selection.start
        look = QTextCharFormat()
        look.setBackground(QColor(palette.selection))
        look.setForeground(QColor(palette.text))
        part.format = look
        ranges.append(part)
    text.layout.draw(painter, text.rect.topLeft(), ranges)


def paint_row(
    painter: QPainter, row: PlacedFormula, palette: Palette, highlight: int = 0, ground: str | None = None
) -> None:
    """Paint a row of a formula on a background of the color `ground`, or of the card's."""
    ground = palette.card if ground is None else ground
    colors = {operand: QColor(_role(palette, role)) for operand, role in row.colors.items()}
    ink = QColor(_role(palette, row.ink))
    painter.save()
    painter.setClipRect(row.rect.adjusted(-1, -1, 1, 1), Qt.ClipOperation.IntersectClip)
    if highlight:
        mark_operand(painter, row, highlight, colors.get(highlight, ink), ground)
    paint_formula(painter, row.formula, row.origin, row.size, ink, colors)
    if row.is_cut:
        _fade(painter, row.rect, ground)
    painter.restore()


def mark_operand(painter: QPainter, row: PlacedFormula, operand: int, color: QColor, ground: str) -> None:
    """Color the background of an operand and underline it."""
    # blended instead of translucent: opaque paint is cheaper, and the same in an exported picture
    wash = QColor(blend(ground, color.name(), 0.16))
    for place in row.rects_of(operand):
        rect = place.adjusted(-3, -3, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(wash)
        painter.drawRoundedRect(rect, 3, 3)
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 2), color)


def paint_chip(painter: QPainter, chip: PlacedChip, palette: Palette, scale: float) -> None:
    """Paint a chip in the colors of its verdict."""
    role = CHIP_ROLES[chip.block.chip.state]
    pill(painter, chip.rect, _role(palette, f"{role}_wash"), None, min(CHIP_HIGH * scale, chip.rect.height()) / 2)
    painter.setPen(QColor(_role(palette, role)))
    bounds = chip.layout.boundingRect()
    widest = max(
        (chip.layout.lineAt(index).naturalTextWidth() for index in range(chip.layout.lineCount())), default=0.0
    )
    corner = chip.rect.center() - QPointF(widest / 2, bounds.height() / 2)
    chip.layout.draw(painter, corner)


def _fade(painter: QPainter, rect: QRectF, ground: str) -> None:
    """Paint the end of a row that is cut off."""
    right = rect.right()
    fade = QLinearGradient(right - FADE, 0, right - 4, 0)
    clear = QColor(ground)
    clear.setAlpha(0)
    fade.setColorAt(0, clear)
    fade.setColorAt(1, QColor(ground))
    painter.fillRect(QRectF(right - FADE, rect.top(), FADE + 1, rect.height()), fade)


def _role(palette: Palette, name: str) -> str:
    return str(getattr(palette, name))
