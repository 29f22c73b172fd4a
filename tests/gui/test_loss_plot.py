"""The loss plot: few points, two scales, clicks and hovering that name an epoch."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from nnviz.gui.views.training.curve_view import MOST_POINTS
from nnviz.gui.views.training.loss_plot import EMPTY, LossPlot
from nnviz.present.core.palette import load_palette, palette_names
from nnviz.present.runs.curve import LossRun


def run_of(losses: np.ndarray, name: str = "run", series: int = 0) -> LossRun:
    return LossRun(name, series, np.arange(1, len(losses) + 1), losses)


FALLING = run_of(0.2 * 0.999 ** np.arange(4000))


@pytest.fixture
def plot(qtbot: QtBot) -> LossPlot:
    plot = LossPlot()
    qtbot.addWidget(plot)
    qtbot.addWidget(plot.controls)
    plot.set_theme(load_palette("light"), 1.0)
    plot.resize(428, 190)
    plot.show()
    plot.build()
    return plot


def show_runs(qtbot: QtBot, plot: LossPlot, *runs: LossRun, marker: int = 0) -> None:
    plot.render_runs(runs, marker)
    qtbot.waitUntil(lambda: plot._waiting is None)


def test_an_empty_plot_says_what_to_do(qtbot: QtBot, plot: LossPlot):
    show_runs(qtbot, plot)
    assert plot.accessibleDescription() == EMPTY.format(measure="loss")
    assert plot.view.points_drawn == 0


def test_long_runs_are_thinned(qtbot: QtBot, plot: LossPlot):
    many = run_of(np.random.default_rng(0).random(200_000))
    show_runs(qtbot, plot, many, run_of(many.losses, "other", 1))
    assert 100 < plot.view.points_drawn <= MOST_POINTS
    qtbot.waitUntil(lambda: not plot.view._rest.isActive())
    assert plot.view.points_drawn <= MOST_POINTS


def test_updates_are_throttled_and_the_last_one_is_drawn(qtbot: QtBot, plot: LossPlot, monkeypatch: pytest.MonkeyPatch):
    drawn: list[int] = []
    show = plot.view.show_runs
    monkeypatch.setattr(plot.view, "show_runs", lambda runs, marker: (drawn.append(marker), show(runs, marker)))
    for marker in range(1, 100):
        plot.render_runs((FALLING,), marker)
    qtbot.waitUntil(lambda: drawn[-1:] == [99])
    assert len(drawn) == 2


def test_the_toggle_changes_the_scale_and_tells(qtbot: QtBot, plot: LossPlot):
    show_runs(qtbot, plot, FALLING)
    assert plot.view.axis.log
    with qtbot.waitSignal(plot.log_toggled) as told:
        qtbot.mouseClick(plot.toggle, Qt.MouseButton.LeftButton)
    assert told.args == [False]
    assert not plot.view.axis.log
    assert plot.toggle.text() == "linear scale"
    with qtbot.assertNotEmitted(plot.log_toggled):
        plot.set_log(True)


def test_a_click_names_the_epoch_under_it(qtbot: QtBot, plot: LossPlot):
    show_runs(qtbot, plot, FALLING)
    place = plot.view.point_of(2500, FALLING.losses[2499])
    with qtbot.waitSignal(plot.epoch_clicked) as clicked:
        qtbot.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert clicked.args[0] == pytest.approx(2500, abs=10)
    with qtbot.waitSignal(plot.epoch_clicked) as clicked:
        qtbot.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(plot.width() - 2, 50))
    assert clicked.args == [4000]


def test_an_empty_plot_is_not_clicked(qtbot: QtBot, plot: LossPlot):
    with qtbot.assertNotEmitted(plot.epoch_clicked):
        qtbot.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("log", [True, False])
def test_losses_that_no_axis_holds_are_drawn_without_a_warning(qtbot: QtBot, plot: LossPlot, log: bool):
    plot.set_log(log)
    for losses in ([np.nan], [np.inf, np.nan], [0.0, 0.0], [-1.0, 0.5, 0.0, np.inf, 1e-300]):
        show_runs(qtbot, plot, run_of(np.array(losses)), marker=1)
        qtbot.mouseMove(plot.view.viewport(), QPoint(200, 50))
        assert not plot.grab().isNull()


@pytest.mark.parametrize("name", palette_names())
def test_every_theme_colours_curves_and_ground(qtbot: QtBot, plot: LossPlot, name: str):
    palette = load_palette(name)
    plot.set_theme(palette, 1.0)
    show_runs(qtbot, plot, FALLING, run_of(FALLING.losses[:900], "other", 1), marker=900)
    image = plot.grab().toImage()
    assert image.pixelColor(3, 3).name() == palette.card
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert palette.series[0] in seen


def test_a_larger_theme_gives_larger_labels(plot: LossPlot):
    small = plot.view._plot.left()
    plot.set_theme(load_palette("light"), 1.6)
    assert plot.view._plot.left() > 1.4 * small


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize(
    "losses", [[1e308, 1e-308], [1.7e308] * 3, [5e-324, 5e-324], [5e-324, 1.7e308, 0.0], [np.nan], [np.inf, 1.0]]
)
def test_any_finite_loss_is_painted(qtbot: QtBot, plot: LossPlot, losses: list[float], log: bool):
    plot.set_log(log)
    show_runs(qtbot, plot, run_of(np.array(losses)), run_of(np.array([0.5, 0.25]), "other", 1), marker=1)
    assert not plot.view.grab().isNull()
