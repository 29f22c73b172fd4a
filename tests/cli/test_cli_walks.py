"""`nnviz check` on walks: what it prints, its exit status, and mistakes with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnviz.cli import main

WALK = """format = 1
title = "Short"
lesson = "koehn"
[[scene]]
title = "Forward"
do = ["run-to y"]
say = "The output is {y:.4f}."
expect = ["y > 0.7"]
[[scene]]
do = ["train 10"]
seconds = 3
expect = ["epoch == 10", "loss < 1"]
"""


def walk_file(folder: Path, text: str) -> str:
    file = folder / "short.walk.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_walk_is_checked_without_a_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", walk_file(tmp_path, WALK)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "short: scene 1, Forward: y > 0.7: true",
        "short: scene 2: epoch == 10: true",
        "short: scene 2: loss < 1: true",
        "short: 2 scenes, 14 s",
        "short: ok",
    ]


def test_an_expectation_that_is_not_true_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", walk_file(tmp_path, WALK.replace("y > 0.7", "y > 0.8")), "one-minute"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "short: scene 1, Forward: y > 0.8: not true; y = 0.742553"
    assert "short: 1 failure" in lines
    assert lines[-1] == "one-minute: ok"


def test_faults_of_the_format_have_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = walk_file(tmp_path, WALK.replace("seconds = 3", 'secnds = 3\nlayout = "plot"'))
    assert main(["check", path]) == 1
    told = capsys.readouterr()
    assert told.out == f"{path}: 2 faults\n"
    lines = told.err.splitlines()
    assert lines[0].startswith(f"{path}:11: scene[2].secnds: unknown key; known keys are title, do, say, notes, ")
    assert lines[0].endswith("; did you mean 'seconds'?")
    assert lines[1].startswith(f"{path}:12: scene[2].layout: 'plot' is not one of network, graph, code, plots, ")


def test_faults_of_playing_have_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = walk_file(tmp_path, WALK.replace("run-to y", "run-to q").replace("train 10", "save a.nnviz"))
    assert main(["check", path]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"{path}:6: scene[1].do[1]: run-to: column 1: unknown name 'q'"
    assert lines[1] == f"{path}:10: scene[2].do[1]: save: not in a walk, because it writes a file"
    assert not (tmp_path / "a.nnviz").exists()


def test_a_walk_whose_lesson_is_missing_or_faulty_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = walk_file(tmp_path, WALK.replace("koehn", "mine.toml"))
    assert main(["check", path]) == 1
    assert f"{path}:3: lesson: 'mine.toml' is neither a bundled lesson nor a file" in capsys.readouterr().err
    (tmp_path / "mine.toml").write_text("format = 1\n", encoding="utf-8")
    assert main(["check", path]) == 1
    assert f"{tmp_path / 'mine.toml'}: network: missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"format = ", b"[" * 5000, b"scene = [[[1]]]", b"stage = []"]
)
def test_a_malformed_walk_is_never_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "bad.walk.toml"
    file.write_bytes(content)
    assert main(["check", str(file)]) == 1
    assert capsys.readouterr().err.startswith(str(file))
