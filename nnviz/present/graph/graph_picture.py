"""The computation graph of a network at a step: the content of each box, and the derivatives carried back to it."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.debugger.state.session import Session
from nnviz.present.core.changes import has_changed
from nnviz.present.core.graph_parts import DERIVATIVES
from nnviz.present.formula.vector_formula import vector_expression
from nnviz.present.graph.graph_arrows import backward_arrows, forward_arrows, labels
from nnviz.present.graph.graph_details import graph_details
from nnviz.present.graph.graph_layout import graph_layout
from nnviz.present.graph.graph_loops import LoopPlaces
from nnviz.present.graph.graph_marks import Figure, GraphBox, GraphPicture, Rows, graph_hit
from nnviz.present.graph.graph_scene import GraphScene, compact, inline, matrix_figures, vector_figures
from nnviz.present.places.label import Rect, Room
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.text.plain_text import linear
from nnviz.tracing.steps import BIAS_KINDS, MATRIX_KINDS, Kind, Quantity

__all__ = ["GraphPicture", "graph_details", "graph_hit", "graph_layout", "graph_picture"]


def graph_picture(session: Session, room: Room | None = None) -> GraphPicture:
    """Return the computation graph of a session in a room. It shows no number that is not known at its step.

    One unit of the room is a pixel at type scale 1; a graph that needs more room is larger, and is scrolled.
    """
    scene = GraphScene(session, room)
    return GraphPicture(
        width=scene.plan.width,
        height=scene.plan.height,
        boxes=tuple(_boxes(scene)),
        arrows=(*forward_arrows(scene), *backward_arrows(scene)),
        labels=tuple(labels(scene)),
        phase="" if scene.step is None else scene.step.phase,
        caption=f"time {scene.time + 1} of {scene.record.time_steps}" if any(scene.recurrent) else "",
    )


def _boxes(scene: GraphScene) -> Iterator[GraphBox]:
    yield _box(scene, scene.quantity(Kind.INPUT), "input", scene.plan.x, r"\text{input}", number=0)
    for layer, places in enumerate(scene.plan.layers):
        for kind, rect in ((Kind.WEIGHT, places.W), (Kind.BIAS, places.b)):
            if scene.has(Quantity(kind, layer)):
                yield _box(scene, Quantity(kind, layer), "parameter", rect)
        for kind, rect in ((Kind.Z, places.z), (Kind.A, places.a)):
            quantity = scene.quantity(kind, layer)
            number = 2 * layer + (1 if kind is Kind.Z else 2)
            yield _box(scene, quantity, "operation", rect, vector_expression(scene.voice, quantity), number)
        if places.loop is not None:
            yield from _loop_boxes(scene, layer, places.loop)
    yield _box(scene, scene.quantity(Kind.TARGET), "target", scene.plan.target)
    loss = Quantity(Kind.LOSS)
    operation = vector_expression(scene.voice, loss)
    yield _box(scene, loss, "error", scene.plan.error, operation, 2 * scene.depth + 1)


def _loop_boxes(scene: GraphScene, layer: int, places: LoopPlaces) -> Iterator[GraphBox]:
    """Yield the other inputs of a recurrent layer: its previous hidden state, and the loop's parameters."""
    label = r"\text{before time 1}" if scene.time == 0 else rf"\text{{from time {scene.time}}}"
    yield _box(scene, scene.past(layer), "past", places.past, label)
    for kind, rect in ((Kind.WEIGHT_H, places.W_h), (Kind.BIAS_H, places.b_h)):
        if scene.has(Quantity(kind, layer)):
            yield _box(scene, Quantity(kind, layer), "parameter", rect)


def _box(
    scene: GraphScene, quantity: Quantity, role: str, rect: Rect, operation: str = "", number: int | None = None
) -> GraphBox:
    kind = quantity.kind
    size = _size(scene, quantity)
    derivative = () if role == "past" else _derivative(scene, quantity, size)
    # The layers of a recurrent network are not one chain of functions.
    number = None if any(scene.recurrent) else number
    if role == "operation" and not derivative:
        rect = (*rect[:3], scene.plan.x[3])
    symbols = ("", "")
    if derivative:
        symbol, chain = _derivative_symbol(scene, quantity), _chain_symbol(scene, quantity, number)
        symbols = (symbol, "" if linear(chain) == linear(symbol) else chain)
    name, chained = scene.voice.tex(quantity), "" if number is None else _chained(number)
    place = scene.place_of(quantity)
    box = None if place is None else place[:2]
    active = next((part for *of, part in scene.active if tuple(of) == box), "")
    return GraphBox(
        quantity=quantity,
        role=role,
        rect=rect,
        tex=name,
        operation=operation,
        number="" if linear(chained) == linear(name) else chained,
        shape=_shape(scene, quantity),
        errors=vector_figures(scene, scene.quantity(Kind.ERROR), size)
        if kind is Kind.LOSS and _shows_each(scene)
        else (),
        values=_values(scene, quantity, size),
        symbols=symbols,
        derivative=derivative,
        carried=bool(derivative) and _is_carried(scene, quantity),
        active=active,
        operand=any(tuple(of) == box for *of, _ in scene.operands),
        selected=scene.selected(quantity),
        breakpoint=scene.breakpoint(quantity),
    )


def _size(scene: GraphScene, quantity: Quantity) -> int:
    if quantity.kind is Kind.INPUT:
        return scene.sizes[0]
    if quantity.layer is None:
        return scene.sizes[-1]
    layer = scene.record.architecture.layers[quantity.layer]
    return layer.biases if quantity.kind in BIAS_KINDS else layer.units


def _shows_each(scene: GraphScene) -> bool:
    """Return whether each output's error is shown besides the total: with several outputs or time steps."""
    return scene.sizes[-1] > 1 or any(scene.recurrent)


def _shape(scene: GraphScene, quantity: Quantity) -> str:
    if quantity.kind not in MATRIX_KINDS or quantity.layer is None:
        return ""
    sources, units = scene.sources(quantity.kind, quantity.layer), scene.sizes[quantity.layer + 1]
    return f"{units}×{sources}" if scene.voice.units_first else f"{sources}×{units}"


def _values(scene: GraphScene, quantity: Quantity, size: int) -> Rows:
    if quantity.kind is Kind.LOSS:
        return ((_total(scene),),)
    if quantity.kind in MATRIX_KINDS:
        assert quantity.layer is not None
        return matrix_figures(scene, quantity.kind, quantity.layer)
    return vector_figures(scene, quantity, size)


def _total(scene: GraphScene) -> Figure:
    """Return the error; if it is shown alone, it is known as soon as its output's is."""
    loss, alone, each = Quantity(Kind.LOSS), scene.quantity(Kind.ERROR, None, 0), _shows_each(scene)
    active = (Kind.LOSS, None, "value") in scene.active or (not each and (Kind.LOSS, None, "error") in scene.active)
    known = loss if scene.is_known(loss) or each else alone
    if not scene.is_known(known):
        return Figure(UNKNOWN, active, of=known)
    moved = has_changed(scene.voice, scene.before, known)
    return Figure(compact(scene.voice.number(known)), active, moved=moved, of=known)


def _derivative(scene: GraphScene, quantity: Quantity, size: int) -> Rows:
    """Return the figures of the derivative dE/d(box); empty if nothing is carried back to the box."""
    if quantity.kind is Kind.LOSS:
        return ((Figure("1" if scene.backward else UNKNOWN),),)
    kind, layer = DERIVATIVES.get(quantity.kind), quantity.layer
    if kind is None or layer is None or scene.trace.find(scene.quantity(kind, layer)) is None:
        return ()
    if kind in MATRIX_KINDS:
        return matrix_figures(scene, kind, layer)
    return vector_figures(scene, scene.quantity(kind, layer), size)


def _is_carried(scene: GraphScene, quantity: Quantity) -> bool:
    if quantity.kind is Kind.LOSS:
        return scene.backward
    return scene.reached(scene.quantity(DERIVATIVES[quantity.kind], quantity.layer))


def _derivative_symbol(scene: GraphScene, quantity: Quantity) -> str:
    if quantity.kind is Kind.LOSS:
        loss = scene.voice.tex(quantity)
        return rf"\partial {loss}/\partial {loss}"
    return inline(scene.voice.tex(scene.quantity(DERIVATIVES[quantity.kind], quantity.layer)))


def _chain_symbol(scene: GraphScene, quantity: Quantity, number: int | None) -> str:
    """Return the derivative by the numbers of the chain of functions f, with a minus if the document has it."""
    if number is None:
        return ""
    sign = "-" if scene.voice.negates_gradient and quantity.kind is not Kind.LOSS else ""
    return rf"{sign}\partial {_chained(2 * scene.depth + 1)}/\partial {_chained(number)}"


def _chained(number: int) -> str:
    """Return a function of the network's chain: f_0 is the input, the last one the error."""
    return f"f_{{{number}}}"
