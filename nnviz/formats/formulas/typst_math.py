"""Formulas in the math mode of Typst."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnviz.formats.formulas.tex_tree import (
    Accent,
    Cancelled,
    Fenced,
    Fraction,
    Matrix,
    Node,
    Root,
    Scripts,
    Styled,
    Symbol,
    TexRow,
    parse_tex,
)

# Characters that mean something to Typst, by their names.
_NAMES = {
    "(": "paren.l",
    ")": "paren.r",
    "[": "bracket.l",
    "]": "bracket.r",
    "{": "brace.l",
    "}": "brace.r",
    "⟨": "⟨",
    "⟩": "⟩",
    "|": "bar.v",
    ",": "comma",
    ";": "semi",
    ":": "colon",
    "!": "excl",
    "/": "slash",
    "*": "ast.op",
    "-": "minus",
    "′": "prime",
    "#": "hash",
    "_": '"_"',
    "&": '"&"',
    "$": '"$"',
    "%": '"%"',
    "½": "1/2",
}
_STYLES = {"mathrm": "upright", "mathbf": "bold", "mathit": "italic", "mathtt": "mono", "operatorname": "op"}
_ACCENTS = {"^": "hat", "¯": "macron"}


def typst_math(tex: str) -> str:
    """Return a formula in TeX as Typst writes it, without the dollar signs. Raises TexError."""
    return _row(parse_tex(tex))


def typst_string(text: str) -> str:
    """Return a text as a string of Typst."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def _row(row: TexRow) -> str:
    """Return parts with spaces between them, which Typst drops, except beside a text, where it would keep them."""
    out, was_text = "", True
    for item in row.items:
        written, is_text = _node(item), isinstance(item, Styled) and item.style == "text"
        if written:
            out += written if is_text or was_text else f" {written}"
            was_text = is_text
    return out


def _node(node: Node) -> str:
    return _WRITERS[type(node)](node)


def _symbol(symbol: Symbol) -> str:
    if symbol.role == "space":
        return f"#h({symbol.text}em)" if float(symbol.text) else ""
    if symbol.role == "number":
        return symbol.text.replace(",", '","')  # a bare comma would end an argument, and be spaced
    return _NAMES.get(symbol.text, symbol.text)


def _group(row: TexRow) -> str:
    """Return a row as one argument of a function; an empty one is an empty string."""
    return _row(row) or '""'


def _scripts(node: Scripts) -> str:
    base = _node(node.base) or '""'
    scripts = [f"{place}: {_group(row)}" for place, row in (("b", node.below), ("t", node.above)) if row is not None]
    return f"attach({', '.join([base, *scripts])})"


def _fenced(node: Fenced) -> str:
    left, right = (_NAMES.get(fence, fence) for fence in (node.left, node.right))
    return f"lr({left} {_row(node.inner)} {right})"


def _styled(node: Styled) -> str:
    if node.style == "text":
        return typst_string(node.text)
    return f"{_STYLES[node.style]}({typst_string(node.text)})"


def _matrix(node: Matrix) -> str:
    return f"mat({'; '.join(', '.join(_group(cell) for cell in row) for row in node.rows)})"


_WRITERS: dict[type, Callable[[Any], str]] = {
    Symbol: _symbol,
    TexRow: _row,
    Fraction: lambda node: f"frac({_group(node.above)}, {_group(node.below)})",
    Scripts: _scripts,
    Root: lambda node: f"sqrt({_group(node.inner)})",
    Accent: lambda node: f"accent({_group(node.inner)}, {_ACCENTS[node.mark]})",
    Fenced: _fenced,
    Styled: _styled,
    Cancelled: lambda node: f"cancel({_group(node.inner)})",
    Matrix: _matrix,
}
