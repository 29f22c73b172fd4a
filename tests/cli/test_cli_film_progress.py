"""`nnviz record --progress json`: lines for the program that runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnviz.cli import main


def test_progress_is_told_as_lines_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["record", "one-minute", "--scenes", "1", "--size", "160x90", "-o", f"{tmp_path}/frames/"]
    assert main([*words, "--progress", "json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[-1]["done"] == told[-1]["total"] > 0
    assert main(words) == 0
    assert capsys.readouterr().out == ""
