"""The edges of one layer on the network canvas: which are drawn and lit, and the numbers on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.present.layout import MOST_LABELLED, EdgeLines, edge_lines, label_places, unit_rects
from nnviz.present.numbers import fixed, pretty, trimmed
from nnviz.present.picture_marks import EdgeLabel, EdgesMark
from nnviz.present.picture_scene import DECIMALS, PictureScene, Place, place_of
from nnviz.trace.steps import Kind, Quantity

# The room that a weight and the gradient under it take, kept free from the start so that labels never jump.
LABEL_SIZE = (84.0, 38.0)
# In a layer of more edges than CROWD only so many are labelled, each in its middle.
CROWD = 400
MOST_IN_CROWD = 4


def edges_mark(scene: PictureScene, layer: int) -> EdgesMark:
    """The edges drawn of one layer: those whose new weight is known carry it."""
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
    scene: PictureScene,
    layer: int,
    lines: EdgeLines,
    weights: FloatArray,
    changed: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
) -> tuple[EdgeLabel, ...]:
    """Labels for all edges of a small layer, and for the wanted ones of a larger layer if they are few."""
    chosen = np.arange(len(weights)) if len(weights) <= MOST_LABELLED else np.flatnonzero(wanted)
    crowd = len(weights) > CROWD
    if len(chosen) > (MOST_IN_CROWD if crowd else MOST_LABELLED):
        return ()
    ends = lines.ends[chosen]
    if crowd:  # there is no clear place to look for
        places = [((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2 in ends.tolist()]
    else:
        left, right = scene.plan.columns[layer : layer + 2]
        taken = (*unit_rects(left, layer > 0), *unit_rects(right, True))
        places = label_places(ends, LABEL_SIZE, taken)
    return tuple(
        _edge_label(scene, Quantity(Kind.DW, layer, int(lines.units[i]), int(lines.sources[i])), place, *state)
        for i, place, *state in zip(chosen, places, weights[chosen].tolist(), changed[chosen].tolist(), strict=True)
    )


def _edge_label(
    scene: PictureScene, quantity: Quantity, place: tuple[float, float], weight: float, changed: bool
) -> EdgeLabel:
    assert quantity.layer is not None
    assert quantity.unit is not None
    assert quantity.source is not None
    gradient = ""
    if scene.trace.is_known(quantity, scene.session.position):
        symbol = scene.voice.text(Quantity(Kind.DW, quantity.layer)) if scene.voice.tells_change else "∂"
        gradient = f"{symbol} {pretty(fixed(scene.voice.number(quantity), 5))}"
    place_on = (quantity.layer, quantity.unit, quantity.source)
    kinds = {"weight": Kind.W_NEW, "gradient": Kind.DW}
    return EdgeLabel(
        quantity.unit,
        quantity.source,
        *place,
        pretty(trimmed(weight, DECIMALS)),
        gradient,
        ("edge", *place_on) in scene.active,
        changed,
        weight < 0,
        tuple(part for part, kind in kinds.items() if scene.changed(kind, *place_on)),
    )
