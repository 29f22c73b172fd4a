"""The runs of the loss plot: they grow while they are trained, and legend and menu change them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.state.session import Session
from nnviz.gui.views.training.loss_plot import LossPlot
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.run_book import (
    MOST_RUNS,
    Recipe,
    RunBook,
    add_run,
    begin_run,
    change_run,
    clear_runs,
    continue_run,
    grow_run,
    open_book,
    problem_of,
    recipe_of,
    remove_run,
    resume_run,
    same_problem,
)
from nnviz.present.runs.run_names import drawn_runs
from nnviz.present.text.numbers import decimal_mark
from nnviz.present.words.edit_text import edit_names

if TYPE_CHECKING:
    from nnviz.process.messages import Snapshot


def _recipe(session: Session) -> Recipe:
    """Return what a run that starts from a session is made with, without the sign and orientation of its notation."""
    own = session.lesson.convention
    convention = replace(session.convention, delta=own.delta, weights=own.weights)
    return replace(recipe_of(session.lesson, session.training, convention), edits=edit_names(session))


class RunKeeper(QObject):
    """Holds the book of runs. `changed` is emitted when the user has changed it, but not when training has."""

    changed = Signal()

    def __init__(self, session: Session, plot: LossPlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = open_book(session.lesson, session.training)
        self._drawn: tuple[RunBook, str, tuple[LossRun, ...]] | None = None  # curves, of what book and decimal mark
        legend = plot.legend
        for cleared in (plot.menu.cleared, legend.cleared):
            cleared.connect(lambda: self._change(clear_runs))
        legend.removed.connect(self.remove)
        legend.renamed.connect(lambda number, name: self.change(number, given=name))
        legend.shown_changed.connect(lambda number, shown: self.change(number, shown=shown))

    @property
    def runs(self) -> tuple[LossRun, ...]:
        """The curves on the plot: the present run, then the earlier ones."""
        if self._drawn is None or self._drawn[0] is not self._book or self._drawn[1] != decimal_mark():
            self._drawn = self._book, decimal_mark(), drawn_runs(self._book)
        return self._drawn[2]

    @property
    def present(self) -> LossRun:
        """The curve of the present run, without a name."""
        return self._book.present.curve

    def begin(self, session: Session, upto: int = 0) -> str:
        """Keep the present run and begin another, which shares its epochs up to `upto`.

        Return a message if the plot was full and runs were removed, else nothing.
        """
        before = {run.number: run.name for run in self.runs if len(run.epochs)}
        recipe = _recipe(session)
        self._book = begin_run(self._book, recipe, problem_of(session.lesson, session.loss), upto)
        held = {run.number for run in self._book.runs}
        gone = [f"“{name}”" for number, name in before.items() if number not in held]
        return f"The plot holds at most {MOST_RUNS} runs. Removed: {', '.join(gone)}." if gone else ""

    @property
    def book(self) -> RunBook:
        """All runs."""
        return self._book

    def take(self, book: RunBook) -> None:
        """Replace all runs with those of a saved session."""
        self._book = book

    @property
    def number(self) -> int:
        """The number of the present run."""
        return self._book.present.number

    def name_present(self, name: str) -> None:
        """Give the present run a name, unless it has one."""
        if not self._book.present.given:
            self._book = change_run(self._book, self.number, given=name)

    def resume(self, number: int) -> bool:
        """Make an earlier run the present one again; return whether there is one of this number."""
        book = resume_run(self._book, number)
        self._book, found = book or self._book, book is not None
        return found

    def resume_on(self, session: Session, of_branches: Collection[int]) -> bool:
        """Make the newest run on the session's examples the present one again, if it has reached the session's epoch.

        This happens when the user goes back to a pass before an edit of data. Runs of other branches stay as they are.
        """
        problem, epoch = problem_of(session.lesson, session.loss), max(1, session.checkpoint.epoch)
        own = (run for run in self._book.kept if run.number not in of_branches and run.curve.last_epoch >= epoch)
        found = [run.number for run in own if same_problem(run.problem, problem)]
        return bool(found) and self.resume(max(found))

    def go_on(self, session: Session) -> None:
        """Continue the present run from the session's checkpoint, with its settings."""
        recipe = _recipe(session)
        self._book = continue_run(self._book, recipe, session.checkpoint.epoch)
        present = self._book.present
        self._book = replace(self._book, present=replace(present, recipe=replace(present.recipe, edits=recipe.edits)))

    def grow(self, snapshot: Snapshot) -> None:
        """Add the losses and accuracies of a snapshot to the present run."""
        held = snapshot.held_epochs, snapshot.held_losses, snapshot.held_accuracies
        self._book = grow_run(
            self._book, snapshot.epochs, snapshot.losses, snapshot.accuracy_epochs, snapshot.accuracies, held
        )

    def add(self, run: LossRun, recipe: Recipe, name: str) -> int:
        """Add a run that was made elsewhere to the plot; return its number."""
        self._change(lambda book: add_run(book, run, recipe, name))
        return max(run.number for run in self._book.runs)

    def change(self, number: int, **changes: object) -> None:
        """Change fields (`given`, `shown`) of a run, as the legend does."""
        self._change(lambda book: change_run(book, number, **changes))

    def remove(self, number: int) -> None:
        """Remove an earlier run."""
        self._change(lambda book: remove_run(book, number))

    def _change(self, change: Callable[[RunBook], RunBook]) -> None:
        self._book = change(self._book)
        self.changed.emit()
