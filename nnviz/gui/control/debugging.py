"""Debugging in the window: moving through the run, run to here, breakpoints by keys and mouse, and the banner."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from nnviz.debugger.commands import Move
from nnviz.debugger.conditions.breakpoint_places import breakpoint_place, breakpoint_place_here
from nnviz.debugger.conditions.breakpoints import add_watch, toggle_breakpoint
from nnviz.debugger.state.breakpoint import AtLine, AtPhase, AtPosition, Breakpoint, Where
from nnviz.debugger.state.session import Session, leave_pass
from nnviz.debugger.timeline import (
    previous_epoch,
    previous_update,
    to_present,
    travel_to_update,
    update_of_epoch,
)
from nnviz.gui.control.player import Player
from nnviz.gui.control.run_mover import MakeMove, MoveSteps, RunMover
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.kit.menus import ContextMenus
from nnviz.gui.main_window import MainWindow
from nnviz.gui.views.canvas.zoom_view import ZoomView
from nnviz.present.runs.whereabouts import stop_text, stopped_text
from nnviz.present.values.values_table import ValueRow
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Phase, Quantity

if TYPE_CHECKING:
    from nnviz.debugger.conditions.continuing import Stop
    from nnviz.gui.views.panels.breakpoints_view import BreakpointsView

Places = tuple[Where, Where] | None  # where a breakpoint is set, and where "run to here" stops
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease)
_WATCHED = (Kind.Z, Kind.A, Kind.DELTA)  # of a neuron


class Debugging(QObject):
    """The keys, clicks and menus that move through the run and set breakpoints of the session."""

    def __init__(
        self,
        store: Store,
        player: Player,
        training: TrainingController,
        window: MainWindow,
        step: Callable[[Move], None],
    ) -> None:
        super().__init__(window)
        self._store, self._player, self._training, self._window = store, player, training, window
        self._step = step
        self.mover = RunMover(store, self)
        self.menus = ContextMenus(self)
        page = window.listing.widget()
        assert page is not None
        self._page = page
        self._places: dict[QObject, Callable[[QPoint], Places]] = {}
        self._watch_canvas(window.canvas)
        window.graph.when_built(self._watch_canvas)
        self._watch(page, self._of_line)
        self._watch(window.timeline, self._of_cell)
        self._connect()

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return the functions of the window's commands by their ids."""
        return {
            "run": lambda: self.go(_run),
            "run_back": lambda: self.go(partial(_run, forward=False)),
            "next_update": lambda: self.go(lambda s, stop: _to_update(s, s.checkpoint.update + 1, stop)),
            "previous_update": lambda: self._step(previous_update),
            "next_epoch": lambda: self.go(lambda s, stop: _to_epoch(s, s.checkpoint.epoch + 1, stop)),
            "previous_epoch": lambda: self._step(previous_epoch),
            "to_update": lambda: self._ask("update"),
            "to_epoch": lambda: self._ask("epoch"),
            "break_here": self.toggle_here,
        }

    def go(self, make: MakeMove) -> None:
        """Start a move through the run that may be long, once training has paused."""
        self._player.pause()
        self._training.pause_then(lambda: self.mover.go(make))

    def go_to_update(self, update: int) -> None:
        """Go to the pass after some updates; a later one is trained first."""
        self.go(lambda session, stop: _to_update(session, update, stop))

    def cancel(self) -> bool:
        """Cancel the current move through the run; return whether there was one."""
        return self.mover.cancel()

    def toggle_here(self) -> None:
        """Set or clear a breakpoint at the selection, or at the step if nothing is selected."""
        where = breakpoint_place_here(self._store.session)
        if where is not None:
            self.toggle(where)

    def toggle(self, where: Where) -> None:
        """Set or clear a breakpoint."""
        self._store.apply(lambda session: toggle_breakpoint(session, where))

    def run_to(self, where: Where) -> None:
        """Run to the next step at a place."""
        from nnviz.debugger.conditions.continuing import run_to  # imported late to keep the start fast

        self.go(lambda session, stop: run_to(session, where, stop))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent) or event.type() not in _PRESSES or watched not in self._places:
            return False
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        at, is_press = event.position().toPoint(), event.type() == QEvent.Type.MouseButtonPress
        if event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            places = self._places[watched](at) if is_press else None
            if places is not None:
                self.run_to(places[1])
            return True
        gutter = watched is self._page and self._window.listing.is_gutter(at)
        twice = watched is self._window.timeline and event.type() == QEvent.Type.MouseButtonDblClick
        if not event.modifiers() and (twice or (gutter and is_press)):
            places = self._places[watched](at)
            if places is not None:
                self.toggle(places[0])
            return True
        return gutter

    def fill_row_menu(self, menu: QMenu, row: ValueRow) -> None:
        """Add the entry that watches a quantity of the Values panel."""
        self._offer_watches(menu, (row.quantity,))

    def _watch(self, widget: QWidget, places: Callable[[QPoint], Places]) -> None:
        """Turn gestures on a widget into breakpoints and moves; `places` returns their places under a point."""
        self._places[widget] = places
        self.menus.add(widget, partial(self._fill, widget))
        widget.installEventFilter(self)

    def _watch_canvas(self, canvas: ZoomView) -> None:
        self._watch(canvas.viewport(), lambda at: self._of(_on(canvas, at)))

    def _connect(self) -> None:
        window, banner = self._window, self._window.banner
        self.mover.progressed.connect(banner.show_progress)
        self.mover.arrived.connect(self._show_stop)
        self._training.halted.connect(self._show_breakpoint)
        self._player.stopped.connect(self._show_breakpoint)
        banner.cancel_asked.connect(self.cancel)
        banner.present_asked.connect(lambda: self._step(to_present))
        window.breakpoints.when_built(self._connect_breakpoints)
        window.values_page.watches.move_asked.connect(self._store.apply)
        window.values.row_menu_asked.connect(self.fill_row_menu)
        self._training.state_changed.connect(lambda state: window.values_page.watches.set_live(state == "running"))

    def _connect_breakpoints(self, view: BreakpointsView) -> None:
        view.move_asked.connect(self._store.apply)

    def _show_stop(self, stop: Stop | None) -> None:
        if stop is not None:
            session = self._store.session
            self._window.banner.show_stop(session, stop_text(session, stop))

    def _show_breakpoint(self, breakpoint: Breakpoint) -> None:
        self._window.banner.show_stop(self._store.session, stopped_text(breakpoint))

    def _ask(self, what: str) -> None:
        self._player.pause()
        self._training.pause_then_ask(lambda: self._open_dialog(what))

    def _open_dialog(self, what: str) -> None:
        from nnviz.gui.dialogs.go_to_dialog import GoToDialog  # imported late to keep the start fast

        session = leave_pass(self._store.session)
        here, run = session.checkpoint, session.run
        if what == "update":
            dialog = GoToDialog(what, run.first, here.update, run.end, self._window)
        else:
            last = max(here.epoch, run.last_segment.marks[-1].epoch)
            dialog = GoToDialog(what, run.segments[0].start.epoch, here.epoch, last, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            number, to = dialog.number, _to_update if what == "update" else _to_epoch
            self.go(lambda session, stop: to(session, number, stop))

    def _fill(self, widget: QWidget, menu: QMenu, at: QPoint) -> None:
        session, places = self._store.session, self._places[widget](at)
        if places is None:
            return
        where, bound = places
        menu.addAction("Run to here\tShift+Click").triggered.connect(lambda: self.run_to(bound))
        there = any(b.where == where and b.condition is None for b in session.breakpoints)
        words = "Clear breakpoint" if there else "Set breakpoint"
        menu.addAction(words).triggered.connect(lambda: self.toggle(where))
        if widget is self._window.timeline and (cell := self._window.timeline.cell_under(at)):
            phase = Phase(cell.phase)
            words = f"Toggle breakpoint at the start of the {phase.value} phase"
            menu.addAction(words).triggered.connect(lambda: self.toggle(AtPhase(phase)))
        quantities = self._quantities(widget, at)
        if quantities:
            menu.addSeparator()
            self._offer_watches(menu, quantities)

    def _offer_watches(self, menu: QMenu, quantities: tuple[Quantity, ...]) -> None:
        from nnviz.present.core.expression_text import expression_text  # imported late to keep the start fast

        texts = dict.fromkeys(expression_text(self._store.session, quantity) for quantity in quantities)
        for text in filter(None, texts):
            action = menu.addAction(f"Watch {text}")
            action.triggered.connect(lambda checked=False, text=text: self._store.apply(lambda s: add_watch(s, text)))

    def _quantities(self, widget: QWidget, at: QPoint) -> tuple[Quantity, ...]:
        """Return the quantities of a neuron, edge or step that can be watched."""
        window = self._window
        if widget is window.timeline:
            step = self._step_at(at)
            return () if step is None else (step,)
        if widget is self._page:
            return ()
        found = _on(window.shown_canvas(), at)
        if found is None:
            return ()
        if widget is window.canvas.viewport() and found.kind is Kind.A:
            return tuple(Quantity(kind, found.layer, found.unit, None, found.time) for kind in _WATCHED)
        if found.kind in PARAMETER_OF and found.source is not None:
            of = PARAMETER_OF[found.kind]
            return tuple(Quantity(kind, found.layer, found.unit, found.source) for kind in (of.value, of.gradient))
        return (found,)

    def _of(self, quantity: Quantity | None) -> Places:
        where = None if quantity is None else breakpoint_place(self._store.session, quantity, whole=True)
        return None if where is None else (where, where)

    def _of_line(self, at: QPoint) -> Places:
        groups = self._window.listing.groups_under(at)
        if not groups:
            return None
        group = self._store.session.trace.groups[groups[0]]
        where = AtLine(group.kind, group.layer, group.time)
        return where, where

    def _of_cell(self, at: QPoint) -> Places:
        cell, quantity = self._window.timeline.cell_under(at), self._step_at(at)
        where = None if quantity is None else breakpoint_place(self._store.session, quantity)
        return None if cell is None or where is None else (where, AtPosition(cell.end))

    def _step_at(self, at: QPoint) -> Quantity | None:
        """Return the quantity of the timeline's step at a point; for a term, the number that it is part of."""
        session, cell = self._store.session, self._window.timeline.cell_under(at)
        if cell is None:
            return None
        grain = min(session.grain, Grain.NEURON)
        return session.trace.enclosing(grain, cell.end).quantity


def _on(canvas: ZoomView, at: QPoint) -> Quantity | None:
    """Return the quantity under a point of a canvas's viewport."""
    place = canvas.mapToScene(at)
    return canvas.quantity_at(place.x(), place.y())


def _run(session: Session, should_stop: Callable[[], bool], forward: bool = True) -> MoveSteps:
    from nnviz.debugger.conditions.continuing import run_in_slices  # imported late to keep the start fast

    return (yield from run_in_slices(session, forward, should_stop))


def _to_update(session: Session, update: int, should_stop: Callable[[], bool]) -> MoveSteps:
    found = yield from travel_to_update(session, update, should_stop)
    return found, None


def _to_epoch(session: Session, epoch: int, should_stop: Callable[[], bool]) -> MoveSteps:
    return (yield from _to_update(session, update_of_epoch(session, epoch), should_stop))
