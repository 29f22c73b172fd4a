"""The edges of one layer on the network canvas: which are drawn and highlighted, and the numbers on them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.record import PassRecord
from nnviz.present.network.layout import HEAD, MOST_LABELLED, EdgeLines, LayerColumn, edge_lines
from nnviz.present.network.marks import EdgeLabel, EdgesMark
from nnviz.present.network.scene import DECIMALS, PictureScene, Place, place_of
from nnviz.present.places.label import Label, Rect, centered, fitting, mono_width
from nnviz.present.places.label_places import EdgePlace, edge_labels, is_free
from nnviz.present.text.numbers import ASKED, fixed, pretty, trimmed
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

# In a layer of more edges than MOST_LABELLED, those in use are labelled if they are at most MOST_IN_USE.
MOST_IN_USE = 24
# A weight and the gradient under it: type, most characters, the room at their sides, and the height of a line.
WEIGHT_SIZE, GRADIENT_SIZE = 12.0, 11.0
MOST_CHARACTERS = 8
WEIGHT_PAD, GRADIENT_PAD = 10.0, 8.0
LABEL_LINE = 17.0
# The widths of edges: of the smallest weight, and of the largest.
THIN, THICK = 1.2, 5.2
# More edges than this are thin, not dashed, and fade with their weight, in a few steps.
CROWDED, BUCKETS = 100, 6
_CROWDED_THIN, _CROWDED_MORE = 0.6, 1.8


def edges_mark(
    scene: PictureScene,
    layer: int,
    before: LayerColumn | None = None,
    every: bool = True,
    within: Rect | None = None,
) -> EdgesMark:
    """Return the edges drawn for one layer; an edge shows its new weight once that is known.

    With `before`, the column of a recurrent layer's previous hidden state, return the edges of its loop. If `every` is
    false, only the edges of the step and the selected one have numbers. Labels stay `within` a rectangle, or between
    the columns; if it is given, later labels keep clear of all places of these.
    """
    kinds = PARAMETER_KINDS["W" if before is None else "W_h"]
    held, updated = scene.record.parameters, scene.record.updated
    weights, new = held.part(kinds.name, layer), updated.part(kinds.name, layer)
    columns = (scene.plan.columns[layer] if before is None else before, scene.plan.columns[layer + 1])
    lines = _lines(*columns, scene.record, kinds.name, layer)
    count = scene.trace.known(kinds.new, layer, scene.session.position)
    shown = weights[lines.sources, lines.units]
    changed = lines.units * weights.shape[0] + lines.sources < count
    if count:
        shown = np.where(changed, new[lines.sources, lines.units], shown)
    where = ("edge" if before is None else "loop", layer)
    lit = _edge_mask(scene.active | scene.operands, where, lines)
    selection = place_of(scene.session.selection) if scene.session.selection is not None else None
    selected = _edge_mask(set() if selection is None else {selection}, where, lines)
    largest = largest_weight(scene.record)
    labels = _edge_labels(
        scene,
        Quantity(kinds.gradient, layer),
        columns=columns,
        lines=lines,
        weights=shown,
        changed=changed,
        lit=lit,
        selected=selected,
        every=every,
        within=within,
    )
    return EdgesMark(
        layer=layer,
        lines=lines,
        weights=shown,
        largest=largest,
        lit=lit,
        selected=selected,
        labels=labels,
        is_loop=before is not None,
    )


@lru_cache(maxsize=8)
def largest_weight(record: PassRecord) -> float:
    """Return the size of the largest finite weight; 1 if all are 0."""
    return max((float(np.abs(W[np.isfinite(W)]).max(initial=0.0)) for W in record.parameters.W), default=1.0) or 1.0


def edge_sizes(weights: FloatArray, largest: float) -> FloatArray:
    """Return weights (E,) as parts of the largest, 0 to 1; 1 for infinity, 0 for NaN."""
    with np.errstate(all="ignore"):
        return np.minimum(np.nan_to_num(np.abs(weights) / largest, nan=0.0, posinf=1.0), 1.0)


def edge_width(size: float, crowded: bool = False) -> float:
    """Return the width of an edge whose weight is `size` (0 to 1) of the largest."""
    return _CROWDED_THIN + size * _CROWDED_MORE if crowded else THIN + size * (THICK - THIN)


@lru_cache(maxsize=64)
def _lines(left: LayerColumn, right: LayerColumn, record: PassRecord, name: str, layer: int) -> EdgeLines:
    """Return the edges drawn, cached for a pass: finding the largest takes longer than drawing them."""
    missing = record.architecture.layers[layer].missing if name == "W" else ()
    return edge_lines(left, right, record.parameters.part(name, layer), missing)


def _edge_mask(places: set[Place], where: tuple[str, int], lines: EdgeLines) -> NDArray[np.bool_]:
    """Return which of the edges drawn are among the places; `where` is their kind of place and layer."""
    ends = [(unit, source) for kind, layer, unit, source in places if (kind, layer) == where]
    if not ends:
        return np.zeros(len(lines.units), dtype=bool)
    wanted = np.array(ends)
    span = int(max(wanted[:, 1].max(), lines.sources.max(initial=0))) + 1
    return np.isin(lines.units * span + lines.sources, wanted[:, 0] * span + wanted[:, 1])


def _edge_labels(
    scene: PictureScene,
    gradient: Quantity,
    *,
    columns: tuple[LayerColumn, LayerColumn],
    lines: EdgeLines,
    weights: FloatArray,
    changed: NDArray[np.bool_],
    lit: NDArray[np.bool_],
    selected: NDArray[np.bool_],
    every: bool,
    within: Rect | None,
) -> tuple[EdgeLabel, ...]:
    """Return the labels that fit: the step's first, then the selected one's, then those of the largest weights.

    Each has a place that does not depend on the step. In a layer of many edges only the step's and the selected ones
    are labelled.
    """
    count = len(weights)
    few = count <= MOST_LABELLED
    wanted = lit | selected
    chosen = np.arange(count) if few else np.flatnonzero(wanted)[:MOST_IN_USE]
    if not len(chosen) or (not few and int(wanted.sum()) > MOST_IN_USE):
        return ()
    placed = edge_labels(
        tuple(map(tuple, lines.ends[chosen].tolist())),
        _label_size(scene),
        scene.free.taken,
        within or _between(scene, *columns),
        _single_width(),
    )
    if within is not None and every:
        scene.free.taken += tuple(placed.rect(place) for place in placed.places if place is not None)
    with np.errstate(all="ignore"):
        sizes = np.nan_to_num(np.abs(weights[chosen]), nan=np.inf, posinf=np.inf)
    active = _edge_mask(scene.active, _where(gradient), lines)[chosen]
    order = np.lexsort((-sizes, ~selected[chosen], ~lit[chosen], ~active))
    shown: dict[int, EdgeLabel] = {}
    for at in order.tolist():
        place, edge = placed.places[at], int(chosen[at])
        if place is None or not (every or wanted[edge]) or not is_free(placed.rect(place), scene.free.labelled):
            continue
        quantity = replace(gradient, unit=int(lines.units[edge]), source=int(lines.sources[edge]))
        scene.free.labelled.append(placed.rect(place))
        shown[at] = _edge_label(
            scene, quantity, place, placed.lines, (float(weights[edge]), bool(changed[edge]), bool(lit[edge]))
        )
    return tuple(shown[at] for at in sorted(shown))


def _where(gradient: Quantity) -> tuple[str, int]:
    assert gradient.layer is not None
    return ("loop" if gradient.kind is Kind.DW_H else "edge", gradient.layer)


def _between(scene: PictureScene, left: LayerColumn, right: LayerColumn) -> Rect:
    """Return the part of the canvas that the labels between two columns must not leave."""
    return (left.x, HEAD - 5.0, right.x - left.x, scene.plan.height - HEAD + 5.0)


def _label_size(scene: PictureScene) -> tuple[float, float]:
    """Return the size that is reserved for a weight and the gradient under it, whatever their numbers."""
    weight = mono_width(MOST_CHARACTERS, WEIGHT_SIZE) + WEIGHT_PAD
    gradient = mono_width(scene.plan.words.gradient + 1 + MOST_CHARACTERS, GRADIENT_SIZE) + GRADIENT_PAD
    return max(weight, gradient), 2 * LABEL_LINE


def _single_width() -> float:
    """Return the width of a label of one line: a weight, or a gradient with a sign instead of its symbol."""
    weight = mono_width(MOST_CHARACTERS, WEIGHT_SIZE) + WEIGHT_PAD
    return max(weight, mono_width(2 + MOST_CHARACTERS, GRADIENT_SIZE) + GRADIENT_PAD)


def _ends(quantity: Quantity) -> tuple[int | None, int | None, int | None]:
    return quantity.layer, quantity.unit, quantity.source


def _edge_label(
    scene: PictureScene,
    quantity: Quantity,
    place: EdgePlace,
    lines: int,
    state: tuple[float, bool, bool],
) -> EdgeLabel:
    """Return the label of an edge at its place; `state` is the weight shown, whether it is new, and whether lit."""
    weight, changed, lit = state
    assert quantity.unit is not None
    assert quantity.source is not None
    gradient = _gradient(scene, quantity, is_short=lines == 1)
    ends, parameter = _ends(quantity), PARAMETER_OF[quantity.kind]
    kinds = {"weight": parameter.new if changed else parameter.value, "gradient": quantity.kind}
    text = fitting(weight, pretty(trimmed(weight, DECIMALS)), MOST_CHARACTERS)
    if lines == 1 and gradient and not changed:
        text = ""
    elif lines == 1:
        gradient = ""
    return EdgeLabel(
        unit=quantity.unit,
        source=quantity.source,
        x=place.x,
        y=place.y,
        weight=text,
        gradient=gradient,
        active=place_of(quantity) in scene.active,
        changed=changed,
        negative=weight < 0,
        moved=tuple(part for part, kind in kinds.items() if scene.changed(kind, *ends)),
        labels=_texts(place, text, gradient),
        leader=place.at if place.is_aside else None,
        lit=lit,
    )


def _gradient(scene: PictureScene, quantity: Quantity, is_short: bool) -> str:
    """Return the gradient with its symbol, or with a mere sign; empty if it is not known, or exactly 0."""
    known = scene.trace.is_known(quantity, scene.session.position)
    if not known and not scene.asks(quantity.kind, *_ends(quantity)):
        return ""
    number = scene.voice.number(quantity) if known else 1.0
    if number == 0.0:
        return ""
    text = fitting(number, pretty(fixed(number, 5)), MOST_CHARACTERS) if known else ASKED
    sign = "Δ" if scene.voice.gradients_as_changes else "∂"
    return f"{sign if is_short else gradient_symbol(scene, quantity)} {text}"


def gradient_symbol(scene: PictureScene, quantity: Quantity) -> str:
    """Return the symbol before the gradients of a layer."""
    return scene.voice.text(Quantity(quantity.kind, quantity.layer))


def _texts(place: EdgePlace, weight: str, gradient: str) -> tuple[Label, ...]:
    """Return the texts of a label, one under the other."""
    labels = []
    y = place.y
    if weight:
        width = mono_width(len(weight), WEIGHT_SIZE) + WEIGHT_PAD
        labels.append(Label("weight", weight, centered(place.x, y, width, LABEL_LINE), WEIGHT_SIZE))
        y += LABEL_LINE - 0.5
    if gradient:
        width = mono_width(len(gradient), GRADIENT_SIZE) + GRADIENT_PAD
        labels.append(Label("gradient", gradient, centered(place.x, y, width, LABEL_LINE - 2.0), GRADIENT_SIZE))
    return tuple(labels)
