"""The layout of the computation graph: pure geometry, computed from the network's sizes alone."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from nnviz.present.graph.graph_loops import LATER_WIDTH, NARROWEST_LOOP, ROW_GAP, LoopPlaces, loop_places
from nnviz.present.graph.graph_places import GraphLayout, LayerPlaces, moved, spread
from nnviz.present.places.label import Rect, Room

# The most entries of a vector that are shown, and of one row; the most rows and columns of a matrix.
MOST_ENTRIES = 6
MOST_ACROSS = 3
MOST_DOWN = 3
# The most characters of a figure, one more for a power of ten; a cell is as wide as they are in its typeface.
FIGURE_CHARACTERS = 8
VALUE_CELL = (76.0, 22.0)
SMALL_CELL = (71.0, 18.0)

MARGIN = 14.0
PAD = 10.0
NAME = 28.0
OPERATION = 22.0
LOSS_OPERATION = 34.0
BELOW = 6.0
# A derivative's symbol is above its figures.
SYMBOL = 20.0
# The corners of a box, its halo, the type sizes of its texts, and the space between one figure and the next.
RADIUS, HALO = 9.0, 6.0
NAME_SIZE, OPERATION_SIZE, LABEL_SIZE, NUMBER_SIZE = 21.0, 15.0, 14.5, 13.0
VALUE_SIZE, SMALL_SIZE = 14.0, 13.0
GUTTER = 8.0
CAPTION_SIZE = 14.0  # of the time step of a recurrent network, above the graph
NARROWEST, NARROWEST_PARAMETER, NARROWEST_LOSS = 138.0, 112.0, 196.0

GAP = 52.0
RISE = 46.0  # from a parameter down to its operation
PARAMETER_GAP = 12.0
TARGET_GAP = 48.0
LABEL = 20.0
LABEL_WIDTH = 128.0
CARRY_HALF = 74.0  # half the room of a label under a gap

Cells = tuple[tuple[int | None, ...], ...]


def vector_cells(size: int, focus: int | None = None) -> Cells:
    """Return which entries of a vector are shown, row by row; None stands for those that are not.

    An entry in `focus` is always shown, instead of others; the rows keep their length.
    """
    if size <= MOST_ACROSS:
        return (tuple(range(size)),)
    if size <= MOST_ENTRIES:
        across = 2 if size == 4 else MOST_ACROSS
        return tuple(tuple(range(start, min(start + across, size))) for start in range(0, size, across))
    return ((0, 1, 2), (3, 4, None) if focus is None or focus < 5 else (None, focus, None))


def shown_of(size: int, most: int, focus: int | None = None) -> tuple[int | None, ...]:
    """Return which rows or columns of a matrix are shown; None stands for those that are not."""
    if size <= most:
        return tuple(range(size))
    shown = tuple(range(most - 1))
    return (*shown, None) if focus is None or focus < most - 1 else (*shown[:-1], None, focus)


@lru_cache(maxsize=64)
def graph_layout(
    sizes: tuple[int, ...],
    units_first: bool = False,
    recurrent: tuple[bool, ...] = (),
    returns: bool = False,
    room: Room | None = None,
    biases: tuple[int, ...] = (),
) -> GraphLayout:
    """Return the chain x, z, a, z, a … from left to right, parameters above, error below the output; scene pixels.

    `recurrent` marks layers with a loop; `returns` is true if the error comes back through it from the next time step.
    `biases` are the numbers of biases of the layers; without them each unit has one.
    Boxes are spread over a `room` that is larger than the graph; in a smaller one the graph keeps its size.
    """
    plan = _graph(sizes, units_first, recurrent, returns, biases or sizes[1:])
    if room is None:
        return plan
    return spread(plan, max(room[0] - plan.width, 0.0), max(room[1] - plan.height, 0.0))


def _graph(
    sizes: tuple[int, ...], units_first: bool, recurrent: tuple[bool, ...], returns: bool, biases: tuple[int, ...]
) -> GraphLayout:
    loops = recurrent or (False,) * (len(sizes) - 1)
    shapes = [_matrix_shape(sources, units, units_first) for sources, units in pairwise(sizes)]
    deepest = [*(min(down, MOST_DOWN) for down, _ in shapes), *(len(vector_cells(units)) for units in sizes[1:])]
    tallest = _parameter_height(max(deepest))
    rows = max(len(vector_cells(size)) for size in sizes)
    back = LABEL + rows * SMALL_CELL[1] if returns else 0.0
    top = MARGIN + tallest + RISE + back
    height = value_height(rows) + _derivative_height(rows)
    x = (MARGIN, top, _width(sizes[0]), value_height(rows))
    under = top + height + _lane(rows)
    layers: list[LayerPlaces] = []
    left, taken = x[0] + x[2] + GAP, 0.0
    for units, shape, is_loop, count in zip(sizes[1:], shapes, loops, biases, strict=True):
        loop = _loop(units, under) if is_loop else None
        if loop is not None and layers:
            left = max(left, taken + ROW_GAP - loop.left)
        layers.append(
            _layer(
                left=left,
                top=top,
                height=height,
                units=units,
                biases=count,
                shape=shape,
                rise=RISE + back,
                loop=loop,
                is_last=len(layers) == len(shapes) - 1,
            )
        )
        left = layers[-1].a[0] + layers[-1].a[2] + GAP
        if (placed_loop := layers[-1].loop) is not None:
            taken = placed_loop.right
    return _ended(x, tuple(layers), sizes[-1], rows, under)


def _ended(x: Rect, layers: tuple[LayerPlaces, ...], outputs: int, rows: int, under: float) -> GraphLayout:
    """Return the chain with target and error under its end."""
    loops = [layer.loop for layer in layers if layer.loop is not None]
    last, bottom = layers[-1], layers[-1].a[1] + layers[-1].a[3]
    error = _error(last.a, under, outputs, each=outputs > 1 or bool(loops))
    target = (error[0] - TARGET_GAP - _width(outputs), under, _width(outputs), value_height(rows) - OPERATION)
    if loops and target[0] < loops[-1].right + ROW_GAP:
        error = (max(error[0], loops[-1].right + ROW_GAP), *error[1:])
        target = (error[0] + error[2] + TARGET_GAP, *target[1:])
    right = last.a[0] + last.a[2]
    ends = [last.b[0] + last.b[2], error[0] + error[2], target[0] + target[2]]
    # If the chain is shorter than the boxes under its end or the parameters above it, move it right.
    leftmost = min(x[0], target[0], layers[0].W[0], layers[0].dW[0], *(loop.left for loop in loops))
    placed = GraphLayout(
        x=x,
        layers=layers,
        target=target,
        error=error,
        output=(last.a[0] + last.a[2] / 2 + 24.0, bottom + 6.0, 104.0, _lane(rows) - 12.0),
        straight=(last.a[0] - 30.0 - LABEL_WIDTH, under - LABEL - 4.0, LABEL_WIDTH, LABEL),
        width=max(right + 62.0, *(end + MARGIN for end in ends)),
        height=max(error[1] + error[3], *(loop.W_h[1] + loop.W_h[3] for loop in loops), 0.0) + MARGIN,
    )
    return moved(placed, MARGIN - leftmost) if leftmost < MARGIN else placed


def value_height(rows: int) -> float:
    """Return the height of a box down to its derivative, with `rows` rows of figures."""
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
    """Return the room under the chain for the labels of derivatives carried back."""
    return max(6.0 + LABEL + rows * SMALL_CELL[1] + 8.0, 54.0)


def _loop(units: int, under: float) -> LoopPlaces:
    """Return the loop of a layer whose z begins at x = 0."""
    entries = vector_cells(units)
    columns, rows = min(units, MOST_ACROSS), min(units, MOST_DOWN)
    return loop_places(
        _z_width(units, is_loop=True),
        _slope_half(units) - GAP / 2,
        under,
        past=(_width(units), value_height(len(entries))),
        W_h=(_parameter_width(columns), _parameter_height(rows)),
        b_h=(_parameter_width(len(entries[0])), _parameter_height(len(entries))),
    )


def _z_width(units: int, is_loop: bool) -> float:
    return max(_width(units), NARROWEST_LOOP if is_loop else 0.0)


def _slope_half(units: int) -> float:
    """Return half the room of the label under the gap between z and a."""
    return max(74.0, SMALL_CELL[0] / 2 * len(vector_cells(units)[0]) + 8.0)


def _layer(
    *,
    left: float,
    top: float,
    height: float,
    units: int,
    biases: int,
    shape: tuple[int, int],
    rise: float,
    loop: LoopPlaces | None,
    is_last: bool,
) -> LayerPlaces:
    width, bottom = _width(units), top + height
    z_width = _z_width(units, loop is not None)
    middle, after = left + z_width / 2, left + z_width + GAP
    if loop is not None:
        loop = loop.moved(left)
        if is_last:  # the arrow from the output down to the error passes the row
            after = max(after, loop.right + ROW_GAP + 24.0 - width / 2)
        later = (after, top - rise + 4.0, max(width, LATER_WIDTH), rise - RISE)
        loop = replace(loop, later=later)
    entries = vector_cells(units)
    W = _above(middle, top - rise, -1 if biases else 0, min(shape[1], MOST_ACROSS), min(shape[0], MOST_DOWN))
    of_biases = vector_cells(biases or units)
    b = _above(middle, top - rise, 1, len(of_biases[0]), len(of_biases)) if biases else W
    label_y = top - RISE / 2 - LABEL / 2
    half, gap_middle = _slope_half(units), (left + z_width + after) / 2
    return LayerPlaces(
        W,
        b,
        (left, top, z_width, height),
        (after, top, width, height),
        slope=(gap_middle - half, bottom + 6.0, 2 * half, LABEL + len(entries) * SMALL_CELL[1]),
        carry=(left - GAP / 2 - CARRY_HALF, bottom + 6.0, 2 * CARRY_HALF, LABEL),
        dW=(middle - 50.0 - LABEL_WIDTH, label_y, LABEL_WIDTH, LABEL),
        db=(middle + 50.0, label_y, LABEL_WIDTH, LABEL),
        loop=loop,
    )


def _above(middle: float, bottom: float, side: int, columns: int, rows: int) -> Rect:
    """Return a parameter's box above an operation, left (-1) or right (1) of its middle or over it (0)."""
    width, height = _parameter_width(columns), _parameter_height(rows)
    left = middle - width / 2 + side * (PARAMETER_GAP + width) / 2
    return (left, bottom - height, width, height)


def _error(output: Rect, top: float, outputs: int, each: bool) -> Rect:
    """Return the error's box, aligned right with the output's; `each` output's error is above the total."""
    rows = vector_cells(outputs) if each else ()
    width = max(NARROWEST_LOSS, *(2 * PAD + SMALL_CELL[0] * len(row) for row in rows), 0.0)
    figures = len(rows) * SMALL_CELL[1] + VALUE_CELL[1]
    height = NAME + LOSS_OPERATION + figures + BELOW + SYMBOL + BELOW
    return (output[0] + output[2] - width, top, width, height)
