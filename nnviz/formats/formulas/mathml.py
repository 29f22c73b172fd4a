"""Formulas as MathML, which browsers draw without scripts, fonts or a network."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
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

_STYLES = {"mathrm": "normal", "operatorname": "normal", "mathit": "italic", "mathtt": "monospace"}
_SIGN = '<mo form="prefix">\N{MINUS SIGN}</mo>'
_PRIME = TexRow((Symbol("identifier", "\N{PRIME}"),))
_BRACKET = '<mo stretchy="{}" fence="true">{}</mo>'


def mathml(tex: str, is_display: bool = False) -> str:
    """Return a formula in TeX as a math element. Raises TexError."""
    display = ' displaystyle="true"' if is_display else ""
    return f"<math{display}>{_row(parse_tex(tex))}</math>"


def _row(row: TexRow) -> str:
    """Return parts side by side; a minus at the start or after a relation is a sign."""
    out, signs = "", True
    for item in row.items:
        is_minus = isinstance(item, Symbol) and item.text == "-"
        out += _SIGN if is_minus and signs else _node(item)
        signs = isinstance(item, Symbol) and item.role in ("operator", "open")
    return out


def _node(node: Node) -> str:
    return _WRITERS[type(node)](node)


def _group(node: Node | None) -> str:
    """Return a node as one element."""
    return f"<mrow>{'' if node is None else _node(node)}</mrow>"


def _symbol(symbol: Symbol) -> str:
    text = escape(symbol.text, quote=False)
    if symbol.role == "space":
        return f'<mspace width="{symbol.text}em"/>'
    if symbol.role == "number":
        return f"<mn>{text}</mn>"
    if symbol.role in ("identifier", "function"):
        return f"<mi>{text}</mi>"
    if symbol.role in ("open", "close"):
        return _BRACKET.format("false", text)
    return f"<mo>{'−' if text == '-' else text}</mo>"


def _scripts(node: Scripts) -> str:
    if node.above == _PRIME and node.below is None:  # the character is raised by itself
        return f'{_group(node.base)}<mo lspace="0" rspace="0">\N{PRIME}</mo>'
    tag = "msubsup" if node.below and node.above else "msub" if node.below is not None else "msup"
    if isinstance(node.base, Symbol) and node.base.text == "∑":
        tag = {"msubsup": "munderover", "msub": "munder", "msup": "mover"}[tag]
    scripts = "".join(_group(row) for row in (node.below, node.above) if row is not None)
    return f"<{tag}>{_group(node.base)}{scripts}</{tag}>"


def _fenced(node: Fenced) -> str:
    left, right = (_BRACKET.format("true", escape(fence)) for fence in (node.left, node.right))
    return f"<mrow>{left}{_row(node.inner)}{right}</mrow>"


def _styled(node: Styled) -> str:
    text = escape(node.text, quote=False)
    if node.style == "text":
        return f"<mtext>{text.replace(' ', chr(160))}</mtext>"
    if node.style == "mathbf":
        return f'<mi style="font-weight: bold">{text}</mi>'
    variant = _STYLES[node.style]
    return f'<mi mathvariant="{variant}">{text}</mi>'


def _matrix(node: Matrix) -> str:
    rows = "".join(
        f"<mtr>{''.join(f'<mtd>{_row(cell)}</mtd>' for cell in row)}</mtr>" for row in node.rows
    )  # fmt: skip
    return f"<mrow>{_BRACKET.format('true', '(')}<mtable>{rows}</mtable>{_BRACKET.format('true', ')')}</mrow>"


_WRITERS: dict[type, Callable[[Any], str]] = {
    Symbol: _symbol,
    TexRow: _row,
    Fraction: lambda node: f"<mfrac>{_group(node.above)}{_group(node.below)}</mfrac>",
    Scripts: _scripts,
    Root: lambda node: f"<msqrt>{_row(node.inner)}</msqrt>",
    Accent: lambda node: f'<mover accent="true">{_group(node.inner)}<mo>{node.mark}</mo></mover>',
    Fenced: _fenced,
    Styled: _styled,
    Cancelled: lambda node: f'<mrow class="cancelled">{_row(node.inner)}</mrow>',
    Matrix: _matrix,
}
