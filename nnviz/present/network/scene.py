"""The place of each number on the network canvas, and the data from which all marks of a step are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from nnviz.debugger.state.session import Session
from nnviz.present.core.changes import has_changed, voice_before
from nnviz.present.core.voice import TIMED, Voice, has_time, voice_of
from nnviz.present.network.layout import Layout, taken
from nnviz.present.places.label import Rect, figure
from nnviz.present.text.numbers import ASKED, UNKNOWN
from nnviz.present.values.values_table import GIVEN
from nnviz.present.words.health_text import health_of_units
from nnviz.present.words.quiz_text import is_asked
from nnviz.tracing.groups import contribution_count
from nnviz.tracing.provenance import contributions, operands, operands_of
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Grain, Kind, Phase, Quantity, Step

DECIMALS = 4
# A layer with more edges or units than this is not listed one by one.
LISTED = 400
# A place on the canvas: ("unit", layer, unit), ("edge", layer, unit, source), ("bias", layer, unit) or ("error",); in a
# recurrent network also ("loop", layer, unit, source) and ("state", layer, unit), the previous hidden state.
Place = tuple[str, int, int, int]
ERROR_PLACE: Place = ("error", 0, 0, 0)
_LOOP_KINDS = tuple(kind for kind, kinds in PARAMETER_OF.items() if kinds.is_matrix and kinds.is_recurrent)
_EDGE_KINDS = (
    *(kind for kind, kinds in PARAMETER_OF.items() if kinds.is_matrix and not kinds.is_recurrent),
    Kind.DZ_DA,
)
# Values of a whole layer are shown at each of its units, although they are computed on the way to one of them.
_SHARED_KINDS = (Kind.EXPONENTIAL_SUM,)
_BIAS_KINDS = (*(kind for kind, kinds in PARAMETER_OF.items() if not kinds.is_matrix), Kind.DZ_DB)


@dataclass
class LabelRoom:
    """The room for labels on edges: the rectangles that they must not cover, and the labels that are placed."""

    taken: tuple[Rect, ...]
    labelled: list[Rect] = field(default_factory=list)


class PictureScene:
    """The data shared by the functions below while one picture is made: a session's pass at one time step."""

    def __init__(self, session: Session, plan: Layout, time: int = 0) -> None:
        self.session = session
        self.plan = plan
        self.time = time
        self.trace = session.trace
        self.record = session.record
        self.voice: Voice = voice_of(session)
        self.before = voice_before(session)
        self.health = health_of_units(session)
        self.step = session.pointed
        self.free = LabelRoom(taken(plan))
        self.active: set[Place] = set()
        self.operands: set[Place] = set()
        if self.step is not None:
            if self.is_at(self.step.quantity):
                self.active = _targets(self.step, self.record.architecture.sizes)
            if session.why is None:  # with a trail, the numbers looked up are highlighted
                self.operands = _operand_places(self, self.step)

    def quantity(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> Quantity:
        """Return a quantity at this scene's time step, if it has one."""
        return Quantity(kind, layer, unit, source, self.time if kind in TIMED else 0)

    def known(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> bool:
        return self.trace.is_known(self.quantity(kind, layer, unit, source), self.session.position)

    def changed(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> bool:
        """Return whether a number is known and the last choice changed it."""
        if self.before is None or not (kind in GIVEN or self.known(kind, layer, unit, source)):
            return False
        return has_changed(self.voice, self.before, self.quantity(kind, layer, unit, source))

    def asks(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> bool:
        """Return whether a number is to be predicted before it is shown."""
        return is_asked(self.session, self.quantity(kind, layer, unit, source))

    def value(self, kind: Kind, layer: int | None, unit: int | None = None, most: int = 14) -> tuple[float | None, str]:
        """Return a number and its text: None and a dash if it is not known yet, or a question mark while predicting.

        The text has at most `most` characters, one or two more for a power of ten.
        """
        if not self.known(kind, layer, unit):
            return None, ASKED if self.asks(kind, layer, unit) else UNKNOWN
        number = self.voice.number(self.quantity(kind, layer, unit))
        return number, figure(number, DECIMALS, most)

    def is_timed(self, quantity: Quantity) -> bool:
        """Return whether a quantity belongs to one time step."""
        return self.record.architecture.is_recurrent and has_time(quantity.kind)

    def is_at(self, quantity: Quantity) -> bool:
        """Return whether a quantity is in the picture of this time step; quantities of all time steps are in each."""
        return not self.is_timed(quantity) or quantity.time == self.time

    def uses(self, quantity: Quantity, step: Step) -> bool:
        """Return whether a step that has a time uses an operand in the picture of this time step."""
        if quantity.kind is Kind.STATE:
            return self.time == 0
        if self.is_timed(quantity):
            return quantity.time == self.time
        if not self.is_timed(step.quantity):
            return True
        # The error comes back through a loop from the next time step.
        later = quantity.kind is Kind.WEIGHT_H and step.kind in (Kind.DE_DA, Kind.DE_DA_LATER_TERM, Kind.DELTA)
        return self.time == step.quantity.time + (1 if later else 0)


def shown_time(session: Session) -> int:
    """Return the time step to show: the step's own, else the last one, or the first after the backward pass."""
    step = session.pointed
    if step is None or not session.record.architecture.is_recurrent:
        return 0
    if has_time(step.kind):
        return step.quantity.time
    return session.record.time_steps - 1 if step.phase in (Phase.FORWARD, Phase.ERROR) else 0


def place_of(quantity: Quantity) -> Place | None:
    """Return the place of a number on the canvas; None if it has none (a rate, a whole vector)."""
    layer, unit, source = quantity.layer, quantity.unit, quantity.source
    if quantity.kind in (Kind.ERROR, Kind.LOSS, Kind.TARGET):
        return ERROR_PLACE
    if quantity.kind is Kind.INPUT:
        return None if unit is None else ("unit", -1, unit, 0)
    if layer is None or unit is None:
        return None
    # An optimizer's memory is at the place of its parameter.
    kind = PARAMETER_KINDS[quantity.of].value if quantity.kind in (Kind.MOVING, Kind.MEMORY) else quantity.kind
    if kind in _EDGE_KINDS:
        return ("edge", layer, unit, source or 0)
    if kind in _LOOP_KINDS:
        return ("loop", layer, unit, source or 0)
    if kind in _BIAS_KINDS:
        return ("bias", layer, unit, 0)
    if kind is Kind.EXPONENTIAL:
        return ("unit", layer, source or 0, 0)
    if kind is Kind.DE_DA_TERM:
        return ("edge", layer + 1, source or 0, unit)
    if kind is Kind.STATE:
        return ("state", layer, unit, 0)
    return ("unit", layer, unit, 0)


def _targets(step: Step, sizes: tuple[int, ...]) -> set[Place]:
    """Return the places of the step's results; for a whole layer every unit or edge (none beyond a few hundred)."""
    if step.kind in _SHARED_KINDS:
        return _all_units(step.quantity, sizes)
    place = place_of(step.quantity)
    if place is not None:
        return {place}
    if step.grain is not Grain.LAYER or step.quantity.layer is None:
        return set()
    layer = step.quantity.layer
    sources, units = sizes[layer], sizes[layer + 1]
    if step.kind in _EDGE_KINDS:
        return _all_edges(layer, units, sources)
    if step.kind in _LOOP_KINDS:
        return _all_edges(layer, units, units, "loop")
    kind = "bias" if step.kind in _BIAS_KINDS else "unit"
    return {(kind, layer, unit, 0) for unit in range(units)} if units <= LISTED else set()


def _operand_places(scene: PictureScene, step: Step) -> set[Place]:
    """Return the places, in one time step's picture, of the step's operands."""
    if step.grain is Grain.LAYER and step.kind is Kind.Z and step.quantity.layer is not None:
        return _sources_of_layer(scene, step.quantity.layer, step.quantity.time)
    parts = _parts(scene, step)
    if scene.record.architecture.is_recurrent:
        parts = [part for part in parts if scene.uses(part, step)]
    # Numbers of other examples of a batch are at the place of the stepped one's.
    own = [quantity for quantity in parts if quantity.example is None]
    found: set[Place | None] = set()
    for part in (*([step.quantity] if scene.is_at(step.quantity) else []), *(own or parts)):
        if part.kind in _SHARED_KINDS:
            found |= _all_units(part, scene.record.architecture.sizes)
        elif part.kind is Kind.DELTA_TERM and part.layer is not None:
            found.add(("unit", part.layer, part.source or 0, 0))  # the output through which it comes
        elif part is not step.quantity:
            found.add(place_of(part))
    if step.kind is Kind.DE_DA_LATER_TERM and scene.time == step.quantity.time + 1:
        found.add(("loop", step.quantity.layer or 0, step.quantity.source or 0, step.quantity.unit or 0))
    return {place for place in found if place is not None}


def _all_units(quantity: Quantity, sizes: tuple[int, ...]) -> set[Place]:
    """Return every unit of a quantity's layer; none if they are too many to list."""
    if quantity.layer is None or sizes[quantity.layer + 1] > LISTED:
        return set()
    return {("unit", quantity.layer, unit, 0) for unit in range(sizes[quantity.layer + 1])}


def _parts(scene: PictureScene, step: Step) -> list[Quantity]:
    """Return the operands of a step; for a gradient over a batch those of the stepped example alone."""
    q, record = step.quantity, scene.record
    kinds = PARAMETER_OF.get(q.kind)
    if step.grain is Grain.NEURON and kinds is not None and q.kind is kinds.gradient and len(record.examples) > 1:
        each = contribution_count(record, q) // (record.time_steps * len(record.examples))
        rows = [time * len(record.examples) + record.row for time in range(record.time_steps)]
        terms = contributions(record, q, [row * each + place for row in rows for place in range(each)])
        return [operand.quantity for term in terms for operand in operands_of(scene.trace, term)]
    return [operand.quantity for operand in operands(scene.trace, step)]


def _sources_of_layer(scene: PictureScene, layer: int, time: int) -> set[Place]:
    """Return all that enters a layer: the previous layer, and in a recurrent layer its previous hidden state."""
    sizes, is_loop = scene.record.architecture.sizes, scene.record.architecture.layers[layer].recurrent
    found: set[Place] = set()
    if scene.time == time:
        edges = _all_edges(layer, sizes[layer + 1], sizes[layer])
        found |= edges | {("unit", layer - 1, source, 0) for source in range(sizes[layer]) if edges}
    if is_loop and scene.time == time:
        found |= _all_edges(layer, sizes[layer + 1], sizes[layer + 1], "loop")
    if is_loop and scene.time == max(time - 1, 0) and sizes[layer + 1] <= LISTED:
        past = "unit" if time else "state"
        found |= {(past, layer, unit, 0) for unit in range(sizes[layer + 1])}
    return found


def _all_edges(layer: int, units: int, sources: int, kind: str = "edge") -> set[Place]:
    """Return every edge of a layer; none if they are too many to list."""
    if units * sources > LISTED:
        return set()
    return {(kind, layer, unit, source) for unit in range(units) for source in range(sources)}


def is_selected(scene: PictureScene, place: Place) -> bool:
    """Return whether the learner has selected the quantity at this place."""
    selection = scene.session.selection
    return selection is not None and scene.is_at(selection) and place_of(selection) == place
