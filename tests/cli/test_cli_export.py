"""`nnviz export`: a script on standard output or in a file, whole or not at all, and one line where it cannot be."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from nnviz import cli
from nnviz.cli import main
from nnviz.formats import PASS_EXPORTERS

SCRIPT = ("export", "koehn", "--format", "script")
LESSON = """\
format = 1
title = "Mine"
source = "Me"
{notation}
[network]
inputs = 1
loss = "squared"
[[network.layers]]
units = 1
activation = "linear"
W = [[1e200]]
b = [0]
[data]
inputs = [[1e200]]
targets = [[0]]
"""


def printed_by(path: Path) -> list[tuple[str, float]]:
    done = subprocess.run(
        [sys.executable, "-I", str(path)],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
        cwd=path.parent,
    )
    pairs = (line.rpartition(" = ") for line in done.stdout.splitlines())
    return [(symbol, float(value)) for symbol, _, value in pairs]


def traced(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, float]]:
    assert main(["trace", *words, "--format", "json", "--grain", "neuron"]) == 0
    return [(step["symbol"], step["value"]) for step in json.loads(capsys.readouterr().out)["steps"]]


def test_the_formats_are_those_of_the_table() -> None:
    assert tuple(PASS_EXPORTERS) == cli.EXPORT_FORMATS


@pytest.mark.parametrize("out", ["-o", "--out"])
def test_the_script_in_a_file_prints_what_trace_tells(
    out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--example", "2", "--update", "3", "--notation", "krzeminski")
    path = tmp_path / "pass.py"
    assert main([*SCRIPT, *where, out, str(path)]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"nnviz: wrote the script to {path}\n"
    wanted = traced(capsys, "koehn", *where)
    found = printed_by(path)
    assert [symbol for symbol, _ in found] == [symbol for symbol, _ in wanted]
    assert [value for _, value in found] == pytest.approx([value for _, value in wanted], rel=1e-12)
    assert os.listdir(tmp_path) == ["pass.py"]


def test_the_script_on_standard_output_is_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pass.py"
    assert main([*SCRIPT, "-o", str(path)]) == 0
    capsys.readouterr()
    assert main([*SCRIPT]) == 0
    told = capsys.readouterr()
    assert told.out == path.read_text(encoding="utf-8")
    assert told.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("koehn",), "nnviz export: the following arguments are required: --format"),
        (("koehn", "--format", "poem"), "argument --format: invalid choice: 'poem'"),
        (("koehm", "--format", "script"), "did you mean 'koehn'?"),
        (("koehn", "--format", "script", "--example", "4"), "--example 4: koehn has examples 0 to 3"),
        (("koehn", "--format", "script", "--update", "-1"), "argument --update: -1 is not in the range 0"),
        (("koehn", "--format", "script", "--notation", "koehm"), "--notation: 'koehm' is not one of"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def lesson_file(folder: Path, notation: str = 'notation = "standard"') -> Path:
    path = folder / "mine.toml"
    path.write_text(LESSON.format(notation=notation), encoding="utf-8")
    return path


def test_a_notation_without_names_is_one_line_and_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notation = "[notation]\ntitle = 'Mine'\n[notation.code]\nz = 'v'\na = 'v'"
    lesson, out = lesson_file(tmp_path, notation), tmp_path / "pass.py"
    assert main(["export", str(lesson), "--format", "script", "-o", str(out)]) == 2
    told = capsys.readouterr().err
    assert "calls a of layer 1 'v', which is already the name of something else" in told
    assert told.count("\n") == 1
    assert not out.exists()


def test_a_pass_that_training_does_not_reach_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = lesson_file(tmp_path)
    assert main(["export", str(lesson), "--format", "script", "--update", "2"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "training stops before the pass" in told.err
    assert told.err.count("\n") == 1


def test_an_infinite_pass_is_told_too(tmp_path: Path) -> None:
    out = tmp_path / "pass.py"
    assert main(["export", str(lesson_file(tmp_path)), "--format", "script", "-o", str(out)]) == 0
    values = dict(printed_by(out))
    assert values["z^{(1)}"] == float("inf")


@pytest.mark.parametrize("place", ["no/such/folder/pass.py", "."])
def test_a_place_that_cannot_be_written_is_one_line(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SCRIPT, "-o", str(tmp_path / place)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "cannot be written" in told.err
    assert told.err.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pass.py"
    path.write_text("mine", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(os, "fsync", full)
    assert main([*SCRIPT, "-o", str(path)]) == 1
    assert capsys.readouterr().err == f"nnviz: {path}: cannot be written: No space left on device\n"
    assert path.read_text(encoding="utf-8") == "mine"
    assert os.listdir(tmp_path) == ["pass.py"]


def test_a_script_is_utf8_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(raw, encoding="ascii")):
        assert main([*SCRIPT]) == 0
        text = raw.getvalue().decode("utf-8")
    assert "∂E/∂y" in text
