"""The runs of the loss plot: the settings of each, and those kept besides the present one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.lesson import Lesson
from nnviz.present.runs.curve import Epochs, LossRun, cut_run, empty_run, extend_held, extend_rates, extend_run

MOST_RUNS = 8
LONGEST_NAME = 60
HeldOut = tuple[Epochs, FloatArray, FloatArray]  # epochs, and after them losses and accuracies of what is held out


@dataclass(frozen=True)
class Recipe:
    """The settings of a run; fields that a saved run does not contain are None.

    `start` is equal for runs from the same initial weights, also in files. `changes` are later settings with the epochs
    at which they began. `edits` are the names of the learner's edits of weights and data.
    """

    lesson: str
    _: KW_ONLY
    settings: TrainingSettings | None = None
    convention: Convention | None = None
    seed: int | None = None
    start: int | None = None
    changes: tuple[tuple[int, TrainingSettings], ...] = ()
    edits: tuple[str, ...] = ()

    @property
    def last_settings(self) -> TrainingSettings | None:
        """The settings with which it was last trained."""
        return self.changes[-1][1] if self.changes else self.settings


@dataclass(frozen=True, eq=False)
class Problem:
    """The loss function and the examples that runs must share for their losses to be compared."""

    loss: str
    dataset: Dataset


@dataclass(frozen=True, eq=False, kw_only=True)
class PlottedRun:
    """A run of the plot; runs of the same problem share one `problem`.

    `slot` picks its colour and dashes; `given` is the user's name for it, or empty. Runs are ordered by their numbers.
    If there are too many, a run with a user's name is dropped last.
    """

    number: int
    curve: LossRun
    recipe: Recipe
    problem: Problem
    slot: int = 0
    given: str = ""
    shown: bool = True


@dataclass(frozen=True, eq=False)
class RunBook:
    """The present run and earlier ones, at most MOST_RUNS together."""

    present: PlottedRun
    kept: tuple[PlottedRun, ...] = ()

    @property
    def runs(self) -> tuple[PlottedRun, ...]:
        """All runs, the present one first."""
        return (self.present, *self.kept)


@dataclass(frozen=True)
class PlotRuns:
    """All runs of the plot, and the numbers of the other branches with their runs."""

    book: RunBook
    of_branches: tuple[tuple[int, int], ...] = ()


def recipe_of(lesson: Lesson, settings: TrainingSettings, convention: Convention | None = None) -> Recipe:
    """Return the recipe of a run of a lesson with some settings, under its own convention or another."""
    seed = None if lesson.initializer is None else lesson.initializer.seed
    return Recipe(
        lesson.name,
        settings=settings,
        convention=convention or lesson.convention,
        seed=seed,
        start=lesson.network.parameters.checksum,
    )


def problem_of(lesson: Lesson, loss: str = "") -> Problem:
    """Return the problem of a lesson's runs, with its own loss or another."""
    return Problem(loss or lesson.network.architecture.loss, lesson.dataset)


def same_problem(one: Problem, other: Problem) -> bool:
    """Return whether losses can be compared."""
    if one.loss != other.loss or one.dataset is other.dataset:
        return one.loss == other.loss
    return all(
        np.array_equal(getattr(one.dataset, name), getattr(other.dataset, name)) for name in ("inputs", "targets")
    )


def open_book(lesson: Lesson, settings: TrainingSettings) -> RunBook:
    """Return a book with an empty present run."""
    return RunBook(
        PlottedRun(number=1, curve=empty_run(""), recipe=recipe_of(lesson, settings), problem=problem_of(lesson))
    )


def begin_run(book: RunBook, recipe: Recipe, problem: Problem, upto: int = 0) -> RunBook:
    """Keep the present run if it has any epochs, and begin another, with the present curve up to an epoch."""
    before = book.present
    problem = next((run.problem for run in book.runs if same_problem(run.problem, problem)), problem)
    kept = _bounded((before, *book.kept) if len(before.curve.epochs) else book.kept, problem, MOST_RUNS - 1)
    curve = cut_run(before.curve, upto) if upto else empty_run("")
    if upto:
        recipe = replace(branched(before.recipe, recipe.settings, upto), edits=recipe.edits)
    return RunBook(
        PlottedRun(number=_next_number(book), curve=curve, recipe=recipe, problem=problem, slot=_free_slot(kept)), kept
    )


def continue_run(book: RunBook, recipe: Recipe, epoch: int) -> RunBook:
    """Continue the present run after an epoch with a recipe; different settings become one of its changes."""
    present = book.present
    if not len(present.curve.epochs):
        return replace(book, present=replace(present, recipe=recipe))
    if recipe.settings is None or recipe.settings == present.recipe.last_settings:
        return book
    changes = (*present.recipe.changes, (epoch, recipe.settings))
    return replace(book, present=replace(present, recipe=replace(present.recipe, changes=changes)))


def branched(recipe: Recipe, settings: TrainingSettings | None, epoch: int) -> Recipe:
    """Return the recipe of a run that branched off another after an epoch, with settings that may be the same."""
    followed = replace(recipe, changes=tuple(change for change in recipe.changes if change[0] < epoch))
    if settings is None or settings == followed.last_settings:
        return followed
    return replace(followed, changes=(*followed.changes, (epoch, settings)))


def resume_run(book: RunBook, number: int) -> RunBook | None:
    """Make a kept run the present one and keep the present one; return None if the run is not in the book."""
    found = next((run for run in book.runs if run.number == number), None)
    if found is None:
        return None
    others = tuple(run for run in book.runs if run is not found and (len(run.curve.epochs) or run is not book.present))
    return RunBook(found, others)


def add_run(book: RunBook, run: LossRun, recipe: Recipe, name: str) -> RunBook:
    """Add a run that was made elsewhere, as one of the present problem."""
    kept = _bounded(book.kept, book.present.problem, MOST_RUNS - 2)
    slot = _free_slot((book.present, *kept))
    added = PlottedRun(
        number=_next_number(book),
        curve=run,
        recipe=recipe,
        problem=book.present.problem,
        slot=slot,
        given=_clean(name),
    )
    return RunBook(book.present, (added, *kept))


def grow_run(
    book: RunBook, epochs: Epochs, losses: FloatArray, rated: Epochs, rates: FloatArray, held: HeldOut | None = None
) -> RunBook:
    """Add later epochs to the present run; drop a kept run that it has now repeated to the last bit."""
    curve = extend_rates(extend_run(book.present.curve, epochs, losses), rated, rates)
    present = replace(book.present, curve=curve if held is None else extend_held(curve, *held))
    kept = tuple(run for run in book.kept if run.given or not _repeats(present, run))
    return RunBook(present, kept)


def change_run(book: RunBook, number: int, **changes: object) -> RunBook:
    """Change fields (`given`, `shown`) of one of the runs."""
    if "given" in changes:
        changes["given"] = _clean(str(changes["given"]))
    present, *kept = (
        replace(run, **changes) if run.number == number else run  # type: ignore[arg-type]  # names as above
        for run in book.runs
    )
    return RunBook(present, tuple(kept))


def remove_run(book: RunBook, number: int) -> RunBook:
    """Remove a kept run."""
    return replace(book, kept=tuple(run for run in book.kept if run.number != number))


def clear_runs(book: RunBook) -> RunBook:
    """Remove all runs but the present one."""
    return RunBook(book.present)


def shown_runs(book: RunBook) -> tuple[PlottedRun, ...]:
    """Return the runs whose losses can be compared with the present one's, which is first."""
    return tuple(run for run in book.runs if run.problem is book.present.problem)


def _repeats(present: PlottedRun, old: PlottedRun) -> bool:
    """Return whether the present run repeats an old one: the same recipe and length, and losses equal bit for bit."""
    if old.recipe != present.recipe or old.curve.last_epoch > present.curve.last_epoch:
        return False
    if old.problem is not present.problem:
        return False
    _, mine, its = np.intersect1d(present.curve.epochs, old.curve.epochs, assume_unique=True, return_indices=True)
    return np.array_equal(present.curve.losses[mine], old.curve.losses[its], equal_nan=True)


def _bounded(kept: Sequence[PlottedRun], problem: Problem, most: int) -> tuple[PlottedRun, ...]:
    """Return at most `most` runs: drop those not on the plot first, then the oldest unnamed, then the oldest."""

    def worth(run: PlottedRun) -> tuple[bool, bool, int]:
        return (bool(run.given), run.problem is problem, run.number)

    left = list(kept)
    while len(left) > most:
        left.remove(min(left, key=worth))
    return tuple(left)


def _free_slot(kept: Sequence[PlottedRun]) -> int:
    taken = {run.slot for run in kept}
    return next(slot for slot in range(len(kept) + 1) if slot not in taken)


def _next_number(book: RunBook) -> int:
    return 1 + max(run.number for run in book.runs)


def _clean(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME]
