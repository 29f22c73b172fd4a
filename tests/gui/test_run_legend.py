"""The legend of runs: named, hidden and removed as a person does it, with values that fit."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from nnviz.gui.views.training.loss_plot import LossPlot
from nnviz.present.core.palette import SERIES, load_palette, palette_names
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.measures import ACCURACY, LOSS, REWARD
from nnviz.present.runs.run_book import MOST_RUNS
from nnviz.present.runs.run_dashes import DASHES, run_dashes
from nnviz.render.run_pens import run_color

LEFT = Qt.MouseButton.LeftButton
EPOCHS = np.arange(1, 101)
PRESENT = LossRun("batch", 1, EPOCHS, 0.2 * 0.95**EPOCHS, number=2, examples=4, made="batch · SGD")
KEPT = LossRun("after each example", 0, EPOCHS, np.full(100, 0.126), faint=True, number=1, examples=4)
KEPT = replace(KEPT, rated=np.array([0, 100]), rates=np.array([0.25, 0.5]))


@pytest.fixture
def plot(qtbot: QtBot) -> Iterator[LossPlot]:
    plot = LossPlot()
    qtbot.addWidget(plot)
    qtbot.addWidget(plot.controls)
    plot.set_theme(load_palette("light"), 1.0)
    plot.resize(560, 190)
    plot.show()
    plot.controls.show()
    plot.build()
    plot.set_measures([LOSS, ACCURACY])
    plot.render_runs((PRESENT, KEPT))
    qtbot.waitUntil(lambda: len(plot.legend.rows) == 2)
    yield plot
    plot.hide()


def values(plot: LossPlot) -> list[tuple[str, str]]:
    return [(row.run.name, row.value) for row in plot.legend.rows.values()]


def test_rows_go_by_age_and_tell_the_last_loss(plot: LossPlot):
    assert values(plot) == [("after each example", "0.12600"), ("batch", "0.00118")]
    kept, present = plot.legend.rows.values()
    assert kept.cross.isVisible()
    assert not present.cross.isVisible(), "the present run is not removed"
    assert "batch · SGD" in present.toolTip()


def test_one_run_needs_no_legend(qtbot: QtBot, plot: LossPlot):
    plot.render_runs((PRESENT,))
    qtbot.waitUntil(lambda: not plot.legend.isVisible())
    qtbot.waitUntil(lambda: plot.view.width() == plot.width())


def test_pointing_at_an_epoch_tells_every_runs_loss_there(qtbot: QtBot, plot: LossPlot):
    place = plot.view.point_of(50, PRESENT.losses[49]).toPoint()
    with qtbot.waitSignal(plot.view.epoch_hovered) as hovered:
        QTest.mouseMove(plot.view.viewport(), place - QPoint(3, 0))
        QTest.mouseMove(plot.view.viewport(), place)
    epoch = hovered.args[0]
    assert abs(epoch - 50) <= 3
    assert values(plot)[1] == ("batch", f"{PRESENT.losses[plot.legend._epoch - 1]:.5f}")
    plot.legend.point_to(None)
    assert values(plot)[1] == ("batch", "0.00118")


def test_beyond_a_runs_end_there_is_a_dash(plot: LossPlot):
    plot.legend.point_to(101)
    assert [value for _, value in values(plot)] == ["—", "—"]


def test_a_name_is_typed_after_a_double_click(qtbot: QtBot, plot: LossPlot):
    row = plot.legend.rows[1]
    QTest.mouseDClick(row, LEFT, pos=QPoint(60, 10))
    assert row.editor.isVisible()
    assert row.editor.text() == "after each example"
    with qtbot.waitSignal(plot.legend.renamed) as renamed:
        QTest.keyClicks(row.editor, "the first")
        QTest.keyClick(row.editor, Qt.Key.Key_Return)
    assert renamed.args == [1, "the first"]
    assert row.editor.isHidden()


def test_escape_leaves_the_name(qtbot: QtBot, plot: LossPlot):
    row = plot.legend.rows[1]
    QTest.keyClick(row, Qt.Key.Key_F2)
    with qtbot.assertNotEmitted(plot.legend.renamed):
        QTest.keyClicks(row.editor, "x")
        QTest.keyClick(row.editor, Qt.Key.Key_Escape)
    assert row.editor.isHidden()


def test_runs_are_hidden_and_removed(qtbot: QtBot, plot: LossPlot):
    row = plot.legend.rows[1]
    with qtbot.waitSignal(plot.legend.shown_changed) as shown:
        qtbot.mouseClick(row.swatch, LEFT)
    assert shown.args == [1, False]
    with qtbot.waitSignal(plot.legend.removed) as removed:
        qtbot.mouseClick(row.cross, LEFT)
    assert removed.args == [1]
    with qtbot.waitSignal(plot.legend.removed):
        QTest.keyClick(row, Qt.Key.Key_Delete)


def test_a_hidden_run_stays_in_the_legend_and_off_the_plot(qtbot: QtBot, plot: LossPlot):
    both = plot.view.points_drawn
    plot.render_runs((PRESENT, replace(KEPT, shown=False)))
    qtbot.waitUntil(lambda: plot.view.points_drawn < both)
    assert len(plot.legend.rows) == 2
    assert not plot.legend.rows[1].swatch.isChecked()


def test_the_context_menu_clears(qtbot: QtBot, plot: LossPlot):
    assert plot.legend.menu_at(plot.legend.rows[1].geometry().center()).actions()[1].text() == "Remove"
    menu = plot.legend.menu_at(QPoint(5, 200))
    with qtbot.waitSignal(plot.legend.cleared):
        menu.actions()[-1].trigger()
    assert isinstance(menu, QMenu)
    menu.deleteLater()
    QApplication.processEvents()


def test_measures(qtbot: QtBot, plot: LossPlot):
    assert plot.measure == LOSS
    plot.measures.chosen.emit(1)
    assert plot.measure == ACCURACY
    assert not plot.toggle.isVisible(), "a share has no log scale"
    assert [tick.text.replace("\N{NARROW NO-BREAK SPACE}", " ") for tick in plot.view.axis.ticks][-1] == "100 %"
    assert [value.replace("\N{NARROW NO-BREAK SPACE}", " ") for _, value in values(plot)] == ["50.0 %", "—"]
    plot.set_measures([LOSS, REWARD, ACCURACY])
    assert plot.measure == ACCURACY, "what the user chose stays"


def test_a_reward_is_shown_where_it_is_told(qtbot: QtBot, plot: LossPlot):
    plot.set_measures([LOSS, REWARD, ACCURACY])
    assert plot.measure == REWARD
    assert values(plot)[0] == ("after each example", "−0.50400")
    assert plot.view.axis.low <= -0.8 < 0.0 <= plot.view.axis.high


def test_a_narrow_panel_tells_short_values(qtbot: QtBot, plot: LossPlot):
    plot.resize(280, 150)
    qtbot.waitUntil(lambda: values(plot)[0][1] == "0.126")
    assert plot.legend.width() <= 140


@pytest.mark.parametrize("name", palette_names())
def test_every_run_has_a_look_of_its_own(name: str):
    palette = load_palette(name)
    looks = [(run_color(palette, slot), run_dashes(slot)) for slot in range(MOST_RUNS)]
    assert len(set(looks)) == MOST_RUNS
    assert len({dashes for _, dashes in looks[:SERIES]}) == SERIES == len(DASHES), "without colours, too"
