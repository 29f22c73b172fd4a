"""The runs as a table: what sets each apart, how long it was trained, and its losses; with those of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.debugger.training.text_sweep import SweepResult, TextJob
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import TrainingSettings
from nnviz.present.runs.curve import Epochs, LossRun, Points, grouped, loss_text
from nnviz.present.runs.curve_axis import THIN_SPACE
from nnviz.present.runs.run_book import Recipe, RunBook, shown_runs
from nnviz.present.runs.run_names import OPTIMIZER_TITLES, drawn_runs
from nnviz.present.text.numbers import UNKNOWN, marked, pretty, typed

Value = float | int | str | None


@dataclass(frozen=True)
class RunKey:
    """Which run: the number of one on the plot, or that of one of a sweep."""

    number: int
    is_swept: bool = False


@dataclass(frozen=True, kw_only=True)
class SweptRun:
    """A run of a sweep as a curve. `plotted` is its number on the plot, 0 if it was never shown there."""

    number: int
    job: TextJob
    found: SweepResult
    curve: LossRun
    plotted: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class TableRun:
    """A row: `curve` has its name, line and losses, and `is_on_plot` says whether the line is drawn.

    `swept` are the settings that a sweep gave it. A run that is not `is_comparable` has other examples or another loss.
    """

    key: RunKey
    curve: LossRun
    recipe: Recipe
    examples: int
    is_on_plot: bool
    is_comparable: bool = True
    swept: tuple[tuple[str, str], ...] = ()

    @property
    def is_present(self) -> bool:
        """Whether it is the run that is trained here."""
        return not self.curve.faint and not self.key.is_swept


@dataclass(frozen=True)
class RunColumn:
    """A column: its heading in CSV, its title, the value of a run, and its text."""

    key: str
    title: str
    value: Callable[[TableRun], Value]
    text: Callable[[Any], str] = str


def swept_run(number: int, job: TextJob, found: SweepResult) -> SweptRun:
    """Return a run of a sweep with its curve, named after what the sweep gave it."""
    run = found.run
    epochs = np.arange(1, len(run.loss) + 1)
    held = run.held_out
    curve = LossRun(
        name=swept_name(run.choice.settings, run.choice.seed),
        series=0,
        epochs=epochs,
        losses=np.array(run.loss),
        rated=_last(epochs, run.accuracy)[0],
        rates=_last(epochs, run.accuracy)[1],
        examples=found.examples,
        held_losses=_last(epochs, None if held is None else held.loss),
        held_rates=_last(epochs, None if held is None else held.accuracy),
    )
    return SweptRun(number=number, job=job, found=found, curve=curve)


def swept_recipe(found: SweepResult, lesson: str) -> Recipe:
    """Return the recipe of a run of a sweep."""
    return Recipe(lesson, settings=found.settings, convention=found.convention, seed=found.seed, start=found.start)


def swept_name(settings: Iterable[tuple[str, str]], seed: int | None) -> str:
    """Return the name of a run of a sweep: its settings, and its seed."""
    parts = [f"{_SHORT.get(key) or setting_words(key)} {value}" for key, value in settings]
    return ", ".join([*parts, *([] if seed is None else [f"seed {seed}"])])


def setting_words(key: str) -> str:
    """Return a key of a lesson file in words: `training.learning_rate` is learning rate."""
    *places, name = key.split(".")
    layer = next((place.partition("[")[2].rstrip("]") for place in places if place.startswith("layers[")), "")
    words = name.replace("_", " ")
    return f"{words} of layer {layer}" if layer else words


def table_runs(book: RunBook, swept: Sequence[SweptRun], problem: int, lesson: str) -> tuple[TableRun, ...]:
    """Return the rows: runs of the plot by age, then those of the sweep; `problem` is the mark of the plot's runs."""
    curves = {run.number: run for run in drawn_runs(book)}
    linked = {run.plotted for run in swept if run.plotted}
    rows = [
        TableRun(
            key=RunKey(run.number),
            curve=curves[run.number],
            recipe=run.recipe,
            examples=len(run.problem.dataset),
            is_on_plot=run.shown,
        )
        for run in sorted(shown_runs(book), key=lambda run: run.number)
        if run.number not in linked and len(run.curve.epochs)
    ]
    for run in swept:
        curve = curves.get(run.plotted, run.curve)
        rows.append(
            TableRun(
                key=RunKey(run.number, is_swept=True),
                curve=curve,
                recipe=swept_recipe(run.found, lesson),
                examples=run.found.examples,
                is_on_plot=run.plotted in curves and curve.shown,
                is_comparable=run.found.problem == problem,
                swept=run.found.run.choice.settings,
            )
        )
    return tuple(rows)


def table_columns(runs: Sequence[TableRun]) -> tuple[RunColumn, ...]:
    """Return the columns: the settings in which the runs differ, then what came of them, where any run has it."""
    known = [column for column in SETTINGS if len({column.value(run) for run in runs}) > 1]
    keys = dict.fromkeys(key for run in runs for key, _ in run.swept if key not in _KNOWN_KEYS)
    own = [RunColumn(key, setting_words(key).capitalize(), _swept_value(key)) for key in keys]
    return (*known, *own, *(column for column in RESULTS if any(column.value(run) is not None for run in runs)))


def cell_text(column: RunColumn, value: Value) -> str:
    """Return the text of a cell; a dash if there is no value."""
    return UNKNOWN if value is None else column.text(value)


def _last(epochs: Epochs, value: float | None) -> Points:
    """Return a measure that is known at the last epoch only, or not at all."""
    known = value is not None and len(epochs) > 0
    return epochs[-1:] if known else epochs[:0], np.array([value] if known else [], dtype=float)


def _swept_value(key: str) -> Callable[[TableRun], Value]:
    def value(run: TableRun) -> Value:
        text = dict(run.swept).get(key)
        try:
            return None if text is None else float(text)
        except ValueError:
            return text

    return value


def _setting(read: Callable[[TrainingSettings], Value]) -> Callable[[TableRun], Value]:
    return lambda run: None if run.recipe.settings is None else read(run.recipe.settings)


def _constant(name: str) -> Callable[[TrainingSettings], Value]:
    def value(settings: TrainingSettings) -> Value:
        return next((settings.constant(each) for each in settings.constants if each.name == name), None)

    return value


def _choice(name: str) -> Callable[[TableRun], Value]:
    def value(run: TableRun) -> Value:
        chosen = None if run.recipe.convention is None else getattr(run.recipe.convention, name)
        return " ".join(chosen) if isinstance(chosen, tuple) else chosen

    return value


def _batch_size(run: TableRun) -> Value:
    return None if run.recipe.settings is None else run.recipe.settings.batch_size(run.examples)


def _updates(run: TableRun) -> Value:
    """Return the updates of all epochs; later settings may have made other batches."""
    settings, end = run.recipe.settings, run.curve.last_epoch
    if settings is None or not run.examples:
        return None
    parts = [(0, settings), *((epoch, later) for epoch, later in run.recipe.changes if epoch < end)]
    ends = [*(epoch for epoch, _ in parts[1:]), end]
    return sum(
        (until - begin) * each.schedule(run.examples).updates_from(0)
        for (begin, each), until in zip(parts, ends, strict=True)
    )


def _end(values: Points) -> Value:
    return float(values[1][-1]) if len(values[1]) else None


def _number(value: Value) -> str:
    return marked(typed(value)) if isinstance(value, float) else str(value)


def _share(value: float) -> str:
    return marked(f"{100 * value:.1f}{THIN_SPACE}%")


def _words(value: str) -> str:
    return pretty(value.replace("_", " "))


_CONSTANTS = dict.fromkeys(constant.name for row in OPTIMIZERS.values() for constant in row.all_constants)
SETTINGS: tuple[RunColumn, ...] = (
    RunColumn("learning_rate", "Rate", _setting(lambda settings: settings.rates.learning_rate), _number),
    RunColumn("batch_size", "Batch", _batch_size),
    RunColumn("optimizer", "Optimizer", _setting(lambda settings: OPTIMIZER_TITLES[settings.optimizer])),
    *(
        RunColumn(name, setting_words(name).capitalize(), _setting(_constant(name)), _number)
        for name in (*_CONSTANTS, "decay", "decay_every")
    ),
    RunColumn("schedule", "Schedule", _setting(lambda settings: settings.rate_schedule.name)),
    RunColumn("reduce", "Reduce", _setting(lambda settings: settings.reduce)),
    RunColumn("shuffle", "Order", _setting(lambda settings: "shuffled" if settings.shuffle else "in order")),
    RunColumn("seed", "Seed", lambda run: run.recipe.seed),
    *(
        RunColumn(name, setting_words(name).capitalize(), _choice(name), _words)
        for name in ("slope", "step", "update", "through_time", "frozen")
    ),
    RunColumn("edits", "Edits", lambda run: ", ".join(run.recipe.edits)),
    RunColumn("lesson", "Lesson", lambda run: run.recipe.lesson),
)
_SHORT = {"training.learning_rate": "rate", "training.update_after": "batch size", "training.optimizer": "optimizer"}
_KNOWN_KEYS = {f"training.{column.key}" for column in SETTINGS} | {"training.update_after"}
RESULTS: tuple[RunColumn, ...] = (
    RunColumn("loss", "Loss", lambda run: _end((run.curve.epochs, run.curve.losses)), loss_text),
    RunColumn("accuracy", "Accuracy", lambda run: _end((run.curve.rated, run.curve.rates)), _share),
    RunColumn("held_out_loss", "Held out", lambda run: _end(run.curve.held_losses), loss_text),
    RunColumn("held_out_accuracy", "Held-out acc.", lambda run: _end(run.curve.held_rates), _share),
    RunColumn("epochs", "Epochs", lambda run: run.curve.last_epoch, grouped),
    RunColumn("updates", "Updates", _updates, grouped),
)
