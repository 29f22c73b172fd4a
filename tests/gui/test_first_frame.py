"""The start of the window: the first frame waits for nothing that it does not show, and the rest follows by itself."""

import gc
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from nnviz.debugger.state.session import choose_example, start_session
from nnviz.gui.startup import FirstFrame
from nnviz.gui.views.canvas.network_canvas import NetworkCanvas
from nnviz.gui.views.chrome.lazy_view import LazyView
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.gui.views.training.loss_plot import EMPTY, LossPlot
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.present.network.layout import layout
from nnviz.present.runs.curve import empty_run

LATE = (
    *("pyqtgraph", "multiprocessing", "pygments.lexers", "rich", "concurrent.futures", "numpy.random"),
    *(
        "nnviz.gui.views.panels.conventions_view",
        "nnviz.gui.views.panels.gradient_view",
    ),
    *(
        "nnviz.gui.views.panels.find_view",
        "nnviz.gui.views.panels.health_view",
        "nnviz.gui.views.panels.breakpoints_view",
    ),
    *(
        "nnviz.gui.views.canvas.graph_canvas",
        "nnviz.gui.dialogs.go_to_dialog",
        "nnviz.gui.dialogs.activations_dialog",
        "nnviz.gui.dialogs.seed_dialog",
        "nnviz.gui.dialogs.score_dialog",
    ),
    *("nnviz.gui.guide.guide_window", "nnviz.gui.guide.guide_text", "nnviz.gui.guide.guide_hits"),
    *(
        "nnviz.present.words.gradient_check_text",
        "nnviz.present.values.watch_rows",
        "nnviz.present.core.expression_text",
    ),
    *(
        "nnviz.debugger.conditions.expressions",
        "nnviz.debugger.conditions.continuing",
        "nnviz.debugger.conditions.live_breakpoints",
        "nnviz.debugger.conditions.watches",
    ),
    *(
        "nnviz.debugger.diagnosis.growth",
        "nnviz.debugger.finder.pasted",
        "nnviz.debugger.quiz.answers",
        "nnviz.debugger.quiz.answer_slips",
    ),
    *("nnviz.engine.gradcheck", "nnviz.lessons.summaries", "nnviz.tracing.audit", "nnviz.formats"),
)
START = f"""
import builtins, gc, sys

plain_import = builtins.__import__

def told():
    return [name for name in {LATE!r} if name in sys.modules]

def in_front(window):  # a dock behind another tab is kept far outside the window, at any size
    return [panel.geometry() for panel in window.panels.values() if not panel.visibleRegion().isEmpty()]

if __name__ == "__main__":
    from nnviz.cli import main
    import nnviz.gui.app
    from PySide6.QtCore import QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    def loop(*args, run=QApplication.exec):
        window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "nnviz")
        frames = [panel.view for panel in window.panels.values() if hasattr(panel.view, "is_built")]
        frames.append(window.graph)
        places = in_front(window)
        window.grab()
        print("first frame", told(), [frame.is_built for frame in frames].count(True), gc.isenabled())
        print("plain import", builtins.__import__ is plain_import)

        def look():
            if gc.isenabled():
                names = [name.rpartition(".")[2] for name in told() if name.startswith("nnviz.gui")]
                print("soon after", names, all(frame.is_built for frame in frames), len(frames))
                print(window.boundary.view.size_drawn > 0)
                print(places == in_front(window))
                timer.stop()
                window.close()

        timer = QTimer(window)
        timer.timeout.connect(look)
        timer.start(10)
        return run()

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, sys.argv[1])
    QApplication.exec = loop
    print(main(["koehn"]), gc.isenabled())
"""


def test_the_first_frame_does_not_wait_for_what_it_does_not_show(tmp_path: Path):
    script = tmp_path / "start.py"
    script.write_text(START, encoding="utf-8")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    views = [name.rpartition(".")[2] for name in LATE if name.startswith("nnviz.gui.views")]
    assert result.stdout.splitlines() == [
        "first frame [] 1 False",
        "plain import True",
        f"soon after {views} True 13",
        "True",
        "True",
        "0 True",
    ]


PAGE = f"""
import sys
from nnviz.cli import main
import nnviz.gui.app
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

def first_frame(*args):
    window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "nnviz")
    window.grab()
    views = [name for name in sys.modules if name.startswith("nnviz.gui.views.start.")]
    late = [name for name in {LATE!r} if name in sys.modules]
    print(window.is_start_shown, bool(views), late, "nnviz.sessions.save" in sys.modules)
    return 0

QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, sys.argv[1])
QApplication.exec = first_frame
main(sys.argv[2:])
"""


@pytest.mark.parametrize(
    ("words", "seen"),
    [([], "True True ['nnviz.lessons.summaries'] False"), (["koehn"], "False False [] False")],
)
def test_the_start_page_is_built_only_where_it_is_shown(tmp_path: Path, words: list[str], seen: str):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, "-c", PAGE, str(tmp_path), *words]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert result.stdout.splitlines() == [seen], result.stderr


@pytest.mark.parametrize("name", LATE)
def test_what_is_late_is_there_at_all(name: str):
    assert find_spec(name) is not None


@pytest.mark.parametrize("make", [LossPlot, BoundaryPlot])
def test_a_plot_is_built_when_it_has_been_painted_once(qtbot: QtBot, make: type[LazyView]):
    plot = make()
    qtbot.addWidget(plot)
    plot.set_theme(load_palette("dark"), 1.0)
    plot.resize(428, 190)
    assert plot.grab().toImage().pixelColor(200, 100).name() == load_palette("dark").card
    assert not plot.is_built
    qtbot.waitUntil(lambda: plot.is_built)


def test_a_boundary_that_is_built_late_shows_what_it_was_told(qtbot: QtBot):
    session = choose_example(start_session(load("koehn")), 2)
    plot = BoundaryPlot()
    qtbot.addWidget(plot)
    plot.resize(428, 190)
    plot.render_session(session)
    plot.set_theme(load_palette("light"), 1.6)
    assert (plot.is_built, plot.accessibleDescription()) == (False, "4 examples")
    assert (plot.view.dots_drawn, plot.view.scale_factor, plot.view._example) == (4, 1.6, 2)
    assert plot.view.size_drawn > 0
    assert plot.view.size() == plot.size()


def test_a_loss_that_is_built_late_shows_what_it_was_told(qtbot: QtBot):
    plot = LossPlot()
    qtbot.addWidget(plot)
    qtbot.addWidget(plot.controls)
    plot.resize(428, 190)
    plot.set_log(False)
    plot.render_runs([empty_run("run")], 7)
    assert (plot.is_built, plot.accessibleDescription()) == (False, EMPTY.format(measure="loss"))
    plot.set_theme(load_palette("light"), 1.6)
    assert (plot.view.log, plot.view.scale_factor, plot.view._marker) == (False, 1.6, 7)
    assert plot.view.size() == plot.size()


def test_the_first_frame_is_told_once(qtbot: QtBot):
    window = QWidget()
    qtbot.addWidget(window)
    told: list[bool] = []
    FirstFrame(window).painted.connect(lambda: told.append(True))
    window.grab()
    assert told == []
    qtbot.waitUntil(lambda: told == [True])
    window.grab()
    QApplication.processEvents()
    assert told == [True]


def test_a_lesson_that_cannot_be_read_leaves_collecting_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from nnviz.cli import main

    broken = tmp_path / "broken.toml"
    broken.write_text("format = 1\n", encoding="utf-8")
    assert main([str(broken)]) != 0
    assert gc.isenabled()


def test_a_canvas_without_a_size_is_not_laid_out_for_one(qtbot: QtBot) -> None:
    session = start_session(load("koehn"))
    canvas = NetworkCanvas()
    qtbot.addWidget(canvas)
    canvas.set_theme(load_palette("light"), 1.0)
    canvas.render_session(session)
    assert canvas.shown().width == layout(session.record.architecture.sizes).width
    canvas.resize(500, 500)
    canvas.show()
    assert canvas.shown().width < layout(session.record.architecture.sizes).width
