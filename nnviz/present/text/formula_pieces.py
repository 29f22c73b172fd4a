"""Pieces of a formula, each written once with symbols and once with numbers, and how signs and powers bind them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A part of an expression, written once with symbols and once with numbers."""

    symbols: str
    numbers: str
    breakable: bool = False


def literal(tex: str) -> Piece:
    """The same in both lines."""
    return Piece(tex, tex)


PLUS = Piece(" + ", " + ", breakable=True)
TIMES = Piece(r"\,", r" \cdot ")


def parenthesised(piece: Piece) -> Piece:
    """A number behind a minus sign: in parentheses if it is negative itself."""
    return Piece(piece.symbols, rf"\left({piece.numbers}\right)") if "}{-" in piece.numbers else piece


def square_of(piece: Piece) -> Piece:
    """The square; of a fraction or a power of ten it needs parentheses."""

    def square(tex: str) -> str:
        loose = r"\frac" in tex or (r"\times" in tex and r"\left(" not in tex)
        return rf"\left({tex}\right)^2" if loose else f"{tex}^2"

    return Piece(square(piece.symbols), square(piece.numbers))


def raised(symbol: str, script: str) -> str:
    """A symbol with a superscript, also where it has one already."""
    return f"{{{symbol}}}^{{{script}}}" if "^" in symbol else f"{symbol}^{{{script}}}"
