"""The card of a step as shapes: its formula in rows, and the band under a stage."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.formats.pictures.shapes import LEFT, RIGHT, UI, FormulaShape, RectShape, Shape, TextShape
from nnviz.present.core.timeline_cells import Timeline
from nnviz.present.places.glyphs import glyph_formula
from nnviz.present.places.label import Rect, ui_width
from nnviz.present.stage.regions import FORMULA_SIZE, HEADLINE_SIZE, SENTENCE_SIZE, TITLE_SIZE
from nnviz.present.words.card import Card
from nnviz.present.words.card_blocks import FormulaBlock, Line, band_of, formula_blocks

STRUT = (0.75, 0.3)  # least em of a row above and below its baseline
EQUALS = 1.5  # em for an equals sign with its spaces
GAP = 0.35  # em between the rows of a formula
SMALLEST = 0.55  # of its size; a longer formula is written in another way


def formula_shapes(card: Card, rect: Rect, size: float) -> tuple[Shape, ...]:
    """Return a card's formula in the middle of a rectangle, one row under the other; its title if it has none."""
    if card.formula is None:
        left, top, width, height = rect
        return (TextShape(card.title, left + width / 2, top + height / 2, size, "text", face=UI, weight=600),)
    rows = [(block, row) for block in formula_blocks(card.formula, card.phase) for row in block.rows]
    heights = [_height(row) for _, row in rows]
    widths = [glyph_formula(row).width + (EQUALS if block.equals else 0.0) for block, row in rows]
    high, wide = sum(heights) + GAP * (len(rows) - 1), max(widths)
    fit = min(size, rect[2] / wide, rect[3] / high)
    x, y = rect[0] + (rect[2] - wide * fit) / 2, rect[1] + (rect[3] - high * fit) / 2
    made: list[Shape] = []
    for (block, row), height in zip(rows, heights, strict=True):
        base = y + max(glyph_formula(row).ascent, STRUT[0]) * fit
        made += _row(block, row, x, base, fit)
        y += (height + GAP) * fit
    return tuple(made)


def band_shapes(card: Card, rect: Rect, scale: float) -> tuple[Shape, ...]:
    """Return a card as a band: its title, its formula on as few lines as it needs, and its sentence."""
    band = band_of(card)
    left, top, width, height = rect
    made: list[Shape] = [RectShape(rect, "card")]
    inner, pad = width - 120 * scale, 60 * scale
    y = top + 40 * scale
    made.append(
        TextShape(band.title, left + pad, y, HEADLINE_SIZE * scale, band.phase, face=UI, weight=600, anchor=LEFT)
    )
    y += 30 * scale
    size = SENTENCE_SIZE * scale
    lines = _lines(band.text, inner, size)
    room = height - (y - top) - (28 + 34 * len(lines)) * scale
    for way in band.ways:
        most = min(FORMULA_SIZE * scale, room / (sum(map(_line_height, way)) + GAP * (len(way) - 1)))
        fit = min(most, inner / max(map(_line_width, way)))
        if fit >= SMALLEST * FORMULA_SIZE * scale or way is band.ways[-1]:
            for line in way:
                made += _line(line, left + pad, y, fit)
                y += (_line_height(line) + GAP) * fit
            break
    for index, text in enumerate(reversed(lines)):
        at = top + height - (30 + 34 * index) * scale
        made.append(TextShape(text, left + pad, at, size, "muted", face=UI, anchor=LEFT))
    return tuple(made)


def title_shapes(title: str, where: str, phase: str, rect: Rect, scale: float) -> tuple[Shape, ...]:
    """Return the line over a stage: the title, and the place at the right."""
    left, top, width, height = rect
    y, size = top + height / 2, TITLE_SIZE * scale
    place = cut_words(where, 0.5 * width, size)
    words = cut_words(title, width - ui_width(place, size) - 24 * scale, size)
    return (
        TextShape(words, left, y, size, "text", face=UI, weight=600, anchor=LEFT),
        TextShape(place, left + width, y, size, phase or "forward", face=UI, weight=600, anchor=RIGHT),
    )


def timeline_shapes(line: Timeline, rect: Rect, unit: float) -> Iterator[Shape]:
    """Yield a cell for each step in its phase's color."""
    left, top, width, height = rect
    pitch = width / max(1, len(line.cells))
    gap, tall = min(5.0 * unit, pitch * 0.25), 17.0 * unit
    for index, cell in enumerate(line.cells):
        role = cell.phase if line.done >= index + 1 else f"{cell.phase}_soft"
        place = (left + index * pitch + gap / 2, top + (height - tall) / 2, pitch - gap, tall)
        yield RectShape(place, role, radius=min(4.0 * unit, (pitch - gap) / 3))


def _row(block: FormulaBlock, row: str, x: float, base: float, size: float) -> list[Shape]:
    made: list[Shape] = []
    if block.equals:
        made.append(FormulaShape("=", x + 0.3 * size, base, size, "muted"))
        x += EQUALS * size
    made.append(FormulaShape(row, x, base, size, paint=block.ink, inks=block.colors))
    return made


def _line(line: Line, x: float, y: float, size: float) -> list[Shape]:
    made: list[Shape] = []
    base = y + max(max(glyph_formula(block.rows[0]).ascent, STRUT[0]) for block in line) * size
    for block in line:
        made += _row(block, block.rows[0], x, base, size)
        x += _block_width(block) * size
    return made


def _block_width(block: FormulaBlock) -> float:
    return glyph_formula(block.rows[0]).width + (EQUALS if block.equals else 0.0)


def _line_width(line: Line) -> float:
    return sum(map(_block_width, line))


def _line_height(line: Line) -> float:
    formulas = [glyph_formula(block.rows[0]) for block in line]
    return max(max(f.ascent, STRUT[0]) for f in formulas) + max(max(f.descent, STRUT[1]) for f in formulas)


def _height(row: str) -> float:
    formula = glyph_formula(row)
    return max(formula.ascent, STRUT[0]) + max(formula.descent, STRUT[1])


def _lines(text: str, width: float, size: float) -> list[str]:
    """Return a text in at most two lines, the second cut where it does not fit."""
    words = text.split(" ")
    count = len(words)
    while count > 1 and ui_width(" ".join(words[:count]), size) > width:
        count -= 1
    first, rest = " ".join(words[:count]), " ".join(words[count:])
    return [line for line in (first, cut_words(rest, width, size)) if line]


def cut_words(text: str, width: float, size: float) -> str:
    """Return a text that fits in a width, with an ellipsis for what it is longer."""
    if ui_width(text, size) <= width:
        return text
    while text and ui_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
