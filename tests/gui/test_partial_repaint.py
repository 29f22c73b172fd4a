"""A step shows only what it changes anew, in the values and on the timeline; nothing old is left on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import back, first, last, over, previous_phase, step
from nnviz.debugger.state.session import Session, look_at_example, start_session
from nnviz.gui.views.chrome.timeline_view import TimelineView
from nnviz.gui.views.panels.values_view import COLUMNS, ValuesModel, ValuesView
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.present.values.value_lines import Lines
from nnviz.present.values.values_table import value_rows
from nnviz.tracing.steps import Grain

ROLES = (
    *(Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole),
    *(Qt.ItemDataRole.FontRole, Qt.ItemDataRole.ForegroundRole),
)
Cells = dict[tuple[int, int], list[object]]


def walk(name: str, grain: Grain) -> Iterator[Session]:
    """Steps forward and back, to the end and on in another voice and at another example, where there is one."""
    session = replace(start_session(load(name)), grain=grain)
    moves: list[Callable[[Session], Session]] = [*[step] * 12, back, over, previous_phase, *[step] * 25, last, back]
    moves += [lambda s: choose(s, "delta", "descent"), step, back, first, *[step] * 30]
    if len(session.record.examples) > 1:
        moves += [lambda s: look_at_example(s, 1), step, step, back]
    yield session
    for move in moves:
        session = move(session)
        yield session


def cells(model: ValuesModel, top: int = 0, bottom: int | None = None) -> Cells:
    """All that the view may show of some lines."""
    last = model.rowCount() - 1 if bottom is None else bottom
    places = ((row, column) for row in range(top, last + 1) for column in range(len(COLUMNS)))
    looks = {row: model.look(model.index(row, 0)) for row in range(top, last + 1)}
    return {
        (row, column): [*(model.data(model.index(row, column), role) for role in ROLES), looks[row]]
        for row, column in places
    }


@pytest.mark.parametrize("grain", [Grain.TERM, Grain.NEURON, Grain.LAYER])
@pytest.mark.parametrize("name", ["koehn", "krzeminski-batch", "softmax-deep", "krzeminski-rnn"])
def test_what_the_values_announce_is_all_that_has_changed(qtbot: QtBot, name: str, grain: Grain) -> None:
    model, shown = ValuesModel(), Cells()
    model.set_theme(load_palette("light"), 1.0)

    def see(top: QModelIndex, bottom: QModelIndex) -> None:
        assert (top.column(), bottom.column()) == (0, len(COLUMNS) - 1)
        shown.update(cells(model, top.row(), bottom.row()))

    def see_all() -> None:
        shown.clear()
        shown.update(cells(model))

    model.dataChanged.connect(see)
    model.modelReset.connect(see_all)
    for session in walk(name, grain):
        pointed = session.pointed
        model.show_lines(Lines(session, value_rows(session), frozenset()), "" if pointed is None else pointed.phase)
        assert shown == cells(model)


def test_a_step_announces_few_of_the_values(qtbot: QtBot) -> None:
    session = step(step(start_session(load("from-scratch"))))
    model, told = ValuesModel(), []
    model.show_lines(Lines(session, value_rows(session), frozenset()), "forward")
    model.dataChanged.connect(lambda top, bottom: told.append(bottom.row() - top.row() + 1))
    session = step(session)
    model.show_lines(Lines(session, value_rows(session), frozenset()), "forward")
    assert 0 < sum(told) < model.rowCount() / 2


class Asked(TimelineView):
    """A timeline that notes what it wants to be painted again."""

    asked: QRegion

    def update(self, *where: object) -> None:
        """Note a rectangle, or all of it."""
        self.asked = QRegion(where[0]) if where else QRegion(self.rect())  # type: ignore[call-overload]


def painted(view: QWidget, over: QImage | None = None, region: QRegion | None = None) -> QImage:
    """The view as it is, or what it was before with a region painted again."""
    image = QImage(view.size(), QImage.Format.Format_RGB32) if over is None else over.copy()
    region = QRegion(view.rect()) if region is None else region.intersected(view.rect())
    painter = QPainter(image)
    painter.setClipRegion(region)
    painter.fillRect(view.rect(), QColor("#ffffff"))
    painter.end()
    view.render(image, region.boundingRect().topLeft(), region, QWidget.RenderFlag(0))
    return image


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("name", ["koehn", "from-scratch", "graph-20-50-10"])
def test_what_the_timeline_paints_again_is_all_that_has_changed(qtbot: QtBot, name: str, scale: float) -> None:
    view = Asked()
    qtbot.addWidget(view)
    view.resize(933, round(46 * scale))
    view.set_theme(load_palette("light"), scale)
    before: QImage | None = None
    small = 0
    for session in walk(name, Grain.NEURON):
        view.render_session(session)
        now = painted(view)
        if before is not None:
            assert painted(view, before, view.asked) == now
            small += view.asked.boundingRect().width() < 100
        before = now
    assert small > 20


def test_values_behind_another_panel_may_be_resized_before_they_catch_up(qtbot: QtBot):
    view = ValuesView()
    qtbot.addWidget(view)
    view.set_theme(load_palette("light"), 1.0)
    view.show()
    view.set_seen(True)
    view.render_session(step(start_session(load("two-step-rnn"))))
    view.set_seen(False)
    view.render_session(back(last(start_session(load("softmax-deep")))))  # its active row is far below
    view.resize(view.width() + 40, view.height() - 30)
    assert view.rows() == value_rows(back(last(start_session(load("softmax-deep")))))
