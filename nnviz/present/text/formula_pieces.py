"""The pieces of a formula, each with symbols and with numbers, and the parentheses that signs and powers need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A part of an expression, written once with symbols and once with numbers."""

    symbols: str
    numbers: str
    breakable: bool = False


def literal(tex: str) -> Piece:
    """Return a piece that is the same in both lines."""
    return Piece(tex, tex)


PLUS = Piece(" + ", " + ", breakable=True)
TIMES = Piece(r"\,", r" \cdot ")


def parenthesised(piece: Piece) -> Piece:
    """Return a number after a minus sign or as a factor: in parentheses if it is negative."""
    return Piece(piece.symbols, rf"\left({piece.numbers}\right)") if "}{-" in piece.numbers else piece


def as_factor(symbol: str) -> str:
    """Return a symbol as a factor that is not the first: in parentheses if it begins with a minus sign."""
    return rf"\left({symbol}\right)" if symbol.startswith("-") else symbol


def square_of(piece: Piece) -> Piece:
    """Return the square, with parentheses around a fraction or a power of ten."""

    def square(tex: str) -> str:
        loose = (r"\frac" in tex or r"\times" in tex) and r"}{\left(" not in tex
        return rf"\left({tex}\right)^2" if loose else f"{tex}^2"

    return Piece(square(piece.symbols), square(piece.numbers))


def raised(symbol: str, script: str) -> str:
    """Return a symbol with a superscript, even if it already has one."""
    return f"{{{symbol}}}^{{{script}}}" if "^" in symbol else f"{symbol}^{{{script}}}"
