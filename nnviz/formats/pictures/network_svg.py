"""The network canvas as an SVG document."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnviz.formats.pictures.network_shapes import network_shapes
from nnviz.formats.pictures.svg_writer import svg_document
from nnviz.present.core.palette import Palette
from nnviz.present.network.marks import Picture


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
    shapes = network_shapes(picture if emphasis else _unmarked(picture), blank=blank)
    size, ground = (picture.width, picture.height), "card" if background else ""
    return svg_document(shapes, size, palette, title=title, description=description, ground=ground)


def _unmarked(picture: Picture) -> Picture:
    """Return a picture in which the step is not marked."""
    edges = tuple(
        replace(
            mark,
            lit=np.zeros_like(mark.lit),
            labels=tuple(replace(label, active=False, lit=False) for label in mark.labels),
        )
        for mark in picture.edges
    )
    units = tuple(
        replace(
            mark,
            active=False,
            operand=False,
            biases=tuple(replace(bias, active=False) for bias in mark.biases),
        )
        for mark in picture.units
    )
    return replace(
        picture,
        units=units,
        edges=edges,
        strips=tuple(replace(strip, active=None) for strip in picture.strips),
        error=replace(picture.error, active=False),
        step_errors=tuple(replace(box, active=False) for box in picture.step_errors),
        captions=tuple(replace(caption, active=False) for caption in picture.captions),
        panels=tuple(replace(panel, active=False) for panel in picture.panels),
        loops=tuple(replace(loop, active=False) for loop in picture.loops),
    )
