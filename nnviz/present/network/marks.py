"""The marks of the network canvas: discs, strips, edges, the error box and captions, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.present.network.layout import EdgeLines
from nnviz.present.network.unfold import Window
from nnviz.present.places.label import Label, Rect, centered, mono_width, ui_width
from nnviz.tracing.steps import Quantity

Edge = tuple[int, int, int]  # layer, unit, source
TITLE_SIZE, CAPTION_SIZE, FIGURE_SIZE, SMALL_SIZE, ERROR_SIZE = 13.0, 12.0, 12.0, 11.0, 15.0
LINE = 16.0  # the height of a line of a caption
PANEL_INSET = 14.0


@dataclass(frozen=True)
class BiasSpan:
    """The characters, from `start` up to but not including `stop`, of one bias in a caption."""

    quantity: Quantity
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class BiasMark:
    """A bias beside its unit; `moved` if the last choice changed it."""

    quantity: Quantity
    label: Label
    active: bool = False
    moved: bool = False


@dataclass(frozen=True, kw_only=True)
class UnitMark:
    """A unit as a disc: `layer` -1 is the input. Texts are empty if there is nothing to show, a dash if unknown.

    `z` begins with the symbol of z if there is room for it; `z_number` is its number alone. `shade` is the activation
    as drawn, from -1 to 1; None if it is not known or not finite.
    `time` is its time step from 0 in a recurrent network; -1 is the state before the first. `moved` names those of z, a
    and delta that the last choice changed. `health` is the unit's problem, or empty.
    `labels` are the texts that are drawn, with their places; `plate` is drawn instead of the disc or, if its figures
    are wider than it, over it (`over`). `biases` are beside the unit. `map_rect` is the square around its map, if it
    has one.
    """

    layer: int
    unit: int
    x: float
    y: float
    radius: float
    tex: str
    z: str
    z_number: str
    a: str
    delta: str
    shade: float | None
    active: bool
    operand: bool
    selected: bool
    time: int = 0
    moved: tuple[str, ...] = ()
    health: str = ""
    labels: tuple[Label, ...] = ()
    plate: Rect | None = None
    over: bool = False
    biases: tuple[BiasMark, ...] = ()
    map_rect: Rect = (0.0, 0.0, 0.0, 0.0)

    @property
    def is_before(self) -> bool:
        """Whether the disc shows the state before the first time step."""
        return self.time < 0

    def label(self, role: str) -> Label | None:
        """Return the text of a role; None if it is not drawn."""
        return next((label for label in self.labels if label.role == role), None)


@dataclass(frozen=True, eq=False, kw_only=True)
class StripMark:
    """A layer as a heat strip: its values (units,), NaN if not known, and the unit that the step is at.

    `broken` are the units whose value is NaN or infinite.
    """

    layer: int
    x: float
    top: float
    bottom: float
    values: FloatArray
    active: int | None
    caption: str
    broken: tuple[int, ...] = ()

    @property
    def label(self) -> Label:
        """The caption under the strip."""
        rect = centered(self.x, self.bottom + 12.0, ui_width(self.caption, CAPTION_SIZE), LINE)
        return Label("caption", self.caption, rect, CAPTION_SIZE)

    def cell(self, unit: int) -> tuple[float, float]:
        """Return the vertical center of a unit's cell, and its height."""
        height = (self.bottom - self.top) / len(self.values)
        return self.top + (unit + 0.5) * height, height


@dataclass(frozen=True, kw_only=True)
class EdgeLabel:
    """A weight's number on its edge, and the gradient under it if it is known and not 0.

    Where there is room for one line only, the gradient replaces the weight, whose text is then empty. (x, y) is the
    middle of the first line, and `leader` the point of the edge to which a line leads if the label is away from it.
    `moved` names those of weight and gradient that the last choice changed. `lit` is true for the step's edges.
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
    labels: tuple[Label, ...] = ()
    leader: tuple[float, float] | None = None
    lit: bool = False

    def label(self, role: str) -> Label | None:
        """Return the text of the weight or gradient; None if it is not drawn."""
        return next((label for label in self.labels if label.role == role), None)


@dataclass(frozen=True, eq=False, kw_only=True)
class EdgesMark:
    """The edges of one layer as arrays over edges (E,): ends (E, 4), weights (E,), and which are lit or selected.

    If `is_loop` is true, they run from a layer to itself, one time step later.
    """

    layer: int
    lines: EdgeLines
    weights: FloatArray
    largest: float
    lit: NDArray[np.bool_]
    selected: NDArray[np.bool_]
    labels: tuple[EdgeLabel, ...]
    is_loop: bool = False

    def label_of(self, unit: int, source: int) -> EdgeLabel | None:
        """Return the numbers on an edge; None if it has none."""
        return next((label for label in self.labels if (label.unit, label.source) == (unit, source)), None)

    def line_of(self, unit: int, source: int) -> tuple[float, float, float, float] | None:
        """Return the ends of an edge, x1, y1, x2, y2; None if it is not drawn."""
        found = np.flatnonzero((self.lines.units == unit) & (self.lines.sources == source))
        if not len(found):
            return None
        x1, y1, x2, y2 = self.lines.ends[found[0]].tolist()
        return x1, y1, x2, y2


@dataclass(frozen=True)
class BoxMark:
    """The error box: its formula in TeX, the targets and the error, a dash while it is not known.

    `moved` is true if the last choice changed the error. `formula` is the place of the formula over the box, of type
    `size`; without one it has a usual place.
    """

    rect: Rect
    tex: str
    target: str
    value: str
    active: bool
    moved: bool = False
    formula: Rect | None = None
    size: float = 18.0

    @property
    def labels(self) -> tuple[Label, ...]:
        """The texts of the box with their places."""
        left, top, width, height = self.rect
        x, middle = left + width / 2, top + height / 2
        target = centered(x, middle - 12.0, mono_width(len(self.target), SMALL_SIZE), LINE)
        size = ERROR_SIZE if mono_width(len(self.value), ERROR_SIZE) <= width - 6.0 else FIGURE_SIZE
        value = centered(x, middle + 12.0, mono_width(len(self.value), size), 1.25 * size)
        texts = [Label("target", self.target, target, SMALL_SIZE), Label("error", self.value, value, size)]
        if self.tex:
            over = self.formula or (left, top - 2.4 * self.size - 4.0, width, 2.4 * self.size)
            texts.append(Label("formula", self.tex, over, self.size))
        return tuple(texts)


@dataclass(frozen=True)
class CaptionMark:
    """A line of text: `role` is title (above a column) or bias (below it); `moved` if the last choice changed it.

    `biases` are the biases that the text lists one by one, with their places in the text.
    """

    x: float
    y: float
    text: str
    role: str
    _: KW_ONLY
    active: bool = False
    moved: bool = False
    biases: tuple[BiasSpan, ...] = ()

    @property
    def label(self) -> Label:
        """The text with its place."""
        is_title = self.role == "title"
        size = TITLE_SIZE if is_title else FIGURE_SIZE
        width = ui_width(self.text, size) if is_title else mono_width(len(self.text), size)
        return Label(self.role, self.text, centered(self.x, self.y, width, LINE), size)


@dataclass(frozen=True)
class PanelMark:
    """The background of the copy of one time step, with its title."""

    rect: Rect
    title: str
    active: bool

    @property
    def label(self) -> Label:
        """The title with its place."""
        width = ui_width(self.title, TITLE_SIZE)
        return Label("title", self.title, (self.rect[0] + PANEL_INSET, self.rect[1] + 8.0, width, LINE), TITLE_SIZE)


@dataclass(frozen=True)
class LoopMark:
    """The loop of a recurrent layer in a folded picture: an arrow from its units back to them, and its name."""

    rect: Rect
    text: str
    active: bool

    @property
    def label(self) -> Label:
        """The name with its place under the arrow."""
        left, top, width, height = self.rect
        at = centered(left + width / 2, top + height + 11.0, mono_width(len(self.text), FIGURE_SIZE), LINE)
        return Label("loop", self.text, at, FIGURE_SIZE)


@dataclass(frozen=True, eq=False)
class LensMark:
    """Units of a folded layer as discs: `layer` -1 is the input."""

    layer: int
    window: Window
    units: tuple[UnitMark, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class LensEdges:
    """The edges of unfolded units as arrays over edges (E,): ends (E, 4), weights (E,), which the step has lit.

    Edges `over` a lens end at one of its discs; the others end at a strip's cell and pass under lenses.
    """

    edges: tuple[Edge, ...]
    ends: FloatArray
    weights: FloatArray
    lit: NDArray[np.bool_]
    over: NDArray[np.bool_]
    largest: float


NO_EDGES = LensEdges(
    edges=(),
    ends=np.empty((0, 4)),
    weights=np.empty(0),
    lit=np.empty(0, dtype=bool),
    over=np.empty(0, dtype=bool),
    largest=1.0,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Picture:
    """Everything on the network canvas at one step; `phase` colors what is lit, "" before the first step.

    An unrolled recurrent network has a panel and an error at each time step; a folded one has loops.
    """

    width: float
    height: float
    units: tuple[UnitMark, ...]
    strips: tuple[StripMark, ...]
    edges: tuple[EdgesMark, ...]
    error: BoxMark
    captions: tuple[CaptionMark, ...]
    phase: str
    panels: tuple[PanelMark, ...] = ()
    step_errors: tuple[BoxMark, ...] = ()
    loops: tuple[LoopMark, ...] = ()
    lenses: tuple[LensMark, ...] = ()
    lens_edges: LensEdges = NO_EDGES

    @property
    def step_rect(self) -> Rect | None:
        """The rectangle around what the step computes; None before the first step."""
        rects = [
            unit.plate or centered(unit.x, unit.y, 2 * unit.radius, 2 * unit.radius) for unit in self._active_units()
        ]
        rects += [text.rect for edges in self.edges for label in edges.labels if label.active for text in label.labels]
        rects += [box.rect for box in (*self.step_errors, self.error) if box.active]
        if not rects:
            return None
        left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
        right, bottom = max(rect[0] + rect[2] for rect in rects), max(rect[1] + rect[3] for rect in rects)
        return (left, top, right - left, bottom - top)

    def _active_units(self) -> list[UnitMark]:
        return [unit for unit in (*self.units, *(unit for lens in self.lenses for unit in lens.units)) if unit.active]

    @property
    def labels(self) -> tuple[Label, ...]:
        """All texts of the canvas with their places, as painters draw them and as tests check them."""
        return tuple(self._labels())

    def _labels(self) -> Iterator[Label]:
        for unit in (*self.units, *(unit for lens in self.lenses for unit in lens.units)):
            yield from unit.labels
            yield from (bias.label for bias in unit.biases)
        for edges in self.edges:
            for label in edges.labels:
                yield from label.labels
        for box in (*self.step_errors, self.error):
            yield from box.labels
        yield from (strip.label for strip in self.strips if strip.caption)
        yield from (mark.label for mark in self.captions)
        yield from (mark.label for mark in self.panels)
        yield from (mark.label for mark in self.loops)
