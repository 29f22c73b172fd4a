"""From start to the first painted frame, of a lesson and of the start page, against a bare window of PySide6.

    python tests/benchmarks/bench_startup.py

The bare window imports NumPy and pyqtgraph. The goal is at most 1.5x. Processes are run in turn, A B A B …; medians of
the pairs' ratios are printed. Both have all their bytecode, as installed programs do, from a folder that the runs
before the first pair fill.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 9
STARTS = {"nnviz koehn": ("koehn",), "start page": ()}
BARE = """
import numpy, pyqtgraph
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1440, 900)
window.show()
window.grab()
__import__("os")._exit(0)
"""
OURS = """
import gc, sys, tempfile
from nnviz.cli import main
gc.disable()  # as the command does before it imports the window, and in this order: Qt comes with the window
import nnviz.gui.app
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, tempfile.mkdtemp())
def first_frame(*args):
    window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "nnviz")
    window.grab()
    __import__("os")._exit(0)
QApplication.exec = first_frame
main(sys.argv[1:])
"""


def seconds(code: str, bytecode: str, *words: str) -> float:
    """How long a process takes to its first painted frame; it ends there at once."""
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = bytecode
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *words], check=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians and the ratio."""
    with tempfile.TemporaryDirectory() as bytecode:
        (
            seconds(BARE, bytecode),
            seconds(OURS, bytecode),
            seconds(OURS, bytecode, "koehn"),
        )  # warm the caches of the disk
        for name, words in STARTS.items():
            pairs = [(seconds(OURS, bytecode, *words), seconds(BARE, bytecode)) for _ in range(RUNS)]
            ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            print(f"{name}: {ours:.3f} s, bare window {bare:.3f} s, ratio {ratio:.2f} (at most 1.5 wanted)")


if __name__ == "__main__":
    main()
