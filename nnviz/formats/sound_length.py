"""How long a sound file lasts by its own numbers, of WAV, FLAC and Ogg (Vorbis, Opus): no decoder is needed."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

OPUS_RATE = 48_000  # samples a second that Ogg counts for Opus, whatever was recorded
LONGEST_PAGE = 65_307  # bytes of a page of Ogg
DAMAGE = (struct.error, ValueError, IndexError, ZeroDivisionError)


def sound_seconds(path: Path) -> float | None:
    """Return how long a sound file lasts, None if it is of no known kind.

    Raises OSError, or one of DAMAGE for a damaged file.
    """
    with path.open("rb") as file:
        start = file.read(12)
        found = next((read for sign, read in _KINDS.items() if start.startswith(sign)), None)
        return None if found is None else found(file)


def _wave(file: BinaryIO) -> float | None:
    """WAV, a list of chunks: the bytes of the samples by the bytes a second (Microsoft, RIFF, 1991)."""
    length = os.fstat(file.fileno()).st_size
    file.seek(8)
    if file.read(4) != b"WAVE":
        return None
    rate = 0
    while True:
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            return min(int(size), length - file.tell()) / rate
        body = file.read(min(size, 16))
        if name == b"fmt ":
            (rate,) = struct.unpack("<I", body[8:12])
        file.seek(size - len(body) + size % 2, os.SEEK_CUR)


def _ogg(file: BinaryIO) -> float | None:
    """Ogg: the samples that its last page counts (RFC 3533), of Vorbis or of Opus (RFC 7845)."""
    file.seek(0)
    start = file.read(512)
    body = start[27 + start[26] :]
    if body.startswith(b"\x01vorbis"):
        (rate,), skipped = struct.unpack("<I", body[12:16]), 0
    elif body.startswith(b"OpusHead"):
        rate, (skipped,) = OPUS_RATE, struct.unpack("<H", body[10:12])
    else:
        return None
    file.seek(max(0, os.fstat(file.fileno()).st_size - 2 * LONGEST_PAGE))
    end = file.read()
    (samples,) = struct.unpack_from("<q", end, end.rindex(b"OggS") + 6)
    return float(samples - skipped) / float(rate)


def _flac(file: BinaryIO) -> float | None:
    """FLAC: rate and samples are in its first block (RFC 9639)."""
    file.seek(18)
    (packed,) = struct.unpack(">Q", file.read(8))
    return float(packed & (1 << 36) - 1) / float(packed >> 44)


_KINDS: dict[bytes, Callable[[BinaryIO], float | None]] = {b"RIFF": _wave, b"OggS": _ogg, b"fLaC": _flac}
