"""An output never replaces an input: every option that names a file to write refuses the files that are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nnviz.cli import main
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.resources import resource_path
from nnviz.sessions.save import write_session
from nnviz.sessions.session_fields import Saved

DATA = 'file = "points.csv"\n'


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    text = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")
    start, end = text.index("inputs = [["), text.index("[convention]\n")
    path.write_text(text[:start] + DATA + text[end : text.index("[[printed]]")], encoding="utf-8")
    (tmp_path / "points.csv").write_text("0,0,0\n1,0,1\n0,1,1\n1,1,0\n", encoding="utf-8")
    return path


def session_file(lesson: Path) -> Path:
    path = lesson.with_suffix(".nnviz")
    write_session(path, Saved(start_session(load(lesson))))
    return path


def link_to(lesson: Path) -> Path:
    path = lesson.with_name("link.toml")
    path.symlink_to(lesson)
    return path


def twin_of(lesson: Path) -> Path:
    path = lesson.with_name("twin.toml")
    os.link(lesson, path)
    return path


NAMES: tuple[Callable[[Path], Path], ...] = (
    lambda lesson: lesson,
    lambda lesson: lesson.parent / "." / lesson.name,
    lambda lesson: lesson.with_name("points.csv"),
    link_to,
    twin_of,
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", [["train", "--epochs", "2", "--out"], ["export", "--format", "script", "-o"]])
def test_no_file_of_the_lesson_is_written(
    lesson: Path, name: Callable[[Path], Path], command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = name(lesson)
    before = out.read_bytes()
    assert main([command[0], str(lesson), *command[1:], str(out)]) == 2
    said = f"nnviz: --out {out}: this file is read by the command; name another one to write\n"
    assert capsys.readouterr().err.endswith(said)
    assert out.read_bytes() == before


def test_the_session_and_its_lesson_are_not_written(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = session_file(lesson)
    for out in (path, lesson):
        before = out.read_bytes()
        assert main(["export", str(path), "--format", "script", "-o", str(out)]) == 2
        assert "name another one to write" in capsys.readouterr().err
        assert out.read_bytes() == before


def test_other_data_is_not_written(lesson: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "other.csv"
    data.write_text("1,0,0\n1,1,1\n", encoding="utf-8")
    assert main(["train", str(lesson), "--data", str(data), "--epochs", "2", "--out", str(data)]) == 2
    assert data.read_text(encoding="utf-8").startswith("1,0,0")
    assert "name another one to write" in capsys.readouterr().err


def test_any_other_file_is_written(lesson: Path, tmp_path: Path) -> None:
    for out in (tmp_path / "new.json", tmp_path / "new.json"):
        assert main(["train", str(lesson), "--epochs", "2", "--out", str(out)]) == 0
