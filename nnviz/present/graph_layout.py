"""Where things stand on the computation graph: pure geometry, found from the network's sizes alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from nnviz.present.layout import Rect

# A vector shows so many entries, in rows of at most so many; a matrix so many rows and columns.
MOST_ENTRIES = 6
MOST_ACROSS = 3
MOST_DOWN = 3
# A figure's text has no more characters, a power of ten one more; a cell is as wide as they are in its typeface.
FIGURE_CHARACTERS = 8
VALUE_CELL = (76.0, 22.0)
SMALL_CELL = (71.0, 18.0)

MARGIN = 14.0
PAD = 10.0
NAME = 28.0
OPERATION = 22.0
LOSS_OPERATION = 34.0
BELOW = 6.0
# Above a derivative's figures stands its symbol.
SYMBOL = 20.0
NARROWEST, NARROWEST_PARAMETER, NARROWEST_LOSS = 138.0, 112.0, 196.0

GAP = 52.0
RISE = 46.0  # from a parameter down to its operation
PARAMETER_GAP = 12.0
TARGET_GAP = 48.0
LABEL = 20.0
LABEL_WIDTH = 128.0
CARRY_HALF = 74.0  # half the room of a label under a gap

Cells = tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True)
class LayerPlaces:
    """One layer's boxes, and the places of the labels on the arrows that come back to them.

    `slope` is under the gap between z and a, `carry` under the one before z, `dW` and `db` beside the parameters.
    """

    W: Rect
    b: Rect
    z: Rect
    a: Rect
    slope: Rect
    carry: Rect
    dW: Rect
    db: Rect


@dataclass(frozen=True)
class GraphLayout:
    """The graph of a network: the input's box, each layer's, target and error below the output, and the size of it all.

    `output` is the label beside the arrow from the error to the output, `straight` the one beside an arrow from the
    error to the last z.
    """

    x: Rect
    layers: tuple[LayerPlaces, ...]
    target: Rect
    error: Rect
    output: Rect
    straight: Rect
    width: float
    height: float


def vector_cells(size: int, focus: int | None = None) -> Cells:
    """Which entries of a vector are shown, row by row; None stands for those that are not.

    An entry in `focus` is always shown, in the place of others; the rows are as long whatever it is.
    """
    if size <= MOST_ACROSS:
        return (tuple(range(size)),)
    if size <= MOST_ENTRIES:
        across = 2 if size == 4 else MOST_ACROSS
        return tuple(tuple(range(start, min(start + across, size))) for start in range(0, size, across))
    return ((0, 1, 2), (3, 4, None) if focus is None or focus < 5 else (None, focus, None))


def shown_of(size: int, most: int, focus: int | None = None) -> tuple[int | None, ...]:
    """Which rows or columns of a matrix are shown; None stands for those that are not."""
    if size <= most:
        return tuple(range(size))
    shown = tuple(range(most - 1))
    return (*shown, None) if focus is None or focus < most - 1 else (*shown[:-1], None, focus)


@lru_cache(maxsize=32)
def graph_layout(sizes: tuple[int, ...], units_first: bool = False) -> GraphLayout:
    """The chain x, z, a, z, a … from left to right, parameters above, the error below the output; scene pixels."""
    shapes = [_matrix_shape(sources, units, units_first) for sources, units in pairwise(sizes)]
    deepest = [*(min(down, MOST_DOWN) for down, _ in shapes), *(len(vector_cells(units)) for units in sizes[1:])]
    tallest = _parameter_height(max(deepest))
    rows = max(len(vector_cells(size)) for size in sizes)
    top = MARGIN + tallest + RISE
    height = value_height(rows) + _derivative_height(rows)
    x = (MARGIN, top, _width(sizes[0]), value_height(rows))
    layers = []
    left = x[0] + x[2] + GAP
    for units, shape in zip(sizes[1:], shapes, strict=True):
        layers.append(_layer(left, top, height, units, shape))
        left += 2 * (_width(units) + GAP)
    last = layers[-1]
    under = top + height + _lane(rows)
    error = _error(last.a, under, sizes[-1])
    target = (error[0] - TARGET_GAP - _width(sizes[-1]), under, _width(sizes[-1]), value_height(rows) - OPERATION)
    right = last.a[0] + last.a[2]
    # Where the chain is shorter than what stands under its end, or than the parameters above it, it moves right.
    leftmost = min(x[0], target[0], layers[0].W[0], layers[0].dW[0])
    placed = GraphLayout(
        x,
        tuple(layers),
        target,
        error,
        output=(last.a[0] + last.a[2] / 2 + 24.0, top + height + 6.0, 104.0, _lane(rows) - 12.0),
        straight=(last.a[0] - 30.0 - LABEL_WIDTH, under - LABEL - 4.0, LABEL_WIDTH, LABEL),
        width=max(right + 62.0, last.b[0] + last.b[2] + MARGIN),
        height=error[1] + error[3] + MARGIN,
    )
    return _moved(placed, MARGIN - leftmost) if leftmost < MARGIN else placed


def value_height(rows: int) -> float:
    """How high a box is down to its derivative, with so many rows of figures."""
    return NAME + OPERATION + rows * VALUE_CELL[1] + BELOW


def _derivative_height(rows: int) -> float:
    return SYMBOL + rows * SMALL_CELL[1] + BELOW


def _parameter_height(rows: int) -> float:
    return NAME + rows * SMALL_CELL[1] + BELOW + _derivative_height(rows)


def _matrix_shape(sources: int, units: int, units_first: bool) -> tuple[int, int]:
    return (units, sources) if units_first else (sources, units)


def _width(size: int) -> float:
    return max(NARROWEST, 2 * PAD + VALUE_CELL[0] * len(vector_cells(size)[0]))


def _parameter_width(columns: int) -> float:
    return max(NARROWEST_PARAMETER, 2 * PAD + SMALL_CELL[0] * columns)


def _lane(rows: int) -> float:
    """The room under the chain, for the labels of what is carried back."""
    return max(6.0 + LABEL + rows * SMALL_CELL[1] + 8.0, 54.0)


def _layer(left: float, top: float, height: float, units: int, shape: tuple[int, int]) -> LayerPlaces:
    width, bottom = _width(units), top + height
    middle, after = left + width / 2, left + width + GAP
    entries = vector_cells(units)
    W = _above(middle, top, -1, min(shape[1], MOST_ACROSS), min(shape[0], MOST_DOWN))
    b = _above(middle, top, 1, len(entries[0]), len(entries))
    label_y = top - RISE / 2 - LABEL / 2
    half = max(74.0, SMALL_CELL[0] / 2 * len(entries[0]) + 8.0)
    return LayerPlaces(
        W,
        b,
        (left, top, width, height),
        (after, top, width, height),
        slope=(after - GAP / 2 - half, bottom + 6.0, 2 * half, LABEL + len(entries) * SMALL_CELL[1]),
        carry=(left - GAP / 2 - CARRY_HALF, bottom + 6.0, 2 * CARRY_HALF, LABEL),
        dW=(middle - 50.0 - LABEL_WIDTH, label_y, LABEL_WIDTH, LABEL),
        db=(middle + 50.0, label_y, LABEL_WIDTH, LABEL),
    )


def _above(middle: float, top: float, side: int, columns: int, rows: int) -> Rect:
    """A parameter's box above an operation, left (-1) or right (1) of its middle."""
    width, height = _parameter_width(columns), _parameter_height(rows)
    left = middle + PARAMETER_GAP / 2 if side > 0 else middle - PARAMETER_GAP / 2 - width
    return (left, top - RISE - height, width, height)


def _error(output: Rect, top: float, outputs: int) -> Rect:
    """The error's box: its right edge is the output's; above the total stands each output's error, if several."""
    each = vector_cells(outputs) if outputs > 1 else ()
    width = max(NARROWEST_LOSS, *(2 * PAD + SMALL_CELL[0] * len(row) for row in each), 0.0)
    figures = len(each) * SMALL_CELL[1] + VALUE_CELL[1]
    height = NAME + LOSS_OPERATION + figures + BELOW + SYMBOL + BELOW
    return (output[0] + output[2] - width, top, width, height)


def _moved(plan: GraphLayout, right: float) -> GraphLayout:
    def move(rect: Rect) -> Rect:
        return (rect[0] + right, *rect[1:])

    def moved(places: LayerPlaces) -> LayerPlaces:
        return LayerPlaces(*(move(getattr(places, name)) for name in LayerPlaces.__dataclass_fields__))

    return GraphLayout(
        move(plan.x),
        tuple(moved(places) for places in plan.layers),
        move(plan.target),
        move(plan.error),
        move(plan.output),
        move(plan.straight),
        plan.width + right,
        plan.height,
    )
