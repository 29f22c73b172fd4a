"""The arrows of a computation graph, forward and backward, and the local derivatives beside them."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.present.core.graph_parts import LATER
from nnviz.present.formula.vector_formula import direct_term, recurrent_term, vector_expression
from nnviz.present.graph.graph_loops import LoopPlaces, Point
from nnviz.present.graph.graph_marks import GraphArrow, GraphLabel, Rows
from nnviz.present.graph.graph_places import LayerPlaces
from nnviz.present.graph.graph_scene import GraphScene, inline, vector_figures
from nnviz.present.places.label import Rect
from nnviz.tracing.steps import Kind, Quantity

Ends = tuple[float, float, float, float]
# The shares of dE/da that are listed one by one: those of the same time step, and those of the next.
_OWN_SHARES, _LATER_SHARES = {Kind.DE_DA_LOSS_TERM, Kind.DE_DA_TERM}, {LATER}


def forward_arrows(scene: GraphScene) -> Iterator[GraphArrow]:
    plan = scene.plan
    before, rect = scene.quantity(Kind.INPUT), plan.x
    for layer, places in enumerate(plan.layers):
        z, a = scene.quantity(Kind.Z, layer), scene.quantity(Kind.A, layer)
        y, middle = _forward_y(places.z), places.z[0] + places.z[2] / 2
        yield _forward(scene, before, z, (rect[0] + rect[2], y, places.z[0], y))
        for kind, box, x in ((Kind.WEIGHT, places.W, middle - 20.0), (Kind.BIAS, places.b, middle + 20.0)):
            if scene.has(Quantity(kind, layer)):
                yield _forward(scene, Quantity(kind, layer), z, (x, box[1] + box[3], x, places.z[1]))
        yield _forward(scene, z, a, (places.z[0] + places.z[2], y, places.a[0], y))
        if places.loop is not None:
            yield from _into_loop(scene, layer, places.loop, places.z[1] + places.z[3])
        before, rect = a, places.a
    x, error = rect[0] + rect[2] / 2, plan.error
    # The output's box is shorter if nothing is carried back to it.
    bottom = rect[1] + (plan.x[3] if scene.fused_softmax else rect[3])
    yield _forward(scene, before, Quantity(Kind.LOSS), (x - 14.0, bottom, x - 14.0, error[1]))
    target = plan.target
    y = error[1] + target[3] / 2
    ends = (target[0] + target[2], y, error[0], y) if target[0] < error[0] else (target[0], y, error[0] + error[2], y)
    yield _forward(scene, scene.quantity(Kind.TARGET), Quantity(Kind.LOSS), ends)


def _into_loop(scene: GraphScene, layer: int, loop: LoopPlaces, bottom: float) -> Iterator[GraphArrow]:
    """Yield the inputs of z from below: the hidden state, W_h and b_h."""
    z = scene.quantity(Kind.Z, layer)
    for source, path in (
        (scene.past(layer), loop.past_path(bottom)),
        (Quantity(Kind.WEIGHT_H, layer), loop.weight_path(bottom)),
        (Quantity(Kind.BIAS_H, layer), loop.bias_path(bottom)),
    ):
        if scene.has(source):
            yield _forward(scene, source, z, (*path[0], *path[-1]), path[1:-1])


def _forward(
    scene: GraphScene, source: Quantity, target: Quantity, ends: Ends, via: tuple[Point, ...] = ()
) -> GraphArrow:
    """Return the arrow of a value; highlighted while the step takes it from one box to the other."""
    taken = scene.place_of(source) in scene.operands
    made = any((target.kind, target.layer, part) in scene.active for part in ("value", "error"))
    return GraphArrow(ends, target, False, taken and made, via)


def _forward_y(rect: Rect) -> float:
    return rect[1] + 38.0


def _backward_y(rect: Rect) -> float:
    return rect[1] + rect[3] - 22.0


def backward_arrows(scene: GraphScene) -> Iterator[GraphArrow]:
    for layer, places in enumerate(scene.plan.layers):
        middle, y = places.z[0] + places.z[2] / 2, _backward_y(places.z)
        top, bottom = places.z[1], places.z[1] + places.z[3]
        for kind, box, x in ((Kind.DW, places.W, middle - 40.0), (Kind.DB, places.b, middle + 40.0)):
            yield from _backward(scene, kind, layer, (x, top, x, box[1] + box[3]))
        if places.loop is not None:
            yield from _back_from_loop(scene, layer, places.loop, places.a, bottom)
        last = layer == scene.depth - 1
        if last and scene.fused_softmax:
            error = scene.plan.error
            ends = (error[0] + 24.0, error[1], places.z[0] + places.z[2] - 24.0, bottom)
            yield from _backward(scene, Kind.DELTA, layer, ends)
            continue
        yield from _backward(scene, Kind.DELTA, layer, (places.a[0], y, places.z[0] + places.z[2], y))
        if last:
            x = places.a[0] + places.a[2] / 2 + 14.0
            ends = (x, scene.plan.error[1], x, places.a[1] + places.a[3])
        else:
            ends = (scene.plan.layers[layer + 1].z[0], y, places.a[0] + places.a[2], y)
        yield from _backward(scene, Kind.DE_DA, layer, ends, beside=_LATER_SHARES)


def _back_from_loop(
    scene: GraphScene, layer: int, loop: LoopPlaces, output: Rect, bottom: float
) -> Iterator[GraphArrow]:
    """Yield the gradients of the loop's parameters, and the gradient of the output from the next time step."""
    for kind, path in ((Kind.DW_H, loop.weight_path_back(bottom)), (Kind.DB_H, loop.bias_path_back(bottom))):
        yield from _backward(scene, kind, layer, (*path[0], *path[-1]), path[1:-1])
    if _has_come_later(scene, layer):
        x = loop.later[0] + 40.0
        ends = (x, loop.later[1] + loop.later[3], x, output[1])
        yield from _backward(scene, Kind.DE_DA, layer, ends, beside=_OWN_SHARES)


def _backward(
    scene: GraphScene,
    kind: Kind,
    layer: int,
    ends: Ends,
    via: tuple[Point, ...] = (),
    beside: set[Kind] | frozenset[Kind] = frozenset(),
) -> Iterator[GraphArrow]:
    """Yield the arrow of a derivative once it is carried back; not highlighted at steps of a kind in `beside`."""
    quantity = scene.quantity(kind, layer)
    if scene.reached(quantity):
        yield GraphArrow(ends, quantity, True, _is_multiplied(scene, quantity, beside), via)


def _is_multiplied(scene: GraphScene, to: Quantity, beside: set[Kind] | frozenset[Kind]) -> bool:
    """Return whether the step computes a derivative through an arrow that steps of a kind in `beside` do not use."""
    aside = scene.step is not None and scene.step.kind in beside
    return scene.place_of(to) in scene.active and not aside


def labels(scene: GraphScene) -> Iterator[GraphLabel]:
    """Yield the local derivatives that are in use, each beside the arrow that multiplies by it."""
    for layer, places in enumerate(scene.plan.layers):
        yield from _slope_label(scene, layer, places)
        yield from _later_label(scene, layer, places)
        for kind, carried, rect, align in (
            (Kind.DZ_DA, Kind.DE_DA, places.carry, "center"),
            (Kind.DZ_DW, Kind.DW, places.dW, "right"),
            (Kind.DZ_DB, Kind.DB, places.db, "left"),
        ):
            to = scene.quantity(carried, layer - 1 if kind is Kind.DZ_DA else layer)
            quantity = scene.quantity(kind, layer)
            if to.layer != -1 and scene.has(to) and (scene.reached(to) or scene.reached(quantity)):
                tex = f"{inline(scene.voice.tex(quantity))} = {vector_expression(scene.voice, quantity)}"
                yield _label(scene, quantity, to, rect=rect, tex=tex, align=align)
    output = scene.quantity(Kind.DELTA if scene.fused_softmax else Kind.DE_DA, scene.depth - 1)
    if scene.reached(output):
        rect, align = (scene.plan.straight, "right") if scene.fused_softmax else (scene.plan.output, "left")
        expression = vector_expression if scene.fused_softmax else direct_term
        yield _label(scene, output, output, rect=rect, tex=expression(scene.voice, output), align=align)


def _slope_label(scene: GraphScene, layer: int, places: LayerPlaces) -> Iterator[GraphLabel]:
    """Yield the label from a back to z: the derivative, or the Jacobian of a softmax outside of the loss."""
    slope, delta = scene.quantity(Kind.SLOPE, layer), scene.quantity(Kind.DELTA, layer)
    if scene.trace.find(slope) is not None:
        if scene.reached(slope):
            figures = vector_figures(scene, slope, scene.sizes[layer + 1])
            yield _label(
                scene,
                slope,
                delta,
                rect=places.slope,
                tex=inline(scene.voice.tex(slope)),
                align="center",
                figures=figures,
            )
    elif scene.reached(delta) and not (scene.fused_softmax and layer == scene.depth - 1):
        yield _label(scene, delta, delta, rect=places.slope, tex=r"J_{\mathrm{softmax}}^{\top}", align="center")


def _has_come_later(scene: GraphScene, layer: int) -> bool:
    """Return whether a gradient has come back to a layer from its next time step: of the shares, these are the last."""
    output = scene.quantity(Kind.DE_DA, layer)
    is_carried = scene.known(output) > 0 or _is_multiplied(scene, output, _OWN_SHARES)
    return is_carried and scene.later(layer) is not None


def _later_label(scene: GraphScene, layer: int, places: LayerPlaces) -> Iterator[GraphLabel]:
    """Yield the label from the next time step to a: the delta of that time step, with its figures, times W_h."""
    later, output = scene.later(layer), scene.quantity(Kind.DE_DA, layer)
    if later is None or places.loop is None or not _has_come_later(scene, layer):
        return
    tex = rf"\text{{from time {later.time + 1}:}}\ {recurrent_term(scene.voice, output)}"
    figures = vector_figures(scene, later, scene.sizes[layer + 1])
    yield _label(
        scene, later, output, rect=places.loop.later, tex=tex, align="left", figures=figures, beside=_OWN_SHARES
    )


def _label(
    scene: GraphScene,
    quantity: Quantity,
    to: Quantity,
    *,
    rect: Rect,
    tex: str,
    align: str,
    figures: Rows = (),
    beside: set[Kind] | frozenset[Kind] = frozenset(_LATER_SHARES),
) -> GraphLabel:
    """Return a label; it is an operand while its arrow's derivative, `to`, is computed."""
    return GraphLabel(
        quantity=quantity,
        rect=rect,
        tex=tex,
        figures=figures,
        align=align,
        active=scene.place_of(quantity) in scene.active,
        operand=_is_multiplied(scene, to, beside),
        selected=scene.selected(quantity),
        breakpoint=scene.breakpoint(quantity),
    )
