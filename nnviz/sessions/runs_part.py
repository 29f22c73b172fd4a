"""The part `runs` of a session file: the runs of the loss plot with their names, curves and settings.

Curves are thinned, as for the plot. A run is left out if its examples are not those of the lesson, as given or as
edited by the user: it is not on the plot. A recipe may belong to another lesson with the same examples.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from nnviz.debugger.branches import MOST_BRANCHES
from nnviz.debugger.edits import data_edits_between
from nnviz.engine.losses import LOSSES
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.reseed import LARGEST_SEED
from nnviz.present.runs.curve import NO_POINTS, LossRun, Points, empty_run, thin_curve
from nnviz.present.runs.replayed import replayed_run
from nnviz.present.runs.run_book import LONGEST_NAME, MOST_RUNS, PlotRuns, PlottedRun, Problem, Recipe, RunBook
from nnviz.present.runs.run_names import drawn_runs
from nnviz.sessions.edit_fields import data_edits_from, edit_data, with_data_edits
from nnviz.sessions.fields import MOST_UPDATES, Field, number_data
from nnviz.sessions.run_fields import convention_data, convention_from, training_data, training_from
from nnviz.sessions.session_fields import Saved

NAME = "runs"
MOST_POINTS = 500  # of a curve
MOST_EDITED = 1000  # numbers of the data
MOST_CHANGES = 200  # of a recipe
LONGEST = 200  # characters of a lesson's name, or of an edit's
_RECIPE = ("lesson", "training", "convention", "seed", "start", "changes", "edits")
_CURVE = ("epochs", "losses", "rated", "rates")
_HELD_OUT = ("held_losses", "held_rates")  # only of runs with examples held out


def runs_data(saved: Saved) -> dict[str, Any] | None:
    """Return the runs on the lesson's examples; None if nothing was trained."""
    plot = saved.parts.get(NAME)
    if not isinstance(plot, PlotRuns):
        return None
    problems: list[Problem] = []
    problem_data: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    for run in plot.book.runs:
        if run.problem not in problems:
            data = _problem_data(run.problem, saved.session.own_lesson)
            if data is None:
                continue
            problems.append(run.problem)
            problem_data.append(data)
        runs.append(_run_data(run, problems.index(run.problem)))
    if not runs or runs[0]["number"] != plot.book.present.number or not any(run["epochs"] for run in runs):
        return None
    branches = [[branch, run] for branch, run in plot.of_branches if any(held["number"] == run for held in runs)]
    return {"problems": problem_data, "branches": branches, "lines": runs}


def _problem_data(problem: Problem, own: Lesson) -> dict[str, Any] | None:
    """Return a loss and the edited numbers of the examples; None for examples other than the lesson's."""
    data = own.dataset
    if (problem.dataset.inputs.shape, problem.dataset.targets.shape) != (data.inputs.shape, data.targets.shape):
        return None
    edits = () if problem.dataset is data else data_edits_between(data, problem.dataset)
    if len(edits) > MOST_EDITED:
        return None
    return {"loss": problem.loss, "edits": [edit_data(edit) for edit in edits]}


def _run_data(run: PlottedRun, problem: int) -> dict[str, Any]:
    recipe, curve = run.recipe, run.curve
    epochs, losses = thin_curve(curve.epochs, curve.losses, MOST_POINTS)
    rated, rates = thin_curve(curve.rated, curve.rates, MOST_POINTS)
    return {
        "number": run.number,
        "problem": problem,
        "slot": run.slot,
        "name": _printable(run.given, LONGEST_NAME),
        "shown": run.shown,
        "lesson": _printable(recipe.lesson, LONGEST),
        "training": None if recipe.settings is None else training_data(recipe.settings),
        "convention": None if recipe.convention is None else convention_data(recipe.convention),
        "seed": recipe.seed,
        "start": recipe.start,
        "changes": [
            {"epoch": epoch, "training": training_data(settings)} for epoch, settings in recipe.changes[-MOST_CHANGES:]
        ],
        "edits": [_printable(name, LONGEST) for name in recipe.edits[:MOST_EDITED]],
        "epochs": epochs.tolist(),
        "losses": list(map(number_data, losses.tolist())),
        "rated": rated.tolist(),
        "rates": list(map(number_data, rates.tolist())),
        **{name: _points_data(getattr(curve, name)) for name in _HELD_OUT if len(getattr(curve, name)[0])},
    }


def _points_data(points: Points) -> dict[str, Any]:
    epochs, values = thin_curve(*points, MOST_POINTS)
    return {"epochs": epochs.tolist(), "values": list(map(number_data, values.tolist()))}


def _printable(text: str, longest: int) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:longest]


def plotted_runs(saved: Saved) -> tuple[LossRun, ...]:
    """Return the shown runs of a session's plot, the present one first; without a plot, its replayed run if any."""
    plot = saved.parts.get(NAME)
    if isinstance(plot, PlotRuns):
        return tuple(run for run in drawn_runs(plot.book) if run.shown)
    run = replayed_run(saved.session)
    return () if run is None else (run,)


def runs_from(saved: Saved, field: Field) -> Saved:
    """Return the session with the runs of its plot. Raises SessionError."""
    table = field.table(("problems", "branches", "lines"))
    own = saved.session.own_lesson
    problems = [_problem_from(item, own) for item in table["problems"].items(MOST_RUNS, 1)]
    runs = [_run_from(item, problems) for item in table["lines"].items(MOST_RUNS, 1)]
    numbers = {run.number for run in runs}
    if len(numbers) < len(runs):
        table["lines"].refuse("two of them have the same number")
    branches = []
    for item in table["branches"].items(MOST_BRANCHES):
        branch, run = item.items(2, 2)
        if run.whole(1) not in numbers:
            run.refuse("is not the number of a run")
        branches.append((branch.whole(1), run.whole(1)))
    plot = PlotRuns(RunBook(runs[0], tuple(runs[1:])), tuple(branches))
    return replace(saved, parts={**saved.parts, NAME: plot})


def _problem_from(field: Field, own: Lesson) -> Problem:
    table = field.table(("loss", "edits"))
    edits = data_edits_from(table["edits"], own)
    return Problem(table["loss"].choice(tuple(LOSSES)), with_data_edits(own, edits).dataset)


def _run_from(field: Field, problems: list[Problem]) -> PlottedRun:
    table = field.table(("number", "problem", "slot", "name", "shown", *_RECIPE, *_CURVE), _HELD_OUT)
    epochs, losses = _points_from(table["epochs"], table["losses"])
    rated, rates = _points_from(table["rated"], table["rates"])
    curve: LossRun = replace(empty_run(""), epochs=epochs, losses=losses, rated=rated, rates=rates)
    held_losses, held_rates = (_held_out_from(table.get(name)) for name in _HELD_OUT)
    curve = replace(curve, held_losses=held_losses, held_rates=held_rates)
    return PlottedRun(
        number=table["number"].whole(1),
        curve=curve,
        recipe=_recipe_from(table),
        problem=problems[table["problem"].whole(0, len(problems) - 1)],
        slot=table["slot"].whole(0, MOST_RUNS - 1),
        given=_name_from(table["name"], LONGEST_NAME),
        shown=table["shown"].flag(),
    )


def _recipe_from(table: dict[str, Field]) -> Recipe:
    training, convention, seed, start = (table[name] for name in ("training", "convention", "seed", "start"))
    changes = [item.table(("epoch", "training")) for item in table["changes"].items(MOST_CHANGES)]
    return Recipe(
        _name_from(table["lesson"], LONGEST),
        settings=None if training.is_none() else training_from(training),
        convention=None if convention.is_none() else convention_from(convention, None),
        seed=None if seed.is_none() else seed.whole(0, LARGEST_SEED),
        start=None if start.is_none() else start.whole(),
        changes=tuple((change["epoch"].whole(), training_from(change["training"])) for change in changes),
        edits=tuple(_name_from(item, LONGEST) for item in table["edits"].items(MOST_EDITED)),
    )


def _name_from(field: Field, longest: int) -> str:
    if not field.text(longest).isprintable():
        field.refuse("is not a valid name")
    return field.text(longest)


def _held_out_from(field: Field | None) -> Points:
    if field is None:
        return NO_POINTS
    table = field.table(("epochs", "values"))
    return _points_from(table["epochs"], table["values"])


def _points_from(epochs: Field, values: Field) -> Points:
    """Read a curve with increasing epochs. Raises SessionError."""
    found = [item.whole(0, MOST_UPDATES) for item in epochs.items(MOST_POINTS)]
    numbers = [item.number() for item in values.items(len(found), len(found))]
    if any(later <= earlier for earlier, later in pairwise(found)):
        epochs.refuse("must be increasing")
    return np.array(found, dtype=np.int64), np.array(numbers, dtype=np.float64)
