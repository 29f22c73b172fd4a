"""A sweep of a lesson given as the text of its file: each run is read and trained by a function of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from zlib import crc32

from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.training.stop_rule import read_stop_rule
from nnviz.debugger.training.sweep import (
    RunChoice,
    SweepJob,
    SweepRun,
    Swept,
    choices,
    read_values,
    run_job,
    run_overrides,
    sweep_jobs,
)
from nnviz.engine.conventions import Convention
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.faults import LessonError
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import parse_lesson
from nnviz.process.job_pool import JobError

MOST_RUNS = 1000  # of one sweep
_KNOWN = re.compile(r"; known keys are [^;]*(?=; did you mean)")


@dataclass(frozen=True, kw_only=True)
class LessonSource:
    """A lesson as text, from which any process can read it; `path` names it in faults."""

    text: str
    path: str


@dataclass(frozen=True, kw_only=True)
class SweepWish:
    """What a person asks for: a key with values (or neither), how many seeds (0: none), epochs, a rule or nothing."""

    key: str = ""
    values: str = ""
    seeds: int = 0
    epochs: int
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class TextJob:
    """One run of a sweep. If `is_check` is true, its lesson is only read, to see whether its setting is possible."""

    source: LessonSource
    choice: RunChoice
    epochs: int
    until: str = ""
    is_check: bool = False


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """A finished run and how it was made. `start` and `problem` are checksums of initial weights, and of loss and data.

    `examples` is the number of examples that an epoch presents, `updates` how many updates an epoch has.
    """

    run: SweepRun
    settings: TrainingSettings
    convention: Convention
    seed: int | None
    start: int
    problem: int
    examples: int
    updates: int


def plan_sweep(wish: SweepWish, lesson: Lesson, source: LessonSource) -> tuple[TextJob, ...]:
    """Return the jobs of a sweep: a check for each setting, then the runs. Raises ValueError with the reason."""
    if not wish.key and not wish.seeds:
        raise ValueError("choose a setting with values, or a number of seeds")
    if wish.seeds and lesson.initializer is None and not lesson.training.shuffle:
        raise ValueError("nothing of this lesson is drawn, so that seeds change nothing")
    if wish.until:
        try:
            read_stop_rule(wish.until, lesson)
        except ExpressionError as error:
            raise ValueError(f"stop when {wish.until}: {error}") from None
    swept = []
    if wish.key:
        try:
            swept.append(Swept(wish.key, tuple(dict.fromkeys(read_values(wish.values)))))
        except ValueError as error:
            raise ValueError(f"{wish.key}: {error}; write values such as 0.01, 0.1, 1") from None
    planned = list(choices(swept, range(1, wish.seeds + 1)))
    if len(planned) > MOST_RUNS:
        raise ValueError(f"these are {len(planned)} runs; a sweep has at most {MOST_RUNS}")
    runs = [TextJob(source=source, choice=choice, epochs=wish.epochs, until=wish.until) for choice in planned]
    first = {job.choice.settings: job for job in reversed(runs)}  # of each setting
    checks = [replace(job, is_check=True) for job in reversed(first.values())]
    return (*(checks if wish.key else ()), *runs)


def run_text_job(job: TextJob) -> SweepResult | None:
    """Do a job; a check returns nothing. Raises JobError."""
    try:
        planned = _planned(job)
    except LessonError as error:
        raise JobError(_reason(error)) from None
    if job.is_check:
        return None
    lesson = planned.lesson
    settings, examples = lesson.training, len(lesson.dataset)
    return SweepResult(
        run=run_job(planned),
        settings=settings,
        convention=lesson.convention,
        seed=None if lesson.initializer is None else lesson.initializer.seed,
        start=lesson.network.parameters.checksum,
        problem=problem_mark(lesson),
        examples=examples,
        updates=settings.schedule(examples).updates_from(0),
    )


def lesson_of(job: TextJob) -> Lesson:
    """Return the lesson that a job trains. Raises LessonError."""
    return parse_lesson(job.source.text, job.source.path, run_overrides(job.choice))


def problem_mark(lesson: Lesson, loss: str = "") -> int:
    """Return a checksum that is equal for the same loss (the lesson's own, unless one is given) and examples."""
    mark = crc32((loss or lesson.network.architecture.loss).encode())
    return crc32(lesson.dataset.targets.tobytes(), crc32(lesson.dataset.inputs.tobytes(), mark))


def _planned(job: TextJob) -> SweepJob:
    [planned] = sweep_jobs([job.choice], lambda overrides: lesson_of(job), job.epochs, job.until)
    return planned


def _reason(error: LessonError) -> str:
    """Return the first fault in one line; a list of all known keys is left out where the right one is proposed."""
    fault = error.faults[0]
    message = _KNOWN.sub("", fault.message)
    return ": ".join(part for part in (fault.field, message) if part)
