"""The drawing of a worksheet: the network with what is given, in empty circles, or as it is after the pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.formats.pictures.network_shapes import network_shapes
from nnviz.formats.pictures.network_svg import network_svg
from nnviz.formats.pictures.tikz import tikz_picture
from nnviz.formats.worksheet.sheet import SheetFigure
from nnviz.formats.worksheet.solution import solved, unsolved
from nnviz.present.core.palette import Palette, load_palette
from nnviz.present.network.marks import EdgesMark, Picture, UnitMark
from nnviz.present.network.picture import picture
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.words.captions import parameters_noun

GIVEN = "The network with its inputs, {}."
RESULT = "The network after the update, with activations, error terms and new weights."


def sheet_drawing(session: Session, is_solved: bool) -> SheetFigure:
    """Return the drawing of the network: with its given numbers alone, or as it is after the pass."""
    drawn = _without_emphasis(picture(solved(session) if is_solved else unsolved(session)))
    palette, caption = _paper(), RESULT if is_solved else GIVEN.format(parameters_noun(session.record))
    svg = network_svg(drawn, palette, title=caption, blank=not is_solved)
    shapes = network_shapes(drawn, blank=not is_solved)
    return SheetFigure(svg, tikz_picture(shapes, drawn.width, palette), caption)


def _paper() -> Palette:
    """Return the light theme with outlines that a printer shows."""
    light = load_palette("light")
    return replace(light, border=light.faint)


def _without_emphasis(drawn: Picture) -> Picture:
    """Return a picture that marks no step and has no dashes for unknown numbers."""
    return replace(
        drawn,
        phase="",
        units=tuple(map(_plain_unit, drawn.units)),
        edges=tuple(map(_plain_edges, drawn.edges)),
        error=replace(drawn.error, active=False),
        step_errors=tuple(replace(box, active=False) for box in drawn.step_errors),
        strips=tuple(replace(strip, active=None) for strip in drawn.strips),
        loops=tuple(replace(loop, active=False) for loop in drawn.loops),
        captions=tuple(replace(caption, active=False) for caption in drawn.captions),
    )


def _plain_unit(mark: UnitMark) -> UnitMark:
    labels = tuple(label for label in mark.labels if not label.text.endswith(UNKNOWN))
    biases = tuple(replace(bias, active=False) for bias in mark.biases)
    return replace(mark, active=False, operand=False, selected=False, labels=labels, biases=biases)


def _plain_edges(mark: EdgesMark) -> EdgesMark:
    labels = tuple(replace(label, active=False, lit=False) for label in mark.labels)
    return replace(mark, lit=np.zeros_like(mark.lit), selected=np.zeros_like(mark.selected), labels=labels)
