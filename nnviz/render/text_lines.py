"""Text broken into lines that fit a width; what does not fit ends in an ellipsis."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from nnviz.render.paint import text_width


def elided(text: str, font: QFont, width: float) -> str:
    """Return one line of text that fits a width, its end replaced by an ellipsis if necessary."""
    if text_width(font, text) <= width:
        return text
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def wrapped(text: str, font: QFont, width: float, most: int) -> tuple[str, ...]:
    """Return at most a number of lines of text that fit a width, broken between words."""
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < most - 1:
        count = 1
        while count < len(rest) and text_width(font, " ".join(rest[: count + 1])) <= width:
            count += 1
        lines.append(elided(" ".join(rest[:count]), font, width))
        rest = rest[count:]
    return (*lines, elided(" ".join(rest), font, width)) if rest else tuple(lines)
