"""The decision boundary: what the network answers over the plane of its two inputs, with the examples as dots."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from nnviz.debugger.session import Session
from nnviz.engine.network import Network
from nnviz.gui.views.late_view import LateView
from nnviz.lessons.lesson import Lesson
from nnviz.present.boundary import boundary_obstacle
from nnviz.present.curve import grouped
from nnviz.present.palette import Palette

if TYPE_CHECKING:
    from nnviz.gui.views.plane_view import PlaneView  # noqa: F401 it stands in quotes below

COARSE, FINE = 128, 400  # cells a side while parameters change, and when they rest
REST_MS = 150  # without news until the picture is fine
SHARE = 4  # a picture that took some time is followed by so many times that without another


class BoundaryPlot(LateView["PlaneView"]):
    """Draws the boundary of the session's network; while live, of the parameters that it is shown."""

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
        """Build the plot, and draw what was to be drawn."""
        from nnviz.gui.views.plane_view import PlaneView

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
        """Whether parameters come from `show_parameters` rather than from sessions."""
        self._live = live

    def render_session(self, session: Session) -> None:
        """Show a session's boundary, anew only where its parameters differ, and ring its example."""
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
        """Show the boundary of a network in training; passed over where the last one took too long."""
        if self._lesson is not None and not self._obstacle and time.perf_counter() >= self._due:
            self._show(network)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
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
