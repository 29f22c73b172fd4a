"""The middle of the window: the canvases under their heading, above the timeline and the training controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui import hidden_views
from nnviz.gui.kit.theme import Themed
from nnviz.gui.views.canvas.network_canvas import NetworkCanvas
from nnviz.gui.views.chrome.banner import Banner
from nnviz.gui.views.chrome.branch_bar import BranchBar, EditNote
from nnviz.gui.views.chrome.lazy_session_view import LazySessionView
from nnviz.gui.views.chrome.notices import FOOT, Notices
from nnviz.gui.views.chrome.panel import INSET, CardBody, Heading
from nnviz.gui.views.chrome.segments import Segments
from nnviz.gui.views.chrome.session_bar import SessionBar
from nnviz.gui.views.chrome.timeline_view import TimelineView
from nnviz.gui.views.training.training_strip import TrainingStrip
from nnviz.present.core.palette import Palette

if TYPE_CHECKING:
    from nnviz.gui.views.canvas.graph_canvas import GraphCanvas

_TITLES = ("Network", "Computation graph")


class Center(QWidget):
    """Shows one of the two canvases, which are chosen by their index: the network (0) or the computation graph (1)."""

    def __init__(self) -> None:
        super().__init__()
        self._session: Session | None = None
        self.canvas, self.graph = NetworkCanvas(), LazySessionView(hidden_views.graph_canvas)
        self.canvases = QStackedWidget()
        self.time_choice = Segments(
            ["Unrolled", "Folded"], ["A copy for each time step (U)", "Once, with its loop (U)"]
        )
        self.canvas_choice = Segments(["Network", "Graph"], ["Neurons and edges (G)", "The computation graph (G)"])
        self.heading = Heading(_TITLES[0])
        self.session_bar, self.edit_note, self.branch_bar, self.banner = SessionBar(), EditNote(), BranchBar(), Banner()
        self.timeline, self.strip = TimelineView(), TrainingStrip()
        self._body = self._build()
        self.notices = Notices(self, self._body)
        for message in (self.session_bar, self.banner, self.strip.message):
            self.notices.add(message)

    def shown_canvas(self) -> NetworkCanvas | GraphCanvas:
        """Return the canvas that is shown."""
        return self.graph.view if self.canvases.currentIndex() else self.canvas

    def show_canvas(self, index: int) -> None:
        """Show a canvas by its index."""
        self.canvases.setCurrentIndex(index)
        if self._session is not None:
            self.shown_canvas().render_session(self._session)
        self.canvas_choice.set_current(index)
        self._offer_unrolling()
        self.heading.set_title(_TITLES[index])

    def set_folded(self, on: bool) -> None:
        """Draw a recurrent network once with its loop, or a copy for each time step."""
        self.canvas.set_folded(on)
        self.time_choice.set_current(int(on))

    def render_session(self, session: Session) -> None:
        """Show a session on the canvas that is shown, on the timeline and in the banner."""
        self._session = session
        self._offer_unrolling()
        for view in (self.shown_canvas(), self.timeline, self.banner):
            view.render_session(session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        controls: tuple[Themed, ...] = (self.time_choice, self.canvas_choice, self.edit_note)
        bars: tuple[Themed, ...] = (self.session_bar, self.heading, self.branch_bar, self.banner)
        for view in (*controls, self.canvas, self.graph, self._body, self.timeline, self.strip, *bars):
            view.set_theme(palette, scale)
        self._body.keep_foot(round(FOOT * scale))
        self.notices.set_scale(scale)

    def tab_order(self) -> list[QWidget]:
        """Return the controls in the order of the Tab key, as they are read: heading, messages, training."""
        heading = (self.branch_bar.tabs, self.branch_bar.compare, self.edit_note.reset)
        messages = (self.session_bar, self.banner, self.strip.message)
        buttons = [button for message in messages for button in message.findChildren(QToolButton)]
        return [*heading, self.time_choice, self.canvas_choice, *buttons, *self.strip.tab_order()]

    def _offer_unrolling(self) -> None:
        """Offer the choice only where there is one: for a recurrent network, drawn as units and edges."""
        recurrent = self._session is not None and self._session.record.architecture.is_recurrent
        self.time_choice.setVisible(recurrent and self.canvases.currentIndex() == 0)

    def _build(self) -> CardBody:
        """Lay the views out; return the card around the canvases."""
        self.canvases.addWidget(self.canvas)
        self.canvases.addWidget(self.graph)
        self.canvas_choice.setAccessibleName("Canvas")
        self.time_choice.setAccessibleName("Time")
        self.time_choice.hide()
        for control in (self.edit_note, self.time_choice, self.canvas_choice):
            self.heading.add(control)
        self.heading.row.insertWidget(1, self.branch_bar, 100)
        self.branch_bar.shown.connect(self.heading.hide_title)
        body = CardBody(self.canvases, (6, 0, 6, 6))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(body, 1)
        column.addSpacing(4)
        column.addWidget(self.timeline)
        column.addSpacing(4)
        under = QHBoxLayout()
        under.setContentsMargins(INSET, 0, INSET, 0)
        under.addWidget(self.strip)
        column.addLayout(under)
        return body
