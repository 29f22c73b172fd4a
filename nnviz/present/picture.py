"""The picture of a network at a step: marks with positions, texts and emphasis, as plain data that any canvas draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.present.layout import (
    COLUMN_GAP,
    MOST_LABELLED,
    EdgeLines,
    Layout,
    Rect,
    edge_lines,
    label_places,
    layout,
    unit_rects,
)
from nnviz.present.numbers import UNKNOWN, digits, fixed, pretty, short, trimmed
from nnviz.present.voice import Voice, voice_of
from nnviz.present.whole import whole_expression
from nnviz.trace.provenance import operands
from nnviz.trace.steps import Grain, Kind, Quantity, Step
from nnviz.trace.values import value_of

DECIMALS = 4
# The room that a weight and the gradient under it take, kept free from the start so that labels never jump.
LABEL_SIZE = (84.0, 38.0)
LISTED = 400
# The width of a character of the captions under the columns.
CHARACTER = 7.5
ROOMY = 34.0


@dataclass(frozen=True)
class UnitMark:
    """A unit as a disc: `layer` -1 is the input. Texts are empty where there is nothing to say, a dash if unknown."""

    layer: int
    unit: int
    x: float
    y: float
    radius: float
    tex: str
    z: str
    a: str
    delta: str
    active: bool
    operand: bool
    selected: bool


@dataclass(frozen=True, eq=False)
class StripMark:
    """A layer as a heat strip: its values (units,), nan where not known, and the unit that the step is at."""

    layer: int
    x: float
    top: float
    bottom: float
    values: FloatArray
    active: int | None
    caption: str


@dataclass(frozen=True)
class EdgeLabel:
    """A weight's number on its edge, and the gradient under it where it is known."""

    unit: int
    source: int
    x: float
    y: float
    weight: str
    gradient: str
    active: bool
    changed: bool
    negative: bool


@dataclass(frozen=True, eq=False)
class EdgesMark:
    """The edges of one layer as arrays over edges (E,): ends (E, 4), weights (E,), and which are lit or selected."""

    layer: int
    lines: EdgeLines
    weights: FloatArray
    largest: float
    lit: NDArray[np.bool_]
    selected: NDArray[np.bool_]
    labels: tuple[EdgeLabel, ...]


@dataclass(frozen=True)
class BoxMark:
    """The error box: its formula in TeX, the targets and the error, a dash while it is not known."""

    rect: Rect
    tex: str
    target: str
    value: str
    active: bool


@dataclass(frozen=True)
class CaptionMark:
    """A line of text: `role` is title (above a column) or bias (below it)."""

    x: float
    y: float
    text: str
    role: str
    active: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything on the network canvas at one step; `phase` colors what is lit, "" before the first step."""

    width: float
    height: float
    units: tuple[UnitMark, ...]
    strips: tuple[StripMark, ...]
    edges: tuple[EdgesMark, ...]
    error: BoxMark
    captions: tuple[CaptionMark, ...]
    phase: str


def picture(session: Session) -> Picture:
    """The network canvas of a session. Nothing is shown that is not known at its step."""
    plan = layout(session.record.architecture.sizes)
    scene = _Scene(session, plan)
    step = session.step
    return Picture(
        plan.width,
        plan.height,
        tuple(_units(scene)),
        tuple(_strips(scene)),
        tuple(_edges(scene, layer) for layer in range(session.record.architecture.depth)),
        _error_box(scene),
        tuple(_captions(scene)),
        "" if step is None else step.phase,
    )


class _Scene:
    """What the functions below share while one picture is made."""

    def __init__(self, session: Session, plan: Layout) -> None:
        self.session = session
        self.plan = plan
        self.trace = session.trace
        self.record = session.record
        self.voice: Voice = voice_of(session)
        self.step = session.step
        self.active = set() if self.step is None else _targets(self.step, self.record.architecture.sizes)
        self.operands = set() if self.step is None else _operand_places(session, self.step)

    def known(self, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> bool:
        return self.trace.is_known(Quantity(kind, layer, unit, source), self.session.position)

    def number(self, kind: Kind, layer: int | None, unit: int | None = None) -> str:
        if not self.known(kind, layer, unit):
            return UNKNOWN
        return pretty(fixed(self.voice.number(Quantity(kind, layer, unit)), DECIMALS))


# A place on the canvas: ("unit", layer, unit), ("edge", layer, unit, source), ("bias", layer, unit) or ("error",).
Place = tuple[str, int, int, int]

_EDGE_KINDS = (Kind.WEIGHT, Kind.PRODUCT, Kind.DW, Kind.DW_TERM, Kind.W_NEW, Kind.DZ_DA)
_BIAS_KINDS = (Kind.BIAS, Kind.BIAS_TERM, Kind.DB, Kind.DB_TERM, Kind.B_NEW, Kind.DZ_DB)
ERROR_PLACE: Place = ("error", 0, 0, 0)


def place_of(quantity: Quantity) -> Place | None:
    """Where one number of a pass stands on the canvas; None for what has no place (a rate, a whole vector)."""
    layer, unit, source = quantity.layer, quantity.unit, quantity.source
    if quantity.kind in (Kind.ERROR, Kind.LOSS, Kind.TARGET):
        return ERROR_PLACE
    if quantity.kind is Kind.INPUT:
        return None if unit is None else ("unit", -1, unit, 0)
    if layer is None or unit is None:
        return None
    if quantity.kind in _EDGE_KINDS or (quantity.kind in (Kind.MOVING, Kind.MEMORY) and not quantity.of_bias):
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


def _all_edges(layer: int, units: int, sources: int) -> set[Place]:
    if units * sources > LISTED:
        return set()
    return {("edge", layer, unit, source) for unit in range(units) for source in range(sources)}


def _operand_places(session: Session, step: Step) -> set[Place]:
    if step.grain is Grain.LAYER and step.kind is Kind.Z and step.quantity.layer is not None:
        sizes, layer = session.record.architecture.sizes, step.quantity.layer
        edges = _all_edges(layer, sizes[layer + 1], sizes[layer])
        return edges | {("unit", layer - 1, source, 0) for source in range(sizes[layer]) if edges}
    found = (place_of(operand.quantity) for operand in operands(session.trace, step))
    return {place for place in found if place is not None}


def _selected(scene: _Scene, place: Place) -> bool:
    selection = scene.session.selection
    return selection is not None and place_of(selection) == place


def _units(scene: _Scene) -> list[UnitMark]:
    marks = []
    for index, column in enumerate(scene.plan.columns):
        if column.is_strip:
            continue
        layer = index - 1
        for unit, y in enumerate(column.y):
            marks.append(_unit(scene, layer, unit, column.x, float(y), column.radius))
    return marks


def _unit(scene: _Scene, layer: int, unit: int, x: float, y: float, radius: float) -> UnitMark:
    place: Place = ("unit", layer, unit, 0)
    active = place in scene.active or ("bias", layer, unit, 0) in scene.active
    emphasis = (active, place in scene.operands, _selected(scene, place))
    quantity = Quantity(Kind.INPUT, None, unit) if layer < 0 else Quantity(Kind.A, layer, unit)
    name = scene.voice.tex(quantity)
    if layer < 0:
        value = pretty(short(scene.voice.number(quantity), DECIMALS))
        return UnitMark(layer, unit, x, y, radius, name, "", value, "", *emphasis)
    symbol = scene.voice.text(Quantity(Kind.Z, layer))
    if radius < ROOMY or len(symbol) > 2:
        symbol = ""  # a longer name would not fit into the disc beside its number
    z = f"{symbol} {scene.number(Kind.Z, layer, unit)}".strip()
    delta = scene.number(Kind.DELTA, layer, unit) if scene.known(Kind.DELTA, layer, unit) else ""
    return UnitMark(layer, unit, x, y, radius, name, z, scene.number(Kind.A, layer, unit), delta, *emphasis)


def _strips(scene: _Scene) -> list[StripMark]:
    marks = []
    for index, column in enumerate(scene.plan.columns):
        if not column.is_strip:
            continue
        layer, size = index - 1, len(column.y)
        quantity = Quantity(Kind.INPUT) if layer < 0 else Quantity(Kind.A, layer)
        values = np.array(value_of(scene.record, quantity), dtype=np.float64)
        if layer >= 0:
            values[scene.trace.known(Kind.A, layer, scene.session.position) :] = np.nan
        active = next((place[2] for place in scene.active if place[0] == "unit" and place[1] == layer), None)
        marks.append(StripMark(layer, column.x, column.top, column.bottom, values, active, f"{size} units"))
    return marks


def _edges(scene: _Scene, layer: int) -> EdgesMark:
    weights, new = scene.record.parameters.W[layer], scene.record.updated.W[layer]
    lines = edge_lines(scene.plan, layer, weights)
    count = scene.trace.known(Kind.W_NEW, layer, scene.session.position)
    shown = weights[lines.sources, lines.units]
    changed = lines.units * weights.shape[0] + lines.sources < count
    if count:
        shown = np.where(changed, new[lines.sources, lines.units], shown)
    lit = _edge_mask(scene.active | scene.operands, layer, lines)
    selection = place_of(scene.session.selection) if scene.session.selection is not None else None
    selected = _edge_mask(set() if selection is None else {selection}, layer, lines)
    largest = max((float(np.abs(W).max()) for W in scene.record.parameters.W), default=1.0) or 1.0
    labels = _edge_labels(scene, layer, lines, shown, changed, lit | selected)
    return EdgesMark(layer, lines, shown, largest, lit, selected, labels)


def _edge_mask(places: set[Place], layer: int, lines: EdgeLines) -> NDArray[np.bool_]:
    """Which of the edges drawn are among the places."""
    ends = [(unit, source) for kind, place_layer, unit, source in places if (kind, place_layer) == ("edge", layer)]
    if not ends:
        return np.zeros(len(lines.units), dtype=bool)
    wanted = np.array(ends)
    span = int(max(wanted[:, 1].max(), lines.sources.max(initial=0))) + 1
    return np.isin(lines.units * span + lines.sources, wanted[:, 0] * span + wanted[:, 1])


def _edge_labels(
    scene: _Scene,
    layer: int,
    lines: EdgeLines,
    weights: FloatArray,
    changed: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
) -> tuple[EdgeLabel, ...]:
    """Labels for all edges of a small layer, and for the wanted ones of a large layer if they are few."""
    small = len(weights) <= MOST_LABELLED
    chosen = np.arange(len(weights)) if small else np.flatnonzero(wanted)
    if len(chosen) > MOST_LABELLED:
        return ()
    left, right = scene.plan.columns[layer : layer + 2]
    taken = (*unit_rects(left, layer > 0), *unit_rects(right, True))
    places = label_places(lines.ends[chosen], LABEL_SIZE, taken)
    return tuple(
        _edge_label(scene, Quantity(Kind.DW, layer, int(lines.units[i]), int(lines.sources[i])), place, *state)
        for i, place, *state in zip(chosen, places, weights[chosen].tolist(), changed[chosen].tolist(), strict=True)
    )


def _edge_label(
    scene: _Scene, quantity: Quantity, place: tuple[float, float], weight: float, changed: bool
) -> EdgeLabel:
    assert quantity.layer is not None
    assert quantity.unit is not None
    assert quantity.source is not None
    gradient = ""
    if scene.trace.is_known(quantity, scene.session.position):
        symbol = scene.voice.text(Quantity(Kind.DW, quantity.layer)) if scene.voice.tells_change else "∂"
        gradient = f"{symbol} {pretty(fixed(scene.voice.number(quantity), 5))}"
    return EdgeLabel(
        quantity.unit,
        quantity.source,
        *place,
        pretty(trimmed(weight, DECIMALS)),
        gradient,
        ("edge", quantity.layer, quantity.unit, quantity.source) in scene.active,
        changed,
        weight < 0,
    )


def _error_box(scene: _Scene) -> BoxMark:
    loss = Quantity(Kind.LOSS)
    tex = rf"{scene.voice.tex(loss)} = {whole_expression(scene.voice, loss)}"
    outputs = scene.record.architecture.sizes[-1]
    targets = [
        pretty(short(scene.voice.number(Quantity(Kind.TARGET, None, unit)), DECIMALS))
        for unit in range(min(outputs, 4))
    ]
    figures = targets[0] if outputs == 1 else f"({', '.join(targets)}{', …' if outputs > 4 else ''})"
    target = f"{scene.voice.text(Quantity(Kind.TARGET))} = {figures}"
    value = pretty(fixed(scene.voice.number(loss), DECIMALS)) if scene.known(Kind.LOSS, None) else UNKNOWN
    if outputs == 1 and value == UNKNOWN and scene.known(Kind.ERROR, None, 0):
        value = pretty(fixed(scene.voice.number(Quantity(Kind.ERROR, None, 0)), DECIMALS))
    return BoxMark(scene.plan.error, tex, target, value, ERROR_PLACE in scene.active)


def _captions(scene: _Scene) -> list[CaptionMark]:
    marks = [CaptionMark(scene.plan.columns[0].x, 24.0, "Input", "title")]
    depth = scene.record.architecture.depth
    for layer, column in enumerate(scene.plan.columns[1:]):
        word = "Output" if layer == depth - 1 else "Hidden" if depth == 2 else f"Hidden {layer + 1}"
        name = scene.record.architecture.layers[layer].activation.replace("_", " ")
        marks.append(CaptionMark(column.x, 24.0, f"{word} · {name}", "title"))
        marks.append(_bias_caption(scene, layer, column.x))
    left, _, width, _ = scene.plan.error
    marks.append(CaptionMark(left + width / 2, 24.0, "Error", "title"))
    return marks


def _bias_caption(scene: _Scene, layer: int, x: float) -> CaptionMark:
    units = scene.record.architecture.sizes[layer + 1]
    y = scene.plan.height - 20.0
    active = any(place[0] == "bias" and place[1] == layer for place in scene.active | scene.operands)
    room = [_bias_width(scene, beside) for beside in range(scene.record.architecture.depth)]
    beside = max(room[max(layer - 1, 0) : layer] + room[layer + 1 : layer + 2], default=0.0)
    if units > 4 or (room[layer] + beside) / 2 > COLUMN_GAP - CHARACTER:
        return CaptionMark(x, y, f"{units} biases", "bias", active)
    parts = []
    for unit in range(units):
        kind = Kind.B_NEW if scene.known(Kind.B_NEW, layer, unit) else Kind.BIAS
        quantity = Quantity(kind, layer, unit)
        parts.append(f"{scene.voice.text(quantity)} {pretty(short(scene.voice.number(quantity), DECIMALS))}")
    return CaptionMark(x, y, "  ".join(parts), "bias", active)


def _bias_width(scene: _Scene, layer: int) -> float:
    """The most that the biases of a layer can take when they are listed, whatever their numbers become."""
    units = scene.record.architecture.sizes[layer + 1]
    symbols = (scene.voice.text(Quantity(Kind.BIAS, layer, unit)) for unit in range(min(units, 5)))
    return CHARACTER * (sum(len(symbol) + len(" −0.0000") + 2 for symbol in symbols) - 2)


def unit_details(session: Session, layer: int, unit: int) -> tuple[tuple[str, str], ...]:
    """A unit's numbers with all digits, those that are known: for hovering. `layer` -1 is the input."""
    voice = voice_of(session)
    if layer < 0:
        quantity = Quantity(Kind.INPUT, None, unit)
        return ((voice.text(quantity), digits(voice.number(quantity))),)
    kinds = (Kind.Z, Kind.A, Kind.DE_DA, Kind.SLOPE, Kind.DELTA, Kind.DB, Kind.B_NEW)
    bias = Quantity(Kind.BIAS, layer, unit)
    rows = [(voice.text(bias), digits(voice.number(bias)))]
    return (*rows, *_known_rows(session, voice, [Quantity(kind, layer, unit) for kind in kinds]))


def edge_details(session: Session, layer: int, unit: int, source: int) -> tuple[tuple[str, str], ...]:
    """An edge's numbers with all digits, those that are known."""
    voice = voice_of(session)
    weight = Quantity(Kind.WEIGHT, layer, unit, source)
    rows = [(voice.text(weight), digits(voice.number(weight)))]
    kinds = (Kind.DW, Kind.W_NEW)
    return (*rows, *_known_rows(session, voice, [Quantity(kind, layer, unit, source) for kind in kinds]))


def _known_rows(session: Session, voice: Voice, quantities: list[Quantity]) -> list[tuple[str, str]]:
    rows = []
    for quantity in quantities:
        if session.trace.find(quantity) is None:
            continue
        known = session.trace.is_known(quantity, session.position)
        name = voice.text(quantity)
        if quantity.kind in (Kind.W_NEW, Kind.B_NEW):
            name = f"{name} (new)"
        rows.append((name, digits(voice.number(quantity)) if known else UNKNOWN))
    return rows
