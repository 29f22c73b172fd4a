"""A window is where its screen shows all of it, whatever was remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize

from nnviz.gui.fit import USUAL, moved_into, usual_size

SCREEN, SECOND = QRect(0, 30, 1280, 690), QRect(1280, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (QRect(0, 0, 1920, 1080), USUAL),
        (QRect(0, 0, 1280, 720), QSize(1272, 680)),
        (QRect(0, 0, 1024, 700), QSize(1016, 660)),
    ],
)
def test_a_first_window_leaves_room_for_its_frame(screen: QRect, size: QSize):
    assert usual_size(screen) == size


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (QRect(100, 100, 800, 500), QRect(100, 100, 800, 500)),  # it fits
        (QRect(0, 0, 1440, 900), SCREEN),  # larger than the screen
        (QRect(900, 500, 800, 400), QRect(1280, 500, 800, 400)),  # most of it on the second screen
        (QRect(800, 500, 600, 400), QRect(680, 320, 600, 400)),  # most of it on the first one
        (QRect(5000, -900, 800, 500), QRect(480, 30, 800, 500)),  # on a screen that is gone
    ],
)
def test_a_window_is_moved_to_a_screen(window: QRect, expected: QRect):
    assert moved_into(window, [SCREEN, SECOND]) == expected


def test_without_a_screen_nothing_is_moved():
    assert moved_into(QRect(1, 2, 3, 4), []) == QRect(1, 2, 3, 4)
