"""The spotlight of the stage: a picture in faded colors, and over it the part that the step involves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from nnviz.present.core.palette import Palette, blend
from nnviz.present.network.layout import EdgeLines
from nnviz.present.network.marks import EdgeLabel, EdgesMark, Picture, UnitMark
from nnviz.present.network.scene import Place, place_of
from nnviz.present.places.label import Label, Rect, contains, crosses
from nnviz.tracing.steps import Quantity

FADED = 0.68  # the share of the background in the colors of what is not lit


def lit_part(picture: Picture) -> Picture:
    """Return only those marks of a picture that its step involves."""
    return replace(
        picture,
        units=tuple(filter(is_lit, (*picture.units, *(unit for lens in picture.lenses for unit in lens.units)))),
        strips=tuple(strip for strip in picture.strips if strip.active is not None),
        edges=tuple(map(_lit_edges, picture.edges)),
        captions=tuple(caption for caption in picture.captions if caption.active),
        panels=(),
        step_errors=tuple(box for box in picture.step_errors if box.active),
        loops=tuple(loop for loop in picture.loops if loop.active),
        lenses=(),
    )


def faded_part(picture: Picture) -> Picture:
    """Return a picture without the numbers on edges that a lit edge, or the line to a lit number, would cross."""
    lines = [ends for mark in picture.edges for ends in mark.lines.ends[mark.lit].tolist()]
    lit = [label for mark in map(_lit_edges, picture.edges) for label in mark.labels]
    lines += [(label.x, label.y, *label.leader) for label in lit if label.leader is not None]

    def is_clear(label: EdgeLabel) -> bool:
        return not any(crosses(line, text.rect) for line in lines for text in label.labels)

    edges = (replace(mark, labels=tuple(filter(is_clear, mark.labels))) for mark in picture.edges)
    return replace(picture, edges=tuple(edges))


def lit_at(picture: Picture, quantities: Iterable[Quantity]) -> Picture:
    """Return a picture in which the places of some quantities are lit too."""
    places = {place for quantity in quantities if (place := place_of(quantity)) is not None}
    units = tuple(
        replace(mark, operand=mark.operand or ("unit", mark.layer, mark.unit, 0) in places) for mark in picture.units
    )
    return replace(picture, units=units, edges=tuple(_lit_too(mark, places) for mark in picture.edges))


def _lit_too(mark: EdgesMark, places: set[Place]) -> EdgesMark:
    kind = "loop" if mark.is_loop else "edge"
    ends = zip(mark.lines.units.tolist(), mark.lines.sources.tolist(), strict=True)
    lit = np.array([(kind, mark.layer, unit, source) in places for unit, source in ends], dtype=bool)
    return replace(mark, lit=mark.lit | lit) if lit.any() else mark


def with_whole_texts(picture: Picture, seen: Rect) -> Picture:
    """Return a picture of which a part is seen, without the texts that the edge of that part would cut."""

    def is_whole(label: Label) -> bool:
        return contains(seen, label.rect)

    def with_units(mark: UnitMark) -> UnitMark:
        biases = tuple(bias for bias in mark.biases if is_whole(bias.label))
        return replace(mark, labels=tuple(filter(is_whole, mark.labels)), biases=biases)

    def with_edges(mark: EdgesMark) -> EdgesMark:
        return replace(mark, labels=tuple(each for each in mark.labels if all(map(is_whole, each.labels))))

    return replace(
        picture,
        units=tuple(map(with_units, picture.units)),
        edges=tuple(map(with_edges, picture.edges)),
        captions=tuple(caption for caption in picture.captions if is_whole(caption.label)),
    )


def has_light(picture: Picture) -> bool:
    """Return whether a step is shown: before the first one, nothing is dimmed."""
    return picture.phase != ""


@lru_cache(maxsize=8)
def faded(palette: Palette) -> Palette:
    """Return a palette whose colors are nearer to the background."""
    roles = [field.name for field in fields(Palette) if field.name not in ("name", "dark", "window", "series")]
    colors: dict[str, Any] = {role: blend(getattr(palette, role), palette.window, FADED) for role in roles}
    colors["series"] = tuple(blend(color, palette.window, FADED) for color in palette.series)
    return replace(palette, **colors)


def is_lit(mark: UnitMark) -> bool:
    """Return whether a neuron takes part in the step."""
    return mark.active or mark.operand


def _lit_edges(mark: EdgesMark) -> EdgesMark:
    lines, lit = mark.lines, mark.lit
    kept = {(int(unit), int(source)) for unit, source in zip(lines.units[lit], lines.sources[lit], strict=True)}
    return replace(
        mark,
        lines=EdgeLines(**{field.name: getattr(lines, field.name)[lit] for field in fields(lines)}),
        weights=mark.weights[lit],
        lit=np.ones(int(lit.sum()), dtype=bool),
        selected=mark.selected[lit],
        labels=tuple(label for label in mark.labels if label.active or (label.unit, label.source) in kept),
    )
