"""A drawing of `network_svg` as a TikZ picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from nnviz.formats.tex import escaped

WIDTH = 15.0  # in cm
_NAMESPACE = "{http://www.w3.org/2000/svg}"
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
_PATH = re.compile(r"([MLHhlCz])([^MLHhlCz]*)")


def tikz_picture(svg: str) -> str:
    """Return an SVG document of circles, rectangles, texts and paths of lines and curves as a tikzpicture."""
    root = ElementTree.fromstring(svg)
    width = float(root.attrib["width"])
    scale = WIDTH / width
    lines = [rf"\begin{{tikzpicture}}[x={scale:.5f}cm,y=-{scale:.5f}cm]"]
    for element in root:
        write = _WRITERS.get(element.tag.removeprefix(_NAMESPACE))
        if write is not None:
            lines.append(write(element, scale))
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _color(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _style(element: ElementTree.Element, scale: float) -> str:
    styles = []
    for name, key in (("fill", "fill"), ("stroke", "draw")):
        value = element.attrib.get(name, "none")
        if value.startswith("#"):
            styles.append(f"{key}={_color(value)}")
    width = float(element.attrib.get("stroke-width", "1"))
    styles.append(f"line width={width * scale * 28.45:.2f}pt")
    if "stroke-dasharray" in element.attrib:
        styles.append("dashed")
    return ", ".join(styles)


def _circle(element: ElementTree.Element, scale: float) -> str:
    x, y, radius = (element.attrib[name] for name in ("cx", "cy", "r"))
    return rf"\path[{_style(element, scale)}] ({x},{y}) circle [radius={float(radius) * scale:.4f}cm];"


def _rect(element: ElementTree.Element, scale: float) -> str:
    left, top, width, height = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
    corner = float(element.attrib.get("rx", "0")) * scale
    style = f"{_style(element, scale)}, rounded corners={corner:.3f}cm" if corner else _style(element, scale)
    return rf"\path[{style}] ({left:g},{top:g}) rectangle ({left + width:g},{top + height:g});"


def _path(element: ElementTree.Element, scale: float) -> str:
    parts: list[str] = []
    y = 0.0
    for command, text in _PATH.findall(element.attrib["d"]):
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
    return rf"\path[{_style(element, scale)}] {' '.join(parts)};"


def _text(element: ElementTree.Element, scale: float) -> str:
    tex = element.attrib.get("data-tex")
    size = float(element.attrib["font-size"])
    family = r"\ttfamily" if "Mono" in element.attrib["font-family"] else r"\rmfamily"
    # The baseline of a text is given; a node is placed by its base.
    points = size * scale * 28.45
    font = rf"\fontsize{{{points:.2f}}}{{{points:.2f}}}\selectfont{family}"
    content = f"${tex}$" if tex else "".join(_MATH.get(char, char) for char in escaped("".join(element.itertext())))
    x, y = element.attrib["x"], element.attrib["y"]
    color = _color(element.attrib["fill"])
    return rf"\node[anchor=base, inner sep=0pt, text={color}, font={font}] at ({x},{y}) {{{content}}};"


_WRITERS = {"circle": _circle, "rect": _rect, "path": _path, "text": _text}
