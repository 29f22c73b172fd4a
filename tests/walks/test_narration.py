"""The sound of a scene: how long it lasts by the bytes of its file, and that the scene lasts at least as long."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest

from nnviz.formats.sound_length import sound_seconds
from nnviz.lessons.faults import LessonError
from nnviz.walks.moments import duration
from nnviz.walks.playing import ANSWER_HOLD, play_scenes
from nnviz.walks.walk_file import load_walk
from nnviz.walks.walk_verdicts import walk_verdicts

VORBIS = b"\x01vorbis" + struct.pack("<IBI", 0, 1, 44_100) + bytes(14)
OPUS = b"OpusHead\x01\x01" + struct.pack("<HI", 312, 44_100) + bytes(3)


def write_wave(path: Path, seconds: float, rate: int = 8000) -> None:
    """Write silence in two channels of two bytes."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(4 * round(seconds * rate)))


def page(body: bytes, samples: int) -> bytes:
    """A page of Ogg with one segment, which ends after a number of samples."""
    return b"OggS" + struct.pack("<BBqIIIBB", 0, 0, samples, 1, 0, 0, 1, len(body)) + body


def flac(samples: int, rate: int) -> bytes:
    packed = rate << 44 | 1 << 41 | 15 << 36 | samples
    return b"fLaC\x80\x00\x00\x22" + bytes(10) + packed.to_bytes(8, "big") + bytes(16)


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (page(VORBIS, 0) + page(b"sound", 44_100 * 3), 3.0),
        (page(OPUS, 0) + page(b"sound", 48_000 * 2 + 312), 2.0),
        (flac(22_050 * 5, 22_050), 5.0),
        (b"RIFF\0\0\0\0WAVELIST\3\0\0\0abc\0fmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 1, 4, 4, 1, 8)
         + b"data\xff\xff\xff\xff" + bytes(6), 1.5),
        (page(b"\x80theora", 0) + page(b"film", 9), None),
        (b"ID3\x04 and what an MP3 has", None),
    ],
    ids=["vorbis", "opus", "flac", "wav of unknown length", "theora", "mp3"],
)  # fmt: skip
def test_how_long_a_sound_lasts_stands_in_its_file(content: bytes, seconds: float | None, tmp_path: Path) -> None:
    path = tmp_path / "sound"
    path.write_bytes(content)
    assert sound_seconds(path) == seconds


def narrated(folder: Path, *scenes: str) -> Path:
    path = folder / "a.walk.toml"
    head = 'format = 1\ntitle = "A"\nlesson = "koehn"\n'
    path.write_text(head + "".join(f"[[scene]]\n{scene}\n" for scene in scenes), encoding="utf-8")
    return path


def test_a_scene_lasts_at_least_as_long_as_its_sound(tmp_path: Path) -> None:
    write_wave(tmp_path / "long.wav", 20.0)
    write_wave(tmp_path / "short.wav", 0.5)
    scenes = (
        'do = ["step 3"]\naudio = "long.wav"',
        'do = ["step"]\nhold = 1\naudio = "long.wav"',
        'hold = 30\naudio = "long.wav"',
        'hold = 3\naudio = "short.wav"',
        'ask = "y"\naudio = "long.wav"',
    )
    played = list(play_scenes(load_walk(narrated(tmp_path, *scenes))))
    assert [duration(scene.moments) for scene in played] == pytest.approx([20, 20, 30, 3, 20])
    assert played[0].moments[0].seconds == 1.2, "steps keep the pace of the walk"
    assert played[4].moments[-1].seconds == ANSWER_HOLD


def test_a_sound_that_cannot_be_used_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "cut.ogg").write_bytes(page(OPUS, 0)[:38])
    (tmp_path / "a.mp3").write_bytes(b"ID3")
    (tmp_path / "empty.flac").write_bytes(flac(0, 48_000))
    write_wave(tmp_path / "cut.wav", 1.0)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "cut.wav").read_bytes()[:30])
    names = ("cut.ogg", "a.mp3", "empty.flac", "cut.wav", "none.wav", "../../etc/hostname")
    walk = load_walk(narrated(tmp_path, *(f'audio = "{name}"' for name in names)))
    with pytest.raises(LessonError) as caught:
        list(walk_verdicts(walk))
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [
        (line, f"scene[{number}].audio") for number, line in enumerate(range(5, 17, 2), start=1)
    ]
    words = ("damaged", "neither WAV, FLAC nor Ogg", "lasts 0 s", "damaged", "not a file", "not a file")
    assert all(word in fault.message for word, fault in zip(words, caught.value.faults, strict=True))
