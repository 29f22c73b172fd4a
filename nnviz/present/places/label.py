"""A text with its rectangle and type size, and the widths of text in the two typefaces: pure geometry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from nnviz.present.text.numbers import fixed, pretty
from nnviz.present.text.plain_text import linear

Rect = tuple[float, float, float, float]  # left, top, width, height
Room = tuple[float, float]  # width and height; one unit is a pixel at type scale 1

LEAST_SIZE = 11.0  # of any text on a canvas
# The roles of labels in TeX, and of those in the typeface of the window.
FORMULAS = frozenset(("name", "formula"))
WORDS = frozenset(("title", "caption"))
MOVED_DOT = 2.6  # the radius of the dot beside a number that the last choice changed
# A character of JetBrains Mono, in em; exponents are a little wider than figures.
MONO_EM = 0.602
# Characters of Inter, in em, grouped by width; others are as wide as the widest of the last group.
_UI_EM = (
    (0.24, "ijl"),
    (0.28, "I !·',.:;"),
    (0.36, "frt/()[]-"),
    (0.56, "acesvxyz"),
    (0.61, "bdghknopquEFLJ"),
    (0.68, "ABKPRSTVXYZ0123456789+=<>?"),
    (0.77, "CDGHNOQU"),
)
_WIDEST_UI = 0.98
# Characters of a formula as one line of text, in em: scripts are smaller, operators have space around them.
_TEX_EM = ((0.26, " "), (0.30, "ijl"), (0.42, "(),′"), (0.80, "=−+·⊙"), (0.95, "½"), (1.46, "Σ"))
_SCRIPTS = frozenset("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ʰⁿ")
_SCRIPT_EM, _CAPITAL_EM, _LETTER_EM = 0.43, 0.76, 0.60


@dataclass(frozen=True)
class Label:
    """One text of a canvas: what is written, its rectangle, and its type size in pixels at scale 1.

    `role` says what it is: name and formula are TeX, title, caption and panel are in the typeface of the window, and
    everything else (z, a, delta, bias, weight, gradient, target, error, …) is in the one of figures.
    """

    role: str
    text: str
    rect: Rect
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """The center of the rectangle."""
        left, top, width, height = self.rect
        return left + width / 2, top + height / 2


def mono_width(characters: int, size: float) -> float:
    """Return the width of a number of characters of figures."""
    return MONO_EM * characters * size


@lru_cache(maxsize=1024)
def ui_width(text: str, size: float) -> float:
    """Return a width in which a text in the typeface of the window fits."""
    return 1.02 * size * sum(_em(character, _UI_EM, _WIDEST_UI) for character in text)


@lru_cache(maxsize=1024)
def tex_width(tex: str, size: float) -> float:
    """Return a width in which a formula fits."""
    return size * sum(_tex_em(character) for character in linear(tex)) + 0.1 * size


def _tex_em(character: str) -> float:
    if character in _SCRIPTS:
        return _SCRIPT_EM
    return _em(character, _TEX_EM, _CAPITAL_EM if character.isupper() or character in "mw" else _LETTER_EM)


def _em(character: str, table: tuple[tuple[float, str], ...], other: float) -> float:
    return next((em for em, characters in table if character in characters), other)


def centered(x: float, y: float, width: float, height: float) -> Rect:
    """Return the rectangle of a size around a point."""
    return (x - width / 2, y - height / 2, width, height)


def grown(rect: Rect, by: float) -> Rect:
    """Return a rectangle that is larger on every side."""
    return (rect[0] - by, rect[1] - by, rect[2] + 2 * by, rect[3] + 2 * by)


def holds(rect: Rect, x: float, y: float) -> bool:
    """Return whether a point is in a rectangle or on its border."""
    left, top, width, height = rect
    return left <= x <= left + width and top <= y <= top + height


def contains(outer: Rect, inner: Rect) -> bool:
    """Return whether a rectangle lies within another."""
    return holds(outer, inner[0], inner[1]) and holds(outer, inner[0] + inner[2], inner[1] + inner[3])


def intersect(a: Rect, b: Rect, by: float = 0.0) -> bool:
    """Return whether two rectangles overlap by more than `by` in both directions."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    return across > by and min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]) > by


def crosses(line: tuple[float, float, float, float], rect: Rect) -> bool:
    """Return whether a straight line between two points passes through a rectangle (Liang and Barsky 1984)."""
    x1, y1, x2, y2 = line
    left, top, width, height = rect
    first, last = 0.0, 1.0  # the part of the line that is inside
    for start, run, low, high in ((x1, x2 - x1, left, left + width), (y1, y2 - y1, top, top + height)):
        if abs(run) < 1e-9:
            if not low < start < high:
                return False
        else:
            enters, leaves = sorted(((low - start) / run, (high - start) / run))
            first, last = max(first, enters), min(last, leaves)
    return first < last


def fitting(value: float, text: str, most: int) -> str:
    """Return the text of a number, or a shorter one of at most `most` characters (one or two more for a power)."""
    if len(text) <= most or not math.isfinite(value):
        return text
    plain = [f"{value:.{places}f}" for places in range(4, -1, -1)] if 1e-3 <= abs(value) < 1e9 else []
    shorter = [pretty(form) for form in plain if len(form) <= most and float(form) != 0]
    powers = [pretty(f"{value:.{places}e}") for places in (2, 1, 0)]
    return next(iter(shorter), next((form for form in powers if len(form) <= most), powers[-1]))


def figure(value: float, decimals: int, most: int) -> str:
    """Return a number with its decimals, or with fewer so that it has at most `most` characters."""
    return fitting(value, pretty(fixed(value, decimals)), most)
