"""The shapes of a picture as a TikZ picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nnviz.formats.pictures.shapes import MONO, DiscShape, FormulaShape, PathShape, RectShape, Shape, TextShape
from nnviz.formats.tex import escaped, unmarked
from nnviz.present.core.palette import Palette

WIDTH, POINTS = 15.0, 28.45  # of a picture in cm; points in a cm
_PATH = re.compile(r"([MLHhlCZz])([^MLHhlCZz]*)")
# Characters of a figure or name that plain LaTeX does not have as text.
_MATH = {
    "\N{MINUS SIGN}": "$-$",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "′": "$'$",
    "∂": r"$\partial$",
    "∇": r"$\nabla$",
    "∞": r"$\infty$",
    "δ": r"$\delta$",
    "Δ": r"$\Delta$",
    "η": r"$\eta$",
    "μ": r"$\mu$",
    "σ": r"$\sigma$",
    "τ": r"$\tau$",
    "⟨": r"$\langle$",
    "⟩": r"$\rangle$",
    "\N{EM DASH}": "--",
    "…": r"\dots ",
    **{
        character: f"$_{{{plain}}}$"
        for plain, character in zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
    },
    **{character: f"$^{{{plain}}}$" for plain, character in zip("0123456789-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾", strict=True)},
}


def tikz_picture(shapes: Iterable[Shape], width: float, palette: Palette) -> str:
    """Return the shapes of a picture of a width as a tikzpicture. Shapes in groups are left out."""
    scale = WIDTH / width
    writer = _Writer(palette, scale)
    lines = [line for shape in shapes for line in writer.lines(shape)]
    return "\n".join([rf"\begin{{tikzpicture}}[x={scale:.5f}cm,y=-{scale:.5f}cm]", *lines, r"\end{tikzpicture}"])


class _Writer:
    """Writes shapes one by one; `scale` is the size of a unit of the picture in cm."""

    def __init__(self, palette: Palette, scale: float) -> None:
        self.palette = palette
        self.scale = scale

    def lines(self, shape: Shape) -> Iterator[str]:
        match shape:
            case RectShape():
                left, top, width, height = shape.rect
                corner = f", rounded corners={shape.radius * self.scale:.3f}cm" if shape.radius else ""
                style = self._style(shape.fill, shape.stroke, shape.width, shape.dash)
                yield rf"\path[{style}{corner}] ({left:g},{top:g}) rectangle ({left + width:g},{top + height:g});"
            case DiscShape():
                style = self._style(shape.fill, shape.stroke, shape.width, shape.dash)
                radius = f"{shape.radius * self.scale:.4f}cm"
                yield rf"\path[{style}] ({shape.x:g},{shape.y:g}) circle [radius={radius}];"
            case PathShape():
                style = self._style(shape.fill, shape.stroke, shape.width, shape.dash)
                yield rf"\path[{style}] {_path(shape.d)};"
            case TextShape():
                family = r"\ttfamily" if shape.face == MONO else r"\sffamily"
                words = "".join(_MATH.get(char, char) for char in escaped(shape.text))
                yield self._node(f"{family} {words}", "mid", shape)
            case FormulaShape():
                yield self._node(f"${unmarked(shape.tex)}$", "base west", shape)

    def _node(self, content: str, anchor: str, shape: TextShape | FormulaShape) -> str:
        points = shape.size * self.scale * POINTS
        font = rf"\fontsize{{{points:.2f}}}{{{points:.2f}}}\selectfont"
        style = f"anchor={anchor}, inner sep=0pt, text={self._color(shape.paint)}, font={font}"
        return rf"\node[{style}] at ({shape.x:g},{shape.y:g}) {{{content}}};"

    def _style(self, fill: str, stroke: str, width: float, dash: str) -> str:
        styles = [f"{key}={self._color(paint)}" for key, paint in (("fill", fill), ("draw", stroke)) if paint]
        styles.append(f"line width={width * self.scale * POINTS:.2f}pt")
        return ", ".join([*styles, *(["dashed"] if dash else [])])

    def _color(self, paint: str) -> str:
        color = self.palette.color_of(paint)
        red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
        return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _path(data: str) -> str:
    """Return the data of an SVG path of lines and curves as a path of TikZ."""
    parts: list[str] = []
    y = 0.0
    for command, text in _PATH.findall(data):
        numbers = [float(number) for number in text.split()]
        if command == "M":
            parts.append(f"({numbers[0]:g},{numbers[1]:g})")
            y = numbers[1]
        elif command == "L":
            parts.append(f"-- ({numbers[0]:g},{numbers[1]:g})")
        elif command == "H":
            parts.append(f"-- ({numbers[0]:g},{y:g})")
        elif command == "h":
            parts.append(f"-- ++({numbers[0]:g},0)")
        elif command == "l":
            parts.append(f"-- ++({numbers[0]:g},{numbers[1]:g})")
        elif command == "C":
            first, second, end = (f"({numbers[at]:g},{numbers[at + 1]:g})" for at in (0, 2, 4))
            parts.append(f".. controls {first} and {second} .. {end}")
            y = numbers[5]
        else:
            parts.append("-- cycle")
    return " ".join(parts)
