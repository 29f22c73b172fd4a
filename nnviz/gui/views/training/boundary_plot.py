"""The decision boundary: the network's output over the plane of its two inputs, with the examples as dots."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from nnviz.debugger.state.session import Session
from nnviz.engine.network import Network
from nnviz.gui.views.chrome.lazy_view import LazyView
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.palette import Palette
from nnviz.present.runs.boundary import boundary_obstacle
from nnviz.present.runs.curve import grouped

if TYPE_CHECKING:
    from nnviz.gui.views.training.plane_view import PlaneView  # noqa: F401 used in quotes below

COARSE, FINE = 128, 400  # cells per side while parameters change, and when they do not
REST_MS = 150  # without changes until the fine picture is drawn
SHARE = 4  # after a picture, the plot waits SHARE times as long as drawing took


class BoundaryPlot(LazyView["PlaneView"]):
    """The plot of the decision boundary, for the session's network or, while live, for given parameters."""

    example_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lesson: Lesson | None = None
        self._obstacle = ""
        self._example = 0
        self._network: Network | None = None
        self._live = False
        self._due = 0.0
        self._rest = QTimer(self)
        self._rest.setInterval(REST_MS)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._on_rest)
        self.setAccessibleName("Decision boundary")

    def _build(self) -> None:
        """Build the plot and draw what is pending."""
        from nnviz.gui.views.training.plane_view import PlaneView

        self._view = PlaneView(self)
        self._view.example_clicked.connect(self.example_clicked)
        if self._palette is not None:
            self._view.set_theme(self._palette, self._scale)
        self._hold(self._view)
        if self._lesson is not None:
            self._show_lesson(self._lesson)
        self._view.ring(self._example)
        if self._network is not None:
            self._show(self._network)

    def set_live(self, live: bool) -> None:
        """Set whether parameters come from `show_parameters` instead of sessions."""
        self._live = live

    def render_session(self, session: Session) -> None:
        """Show a session's boundary, computed only if its parameters differ, and ring its example."""
        if session.lesson is not self._lesson:
            self._lesson, self._network = session.lesson, None
            self._obstacle = boundary_obstacle(session.lesson.network, session.lesson.dataset) or ""
            self._show_lesson(session.lesson)
            self.setAccessibleDescription(self._obstacle or f"{grouped(len(session.lesson.dataset))} examples")
        self._example = session.example
        if self._view is not None:
            self._view.ring(session.example)
        if self._obstacle or (self._live and self._network is not None):
            return
        network = session.lesson.network.with_vector(session.checkpoint.parameters)
        if self._network is None or not _same_parameters(network, self._network):
            self._show(network)

    def show_parameters(self, network: Network) -> None:
        """Show the boundary of a network in training; skipped shortly after a slow drawing."""
        if self._lesson is not None and not self._obstacle and time.perf_counter() >= self._due:
            self._show(network)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        if self._view is not None:
            self._view.set_theme(palette, scale)
        super().set_theme(palette, scale)

    def _show_lesson(self, lesson: Lesson) -> None:
        if self._view is not None:
            self._view.show_lesson(None if self._obstacle else lesson, self._obstacle)

    def _show(self, network: Network) -> None:
        self._network = network
        if self._view is None:
            return
        begun = time.perf_counter()
        self._view.show_network(network, COARSE)
        now = time.perf_counter()
        self._due = now + SHARE * (now - begun)
        self._rest.start()

    def _on_rest(self) -> None:
        if self._view is not None and self._network is not None and not self._live:
            self._view.show_network(self._network, FINE)

    def sizeHint(self) -> QSize:
        return QSize(round(424 * self._scale), round(180 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(140 * self._scale), round(90 * self._scale))


def _same_parameters(one: Network, other: Network) -> bool:
    return one is other or np.array_equal(one.parameters.vector, other.parameters.vector, equal_nan=True)
