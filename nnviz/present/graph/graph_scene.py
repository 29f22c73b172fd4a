"""The data from which the computation graph is drawn: the session's voice, and what is known and highlighted."""

from __future__ import annotations

import math
from dataclasses import replace

from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.session import Session
from nnviz.present.core.changes import has_changed, voice_before
from nnviz.present.core.graph_parts import BATCHED, GIVEN, LATER, PLACES, UPDATED, WHOLE_PHASES, Place
from nnviz.present.core.voice import TIMED, Voice, has_time, voice_of
from nnviz.present.graph.graph_layout import (
    FIGURE_CHARACTERS,
    MOST_ACROSS,
    MOST_DOWN,
    graph_layout,
    shown_of,
    vector_cells,
)
from nnviz.present.graph.graph_marks import Figure, Rows
from nnviz.present.graph.graph_places import GraphLayout
from nnviz.present.network.breakpoints_at import breaks_in_box, graph_breaks, is_on
from nnviz.present.network.scene import shown_time
from nnviz.present.places.label import Room
from nnviz.present.text.numbers import ASKED, MISSING, UNKNOWN, fixed, pretty, short
from nnviz.present.words.quiz_text import is_asked
from nnviz.tracing.provenance import is_fused_softmax, operands_of, past_quantity
from nnviz.tracing.steps import MATRIX_KINDS, PARAMETER_KINDS, PARAMETER_OF, Grain, Kind, Quantity

DECIMALS = 4
ELLIPSIS, DOWN = "…", "⋮"
# Kind, layer, unit, source and time of one number.
_Item = tuple[Kind, int | None, int | None, int | None, int]


class GraphScene:
    """The data shared by the functions below while one graph is made."""

    def __init__(self, session: Session, room: Room | None = None) -> None:
        self.session = session
        self.trace, self.record, self.step = session.trace, session.record, session.pointed
        self.voice: Voice = voice_of(session)
        self.before = voice_before(session)
        self.sizes = self.record.architecture.sizes
        self.depth = self.record.architecture.depth
        self.recurrent = tuple(layer.recurrent for layer in self.record.architecture.layers)
        self.plan: GraphLayout = _plan(session, room)
        # A recurrent network has one such graph for each time step; the one of the step is shown.
        self.time = shown_time(session)
        self.active = set() if self.step is None else self._active_places(self.step.quantity)
        parts = _operand_quantities(session)
        self.operands = {place for part in parts if (place := self.place_of(part)) is not None} - self.active
        exact = self.step is not None and self.step.grain >= Grain.NEURON
        self.operand_items: set[_Item] = {
            (part.kind, part.layer, part.unit, part.source, part.time)
            for part in parts
            if exact and part.example is None
        }
        self.operand_lines: dict[tuple[Kind, int | None] | None, tuple[set[int | None], set[int | None]]] = {}
        for kind, layer, unit, source, time in self.operand_items:
            box = self._box_of(Quantity(kind, layer, time=time))
            units, sources = self.operand_lines.setdefault(box, (set(), set()))
            units.add(unit)
            sources.add(source)
        self.fused_softmax = is_fused_softmax(self.record, self.depth - 1)
        # Before the error is known, nothing has been carried back.
        loss = self.trace.find(Quantity(Kind.LOSS))
        self.backward = loss is not None and session.position > loss
        self.breaks = graph_breaks(session.breakpoints, self.depth)

    def quantity(
        self, kind: Kind, layer: int | None = None, unit: int | None = None, source: int | None = None
    ) -> Quantity:
        """Return a quantity at the time of the step, if it has a time step."""
        return Quantity(kind, layer, unit, source, self.time if kind in TIMED else 0)

    def past(self, layer: int) -> Quantity:
        """Return the previous hidden state of a recurrent layer at this time step, as a whole."""
        return replace(past_quantity(layer, 0, self.time), unit=None)

    def later(self, layer: int) -> Quantity | None:
        """Return the next time step's delta, of which a share comes back to a layer; None if there is none."""
        if not self.record.has_later_terms(layer, self.time):
            return None
        return Quantity(Kind.DELTA, layer, time=self.time + 1)

    def place_of(self, quantity: Quantity) -> Place | None:
        """Return the part of the graph that shows a quantity; None for a rate, or at another time step."""
        if quantity.kind is Kind.MOVING:
            return (PARAMETER_KINDS[quantity.of].value, quantity.layer, "value")
        found = PLACES.get(quantity.kind)
        if found is None:
            return None
        if quantity.kind is Kind.STATE or (has_time(quantity.kind) and quantity.time != self.time):
            return self._place_beside(quantity)
        return (found[0], quantity.layer, found[1])

    def _place_beside(self, quantity: Quantity) -> Place | None:
        """Return the place of a quantity of another time step: the previous state, or the source of the error."""
        layer = quantity.layer
        if layer is None or not self.recurrent[layer]:
            return None
        if replace(quantity, unit=None, source=None, example=None) == self.past(layer):
            return (Kind.STATE, layer, "value")
        return (LATER, layer, "") if replace(quantity, unit=None, example=None) == self.later(layer) else None

    def sources(self, kind: Kind, layer: int) -> int:
        """Return how many numbers enter a layer through a matrix of this kind; through its loop, its own units."""
        of = PARAMETER_OF.get(kind)
        return self.sizes[layer + 1 if of is not None and of.is_recurrent else layer]

    def has(self, quantity: Quantity) -> bool:
        """Return whether the network has a parameter; a layer may have no biases, and lack connections."""
        return not absent_text(self.record.architecture, quantity)

    def known(self, quantity: Quantity) -> int:
        """Return how many numbers of a vector or matrix are known."""
        return self.trace.known(quantity.kind, quantity.layer, self.session.position, quantity.time)

    def is_known(self, quantity: Quantity) -> bool:
        """Return whether a number is known: given, or already computed."""
        return quantity.kind in GIVEN or self.trace.is_known(quantity, self.session.position)

    def reached(self, derivative: Quantity) -> bool:
        """Return whether a whole derivative is known in part, or is being computed."""
        return self.known(derivative) > 0 or self.place_of(derivative) in self.active

    def focus(self, whole: Quantity) -> tuple[int | None, int | None]:
        """Return the unit and the source that the step is at in a box; None if it is at none or at many."""
        box = self._box_of(whole)
        if self.step is not None and any(place[:2] == box for place in self.active):
            here = _standing(self.step.quantity)
            return here.unit, here.source
        units, sources = self.operand_lines.get(box, (set(), set()))
        return _only(units), _only(sources)

    def selected(self, quantity: Quantity) -> bool:
        """Return whether a quantity is the learner's selection, as a whole."""
        return self.session.selection == quantity

    def breakpoint(self, quantity: Quantity) -> bool | None:
        """Return whether any breakpoint in its box is enabled; None if there is none."""
        found = breaks_in_box(self.breaks, quantity, self.time)
        return is_on(found) if found else None

    def _box_of(self, quantity: Quantity) -> tuple[Kind, int | None] | None:
        place = self.place_of(quantity)
        return None if place is None else place[:2]

    def _active_places(self, quantity: Quantity) -> set[Place]:
        whole = WHOLE_PHASES.get(quantity.kind)
        if whole is not None:
            layers = range(self.depth)
            return {(kind, None if kind is Kind.LOSS else layer, part) for kind, part in whole for layer in layers}
        place = self.place_of(quantity)
        return set() if place is None else {place}


def natural_size(session: Session) -> Room:
    """Return the width and height of a session's graph without more room than it needs."""
    plan = _plan(session, None)
    return plan.width, plan.height


def _plan(session: Session, room: Room | None) -> GraphLayout:
    record = session.record
    recurrent = tuple(layer.recurrent for layer in record.architecture.layers)
    returns = record.convention.through_time == "full" and record.time_steps > 1 and any(recurrent)
    units_first = voice_of(session).units_first
    biases = tuple(layer.biases for layer in record.architecture.layers)
    return graph_layout(record.architecture.sizes, units_first, recurrent, returns=returns, room=room, biases=biases)


def _only(found: set[int | None]) -> int | None:
    return next(iter(found)) if len(found) == 1 else None


def _operand_quantities(session: Session) -> list[Quantity]:
    """Return the step's operands; for a whole layer those of its first number, for a batch or sequence one part."""
    step = session.pointed
    if step is None or step.kind in WHOLE_PHASES or session.why is not None:
        return []  # with a trail, the numbers looked up are highlighted
    quantity = step.quantity if step.grain >= Grain.NEURON else replace(step.quantity, unit=0, source=0)
    if quantity.kind in BATCHED:
        # The stepped example's, at the time step that is shown.
        quantity = replace(quantity, kind=BATCHED[quantity.kind], example=session.record.row, time=shown_time(session))
    return [operand.quantity for operand in operands_of(session.trace, quantity)]


def compact(value: float, most: int = FIGURE_CHARACTERS) -> str:
    """Return a number with four decimals, or with fewer so that it has about `most` characters."""
    text = pretty(fixed(value, DECIMALS))
    if len(text) <= most or not math.isfinite(value):
        return text
    forms = [f"{value:.{places}f}" for places in (3, 2, 1, 0)] if abs(value) >= 1 else []
    shorter = next((form for form in map(pretty, forms) if len(form) <= most), "")
    power = pretty(f"{value:.1e}")
    return shorter or (power if len(power) <= most + 1 else pretty(f"{value:.0e}"))


def figure(scene: GraphScene, quantity: Quantity) -> Figure:
    """Return one number of a box."""
    place, step = scene.place_of(quantity), scene.step
    shown, changed = quantity, False
    if quantity.kind in UPDATED:
        new = replace(quantity, kind=UPDATED[quantity.kind])
        if scene.is_known(new):
            shown, changed = new, True
    text = ASKED if is_asked(scene.session, shown) else UNKNOWN
    if scene.is_known(shown):
        number = scene.voice.number(shown)
        given = pretty(short(number, DECIMALS))
        text = given if quantity.kind in GIVEN and len(given) <= FIGURE_CHARACTERS else compact(number)
    active = step is not None and place in scene.active and _is_item(_standing(step.quantity), quantity)
    moved = scene.is_known(shown) and has_changed(scene.voice, scene.before, shown)
    return Figure(text, active, not active and _among_operands(scene, quantity), changed, moved, shown)


def _standing(step: Quantity) -> Quantity:
    """Return the place of a step in its box: an exponential at its own unit, their sum at all units."""
    if step.kind is Kind.EXPONENTIAL:
        return replace(step, unit=step.source, source=None)
    return replace(step, unit=None) if step.kind is Kind.EXPONENTIAL_SUM else step


def _is_item(step: Quantity, quantity: Quantity) -> bool:
    """Return whether a step computes this number of its vector or matrix; a step of the whole computes every one."""
    if step.unit is None and step.source is None:
        return True
    return step.unit == quantity.unit and (quantity.kind not in MATRIX_KINDS or step.source == quantity.source)


def _among_operands(scene: GraphScene, quantity: Quantity) -> bool:
    kinds = (quantity.kind, UPDATED.get(quantity.kind, quantity.kind))
    return any(
        (kind, quantity.layer, quantity.unit, quantity.source, quantity.time) in scene.operand_items for kind in kinds
    )


def vector_figures(scene: GraphScene, whole: Quantity, size: int) -> Rows:
    """Return a vector's numbers in a box: the first ones of a long one, and the one that the step is at."""
    focus, _ = scene.focus(whole)
    cells = vector_cells(size, focus)

    def cell(unit: int | None, last: bool) -> Figure:
        if unit is None:
            return Figure((f"of {size}" if focus == size - 1 else f"{ELLIPSIS} of {size}") if last else ELLIPSIS)
        return figure(scene, replace(whole, unit=unit))

    return tuple(tuple(cell(unit, across == len(row) - 1) for across, unit in enumerate(row)) for row in cells)


def matrix_figures(scene: GraphScene, kind: Kind, layer: int) -> Rows:
    """Return a matrix's numbers in the document's orientation: a corner of a large one, and the step's."""
    sources, units = scene.sources(kind, layer), scene.sizes[layer + 1]
    rows, columns = (units, sources) if scene.voice.units_first else (sources, units)

    def cell(row: int | None, column: int | None) -> Figure:
        if row is None or column is None:
            return Figure(ELLIPSIS if column is None and row is not None else DOWN if column is not None else "")
        unit, source = (row, column) if scene.voice.units_first else (column, row)
        quantity = Quantity(kind, layer, unit, source)
        if not scene.has(quantity):
            return Figure(MISSING)
        return figure(scene, quantity)

    unit, source = scene.focus(Quantity(kind, layer))
    row_focus, column_focus = (unit, source) if scene.voice.units_first else (source, unit)
    across = shown_of(columns, MOST_ACROSS, column_focus)
    return tuple(tuple(cell(row, column) for column in across) for row in shown_of(rows, MOST_DOWN, row_focus))


def inline(tex: str) -> str:
    r"""Return a symbol that is one fraction on one line: \frac{\partial E}{\partial h} as \partial E/\partial h."""
    if tex.startswith(r"-\frac{"):
        return f"-{inline(tex[1:])}"
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
