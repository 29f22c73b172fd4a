"""The parts of formulas: operands, and sums and products of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnviz.present.core.voice import Voice
from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, as_factor
from nnviz.present.text.numbers import short, tex_number
from nnviz.tracing.provenance import Operand
from nnviz.tracing.steps import Quantity
from nnviz.tracing.trace import Trace

DECIMALS = 6
# A longer sum is written with a sum sign, and only its first and last numbers are shown.
MOST_TERMS = 5


@dataclass(frozen=True)
class FormulaOperand:
    """One operand of a formula: its id there (from 1), quantity, symbol, and value in the document's form."""

    id: int
    quantity: Quantity
    symbol: str
    value: float
    origin: int | None


class Writer:
    """Collects the operands of one formula while its expression is written.

    `parts` are the operands of the step, in the order of provenance. `named` has symbols and numbers that replace
    those of an operand, if the formula uses a function of it.
    """

    def __init__(self, trace: Trace, voice: Voice, parts: Sequence[Operand]) -> None:
        self.trace = trace
        self.voice = voice
        self.parts = parts
        self.operands: list[FormulaOperand] = []
        self.named: dict[Quantity, tuple[str, float]] = {}

    def operand(self, part: Operand, bare: bool = False, symbol: str = "") -> Piece:
        """Return an operand; a negative number gets parentheses unless it is alone or first (`bare`).

        `symbol` replaces the operand's own symbol.
        """
        quantity = part.quantity
        own, value = self.named.get(quantity) or (self.voice.tex(quantity), self.voice.number(quantity))
        symbol = symbol or own
        shown = symbol if bare else as_factor(symbol)
        number = len(self.operands) + 1
        self.operands.append(FormulaOperand(number, part.quantity, symbol, value, part.origin))
        text = tex_number(short(value, DECIMALS))
        if text.startswith("-") and not bare:
            text = rf"\left({text}\right)"
        color = rf"\textcolor{{#{number:06x}}}"
        return Piece(f"{color}{{{shown}}}", f"{color}{{{text}}}")


def product_of(writer: Writer, group: Sequence[Operand], first: bool = False) -> list[Piece]:
    """Return the product of operands; a negative number at the very beginning needs no parentheses."""
    pieces: list[Piece] = []
    for index, part in enumerate(group):
        pieces += [TIMES] * bool(index) + [writer.operand(part, bare=first and index == 0)]
    return pieces


def sum_of(writer: Writer, groups: Sequence[Sequence[Operand]], sigma: str, cut: bool = False) -> list[Piece]:
    """Return a sum of products, in full if it is short, else as `sigma` with its first two and last products.

    `cut` is true if the groups are already only these three.
    """
    if len(groups) <= MOST_TERMS and not cut:
        pieces: list[Piece] = []
        for index, group in enumerate(groups):
            pieces += [PLUS] * bool(index) + product_of(writer, group, first=index == 0)
        return pieces
    shown = [product_of(writer, group, first=i == 0) for i, group in enumerate((*groups[:2], groups[-1]))]
    numbers = ["".join(piece.numbers for piece in pieces) for pieces in shown]
    first_two = Piece(sigma, f"{numbers[0]} + {numbers[1]}")
    return [first_two, Piece("", rf" + \cdots + {numbers[2]}", breakable=True)]


def pairs_of(parts: Sequence[Operand]) -> list[Sequence[Operand]]:
    """Return operands in pairs: weight and input, weight and delta, delta and input."""
    return [parts[i : i + 2] for i in range(0, len(parts), 2)]


def sum_sign(index: str, count: int, term: str, partial: bool = False) -> str:
    """Return a sum sign that runs over `index` from 1 to `count`, before its general term.

    If it is `partial`, it runs over the connections that there are, and no bounds are written.
    """
    if partial:
        return rf"\sum_{{{index}}} {term}"
    return rf"\sum_{{{index}=1}}^{{{count}}} {term}"
