"""The NumPy listing shows whole lines, at any height and scale."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from nnviz.debugger.state.session import start_session
from nnviz.gui.views.panels.listing_view import ListingView
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette


def test_only_whole_lines_are_shown(qtbot: QtBot) -> None:
    view, palette = ListingView(), load_palette("light")
    qtbot.addWidget(view)
    view.set_theme(palette, 1.0)
    view.resize(400, 333)
    view.render_session(start_session(load("koehn")))
    with qtbot.waitExposed(view):
        view.show()
    for height, scale in ((333, 1.0), (333, 1.3), (333, 1.0), (300, 1.3)):
        view.resize(400, height)
        view.set_theme(palette, scale)
        line = view.widget().sizeHint().height() / len(view.shown().lines)
        assert view.viewport().height() % line == pytest.approx(0.0, abs=1.0), (height, scale)
