"""The window: docks and menus; what the commands do, and what the views show, is elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar, cast

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QStackedWidget, QTabBar, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui import panels
from nnviz.gui.arrangement import Arrangement, DockGroup, column_heights, row_widths
from nnviz.gui.card_room import CardRoom
from nnviz.gui.center import Center
from nnviz.gui.docks import GivingWay, Loan, is_in_front
from nnviz.gui.fit import first_size, keep_on_screen
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme, Themed
from nnviz.gui.panels import DockPlace, PanelRow
from nnviz.gui.views.canvas.network_canvas import NetworkCanvas
from nnviz.gui.views.chrome.lazy_session_view import LazySessionView, SessionView
from nnviz.gui.views.chrome.panel import Panel
from nnviz.gui.views.chrome.toolbar import Toolbar
from nnviz.gui.window_menus import SubMenu, build_menus

if TYPE_CHECKING:
    from nnviz.gui.views.canvas.graph_canvas import GraphCanvas

View = TypeVar("View", bound=QWidget)

LEAST = QSize(796, 560)
OUTER = 18  # the margin around the cards, besides their own
ROOMY = 1200  # the least width of a window that has this margin

_AREAS = {
    DockPlace.SIDE: Qt.DockWidgetArea.RightDockWidgetArea,
    DockPlace.BELOW: Qt.DockWidgetArea.BottomDockWidgetArea,
}


_GESTURES = frozenset(
    (
        *(QEvent.Type.Enter, QEvent.Type.MouseMove, QEvent.Type.HoverMove),
        *(QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick),
        *(QEvent.Type.Wheel, QEvent.Type.ToolTip, QEvent.Type.ContextMenu, QEvent.Type.KeyPress),
    )
)


class MainWindow(QMainWindow):
    """The window with all views. `closing` is emitted before the window is closed.

    `rows` are the rows of its panels, and `panels` the docks by the rows' ids.
    """

    closing = Signal()
    recent_changed = Signal()
    view_changed = Signal()  # another canvas, or a network folded or unrolled

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("nnviz")
        self.setWindowTitle("nnviz")
        self.setMinimumSize(LEAST)  # that of the layout would depend on what is shown and how wide the margins are
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # or else a reactivated window would focus a field
        self._theme = theme
        self._settings = settings
        self._session: Session | None = None
        self._is_covered = False
        self._is_outdated = False  # while it is covered, the views may show an earlier session
        self._file = ("", False)
        self._floats_placed = False
        self._start: QWidget | None = None  # the start page, once it is built
        self._layout_behind = QByteArray()  # of the lesson while the start page is shown
        self._give_sizes: Callable[[], None] | None = None  # to the docks, once the window has its size
        self._layout_beside = QByteArray()  # of all panels while one has the column at the right for itself
        self.rows = {row.id: row for row in panels.PANELS}
        self.panels = {
            name: Panel(name, row.title, row.make(), self, row.margins, row.guide) for name, row in self.rows.items()
        }
        self._loan = Loan(
            self, self.panels[panels.VALUES.id], self.panels[panels.NUMPY.id], self.panels_at(DockPlace.SIDE)
        )
        self._fill_headings()
        self._name_views()
        lenders = {
            self.panels[panels.NUMPY.id]: self.listing,
            self.panels[panels.VALUES.id]: self.values,
            self.panels[panels.LESSON.id]: self.lesson,
        }
        room = CardRoom(self, self.panels[panels.STEP.id], lenders, lambda: self._is_covered)
        self.card.room_wanted.connect(room.want)
        self.card.panel_asked.connect(self.show_panel)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.center)
        self.setCentralWidget(self._pages)
        self._build_docks()
        self._giving_way = GivingWay(self, self.canvases, self.panels_at(DockPlace.BELOW))
        side = [*self.panels_at(DockPlace.SIDE), *self.panels_at(DockPlace.TAB)]
        sizes = {self.panels[name]: row.size or panels.VALUES.size for name, row in self.rows.items()}
        heights = partial(column_heights, sizes, self.panels[panels.STEP.id])
        column = DockGroup(side, _AREAS[DockPlace.SIDE], Qt.Orientation.Vertical, heights)
        below = self.panels_at(DockPlace.BELOW)
        row = DockGroup(below, _AREAS[DockPlace.BELOW], Qt.Orientation.Horizontal, partial(row_widths, sizes))
        self.arrangement = Arrangement(self, column, row, self._giving_way)

    def _name_views(self) -> None:
        """Give names to the views to which the rest of the window is connected."""
        self.center = center = Center()
        self.canvas, self.graph, self.canvases = center.canvas, center.graph, center.canvases
        self.canvas_choice, self.time_choice, self.timeline = center.canvas_choice, center.time_choice, center.timeline
        self.strip, self.banner, self.session_bar = center.strip, center.banner, center.session_bar
        self.edit_note, self.branch_bar = center.edit_note, center.branch_bar
        self.sides, self.values_page = self.view(panels.STEP), self.view(panels.VALUES)
        self.card, self.why, self.values = self.sides.card, self.sides.why, self.values_page.values
        self.listing = self.view(panels.NUMPY)
        self.loss, self.boundary = self.view(panels.LOSS), self.view(panels.BOUNDARY)
        self.branch_bar.comparing.connect(self.loss.legend.show_comparison)
        self.conventions, self.lesson = self.view(panels.CONVENTIONS), self.view(panels.LESSON)
        self.gradients, self.finder = self.view(panels.GRADIENTS), self.view(panels.FIND)
        self.health, self.breakpoints = self.view(panels.HEALTH), self.view(panels.BREAKPOINTS)
        self.build, self.layers = self.view(panels.BUILD), self.view(panels.LAYERS)
        self.surface, self.runs = self.view(panels.SURFACE), self.view(panels.RUNS)

    def _fill_headings(self) -> None:
        for name, row in self.rows.items():
            if row.in_heading is not None:
                self.panels[name].heading.add(row.in_heading(self.panels[name].view))

    def view(self, row: PanelRow[View]) -> View:
        """Return the view of a panel."""
        return cast(View, self.panels[row.id].view)

    def adopt(self, actions: Actions) -> None:
        """Build toolbar and menus from the actions, and theme every view."""
        self.toolbar = Toolbar(actions, self)
        self.addToolBar(self.toolbar)
        self._build_menus(actions)
        for first, second in pairwise((self, *self.toolbar.tab_order(), *self.center.tab_order())):
            QWidget.setTabOrder(first, second)
        every = self.panels.values()
        self._theme.follow(actions, self.toolbar, self.center, *(cast(Themed, panel.view) for panel in every), *every)

    def panel_commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of the panels do, by the ids of the commands."""
        return {row.command: partial(self.toggle_panel, name) for name, row in self.rows.items() if row.command}

    def render_session(self, session: Session) -> None:
        """Show a session in every view that is visible."""
        self._session = session
        self._show_title(session)
        self._set_outdated(self._is_covered and not self.isActiveWindow())
        if self._is_outdated:
            return
        self._show_session(session)

    def _show_session(self, session: Session) -> None:
        self.toolbar.render_session(session)
        self.center.render_session(session)
        for name, row in self.rows.items():
            if row.shows_session:
                cast(SessionView, self.panels[name].view).render_session(session)

    def set_covered(self, on: bool) -> None:
        """Follow the session no longer while the stage is in front of the window, or show it again."""
        self._is_covered = on
        if not on:
            self._update_views()

    def _update_views(self) -> None:
        if self._session is not None:
            self._set_outdated(False)
            self._show_session(self._session)

    def _set_outdated(self, on: bool) -> None:
        """Remember that the views show an earlier session; the first gesture at them then updates them."""
        if on == self._is_outdated:
            return
        self._is_outdated = on
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self) if on else app.removeEventFilter(self)

    def build_hidden(self, then: Callable[[], object]) -> None:
        """Build the hidden views, one in each idle moment, so that opening one takes no time; then call back."""
        frames = [
            self.graph,
            *(panel.view for panel in self.panels.values() if isinstance(panel.view, LazySessionView)),
        ]
        frame = next((frame for frame in frames if not frame.is_built), None)
        if frame is None:
            then()
            return
        frame.build()
        QTimer.singleShot(0, self, lambda: self.build_hidden(then))

    @property
    def is_start_shown(self) -> bool:
        """Whether the start page is shown instead of the lesson."""
        return self._start is not None and self._pages.currentWidget() is self._start

    def add_start(self, page: QWidget) -> None:
        """Add the start page, which is not shown yet."""
        self._start = page
        self._pages.addWidget(page)

    def show_start(self) -> None:
        """Show the start page instead of toolbar, canvas and panels."""
        assert self._start is not None
        self._giving_way.end()
        self._layout_behind = self.saveState()
        for widget in (self.toolbar, *self.panels.values()):
            widget.hide()
        self._panel_menu.setEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._pages.setCurrentWidget(self._start)
        self._show_title(self._session)

    def hide_start(self) -> None:
        """Show the lesson again, its toolbar and panels as they were."""
        self._pages.setCurrentWidget(self.center)
        self.restoreState(self._layout_behind)
        self._size_docks()
        self._panel_menu.setEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self._show_title(self._session)
        self.setFocus()

    def show_file(self, name: str, modified: bool) -> None:
        """Show the name of the session's file in the title, and whether the session has changed since it was saved."""
        if self._session is not None and (name, modified) != self._file:
            self._file = name, modified
            self._show_title(self._session)

    def shown_canvas(self) -> NetworkCanvas | GraphCanvas:
        """Return the canvas that is shown: the network, or the computation graph."""
        return self.center.shown_canvas()

    def show_canvas(self, index: int) -> None:
        """Show the network (0) or the computation graph (1)."""
        self.center.show_canvas(index)
        self.view_changed.emit()

    def set_folded(self, on: bool) -> None:
        """Draw a recurrent network once with its loop, or a copy for each time step."""
        self.center.set_folded(on)
        self.view_changed.emit()

    def toggle_panel(self, name: str) -> None:
        """Bring a panel to the front and give it the keyboard focus; hide it if it is there and has it."""
        panel, field = self.panels[name], self.rows[name].field
        in_front = is_in_front(panel)
        had_focus = in_front and self._is_focused(field(panel.view) if field else panel)
        if not had_focus:
            self._enlarge(panel)
            getattr(panel.view, "take_focus", self.setFocus)()
        if in_front and (had_focus or not self._is_focused(panel)):
            panel.hide()
            self.setFocus()
            if not any(is_in_front(other) for other in self.panels_at(DockPlace.TAB)):
                self._end_loan()

    def _is_focused(self, widget: QWidget) -> bool:
        focus = self.focusWidget()
        return focus is not None and (focus is widget or widget.isAncestorOf(focus))

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front; the keyboard focus stays where it is."""
        if not is_in_front(self.panels[name]):
            self._enlarge(self.panels[name])

    def _enlarge(self, panel: Panel) -> None:
        """Bring a panel to the front, with more height if it is low."""
        is_lent = self._loan.take(panel)
        self.arrangement.is_lent = self.arrangement.is_lent or is_lent

    @property
    def is_alone(self) -> bool:
        """Whether a panel has the column at the right for itself."""
        return not self._layout_beside.isEmpty()

    def show_alone(self, name: str) -> None:
        """Give a panel the column at the right for itself, and the keyboard focus."""
        if not self.is_alone:
            self._layout_beside = self.saveState()
        for panel in (*self.panels_at(DockPlace.SIDE), *self.panels_at(DockPlace.TAB)):
            panel.setVisible(panel is self.panels[name])
        getattr(self.panels[name].view, "take_focus", self.setFocus)()

    def end_alone(self) -> None:
        """Show the other panels again, as they were."""
        layout, self._layout_beside = self._layout_beside, QByteArray()
        self.restoreState(layout)
        self.setFocus()

    def restore_layout(self) -> None:
        """Restore geometry and docks as they were saved, or use the default arrangement."""
        saved = self._settings.window()
        self._give_sizes = self.arrangement.adopt
        if saved is None or not (self.restoreGeometry(saved[0]) and self.restoreState(saved[1])):
            self.resize(first_size(self.screen()))
            self.arrange()
            self._give_sizes = self.arrangement.reset
        keep_on_screen(self)

    def arrange(self) -> None:
        """Restore the default arrangement of the docks."""
        for name, row in self.rows.items():
            self.panels[name].setFloating(False)
            self.panels[name].setVisible(row.shown_at_first)
            if row.leads:
                self.panels[name].raise_()
        self._end_loan()
        self.arrangement.reset()

    def _size_docks(self) -> None:
        """Give the docks their sizes; the first time, when the window has its own, those at first or as restored."""
        give, self._give_sizes = self._give_sizes, None
        (give or self.arrangement.fit)()
        QApplication.sendPostedEvents(self, QEvent.Type.LayoutRequest)  # before the first frame

    def _end_loan(self) -> None:
        """Share the height of the docks at the right again, without a panel that was enlarged."""
        self.arrangement.is_lent = False
        QApplication.sendPostedEvents(self, QEvent.Type.LayoutRequest)  # the panel in front has its height then
        self.arrangement.fit()

    def panels_at(self, place: DockPlace) -> list[Panel]:
        """Return the panels that the default arrangement docks at a place, in order."""
        return [self.panels[name] for name, row in self.rows.items() if row.place is place]

    def _show_title(self, session: Session | None) -> None:
        if session is None or self.is_start_shown:
            self.setWindowTitle("nnviz")
            self.setWindowModified(False)
            return
        name, modified = self._file
        before = f"{name}[*] · " if name else ""
        self.setWindowTitle(f"{before}{session.lesson.title} · {_place(session)} · nnviz")
        self.setWindowModified(bool(name) and modified)

    def _show_side(self, is_why: bool) -> None:
        """Name the panel of the step card after the side that it shows."""
        panel = self.panels[panels.STEP.id]
        panel.heading.set_title("Why" if is_why else panels.STEP.title)
        if is_why:
            panel.show()

    def _build_docks(self) -> None:
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for name, row in self.rows.items():
            panel = self.panels[name]
            if row.place is DockPlace.TAB:
                self.tabifyDockWidget(self.panels[panels.VALUES.id], panel)
            else:
                self.addDockWidget(_AREAS[row.place], panel)
            if not row.shown_at_first:
                panel.hide()
            if isinstance(panel.view, LazySessionView):
                panel.view.when_built(partial(self._join, panel))
            else:
                self._join(panel, panel.view)
        for before, after in pairwise(self.panels_at(DockPlace.BELOW)):
            self.splitDockWidget(before, after, Qt.Orientation.Horizontal)
        self.sides.turned.connect(self._show_side)
        heading = self.panels[panels.LOSS.id].heading
        self.loss.measure_shown.connect(lambda measure: heading.set_title(measure.capitalize()))
        self.loss.measure_shown.connect(lambda: QTimer.singleShot(0, self, self.arrangement.fit_row))
        self.boundary.titled.connect(self.panels[panels.BOUNDARY.id].heading.set_title)

    def _join(self, panel: Panel, view: object) -> None:
        """Notify a view when its panel becomes visible or hidden, and take the focus when the view is left."""
        set_seen, left = getattr(view, "set_seen", None), getattr(view, "left", None)
        if set_seen is not None:
            panel.visibilityChanged.connect(set_seen)
        if left is not None:
            left.connect(self.setFocus)

    def _build_menus(self, actions: Actions) -> None:
        inner = build_menus(self, actions)
        self.recent_menu, self.theme_menu = inner[SubMenu.RECENT], inner[SubMenu.THEME]
        self.walks_menu = inner[SubMenu.WALKS]
        self.speed_menus = inner[SubMenu.PLAY_SPEED], inner[SubMenu.TRAIN_SPEED]
        for panel in self.panels.values():
            panel.toggleViewAction().triggered.connect(lambda shown, panel=panel: panel.raise_() if shown else None)
        self._panel_menu = inner[SubMenu.PANELS]
        self._fill_panel_menu(self._panel_menu)

    def _fill_panel_menu(self, menu: QMenu) -> None:
        for panel in self.panels.values():
            menu.addAction(panel.toggleViewAction())
        menu.addSeparator()
        menu.addAction("Reset panel layout").triggered.connect(self.arrange)

    def _place_floating(self) -> None:
        """Bring floating panels in front of the window, each where it can be seen."""
        for panel in self.panels.values():
            if panel.isFloating() and not panel.isHidden():
                keep_on_screen(panel)
                panel.show()
                panel.raise_()

    def sizeHint(self) -> QSize:
        return first_size(self.screen())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._floats_placed:
            self._floats_placed = True
            if self.center.isVisible():
                self._size_docks()
            QTimer.singleShot(0, self, self._place_floating)  # once the window is on the screen itself

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            for bar in self._tab_bars():
                bar.setAccessibleName("Panels")
                bar.setElideMode(Qt.TextElideMode.ElideNone)  # many titles are scrolled, not cut
        if event.type() == QEvent.Type.MouseButtonPress:
            self.arrangement.press()
        done = super().event(event)
        if event.type() == QEvent.Type.MouseButtonRelease:
            self.arrangement.release()
        return done

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Move the keyboard focus, past the panels that are behind another one and past bars without tabs."""
        unseen: list[QWidget] = [panel for panel in self.panels.values() if not is_in_front(panel)]
        unseen += [bar for bar in self._tab_bars() if not bar.count()]
        moved, passed = super().focusNextPrevChild(forward), list[QWidget | None]()
        while moved and any(map(self._is_focused, unseen)) and self.focusWidget() not in passed:  # not once more around
            passed.append(self.focusWidget())
            moved = super().focusNextPrevChild(forward)
        return moved

    def _tab_bars(self) -> list[QTabBar]:
        """Return the bars that Qt makes when panels share a place; it keeps unused ones, without tabs."""
        return self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def createPopupMenu(self) -> QMenu:
        """Return the menu of a right click on a heading: the panels, as in View > Panels."""
        menu = QMenu(self)
        self._fill_panel_menu(menu)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        side = OUTER if event.size().width() >= ROOMY else 0
        self.setContentsMargins(side, 0, side, side * 2 // 3)
        super().resizeEvent(event)
        self.fit_docks()
        QTimer.singleShot(0, self, self.fit_docks)  # once controls are wrapped that have less room

    def fit_docks(self) -> None:
        """Give the docks their sizes for the size of the window; height that the step card has taken is given back."""
        if self._floats_placed and self.center.isVisible():
            self.arrangement.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Continue the ground of the toolbar to the sides of the window."""
        painter = QPainter(self)
        palette, bar = self._theme.palette, self.toolbar
        if not bar.isHidden():
            painter.fillRect(0, bar.y(), self.width(), bar.height(), QColor(palette.card))
            painter.fillRect(0, bar.geometry().bottom(), self.width(), 1, QColor(palette.border))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self._is_outdated and self.isActiveWindow():
            self._update_views()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # the stage may be on another screen: what is pointed at here must be of this session
        is_gesture = self._is_outdated and event.type() in _GESTURES
        if is_gesture and isinstance(watched, QWidget) and watched.window() is self:
            # not now: Qt is about to give the event to a widget that an update may replace; it is not wanted either
            QTimer.singleShot(0, self, self._update_outdated)
            return True
        return False

    def _update_outdated(self) -> None:
        if self._is_outdated:
            self._update_views()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.is_start_shown:
            self._giving_way.end()
        shown = self._layout_behind if self.is_start_shown else self.saveState()
        layout = self._layout_beside if self.is_alone else shown
        self._settings.save_window(self.saveGeometry(), layout)
        self.closing.emit()
        super().closeEvent(event)


def _place(session: Session) -> str:
    """Return the session's position in its pass, for the title of the window."""
    done, steps = session.trace.count(session.grain, session.position), session.trace.length(session.grain)
    return f"step {done} of {steps}" if session.position else f"{steps} steps ahead"
