"""A script for `nnviz debug`, given through standard input as a person would pipe it, and what comes back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nnviz.cli import main


@dataclass(frozen=True)
class Talk:
    """What a script gave: exit status, the lines of standard output behind the heading's two, and the errors."""

    status: int
    heading: list[str]
    lines: list[str]
    errors: list[str]

    @property
    def last(self) -> str:
        return self.lines[-1]


Script = Callable[..., Talk]


@pytest.fixture(autouse=True)
def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The score file of a test; never the user's."""
    path = tmp_path / "config" / "scores.json"
    monkeypatch.setattr("nnviz.formats.score_file.scores_path", lambda: path)
    return path


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Script:
    """Run a script: script("koehn", "step", "print h", options=("--strict",))."""

    def run(lesson: str, *commands: str, options: tuple[str, ...] = ()) -> Talk:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in commands)))
        status = main(["debug", lesson, *options])
        told = capsys.readouterr()
        lines = told.out.splitlines()
        return Talk(status, lines[:2], lines[2:], told.err.splitlines())

    return run
