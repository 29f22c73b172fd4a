"""Clicks in the views as moves of the store: to a place, an example, a selection, a convention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nnviz.debugger.commands import Move, go_to
from nnviz.debugger.diagnosis.nonfinite import go_to_nonfinite
from nnviz.debugger.state.session import choose_example, choose_notation, go_to_example
from nnviz.debugger.training.run_setup import setup_of
from nnviz.gui.control.debugging import Debugging
from nnviz.gui.control.editing import Editing
from nnviz.gui.control.store import Store
from nnviz.gui.main_window import MainWindow
from nnviz.gui.views.canvas.network_canvas import select
from nnviz.lessons.notation import load_notation
from nnviz.present.words.edit_text import change_name
from nnviz.tracing.steps import Grain, Quantity
from nnviz.tracing.values import has_quantity

if TYPE_CHECKING:
    from nnviz.debugger.diagnosis.remedies import Remedy
    from nnviz.debugger.state.found import Found
    from nnviz.gui.views.panels.conventions_view import ConventionsView
    from nnviz.gui.views.panels.gradient_view import GradientView
    from nnviz.gui.views.panels.health_view import HealthView
    from nnviz.gui.views.panels.lesson_view import LessonView


class ViewGestures:
    """Connects the views of a window with its store; `step` applies a move after playback and training have paused."""

    def __init__(
        self,
        store: Store,
        window: MainWindow,
        step: Callable[[Move], None],
        editing: Editing,
        debugging: Debugging,
    ) -> None:
        self._store, self._step, self._editing = store, step, editing
        window.canvas.selected.connect(self.select)
        window.graph.when_built(lambda view: view.selected.connect(self.select))
        window.finder.when_built(lambda view: view.found_chosen.connect(self._go_to_found))
        window.card.operand_clicked.connect(self.select)
        window.timeline.position_asked.connect(self._go_to)
        window.listing.line_clicked.connect(self._go_to_group)
        window.conventions.when_built(self._connect_conventions)
        window.lesson.when_built(self._connect_lesson)
        window.gradients.when_built(self._connect_gradients)
        window.health.when_built(self._connect_health)
        for panel in (window.layers, window.surface):
            panel.when_built(lambda view: view.update_asked.connect(debugging.go_to_update))
        for shown in (window.boundary, window.values):
            shown.example_clicked.connect(lambda example: step(lambda session: go_to_example(session, example)))
        toolbar = window.toolbar
        toolbar.example_chosen.connect(lambda example: step(lambda session: choose_example(session, example)))
        toolbar.grain_chosen.connect(lambda grain: store.apply(lambda session: replace(session, grain=grain)))
        toolbar.notation_chosen.connect(self._choose_notation)

    def select(self, quantity: Quantity | None) -> None:
        """Select a number, or nothing."""
        self._store.apply(lambda session: select(session, quantity))

    def _connect_conventions(self, view: ConventionsView) -> None:
        view.move_asked.connect(self._choose_convention)
        view.position_asked.connect(self._go_to)

    def _connect_lesson(self, view: LessonView) -> None:
        from nnviz.present.words.printed_places import go_to_place  # imported late to keep the start fast

        view.place_asked.connect(lambda place: self._step(lambda session: go_to_place(session, place)))

    def _connect_gradients(self, view: GradientView) -> None:
        view.parameter_chosen.connect(self._light_gradient)
        view.parameter_opened.connect(self._go_to_gradient)

    def _connect_health(self, view: HealthView) -> None:
        view.nonfinite_asked.connect(lambda: self._step(go_to_nonfinite))
        view.quantity_asked.connect(self._go_to_gradient)
        view.remedy_asked.connect(self._try_remedy)

    def _light_gradient(self, gradient: Quantity) -> None:
        from nnviz.present.words.gradient_check_text import selection_of  # imported late to keep the start fast

        selection = selection_of(gradient)
        if has_quantity(self._store.session.record, selection):
            self._store.apply(lambda session: replace(session, selection=selection))

    def _try_remedy(self, remedy: Remedy) -> None:
        """Make a change that the Health panel offers, in a new branch."""
        from nnviz.debugger.diagnosis.remedies import apply_remedy  # imported late to keep the start fast
        from nnviz.present.words.finding_text import branch_name

        self._editing.change_in_branch(lambda session: apply_remedy(session, remedy), branch_name(remedy))

    def _go_to(self, position: int) -> None:
        self._step(lambda session: go_to(session, position))

    def _go_to_group(self, index: int) -> None:
        self._step(lambda session: go_to(session, session.trace.step(Grain.LAYER, index).end))

    def _go_to_gradient(self, gradient: Quantity) -> None:
        self._step(lambda session: go_to(session, session.trace.find(gradient) or session.position))

    def _go_to_found(self, found: Found) -> None:
        from nnviz.debugger.finder.go_to_found import go_to_found  # imported late to keep the start fast

        self._step(lambda session: go_to_found(session, found))

    def _choose_convention(self, move: Move) -> None:
        """Change a convention; training pauses first if the choice affects how it computes."""
        session = self._store.session
        if setup_of(move(session)) == setup_of(session):
            self._store.change(move, change_name(session, move(session)))
        else:
            self._editing.change(move, change_name(session, move(session)))

    def _choose_notation(self, name: str) -> None:
        lesson = self._store.session.lesson
        notation = lesson.notation if name == lesson.notation.name else load_notation(name)
        self._store.apply(lambda session: choose_notation(session, notation))
