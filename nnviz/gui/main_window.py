"""The window: docks, menus and nothing else; what they do stands in the commands, the store and the views."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from nnviz.debugger.session import Session
from nnviz.gui import hidden_views
from nnviz.gui.actions import Actions
from nnviz.gui.docks import Loan, is_in_front
from nnviz.gui.settings import Settings
from nnviz.gui.theme import PRESENTATION_SCALE, Theme
from nnviz.gui.views.banner import Banner
from nnviz.gui.views.boundary_plot import BoundaryPlot
from nnviz.gui.views.branch_bar import BranchBar, EditNote
from nnviz.gui.views.canvas import NetworkCanvas
from nnviz.gui.views.hidden_view import HiddenView
from nnviz.gui.views.listing_view import ListingView
from nnviz.gui.views.loss_plot import LossPlot
from nnviz.gui.views.panel import INSET, CardBody, Heading, Panel
from nnviz.gui.views.segments import Segments
from nnviz.gui.views.session_bar import SessionBar
from nnviz.gui.views.step_card import StepCard
from nnviz.gui.views.timeline_view import TimelineView
from nnviz.gui.views.toolbar import Toolbar
from nnviz.gui.views.training_strip import TrainingStrip
from nnviz.gui.views.values_view import ValuesView
from nnviz.gui.views.watch_list import ValuesPage
from nnviz.gui.views.why_view import WhyView

if TYPE_CHECKING:
    from nnviz.gui.views.graph_canvas import GraphCanvas

_STEP_MENU = (
    *("step", "back", None, "into", "over", "out", None, "next_phase", "previous_phase", None),
    *("first", "last", "nonfinite", None, "next_pass", "previous_pass", None, "next_example", "previous_example", None),
    *("next_update", "previous_update", "next_epoch", "previous_epoch", "to_update", "to_epoch", None),
    *("grain_term", "grain_neuron", "grain_layer", "grain_pass", None, "continue", None),
    *("run", "run_back", "break_here", "breakpoints"),
    *(None, "predict", "hint", "reveal", "skip", "score"),
    *(None, "find"),
)
_EDIT_MENU = ("undo", "redo", None, "edit", "reset_edits", None, "branch", "next_branch", "close_branch")
_VIEW_MENU = (
    "canvas",
    "unroll",
    "conventions",
    None,
    "why",
    "feeds",
    None,
    "fit",
    "zoom_in",
    "zoom_out",
    None,
    "theme",
    "presentation",
    "full_screen",
    "leave",
)
# Docks that share the place of the values, and are not shown at first.
_BEHIND = ("conventions", "lesson", "gradients", "find", "health", "breakpoints")


class MainWindow(QMainWindow):
    """Puts the views together. `closing` is emitted before the window goes."""

    closing = Signal()
    recent_changed = Signal()

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("nnviz")
        self.setWindowTitle("nnviz")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # else a window activated again gives the keys to a field
        self._theme = theme
        self._settings = settings
        self._session: Session | None = None
        self._file = ("", False)
        self.canvas, self.timeline = NetworkCanvas(), TimelineView()
        self.graph = HiddenView(hidden_views.graph_canvas)
        self.canvases = QStackedWidget()
        self.time_choice = Segments(
            ["Unrolled", "Folded"], ["A copy for each time step (U)", "Once, with its loop (U)"]
        )
        self.canvas_choice = Segments(["Network", "Graph"], ["Units and edges (G)", "The computation graph (G)"])
        self.card, self.listing, self.values = StepCard(), ListingView(), ValuesView()
        self.strip, self.loss, self.boundary = TrainingStrip(), LossPlot(), BoundaryPlot()
        self.values_page, self.banner = ValuesPage(self.values), Banner()
        self.conventions = HiddenView(hidden_views.conventions_view)
        self.lesson = HiddenView(hidden_views.lesson_view)
        self.gradients = HiddenView(hidden_views.gradient_view)
        self.finder = HiddenView(hidden_views.find_view)
        self.health = HiddenView(hidden_views.health_view)
        self.breakpoints = HiddenView(hidden_views.breakpoints_view)
        self.why, self._card_sides = WhyView(), QStackedWidget()
        self._card_sides.addWidget(self.card)
        self._card_sides.addWidget(self.why)
        self.network_heading = Heading("Network")
        self.edit_note, self.branch_bar = EditNote(), BranchBar()
        self.session_bar = SessionBar()
        self.panels = {
            panel.objectName(): panel
            for panel in (
                Panel("step", "Step", self._card_sides, self),
                Panel("numpy", "NumPy", self.listing, self),
                Panel("values", "Values", self.values_page, self, (12, 0, 2, 8)),
                Panel("conventions", "Conventions", self.conventions, self),
                Panel("lesson", "Lesson", self.lesson, self),
                Panel("gradients", "Gradient check", self.gradients, self),
                Panel("find", "Find a number", self.finder, self, (12, 2, 12, 10)),
                Panel("health", "Health", self.health, self),
                Panel("breakpoints", "Breakpoints", self.breakpoints, self, (12, 2, 12, 10)),
                Panel("loss", "Loss", self.loss, self),
                Panel("boundary", "Decision boundary", self.boundary, self),
            )
        }
        self.panels["loss"].heading.add(self.loss.controls)
        self.panels["step"].heading.add(self.card.note)
        self._unseen = (
            *(self.graph, self.conventions, self.lesson, self.gradients),
            *(self.finder, self.health, self.breakpoints),
        )
        self._hidden_by_presentation: list[QWidget] = []
        self._in_front: list[Panel] = []
        self._loan = Loan(self, self.panels["values"], self.panels["numpy"])
        self._build_center()
        self._build_docks()

    def adopt(self, actions: Actions) -> None:
        """Build toolbar and menus from the actions, and theme every view."""
        self.toolbar = Toolbar(actions, self)
        self.addToolBar(self.toolbar)
        self._build_menus(actions)
        theme = self._theme
        theme.follow(actions)
        theme.follow(self.toolbar, self.time_choice, self.canvas_choice, self.canvas, *self._unseen, self.why)
        theme.follow(self.timeline, self.card, self.listing, self.values, self.strip, self.loss, self.boundary)
        theme.follow(self.values_page.watches, self.banner)
        theme.follow(self.network_heading, self._network_body, self.edit_note, self.branch_bar, self.session_bar)
        theme.follow(*self.panels.values())

    def render_session(self, session: Session) -> None:
        """Let every view that is seen show a session."""
        self._session = session
        self._offer_unrolling()
        self._show_title(session)
        views = (self.toolbar, self.shown_canvas(), self.timeline, self.card, self.listing, self.values, self.boundary)
        panels = (self.conventions, self.lesson, self.gradients, self.finder, self.health)
        for view in (*views, *panels, self.why):
            view.render_session(session)
        for beside in (self.breakpoints, self.values_page.watches, self.banner):
            beside.render_session(session)
        self._turn_card(session.why is not None)

    def build_hidden(self, then: Callable[[], object]) -> None:
        """Build what is hidden, a view in each idle moment, so that no first look waits for it; then call back."""
        frame = next((frame for frame in self._unseen if not frame.is_built), None)
        if frame is None:
            then()
            return
        frame.build()
        QTimer.singleShot(0, self, lambda: self.build_hidden(then))

    def _turn_card(self, asks: bool) -> None:
        """Show the side of the step card that tells why, which then has the keys, or the step's own."""
        if asks == (self._card_sides.currentWidget() is self.why):
            return
        had_keys = self._card_sides.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self._card_sides.setCurrentWidget(self.why if asks else self.card)
        self.panels["step"].heading.set_title("Why" if asks else "Step")
        self.card.note.setVisible(not asks)
        if asks:
            self.panels["step"].show()
            self.why.setFocus()
        elif had_keys:
            self.setFocus()

    def show_file(self, name: str, modified: bool) -> None:
        """Name the file that the session belongs to in the title, and mark whether it has changed since."""
        if self._session is not None and (name, modified) != self._file:
            self._file = name, modified
            self._show_title(self._session)

    def _show_title(self, session: Session) -> None:
        name, modified = self._file
        before = f"{name}[*] · " if name else ""
        self.setWindowTitle(f"{before}{session.lesson.title} · {_place(session)} · nnviz")
        self.setWindowModified(bool(name) and modified)

    def shown_canvas(self) -> NetworkCanvas | GraphCanvas:
        """The canvas that is seen: the network, or the computation graph."""
        return self.graph.view if self.canvases.currentIndex() else self.canvas

    def show_canvas(self, index: int) -> None:
        """Show the network (0) or the computation graph (1)."""
        self.canvases.setCurrentIndex(index)
        if self._session is not None:
            self.shown_canvas().render_session(self._session)
        self.canvas_choice.set_current(index)
        self._offer_unrolling()
        self.network_heading.set_title(("Network", "Computation graph")[index])

    def set_folded(self, on: bool) -> None:
        """Draw a recurrent network once with its loop, or a copy for each time step."""
        self.canvas.set_folded(on)
        self.time_choice.set_current(int(on))

    def _offer_unrolling(self) -> None:
        """Offer the choice only where there is one: for a recurrent network, drawn as units and edges."""
        recurrent = self._session is not None and self._session.record.architecture.is_recurrent
        self.time_choice.setVisible(recurrent and self.canvases.currentIndex() == 0)

    def toggle_panel(self, name: str) -> None:
        """Bring a panel that shares its place to the front and give it the keys; put it away if it is there."""
        panel = self.panels[name]
        if is_in_front(panel):
            panel.hide()
            self.setFocus()
            if all(self.panels[other].isHidden() for other in _BEHIND):
                self._loan.give_back()
        else:
            self._loan.take(panel)
            getattr(panel.view, "take_focus", self.setFocus)()

    def show_panel(self, name: str) -> None:
        """Bring a panel that shares its place to the front; the keys stay where they are."""
        if not is_in_front(self.panels[name]):
            self._loan.take(self.panels[name])

    def set_presentation(self, on: bool) -> None:
        """Hide toolbar, menus and training, and enlarge the type; or bring them back as they were."""
        if on == bool(self._hidden_by_presentation):
            return
        if on:
            panels = (self.panels[name] for name in ("loss", "boundary", "values", *_BEHIND))
            chrome: tuple[QWidget, ...] = (self.menuBar(), self.toolbar, self.strip, *panels)
            self._hidden_by_presentation = [widget for widget in chrome if not widget.isHidden()]
            self._in_front = [panel for panel in self.panels.values() if is_in_front(panel)]
            for widget in self._hidden_by_presentation:
                widget.hide()
            self.setFocus()  # else the keys go to whatever comes behind a panel that had them
            width = self.width() * 44 // 100
        else:
            for widget in self._hidden_by_presentation:
                widget.show()
            for panel in self._in_front:
                panel.raise_()
            self._hidden_by_presentation = []
            width = self._side_width()
        self.resizeDocks([self.panels["step"]], [width], Qt.Orientation.Horizontal)
        self._theme.set_scale(PRESENTATION_SCALE if on else 1.0)

    def restore_layout(self) -> None:
        """Geometry and docks as they were left, or the first arrangement."""
        saved = self._settings.window()
        if saved is None or not (self.restoreGeometry(saved[0]) and self.restoreState(saved[1])):
            self.resize(1440, 900)
            self.arrange()

    def arrange(self) -> None:
        """The first arrangement of the docks."""
        for panel in self.panels.values():
            panel.setFloating(False)
            panel.setVisible(panel.objectName() not in _BEHIND)
        step, numpy, values = self.panels["step"], self.panels["numpy"], self.panels["values"]
        loss, boundary = self.panels["loss"], self.panels["boundary"]
        self.resizeDocks([step, numpy, values], [330, 240, 260], Qt.Orientation.Vertical)
        self.resizeDocks([step], [self._side_width()], Qt.Orientation.Horizontal)
        self.resizeDocks([loss, boundary], [450, 450], Qt.Orientation.Horizontal)
        plots = min(240, max(140, (self.height() - 330) * 42 // 100))  # a low window's height goes to the network
        self.resizeDocks([loss], [plots], Qt.Orientation.Vertical)

    def _side_width(self) -> int:
        """How wide the docks at the right are at first."""
        return min(480, self.width() * 36 // 100)

    def _build_center(self) -> None:
        self.canvases.addWidget(self.canvas)
        self.canvases.addWidget(self.graph)
        self.canvas_choice.setAccessibleName("Canvas")
        self.time_choice.setAccessibleName("Time")
        self.time_choice.hide()
        self.network_heading.add(self.edit_note)
        self.network_heading.add(self.time_choice)
        self.network_heading.add(self.canvas_choice)
        self._network_body = CardBody(self.canvases, (6, 0, 6, 6))
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.session_bar)
        column.addWidget(self.network_heading)
        column.addWidget(self.branch_bar)
        column.addWidget(self.banner)
        column.addWidget(self._network_body, 1)
        column.addSpacing(4)
        column.addWidget(self.timeline)
        column.addSpacing(4)
        under = QHBoxLayout()
        under.setContentsMargins(INSET, 0, INSET, 0)
        under.addWidget(self.strip)
        column.addLayout(under)
        self.setCentralWidget(center)

    def _build_docks(self) -> None:
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        for name in ("step", "numpy", "values"):
            self.addDockWidget(right, self.panels[name])
        for name in _BEHIND:
            self.tabifyDockWidget(self.panels["values"], self.panels[name])
            self.panels[name].hide()
        self.conventions.when_built(lambda view: self._join("conventions", view.set_seen))
        self.lesson.when_built(lambda view: self._join("lesson", view.set_seen, view.left))
        self.gradients.when_built(lambda view: self._join("gradients", view.set_seen, view.left))
        self.finder.when_built(lambda view: self._join("find", view.set_seen, view.left))
        self.health.when_built(lambda view: self._join("health", view.set_seen, view.left))
        for name in ("loss", "boundary"):
            self.addDockWidget(bottom, self.panels[name])
        self.splitDockWidget(self.panels["loss"], self.panels["boundary"], Qt.Orientation.Horizontal)

    def _join(self, name: str, set_seen: Callable[[bool], None], left: SignalInstance | None = None) -> None:
        """Let a view know whether its panel is seen, and take the keys that it leaves."""
        self.panels[name].visibilityChanged.connect(set_seen)
        if left is not None:
            left.connect(self.setFocus)

    def _build_menus(self, actions: Actions) -> None:
        bar = self.menuBar()
        file = bar.addMenu("&File")
        self._fill(file, actions, ("open",))
        self.recent_menu = QMenu("Open &recent", self)
        file.addMenu(self.recent_menu)
        self._fill(file, actions, (None, "save", "save_as", None, "open_run", None, "export_script", None, "quit"))
        self._fill(bar.addMenu("&Edit"), actions, _EDIT_MENU)
        self._fill(bar.addMenu("&Step"), actions, _STEP_MENU)
        train = bar.addMenu("&Train")
        train.setToolTipsVisible(True)  # why a command cannot be used
        self._fill(train, actions, ("train", "epoch", None, "reset", "reset_seed", None, "compare"))
        view = bar.addMenu("&View")
        panels = view.addMenu("&Panels")
        for panel in self.panels.values():
            panels.addAction(panel.toggleViewAction())
            panel.toggleViewAction().triggered.connect(lambda shown, panel=panel: panel.raise_() if shown else None)
        panels.addSeparator()
        panels.addAction("Arrange as at first").triggered.connect(self.arrange)
        self.theme_menu = QMenu("&Theme", self)
        view.addMenu(self.theme_menu)
        self._fill(view, actions, _VIEW_MENU)
        self._fill(
            bar.addMenu("&Help"), actions, ("guide", "keys", None, "notes", "gradients", "health", None, "about")
        )

    def _fill(self, menu: QMenu, actions: Actions, commands: tuple[str | None, ...]) -> None:
        for command in commands:
            if command is None:
                menu.addSeparator()
            else:
                menu.addAction(actions[command])
        menu.aboutToShow.connect(lambda: actions.show_icons(*(command for command in commands if command)))

    def sizeHint(self) -> QSize:
        return QSize(1440, 900)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.set_presentation(False)
        self._settings.save_window(self.saveGeometry(), self.saveState())
        self.closing.emit()
        super().closeEvent(event)


def _place(session: Session) -> str:
    """How far the pass is walked, for the title of the window."""
    done, steps = session.trace.count(session.grain, session.position), session.trace.length(session.grain)
    return f"step {done} of {steps}" if session.position else f"{steps} steps ahead"
