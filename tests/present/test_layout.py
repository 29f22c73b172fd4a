"""Where things stand: nothing on top of anything else, in any room, and columns and rows that fill it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.present.network.layout import (
    MOST_EDGES,
    MOST_IN_LAYER,
    NEVER_FOLDED,
    Layout,
    column_rects,
    edge_lines,
    layout,
    natural_room,
    taken,
)
from nnviz.present.places.label import Rect, intersect
from nnviz.present.places.label_places import edge_labels

SIZES = st.lists(st.integers(1, 60), min_size=2, max_size=5).map(tuple)
SMALL = st.lists(st.integers(1, 6), min_size=2, max_size=4).map(tuple)
ROOMS = st.tuples(st.integers(300, 2600).map(float), st.integers(180, 1500).map(float))


def reserved(plan: Layout) -> list[list[Rect]]:
    """The rectangles of each unit: its disc or plate, and its texts."""
    units = []
    for index, column in enumerate(plan.columns):
        rects = column_rects(column, plan.words, index == 0)
        each = len(rects) // (1 if column.is_strip else len(column.y))
        units += [rects[at : at + each] for at in range(0, len(rects), each)]
    return units


@given(SIZES, ROOMS)
def test_units_with_their_texts_stand_apart_and_in_the_picture(
    sizes: tuple[int, ...], room: tuple[float, float]
) -> None:
    plan = layout(sizes, room=room)
    units = reserved(plan)
    for i, unit in enumerate(units):
        for other in units[i + 1 :]:
            assert not any(intersect(a, b, 0.01) for a in unit for b in other)
        assert not any(intersect(rect, plan.error) or intersect(rect, plan.formula) for rect in unit)
        for left, top, width, height in unit:
            assert left >= 0.0
            assert left + width <= plan.width
            assert top >= 22.0, "titles have room"
            assert top + height <= plan.height + 0.01


@given(SIZES, ROOMS)
def test_columns_go_from_left_to_right_over_the_whole_room(sizes: tuple[int, ...], room: tuple[float, float]) -> None:
    plan = layout(sizes, room=room)
    assert len(plan.columns) == len(sizes)
    gaps = [right.x - left.x for left, right in pairwise(plan.columns)]
    assert min(gaps) == plan.gap > 0
    wide = layout(sizes, room=(room[0] + 400.0 * len(sizes), room[1]))
    assert len({round(right.x - left.x, 6) for left, right in pairwise(wide.columns)}) == 1, "with room, they are equal"
    assert plan.width >= room[0] - 0.01
    assert plan.height >= room[1] - 0.01
    left, top, width, height = plan.error
    assert plan.columns[-1].x < left
    assert left + width < plan.width
    assert 0 < top < top + height < plan.height
    for size, column in zip(sizes, plan.columns, strict=True):
        assert len(column.y) == size
        assert column.is_strip or size <= MOST_IN_LAYER
        assert not (column.is_strip and size <= NEVER_FOLDED and sum(sizes) <= 300)
        assert np.diff(column.y) == pytest.approx(column.y[1] - column.y[0] if size > 1 else [])


@given(SMALL, ROOMS)
def test_a_wider_room_has_discs_at_least_as_large_and_columns_as_far_apart(
    sizes: tuple[int, ...], room: tuple[float, float]
) -> None:
    plan, larger = layout(sizes, room=room), layout(sizes, room=(room[0] * 1.4, room[1]))
    for before, after in zip(plan.columns, larger.columns, strict=True):
        assert after.radius >= before.radius
    assert larger.gap >= plan.gap - 0.01


def test_without_a_room_a_network_has_a_comfortable_one() -> None:
    for sizes in ((2, 2, 1), (2, 4, 2), (3, 5, 4, 2), (20, 10, 4), (784, 128, 10)):
        plan = layout(sizes)
        assert (plan.width, plan.height) == pytest.approx(natural_room(sizes))
        assert all(column.is_strip == (size > MOST_IN_LAYER) for size, column in zip(sizes, plan.columns, strict=True))


def test_the_same_room_gives_the_same_layout() -> None:
    assert layout((2, 3, 1), room=(800.0, 400.0)) is layout((2, 3, 1), room=(800.0, 400.0))


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


def test_large_layers_are_strips_and_so_are_those_without_the_height() -> None:
    plan = layout((784, 128, 10))
    assert [column.is_strip for column in plan.columns] == [True, True, False]
    assert plan.height < 1300
    first = plan.columns[0]
    assert first.top < first.y[0] < first.y[-1] < first.bottom
    assert not layout((20, 4), room=(900.0, 600.0)).columns[0].is_strip
    assert layout((20, 4), room=(900.0, 300.0)).columns[0].is_strip


def labelled(plan: Layout, size: tuple[float, float] = (80.0, 34.0)) -> tuple[list[Rect], list[tuple[float, ...]]]:
    """The rectangles of labels of the first layer's edges, and the ends of these edges."""
    left, right = plan.columns[:2]
    lines = edge_lines(left, right, np.ones((len(left.y), len(right.y))))
    within = (left.x, 22.0, right.x - left.x, plan.height - 22.0)
    ends = tuple(map(tuple, lines.ends.tolist()))
    placed = edge_labels(ends, size, taken(plan), within)
    return [placed.rect(place) for place in placed.places if place is not None], list(ends)


def test_a_label_stands_on_its_edge_clear_of_the_others_and_of_units() -> None:
    plan = layout((2, 2))
    rects, ends = labelled(plan)
    assert len(rects) == 4
    for (left, top, width, _), (x1, y1, x2, y2) in zip(rects, ends, strict=True):
        x, y = left + width / 2, top + 34.0 / 4
        assert x1 < x < x2
        assert y == pytest.approx(y1 + (x - x1) / (x2 - x1) * (y2 - y1))
    assert not any(intersect(a, b) for i, a in enumerate(rects) for b in rects[i + 1 :])
    assert not any(intersect(a, b) for a in rects for b in taken(plan))
    assert labelled(plan) == (rects, ends)
    assert edge_labels((), (84.0, 38.0), (), (0.0, 0.0, 1.0, 1.0)).places == ()


def test_an_edge_alone_has_its_label_in_the_middle() -> None:
    ((left, top, width, height),), ((x1, y1, x2, _),) = labelled(layout((1, 1), room=(900.0, 400.0)))
    assert left + width / 2 == pytest.approx((x1 + x2) / 2)
    assert top + height / 4 == pytest.approx(y1)


def test_where_there_is_no_room_on_an_edge_its_label_has_a_leader() -> None:
    edge, over = ((100.0, 100.0, 200.0, 100.0),), ((90.0, 80.0, 120.0, 40.0),)
    (place,) = edge_labels(edge, (60.0, 32.0), over, (0.0, 0.0, 300.0, 300.0)).places
    assert place is not None
    assert place.is_aside
    assert place.at[1] == 100.0
    full = ((0.0, 0.0, 300.0, 300.0),)
    assert edge_labels(edge, (60.0, 32.0), full, (0.0, 0.0, 300.0, 300.0)).places == (None,)
