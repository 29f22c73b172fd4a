"""The network canvas as SVG, written from the marks of its picture: text is text, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

import numpy as np

from nnviz.formats.formulas.svg_text import svg_formula
from nnviz.present.core.palette import Palette, blend
from nnviz.present.network.edges import edge_sizes
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import BoxMark, EdgesMark, LoopMark, Picture, StripMark, UnitMark
from nnviz.present.places.label import Label, Rect
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.text.plain_text import linear

UI_FONT = "Inter, 'Helvetica Neue', Arial, 'Libertinus Serif', sans-serif"
MONO_FONT = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
MATH_FONT = "'STIX Two Text', 'Libertinus Serif', 'Cambria', Georgia, 'Times New Roman', serif"
THIN, THICK = 1.2, 5.2
HALO = 6.0  # around the neuron of the step
CROWDED = 100  # more edges than this are thin and not dashed
_FORMULAS = ("name", "formula")
_WORDS = ("title", "caption", "panel")
_BOLD = {"a": 500, "error": 500, "weight": 500, "gradient": 500, "delta": 600}
_TAGS = ("bias", "loop bias")


def network_svg(
    picture: Picture,
    palette: Palette,
    *,
    title: str,
    description: str = "",
    blank: bool = False,
    background: bool = False,
    emphasis: bool = True,
) -> str:
    """Return a picture as an SVG document. If `blank`, no dash is drawn for a number that is not known.

    `title` and `description` are what a screen reader says. Without a `background` it is transparent, and without
    `emphasis` the step is not marked.
    """
    drawing = _Drawing(picture, palette, blank, emphasis)
    width, height = picture.width, picture.height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}" role="img" aria-label="{escape(title)}">'
    )
    texts = f"<title>{escape(title)}</title>" + (f"<desc>{escape(description)}</desc>" if description else "")
    ground = (
        [f'<rect x="0" y="0" width="{_n(width)}" height="{_n(height)}" fill="{palette.card}"/>'] if background else []
    )
    return "\n".join([head, texts, *ground, *drawing.elements(), "</svg>"]) + "\n"


class _Drawing:
    """Writes the marks of one picture as elements."""

    def __init__(self, picture: Picture, palette: Palette, blank: bool, emphasis: bool) -> None:
        self.picture = picture
        self.palette = palette
        self.blank = blank
        self.emphasis = emphasis

    def color(self, role: str) -> str:
        return str(getattr(self.palette, role))

    @property
    def accent(self) -> str:
        return self.color(self.picture.phase or "forward")

    def elements(self) -> Iterator[str]:
        picture = self.picture
        for panel in picture.panels:
            yield self._rect(panel.rect, self.color("control"), None, 10)
            yield from self._texts([panel.label])
        for edges in picture.edges:
            yield from self._edges(edges)
        yield from self._links()
        for box in (*picture.step_errors, picture.error):
            yield from self._box(box)
        for loop in picture.loops:
            yield from self._loop(loop)
        for strip in picture.strips:
            yield from self._strip(strip)
        for unit in picture.units:
            yield from self._unit(unit)
        for edges in picture.edges:
            yield from self._numbers(edges)
        for caption in picture.captions:
            yield from self._texts([caption.label])

    def _edges(self, mark: EdgesMark) -> Iterator[str]:
        crowded = len(mark.weights) > CROWDED
        sizes = edge_sizes(mark.weights, mark.largest)
        for weight, size, lit, ends in zip(
            mark.weights.tolist(), sizes.tolist(), mark.lit.tolist(), mark.lines.ends.tolist(), strict=True
        ):
            x1, y1, x2, y2 = map(_n, ends)
            negative = weight < 0
            color = self.color("negative_edge" if negative else "positive_edge")
            width = 0.6 + size * 1.8 if crowded else THIN + size * (THICK - THIN)
            if crowded:
                color = blend(self.color("card"), color, 0.2 + 0.8 * size)
            if lit and self.emphasis:
                halo = blend(self.color("card"), self.accent, 0.25)
                yield f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{halo}" stroke-width="{_n(width + 6)}"/>'
                color = self.color("negative" if negative else "positive")
            dashes = ' stroke-dasharray="14 3.5"' if negative and not crowded else ""
            yield f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{color}" stroke-width="{_n(width)}"{dashes}/>'

    def _links(self) -> Iterator[str]:
        """Yield the dashed lines from the outputs to the error box."""
        if self.picture.panels:
            return
        left, top, _, height = self.picture.error.rect
        last = max((unit.layer for unit in self.picture.units), default=-1)
        for unit in self.picture.units:
            if unit.layer == last >= 0:
                start = f"M{_n(unit.x + unit.radius + 3)} {_n(unit.y)}"
                end = f"L{_n(left - 3)} {_n(top + height / 2)}"
                color = self.color("faint")
                yield f'<path d="{start}{end}" stroke="{color}" stroke-width="1.2" stroke-dasharray="4 3"/>'

    def _unit(self, mark: UnitMark) -> Iterator[str]:
        texts = [*mark.labels, *(bias.label for bias in mark.biases)]
        plate = mark.plate
        active, operand = (flag and self.emphasis for flag in (mark.active, mark.operand))
        rim = self.accent if active or operand else self.color("faint")
        dashes = ' stroke-dasharray="4 3"' if mark.is_before else ""
        shown = [text for text in texts if text.role not in _FORMULAS]
        width = "3" if active else "2" if operand else "1.5"
        if active and (plate is None or mark.over):
            halo = blend(self.color("card"), self.accent, 0.22)
            yield f'<circle cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius + HALO)}" fill="{halo}"/>'
        if plate is None or mark.over:
            fill = self.color("card") if shown or mark.shade is None else self._shaded(mark.shade)
            yield (
                f'<circle cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}" fill="{fill}" stroke="{rim}" '
                f'stroke-width="{width}"{dashes}/>'
            )
        if plate is not None:
            yield self._rect(plate, self.color("card"), rim, min(plate[3] / 2, 10.0))
        if {"z", "a"} <= {text.role for text in texts} and not self.blank:
            half = 0.55 * mark.radius
            yield f'<path d="M{_n(mark.x - half)} {_n(mark.y)}h{_n(2 * half)}" stroke="{self.color("border")}"/>'
        yield from self._texts(texts)

    def _shaded(self, shade: float) -> str:
        return blend(self.color("card"), self.color("positive" if shade >= 0 else "negative"), abs(shade) * 0.8)

    def _numbers(self, mark: EdgesMark) -> Iterator[str]:
        for label in mark.labels:
            role = "update" if label.changed else "negative" if label.negative else "positive"
            for text in label.labels:
                is_weight = text.role == "weight"
                fill = self.color("card" if is_weight else "backward_wash")
                yield self._rect(text.rect, fill, self.color("border") if is_weight else None, 4)
                yield self._text(text, self.color(role if is_weight else "backward"))

    def _box(self, box: BoxMark) -> Iterator[str]:
        yield self._rect(
            box.rect, self.color("card"), self.accent if box.active and self.emphasis else self.color("faint"), 8
        )
        yield from self._texts(box.labels)

    def _strip(self, mark: StripMark) -> Iterator[str]:
        left, height = mark.x - STRIP_WIDTH / 2, (mark.bottom - mark.top) / len(mark.values)
        known = np.abs(mark.values[np.isfinite(mark.values)])
        largest = float(known.max(initial=0.0)) or 1.0
        for unit, value in enumerate(mark.values.tolist()):
            fill = (
                self._shaded(value / largest) if np.isfinite(value) else self.color("card" if self.blank else "control")
            )
            yield self._rect((left, mark.top + unit * height, STRIP_WIDTH, height), fill, None, 0)
        yield self._rect((left, mark.top, STRIP_WIDTH, mark.bottom - mark.top), "none", self.color("faint"), 3)
        if mark.caption:
            yield from self._texts([mark.label])

    def _loop(self, loop: LoopMark) -> Iterator[str]:
        """Yield an arrow that leaves a layer to the right, runs under it and enters it from the left."""
        left, top, width, height = loop.rect
        right, bottom = left + width, top + height
        color = self.accent if loop.active and self.emphasis else self.color("muted")
        path = (
            f"M{_n(right - 20)} {_n(top)}C{_n(right + 10)} {_n(bottom)} {_n(right - 10)} {_n(bottom)} "
            f"{_n(right - 40)} {_n(bottom)}H{_n(left + 40)}C{_n(left + 10)} {_n(bottom)} {_n(left - 10)} {_n(bottom)} "
            f"{_n(left + 20)} {_n(top)}"
        )
        yield f'<path d="{path}" fill="none" stroke="{color}" stroke-width="1.6"/>'
        yield f'<path d="M{_n(left + 22)} {_n(top - 6)}l-10 12l12 1z" fill="{color}"/>'
        yield from self._texts([loop.label])

    def _texts(self, texts: Iterable[Label]) -> Iterator[str]:
        for text in texts:
            if not text.text or (self.blank and text.text.endswith(UNKNOWN)):
                continue
            if text.role == "delta":
                yield self._rect(text.rect, self.color("backward"), None, text.rect[3] / 2)
            elif text.role in _TAGS:
                yield self._rect(text.rect, self.color("card"), self.color("border"), 4)
            yield self._text(text, self.color(_COLORS.get(text.role, "text")))

    def _text(self, text: Label, color: str) -> str:
        left, top, width, height = text.rect
        x, y = _n(left + width / 2), _n(top + height / 2 + 0.35 * text.size)
        if text.role in _FORMULAS:
            family, content = MATH_FONT, svg_formula(text.text)
            label = f' aria-label="{escape(linear(text.text))}" data-tex="{escape(text.text)}"'
        else:
            family, content = (UI_FONT if text.role in _WORDS else MONO_FONT), escape(text.text)
            label = ""
        weight = f' font-weight="{_BOLD[text.role]}"' if text.role in _BOLD else ""
        return (
            f'<text x="{x}" y="{y}" text-anchor="middle" font-family="{family}" font-size="{_n(text.size)}"{weight} '
            f'fill="{color}"{label}>{content}</text>'
        )

    def _rect(self, rect: Rect, fill: str, stroke: str | None, radius: float) -> str:
        left, top, width, height = map(_n, rect)
        border = f' stroke="{stroke}"' if stroke else ""
        round_ = f' rx="{_n(radius)}"' if radius else ""
        return f'<rect x="{left}" y="{top}" width="{width}" height="{height}"{round_} fill="{fill}"{border}/>'


_COLORS = {
    "z": "muted",
    "delta": "on_accent",
    "bias": "muted",
    "loop bias": "muted",
    "loop": "muted",
    "target": "muted",
    "title": "muted",
    "panel": "muted",
    "caption": "muted",
}


def _n(number: float) -> str:
    """Return a coordinate, short."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
