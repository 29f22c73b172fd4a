"""Where things stand: nothing on top of anything else, and nothing that moves while the learner walks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.present.network.layout import (
    ERROR_GAP,
    MOST_EDGES,
    MOST_IN_LAYER,
    Rect,
    edge_lines,
    label_places,
    layout,
    unit_rects,
)

SIZES = st.lists(st.integers(1, 60), min_size=2, max_size=5).map(tuple)


def overlap(a: Rect, b: Rect) -> bool:
    return min(a[0] + a[2], b[0] + b[2]) > max(a[0], b[0]) and min(a[1] + a[3], b[1] + b[3]) > max(a[1], b[1])


@given(SIZES)
def test_units_their_names_and_deltas_stand_apart(sizes: tuple[int, ...]) -> None:
    plan = layout(sizes)
    for column in plan.columns:
        rects = () if column.is_strip else unit_rects(column, with_delta=True)
        assert not any(overlap(a, b) for i, a in enumerate(rects) for b in rects[i + 1 :])
        assert all(rect[1] >= 40.0 and rect[1] + rect[3] <= plan.height - 30.0 for rect in rects), "captions have room"
        assert all(rect[0] >= 0.0 and rect[0] + rect[2] <= plan.width for rect in rects)


@given(SIZES)
def test_columns_go_from_left_to_right_and_are_centered(sizes: tuple[int, ...]) -> None:
    plan = layout(sizes)
    assert len(plan.columns) == len(sizes)
    gaps = {right.x - left.x for left, right in pairwise(plan.columns)}
    assert len(gaps) == 1
    middles = {round(float(column.y.mean()), 6) for column in plan.columns}
    assert len(middles) == 1
    left, top, width, height = plan.error
    assert left + width / 2 == pytest.approx(plan.columns[-1].x + ERROR_GAP)
    assert top + height / 2 == pytest.approx(middles.pop())
    assert left + width < plan.width
    assert 0 < top < top + height < plan.height
    for size, column in zip(sizes, plan.columns, strict=True):
        assert len(column.y) == size
        assert column.is_strip == (size > MOST_IN_LAYER or (sum(sizes) > 300 and size > 16))


def test_edges_go_from_rim_to_rim() -> None:
    plan = layout((2, 3))
    lines = edge_lines(*plan.columns[:2], np.ones((2, 3)))
    assert list(zip(lines.units, lines.sources, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    for unit, source, end in zip(lines.units, lines.sources, lines.ends, strict=True):
        start = plan.columns[0].x, plan.columns[0].y[source]
        stop = plan.columns[1].x, plan.columns[1].y[unit]
        assert np.hypot(*(end[:2] - start)) == pytest.approx(plan.columns[0].radius)
        assert np.hypot(*(end[2:] - stop)) == pytest.approx(plan.columns[1].radius)


def test_of_too_many_edges_the_busiest_of_each_unit_are_drawn() -> None:
    weights = np.random.default_rng(0).normal(size=(784, 128))
    lines = edge_lines(*layout((784, 128, 10)).columns[:2], weights)
    assert len(lines.units) <= MOST_EDGES
    for unit in range(128):
        drawn = lines.sources[lines.units == unit]
        assert len(drawn) >= 1
        assert np.abs(weights[drawn, unit]).min() >= np.sort(np.abs(weights[:, unit]))[-len(drawn)]


def test_large_layers_are_strips() -> None:
    plan = layout((784, 128, 10))
    assert [column.is_strip for column in plan.columns] == [True, True, False]
    assert plan.height < 1200
    first = plan.columns[0]
    assert first.top < first.y[0] < first.y[-1] < first.bottom


def test_a_label_stands_on_its_edge_clear_of_the_others() -> None:
    plan = layout((2, 2))
    lines = edge_lines(*plan.columns[:2], np.ones((2, 2)))
    places = label_places(lines.ends, (84.0, 38.0))
    for (x, y), end in zip(places, lines.ends, strict=True):
        assert end[0] < x < end[2]
        assert y == pytest.approx(end[1] + (x - end[0]) / (end[2] - end[0]) * (end[3] - end[1]))
    rects = [(x - 42.0, y - 10.0, 84.0, 38.0) for x, y in places]
    assert not any(overlap(a, b) for i, a in enumerate(rects) for b in rects[i + 1 :])
    assert places == label_places(lines.ends, (84.0, 38.0))
    assert label_places(lines.ends[:0], (84.0, 38.0)) == []


def test_an_edge_alone_has_its_label_in_the_middle() -> None:
    lines = edge_lines(*layout((1, 1)).columns, np.ones((1, 1)))
    ((x, y),) = label_places(lines.ends, (84.0, 38.0))
    assert x == pytest.approx((lines.ends[0, 0] + lines.ends[0, 2]) / 2)
    assert y == pytest.approx(lines.ends[0, 1])
