"""How much closer the columns of the network canvas stand in a narrow view, where all figures are then larger."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from nnviz.present import layout as plans
from nnviz.present.layout import LABEL_SIZE, LINE, MOST_LABELLED, Column, edge_lines, label_places, unit_rects

# Parts of the usual distance. Few of them, so that a window being resized is not laid out anew with every pixel.
SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
SLIGHT = 0.02  # of a label: so much of it may be covered, of the air around its figures


@lru_cache(maxsize=64)
def narrowed(sizes: tuple[int, ...], shape: float) -> float:
    """The part of their usual distance at which columns fill a view of `shape` (width over height) best.

    They stand no closer than the numbers on the edges leave room for.
    """
    if covered(sizes, SHARES[0]) > SLIGHT:  # they are too close already
        return SHARES[0]
    layouts = {share: plans.layout(sizes, narrow=share) for share in SHARES}
    wanted = next((share for share, plan in layouts.items() if plan.width <= shape * plan.height), SHARES[-1])
    wider = (share for share in reversed(SHARES) if share >= wanted)
    return next((share for share in wider if covered(sizes, share) <= SLIGHT), SHARES[0])


@lru_cache(maxsize=64)
def covered(sizes: tuple[int, ...], share: float) -> float:
    """The largest part of a label on an edge that units and other labels cover; 1 where edges are too many for them."""
    columns = plans.layout(sizes, narrow=share).columns
    pairs = enumerate(pairwise(columns))
    return max(_covered(left, right, with_delta=index > 0) for index, (left, right) in pairs)


def _covered(left: Column, right: Column, with_delta: bool) -> float:
    counts = len(left.y), len(right.y)
    if left.is_strip or right.is_strip or counts[0] * counts[1] > MOST_LABELLED:
        return 1.0
    taken = (*unit_rects(left, with_delta), *unit_rects(right, True))
    places = label_places(edge_lines(left, right, np.ones(counts)).ends, LABEL_SIZE, taken)
    width, height = LABEL_SIZE
    labels = np.array([(x - width / 2, y - LINE, width, height) for x, y in places])
    over = plans.overlaps(labels, np.array([*labels.tolist(), *taken]))
    return float(over.max()) / (width * height) - 1.0  # each covers itself
