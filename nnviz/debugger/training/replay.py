"""Replay: the updates of a run made again, with the same numbers."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.debugger.state.run import Run, next_segment, segment_at, trainer_for
from nnviz.engine.training import NonFiniteError, Trainer
from nnviz.lessons.lesson import Lesson


def replay(run: Run, lesson: Lesson, start: int, goal: int) -> Iterator[tuple[Trainer, float | None]]:
    """Make the updates of a run again; yield the trainer after each, with the mean loss of the epoch that it ended."""
    update = start
    while update < goal:
        following = next_segment(run, segment_at(run, update).start.update)
        end = goal if following is None else min(goal, following.start.update)
        trainer = trainer_for(run, lesson, update)
        while trainer.update_count < end:
            try:
                mean = trainer.update()
            except NonFiniteError as error:
                mean = error.mean
            yield trainer, mean
        update = end
