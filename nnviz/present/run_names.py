"""The names of runs, made from what tells them apart, and the curves that bear them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import TrainingSettings
from nnviz.present.curve import LossRun
from nnviz.present.numbers import typed
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.runs import Recipe, Run, RunBook, shown_runs

OPTIMIZER_TITLES = {name: row.title for name, row in OPTIMIZER_TEXTS.items()}

_AFTER = {"example": "after each example", "batch": "batch"}


def drawn_runs(book: RunBook) -> tuple[LossRun, ...]:
    """The curves of the plot, the present one first, each with its name."""
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
            made=" · ".join(describe(run.recipe)),
        )
        for run, name in zip(runs, run_names(runs), strict=True)
    )


def run_names(runs: Sequence[Run]) -> tuple[str, ...]:
    """A name for each run: how it differs from the first one made, which is named after when its weights change.

    A name that the user gave is kept; one that comes again is counted.
    """
    by_age = sorted(range(len(runs)), key=lambda i: runs[i].number)
    names = [""] * len(runs)
    for place, i in enumerate(by_age):
        own = _difference(runs[i].recipe, runs[by_age[0]].recipe) or [describe(runs[i].recipe)[0]]
        names[i] = runs[i].given or ", ".join([*own, *_changes(runs[i].recipe)])
        again = sum(name.partition(" (")[0] == names[i] for name in (names[j] for j in by_age[:place]))
        if again and not runs[i].given:
            names[i] += f" ({again + 1})"
    return tuple(names)


def describe(recipe: Recipe) -> tuple[str, ...]:
    """All that is known of how a run was made."""
    parts = [part(recipe) for part in (*_PARTS, *_CHOICES)]
    return (*(text for text in parts if text), recipe.lesson, *_changes(recipe))


def after_text(update_after: str | int) -> str:
    """After what the weights are changed, in a few words."""
    return _AFTER.get(str(update_after), f"after {update_after} examples")


def _of_settings(write: Callable[[TrainingSettings], str]) -> Callable[[Recipe], str]:
    return lambda recipe: "" if recipe.settings is None else write(recipe.settings)


def _rate(settings: TrainingSettings) -> str:
    return f"rate {typed(settings.rates.learning_rate)}"


def _choice(name: str) -> Callable[[Recipe], str]:
    """What a convention that changes what is computed says, in the words of the lesson file."""

    def told(recipe: Recipe) -> str:
        value = "" if recipe.convention is None else getattr(recipe.convention, name)
        if name == "frozen":
            return f"{' '.join(value)} frozen" if value else "nothing frozen" if recipe.convention else ""
        return f"{name} {value}".replace("_", " ") if value else ""

    return told


def _constant(name: str) -> Callable[[TrainingSettings], str]:
    """A constant of the optimizer in use, where it is not as the optimizer has it by itself."""

    def told(settings: TrainingSettings) -> str:
        for constant in OPTIMIZERS[settings.optimizer].constants:
            value = settings.rates.constant(constant)
            if constant.name == name and value != constant.default:
                return f"{name.replace('_', ' ')} {typed(value)}"
        return ""

    return told


_CONSTANTS = dict.fromkeys(constant.name for row in OPTIMIZERS.values() for constant in row.constants)
# What can tell runs apart; the first names a run where nothing does.
_SETTINGS: tuple[Callable[[TrainingSettings], str], ...] = (
    lambda settings: after_text(settings.update_after),
    lambda settings: OPTIMIZER_TITLES[settings.optimizer],
    _rate,
    *map(_constant, _CONSTANTS),
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
    """What a run differs in from another; the lesson where nothing else would tell, or where the networks differ."""
    told = [part(recipe) for part in (*_PARTS, *_CHOICES) if part(recipe) and part(recipe) != part(base)]
    elsewhere = recipe.start != base.start and recipe.seed == base.seed
    if recipe.lesson != base.lesson and (elsewhere or not told):
        told.append(recipe.lesson)
    return told


def _changes(recipe: Recipe) -> list[str]:
    """What is told of a run whether or not others differ: what was changed on its way."""
    told: list[str] = []
    before = recipe.settings
    for epoch, settings in recipe.changes:
        parts = [part for part in _SETTINGS if before is None or part(settings) != part(before)]
        words = [part(settings) for part in parts if part(settings)]
        told += [f"then {' '.join(words) or 'usual constants'} from epoch {epoch}"] if parts else []
        before = settings
    return told
