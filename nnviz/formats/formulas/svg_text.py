"""Short formulas as one line of SVG text, with subscripts and superscripts as shifted spans."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from nnviz.formats.formulas.tex_tree import (
    Accent,
    Cancelled,
    Fenced,
    Fraction,
    Node,
    Root,
    Scripts,
    Styled,
    Symbol,
    TexRow,
    parse_tex,
)

_SHIFTS = {-1: 0.22, 0: 0.0, 1: -0.38}  # of a subscript and a superscript, in em
_SMALL = 0.68
_HALF = "½"
_ACCENTS = {"^": "\N{COMBINING CIRCUMFLEX ACCENT}", "¯": "\N{COMBINING MACRON}"}

Run = tuple[str, int, bool]  # the text, its level (-1 below, 1 above), and whether it is italic


def svg_formula(tex: str) -> str:
    """Return a formula as the content of a text element; fractions are in one line, matrices left out."""
    spans, shifted = [], 0.0
    for text, level, italic in _merged(_runs(parse_tex(tex), 0)):
        shift = _SHIFTS[level]
        move = shift - shifted
        shifted = shift
        # A shift is counted in the type size of its own span.
        dy = f' dy="{move / (_SMALL if level else 1.0):.3g}em"' if move else ""
        size = f' font-size="{int(_SMALL * 100)}%"' if level else ""
        style = ' font-style="italic"' if italic else ""
        spans.append(f"<tspan{dy}{size}{style}>{escape(text)}</tspan>" if dy or size or style else escape(text))
    return "".join(spans)


def _runs(node: Node, level: int) -> Iterator[Run]:
    if isinstance(node, TexRow):
        for item in node.items:
            yield from _runs(item, level)
    elif isinstance(node, Scripts):
        yield from _runs(node.base, level)
        for row, at in ((node.below, -1), (node.above, 1)):
            if row is not None:
                yield from _runs(row, at)
    elif isinstance(node, Symbol):
        yield _symbol(node, level)
    elif isinstance(node, Styled):
        yield node.text, level, node.style == "mathit"
    elif isinstance(node, Fenced):
        yield node.left, level, False
        yield from _runs(node.inner, level)
        yield node.right, level, False
    elif isinstance(node, Fraction):
        yield from _fraction(node, level)
    elif isinstance(node, Accent):
        yield from ((f"{text}{_ACCENTS[node.mark]}", at, italic) for text, at, italic in _runs(node.inner, level))
    elif isinstance(node, Root):
        yield "√(", level, False
        yield from _runs(node.inner, level)
        yield ")", level, False
    elif isinstance(node, Cancelled):
        yield from _runs(node.inner, level)


def _fraction(node: Fraction, level: int) -> Iterator[Run]:
    above, below = ([*_runs(row, level)] for row in (node.above, node.below))
    if "".join(run[0] for run in above) == "1" and "".join(run[0] for run in below) == "2":
        yield _HALF, level, False
        return
    yield from above
    yield "/", level, False
    yield from below


def _symbol(symbol: Symbol, level: int) -> Run:
    if symbol.role == "space":
        return ("\N{THIN SPACE}" if float(symbol.text) < 0.5 else " "), level, False
    text = "\N{MINUS SIGN}" if symbol.text == "-" else symbol.text
    if symbol.role == "operator" and text in "=+\N{MINUS SIGN}←⋅" and level == 0:
        return f" {text} ", level, False
    return text, level, symbol.role == "identifier" and text.isalpha()


def _merged(runs: Iterator[Run]) -> Iterator[Run]:
    """Yield runs with neighbours of one level and style joined."""
    held: Run | None = None
    for run in runs:
        if held is not None and held[1:] == run[1:]:
            held = (held[0] + run[0], *run[1:])
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held
