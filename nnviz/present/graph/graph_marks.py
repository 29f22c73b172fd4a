"""The marks of a computation graph: boxes, arrows and labels with places, texts and emphasis, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnviz.present.graph.graph_loops import Point
from nnviz.present.places.label import Rect, holds
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.steps import Quantity


@dataclass(frozen=True)
class Figure:
    """One number in a box: a dash while it is not known; `changed` once an update has replaced it.

    `moved` is true if the last change of a convention changed it. `of` is the number's quantity, if it is one number.
    """

    text: str
    active: bool = False
    operand: bool = False
    changed: bool = False
    moved: bool = False
    of: Quantity | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether a dash is shown instead of the number."""
        return self.text == UNKNOWN


Rows = tuple[tuple[Figure, ...], ...]


@dataclass(frozen=True, kw_only=True)
class GraphBox:
    """One quantity of the graph. `role` is input, parameter, operation, past, target or error.

    `tex`, `operation`, `number` (the f of the chain) and `symbols` (the derivative's in the document, and as df/df) are
    TeX, empty if there is none. `errors` are each output's, if there are several. `derivative` is empty if none is
    carried to the box. `active` is the part that the step computes: value, error, derivative, or empty. `breakpoint` is
    None without a breakpoint in the box, else whether any is enabled.
    """

    quantity: Quantity
    role: str
    rect: Rect
    tex: str
    operation: str
    number: str
    shape: str
    errors: Rows
    values: Rows
    symbols: tuple[str, str]
    derivative: Rows
    carried: bool
    active: str
    operand: bool
    selected: bool
    breakpoint: bool | None = None


@dataclass(frozen=True)
class GraphArrow:
    """From (x1, y1) to (x2, y2): a value going forward, or a derivative coming `backward` to `target`.

    It turns at the points of `via`.
    """

    ends: tuple[float, float, float, float]
    target: Quantity
    backward: bool
    active: bool
    via: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GraphLabel:
    """A local derivative beside the arrow that multiplies by it: its TeX, and its own figures, if any.

    `breakpoint` is None without a breakpoint at the label, else whether any is enabled.
    """

    quantity: Quantity
    rect: Rect
    tex: str
    figures: Rows
    align: str
    active: bool
    operand: bool
    selected: bool
    breakpoint: bool | None = None


@dataclass(frozen=True, kw_only=True)
class GraphPicture:
    """Everything on the computation graph at one step; `phase` colors what is lit, "" before the first step.

    `caption` names the time step of a recurrent network that is shown.
    """

    width: float
    height: float
    boxes: tuple[GraphBox, ...]
    arrows: tuple[GraphArrow, ...]
    labels: tuple[GraphLabel, ...]
    phase: str
    caption: str = ""

    @property
    def active_rect(self) -> Rect | None:
        """The place of the step: its box, or else its label; None before the first step."""
        marks: tuple[GraphBox | GraphLabel, ...] = (*self.boxes, *self.labels)
        return next((mark.rect for mark in marks if mark.active), None)

    @property
    def step_rect(self) -> Rect | None:
        """The rectangle around the step and its operands; None before the first step."""
        marks: tuple[GraphBox | GraphLabel, ...] = (*self.boxes, *self.labels)
        rects = [mark.rect for mark in marks if mark.active or mark.operand]
        if not rects:
            return None
        left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
        right, bottom = max(rect[0] + rect[2] for rect in rects), max(rect[1] + rect[3] for rect in rects)
        return (left, top, right - left, bottom - top)


def graph_hit(picture: GraphPicture, x: float, y: float) -> Quantity | None:
    """Return the quantity, as a whole, whose box or label is at a point in scene pixels."""
    marks: Sequence[GraphBox | GraphLabel] = (*picture.boxes, *picture.labels)
    for mark in marks:
        if holds(mark.rect, x, y):
            return mark.quantity
    return None
