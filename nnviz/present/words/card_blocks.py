"""The blocks of a step card from top to bottom, and those of the band under a stage, as plain data to lay out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nnviz.present.formula.step_formula import BESIDE, STRUCK, StepFormula, role_of
from nnviz.present.words.card import Card, Chip

# The panel that a chip leads to, by what the chip is about.
CHIP_PANELS = {"printed": "lesson", "change": "conventions", "problem": "health"}

_TALL = re.compile(r"\\(frac|sum)\b")  # what is lower in running text


@dataclass(frozen=True)
class TextBlock:
    """Running text; `role` is where, title, text or note."""

    role: str
    text: str


@dataclass(frozen=True)
class FormulaBlock:
    """A part of a formula in rows of TeX; `role` is symbols, numbers or result, or part for a term in its own line.

    `equals` is true if an equals sign is in front. `ink` names its color in the palette, `colors` those of operands.
    """

    role: str
    rows: tuple[str, ...]
    equals: bool
    ink: str
    colors: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class ChipBlock:
    """A chip, and the id of the panel that says more about it."""

    chip: Chip
    panel: str


Block = TextBlock | FormulaBlock | ChipBlock


def card_blocks(card: Card) -> tuple[Block, ...]:
    """Return the blocks of a card from top to bottom; the note is not among them."""
    texts = (TextBlock("where", card.where), TextBlock("title", card.title))
    formula = card.formula
    formulas = () if formula is None else (*formula_blocks(formula, card.phase), *part_blocks(formula))
    text = (TextBlock("text", card.text),) if card.text else ()
    return (*texts, *formulas, *chip_blocks(card), *text)


def chip_blocks(card: Card) -> tuple[ChipBlock, ...]:
    """Return verdicts and problems of a card, and then what the last choice changed."""
    own = (ChipBlock(chip, CHIP_PANELS["problem" if chip.state == "problem" else "printed"]) for chip in card.chips)
    changes = (ChipBlock(Chip(part, "convention"), CHIP_PANELS["change"]) for part in card.change_parts)
    return (*own, *changes)


def part_blocks(formula: StepFormula) -> tuple[FormulaBlock, ...]:
    """Return a line for each term of a new weight or bias, with its numbers."""
    return tuple(FormulaBlock("part", (part.whole_line,), False, "text", _colors(part)) for part in formula.parts)


def _colors(formula: StepFormula) -> tuple[tuple[int, str], ...]:
    return tuple((operand.id, role_of(operand.quantity, operand.value)) for operand in formula.operands)


def formula_blocks(formula: StepFormula, phase: str) -> tuple[FormulaBlock, ...]:
    """Return the lines of a formula: in symbols, with numbers, and the result in the color of its phase."""
    blocks = [FormulaBlock("symbols", formula.symbol_rows, False, "text")]
    if formula.number_rows:
        blocks.append(FormulaBlock("numbers", formula.number_rows, True, "text", _colors(formula)))
    if formula.result:
        blocks.append(FormulaBlock("result", (result_tex(formula),), True, phase))
    return tuple(blocks)


def result_tex(formula: StepFormula) -> str:
    """Return the result in TeX, in bold type if it is one plain number."""
    is_number = isinstance(formula.value, float) and "times" not in formula.result
    return rf"\mathbf{{{formula.result}}}" if is_number else formula.result


# The formula blocks of one line beside one another, each of one row; and the lines of one way to write a formula.
Line = tuple[FormulaBlock, ...]
Way = tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Band:
    """The card as a band under a stage. `ways` are those to write the formula, the most complete on one line first.

    The last is the least complete: the symbol and the result. If the text `is_whole`, it is never shortened.
    """

    title: str
    chips: tuple[ChipBlock, ...]
    ways: tuple[Way, ...]
    text: str
    phase: str
    is_whole: bool


def band_of(card: Card) -> Band:
    """Return the band of a card. Where a formula is too long for a band, its middle parts are left out."""
    return Band(
        title=card.title,
        chips=chip_blocks(card),
        ways=() if card.formula is None else _with_inline(_ways(card.formula, card.phase)),
        text=card.text or ("" if card.formula is not None else card.where),
        phase=card.phase,
        is_whole=card.is_captioned,
    )


def _with_inline(ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """Return each way followed by the same one with low fractions and sums, if it has any."""
    every: list[Way] = []
    for way in ways:
        low = tuple(tuple(replace(block, rows=(inline(block.rows[0]),)) for block in line) for line in way)
        every += [way] if low == way else [way, low]
    return tuple(every)


def _ways(formula: StepFormula, phase: str) -> tuple[Way, ...]:
    """Return the ways to write a formula: on one line; on two; in rows; with the first terms; without numbers.

    Then a matrix is written on one line, and at last symbol and result are alone. A formula that is struck through
    keeps its rows in each way but the last: the numbers follow the last row. One that is beside the correct formula
    comes after the result, or, where the line is too long, in a row above.
    """
    blocks = formula_blocks(formula, phase)
    main, beside, wrong = blocks[0].rows[-1].partition(BESIDE) if blocks[0].rows else ("", "", "")
    if beside and STRUCK in wrong:
        above = _ways(replace(formula, symbol_rows=(wrong, main)), phase)
        return ((*above[0][1:-1], (*above[0][-1], _symbols(f"{BESIDE}{wrong}"))), *above)
    results = tuple(block for block in blocks if block.role == "result")
    numbers = tuple(block for block in blocks if block.role == "numbers")
    rows = tuple((_symbols(row),) for row in blocks[0].rows)
    in_one = (_symbols(formula.symbols_line),)
    is_kept = formula.is_hidden or any(STRUCK in row for row in blocks[0].rows)
    before, last = (rows[:-1], rows[-1]) if is_kept else ((), in_one)
    flat_results = tuple(replace(block, rows=(formula.flat_result,)) for block in results)
    short = ((_symbols(formula.symbol), *flat_results),)
    if not numbers:
        return (*before, (*last, *results)), (*before, (*last, *flat_results)), short
    flat = replace(numbers[0], rows=(formula.numbers,))
    broken: list[Line] = [(replace(flat, rows=(row,), equals=i == 0),) for i, row in enumerate(numbers[0].rows)]
    return (
        (*before, (*last, flat, *results)),
        (*before, last, (flat, *results)),
        (*rows, *broken[:-1], (*broken[-1], *results)),
        *(((*before, last, (first_terms(numbers[0]), *results)),) if len(broken) > 1 else ()),
        (*before, (*last, *results)),
        short,
    )


def first_terms(block: FormulaBlock) -> FormulaBlock:
    """Return a sum in rows as its first row, with dots for the others."""
    return replace(block, rows=(rf"{block.rows[0]} + \cdots",))


def inline(tex: str) -> str:
    """Return a formula with fractions and sums as low as in running text."""
    return rf"\textstyle {tex}" if _TALL.search(tex) else tex


def _symbols(tex: str) -> FormulaBlock:
    return FormulaBlock("symbols", (tex,), False, "text")
