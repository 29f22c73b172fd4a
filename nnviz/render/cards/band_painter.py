"""The step card as a band under a stage: title and chips, the formula on one line where it fits, and the sentence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextLayout

from nnviz.present.core.palette import Palette
from nnviz.present.words.card import Card
from nnviz.present.words.card_blocks import Band, FormulaBlock, Line, Way, band_of
from nnviz.render.cards.card_layout import (
    PAD,
    CardLayout,
    PlacedChip,
    PlacedFormula,
    PlacedText,
    broken_text,
    extent,
    placed_chips,
)
from nnviz.render.cards.card_painter import paint_card
from nnviz.render.fonts import ui_font
from nnviz.render.formula_paths import typeset

# Sizes at scale 1, in pixels. A stage of 540 pixels has scale 1, so that these are parts of its height as well.
BAND_HEIGHT = 138.0
BAR, SIDE, TOP, BOTTOM, GAP = 5.0, 30.0, 9.0, 8.0, 3.0
TITLE_SIZE, TEXT_SIZE, CHIP_SCALE = 18.5, 14.5, 1.12
ALONE_SIZE = 17.0  # of a sentence without a formula
LARGEST, LEAST = 33.0, 24.5  # of the formula, the least 4.5 % of the stage's height; a longer one is shortened
TEXT_PARTS = (1.0, 0.97)  # of the sentence's size, where the room is short; then it has fewer sentences
SMALLER = (0.9, 0.8, 0.7)  # factors of the least formula's size beside a sentence that is not shortened
FILLED = 0.9  # of the height between title and sentence, by a formula that is still large enough then
BETWEEN = 0.3  # em between a part of a formula and an equals sign
LEADING = 0.12  # em between two lines
TITLE_SHARE = 0.62  # of the width that a title may take beside chips
EQUALS = FormulaBlock("equals", ("=",), False, "text")


def draw_band(
    painter: QPainter, rect: QRectF, card: Card, palette: Palette, scale: float = 1.0, *, highlight: int = 0
) -> CardLayout:
    """Draw the band of a card in a rectangle and return its layout, whose places begin at the rectangle's corner.

    `scale` is the stage's: its height in pixels by 540.
    """
    layout = lay_out_band(card, rect.width(), rect.height(), scale)
    painter.save()
    painter.setClipRect(rect)
    painter.fillRect(rect, QColor(palette.card))
    accent = str(getattr(palette, card.phase))
    painter.fillRect(QRectF(rect.left(), rect.top(), BAR * scale, rect.height()), QColor(accent))
    painter.translate(rect.topLeft())
    paint_card(painter, layout, palette, highlight)
    painter.restore()
    return layout


def lay_out_band(card: Card, width: float, height: float, scale: float = 1.0) -> CardLayout:
    """Lay out the band of a card; the formula gets the room that title and sentence leave."""
    band = band_of(card)
    left, right = SIDE * scale, width - SIDE * scale
    title, chips = _heading(band, left, right, scale)
    top = max([title.rect.bottom(), *(chip.rect.bottom() for chip in chips)]) + GAP * scale
    room = QRectF(left, top, right - left, height - BOTTOM * scale - top)
    text = _sentence(band, room, scale)
    if text is not None:
        room.setBottom(text.rect.top() - GAP * scale)
    return CardLayout(
        width=width,
        height=height,
        wanted=band_height(card, width, scale),
        scale=scale * CHIP_SCALE,
        phase=band.phase,
        texts=(title,) if text is None else (title, text),
        formulas=tuple(_formulas(band.ways, room, scale)),
        chips=chips,
    )


def band_height(card: Card, width: float, scale: float = 1.0) -> float:
    """Return the height that a band needs for the whole sentence, and for the formula as complete as its width allows.

    It is at least the usual height.
    """
    band = band_of(card)
    left, right = SIDE * scale, width - SIDE * scale
    title, chips = _heading(band, left, right, scale)
    top = max([title.rect.bottom(), *(chip.rect.bottom() for chip in chips)]) + GAP * scale
    size = TEXT_SIZE if band.ways else ALONE_SIZE
    sentence = broken_text(band.text, ui_font(size * scale), right - left)[1] if band.text else 0.0
    formula = _least_height(band.ways, right - left, scale)
    return max(BAND_HEIGHT * scale, top + formula + GAP * scale + sentence + BOTTOM * scale)


def _heading(band: Band, left: float, right: float, scale: float) -> tuple[PlacedText, tuple[PlacedChip, ...]]:
    """Place the title at the left, and the chips beside it at the right end."""
    font = ui_font(TITLE_SIZE * scale, QFont.Weight.DemiBold)
    room = (right - left) * (TITLE_SHARE if band.chips else 1.0)
    title = QFontMetricsF(font).elidedText(band.title, Qt.TextElideMode.ElideRight, room)
    layout, high, wide = broken_text(title, font, right - left)
    rect = QRectF(left, TOP * scale, wide + 1, high)
    placed = PlacedText(role="title", text=title, rect=rect, layout=layout, color="text")
    start = QPointF(rect.right() + SIDE * scale / 2, 0)
    chips, _ = placed_chips(list(band.chips), start, right, scale * CHIP_SCALE)
    high_chip = chips[0].rect.height() if chips else 0.0
    down = max(TOP * scale / 2, rect.center().y() - high_chip / 2)
    ends: dict[float, float] = {}
    for chip in chips:
        ends[chip.rect.top()] = chip.rect.right()
    moved = (replace(c, rect=c.rect.translated(right - ends[c.rect.top()], down)) for c in chips)
    return placed, tuple(moved)


def _sentence(band: Band, room: QRectF, scale: float) -> PlacedText | None:
    """Place the sentence at the lower end of a room, in smaller type and cut only where the formula needs the room."""
    if not band.text:
        return None
    if not band.ways:
        layout, high, _ = broken_text(band.text, ui_font(ALONE_SIZE * scale), room.width())
        rect = QRectF(room.left(), room.top(), room.width(), high)
        return PlacedText(role="text", text=band.text, rect=rect, layout=layout, color="muted")
    if band.is_whole:
        return _whole_sentence(band, room, scale)
    one = QFontMetricsF(ui_font(TEXT_SIZE * scale * TEXT_PARTS[-1])).height()
    most = room.height() - GAP * scale - one
    needed = _least_height(band.ways, room.width(), scale, most)
    if needed > most:
        return None  # the formula needs all of the room
    free = room.height() - GAP * scale - needed
    for text in _shorter(band.text):
        for part in TEXT_PARTS:
            font = ui_font(TEXT_SIZE * scale * part)
            layout, high, _ = broken_text(text, font, room.width())
            if high <= free:
                return _at_foot(text, layout, high, room)
    text = first_lines(layout, max(1, int(free / layout.lineAt(0).height())))
    layout, high, _ = broken_text(text, font, room.width())
    return _at_foot(text, layout, high, room)


def _whole_sentence(band: Band, room: QRectF, scale: float) -> PlacedText:
    """Place a sentence that is not shortened; what room it leaves decides how the formula is written."""
    least = min(_least_height((way,), room.width(), scale) for way in band.ways[: max(1, len(band.ways) - 1)])
    for less in (1.0, *SMALLER):
        for part in TEXT_PARTS:
            layout, high, _ = broken_text(band.text, ui_font(TEXT_SIZE * scale * part), room.width())
            if high <= room.height() - GAP * scale - least * less:
                return _at_foot(band.text, layout, high, room)
    return _at_foot(band.text, layout, high, room)


def _shorter(text: str) -> Iterator[str]:
    """Yield a text, and then with fewer and fewer of its sentences."""
    sentences = text.split(". ")
    for count in range(len(sentences), 0, -1):
        yield ". ".join(sentences[:count]) + ("." if count < len(sentences) else "")


def _at_foot(text: str, layout: QTextLayout, high: float, room: QRectF) -> PlacedText:
    """Place a text at the lower end of a room."""
    rect = QRectF(room.left(), room.bottom() - high, room.width(), high)
    return PlacedText(role="text", text=text, rect=rect, layout=layout, color="muted")


def first_lines(layout: QTextLayout, count: int) -> str:
    """Return the text of the first lines of a layout, with an ellipsis if there are more."""
    text = layout.text()
    if layout.lineCount() <= count:
        return text
    last = layout.lineAt(count - 1)
    shown = text[: last.textStart() + last.textLength()].rstrip()
    while (
        shown
        and " " in shown
        and QFontMetricsF(layout.font()).horizontalAdvance(shown[last.textStart() :] + "…") > last.width()
    ):
        shown = shown.rpartition(" ")[0]
    return shown + "…"


def _parts(line: Line) -> list[tuple[FormulaBlock, str]]:
    """Return the parts of a line from left to right, equals signs included."""
    parts = []
    for block in line:
        parts += [(EQUALS, "=")] * block.equals + [(block, block.rows[0])]
    return parts


def _wide(line: Line) -> float:
    """Return the width of a line in em."""
    parts = _parts(line)
    return sum(typeset(tex).width for _, tex in parts) + BETWEEN * (len(parts) - 1)


def _high(line: Line) -> tuple[float, float]:
    """Return the em that a line needs above and below its baseline."""
    extents = [extent(typeset(tex)) for _, tex in _parts(line)]
    return max(above for above, _ in extents), max(below for _, below in extents)


def _em_of(way: Way) -> tuple[float, float]:
    """Return the width and height of a way to write a formula, in em."""
    high = sum(sum(_high(line)) for line in way) + LEADING * (len(way) - 1)
    return max(_wide(line) for line in way), high


def _least_height(ways: tuple[Way, ...], width: float, scale: float, most: float = math.inf) -> float:
    """Return the height of the most complete way that fits a width, and at `most` a height, in the least size."""
    sizes, least = [_em_of(way) for way in ways], LEAST * scale
    fitting = [at for at, (wide, high) in enumerate(sizes) if wide * least <= width and high * least <= most]
    if not sizes:
        return 0.0
    chosen = fitting[0] if fitting else len(sizes) - 1
    low = [high for way, (_, high) in zip(ways, sizes, strict=True) if _lines(way) == _lines(ways[chosen])]
    return min(low) * LEAST * scale


def _lines(way: Way) -> tuple[str, ...]:
    """Return the lines of a way, the same whether its fractions are low or not."""
    return tuple("".join(block.rows[0].removeprefix(r"\textstyle ") for block in line) for line in way)


def chosen_way(ways: tuple[Way, ...], room: QRectF, scale: float) -> tuple[Way, float]:
    """Return the most complete way to write a formula that fits a room, and its pixels per em."""
    size = 1.0
    for way in ways:
        wide, high = _em_of(way)
        size = min(LARGEST * scale, room.width() / max(wide, 1e-9), room.height() / max(high, 1e-9))
        if size >= LEAST * scale:
            return way, max(LEAST * scale, min(size, FILLED * room.height() / max(high, 1e-9)))
    return ways[-1], max(size, 1.0)


def _formulas(ways: tuple[Way, ...], room: QRectF, scale: float) -> Iterator[PlacedFormula]:
    """Place the parts of a formula in the middle of the height of a room."""
    if not ways:
        return
    way, size = chosen_way(ways, room, scale)
    y = room.center().y() - _em_of(way)[1] * size / 2
    for line in way:
        above, below = _high(line)
        x = room.left()
        for block, tex in _parts(line):
            formula = typeset(tex)
            yield PlacedFormula(
                role=block.role,
                tex=tex,
                formula=formula,
                origin=QPointF(x, y + above * size),
                size=size,
                rect=QRectF(x - PAD, y, formula.width * size + 2 * PAD, (above + below) * size),
                ink=block.ink,
                colors=dict(block.colors),
            )
            x += (formula.width + BETWEEN) * size
        y += (above + below + LEADING) * size
