"""A walk as the content of a page: a frame for each moment."""

from __future__ import annotations

import numpy as np

from nnviz.formats.player.page_frames import PageContent, PageFrame
from nnviz.lessons.lesson import Lesson
from nnviz.present.runs.curve import LossRun
from nnviz.walks.moments import LossCurve, Moment
from nnviz.walks.playing import play
from nnviz.walks.walk import Walk
from nnviz.walks.walk_shots import plain_caption

TRAINING_RATE = 1.0  # moments a second of a training that a page shows


def walk_content(walk: Walk) -> PageContent:
    """Return the page of a walk. Raises LessonError if it has a mistake."""
    moments = list(play(walk, training_rate=TRAINING_RATE))
    scenes = tuple(scene.title or f"Scene {index + 1}" for index, scene in enumerate(walk.scenes))
    frames = tuple(_frame(moment) for moment in moments)
    return PageContent(title=walk.title, about=_about(moments[-1].session.lesson), frames=frames, scenes=scenes)


def last_moments(walk: Walk) -> tuple[tuple[str, Moment], ...]:
    """Return the title of each scene with its last moment. Raises LessonError if the walk has a mistake."""
    ends: dict[int, Moment] = {moment.scene: moment for moment in play(walk, training_rate=TRAINING_RATE)}
    return tuple((walk.scenes[index].title or f"Scene {index + 1}", moment) for index, moment in sorted(ends.items()))


def runs_of(moment: Moment) -> tuple[LossRun, ...]:
    """Return the loss curve of a moment as a run; none before any training."""
    curve: LossCurve | None = moment.curve
    if curve is None or not len(curve.losses):
        return ()
    epochs = np.arange(curve.first, curve.end + 1, dtype=np.int64)
    return (LossRun("this run", 0, epochs, curve.losses),)


def _frame(moment: Moment) -> PageFrame:
    return PageFrame(
        session=moment.session,
        scene=moment.scene,
        caption=plain_caption(moment.caption),
        layout=moment.layout,
        rings=moment.rings,
        seconds=moment.seconds,
        question=moment.ask.name if moment.ask is not None and moment.is_waiting else "",
        runs=runs_of(moment),
    )


def _about(lesson: Lesson) -> str:
    return f"{lesson.title} · {lesson.source}" if lesson.source else lesson.title
