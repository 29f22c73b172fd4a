"""Slides as stages: one for each scene of a walk, or for each step of a pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.formats.player.page_frames import pass_sessions
from nnviz.present.stage.shots import BURNT, FilmLook
from nnviz.present.stage.stage import Stage, StageLook, stage
from nnviz.walks.moments import Moment
from nnviz.walks.walk import Walk
from nnviz.walks.walk_page import last_moments
from nnviz.walks.walk_shots import walk_shot


@dataclass(frozen=True, eq=False)
class Slides:
    """Stages that are made one by one, and how many there are."""

    count: int
    stages: Iterator[Stage]


def walk_slides(walk: Walk, width: int, height: int) -> Slides:
    """Return a slide for the end of each scene. Raises LessonError if the walk has a mistake."""
    ends = last_moments(walk)
    return Slides(len(ends), (_slide(walk, title, moment, width, height) for title, moment in ends))


def scene_stage(walk: Walk, number: str | int | None, width: int, height: int) -> Stage:
    """Return the stage at the end of a scene, counted from 1; by default of the last one.

    Raises ValueError for another number, LessonError if the walk has a mistake.
    """
    ends = last_moments(walk)
    text = str(len(ends) if number is None else number).strip()
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= len(ends)):
        raise ValueError(f"the walk has scenes 1 to {len(ends)}")
    title, moment = ends[int(text) - 1]
    return _slide(walk, title, moment, width, height)


def pass_slides(session: Session, width: int, height: int) -> Slides:
    """Return a slide for each step of a pass, the first before them all."""
    count = session.trace.length(session.grain) + 1
    return Slides(count, (stage(each, StageLook(), width, height) for each in pass_sessions(session)))


def _slide(walk: Walk, title: str, moment: Moment, width: int, height: int) -> Stage:
    film = FilmLook(width=width, height=height, captions=BURNT)
    return replace(walk_shot(walk, moment, film).shot.stage, title=title)
