"""A walk as the content of a page: a frame for each moment."""

from __future__ import annotations

from nnviz.formats.player.page_frames import PageContent, PageFrame
from nnviz.lessons.lesson import Lesson
from nnviz.walks.moments import Moment
from nnviz.walks.playing import play
from nnviz.walks.walk import Walk
from nnviz.walks.walk_shots import plain_caption, runs_of

TRAINING_RATE = 1.0  # moments a second of a training that a page shows


def walk_content(walk: Walk) -> PageContent:
    """Return the page of a walk. Raises LessonError if it has a mistake."""
    moments = list(play(walk, training_rate=TRAINING_RATE))
    frames = tuple(_frame(moment) for moment in moments)
    about = _about(moments[-1].session.lesson)
    return PageContent(title=walk.title, about=about, frames=frames, scenes=_scene_titles(walk))


def last_moments(walk: Walk) -> tuple[tuple[str, Moment], ...]:
    """Return the title of each scene with its last moment. Raises LessonError if the walk has a mistake."""
    ends: dict[int, Moment] = {moment.scene: moment for moment in play(walk, training_rate=TRAINING_RATE)}
    return tuple(zip(_scene_titles(walk), ends.values(), strict=True))


def _scene_titles(walk: Walk) -> tuple[str, ...]:
    """Return the title of each scene, or its number."""
    return tuple(scene.title or f"Scene {index + 1}" for index, scene in enumerate(walk.scenes))


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
