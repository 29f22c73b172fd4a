"""`nnviz export --format worksheet`: a file by its ending, whole or not at all, and one line for every fault."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from nnviz.cli import main

WORKSHEET = ("export", "koehn", "--format", "worksheet")


@pytest.mark.parametrize("ending", [".typ", ".tex", ".md", ".html", ".pdf", ".PDF"])
def test_the_ending_says_the_format(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if ending.lower() == ".pdf":
        pytest.importorskip("typst")
    path = tmp_path / f"sheet{ending}"
    assert main([*WORKSHEET, "--blanks", "-o", str(path)]) == 0
    assert capsys.readouterr().err == f"nnviz: wrote the worksheet to {path}\n"
    assert os.listdir(tmp_path) == [path.name]
    start = {".typ": "// Gen", ".tex": "% Gen", ".md": "Name", ".html": "<!DOCTYPE html>", ".pdf": "%PDF"}
    assert path.read_bytes().startswith(start[ending.lower()].encode())


def test_the_same_command_gives_the_same_file(tmp_path: Path) -> None:
    options = ("--blanks", "--variants", "2", "--seed", "3", "--points", "2")
    paths = [tmp_path / name for name in ("a.typ", "b.typ")]
    for path in paths:
        assert main([*WORKSHEET, *options, "-o", str(path)]) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert "variant 2" in paths[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "--format worksheet: name the file with -o FILE; its ending is one of .pdf, .typ, .tex, .md, .html"),
        (("-o", "sheet.docx"), "--out sheet.docx: .docx is not one of .pdf, .typ, .tex, .md, .html"),
        (("-o", "sheet"), "--out sheet: it needs an ending: .pdf, .typ, .tex, .md, .html"),
        (("-o", "a.md", "--variants", "0"), "--variants 0: a number from 1 to 100"),
        (("-o", "a.md", "--variants", "101"), "--variants 101: a number from 1 to 100"),
        (("-o", "a.md", "--seed", "1"), "--seed: only with --variants, which it draws"),
        (("-o", "a.md", "--points", "1"), "--points: only with --blanks"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    words: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*WORKSHEET, *words]) == 2
    assert capsys.readouterr().err == f"nnviz: {message}\n"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("option", [("--blanks",), ("--variants", "2"), ("--seed", "1"), ("--points", "1")])
def test_a_script_has_no_options_of_worksheets(option: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "koehn", "--format", "script", *option]) == 2
    assert capsys.readouterr().err == f"nnviz: {option[0]}: only for --format worksheet\n"


def test_a_network_too_large_for_variants_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("export", "graph-20-50-10", "--format", "worksheet", "--variants", "1", "-o", str(tmp_path / "a.md"))
    assert main(words) == 2
    assert "a network of 1560 weights and biases is too large" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_without_typst_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    assert main([*WORKSHEET, "-o", str(tmp_path / "a.pdf")]) == 1
    error = capsys.readouterr().err
    assert error == "nnviz: a PDF needs the typst package; install it with: pip install 'nnviz-debugger[print]'\n"
    assert os.listdir(tmp_path) == []
    assert main([*WORKSHEET, "-o", str(tmp_path / "a.typ")]) == 0


def test_a_folder_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none" / "a.md"
    assert main([*WORKSHEET, "-o", str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_walk_is_the_pass_of_its_lesson(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.typ", "b.typ")]
    for name, path in zip(("koehn", "koehn-walk"), paths, strict=True):
        assert main(["export", name, "--format", "worksheet", "-o", str(path)]) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_saved_session_is_worked_with_its_own_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"set W[1,1] = 0.25\nsave {tmp_path / 'mine.nnviz'}\n"))
    assert main(["debug", "koehn", "--strict"]) == 0
    path = tmp_path / "a.md"
    assert main(["export", str(tmp_path / "mine.nnviz"), "--format", "worksheet", "-o", str(path)]) == 0
    assert "W_{11} = 0.25" in path.read_text(encoding="utf-8")


def test_another_example_and_notation_are_worked(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    assert main([*WORKSHEET, "--example", "2", "--notation", "standard", "-o", str(path)]) == 0
    assert r"x = (0,\,1)" in path.read_text(encoding="utf-8")
