"""Slides as stages: one for each scene of a walk, or for each step of a pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.formats.player.page_frames import pass_sessions
from nnviz.present.stage.shots import BURNT, with_caption
from nnviz.present.stage.stage import Stage, StageLook, StageRun, stage
from nnviz.walks.moments import Moment
from nnviz.walks.walk import Walk
from nnviz.walks.walk_page import last_moments, runs_of


@dataclass(frozen=True, eq=False)
class Slides:
    """Stages that are made one by one, and how many there are."""

    count: int
    stages: Iterator[Stage]


def walk_slides(walk: Walk, width: float, height: float) -> Slides:
    """Return a slide for the end of each scene. Raises LessonError if the walk has a mistake."""
    ends = last_moments(walk)
    return Slides(len(ends), (_slide(title, moment, width, height) for title, moment in ends))


def pass_slides(session: Session, width: float, height: float) -> Slides:
    """Return a slide for each step of a pass, the first before them all."""
    count = session.trace.length(session.grain) + 1
    return Slides(count, (stage(each, StageLook(), width, height) for each in pass_sessions(session)))


def _slide(title: str, moment: Moment, width: float, height: float) -> Stage:
    epochs = 0 if moment.curve is None else moment.curve.end
    run = StageRun(runs=runs_of(moment), epochs=epochs)
    shown = stage(moment.session, StageLook(layout=moment.layout), width, height, run)
    return replace(with_caption(shown, moment.caption, BURNT), title=title)
