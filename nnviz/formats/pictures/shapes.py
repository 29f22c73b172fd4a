"""The shapes of which pictures consist: rectangles, discs, paths, texts and formulas, with colours by their purpose."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.present.places.glyphs import glyph_formula
from nnviz.present.places.label import Rect
from nnviz.tracing.steps import Quantity

MONO, UI = "mono", "ui"
LEFT, MIDDLE, RIGHT = "start", "middle", "end"
NONE = ""  # the paint of what is not filled or not stroked

# A paint is the name of a colour of the palette, or "a b 25": a mixed with 25 % of b.


@dataclass(frozen=True)
class RectShape:
    """A rectangle with round corners."""

    rect: Rect
    fill: str
    stroke: str = NONE
    width: float = 1.0
    radius: float = 0.0
    dash: str = ""
    of: Quantity | None = None


@dataclass(frozen=True)
class DiscShape:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str
    stroke: str = NONE
    width: float = 1.0
    dash: str = ""
    of: Quantity | None = None


@dataclass(frozen=True)
class PathShape:
    """A path: SVG path data."""

    d: str
    stroke: str
    width: float = 1.0
    fill: str = NONE
    dash: str = ""
    of: Quantity | None = None


@dataclass(frozen=True)
class TextShape:
    """One line of text, vertically centered on y."""

    text: str
    x: float
    y: float
    size: float
    paint: str
    face: str = MONO
    weight: int = 400
    anchor: str = MIDDLE
    of: Quantity | None = None


@dataclass(frozen=True)
class FormulaShape:
    """A formula in TeX with the left end of its baseline at (x, y); `inks` are the paints of its operands."""

    tex: str
    x: float
    y: float
    size: float
    paint: str
    inks: tuple[tuple[int, str], ...] = ()
    of: Quantity | None = None


@dataclass(frozen=True)
class GroupShape:
    """Shapes at another place and scale."""

    shapes: tuple[Shape, ...]
    x: float
    y: float
    scale: float = 1.0
    of: Quantity | None = None


Shape = RectShape | DiscShape | PathShape | TextShape | FormulaShape | GroupShape


def mixed(ground: str, color: str, share: float) -> str:
    """Return the paint that is `share` (0 to 1) of the way from one colour to another."""
    percent = round(100 * share)
    return ground if percent <= 0 else color if percent >= 100 else f"{ground} {color} {percent}"


def grown_box(rect: Rect, by: float, fill: str, radius: float) -> RectShape:
    """Return a rectangle that is larger on every side, without an outline."""
    left, top, width, height = rect
    return RectShape((left - by, top - by, width + 2 * by, height + 2 * by), fill, radius=radius)


def centered_formula(tex: str, rect: Rect, size: float, paint: str) -> FormulaShape:
    """Return a formula in the middle of a rectangle."""
    formula = glyph_formula(tex)
    left, top, width, height = rect
    spare = max(height - (formula.ascent + formula.descent) * size, 0.0)
    y = top + height - spare / 2 - formula.descent * size
    return FormulaShape(tex, left + width / 2 - formula.width * size / 2, y, size, paint)


def fitted_formula(tex: str, rect: Rect, size: float, paint: str, align: str = LEFT) -> FormulaShape:
    """Return a formula in a room, on one baseline with others of its size, and smaller if it would not fit."""
    formula = glyph_formula(tex)
    left, top, width, height = rect
    fit = fitting_size(tex, rect, size)
    free = width - formula.width * fit
    x = left + {LEFT: 0.0, RIGHT: free}.get(align, free / 2)
    lowest, highest = top + height - formula.descent * fit, top + formula.ascent * fit
    return FormulaShape(tex, x, max(min(top + height / 2 + 0.3 * fit, lowest), highest), fit, paint)


def fitting_size(tex: str, rect: Rect, size: float) -> float:
    """Return the type size at which a formula fits in a room, at most `size`."""
    formula = glyph_formula(tex)
    high = formula.ascent + formula.descent
    return min(size, rect[2] / max(formula.width, 0.01), rect[3] / max(high, 0.01))
