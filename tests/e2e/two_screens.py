"""A presentation on two screens, run by itself because screens belong to the platform: prints where things are."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from nnviz.gui.app import Controller
from nnviz.gui.kit.settings import Settings
from nnviz.gui.startup import make_application
from nnviz.lessons.catalog import load


def main() -> None:
    """Open the window on the screen that the argument names, present, and open the lecturer's view."""
    app = make_application()
    folder = Path(tempfile.mkdtemp(prefix="nnviz-screens-"))
    controller = Controller(app, load("koehn"), Settings(QSettings(str(folder / "a.ini"), QSettings.Format.IniFormat)))
    where = next(screen for screen in QApplication.screens() if screen.name() == sys.argv[1])
    controller.window.setGeometry(where.availableGeometry().adjusted(40, 40, -40, -40))
    controller.window.show()
    app.processEvents()
    controller.perform("presentation")
    app.processEvents()
    presenting = controller.presenting()
    stage = presenting.stage_window
    assert stage is not None
    presenting.commands()["lecturer"]()
    app.processEvents()
    lecturer = presenting.lecturer_window
    assert lecturer is not None
    found = {
        "window": controller.window.screen().name(),
        "stage": stage.screen().name(),
        "stage_size": [stage.width(), stage.height()],
        "lecturer": lecturer.screen().name(),
        "lecturer_size": [lecturer.width(), lecturer.height()],
        "next": lecturer.next.stage is not None,
    }
    controller.perform("leave")
    app.processEvents()
    found["left"] = presenting.stage_window is None and presenting.lecturer_window is None
    print(json.dumps(found))
    controller.shutdown()


if __name__ == "__main__":
    main()
