"""The edges of one layer on the network canvas: which are drawn and highlighted, and the numbers on them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.record import PassRecord
from nnviz.present.network.layout import (
    LABEL_SIZE,
    MOST_LABELLED,
    EdgeLines,
    LayerColumn,
    edge_lines,
    label_places,
    unit_rects,
)
from nnviz.present.network.marks import EdgeLabel, EdgesMark
from nnviz.present.network.scene import DECIMALS, PictureScene, Place, place_of
from nnviz.present.text.numbers import ASKED, fixed, pretty, trimmed
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity

# In a layer of more edges than CROWD, only this many are labelled, each in its middle.
CROWD = 400
MOST_IN_CROWD = 4


def edges_mark(scene: PictureScene, layer: int, before: LayerColumn | None = None) -> EdgesMark:
    """Return the edges drawn for one layer; an edge shows its new weight once that is known.

    With `before`, the column of a recurrent layer's previous hidden state, return the edges of its loop.
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
        wanted=lit | selected,
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


@lru_cache(maxsize=64)
def _lines(left: LayerColumn, right: LayerColumn, record: PassRecord, name: str, layer: int) -> EdgeLines:
    """Return the edges drawn, cached for a pass: finding the largest takes longer than drawing them."""
    return edge_lines(left, right, record.parameters.part(name, layer))


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
    wanted: NDArray[np.bool_],
) -> tuple[EdgeLabel, ...]:
    """Return labels for all edges of a small layer, and for the wanted ones of others if they are few."""
    every = len(weights) <= MOST_LABELLED and gradient.kind is Kind.DW
    chosen = np.arange(len(weights)) if every else np.flatnonzero(wanted)
    crowd = len(weights) > CROWD
    if len(chosen) > (MOST_IN_CROWD if crowd else MOST_LABELLED):
        return ()
    ends = lines.ends[chosen]
    if crowd:  # a free place does not exist
        places = [((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2 in ends.tolist()]
    else:
        left, right = columns
        taken = (*unit_rects(left, gradient.layer != 0 or gradient.kind is not Kind.DW), *unit_rects(right, True))
        places = label_places(ends, LABEL_SIZE, taken)
    return tuple(
        _edge_label(scene, replace(gradient, unit=int(lines.units[i]), source=int(lines.sources[i])), place, *state)
        for i, place, *state in zip(chosen, places, weights[chosen].tolist(), changed[chosen].tolist(), strict=True)
    )


def _ends(quantity: Quantity) -> tuple[int | None, int | None, int | None]:
    return quantity.layer, quantity.unit, quantity.source


def _edge_label(
    scene: PictureScene, quantity: Quantity, place: tuple[float, float], weight: float, changed: bool
) -> EdgeLabel:
    assert quantity.layer is not None
    assert quantity.unit is not None
    assert quantity.source is not None
    gradient = ""
    known = scene.trace.is_known(quantity, scene.session.position)
    if known or scene.asks(quantity.kind, *_ends(quantity)):
        symbol = scene.voice.text(Quantity(quantity.kind, quantity.layer))
        gradient = f"{symbol} {pretty(fixed(scene.voice.number(quantity), 5)) if known else ASKED}"
    ends, parameter = _ends(quantity), PARAMETER_OF[quantity.kind]
    kinds = {"weight": parameter.new if changed else parameter.value, "gradient": quantity.kind}
    return EdgeLabel(
        unit=quantity.unit,
        source=quantity.source,
        x=place[0],
        y=place[1],
        weight=pretty(trimmed(weight, DECIMALS)),
        gradient=gradient,
        active=place_of(quantity) in scene.active,
        changed=changed,
        negative=weight < 0,
        moved=tuple(part for part, kind in kinds.items() if scene.changed(kind, *ends)),
    )
