"""How much closer the columns of the network canvas are in a narrow view, so that figures can be larger."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from nnviz.present.network import layout as plans
from nnviz.present.network.layout import (
    LABEL_SIZE,
    LINE,
    MOST_LABELLED,
    LayerColumn,
    edge_lines,
    label_places,
    unit_rects,
)

# Parts of the usual distance. There are few, so that resizing a window seldom changes the layout.
FRACTIONS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
SLIGHT = 0.02  # the part of a label's margin that may be covered


@lru_cache(maxsize=64)
def narrowed(sizes: tuple[int, ...], shape: float) -> float:
    """Return the column distance, as a part of the usual one, that best fills a view of `shape` (width over height).

    The labels on the edges keep their room.
    """
    if covered(sizes, FRACTIONS[0]) > SLIGHT:  # the columns are already too close
        return FRACTIONS[0]
    layouts = {share: plans.layout(sizes, narrow=share) for share in FRACTIONS}
    wanted = next((share for share, plan in layouts.items() if plan.width <= shape * plan.height), FRACTIONS[-1])
    wider = (share for share in reversed(FRACTIONS) if share >= wanted)
    return next((share for share in wider if covered(sizes, share) <= SLIGHT), FRACTIONS[0])


@lru_cache(maxsize=64)
def covered(sizes: tuple[int, ...], share: float) -> float:
    """Return the largest part of an edge label that units and other labels cover; 1 if there are too many edges."""
    columns = plans.layout(sizes, narrow=share).columns
    pairs = enumerate(pairwise(columns))
    return max(_covered(left, right, with_delta=index > 0) for index, (left, right) in pairs)


def _covered(left: LayerColumn, right: LayerColumn, with_delta: bool) -> float:
    counts = len(left.y), len(right.y)
    if left.is_strip or right.is_strip or counts[0] * counts[1] > MOST_LABELLED:
        return 1.0
    taken = (*unit_rects(left, with_delta), *unit_rects(right, True))
    places = label_places(edge_lines(left, right, np.ones(counts)).ends, LABEL_SIZE, taken)
    width, height = LABEL_SIZE
    labels = np.array([(x - width / 2, y - LINE, width, height) for x, y in places])
    over = plans.overlaps(labels, np.array([*labels.tolist(), *taken]))
    return float(over.max()) / (width * height) - 1.0  # each label covers itself
