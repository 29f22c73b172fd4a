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

    `begins` is the shot whose first picture it is, if it is one. The image holds until the next frame is asked for.
    """

    image: QImage
    ticks: int
    begins: Shot | None = None


def frames(shots: Iterable[Shot], palette: Palette, fps: int, *, is_eased: bool = True) -> Iterator[Frame]:
    """Yield the frames of shots. Times are rounded so that each shot begins at the tick nearest to its own time."""
    clock, tick = 0.0, 0
    for shot in shots:
        clock += shot.seconds
        ticks = max(1, round(clock * fps) - tick)
        tick += ticks
        begins: Shot | None = shot
        for image, shown in _pictures(shot, palette, ticks, fps, is_eased):
            yield Frame(image, shown, begins)
            begins = None


def _pictures(shot: Shot, palette: Palette, ticks: int, fps: int, is_eased: bool) -> Iterator[tuple[QImage, int]]:
    """Yield the pictures of a shot, each with its ticks."""
    moving = min(round(SECONDS * fps), ticks - 1) if is_eased and shot.early is not None else 0
    if moving > 0:
        assert shot.early is not None
        base = painted(shot.early, palette)
        image = QImage(base.size(), base.format())
        for time in (index / moving for index in range(moving)):
            if time >= ARRIVE:
                break
            painter = QPainter(image)
            try:
                painter.drawImage(0, 0, base)
                paint_travellers(painter, shot.stage, shot.travellers, time, palette)
            finally:
                painter.end()  # also after Ctrl-C: Qt ends the program if an image is lost while it is painted
            yield image, 1
            ticks -= 1
    yield painted(shot.stage, palette), ticks


def painted(stage: Stage, palette: Palette) -> QImage:
    """Return a stage as a picture of its size."""
    image = QImage(round(stage.width), round(stage.height), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        paint_stage(painter, stage, palette)
    finally:
        painter.end()
    return image
