"""Frames a second of a window that trains live, and what the training loses by being watched.

Run `python tests/benchmarks/bench_frames.py [SECONDS] [PAIRS]`: offscreen, and on the display where DISPLAY is set.
Targets: at least 55 frames a second, p99 of their intervals under 25 ms, training at 90 % of its headless speed.
"""

import importlib.util
import itertools
import json
import multiprocessing
import multiprocessing.connection
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from nnviz.debugger.state.session import start_session
from nnviz.engine.training import Trainer
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.kit.style import apply_theme
from nnviz.gui.views.training.boundary_plot import BoundaryPlot
from nnviz.gui.views.training.loss_plot import LossPlot
from nnviz.gui.views.training.training_strip import TrainingStrip
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.palette import load_palette
from nnviz.render.fonts import load_fonts

LESSON = "krzeminski-sgd"
WARM_SECONDS = 1.0


class Bench(NamedTuple):
    """A window that trains, its training, the plot whose frames are counted, and what must be kept alive."""

    window: QWidget
    training: TrainingController
    boundary: BoundaryPlot
    kept: tuple[object, ...]


def bench_lesson() -> Lesson:
    """The lesson, with so many epochs that no run gets through them."""
    return load(LESSON, ["training.epochs=1000000000"])


def make_window(app: QApplication, lesson: Lesson, plain: bool = False) -> Bench:
    """The whole window, or strip and plots alone where `plain` or where there is no whole one yet."""
    if plain or importlib.util.find_spec("nnviz.gui.app") is None:
        return make_plain_window(app, lesson)
    from nnviz.gui.app import Controller
    from nnviz.gui.kit.settings import Settings

    folder = tempfile.TemporaryDirectory()
    settings = Settings(QSettings(f"{folder.name}/settings.ini", QSettings.Format.IniFormat))
    controller = Controller(app, lesson, settings)
    return Bench(controller.window, controller.training, controller.window.boundary, (controller, folder))


def make_plain_window(app: QApplication, lesson: Lesson) -> Bench:
    """Strip, loss and boundary alone."""
    window = QWidget()
    strip, loss, boundary = TrainingStrip(), LossPlot(), BoundaryPlot()
    column, row = QVBoxLayout(window), QHBoxLayout()
    column.addWidget(strip)
    row.addWidget(loss)
    row.addWidget(boundary)
    column.addLayout(row, 1)
    palette = load_palette("light")
    apply_theme(app, palette)
    for view in (strip, loss, boundary):
        view.set_theme(palette, 1.0)
    store = Store(start_session(lesson))
    training = TrainingController(store, strip, loss, boundary)
    window.resize(880, 290)
    return Bench(window, training, boundary, (store,))


class PaintCounter(QObject):
    """Notes when a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.times: list[float] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.times.append(time.perf_counter())
        return False


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def watch(seconds: float, plain: bool) -> dict[str, float]:
    """Train in a window for so long."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    load_fonts()
    bench = make_window(app, bench_lesson(), plain)
    training = bench.training
    bench.window.show()
    training.start()
    while training.client.last is None:
        wait(WARM_SECONDS)
    wait(WARM_SECONDS)
    counter = PaintCounter(bench.boundary.view.viewport())
    client = training.client
    begun, before = time.perf_counter(), client.last.checkpoint.update
    wait(seconds)
    assert training.running
    updates = (client.last.checkpoint.update - before) / (time.perf_counter() - begun)
    training.shutdown()
    bench.window.close()
    intervals = sorted(1000 * (b - a) for a, b in zip(counter.times, counter.times[1:], strict=False))
    return {
        "fps": len(intervals) / seconds,
        "p50": statistics.median(intervals),
        "p99": intervals[int(0.99 * len(intervals))],
        "worst": intervals[-1],
        "updates": updates,
    }


def headless(seconds: float) -> float:
    """Updates a second of the same training with nobody watching, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_train, args=(theirs, seconds))
    process.start()
    rate = float(ours.recv())
    process.join()
    return rate


def _train(connection: multiprocessing.connection.Connection, seconds: float) -> None:
    lesson = bench_lesson()
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    counts = []
    for span in (WARM_SECONDS, seconds):
        begun, before = time.perf_counter(), trainer.update_count
        while time.perf_counter() - begun < span:
            for _ in range(100):
                trainer.update()
        counts.append((trainer.update_count - before) / (time.perf_counter() - begun))
    connection.send(counts[-1])


def main(seconds: float, pairs: int) -> None:
    """Print the figures of each platform and window, each measured in a process of its own, in alternating pairs."""
    platforms = ("offscreen", *(["xcb"] if os.environ.get("DISPLAY") else []))
    for platform, window in itertools.product(platforms, ("plain", "whole")):
        runs, ratios = [], []
        for _ in range(pairs):
            command = [sys.executable, __file__, f"--{window}", str(seconds)]
            environment = os.environ | {"QT_QPA_PLATFORM": platform}
            answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
            runs.append(json.loads(answer.splitlines()[-1]))
            ratios.append(runs[-1]["updates"] / headless(seconds))
        told = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"{platform}, {window}: {told['fps']:.1f} fps, p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms, "
            f"worst {max(run['worst'] for run in runs):.1f} ms; {told['updates']:.0f} updates/s, "
            f"{100 * statistics.median(ratios):.0f} % of headless ({', '.join(f'{100 * r:.0f}' for r in ratios)})",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] in (["--plain"], ["--whole"]):
        print(json.dumps(watch(float(sys.argv[2]), sys.argv[1] == "--plain")))
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
