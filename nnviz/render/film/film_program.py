"""What painting needs of Qt without a window: an application object and the fonts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QGuiApplication

from nnviz.render.fonts import load_fonts


@contextmanager
def film_program() -> Iterator[None]:
    """Give an application for painting; the one that runs already, if there is one."""
    app = QGuiApplication.instance() or QGuiApplication(["nnviz"])
    load_fonts()
    yield
    del app
