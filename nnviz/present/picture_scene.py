"""Where each number stands on the network canvas, and what all its marks are made from at one step."""

from __future__ import annotations

from nnviz.debugger.session import Session
from nnviz.present.changes import has_changed, voice_before
from nnviz.present.layout import Layout
from nnviz.present.numbers import UNKNOWN, fixed, pretty
from nnviz.present.voice import Voice, voice_of
from nnviz.trace.provenance import operands
from nnviz.trace.steps import PARAMETER_KINDS, Grain, Kind, Quantity, Step

DECIMALS = 4
# Of a layer with more edges or units than this, none is listed one by one.
LISTED = 400
# A place on the canvas: ("unit", layer, unit), ("edge", layer, unit, source), ("bias", layer, unit) or ("error",).
Place = tuple[str, int, int, int]
ERROR_PLACE: Place = ("error", 0, 0, 0)
_EDGE_KINDS = (Kind.WEIGHT, Kind.PRODUCT, Kind.DW, Kind.DW_TERM, Kind.W_NEW, Kind.DZ_DA)
_BIAS_KINDS = (Kind.BIAS, Kind.BIAS_TERM, Kind.DB, Kind.DB_TERM, Kind.B_NEW, Kind.DZ_DB)


class PictureScene:
    """What the functions below share while one picture is made."""

    def __init__(self, session: Session, plan: Layout) -> None:
        self.session = session
        self.plan = plan
        self.trace = session.trace
        self.record = session.record
        self.voice: Voice = voice_of(session)
        self.before = voice_before(session)
        self.step = session.step
        self.active = set() if self.step is None else _targets(self.step, self.record.architecture.sizes)
        self.operands = set() if self.step is None else _operand_places(session, self.step)

    def known(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> bool:
        return self.trace.is_known(Quantity(kind, layer, unit, source), self.session.position)

    def changed(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> bool:
        """Whether a number is known and was another before the last choice."""
        if self.before is None or not self.known(kind, layer, unit, source):
            return False
        return has_changed(self.voice, self.before, Quantity(kind, layer, unit, source))

    def number(self, kind: Kind, layer: int | None, unit: int | None = None) -> str:
        if not self.known(kind, layer, unit):
            return UNKNOWN
        return pretty(fixed(self.voice.number(Quantity(kind, layer, unit)), DECIMALS))


def place_of(quantity: Quantity) -> Place | None:
    """Where one number of a pass stands on the canvas; None for what has no place (a rate, a whole vector)."""
    layer, unit, source = quantity.layer, quantity.unit, quantity.source
    if quantity.kind in (Kind.ERROR, Kind.LOSS, Kind.TARGET):
        return ERROR_PLACE
    if quantity.kind is Kind.INPUT:
        return None if unit is None else ("unit", -1, unit, 0)
    if layer is None or unit is None:
        return None
    if quantity.kind in _EDGE_KINDS or (
        quantity.kind in (Kind.MOVING, Kind.MEMORY) and PARAMETER_KINDS[quantity.of].is_matrix
    ):
        return ("edge", layer, unit, source or 0)
    if quantity.kind in _BIAS_KINDS or quantity.kind in (Kind.MOVING, Kind.MEMORY):
        return ("bias", layer, unit, 0)
    if quantity.kind is Kind.DE_DA_TERM:
        return ("edge", layer + 1, source or 0, unit)
    return ("unit", layer, unit, 0)


def _targets(step: Step, sizes: tuple[int, ...]) -> set[Place]:
    """What the step makes known; of a whole layer every unit or edge of it (none is listed beyond a few hundred)."""
    place = place_of(step.quantity)
    if place is not None:
        return {place}
    if step.grain is not Grain.LAYER or step.quantity.layer is None:
        return set()
    layer = step.quantity.layer
    sources, units = sizes[layer], sizes[layer + 1]
    if step.kind in _EDGE_KINDS:
        return _all_edges(layer, units, sources)
    kind = "bias" if step.kind in _BIAS_KINDS else "unit"
    return {(kind, layer, unit, 0) for unit in range(units)} if units <= LISTED else set()


def _operand_places(session: Session, step: Step) -> set[Place]:
    """The places of what the step was worked out from."""
    if step.grain is Grain.LAYER and step.kind is Kind.Z and step.quantity.layer is not None:
        sizes, layer = session.record.architecture.sizes, step.quantity.layer
        edges = _all_edges(layer, sizes[layer + 1], sizes[layer])
        return edges | {("unit", layer - 1, source, 0) for source in range(sizes[layer]) if edges}
    found = (place_of(operand.quantity) for operand in operands(session.trace, step))
    return {place for place in found if place is not None}


def _all_edges(layer: int, units: int, sources: int) -> set[Place]:
    """Every edge of a layer; none where they are too many to list."""
    if units * sources > LISTED:
        return set()
    return {("edge", layer, unit, source) for unit in range(units) for source in range(sources)}


def is_selected(scene: PictureScene, place: Place) -> bool:
    """Whether the learner has selected what stands at this place."""
    selection = scene.session.selection
    return selection is not None and place_of(selection) == place
