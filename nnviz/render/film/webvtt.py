"""Writes captions beside a film, as WebVTT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nnviz.formats.atomic_files import write_atomically


def write_captions(path: Path, cues: Sequence[tuple[int, str]], length: int, fps: int) -> None:
    """Write captions with the ticks at which they begin; each lasts until the next one. Raises OSError."""
    parts = ["WEBVTT\n"]
    ends = [start for start, _ in cues[1:]] + [length]
    for (start, text), end in zip(cues, ends, strict=True):
        if text and end > start:
            parts.append(f"{_time(start, fps)} --> {_time(end, fps)}\n{_escaped(text)}\n")
    write_atomically(path, "\n".join(parts))


def _time(tick: int, fps: int) -> str:
    milliseconds = round(1000 * tick / fps)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, rest = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
