"""Editing in the window: typing or dragging numbers in place, undo and redo, and branches."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from nnviz.debugger.branches import (
    MOST_BRANCHES,
    Branches,
    change_branch,
    close_branch,
    compare_with,
    open_branch,
    rename_branch,
    switch_branch,
)
from nnviz.debugger.commands import Move
from nnviz.debugger.edits import (
    apply_edit,
    count_differences,
    edit_range,
    read_number,
    reset_to_lesson,
    spot_of,
    value_at,
)
from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import Session
from nnviz.gui.control.edit_gestures import CanvasGestures, ValuesGestures
from nnviz.gui.control.player import Player
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.hover_box import hide_details
from nnviz.gui.kit.menus import ContextMenus
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow
from nnviz.gui.views.canvas.number_editor import NumberEditor
from nnviz.gui.views.canvas.zoom_view import ZoomView
from nnviz.present.text.numbers import marked
from nnviz.present.words.edit_text import (
    change_entry,
    edit_name,
    exact_spot_text,
    number_text,
    short_number_text,
    spot_name,
    spot_text,
)
from nnviz.tracing.steps import Quantity

NUDGE, DRAG = 0.1, 0.01  # change per key or notch of the wheel, and per pixel
FINE = 0.1  # factor with Shift
DIGITS = 12  # decimals kept when adjusting, so that rounding of binary fractions does not show


class Editing(QObject):
    """The gestures that edit, turned into changes of the store."""

    def __init__(
        self,
        store: Store,
        training: TrainingController,
        player: Player,
        window: MainWindow,
        theme: Theme,
        menus: ContextMenus,
    ) -> None:
        super().__init__(window)
        self._store, self._training, self._player, self._window = store, training, player, window
        self._menus = menus
        self._gestures: dict[ZoomView, CanvasGestures] = {}
        self._values = ValuesGestures(window.values, lambda: store.session, self)
        self.editor = NumberEditor(window)
        theme.follow(self.editor)
        self._actions: Actions | None = None
        self._spot: Spot | None = None
        self._key: object = None  # identifies changes that are undone together
        self._base = 0.0  # the value at the start of a drag
        self._busy = False
        self._connect()

    def adopt(self, actions: Actions) -> None:
        """Update the texts of these actions whenever the store changes."""
        self._actions = actions
        self._show()

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return the functions of the window's commands by their ids."""
        return {
            "undo": lambda: self._paused(self._store.undo),
            "redo": lambda: self._paused(self._store.redo),
            "edit": self.edit_selected,
            "reset_edits": lambda: self.change(reset_to_lesson, "restore the lesson's values"),
            "branch": lambda: self._paused(self._branch_here),
            "next_branch": self._next_branch,
            "close_branch": lambda: self._close(self._store.branches.current),
        }

    def change(self, move: Move, name: str) -> None:
        """Change the session so that the change can be undone; playback and training pause first."""
        self._paused(lambda: self._store.change(move, name))

    def change_in_branch(self, move: Move, name: str) -> None:
        """Make a change in a new branch of this name; playback and training pause first."""
        self._paused(lambda: self._change_in_branch(move, name))

    def _change_in_branch(self, move: Move, name: str) -> None:
        try:
            self._set(change_branch(open_branch(self._store.branches, name), move, name))
        except ValueError as error:
            self._show_message(str(error))

    def edit_selected(self) -> None:
        """Edit the selected number: of the values table if that has the focus, or else of the canvas."""
        chosen = self._values.selected() if self._window.values.hasFocus() else None
        if chosen is not None:
            self.open(*chosen, self._window.values.viewport())
            return
        canvas = self._window.shown_canvas()
        quantity = canvas.editable_of(self._store.session.selection)
        if quantity is None:
            what = "a neuron or an edge" if canvas is self._window.canvas else "a weight, bias, input or target"
            self._show_message(f"Click {what} first")
            return
        self.open(quantity, self._gestures[canvas].place(quantity), canvas.viewport())

    def open(self, quantity: Quantity, at: QPoint, owner: QWidget) -> None:
        """Open the editor over a number."""
        self._paused(lambda: self._open(quantity, at, owner))

    def _connect(self) -> None:
        values, bar, window = self._values, self._window.branch_bar, self._window
        card = window.card
        self._menus.add(card, lambda menu, at: self._offer(menu, card.quantity_under(at), at, card), first=True)
        values.offered.connect(lambda menu, quantity, at: self._offer(menu, quantity, at, window.values.viewport(), 1))
        self._watch_canvas(window.canvas)
        window.graph.when_built(self._watch_canvas)
        values.asked.connect(lambda quantity, at: self.open(quantity, at, window.values.viewport()))
        self.editor.accepted.connect(self._accept)
        self.editor.nudged.connect(self._nudge)
        self.editor.slid.connect(self._slide)
        self.editor.cancelled.connect(self._cancel)
        window.edit_note.reset_asked.connect(lambda: self.change(reset_to_lesson, "restore the lesson's values"))
        bar.chosen.connect(self._follow)
        bar.renamed.connect(lambda at, name: self._set(rename_branch(self._store.branches, at, name)))
        bar.closed.connect(self._close)
        bar.compared.connect(self._compare)
        for number in range(MOST_BRANCHES):
            shortcut = QShortcut(QKeySequence(f"Alt+{number + 1}"), window)
            shortcut.activated.connect(lambda at=number: self._follow(at))
        self._store.changed.connect(self._on_changed)

    def _watch_canvas(self, canvas: ZoomView) -> None:
        viewport = canvas.viewport()
        self._menus.add(
            viewport, lambda menu, at: self._offer(menu, _editable_at(canvas, at), at, viewport), first=True
        )
        gestures = self._gestures[canvas] = CanvasGestures(canvas, self)
        gestures.asked.connect(lambda quantity, at: self.open(quantity, at, canvas.viewport()))
        gestures.asked_by_key.connect(self.edit_selected)
        gestures.grasped.connect(lambda quantity: self._paused(lambda: self._grasp(quantity)))
        gestures.dragged.connect(self._drag)
        gestures.released.connect(self._release)
        gestures.cancelled.connect(self._cancel)

    def _paused(self, act: Callable[[], object]) -> None:
        self._player.pause()
        self._training.pause_then(act)

    def _offer(self, menu: QMenu, quantity: Quantity | None, at: QPoint, owner: QWidget, above: int = 0) -> None:
        """Add the entry that changes a number to a menu, below the first `above`, if it is one that can be edited."""
        spot = spot_of(self._store.session, quantity)
        if spot is None or quantity is None:
            return
        entry = QAction(f"{change_entry(self._store.session, spot)}\tDouble-click", menu)
        entry.triggered.connect(lambda: self.open(quantity, at, owner))
        entries = menu.actions()[above:]
        if entries:
            menu.insertAction(entries[0], entry)
        else:
            menu.addAction(entry)

    def _open(self, quantity: Quantity, at: QPoint, owner: QWidget) -> None:
        if self._take(quantity):
            assert self._spot is not None
            session, spot = self._store.session, self._spot
            hide_details(owner)
            self.editor.set_range(*edit_range(session, spot), self._base)
            self.editor.show_exact(exact_spot_text(session, spot))
            self.editor.open(owner, at, spot_name(session, spot), spot_text(session, spot))
        elif absent := absent_text(self._store.session.record.architecture, quantity):
            self._show_message(absent)

    def _take(self, quantity: Quantity) -> bool:
        self._spot, self._key = spot_of(self._store.session, quantity), object()
        if self._spot is not None:
            self._base = value_at(self._store.session, self._spot)
        return self._spot is not None

    def _try(self, value: float) -> str:
        """Apply a number at once; return what is wrong with it, or "" if nothing is."""
        spot = self._spot
        if spot is None:
            return ""
        name = edit_name(self._store.session, spot, value)
        self._busy = True
        try:
            self._store.change(lambda session: apply_edit(session, spot, value), name, self._key, branches_off=True)
        except ValueError as error:  # an EditError, or no room for a branch
            return str(error)
        finally:
            self._busy = False
        return ""

    def _accept(self, text: str) -> None:
        try:
            problem = self._try(read_number(text)) if self._spot is None or text != self._shown() else ""
        except ValueError as error:
            problem = str(error)
        if problem:
            self.editor.show_problem(problem)
        else:
            self._close_editor()

    def _nudge(self, steps: int, fine: bool) -> None:
        text = self.editor.field.text()
        try:
            start = self._exact() if self._spot is not None and text == self._shown() else read_number(text)
        except ValueError as error:
            self.editor.show_problem(str(error))
            return
        value = round(start + steps * NUDGE * (FINE if fine else 1.0), DIGITS)
        problem = self._try(value)
        if problem:
            self.editor.show_problem(problem)
        else:
            self._show_value(value)

    def _slide(self, value: float) -> None:
        """Apply a number of the slider at once; all of one visit to the editor are undone together."""
        problem = self._try(value)
        if problem:
            self.editor.show_problem(problem)
        else:
            self.editor.show_problem("")
            self.editor.show_text(marked(short_number_text(value)))
            self.editor.show_exact("")

    def _show_value(self, value: float) -> None:
        self.editor.show_text(marked(short_number_text(value)))
        exact = "" if short_number_text(value) == number_text(value) else number_text(value)
        self.editor.show_exact(marked(exact))
        self.editor.show_value(value)

    def _cancel(self) -> None:
        self._close_editor()
        self._store.cancel(self._key)
        self._release()

    def _close_editor(self) -> None:
        shown = self.editor.isVisible()
        self.editor.hide()
        if shown:
            self._window.shown_canvas().setFocus()

    def _exact(self) -> float:
        assert self._spot is not None
        return value_at(self._store.session, self._spot)

    def _shown(self) -> str:
        return "" if self._spot is None else spot_text(self._store.session, self._spot)

    def _grasp(self, quantity: Quantity) -> None:
        self.editor.hide()
        self._take(quantity)

    def _drag(self, pixels: int, fine: bool) -> None:
        problem = self._try(round(self._base + pixels * DRAG * (FINE if fine else 1.0), DIGITS))
        if problem:
            self._show_message(problem)

    def _show_message(self, words: str) -> None:
        """Show a short message over the canvas."""
        view = self._window.shown_canvas().viewport()
        QToolTip.showText(view.mapToGlobal(view.rect().center()), words, view)

    def _release(self) -> None:
        self._spot, self._key = None, None

    def _set(self, branches: Branches) -> None:
        self._store.set_branches(branches)

    def _branch_here(self) -> None:
        try:
            self._set(open_branch(self._store.branches))
        except ValueError as error:
            self._show_message(str(error))

    def _follow(self, at: int) -> None:
        if at < len(self._store.branches.all) and at != self._store.branches.current:
            self._paused(lambda: self._set(switch_branch(self._store.branches, at)))

    def _next_branch(self) -> None:
        branches = self._store.branches
        self._follow((branches.current + 1) % len(branches.all))

    def _close(self, at: int) -> None:
        self._paused(lambda: self._set(close_branch(self._store.branches, at)))

    def _compare(self, at: int) -> None:
        other = self._store.branches.all[at].session
        self._store.apply(lambda session: compare_with(session, other))

    def _on_changed(self, session: Session) -> None:
        if not self._busy and self.editor.isVisible():
            self.editor.hide()
        self._show()

    def _show(self) -> None:
        session, branches = self._store.session, self._store.branches
        self._window.edit_note.render_session(session)
        self._window.branch_bar.show_branches(branches)
        if self._actions is None:
            return
        for command, word, entries in (
            ("undo", "Undo", branches.here.history.done),
            ("redo", "Redo", branches.here.history.undone),
        ):
            self._actions[command].setText(f"&{word}: {marked(entries[-1].name)}" if entries else f"&{word}")
            self._actions[command].setEnabled(bool(entries))
        self._actions["reset_edits"].setEnabled(count_differences(session))
        for command in ("next_branch", "close_branch"):
            self._actions[command].setEnabled(len(branches.all) > 1)


def _editable_at(canvas: ZoomView, at: QPoint) -> Quantity | None:
    """Return the editable number under a point of a canvas's viewport."""
    place = canvas.mapToScene(at)
    return canvas.editable_at(place.x(), place.y())
