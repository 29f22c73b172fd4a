"""The marks of the network canvas: discs, strips, edges, the error box and captions, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.present.layout import EdgeLines, Rect


@dataclass(frozen=True)
class UnitMark:
    """A unit as a disc: `layer` -1 is the input. Texts are empty where there is nothing to say, a dash if unknown.

    `moved` names those of z, a and delta that the last choice changed.
    """

    layer: int
    unit: int
    x: float
    y: float
    radius: float
    tex: str
    z: str
    a: str
    delta: str
    active: bool
    operand: bool
    selected: bool
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class StripMark:
    """A layer as a heat strip: its values (units,), nan where not known, and the unit that the step is at."""

    layer: int
    x: float
    top: float
    bottom: float
    values: FloatArray
    active: int | None
    caption: str


@dataclass(frozen=True)
class EdgeLabel:
    """A weight's number on its edge, and the gradient under it where it is known.

    `moved` names those of weight and gradient that the last choice changed.
    """

    unit: int
    source: int
    x: float
    y: float
    weight: str
    gradient: str
    active: bool
    changed: bool
    negative: bool
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EdgesMark:
    """The edges of one layer as arrays over edges (E,): ends (E, 4), weights (E,), and which are lit or selected."""

    layer: int
    lines: EdgeLines
    weights: FloatArray
    largest: float
    lit: NDArray[np.bool_]
    selected: NDArray[np.bool_]
    labels: tuple[EdgeLabel, ...]


@dataclass(frozen=True)
class BoxMark:
    """The error box: its formula in TeX, the targets and the error, a dash while it is not known.

    `moved`: the last choice changed the error.
    """

    rect: Rect
    tex: str
    target: str
    value: str
    active: bool
    moved: bool = False


@dataclass(frozen=True)
class CaptionMark:
    """A line of text: `role` is title (above a column) or bias (below it); `moved`: the last choice changed it."""

    x: float
    y: float
    text: str
    role: str
    active: bool = False
    moved: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything on the network canvas at one step; `phase` colors what is lit, "" before the first step."""

    width: float
    height: float
    units: tuple[UnitMark, ...]
    strips: tuple[StripMark, ...]
    edges: tuple[EdgesMark, ...]
    error: BoxMark
    captions: tuple[CaptionMark, ...]
    phase: str
