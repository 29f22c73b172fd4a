"""Only regular files of bounded size are read, wherever a person or a file names one; names are shown on one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nnviz.debugger.state.session import start_session
from nnviz.formats.runs.run_file import RunFileError, read_run
from nnviz.formats.score_file import load_score, read_scores
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import FileContentError, one_line, read_content
from nnviz.resources import resource_path
from nnviz.sessions.save import read_session, write_session
from nnviz.sessions.session_fields import Saved

KOEHN = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that nobody writes to."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def devices() -> list[Path]:
    return [Path(name) for name in ("/dev/zero", "/dev/kmsg", "/dev/tty", "/dev/stdin") if os.path.exists(name)]


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    assert read_content(path, 100) == b"x" * 100
    with pytest.raises(FileContentError, match="larger than 0 MB"):
        read_content(path, 99)
    with pytest.raises(FileContentError, match="this is a folder; name a lesson"):
        read_content(tmp_path, 99, "lesson")
    with pytest.raises(FileContentError, match="cannot be read: No such file"):
        read_content(tmp_path / "none", 99)
    with pytest.raises(FileContentError, match="not the name of a file"):
        read_content("a\0b", 99)


@pytest.mark.parametrize("device", devices())
def test_no_device_is_read(device: Path) -> None:
    if not device.is_file():  # standard input may be a file
        with pytest.raises(FileContentError):
            read_content(device, 1000)


@pytest.mark.skipif(not os.path.exists("/proc/kmsg"), reason="there are no files of the system's own")
def test_a_file_of_the_systems_own_is_not_waited_for() -> None:
    for name in ("/proc/self/mem", "/proc/kmsg", "/proc/self/maps"):
        try:
            assert read_content(name, 1000) == b""
        except FileContentError:
            continue


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="Linux shows itself as files")
@pytest.mark.parametrize("name", ["/proc/kmsg", "/proc/cpuinfo", "/proc/self/maps", "/sys/kernel/uevent_seqnum"])
def test_what_the_system_shows_as_a_file_is_told_as_no_file(name: str, tmp_path: Path) -> None:
    link = tmp_path / "lesson.toml"
    link.symlink_to(name)
    for path in (Path(name), link):
        if path.exists():
            with pytest.raises(LessonError, match="not a regular file"):
                load(str(path))


READERS: list[tuple[Callable[[Path], object], type[Exception]]] = [
    (load, LessonError),
    (read_session, LessonError),
    (read_run, RunFileError),
    (read_scores, OSError),
]


@pytest.mark.parametrize(("read", "kind"), READERS)
def test_a_pipe_is_refused_by_every_reader(pipe: Path, read: Callable[[Path], object], kind: type[Exception]) -> None:
    with pytest.raises(kind, match="not a regular file"):
        read(pipe)


def test_a_pipe_as_the_score_file_is_told(pipe: Path) -> None:
    told: list[str] = []
    assert load_score(pipe, "koehn", told.append) == ()
    assert told == ["The score file cannot be read: not a regular file."]


def test_a_pipe_as_the_lesson_of_a_session_is_not_waited_for(pipe: Path, tmp_path: Path) -> None:
    lesson = tmp_path / "own.toml"
    lesson.write_text(KOEHN, encoding="utf-8")
    path = tmp_path / "walk.nnviz"
    write_session(path, Saved(start_session(load(lesson))))
    data = json.loads(path.read_text(encoding="utf-8"))
    data["lesson"]["path"] = str(pipe)
    path.write_text(json.dumps(data), encoding="utf-8")
    assert read_session(path).notes == (f"{pipe} cannot be read: opened as it was saved",)


@pytest.mark.parametrize("name", ["new\nline", "f\udcffolder", "bell\x07"])
def test_a_session_of_a_lesson_with_a_strange_name_is_saved_and_opens(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    lesson = folder / f"{name}.toml"
    lesson.write_text(KOEHN, encoding="utf-8")
    path = folder / f"{name}.nnviz"
    saved = Saved(start_session(load(lesson)), file=str(path))
    assert saved.session.lesson.name == one_line(name)
    write_session(path, saved)
    read = read_session(path)
    assert (read.session.lesson.path, read.file, read.notes) == (lesson, str(path), ())
    lesson.unlink()
    assert read_session(path).notes == (f"{one_line(lesson)} is missing: opened as it was saved",)


def test_a_name_is_shown_on_one_line() -> None:
    assert one_line("größer/δ.toml") == "größer/δ.toml"
    assert one_line(Path("a\nb\udcff\t")) == "a\\nb\\udcff\\t"
    with pytest.raises(LessonError) as caught:
        load("no\nsuch")
    assert str(caught.value).startswith("no\\nsuch: no lesson or file")
