"""The sound of a film, by PyAV (the extra `video`): narrations, each from its scene's first picture, and silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.lessons.faults import Issue, toml_text
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import SoundError, sound_of, walk_error

RATE = 48_000  # samples a second
BITS = 128_000  # a second
_FORM: Any = {"format": "fltp", "layout": "stereo"}

Samples = NDArray[np.float32]  # (2, samples), left and right


class SoundTrack:
    """A film's sound while it is written, filled up to the time of the pictures that it lies beside."""

    def __init__(self, file: Any, codec: str) -> None:
        self._file = file
        self._stream = file.add_stream(codec, rate=RATE, layout=_FORM["layout"], bit_rate=BITS)
        self._sound: Iterator[Samples] = iter(())
        self._rest: Samples = _silence(0)  # decoded, but not written yet
        self._place = 0  # in samples

    def begin(self, path: str) -> None:
        """Let a sound begin where the track is filled to; one that still sounds ends."""
        self._sound, self._rest = samples_of(path), _silence(0)

    def fill(self, seconds: Fraction) -> None:
        """Fill the track up to a time with the sound that has begun, then with silence. Raises SoundError."""
        import av

        count = round(seconds * RATE) - self._place
        if count <= 0:
            return
        while self._rest.shape[1] < count:
            self._rest = np.concatenate((self._rest, next(self._sound, _silence(count))), axis=1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(self._rest[:, :count]), **_FORM)
        frame.sample_rate, frame.pts = RATE, self._place
        self._rest = self._rest[:, count:]
        self._place += count
        self._file.mux(self._stream.encode(frame))

    def end(self) -> None:
        """Write what the encoder still holds."""
        self._file.mux(self._stream.encode(None))


def samples_of(path: str) -> Iterator[Samples]:
    """Yield the samples of a sound file at RATE, block by block. Raises SoundError if it cannot be decoded."""
    import av

    resampler = av.AudioResampler(**_FORM, rate=RATE)
    try:
        with av.open(path) as file:
            for frame in file.decode(audio=0):
                yield from map(_samples, resampler.resample(frame))
            yield from map(_samples, resampler.resample(None))
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        told = getattr(error, "strerror", None) or "it has no sound"
        raise SoundError(f"{toml_text(Path(path).name)} cannot be decoded: {told}") from None


def check_sounds(walk: Walk, scenes: Iterable[int]) -> None:
    """Raise LessonError with the lines of the sounds that cannot be decoded, of some scenes counted from 0."""
    issues = []
    for at in scenes:
        try:
            for _ in samples_of(str(sound_of(walk, walk.scenes[at]))):
                pass
        except SoundError as error:
            issues.append(Issue(("scene", at, "audio"), str(error)))
    if issues:
        raise walk_error(walk, issues)


def _samples(frame: Any) -> Samples:
    return np.asarray(frame.to_ndarray(), np.float32)


def _silence(count: int) -> Samples:
    return np.zeros((2, count), np.float32)
