"""The numbers on the computation graph: their cells, and the rings around the numbers of a trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.debugger.why import factors
from nnviz.present.graph.graph_layout import BELOW, LOSS_OPERATION, NAME, OPERATION, PAD, SMALL_CELL, VALUE_CELL
from nnviz.present.graph.graph_marks import GraphBox, GraphPicture, Rows
from nnviz.present.graph.graph_scene import GraphScene
from nnviz.present.network.scene import LISTED
from nnviz.present.network.why_rings import BOX, WhyMark
from nnviz.present.places.label import Rect, holds
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity

# The place of a number is that of its term, if the term is the step that computes it.
_STANDS_AT = {
    **dict.fromkeys((Kind.PRODUCT, Kind.BIAS_TERM, Kind.PRODUCT_H, Kind.BIAS_H_TERM), Kind.Z),
    **dict.fromkeys((Kind.DE_DA_TERM, Kind.DE_DA_LOSS_TERM, Kind.DE_DA_LATER_TERM), Kind.DE_DA),
    Kind.DELTA_TERM: Kind.DELTA,
    Kind.DE_DX_TERM: Kind.DE_DX,
}


def graph_number_at(picture: GraphPicture, x: float, y: float) -> Quantity | None:
    """Return the number whose cell is at a point of the graph."""
    for quantity, rect in graph_cells(picture):
        if holds(rect, x, y):
            return quantity
    return None


def graph_marks(session: Session, picture: GraphPicture) -> tuple[WhyMark, ...]:
    """Return the rings on the graph: around cells, or around the box if a number is not shown in it."""
    if session.why is None:
        return ()
    cells: dict[Quantity, Rect] = {}
    for quantity, rect in graph_cells(picture):
        cells.setdefault(quantity, rect)
    parts = factors(session)
    scene = GraphScene(session)
    lit = [_place(scene, picture, cells, part) for part in (parts if len(parts) <= LISTED else ())]
    own = _place(scene, picture, cells, session.why.last.quantity)
    marks = dict.fromkeys(WhyMark(BOX, rect, False) for rect in lit if rect is not None and rect != own)
    return (*marks, *([] if own is None else [WhyMark(BOX, own, True)]))


def _place(scene: GraphScene, picture: GraphPicture, cells: dict[Quantity, Rect], quantity: Quantity) -> Rect | None:
    kind = _STANDS_AT.get(quantity.kind, quantity.kind)
    of = PARAMETER_OF.get(kind)
    if of is not None and kind is of.gradient_term:
        quantity = replace(quantity, kind=of.gradient, time=0)
    elif kind is not quantity.kind:
        quantity = replace(quantity, kind=kind, source=None)
    quantity = replace(quantity, example=None)
    if quantity in cells:
        return cells[quantity]
    place = scene.place_of(quantity)
    if place is None:
        return None
    box = next((b for b in picture.boxes if (b.quantity.kind, b.quantity.layer) == place[:2]), None)
    label = next((m for m in picture.labels if (m.quantity.kind, m.quantity.layer) == place[:2]), None)
    if label is not None:
        return label.rect
    # A box of another time step gets no ring.
    return None if box is None or (box.quantity.time != quantity.time and of is None) else box.rect


def graph_cells(picture: GraphPicture) -> Iterator[tuple[Quantity, Rect]]:
    """Yield every number shown on the graph, with its cell."""
    for box in picture.boxes:
        yield from _cells_of(box)
    for label in picture.labels:
        left, top, width, height = label.rect
        for down, row in enumerate(label.figures):
            start = left + width / 2 - len(row) * SMALL_CELL[0] / 2
            y = top + height - (len(label.figures) - down) * SMALL_CELL[1]
            for across, figure in enumerate(row):
                if figure.of is not None:
                    yield figure.of, (start + across * SMALL_CELL[0], y, SMALL_CELL[0], SMALL_CELL[1])


def _cells_of(box: GraphBox) -> Iterator[tuple[Quantity, Rect]]:
    left, top, _, height = box.rect
    y = top + NAME + (LOSS_OPERATION if box.role == "error" else OPERATION if box.operation else 0.0)
    yield from _placed(box.errors, left + PAD, y, SMALL_CELL)
    cell = SMALL_CELL if box.role == "parameter" else VALUE_CELL
    yield from _placed(box.values, left + PAD, y + len(box.errors) * SMALL_CELL[1], cell)
    if box.derivative and box.role != "error":
        under = top + height - len(box.derivative) * SMALL_CELL[1] - BELOW
        yield from _placed(box.derivative, left + PAD, under, SMALL_CELL)


def _placed(rows: Rows, left: float, top: float, cell: tuple[float, float]) -> Iterator[tuple[Quantity, Rect]]:
    for down, row in enumerate(rows):
        for across, figure in enumerate(row):
            if figure.of is not None:
                yield figure.of, (left + across * cell[0] - 6, top + down * cell[1], cell[0] - 2, cell[1])
