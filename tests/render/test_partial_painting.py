"""What a step repaints: everything that it changes, and much less than the whole canvas."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nnviz.debugger.commands import step
from nnviz.debugger.state.session import start_session
from nnviz.gui.views.canvas.network_canvas import NetworkCanvas
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from tests.render.images import pixels


class Exposed(QObject):
    """The region that a widget was asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.region = QRegion()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return False


@pytest.mark.parametrize("name", ["koehn", "krzeminski-rnn"])
def test_a_step_repaints_all_that_it_changes_and_little_else(qtbot: QtBot, name: str) -> None:
    view = NetworkCanvas()
    qtbot.addWidget(view)
    view.set_theme(load_palette("light"), 1.0)
    view.resize(840, 420)
    with qtbot.waitExposed(view):
        view.show()
    session = start_session(load(name))
    view.render_session(session)
    QApplication.processEvents()
    painted = []
    while not session.at_end:
        before = pixels(view.viewport().grab().toImage())
        session = step(session)
        exposed = Exposed()
        view.viewport().installEventFilter(exposed)
        view.render_session(session)
        QApplication.processEvents()
        view.viewport().removeEventFilter(exposed)
        covered = np.zeros(before.shape[:2], dtype=bool)
        for rect in exposed.region:
            covered[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1] = True
        changed = (pixels(view.viewport().grab().toImage()) != before).any(axis=2)
        assert not (changed & ~covered).any(), session.step
        painted.append(covered.mean())
    assert np.median(painted) < 0.4
