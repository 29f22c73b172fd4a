"""What the computation graph is drawn from: the session's voice, what is known at its step, and what is lit."""

from __future__ import annotations

import math
from dataclasses import replace

from nnviz.debugger.session import Session
from nnviz.present.changes import has_changed, voice_before
from nnviz.present.graph_layout import (
    FIGURE_CHARACTERS,
    MOST_ACROSS,
    MOST_DOWN,
    GraphLayout,
    graph_layout,
    shown_of,
    vector_cells,
)
from nnviz.present.graph_marks import Figure, Rows
from nnviz.present.numbers import UNKNOWN, fixed, pretty, short
from nnviz.present.voice import Voice, voice_of
from nnviz.trace.provenance import operands_of
from nnviz.trace.steps import PARAMETER_KINDS, Grain, Kind, Quantity

DECIMALS = 4
ELLIPSIS, DOWN = "…", "⋮"


# Which part of which box: the kind that the box holds, its layer, and value, error or derivative.
Place = tuple[Kind, int | None, str]

_PLACES: dict[Kind, tuple[Kind, str]] = {
    Kind.INPUT: (Kind.INPUT, "value"),
    Kind.TARGET: (Kind.TARGET, "value"),
    Kind.WEIGHT: (Kind.WEIGHT, "value"),
    Kind.W_NEW: (Kind.WEIGHT, "value"),
    Kind.BIAS: (Kind.BIAS, "value"),
    Kind.B_NEW: (Kind.BIAS, "value"),
    Kind.PRODUCT: (Kind.Z, "value"),
    Kind.BIAS_TERM: (Kind.Z, "value"),
    Kind.Z: (Kind.Z, "value"),
    Kind.EXPONENTIAL: (Kind.A, "value"),
    Kind.EXPONENTIAL_SUM: (Kind.A, "value"),
    Kind.A: (Kind.A, "value"),
    Kind.ERROR: (Kind.LOSS, "error"),
    Kind.LOSS: (Kind.LOSS, "value"),
    Kind.DE_DA_TERM: (Kind.A, "derivative"),
    Kind.DE_DA: (Kind.A, "derivative"),
    Kind.DELTA_TERM: (Kind.Z, "derivative"),
    Kind.DELTA: (Kind.Z, "derivative"),
    Kind.DW_TERM: (Kind.WEIGHT, "derivative"),
    Kind.DW: (Kind.WEIGHT, "derivative"),
    Kind.DB_TERM: (Kind.BIAS, "derivative"),
    Kind.DB: (Kind.BIAS, "derivative"),
    # Local derivatives stand on labels of their own.
    Kind.SLOPE: (Kind.SLOPE, ""),
    Kind.DZ_DA: (Kind.DZ_DA, ""),
    Kind.DZ_DW: (Kind.DZ_DW, ""),
    Kind.DZ_DB: (Kind.DZ_DB, ""),
}
_WHOLE_PHASES: dict[Kind, tuple[tuple[Kind, str], ...]] = {
    Kind.FORWARD_PASS: ((Kind.Z, "value"), (Kind.A, "value")),
    Kind.ERROR_PASS: ((Kind.LOSS, "value"),),
    Kind.BACKWARD_PASS: (
        (Kind.Z, "derivative"), (Kind.A, "derivative"), (Kind.WEIGHT, "derivative"), (Kind.BIAS, "derivative"),
    ),
    Kind.UPDATE_PASS: ((Kind.WEIGHT, "value"), (Kind.BIAS, "value")),
}  # fmt: skip
# The derivative of the error by what a box holds, and the parameter that takes its place after the update.
DERIVATIVES = {Kind.Z: Kind.DELTA, Kind.A: Kind.DE_DA, Kind.WEIGHT: Kind.DW, Kind.BIAS: Kind.DB}
UPDATED = {Kind.WEIGHT: Kind.W_NEW, Kind.BIAS: Kind.B_NEW}
# A gradient's terms are its examples'.
_BATCHED = {Kind.DW: Kind.DW_TERM, Kind.DB: Kind.DB_TERM}
MATRICES = {Kind.WEIGHT, Kind.DW, Kind.W_NEW}
GIVEN = {Kind.INPUT, Kind.TARGET, Kind.WEIGHT, Kind.BIAS}
_IN_TIME = {Kind.INPUT, Kind.TARGET, Kind.Z, Kind.A, Kind.ERROR, Kind.DE_DA, Kind.SLOPE, Kind.DELTA}


def place_of(quantity: Quantity) -> Place | None:
    """The part of the graph where a quantity stands; None for what has no place (a rate)."""
    if quantity.kind is Kind.MOVING:
        return (PARAMETER_KINDS[quantity.of].held, quantity.layer, "value")
    found = _PLACES.get(quantity.kind)
    return None if found is None else (found[0], quantity.layer, found[1])


class GraphScene:
    """What the functions below share while one graph is made."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.trace, self.record, self.step = session.trace, session.record, session.step
        self.voice: Voice = voice_of(session)
        self.before = voice_before(session)
        self.sizes = self.record.architecture.sizes
        self.depth = self.record.architecture.depth
        self.plan: GraphLayout = graph_layout(self.sizes, self.voice.units_first)
        # A recurrent network has one such graph for each time step; the one of the step is shown.
        self.time = 0 if self.step is None else self.step.quantity.time
        self.active = set() if self.step is None else _active_places(self.step.quantity, self.depth)
        parts = _operand_quantities(session)
        self.operands = {place for part in parts if (place := place_of(part)) is not None} - self.active
        exact = self.step is not None and self.step.grain >= Grain.NEURON
        self.operand_items = {
            (part.kind, part.layer, part.unit, part.source) for part in parts if exact and part.example is None
        }
        self.operand_lines: dict[tuple[Kind, int | None] | None, tuple[set[int | None], set[int | None]]] = {}
        for kind, layer, unit, source in self.operand_items:
            units, sources = self.operand_lines.setdefault(_box_of(Quantity(kind, layer)), (set(), set()))
            units.add(unit)
            sources.add(source)
        last = self.record.architecture.layers[-1].activation
        self.fused_softmax = self.record.fused and last == "softmax"
        # Up to the error, nothing has been carried back.
        loss = self.trace.find(Quantity(Kind.LOSS))
        self.backward = loss is not None and session.position > loss

    def quantity(
        self, kind: Kind, layer: int | None = None, unit: int | None = None, source: int | None = None
    ) -> Quantity:
        """A quantity at the time of the step, where it is one of each time."""
        return Quantity(kind, layer, unit, source, self.time if kind in _IN_TIME else 0)

    def known(self, kind: Kind, layer: int | None = None) -> int:
        """How many numbers of a vector or matrix are known."""
        return self.trace.known(kind, layer, self.session.position, self.time if kind in _IN_TIME else 0)

    def is_known(self, quantity: Quantity) -> bool:
        """Whether a number is known: given, or told by now."""
        return quantity.kind in GIVEN or self.trace.is_known(quantity, self.session.position)

    def reached(self, derivative: Quantity) -> bool:
        """Whether a whole derivative is known in part, or is being worked out."""
        return self.known(derivative.kind, derivative.layer) > 0 or place_of(derivative) in self.active

    def focus(self, kind: Kind, layer: int | None) -> tuple[int | None, int | None]:
        """The unit and the source that the step is at in a box; None where it is at none or at many."""
        box = _box_of(Quantity(kind, layer))
        if self.step is not None and any(place[:2] == box for place in self.active):
            here = _standing(self.step.quantity)
            return here.unit, here.source
        units, sources = self.operand_lines.get(box, (set(), set()))
        return _only(units), _only(sources)

    def selected(self, quantity: Quantity) -> bool:
        """Whether it is what the learner has selected, as a whole."""
        return self.session.selection == quantity


def _box_of(quantity: Quantity) -> tuple[Kind, int | None] | None:
    place = place_of(quantity)
    return None if place is None else place[:2]


def _only(found: set[int | None]) -> int | None:
    return next(iter(found)) if len(found) == 1 else None


def _active_places(quantity: Quantity, depth: int) -> set[Place]:
    whole = _WHOLE_PHASES.get(quantity.kind)
    if whole is not None:
        return {(kind, None if kind is Kind.LOSS else layer, part) for kind, part in whole for layer in range(depth)}
    place = place_of(quantity)
    return set() if place is None else {place}


def _operand_quantities(session: Session) -> list[Quantity]:
    """What the step is made of; of a whole layer, what its first number is; of a batch, the stepped example's part."""
    step = session.step
    if step is None or step.kind in _WHOLE_PHASES or session.why is not None:
        return []  # while the learner asks why, what is asked about is lit
    quantity = step.quantity if step.grain >= Grain.NEURON else replace(step.quantity, unit=0, source=0)
    if quantity.kind in _BATCHED:
        quantity = replace(quantity, kind=_BATCHED[quantity.kind], example=session.record.row)
    return [operand.quantity for operand in operands_of(session.trace, quantity)]


def compact(value: float, most: int = FIGURE_CHARACTERS) -> str:
    """With four decimals, or with as many fewer as it takes to be about as short as `most` characters."""
    text = pretty(fixed(value, DECIMALS))
    if len(text) <= most or not math.isfinite(value):
        return text
    forms = [f"{value:.{places}f}" for places in (3, 2, 1, 0)] if abs(value) >= 1 else []
    shorter = next((form for form in map(pretty, forms) if len(form) <= most), "")
    power = pretty(f"{value:.1e}")
    return shorter or (power if len(power) <= most + 1 else pretty(f"{value:.0e}"))


def figure(scene: GraphScene, quantity: Quantity) -> Figure:
    """One number of a box."""
    place, step = place_of(quantity), scene.step
    shown, changed = quantity, False
    if quantity.kind in UPDATED:
        new = replace(quantity, kind=UPDATED[quantity.kind])
        if scene.is_known(new):
            shown, changed = new, True
    text = UNKNOWN
    if scene.is_known(shown):
        number = scene.voice.number(shown)
        given = pretty(short(number, DECIMALS))
        text = given if quantity.kind in GIVEN and len(given) <= FIGURE_CHARACTERS else compact(number)
    active = step is not None and place in scene.active and _is_item(_standing(step.quantity), quantity)
    moved = scene.is_known(shown) and has_changed(scene.voice, scene.before, shown)
    return Figure(text, active, not active and _among_operands(scene, quantity), changed, moved, shown)


def _standing(step: Quantity) -> Quantity:
    """Where in its box a step stands: an exponential at its own unit, the sum of them at all."""
    if step.kind is Kind.EXPONENTIAL:
        return replace(step, unit=step.source, source=None)
    return replace(step, unit=None) if step.kind is Kind.EXPONENTIAL_SUM else step


def _is_item(step: Quantity, quantity: Quantity) -> bool:
    """Whether a step makes this number of its vector or matrix known: the whole of it makes every one."""
    if step.unit is None and step.source is None:
        return True
    return step.unit == quantity.unit and (quantity.kind not in MATRICES or step.source == quantity.source)


def _among_operands(scene: GraphScene, quantity: Quantity) -> bool:
    kinds = (quantity.kind, UPDATED.get(quantity.kind, quantity.kind))
    return any((kind, quantity.layer, quantity.unit, quantity.source) in scene.operand_items for kind in kinds)


def vector_figures(scene: GraphScene, kind: Kind, layer: int | None, size: int) -> Rows:
    """A vector's numbers as they stand in a box: the first ones of a long one, and the one that the step is at."""
    focus, _ = scene.focus(kind, layer)
    cells = vector_cells(size, focus)

    def cell(unit: int | None, last: bool) -> Figure:
        if unit is None:
            return Figure((f"of {size}" if focus == size - 1 else f"{ELLIPSIS} of {size}") if last else ELLIPSIS)
        return figure(scene, scene.quantity(kind, layer, unit))

    return tuple(tuple(cell(unit, across == len(row) - 1) for across, unit in enumerate(row)) for row in cells)


def matrix_figures(scene: GraphScene, kind: Kind, layer: int) -> Rows:
    """A matrix's numbers in the document's orientation: a corner of a large one, and where the step is."""
    sources, units = scene.sizes[layer : layer + 2]
    rows, columns = (units, sources) if scene.voice.units_first else (sources, units)

    def cell(row: int | None, column: int | None) -> Figure:
        if row is None or column is None:
            return Figure(ELLIPSIS if column is None and row is not None else DOWN if column is not None else "")
        unit, source = (row, column) if scene.voice.units_first else (column, row)
        return figure(scene, Quantity(kind, layer, unit, source))

    unit, source = scene.focus(kind, layer)
    row_focus, column_focus = (unit, source) if scene.voice.units_first else (source, unit)
    across = shown_of(columns, MOST_ACROSS, column_focus)
    return tuple(tuple(cell(row, column) for column in across) for row in shown_of(rows, MOST_DOWN, row_focus))


def inline(tex: str) -> str:
    r"""A symbol that is one fraction, on one line: \frac{\partial E}{\partial h} as \partial E/\partial h."""
    if not tex.startswith(r"\frac{") or not tex.endswith("}"):
        return tex
    depth, parts, start = 0, [], 0
    for at, letter in enumerate(tex):
        depth += (letter == "{") - (letter == "}")
        if letter == "{" and depth == 1:
            start = at + 1
        if letter == "}" and depth == 0:
            parts.append(tex[start:at])
    return "/".join(parts) if len(parts) == 2 else tex
