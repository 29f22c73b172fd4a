"""Takes screenshots of the window: koehn at five moments and in training, light and dark; and the README's picture.

python tests/screenshots/take.py FOLDER      all of them
python tests/screenshots/take.py --readme    only the one that the README shows, in this folder
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from nnviz.debugger.commands import go_to
from nnviz.gui.app import Controller
from nnviz.gui.kit.settings import Settings
from nnviz.gui.startup import make_application
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Grain

SIZE = (1440, 900)
# The number of steps of grain neuron taken, of the 35 of koehn's pass.
MOMENTS = {"start": 0, "forward": 1, "error": 8, "backward": 12, "updated": 35}
README = ("koehn-backward-dark", "dark", "backward")
HERE = Path(__file__).parent


def open_window(app: QApplication, theme: str, lesson: str = "koehn") -> Controller:
    """Return a window with settings of its own, so that the picture does not depend on the machine."""
    folder = tempfile.mkdtemp(prefix="nnviz-pictures-")
    settings = Settings(QSettings(str(Path(folder, "settings.ini")), QSettings.Format.IniFormat))
    settings.theme = theme
    controller = Controller(app, load(lesson), settings)
    controller.window.resize(*SIZE)
    controller.window.show()
    controller.window.arrange()
    settle(app)
    return controller


def settle(app: QApplication) -> None:
    """Process events until layouts and paints are done."""
    for _ in range(12):
        app.processEvents()


def walk_to(controller: Controller, steps: int) -> None:
    """Go to the end of a step of grain neuron, counted from 1; 0 is the start."""
    trace = controller.store.session.trace
    end = trace.step(Grain.NEURON, steps - 1).end if steps else 0
    controller.store.apply(lambda session: go_to(session, end))


def wait_until(app: QApplication, done: Callable[[], bool], milliseconds: int = 20_000) -> None:
    """Run the event loop until a condition is true."""
    loop = QEventLoop()
    poll, limit = QTimer(), QTimer()
    poll.timeout.connect(lambda: loop.quit() if done() else None)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    poll.start(20)
    limit.start(milliseconds)
    loop.exec()
    poll.stop()


def save(app: QApplication, controller: Controller, path: Path) -> None:
    """Write the window as a PNG."""
    settle(app)
    controller.window.grab().save(str(path))
    print(path)


def take_moments(app: QApplication, folder: Path, theme: str) -> None:
    """Take every moment of the pass in one theme, and a run of training."""
    controller = open_window(app, theme)
    for name, steps in MOMENTS.items():
        walk_to(controller, steps)
        save(app, controller, folder / f"koehn-{name}-{theme}.png")
    walk_to(controller, 0)
    controller.perform("train")
    wait_until(app, lambda: controller.store.session.checkpoint.epoch >= 400)
    save(app, controller, folder / f"koehn-training-{theme}.png")
    controller.perform("train")
    wait_until(app, lambda: not controller.training.running)
    controller.window.close()


def take_readme(app: QApplication) -> None:
    """Take the picture of the README."""
    name, theme, moment = README
    controller = open_window(app, theme)
    walk_to(controller, MOMENTS[moment])
    save(app, controller, HERE / f"{name}.png")
    controller.window.close()


def main() -> int:
    """Take the pictures chosen on the command line."""
    app = make_application()
    if sys.argv[1:] == ["--readme"]:
        take_readme(app)
        return 0
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        take_moments(app, folder, theme)
    return 0


if __name__ == "__main__":
    sys.exit(main())
