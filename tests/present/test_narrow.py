"""Columns come closer in a narrow view, and no closer than the numbers on the edges leave room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.debugger.commands import last
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.network.layout import layout
from nnviz.present.network.narrow import FRACTIONS, SLIGHT, covered, narrowed
from nnviz.present.network.picture import picture
from nnviz.present.network.unfold import Unfolding

SIZES = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)


@given(SIZES, st.floats(0.3, 4.0))
def test_a_share_is_taken_at_which_labels_have_room(sizes: tuple[int, ...], shape: float) -> None:
    share = narrowed(sizes, shape)
    assert share in FRACTIONS
    assert share == 1.0 or covered(sizes, share) <= SLIGHT
    if layout(sizes).width <= shape * layout(sizes).height:
        assert share == 1.0, "it fits as it is"


@given(SIZES)
def test_the_narrower_the_view_the_closer_the_columns(sizes: tuple[int, ...]) -> None:
    shares = [narrowed(sizes, shape) for shape in (3.0, 2.0, 1.5, 1.0, 0.5)]
    assert shares == sorted(shares, reverse=True)


def test_a_picture_as_high_as_wide_is_drawn_a_quarter_larger() -> None:
    plan, closer = layout((2, 2, 1)), layout((2, 2, 1), narrow=narrowed((2, 2, 1), 1.0))
    assert plan.width > 1.24 * closer.width
    assert plan.height == closer.height


@pytest.mark.parametrize("name", ["koehn", "krzeminski-sgd", "graph", "from-scratch", "softmax"])
def test_the_numbers_on_the_edges_keep_their_places(name: str) -> None:
    session = start_session(load(name))
    narrow = Unfolding(narrow=narrowed(session.record.architecture.sizes, 1.0))
    shown, later = picture(session, narrow), picture(last(session), narrow)
    places = [[(label.x, label.y) for mark in drawn.edges for label in mark.labels] for drawn in (shown, later)]
    assert places[0] == places[1]
    left, right = shown.units[0].x, shown.units[-1].x
    assert all(left < x < right for x, _ in places[0])


def test_large_and_crowded_networks_stay_as_they_are() -> None:
    assert narrowed((20, 50, 10), 0.5) == narrowed((784, 128, 10), 0.5) == narrowed((4, 5, 4), 0.5) == 1.0
