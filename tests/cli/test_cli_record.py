"""`nnviz record`: films of passes and walks, complete or not at all, and the same bytes each time."""

from __future__ import annotations

import importlib.util
import wave
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QPainter

from nnviz.cli import main
from nnviz.present.stage.shots import FilmLook, Shot
from nnviz.render.film import frames, recording
from nnviz.render.film.recording import FilmFile, record

SMALL = ("--size", "320x180", "--fps", "10", "--pace", "0.5")


@pytest.fixture(autouse=True)
def _one_application(qapp: object) -> None:
    """Painting uses the application of the tests with windows, instead of one without them."""


def film(out: Path, *options: str, lesson: str = "koehn") -> int:
    small = SMALL if lesson == "koehn" else SMALL[:-2]  # a walk has a pace of its own
    return main(["record", lesson, "-o", f"{out}{'/' if not out.suffix else ''}", *small, *options])


def facts(path: Path) -> tuple[str, tuple[int, int], float, list[tuple[str, float]]]:
    """Codec, size, seconds and chapters of a video."""
    import av

    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        chapters = [(part["metadata"]["title"], float(part["start"] * part["time_base"])) for part in file.chapters()]
        size = stream.width, stream.height
        return stream.codec_context.name, size, float(file.duration or 0) / 1e6, chapters


def test_a_pass_becomes_a_video_with_a_chapter_for_each_phase(tmp_path: Path) -> None:
    out = tmp_path / "koehn.mp4"
    assert film(out) == 0
    codec, size, seconds, chapters = facts(out)
    assert (codec, size) == ("h264", (320, 180))
    assert seconds == pytest.approx(3.0 + 34 * 0.5 + 4.0, abs=0.11)
    assert [title for title, _ in chapters] == ["XOR by hand", "Forward", "Error", "Backward", "Update"]
    assert chapters[1][1] == pytest.approx(3.0, abs=0.05)
    assert list(tmp_path.iterdir()) == [out]


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    for ending in ("mp4", "webm", "gif", "apng"):
        first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
        assert film(first, "--grain", "layer") == film(second, "--grain", "layer") == 0
        assert first.read_bytes() == second.read_bytes()


def test_a_walk_has_its_scenes_as_chapters_and_its_own_theme(tmp_path: Path) -> None:
    out = tmp_path / "walk.webm"
    assert main(["record", "one-minute", "-o", str(out), "--size", "320x180", "--fps", "5", "--scenes", "2-3"]) == 0
    codec, _, seconds, chapters = facts(out)
    assert codec == "vp9"
    assert [title for title, _ in chapters] == ["The answer", "Predict"]
    assert 8 < seconds < 30


@pytest.fixture
def narrated(tmp_path: Path) -> Path:
    """A walk of a silent scene of a second and a narrated one, whose tone lasts two seconds."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * 8000) / 8000)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes((tone * 32767).astype("<i2").tobytes())
    path = tmp_path / "told.walk.toml"
    scenes = "[[scene]]\nhold = 1\n[[scene]]\nhold = 0\naudio = 'tone.wav'\n[[scene]]\nhold = 1\n"
    path.write_text(f"format = 1\ntitle = 'Told'\nlesson = 'koehn'\n{scenes}", encoding="utf-8")
    return path


def loudness(path: Path) -> tuple[str, list[bool]]:
    """The codec of a film's sound, and whether there is a sound in each quarter of a second."""
    import av

    with av.open(str(path)) as file:
        codec = file.streams.audio[0].codec_context.name
        mono = av.AudioResampler(format="flt", layout="mono", rate=8000)
        parts = [part.to_ndarray()[0] for frame in file.decode(audio=0) for part in mono.resample(frame)]
    samples = np.concatenate(parts)
    return codec, [bool(np.abs(samples[at : at + 2000]).mean() > 0.05) for at in range(0, len(samples) - 1000, 2000)]


@pytest.mark.parametrize(("ending", "codec"), [("mp4", "aac"), ("webm", "opus")])
def test_the_narration_of_a_scene_sounds_while_it_is_shown(
    ending: str, codec: str, narrated: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    assert film(first, lesson=str(narrated)) == film(second, lesson=str(narrated)) == 0
    found, loud = loudness(first)
    assert found.startswith(codec)
    assert loud == [False] * 4 + [True] * 8 + [False] * 4
    assert first.read_bytes() == second.read_bytes()


def test_what_has_no_sound_says_that_the_narration_is_left_out(
    narrated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert film(tmp_path / "a.gif", lesson=str(narrated)) == 0
    assert "The narration is left out: a GIF animation has no sound." in capsys.readouterr().err
    assert film(tmp_path / "b.gif", "--scenes", "1", lesson=str(narrated)) == 0
    assert "narration" not in capsys.readouterr().err


def test_a_narration_that_cannot_be_decoded_is_one_line(
    narrated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "tone.wav"
    sound.write_bytes(sound.read_bytes()[:20] + b"\xff\x7f" + sound.read_bytes()[22:])  # a coding that is not known
    assert film(tmp_path / "a.mp4", lesson=str(narrated)) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{narrated}:8: scene[2].audio: 'tone.wav' cannot be decoded: ")
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "a.mp4").exists()


def test_animations_show_each_picture_once(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a.gif", "a.apng"):
        out = tmp_path / name
        assert film(out, "--grain", "layer") == 0
        with Image.open(out) as image:
            frames = image.n_frames  # type: ignore[attr-defined]
            assert (image.size, frames) == ((320, 180), 21)


def test_a_folder_of_pictures_has_a_list_of_their_times(tmp_path: Path) -> None:
    out = tmp_path / "frames"
    assert film(out, "--grain", "layer") == 0
    names = sorted(path.name for path in out.glob("*.png"))
    listed = (out / "frames.ffconcat").read_text().splitlines()
    assert [line.split()[1] for line in listed if line.startswith("file")][:-1] == names
    times = [float(line.split()[1]) for line in listed if line.startswith("duration")]
    assert sum(times) == pytest.approx(3.0 + 19 * 0.5 + 4.0, abs=0.11)
    assert film(out, "--grain", "pass") == 0, "its own folder is written again"


def test_captions_are_beside_the_film_or_in_it(tmp_path: Path) -> None:
    out = tmp_path / "film.gif"
    assert film(out, "--grain", "layer", "--captions", "beside") == 0
    written = (tmp_path / "film.vtt").read_text()
    assert written.startswith("WEBVTT\n")
    assert "00:00:00.000 --> 00:00:03.000" in written
    plain = out.read_bytes()
    assert film(out, "--grain", "layer") == 0
    assert out.read_bytes() != plain


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["-o", "film.avi"], "film.avi: the ending of the name is the kind of film"),
        (["-o", "film.mp4", "--size", "321x180"], "a video needs an even width and height"),
        (["-o", "film.mp4", "--size", "big"], "'big' is not a size such as 1920x1080"),
        (["-o", "film.mp4", "--pace", "-1"], "0.05 to 600 seconds"),
        (["-o", "film.mp4", "--scenes", "2-3"], "only a walk has scenes"),
        (["-o", "others/"], "the folder has other files"),
    ],
)
def test_what_cannot_be_made_is_one_line(
    options: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "mine.txt").write_text("mine")
    assert main(["record", "koehn", *options]) == 2
    told = capsys.readouterr().err
    assert line in told
    assert len(told.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["others"]


def test_scenes_that_a_walk_does_not_have_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "one-minute", "-o", str(tmp_path / "a.mp4"), "--scenes", "5-9"]) == 2
    assert "one-minute has scenes 1 to 7" in capsys.readouterr().err
    assert main(["record", "one-minute", "-o", str(tmp_path / "a.mp4"), "--pace", "2"]) == 2
    assert "--pace: not available for a walk" in capsys.readouterr().err


def test_a_missing_extra_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "av" else find(name, *rest))
    assert film(tmp_path / "a.mp4") == 2
    assert "pip install 'nnviz-debugger[video]'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames/"])
def test_an_interrupted_film_leaves_nothing(name: str, tmp_path: Path) -> None:
    def shots() -> object:
        from nnviz.debugger.state.session import start_session
        from nnviz.lessons.catalog import load
        from nnviz.present.stage.shots import pass_shots

        made = pass_shots(start_session(load("koehn")), look)
        yield next(made)
        raise KeyboardInterrupt

    look = FilmLook(width=320, height=180)
    with pytest.raises(KeyboardInterrupt):
        record(shots(), look, FilmFile(path=f"{tmp_path}/{name}", fps=5))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("painting", ["paint_stage", "paint_travellers"])
def test_ctrl_c_while_a_picture_is_painted_ends_the_film(
    painting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(painter: QPainter, *_: object) -> None:
        assert painter.isActive()
        held.append(painter)  # as a traceback may, longer than the image
        raise KeyboardInterrupt

    held: list[QPainter] = []
    monkeypatch.setattr(frames, painting, interrupted)
    assert film(tmp_path / "a.mp4") == 130
    assert [painter.isActive() for painter in held] == [False]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_names_the_film_and_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.gif"
    out.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", None)

    monkeypatch.setattr(recording, "_write", full)
    assert film(out) == 1
    assert capsys.readouterr().err == f"nnviz: {out}: cannot be written: No space left on device\n"
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_shots_are_plain_data() -> None:
    assert Shot.__dataclass_params__.frozen  # type: ignore[attr-defined]
