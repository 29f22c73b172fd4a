"""Shapes as SVG: text is text, formulas are paths with their speech as title, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from nnviz.formats.pictures.shapes import (
    MONO,
    DiscShape,
    FormulaShape,
    GroupShape,
    PathShape,
    RectShape,
    Shape,
    TextShape,
)
from nnviz.present.core.palette import Palette
from nnviz.present.places.glyphs import PlacedGlyph, glyph_formula

UI_FONT = "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
MONO_FONT = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
DROP = 0.355  # em from the middle of a line to its baseline


def svg_document(
    shapes: Iterable[Shape],
    size: tuple[float, float],
    palette: Palette,
    *,
    title: str,
    description: str = "",
    ground: str = "",
) -> str:
    """Return an SVG document of a size. `title` and `description` are what a screen reader says.

    `ground` is the paint of the background, empty for none.
    """
    wide, high = size
    writer = _Writer(palette)
    body = list(writer.elements(shapes))
    back = [f'<rect width="100%" height="100%" fill="{writer.color(ground)}"/>'] if ground else []
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(wide)} {_n(high)}" width="{_n(wide)}" '
        f'height="{_n(high)}" role="img" aria-label="{escape(title)}">'
    )
    texts = f"<title>{escape(title)}</title>" + (f"<desc>{escape(description)}</desc>" if description else "")
    defs = f"<defs>{''.join(writer.definitions)}</defs>" if writer.definitions else ""
    return "\n".join(part for part in [head, texts, defs, *back, *body, "</svg>"] if part) + "\n"


class _Writer:
    """Writes shapes as elements; the outlines of glyphs are defined once."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.definitions: list[str] = []
        self._glyphs: dict[str, str] = {}

    def color(self, paint: str) -> str:
        """Return the color of a paint."""
        return self.palette.color_of(paint) if paint else "none"

    def elements(self, shapes: Iterable[Shape]) -> Iterator[str]:
        for shape in shapes:
            match shape:
                case RectShape():
                    left, top, width, height = map(_n, shape.rect)
                    round_ = f' rx="{_n(shape.radius)}"' if shape.radius else ""
                    place = f'x="{left}" y="{top}" width="{width}" height="{height}"{round_}'
                    yield f"<rect {place}{self._ink(shape.fill, shape.stroke, shape.width, shape.dash)}/>"
                case DiscShape():
                    place = f'cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
                    yield f"<circle {place}{self._ink(shape.fill, shape.stroke, shape.width, shape.dash)}/>"
                case PathShape():
                    ink = self._ink(shape.fill, shape.stroke, shape.width, shape.dash)
                    yield f'<path d="{shape.d}"{ink}/>'
                case TextShape():
                    yield self._words(shape)
                case FormulaShape():
                    yield from self._formula(shape)
                case GroupShape():
                    move = f"translate({_n(shape.x)} {_n(shape.y)}) scale({shape.scale:.4f})"
                    yield f'<g transform="{move}">'
                    yield from self.elements(shape.shapes)
                    yield "</g>"

    def _ink(self, fill: str, stroke: str, width: float, dash: str) -> str:
        line = f' stroke="{self.color(stroke)}" stroke-width="{_n(width)}"' if stroke else ""
        return f' fill="{self.color(fill)}"{line}' + (f' stroke-dasharray="{dash}"' if dash else "")

    def _words(self, words: TextShape) -> str:
        family = MONO_FONT if words.face == MONO else UI_FONT
        weight = f' font-weight="{words.weight}"' if words.weight != 400 else ""
        return (
            f'<text x="{_n(words.x)}" y="{_n(words.y + DROP * words.size)}" text-anchor="{words.anchor}" '
            f'font-family="{family}" font-size="{_n(words.size)}"{weight} fill="{self.color(words.paint)}">'
            f"{escape(words.text)}</text>"
        )

    def _formula(self, shape: FormulaShape) -> Iterator[str]:
        formula = glyph_formula(shape.tex)
        if not formula.glyphs:
            at = TextShape(formula.text, shape.x, shape.y - DROP * shape.size, shape.size, shape.paint, anchor="start")
            yield self._words(at)
            return
        scale = shape.size / 1000
        inks = dict(shape.inks)
        yield (
            f'<g transform="translate({_n(shape.x)} {_n(shape.y)}) scale({scale:.5f})" '
            f'fill="{self.color(shape.paint)}"><title>{escape(formula.speech)}</title>'
        )
        for glyph in formula.glyphs:
            yield self._glyph(glyph, inks.get(glyph.operand, ""), shape.paint)
        yield "</g>"

    def _glyph(self, glyph: PlacedGlyph, paint: str, ink_of_all: str) -> str:
        name = self._glyphs.get(glyph.outline)
        if name is None:
            name = self._glyphs[glyph.outline] = f"g{len(self._glyphs)}"
            self.definitions.append(f'<path id="{name}" d="{glyph.outline}"/>')
        ink = f' fill="{self.color(paint)}"' if paint else ""
        if glyph.stroke:
            color = self.color(paint or ink_of_all)
            ink = f' fill="none" stroke="{color}" stroke-width="{_n(glyph.stroke)}" stroke-linecap="round"'
        place = " ".join(f"{value:g}" for value in (round(value, 3) for value in glyph.place))
        return f'<use href="#{name}" transform="matrix({place})"{ink}/>'


def _n(number: float) -> str:
    """Return a coordinate, short."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
