"""How long a step takes, from the command to painted, against an empty repaint of the same window.

    python tests/benchmarks/bench_steps.py

The goal is a p99 under 16 ms on lessons and under 33 ms on 784-128-10 (1440x900, software raster).
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QSettings

from nnviz.debugger.commands import back, first, last, step
from nnviz.gui.app import Controller
from nnviz.gui.kit.settings import Settings
from nnviz.gui.startup import FirstFrame, make_application, settle_memory
from nnviz.lessons.catalog import load
from nnviz.lessons.loader import parse_lesson

STEPS = 300
LESSONS = ("koehn", "krzeminski-batch", "from-scratch")
LARGE = """format = 1
title = "784-128-10"
[network]
inputs = 784
loss = "cross_entropy"
[[network.layers]]
units = 128
activation = "relu"
[[network.layers]]
units = 10
activation = "softmax"
[network.init]
scheme = "he"
[data]
{data}
[training]
update_after = "batch"
reduce = "mean"
"""


def large_lesson_text() -> str:
    """A lesson of 784-128-10 with a batch of 64 random pictures."""
    generator = np.random.default_rng(0)
    inputs = generator.random((64, 784)).round(3).tolist()
    targets = np.eye(10, dtype=int)[generator.integers(0, 10, 64)].tolist()
    return LARGE.format(data=f"inputs = {inputs}\ntargets = {targets}")


def milliseconds(controller: Controller, action: object) -> float:
    """The time of one action and everything that Qt then paints."""
    assert callable(action)
    app = controller._app
    start = time.perf_counter()
    action()
    app.processEvents()
    return (time.perf_counter() - start) * 1e3


def measure(name: str, controller: Controller) -> None:
    """Print median and p99 of steps forward and back, and of a repaint in which nothing has changed."""
    store, window = controller.store, controller.window
    for _ in range(10):
        controller._app.processEvents()
    repaint = [milliseconds(controller, window.update) for _ in range(50)]
    rows = {}
    for label, move in (("step", step), ("back", back)):
        rows[label] = []
        for _ in range(STEPS):
            if store.session.at_end if label == "step" else store.session.position == 0:
                store.apply(first if label == "step" else last)
                controller._app.processEvents()
            rows[label].append(milliseconds(controller, lambda move=move: store.apply(move)))
    base = float(np.median(repaint))
    for label, times in rows.items():
        median, p99 = np.percentile(times, (50, 99))
        beside = f"{median / base:4.1f}x a repaint ({base:.1f} ms)"
        print(f"{name:18} {label}: median {median:5.1f} ms, p99 {p99:5.1f} ms, {beside}")


def show(controller: Controller) -> None:
    """Show the window and wait until all is ready that the program makes ready behind its first frame."""
    settled: list[None] = []
    first = FirstFrame(controller.window)
    first.painted.connect(lambda: controller.window.build_hidden(lambda: settled.append(settle_memory())))
    controller.window.show()
    while not settled:
        controller._app.processEvents()


def main() -> None:
    """Measure every small lesson and the large one."""
    app = make_application()
    folder = Path(tempfile.mkdtemp(prefix="nnviz-bench-"))
    lessons = [(name, load(name)) for name in LESSONS]
    lessons.append(("784-128-10", parse_lesson(large_lesson_text(), folder / "large.toml")))
    for name, lesson in lessons:
        settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        controller = Controller(app, lesson, settings)
        controller.window.resize(1440, 900)
        show(controller)
        measure(name, controller)
        controller.window.close()
        controller.shutdown()


if __name__ == "__main__":
    main()
