"""The names of runs, made from their differences, and the named curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import TrainingSettings
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.run_book import PlottedRun, Recipe, RunBook, shown_runs
from nnviz.present.text.numbers import marked, typed

OPTIMIZER_TITLES = {name: row.title for name, row in OPTIMIZER_TEXTS.items()}

_AFTER = {"example": "after each example", "batch": "batch"}


def drawn_runs(book: RunBook) -> tuple[LossRun, ...]:
    """Return the named curves of the plot, the present one first."""
    runs = shown_runs(book)
    return tuple(
        replace(
            run.curve,
            name=name,
            series=run.slot,
            faint=run is not book.present,
            number=run.number,
            examples=len(run.problem.dataset),
            shown=run.shown,
            made=marked(" · ".join(describe(run.recipe))),
        )
        for run, name in zip(runs, run_names(runs), strict=True)
    )


def run_names(runs: Sequence[PlottedRun]) -> tuple[str, ...]:
    """Return a name for each run: how it differs from the first one, which is named after its batch size.

    A name that the user gave is kept; a repeated name gets a count.
    """
    by_age = sorted(range(len(runs)), key=lambda i: runs[i].number)
    names = [""] * len(runs)
    for place, i in enumerate(by_age):
        own = _difference(runs[i].recipe, runs[by_age[0]].recipe) or [describe(runs[i].recipe)[0]]
        names[i] = runs[i].given or marked(", ".join([*own, *_changes(runs[i].recipe)]))
        again = sum(name.partition(" (")[0] == names[i] for name in (names[j] for j in by_age[:place]))
        if again and not runs[i].given:
            names[i] += f" ({again + 1})"
    return tuple(names)


def describe(recipe: Recipe) -> tuple[str, ...]:
    """Return everything known about how a run was made."""
    parts = [part(recipe) for part in (*_PARTS, *_CHOICES)]
    return (*(text for text in parts if text), recipe.lesson, *_changes(recipe))


def after_text(update_after: str | int) -> str:
    """Return after how many examples the weights change, in a few words."""
    return _AFTER.get(str(update_after), f"after {update_after} examples")


def _of_settings(write: Callable[[TrainingSettings], str]) -> Callable[[Recipe], str]:
    return lambda recipe: "" if recipe.settings is None else write(recipe.settings)


def _rate(settings: TrainingSettings) -> str:
    return f"rate {typed(settings.rates.learning_rate)}"


def _choice(name: str) -> Callable[[Recipe], str]:
    """Return a function that writes a convention of a recipe in the words of the lesson file."""

    def write(recipe: Recipe) -> str:
        value = "" if recipe.convention is None else getattr(recipe.convention, name)
        if name == "frozen":
            return f"{' '.join(value)} frozen" if value else "nothing frozen" if recipe.convention else ""
        return f"{name} {value}".replace("_", " ") if value else ""

    return write


def _constant(name: str) -> Callable[[TrainingSettings], str]:
    """Return a function that writes a constant in use if it differs from its default."""

    def write(settings: TrainingSettings) -> str:
        for constant in settings.constants:
            value = settings.constant(constant)
            if constant.name == name and value != constant.default:
                return f"{name.replace('_', ' ')} {typed(value)}"
        return ""

    return write


def _schedule(settings: TrainingSettings) -> str:
    schedule = settings.rate_schedule
    return "" if schedule.is_constant else f"{schedule.name} decay"


_CONSTANTS = dict.fromkeys(constant.name for row in OPTIMIZERS.values() for constant in row.all_constants)
# Properties in which runs can differ; the first one names a run without differences.
_SETTINGS: tuple[Callable[[TrainingSettings], str], ...] = (
    lambda settings: after_text(settings.update_after),
    lambda settings: OPTIMIZER_TITLES[settings.optimizer],
    _rate,
    *map(_constant, _CONSTANTS),
    _schedule,
    *map(_constant, ("decay", "decay_every")),
    lambda settings: settings.reduce,
    lambda settings: "shuffled" if settings.shuffle else "in order",
)
_PARTS: tuple[Callable[[Recipe], str], ...] = (
    *map(_of_settings, _SETTINGS),
    lambda recipe: "" if recipe.seed is None else f"seed {recipe.seed}",
    lambda recipe: ", ".join(recipe.edits),
)
_CHOICES = tuple(map(_choice, ("slope", "step", "update", "through_time", "frozen")))


def _difference(recipe: Recipe, base: Recipe) -> list[str]:
    """Return how a run differs from another; the lesson if nothing else does, or if the networks differ."""
    words = [part(recipe) for part in (*_PARTS, *_CHOICES) if part(recipe) and part(recipe) != part(base)]
    elsewhere = recipe.start != base.start and recipe.seed == base.seed
    if recipe.lesson != base.lesson and (elsewhere or not words):
        words.append(recipe.lesson)
    return words


def _changes(recipe: Recipe) -> list[str]:
    """Return the changes made during a run, whether or not other runs differ."""
    parts: list[str] = []
    before = recipe.settings
    for epoch, settings in recipe.changes:
        differing = [part for part in _SETTINGS if before is None or part(settings) != part(before)]
        words = [part(settings) for part in differing if part(settings)]
        parts += [f"then {' '.join(words) or 'usual constants'} from epoch {epoch}"] if differing else []
        before = settings
    return parts
