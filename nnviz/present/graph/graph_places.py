"""The places of a computation graph's boxes and labels, and how they are spread over a larger room: pure geometry."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.present.graph.graph_loops import LoopPlaces
from nnviz.present.places.label import Rect

# The most that a gap of the chain grows, and the most height that is put between the rows; the rest is a margin.
MOST_GAP, MOST_HEIGHT = 110.0, 320.0
# The parts of that height above the parameters, the labels of their gradients, the chain, and the boxes under it.
PARAMETERS, GRADIENTS, CHAIN, UNDER = 0.15, 0.32, 0.5, 0.85


@dataclass(frozen=True)
class LayerPlaces:
    """The boxes of a layer, and the places of the labels on the arrows that come back to them.

    `slope` is under the gap between z and a, `carry` under the one before z, `dW` and `db` beside the parameters.
    `loop` has the further boxes of a recurrent layer.
    """

    W: Rect
    b: Rect
    z: Rect
    a: Rect
    slope: Rect
    carry: Rect
    dW: Rect
    db: Rect
    loop: LoopPlaces | None = None


@dataclass(frozen=True, kw_only=True)
class GraphLayout:
    """The graph of a network: the boxes of input and layers, target and error below the output, and the total size.

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


def spread(plan: GraphLayout, across: float, down: float) -> GraphLayout:
    """Return the same boxes further apart: `across` more width between the boxes of the chain, `down` more height."""
    gaps = 2 * len(plan.layers)
    gap, high = min(across / gaps, MOST_GAP), min(down, MOST_HEIGHT)
    left, top = (across - gaps * gap) / 2, (down - high) / 2

    def move(rect: Rect, right: float, part: float) -> Rect:
        return (rect[0] + left + right * gap, rect[1] + top + part * high, rect[2], rect[3])

    def layer(index: int, places: LayerPlaces) -> LayerPlaces:
        z, a = 2 * index + 1, 2 * index + 2
        return LayerPlaces(
            W=move(places.W, z, PARAMETERS),
            b=move(places.b, z, PARAMETERS),
            z=move(places.z, z, CHAIN),
            a=move(places.a, a, CHAIN),
            slope=move(places.slope, z + 0.5, CHAIN),
            carry=move(places.carry, z - 0.5, CHAIN),
            dW=move(places.dW, z, GRADIENTS),
            db=move(places.db, z, GRADIENTS),
            loop=None if places.loop is None else _spread_loop(places.loop, z, a),
        )

    def _spread_loop(loop: LoopPlaces, z: float, a: float) -> LoopPlaces:
        return replace(
            loop,
            past=move(loop.past, z, UNDER),
            W_h=move(loop.W_h, z, UNDER),
            b_h=move(loop.b_h, z, UNDER),
            later=move(loop.later, a, CHAIN),
            channel=loop.channel + left + z * gap,
            turn=loop.turn + top + UNDER * high,
        )

    return GraphLayout(
        x=move(plan.x, 0, CHAIN),
        layers=tuple(layer(index, places) for index, places in enumerate(plan.layers)),
        target=move(plan.target, gaps, UNDER),
        error=move(plan.error, gaps, UNDER),
        output=move(plan.output, gaps, CHAIN),
        straight=move(plan.straight, gaps, UNDER),
        width=plan.width + across,
        height=plan.height + down,
    )


def moved(plan: GraphLayout, right: float) -> GraphLayout:
    """Return the same places further right."""

    def move(rect: Rect) -> Rect:
        return (rect[0] + right, *rect[1:])

    def layer(places: LayerPlaces) -> LayerPlaces:
        names = [name for name in LayerPlaces.__dataclass_fields__ if name != "loop"]
        loop = None if places.loop is None else places.loop.moved(right)
        return replace(places, loop=loop, **{name: move(getattr(places, name)) for name in names})

    return GraphLayout(
        x=move(plan.x),
        layers=tuple(layer(places) for places in plan.layers),
        target=move(plan.target),
        error=move(plan.error),
        output=move(plan.output),
        straight=move(plan.straight),
        width=plan.width + right,
        height=plan.height,
    )
