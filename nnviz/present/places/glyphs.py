"""Formulas as outlines of glyphs at their places, without Qt: TeX set by mathra, or plain text where that fails."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree

from nnviz.present.places.label import tex_width
from nnviz.present.text.plain_text import linear

UNITS = 1000.0  # of an outline in one em

Matrix = tuple[float, float, float, float, float, float]  # as in SVG: a b c d e f

_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
_BOLD = re.compile(r"(\\(?:mathbf|boldsymbol|bm)\s*\{)((?:[^{}\\]|\{,\})*)")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_NO_GLYPH = "E-REC-8"  # mathra's rule for a character that its font lacks: it draws a box


@dataclass(frozen=True)
class PlacedGlyph:
    """An outline (SVG path data) and where it is, in 1/1000 em from the baseline's left end, y downwards.

    `operand` 0 is plain ink. If `stroke` is not 0, the outline is a line of that width.
    """

    outline: str
    place: Matrix
    operand: int
    stroke: float = 0.0


@dataclass(frozen=True)
class GlyphFormula:
    """A formula as glyphs: width, ascent and descent in em, speech for screen readers, and one line of plain text.

    Without glyphs the text is drawn: the formula could not be set.
    """

    glyphs: tuple[PlacedGlyph, ...]
    width: float
    ascent: float
    descent: float
    speech: str
    text: str


@lru_cache(maxsize=512)
def glyph_formula(tex: str) -> GlyphFormula:
    """Return a formula as glyphs; never raises.

    The contents of `\\textcolor{#00000k}{…}` are operand k, the colour read as a number.
    """
    try:
        import mathra

        drawn = mathra.render(tex)
        if any(warning["rule"] == _NO_GLYPH for warning in drawn["warnings"]):
            return _plain(tex)
        bold = _bold_figures(tex)
        picture = drawn["svg"] if bold == tex else mathra.tex_to_svg(bold)
        return _parsed(picture, drawn["speech"], drawn["text"])
    # a formula must not stop a page: on any exception of mathra, the text is shown
    except Exception:
        return _plain(tex)


def _plain(tex: str) -> GlyphFormula:
    text = linear(tex)
    return GlyphFormula((), tex_width(tex, 1.0), 0.75, 0.25, text, text)


def _bold_figures(tex: str) -> str:
    """Return `tex` with Unicode's bold digits inside bold commands, which mathra applies to letters only."""
    figures = {ord("0") + digit: chr(0x1D7CE + digit) for digit in range(10)}
    return _BOLD.sub(lambda found: found[1] + found[2].translate(figures), tex)


def _parsed(svg: str, speech: str, text: str) -> GlyphFormula:
    """Return the formula that mathra's SVG draws; raises ValueError on an unknown element."""
    root = ElementTree.fromstring(svg)
    _, top, width, height = _numbers(root.get("viewBox", ""))
    outlines = {"#" + part.get("id", ""): part.get("d", "") for part in root.iter() if _tag(part) == "path"}
    glyphs = [glyph for part in root if _tag(part) == "g" for glyph in _walk(part, _UNIT, 0, outlines)]
    return GlyphFormula(tuple(glyphs), width / UNITS, -top / UNITS, (top + height) / UNITS, speech, text)


def _walk(part: ElementTree.Element, place: Matrix, operand: int, outlines: Mapping[str, str]) -> Iterator[PlacedGlyph]:
    """Yield the glyphs of an SVG element in drawing order; groups pass transform and operand to their children."""
    place = _product(place, _transform(part.get("transform", "")))
    color = part.get("stroke" if _tag(part) == "line" else "fill") or ""
    operand = int(color[1:], 16) if _COLOR.fullmatch(color) else operand
    x, y = float(part.get("x", "0")), float(part.get("y", "0"))
    match _tag(part):
        case "g":
            for child in part:
                yield from _walk(child, place, operand, outlines)
        case "use":
            yield PlacedGlyph(outlines[part.get("href", "")], _product(place, (1, 0, 0, 1, x, y)), operand)
        case "path":
            yield PlacedGlyph(part.get("d", ""), place, operand)
        case "rect":
            bar = f"M0 0H{part.get('width', '0')}V{part.get('height', '0')}H0Z"
            yield PlacedGlyph(bar, _product(place, (1, 0, 0, 1, x, y)), operand)
        case "line":
            x1, y1, x2, y2 = (float(part.get(name, "0")) for name in ("x1", "y1", "x2", "y2"))
            line = f"M0 0L{x2 - x1:g} {y2 - y1:g}"
            at = _product(place, (1, 0, 0, 1, x1, y1))
            yield PlacedGlyph(line, at, operand, float(part.get("stroke-width", "1")))
        case tag:
            raise ValueError(f"unknown SVG element {tag}")


def _transform(text: str) -> Matrix:
    result = _UNIT
    for kind, inside in _TRANSFORM.findall(text):
        values = _numbers(inside)
        match kind:
            case "translate":
                step: Matrix = (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0.0)
            case "scale":
                step = (values[0], 0, 0, values[-1], 0, 0)
            case "matrix":
                a, b, c, d, e, f = values
                step = (a, b, c, d, e, f)
            case _:
                raise ValueError(f"unknown transform {kind}")
        result = _product(result, step)
    return result


def _product(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies `second` and then `first`, as nested groups of SVG do."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * m + e,
        b * k + d * m + f,
    )


def _numbers(text: str) -> list[float]:
    return [number for number in map(float, _NUMBER.findall(text)) if math.isfinite(number)]


def _tag(part: ElementTree.Element) -> str:
    return part.tag.rpartition("}")[2]
