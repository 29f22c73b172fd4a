"""The shots of a walk: its moments as stages, for a film and for the stage of the window."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nnviz.present.network.marks import Picture
from nnviz.present.network.why_rings import LINE, WhyMark, places_of
from nnviz.present.places.label import Rect
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.replayed import TRAINING
from nnviz.present.stage.shots import FilmLook, Shot, make_shot
from nnviz.present.stage.spotlight import lit_at
from nnviz.present.stage.stage import Stage, StageRun
from nnviz.present.text.plain_text import linear
from nnviz.tracing.steps import Quantity
from nnviz.walks.moments import Moment
from nnviz.walks.playing import play
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import sound_of

_TEX = re.compile(r"\$([^$]+)\$")


@dataclass(frozen=True, eq=False)
class WalkShot:
    """A shot of a walk with its moment; `is_first` is true for the first one of a scene."""

    shot: Shot
    moment: Moment
    is_first: bool


def walk_shots(walk: Walk, film: FilmLook, scenes: range | None = None) -> Iterator[WalkShot]:
    """Return the shots of a walk, or of some of its scenes, counted from 0. Raises LessonError for a faulty walk."""
    return shots_of(walk, moments_of(walk, scenes), film)


def moments_of(walk: Walk, scenes: range | None = None) -> Iterator[Moment]:
    """Yield the moments of a walk, or of some of its scenes, counted from 0. Raises LessonError for a faulty walk."""
    for moment in play(walk):
        if scenes is not None and moment.scene >= scenes.stop:
            return
        if scenes is None or moment.scene >= scenes.start:
            yield moment


def shots_of(walk: Walk, moments: Iterable[Moment], film: FilmLook) -> Iterator[WalkShot]:
    """Yield a shot of each of some moments of a walk, which follow one another."""
    before: WalkShot | None = None
    for moment in moments:
        before = walk_shot(walk, moment, film, before)
        yield before


def walk_shot(walk: Walk, moment: Moment, film: FilmLook, before: WalkShot | None = None) -> WalkShot:
    """Return the shot of a moment; a transition leads to it from the one before if it is the next step."""
    look = replace(film.look, layout=moment.layout, is_zoomed=moment.zoom is not None, zoom=moment.zoom)
    is_first = before is None or before.moment.scene != moment.scene
    title = walk.scenes[moment.scene].title
    same = before is not None and before.moment.layout == moment.layout
    shot = make_shot(
        moment.session,
        replace(film, look=look),
        moment.seconds,
        before.shot if before is not None and same else None,
        before.moment.session if before is not None and same else None,
        chapter=title if is_first else "",
        caption=plain_caption(moment.caption),
        run=_run(moment),
    )
    stage = _ringed(shot.stage, moment)
    if stage.regions.text is not None:
        stage = replace(stage, heading=title or walk.title)
    sound = sound_of(walk, walk.scenes[moment.scene]) if is_first else None
    return WalkShot(replace(shot, stage=stage, sound=str(sound or "")), moment, is_first)


def plain_caption(caption: str) -> str:
    """Return a caption with its formulas as plain text."""
    return _TEX.sub(lambda found: linear(found[1]), caption)


def _ringed(stage: Stage, moment: Moment) -> Stage:
    if stage.picture is None or not moment.rings:
        return stage
    rings = [WhyMark(*where, True) for part in moment.rings for where in _ring_places(stage.picture, part)]
    return replace(stage, picture=lit_at(stage.picture, moment.rings), rings=(*stage.rings, *rings))


def _ring_places(picture: Picture, part: Quantity) -> list[tuple[str, Rect]]:
    """Return where a number is ringed: of an edge, whose line is lit, only its number if the edges have any."""
    is_written = any(mark.labels for mark in picture.edges)
    return [place for place in places_of(picture, part) if place[0] != LINE or not is_written]


def _run(moment: Moment) -> StageRun:
    training = moment.training
    done = moment.session.checkpoint.epoch
    return StageRun(runs_of(moment), training is not None, done if training is None else training.goal)


def runs_of(moment: Moment) -> tuple[LossRun, ...]:
    """Return the loss curve of a moment as a run; none before any training."""
    curve = moment.curve
    if curve is None:
        return ()
    epochs = np.arange(curve.first, curve.end + 1, dtype=np.int64)
    return (LossRun(TRAINING, 0, epochs, curve.losses, examples=len(moment.session.lesson.dataset)),)
