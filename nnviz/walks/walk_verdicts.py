"""The verdicts of `nnviz check` on a walk: its mistakes, each with its line, and what its scenes expect."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.formats.verdicts import CheckVerdict
from nnviz.lessons.faults import count_of
from nnviz.walks.moments import duration
from nnviz.walks.playing import PlayedScene, play_scenes
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import walk_error


def walk_verdicts(walk: Walk) -> Iterator[CheckVerdict]:
    """Play a walk without a window; yield a verdict on each expectation, and its length.

    Raises LessonError after the last scene with every mistake that was met, or at once if the lesson cannot be loaded.
    """
    scenes: list[PlayedScene] = []
    for scene in play_scenes(walk, shows_training=False):
        scenes.append(scene)
        yield from _expectations(walk, scene)
    issues = [issue for scene in scenes for issue in scene.issues]
    if issues:
        raise walk_error(walk, issues)
    seconds = sum(duration(scene.moments) for scene in scenes)
    yield CheckVerdict(f"{count_of(len(scenes), 'scene')}, {time_text(seconds)}")


def time_text(seconds: float) -> str:
    """Return a time in minutes and seconds: 4 min 05 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def scene_name(walk: Walk, index: int) -> str:
    """Return the number of a scene with its title, if it has one."""
    title = walk.scenes[index].title
    return f"scene {index + 1}, {title}" if title else f"scene {index + 1}"


def _expectations(walk: Walk, scene: PlayedScene) -> Iterator[CheckVerdict]:
    for found in scene.expectations:
        verdict = "true" if found.is_true else "not true"
        because = f"; {found.found}" if found.found else ""
        text = f"{scene_name(walk, scene.index)}: {found.text}: {verdict}{because}"
        yield CheckVerdict(text, failed=not found.is_true)
