"""Writes frames as MP4 or WebM, by PyAV (the extra `video`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from nnviz.render.film.frames import Frame
from nnviz.render.film.sound_track import SoundTrack

BT709 = 1  # the number of this color space in a video's headers


@dataclass(frozen=True)
class Codec:
    """A kind of file: its encoders in FFmpeg, and the options of the one for pictures, for speed.

    `file` are the options of the file: without `bitexact` a WebM has random numbers in it.
    """

    name: str
    options: dict[str, str]
    sound: str
    file: dict[str, str]


CODECS = {
    ".mp4": Codec(
        "libx264",
        {"preset": "superfast", "crf": "20", "tune": "animation"},
        "aac",
        {"movflags": "+faststart"},
    ),
    ".webm": Codec(
        "libvpx-vp9",
        {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "8", "row-mt": "1"},
        "libopus",
        {"fflags": "+bitexact"},
    ),
}


def write_video(
    path: Path, frames: Iterable[Frame], size: tuple[int, int], fps: int, constant: bool, has_sound: bool
) -> None:
    """Write frames to a file whose name ends in `.mp4` or `.webm`. Raises OSError.

    A held picture is encoded once a second, or, at a constant rate, in every frame.
    """
    import av
    from av.video.reformatter import VideoReformatter

    kind = path.suffix.lower()
    codec, base = CODECS[kind], Fraction(1, fps)
    with av.open(str(path), "w", format=kind[1:], options=codec.file) as file:
        stream: Any = file.add_stream(codec.name, rate=fps, options=codec.options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = base
        context.color_primaries = context.color_trc = context.colorspace = BT709
        track = SoundTrack(file, codec.sound) if has_sound else None
        chapters: list[tuple[int, str]] = []
        reformatter, tick = VideoReformatter(), 0  # one for all: each has tables to set up
        for frame in frames:
            if frame.begins is not None and frame.begins.chapter:
                chapters.append((tick, frame.begins.chapter))
            if track is not None and frame.begins is not None and frame.begins.sound:
                track.begin(frame.begins.sound)
            picture = _yuv(frame.image, reformatter)
            for offset in _times(frame.ticks, 1 if constant else fps):
                picture.pts, picture.time_base = tick + offset, base
                is_key = frame.begins is not None and offset == 0
                picture.pict_type = av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
                file.mux(stream.encode(picture))
                if track is not None:
                    track.fill((tick + offset + 1) * base)
            tick += frame.ticks
        file.mux(stream.encode(None))
        if track is not None:
            track.end()
        file.set_chapters(_chapters(chapters, tick, base))


def _times(ticks: int, every: int) -> list[int]:
    """Return when a held picture is encoded: at once, regularly, and at its last tick, which ends the film in time."""
    return sorted({*range(0, ticks, every), ticks - 1})


def _yuv(image: QImage, reformatter: Any) -> Any:
    """Return an image in the colors of a video, as a frame of PyAV."""
    import av
    from av.video.reformatter import ColorRange, Colorspace

    width, height, line = image.width(), image.height(), image.bytesPerLine()
    pixels = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, line)[:, : 4 * width]
    frame = av.VideoFrame.from_numpy_buffer(pixels.reshape(height, width, 4), format="bgra")
    colors = {"dst_colorspace": Colorspace.ITU709, "dst_color_range": ColorRange.MPEG}
    return reformatter.reformat(frame, format="yuv420p", **colors)


def _chapters(starts: list[tuple[int, str]], end: int, base: Fraction) -> list[Any]:
    ends = [*(start for start, _ in starts), end][1:]
    return [
        {"id": number, "start": start, "end": until, "time_base": base, "metadata": {"title": title}}
        for number, ((start, title), until) in enumerate(zip(starts, ends, strict=True), start=1)
    ]
