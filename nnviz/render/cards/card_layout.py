"""The step card laid out for a width and a type scale: where each text, formula row and chip is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QTextLayout, QTextOption

from nnviz.present.words.card import Card
from nnviz.present.words.card_blocks import ChipBlock, FormulaBlock, TextBlock, card_blocks, first_terms, inline
from nnviz.render.fonts import ui_font
from nnviz.render.formula_paths import FormulaPath, operand_at, typeset

# Sizes at scale 1, in pixels.
LEFT, RIGHT, TOP, BOTTOM = 14.0, 12.0, 2.0, 6.0
SPACING, AFTER_TITLE, BEFORE_TEXT = 3.0, 5.0, 4.0
EQUALS_LEFT, AFTER_EQUALS = 6.0, 4.0
PAD = 4.0  # around a row of a formula, for its highlight
STRUT = (0.75, 0.3)  # least em above and below the baseline, so that the height does not depend on descenders
SMALLEST = 0.6  # factor of its size; a longer formula is cut off
CHIP_HIGH, CHIP_PAD, CHIP_GAP, CHIP_AIR, CHIP_LEFT = 22.0, 12.0, 6.0, 3.0, 30.0
FORMULA_SIZES = {"part": 15.5, "symbols": 25.0, "numbers": 23.0, "result": 23.0}
TEXT_FONTS = {"where": (12.0, QFont.Weight.DemiBold), "title": (19.0, QFont.Weight.DemiBold)}
TEXT_FONTS |= {"text": (13.5, QFont.Weight.Normal)}
CHIP_FONT = (12.0, QFont.Weight.DemiBold)
# In a low room the result is beside the numbers if it fits and fractions and sums are low, then formula and text are
# smaller, and at last only the first row of the numbers is shown: (size of the formula, is it tight, size of the text,
# are the numbers short).
TIGHTNESS = (
    *((1.0, False, 1.0, False), (1.0, True, 1.0, False), (0.9, True, 1.0, False), (0.8, True, 1.0, False)),
    *((0.7, True, 0.9, False), (0.7, True, 0.9, True)),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedText:
    """A text at its place, broken into lines; `color` is the palette's name of its color."""

    role: str
    text: str
    rect: QRectF
    layout: QTextLayout
    color: str

    def position_at(self, point: QPointF) -> int:
        """Return the index of the character at a point of the card, or of the nearest one."""
        inner = point - self.rect.topLeft()
        lines = [self.layout.lineAt(index) for index in range(self.layout.lineCount())]
        for line in lines:
            if inner.y() < line.y() + line.height():
                return line.xToCursor(inner.x())
        return len(self.text)


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedFormula:
    """A row of a formula: its baseline's left end, pixels per em, and colors by operand, as names in the palette."""

    role: str
    tex: str
    formula: FormulaPath
    origin: QPointF
    size: float
    rect: QRectF
    ink: str
    colors: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_cut(self) -> bool:
        """Whether the row is longer than its room."""
        return self.origin.x() + self.formula.width * self.size > self.rect.right() - PAD + 0.01

    def operand_at(self, point: QPointF) -> int:
        """Return the operand at a point of the card; 0 for none."""
        return operand_at(self.formula, point - self.origin, self.size) if self.rect.contains(point) else 0

    def rects_of(self, operand: int) -> tuple[QRectF, ...]:
        """Return where an operand is in the row."""
        boxes = (box.rect for box in self.formula.boxes if box.operand == operand)
        return tuple(QRectF(box.topLeft() * self.size + self.origin, box.size() * self.size) for box in boxes)


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedChip:
    """A chip at its place, with the panel that it leads to."""

    block: ChipBlock
    rect: QRectF
    layout: QTextLayout


@dataclass(frozen=True, eq=False, kw_only=True)
class CardLayout:
    """Everything on a card at its place.

    `wanted` is the height that it would have in a room of any height. `gap` is the room kept free after the formula.
    """

    width: float
    height: float
    wanted: float
    scale: float
    phase: str
    texts: tuple[PlacedText, ...]
    formulas: tuple[PlacedFormula, ...]
    chips: tuple[PlacedChip, ...]
    gap: QRectF = field(default_factory=QRectF)

    def operand_at(self, point: QPointF) -> int:
        """Return the operand of the formula at a point; 0 for none. Lines of terms have operands of their own."""
        rows = (row for row in self.formulas if row.role != "part")
        return next((found for row in rows if (found := row.operand_at(point))), 0)

    def chip_at(self, point: QPointF) -> ChipBlock | None:
        """Return the chip at a point."""
        return next((chip.block for chip in self.chips if chip.rect.contains(point)), None)

    def text_at(self, point: QPointF) -> PlacedText | None:
        """Return the text at a point."""
        return next((text for text in self.texts if text.rect.contains(point)), None)


def lay_out_card(
    card: Card, width: float, scale: float = 1.0, room: float | None = None, gap: float = 0.0
) -> CardLayout:
    """Lay out a card for a width. Its height follows; if that exceeds the `room`, formulas and gaps are tightened.

    `gap` pixels are kept free after the formula, for controls.
    """
    made = loosest = _Column(card, width, scale, *TIGHTNESS[0]).laid_out(gap)
    for tightness in TIGHTNESS[1:]:
        if room is None or made.height <= room:
            break
        made = _Column(card, width, scale, *tightness).laid_out(gap)
    return replace(made, wanted=loosest.height)


def broken_text(text: str, font: QFont, width: float) -> tuple[QTextLayout, float, float]:
    """Return a text broken into lines of a width, its height, and the width of its longest line."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    y = widest = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1.0))
        line.setPosition(QPointF(0, y))
        y += line.height()
        widest = max(widest, line.naturalTextWidth())
    layout.endLayout()
    return layout, y, widest


def placed_row(block: FormulaBlock, tex: str, place: QPointF, room: float, size: float) -> PlacedFormula:
    """Place a row of a formula in a room, shrunk if it does not fit; its height does not depend on that."""
    formula = typeset(tex)
    above, below = extent(formula)
    inner = max(room - 2 * PAD, 0.0)
    wide = formula.width * size
    used = size * (1.0 if wide <= inner else max(SMALLEST, inner / wide))
    high = (above + below) * size + 2 * PAD
    slack = high - (above + below) * used
    return PlacedFormula(
        role=block.role,
        tex=tex,
        formula=formula,
        origin=QPointF(place.x() + PAD, place.y() + slack / 2 + above * used),
        size=used,
        rect=QRectF(place.x(), place.y(), room, high),
        ink=block.ink,
        colors=dict(block.colors),
    )


def extent(formula: FormulaPath) -> tuple[float, float]:
    """Return the em that a row keeps above and below its baseline."""
    return max(formula.ascent, STRUT[0]), max(formula.descent, STRUT[1])


class _Column:
    """The blocks of a card being placed one under the other."""

    def __init__(
        self, card: Card, width: float, scale: float, tightness: float, is_tight: bool, text: float, is_short: bool
    ) -> None:
        self._card, self._width, self._scale = card, width, scale
        self._tightness, self._is_tight, self._text_size, self._is_short = tightness, is_tight, text, is_short
        self._y = TOP * scale
        self._texts: list[PlacedText] = []
        self._formulas: list[PlacedFormula] = []
        self._chips: list[PlacedChip] = []

    def laid_out(self, gap: float) -> CardLayout:
        blocks = card_blocks(self._card)
        for block in blocks:
            if isinstance(block, TextBlock) and block.role != "text":
                self._text(block)
        formulas = [block for block in blocks if isinstance(block, FormulaBlock)]
        if formulas:
            self._y += AFTER_TITLE * self._tight
        for formula in formulas:
            is_long = self._is_short and formula.role == "numbers" and len(formula.rows) > 1
            self._formula(first_terms(formula) if is_long else formula)
        free = QRectF(LEFT * self._scale, self._y, self._room, gap)
        self._y += gap
        self._chip_rows([block for block in blocks if isinstance(block, ChipBlock)])
        for block in blocks:
            if isinstance(block, TextBlock) and block.role == "text":
                self._y += BEFORE_TEXT * self._scale
                self._text(block)
        height = self._y + BOTTOM * self._scale
        return CardLayout(
            width=self._width,
            height=height,
            wanted=height,
            scale=self._scale,
            phase=self._card.phase,
            texts=tuple(self._texts),
            formulas=tuple(self._formulas),
            chips=tuple(self._chips),
            gap=free,
        )

    @property
    def _room(self) -> float:
        return self._width - (LEFT + RIGHT) * self._scale

    @property
    def _tight(self) -> float:
        return self._scale * self._tightness

    def _text(self, block: TextBlock) -> None:
        size, weight = TEXT_FONTS[block.role]
        if block.role == "text":
            size *= self._text_size
        layout, high, _ = broken_text(block.text, ui_font(size * self._scale, weight), self._room)
        rect = QRectF(LEFT * self._scale, self._y, self._room, high)
        color = {"where": self._card.phase, "title": "text"}.get(block.role, "muted")
        self._texts.append(PlacedText(role=block.role, text=block.text, rect=rect, layout=layout, color=color))
        self._y += high + SPACING * self._scale

    def _formula(self, block: FormulaBlock) -> None:
        size = FORMULA_SIZES[block.role] * self._tight
        left = LEFT * self._scale
        sign = FormulaBlock("equals", ("=",), False, "muted")
        sign_wide = typeset("=").width * size + 2 * PAD
        if block.role == "result" and self._is_tight and self._beside(block, sign, size):
            return
        equals = left + EQUALS_LEFT * self._scale
        if block.equals:
            left = equals + sign_wide + AFTER_EQUALS * self._scale
        for index, tex in enumerate(block.rows):
            room = self._width - RIGHT * self._scale - left
            row = placed_row(block, inline(tex) if self._is_tight else tex, QPointF(left, self._y), room, size)
            if block.equals and index == 0:
                before = placed_row(sign, "=", QPointF(equals, self._y), sign_wide + 1, size)
                on_line = QPointF(before.origin.x(), row.origin.y())
                rect = QRectF(equals, self._y, sign_wide + 1, row.rect.height())
                self._formulas.append(replace(before, origin=on_line, rect=rect))
            self._formulas.append(row)
            self._y += row.rect.height()
        self._y += SPACING * self._tight

    def _beside(self, block: FormulaBlock, sign: FormulaBlock, size: float) -> bool:
        """Place a result beside the last row of numbers if there is room; return whether there was."""
        before = self._formulas[-1] if self._formulas else None
        if before is None or before.role != "numbers":
            return False
        sign_wide = typeset("=").width * size + 2 * PAD
        wide = typeset(block.rows[0]).width * size + 2 * PAD
        left = before.origin.x() + before.formula.width * before.size + PAD
        if before.size < size or left + sign_wide + wide > before.rect.right():
            return False
        trimmed = QRectF(before.rect.topLeft(), QPointF(left, before.rect.bottom()))
        self._formulas[-1] = replace(before, rect=trimmed)
        for part, tex, start, room in (
            (sign, "=", left, sign_wide),
            (block, block.rows[0], left + sign_wide, before.rect.right() - left - sign_wide),
        ):
            row = placed_row(part, tex, QPointF(start, trimmed.top()), room, size)
            rect = QRectF(start, trimmed.top(), room, trimmed.height())
            self._formulas.append(replace(row, origin=QPointF(row.origin.x(), before.origin.y()), rect=rect))
        return True

    def _chip_rows(self, blocks: list[ChipBlock]) -> None:
        start = (LEFT + CHIP_LEFT) * self._scale
        right = self._width - RIGHT * self._scale
        chips, bottom = placed_chips(blocks, QPointF(start, self._y + CHIP_AIR * self._scale), right, self._scale)
        self._chips += chips
        if chips:
            self._y = bottom + (CHIP_AIR + SPACING) * self._scale


def placed_chips(blocks: list[ChipBlock], start: QPointF, right: float, scale: float) -> tuple[list[PlacedChip], float]:
    """Place chips from left to right and on the next line where they do not fit; return them and their lower end."""
    x, y, bottom = start.x(), start.y(), start.y()
    font = ui_font(CHIP_FONT[0] * scale, CHIP_FONT[1])
    pad = CHIP_PAD * scale
    chips = []
    for block in blocks:
        layout, high, wide = broken_text(block.chip.text, font, right - start.x() - 2 * pad)
        rows = max(1, layout.lineCount())
        height = CHIP_HIGH * scale + high * (rows - 1) / rows
        width = wide + 2 * pad
        if x > start.x() and x + width > right:
            x, y = start.x(), bottom + CHIP_AIR * scale
        chips.append(PlacedChip(block=block, rect=QRectF(x, y, width, height), layout=layout))
        x += width + CHIP_GAP * scale
        bottom = max(bottom, y + height)
    return chips, bottom
