"""Writes frames as an animation (GIF or APNG, by Pillow, the extra `anim`) or as a folder of PNG files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage

from nnviz.formats.atomic_files import named_in_errors
from nnviz.render.film.frames import Frame
from nnviz.render.painted_files import write_png_file

if TYPE_CHECKING:
    from PIL.Image import Image

COLORS = 128  # of a GIF
DURATIONS = "frames.ffconcat"


def write_animation(path: Path, kind: str, frames: Iterable[Frame], fps: int) -> None:
    """Write frames to a file of a kind, `.gif` or `.apng`. Raises OSError."""
    durations: list[int] = []
    options: dict[str, Any] = {"loop": 0, "save_all": True}
    if kind == ".gif":
        options |= {"format": "GIF", "optimize": False, "disposal": 1}
    else:
        options |= {"format": "PNG", "default_image": False}

    def pictures() -> Iterator[Image]:
        for frame in frames:
            durations.append(round(1000 * frame.ticks / fps))
            yield _reduced(frame.image) if kind == ".gif" else _picture(frame.image)

    made = list(pictures())
    made[0].save(str(path), append_images=made[1:], duration=durations, **options)


def write_frames(folder: Path, frames: Iterable[Frame], fps: int) -> None:
    """Write each picture of a film into a folder, and a list of their durations that FFmpeg reads. Raises OSError."""
    lines = ["ffconcat version 1.0"]
    name = ""
    for number, frame in enumerate(frames, start=1):
        name = f"{number:05}.png"
        with named_in_errors(folder / name):
            write_png_file(folder / name, frame.image)
        lines += [f"file {name}", f"duration {frame.ticks / fps:.6f}"]
    lines.append(f"file {name}")  # FFmpeg ignores the last duration otherwise
    with named_in_errors(folder / DURATIONS):
        (folder / DURATIONS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _picture(image: QImage) -> Image:
    from PIL import Image

    plain = image.convertToFormat(QImage.Format.Format_RGBX8888)
    data = bytes(plain.constBits())
    size = plain.width(), plain.height()
    return Image.frombuffer("RGBX", size, data, "raw", "RGBX", plain.bytesPerLine(), 1).convert("RGB")


def _reduced(image: QImage) -> Image:
    from PIL import Image

    return _picture(image).quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
