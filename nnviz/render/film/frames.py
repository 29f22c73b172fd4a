"""The frames of a film: each picture once, with the time at which it appears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtGui import QImage, QPainter

from nnviz.present.core.palette import Palette
from nnviz.present.stage.shots import Shot
from nnviz.present.stage.stage import Stage
from nnviz.present.stage.transition import ARRIVE, SECONDS
from nnviz.render.stage_painter import paint_stage, paint_travellers


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture and the number of ticks that it is shown; a tick is one frame at the film's rate.

    `is_key` is true for the first picture of a shot. `chapter` and `caption` are those that begin with it.
    """

    image: QImage
    ticks: int
    is_key: bool = False
    chapter: str = ""
    caption: str | None = None


def frames(shots: Iterable[Shot], palette: Palette, fps: int, *, is_eased: bool = True) -> Iterator[Frame]:
    """Yield the frames of shots. Times are rounded so that each shot begins at the tick nearest to its own time."""
    clock, tick = 0.0, 0
    for shot in shots:
        clock += shot.seconds
        ticks = max(1, round(clock * fps) - tick)
        tick += ticks
        yield from _frames_of(shot, palette, ticks, fps, is_eased)


def _frames_of(shot: Shot, palette: Palette, ticks: int, fps: int, is_eased: bool) -> Iterator[Frame]:
    moving = round(SECONDS * fps) if is_eased and shot.early is not None else 0
    moving = min(moving, ticks - 1)
    is_first = True
    if moving > 0:
        assert shot.early is not None
        base = painted(shot.early, palette)
        arrived = False
        for index in range(moving):
            time = index / moving
            if time >= ARRIVE:
                arrived = True
                break
            image = base.copy()
            painter = QPainter(image)
            paint_travellers(painter, shot.stage, shot.travellers, time, palette)
            painter.end()
            yield Frame(image, 1, is_first, shot.chapter if is_first else "", shot.caption if is_first else None)
            is_first = False
        ticks -= index if arrived else moving
    image = painted(shot.stage, palette)
    yield Frame(image, ticks, is_first, shot.chapter if is_first else "", shot.caption if is_first else None)


def painted(stage: Stage, palette: Palette) -> QImage:
    """Return a stage as a picture of its size."""
    image = QImage(round(stage.width), round(stage.height), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint_stage(painter, stage, palette)
    painter.end()
    return image
