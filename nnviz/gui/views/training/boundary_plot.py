"""The decision boundary: the network's output over the plane of its two inputs, or its answers if there is no plane."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from nnviz.debugger.state.session import Session
from nnviz.engine.network import Network
from nnviz.engine.training import Checkpoint
from nnviz.gui.views.chrome.lazy_view import LazyView
from nnviz.gui.views.chrome.segments import Segments
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.palette import Palette
from nnviz.present.runs.boundary import boundary_obstacle
from nnviz.present.runs.curve import grouped
from nnviz.present.runs.network_answers import SHORT_TITLES, AnswerKind, answer_kinds

if TYPE_CHECKING:
    from nnviz.gui.views.training.answer_view import AnswerView
    from nnviz.gui.views.training.plane_view import PlaneView  # noqa: F401 used in quotes below

COARSE, FINE = 128, 400  # cells per side while parameters change, and when they do not
REST_MS = 150  # without changes until the fine picture is drawn
LIVE_WORK, REST_WORK = 20_000_000, 300_000_000  # products for a picture of answers, at the same moments
TITLE = "Decision boundary"
SHARE = 4  # after a picture, the plot waits SHARE times as long as drawing took


class BoundaryPlot(LazyView["PlaneView"]):
    """The plot of the decision boundary, for the session's network or, while live, for given parameters.

    Where there is no boundary, the answers of the network are shown; `choice` is a choice if several pictures fit.
    `titled(str)` is emitted with the title of what is shown.
    """

    example_clicked = Signal(int)
    point_added = Signal(float, float)
    point_moved = Signal(int, float, float)
    point_removed = Signal(int)
    titled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lesson: Lesson | None = None
        self._obstacle = ""
        self._kinds: tuple[AnswerKind, ...] = ()  # the pictures that fit, if there is no boundary
        self._kind: AnswerKind | None = None
        self._answers: AnswerView | None = None
        self._example = 0
        self.choice = Segments([""], parent=self, compact=True)  # until the heading takes it
        self.choice.setAccessibleName("Picture of the answers")
        self.choice.chosen.connect(self._choose)
        self.choice.hide()
        self._network: Network | None = None
        self._checkpoint: Checkpoint | None = None  # whose parameters the network has
        self._live = False
        self._draws = False
        self._due = 0.0
        self._rest = QTimer(self)
        self._rest.setInterval(REST_MS)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._on_rest)
        self.setAccessibleName(TITLE)

    @property
    def title(self) -> str:
        """The title of what is shown."""
        return TITLE if self._kind is None else self._kind.value

    @property
    def answers(self) -> AnswerView | None:
        """The view of the answers, if they are shown."""
        return None if self._kind is None else self._answers

    def _build(self) -> None:
        """Build the plot and draw what is pending."""
        from nnviz.gui.views.training.plane_view import PlaneView

        self._view = PlaneView(self)
        self._view.example_clicked.connect(self.example_clicked)
        for name in ("point_added", "point_moved", "point_removed"):
            getattr(self._view, name).connect(getattr(self, name))
        self._view.set_drawing(self._draws)
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

    def set_drawing(self, on: bool) -> None:
        """Set whether the mouse draws points, where there is a boundary."""
        self._draws = on
        if self._view is not None:
            self._view.set_drawing(on)

    def render_session(self, session: Session) -> None:
        """Show a session's boundary, computed only if its parameters differ, and ring its example."""
        if session.lesson is not self._lesson:
            self._lesson, self._network = session.lesson, None
            self._obstacle = boundary_obstacle(session.lesson.network, session.lesson.dataset) or ""
            self._choose_kinds(session.lesson)
            self._show_lesson(session.lesson)
        is_moved, self._example = session.example != self._example, session.example
        if self._view is not None:
            self._view.ring(session.example)
        if self._live and self._network is not None:
            return
        is_known = self._network is not None and session.checkpoint is self._checkpoint
        self._checkpoint = session.checkpoint
        if is_known and not (is_moved and self._kind is not None):
            return
        network = session.lesson.network.with_vector(session.checkpoint.parameters)
        is_other = self._network is None or not _same_parameters(network, self._network)
        if is_other or (is_moved and self._kind is not None):
            self._show(network)

    def show_parameters(self, network: Network) -> None:
        """Show the boundary of a network in training; skipped shortly after a slow drawing."""
        lesson = self._lesson
        is_own = lesson is not None and network.architecture.sizes == lesson.network.architecture.sizes
        if is_own and time.perf_counter() >= self._due:
            self._checkpoint = None
            self._show(network)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        for view in (self._view, self._answers):
            if view is not None:
                view.set_theme(palette, scale)
        self.choice.set_theme(palette, scale)
        super().set_theme(palette, scale)

    def _choose_kinds(self, lesson: Lesson) -> None:
        """Find which pictures fit a lesson; the chosen one stays if it is among them."""
        self._kinds = answer_kinds(lesson.network, lesson.dataset) if self._obstacle else ()
        if self._kind not in self._kinds:
            self._kind = self._kinds[0] if self._kinds else None
        if self._kinds:
            self.choice.set_words([SHORT_TITLES[kind] for kind in self._kinds], [kind.value for kind in self._kinds])
            self.choice.set_current(self._kinds.index(self._kind) if self._kind is not None else 0)
        self.choice.setVisible(len(self._kinds) > 1)
        self._name()

    def _choose(self, index: int) -> None:
        self._kind = self._kinds[index]
        self.choice.set_current(index)
        self._name()
        if self._network is not None:
            self._show(self._network)

    def _name(self) -> None:
        """Let title and accessible texts follow what is shown."""
        examples = "" if self._lesson is None else f"{grouped(len(self._lesson.dataset))} examples"
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(f"{self._obstacle} {self.title} of {examples}." if self._kind else examples)
        self.titled.emit(self.title)

    def _show_lesson(self, lesson: Lesson) -> None:
        if self._view is None:
            return
        self._view.show_lesson(None if self._obstacle else lesson, self._obstacle)
        if self._kind is not None and self._answers is None:
            from nnviz.gui.views.training.answer_view import AnswerView

            self._answers = AnswerView(self)
            self._answers.example_clicked.connect(self.example_clicked)
            if self._palette is not None:
                self._answers.set_theme(self._palette, self._scale)
            self._column.addWidget(self._answers)
        if self._answers is not None:
            self._answers.clear()
            self._answers.setVisible(self._kind is not None)
        self._view.setVisible(self._kind is None)
        self._column.activate()

    def _show(self, network: Network) -> None:
        self._network = network
        if self._view is None:
            return
        begun = time.perf_counter()
        self._draw(network, COARSE, LIVE_WORK)
        now = time.perf_counter()
        self._due = now + SHARE * (now - begun)
        self._rest.start()

    def _on_rest(self) -> None:
        if self._view is not None and self._network is not None and not self._live:
            self._draw(self._network, FINE, REST_WORK)

    def _draw(self, network: Network, size: int, work: int) -> None:
        """Draw the boundary in cells of a size, or the answers with an amount of work."""
        if self._kind is None and self._view is not None:
            self._view.show_network(network, size)
        elif self._kind is not None and self._answers is not None and self._lesson is not None:
            self._answers.show_answer(self._kind, self._lesson, network, self._example, work)

    def sizeHint(self) -> QSize:
        return QSize(round(424 * self._scale), round(180 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(140 * self._scale), round(90 * self._scale))


def _same_parameters(one: Network, other: Network) -> bool:
    return one is other or np.array_equal(one.parameters.vector, other.parameters.vector, equal_nan=True)
