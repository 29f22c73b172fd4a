"""A sweep: one lesson trained with several settings and seeds, each run a job that any process can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from nnviz.debugger.training.headless import HeldOut, train_run
from nnviz.debugger.training.stop_rule import read_stop_rule
from nnviz.lessons.lesson import Lesson

SEEDED = ("network.init.seed", "training.seed")
_COMMA = re.compile(r",(?![^\[]*\])")  # not within brackets


@dataclass(frozen=True)
class Swept:
    """A setting that a sweep varies: its key, as in a fault, and its values as they were written."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RunChoice:
    """What sets one run of a sweep apart: the settings by key, and the seed, if seeds are varied."""

    number: int
    settings: tuple[tuple[str, str], ...]
    seed: int | None

    @property
    def overrides(self) -> tuple[str, ...]:
        """The assignments that make the run's lesson; the seed is not among them."""
        return tuple(f"{key}={value}" for key, value in self.settings)


@dataclass(frozen=True, eq=False, kw_only=True)
class SweepJob:
    """One run to train: all that another process needs. `until` is the text of a stop rule, or empty."""

    choice: RunChoice
    lesson: Lesson
    epochs: int
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class SweepRun:
    """A finished run of a sweep: the loss of each epoch, accuracy, the part held out, and how it ended."""

    choice: RunChoice
    loss: tuple[float, ...]
    accuracy: float | None
    held_out: HeldOut | None
    seconds: float
    stopped: str
    is_reached: bool


def read_values(text: str) -> tuple[str, ...]:
    """Return the values in a text, which are separated by commas or, with decimal commas, by semicolons.

    Raises ValueError if one is empty.
    """
    values = tuple(part.strip() for part in (text.split(";") if ";" in text else _COMMA.split(text)))
    if not all(values):
        raise ValueError("a value is missing")
    return values


def choices(swept: Sequence[Swept], seeds: Sequence[int]) -> Iterator[RunChoice]:
    """Yield every combination of settings, with each of the seeds; without seeds, once."""
    number = 0
    for values in product(*(each.values for each in swept)):
        settings = tuple((each.key, value) for each, value in zip(swept, values, strict=True))
        for seed in seeds or (None,):
            yield RunChoice(number=number, settings=settings, seed=seed)
            number += 1


def sweep_jobs(
    choices: Sequence[RunChoice], load: Callable[[Sequence[str]], Lesson], epochs: int | None, until: str = ""
) -> Iterator[SweepJob]:
    """Yield the job of each choice; `load` gives the lesson with assignments. Raises what `load` raises."""
    for choice in choices:
        lesson = load(run_overrides(choice))
        count = lesson.training.epochs if epochs is None else epochs
        yield SweepJob(choice=choice, lesson=_portable(lesson), epochs=count, until=until)


def run_overrides(choice: RunChoice) -> tuple[str, ...]:
    """Return all assignments of a run, with those of its seed."""
    return (*choice.overrides, *(f"{key}={choice.seed}" for key in SEEDED if choice.seed is not None))


def _portable(lesson: Lesson) -> Lesson:
    """Return a lesson that can be sent to another process, with all that training needs."""
    return replace(lesson, captions={}, text="", points=None, data_source=None, printed=(), errata=())


def run_job(job: SweepJob) -> SweepRun:
    """Train one run of a sweep."""
    rule = read_stop_rule(job.until, job.lesson) if job.until else None
    run = train_run(job.lesson, job.epochs, until=rule)
    return SweepRun(
        choice=job.choice,
        loss=run.loss,
        accuracy=run.accuracy,
        held_out=run.held_out,
        seconds=run.seconds,
        stopped=run.stopped,
        is_reached=run.is_reached,
    )
