"""The run in a session file: its segments, and the checkpoints from which all other passes are quickly replayed.

Every segment keeps its start. Some small marks between are kept, spread evenly over the run, so that going back stays
fast. A network with many parameters is restored by replay alone, and of very many segments of it the oldest are
omitted, as in the run itself. A run among many others is written in a shorter form: without marks between, and with
fewer segments of a large network. A segment on other data than the session's stores the edits of that data.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Protocol

from nnviz.debugger.choices import loss_obstacle
from nnviz.debugger.state.edit import Edit
from nnviz.debugger.state.run import MOST_MARKS, Run, Segment, end_run_at
from nnviz.engine.constants import Constant
from nnviz.engine.conventions import CHOICES, Convention, is_frozen_name
from nnviz.engine.datasets import Dataset
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS, Rates, rates_of
from nnviz.engine.schedule import DECAY, DECAY_EVERY, RATE_SCHEDULES, RateSchedule
from nnviz.engine.training import Checkpoint, TrainingSettings
from nnviz.lessons.lesson import Lesson
from nnviz.sessions.fields import Field

MOST_BETWEEN = 64  # marks that are not starts
APART = 1000  # the least number of updates between two of them
NUMBERS_BETWEEN = 5_000  # the most numbers in each of them
MOST_NUMBERS = 20_000_000  # of all starts
MOST_SHORT = 100_000  # the same for a run among others
MOST_DATA_EDITS = 2000  # edits in the data of all segments
LARGEST_SEED = 2**63 - 1
MOST_EPOCHS = 10**9
MOST_FROZEN = 4000
MOST_LAYERS = 1000

# The numbers of the rules: of the constants, those that every file has are written whether they are given or not.
_CONSTANTS = {constant.name: constant for optimizer in OPTIMIZERS.values() for constant in optimizer.all_constants}
RATES = ("learning_rate", "momentum", "alpha", "beta1", "beta2")
_MORE_RATES = tuple(name for name in _CONSTANTS if name not in RATES)
_SCHEDULE = {constant.name: constant for constant in (DECAY, DECAY_EVERY)}


class RunWriter(Protocol):
    """What a run needs of the session file's writer; `is_short` is true for a run among others."""

    is_short: bool

    def checkpoint(self, checkpoint: Checkpoint, /) -> int:
        """Return the number by which the file refers to a checkpoint."""

    def training(self, settings: TrainingSettings, /) -> Any:
        """Return training settings as data."""

    def convention(self, convention: Convention, /) -> Any:
        """Return a convention as data."""

    def data_edits(self, edits: tuple[Edit, ...], /) -> Any:
        """Return edits of the data as data of the file."""


class RunReader(Protocol):
    """What a run needs of the session file's reader. Every method raises SessionError."""

    def checkpoint(self, number: Field, /) -> Checkpoint:
        """Return the checkpoint of a number."""

    def training(self, field: Field, /) -> TrainingSettings:
        """Read training settings."""

    def convention(self, field: Field, /) -> Convention:
        """Read a convention."""

    def data_edits(self, field: Field, /) -> tuple[Edit, ...]:
        """Read edits of the data."""

    def edited_lesson(self, edited: tuple[Edit, ...], /) -> Lesson:
        """Return the lesson with edited data."""


def run_data(run: Run, dataset: Dataset, writer: RunWriter) -> dict[str, Any]:
    """Return the data of a run of a session on some data; the writer numbers each checkpoint of the file."""
    segments, between = _kept(run, writer.is_short)
    return {
        "end": run.end,
        "position": run.position,
        "stretches": [_segment_data(segment, between, dataset, writer) for segment in segments],
    }


def _segment_data(segment: Segment, between: set[int], dataset: Dataset, writer: RunWriter) -> dict[str, Any]:
    marks = [mark for mark in segment.marks if mark is segment.start or mark.update in between]
    data = {} if segment.dataset is dataset else {"data": writer.data_edits(segment.data_edits)}
    return {
        "training": writer.training(segment.settings),
        "convention": writer.convention(segment.convention),
        "loss": segment.loss,
        "example": segment.example,
        "spacing": segment.spacing,
        "marks": [writer.checkpoint(mark) for mark in marks],
    } | data


def _kept(run: Run, is_short: bool) -> tuple[tuple[Segment, ...], set[int]]:
    """Return the segments to be written, and the updates of the marks between that are to be written."""
    start = run.segments[-1].start
    size = start.parameters.size + start.memory.size
    segments = run.segments[-max(1, (MOST_SHORT if is_short else MOST_NUMBERS) // size) :]
    edits = accumulate(len(segment.data_edits) for segment in reversed(segments))
    segments = segments[-max(1, sum(count <= MOST_DATA_EDITS for count in edits)) :]
    between: list[int] = []
    if is_short:
        return segments, set()
    for update in (mark.update for segment in segments[::-1] for mark in segment.marks[:0:-1]):
        if not between or update <= between[-1] - APART:
            between.append(update)
    between.reverse()
    most = min(MOST_BETWEEN, NUMBERS_BETWEEN // size, len(between))
    return segments, {between[-1 - len(between) * index // most] for index in range(most)}


def run_from(field: Field, edited: tuple[Edit, ...], reader: RunReader) -> Run:
    """Read the run of a session with these edits; the reader returns checkpoints by their numbers.

    Raises SessionError.
    """
    table = field.table(("end", "position", "stretches"))
    segments: list[Segment] = []
    update = -1
    for item in table["stretches"].items(MOST_MARKS, 1):
        segment = _segment_from(item, edited, reader)
        for mark in segment.marks:
            if mark.update <= update:
                item.refuse(f"has a checkpoint at update {mark.update} after one at {update}")
            update = mark.update
        segments.append(segment)
    end, position = table["end"].whole(segments[0].start.update), table["position"].whole()
    # Early versions wrote marks beyond the end after a breakpoint had halted the training.
    return end_run_at(Run(tuple(segments), max(end, update), position), end, position)


def _segment_from(field: Field, edited: tuple[Edit, ...], reader: RunReader) -> Segment:
    table = field.table(("training", "convention", "loss", "example", "spacing", "marks"), ("data",))
    data_edits = reader.data_edits(table["data"]) if "data" in table else tuple(e for e in edited if e.is_data)
    lesson = reader.edited_lesson(data_edits)
    settings = reader.training(table["training"])
    marks = [(item, reader.checkpoint(item)) for item in table["marks"].items(MOST_MARKS, 1)]
    for item, mark in marks:
        check_memory(item, mark, settings)
    return Segment(
        dataset=lesson.dataset,
        settings=settings,
        convention=reader.convention(table["convention"]),
        loss=loss_from(table["loss"], lesson),
        example=table["example"].whole(0, len(lesson.dataset) - 1),
        marks=tuple(mark for _, mark in marks),
        spacing=table["spacing"].whole(1),
        data_edits=data_edits,
    )


def check_memory(field: Field, checkpoint: Checkpoint, settings: TrainingSettings) -> None:
    """Refuse a checkpoint whose memory belongs to another optimizer."""
    wanted, found = len(OPTIMIZERS[settings.optimizer].memory), len(checkpoint.memory)
    if wanted != found:
        field.refuse(f"this checkpoint has {found} vectors of memory; {settings.optimizer} needs {wanted}")


def training_data(settings: TrainingSettings) -> dict[str, Any]:
    """Return training settings as data, with the names used in lesson files."""
    more = {name: getattr(settings.rates, name) for name in _MORE_RATES}
    schedule = settings.rate_schedule
    return {
        "optimizer": settings.optimizer,
        **{name: getattr(settings.rates, name) for name in RATES},
        **{name: value for name, value in more.items() if value != getattr(Rates(), name)},
        **({} if schedule == RateSchedule() else {"schedule": schedule.name}),
        **{name: getattr(schedule, name) for name in _SCHEDULE if schedule != RateSchedule()},
        "update_after": settings.update_after,
        "reduce": settings.reduce,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "shuffle": settings.shuffle,
    }


def training_from(field: Field) -> TrainingSettings:
    """Read training settings. Raises SessionError."""
    more = (*_MORE_RATES, "schedule", *_SCHEDULE)
    table = field.table(("optimizer", *RATES, "update_after", "reduce", "epochs", "seed", "shuffle"), more)
    after, optimizer = table["update_after"], table["optimizer"].choice(tuple(OPTIMIZERS))

    def given(constants: Mapping[str, Constant]) -> dict[str, float]:
        return {name: table[name].finite(each.low, each.below) for name, each in constants.items() if name in table}

    schedule = table["schedule"].choice(tuple(RATE_SCHEDULES)) if "schedule" in table else RateSchedule.name
    return TrainingSettings(
        optimizer=optimizer,
        rates=rates_of(optimizer, table["learning_rate"].finite(), given(_CONSTANTS)),
        rate_schedule=RateSchedule(schedule, **given(_SCHEDULE)),
        update_after=after.choice(("example", "batch")) if isinstance(after.value, str) else after.whole(1),
        reduce=table["reduce"].choice(("sum", "mean")),
        epochs=table["epochs"].whole(0, MOST_EPOCHS),
        seed=table["seed"].whole(0, LARGEST_SEED),
        shuffle=table["shuffle"].flag(),
    )


def convention_data(convention: Convention) -> dict[str, Any]:
    """Return the data of a convention, choice by choice."""
    return {name: getattr(convention, name) for name in CHOICES} | {"frozen": list(convention.frozen)}


def convention_from(field: Field, lesson: Lesson | None) -> Convention:
    """Read a convention, of a lesson or of any. Raises SessionError."""
    table = field.table((*CHOICES, "frozen"))
    layers = () if lesson is None else lesson.network.architecture.layers
    recurrent = range(MOST_LAYERS) if lesson is None else [at for at, layer in enumerate(layers) if layer.recurrent]
    frozen = []
    for item in table["frozen"].items(MOST_FROZEN):
        if not is_frozen_name(item.text(), len(layers) or MOST_LAYERS, recurrent):
            item.refuse("is not a parameter of this network")
        frozen.append(item.text())
    chosen: dict[str, Any] = {name: table[name].choice(CHOICES[name]) for name in CHOICES}
    return Convention(**chosen, frozen=tuple(frozen))


def loss_from(field: Field, lesson: Lesson) -> str:
    """Read a loss that the lesson's outputs and targets allow. Raises SessionError."""
    loss = field.choice(tuple(LOSSES))
    obstacle = loss_obstacle(lesson, loss)
    if obstacle:
        field.refuse(obstacle)
    return loss
