"""Asking why: the gestures on every view that select a number to explain and extend the session's trail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from nnviz.debugger.commands import Move, go_to
from nnviz.debugger.state.session import Session
from nnviz.debugger.state.trail import Direction
from nnviz.debugger.why import (
    end_trail,
    extend_trail,
    factors,
    go_back,
    go_back_to,
    numbers_beside,
    one_number,
    select_factor,
    set_direction,
    start_trail,
    start_trail_here,
)
from nnviz.gui.control.player import Player
from nnviz.gui.control.store import Store
from nnviz.gui.kit.menus import ContextMenus
from nnviz.gui.main_window import MainWindow
from nnviz.gui.views.canvas.zoom_view import ZoomView
from nnviz.present.core.voice import voice_of
from nnviz.present.words.why_text import listed_factors, menu_name, question
from nnviz.tracing.steps import PASS_KINDS, Grain, Quantity

Numbers = tuple[Quantity, ...]
Finder = Callable[[QPoint], Numbers]
MOST_OFFERED = 8  # numbers of one line of the listing
_ASKS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease)


class WhyGestures(QObject):
    """The gestures that ask: Ctrl or Alt with a click (with Shift: where the value is used), a menu, keys.

    While a question is open, a plain click on one of its factors follows it. The position in the pass does not change.
    """

    def __init__(
        self, store: Store, player: Player, window: MainWindow, step: Callable[[Move], None], menus: ContextMenus
    ) -> None:
        super().__init__(window)
        self._store, self._player, self._window, self._step = store, player, window, step
        self._menus = menus
        self._finders: dict[QObject, Finder] = {window.values.viewport(): window.values.numbers_under}
        window.values.viewport().installEventFilter(self)  # the view has its own menu
        page = window.listing.widget()
        assert page is not None
        self._watch_canvas(window.canvas)
        window.graph.when_built(self._watch_canvas)
        self._watch(window.card, lambda at: self._beside(window.card.quantity_under(at)))
        self._watch(window.timeline, lambda at: self._numbers_at(window.timeline.position_under(at)))
        self._watch(page, lambda at: self._numbers_of(next(iter(window.listing.groups_under(at)), None)))
        window.card.operand_asked.connect(self.ask)
        window.values.menu_asked.connect(self.fill_menu)
        self._connect()

    def ask(self, quantity: Quantity, direction: Direction = Direction.WHY) -> None:
        """Ask about a number; if it is one of the factors shown, follow it."""
        self._player.pause()
        if direction is Direction.WHY and one_number(self._session.trace, quantity) in factors(self._session):
            self._store.apply(lambda session: extend_trail(session, quantity))
        else:
            self._store.apply(lambda session: start_trail(session, quantity, direction))
        self._window.why.setFocus()  # the click has focused the view that was clicked

    def ask_here(self, direction: Direction) -> None:
        """Ask about the step or the selection; if a question is open, follow a factor or reverse the direction."""
        self._player.pause()
        trail = self._session.why
        if trail is None:
            self._store.apply(lambda session: start_trail_here(session, direction))
        elif trail.last.direction is not direction:
            self._store.apply(lambda session: set_direction(session, direction))
        elif listed := listed_factors(self._session):
            further = listed[min(trail.picked, len(listed) - 1)]
            self._store.apply(lambda session: extend_trail(session, further))

    def leave(self) -> bool:
        """Close the question; return whether one was open."""
        asked = self._session.why is not None
        self._store.apply(end_trail)
        return asked

    def fill_menu(self, menu: QMenu, numbers: Numbers) -> None:
        """Add entries that ask about these numbers to a view's menu, each question once."""
        if not numbers:
            return
        asked = {question(self._session, number, Direction.WHY): number for number in reversed(numbers)}
        numbers = tuple(number for number in numbers if number in asked.values())
        for number in numbers:
            action = menu.addAction(question(self._session, number, Direction.WHY))
            action.triggered.connect(lambda checked=False, number=number: self.ask(number))
        menu.addSeparator()
        fed = menu if len(numbers) == 1 else menu.addMenu("Where is this value used?")
        for number in numbers:
            words = question(self._session, number, Direction.FEEDS)
            action = fed.addAction(words if fed is menu else menu_name(voice_of(self._session), number))
            action.triggered.connect(lambda checked=False, number=number: self.ask(number, Direction.FEEDS))

    def _watch(self, widget: QWidget, finder: Finder) -> None:
        """Turn gestures on a widget into questions; `finder` returns the numbers under a point."""
        self._finders[widget] = finder
        widget.installEventFilter(self)
        self._menus.add(widget, partial(self._fill, finder))

    def _watch_canvas(self, canvas: ZoomView) -> None:
        self._watch(canvas.viewport(), lambda at: self._beside(canvas.number_under(at)))

    def _fill(self, finder: Finder, menu: QMenu, at: QPoint) -> None:
        self.fill_menu(menu, finder(at))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        finder = self._finders.get(watched)
        if finder is None:
            return False
        if isinstance(event, QMouseEvent) and event.type() in _PRESSES:
            return event.button() == Qt.MouseButton.LeftButton and self._pressed(finder, event)
        return False

    @property
    def _session(self) -> Session:
        return self._store.session

    def _pressed(self, finder: Finder, event: QMouseEvent) -> bool:
        """Handle a press, release or double click; return whether it was a question and has no other meaning.

        The question is asked on release, because a drag with Alt held changes a number.
        """
        held, at = event.modifiers(), event.position().toPoint()
        is_press = event.type() == QEvent.Type.MouseButtonPress
        if held & _ASKS:
            if event.type() == QEvent.Type.MouseButtonRelease and (numbers := finder(at)):
                shift = held & Qt.KeyboardModifier.ShiftModifier
                self.ask(numbers[0], Direction.FEEDS if shift else Direction.WHY)
            return True
        if self._session.why is None or not is_press or held:
            return False
        lit = set(factors(self._session))
        further = next((number for number in finder(at) if number in lit), None)
        if further is not None:
            self.ask(further)
        return further is not None

    def _beside(self, quantity: Quantity | None) -> Numbers:
        return () if quantity is None else numbers_beside(self._session.trace, quantity)

    def _numbers_at(self, position: int | None) -> Numbers:
        """Return the number of the step that ends at a position."""
        trace = self._session.trace
        step = None if position is None else trace.current(self._session.grain, position)
        if step is None or position is None:
            return ()
        if step.kind in PASS_KINDS.values():
            step = trace.enclosing(Grain.NEURON, position)
        return (one_number(trace, step.quantity),)

    def _numbers_of(self, group: int | None) -> Numbers:
        """Return the first numbers of a vector or matrix."""
        if group is None:
            return ()
        trace = self._session.trace
        whole = trace.step(Grain.LAYER, group)
        first = trace.count(Grain.NEURON, whole.start)
        last = min(first + MOST_OFFERED, trace.count(Grain.NEURON, whole.end))
        return tuple(trace.step(Grain.NEURON, index).quantity for index in range(first, last))

    def _connect(self) -> None:
        view, store = self._window.why, self._store
        view.follow_asked.connect(lambda quantity: store.apply(lambda session: extend_trail(session, quantity)))
        view.back_asked.connect(lambda index: store.apply(lambda session: go_back_to(session, index)))
        view.back_one_asked.connect(lambda: store.apply(go_back))
        view.picked.connect(lambda index: store.apply(lambda session: select_factor(session, index)))
        view.turned.connect(lambda direction: store.apply(lambda session: set_direction(session, direction)))
        view.position_asked.connect(lambda position: self._step(lambda session: go_to(session, position)))
        view.left.connect(self.leave)
