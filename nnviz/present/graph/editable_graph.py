"""The number of the computation graph that can be edited at a point, and its place: pure geometry on a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nnviz.debugger.edits import DATA_KINDS, PARAMETER_VALUES
from nnviz.present.graph.graph_marks import GraphPicture
from nnviz.present.graph.why_graph import graph_cells
from nnviz.present.network.editable import editable
from nnviz.present.places.label import Rect, holds
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_OF, Quantity


def graph_editable_at(picture: GraphPicture, x: float, y: float) -> Quantity | None:
    """Return the parameter, input or target whose number is at a point in scene pixels."""
    return next((quantity for quantity, rect in _cells(picture) if holds(rect, x, y)), None)


def graph_editable(picture: GraphPicture, selected: Quantity | None, clicked: Quantity | None) -> Quantity | None:
    """Return the number to edit for a selection: in a box the number that was `clicked`, else its first."""
    if selected is None or selected.unit is not None:
        return editable(selected)
    of_box = [quantity for quantity, _ in _cells(picture) if replace(quantity, unit=None, source=None) == selected]
    return clicked if clicked in of_box else next(iter(of_box), None)


def graph_place_of(picture: GraphPicture, quantity: Quantity) -> tuple[float, float] | None:
    """Return the centre of an editable number in the scene; None if it is not shown."""
    for found, (left, top, width, height) in _cells(picture):
        if found == quantity:
            return left + width / 2, top + height / 2
    return None


def _cells(picture: GraphPicture) -> Iterator[tuple[Quantity, Rect]]:
    """Yield the cells of editable numbers; the cell of a new value still belongs to the parameter, as on the canvas."""
    for quantity, rect in graph_cells(picture):
        if quantity.kind in NEW_KINDS:
            quantity = replace(quantity, kind=PARAMETER_OF[quantity.kind].value)
        if quantity.kind in PARAMETER_VALUES or quantity.kind in DATA_KINDS:
            yield quantity, rect
