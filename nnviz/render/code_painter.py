"""Paints the NumPy listing at any size, the current line lit and in sight."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pygments.token import Token, _TokenType
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter

from nnviz.present.core.palette import Palette
from nnviz.present.listing.listing import Listing
from nnviz.render.fonts import mono_font
from nnviz.render.paint import pill, text_width

LINE = 1.6  # of the size of the type
_ROLES = (
    (Token.Comment, "code_comment"),
    (Token.Keyword, "code_keyword"),
    (Token.Literal.Number, "code_number"),
    (Token.Operator, "code_operator"),
    (Token.Punctuation, "code_operator"),
)


def draw_code(painter: QPainter, rect: QRectF, shown: Listing, phase: str, palette: Palette, size: float) -> None:
    """Paint the lines that fit into a rectangle, around the current one; long lines are set smaller."""
    longest = max((line.code for line in shown.lines), key=len, default="")
    strong = mono_font(size, QFont.Weight.DemiBold)
    room = rect.width() - 2.4 * size
    size = max(0.55 * size, min(size, size * room / max(1.0, text_width(strong, longest))))
    height = LINE * size
    most = max(1, int(rect.height() / height))
    first = 0
    if shown.current is not None and len(shown.lines) > most:
        first = min(max(0, shown.current - most // 2), len(shown.lines) - most)
    painter.save()
    painter.setClipRect(rect)
    for row, line in enumerate(shown.lines[first : first + most]):
        top = rect.top() + row * height
        is_current = first + row == shown.current
        if is_current:
            role = phase or "forward"
            pill(painter, QRectF(rect.left(), top, rect.width(), height), getattr(palette, f"{role}_wash"), None, 4.0)
            painter.fillRect(QRectF(rect.left(), top, 0.2 * size, height), QColor(str(getattr(palette, role))))
        font = mono_font(size, QFont.Weight.DemiBold if is_current else QFont.Weight.Normal)
        painter.setFont(font)
        x, baseline = rect.left() + 0.8 * size, top + 0.68 * height
        for text, role in pieces(line.code):
            painter.setPen(QColor(str(getattr(palette, role))))
            painter.drawText(QPointF(x, baseline), text)
            x += text_width(font, text)
    painter.restore()


@lru_cache(maxsize=512)
def pieces(code: str) -> tuple[tuple[str, str], ...]:
    """Return the parts of a line of code with the roles of their colors."""
    return tuple(_pieces(code))


def _pieces(code: str) -> Iterator[tuple[str, str]]:
    from pygments.lexers.python import PythonLexer  # imported late to keep the start fast

    for kind, text in PythonLexer().get_tokens(code):
        if part := text.rstrip("\n"):
            yield part, role_of(kind)


def role_of(kind: _TokenType) -> str:
    """Return the role of the color of a token of code."""
    return next((role for parent, role in _ROLES if kind in parent), "code_name")
