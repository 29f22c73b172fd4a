"""The place of the box of details: inside the window, beside what it explains, away from the rest if there is room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from nnviz.gui.kit.hover_box import details_table, place_beside, plain_details

ROOM = QRect(4, 4, 1016, 692)


@given(
    x=st.integers(10, 960),
    y=st.integers(10, 640),
    size=st.integers(8, 80),
    width=st.integers(60, 400),
    height=st.integers(20, 200),
)
def test_the_box_is_in_the_room_and_never_over_its_item(x, y, size, width, height):
    item = QRect(x, y, size, size)
    place = place_beside(QSize(width, height), [item], [], ROOM)
    box = QRect(place, QSize(width, height))
    assert ROOM.contains(box)
    assert not box.intersects(item)


def test_of_two_places_the_free_one_is_taken():
    item, size = QRect(500, 300, 40, 40), QSize(100, 60)
    right = QRect(place_beside(size, [item], [], ROOM), size)
    assert right.left() > item.right()
    elsewhere = QRect(place_beside(size, [item], [right], ROOM), size)
    assert not elsewhere.intersects(right)
    assert not elsewhere.intersects(item)


def test_what_is_larger_than_the_room_begins_at_its_corner():
    assert place_beside(QSize(2000, 2000), [QRect(500, 300, 40, 40)], [], ROOM) == QPoint(4, 4)


@pytest.mark.usefixtures("qtbot")
def test_texts_are_escaped():
    assert plain_details("a < b\nc") == "a &lt; b<br>c"
    table = details_table([("a < b", "1")], "x & y")
    assert "a &lt; b" in table
    assert "x &amp; y" in table
