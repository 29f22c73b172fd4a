"""Closed, narrow and broken streams: every command keeps its status, and says no more than a line."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnviz.cli import main
from nnviz.formats.atomic_files import write_atomically
from nnviz.resources import resource_path

COMMANDS = (
    ["list"],
    ["check", "koehn"],
    ["trace", "koehn"],
    ["export", "koehn", "--format", "script"],
    ["find", "koehn", "0.7426"],
    ["train", "koehn", "--epochs", "2"],
    ["debug", "koehn"],
    ["--version"],
)


@pytest.fixture
def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.formats.score_file.scores_path", lambda: tmp_path / "scores.json")


@pytest.mark.usefixtures("scores")
@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdin", "stdout", "stderr")])
def test_a_closed_stream_changes_no_status(
    words: list[str], closed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    for name in closed:
        monkeypatch.setattr(sys, name, None)
    assert main(words) == 0
    assert "unexpected" not in capsys.readouterr().err


def run(words: list[bytes | str], text: bytes = b"", **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "nnviz", *words]
    return subprocess.run(command, input=text, capture_output=True, timeout=60, check=False, **options)


def test_no_file_is_opened_in_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    command = f'"{sys.executable}" -m nnviz train koehn --epochs 2 --out "{out}" <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", command], timeout=60, check=False).returncode == 0
    assert out.read_text(encoding="utf-8").startswith('{"format": 1, "lesson": "koehn"')


def test_a_script_that_is_not_utf_8_goes_on(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "XDG_CONFIG_HOME": str(tmp_path)}
    done = run(["debug", "koehn"], "step\nprint δ\n".encode() + b"\xff\xfe\nwhere\n", env=environment)
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 2
    assert b"unexpected error" not in done.stderr
    assert done.stdout.splitlines()[-1].startswith(b"step     1 of 35")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names in Unicode")
def test_a_folder_that_is_not_utf_8_is_no_hindrance(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/f\xff"
    os.makedirs(folder)
    lesson = folder + b"/k\xff.toml"
    Path(os.fsdecode(lesson)).write_text(
        resource_path("lessons", "koehn.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}
    done = run(["debug", lesson], b"predict\n0.3\nsave " + folder + b"/w\nquit\n", env=environment, cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run(["trace", folder + b"/w.nnviz", "--format", "json"]).returncode == 0
    assert b"unexpected" not in run(["check", lesson, b"no\xff"]).stderr


def test_a_score_with_half_a_character_is_kept(script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scores.json"
    path.write_text('{"format":1,"lessons":{"\\ud800":{}}}', encoding="utf-8")
    monkeypatch.setattr("nnviz.formats.score_file.scores_path", lambda: path)
    talk = script("koehn", "predict", "reveal", "quit")
    assert talk.errors == []
    assert "koehn" in path.read_text(encoding="utf-8")
    assert "\\ud800" in path.read_text(encoding="utf-8")


def test_a_full_disk_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for words in (
        ["train", "koehn", "--epochs", "2", "--out", str(tmp_path / "run.json")],
        ["export", "koehn", "--format", "script", "-o", str(tmp_path / "koehn.py")],
    ):
        assert main(words) == 1
        assert capsys.readouterr().err.splitlines()[-1] == (
            f"nnviz: {words[-1]}: cannot be written: No space left on device"
        )
    with pytest.raises(OSError, match="No space") as caught:
        write_atomically(tmp_path / "a.txt", "x")
    assert caught.value.filename == str(tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "reason"),
    [({"QT_QPA_PLATFORM": "", "DISPLAY": ":7777"}, "display :7777"), ({"QT_QPA_PLATFORM": "nonsense"}, '"nonsense"')],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_a_window_without_a_screen_is_refused_in_a_line(variables: dict[str, str], reason: str) -> None:
    environment = {name: value for name, value in (os.environ | variables).items() if value}
    environment.pop("WAYLAND_DISPLAY", None)
    done = run(["koehn"], env=environment)
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("nnviz: the window cannot be opened: ")
    assert reason in line
